"""SMPL-family skeletons. Rest pose: SMPL's T-pose, arms along ±X; offsets of the mean body, metres."""

from __future__ import annotations

from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons.tree_text import skeleton_from_text

# Joint offsets of the SMPL-H mean body (Loper et al. 2015, Romero et al. 2017), left and right as they are.
_BODY = """
    pelvis         -               0        0        0
    left_hip       pelvis          0.05858 -0.08228 -0.01766
    right_hip      pelvis         -0.06031 -0.09051 -0.01354
    spine1         pelvis          0.00444  0.12440 -0.03839
    left_knee      left_hip        0.04345 -0.38647  0.00804
    right_knee     right_hip      -0.04326 -0.38369 -0.00484
    spine2         spine1          0.00449  0.13796  0.02682
    left_ankle     left_knee      -0.01479 -0.42687 -0.03743
    right_ankle    right_knee      0.01906 -0.42005 -0.03456
    spine3         spine2         -0.00226  0.05603  0.00286
    left_foot      left_ankle      0.04105 -0.06029  0.12204
    right_foot     right_ankle    -0.03484 -0.06211  0.13032
    neck           spine3         -0.01339  0.21164 -0.03347
    left_collar    spine3          0.07170  0.11400 -0.01890
    right_collar   spine3         -0.08295  0.11247 -0.02371
    head           neck            0.01011  0.08894  0.05041
    left_shoulder  left_collar     0.12292  0.04521 -0.01905
    right_shoulder right_collar   -0.11323  0.04685 -0.00847
    left_elbow     left_shoulder   0.25533 -0.01565 -0.02295
    right_elbow    right_shoulder -0.26013 -0.01437 -0.03127
    left_wrist     left_elbow      0.26571  0.01270 -0.00737
    right_wrist    right_elbow    -0.26911  0.00679 -0.00603
"""
_HANDS = """
    left_hand      left_wrist      0.08669 -0.01064 -0.01559
    right_hand     right_wrist    -0.08875 -0.00865 -0.01011
"""

SMPL22: Skeleton = skeleton_from_text("smpl22", _BODY)
SMPL24: Skeleton = skeleton_from_text("smpl24", _BODY + _HANDS)


def _fingers(side: str) -> str:
    """Fifteen finger joints in MANO's order. The offsets are rounded guesses of ours: only the tree is SMPL-H's."""
    sign = 1 if side == "left" else -1
    first = {
        "index": (0.10, 0.027),
        "middle": (0.105, 0.004),
        "pinky": (0.085, -0.038),
        "ring": (0.095, -0.018),
        "thumb": (0.03, 0.03),
    }
    lines = []
    for finger, (x, z) in first.items():
        lines.append(f"{side}_{finger}1 {side}_wrist {sign * x} 0 {z}")
        lines += [f"{side}_{finger}{i} {side}_{finger}{i - 1} {sign * 0.028} 0 0" for i in (2, 3)]
    return "\n".join(lines) + "\n"


SMPLH52: Skeleton = skeleton_from_text("smplh52", _BODY + _fingers("left") + _fingers("right"))
