"""Arms, hands, trunk and head: what tells each verb apart is there to be measured, on either side, at any length."""

import numpy as np
import pytest

from kinelang.language.lexicon import VERBS
from kinelang.motion.kinematics import forward_kinematics
from kinelang.motion.rotations import quat_rotate
from kinelang.timeline import Stage, Timeline, perform
from kinelang.timeline.actions.arm_play import ARM_PLAY
from kinelang.timeline.actions.arms import ARMS
from kinelang.timeline.actions.gestures import GESTURES
from kinelang.timeline.actions.hands_at_body import HANDS_AT_BODY
from kinelang.timeline.actions.head import HEAD
from kinelang.timeline.actions.trunk import TRUNK
from kinelang.timeline.performing.person import ordinary_person

ALL = {action.verb: action for action in (*ARMS, *ARM_PLAY, *GESTURES, *HANDS_AT_BODY, *TRUNK, *HEAD)}
OTHER = {"left": "right", "right": "left"}
SIDES = ("left", "right")
SEEDS = (0, 1, 2)
FPS = 30.0


class Seen:
    """Joints of a performance, with a second of standing before and after."""

    def __init__(self, verb, seconds=3.0, seed=0, before="", start_s=1.0, person=None, **fields):
        self.stage = Stage(start_s, start_s + seconds, verb, **fields)
        self.motion = perform(Timeline((self.stage,), duration_s=self.stage.end_s + 1.0), seed, fps=FPS, person=person)
        self.names = self.motion.skeleton.joint_names
        self.joints = self.motion.joints.astype(float)
        self.held = slice(round((start_s + 0.45 * seconds) * FPS), round((start_s + 0.55 * seconds) * FPS))

    def __getitem__(self, name):
        return self.joints[:, self.names.index(name)]

    def from_shoulder(self, side):
        """The wrist from the shoulder: outward, up, forward, metres (the body faces +Z)."""
        sign = 1.0 if side == "left" else -1.0
        return (self[f"{side}_wrist"] - self[f"{side}_shoulder"]) * [sign, 1, 1]

    def near(self, a, b):
        return np.linalg.norm(self[a] - self[b], axis=1)

    def elbow_deg(self, side):
        """Flexion of the elbow."""
        upper = self[f"{side}_elbow"] - self[f"{side}_shoulder"]
        fore = self[f"{side}_wrist"] - self[f"{side}_elbow"]
        cosine = (upper * fore).sum(1) / np.linalg.norm(upper, axis=1) / np.linalg.norm(fore, axis=1)
        return np.degrees(np.arccos(np.clip(cosine, -1, 1)))

    def trunk_deg(self):
        """(forward, leftward) tilt of the line from pelvis to neck."""
        x, y, z = (self["neck"] - self["pelvis"]).T
        return np.degrees(np.arctan2(z, y)), np.degrees(np.arctan2(x, y))

    def twist_deg(self):
        """Turn of the shoulders to the left against the hips."""
        shoulders, hips = (self[f"left_{j}"] - self[f"right_{j}"] for j in ("shoulder", "hip"))
        return np.degrees(np.arctan2(-shoulders[:, 2], shoulders[:, 0]) - np.arctan2(-hips[:, 2], hips[:, 0]))

    def head_deg(self):
        """(turn to the left, flexion) of the head."""
        skeleton = self.motion.skeleton
        _, world = forward_kinematics(self.motion.rotations, self.motion.root, skeleton.offsets, skeleton.parents)
        forward = quat_rotate(world[:, self.names.index("head")], np.broadcast_to([0.0, 0.0, 1.0], (len(world), 3)))
        return np.degrees(np.arctan2(forward[:, 0], forward[:, 2])), np.degrees(np.arcsin(np.clip(-forward[:, 1], -1, 1)))


def hills(values, least):
    """How often the values rise by `least` and fall by it again."""
    count, extreme, rising = 0, values[0], True
    for value in values:
        step = value - extreme if rising else extreme - value
        if step >= least:
            count, extreme, rising = count + (not rising), value, not rising
        elif (value < extreme) == rising:
            extreme = value
    return count


@pytest.mark.parametrize("verb", sorted(ALL))
@pytest.mark.parametrize("seconds", [0.4, 2.0, 14.0])
def test_any_length_moves_without_breaking_and_ends_as_it_began(verb, seconds):
    seen = Seen(verb, seconds)
    assert np.isfinite(seen.joints).all()
    away = np.linalg.norm(seen.joints - seen.joints[:1], axis=2)
    inside = away[round(FPS) : round((1 + seconds) * FPS)]
    assert inside.max() > 0.012  # it can be seen
    assert away[-1].max() < 0.08  # standing again, but for its sway
    speed = np.linalg.norm(np.diff(seen.joints, axis=0), axis=2) * FPS
    assert speed.max() < (9.0 if seconds > 1 else 30.0)


@pytest.mark.parametrize("verb", sorted(v for v in ALL if VERBS[v].sides))
def test_the_mirrored_stage_uses_the_other_arm(verb):
    for side in SIDES:
        seen = Seen(verb, 3.0, 5, side=side)
        moved = {s: np.ptp(seen.from_shoulder(s), axis=0).max() for s in SIDES}
        assert moved[side] > 3 * moved[OTHER[side]], (side, moved)


@pytest.mark.parametrize("verb", sorted(ALL))
@pytest.mark.parametrize("seed", SEEDS)
def test_hands_stay_out_of_head_and_trunk(verb, seed):
    seen = Seen(verb, 3.0, seed)
    for side in SIDES:
        assert seen.near(f"{side}_wrist", "head").min() > 0.08
        for joint in ("pelvis", "spine1", "spine2", "spine3", "neck"):
            assert seen.near(f"{side}_wrist", joint).min() > 0.09, joint


@pytest.mark.parametrize("verb", sorted(ALL))
def test_the_frame_rate_changes_nothing_but_the_frames(verb):
    stage = Stage(0.5, 3.5, verb)
    slow, fast = (perform(Timeline((stage,), duration_s=4.0), 3, fps=fps).joints for fps in (20.0, 60.0))
    assert np.abs(slow - fast[::3]).max() < 0.03


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_waving_goes_out_and_in_above_the_elbow(side, count, seed):
    seen = Seen("wave", 1.0 + 0.6 * count, seed, side=side, count=count)
    out = seen.from_shoulder(side)
    held = slice(round(1.55 * FPS), round((seen.stage.end_s - 0.5) * FPS))
    assert (seen[f"{side}_wrist"] - seen[f"{side}_elbow"])[held, 1].min() > 0.08
    assert hills(out[round(1.35 * FPS) : round((seen.stage.end_s - 0.3) * FPS), 0], 0.06) == count


def test_waving_is_wider_with_a_larger_amount():
    width = [np.ptp(Seen("wave", 3.0, 1, count=3, amount=a).from_shoulder("right")[60:75, 0]) for a in (0.6, 1.0, 1.5)]
    assert width == sorted(width)


@pytest.mark.parametrize("count", [1, 4, 9])
@pytest.mark.parametrize("seed", SEEDS)
def test_hands_meet_once_for_each_clap(count, seed):
    seen = Seen("clap", 0.9 + 0.42 * count, seed, count=count)
    apart = seen.near("left_wrist", "right_wrist")
    assert hills(-apart, 0.06) == count
    assert apart.min() < 0.15


@pytest.mark.parametrize("side", SIDES)
def test_a_raised_arm_is_high_and_one_held_out_is_straight_and_level(side):
    up = Seen("raise_arm", 3.0, 1, side=side, direction="up")
    assert (up[f"{side}_wrist"] - up["head"])[up.held, 1].min() > 0.05
    forward = Seen("extend_arm", 3.0, 1, side=side, direction="forward")
    place = forward.from_shoulder(side)[forward.held]
    assert place[:, 2].min() > 0.4
    assert abs(place[:, 1]).max() < 0.15
    assert forward.elbow_deg(side)[forward.held].max() < 25
    aside = Seen("extend_arm", 3.0, 1, side=side, direction=side).from_shoulder(side)[forward.held]
    assert aside[:, 0].min() > 0.4
    across = Seen("extend_arm", 3.0, 1, side=side, direction=OTHER[side]).from_shoulder(side)[forward.held]
    assert across[:, 0].max() < -0.2


def test_arms_are_raised_higher_with_a_larger_amount_and_as_often_as_told():
    for direction in ("forward", "up"):
        height = [Seen("raise_arm", 3.0, 2, amount=a, direction=direction).from_shoulder("right")[:, 1].max() for a in (0.6, 0.8, 1.0)]
        assert height == sorted(height)
        assert height[0] < height[-1] - 0.1
    for count in (1, 2, 3):
        assert hills(Seen("raise_arm", 1.5 * count, 3, count=count, side="both")["left_wrist"][:, 1], 0.3) == count
    turns = Seen("raise_arm", 4.0, 3, count=3, side="alternating")
    assert {hills(turns[f"{s}_wrist"][:, 1], 0.3) for s in SIDES} == {1, 2}


def test_an_arm_stays_up_until_it_is_lowered():
    stages = (Stage(0.5, 1.5, "raise_arm", side="left"), Stage(3.0, 4.0, "lower_arm", side="left"))
    motion = perform(Timeline(stages, duration_s=5.0), 1, fps=FPS)
    height = motion.joints[:, motion.skeleton.joint_names.index("left_wrist"), 1]
    assert height[round(2.9 * FPS)] > height[round(1.5 * FPS)] - 0.05
    assert height[round(4.0 * FPS)] < height[0] + 0.05
    alone = Seen("lower_arm", 1.5, 2, side="right").from_shoulder("right")[:, 1]
    assert alone.argmax() < (1 + 0.6 * 1.5) * FPS
    assert alone.max() > -0.1


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", SEEDS)
def test_where_hands_go_on_the_body(side, seed):
    phone = Seen("phone", 5.0, seed, side=side)
    sign = 1.0 if side == "left" else -1.0
    ear = phone[f"{side}_wrist"] - phone["head"]
    assert np.linalg.norm(ear, axis=1)[phone.held].max() < 0.2
    assert (sign * ear[phone.held, 0]).min() > 0.02
    assert (phone[f"{side}_elbow"] - phone[f"{side}_shoulder"])[phone.held, 1].max() < 0.0
    hips = Seen("hands_on_hips", 3.0, seed, side="both")
    assert hips.elbow_deg(side)[hips.held].min() > 60
    assert (sign * (hips[f"{side}_elbow"] - hips[f"{side}_wrist"]))[hips.held, 0].min() > 0.05
    salute = Seen("salute", 3.0, seed, side=side)
    assert (salute[f"{side}_wrist"] - salute["head"])[salute.held, 1].min() > 0.0
    assert (sign * (salute[f"{side}_elbow"] - salute[f"{side}_shoulder"]))[salute.held, 0].min() > 0.1
    for target, joint, most in (("knee", f"{side}_knee", 0.25), ("shoulder", f"{OTHER[side]}_shoulder", 0.32), ("face", "head", 0.24)):
        touch = Seen("touch", 3.0, seed, side=side, target=target)
        assert touch.near(f"{side}_wrist", joint)[touch.held].max() < most, target


@pytest.mark.parametrize("seed", SEEDS)
def test_arms_fold_before_the_chest(seed):
    seen = Seen("cross_arms", 3.0, seed)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        assert (sign * (seen[f"{side}_wrist"] - seen["spine3"]))[seen.held, 0].max() < 0.03  # at or past the middle
        assert seen.elbow_deg(side)[seen.held].min() > 60


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_drinking_tilts_the_head_back_and_eating_does_not(count, seed):
    drink = Seen("drink", 0.8 + 2.0 * count, seed, count=count, side="left", person=ordinary_person())
    eat = Seen("eat", 0.8 + 1.2 * count, seed, count=count, side="left", person=ordinary_person())
    for seen in (drink, eat):
        assert hills(-seen.near("left_wrist", "head"), 0.12) == count
    assert drink.head_deg()[1].min() < -12 < 0 < eat.head_deg()[1][eat.held].min() + 2


@pytest.mark.parametrize(
    ("verb", "each_s", "axis", "least"), [("beckon", 0.7, 1, 0.1), ("knock", 0.35, 2, 0.02), ("shake_hands", 0.45, 1, 0.04)]
)
@pytest.mark.parametrize("count", [2, 4])
def test_strokes_of_one_hand_are_counted(verb, each_s, axis, least, count):
    for seed in SEEDS:
        seen = Seen(verb, 1.0 + each_s * count, seed, count=count, side="right")
        part = slice(round(1.42 * FPS), round((seen.stage.end_s - 0.42) * FPS))
        values = seen.from_shoulder("right")[part, axis]
        assert hills(np.concatenate([[values.min() - 1], values, [values.min() - 1]]), least) in (count, count + 1)


@pytest.mark.parametrize(("verb", "count"), [("flap", 2), ("flap", 5), ("shrug", 1), ("shrug", 3), ("swing_arms", 3)])
def test_movements_of_both_arms_are_counted(verb, count):
    for seed in SEEDS:
        seen = Seen(verb, 1.1 * count, seed, count=count)
        values, least = {
            "flap": (seen["left_wrist"][:, 1], 0.3),
            "shrug": ((seen["left_shoulder"] - seen["neck"])[:, 1], 0.03),
            "swing_arms": (seen.from_shoulder("left")[:, 2], 0.28),
        }[verb]
        assert hills(values, least) == count


@pytest.mark.parametrize(("direction", "sign"), [("forward", -1.0), ("backward", 1.0)])
def test_arms_circle_the_way_they_are_told(direction, sign):
    seen = Seen("circle_arms", 4.0, 1, side="both", direction=direction, count=3)
    place = seen.from_shoulder("left")
    angle = np.unwrap(np.arctan2(place[:, 2], -place[:, 1]))
    assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(3 * sign, abs=0.1)


def test_the_trunk_goes_where_it_is_told():
    for seed in SEEDS:
        person = ordinary_person()
        forward, left = zip(
            *(
                [v[90] for v in Seen("bend", 4.0, seed, person=person, direction=d, count=1).trunk_deg()]
                for d in ("forward", "backward", "left", "right")
            ),
            strict=True,
        )
        assert forward[0] > 60
        assert forward[1] < -15
        assert left[2] > 20
        assert left[3] < -20
        bow, lean = Seen("bow", 3.0, seed, person=person), Seen("lean", 3.0, seed, person=person, direction="left")
        assert 30 < bow.trunk_deg()[0].max() < forward[0]
        assert 8 < lean.trunk_deg()[1][lean.held].min() < left[2]
        for direction, sign in (("left", 1), ("right", -1)):
            twist = Seen("twist", 3.0, seed, person=person, direction=direction, count=2)
            assert hills(sign * twist.twist_deg(), 15) == 2
            assert (sign * twist.twist_deg()).min() > -8
        assert hills(Seen("sway", 6.0, seed, person=person, count=3)["neck"][:, 0], 0.05) in (3, 4)
    depth = [Seen("bow", 3.0, 1, amount=a).trunk_deg()[0].max() for a in (0.6, 1.0, 1.5)]
    assert depth == sorted(depth)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_head_nods_shakes_and_looks(seed):
    person = ordinary_person()
    for count in (1, 3):
        assert hills(Seen("nod", 0.6 * count, seed, count=count, person=person).head_deg()[1], 8) == count
        assert hills(Seen("shake_head", 0.7 * count, seed, count=count, person=person).head_deg()[0], 12) in (count, count + 1)
    for direction, axis, sign in (("left", 0, 1), ("right", 0, -1), ("up", 1, -1), ("down", 1, 1)):
        look = Seen("look", 2.0, seed, direction=direction, person=person)
        assert (sign * look.head_deg()[axis])[look.held].min() > 18
    turn = Seen("look_around", 5.0, seed, person=person).head_deg()[0]
    assert turn.max() > 25
    assert turn.min() < -25


def test_stretching_reaches_overhead_and_arches():
    seen = Seen("stretch", 3.0, 1, person=ordinary_person())
    assert all((seen[f"{s}_wrist"] - seen["head"])[seen.held, 1].min() > 0.2 for s in SIDES)
    assert seen.trunk_deg()[0][seen.held].mean() < seen.trunk_deg()[0][0] - 2


@pytest.mark.parametrize("seed", SEEDS)
def test_hands_that_come_together(seed):
    apart = {}
    for verb in ("clasp_hands", "pray", "aim", "hug"):
        seen = Seen(verb, 3.5, seed, person=ordinary_person())
        apart[verb] = seen.near("left_wrist", "right_wrist")[seen.held].max()
        height = (seen["left_wrist"] - seen["spine3"])[seen.held].mean(0)
        assert {"clasp_hands": height[1] < -0.1, "pray": abs(height[1]) < 0.12, "aim": height[2] > 0.35, "hug": height[2] > 0.2}[verb]
    assert max(apart["clasp_hands"], apart["pray"], apart["aim"]) < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_elbows_bend_as_often_as_told_while_the_upper_arm_hangs(seed):
    seen = Seen("bend_arm", 4.5, seed, count=3, side="left")
    assert hills(seen.elbow_deg("left"), 60) == 3
    assert (seen["left_elbow"] - seen["left_shoulder"])[:, 1].max() < -0.18


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bent_trunk_stays_until_it_is_straightened(seed):
    stages = (Stage(0.5, 2.0, "bend", direction="forward"), Stage(3.0, 4.5, "straighten"))
    joints = perform(Timeline(stages, duration_s=5.5), seed, fps=FPS).joints
    lean = np.degrees(np.arctan2(*(joints[:, 12] - joints[:, 0])[:, [2, 1]].T))
    assert lean[round(1.3 * FPS) : round(3 * FPS)].min() > 45
    assert lean[-1] < 15
    alone = Seen("straighten", 2.0, seed).trunk_deg()[0]
    assert alone.max() > 30
    assert alone[-1] < 15


@pytest.mark.parametrize(("verb", "count"), [("circle_hips", 3), ("cough", 2), ("tilt_head", 2), ("shake_body", 5)])
def test_movements_of_hips_head_and_trunk_are_counted(verb, count):
    for seed in SEEDS:
        seen = Seen(
            verb, {"circle_hips": 1.5, "shake_body": 0.4}.get(verb, 0.9) * count + 0.3, seed, count=count, person=ordinary_person()
        )
        values, least = {
            "circle_hips": (seen["pelvis"][:, 0], 0.06),
            "cough": (seen.head_deg()[1], 14),
            "tilt_head": ((seen["head"] - seen["neck"])[:, 0], 0.01),
            "shake_body": (seen.twist_deg(), 8),
        }[verb]
        assert hills(values, least) in (count, count + (verb in ("circle_hips", "shake_body")))
