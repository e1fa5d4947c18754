"""The walk that `perform` makes beside the walks of CMU's captioned training segments: the figures its parameters were fitted to.

    python bench/gait.py

Ours are 30 people who walk for five seconds. Angles are the 2nd and 98th percentile over the middle of a clip, medians over clips.
"""

from __future__ import annotations

import numpy as np

from kinelang import Motion
from kinelang.corpora import CORPORA, open_corpus
from kinelang.motion.angles import ANGLES, joint_angles
from kinelang.motion.contacts import follow_feet
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline, perform

OTHER_THINGS = ("turn", "circle", "back", "jump", "climb", "stair", "run", "jog")
SHOWN = ("hip_flexion_l", "knee_angle_l", "ankle_angle_l", "arm_flex_l", "elbow_flex_l", "pelvis_list", "lumbar_rotation")
COLUMN = {angle.key: i for i, angle in enumerate(ANGLES)}
JOINT = {name: i for i, name in enumerate(SMPL22.joint_names)}


def figures(motion: Motion) -> dict[str, float]:
    """Speed, cadence, step, rise of the pelvis, breadth and angles of one clip."""
    joints = np.asarray(motion.joints, dtype=float)
    n = len(joints)
    middle = slice(n // 5, 4 * n // 5)
    feet = follow_feet(joints, motion.fps)
    landings = np.array([step.land for step in feet.steps]) / motion.fps
    speed = np.linalg.norm(np.gradient(joints[:, 0, [0, 2]], axis=0), axis=1)[middle].mean() * motion.fps
    cadence = (len(landings) - 1) / np.ptp(landings) if len(landings) > 2 else np.nan
    across = (joints[:, 2] - joints[:, 1]) * [1, 0, 1]
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    ankles = joints[:, JOINT["left_ankle"]] - joints[:, JOINT["right_ankle"]]
    out = {"speed, m/s": speed, "steps a second": cadence, "step, m": speed / cadence}
    out["pelvis rises, m"] = float(np.ptp(joints[middle, 0, 1]))
    out["ankles apart, m"] = float(np.abs((ankles * across).sum(1))[middle].mean())
    out["ankle lifts, m"] = float(np.ptp(np.percentile(joints[middle][:, JOINT["left_ankle"], 1], [2, 98])))
    angles = np.degrees(joint_angles(joints))[middle]
    for key in SHOWN:
        low, high = np.percentile(angles[:, COLUMN[key]], [2, 98])
        out |= {f"{key}, least": low, f"{key}, most": high}
    return out


def walks() -> list[Motion]:
    """CMU's training segments that are captioned as walking and nothing else."""
    records = open_corpus("cmu").records("train")
    told = [(record, " ".join(record.texts).lower()) for record in records]
    return [record.motion() for record, text in told if "walk" in text and not any(word in text for word in OTHER_THINGS)]


def main() -> None:
    ours = [figures(perform(Timeline((Stage(0, 5, "walk"),)), seed)) for seed in range(30)]
    theirs = [figures(motion) for motion in walks()] if CORPORA["cmu"].find() else []
    if not theirs:
        print("no CMU recordings here: our walk alone")
    print(f"| | CMU, {len(theirs)} segments: median (quartiles) | ours, {len(ours)} people |\n|---|---|---|")
    for name in ours[0]:
        cells = []
        for rows in (theirs, ours):
            values = [row[name] for row in rows if np.isfinite(row[name])]
            low, middle, high = np.percentile(values, [25, 50, 75]) if values else (np.nan,) * 3
            cells.append(f"{middle:.2f} ({low:.2f} to {high:.2f})")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
