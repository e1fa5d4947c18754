"""Finding the 22 common joints on a skeleton that is not in the table: by names first, then by the shape of the tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from kinelang.errors import SkeletonError
from kinelang.motion.skeleton import Landmark, Skeleton, side_of
from kinelang.motion.skeletons import bare_name, identify

SIDED_WORDS: dict[str, tuple[str, ...]] = {
    "foot": ("toebase", "toes", "toe", "ball"),
    "ankle": ("ankle", "foot"),
    "knee": ("knee", "lowerleg", "lowleg", "shin", "calf", "tibia", "leg"),
    "hip": ("upleg", "upperleg", "thigh", "femur", "hip"),
    "wrist": ("wrist", "hand"),
    "elbow": ("elbow", "forearm", "lowerarm", "lowarm", "radius"),
    "shoulder": ("upperarm", "uparm", "humerus", "shldr", "arm", "shoulder"),
    "collar": ("collar", "clavicle", "shoulder"),
}
"""Names for a left or right joint, the surest first; compared with the joint's name without side, digits and punctuation."""

MIDDLE_WORDS: dict[str, tuple[str, ...]] = {"neck": ("neck", "lowerneck", "upperneck", "cervical"), "head": ("head", "skull")}
REQUIRED = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")


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
    joints = _by_names(skeleton) or _by_topology(skeleton)
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
    name = re.sub(r"left|right", "", bare_name(joint), flags=re.IGNORECASE)
    name = re.sub(r"(?<![A-Za-z])[lrLR](?=[A-Z_.\-\s])|(?<=[_.\-\s])[lrLR](?![A-Za-z])|(?<=[a-z0-9])[LR](?![a-z])", "", name)
    if name and name[0] in "lr" and side_of(joint) and name == bare_name(joint):
        name = name[1:]
    return re.sub(r"[^a-z]", "", name.lower().replace("bip", "").replace("mixamorig", ""))


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
    ok = all(f"{side}_{part}" in found for side in ("left", "right") for part in REQUIRED)
    chains_ok = ok and all(_in_order(skeleton, [found[f"{s}_{p}"] for p in c]) for s in ("left", "right") for c in _CHAINS)
    return found if chains_ok else None


_CHAINS = (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"))


def _in_order(skeleton: Skeleton, chain: list[int]) -> bool:
    return all(a in _ancestors(skeleton, b) for a, b in pairwise(chain))


def _ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """The joint itself and all above it, up to the root."""
    path = [joint]
    while skeleton.parents[path[-1]] >= 0:
        path.append(skeleton.parents[path[-1]])
    return path


def _by_topology(skeleton: Skeleton) -> dict[str, int] | None:
    """Indices of joints by the shape of the rest pose: two equal long limbs below, two equal limbs and a head above."""
    rest = skeleton.rest_positions.astype(np.float64)
    chains = [_longest_chain(skeleton, rest, c) for c in range(skeleton.n_joints)]
    size = max((_length(rest, chain) for chain in chains), default=0.0)
    forks = [(j, [c for c in skeleton.children[j] if _length(rest, [j, *chains[c]]) > 0.15 * size]) for j in range(skeleton.n_joints)]
    forks = [(j, branches) for j, branches in forks if len(branches) >= 3]
    if len(forks) < 2 or size <= 0:
        return None
    (pelvis, low), (chest, high) = forks[0], forks[1]
    if chest not in [j for c in low for j in _subtree(skeleton, c)]:
        return None
    legs = _equal_pair(rest, [[pelvis, *chains[c]] for c in low if chest not in _subtree(skeleton, c)])
    arms = _equal_pair(rest, [[chest, *chains[c]] for c in high])
    if legs is None or arms is None or min(map(len, legs)) < 4 or min(map(len, arms)) < 4:
        return None
    head = next((chains[c] for c in high if chains[c][0] not in (arms[0][1], arms[1][1])), None)
    if head is None:
        return None
    return _name_sides(skeleton, rest, pelvis, legs, arms, head)


def _name_sides(
    skeleton: Skeleton, rest: np.ndarray, pelvis: int, legs: list[list[int]], arms: list[list[int]], head: list[int]
) -> dict[str, int] | None:
    """Left is up × forward, forward being where the feet point."""
    up = rest[head[-1]] - rest[pelvis]
    toes = [leg for leg in legs if len(leg) >= 5]
    if len(toes) < 2:
        return None  # without feet nothing says which way the figure faces
    forward = sum(rest[leg[4]] - rest[leg[3]] for leg in toes)
    left = np.cross(up, forward)
    found = {"neck": head[0], "head": head[min(1, len(head) - 1)]}
    for limb, parts in ((legs, ("hip", "knee", "ankle", "foot")), (arms, ("shoulder", "elbow", "wrist"))):
        ordered = sorted(limb, key=lambda chain: -float(np.dot(rest[chain[1]] - rest[pelvis], left)))
        for side, chain in zip(("left", "right"), ordered, strict=True):
            joints = [j for j in chain[1:] if j not in skeleton.end_sites or parts[-1] == "foot"]
            if parts[0] == "shoulder" and len(joints) >= 4 and _length(rest, joints[:2]) < 0.75 * _length(rest, joints[1:3]):
                found[f"{side}_collar"] = joints.pop(0)
            for part, joint in zip(parts, joints, strict=False):
                found[f"{side}_{part}"] = joint
    return found


def _longest_chain(skeleton: Skeleton, rest: np.ndarray, start: int) -> list[int]:
    best = [start]
    longest = 0.0
    for leaf in _subtree(skeleton, start):
        if not skeleton.children[leaf]:
            path = _ancestors(skeleton, leaf)
            path = path[: path.index(start) + 1][::-1]
            if _length(rest, path) > longest:
                best, longest = path, _length(rest, path)
    return best


def _subtree(skeleton: Skeleton, start: int) -> list[int]:
    out = [start]
    for j in out:
        out.extend(skeleton.children[j])
    return out


def _length(rest: np.ndarray, path: list[int]) -> float:
    return float(np.sqrt((np.diff(rest[path], axis=0) ** 2).sum(-1)).sum())


def _equal_pair(rest: np.ndarray, chains: list[list[int]]) -> list[list[int]] | None:
    """The two chains with most nearly the same bone lengths, if these agree to a tenth."""
    best: tuple[float, list[list[int]]] | None = None
    for i, a in enumerate(chains):
        for b in chains[i + 1 :]:
            gap = abs(_length(rest, a) - _length(rest, b)) / max(_length(rest, a), 1e-9)
            if len(a) == len(b) and gap < 0.1 and (best is None or gap < best[0]):
                best = (gap, [a, b])
    return best[1] if best else None


def _complete(skeleton: Skeleton, joints: dict[str, int]) -> dict[str, Landmark]:
    """Fill in pelvis, spine, neck, head and collars between the joints that were found."""
    names = skeleton.joint_names

    def mix(*terms: tuple[str, float]) -> Landmark:
        return Landmark(tuple((names[joints[k]], w) for k, w in terms))

    points = {k: mix((k, 1.0)) for k in joints}
    for name, share in (("pelvis", 0.15), ("spine1", 0.37), ("spine2", 0.62), ("spine3", 0.72), ("neck", 1.06), ("head", 1.3)):
        if name not in points:
            points[name] = mix(
                ("left_hip", (1 - share) / 2),
                ("right_hip", (1 - share) / 2),
                ("left_shoulder", share / 2),
                ("right_shoulder", share / 2),
            )
    for side, other in (("left", "right"), ("right", "left")):
        if f"{side}_collar" not in points:
            points[f"{side}_collar"] = mix((f"{side}_shoulder", 0.65), (f"{other}_shoulder", 0.35))
    return points
