"""What the numbers of a description amount to: how the person gets about, and which limbs matter."""

from __future__ import annotations

from typing import Literal

from kinelang.describing.description import Description, Limb

# All ours. Lengths and speeds are for a leg of 0.82 m and grow with it.
RUN_M_S, RUN_SUPPORT = 1.3, 0.44  # faster travel with each foot on the ground for less than this share of the time is running
WALK_M = 0.5  # a shorter way with fewer than two whole steps is only moving
STEPS_A_JUMP = 2.5  # with fewer steps than this for each flight the person jumps along rather than walks
ABOUT_M = 1.0  # a path that gets nowhere and is shorter than this is standing
BUSY_REACH_M, BUSY_PATH_M = 0.25, 0.5  # a standing person's arm that moved less than both is at rest
SWING_REACH_M = 0.75  # while walking, an arm that reaches less far than this and is not raised merely swings
MOST_SHARE = 0.6  # of two moving arms, one with less than this share of the other's path is the lesser one
LEGS_TOLD_M_S = 0.8  # in faster travel the lifting of feet is part of the gait

Gait = Literal["stays", "moves about", "moves", "walks", "runs"]


def gait(d: Description) -> Gait:
    """How the person gets about: stays in place, moves about (without one direction), or moves, walks or runs in a direction."""
    t = d.travel
    scale = d.leg_m / 0.82
    if not t.direction:
        return "stays" if t.path_m < ABOUT_M * scale else "moves about"
    if t.mean_speed_m_s > RUN_M_S * scale and sum(d.support) / 2 < RUN_SUPPORT:
        return "runs"
    stepping = not d.flights and t.path_m > WALK_M * scale and min(leg.reach_m for leg in d.limbs[2:]) > 0.3 * scale
    return "walks" if stepping or len(d.steps) >= max(2, STEPS_A_JUMP * len(d.flights)) else "moves"


def moving_arms(d: Description) -> tuple[Limb, ...]:
    """The arms that do something of their own, the busier one first; both at once count as equal from `MOST_SHARE` on."""
    return tuple(sorted((arm for arm in d.limbs[:2] if _busy(arm, d)), key=lambda arm: -arm.path_m))


def _busy(arm: Limb, d: Description) -> bool:
    scale = d.leg_m / 0.82
    if arm.raised and arm.reach_m >= BUSY_REACH_M * scale:
        return True
    if d.travel.direction:
        return arm.reach_m >= SWING_REACH_M * scale
    return arm.reach_m >= BUSY_REACH_M * scale and arm.path_m >= BUSY_PATH_M * scale


def lifted_legs(d: Description) -> tuple[Limb, ...]:
    """The legs whose foot comes above the other knee, unless the person walks or runs at speed."""
    if d.travel.direction and d.travel.mean_speed_m_s > LEGS_TOLD_M_S * d.leg_m / 0.82:
        return ()
    return tuple(leg for leg in d.limbs[2:] if leg.raised)
