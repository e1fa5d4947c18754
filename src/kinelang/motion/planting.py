"""Feet that stay where they stand: a gentle physical clean-up of motions that were generated.

The body is raised or lowered smoothly, and legs are bent anew, so that a planted foot rests, no joint is below the ground and nobody
floats. Where a foot rests is its own choice: the place it keeps while it is slow and low, weighted by how slow it is. What stands high
(stairs, a chair, a handstand) stays there, and jumps stay in the air.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, BoolArray, describe_shape
from kinelang.motion.contacts import ANKLES, LEG_M, SIDES, SLOW_M_S, TOES, follow_feet, spans, speeds_m_s
from kinelang.motion.kinematics import forward_kinematics, local_rotations
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import cross, quat_between, quat_multiply, quat_rotate, unit
from kinelang.motion.skeletons import SMPL22

UP = np.array((0.0, 1.0, 0.0))
HIPS, KNEES = (1, 2), (4, 5)
FEET = (*ANKLES, *TOES)

# All ours, for a leg of 0.82 m (lengths and speeds grow with the leg).
REST_CLEAR_M = 0.025  # a joint of the foot rests while it is at most so far above the lowest it gets in that contact
MIN_REST_S = 0.1
COMING_TIMES, COMING_M_S = 2.0, 0.15  # at its ends a rest begins and ends where the joint is no faster than so many times its median
STILL_M_S = 0.1  # of two frames the slower says more of where the foot rests: weight 1 / (speed² + this²)
EASE_S = 0.2  # over which a correction fades in before a foot rests and out after it
HIGHEST_REST_M = 0.05  # toes of a captured person rest at 0 to 5 cm
REST_BAND_M = 0.03  # each rest of a clip is at most so far above or below the usual height of its rests
LEDGE_M = 0.12  # a foot that rests higher stands on something
LONGEST_SHIFT_M = 0.12  # a foot that slides further than about twice this is meant to slide, and does so for the rest of its way
ROOT_S = 0.15  # standard deviation of the smoothing of the body's height
HOVER_M, HOVER_S, FALLING_M_S2 = 0.08, 0.3, -3.0  # nobody hovers so high so long unless the body accelerates downward
SUPPORT_M = 0.15  # other joints so low carry the body: lying, sitting on the floor, crawling, a handstand
LIFT_S = 0.1  # over which a lift out of the ground sets in and ends
STRETCH = 0.998  # a leg reaches so far of its length, or as far as it did
LOWEST_M = 0.05  # how far a foot out of reach draws the body down at the most; beyond that the foot gives way
ROUNDS, SETTLED_M = 4, 0.001  # a foot that skates less may rest longer: what was found is looked at again until little changes
BELOW_M = 0.005  # what counts as below the ground, in reports
BENT_M = 0.04  # a knee this far off the line from hip to ankle says itself which way it bends


@dataclass(frozen=True)
class Rest:
    """A stretch of frames [start, end) in which a foot stays where it is."""

    side: Literal["left", "right"]
    start: int
    end: int


@dataclass(frozen=True)
class Planting:
    """What `plant` changed. Pairs are left and right foot.

    Attributes:
        n_frames: of the motion.
        rests: stretches in which a toe was held.
        mean_shift_cm, largest_shift_cm: how far the toes were moved.
        mean_change_cm: how far all joints were moved on average.
        raised_cm, lowered_cm: how far the body was raised and lowered at the most.
        below_before, below_after: frames with a joint more than 0.5 cm below the ground.
        skating_before_cm_s, skating_after_cm_s: mean speed along the ground of planted feet, of ankle or toe, whichever is slower.
    """

    n_frames: int
    rests: tuple[Rest, ...]
    mean_shift_cm: tuple[float, float]
    largest_shift_cm: tuple[float, float]
    mean_change_cm: float
    raised_cm: float
    lowered_cm: float
    below_before: int
    below_after: int
    skating_before_cm_s: float
    skating_after_cm_s: float

    def sentences(self) -> tuple[str, ...]:
        """What was changed, one line each; one line if it is nothing to speak of."""
        if self.mean_change_cm < 0.05 and max(self.largest_shift_cm) < 0.5:
            return ("Feet and ground were left as they are.",)
        counts = [sum(rest.side == side for rest in self.rests) for side in SIDES]
        lines = [f"{sum(counts)} contacts of the feet were held in place ({counts[0]} left, {counts[1]} right)."] if self.rests else []
        for side, mean, largest in zip(SIDES, self.mean_shift_cm, self.largest_shift_cm, strict=True):
            lines.append(f"The {side} foot was moved by {mean:.1f} cm on average, {largest:.1f} cm at the most.")
        if max(self.raised_cm, self.lowered_cm) >= 0.05:
            lines.append(f"The body was raised by up to {self.raised_cm:.1f} cm and lowered by up to {self.lowered_cm:.1f} cm.")
        if self.below_before or self.below_after:
            lines.append(
                f"Frames with a joint below the ground: {self.below_before} of {self.n_frames} before, {self.below_after} now."
            )
        if self.rests:
            lines.append(f"Planted feet skated at {self.skating_before_cm_s:.1f} cm/s before, {self.skating_after_cm_s:.1f} cm/s now.")
        return tuple(lines)


def plant(motion: Motion, contacts: BoolArray | None = None, ground_m: float = 0.0) -> tuple[Motion, Planting]:
    """The motion with feet that stay planted, nothing below the ground and nobody floating, and what was changed.

    Lengths of thighs and shanks are kept in every frame, and knees bend in the plane in which they did. Rotations, where there are any,
    follow: those of the legs are turned as their bones are, all others stay.

    Args:
        motion: on SMPL-22 (see `retarget`), with positions, rotations or both.
        contacts: (T, 2) bool, left and right foot planted; by default as `follow_feet` finds them, which leaves out feet that slide
            faster than a planted foot rolls.
        ground_m: height of the ground.

    Raises:
        MotionError: another skeleton, or contacts of another shape.
    """
    if not motion.skeleton.same_tree(SMPL22):
        raise MotionError.of(f"motion '{motion.name}'", f"{motion.skeleton!r}", "SMPL-22", "use kinelang.retarget first")
    before = motion.joints.astype(np.float64) - ground_m * UP
    if contacts is not None:
        contacts = np.asarray(contacts)
        if contacts.shape != (len(before), 2) or contacts.dtype != np.bool_:
            raise MotionError.of("contacts", f"{describe_shape(contacts)} of {contacts.dtype}", f"({len(before)}, 2) of bool")
    after, rise = before, np.zeros(len(before))
    for _ in range(ROUNDS):
        body = _Body(after, after - before - UP * rise[:, None, None], contacts, motion.fps)
        better, raised = body.planted_joints()
        moved = float(np.linalg.norm(better - after, axis=-1).mean())
        after, rise = better, rise + raised
        if moved < SETTLED_M:
            break
    return _carried_out(motion, before, after, rise, ground_m), _report(before, after, rise, body, motion.fps)


class _Body:
    """The joints (T, 22, 3) of one motion over a ground at 0, and where its feet rest. moved (T, 22, 3): within the body, so far."""

    def __init__(self, joints: Array, moved: Array, contacts: BoolArray | None, fps: float) -> None:
        feet = follow_feet(joints, fps)
        planted = feet.contacts if contacts is None else contacts
        scale = feet.leg_m / LEG_M
        self.joints, self.moved, self.planted, self.fps, self.scale = joints, moved, planted, fps, scale
        slow_m_s = SLOW_M_S if contacts is None else np.inf  # who says that a foot is planted wants it to stay
        self.toe_rests = [_rests(joints[:, toe], planted[:, f], fps, scale, slow_m_s) for f, toe in enumerate(TOES)]
        self.ankle_rests = [_rests(joints[:, ankle], planted[:, f], fps, scale, slow_m_s) for f, ankle in enumerate(ANKLES)]
        self.places = [
            [_place(joints[a:b, toe], fps, scale) for a, b in rests] for toe, rests in zip(TOES, self.toe_rests, strict=True)
        ]
        self.drop = self._clip_above_ground()
        self.usual_m = self._usual_height()

    def _clip_above_ground(self) -> float:
        """How far the whole clip hangs above the ground, metres, or 0: no one is in the air all the time."""
        lowest = float(self.joints[..., 1].min())
        return lowest if lowest > HIGHEST_REST_M * self.scale else 0.0

    def _usual_height(self) -> float:
        """Median height at which toes rest, over frames, within what is possible."""
        heights = [np.full(b - a, p[1]) for rests, places in zip(self.toe_rests, self.places, strict=True)
                   for (a, b), p in zip(rests, places, strict=True)]  # fmt: skip
        near = np.concatenate([np.zeros(0), *heights]) - self.drop
        near = near[near < LEDGE_M * self.scale]
        return float(np.clip(np.median(near), 0, HIGHEST_REST_M * self.scale)) if len(near) else 0.0

    def _held_height(self, height: float) -> float:
        """Height at which a toe that rests at `height` is to rest."""
        height -= self.drop
        if height > LEDGE_M * self.scale:
            return height
        band = REST_BAND_M * self.scale
        return float(np.clip(height, max(self.usual_m - band, 0), self.usual_m + band))

    def planted_joints(self) -> tuple[Array, Array]:
        """The joints after all corrections (T, 22, 3), and how far the body was raised (T,)."""
        rise = self._rise()
        toes, ankles = self._feet(rise)
        for _ in range(2):  # a body that is drawn down changes what the feet have to do
            rise = rise - self._drawn_down(rise, ankles)
            toes, ankles = self._feet(rise)
        after = self.joints + UP * rise[:, None, None]
        facing = after[:, HIPS[0]] - after[:, HIPS[1]]
        for f in (0, 1):
            leg = HIPS[f], KNEES[f], ANKLES[f]
            ankle, knee = _bent_leg(self.joints[:, leg], after[:, HIPS[f]], ankles[f], facing)
            gave_way = np.linalg.norm(ankle - ankles[f], axis=1) > 1e-6
            length = np.linalg.norm(toes[f] - ankles[f], axis=1, keepdims=True)
            toe = np.where(gave_way[:, None], ankle + length * unit(toes[f] - ankle), toes[f])
            after[:, KNEES[f]], after[:, ANKLES[f]], after[:, TOES[f]] = knee, ankle, toe
        return after, rise

    def _rise(self) -> Array:
        """How far the body is raised for its resting feet, for what is below the ground, and against hovering. (T,) metres."""
        wanted = np.full((2, len(self.joints)), np.nan)
        for f, (rests, places) in enumerate(zip(self.toe_rests, self.places, strict=True)):
            for (a, b), place in zip(rests, places, strict=True):
                wanted[f, a:b] = self._held_height(place[1]) - place[1] + self.drop
        known = ~np.isnan(wanted)
        rise = np.where(known, wanted, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        others = np.delete(self.joints[..., 1], FEET, axis=1).min(axis=1) - self.drop
        decided = known.any(axis=0) | (others < SUPPORT_M * self.scale)
        ground = self._local_ground()
        above = self.joints[..., 1].min(axis=1) - ground
        for a, b in self._hovering(above, decided | (ground - self.drop > LEDGE_M * self.scale)):
            rise[a:b], decided[a:b] = -above[a:b], True
        if decided.any():
            frames = np.arange(len(rise))
            rise = np.interp(frames, frames[decided], rise[decided])
        rise = _smoothed(rise, ROOT_S * self.fps)
        return np.asarray(rise - self.drop + _lift(-(others + rise), self.fps))

    def _local_ground(self) -> Array:
        """Height at which feet rest around each time, whatever they stand on. (T,) metres."""
        known = np.array([(0.5 * (a + b - 1), place[1])
                          for rests, places in zip(self.toe_rests, self.places, strict=True)
                          for (a, b), place in zip(rests, places, strict=True)]).reshape(-1, 2)  # fmt: skip
        known = known[np.argsort(known[:, 0], kind="stable")]
        return np.interp(np.arange(len(self.joints)), *known.T) if len(known) else np.full(len(self.joints), self.drop)

    def _hovering(self, above: Array, decided: BoolArray) -> list[tuple[int, int]]:
        """Stretches in which nothing carries the body though it does not fall. above (T,): of the lowest joint over the ground."""
        if not any(self.toe_rests):
            return []  # nothing says where the ground is: feet that only run
        free = ~decided & ~self.planted.any(axis=1) & (above > HOVER_M * self.scale) & (above < 2 * LEDGE_M * self.scale)
        out = []
        for a, b in spans(free):
            if (b - a) / self.fps < HOVER_S:
                continue
            t = np.arange(b - a) / self.fps
            if 2 * np.polyfit(t, self.joints[a:b, :, 1].mean(axis=1), 2)[0] > FALLING_M_S2:
                out.append((a, b))
        return out

    def _feet(self, rise: Array) -> tuple[list[Array], list[Array]]:
        """Where toes and ankles are to be, each of both feet (T, 3), if the body is raised so far."""
        up = UP * rise[:, None]
        toes, ankles = [], []
        for f in (0, 1):
            toe, ankle = self.joints[:, TOES[f]] + up, self.joints[:, ANKLES[f]] + up
            held = [np.array((p[0], self._held_height(p[1]), p[2])) for p in self.places[f]]
            shift = self._eased(toe, self.toe_rests[f], held, self.moved[:, TOES[f]])
            shift[:, 1] += _lift(-np.minimum((toe + shift)[:, 1], (ankle + shift)[:, 1]), self.fps)
            toe, moved = toe + shift, ankle + shift
            own = [_place(moved[a:b], self.fps, self.scale) for a, b in self.ankle_rests[f]]
            length = np.linalg.norm(self.joints[:, TOES[f]] - self.joints[:, ANKLES[f]], axis=1, keepdims=True)
            usual = [length[a:b].mean(axis=0) for a, b in self.ankle_rests[f]]
            moved = moved + self._eased(moved, self.ankle_rests[f], own)
            length = length + self._eased(length, self.ankle_rests[f], usual)
            toes.append(toe)
            ankles.append(toe + length * unit(moved - toe))
        return toes, ankles

    def _eased(self, path: Array, rests: Sequence[tuple[int, int]], places: Sequence[Array], moved: Array | float = 0.0) -> Array:
        """Shifts (T, D) that hold a path (T, D) at its places while it rests, and fade in before and out after.

        With what it was moved before they are not longer than is allowed.
        """
        earlier = np.zeros_like(path) + moved
        shift = np.zeros_like(path)
        reach = max(round(EASE_S * self.fps), 1)
        for i, ((a, b), place) in enumerate(zip(rests, places, strict=True)):
            held = _limited(place - path[a:b] + earlier[a:b], LONGEST_SHIFT_M * self.scale) - earlier[a:b]
            shift[a:b] += held
            first = rests[i - 1][1] if i else 0
            last = rests[i + 1][0] if i + 1 < len(rests) else len(path)
            before, after = min(reach, a - first), min(reach, last - b)
            shift[a - before : a] += held[0] * _fade(before)[::-1, None]
            shift[b : b + after] += held[-1] * _fade(after)[:, None]
        return shift

    def _drawn_down(self, rise: Array, ankles: Sequence[Array]) -> Array:
        """How much lower the body has to be for its legs to reach the ankles' places (T, 3) of both feet. (T,) metres."""
        need = np.zeros(len(rise))
        for f in (0, 1):
            hip = self.joints[:, HIPS[f]] + UP * rise[:, None]
            reach = _reach(self.joints[:, (HIPS[f], KNEES[f], ANKLES[f])])
            way = hip - ankles[f]
            along = (way[:, [0, 2]] ** 2).sum(axis=1)
            need = np.maximum(need, np.where(along < reach**2, way[:, 1] - np.sqrt(np.maximum(reach**2 - along, 0)), 0))
        resting = [_inside(rests, len(rise)) for rests in self.toe_rests]
        need = np.where(np.logical_or(*resting), need, 0)
        return _lift(np.minimum(need, LOWEST_M * self.scale), self.fps)


def _rests(path: Array, planted: BoolArray, fps: float, scale: float, slow_m_s: float) -> list[tuple[int, int]]:
    """Stretches [start, end) of a contact in which a joint of the foot (T, 3) is slow and as low as it gets."""
    speed = speeds_m_s(path, fps)
    out = []
    for a, b in spans(planted):
        low = path[a:b, 1] < path[a:b, 1].min() + REST_CLEAR_M * scale
        for start, end in spans(low & (speed[a:b] < slow_m_s * scale)):
            usual = max(COMING_TIMES * float(np.median(speed[a + start : a + end])), COMING_M_S * scale)
            still = np.flatnonzero(speed[a + start : a + end] < usual)
            first, last = a + start + int(still[0]), a + start + int(still[-1]) + 1
            if (last - first) / fps >= MIN_REST_S or (first, last) == (0, len(path)):
                out.append((first, last))
    return out


def _place(path: Array, fps: float, scale: float) -> Array:
    """Where a joint (N, 3) rests: its mean place, slow frames counting more. (3,)."""
    weight = 1 / (speeds_m_s(path, fps) ** 2 + (STILL_M_S * scale) ** 2)
    return np.asarray(weight @ path / weight.sum())


def _limited(shift: Array, longest: float) -> Array:
    """Vectors (N, D) no longer than `longest` in the limit; short ones as they are."""
    size = np.linalg.norm(shift, axis=1, keepdims=True)
    beyond = np.maximum(size - 0.5 * longest, 0)
    kept = np.minimum(size, 0.5 * longest) + 0.5 * longest * np.tanh(beyond / (0.5 * longest))
    return np.asarray(shift * kept / np.where(size > 0, size, 1))


def _fade(n: int) -> Array:
    """Weights of the n frames after a rest, falling smoothly to 0."""
    u = (np.arange(n) + 1.0) / (n + 1)
    return np.asarray(1 - u * u * (3 - 2 * u))


def _smoothed(values: Array, sigma: float) -> Array:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, sigma, mode="nearest"))


def _lift(need: Array, fps: float) -> Array:
    """A smooth curve that is nowhere below the need (T,), nor below 0, and 0 a little away from where it is needed."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    reach = max(round(LIFT_S * fps), 1)
    most = maximum_filter1d(np.maximum(need, 0), 2 * reach + 1, mode="nearest")
    return np.asarray(gaussian_filter1d(most, 0.5 * reach, mode="nearest", radius=reach))


def _inside(stretches: Sequence[tuple[int, int]], n: int) -> BoolArray:
    flags = np.zeros(n, dtype=bool)
    for a, b in stretches:
        flags[a:b] = True
    return flags


def _reach(leg: Array) -> Array:
    """How far from the hip an ankle may be. leg (T, 3 joints, 3) -> (T,) metres."""
    hip, knee, ankle = leg[:, 0], leg[:, 1], leg[:, 2]
    length = np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1)
    return np.asarray(np.maximum(STRETCH * length, np.linalg.norm(ankle - hip, axis=1)))


def _bent_leg(leg: Array, hip: Array, ankle: Array, left: Array) -> tuple[Array, Array]:
    """Ankle and knee (T, 3) of a leg that goes from `hip` as near to `ankle` as it reaches, with thigh and shank as long as before.

    The knee keeps the direction in which it is off the line from hip to ankle, turned as that line is. Where it was hardly off, and the
    leg is to be bent, it goes forward: leg × left.
    """
    old_hip, old_knee, old_ankle = leg[:, 0], leg[:, 1], leg[:, 2]
    thigh, shank = np.linalg.norm(old_knee - old_hip, axis=1), np.linalg.norm(old_ankle - old_knee, axis=1)
    way = ankle - hip
    distance = np.clip(np.linalg.norm(way, axis=1), np.abs(thigh - shank) + 1e-6, _reach(leg))
    line, old_line = unit(way), unit(old_ankle - old_hip)
    turn = quat_between(old_line, line)
    off = quat_rotate(turn, old_knee - old_hip)
    off = off - np.einsum("ti,ti->t", off, line)[:, None] * line
    moved = np.abs(distance - np.linalg.norm(old_ankle - old_hip, axis=1)) / 0.01
    unsure = np.clip(1 - np.linalg.norm(off, axis=1) / BENT_M, 0, 1) * np.clip(moved, 0, 1)
    forward = cross(line, left)
    direction = unit(off + BENT_M * unsure[:, None] * unit(forward))
    along = (distance**2 + thigh**2 - shank**2) / (2 * distance)
    aside = np.sqrt(np.maximum(thigh**2 - along**2, 0))
    return hip + distance[:, None] * line, hip + along[:, None] * line + aside[:, None] * direction


def _carried_out(motion: Motion, before: Array, after: Array, rise: Array, ground_m: float) -> Motion:
    """The motion with its joints moved from `before` to `after`, and its rotations with them."""
    changes: dict[str, Array] = {}
    if motion.positions is not None:
        changes["positions"] = after + ground_m * UP
    if motion.rotations is not None:
        assert motion.root is not None  # checked on construction
        changes["root"] = motion.root + UP * rise[:, None]
        rotations = motion.rotations.astype(np.float64)
        world = forward_kinematics(rotations, before[:, 0], motion.skeleton.offsets, SMPL22.parents)[1]
        for joint, child in zip((*HIPS, *KNEES, *ANKLES), (*KNEES, *ANKLES, *TOES), strict=True):
            turn = quat_between(before[:, child] - before[:, joint], after[:, child] - after[:, joint])
            world[:, joint] = quat_multiply(turn, world[:, joint])
        legs = local_rotations(world, SMPL22.parents)
        for joint in (*HIPS, *KNEES, *ANKLES):
            rotations[:, joint] = legs[:, joint]
        changes["rotations"] = rotations
    return motion.with_(**changes)


def _report(before: Array, after: Array, rise: Array, body: _Body, fps: float) -> Planting:
    change = 100 * np.linalg.norm(after - before, axis=-1)
    toes = change[:, TOES]
    rests = [Rest(side, a, b) for side, stretches in zip(SIDES, body.toe_rests, strict=True) for a, b in stretches]
    below = [int((joints[..., 1].min(axis=1) < -BELOW_M).sum()) for joints in (before, after)]
    skating = []
    for joints in (before, after):
        steps = np.linalg.norm(np.diff(joints[:, FEET][..., [0, 2]], axis=0), axis=-1)
        speed = 100 * fps * np.minimum(steps[:, :2], steps[:, 2:])
        both = body.planted[1:] & body.planted[:-1]
        skating.append(float(speed[both].mean()) if both.any() else 0.0)
    return Planting(
        n_frames=len(before),
        rests=tuple(sorted(rests, key=lambda rest: (rest.start, rest.side))),
        mean_shift_cm=(float(toes[:, 0].mean()), float(toes[:, 1].mean())),
        largest_shift_cm=(float(toes[:, 0].max()), float(toes[:, 1].max())),
        mean_change_cm=float(change.mean()),
        raised_cm=max(0.0, 100 * float(rise.max())),  # in this order max() makes 0.0 of -0.0
        lowered_cm=max(0.0, -100 * float(rise.min())),
        below_before=below[0],
        below_after=below[1],
        skating_before_cm_s=skating[0],
        skating_after_cm_s=skating[1],
    )
