"""Operations on motions; each returns a new motion, its positions, rotations and root path in step. (Mirroring: reflection.py.)"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isnan
from typing import Literal

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.facing import heading
from kinelang.motion.motion import MAX_FPS, Motion
from kinelang.motion.resampling import resample_array, stride_for
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.rotations import axis_angle_to_quat, quat_continuous, quat_multiply, quat_rotate, quat_slerp, unit

SAME_BONES_M = 0.001
"""Largest gap between rest offsets of two clips, in metres, that is not worth a note where they are joined (ours)."""


def cut(motion: Motion, start_s: float = 0.0, end_s: float | None = None) -> Motion:
    """The part from start_s up to, not including, end_s (seconds; frames by rounding). An end past the motion's end is its end.

    Raises MotionError if no frame is left.
    """
    end_s = inf if end_s is None else end_s
    found = f"{start_s:g} s to {'the end' if end_s == inf else f'{end_s:g} s'}"
    if isnan(start_s) or isnan(end_s):
        raise MotionError.of(f"cut of '{motion.name}'", found, "times in seconds")
    first, last = (round(min(max(t * motion.fps, 0.0), motion.n_frames)) for t in (start_s, end_s))
    if first >= last:
        raise MotionError.of(f"cut of '{motion.name}'", found, f"a part of its {motion.duration_s:g} s")
    return _per_array(motion, lambda x: x[first:last])


def resample(motion: Motion, fps: float, method: Literal["filter", "stride"] = "filter") -> Motion:
    """The motion at another frame rate.

    Args:
        motion: any motion.
        fps: new frames a second.
        method: "filter" interpolates at the exact new times, after a low-pass where the rate goes down; "stride" keeps every nth
            frame as HumanML3D does (only for whole ratios).
    """
    if not 0 < fps <= MAX_FPS:
        raise MotionError.of("resample", f"{fps} frames a second", f"more than 0 and at most {MAX_FPS:.0f}")
    if abs(fps - motion.fps) < 1e-9 * fps:
        return motion
    if method == "stride":
        stride = stride_for(motion.fps, fps)
        return _per_array(motion, lambda x: x[::stride]).with_(fps=motion.fps / stride)
    if method != "filter":
        raise MotionError.of("resample", f"method '{method}'", "'filter' or 'stride'")
    return _per_array(motion, lambda x: resample_array(x, motion.fps, fps), quats_continuous=True).with_(fps=fps)


def smooth(motion: Motion, sigma_s: float) -> Motion:
    """Gaussian low-pass along time, sigma in seconds; of rotations the sign-continuous quaternion components are filtered."""
    from scipy.ndimage import gaussian_filter1d

    if not 0 <= sigma_s < inf:
        raise MotionError.of("smooth", f"sigma of {sigma_s} s", "0 or more")
    sigma = sigma_s * motion.fps
    if sigma == 0:
        return motion
    return _per_array(motion, lambda x: gaussian_filter1d(x, sigma, axis=0, mode="nearest"), quats_continuous=True)


def transform(motion: Motion, yaw: float = 0.0, shift: Sequence[float] = (0.0, 0.0, 0.0)) -> Motion:
    """Turn the clip about the vertical axis through the origin by `yaw` radians (+Z towards +X), then move it by `shift` metres."""
    turn = axis_angle_to_quat("Y", float(yaw))
    move = np.asarray(shift, dtype=np.float64)

    def placed(x: Array) -> Array:
        return quat_rotate(turn, x.astype(np.float64)) + move

    positions = None if motion.positions is None else placed(motion.positions)
    root = None if motion.root is None else placed(motion.root)
    rotations = motion.rotations
    if rotations is not None:
        first = quat_multiply(np.broadcast_to(turn, rotations[:, 0].shape), rotations[:, 0])
        rotations = np.concatenate([first[:, None], rotations[:, 1:]], axis=1)
    return motion.with_(positions=positions, root=root, rotations=rotations)


def canonicalise(motion: Motion) -> Motion:
    """The clip moved and turned so that frame 0 faces +Z with the pelvis over the origin and the lowest point of the clip at y = 0.

    Raises SkeletonError if the skeleton is not a human figure.
    """
    body = smpl22_positions(motion)[0]
    turned = transform(motion, yaw=-float(heading(body[:1])[0]))
    pelvis = smpl22_positions(cut(turned, 0, 1 / motion.fps))[0][0, 0]
    return transform(turned, shift=(-pelvis[0], -turned.joints[..., 1].min(), -pelvis[2]))


def concatenate(motions: Sequence[Motion], blend_s: float = 0.2, align: bool = True) -> Motion:
    """One motion after the other.

    Args:
        motions: at least one; of the same joints and frame rate (retarget and resample first).
        blend_s: seconds over which the end of one fades into the beginning of the next; they overlap by this long.
        align: first move and turn each clip so that it begins where, and facing as, the one before ends.

    Raises:
        MotionError: no motion, a blend that is no time, or joints, frame rates or kinds of data (positions, rotations) that differ.
    """
    if not motions:
        raise MotionError.of("concatenate", "no motion", "at least one")
    if not 0 <= blend_s < inf:
        raise MotionError.of("concatenate", f"a blend of {blend_s} s", "0 or more")
    out = motions[0]
    for following in motions[1:]:
        out = _joined(out, following, blend_s, align)
    return out


def _joined(a: Motion, b: Motion, blend_s: float, align: bool) -> Motion:
    if not a.skeleton.same_tree(b.skeleton) or abs(a.fps - b.fps) > 1e-6 * a.fps:
        raise MotionError.of(
            f"concatenate '{a.name}' and '{b.name}'",
            f"{a.skeleton!r} at {a.fps:g} fps and {b.skeleton!r} at {b.fps:g} fps",
            "the same joints and frame rate",
            "use retarget and resample first",
        )
    overlap = min(round(blend_s * a.fps), a.n_frames - 1, b.n_frames - 1)
    if align:
        b = _aligned(b, a, overlap)
    fade = (np.arange(overlap) + 1.0) / (overlap + 1.0)
    changes: dict[str, Array | None] = {}
    for field in ("positions", "rotations", "root", "translations"):
        x, y = getattr(a, field), getattr(b, field)
        if (x is None) != (y is None):
            raise MotionError.of(f"concatenate '{a.name}' and '{b.name}'", f"{field} in only one of them", "both or neither")
        changes[field] = None if x is None else _faded(x, y, overlap, fade, is_quat=field == "rotations")
    return a.with_(**changes).noted(*b.notes, *_other_bones(a, b))


def _other_bones(a: Motion, b: Motion) -> tuple[str, ...]:
    """A note where rotations of b are put on bones that are not its own."""
    gap = np.abs(a.skeleton.offsets[1:] - b.skeleton.offsets[1:]).max(initial=0.0)
    if a.rotations is None or a.translations is not None or gap <= SAME_BONES_M:
        return ()
    return (f"the rotations of '{b.name}' are on the bones of '{a.name}', which differ by up to {100 * gap:.1f} cm",)


def _faded(x: Array, y: Array, overlap: int, fade: Array, is_quat: bool) -> Array:
    before, after = x[: len(x) - overlap], y[overlap:]
    weight = fade.reshape((-1,) + (1,) * (x.ndim - 1 - is_quat))
    x_end, y_start = x[len(x) - overlap :], y[:overlap]
    middle = quat_slerp(x_end, y_start, weight) if is_quat else (1 - weight) * x_end + weight * y_start
    return np.concatenate([before, middle, after])


def _aligned(b: Motion, a: Motion, overlap: int) -> Motion:
    """b turned and moved so that its first frame meets the frame of a it is blended with (the last where nothing overlaps)."""
    body_a, body_b = smpl22_positions(a)[0], smpl22_positions(b)[0]
    at = min(a.n_frames - overlap, a.n_frames - 1)
    turned = transform(b, yaw=float(heading(body_a[at : at + 1])[0] - heading(body_b[:1])[0]))
    gap = body_a[at, 0] - smpl22_positions(turned)[0][0, 0]
    return transform(turned, shift=(gap[0], 0.0, gap[2]))


def _per_array(motion: Motion, change: Callable[[Array], Array], quats_continuous: bool = False) -> Motion:
    """Apply one function of time to every array of a motion, and bring quaternions back to unit length."""
    changes: dict[str, Array | None] = {}
    for field in ("positions", "root", "translations"):
        value = getattr(motion, field)
        changes[field] = None if value is None else change(value)
    if motion.rotations is not None:
        rotations = quat_continuous(motion.rotations) if quats_continuous else motion.rotations
        changes["rotations"] = unit(change(rotations))
    return motion.with_(**changes)
