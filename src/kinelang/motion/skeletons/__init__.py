"""The table of known skeletons. A new skeleton is one constant in a file of this folder and one line in `SKELETONS`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons.keypoints import COCO17, H36M17, KIT21
from kinelang.motion.skeletons.rigs import BANDAI, CMU_ASF, CMU_DAZ, LAFAN1, MIXAMO
from kinelang.motion.skeletons.smpl import SMPL22, SMPL24, SMPLH52
from kinelang.motion.skeletons.tree_text import SMPL22_JOINTS

SKELETONS: dict[str, Skeleton] = {
    "smpl22": SMPL22,  # HumanML3D
    "smpl24": SMPL24,
    "smplh52": SMPLH52,  # AMASS
    "kit21": KIT21,
    "cmu_daz": CMU_DAZ,
    "cmu_asf": CMU_ASF,
    "mixamo": MIXAMO,
    "lafan1": LAFAN1,
    "bandai": BANDAI,
    "h36m17": H36M17,
    "coco17": COCO17,
}

__all__ = ["COCO17", "H36M17", "KIT21", "SKELETONS", "SMPL22", "SMPL22_JOINTS", "SMPL24", "SMPLH52", "identify"]


def bare_name(joint: str) -> str:
    """A joint name without the namespace that exporters put before it: `mixamorig:Hips` -> `Hips`."""
    return joint.rsplit(":", 1)[-1].strip()


def identify(joint_names: Sequence[str]) -> Skeleton | None:
    """The table entry whose joints these are, with its landmarks spelled in the given names; None if there is none.

    An entry fits if the names contain every joint that its landmarks speak of; of several that fit, the one with the most joints in
    common is taken. Namespaces before a colon do not count.
    """
    given = {bare_name(n): n for n in joint_names}
    best: tuple[int, Skeleton] | None = None
    for entry in SKELETONS.values():
        needed, all_joints = _joints_of(entry)
        if not needed <= given.keys():
            continue
        common = len(given.keys() & all_joints)
        if best is None or common > best[0]:
            best = (common, entry)
    if best is None:
        return None
    entry = best[1]
    if all(bare == name for bare, name in given.items()):
        return entry
    assert entry.landmarks is not None
    return replace(entry, landmarks={k: p.renamed(given) for k, p in entry.landmarks.items()})


@cache
def _joints_of(entry: Skeleton) -> tuple[frozenset[str], frozenset[str]]:
    """The joints that a table entry's landmarks speak of, and all its joints; made once for each entry."""
    assert entry.landmarks is not None  # every table entry has them: contract test
    needed = frozenset(joint for point in entry.landmarks.values() for joint, _ in point.blend)
    return needed, frozenset(entry.joint_names)
