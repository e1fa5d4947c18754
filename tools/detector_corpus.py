"""Synthetic clips for training the detector: timelines performed, with exact labels of every frame, and made to look recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline import Stage, Timeline, from_json, perform, to_json
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.signals import SCALES, signals_of
from kinelang.timeline.detecting.vocabulary import SIDES_SEEN, WAYS, Vocabulary, tracks_of
from kinelang.timeline.performing.limbs import middle_joint

ROWS = ("legs", "torso", "head", "left_arm", "right_arm")
"""Rows of the labels: the tracks, the arm once for each side."""
AS_IT_IS = 0.25
"""Share of clips that are only taken at another pace."""
_SEEN_FROM = {"left_arm": ("left", "right"), "right_arm": ("right", "left")}
_PARENTS = np.array([0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19])


@dataclass
class Clip:
    """A performed timeline: joints (T, 22, 3), gaze (T, 3), the timeline with every field filled in that the performance chose."""

    joints: Array
    gaze: Array | None
    timeline: Timeline


@dataclass
class Labels:
    """Of each row and frame, (5, T) int: class, side seen, way (-1: none), and number of the stage (-1: none); and of each stage
    (row, first frame, end, count or 0, log amount or nan, log speed or nan)."""

    verb: Array
    side: Array
    way: Array
    stages: list[tuple[int, int, int, int, float, float]]


def performed(timeline: Timeline, seed: int) -> Clip:
    """Perform a timeline."""
    body = Body.of(perform(timeline, seed))
    return Clip(body.joints.astype(np.float32), None if body.gaze is None else body.gaze.astype(np.float32), completed(timeline))


def save_clips(path: Path, clips: list[Clip]) -> None:
    """Write clips to one npz file."""
    nothing = np.zeros((0, 3), dtype=np.float32)
    np.savez(
        path,
        joints=np.concatenate([c.joints.astype(np.float16) for c in clips]),
        gaze=np.concatenate([nothing if c.gaze is None else c.gaze.astype(np.float16) for c in clips]),
        frames=np.array([len(c.joints) for c in clips]),
        gazes=np.array([0 if c.gaze is None else len(c.gaze) for c in clips]),
        timelines=np.array([to_json(c.timeline, indent=None) for c in clips]),
    )


def load_clips(path: Path) -> list[Clip]:
    """Read what `save_clips` wrote."""
    with np.load(path, allow_pickle=False) as file:
        joints = np.split(file["joints"], np.cumsum(file["frames"])[:-1])
        gazes = np.split(file["gaze"], np.cumsum(file["gazes"])[:-1])
        texts = file["timelines"].tolist()
    return [
        Clip(j.astype(np.float32), g.astype(np.float32) if len(g) else None, from_json(t))
        for j, g, t in zip(joints, gazes, texts, strict=True)
    ]


def completed(timeline: Timeline) -> Timeline:
    """With side and direction as the actions' defaults have them."""
    return timeline.with_(stages=tuple(_completed(s) for s in timeline.stages))


def _completed(stage: Stage) -> Stage:
    action = ACTIONS[stage.verb]
    return stage.with_(side=stage.side or action.side, direction=stage.direction or action.direction)


def labels_of(timeline: Timeline, n_frames: int, vocabulary: Vocabulary) -> Labels:
    """What each frame is."""
    verb = np.zeros((5, n_frames), dtype=np.int64)
    side, way = np.full((5, n_frames), -1), np.full((5, n_frames), -1)
    stages = []
    for stage in timeline.stages:
        a, b = round(stage.start_s * FPS), min(round(stage.end_s * FPS), n_frames)
        if stage.verb == "stand" or b <= a:
            continue
        for row, name in enumerate(ROWS):
            track = "arm" if name in _SEEN_FROM else name
            if track not in tracks_of(stage.verb) or (track == "arm" and name not in stage.parts):
                continue
            if stage.verb not in vocabulary.classes[track]:
                continue
            verb[row, a:b] = vocabulary.classes[track].index(stage.verb)
            own, other = _SEEN_FROM.get(name, ("left", "right"))
            if stage.side is not None:
                side[row, a:b] = SIDES_SEEN.index({own: "own", other: "other"}.get(stage.side, stage.side))
            if stage.direction is not None:
                way[row, a:b] = WAYS.index(stage.direction)
            amount = float(np.log(stage.amount)) if stage.amount else float("nan")
            speed = float(np.log(stage.speed)) if stage.speed else float("nan")
            stages.append((row, a, b, stage.count or 0, amount, speed))
    return Labels(verb, side, way, stages)


def varied(clip: Clip, rng: np.random.Generator) -> tuple[Array, Timeline]:
    """Signals (T, N) of the clip as another performer might have done it, and the timeline at that pace."""
    if rng.random() < AS_IT_IS:
        joints, gaze, timeline = _warped(clip.joints.astype(np.float64), clip.gaze, clip.timeline, rng)
        return signals_of(Body(joints, gaze)).values, timeline
    body, timeline = varied_body(clip, rng)
    return signals_of(body).values, timeline


def shaken(values: Array, rng: np.random.Generator) -> Array:
    """Signals (T, N) a little off: each by a factor and a shift of its own, some missing; or as they are."""
    if rng.random() < AS_IT_IS:
        return values
    n = values.shape[1]
    values = values * np.exp(rng.normal(0, 0.1, n)) + rng.normal(0, 0.08, n) * SCALES
    return np.asarray(values * (rng.random(n) > 0.02), dtype=np.float32)


def varied_body(clip: Clip, rng: np.random.Generator) -> tuple[Body, Timeline]:
    """The clip as another performer, recorded with other equipment and at another pace, might have done it, and the timeline at that
    pace."""
    joints = clip.joints.astype(np.float64)
    gaze = clip.gaze
    joints, gaze, timeline = _warped(joints, gaze, clip.timeline, rng)
    if rng.random() < 0.3:
        joints = _arms_elsewhere(joints, timeline, rng)
    if rng.random() < 0.85:
        joints = _other_arms(joints, rng)
    if rng.random() < 0.7:
        joints = _other_stance(joints, rng)
    if rng.random() < 0.85:
        joints = _other_build(joints, rng)
    if rng.random() < 0.8:
        joints = _recorded(joints, rng)
    if rng.random() < 0.2:
        joints = _without_toes(joints)
    if gaze is not None:
        gaze = None if rng.random() < 0.15 else _other_gaze(gaze, rng)
    joints[..., 1] -= joints[..., 1].min()
    return Body(joints, gaze), timeline


def _warped(joints: Array, gaze: Array | None, timeline: Timeline, rng: np.random.Generator) -> tuple[Array, Array | None, Timeline]:
    """Faster or slower, unevenly."""
    n = len(joints)
    if n < 20 or rng.random() < 0.3:
        return joints, gaze, timeline
    pace = np.exp(rng.normal(0, 0.14) + _drift(n, rng, 0.12, 2.0))
    at = np.concatenate([[0.0], np.cumsum(pace[1:])])  # clip frame for each new frame
    m = int(np.searchsorted(at, n - 1)) if at[-1] > n - 1 else n
    if at[-1] < n - 1:  # slower: needs more frames
        at = np.concatenate([at, at[-1] + np.arange(1, int(n - at[-1]) + 1)])
        at = at[at <= n - 1]
        m = len(at)
    at = np.clip(at[:m], 0, n - 1)
    low = np.minimum(at.astype(int), n - 2)
    t = (at - low)[:, None, None]
    joints = (1 - t) * joints[low] + t * joints[low + 1]
    if gaze is not None:
        gaze = (1 - t[:, 0]) * gaze[low] + t[:, 0] * gaze[low + 1]
    duration = m / FPS

    def moved(s: float) -> float:
        return float(np.clip(np.interp(s * FPS, at, np.arange(m)) / FPS, 0, duration))

    stages = [
        s.with_(start_s=moved(s.start_s), end_s=moved(s.end_s)) for s in timeline.stages if moved(s.end_s) - moved(s.start_s) > 0.1
    ]
    return joints, gaze, Timeline(tuple(stages), FPS, duration)


POSES = (
    ((0.1, -0.8, 0.3), (-0.3, 0.8, 0.4)), ((0.15, -0.95, 0.05), (-0.65, 0.05, 0.6)), ((0.15, -0.9, 0.2), (-0.1, -0.1, 1.0)),
    ((0.35, -0.85, -0.2), (-0.7, -0.3, -0.5)), ((0.3, -0.9, 0.1), (-0.1, -0.95, 0.2)), ((0.1, -0.8, 0.5), (-0.35, 0.5, 0.7)),
)  # fmt: skip
"""Directions (outward, up, forward) of upper arm and forearm of arms held still while something else is done: guard, before the belly,
forearms forward, behind the back, standing off, before the chest."""


def _arms_elsewhere(joints: Array, timeline: Timeline, rng: np.random.Generator) -> Array:
    """Arms held somewhere else than at the sides where they have nothing to do: for a while, both or one, with some of their swing."""
    from scipy.ndimage import gaussian_filter1d

    n, out = len(joints), joints.copy()
    a, b = sorted(rng.uniform(-0.4, 1.4, 2) * n)
    during = (np.arange(n) >= a) & (np.arange(n) < b)
    pose, strength, one = POSES[rng.integers(len(POSES))], rng.uniform(0.6, 1.0), rng.random() < 0.25
    across = joints[:, 16] - joints[:, 17]
    across = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    up = joints[:, 12] - joints[:, 6]
    up = up - (up * across).sum(1, keepdims=True) * across
    up = up / np.maximum(np.linalg.norm(up, axis=1, keepdims=True), 1e-6)
    forward = np.cross(across, up)
    only = rng.integers(2)
    for k, (name, sign, chain) in enumerate((("left_arm", 1.0, (16, 18, 20)), ("right_arm", -1.0, (17, 19, 21)))):
        if one and k != only:
            continue
        busy = np.zeros(n, dtype=bool)
        for stage in timeline.stages:
            if name in stage.parts:
                busy[max(round((stage.start_s - 0.3) * FPS), 0) : round((stage.end_s + 0.3) * FPS)] = True
        weight = strength * gaussian_filter1d((during & ~busy).astype(float), 4, mode="nearest")
        weight = np.where(busy, 0.0, weight)[:, None]
        at = joints[:, chain[0]]
        for direction, joint, parent in zip(pose, chain[1:], chain[:-1], strict=True):
            bone = joints[:, joint] - joints[:, parent]
            length = np.linalg.norm(bone, axis=1, keepdims=True)
            x, y, z = np.asarray(direction) + rng.normal(0, 0.12, 3)
            held = sign * x * across + y * up + z * forward
            line = (1 - weight) * bone / np.maximum(length, 1e-6) + weight * held / np.linalg.norm(held, axis=1, keepdims=True)
            at = at + length * line / np.maximum(np.linalg.norm(line, axis=1, keepdims=True), 1e-6)
            out[:, joint] = at
    return out


def _other_arms(joints: Array, rng: np.random.Generator) -> Array:
    """Both arms carried a little differently: turned about the shoulder by some degrees, constant and wandering; elbows too."""
    out = joints.copy()
    for shoulder, elbow, wrist in ((16, 18, 20), (17, 19, 21)):
        bend = max(0.0, rng.normal(0.1, 0.25)) * (1 + _drift(len(out), rng, 0.2, 1.0))  # elbows of real people hang less straight
        hinge = np.cross(out[:, elbow] - out[:, shoulder], out[:, wrist] - out[:, elbow])
        hinge = hinge / np.maximum(np.linalg.norm(hinge, axis=1, keepdims=True), 1e-6)
        out[:, wrist] = out[:, elbow] + _rotated(out[:, wrist] - out[:, elbow], hinge * bend[:, None])
        for pivot, moved, size in ((shoulder, (elbow, wrist), 0.10), (elbow, (wrist,), 0.12)):
            turn = rng.normal(0, size, 3)[None] + np.stack([_drift(len(out), rng, 0.05, 1.0) for _ in range(3)], axis=1)
            for joint in moved:
                out[:, joint] = out[:, pivot] + _rotated(out[:, joint] - out[:, pivot], turn)
    return out


def _other_stance(joints: Array, rng: np.random.Generator) -> Array:
    """Knees bent more and feet set wider, as real people stand and go."""
    out = joints.copy()
    low, wide = abs(rng.normal(0, 0.03)), rng.normal(0.015, 0.03)
    ahead = rng.normal(0, 0.07) if rng.random() < 0.4 else 0.0  # one foot before the other
    across = out[:, 1] - out[:, 2]
    across = across * (1.0, 0.0, 1.0)
    across = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    above = [i for i in range(22) if i not in (4, 5, 7, 8, 10, 11)]
    low_now = low * np.clip((out[:, 0, 1] - out[:, [7, 8], 1].min(axis=1)) / 0.9, 0, 1)
    out[:, above, 1] -= low_now[:, None]
    for sign, hip, knee, ankle, toe in ((1.0, 1, 4, 7, 10), (-1.0, 2, 5, 8, 11)):
        thigh = float(np.median(np.linalg.norm(joints[:, knee] - joints[:, hip], axis=1)))
        shank = float(np.median(np.linalg.norm(joints[:, ankle] - joints[:, knee], axis=1)))
        out[:, [ankle, toe]] += sign * (wide * across + ahead * np.cross(across, (0.0, 1.0, 0.0)))[:, None]
        pole = joints[:, knee] - 0.5 * (joints[:, hip] + joints[:, ankle])
        pole = pole + 0.02 * np.cross(across, (0.0, 1.0, 0.0))
        out[:, knee], end, _ = middle_joint(out[:, hip], out[:, ankle], thigh, shank, pole)
        out[:, toe] += end - out[:, ankle]
        out[:, ankle] = end
    return out


def _other_build(joints: Array, rng: np.random.Generator) -> Array:
    """Other bone lengths and other places of the joints in the body; a posture slightly bent forward or back."""
    bones = joints - joints[:, _PARENTS]
    factor = np.exp(rng.normal(0, 0.06, 22))
    for left, right in ((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19), (20, 21)):
        factor[left] = factor[right] = factor[left] * np.exp(rng.normal(0, 0.015))
    bones = bones * factor[:, None]
    lean = rng.normal(0, 0.06)
    across = bones[:, 1] - bones[:, 2]
    across = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    for joint in (3, 6, 9, 12, 13, 14, 15, 16, 17):
        bones[:, joint] = _rotated(bones[:, joint], across * lean * (0.5 if joint in (3, 6) else 1.0))
    out = joints.copy()
    for joint in range(1, 22):
        out[:, joint] = out[:, _PARENTS[joint]] + bones[:, joint]
    # Legs of other lengths: keep the feet about where they stood.
    shift = joints[:, [10, 11], 1].min(axis=1) - out[:, [10, 11], 1].min(axis=1)
    out[..., 1] += shift[:, None]
    scale = np.linalg.norm(bones[0, [4, 7]], axis=1).sum() / max(
        np.linalg.norm((joints - joints[:, _PARENTS])[0, [4, 7]], axis=1).sum(), 1e-6
    )
    out[..., [0, 2]] += (scale - 1) * joints[:, :1, [0, 2]]
    if rng.random() < 0.4:
        _other_landmarks(out, rng)
    return out + rng.normal(0, 0.008, (22, 3))


def _other_landmarks(joints: Array, rng: np.random.Generator) -> None:
    """Shoulders nearer to the middle and knees nearer and farther forward, in place, as rigs of recordings have them against SMPL's: by
    up to 6, 5 and 7 cm."""
    in_, near, ahead = rng.uniform(0, 0.06), rng.uniform(0, 0.05), rng.uniform(0, 0.07)
    shoulders = joints[:, 16] - joints[:, 17]
    shoulders = shoulders / np.maximum(np.linalg.norm(shoulders, axis=1, keepdims=True), 1e-6)
    hips = joints[:, 1] - joints[:, 2]
    hips = hips / np.maximum(np.linalg.norm(hips, axis=1, keepdims=True), 1e-6)
    for sign, arm, knee, ankle in ((1.0, (16, 18, 20), 4, 7), (-1.0, (17, 19, 21), 5, 8)):
        joints[:, arm] -= sign * in_ * shoulders[:, None]
        shank = joints[:, knee] - joints[:, ankle]
        front = np.cross(hips, shank)
        front = front / np.maximum(np.linalg.norm(front, axis=1, keepdims=True), 1e-6)
        joints[:, knee] += ahead * front - sign * near * hips


def _recorded(joints: Array, rng: np.random.Generator) -> Array:
    """Noise, wobble, smoothing, a slower camera, a floor that is not level."""
    n = len(joints)
    level = rng.exponential(0.002) * (4.0 if rng.random() < 0.1 else 1.0)
    out = joints + rng.normal(0, level, joints.shape)
    wobble = rng.exponential(0.003)
    if wobble > 0.001:
        from scipy.ndimage import gaussian_filter1d

        noise = gaussian_filter1d(rng.normal(0, 1, joints.shape), 4, axis=0)
        out = out + wobble * noise / max(float(noise.std()), 1e-9)
        sigma = rng.choice([0, 0, 0.7, 1.2, 2.0])
        if sigma:
            out = gaussian_filter1d(out, sigma, axis=0, mode="nearest")
    if rng.random() < 0.15:
        at = np.arange(n)
        kept = at[:: int(rng.integers(2, 4))]
        out = np.stack([np.interp(at, kept, column) for column in out[kept].reshape(len(kept), -1).T], axis=1).reshape(joints.shape)
    slope = rng.normal(0, 0.01, 2)
    out[..., 1] += out[:, :1, 0] * slope[0] + out[:, :1, 2] * slope[1]
    return out


def _without_toes(joints: Array) -> Array:
    """Toes put at right angles to the shanks, as for skeletons that have none."""
    from kinelang.motion.retargeting import _supply_feet

    out = joints.copy()
    _supply_feet(out)
    return out


def _other_gaze(gaze: Array, rng: np.random.Generator) -> Array:
    """The head turned by some constant and wandering degrees."""
    n = len(gaze)
    turn = rng.normal(0, (0.12, 0.06, 0.05), 3) + np.stack([_drift(n, rng, 0.03, 1.0) for _ in range(3)], axis=1)
    out = _rotated(gaze.astype(np.float64), turn)
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)


def _drift(n: int, rng: np.random.Generator, size: float, sigma_s: float) -> Array:
    """Smooth wandering about 0, (n,)."""
    from scipy.ndimage import gaussian_filter1d

    pad = int(4 * sigma_s * FPS)
    x = gaussian_filter1d(rng.normal(0, 1, n + 2 * pad), sigma_s * FPS)[pad : pad + n]
    return size * x * np.sqrt(2 * np.sqrt(np.pi) * sigma_s * FPS)


def _rotated(v: Array, turn: Array) -> Array:
    """Vectors (T, 3) turned by rotation vectors (T, 3) or (1, 3), radians."""
    angle = np.maximum(np.linalg.norm(turn, axis=-1, keepdims=True), 1e-9)
    axis = turn / angle
    axis = np.broadcast_to(axis, v.shape)
    along = (axis * v).sum(axis=-1, keepdims=True) * axis
    return along + np.cos(angle) * (v - along) + np.sin(angle) * np.cross(axis, v)
