"""Small files of every format, made here: a hand-written BVH and ASF/AMC, and arrays from a made-up walk."""

from __future__ import annotations

import io

import numpy as np

from kinelang.formats.base import ReadOptions
from kinelang.formats.source import Source
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import euler_to_quat, quat_to_rotvec
from kinelang.motion.skeletons import SKELETONS

TINY_BVH = """HIERARCHY
ROOT Hips
{
  OFFSET 0 90 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT LeftUpLeg
  {
    OFFSET 9 -5 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT LeftLeg
    {
      OFFSET 0 -40 0
      CHANNELS 3 Xrotation Yrotation Zrotation
      JOINT LeftFoot
      {
        OFFSET 0 -41 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        End Site
        {
          OFFSET 0 -5 12
        }
      }
    }
  }
  JOINT RightUpLeg
  {
    OFFSET -9 -5 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT RightLeg
    {
      OFFSET 0 -40 0
      CHANNELS 1 Xrotation
      JOINT RightFoot
      {
        OFFSET 0 -41 0
        CHANNELS 2 Xrotation Yrotation
        End Site
        {
          OFFSET 0 -5 12
        }
      }
    }
  }
  JOINT Spine
  {
    OFFSET 0 10 0
    CHANNELS 3 Yrotation Zrotation Xrotation
    JOINT LeftArm
    {
      OFFSET 18 35 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      JOINT LeftForeArm
      {
        OFFSET 27 0 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        JOINT LeftHand
        {
          OFFSET 25 0 0
          CHANNELS 3 Zrotation Xrotation Yrotation
        }
      }
    }
    JOINT RightArm
    {
      OFFSET -18 35 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      JOINT RightForeArm
      {
        OFFSET -27 0 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        JOINT RightHand
        {
          OFFSET -25 0 0
          CHANNELS 0
        }
      }
    }
    JOINT Neck
    {
      OFFSET 0 40 0
      CHANNELS 3 Zrotation Xrotation Yrotation
      JOINT Head
      {
        OFFSET 0 12 2
        CHANNELS 3 Zrotation Xrotation Yrotation
        End Site
        {
          OFFSET 0 18 0
        }
      }
    }
  }
}
MOTION
Frames: {frames}
Frame Time: {frame_time}
{rows}"""
"""A person of 14 joints and 4 end sites (one of the leaves has none), 45 channels, centimetres, Y up."""

TINY_CHANNELS = 45


def tiny_table(frames: int = 5, seed: int = 0, degrees: float = 25.0) -> np.ndarray:
    """Numbers for TINY_BVH: the root near (10, 91, -20), all angles within ±degrees. (T, 45)."""
    table = np.random.default_rng(seed).uniform(-degrees, degrees, (frames, TINY_CHANNELS)).round(4)
    table[:, :3] = np.array([10.0, 91.0, -20.0]) + np.linspace(0, 5, frames)[:, None]
    return table


def rows_of(table: np.ndarray) -> str:
    return "\n".join(" ".join(repr(float(x)) for x in row) for row in table) + "\n"


def tiny_bvh(table: np.ndarray | None = None, frame_time: str = "0.0333333", text: str = TINY_BVH) -> str:
    table = tiny_table() if table is None else table
    return text.replace("{frames}", str(len(table))).replace("{frame_time}", frame_time).replace("{rows}", rows_of(table))


TINY_ASF = (
    """# made by hand
:version 1.10
:name TINY
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
"""
    + "".join(
        f"  begin\n    id {i}\n    name {name}\n    direction {direction}\n    length {length}\n    axis {axis} XYZ\n{dof}  end\n"
        for i, (name, direction, length, axis, dof) in enumerate(
            [
                ("lhipjoint", "0.6 -0.8 0", 2.5, "0 0 0", ""),
                (
                    "lfemur",
                    "0.34202 -0.93969 0",
                    7.2,
                    "0 0 20",
                    "    dof rx ry rz\n    limits (-160.0 20.0)\n       (-70.0 70.0)\n       (-60.0 70.0)\n",
                ),
                ("ltibia", "0.34202 -0.93969 0", 7.5, "0 0 20", "    dof rx\n    limits (-10.0 170.0)\n"),
                ("lfoot", "0 -0.2 0.9798", 2.3, "-90 0 20", "    dof rx rz\n"),
                ("rhipjoint", "-0.6 -0.8 0", 2.5, "0 0 0", ""),
                ("rfemur", "-0.34202 -0.93969 0", 7.2, "0 0 -20", "    dof rx ry rz\n"),
                ("rtibia", "-0.34202 -0.93969 0", 7.5, "0 0 -20", "    dof rx\n"),
                ("rfoot", "0 -0.2 0.9798", 2.3, "-90 0 -20", "    dof rx rz\n"),
                ("thorax", "0 1 0", 6.0, "0 0 0", "    dof rx ry rz\n"),
                ("lhumerus", "1 0 0", 5.0, "180 30 90", "    dof rx ry rz\n"),
                ("lradius", "1 0 0", 3.2, "180 30 90", "    dof rx\n"),
                ("lhand", "1 0 0", 1.0, "180 30 90", "    dof rx rz\n"),
                ("rhumerus", "-1 0 0", 5.0, "180 -30 -90", "    dof rx ry rz\n"),
                ("rradius", "-1 0 0", 3.2, "180 -30 -90", "    dof rx\n"),
                ("rhand", "-1 0 0", 1.0, "180 -30 -90", "    dof rx rz\n"),
                ("lowerneck", "0 1 0", 1.7, "0 0 0", "    dof rx ry rz\n"),
                ("head", "0 1 0", 1.7, "0 0 0", "    dof rx ry rz\n"),
            ],
            1,
        )
    )
    + """:hierarchy
  begin
    root lhipjoint rhipjoint thorax
    lhipjoint lfemur
    lfemur ltibia
    ltibia lfoot
    rhipjoint rfemur
    rfemur rtibia
    rtibia rfoot
    thorax lowerneck lhumerus rhumerus
    lhumerus lradius
    lradius lhand
    rhumerus rradius
    rradius rhand
    lowerneck head
  end
"""
)

TINY_DOF = {
    "root": 6, "lfemur": 3, "ltibia": 1, "lfoot": 2, "rfemur": 3, "rtibia": 1, "rfoot": 2, "thorax": 3, "lhumerus": 3, "lradius": 1,
    "lhand": 2, "rhumerus": 3, "rradius": 1, "rhand": 2, "lowerneck": 3, "head": 3,
}  # fmt: skip


def tiny_amc(frames: int = 4, seed: int = 0) -> str:
    generator = np.random.default_rng(seed)
    lines = ["#!OML:ASF made by hand", ":FULLY-SPECIFIED", ":DEGREES"]
    for frame in range(1, frames + 1):
        lines.append(str(frame))
        for name, count in TINY_DOF.items():
            values = generator.uniform(-20, 20, count).round(4)
            values[:3] = (1.0, 17.0, 2.0) if name == "root" else values[:3]
            lines.append(f"{name} {' '.join(map(str, values))}")
    return "\n".join(lines) + "\n"


def walk(skeleton: str = "smpl22", frames: int = 24, fps: float = 20.0, seed: int = 0) -> Motion:
    """A figure of a table skeleton, swinging all joints a little while it moves on and turns."""
    entry = SKELETONS[skeleton]
    t = np.arange(frames) / fps
    generator = np.random.default_rng(seed)
    phase, size = generator.uniform(0, 6, (entry.n_joints, 3)), generator.uniform(0, 0.25, (entry.n_joints, 3))
    angles = size * np.sin(2 * np.pi * 0.8 * t[:, None, None] + phase)
    angles[:, 0] = np.stack([0.05 * np.sin(t), 0.4 * t, 0 * t], axis=-1)
    angles[:, sorted(entry.end_sites)] = 0
    root = np.stack([0.1 * t, 0.95 + 0.02 * np.sin(5 * t), 0.8 * t], axis=-1)
    return Motion(entry, fps, rotations=euler_to_quat(angles, "XYZ"), root=root, name="walk")


def positions_only(motion: Motion) -> Motion:
    return Motion(motion.skeleton, motion.fps, motion.joints, name=motion.name)


def amass_arrays(frames: int = 10, seed: int = 0, stageii: bool = False) -> dict[str, np.ndarray]:
    """Arrays of an AMASS file: a `walk` on SMPL-H in AMASS's Z-up world."""
    motion = walk("smplh52", frames, 60.0, seed)
    turn = euler_to_quat(np.array([np.pi / 2]), "X")
    from kinelang.motion.rotations import quat_multiply, quat_rotate

    rotations = motion.rotations.astype(np.float64)
    rotations[:, 0] = quat_multiply(turn, rotations[:, 0])
    poses = quat_to_rotvec(rotations).reshape(frames, -1)
    trans = quat_rotate(turn, motion.root.astype(np.float64))
    betas = np.random.default_rng(seed).normal(0, 1, 16)
    if stageii:
        return {
            "root_orient": poses[:, :3],
            "pose_body": poses[:, 3:66],
            "pose_hand": poses[:, 66:],
            "trans": trans,
            "betas": betas,
            "mocap_frame_rate": np.array(60.0),
            "surface_model_type": np.array("smplx"),
            "gender": np.array("neutral"),
        }
    return {"poses": poses, "trans": trans, "betas": betas, "mocap_framerate": np.array(60.0), "gender": np.array("male")}


def body_model_arrays(n_joints: int = 52, seed: int = 0) -> dict[str, np.ndarray]:
    """A made-up body model of 120 vertices whose joints are near those of the table's SMPL-H."""
    generator = np.random.default_rng(seed)
    entry = SKELETONS["smplh52"]
    rest = entry.rest_positions.astype(np.float64) + np.array([0.0, -0.24, 0.03])
    joints = rest if n_joints == 52 else np.concatenate([rest[:22], rest[15:16] + generator.normal(0, 0.02, (3, 3)), rest[22:]])
    regressor = generator.dirichlet(np.ones(120), len(joints))
    template = np.linalg.lstsq(regressor, joints, rcond=None)[0]
    return {"J_regressor": regressor, "v_template": template, "shapedirs": generator.normal(0, 0.01, (120, 3, 16))}


def npy_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npz_bytes(arrays: dict[str, np.ndarray], compress: bool = False) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def source_of(data: bytes | str, name: str, neighbours: dict[str, bytes] | None = None) -> Source:
    """A file in memory."""
    others = neighbours or {}
    raw = data.encode() if isinstance(data, str) else data
    return Source(name, raw, lambda: sorted([name, *others]), lambda other: source_of(others[other], other))


OPTIONS = ReadOptions()


def valid_samples() -> dict[str, tuple[str, bytes, dict[str, bytes]]]:
    """For every kind of content a valid file: format name, bytes, neighbours."""
    joints = walk().joints
    kit = positions_only(walk("kit21", fps=12.5)).joints
    from kinelang.motion.features import encode

    return {
        "tiny.bvh": ("bvh", tiny_bvh().encode(), {}),
        "01_01.amc": ("amc", tiny_amc().encode(), {"01.asf": TINY_ASF.encode()}),
        "joints.npy": ("npy", npy_bytes(joints), {}),
        "features.npy": ("npy", npy_bytes(encode(joints.astype(np.float32))), {}),
        "kit.npy": ("npy", npy_bytes(kit * 640), {}),
        "poses.npz": ("npz", npz_bytes(amass_arrays()), {}),
        "stageii.npz": ("npz", npz_bytes(amass_arrays(stageii=True), compress=True), {}),
    }


def world(motion: Motion) -> np.ndarray:
    """Joints by forward kinematics in float64."""
    offsets = motion.skeleton.offsets if motion.translations is None else motion.translations
    return forward_kinematics(motion.rotations.astype(np.float64), motion.root.astype(np.float64), offsets, motion.skeleton.parents)[0]
