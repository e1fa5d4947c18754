"""`Score`: where actions write what the body shall do, before it is assembled into a motion.

The legs are led by a path over the ground and by footprints, the trunk and head by angles, the arms by where the hands go. Every
action of `timeline/actions/` writes through these methods only; what several actions write is added or blended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.performing.curves import minimum_jerk, repetitions, summed, window
from kinelang.timeline.performing.person import CHANNELS, Person
from kinelang.timeline.schema import Stage, Timeline

Frame = Literal["chest", "upright", "head", "ground"]
Point = Sequence[float] | Array


@dataclass(frozen=True)
class Gait:
    """How the feet go. Metres, degrees; see `going.py` for what each does.

    Attributes:
        duty: share of a cycle (two steps) that a foot is on the ground: above 0.5 walking, below it running.
        lift_m: height of the swinging foot.
        width_m: distance between the feet's tracks; None: the person's.
        push_deg: how far the heel has come up when the foot leaves the ground.
        strike_deg: how far the toes are up when the heel meets the ground.
        bounce_m: rise and fall of the pelvis; positive: highest between two steps (running).
        drop_m: how much lower the pelvis is carried.
        swing_deg: arm swing to each side.
        elbow_deg: elbow bend added.
        roll_deg: how far the pelvis turns with each step.
        on_toes_deg: heel lift kept up all the time.
        uneven: how much longer the first step and every other one after it takes (0.3: by 15 %), the others shorter.
        rise_m: how much higher each step comes down than the one before, as on stairs; the last comes beside its neighbour.
    """

    duty: float = 0.6
    lift_m: float = 0.11
    width_m: float | None = None
    push_deg: float = 46.0
    strike_deg: float = 16.0
    bounce_m: float = -0.008
    drop_m: float = 0.015
    swing_deg: float = 24.0
    elbow_deg: float = 13.0
    roll_deg: float = 6.0
    on_toes_deg: float = 0.0
    uneven: float = 0.0
    rise_m: float = 0.0


@dataclass(frozen=True)
class Going:
    """A stretch of stepping: window (T,), speeds (T,) in m/s and deg/s, number of steps, first foot and manner."""

    weight: Array
    forward: Array
    sideways: Array
    turning: Array
    steps: int
    first: str
    gait: Gait
    linked: bool

    def steps_gone(self) -> Array:
        """Steps gone at each frame, from 0 to `steps`: whole numbers half-way between two steps. (T,)"""
        gone = self.steps * summed(self.weight) / max(self.weight.sum(), 1e-9)
        if self.gait.uneven and self.steps > 1:
            gone = gone - 0.25 * self.gait.uneven * (1 - np.cos(np.pi * gone))
            gone = gone * self.steps / max(gone[-1], 1e-9)
        return np.asarray(gone)


@dataclass(frozen=True)
class FootMove:
    """One foot leaves the ground at `lift_s` and comes down at `land_s` beside the path point of `aim_s`.

    `forward_m` and `left_m` move the footprint in the heading's frame; `height_m` is how high the toes go. `ground_m` is the height
    of the ground it comes down on (None: that of the path). `in_flight`: the foot flies with the body, on a parabola.
    """

    side: str
    lift_s: float
    land_s: float
    aim_s: float
    height_m: float = 0.08
    forward_m: float = 0.0
    left_m: float = 0.0
    width_m: float | None = None
    push_deg: float = 25.0
    strike_deg: float = 0.0
    ground_m: float | None = None
    in_flight: bool = False


@dataclass(frozen=True)
class FootHeld:
    """A foot held in the air: weight (T,), place (T, 3) of the ankle (outward, up, forward) from the hip in leg lengths in the
    heading's frame (standing: (0, -1, 0)), pitch (T,) of the foot against the shin, toes down."""

    side: str
    weight: Array
    place: Array
    pitch_deg: Array


@dataclass(frozen=True)
class HandHeld:
    """A hand led somewhere: weight (T,), place (T, 3) in the frame, elbow swivel (T,) in degrees or side (T, 3) of the elbow."""

    side: str
    weight: Array
    place: Array
    swivel_deg: Array
    frame: Frame
    elbow: Array | None = None


@dataclass(frozen=True)
class LegBent:
    """A leg led by angles instead of its footprint: weight (T,) and degrees (T,)."""

    side: str
    weight: Array
    angles: dict[str, Array]


@dataclass
class Score:
    """What a performance consists of, on T frames.

    Attributes:
        timeline: what is performed.
        times_s: (T,) seconds.
        fps: frames a second.
        person: who performs.
        rng: source of all variation.
    """

    timeline: Timeline
    times_s: Array
    fps: float
    person: Person
    rng: np.random.Generator
    channels: dict[str, Array] = field(default_factory=dict)
    goings: list[Going] = field(default_factory=list)
    foot_moves: list[FootMove] = field(default_factory=list)
    feet_held: list[FootHeld] = field(default_factory=list)
    hands_held: list[HandHeld] = field(default_factory=list)
    legs_bent: list[LegBent] = field(default_factory=list)
    grounded: Array | None = None
    leaping: Array | None = None
    heels: list[tuple[str, Array]] = field(default_factory=list)

    # ---- trunk, head, pelvis ------------------------------------------------------------------------------------------------

    def add(self, channel: str, values: Array | float) -> None:
        """Add degrees (metres for `shift_*`) to one of `CHANNELS`, (T,)."""
        if channel not in CHANNELS:
            raise KeyError(f"no channel '{channel}'; one of {', '.join(CHANNELS)}")
        self.channels[channel] = self.channels.get(channel, np.zeros(len(self.times_s))) + values

    # ---- legs ---------------------------------------------------------------------------------------------------------------

    def go(
        self,
        stage: Stage,
        *,
        forward_m: float | Array = 0.0,
        left_m: float | Array = 0.0,
        turn_deg: float | Array = 0.0,
        steps: int,
        first: str | None = None,
        gait: Gait | None = None,
        ease_s: float = 0.35,
    ) -> None:
        """Step along during the stage: so far forward, to the left and round in all, in so many steps.

        A number is spread evenly; an array (T,) is a profile (in any unit of rate) whose sum over the stage is taken as it is: metres
        or degrees a second. Stages of going that follow each other at once flow into each other.
        """
        before = self.flows_on(stage, earlier=True)
        after = self.flows_on(stage, earlier=False)
        ease = min(ease_s, 0.45 * stage.duration_s)
        t, start, end = self.times_s, stage.start_s, stage.end_s
        up = window(t, start - (ease / 2 if before else 0), t[-1] + 9, ease, 1)
        down = window(t, end - (ease / 2 if after else ease), t[-1] + 9, ease, 1)
        weight = np.clip(up - down, 0, 1)
        going = weight * self._starting_and_stopping(weight, steps, forward_m, before, after)
        total, total_turn = max(going.sum() / self.fps, 1e-6), max(weight.sum() / self.fps, 1e-6)
        forward, sideways = (np.asarray(v) * going if np.ndim(v) else v * going / total for v in (forward_m, left_m))
        turning = np.asarray(turn_deg) * weight if np.ndim(turn_deg) else turn_deg * weight / total_turn
        first = first or ("left" if self.rng.random() < 0.5 else "right")
        self.goings.append(Going(weight, forward, sideways, turning, max(1, int(steps)), first, gait or Gait(), before))

    def _starting_and_stopping(self, weight: Array, steps: int, forward_m: float | Array, before: bool, after: bool) -> Array:
        """How the body goes slower in the first and last steps than its feet do: half a step while one foot still stands. (T,)"""
        gone = steps * summed(weight) / max(weight.sum(), 1e-9)
        metres = abs(forward_m) if isinstance(forward_m, (int, float)) else 0.0
        length = min(0.5 * steps, 1.3 * max(1.0, metres / max(steps, 1) / 0.66))
        start = 1.0 if before else 0.25 + 0.75 * minimum_jerk(gone / length)
        stop = 1.0 if after else 0.2 + 0.8 * minimum_jerk((steps - gone) / length)
        return np.asarray(start * stop * np.ones(len(weight)))

    def drift_over_ground(self, stage_weight: Array, forward_m_s: Array, left_m_s: Array, turn_deg_s: Array | float = 0.0) -> None:
        """Move the path without steps (the flight of a jump, a lunge, sitting back): speeds (T,); feet follow only by `move_foot`."""
        zero = np.zeros(len(self.times_s))
        self.goings.append(Going(stage_weight, zero + forward_m_s, zero + left_m_s, zero + turn_deg_s, 0, "left", Gait(), False))

    def move_foot(self, move: FootMove) -> None:
        """One explicit step; see `FootMove`."""
        self.foot_moves.append(move)

    def hold_foot(self, side: str, weight: Array, place: Point, pitch_deg: Array | float = 0.0) -> None:
        """Hold a foot in the air (kicks, balancing, raising a knee); see `FootHeld`. The body shifts over the other foot by itself."""
        n = len(self.times_s)
        self.feet_held.append(FootHeld(side, weight, np.broadcast_to(place, (n, 3)), np.broadcast_to(pitch_deg, (n,))))

    def bend_leg(self, side: str, weight: Array, **angles: Array | float) -> None:
        """Lead a leg by angles: hip_flexion, hip_abduction, hip_rotation (outward), knee_flexion, ankle_flexion (down); degrees."""
        n = len(self.times_s)
        self.legs_bent.append(LegBent(side, weight, {name: np.broadcast_to(value, (n,)) for name, value in angles.items()}))

    def rest_on_ground(self, weight: Array) -> None:
        """Where the weight (T,) is 1 the body lies on its lowest point, whichever that is, instead of standing on its feet."""
        self.grounded = weight if self.grounded is None else np.maximum(self.grounded, weight)

    def leap(self, weight: Array) -> None:
        """Where the weight (T,) is 1 the pelvis is as high as `shift_up` says, on the ground and in the air."""
        self.leaping = weight if self.leaping is None else np.maximum(self.leaping, weight)

    def raise_heel(self, side: str, degrees: Array) -> None:
        """Stand on the toes of a foot: heel up by degrees (T,) while the toes stay where they are."""
        self.heels.append((side, degrees))

    # ---- arms ---------------------------------------------------------------------------------------------------------------

    def hand(
        self,
        side: str,
        weight: Array,
        place: Point,
        swivel_deg: Array | float = 0.0,
        frame: Frame = "chest",
        elbow: Point | None = None,
    ) -> None:
        """Lead a wrist to a place.

        Args:
            side: "left" or "right".
            weight: (T,) 0 to 1: how far the hand has come there.
            place: (3,) or (T, 3): outward (to the hand's own side), up, forward.
                "chest": from the shoulder, in arm lengths, turning with the chest: hanging is about (0.1, -0.97, 0).
                "upright": the same, but up is the world's up and forward the heading.
                "head": metres from the head joint (about ear height, middle), turning with the head: the mouth is (0, -0.02, 0.1).
                "ground": metres from the ground below the pelvis, in the heading's frame.
            swivel_deg: turns the elbow outward and up about the line from shoulder to hand.
            frame: see place.
            elbow: instead of a swivel: (3,) or (T, 3), to which side of the line from shoulder to hand the elbow lies (outward, up,
                forward), in the chest's axes, for "upright" in upright ones.
        """
        n = len(self.times_s)
        shown = np.broadcast_to(np.asarray(place, dtype=float), (n, 3))
        aside = None if elbow is None else np.broadcast_to(np.asarray(elbow, dtype=float), (n, 3))
        self.hands_held.append(HandHeld(side, weight, shown, np.broadcast_to(swivel_deg, (n,)), frame, aside))

    # ---- time ---------------------------------------------------------------------------------------------------------------

    def window(self, stage: Stage, in_s: float = 0.5, out_s: float = 0.5) -> Array:
        """0 outside the stage, 1 inside, minimum jerk in and out within it. (T,)"""
        return window(self.times_s, stage.start_s, stage.end_s, in_s, out_s)

    def phase(self, stage: Stage, count: int, before_s: float = 0.0, after_s: float = 0.0) -> Array:
        """Phase from 0 to `count` over the stage less what comes before and after the repetitions. (T,)"""
        scale = min(1.0, 0.7 * stage.duration_s / max(before_s + after_s, 1e-6))
        return repetitions(self.times_s, stage.start_s + before_s * scale, stage.end_s - after_s * scale, count)

    def progress(self, stage: Stage) -> Array:
        """0 to 1 evenly over the stage. (T,)"""
        return self.phase(stage, 1)

    def following(self, stage: Stage) -> Stage | None:
        """The next stage that uses one of this stage's body parts, if any."""
        later = [s for s in self.timeline.stages if s.start_s >= stage.end_s - 1e-6 and set(s.parts) & set(stage.parts)]
        return later[0] if later else None

    def lasting(self, stage: Stage, in_s: float, ended_by: tuple[str, ...], out_s: float = 0.8) -> Array:
        """A window that outlasts its stage, for postures kept: it rises over `in_s`, and falls during the next stage on the same body
        parts if that is one of the verbs `ended_by`, else in the last `out_s` before that stage; without one it stays. (T,)"""
        up = window(self.times_s, stage.start_s, self.times_s[-1] + 99, in_s, 1)
        after = self.following(stage)
        if after is None:
            return up
        if after.verb in ended_by:
            start, length = after.start_s, after.duration_s
        else:
            start = max(stage.start_s + in_s, after.start_s - out_s)
            length = max(after.start_s + 0.1 - start, 0.2)
        return up - window(self.times_s, start, self.times_s[-1] + 99, length, 1)

    def limbs(self, stage: Stage) -> tuple[str, ...]:
        """The sides that the stage names: ("left",), ("right",) or both; "alternating" is both."""
        if stage.side in ("left", "right"):
            return (stage.side,)
        if stage.side in ("both", "alternating"):
            return ("left", "right")
        return tuple(p.removesuffix("_arm") for p in stage.parts if p.endswith("_arm")) or ("right",)

    def flows_on(self, stage: Stage, earlier: bool) -> bool:
        """Whether a stage of going or turning touches this one."""
        for other in self.timeline.stages:
            gap = stage.start_s - other.end_s if earlier else other.start_s - stage.end_s
            if other is not stage and "root" in other.parts and abs(gap) < 0.16 and other.lexeme.family in ("gait", "turn"):
                return stage.lexeme.family in ("gait", "turn") and other.verb not in ("climb", "crawl", "stumble", "step")
        return False
