"""A generated motion as .npz: AMASS's fields, which its readers know, and beside them the joints and what was asked for."""

from __future__ import annotations

import io
import os

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.formats.body_model import REST_PELVIS
from kinelang.generating.generator import Generated
from kinelang.motion.retargeting import with_rotations
from kinelang.motion.rotations import quat_multiply, quat_to_rotvec
from kinelang.timeline import to_json

_Z_UP = np.array((np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))
"""Quaternion that turns Y up to Z up."""


def save_npz(made: Generated, path: str | os.PathLike[str]) -> None:
    """Write a generated motion as .npz.

    Fields as in AMASS: `poses` (T, 66) axis-angles of SMPL's 22 joints, `trans` (T, 3) metres, Z up, `mocap_framerate`, `gender`,
    `betas`. Beside them: `joints` (T, 22, 3) metres, Y up, which are the motion itself; `timeline` (JSON) and `seed`. A body model's
    bones have lengths of their own, so that its joints are near these and not the same.

    Raises:
        FormatError: the file cannot be written.
    """
    motion = with_rotations(made.motion)
    assert motion.rotations is not None  # with_rotations gave them
    assert motion.root is not None
    turned = motion.rotations.astype(np.float64)
    turned[:, 0] = quat_multiply(np.broadcast_to(_Z_UP, turned[:, 0].shape), turned[:, 0])
    root = motion.root.astype(np.float64)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        poses=quat_to_rotvec(turned).reshape(motion.n_frames, -1).astype(np.float32),
        trans=(np.stack([root[:, 0], -root[:, 2], root[:, 1]], axis=1) - np.array(REST_PELVIS["smplh"])).astype(np.float32),
        mocap_framerate=np.float64(motion.fps),
        gender=np.array("neutral"),
        betas=np.zeros(16, np.float32),
        joints=motion.joints,
        timeline=np.array(to_json(made.timeline, indent=None)),
        seed=np.int64(made.seed),
    )
    write_atomic(path, buffer.getvalue())
