"""More verbs of hands with things, of games and of fighting: what tells each apart is there to be measured."""

import numpy as np
import pytest
from performed import BEFORE_S, FPS, OTHER, SIDES, hills, one

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", SEEDS)
def test_closing_pushes_the_door_from_the_own_side_to_the_front(side, seed):
    done = one("close", 2.5, seed, side=side)
    out, up, forward = done.from_shoulder(side).T
    opened, shut = done.at(1.15, 1.35), done.at(2.2, 2.4)
    assert out[opened].min() > 0.2
    assert out[shut].max() < 0.1
    assert forward[shut].min() - forward[opened].max() > 0.12
    assert -0.4 < up[shut].mean() < -0.1
    turn = done.shoulder_turn() * (1 if side == "left" else -1)
    assert turn[opened].min() > turn[shut].max() + 15


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_giving_holds_out_what_was_held_before_the_belly(side):
    done = one("give", 2.5, 1, side=side)
    for hand in SIDES if side == "both" else (side,):
        forward = done.from_shoulder(hand)[:, 2]
        assert 0.15 < forward[done.at(1.0, 1.1)].mean() < 0.35
        assert forward[done.at(1.8, 2.15)].min() > 0.38
    assert done.lean()[done.at(1.8, 2.15)].mean() > done.lean()[0] + 4


@pytest.mark.parametrize("direction", ["forward", "backward", "left", "right", "up", "down"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_thing_is_moved_that_way_between_both_hands(direction, seed):
    done = one("move_object", 3.0, seed, direction=direction, count=1)
    middle = (done["left_wrist"] + done["right_wrist"]) / 2
    moved = middle[done.at(2.6, 2.7)].mean(0) - middle[done.at(1.05, 1.15)].mean(0)
    way = {"forward": (0, 0, 1), "backward": (0, 0, -1), "left": (1, 0, 0), "right": (-1, 0, 0), "up": (0, 1, 0), "down": (0, -1, 0)}
    assert moved @ np.array(way[direction]) > 0.15
    assert np.linalg.norm(moved - (moved @ np.array(way[direction])) * np.array(way[direction])) < 0.25
    assert done.apart("left_wrist", "right_wrist")[done.at(1.5, 2.2)].max() < 0.4


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_shooting_straightens_the_knees_and_leaves_one_hand_high(count, seed):
    done = one("shoot", 0.9 + 1.6 * count, seed, count=count)
    heights = {side: done[f"{side}_wrist"][:, 1] - done["head"][:, 1] for side in SIDES}
    high = max(SIDES, key=lambda side: heights[side].max())
    assert heights[high].max() > 0.12
    assert heights[OTHER[high]].max() < heights[high].max() - 0.08
    assert hills(heights[high], 0.4) == count
    assert hills(-done["pelvis"][:, 1], 0.05) >= count


def test_juggling_lifts_the_hands_in_turn_on_round_ways():
    done = one("juggle", 5.0, 1)
    inside = done.at(1.5, 4.5)
    left, right = (done.from_shoulder(side)[inside] for side in SIDES)
    assert np.corrcoef(left[:, 1], right[:, 1])[0, 1] < -0.3
    for hand in (left, right):
        assert np.ptp(hand[:, 0]) > 0.07
        assert np.ptp(hand[:, 1]) > 0.07
        assert np.abs(np.corrcoef(hand[:, 0], hand[:, 1])[0, 1]) < 0.6


@pytest.mark.parametrize("target", [None, "canoe"])
@pytest.mark.parametrize("seed", SEEDS)
def test_rowing_draws_both_hands_again_and_again(target, seed):
    done = one("row", 6.5, seed, target=target)
    left, right = ((done[f"{side}_wrist"] - done["pelvis"])[done.at(1.2, 6.2), 2] for side in SIDES)
    assert hills(-left, 0.15) in (2, 3, 4)
    assert np.corrcoef(left, right)[0, 1] > 0.5


def test_fishing_casts_and_reels():
    done = one("fish", 5.0, 1)
    wrist = done["right_wrist"]
    speed = np.linalg.norm(np.gradient(wrist, axis=0), axis=1) * FPS
    assert speed[done.at(BEFORE_S, 2.5)].max() > 3 * speed[done.at(3.0, 4.5)].max()
    assert wrist[done.at(BEFORE_S, 1.6), 1].max() > done["neck"][0, 1]
    reel = (done["left_wrist"] - done["left_shoulder"])[done.at(2.8, 4.6)]
    assert hills(reel[:, 1], 0.04) >= 2


def test_driving_turns_the_hands_about_each_other():
    done = one("drive", 6.0, 1)
    x, y, _ = (done["left_wrist"] - done["right_wrist"])[done.at(1.3, 5.7)].T
    turned = np.degrees(np.arctan2(y, x))
    assert np.ptp(turned) > 40
    assert 0.2 < np.hypot(x, y).min() < 0.5


@pytest.mark.parametrize("direction", ["forward", "left", "right", "up", "down"])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("count", [1, 3])
def test_swatting_strikes_that_way_with_one_hand(side, direction, count):
    done = one("swat", 0.8 + 0.8 * count, 1, side=side, direction=direction, count=count)
    way = {"forward": (0, -1, 1), "left": (1, 0, 0), "right": (-1, 0, 0), "up": (0, 1, 0), "down": (0, -1, 0)}[direction]
    inside = done.at(BEFORE_S + 0.3, done.stages[0].end_s - 0.35)
    along = (done[f"{side}_wrist"] - done["neck"])[inside] @ np.array(way)
    assert hills(np.gradient(along) * FPS, 1.2) == count
    assert np.ptp(done.from_shoulder(OTHER[side]), axis=0).max() < 0.2


@pytest.mark.parametrize("direction", ["forward", "backward", "left", "right"])
@pytest.mark.parametrize("count", [1, 3])
def test_dodging_takes_the_head_away_quickly(direction, count):
    done = one("dodge", 1.1 * count, 1, direction=direction, count=count)
    x, y, z = (done["head"] - done["head"][:1]).T
    gone = {"left": x, "right": -x, "backward": -z, "forward": -y}[direction]
    assert gone.max() > 0.18
    assert hills(gone, 0.12) == count


@pytest.mark.parametrize("seed", range(5))
def test_fighting_strikes_with_both_fists_from_the_guard(seed):
    done = one("fight", 8.0, seed)
    strikes = {side: hills(done.from_shoulder(side)[done.at(0.9, 8.1), 2], 0.12) for side in SIDES}
    assert min(strikes.values()) >= 1
    assert sum(strikes.values()) >= 4
    assert done.joints[..., 1].min() > -0.02
