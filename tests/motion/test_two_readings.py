"""The CMU trials that exist both as BVH and as ASF/AMC give the same 22-joint motion.

The two files of a trial are two conversions of one recording, onto skeletons of different proportions: one is given the other's bone
lengths, and both are laid over each other frame by frame. In four trials the conversions themselves differ in some limb, as the last
test measures; there the rest of the body is compared.
"""

import numpy as np
import pytest

from kinelang.formats import load
from kinelang.motion.arrays import Array
from kinelang.motion.retargeting import smpl22_positions
from kinelang.motion.skeletons import SMPL22
from shared_data import shared

TRIALS = (
    "01_01", "01_08", "01_14", "02_01", "02_02", "02_03", "02_05", "02_06", "02_07", "02_08", "02_09", "02_10", "03_01", "03_02",
)  # fmt: skip
LEGS = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("knee", "ankle", "foot"))
TRUNK = ("pelvis", "left_hip", "right_hip", "spine1", "spine2", "spine3", "neck", "left_shoulder", "right_shoulder")
APART: dict[str, tuple[str, ...]] = {"01_01": ("left_wrist",), "01_14": LEGS, "03_01": LEGS, "03_02": LEGS}
"""Joints that the two files of a trial place differently."""

PARENTS = np.maximum(SMPL22.parents, 0)
EACH = pytest.mark.parametrize("trial", TRIALS)
_READ: dict[str, tuple[Array, Array, float, float]] = {}


def both(trial):
    """Joints (T, 22, 3) from the AMC and from the BVH, whose frame 0 is an added T-pose, and their frame rates."""
    if trial not in _READ:
        amc = load(f"{shared('cmu_asfamc.zip')}/{trial[:2]}/{trial}.amc")
        bvh = load(f"{shared('cmu_bvh.zip')}/{trial}.bvh")
        _READ[trial] = (smpl22_positions(amc)[0].astype(float), smpl22_positions(bvh)[0][1:].astype(float), amc.fps, bvh.fps)
    return _READ[trial]


def on_bones_of(joints, other):
    """The same directions of bones with the other's median lengths."""
    lengths = np.median(np.linalg.norm(other - other[:, PARENTS], axis=-1), axis=0)
    bones = joints - joints[:, PARENTS]
    out = np.zeros_like(joints)
    for j in range(1, 22):
        out[:, j] = out[:, PARENTS[j]] + lengths[j] * bones[:, j] / np.linalg.norm(bones[:, j], axis=-1, keepdims=True)
    return out


def laid_over(source, target, rows):
    """Source turned and moved in each frame, and scaled once a clip, to fit the target best in the given joints (Procrustes)."""
    middle, goal = source[:, rows].mean(axis=1, keepdims=True), target[:, rows].mean(axis=1, keepdims=True)
    u, s, vt = np.linalg.svd(np.einsum("tji,tjk->tik", (source - middle)[:, rows], (target - goal)[:, rows]))
    sign = np.sign(np.linalg.det(u @ vt))
    u[..., 2] *= sign[:, None]
    s[:, 2] *= sign
    scale = np.median(s.sum(axis=1) / ((source - middle)[:, rows] ** 2).sum(axis=(1, 2)))
    return scale * (source - middle) @ (u @ vt) + goal


def mean_error_cm(trial, left_out=()):
    amc, bvh, _, _ = both(trial)
    rows = [j for j, joint in enumerate(SMPL22.joint_names) if joint not in left_out]
    target = on_bones_of(bvh, amc)
    return 100 * np.linalg.norm(laid_over(amc, target, rows) - target, axis=-1)[:, rows].mean()


def bone(joints, start, end):
    v = joints[:, SMPL22.index(end)] - joints[:, SMPL22.index(start)]
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def degrees_between(a, b):
    return np.degrees(np.arccos(np.clip(np.einsum("ti,ti->t", a, b), -1, 1)))


def flexion(joints, side, limb):
    """Bend of a knee or an elbow in degrees. (T,)."""
    upper, middle, end = (f"{side}_{part}" for part in limb)
    return degrees_between(bone(joints, upper, middle), bone(joints, middle, end))


LEG, ARM = ("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")


@EACH
def test_joints_are_within_4_cm(trial):
    assert mean_error_cm(trial, APART.get(trial, ())) < 4.0


@EACH
def test_timing_is_exact(trial):
    amc, bvh, amc_fps, bvh_fps = both(trial)
    assert len(amc) == len(bvh)
    assert amc_fps == pytest.approx(bvh_fps, rel=1e-4)
    lags = range(-6, 7)
    alike = np.zeros(len(lags))
    for side in ("left", "right"):
        for limb in (LEG, ARM):
            a, b = (np.diff(flexion(joints, side, limb)) for joints in (amc, bvh))
            # The first frames of the BVH ease out of the T-pose.
            alike += [np.corrcoef(a[12 + lag : len(a) - 6 + lag], b[12:-6])[0, 1] for lag in lags]
    assert lags[int(np.argmax(alike))] == 0


@EACH
def test_sides_are_equal(trial):
    amc, bvh, _, _ = both(trial)
    for limb in (LEG, ARM):
        a, b = ({side: flexion(joints, side, limb)[12:] for side in ("left", "right")} for joints in (amc, bvh))
        for side, other in (("left", "right"), ("right", "left")):
            same = np.corrcoef(a[side], b[side])[0, 1]
            assert same > np.corrcoef(a[side], b[other])[0, 1] - 1e-3
            if limb == LEG:
                assert same > 0.85


@EACH
def test_where_the_two_files_differ_is_known(trial):
    """Seen from the trunk, shanks and the left forearm point the same way in all trials but those listed in APART."""
    amc, bvh, _, _ = both(trial)
    target = on_bones_of(bvh, amc)
    amc = laid_over(amc, target, [SMPL22.index(joint) for joint in TRUNK])
    shank = max(
        np.median(degrees_between(bone(amc, f"{side}_knee", f"{side}_ankle"), bone(target, f"{side}_knee", f"{side}_ankle")))
        for side in ("left", "right")
    )
    forearm = np.median(degrees_between(bone(amc, "left_elbow", "left_wrist"), bone(target, "left_elbow", "left_wrist")))
    assert (shank > 5) == (APART.get(trial) == LEGS)
    assert (forearm > 15) == (trial == "01_01")
    assert (mean_error_cm(trial) > 4) == (trial in APART)
