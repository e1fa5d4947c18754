"""Skeletons of motion-capture rigs: CMU (two readings), Mixamo, LAFAN1, Bandai-Namco.

A file's own offsets replace the ones here, which are those of an average figure, T-pose, metres. Landmarks that a rig has no
joint for are blends of joints that move as one rigid body, so that bones between landmarks keep their length.
"""

from __future__ import annotations

from kinelang.motion.skeleton import Landmark, Skeleton
from kinelang.motion.skeletons.tree_text import pelvis_over, skeleton_from_text

_FINGERS_DAZ = """
    lThumb1 lHand 0.0122 -0.0049 0.0341
    lThumb2 lThumb1 0.0337 -0.0052 0.0341
    lThumb2_end lThumb2 0.0178 -0.0118 0.0143
    lIndex1 lHand 0.0776 0.0094 0.0561
    lIndex2 lIndex1 0.0254 -0.0088 0.0157
    lIndex2_end lIndex2 0.0163 -0.0023 0.0117
    lMid1 lHand 0.0825 0.0118 0.0341
    lMid2 lMid1 0.031 -0.0059 0.0106
    lMid2_end lMid2 0.0249 -0.0033 0.0084
    lRing1 lHand 0.0883 0.0055 0.0152
    lRing2 lRing1 0.0261 -0.0082 -0.0002
    lRing2_end lRing2 0.0234 -0.0029 0.0017
    lPinky1 lHand 0.0827 -0.0005 -0.0046
    lPinky2 lPinky1 0.0183 -0.0065 -0.007
    lPinky2_end lPinky2 0.0169 -0.0052 -0.0061
"""

# cgspeed's conversion of the CMU recordings for the Daz figure. The feet end in End Sites; there is no toe joint. Its `hip` lies
# below the hip joints, so the pelvis point is placed over the thighs instead. Its hands lie before the line of the forearm, so that an
# elbow that the recording has straight reads as bent by 17 degrees (measured against the original AMC files of 12 trials, where the
# gap is 16.8 to 17.0); the wrist is put back on that line.
_HAND_BACK = (0.0, 0.0, -0.086)
CMU_DAZ: Skeleton = skeleton_from_text(
    "cmu_daz",
    f"""
    hip - 0 0 0
    abdomen hip 0 0.2069 -0.0073
    chest abdomen 0 0.117 -0.0049
    neck chest 0 0.2219 -0.0219
    head neck 0 0.0707 0.0122
    sided
    leftEye head 0.039 0.0805 0.0805
    leftEye_end leftEye 0 0 0.01
    lCollar chest 0.0268 0.1926 -0.0488
    lShldr lCollar 0.0878 -0.0195 0.0146
    lForeArm lShldr 0.2817 -0.0171 0.0049
    lHand lForeArm 0.2259 0.0077 0.0707
    {_FINGERS_DAZ}
    lButtock hip 0.0878 0.0435 0.0122
    lThigh lButtock 0 -0.0171 -0.0219
    lShin lThigh 0 -0.3682 0.0073
    lFoot lShin -0.0073 -0.4511 -0.0512
    lFoot_end lFoot 0.0112 -0.037 0.121
    end
    """,
    """
    left_hip = lThigh
    left_knee = lShin
    left_ankle = lFoot
    left_foot = lFoot_end
    spine1 = abdomen
    spine2 = chest
    spine3 = 0.8 chest + 0.2 neck
    neck = neck
    head = head
    left_collar = lCollar
    left_shoulder = lShldr
    left_elbow = lForeArm
    left_wrist = lHand
    """,
    {
        "pelvis": pelvis_over("lThigh", "hip"),
        "left_wrist": Landmark((("lHand", 1.0),), "lForeArm", _HAND_BACK),
        "right_wrist": Landmark((("rHand", 1.0),), "rForeArm", _HAND_BACK),
    },
)

# The original CMU Acclaim skeletons. A joint bears the name of the bone that starts at it. The forearm's twist is the `wrist` bone's,
# so the wrist proper is where `hand` starts.
CMU_ASF: Skeleton = skeleton_from_text(
    "cmu_asf",
    """
    root - 0 0 0
    sided
    lhipjoint root 0 0 0
    lfemur lhipjoint 0.077 -0.101 0.047
    ltibia lfemur 0.138 -0.380 0
    lfoot ltibia 0.145 -0.397 0
    ltoes lfoot 0.009 -0.024 0.131
    ltoes_end ltoes 0 0 0.067
    end
    lowerback root 0 0 0
    upperback lowerback 0 0.115 0
    thorax upperback 0 0.115 0
    lowerneck thorax 0 0.115 0
    upperneck lowerneck 0 0.09 0
    head upperneck 0 0.09 0
    head_end head 0 0.09 0
    sided
    lclavicle thorax 0 0.115 0
    lhumerus lclavicle 0.19 0.05 0
    lradius lhumerus 0.28 0 0
    lwrist lradius 0.18 0 0
    lhand lwrist 0.09 0 0
    lfingers lhand 0.035 0 0
    lfingers_end lfingers 0.028 0 0
    lthumb lwrist 0.03 0 0.03
    lthumb_end lthumb 0.03 0 0.03
    end
    """,
    """
    left_hip = lfemur
    left_knee = ltibia
    left_ankle = lfoot
    left_foot = ltoes
    spine1 = 0.2 lowerback + 0.8 upperback
    spine2 = 0.2 upperback + 0.8 thorax
    spine3 = 0.65 thorax + 0.35 lowerneck
    neck = upperneck
    head = head
    left_collar = 0.6 lclavicle + 0.4 lhumerus
    left_shoulder = lhumerus
    left_elbow = lradius
    left_wrist = lhand
    """,
    {"pelvis": pelvis_over("lfemur", "root")},
)


def _mixamo_fingers() -> str:
    base = {"Thumb": (0.03, 0.03), "Index": (0.09, 0.03), "Middle": (0.095, 0.01), "Ring": (0.09, -0.01), "Pinky": (0.08, -0.03)}
    lines = []
    for finger, (x, z) in base.items():
        lines.append(f"LeftHand{finger}1 LeftHand {x} 0 {z}")
        lines += [f"LeftHand{finger}{i} LeftHand{finger}{i - 1} 0.03 0 0" for i in (2, 3, 4)]
    return "\n".join(lines)


# Joint names of Mixamo's auto-rigger, usually written with the prefix `mixamorig:`.
MIXAMO: Skeleton = skeleton_from_text(
    "mixamo",
    f"""
    Hips - 0 0 0
    Spine Hips 0 0.099 -0.012
    Spine1 Spine 0 0.117 0
    Spine2 Spine1 0 0.134 0
    Neck Spine2 0 0.150 0.009
    Head Neck 0 0.103 0.031
    HeadTop_End Head 0 0.185 0.066
    sided
    LeftShoulder Spine2 0.061 0.091 0.007
    LeftArm LeftShoulder 0.129 0 0
    LeftForeArm LeftArm 0.274 0 0
    LeftHand LeftForeArm 0.276 0 0
    {_mixamo_fingers()}
    LeftUpLeg Hips 0.091 -0.067 -0.001
    LeftLeg LeftUpLeg 0 -0.406 0
    LeftFoot LeftLeg 0 -0.421 0
    LeftToeBase LeftFoot 0 -0.104 0.128
    LeftToe_End LeftToeBase 0 0 0.10
    end
    """,
    """
    left_hip = LeftUpLeg
    left_knee = LeftLeg
    left_ankle = LeftFoot
    left_foot = LeftToeBase
    spine1 = Spine
    spine2 = Spine1
    spine3 = Spine2
    neck = Neck
    head = Head
    left_collar = LeftShoulder
    left_shoulder = LeftArm
    left_elbow = LeftForeArm
    left_wrist = LeftHand
    """,
    {"pelvis": pelvis_over("LeftUpLeg", "Hips")},
)

# LAFAN1 (Harvey et al. 2020): in each rest frame X runs along the bone; for the hips up is +X, forward +Y, left +Z.
LAFAN1: Skeleton = skeleton_from_text(
    "lafan1",
    """
    Hips - 0 0 0
    LeftUpLeg Hips 0.0010 0.0186 0.1055
    LeftLeg LeftUpLeg 0.4350 0 0
    LeftFoot LeftLeg 0.4237 0 0
    LeftToe LeftFoot 0.1730 0 0
    RightUpLeg Hips 0.0010 0.0186 -0.1055
    RightLeg RightUpLeg 0.4350 0 0
    RightFoot RightLeg 0.4237 0 0
    RightToe RightFoot 0.1730 0 0
    Spine Hips 0.069 -0.026 0
    Spine1 Spine 0.126 0 0
    Spine2 Spine1 0.126 0 0
    Neck Spine2 0.258 0 0
    Head Neck 0.118 0 0
    LeftShoulder Spine2 0.177 0.005 0.065
    LeftArm LeftShoulder 0.115 0 0
    LeftForeArm LeftArm 0.333 0 0
    LeftHand LeftForeArm 0.253 0 0
    RightShoulder Spine2 0.177 0.005 -0.065
    RightArm RightShoulder 0.115 0 0
    RightForeArm RightArm 0.333 0 0
    RightHand RightForeArm 0.253 0 0
    """,
    """
    left_hip = LeftUpLeg
    left_knee = LeftLeg
    left_ankle = LeftFoot
    left_foot = LeftToe
    spine1 = Spine1
    spine2 = Spine2
    spine3 = 0.75 Spine2 + 0.25 Neck
    neck = Neck
    head = Head
    left_collar = LeftShoulder
    left_shoulder = LeftArm
    left_elbow = LeftForeArm
    left_wrist = LeftHand
    """,
    {"pelvis": pelvis_over("LeftUpLeg", "Hips", "+z+x+y")},
)

# Bandai-Namco Research motion datasets (Kobayashi et al. 2023): 21 joints under a static joint_Root; position channels on all
# joints; for the hips up is +X, forward +Z, left -Y.
BANDAI: Skeleton = skeleton_from_text(
    "bandai",
    """
    joint_Root - 0 0 0
    Hips joint_Root 0 0.93 0
    Spine Hips 0.155 0 0
    Chest Spine 0.09 0 0
    Neck Chest 0.165 0 0
    Head Neck 0.065 0 0
    Shoulder_L Chest 0.13 0 0.05
    UpperArm_L Shoulder_L 0.055 0 0
    LowerArm_L UpperArm_L 0.245 0 0
    Hand_L LowerArm_L 0.225 0 0
    Shoulder_R Chest 0.13 0 -0.05
    UpperArm_R Shoulder_R -0.055 0 0
    LowerArm_R UpperArm_R -0.245 0 0
    Hand_R LowerArm_R -0.225 0 0
    UpperLeg_L Hips -0.022 -0.065 0
    LowerLeg_L UpperLeg_L 0.39 0 0
    Foot_L LowerLeg_L 0.41 0 0
    Toes_L Foot_L 0.12 0 0
    UpperLeg_R Hips -0.022 0.065 0
    LowerLeg_R UpperLeg_R -0.39 0 0
    Foot_R LowerLeg_R -0.41 0 0
    Toes_R Foot_R -0.12 0 0
    """,
    """
    left_hip = UpperLeg_L
    left_knee = LowerLeg_L
    left_ankle = Foot_L
    left_foot = Toes_L
    spine1 = Spine
    spine2 = Chest
    spine3 = 0.8 Chest + 0.2 Neck
    neck = Neck
    head = Head
    left_collar = Shoulder_L
    left_shoulder = UpperArm_L
    left_elbow = LowerArm_L
    left_wrist = Hand_L
    """,
    {"pelvis": pelvis_over("UpperLeg_L", "Hips", "-y+x+z")},
)
