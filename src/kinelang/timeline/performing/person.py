"""Who performs: proportions, posture and habits, drawn from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from kinelang.motion.skeleton import Skeleton
from kinelang.motion.skeletons import SMPL22

CHANNELS = (
    "pelvis_tilt",
    "pelvis_bend",
    "pelvis_turn",
    "trunk_flexion",
    "trunk_bend",
    "trunk_turn",
    "head_flexion",
    "head_bend",
    "head_turn",
    "shrug_left",
    "shrug_right",
    "shift_forward",
    "shift_left",
    "shift_up",
)
"""What `Score.add` takes. Degrees: tilt and flexion forward, bend and turn to the left, shrug upward; `shift_*`: metres, of the
pelvis against its path."""


@dataclass(frozen=True)
class Person:
    """A performer.

    Attributes:
        skeleton: SMPL-22 with this person's bone lengths.
        posture: degrees (metres for `shift_*`) added to the channels of the same name all the time.
        arm_out_deg, elbow_deg: how far the hanging arms stand off and bend.
        pace: cadence relative to the ordinary.
        stride: step length relative to the ordinary.
        arm_swing: size of the arm swing relative to the ordinary.
        width_m: distance between the feet when standing.
        toe_out_deg: how far the feet point outward.
        restlessness: size of the slow sway of a standing body relative to the ordinary.
    """

    skeleton: Skeleton = SMPL22
    posture: Mapping[str, float] = field(default_factory=dict)
    arm_out_deg: float = 9.0
    elbow_deg: float = 14.0
    pace: float = 1.0
    stride: float = 1.0
    arm_swing: float = 1.0
    width_m: float = 0.17
    toe_out_deg: float = 7.0
    restlessness: float = 1.0


def ordinary_person() -> Person:
    """SMPL's mean build and middle habits."""
    return Person()


def random_person(rng: np.random.Generator) -> Person:
    """Someone else: height, limb and trunk lengths vary as adults' do, posture and habits a little."""
    size = np.clip(rng.normal(1.0, 0.05), 0.88, 1.12)
    factors = {name: float(np.clip(rng.normal(1.0, 0.035), 0.9, 1.1)) for name in ("arm", "leg", "trunk", "broad")}
    scale = np.full((SMPL22.n_joints, 3), size)
    for i, name in enumerate(SMPL22.joint_names):
        if "elbow" in name or "wrist" in name:
            scale[i] *= factors["arm"]
        elif "knee" in name or "ankle" in name:
            scale[i] *= factors["leg"]
        elif "hip" in name or "collar" in name or "shoulder" in name:
            scale[i, 0] *= factors["broad"]
        elif "spine" in name or name == "neck":
            scale[i] *= factors["trunk"]
    posture = {
        "trunk_flexion": rng.normal(4, 4),
        "head_flexion": rng.normal(4, 5),
        "pelvis_tilt": rng.normal(2, 3),
        "trunk_bend": rng.normal(0, 1.2),
        "head_turn": rng.normal(0, 2.5),
    }
    return Person(
        SMPL22.with_offsets(np.asarray(SMPL22.offsets * scale)),
        {name: float(value) for name, value in posture.items()},
        arm_out_deg=float(np.clip(rng.normal(10, 4), 2, 22)),
        elbow_deg=float(np.clip(rng.normal(16, 7), 3, 40)),
        pace=float(np.clip(rng.normal(1, 0.06), 0.85, 1.15)),
        stride=float(np.clip(rng.normal(1, 0.06), 0.85, 1.15)),
        arm_swing=float(np.clip(rng.normal(1, 0.25), 0.3, 1.7)),
        width_m=float(np.clip(rng.normal(0.17, 0.035), 0.1, 0.3)),
        toe_out_deg=float(np.clip(rng.normal(7, 5), -5, 20)),
        restlessness=float(np.clip(rng.lognormal(0, 0.35), 0.4, 2.2)),
    )
