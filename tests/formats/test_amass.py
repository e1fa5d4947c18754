from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from format_samples import amass_arrays, body_model_arrays, npz_bytes, source_of, walk
from scipy.sparse import csr_matrix

from kinelang.errors import FormatError
from kinelang.formats import load
from kinelang.formats.amass import read
from kinelang.formats.base import ReadOptions
from kinelang.formats.body_model import REST_PELVIS
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS, SMPL22


def load_arrays(arrays: dict[str, np.ndarray], **options: object) -> Motion:
    return read(source_of(npz_bytes(arrays), "walk_poses.npz"), ReadOptions(**options))


def test_z_up_becomes_y_up_and_the_pelvis_stands_where_the_mean_body_has_it() -> None:
    """The file is made by turning a Y-up walk; reading has to turn it back, left staying left."""
    motion = load_arrays(amass_arrays())
    expected = walk("smplh52", 10, 60.0)
    x, y, z = REST_PELVIS["smplh"]
    # The pelvis offset is added in the file's axes, where the world is Z up: (x, y, z) there is (x, z, -y) here.
    np.testing.assert_allclose(motion.joints, expected.joints + np.float32([x, z, -y]), atol=2e-6)
    assert motion.fps == 60
    assert motion.skeleton.name == "smplh52"
    assert any("no body model" in n for n in motion.notes)


def test_both_layouts_hold_the_same_motion() -> None:
    old, new = load_arrays(amass_arrays()), load_arrays(amass_arrays(stageii=True))
    np.testing.assert_allclose(old.rotations, new.rotations, atol=1e-6)
    shift = new.joints - old.joints
    x, y, z = np.subtract(REST_PELVIS["smplx"], REST_PELVIS["smplh"])
    np.testing.assert_allclose(shift, np.broadcast_to([x, z, -y], shift.shape), atol=1e-5)


def test_smpl_x_poses_leave_out_jaw_and_eyes() -> None:
    arrays = amass_arrays()
    poses = arrays["poses"].reshape(10, 52, 3)
    wide = np.concatenate([poses[:, :22], np.full((10, 3, 3), 0.7), poses[:, 22:]], axis=1).reshape(10, 165)
    np.testing.assert_allclose(load_arrays({**arrays, "poses": wide}).rotations, load_arrays(arrays).rotations, atol=1e-7)


@pytest.mark.parametrize(("width", "skeleton"), [(66, "smpl22"), (72, "smpl24")])
def test_body_only_poses(width: int, skeleton: str) -> None:
    arrays = amass_arrays()
    motion = load_arrays({**arrays, "poses": arrays["poses"][:, :width]})
    assert motion.skeleton.name == skeleton
    np.testing.assert_allclose(motion.joints[:, :22], load_arrays(arrays).joints[:, :22], atol=1e-6)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("model_joints", [52, 55])
def test_a_body_model_gives_its_own_bones(sparse: bool, model_joints: int, tmp_path: Path) -> None:
    """Against the definition: joints of the shaped template, then a walk down the tree in float64."""
    model, arrays = body_model_arrays(model_joints), amass_arrays()
    shaped = model["v_template"] + np.einsum("vcs,s->vc", model["shapedirs"], arrays["betas"])
    joints = model["J_regressor"] @ shaped
    joints = joints if model_joints == 52 else np.delete(joints, [22, 23, 24], axis=0)
    if sparse:
        matrix = csr_matrix(model.pop("J_regressor"))
        model |= {"J_regressor_data": matrix.data, "J_regressor_indices": matrix.indices, "J_regressor_indptr": matrix.indptr}
    (tmp_path / "model.npz").write_bytes(npz_bytes(model))
    motion = load_arrays(arrays, body_model=str(tmp_path / "model.npz"))
    parents = SKELETONS["smplh52"].parents
    offsets = np.array([joints[j] - joints[max(p, 0)] for j, p in enumerate(parents)])
    plain = load_arrays(arrays, up="y")  # file axes
    world = forward_kinematics(plain.rotations.astype(np.float64), arrays["trans"] + joints[0], offsets, parents)[0]
    np.testing.assert_allclose(motion.joints, world[..., [0, 2, 1]] * [1, 1, -1], atol=1e-5)
    assert any("model.npz with 16 betas" in n for n in motion.notes)
    assert not any("no body model" in n for n in motion.notes)


def test_frame_rate_and_axis_can_be_overridden() -> None:
    arrays = amass_arrays()
    assert load_arrays(arrays, fps=100).fps == 100
    del arrays["mocap_framerate"]
    with pytest.raises(FormatError, match="--fps"):
        load_arrays(arrays)
    assert load_arrays(arrays, fps=100).fps == 100


def test_a_file_that_is_y_up_already_is_noted() -> None:
    motion, arrays = walk("smplh52", 10, 60.0), amass_arrays()
    from kinelang.motion.rotations import quat_to_rotvec

    y_up = {**arrays, "poses": quat_to_rotvec(motion.rotations.astype(np.float64)).reshape(10, -1), "trans": motion.root}
    assert any("--up y" in n for n in load_arrays(y_up).notes)
    assert not any("--up" in n for n in load_arrays(arrays).notes)
    assert not any("--up" in n for n in load_arrays(y_up, up="y").notes)


def test_a_pickled_gender_does_not_matter_and_pickled_poses_do() -> None:
    arrays = amass_arrays()
    assert load_arrays({**arrays, "gender": np.array("male", dtype=object)}).n_frames == 10
    with pytest.raises(FormatError, match=r"'poses'.*pickled"):
        load_arrays({**arrays, "poses": arrays["poses"].astype(object)})


def bad(**changes: object) -> dict[str, np.ndarray]:
    arrays = {**amass_arrays(), **changes}
    return {k: v for k, v in arrays.items() if v is not None}


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        (bad(poses=None), "expected 'poses'"),
        (bad(trans=None), "'trans'"),
        (bad(trans=np.zeros((9, 3))), "(10, 3)"),
        (bad(trans=np.zeros((10, 2))), "(10, 3)"),
        (bad(poses=np.zeros((10, 155))), "(10, 155)"),
        (bad(poses=np.zeros((10, 52, 3))), "2 axes"),
        (bad(poses=np.full((10, 156), np.nan)), "nan"),
        (bad(trans=np.full((10, 3), 1e30)), "1e+30"),
        (bad(poses=np.zeros((0, 156))), "empty"),
        (bad(mocap_framerate=np.array(0.0)), "positive"),
        (bad(mocap_framerate=np.array([60.0, 60.0])), "one positive"),
        (bad(mocap_framerate=np.array("fast")), "positive"),
        (bad(mocap_framerate=np.array(1e9)), "10000"),
        ({**amass_arrays(stageii=True), "pose_body": np.zeros((10, 60))}, "(T, 63)"),
        ({**amass_arrays(stageii=True), "pose_hand": np.zeros((9, 90))}, "pose_hand"),
    ],
)
def test_what_is_wrong_is_said(arrays: dict[str, np.ndarray], part: str, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz_bytes(arrays))
    with pytest.raises(FormatError) as error:
        load(tmp_path / "a.npz")
    assert part in str(error.value)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda m: m.pop("v_template"), "v_template"),
        (lambda m: m.update(shapedirs=np.zeros((119, 3, 10))), "(V, 3, S)"),
        (lambda m: m.update(J_regressor=np.zeros((52, 119))), "120 vertices"),
        (lambda m: m.update(J_regressor=np.zeros((24, 120))), "24 joints"),
        (
            lambda m: m.update(
                J_regressor_data=np.ones(3), J_regressor_indices=np.array([0, 1, 500]), J_regressor_indptr=np.array([0, 3])
            ),
            "do not fit",
        ),
        (
            lambda m: m.update(
                J_regressor_data=np.ones(3), J_regressor_indices=np.array([0, 1, 2]), J_regressor_indptr=np.array([0, 9])
            ),
            "do not fit",
        ),
    ],
)
def test_body_models_that_do_not_fit(change: object, part: str, tmp_path: Path) -> None:
    model = body_model_arrays()
    change(model)
    (tmp_path / "model.npz").write_bytes(npz_bytes(model))
    with pytest.raises(FormatError) as error:
        load_arrays(amass_arrays(), body_model=str(tmp_path / "model.npz"))
    assert part in str(error.value)


def test_the_first_22_joints_are_smpl22s() -> None:
    assert load_arrays(amass_arrays()).skeleton.joint_names[:22] == SMPL22.joint_names
