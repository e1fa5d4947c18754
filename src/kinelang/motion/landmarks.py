"""Finding the 22 common joints on a skeleton that is not in the table: by names first, then by the shape of the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.figure import ancestors, find_figure, longest_chains
from kinelang.motion.skeleton import Landmark, Skeleton, side_of
from kinelang.motion.skeletons import bare_name, identify

SIDED_WORDS: dict[str, tuple[str, ...]] = {
    "foot": ("ball", "toebase", "forefoot", "toes", "toe"),
    "ankle": ("ankle", "foot"),
    "knee": ("knee", "lowerleg", "lowleg", "shin", "calf", "tibia", "leg"),
    "hip": ("upleg", "upperleg", "thigh", "femur", "hip", "leg"),
    "wrist": ("wrist", "hand"),
    "elbow": ("elbow", "forearm", "lowerarm", "lowarm", "farm", "radius", "ulna"),
    "shoulder": ("upperarm", "uparm", "uarm", "humerus", "shldr", "arm", "shoulder"),
    "collar": ("collar", "clavicle", "scapula", "shoulder", "thorax"),
}
"""Names for a left or right joint, the surest first; compared with what `_core_name` leaves of a joint's name."""

MIDDLE_WORDS: dict[str, tuple[str, ...]] = {"neck": ("lowerneck", "necklower", "neck", "cervical"), "head": ("head", "skull")}
REQUIRED = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
CHAINS = (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"))

SPINE_SHARES = {"spine1": 0.35, "spine2": 0.585, "spine3": 0.68}
"""Where the spine's joints lie between the middle of the hips and the neck, along the spine: SMPL's mean body."""

_ALL_WORDS = {word for table in (SIDED_WORDS, MIDDLE_WORDS) for words in table.values() for word in words}
_NO_BONE = {"ik", "pole", "target", "ctrl", "control", "mch", "org", "twist", "roll"}  # helpers of a rig that no limb runs through
_TAGS = {"joint", "jnt", "jt", "bone", "bind", "bend", "m", "c"}  # said of a joint after its name; m and c: of the middle
_SIDES = {"left", "right", "l", "r"}
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def landmarks_of(skeleton: Skeleton) -> Mapping[str, Landmark]:
    """Where the joints of SMPL-22 lie on a skeleton.

    Taken from the skeleton itself, from the table by joint names, by common names of single joints, or by the shape of the tree in
    the rest pose. Feet may be missing.

    Raises:
        SkeletonError: no two legs, two arms and a head can be told.
    """
    if skeleton.landmarks is not None:
        return skeleton.landmarks
    known = identify(skeleton.joint_names)
    if known is not None and known.landmarks is not None:
        return known.landmarks
    joints = _by_names(skeleton) or find_figure(skeleton)
    if joints is None:
        names = ", ".join(skeleton.joint_names[:12])
        raise SkeletonError.of(
            f"skeleton '{skeleton.name}'",
            f"{skeleton.n_joints} joints ({names}{', ...' if skeleton.n_joints > 12 else ''}) without two legs, two arms and a head",
            "a human figure",
            "give the skeleton landmarks (Skeleton.landmarks) that say where the 22 joints are",
        )
    return _complete(skeleton, joints)


def _core_name(joint: str) -> str:
    """The body word in a joint's name: CC_Base_L_Thigh -> thigh, Bip01 R UpperArm -> upperarm, l_forearm_JNT -> forearm; or "".

    It is the longest known word at the end of the name, after sides, numbers and tags are left out.
    """
    name = bare_name(joint)
    pieces = [piece.lower() for piece in _PIECE.findall(name)]
    if side_of(name) and not _SIDES & set(pieces):
        pieces = re.sub(r"\b[lr](?=\w)", "", " ".join(pieces), count=1).split()  # lfemur, LUArm
    pieces = [piece for piece in pieces if piece not in _SIDES]
    if _NO_BONE & set(pieces):
        return ""
    while pieces and pieces[-1] in _TAGS:
        pieces.pop()
    return next((word for i in range(len(pieces)) if (word := "".join(pieces[i:])) in _ALL_WORDS), "")


def _by_names(skeleton: Skeleton) -> dict[str, int] | None:
    """Indices of joints by common names, or None if one of the required is not found on both sides."""
    found: dict[str, int] = {}
    cores = [(_core_name(n), side_of(bare_name(n)), i) for i, n in enumerate(skeleton.joint_names) if i not in skeleton.end_sites]
    for side in ("left", "right"):
        mine = [(core, i) for core, s, i in cores if s == side]
        for landmark, words in SIDED_WORDS.items():
            taken = set(found.values())
            hit = next((i for word in words for core, i in mine if core == word and i not in taken), None)
            if hit is not None:
                found[f"{side}_{landmark}"] = hit
    for landmark, words in MIDDLE_WORDS.items():
        hit = next((i for word in words for core, s, i in cores if core == word and not s), None)
        if hit is not None:
            found[landmark] = hit
    sided = [[f"{side}_{part}" for part in chain] for side in ("left", "right") for chain in CHAINS]
    if not all(part in found for chain in sided for part in chain):
        return None
    if not all(a in ancestors(skeleton, b) for chain in sided for a, b in pairwise(found[part] for part in chain)):
        return None
    return _with_feet_and_head(skeleton, found)


def _with_feet_and_head(skeleton: Skeleton, found: dict[str, int]) -> dict[str, int]:
    """Feet and head that have no name of their own: what follows the ankle, and what follows the place where the arms meet."""
    chains = longest_chains(skeleton)
    for side in ("left", "right"):
        beyond = chains[found[f"{side}_ankle"]][1:]
        if f"{side}_foot" not in found and beyond:
            found[f"{side}_foot"] = beyond[0]
    chest = _meeting(skeleton, found["left_shoulder"], found["right_shoulder"])
    limbs = {j for name, at in found.items() if name not in ("neck", "head") for j in ancestors(skeleton, at)}
    if "head" in found:
        neck = [j for j in ancestors(skeleton, found["head"])[1:] if j not in limbs]
    else:
        beyond = max((chains[c] for c in skeleton.children[chest] if c not in limbs), key=len, default=[])
        joints = [j for j in beyond if j not in skeleton.end_sites]
        branch = next((i for i, j in enumerate(joints) if len(skeleton.children[j]) > 1), len(joints) - 1)  # a face
        if not joints:
            return found
        found["head"] = joints[branch]
        neck = joints[:branch][::-1]
    return {"neck": neck[-1], **found} if neck else found


def _meeting(skeleton: Skeleton, a: int, b: int) -> int:
    """The lowest joint in the tree that is above both."""
    above = ancestors(skeleton, b)
    return next(j for j in ancestors(skeleton, a) if j in above)


def _complete(skeleton: Skeleton, joints: dict[str, int]) -> dict[str, Landmark]:
    """Fill in pelvis, spine, neck, head and collars between the joints that were found."""
    names = skeleton.joint_names
    points = {k: Landmark(((names[i], 1.0),)) for k, i in joints.items()}
    points.update({k: p for k, p in _along_the_spine(skeleton, joints).items() if k not in points})

    def between(share: float) -> Landmark:
        """From the middle of the hips (0) to the middle of the shoulders (1)."""
        ends = (("left_hip", 1 - share), ("right_hip", 1 - share), ("left_shoulder", share), ("right_shoulder", share))
        return Landmark(tuple((names[joints[k]], w / 2) for k, w in ends))

    for name, share in (("pelvis", 0.15), ("spine1", 0.37), ("spine2", 0.62), ("spine3", 0.72), ("neck", 1.06), ("head", 1.3)):
        points.setdefault(name, between(share))
    for side, other in (("left", "right"), ("right", "left")):
        collar = ((names[joints[f"{side}_shoulder"]], 0.65), (names[joints[f"{other}_shoulder"]], 0.35))
        points.setdefault(f"{side}_collar", Landmark(collar))
    return points


def _along_the_spine(skeleton: Skeleton, joints: dict[str, int]) -> dict[str, Landmark]:
    """Pelvis and spine on the bones between hips and neck, as each moves with one of them; nothing where there are no such bones."""
    hips = [joints["left_hip"], joints["right_hip"]]
    base = _meeting(skeleton, *hips)
    path = ancestors(skeleton, joints["neck"])[::-1] if "neck" in joints else []
    if base not in path[:-1]:
        return {}
    path = path[path.index(base) :]
    rest = skeleton.rest_positions.astype(np.float64)
    below = float(np.linalg.norm(rest[base] - rest[hips].mean(axis=0)))
    reached = below + np.append(0, np.cumsum(np.linalg.norm(np.diff(rest[path], axis=0), axis=1)))
    if reached[-1] <= below:
        return {}
    points: dict[str, Landmark] = {}
    for name, share in SPINE_SHARES.items():
        at = max(share * reached[-1], below)
        k = int(np.clip(np.searchsorted(reached, at), 1, len(path) - 1))
        t = float((at - reached[k - 1]) / (reached[k] - reached[k - 1]))
        ends = (skeleton.joint_names[path[k - 1]], 1 - t), (skeleton.joint_names[path[k]], t)
        points[name] = Landmark(tuple((joint, w) for joint, w in ends if w))
    middle = tuple((skeleton.joint_names[j], 0.3) for j in hips)
    points["pelvis"] = Landmark(middle + tuple((joint, 0.4 * w) for joint, w in points["spine1"].blend))
    return points
