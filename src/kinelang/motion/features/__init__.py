"""Motion features of HumanML3D (263 numbers a frame) and KIT (251): encode, decode, mirror.

`encode(joints)` gives what the published data hold, oddities included; `decode(features)` gives the joints back.
"""

from __future__ import annotations

from kinelang.motion.features.canonical import canonical_joints
from kinelang.motion.features.decoding import decode, decode_rotations, decode_to_motion
from kinelang.motion.features.encoding import HipOrder, Turns, encode, encode_batch
from kinelang.motion.features.fusing import decode_fused
from kinelang.motion.features.layouts import HUMANML3D, KIT, LAYOUTS, Layout, layout_of
from kinelang.motion.features.mirroring import mirror_features, mirror_joints
from kinelang.motion.features.statistics import block_std

__all__ = [
    "HUMANML3D",
    "KIT",
    "LAYOUTS",
    "HipOrder",
    "Layout",
    "Turns",
    "block_std",
    "canonical_joints",
    "decode",
    "decode_fused",
    "decode_rotations",
    "decode_to_motion",
    "encode",
    "encode_batch",
    "layout_of",
    "mirror_features",
    "mirror_joints",
]
