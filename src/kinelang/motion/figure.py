"""Telling a person by the shape of the skeleton's rest pose alone, whatever its joints are called."""

from __future__ import annotations

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.motion.skeleton import Skeleton

LONG = 0.15
"""Least length of a branch that counts as a limb, neck or trunk, as a share of the longest branch of the figure (ours)."""

ALIKE = 0.1
"""Largest relative gap between the lengths of a left and a right limb (ours)."""

UPRIGHT = 0.5
"""Least cosine between the direction from hip to ankle and from head to pelvis: in the rest pose people stand (ours)."""


def find_figure(skeleton: Skeleton) -> dict[str, int] | None:
    """Indices of hips, knees, ankles, feet, shoulders, elbows, wrists, collars, neck and head; None if there is no person.

    A person is a joint from which two equal long limbs with feet and a trunk go out, and on the trunk a second one with two equal
    limbs and a head. Left is where up × forward points, forward being where the feet point.
    """
    rest = skeleton.rest_positions.astype(np.float64)
    chains = longest_chains(skeleton)
    size = max(_length(rest, chain) for chain in chains)
    forks = []
    for j, children in enumerate(skeleton.children):
        branches = [[j, *chains[c]] for c in children]
        branches = [b for b in branches if _length(rest, b) > LONG * size]
        if len(branches) >= 3:
            forks.append((j, branches))
    if len(forks) < 2:
        return None
    (pelvis, low), (chest, high) = forks[0], forks[1]
    trunk = ancestors(skeleton, chest)
    legs = _equal_pair(rest, [b for b in low if b[1] not in trunk])
    arms = _equal_pair(rest, high)
    if pelvis not in trunk or legs is None or arms is None:
        return None
    head = [b[1:] for b in high if b not in arms]
    limbs = [_joints_of_limb(rest, limb) for limb in (*legs, *arms)]
    if not head or any(limb is None for limb in limbs):
        return None
    found = {"neck": head[0][0], "head": head[0][min(1, len(head[0]) - 1)]}
    return _with_sides(rest, pelvis, found, [limb for limb in limbs if limb is not None])


def longest_chains(skeleton: Skeleton) -> list[list[int]]:
    """For each joint the longest way down the tree, in metres of the rest pose, itself first."""
    bones = np.linalg.norm(skeleton.offsets, axis=1).tolist()
    longest = [0.0] * skeleton.n_joints
    following = [-1] * skeleton.n_joints
    for j in range(skeleton.n_joints - 1, 0, -1):  # children stand after their parents
        p = skeleton.parents[j]
        if following[p] < 0 or bones[j] + longest[j] >= longest[p]:
            longest[p], following[p] = bones[j] + longest[j], j
    chains: list[list[int]] = [[] for _ in bones]
    for j in range(skeleton.n_joints - 1, -1, -1):
        chains[j] = [j] if following[j] < 0 else [j, *chains[following[j]]]
    return chains


def ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """The joint itself and all above it, up to the root."""
    path = [joint]
    while skeleton.parents[path[-1]] >= 0:
        path.append(skeleton.parents[path[-1]])
    return path


def _length(rest: Array, path: list[int]) -> float:
    return float(np.linalg.norm(np.diff(rest[path], axis=0), axis=1).sum())


def _equal_pair(rest: Array, chains: list[list[int]]) -> list[list[int]] | None:
    """The two chains of as many joints with most nearly the same length, if these agree to `ALIKE`."""
    best: tuple[float, list[list[int]]] | None = None
    for i, a in enumerate(chains):
        for b in chains[i + 1 :]:
            gap = abs(_length(rest, a) - _length(rest, b)) / _length(rest, a)
            if len(a) == len(b) and gap < ALIKE and (best is None or gap < best[0]):
                best = (gap, [a, b])
    return best[1] if best else None


def _joints_of_limb(rest: Array, chain: list[int]) -> list[int] | None:
    """From the joint at the trunk: (what lies before it), hip or shoulder, knee or elbow, ankle or wrist, (what comes next).

    The two long bones of a limb are the neighbours of which the shorter one is longest.
    """
    bones = np.linalg.norm(np.diff(rest[chain], axis=0), axis=1)
    if len(bones) < 3:
        return None
    upper = 1 + int(np.argmax(np.minimum(bones[1:-1], bones[2:])))
    return [chain[upper - 1], *chain[upper : upper + 3], *chain[upper + 3 : upper + 4]]


def _with_sides(rest: Array, pelvis: int, found: dict[str, int], limbs: list[list[int]]) -> dict[str, int] | None:
    """Name the joints of two legs and two arms by their side."""
    up = rest[found["head"]] - rest[pelvis]
    legs, arms = limbs[:2], limbs[2:]
    shanks = np.array([rest[leg[3]] - rest[leg[1]] for leg in legs])
    standing = -shanks @ up > UPRIGHT * np.linalg.norm(shanks, axis=1) * np.linalg.norm(up)
    if not standing.all() or min(map(len, legs)) < 5:
        return None  # without feet nothing says which way the figure faces
    left = np.cross(up, sum(rest[leg[4]] - rest[leg[3]] for leg in legs))
    for pair, parts in ((legs, ("hip", "knee", "ankle", "foot")), (arms, ("shoulder", "elbow", "wrist"))):
        across = [float(rest[limb[1:3]].sum(axis=0) @ left) for limb in pair]
        ordered = pair if across[0] > across[1] else pair[::-1]
        for side, limb in zip(("left", "right"), ordered, strict=True):
            found.update({f"{side}_{part}": joint for part, joint in zip(parts, limb[1:], strict=False)})
            if parts[0] == "shoulder" and arms[0][0] != arms[1][0]:  # else the arms begin at one joint, the chest
                found[f"{side}_collar"] = limb[0]
    return found
