"""Finding AMASS recordings and SMPL-H body models on the user's disk, and their joints as HumanML3D takes them.

AMASS: Mahmood et al. 2019, amass.is.tue.mpg.de. Body models: mano.is.tue.mpg.de ("extended SMPL+H"). Both need a free registration and
have licences of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kinelang.errors import CorpusError, FormatError
from kinelang.formats.amass import text_field
from kinelang.formats.body_model import rest_joints
from kinelang.formats.npy import Npz
from kinelang.formats.source import open_source
from kinelang.motion.arrays import Array, FloatArray
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.rotations import rotvec_to_quat
from kinelang.motion.skeletons import SMPL22

GET_AMASS = "AMASS (amass.is.tue.mpg.de), the archives called SMPL+H G, unpacked into one folder"
GET_MODELS = "the extended SMPL+H models (mano.is.tue.mpg.de), as male/model.npz and female/model.npz"

NEWER_NAMES = {
    "BioMotionLab_NTroje": "BMLrub",
    "DFaust_67": "DFaust",
    "Eyes_Japan_Dataset": "EyesJapanDataset",
    "MPI_HDM05": "HDM05",
    "MPI_Limits": "PosePrior",
    "MPI_mosh": "MoSh",
    "SSM_synced": "SSM",
    "TCD_handMocap": "TCDHands",
    "Transitions_mocap": "Transitions",
}
"""Folders that AMASS has renamed since HumanML3D and BABEL were made."""

N_BETAS = 10
"""Shape coefficients that HumanML3D uses, of the 16 in the files."""


def find_recording(amass: Path, relative: str) -> Path:
    """A recording named as HumanML3D or BABEL do, such as `KIT/3/kick_high_left02_poses` or `KIT/KIT/3/..._poses.npz`.

    Also found: without the doubled folder, under the newer folder names, and the `_stageii` files of the newer release.

    Raises CorpusError if it is not there, saying where to get it.
    """
    parts = Path(relative.removesuffix(".npz").removesuffix(".npy")).parts
    if any(part in ("..", "/") for part in parts) or not parts:
        raise CorpusError.of("AMASS recording", f"'{relative}'", "a path inside AMASS's folder")
    for folders in _spellings(parts[:-1]):
        for name in (parts[-1], parts[-1].removesuffix("_poses") + "_stageii", _renamed(parts[-1])):
            path = amass.joinpath(*folders, f"{name}.npz")
            if path.is_file():
                return path
    raise CorpusError.of(f"AMASS at {amass}", f"no {relative}", "the recording that the captions are about", f"get {GET_AMASS}")


def _spellings(folders: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The ways in which a recording's folder may be named on disk."""
    ways = [folders]
    if len(folders) > 1 and (folders[0] == folders[1] or folders[1] in NEWER_NAMES or folders[0] in NEWER_NAMES.values()):
        ways.append(folders[1:])
    if folders:
        ways.append((folders[0], *folders))
    for way in tuple(ways):
        renamed = tuple(NEWER_NAMES.get(part, part) for part in way)
        ways += [] if renamed == way else [renamed, renamed[1:] if len(renamed) > 1 and renamed[0] == renamed[1] else renamed]
    return ways


def _renamed(name: str) -> str:
    return name.removesuffix("_poses").replace(" ", "_") + "_stageii"


@dataclass
class BodyModels:
    """The male and the female SMPL-H model in a folder, each read once.

    Attributes:
        folder: where they are.

    Raises:
        CorpusError: one of them is not there.
    """

    folder: Path
    _shapes: dict[str, tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.folder = Path(self.folder)
        for sex in ("male", "female"):
            self.path(sex)

    def path(self, gender: str) -> Path:
        """The model file for a gender; the female one for all but "male", as HumanML3D has it."""
        sex = "male" if gender == "male" else "female"
        names = (f"{sex}/model.npz", f"SMPLH_{sex.upper()}.npz", f"smplh_{sex}.npz", f"{sex}.npz")
        for name in names:
            for path in (self.folder / name, self.folder / "smplh" / name):
                if path.is_file():
                    return path
        raise CorpusError.of(f"body models at {self.folder}", f"no {' or '.join(names[:2])}", f"the {sex} model", f"get {GET_MODELS}")

    def rest(self, gender: str, betas: Array) -> Array:
        """The first 22 joints of the rest pose for N_BETAS shape coefficients. (22, 3) float64, metres, Y up."""
        path = self.path(gender)
        if str(path) not in self._shapes:
            source = open_source(path)
            mean = rest_joints(source, np.zeros(N_BETAS))[0][:22]
            each = [rest_joints(source, one)[0][:22] - mean for one in np.eye(N_BETAS)]  # joints are linear in the shape
            self._shapes[str(path)] = mean, np.stack(each, axis=-1)
        mean, directions = self._shapes[str(path)]
        given = np.zeros(N_BETAS)
        given[: min(len(betas), N_BETAS)] = betas[:N_BETAS]
        return np.asarray(mean + directions @ given)


def gender_of(file: Path) -> str:
    """The gender that an AMASS file names, lower case; "" where it does not say."""
    return text_field(Npz(open_source(file).data, str(file)), "gender")


def humanml3d_joints(file: Path, models: BodyModels | None) -> FloatArray:
    """Joints of a recording as HumanML3D's first step makes them. (T, 22, 3) float32, metres, Y up.

    Every int(fps / 20)-th frame is kept, so that 50 fps become 25, which count as 20 from there on (as published). The release swaps Y
    and Z and later negates X; here both are done at once: (x, y, z) -> (-x, z, y).

    Args:
        file: an AMASS .npz of SMPL+H.
        models: the body models; None: bones of the mean body, which gives nearly the same features, as these have one size of body.

    Raises:
        FormatError: not such a file.
    """
    arrays = Npz(open_source(file).data, str(file))
    poses, trans = arrays.numbers("poses", 2), arrays.numbers("trans", 2)
    if poses.shape[1] < 66 or trans.shape != (len(poses), 3):
        raise FormatError.of(str(file), f"poses {poses.shape} and trans {trans.shape}", "(T, 156) and (T, 3), as in AMASS SMPL+H")
    fps = float(arrays.numbers("mocap_framerate", arrays["mocap_framerate"].ndim).ravel()[0]) if "mocap_framerate" in arrays else 0.0
    if fps <= 0:
        raise FormatError.of(str(file), "no 'mocap_framerate'", "frames a second")
    stride = max(int(fps / 20), 1)
    if models is None:
        rest = SMPL22.rest_positions.astype(np.float64)
    else:
        betas = arrays.numbers("betas", arrays["betas"].ndim).ravel() if "betas" in arrays else np.zeros(0)
        rest = models.rest(text_field(arrays, "gender"), betas)
    rotations = rotvec_to_quat(poses[::stride, :66].reshape(-1, 22, 3))
    offsets = rest - rest[[max(parent, 0) for parent in SMPL22.parents]]
    joints, _ = forward_kinematics(rotations, trans[::stride] + rest[0], offsets, SMPL22.parents)
    return np.ascontiguousarray(joints[..., [0, 2, 1]] * np.array([-1.0, 1.0, 1.0]), dtype=np.float32)
