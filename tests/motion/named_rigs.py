"""Joint names and trees of rigs as they come out of common programs, and what the joints are."""

from __future__ import annotations

import re

import numpy as np

from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22, SMPL22_JOINTS

# One joint a line, children further to the right; a joint with
# <left|right> and all below it stand there twice. After = the landmark that the joint is. What ends in _end is an end site.
RIGS = {
    "Blender Rigify": """
        spine
         spine.001
          spine.002
           spine.003
            spine.004 = neck
             spine.005
              spine.006 = head
               face
               nose
            shoulder.<L|R> = collar
             upper_arm.<L|R> = shoulder
              forearm.<L|R> = elbow
               hand.<L|R> = wrist
                palm.01.<L|R>
                thumb.01.<L|R>
            breast.<L|R>
         pelvis.<L|R>
         thigh.<L|R> = hip
          shin.<L|R> = knee
           foot.<L|R> = ankle
            heel.02.<L|R>
            toe.<L|R> = foot
    """,
    "Blender Rigify, deforming bones": """
        DEF-spine
         DEF-spine.001
          DEF-shoulder.<L|R> = collar
           DEF-upper_arm.<L|R> = shoulder
            DEF-upper_arm.<L|R>.001
             DEF-forearm.<L|R> = elbow
              DEF-forearm.<L|R>.001
               DEF-hand.<L|R> = wrist
          DEF-neck = neck
           DEF-head = head
         DEF-thigh.<L|R> = hip
          DEF-thigh.<L|R>.001
           DEF-shin.<L|R> = knee
            DEF-shin.<L|R>.001
             DEF-foot.<L|R> = ankle
              DEF-toe.<L|R> = foot
    """,
    "3ds Max Biped": """
        Bip01
         Bip01 Pelvis
          Bip01 Spine
           Bip01 Spine1
            Bip01 Neck = neck
             Bip01 Head = head
             Bip01 <L|R> Clavicle = collar
              Bip01 <L|R> UpperArm = shoulder
               Bip01 <L|R> Forearm = elbow
                Bip01 <L|R> Hand = wrist
                 Bip01 <L|R> Finger0
           Bip01 <L|R> Thigh = hip
            Bip01 <L|R> Calf = knee
             Bip01 <L|R> Foot = ankle
              Bip01 <L|R> Toe0 = foot
    """,
    "Source engine": """
        ValveBiped.Bip01_Pelvis
         ValveBiped.Bip01_Spine
          ValveBiped.Bip01_Neck1 = neck
           ValveBiped.Bip01_Head1 = head
          ValveBiped.Bip01_<L|R>_Clavicle = collar
           ValveBiped.Bip01_<L|R>_UpperArm = shoulder
            ValveBiped.Bip01_<L|R>_Forearm = elbow
             ValveBiped.Bip01_<L|R>_Hand = wrist
         ValveBiped.Bip01_<L|R>_Thigh = hip
          ValveBiped.Bip01_<L|R>_Calf = knee
           ValveBiped.Bip01_<L|R>_Foot = ankle
            ValveBiped.Bip01_<L|R>_Toe0 = foot
    """,
    "Unreal mannequin": """
        root
         pelvis
          spine_01
           spine_02
            spine_03
             clavicle_<l|r> = collar
              upperarm_<l|r> = shoulder
               upperarm_twist_01_<l|r>
               lowerarm_<l|r> = elbow
                lowerarm_twist_01_<l|r>
                hand_<l|r> = wrist
                 index_01_<l|r>
             neck_01 = neck
              head = head
          thigh_<l|r> = hip
           thigh_twist_01_<l|r>
           calf_<l|r> = knee
            calf_twist_01_<l|r>
            foot_<l|r> = ankle
             ball_<l|r> = foot
         ik_foot_root
          ik_foot_<l|r>
         ik_hand_root
          ik_hand_gun
           ik_hand_<l|r>
    """,
    "Xsens BVH": """
        Hips
         Chest
          Chest2
           Chest3
            Chest4
             Neck = neck
              Head = head
             <Left|Right>Collar = collar
              <Left|Right>Shoulder = shoulder
               <Left|Right>Elbow = elbow
                <Left|Right>Wrist = wrist
         <Left|Right>Hip = hip
          <Left|Right>Knee = knee
           <Left|Right>Ankle = ankle
            <Left|Right>Toe = foot
    """,
    "Xsens MVNX": """
        Pelvis
         L5
          L3
           T12
            T8
             Neck = neck
              Head = head
             <Left|Right>Shoulder = collar
              <Left|Right>UpperArm = shoulder
               <Left|Right>ForeArm = elbow
                <Left|Right>Hand = wrist
         <Left|Right>UpperLeg = hip
          <Left|Right>LowerLeg = knee
           <Left|Right>Foot = ankle
            <Left|Right>Toe = foot
    """,
    "Rokoko": """
        Hips
         Spine1
          Spine2
           Spine3
            Spine4
             Neck = neck
              Head = head
             <Left|Right>Shoulder = collar
              <Left|Right>Arm = shoulder
               <Left|Right>ForeArm = elbow
                <Left|Right>Hand = wrist
         <Left|Right>Thigh = hip
          <Left|Right>Shin = knee
           <Left|Right>Foot = ankle
            <Left|Right>Toe = foot
    """,
    "AccuRig, Character Creator": """
        CC_Base_BoneRoot
         CC_Base_Hip
          CC_Base_Pelvis
           CC_Base_<L|R>_Thigh = hip
            CC_Base_<L|R>_ThighTwist01
            CC_Base_<L|R>_Calf = knee
             CC_Base_<L|R>_KneeShareBone
             CC_Base_<L|R>_CalfTwist01
             CC_Base_<L|R>_Foot = ankle
              CC_Base_<L|R>_ToeBase = foot
               CC_Base_<L|R>_BigToe1
          CC_Base_Waist
           CC_Base_Spine01
            CC_Base_Spine02
             CC_Base_<L|R>_Clavicle = collar
              CC_Base_<L|R>_Upperarm = shoulder
               CC_Base_<L|R>_UpperarmTwist01
               CC_Base_<L|R>_Forearm = elbow
                CC_Base_<L|R>_ElbowShareBone
                CC_Base_<L|R>_Hand = wrist
             CC_Base_NeckTwist01 = neck
              CC_Base_NeckTwist02
               CC_Base_Head = head
                CC_Base_FacialBone
    """,
    "DAZ Genesis 8": """
        hip
         pelvis
          <l|r>ThighBend = hip
           <l|r>ThighTwist
            <l|r>Shin = knee
             <l|r>Foot = ankle
              <l|r>Metatarsals
               <l|r>Toe = foot
         abdomenLower
          abdomenUpper
           chestLower
            chestUpper
             <l|r>Collar = collar
              <l|r>ShldrBend = shoulder
               <l|r>ShldrTwist
                <l|r>ForearmBend = elbow
                 <l|r>ForearmTwist
                  <l|r>Hand = wrist
                   <l|r>Thumb1
             neckLower = neck
              neckUpper
               head = head
    """,
    "MakeHuman": """
        root
         pelvis.<L|R>
          upperleg01.<L|R> = hip
           upperleg02.<L|R>
            lowerleg01.<L|R> = knee
             lowerleg02.<L|R>
              foot.<L|R> = ankle
               toe1-1.<L|R> = foot
         spine05
          spine04
           clavicle.<L|R> = collar
            shoulder01.<L|R>
             upperarm01.<L|R> = shoulder
              upperarm02.<L|R>
               lowerarm01.<L|R> = elbow
                lowerarm02.<L|R>
                 wrist.<L|R> = wrist
           neck01 = neck
            head = head
    """,
    "AdvancedSkeleton": """
        Root_M
         Hip_<L|R> = hip
          Knee_<L|R> = knee
           Ankle_<L|R> = ankle
            Toes_<L|R> = foot
         Spine1_M
          Chest_M
           Scapula_<L|R> = collar
            Shoulder_<L|R> = shoulder
             Elbow_<L|R> = elbow
              Wrist_<L|R> = wrist
           Neck_M = neck
            Head_M = head
    """,
    "DeepMotion": """
        hips_JNT
         spine_JNT
          spine1_JNT
           <l|r>_shoulder_JNT = collar
            <l|r>_arm_JNT = shoulder
             <l|r>_forearm_JNT = elbow
              <l|r>_hand_JNT = wrist
           neck_JNT = neck
            head_JNT = head
         <l|r>_upleg_JNT = hip
          <l|r>_leg_JNT = knee
           <l|r>_foot_JNT = ankle
            <l|r>_toebase_JNT = foot
    """,
    "OptiTrack": """
        Ann_Hip
         Ann_Ab
          Ann_Chest
           Ann_Neck = neck
            Ann_Head = head
           Ann_<L|R>Shoulder = collar
            Ann_<L|R>UArm = shoulder
             Ann_<L|R>FArm = elbow
              Ann_<L|R>Hand = wrist
         Ann_<L|R>Thigh = hip
          Ann_<L|R>Shin = knee
           Ann_<L|R>Foot = ankle
            Ann_<L|R>Toe = foot
    """,
    "Second Life": """
        mPelvis
         mTorso
          mChest
           mNeck = neck
            mHead = head
           mCollar<Left|Right> = collar
            mShoulder<Left|Right> = shoulder
             mElbow<Left|Right> = elbow
              mWrist<Left|Right> = wrist
         mHip<Left|Right> = hip
          mKnee<Left|Right> = knee
           mAnkle<Left|Right> = ankle
            mFoot<Left|Right> = foot
    """,
    "Kinect": """
        SpineBase
         SpineMid
          SpineShoulder
           Neck = neck
            Head = head
           Shoulder<Left|Right> = shoulder
            Elbow<Left|Right> = elbow
             Wrist<Left|Right> = wrist
              Hand<Left|Right>
         Hip<Left|Right> = hip
          Knee<Left|Right> = knee
           Ankle<Left|Right> = ankle
            Foot<Left|Right> = foot
    """,
    "MotionBuilder with a namespace and rolls": """
        Character1:Reference
         Character1:Hips
          Character1:<Left|Right>UpLeg = hip
           Character1:<Left|Right>UpLegRoll
           Character1:<Left|Right>Leg = knee
            Character1:<Left|Right>LegRoll
            Character1:<Left|Right>Foot = ankle
             Character1:<Left|Right>ToeBase = foot
          Character1:Spine
           Character1:<Left|Right>Shoulder = collar
            Character1:<Left|Right>Arm = shoulder
             Character1:<Left|Right>ArmRoll
             Character1:<Left|Right>ForeArm = elbow
              Character1:<Left|Right>Hand = wrist
               Character1:<Left|Right>InHandIndex
           Character1:Neck = neck
            Character1:Head = head
    """,
    "CMU in MotionBuilder's names": """
        Hips
         <L|R>HipJoint
          <Left|Right>UpLeg = hip
           <Left|Right>Leg = knee
            <Left|Right>Foot = ankle
             <Left|Right>ToeBase = foot
         LowerBack
          Spine
           Spine1
            Neck = neck
             Neck1
              Head = head
            <Left|Right>Shoulder = collar
             <Left|Right>Arm = shoulder
              <Left|Right>ForeArm = elbow
               <Left|Right>Hand = wrist
                <Left|Right>FingerBase
                <L|R>Thumb
    """,
    "Talking With Hands": """
        body_world
         b_root
          b_<l|r>_upleg = hip
           b_<l|r>_leg = knee
            b_<l|r>_foot_twist
             b_<l|r>_foot = ankle
          b_spine0
           b_spine1
            b_<l|r>_shoulder = collar
             b_<l|r>_arm = shoulder
              b_<l|r>_arm_twist
              b_<l|r>_forearm = elbow
               b_<l|r>_wrist_twist
                b_<l|r>_wrist = wrist
            b_neck0 = neck
             b_head = head
    """,
    "SMPL in MuJoCo": """
        Pelvis
         <L|R>_Hip = hip
          <L|R>_Knee = knee
           <L|R>_Ankle = ankle
            <L|R>_Toe = foot
         Torso
          Spine
           Chest
            Neck = neck
             Head = head
            <L|R>_Thorax = collar
             <L|R>_Shoulder = shoulder
              <L|R>_Elbow = elbow
               <L|R>_Wrist = wrist
                <L|R>_Hand
    """,
    "VRoid": """
        J_Bip_C_Hips
         J_Bip_C_Spine
          J_Bip_C_Chest
           J_Bip_C_Neck = neck
            J_Bip_C_Head = head
             J_Sec_Hair1_01
           J_Bip_<L|R>_Shoulder = collar
            J_Bip_<L|R>_UpperArm = shoulder
             J_Bip_<L|R>_LowerArm = elbow
              J_Bip_<L|R>_Hand = wrist
         J_Bip_<L|R>_UpperLeg = hip
          J_Bip_<L|R>_LowerLeg = knee
           J_Bip_<L|R>_Foot = ankle
            J_Bip_<L|R>_ToeBase = foot
    """,
    "Roblox R15": """
        LowerTorso
         UpperTorso
          Head = head
          <Left|Right>UpperArm = shoulder
           <Left|Right>LowerArm = elbow
            <Left|Right>Hand = wrist
         <Left|Right>UpperLeg = hip
          <Left|Right>LowerLeg = knee
           <Left|Right>Foot = ankle
    """,
    "OpenPose": """
        Neck = neck
         Nose = head
          <L|R>Eye
           <L|R>Ear
         <L|R>Shoulder = shoulder
          <L|R>Elbow = elbow
           <L|R>Wrist = wrist
         MidHip
          <L|R>Hip = hip
           <L|R>Knee = knee
            <L|R>Ankle = ankle
             <L|R>Heel
             <L|R>BigToe = foot
              <L|R>SmallToe
    """,
    "Perception Neuron": """
        Hips
         <Left|Right>UpLeg = hip
          <Left|Right>Leg = knee
           <Left|Right>Foot = ankle
            <Left|Right>Foot_end = foot
         Spine
          Spine1
           Neck = neck
            Neck1
             Head = head
              Head_end
           <Left|Right>Shoulder = collar
            <Left|Right>Arm = shoulder
             <Left|Right>ForeArm = elbow
              <Left|Right>Hand = wrist
               <Left|Right>HandIndex
                <Left|Right>HandIndex_end
    """,
    "Poser": """
        hip
         abdomen
          chest
           neck = neck
            head = head
           <l|r>Collar = collar
            <l|r>Shldr = shoulder
             <l|r>ForeArm = elbow
              <l|r>Hand = wrist
         <l|r>Buttock
          <l|r>Thigh = hip
           <l|r>Shin = knee
            <l|r>Foot = ankle
             <l|r>Foot_tip = foot
    """,
}


def depth_of(line):
    return len(line) - len(line.lstrip())


def both_sides(text):
    """The lines of a rig's text, each sided block replaced by its left and right copy."""
    lines = [line for line in text.splitlines() if line.strip()]
    while (start := next((i for i, line in enumerate(lines) if "<" in line), None)) is not None:
        end = next((i for i in range(start + 1, len(lines)) if depth_of(lines[i]) <= depth_of(lines[start])), len(lines))
        copies = [
            re.sub(r"<(\w+)\|(\w+)>", group, line).replace(" = ", f" = {side}_")
            for side, group in (("left", r"\1"), ("right", r"\2"))
            for line in lines[start:end]
        ]
        lines[start:end] = copies
    return lines


def rig(text):
    """The skeleton of a rig's text, its landmarks at their places on SMPL's mean body, and which joint each landmark is."""
    rows, branch = [], []  # (name, parent, landmark); (depth, name) of the joints above
    for line in both_sides(text):
        name, _, landmark = line.strip().partition(" = ")
        while branch and branch[-1][0] >= depth_of(line):
            branch.pop()
        rows.append((name, branch[-1][1] if branch else None, landmark))
        branch.append((depth_of(line), name))
    names = [name for name, _, _ in rows]
    parents = [names.index(parent) if parent else -1 for _, parent, _ in rows]
    rest = dict(zip(SMPL22_JOINTS, SMPL22.rest_positions, strict=True))
    at = []
    for i, (_, _, landmark) in enumerate(rows):
        above = at[parents[i]] if i else np.zeros(3)
        at.append(rest[landmark] if landmark else above + np.array((0, 0.02, 0.01 * (i % 3))))
    offsets = np.array([p - at[q] if q >= 0 else p for p, q in zip(at, parents, strict=True)])
    ends = {i for i, name in enumerate(names) if name.endswith("_end")}
    return Skeleton("unknown", names, parents, offsets, None, ends), {landmark: name for name, _, landmark in rows if landmark}
