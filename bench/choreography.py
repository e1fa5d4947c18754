"""How real performed timelines look: figures of random performances beside those of captioned CMU segments at 20 fps.

Each figure is taken of every clip; the table gives the median and the 5th to 95th percentile over clips, and marks a median of ours
that lies outside that range of CMU's. Feet: a toe (ankle) that is lower than 5 (9) cm over the clip's ground and slower than 0.9 m/s is
planted, as in HumanML3D; that it moves all the same is sliding. Limits of the joints: the ranges of motion that the American Academy
of Orthopaedic Surgeons gives (1965), with 15 degrees added, since captured athletes and dancers go beyond them too.

    python bench/choreography.py [--clips 1000] [--segments 300] [--seed 0] [--verbs kick jump]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from kinelang import Motion, load
from kinelang.formats import list_motion_files
from kinelang.motion.added_pose import without_added_t_pose
from kinelang.motion.angles import ANGLES, joint_angles
from kinelang.motion.ops import cut, resample
from kinelang.motion.retargeting import retarget
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import perform, random_timeline

SHARED = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
FPS = 20.0
PARTS = {
    "pelvis": ("pelvis",),
    "chest": ("spine3",),
    "head": ("head",),
    "hands": ("left_wrist", "right_wrist"),
    "knees": ("left_knee", "right_knee"),
    "feet": ("left_ankle", "right_ankle"),
}
LIMITS_DEG = {
    "knee_angle": (-15, 150),
    "elbow_flex": (-15, 165),
    "hip_flexion": (-26, 154),
    "hip_adduction": (-60, 45),
    "ankle_angle": (-35, 83),
    "neck_flexion": (-40, 93),
    "neck_bending": (-60, 60),
    "lumbar_extension": (-95, 60),
    "lumbar_bending": (-50, 50),
    "lumbar_rotation": (-60, 60),
}
"""Of `joint_angles`, which are not all 0 in a person who stands: on SMPL hips 19, neck 33, trunk 15, ankles 18 degrees; on CMU less."""
_ROW = {name: i for i, name in enumerate(SMPL22.joint_names)}


def figures(joints: np.ndarray) -> dict[str, float]:
    """Every figure of one clip, joints (T, 22, 3) at 20 fps."""
    feet = joints[:, [_ROW[f"{side}_{joint}"] for joint in ("ankle", "foot") for side in ("left", "right")]]
    ground = float(np.percentile(feet[:, 2:, 1].min(axis=1), 5)) - 0.012
    out = _sliding(feet, ground)
    out["lowest joint under ground, cm"] = float(max(0.0, ground - joints[..., 1].min()) * 100)
    angles = (np.degrees(joint_angles(joints)) + 150) % 360 - 150  # unwrapped, they may have gone round once
    beyond = np.zeros(len(joints), dtype=bool)
    for i, angle in enumerate(ANGLES):
        limits = LIMITS_DEG.get(angle.key.removesuffix("_l").removesuffix("_r"))
        if limits:
            beyond |= (angles[:, i] < limits[0]) | (angles[:, i] > limits[1])
    out["frames beyond joint limits, %"] = float(beyond.mean() * 100)
    for part, names in PARTS.items():
        track = joints[:, [_ROW[n] for n in names]]
        speed = np.linalg.norm(np.diff(track, axis=0), axis=-1) * FPS
        jerk = np.linalg.norm(np.diff(track, 3, axis=0), axis=-1) * FPS**3
        out[f"{part}: speed, median m/s"] = float(np.median(speed))
        out[f"{part}: jerk, median m/s3"] = float(np.median(jerk))
        out[f"{part}: jerk, 95th percentile m/s3"] = float(np.percentile(jerk, 95))
    bones = np.linalg.norm(joints[:, 1:] - joints[:, list(SMPL22.parents[1:])], axis=-1)
    out["bone length, largest change %"] = float(((bones.max(0) - bones.min(0)) / bones.mean(0)).max() * 100)
    return out


def _sliding(feet: np.ndarray, ground: float) -> dict[str, float]:
    """feet (T, 4, 3): ankles, then toes."""
    speed = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1) * FPS
    height = feet[1:, :, 1] - ground
    planted = (height < [0.09, 0.09, 0.05, 0.05]) & (speed < 0.9)
    toes = speed[:, 2:][planted[:, 2:]]
    return {
        "planted toe, mean sliding m/s": float(toes.mean()) if len(toes) else 0.0,
        "planted toe, frames over 0.2 m/s, %": float((toes > 0.2).mean() * 100) if len(toes) else 0.0,
        "planted ankle, mean sliding m/s": float(speed[:, :2][planted[:, :2]].mean()) if planted[:, :2].any() else 0.0,
        "neither foot planted, %": float((~planted.any(axis=1)).mean() * 100),
    }


def performances(clips: int, seed: int, verbs: list[str] | None) -> tuple[list[dict[str, float]], float]:
    """Figures of random performances, and how many times faster than real time they are made at 20 fps.

    The figures are those of a performance at CMU's 120 fps, resampled as the recordings are.
    """
    rows, seconds, taken = [], 0.0, 0.0
    for i in range(clips):
        timeline = random_timeline(seed + i, verbs=verbs)
        start = time.perf_counter()
        motion = perform(timeline, seed + i, fps=FPS)
        _ = motion.joints
        taken += time.perf_counter() - start
        seconds += motion.duration_s
        joints = np.asarray(resample(perform(timeline, seed + i, fps=120.0), FPS).joints, dtype=float)
        if len(joints) >= 20:
            rows.append(figures(joints))
    return rows, seconds / taken


def recordings(segments: int, seed: int) -> list[dict[str, float]]:
    """Figures of captioned CMU segments of the train split."""
    listed = [s for s in json.loads((SHARED / "cmu_captions.json").read_text()) if s["split"] == "train"]
    rng = np.random.default_rng(seed)
    chosen = [listed[i] for i in rng.permutation(len(listed))[:segments]]
    wanted = {s["trial"] for s in chosen}
    motions: dict[str, Motion] = {}
    for archive in ("cmu_bvh.zip", "cmu_dance_bvh.zip", "cmu_asfamc.zip"):
        for path in list_motion_files(SHARED / archive):
            if Path(path).stem in wanted and Path(path).stem not in motions and not str(path).endswith(".asf"):
                motions[Path(path).stem] = without_added_t_pose(load(path))
    rows = []
    for s in chosen:
        if s["trial"] in motions:
            segment = resample(cut(motions[s["trial"]], s["start_s"], s["end_s"]), FPS)
            joints = np.asarray(retarget(segment, SMPL22, rotations=False).joints, dtype=float)
            if len(joints) >= 20 and np.isfinite(joints).all():
                rows.append(figures(joints))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--segments", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--verbs", nargs="*", help="only these verbs")
    options = parser.parse_args()
    real: list[dict[str, float]] = []
    if (SHARED / "cmu_captions.json").exists():
        real = recordings(options.segments, options.seed)
    else:
        print(f"no data at {SHARED}: only our own figures", file=sys.stderr)
    ours, faster = performances(options.clips, options.seed, options.verbs)
    print(f"{len(ours)} performances, {len(real)} CMU segments\n")
    print(f"{'figure':38} {'ours':>8} {'5-95 %':>17}   {'CMU':>8} {'5-95 %':>17}")
    for key in ours[0]:
        low, middle, high = np.percentile([row[key] for row in ours], (5, 50, 95))
        line = f"{key:38} {middle:8.2f} {low:8.2f} {high:8.2f}"
        if real:
            least, usual, most = np.percentile([row[key] for row in real], (5, 50, 95))
            line += f"   {usual:8.2f} {least:8.2f} {most:8.2f}" + ("" if least <= middle <= most else "  outside")
        print(line)
    print(f"\n{faster:,.0f} times real time on one core")
    return 0


if __name__ == "__main__":
    sys.exit(main())
