"""The arms: hanging and swinging by themselves, or led where an action wants the hands."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.rotations import axis_angle_to_quat, quat_conjugate, quat_multiply, quat_rotate, unit
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline.performing.curves import drift
from kinelang.timeline.performing.going import SIGN, Path
from kinelang.timeline.performing.limbs import bone_rotation, middle_joint
from kinelang.timeline.performing.person import Person
from kinelang.timeline.performing.score import HandHeld, Score

_J = {name: i for i, name in enumerate(SMPL22.joint_names)}
_POLE = np.array([0.25, -0.6, -0.75])
"""Where the elbow lies from the line between shoulder and hand (outward, up, forward), before any swivel."""


_EASY_REACH = 0.97
"""Of the arm's length: what is farther is reached for with a straightening arm."""


def hand_places(score: Score, rotations: Array, root: Array, path: Path, stride: Array) -> dict[str, tuple[Array, Array]]:
    """For each side the wrist from the shoulder in the chest's axes, in arm lengths (T, 3), and the side (T, 3) where the elbow lies.

    Raised hands lift the shoulder girdle, which is written into the collars' rotations.
    """
    trunk = _Trunk(rotations, root, score.person, path)
    out = {}
    for side, sign in SIGN.items():
        place = trunk.from_upright(_hanging(score, side, stride), sign)
        elbow = np.broadcast_to(_POLE, place.shape)
        for held in (h for h in score.hands_held if h.side == side):
            wanted = trunk.place_of(held, side)
            place = _blended(place, wanted, held.weight)
            elbow = _mixed(elbow, _elbow_of(held, wanted, trunk, sign), held.weight)
        place = _within_reach(place)
        above = np.clip(place[:, 1] + 0.1, 0, 1) * np.linalg.norm(place, axis=1)
        collar = _J[f"{side}_collar"]
        rotations[:, collar] = quat_multiply(axis_angle_to_quat("Z", sign * np.radians(22.0) * above), rotations[:, collar])
        out[side] = place, elbow
    return out


def _within_reach(place: Array) -> Array:
    """Places (T, 3) that are too far are approached softly, so that no elbow snaps straight."""
    far = np.maximum(np.linalg.norm(place, axis=1, keepdims=True), 1e-6)
    over = np.maximum(far - _EASY_REACH, 0.0)
    return np.asarray(place * (far - over + (0.999 - _EASY_REACH) * np.tanh(over / (0.999 - _EASY_REACH))) / far)


def _elbow_of(held: HandHeld, place: Array, trunk: _Trunk, sign: float) -> Array:
    """The side of the elbow (T, 3) in the chest's axes (outward, up, forward) while the hand is at its place."""
    if held.elbow is None:
        return _swivelled(np.broadcast_to(_POLE, place.shape), place, np.radians(held.swivel_deg))
    elbow: Array = unit(held.elbow)
    return trunk.from_upright(elbow, sign) if held.frame == "upright" else elbow


def _mixed(a: Array, b: Array, weight: Array) -> Array:
    """From one side of an elbow to another, (T, 3): between opposite ones it passes outside."""
    w = weight[:, None]
    opposite = np.clip(-(a * b).sum(1, keepdims=True), 0, 1)
    return np.asarray((1 - w) * a + w * b + 4 * w * (1 - w) * opposite * np.array([0.6, -0.3, 0.0]))


def arm_rotations(rotations: Array, places: dict[str, tuple[Array, Array]], person: Person) -> None:
    """Fill in shoulders, elbows (and wrists, straight) so that the wrists are at their places."""
    offsets = person.skeleton.offsets.astype(float)
    n = len(rotations)
    for side, sign in SIGN.items():
        shoulder_j, elbow_j, wrist_j = (_J[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
        upper_m, fore_m = float(np.linalg.norm(offsets[elbow_j])), float(np.linalg.norm(offsets[wrist_j]))
        place, pole = (v * np.array([sign, 1.0, 1.0]) for v in places[side])
        target = place * (upper_m + fore_m)
        elbow, wrist, hinge = middle_joint(np.zeros((n, 3)), target, upper_m, fore_m, pole)
        rest_hinge = np.array([0.0, -sign, 0.0])
        upper = bone_rotation(offsets[elbow_j], rest_hinge, elbow, hinge)
        fore = bone_rotation(offsets[wrist_j], rest_hinge, wrist - elbow, hinge)
        rotations[:, shoulder_j] = quat_multiply(quat_conjugate(rotations[:, _J[f"{side}_collar"]]), upper)
        rotations[:, elbow_j] = quat_multiply(quat_conjugate(upper), fore)


def _hanging(score: Score, side: str, stride: Array) -> Array:
    """Wrist from the shoulder while nothing leads it (outward, up, forward), upright axes, arm lengths: hanging, swinging. (T, 3)"""
    person, t = score.person, score.times_s
    swing = np.zeros(len(t))
    elbow = np.full(len(t), person.elbow_deg) + drift(t, score.rng, 1.5 * person.restlessness)
    for g in score.goings:
        if g.steps:
            swing += np.radians(g.gait.swing_deg) * person.arm_swing * g.weight * stride * -SIGN[side]
            elbow += g.gait.elbow_deg * g.weight * (1 - 0.8 * SIGN[side] * stride)
    swing += np.radians(2 + drift(t, score.rng, 1.2 * person.restlessness) + 0.35 * elbow)
    out = np.radians(person.arm_out_deg + drift(t, score.rng, 0.8 * person.restlessness))
    reach = np.cos(np.radians(np.clip(elbow, 0, 140)) / 2)  # of two equal bones
    return np.asarray(reach[:, None] * np.stack([np.sin(out), -np.cos(out) * np.cos(swing), np.cos(out) * np.sin(swing)], axis=1))


class _Trunk:
    """Where chest, head and shoulders are, to turn a place in any frame into one from the shoulder in the chest's axes."""

    def __init__(self, rotations: Array, root: Array, person: Person, path: Path) -> None:
        self.offsets = person.skeleton.offsets.astype(float)
        self.root, self.path = root, path
        self.heading = axis_angle_to_quat("Y", path.heading)
        world, at = rotations[:, 0], root
        for joint in ("spine1", "spine2", "spine3"):
            at = at + self._turned(world, joint)
            world = quat_multiply(world, rotations[:, _J[joint]])
        self.chest, chest_at = world, at
        for joint in ("neck", "head"):
            at = at + self._turned(world, joint)
            world = quat_multiply(world, rotations[:, _J[joint]])
        self.head, self.head_at = world, at
        self.shoulders = {}
        for side in SIGN:
            collar = chest_at + self._turned(self.chest, f"{side}_collar")
            turned = quat_multiply(self.chest, rotations[:, _J[f"{side}_collar"]])
            self.shoulders[side] = collar + self._turned(turned, f"{side}_shoulder")
        self.arm_m = {side: sum(float(np.linalg.norm(self.offsets[_J[f"{side}_{j}"]])) for j in ("elbow", "wrist")) for side in SIGN}

    def _turned(self, world: Array, joint: str) -> Array:
        return quat_rotate(world, np.broadcast_to(self.offsets[_J[joint]], (len(world), 3)))

    def from_upright(self, place: Array, sign: float) -> Array:
        """A place in upright axes to the chest's."""
        mirrored = np.array([sign, 1.0, 1.0])
        turn = quat_multiply(quat_conjugate(self.chest), self.heading)
        return np.asarray(quat_rotate(turn, place * mirrored) * mirrored)

    def place_of(self, held: HandHeld, side: str) -> Array:
        """The place a hand is led to, from the shoulder in the chest's axes (outward, up, forward), arm lengths. (T, 3)"""
        sign = SIGN[side]
        if held.frame == "chest":
            return held.place
        if held.frame == "upright":
            return self.from_upright(held.place, sign)
        mirrored = np.array([sign, 1.0, 1.0])
        if held.frame == "head":
            world = self.head_at + quat_rotate(self.head, held.place * mirrored)
        else:
            ground = np.stack([self.root[:, 0], self.path.ground, self.root[:, 2]], axis=1)
            world = ground + quat_rotate(self.heading, held.place * mirrored)
        return np.asarray(quat_rotate(quat_conjugate(self.chest), world - self.shoulders[side]) * mirrored / self.arm_m[side])


def _blended(a: Array, b: Array, weight: Array) -> Array:
    """From place a to place b on an arc about the shoulder: direction and distance apart. (T, 3)"""
    w = weight[:, None]
    far_a, far_b = (np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-6) for v in (a, b))
    da, db = a / far_a, b / far_b
    opposite = np.clip(-(da * db).sum(1, keepdims=True), 0, 1)
    middle = 4 * w * (1 - w) * opposite * np.array([0.35, 0.0, 0.6])  # between opposite places an arm passes in front
    cosine = np.clip((da * db).sum(1, keepdims=True), -0.999, 1)
    angle = np.arccos(cosine)
    sine = np.maximum(np.sin(angle), 1e-6)
    near = angle < 1e-3
    direction = np.where(near, (1 - w) * da + w * db, (np.sin((1 - w) * angle) * da + np.sin(w * angle) * db) / sine) + middle
    return np.asarray(unit(direction) * ((1 - w) * far_a + w * far_b))


def _swivelled(pole: Array, axis: Array, angle: Array) -> Array:
    """The pole (T, 3) turned about the axis (T, 3) by an angle (T,); positive turns the elbow outward and up on the left."""
    half = 0.5 * angle
    quat = np.concatenate([np.cos(half)[:, None], np.sin(half)[:, None] * unit(axis)], axis=1)
    return quat_rotate(quat, pole)
