"""Gaits, steps, jumps, postures, legs and dances: what tells each verb apart is there to be measured."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline, perform
from kinelang.timeline.actions.flight import GRAVITY, flight_s, height_m, hermite, lifted
from kinelang.timeline.performing.person import ordinary_person

NAMES = SMPL22.joint_names
OTHER = {"left": "right", "right": "left"}
SIGN = {"left": 1.0, "right": -1.0}
SIDES = ["left", "right"]
WAY = {"forward": (0, 1), "backward": (0, -1), "left": (1, 0), "right": (-1, 0)}
FPS = 60.0


class Seen:
    """Joints of one stage, half a second of standing before and after, at 60 fps."""

    def __init__(self, verb, seconds=3.0, seed=0, **fields):
        person = replace(ordinary_person(), restlessness=0.0)
        stage = Stage(0.5, 0.5 + seconds, verb, **fields)
        self.motion = perform(Timeline((stage,), duration_s=seconds + 1.0), seed, fps=FPS, person=person)
        self.joints = self.motion.joints.astype(float)

    def __getitem__(self, name):
        return self.joints[:, NAMES.index(name)]

    def height(self, name):
        return self[name][:, 1]

    def gone(self):
        """(x, z) from the first to the last frame."""
        return (self["pelvis"][-1] - self["pelvis"][0])[[0, 2]]

    def airborne(self, above_m=0.03):
        """Both feet higher than that. (T,)"""
        return (self.height("left_foot") > above_m) & (self.height("right_foot") > above_m)

    def knee_deg(self, side):
        thigh, shin = self[f"{side}_hip"] - self[f"{side}_knee"], self[f"{side}_ankle"] - self[f"{side}_knee"]
        cosine = (thigh * shin).sum(1) / np.linalg.norm(thigh, axis=1) / np.linalg.norm(shin, axis=1)
        return 180 - np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def stretches(mask):
    """(start, end) of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return list(zip(edges[::2], edges[1::2], strict=True))


def landings(seen, side):
    """How often a foot comes down."""
    return len(stretches(seen.height(f"{side}_foot") > 0.02))


# ---- curves ---------------------------------------------------------------------------------------------------------------------


def test_a_flight_is_a_parabola():
    t = np.linspace(0, 1, 1001)
    y = hermite(t, [(0.1, 0.0, 0.0), *lifted(0.3, 0.7, 0.05, 0.05), (0.9, 0.0, 0.0)])
    flying = (t > 0.31) & (t < 0.69)
    acceleration = np.gradient(np.gradient(y, t), t)[flying]
    assert np.allclose(acceleration, -GRAVITY, atol=0.05)
    assert y.max() == pytest.approx(0.05 + height_m(0.4), abs=1e-3)
    assert flight_s(height_m(0.4)) == pytest.approx(0.4)


def test_hermite_leaves_out_keys_that_come_too_early():
    t = np.linspace(0, 1, 11)
    assert np.allclose(hermite(t, [(0, 0.0, 0.0), (0.5, 1.0, 0.0), (0.4, 9.0, 0.0), (1, 0.0, 0.0)])[[0, 5, 10]], [0, 1, 0])


# ---- gaits ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["tiptoe", "sneak", "march", "shuffle", "limp"])
@pytest.mark.parametrize("count", [3, 6])
def test_as_many_steps_as_said(verb, count):
    seen = Seen(verb, 0.65 * count + 0.5, count=count, direction="forward")
    high = 0.016 if verb == "shuffle" else 0.03
    feet = sum(len(stretches(seen.height(f"{side}_foot") > high)) for side in SIDES)
    assert feet == count
    assert seen.gone()[1] > 0.15 * count


def test_gaits_look_like_themselves():
    walk, tiptoe, sneak, march, shuffle = (Seen(v, 4.0) for v in ("walk", "tiptoe", "sneak", "march", "shuffle"))
    middle = slice(90, 210)
    heel = [np.minimum(s.height("left_ankle"), s.height("right_ankle"))[middle].min() for s in (walk, tiptoe)]
    assert heel[1] > heel[0] + 0.03
    assert sneak.height("pelvis")[middle].mean() < walk.height("pelvis")[middle].mean() - 0.06
    knee = [s.height("left_knee")[middle].max() for s in (walk, march)]
    assert knee[1] > knee[0] + 0.15
    assert shuffle.height("left_foot").max() < 0.06 < walk.height("left_foot").max()
    assert np.ptp(march["left_wrist"][middle, 2] - march["pelvis"][middle, 2]) > 0.5


@pytest.mark.parametrize("side", SIDES)
def test_who_limps_spares_the_hurt_leg(side):
    seen = Seen("limp", 5.0, side=side)
    down = {s: (seen.height(f"{s}_foot") < 0.02)[60:270].mean() for s in SIDES}
    assert down[side] < down[OTHER[side]] - 0.05
    lean = SIGN[side] * (seen["neck"] - seen["pelvis"])[60:270, 0]
    on_hurt = (seen.height(f"{OTHER[side]}_foot") > 0.03)[60:270]
    assert lean[on_hurt].mean() > lean[~on_hurt].mean() + 0.01


@pytest.mark.parametrize(("direction", "sign"), [("up", 1), ("down", -1)])
@pytest.mark.parametrize("count", [2, 5])
def test_stairs_carry_the_body_up_and_down(direction, sign, count):
    seen = Seen("climb", 0.8 * count + 0.8, direction=direction, count=count)
    assert seen.height("pelvis")[-1] - seen.height("pelvis")[0] == pytest.approx(sign * 0.17 * count, abs=0.02)
    toe = seen.height("left_foot")
    levels = [toe[a:b].mean() for a, b in stretches(np.abs(np.gradient(toe)) < 1e-5) if b - a > 6]
    stairs = (np.array(levels) - min(levels)) / 0.17
    assert np.allclose(stairs, np.round(stairs), atol=0.03)


def test_who_stumbles_pitches_forward_and_recovers():
    seen = Seen("stumble", 2.0, direction="forward")
    lean = np.degrees(np.arctan2(*(seen["neck"] - seen["pelvis"])[:, [2, 1]].T))
    assert lean.max() > lean[0] + 20
    assert abs(lean[-1] - lean[0]) < 5


@pytest.mark.parametrize("direction", [*WAY, "forward_left", "backward_right"])
def test_single_steps_go_their_way_without_turning(direction):
    words = direction.split("_")
    way = sum(np.array(WAY[word]) for word in words) / len(words) ** 0.5
    seen = Seen("step", 1.6, direction=direction, count=1)
    gone = seen.gone()
    assert gone @ way > 0.25
    assert abs(gone @ (way[1], -way[0])) < 0.06
    assert landings(seen, "left") == landings(seen, "right") == 1
    across = (seen["left_hip"] - seen["right_hip"])[-1]
    assert abs(np.degrees(np.arctan2(across[2], across[0]))) < 8
    assert np.linalg.norm((seen["left_foot"] - seen["right_foot"])[-1] - (seen["left_foot"] - seen["right_foot"])[0]) < 0.05


@pytest.mark.parametrize("direction", SIDES)
def test_sidesteps_are_led_by_the_foot_of_that_side(direction):
    seen = Seen("sidestep", 2.4, direction=direction, count=3, amount=1.2)
    assert SIGN[direction] * seen.gone()[0] == pytest.approx(1.2, abs=0.05)
    first = {side: np.argmax(seen.height(f"{side}_foot") > 0.02) for side in SIDES}
    assert first[direction] < first[OTHER[direction]]
    assert landings(seen, "left") == landings(seen, "right") == 3


def test_who_skips_flies_once_for_each_skip():
    seen = Seen("skip", 3.0, count=5)
    assert len(stretches(seen.airborne())) == 5
    assert seen.gone()[1] > 2.0


@pytest.mark.parametrize(("direction", "sign"), [("forward", 1), ("backward", -1)])
def test_who_crawls_keeps_hands_and_knees_where_they_are(direction, sign):
    seen = Seen("crawl", 5.0, direction=direction, count=6)
    crawling = slice(130, 300)
    assert sign * seen.gone()[1] - (0.45 if sign > 0 else -0.45) > 0.4 * sign - 0.2
    assert seen.height("pelvis")[crawling].max() < 0.6
    assert seen.height("neck")[crawling].max() < 0.75
    for limb, low in (("wrist", 0.06), ("knee", 0.07)):
        for side in SIDES:
            place = seen[f"{side}_{limb}"]
            speed = np.linalg.norm(np.gradient(place[:, [0, 2]], axis=0), axis=1)[crawling] * FPS
            planted = place[crawling, 1] < low
            assert planted.mean() > 0.4
            assert np.median(speed[planted]) < 0.08


# ---- jumps ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("direction", ["up", *WAY])
def test_jumps_fly_as_often_and_where_they_should(count, direction):
    seen = Seen("jump", 1.5 * count, direction=direction, count=count)
    flights = stretches(seen.airborne())
    assert len(flights) == count
    start = flights[0][0]
    standing = seen.height("pelvis")[0]
    assert seen.height("pelvis")[:start].min() < standing - 0.08  # a crouch before it
    assert seen.height("pelvis")[start : flights[0][1]].max() > standing + 0.12
    gone = seen.gone()
    if direction == "up":
        assert np.linalg.norm(gone) < 0.05
    else:
        assert gone @ WAY[direction] > 0.25 * count


def test_the_body_falls_freely_in_a_jump():
    seen = Seen("jump", 2.0, direction="up", count=1)
    ((start, end),) = stretches(seen.airborne(0.06))
    acceleration = np.gradient(np.gradient(seen.height("pelvis"))) * FPS**2
    assert np.median(acceleration[start:end]) == pytest.approx(-GRAVITY, rel=0.05)


@pytest.mark.parametrize("side", SIDES)
def test_hops_are_on_one_foot(side):
    seen = Seen("hop", 3.0, side=side, count=4, direction="forward")
    assert len(stretches(seen.airborne())) == 4
    assert landings(seen, side) == 4
    assert (seen.height(f"{OTHER[side]}_foot") > 0.1)[60:170].all()
    assert seen.gone()[1] > 0.6


@pytest.mark.parametrize("count", [1, 4])
def test_jumping_jacks_open_and_close(count):
    seen = Seen("jumping_jack", 1.2 * count, count=count)
    apart = np.linalg.norm(seen["left_foot"] - seen["right_foot"], axis=1)
    assert len(stretches(apart > 0.4)) == count
    over_head = (seen.height("left_wrist") > seen.height("head")) & (seen.height("right_wrist") > seen.height("head"))
    assert len(stretches(over_head)) == count


@pytest.mark.parametrize(("direction", "sign"), [("left", 1), ("right", -1)])
@pytest.mark.parametrize("count", [1, 2])
def test_spins_are_whole_turns(direction, sign, count):
    seen = Seen("spin", 1.4 * count, direction=direction, count=count)
    across = seen["left_hip"] - seen["right_hip"]
    yaw = np.degrees(np.unwrap(np.arctan2(-across[:, 2], across[:, 0])))
    assert yaw[-1] - yaw[0] == pytest.approx(sign * 360 * count, abs=8)


# ---- postures -------------------------------------------------------------------------------------------------------------------

LOW = {"sit": (0.45, 0.65), "kneel": (0.42, 0.6), "lie": (0.05, 0.2), "crouch": (0.4, 0.75)}


@pytest.mark.parametrize("verb", LOW)
@pytest.mark.parametrize("person", [None, "tall"])
def test_lasting_postures_last_until_one_stands_up(verb, person):
    stages = (Stage(0.5, 3.5, verb), Stage(5.0, 7.0, "stand_up"))
    motion = perform(Timeline(stages, duration_s=8.0), 3, fps=20.0, person=ordinary_person() if person is None else None)
    pelvis = motion.joints[:, 0, 1]
    low, high = LOW[verb]
    assert ((low < pelvis[75:100]) & (pelvis[75:100] < high)).all()
    assert pelvis[-1] == pytest.approx(pelvis[0], abs=0.02)


@pytest.mark.parametrize("verb", LOW)
def test_who_walks_on_stands_up_before(verb):
    motion = perform(Timeline((Stage(0.5, 3.5, verb), Stage(5.0, 7.0, "walk")), duration_s=7.5), 3)
    assert motion.joints[102, 0, 1] > 0.9 * motion.joints[0, 0, 1]


def test_who_only_stands_up_sat_before():
    motion = perform(Timeline((Stage(1.0, 2.5, "stand_up"),), duration_s=3.0), 1)
    assert motion.joints[0, 0, 1] < 0.65
    assert motion.joints[-1, 0, 1] > 0.85


def test_who_sits_on_the_floor_sits_there():
    chair, floor = (Seen("sit", 4.0, target=target).height("pelvis")[-1] for target in ("chair", "the floor"))
    assert floor < 0.2 < 0.45 < chair


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_those_knees_are_on_the_ground(side):
    seen = Seen("kneel", 2.5, side=side)
    for knee in SIDES:
        on_ground = seen.height(f"{knee}_knee")[-1] < 0.12
        assert on_ground == (side in (knee, "both"))


def test_who_lies_is_on_the_back_and_stretched():
    seen = Seen("lie", 4.0)
    assert seen.height("head")[-1] < 0.35
    assert np.linalg.norm((seen["head"] - seen["left_ankle"])[-1][[0, 2]]) > 0.8


@pytest.mark.parametrize("count", [1, 3])
def test_squats_are_counted(count):
    seen = Seen("squat", 1.8 * count, count=count)
    assert len(stretches(seen.height("pelvis") < seen.height("pelvis")[0] - 0.2)) == count
    assert seen.height("left_ankle").max() < 0.1  # heels stay down


# ---- legs -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("verb", "direction", "axis", "sign"),
    [
        *(("kick", "forward", 2, 1), ("kick", "backward", 2, -1), ("kick", None, 2, 1)),
        *(("raise_leg", "forward", 2, 1), ("raise_leg", "backward", 2, -1), ("raise_leg", None, 1, 1)),
    ],
)
def test_that_leg_goes_that_way(side, verb, direction, axis, sign):
    seen = Seen(verb, 2.0, side=side, direction=direction, count=1)
    reach = sign * (seen[f"{side}_ankle"] - seen[f"{side}_ankle"][0])[:, axis]
    assert reach.max() > 0.3
    assert seen.height(f"{OTHER[side]}_foot").max() < 0.05
    assert len(stretches(reach > 0.6 * reach.max())) == 1


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("verb", ["kick", "raise_leg", "lunge"])
def test_sideways_is_outward(side, verb):
    seen = Seen(verb, 2.0, side=side, direction=side, count=1)
    assert (SIGN[side] * (seen[f"{side}_ankle"] - seen["pelvis"])[:, 0]).max() > 0.4


@pytest.mark.parametrize("verb", ["kick", "raise_leg", "stomp"])
def test_alternating_legs_take_turns(verb):
    seen = Seen(verb, 4.8, side="alternating", count=4)
    lifts = sorted((start, side) for side in SIDES for start, _ in stretches(seen.height(f"{side}_ankle") > 0.2))
    assert len(lifts) == 4
    assert all(a[1] != b[1] for a, b in pairwise(lifts))


@pytest.mark.parametrize("side", SIDES)
def test_a_stamp_is_quicker_down_than_up(side):
    seen = Seen("stomp", 1.0, side=side, count=1)
    speed = np.gradient(seen.height(f"{side}_ankle")) * FPS
    assert -speed.min() > 1.3 * speed.max()


@pytest.mark.parametrize("side", SIDES)
def test_who_balances_on_a_leg_has_the_other_up(side):
    seen = Seen("balance", 4.0, side=side)
    held = slice(100, 200)
    assert (seen.height(f"{OTHER[side]}_foot")[held] > 0.1).all()
    assert seen.height(f"{side}_foot").max() < 0.03
    over = SIGN[side] * (seen["pelvis"] - seen[f"{side}_ankle"])[held, 0]
    assert np.abs(over).max() < 0.07


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_who_lunges_has_that_leg_in_front_and_bent(side, direction):
    seen = Seen("lunge", 2.2, side=side, direction=direction, count=1)
    apart = (seen[f"{side}_ankle"] - seen[f"{OTHER[side]}_ankle"])[:, 2]
    assert apart.max() > 0.45
    assert seen.knee_deg(side)[apart.argmax()] > 50
    assert landings(seen, OTHER[side] if direction == "backward" else side) == 2


# ---- dance ----------------------------------------------------------------------------------------------------------------------


def test_dances_differ_and_move_the_hips():
    ways = [Seen("dance", 5.0, seed=seed) for seed in range(8)]
    hips = [np.ptp((seen["left_hip"] - seen["left_ankle"])[:, [0, 2]], axis=0).max() for seen in ways]
    assert min(hips) > 0.05
    steps = [landings(seen, "left") + landings(seen, "right") for seen in ways]
    assert len(set(steps)) > 2
