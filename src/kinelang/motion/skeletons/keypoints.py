"""Skeletons that give positions only: KIT/MMM-21, Human3.6M-17, COCO-17. Rest offsets are those of an average figure, metres."""

from __future__ import annotations

from kinelang.motion.skeleton import Landmark, Skeleton
from kinelang.motion.skeletons.tree_text import parse_points, skeleton_from_text

# KIT Motion-Language in the MMM model's names (Terlemez et al. 2014). In Guo et al.'s code left and right are swapped against these
# names; which is true of a given file has to be decided by geometry, so descriptions of KIT motion say "sides unverified".
KIT21: Skeleton = skeleton_from_text(
    "kit21",
    """
    root - 0 0 0
    BP root 0 0.07 0
    BT BP 0 0.22 0
    BLN BT 0 0.25 0
    BUN BLN 0 0.09 0
    LS BLN 0.18 0 0
    LE LS 0 -0.30 0
    LW LE 0 -0.26 0
    RS BLN -0.18 0 0
    RE RS 0 -0.30 0
    RW RE 0 -0.26 0
    LH root 0.095 0 0
    LK LH 0 -0.44 0
    LA LK 0 -0.44 0
    LMrot LA 0 -0.03 0.09
    LF LMrot 0 -0.03 0.07
    RH root -0.095 0 0
    RK RH 0 -0.44 0
    RA RK 0 -0.44 0
    RMrot RA 0 -0.03 0.09
    RF RMrot 0 -0.03 0.07
    """,
    """
    pelvis = BP
    spine1 = 0.6 BP + 0.4 BT
    spine2 = 0.1 BP + 0.9 BT
    spine3 = 0.85 BT + 0.15 BLN
    neck = BLN
    head = BUN
    left_hip = LH
    left_knee = LK
    left_ankle = LA
    left_foot = 0.5 LMrot + 0.5 LF
    left_collar = 0.65 BLN + 0.35 LS
    left_shoulder = LS
    left_elbow = LE
    left_wrist = LW
    """,
)

# Human3.6M's 17 joints in the order that the lifting literature uses. `Foot` is the ankle; there are no toes and no collars.
H36M17: Skeleton = skeleton_from_text(
    "h36m17",
    """
    Hip - 0 0 0
    RHip Hip -0.13 0 0
    RKnee RHip 0 -0.45 0
    RFoot RKnee 0 -0.45 0
    LHip Hip 0.13 0 0
    LKnee LHip 0 -0.45 0
    LFoot LKnee 0 -0.45 0
    Spine Hip 0 0.23 0
    Thorax Spine 0 0.26 0
    Nose Thorax 0 0.12 0.06
    Head Nose 0 0.11 -0.02
    LShoulder Thorax 0.15 -0.03 0
    LElbow LShoulder 0 -0.28 0
    LWrist LElbow 0 -0.25 0
    RShoulder Thorax -0.15 -0.03 0
    RElbow RShoulder 0 -0.28 0
    RWrist RElbow 0 -0.25 0
    """,
    """
    pelvis = 0.6 Hip + 0.4 Spine
    spine1 = 0.1 Hip + 0.9 Spine
    spine2 = 0.55 Spine + 0.45 Thorax
    spine3 = 0.35 Spine + 0.65 Thorax
    neck = Thorax
    head = 0.5 Nose + 0.5 Thorax
    left_hip = LHip
    left_knee = LKnee
    left_ankle = LFoot
    left_collar = 0.6 Thorax + 0.4 LShoulder
    left_shoulder = LShoulder
    left_elbow = LElbow
    left_wrist = LWrist
    """,
)

# COCO's 17 keypoints. The tree hangs from the nose, as no keypoint lies in the middle of the body.
COCO17: Skeleton = skeleton_from_text(
    "coco17",
    """
    nose - 0 0 0
    left_eye nose 0.03 0.04 -0.02
    right_eye nose -0.03 0.04 -0.02
    left_ear left_eye 0.04 -0.02 -0.09
    right_ear right_eye -0.04 -0.02 -0.09
    left_shoulder nose 0.17 -0.22 -0.10
    right_shoulder nose -0.17 -0.22 -0.10
    left_elbow left_shoulder 0.02 -0.28 0
    right_elbow right_shoulder -0.02 -0.28 0
    left_wrist left_elbow 0 -0.25 0
    right_wrist right_elbow 0 -0.25 0
    left_hip left_shoulder -0.06 -0.50 0
    right_hip right_shoulder 0.06 -0.50 0
    left_knee left_hip 0 -0.42 0
    right_knee right_hip 0 -0.42 0
    left_ankle left_knee 0 -0.41 0
    right_ankle right_knee 0 -0.41 0
    """,
    """
    pelvis = 0.42 left_hip + 0.42 right_hip + 0.08 left_shoulder + 0.08 right_shoulder
    spine1 = 0.31 left_hip + 0.31 right_hip + 0.19 left_shoulder + 0.19 right_shoulder
    spine2 = 0.19 left_hip + 0.19 right_hip + 0.31 left_shoulder + 0.31 right_shoulder
    spine3 = 0.14 left_hip + 0.14 right_hip + 0.36 left_shoulder + 0.36 right_shoulder
    neck = -0.04 left_hip + -0.04 right_hip + 0.54 left_shoulder + 0.54 right_shoulder
    head = 0.25 left_ear + 0.25 right_ear + 0.25 left_shoulder + 0.25 right_shoulder
    left_hip = left_hip
    left_knee = left_knee
    left_ankle = left_ankle
    left_collar = 0.65 left_shoulder + 0.35 right_shoulder
    left_shoulder = left_shoulder
    left_elbow = left_elbow
    left_wrist = left_wrist
    """,
)

# Named approximations (ours): where these skeletons' joints lie on the 22 joints.
FROM_SMPL22: dict[str, dict[str, Landmark]] = {
    "h36m17": parse_points(
        """
        Hip = 0.5 left_hip + 0.5 right_hip
        RHip = right_hip
        RKnee = right_knee
        RFoot = right_ankle
        LHip = left_hip
        LKnee = left_knee
        LFoot = left_ankle
        Spine = 0.5 spine1 + 0.5 spine2
        Thorax = neck
        Nose = 1.1 head + -0.1 neck
        Head = 2.1 head + -1.1 neck
        LShoulder = left_shoulder
        LElbow = left_elbow
        LWrist = left_wrist
        RShoulder = right_shoulder
        RElbow = right_elbow
        RWrist = right_wrist
        """
    ),
    "kit21": parse_points(
        """
        root = 0.5 left_hip + 0.5 right_hip
        BP = pelvis
        BT = 0.3 spine2 + 0.7 spine3
        BLN = neck
        BUN = head
        LS = left_shoulder
        LE = left_elbow
        LW = left_wrist
        RS = right_shoulder
        RE = right_elbow
        RW = right_wrist
        LH = left_hip
        LK = left_knee
        LA = left_ankle
        LMrot = 0.3 left_ankle + 0.7 left_foot
        LF = -0.3 left_ankle + 1.3 left_foot
        RH = right_hip
        RK = right_knee
        RA = right_ankle
        RMrot = 0.3 right_ankle + 0.7 right_foot
        RF = -0.3 right_ankle + 1.3 right_foot
        """
    ),
}
