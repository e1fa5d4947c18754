"""Generated motion as files: joints that are read back as they were, and rotations that people can animate with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `models` is not installed")

import kinelang
from generating.tiny_generator import tiny_generator
from kinelang.generating import Generator
from kinelang.generating.twists import LIMBS, spins, spread, twisted, without_jumps
from kinelang.models import finemogen
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.motion.retargeting import with_rotations, without_positions
from kinelang.motion.rotations import rotvec_to_quat
from kinelang.motion.skeletons import SMPL22

AWAY = np.array([[0.0, 0.0], [0.0, -3.0]])
BACK = np.array([[0.0, 0.0], [0.0, 2.0], [0.4, 2.0], [0.4, 0.0]])
CLOSE_CM = 1e-3


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Generator:
    return tiny_generator(tmp_path_factory.mktemp("finemogen"))


def gap_cm(motion: Motion, file: Path) -> float:
    """The farthest that a joint is from where it was, once saved and read again."""
    kinelang.save(motion, file)
    again = kinelang.load(file, unit="cm" if file.suffix == ".bvh" else "m", up="y")
    assert (again.n_frames, again.fps) == (motion.n_frames, motion.fps)
    order = [again.skeleton.index(name) for name in motion.skeleton.joint_names]
    return float(100 * np.linalg.norm(again.joints[:, order].astype(float) - motion.joints, axis=-1).max())


@pytest.mark.parametrize("yaw", [0.0, np.pi, -2.0])
@pytest.mark.parametrize("path", [None, AWAY, BACK], ids=["no path", "away", "there and back"])
@pytest.mark.parametrize("clean", [True, False])
def test_files_give_the_joints_back_wherever_the_figure_faces(tiny, tmp_path, yaw, path, clean):
    motion = transform(tiny.generate("a person walks", path=path, clean=clean)[0].motion, yaw, (1.0, 0.0, -2.0))
    assert gap_cm(motion, tmp_path / "a.bvh") < CLOSE_CM
    assert gap_cm(motion, tmp_path / "a.npy") < CLOSE_CM


def jumps_deg(motion: Motion) -> np.ndarray:
    """Angle from frame to frame of each joint beside its parent: (T-1, 22)."""
    q = motion.rotations.astype(float)
    return np.degrees(2 * np.arccos(np.abs((q[1:] * q[:-1]).sum(axis=-1)).clip(0, 1)))


@pytest.mark.skipif(not (Path(finemogen.__path__[0]) / "default").is_dir(), reason="no generator ships")
def test_joints_of_the_shipped_generator_do_not_jump(tmp_path):
    """The runner's right elbow is straightened through to its other side, where its plane turns around at once."""
    generator = Generator.load()
    texts = ["a person runs in a circle", "a person walks forward", "a person waves, then turns around", "a person squats"]
    some = generator.generate_batch(texts, seed=3, clean=False) + generator.generate("a person walks", path=AWAY)
    for made in some:
        assert jumps_deg(made.motion).max() < 75
        for yaw in (0.0, np.pi):
            turned = transform(made.motion, yaw)
            assert gap_cm(turned, tmp_path / "a.bvh") < CLOSE_CM
            assert jumps_deg(kinelang.load(tmp_path / "a.bvh", unit="cm", up="y")).max() < 75


def bent_through(joint: str, hinge: tuple[float, float, float], widest_deg: float) -> Motion:
    """A limb that bends about a hinge from so far to as far on the other side in 0.2 s, as positions alone, with rotations fitted."""
    angles = np.radians(np.concatenate([np.full(10, widest_deg), np.linspace(widest_deg, -widest_deg, 5), np.full(10, -widest_deg)]))
    rotations = np.zeros((len(angles), 22, 4))
    rotations[..., 0] = 1
    rotations[:, SMPL22.index(joint)] = rotvec_to_quat(angles[:, None] * np.array(hinge))
    joints = forward_kinematics(rotations, np.zeros((len(angles), 3)), SMPL22.offsets.astype(float), SMPL22.parents)[0]
    return without_positions(with_rotations(Motion(SMPL22, 20.0, positions=joints)))


@pytest.mark.parametrize(
    ("joint", "hinge"), [("left_elbow", (0, -1, 0)), ("right_elbow", (0, 1, 0)), ("left_knee", (1, 0, 0)), ("right_knee", (1, 0, 0))]
)
@pytest.mark.parametrize("widest_deg", [40, 70])
def test_a_limb_that_is_bent_through_does_not_spin(joint, hinge, widest_deg):
    motion = bent_through(joint, hinge, widest_deg)
    assert jumps_deg(motion).max() > 60
    calm = without_jumps(motion)
    assert jumps_deg(calm).max() < 75
    assert np.abs(calm.joints - motion.joints).max() < 1e-5
    others = [j for j in range(22) if not any(j in limb and SMPL22.index(joint) in limb for limb in LIMBS)]
    assert np.abs(calm.rotations[:, others] - motion.rotations[:, others]).max() < 1e-5


@pytest.mark.parametrize("name", ["walk_forward", "wave_right_hand", "squat_twice"])
def test_what_does_not_spin_stays_as_it_is(name):
    motion = without_positions(with_rotations(kinelang.sample(name, fps=20)))
    assert without_jumps(motion) is motion


def test_a_turn_is_spread_evenly_and_its_ends_stay():
    turns = np.zeros(39)
    turns[20] = 3.0
    turn = spread(turns, 20.0)
    assert turn[0] == turn[-1] == 0
    left = turns + np.diff(turn)
    assert left.sum() == pytest.approx(3.0)
    assert left.max() < 0.6
    assert not spread(np.full(39, 0.3), 20.0).any()


def test_spins_are_what_a_limb_was_turned_by():
    world = np.tile([1.0, 0.0, 0.0, 0.0], (5, 3, 1))
    offsets = np.array([[0.0, 0.0, 0.0], [0.3, 0.1, 0.0], [0.2, 0.0, 0.1]])
    turn = np.array([0.0, 0.2, 0.9, 0.9, 0.0])
    turned = twisted(world, offsets, turn)
    assert spins(turned[:, 0], offsets[1]) == pytest.approx(np.diff(turn))
