"""`Description`: everything that is said of a motion, as data. Versioned; JSON there and back is the identity."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from kinelang.errors import FormatError

SCHEMA = "kinelang.description/1"

Kind = Literal["increases", "decreases", "holds", "repeats", "static"]
Direction = Literal["forward", "backward", "left", "right", ""]
Unit = Literal["deg", "m", "m/s"]
LimbName = Literal["left_arm", "right_arm", "left_leg", "right_leg"]


class Interval(NamedTuple):
    """One stretch of a channel, in seconds and in the channel's unit.

    Attributes:
        kind: "increases", "decreases", "holds", "repeats" or "static".
        start_s, end_s: seconds from the first frame.
        first, last: value at the beginning and the end; of "repeats" the low and the high; of "holds" and "static" the level twice.
        cycles: full cycles of "repeats", counted in halves; otherwise 0.
    """

    kind: Kind
    start_s: float
    end_s: float
    first: float
    last: float
    cycles: float = 0.0


@dataclass(frozen=True)
class Channel:
    """One signal: a joint angle (degrees) or a trajectory coordinate (metres, degrees or metres a second).

    Attributes:
        key: stable name, e.g. "arm_flex_r".
        group: body part, e.g. "Right Shoulder", or "Global Trajectory".
        name, gloss: what it is called, and what a growing value means.
        unit: "deg", "m" or "m/s".
        low, high: smallest and largest value.
        intervals: what it does when, covering the whole clip.
    """

    key: str
    group: str
    name: str
    gloss: str
    unit: Unit
    low: float
    high: float
    intervals: tuple[Interval, ...]

    @property
    def range(self) -> float:
        """Range of motion: high - low."""
        return self.high - self.low


@dataclass(frozen=True)
class Limb:
    """How an arm or leg moved against the body.

    Attributes:
        part: "left_arm", "right_arm", "left_leg" or "right_leg".
        path_m: length of the path of the hand or ankle relative to the pelvis, in its facing frame.
        reach_m: largest distance between two of its positions there, along the longest of the three axes of the body.
        top_speed_m_s: its greatest speed there.
        top_s: when it was highest.
        top_m: how high it came, above the ground.
        raised: spans [start_s, end_s] with the hand above the shoulder, or the foot above the height of the other knee.
    """

    part: LimbName
    path_m: float
    reach_m: float
    top_speed_m_s: float
    top_s: float
    top_m: float
    raised: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Footfall:
    """One step: which foot, when it lifts and lands (s), how far it goes (m, horizontal)."""

    side: Literal["left", "right"]
    lift_s: float
    land_s: float
    length_m: float


@dataclass(frozen=True)
class Travel:
    """The path of the pelvis.

    Attributes:
        displacement_m: straight from the first to the last position, horizontal.
        path_m: length of the (smoothed) path, horizontal.
        direction: where the body mostly went as seen by itself; "" if it did not travel.
        mean_speed_m_s, top_speed_m_s: over the time it travelled; 0 if it did not.
        turn_deg: net turn, positive to the left.
        height_change_m: last minus first pelvis height.
        mean_height_m, low_height_m, high_height_m: pelvis over the lowest point of the clip.
        low_s: when the pelvis was lowest.
    """

    displacement_m: float
    path_m: float
    direction: Direction
    mean_speed_m_s: float
    top_speed_m_s: float
    turn_deg: float
    height_change_m: float
    mean_height_m: float
    low_height_m: float
    high_height_m: float
    low_s: float


@dataclass(frozen=True)
class Trunk:
    """The line from pelvis to neck against the vertical: largest lean (degrees), when, and to which side of the body."""

    lean_deg: float
    lean_s: float
    lean_towards: Direction


@dataclass(frozen=True)
class Description:
    """A Structured Motion Description.

    Attributes:
        name, source: of the motion.
        duration_s: seconds.
        n_frames, fps: of the motion as analysed (20 fps).
        source_fps: of the motion as given.
        delta_deg: smallest change of an angle that is told.
        leg_m: length of the legs, the yardstick of the thresholds.
        travel, trunk, limbs, steps, flights: see the classes; flights are spans [start_s, end_s] in the air.
        support: share of time that the left and the right foot are planted.
        trajectory: the channels of the pelvis' path. Empty in the variant without trajectory.
        angles: the 26 angle channels, or the most active of them.
        notes: what was inferred or supplied on the way.
        schema: version of this layout.
    """

    name: str
    source: str
    duration_s: float
    n_frames: int
    fps: float
    source_fps: float
    delta_deg: float
    leg_m: float
    travel: Travel
    trunk: Trunk
    limbs: tuple[Limb, ...]
    steps: tuple[Footfall, ...]
    flights: tuple[tuple[float, float], ...]
    support: tuple[float, float]
    trajectory: tuple[Channel, ...]
    angles: tuple[Channel, ...]
    notes: tuple[str, ...] = ()
    schema: str = SCHEMA

    def channel(self, key: str) -> Channel:
        """A channel by key. Raises KeyError with the known keys."""
        for c in (*self.trajectory, *self.angles):
            if c.key == key:
                return c
        raise KeyError(f"no channel '{key}'; there are {', '.join(c.key for c in (*self.trajectory, *self.angles))}")

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, tuples, numbers and strings (sharing the parts' own attribute dicts: do not change them)."""
        out = dict(vars(self))
        for part in ("travel", "trunk"):
            out[part] = vars(out[part])
        for part in ("limbs", "steps"):
            out[part] = [vars(item) for item in out[part]]
        for section in ("trajectory", "angles"):
            out[section] = [{**vars(c), "intervals": [i._asdict() for i in c.intervals]} for c in out[section]]
        return out

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Description:
        """Inverse of `to_json`. Raises FormatError for text that is not a description of this version."""
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise FormatError.of(f"description, line {error.lineno}", error.msg, "JSON") from error
        found = data.get("schema") if isinstance(data, dict) else type(data).__name__
        if found != SCHEMA:
            raise FormatError.of("description, field schema", repr(found), f"'{SCHEMA}'", "describe the motion again")
        try:
            return _description(data)
        except (TypeError, KeyError, ValueError) as error:
            raise FormatError.of("description", f"fields that do not fit ({error})", f"the layout of {SCHEMA}") from error

    def __str__(self) -> str:
        from kinelang.describing.sentences import brief

        return brief(self)


def _description(data: dict[str, Any]) -> Description:
    values = dict(data)
    values["travel"] = Travel(**data["travel"])
    values["trunk"] = Trunk(**data["trunk"])
    values["limbs"] = tuple(Limb(**{**d, "raised": _pairs(d["raised"])}) for d in data["limbs"])
    values["steps"] = tuple(Footfall(**d) for d in data["steps"])
    values["flights"] = _pairs(data["flights"])
    values["support"] = tuple(data["support"])
    values["notes"] = tuple(data["notes"])
    for section in ("trajectory", "angles"):
        values[section] = tuple(Channel(**{**d, "intervals": tuple(Interval(**i) for i in d["intervals"])}) for d in data[section])
    missing = {f.name for f in fields(Description)} - values.keys()
    if missing:
        raise KeyError(f"no field {sorted(missing)[0]}")
    return Description(**values)


def _pairs(data: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(a), float(b)) for a, b in data)
