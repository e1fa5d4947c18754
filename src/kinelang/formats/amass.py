"""AMASS .npz: SMPL-H and SMPL-X parameters over time. Read only.

Both layouts: `poses` (T, 156) with `mocap_framerate` (SMPL+H), and the newer `_stageii` with `root_orient`, `pose_body`,
`pose_hand` and `mocap_frame_rate` (Mahmood et al. 2019, https://amass.is.tue.mpg.de). Metres, Z up. `trans` moves the body's
origin; the pelvis stands at `trans` plus its place in the rest pose, which depends on the body model.
"""

from __future__ import annotations

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.base import Format, ReadOptions
from kinelang.formats.body_model import HANDS_OF_SMPLX, REST_PELVIS, rest_joints
from kinelang.formats.npy import Npz
from kinelang.formats.source import Source, open_source
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import rotvec_to_quat
from kinelang.motion.scale import convention_note, to_metres_y_up
from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SKELETONS

SKELETON_OF_JOINTS = {52: "smplh52", 24: "smpl24", 22: "smpl22"}


def read(source: Source, options: ReadOptions) -> Motion:
    """Read an AMASS file.

    Without `options.body_model` the bones are those of the reference skeleton; with it they are the body model's, shaped by the
    file's betas. A note says which.

    Raises:
        FormatError: fields missing, pickled, of the wrong shape or not finite; a body model that does not fit.
    """
    arrays = Npz(source.data, source.where)
    angles, smplx = _angles(arrays, source.where)
    trans = arrays.numbers("trans", 2)
    if trans.shape != (len(angles), 3):
        raise FormatError.of(f"{source.where}, field 'trans'", f"shape {trans.shape}", f"({len(angles)}, 3), as the poses have it")
    fps, notes = _fps(arrays, source.where, options.fps)
    skeleton, pelvis, note = _body(arrays, angles.shape[1], smplx, source.where, options.body_model)
    rotations = rotvec_to_quat(angles)
    motion = Motion(skeleton, fps, None, rotations, trans + pelvis, None, source.stem, source.where, (*notes, note))
    up = options.up or "z"
    warning = convention_note(motion, up)
    motion = motion if warning is None else motion.noted(warning)
    return to_metres_y_up(motion, source.where, options.unit or "m", up)


def sniff(head: bytes, name: str) -> bool:
    """Whether the first bytes are of a zip whose first member is a .npy array."""
    length = int.from_bytes(head[26:28], "little")
    return head[:4] == b"PK\x03\x04" and head[30 : 30 + length].endswith(b".npy")


def _angles(arrays: Npz, where: str) -> tuple[Array, bool]:
    """Axis-angle of each joint of one of SKELETON_OF_JOINTS, (T, J, 3), and whether the file is of SMPL-X."""
    if "root_orient" in arrays:
        parts = [arrays.numbers("root_orient", 2), arrays.numbers("pose_body", 2)]
        if "pose_hand" in arrays:
            parts.append(arrays.numbers("pose_hand", 2))
        widths = [p.shape[1] for p in parts]
        if widths not in ([3, 63], [3, 63, 90]) or len({len(p) for p in parts}) != 1:
            found = f"shapes {[p.shape for p in parts]}"
            raise FormatError.of(f"{where}, fields root_orient, pose_body, pose_hand", found, "(T, 3), (T, 63), (T, 90)")
        poses = np.concatenate(parts, axis=1)
    elif "poses" in arrays:
        poses = arrays.numbers("poses", 2)
    else:
        found = f"fields {', '.join(sorted(arrays)[:12]) or 'none'}"
        raise FormatError.of(where, found, "'poses', or 'root_orient' and 'pose_body', as in AMASS")
    joints = poses.reshape(len(poses), -1, 3) if poses.shape[1] % 3 == 0 else poses[:, None]
    if joints.shape[1] == 55:
        return joints[:, list(HANDS_OF_SMPLX)], True
    if joints.shape[1] not in SKELETON_OF_JOINTS or not len(poses):
        raise FormatError.of(f"{where}, poses", f"shape {poses.shape}", "(T, 156) SMPL-H, (T, 165) SMPL-X, (T, 72) SMPL or (T, 66)")
    return joints, text_field(arrays, "surface_model_type").startswith("smplx")


def _fps(arrays: Npz, where: str, given: float | None) -> tuple[float, list[str]]:
    if given is not None:
        return given, [f"{given:g} frames a second as given"]
    for key in ("mocap_framerate", "mocap_frame_rate"):
        if key in arrays:
            value = arrays[key]
            if value.size == 1 and value.dtype.kind in "fiu" and 0 < float(value.ravel()[0]) < np.inf:
                return float(value.ravel()[0]), []
            found = f"shape {value.shape} {value.dtype}"
            raise FormatError.of(f"{where}, field '{key}'", found, "one positive number", "give it: --fps (fps=)")
    raise FormatError.of(where, "no 'mocap_framerate'", "frames a second", "give them: --fps (fps=)")


def _body(arrays: Npz, n_joints: int, smplx: bool, where: str, model: str | None) -> tuple[Skeleton, Array, str]:
    """The skeleton, the pelvis in the rest pose (3,), and a note on where they come from."""
    skeleton = SKELETONS[SKELETON_OF_JOINTS[n_joints]]
    gender = text_field(arrays, "gender")
    if model is None:
        pelvis = REST_PELVIS["smplx" if smplx else "smplh_female" if gender.startswith("f") else "smplh"]
        return skeleton, np.array(pelvis), "bone lengths of the mean body: no body model was given (--body-model)"
    betas = arrays.numbers("betas", arrays["betas"].ndim).ravel() if "betas" in arrays else np.zeros(0)
    source = open_source(model)
    joints, n_betas = rest_joints(source, betas)
    if len(joints) == 55:
        joints = joints[list(HANDS_OF_SMPLX)]
    if len(joints) != n_joints and not (n_joints == 22 and len(joints) in (24, 52)):
        found = f"a model of {len(joints)} joints"
        raise FormatError.of(f"{where}, body model {source.name}", found, f"one for poses of {n_joints} joints")
    joints = joints[:n_joints]
    offsets = joints - joints[[max(p, 0) for p in skeleton.parents]]
    whose = f" ({gender})" if gender else ""
    return (
        skeleton.with_offsets(offsets),
        joints[0],
        f"bone lengths from body model {source.name} with {n_betas} betas of the file{whose}",
    )


def text_field(arrays: Npz, key: str) -> str:
    """A text field such as gender, lower case; "" where it is absent or not plain text."""
    try:
        value = arrays.get(key)
    except FormatError:  # old files pickle it; nothing depends on it
        return ""
    if value is None or value.size != 1 or value.dtype.kind not in "US":
        return ""
    # Damaged texts may hold code points that do not exist, on which NumPy's own conversion fails.
    wide = "utf-32-be" if value.dtype.byteorder == ">" else "utf-32-le"
    text = value.tobytes().decode(wide if value.dtype.kind == "U" else "latin-1", errors="replace")
    return text.strip("\0 ").lower()


FORMAT = Format("npz", (".npz",), "AMASS .npz (SMPL+H and _stageii SMPL-X parameters); read only", sniff, read)
