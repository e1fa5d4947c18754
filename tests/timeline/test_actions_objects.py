"""Verbs of hands with things: what tells each apart is there to be measured, on either side, at any length."""

import numpy as np
import pytest
from performed import BEFORE_S, FPS, OTHER, SIDES, Done, hills, one

from kinelang.language.lexicon import VERBS
from kinelang.timeline import Stage
from kinelang.timeline.actions.fighting import FIGHTING
from kinelang.timeline.actions.handling import HANDLING
from kinelang.timeline.actions.household import HOUSEHOLD
from kinelang.timeline.actions.instruments import INSTRUMENTS
from kinelang.timeline.actions.sports import SPORTS
from kinelang.timeline.actions.strokes import STROKES
from kinelang.timeline.performing.person import Person

ALL = {action.verb: action for action in (*HANDLING, *HOUSEHOLD, *SPORTS, *FIGHTING, *STROKES, *INSTRUMENTS)}
SEEDS = (0, 1, 2)


# ---- all of them -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", sorted(ALL))
@pytest.mark.parametrize("seconds", [0.4, 2.5, 20.0])
def test_any_length_is_seen_and_ends_standing(verb, seconds):
    done = one(verb, seconds)
    assert np.isfinite(done.joints).all()
    away = np.linalg.norm(done.joints - done.joints[:1], axis=2)
    assert away[done.at(BEFORE_S, BEFORE_S + seconds)].max() > 0.2
    assert away[-1].max() < 0.08
    assert done.joints[..., 1].min() > -0.01
    speed = np.linalg.norm(np.diff(done.joints, axis=0), axis=2) * FPS
    assert speed.max() < (12.0 if seconds > 1 else 30.0)


@pytest.mark.parametrize("verb", sorted(ALL))
def test_nothing_moves_before_the_stage_and_it_begins_soon(verb):
    still = Person(restlessness=1e-6)
    done = one(verb, 2.5, person=still)
    away = np.linalg.norm(done.joints - done.joints[:1], axis=2).max(axis=1)
    assert away[done.at(0, BEFORE_S - 0.2)].max() < 0.01  # the pelvis, smoothed, sinks a little before knees are bent at once
    assert away[done.at(BEFORE_S + 0.3, BEFORE_S + 0.35)].min() > 0.01


@pytest.mark.parametrize("verb", sorted(v for v in ALL if "left" in VERBS[v].sides))
@pytest.mark.parametrize("seed", SEEDS)
def test_the_mirrored_stage_is_the_mirrored_motion(verb, seed):
    still = Person(restlessness=1e-6)
    direction = "left" if "left" in VERBS[verb].directions else None
    stage = Stage(BEFORE_S, BEFORE_S + 2.5, verb, side="right", direction=direction)
    right, left = (Done(s, seed=seed, person=still) for s in (stage, stage.mirrored()))
    for joint in ("wrist", "elbow", "knee", "shoulder"):
        for side in SIDES:
            # feet and elbows of the standing skeleton differ by a centimetre or two between left and right
            assert np.abs(right[f"{side}_{joint}"] - left[f"{OTHER[side]}_{joint}"] * [-1, 1, 1]).max() < 0.06, (side, joint)


@pytest.mark.parametrize("verb", sorted(ALL))
@pytest.mark.parametrize("seed", range(6))
def test_hands_stay_out_of_head_and_trunk(verb, seed):
    rng = np.random.default_rng(seed)
    word = VERBS[verb]
    side = rng.choice(list(word.sides) or [None])
    direction = rng.choice(list(word.directions) or [None])
    done = one(verb, rng.uniform(1.5, 4.0), seed, side=side, direction=direction)
    for hand in SIDES:
        assert done.apart(f"{hand}_wrist", "head").min() > 0.1
        for joint in ("pelvis", "spine1", "spine2", "spine3", "neck"):
            assert done.apart(f"{hand}_wrist", joint).min() > 0.1, joint
    assert done.apart("left_wrist", "right_wrist").min() > 0.03


@pytest.mark.parametrize("verb", ["throw", "pick_up", "stir", "dig", "punch", "swing", "play_guitar", "wipe"])
def test_the_frame_rate_changes_nothing_but_the_frames(verb):
    stage = Stage(0.5, 3.5, verb)
    slow, fast = (Done(stage, seed=3, fps=fps).joints for fps in (20.0, 60.0))
    assert np.abs(slow - fast[::3]).max() < 0.03


# ---- handling ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["forward", "left", "right", "up", "down"])
@pytest.mark.parametrize("side", SIDES)
def test_a_reaching_hand_goes_far_that_way_and_the_trunk_after_it(side, direction):
    done = one("reach", 2.0, 1, side=side, direction=direction)
    way = {"forward": (0, 0, 1), "left": (1, 0, 0), "right": (-1, 0, 0), "up": (0, 1, 0), "down": (0, -0.7, 0.7)}[direction]
    gone = (done[f"{side}_wrist"] - done[f"{side}_wrist"][:1]) @ np.array(way)
    held = done.at(1.45, 1.55)
    assert gone[held].min() > (0.3 if direction == "down" else 0.42)
    if direction in SIDES:
        assert (done.shoulder_turn()[held] * (1 if direction == "left" else -1)).min() > 10
    if direction in ("forward", "down"):
        assert done.lean()[held].min() - done.lean()[0] > 8
    assert done.apart(f"{OTHER[side]}_wrist", f"{OTHER[side]}_shoulder").min() > 0.4  # the other hangs


@pytest.mark.parametrize("side", ["left", "right", "both"])
@pytest.mark.parametrize("place", ["floor", "table"])
@pytest.mark.parametrize("seed", SEEDS)
def test_picking_up_goes_down_to_the_thing_and_comes_up_with_a_bent_forearm(side, place, seed):
    done = one("pick_up", 2.5, seed, side=side, target=place)
    for hand in SIDES if side == "both" else (side,):
        height = done[f"{hand}_wrist"][:, 1]
        if place == "floor":
            assert height.min() < 0.25
        else:
            assert 0.7 < height[done.at(1.4, 1.6)].min() < 0.95
        up = done.at(2.3, 2.45)
        assert (done[f"{hand}_shoulder"] - done[f"{hand}_wrist"])[up, 1].max() < 0.42  # hanging: 0.5
        assert done.from_shoulder(hand)[up, 2].min() > 0.15
    assert np.abs(done["pelvis"][-1, 1] - done["pelvis"][0, 1]) < 0.02


@pytest.mark.parametrize("side", ["left", "right", "both"])
@pytest.mark.parametrize("seed", SEEDS)
def test_putting_down_goes_down_with_a_bent_forearm_and_comes_up_empty(side, seed):
    done = one("put_down", 2.5, seed, side=side, target="floor")
    for hand in SIDES if side == "both" else (side,):
        assert done[f"{hand}_wrist"][:, 1].min() < 0.25
        forward = done.from_shoulder(hand)[:, 2]
        assert forward[done.at(0.9, 1.0)].min() > 0.15
        assert forward[done.at(2.7, 3.0)].max() < 0.15


@pytest.mark.parametrize("carried", ["walk", "carry"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_picked_up_is_held_until_it_is_put_down(carried, seed):
    stages = [Stage(0, 2, "pick_up", side="both", target="floor"), Stage(4, 6, "put_down", side="both", target="floor")]
    done = Done(stages[0], Stage(2, 4, carried), stages[1], seed=seed)
    for side in SIDES:
        level = np.abs(done[f"{side}_wrist"][:, 1] - done[f"{side}_elbow"][:, 1])
        assert level[done.at(2.1, 4.0)].max() < 0.14
        assert done.apart(f"{side}_wrist", f"{side}_shoulder")[-1] > 0.42


def test_carrying_holds_the_forearms_still_while_the_legs_walk():
    done = Done(Stage(0, 5, "walk", count=8), Stage(0.5, 4.5, "carry"), seed=2)
    for side in SIDES:
        inside = done.from_shoulder(side)[done.at(1.2, 3.8)]
        assert np.ptp(inside[:, 1]) < 0.1
        assert np.ptp(inside[:, 2]) < 0.12
        assert inside[:, 2].min() > 0.15


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("verb", ["push", "pull"])
@pytest.mark.parametrize("seed", SEEDS)
def test_pushing_leans_into_it_and_pulling_leans_back(verb, count, seed):
    done = one(verb, 1.0 + 1.7 * count, seed, count=count)
    inside = done.at(BEFORE_S + 0.3, done.stages[0].end_s - 0.2)
    for side in SIDES:
        assert hills(done.from_shoulder(side)[:, 2], 0.15) == count
    forward = done.from_shoulder("right")[inside, 2]
    lean = done.lean()[inside]
    assert np.corrcoef(forward, lean)[0, 1] > 0.6
    out, back = np.argmax(forward), np.argmin(lean)
    assert (lean[out] if verb == "push" else -lean[back]) > (12 if verb == "push" else 3)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", SEEDS)
def test_opening_reaches_to_a_handle_and_draws_it_to_the_own_side(side, seed):
    done = one("open", 2.5, seed, side=side)
    out, up, forward = done.from_shoulder(side).T
    assert forward[done.at(1.2, 1.4)].min() > 0.28
    assert -0.4 < up[done.at(1.2, 1.4)].mean() < -0.15
    assert out[done.at(2.3, 2.5)].mean() - out[done.at(1.2, 1.4)].mean() > 0.2
    assert (done.shoulder_turn()[done.at(2.3, 2.5)] * (1 if side == "left" else -1)).min() > 8


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_weight_goes_from_the_shoulders_overhead(count):
    done = one("lift_weight", 1.4 + 1.9 * count, 1, count=count)
    for side in SIDES:
        up = done.from_shoulder(side)[:, 1]
        assert up.max() > 0.42
        assert hills(up[done.at(1.2, done.stages[0].end_s - 0.3)], 0.3) == count


@pytest.mark.parametrize("side", SIDES)
def test_pouring_raises_the_elbow_beside_the_shoulder(side):
    done = one("pour", 3.0, 1, side=side)
    drop = (done[f"{side}_shoulder"] - done[f"{side}_elbow"])[:, 1]
    poured = done.at(2.0, 2.4)
    assert drop[poured].max() < drop[0] - 0.1
    assert np.ptp(done.from_shoulder(side)[poured], axis=0).max() < 0.05


# ---- household ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("count", [2, 5])
def test_stirring_goes_round_in_level_circles(side, count):
    done = one("stir", 1.0 + 0.85 * count, 2, side=side, count=count)
    inside = done.at(BEFORE_S + 0.5, done.stages[0].end_s - 0.5)
    out, up, forward = (done.from_shoulder(side)[inside] - done.from_shoulder(side)[inside].mean(0)).T
    assert np.ptp(out) > 0.1
    assert np.ptp(forward) > 0.1
    assert np.ptp(up) < 0.06
    turns = np.abs(np.ptp(np.unwrap(np.arctan2(forward, out)))) / (2 * np.pi)
    assert abs(turns - count) < 0.35


@pytest.mark.parametrize("target", ["window", "table"])
@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_wiping_goes_to_and_fro_sideways_at_the_height_of_the_thing(side, target):
    done = one("wipe", 4.0, 1, side=side, count=3, target=target)
    inside = done.at(BEFORE_S + 0.45, done.stages[0].end_s - 0.4)
    for hand in SIDES if side == "both" else (side,):
        across, up, _ = done[f"{hand}_wrist"][inside].T
        assert hills(across * (1 if hand == "left" else -1), 0.1) in (3, 4)
        assert hills(-across, 0.1) in (2, 3, 4)
        assert (up.mean() > 1.2) if target == "window" else (0.9 < up.mean() < 1.2)


def test_washing_keeps_the_hands_together_and_rubs():
    done = one("wash_hands", 4.0, 1, count=5)
    inside = done.at(1.1, done.stages[0].end_s - 0.6)
    assert done.apart("left_wrist", "right_wrist")[inside].max() < 0.18
    rub = (done["left_wrist"] - done["right_wrist"])[:, 2]
    assert hills(rub[done.at(0.8, done.stages[0].end_s - 0.3)], 0.05) in (5, 6)


@pytest.mark.parametrize("seed", SEEDS)
def test_sweeping_turns_the_trunk_with_both_hands(seed):
    done = one("sweep", 4.75, seed, count=3)
    inside = done.at(1.1, done.stages[0].end_s - 0.6)
    across = (done["left_wrist"] + done["right_wrist"])[inside, 0] / 2
    assert np.ptp(across) > 0.2
    assert np.ptp(done.shoulder_turn()[inside]) > 30
    assert np.corrcoef(across, done.shoulder_turn()[inside])[0, 1] > 0.8
    assert np.abs((done["left_wrist"] - done["right_wrist"])[inside, 1]).min() > 0.08


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_digging_goes_deep_and_turns_to_empty_the_shovel(count, seed):
    done = one("dig", 1.1 + 2.3 * count, seed, count=count)
    lowest = np.minimum(done["left_wrist"], done["right_wrist"])[:, 1]
    assert lowest.min() < 0.65
    assert hills(-lowest, 0.2) == count
    turned = done.shoulder_turn()
    assert hills(np.abs(turned - np.median(turned[:10])), 20) == count


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("count", [3, 8])
def test_dribbling_beats_down_beside_the_hip(side, count):
    done = one("dribble", 0.65 + 0.6 * count, 1, side=side, count=count)
    up = done.from_shoulder(side)[done.at(BEFORE_S + 0.2, done.stages[0].end_s - 0.2), 1]
    assert hills(-up, 0.08) == count
    assert done.from_shoulder(side)[done.at(1.0, 2.0), 0].min() > 0


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_chopping_comes_down_from_overhead_faster_than_it_rose(count, seed):
    done = one("chop", 1.0 + 1.5 * count, seed, count=count)
    height = done["right_wrist"][:, 1] - done["neck"][:, 1]
    assert hills(height, 0.4) == count
    speed = np.gradient(done["right_wrist"][:, 1]) * FPS
    assert -speed.min() > 1.3 * speed.max()
    assert done.apart("left_wrist", "right_wrist")[done.at(1.1, done.stages[0].end_s - 0.5)].max() < 0.25


# ---- sports ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_throwing_winds_up_and_turns_through(side, count, seed):
    done = one("throw", 0.6 + 1.5 * count, seed, side=side, count=count)
    sign = 1 if side == "left" else -1
    turn = sign * done.shoulder_turn()
    assert turn.max() > 15
    assert turn.min() < -15
    assert turn.argmax() < turn.argmin() or count > 1
    forward = np.gradient(done[f"{side}_wrist"][:, 2]) * FPS
    assert hills(forward, 2.0) == count
    assert np.abs(np.gradient(done[f"{OTHER[side]}_wrist"][:, 2]) * FPS).max() < 0.7 * forward.max()


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_throwing_up_ends_with_the_hand_high(side):
    done = one("throw", 2.0, 1, side=side, direction="up")
    for hand in SIDES if side == "both" else (side,):
        assert done[f"{hand}_wrist"][:, 1].max() > done["head"][:, 1].max()


def test_a_bigger_throw_is_faster():
    still = Person(restlessness=1e-6)
    fastest = [np.abs(np.gradient(one("throw", 2.0, 1, still, amount=a)["right_wrist"], axis=0)).max() for a in (0.5, 0.8, 1.1, 1.5)]
    assert np.all(np.diff(fastest) > 0)


@pytest.mark.parametrize("direction", ["forward", "up", "left", "right"])
@pytest.mark.parametrize("seed", SEEDS)
def test_catching_goes_out_to_meet_it_and_gives_in(direction, seed):
    done = one("catch", 1.5, seed, direction=direction, count=1)
    middle = (done["left_wrist"] + done["right_wrist"]) / 2 - done["neck"]
    met = done.at(BEFORE_S + 0.45, BEFORE_S + 0.75)
    held = done.at(BEFORE_S + 0.95, BEFORE_S + 1.1)
    far = np.linalg.norm(middle, axis=1)
    if direction == "up":
        assert done["left_wrist"][met, 1].max() > done["head"][met, 1].max()
    else:
        assert far[met].max() - far[held].min() > 0.08
    if direction in SIDES:
        assert (middle[met, 0] * (1 if direction == "left" else -1)).max() > 0.15
    assert done.apart("left_wrist", "right_wrist")[held].max() < 0.25


@pytest.mark.parametrize("direction", ["forward", "up"])
@pytest.mark.parametrize("side", ["left", "right", "alternating"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_punch_is_there_and_by_the_right_fist(side, direction, count):
    done = one("punch", 0.8 + 0.75 * count, 2, side=side, count=count, direction=direction)
    axis = 2 if direction == "forward" else 1
    inside = done.at(BEFORE_S + 0.3, done.stages[0].end_s - 0.35)
    found = {hand: hills(done.from_shoulder(hand)[inside, axis], 0.12) for hand in SIDES}
    if side == "alternating":
        assert sum(found.values()) == count
        assert abs(found["left"] - found["right"]) <= 1
    else:
        assert found == {side: count, OTHER[side]: 0}


def test_blocking_holds_the_forearms_before_the_face():
    done = one("block", 2.0, 1)
    held = done.at(1.0, 1.8)
    for side in SIDES:
        assert np.abs(done[f"{side}_wrist"] - done["head"])[held, 1].max() < 0.2
        assert (done[f"{side}_wrist"] - done["head"])[held, 2].min() > 0.05
        assert np.ptp(done.from_shoulder(side)[held], axis=0).max() < 0.05


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("target", ["bat", "golf club"])
@pytest.mark.parametrize("seed", SEEDS)
def test_swinging_keeps_the_hands_together_and_turns_across(side, target, seed):
    done = one("swing", 2.2, seed, side=side, target=target)
    sign = -1 if side == "left" else 1
    inside = done.at(BEFORE_S + 0.4, done.stages[0].end_s - 0.5)
    assert done.apart("left_wrist", "right_wrist")[inside].max() < 0.2
    turn = sign * done.shoulder_turn()
    assert turn.min() < -40
    assert turn.max() > 40
    assert turn.argmin() < turn.argmax()
    hands = (done["left_wrist"] + done["right_wrist"])[:, 1] / 2
    low = hands[turn.argmin() : turn.argmax()].min()
    assert (low < 0.9) if target == "golf club" else (low > 0.95)


@pytest.mark.parametrize("target", ["crawl", "breaststroke"])
@pytest.mark.parametrize("count", [2, 4])
def test_swimming_strokes_bent_forward(target, count):
    done = one("swim", 1.1 + 1.5 * count, 1, count=count, target=target)
    inside = done.at(BEFORE_S + 0.45, done.stages[0].end_s - 0.45)
    assert done.lean()[inside].min() > 10
    left, right = (done.from_shoulder(side)[inside] for side in SIDES)
    axis = 1 if target == "crawl" else 0
    assert hills(right[:, axis], 0.2) in (count - 1, count, count + 1)
    together = np.corrcoef(left[:, axis], right[:, axis])[0, 1]
    assert together > 0.9 if target == "breaststroke" else together < 0.3


# ---- instruments -------------------------------------------------------------------------------------------------------------


def test_each_instrument_has_its_hands():
    inside = slice(round(1.5 * FPS), round(4.5 * FPS))
    guitar, violin, piano, drums = (one(f"play_{name}", 5.0, 1) for name in ("guitar", "violin", "piano", "drums"))
    strum, neck = guitar.from_shoulder("right")[inside], guitar.from_shoulder("left")[inside]
    assert hills(strum[:, 1], 0.05) >= 4
    assert np.ptp(neck[:, 1]) < 0.1
    assert neck[:, 0].min() > 0.1
    bow, held = violin.from_shoulder("right")[inside], violin.from_shoulder("left")[inside]
    assert np.ptp(bow[:, 0]) > 0.2
    assert np.ptp(held, axis=0).max() < 0.08
    assert held[:, 1].min() > -0.1
    left, right = (piano.from_shoulder(side)[inside] for side in SIDES)
    assert np.ptp(left[:, 1]) < 0.12
    assert np.corrcoef(left[:, 1], right[:, 1])[0, 1] < 0
    left, right = (drums.from_shoulder(side)[inside] for side in SIDES)
    assert np.ptp(left[:, 1]) > 0.12
    assert np.corrcoef(left[:, 1], right[:, 1])[0, 1] < 0
