"""Repetitions and sides as `detect` measures them: exact on signals whose count is known, the same in the mirror image."""

from dataclasses import replace

import numpy as np
import pytest

from kinelang.motion.reflection import mirror
from kinelang.timeline import Stage, Timeline, detect, perform
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.detecting.attributes import by_turns
from kinelang.timeline.detecting.body import FPS, Body
from kinelang.timeline.detecting.counting import COUNTED, Turns, repeated, repetitions
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import INDEX, SIDED_NAMES, SIGNALS, mirrored, signals_of

NOISE_M = 0.003


def hills(count, period_s, rest_s=0.4, fps=FPS):
    """So many hills of height 1, standing still before and after. (T,)"""
    t = np.arange(0, count * period_s + 2 * rest_s, 1 / fps)
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.clip((t - rest_s) / period_s, 0, count))


@pytest.mark.parametrize("count", range(1, 12))
@pytest.mark.parametrize("period_s", [0.3, 0.55, 1.1, 2.3])
def test_hills_are_counted_exactly_by_turns_peaks_and_hollows(count, period_s):
    y = hills(count, period_s)
    assert repeated(y, Turns("", 0.35)) == count
    assert repeated(y, Turns("", 0.35, per="peak")) == count
    assert repeated(-y, Turns("", 0.35, per="hollow")) == count
    assert repeated(y, Turns("", 0.35, per="turn", others=1)) == 2 * count
    assert repeated(y, Turns("", 0.35, per="hollow")) == count - 1


@pytest.mark.parametrize("count", range(1, 12))
def test_noise_of_a_tenth_and_uneven_hills_do_not_change_the_count(count):
    rng = np.random.default_rng(count)
    y = np.concatenate([rng.uniform(0.85, 1.15) * hills(1, rng.uniform(0.4, 0.8), 0.0) for _ in range(count)])
    noisy = y + 0.03 * rng.standard_normal(len(y))
    assert repeated(np.pad(noisy, 6), Turns("", 0.35, per="peak")) == count
    assert repeated(np.pad(noisy, 6), Turns("", 0.35)) == count


@pytest.mark.parametrize("y", [np.zeros(0), np.zeros(1), np.zeros(40), np.linspace(0, 1, 40)])
def test_what_does_not_go_to_and_fro_has_no_peak(y):
    assert repeated(y, Turns("", per="peak")) == repeated(y, Turns("", per="hollow")) == 0
    assert repeated(y, Turns("")) in (0, 1)


def test_signals_by_which_is_counted_are_known_and_as_many_as_a_median_needs():
    together = {"wrists", "elbows", "trunk", "forearms", "feet", "wrists across", "wrists passing"}
    for verb, ways in COUNTED.items():
        assert len(ways) % 2 == 1, verb
        for turns in ways:
            assert turns.of in INDEX or turns.of in SIDED_NAMES or turns.of in together, verb
            if turns.per in ("peak", "hollow"):  # of a signal that the mirror image negates, peaks become hollows
                assert turns.of in SIDED_NAMES or SIGNALS[INDEX[turns.of]].sign == 1, verb


REPEATED = {"wave": "left", "knock": "right", "scratch": "left", "clap": None, "wipe": "right", "wash_hands": None, "stir": "right"}
REPEATED |= {"beckon": "left", "sweep": None, "shake_body": None, "crawl": None, "skip": None, "punch": "alternating", "sway": None}
OTHER = {"left": "right", "right": "left"}


def seen_in(verb, count, side, seed=2, noise_m=0.0, fps=20.0):
    """Signals of a verb performed, and a candidate where it is."""
    true = Stage(0.5, 0.5 + sum(ACTIONS[verb].length_s(count)) / 2, verb, count=count, side=side)
    body = Body.of(perform(Timeline((true,), duration_s=true.end_s + 0.5), seed, fps=fps))
    rng = np.random.default_rng(seed)
    body = replace(body, joints=body.joints + noise_m * rng.standard_normal(body.joints.shape))
    arms = ("left_arm", "right_arm") if side not in OTHER else (f"{side}_arm",)
    return signals_of(body), Candidate(verb, 10, round(true.end_s * 20), 1.0, arms, side)


@pytest.mark.parametrize("verb", REPEATED)
@pytest.mark.parametrize("count", [2, 4, 7])
def test_repetitions_are_counted_where_the_stage_is_known(verb, count):
    signals, candidate = seen_in(verb, count, REPEATED[verb])
    assert repetitions(candidate, signals) == count


@pytest.mark.parametrize("verb", [v for v in REPEATED if v != "scratch"])
def test_the_count_is_the_same_at_other_frame_rates_and_with_noise(verb):
    for fps in (30.0, 60.0, 120.0):
        signals, candidate = seen_in(verb, 4, REPEATED[verb], noise_m=NOISE_M, fps=fps)
        assert repetitions(candidate, signals) == 4, fps


@pytest.mark.parametrize("verb", sorted(COUNTED))
def test_the_mirror_image_has_the_same_count(verb):
    """On signals of any size, of which most verbs know nothing: the rule itself is symmetric."""
    rng = np.random.default_rng(5)
    values = np.cumsum(rng.standard_normal((90, len(SIGNALS))), axis=0)
    for side, rows in (("left", ("left_arm",)), (None, ("left_arm", "right_arm")), ("both", ("right_arm",))):
        candidate = Candidate(verb, 11, 74, 1.0, rows, side)
        swapped = tuple({"left_arm": "right_arm", "right_arm": "left_arm"}[row] for row in rows)
        other = replace(candidate, side=OTHER.get(side, side), rows=swapped)
        signals, _ = seen_in("clap", 2, None)
        here, there = replace(signals, values=values), replace(signals, values=mirrored(values))
        assert repetitions(candidate, here) == repetitions(other, there)


@pytest.mark.parametrize(
    ("left", "right", "side"), [(1, 0.9, "alternating"), (1, 0.1, "left"), (0.1, 1, "right"), (0, 0, "alternating")]
)
def test_by_turns_is_what_both_limbs_do(left, right, side):
    assert by_turns(left, right, 0.5) == side


@pytest.mark.parametrize("verb", ["kick", "raise_leg", "stomp", "punch"])
@pytest.mark.parametrize("side", ["left", "right", "alternating"])
def test_the_limb_is_told_and_in_the_mirror_the_other(verb, side):
    stage = Stage(0.5, 0.5 + max(ACTIONS[verb].length_s(4)), verb, side=side, count=4)
    motion = perform(Timeline((stage,), duration_s=stage.end_s + 0.5), 4)
    for seen, told in ((motion, side), (mirror(motion), OTHER.get(side, side))):
        found = max((s for s in detect(seen).stages if s.verb == verb), key=lambda s: s.duration_s)
        assert (found.side, found.count) == (told, 4)


@pytest.mark.parametrize("side", ["left", "right"])
def test_who_steps_ahead_is_told_with_the_foot_that_goes_first(side):
    stage = Stage(0.5, 3.5, "step", side=side, count=3, direction="forward")
    found = [s for s in detect(perform(Timeline((stage,), duration_s=4.0), 1)).stages if s.verb == "step"]
    assert [s.side for s in found] == [side]
