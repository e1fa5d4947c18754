"""Features back to joints.

Source: as for encoding; the positions' way is what the field calls `recover_from_ric`, the rotations' way `recover_from_rot`.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features.canonical import target_lengths
from kinelang.motion.features.layouts import Layout, layout_of
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import quat_to_matrix, six_d_to_matrix
from kinelang.motion.skeletons import SKELETONS


def decode(features: Array) -> Array:
    """Joints from the root path and the local positions, as all published pictures and clips are made.

    The other blocks, rotations, velocities and contacts, are not used. Exact for features that were encoded from a motion.

    Args:
        features: (..., T, D), D = 263 (HumanML3D) or 251 (KIT): the width tells the layout.

    Returns:
        (..., T, J, 3) in the type of the features (float32 or float64), units of the layout, starting above the origin.

    Raises:
        MotionError: no such width, no frame, values that are not finite.
    """
    features, layout = checked_features(features)
    yaw, root = root_path(features, layout)
    cosine, sine = np.cos(2 * yaw)[..., None], np.sin(2 * yaw)[..., None]
    local = features[..., layout.blocks["positions"]].reshape(*yaw.shape, layout.n_joints - 1, 3)
    x, y, z = local[..., 0], local[..., 1], local[..., 2]
    joints = np.empty((*yaw.shape, layout.n_joints, 3), dtype=features.dtype)
    joints[..., 0, :] = root
    joints[..., 1:, 0] = cosine * x - sine * z + root[..., None, 0]
    joints[..., 1:, 1] = y
    joints[..., 1:, 2] = sine * x + cosine * z + root[..., None, 2]
    return joints


def decode_rotations(features: Array, bone_lengths: Array | None = None) -> Array:
    """Joints from the root path and the bones' rotations, with bones of given lengths. The worse of the two ways.

    Generated features decode visibly worse this way than by `decode`: each bone's error is carried to all bones below it. Its one
    merit is that bones keep their length.

    Args:
        features: (..., T, D) as for `decode`.
        bone_lengths: (J,) lengths of the bones that end at each joint; HumanML3D has its own, KIT needs them.

    Returns:
        (..., T, J, 3) as `decode`.

    Raises:
        MotionError: as `decode`, and lengths that are missing or do not fit.
    """
    features, layout = checked_features(features)
    lengths = target_lengths(layout, True, bone_lengths)
    if lengths is None:
        raise MotionError.of("bone_lengths", "none", f"({layout.n_joints},)", f"the {layout.name} layout has no lengths of its own")
    yaw, root = root_path(features, layout)
    own = six_d_to_matrix(features[..., layout.blocks["rotations"]].reshape(*yaw.shape, layout.n_joints - 1, 6).astype(np.float64))
    zero = np.zeros_like(yaw)
    turn = quat_to_matrix(np.stack([np.cos(yaw), zero, np.sin(yaw), zero], axis=-1))
    whole = np.concatenate([turn[..., None, :, :], own], axis=-3)
    for chain in layout.chains:
        for joint in chain[1:]:
            whole[..., joint, :, :] = whole[..., layout.rotates_with[joint], :, :] @ whole[..., joint, :, :]
    bones = (whole @ (layout.bone_directions * lengths[:, None])[..., None])[..., 0]
    bones[..., 0, :] = root
    return np.asarray(layout.descent @ bones, dtype=features.dtype)


def decode_to_motion(features: Array, *, metres_per_unit: float | None = None, name: str = "") -> Motion:
    """One clip's features as a Motion on the layout's skeleton and at its frame rate, positions only.

    Args:
        features: (T, D) as for `decode`.
        metres_per_unit: size of the unit; default 1 for HumanML3D and 0.75/480 for KIT, whose data do not say it (a note does).
        name: name of the motion.
    """
    if np.ndim(features) != 2:
        raise MotionError.of("motion features", describe_shape(features), "one clip (T, D)")
    layout = layout_of(features)
    scale = layout.metres_per_unit if metres_per_unit is None else metres_per_unit
    notes = []
    if layout.name == "kit":
        notes.append(f"KIT's unit is taken as {scale * 1000:g} mm, which its data do not say; its left and right are not verified")
    joints = (decode(features) * scale).astype(np.float32)
    return Motion(
        SKELETONS[layout.skeleton],
        layout.fps,
        positions=joints,
        name=name,
        source=f"{layout.name} features",
        notes=tuple(notes),
    )


def root_path(features: Array, layout: Layout) -> tuple[Array, Array]:
    """Half the yaw of each frame from the first, and the path of the root. features (..., T, D) -> (..., T), (..., T, 3) float64."""
    blocks = layout.blocks
    rate = features[..., :-1, blocks["yaw_rate"]][..., 0].astype(np.float64)
    step = features[..., :-1, blocks["root_velocity"]].astype(np.float64)
    shape = features.shape[:-1]
    yaw, root = np.zeros(shape), np.zeros((*shape, 3))
    yaw[..., 1:] = np.cumsum(rate, axis=-1)
    cosine, sine = np.cos(2 * yaw[..., 1:]), np.sin(2 * yaw[..., 1:])
    root[..., 1:, 0] = np.cumsum(cosine * step[..., 0] - sine * step[..., 1], axis=-1)
    root[..., 1:, 2] = np.cumsum(sine * step[..., 0] + cosine * step[..., 1], axis=-1)
    root[..., 1] = features[..., blocks["root_height"]][..., 0]
    return yaw, root


def checked_features(features: Array) -> tuple[Array, Layout]:
    """Features as float32 or float64 with the layout of their width; MotionError unless (..., T, D), T >= 1 and all finite."""
    features = np.asarray(features)
    if features.ndim < 2 or features.shape[-2] == 0 or features.dtype.kind not in "fiu":
        raise MotionError.of("motion features", describe_shape(features), "(..., T, D) numbers with T at least 1")
    layout = layout_of(features)
    if features.dtype not in (np.float32, np.float64):
        features = features.astype(np.float64)
    if not np.isfinite(features).all():
        frame = int(np.argwhere(~np.isfinite(features))[0][-2])
        raise MotionError.of("motion features", f"a value that is not finite in frame {frame}", "finite numbers")
    return features, layout
