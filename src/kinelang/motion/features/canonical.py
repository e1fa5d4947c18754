"""The frame in which features are measured: one size of body, feet on the floor, starting at the origin, facing +Z.

Inside the encoder arrays are float64 and lie component first, (3, J, N), so that every operation runs over contiguous memory. The N
frames are those of several clips, one after the other; `starts` holds the first frame of each clip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features.layouts import HUMANML3D, Layout


def canonical_joints(
    joints: Array, layout: Layout = HUMANML3D, *, uniform_skeleton: bool = True, bone_lengths: Array | None = None
) -> Array:
    """The joints that the features of a clip describe: same motion, one size of body, on the floor, from the origin, facing +Z.

    Args:
        joints: (T, J, 3), units of the layout, Y up.
        layout: HUMANML3D or KIT.
        uniform_skeleton: give every clip the same bone lengths, keeping the bones' directions, and scale the root path by the
            length of the leg. Without it the clip keeps its own bones.
        bone_lengths: (J,) lengths of the bones that end at each joint, to use in place of the layout's. The KIT layout has none
            (its reference body is not public): without this argument its clips keep their own bones.

    Returns:
        (T, J, 3) in the type of the joints (float32 or float64): lowest joint of the clip at y = 0, root of frame 0 above the
        origin, frame 0 facing +Z.

    Raises:
        MotionError: wrong shape, no frame, values that are not finite, lengths that do not fit the layout.
    """
    clip = checked_clip(joints, layout, "joints")
    lengths = target_lengths(layout, uniform_skeleton, bone_lengths)
    canonical = canonicalised(component_first([clip]), np.zeros(1, dtype=np.intp), layout, lengths)
    return np.ascontiguousarray(canonical.transpose(2, 1, 0), dtype=clip.dtype)


def checked_clip(joints: Array, layout: Layout, where: str, least_frames: int = 1) -> Array:
    """The joints as float32 or float64 (T, J, 3); MotionError unless the shape fits the layout and all values are finite."""
    clip = np.asarray(joints)
    j = layout.n_joints
    if clip.ndim != 3 or clip.shape[1:] != (j, 3) or clip.dtype.kind not in "fiu":
        raise MotionError.of(where, describe_shape(clip), f"(T, {j}, 3) numbers", f"the {layout.name} layout has {j} joints")
    if len(clip) < least_frames:
        remedy = "features need the step to the next frame" if least_frames > 1 else ""
        raise MotionError.of(where, f"{len(clip)} frames", f"at least {least_frames}", remedy)
    if clip.dtype not in (np.float32, np.float64):
        clip = clip.astype(np.float64)
    if not np.isfinite(clip).all():
        frame = int(np.argwhere(~np.isfinite(clip))[0][0])
        raise MotionError.of(where, f"a value that is not finite in frame {frame}", "finite numbers")
    return clip


def target_lengths(layout: Layout, uniform_skeleton: bool, bone_lengths: Array | None) -> Array | None:
    """Bone lengths that every clip is to have, (J,) float64, or None to leave the bones as they are."""
    if not uniform_skeleton:
        if bone_lengths is not None:
            raise MotionError.of("bone_lengths", "lengths together with uniform_skeleton=False", "one or the other")
        return None
    if bone_lengths is None:
        return None if layout.bone_lengths is None else np.array(layout.bone_lengths)
    lengths = np.asarray(bone_lengths, dtype=np.float64)
    if lengths.shape != (layout.n_joints,):
        raise MotionError.of("bone_lengths", describe_shape(lengths), f"({layout.n_joints},): one length a joint, 0 for the root")
    if not (np.isfinite(lengths).all() and (lengths[1:] > 0).all()):
        raise MotionError.of("bone_lengths", "a length that is not positive", "positive lengths for all joints but the root")
    return lengths


def component_first(clips: Sequence[Array]) -> Array:
    """Clips of (T, J, 3), one after the other, as one array (3, J, N) float64."""
    whole = clips[0] if len(clips) == 1 else np.concatenate(clips)
    return np.ascontiguousarray(whole.transpose(2, 1, 0), dtype=np.float64)


def canonicalised(joints: Array, starts: Array, layout: Layout, lengths: Array | None) -> Array:
    """The canonical joints of several clips. joints (3, J, N), starts (C,), lengths (J,) or None -> (3, J, N)."""
    counts = np.diff(starts, append=joints.shape[2])
    if lengths is not None:
        joints = with_lengths(joints, starts, counts, layout, lengths)
    first = joints[:, :, starts]
    floor = np.minimum.reduceat(joints[1].min(axis=0), starts)
    origin = np.stack([first[0, 0], floor, first[2, 0]])
    joints = joints - np.repeat(origin, counts, axis=1)[:, None]
    forward = facing(first[:, layout.face], hips=1)
    return turned(joints, np.repeat(turn_to_ahead(forward), counts, axis=1), out=np.empty_like(joints))


def with_lengths(joints: Array, starts: Array, counts: Array, layout: Layout, lengths: Array) -> Array:
    """The same bone directions with other bone lengths, the root path scaled by the leg. joints (3, J, N) -> (3, J, N).

    The published procedure goes through inverse and forward kinematics for this, which comes to the same: its rotations carry each
    rest bone onto the direction of the recorded one.
    """
    bone, length = bones(joints, layout)
    leg = list(layout.leg)
    clip_leg = length[leg][:, starts].sum(axis=0)
    if not (clip_leg > 0).all():
        raise MotionError.of("joints", "a leg of length zero in the first frame", "a thigh and a shin to scale the body by")
    bone *= lengths[:, None] / np.where(length > 0, length, 1)
    bone[:, 0] = joints[:, 0] * np.repeat(lengths[leg].sum() / clip_leg, counts)  # the root has a path where the others have a bone
    return np.asarray(layout.descent @ bone)


def bones(joints: Array, layout: Layout) -> tuple[Array, Array]:
    """Each joint from its parent, and how far. joints (3, J, N) -> (3, J, N) with zeros for the root, and (J, N)."""
    parents = np.maximum(layout.parents, 0)
    bone = joints - joints[:, parents]
    return bone, np.sqrt(bone[0] * bone[0] + bone[1] * bone[1] + bone[2] * bone[2])


def facing(points: Array, hips: int) -> Array:
    """Facing along the floor: Y x across, across the unit vector along hips (r_hip - l_hip) + (r_shoulder - l_shoulder).

    points: the joints `layout.face`, (3, 4, N); hips: 1 or -1. -> x and z, (2, N), shorter than 1 where across is not level.
    """
    across = hips * (points[:, 0] - points[:, 1]) + (points[:, 2] - points[:, 3])
    size = np.sqrt(across[0] * across[0] + across[1] * across[1] + across[2] * across[2])
    across = across / np.where(size > 0, size, 1)
    return np.stack([across[2], -across[0]])


def turn_to_ahead(forward: Array) -> Array:
    """Quaternion about Y that turns each facing onto +Z. forward x and z (2, N), any length -> w and y, (2, N).

    Without a facing (both zero) there is no turn; from exactly -Z it is half a turn.
    """
    x, z = forward
    size = np.hypot(x, z)
    w = np.where(size > 0, size + z, 1)
    norm = np.hypot(w, x)
    back = norm == 0
    return np.stack([w, np.where(back, 1, -x)]) / np.where(back, 1, norm)


def turned(joints: Array, turn: Array, out: Array) -> Array:
    """Joints turned about Y, written to `out`. joints and out (3, J, N), turn: quaternion w and y, (2, N)."""
    w, y = turn
    cosine, sine = w * w - y * y, 2 * w * y
    out[0] = cosine * joints[0] + sine * joints[2]
    out[1] = joints[1]
    out[2] = cosine * joints[2] - sine * joints[0]
    return out
