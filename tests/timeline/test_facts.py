"""The factual score: golden facts by hand, and what narration, its mirror image and other timelines must score."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import TimelineError
from kinelang.language import swap_left_right
from kinelang.language.lexicon import VERBS
from kinelang.timeline import Stage, Timeline, narrate, random_timeline
from kinelang.timeline.facts import COLUMNS, KINDS, factual, factual_to_captions, joined, paired
from kinelang.timeline.narrating.telling import merged
from kinelang.timeline.parsing import parse
from timelines import timelines

SEEDS = range(940_000_000, 940_000_150)


def timeline(*stages):
    """One stage after another: (verb, fields)."""
    return Timeline(tuple(Stage(2.0 * i, 2.0 * i + 2, verb, **fields) for i, (verb, fields) in enumerate(stages)))


def counts(facts, lenient=False):
    """{column: {kind: n}} of one caption, zeros left out."""
    table = (facts.lenient if lenient else facts.strict)[0]
    rows = {name: {kind: int(n) for kind, n in zip(KINDS, row, strict=True) if n} for name, row in zip(COLUMNS, table, strict=True)}
    return {name: row for name, row in rows.items() if row}


WALK_KICK = timeline(("walk", {"direction": "forward", "count": 4}), ("kick", {"side": "left"}))


# --- by hand


def test_a_right_caption_tells_everything():
    found = factual("a person walks forward 4 steps, then kicks with the left leg", WALK_KICK)
    assert counts(found) == {
        "told": {"verb": 2, "side": 1, "direction": 1, "count": 1},
        "right": {"verb": 2, "side": 1, "direction": 1, "count": 1},
        "wanted": {"verb": 2, "side": 1, "count": 1},  # a walk goes forward without saying
        "found": {"verb": 2, "side": 1, "count": 1},
        "compared": {"verb": 2, "side": 1, "direction": 1, "count": 1},
    }
    assert found.f1 == found.lenient_f1 == 1


def test_what_is_left_out_costs_recall_only():
    found = factual("a person walks and kicks", WALK_KICK).figures()
    assert found["precision"] == 1
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["f1"] == pytest.approx(2 / 3)
    assert found["f1_of_said"] == found["verb_f1"] == 1
    assert math.isnan(found["side"])


def test_a_wrong_side_is_wrong_and_its_verb_is_not():
    found = factual("a person walks, then kicks with the right leg", WALK_KICK).figures()
    assert found["verb_f1"] == 1
    assert found["side"] == 0
    assert found["precision"] == pytest.approx(2 / 3)


def test_what_is_made_up_costs_precision_with_everything_said_of_it():
    found = factual("a person walks, kicks with the left leg, then jumps to the right 3 times", WALK_KICK)
    assert counts(found)["told"] == {"verb": 3, "side": 1, "direction": 1, "count": 1}
    assert found.figures()["precision"] == pytest.approx(3 / 6)
    assert found.figures()["verb_precision"] == pytest.approx(2 / 3)


def test_what_the_truth_is_silent_on_is_unjudged():
    found = factual("a person walks, then kicks 3 times with the left leg", WALK_KICK)
    assert counts(found)["unjudged"] == {"count": 1}
    assert found.figures()["precision"] == 1


def test_verbs_count_in_order():
    found = factual("a person kicks with the left leg, then walks 4 steps", WALK_KICK)
    assert counts(found)["right"] in ({"verb": 1, "side": 1}, {"verb": 1, "count": 1})
    together = Timeline((Stage(0, 2, "walk"), Stage(0, 2, "wave", side="left")))
    for caption in ("a person walks while waving with the left hand", "a person waves with the left hand while walking"):
        assert factual(caption, together).f1 == 1


def test_alike_verbs_and_directions_count_in_the_lenient_figure():
    truth = timeline(("walk", {"direction": "forward_left"}))
    found = factual("a person steps to the left", truth)
    assert found.f1 == 0
    assert found.lenient_f1 == 1
    assert factual("a person walks to the left", truth).figures()["direction"] == 0


def test_standing_is_no_fact():
    standing = timeline(("stand", {}))
    assert math.isnan(factual("a person stands still", standing).f1)
    assert factual("a person jumps", standing).f1 == 0
    assert factual("a person stands, then walks", timeline(("walk", {}))).f1 == 1


def test_words_that_are_not_understood_tell_nothing():
    for caption in ("", " . ", "blorp frumious"):
        found = factual(caption, WALK_KICK)
        assert "told" not in counts(found)
        assert found.f1 == 0


def test_against_captions_by_hand():
    people = [
        "a person walks forward, then kicks with the left leg",
        "someone walks and kicks with the left foot",
        "a man jumps, then kicks",
    ]
    found = factual_to_captions("a person walks then kicks with his left leg", people)
    assert counts(found) == {
        "told": {"verb": 2, "side": 1},
        "right": {"verb": 2, "side": 1},
        "wanted": {"verb": 2, "side": 1},
        "found": {"verb": 2, "side": 1},
        "compared": {"verb": 2, "side": 1},
    }
    wrong = factual_to_captions("a person walks then kicks with his right leg", people).figures()
    assert wrong["side"] == 0
    assert wrong["precision"] == pytest.approx(2 / 3)
    alone = factual_to_captions("a person jumps, claps twice", people)  # jumps: one says so; claps: none does
    assert counts(alone)["unjudged"] == {"verb": 1}
    assert counts(alone)["told"] == {"verb": 1, "count": 1}
    assert alone.f1 == 0
    unsaid = factual_to_captions("a person walks 3 steps", people)
    assert counts(unsaid)["unjudged"] == {"count": 1}


def test_a_single_caption_of_people_is_the_truth():
    assert factual_to_captions("he walks", ["a person walks"]).f1 == 1
    assert factual_to_captions("he steps", ["a person walks"]).f1 == 0
    assert factual_to_captions("he steps", ["a person walks"]).lenient_f1 == 1


def test_what_people_say_in_other_words_is_wanted_once_and_found_once():
    people = ["a person jogs and waves", "a person runs and waves"]
    jog, wave, both, twice = "a person jogs", "a person waves", "a person jogs and waves", "a person runs, then jogs"
    for caption, found, right in ((jog, 1, 1), (wave, 1, 1), (both, 2, 2), (twice, 1, 2)):
        table = counts(factual_to_captions(caption, people), lenient=True)
        assert table["wanted"] == {"verb": 2}, caption  # to jog or run, and to wave
        assert table["found"] == {"verb": found}, caption
        assert table["right"] == table["told"] == {"verb": right}, caption
    assert factual_to_captions("a person runs and waves", people).lenient_f1 == 1
    strict = counts(factual_to_captions("a person jogs and waves", people))
    assert strict["wanted"] == strict["found"] == strict["told"] == {"verb": 1}  # each of jog and run is told by one alone
    assert strict["unjudged"] == {"verb": 1}


# --- equal stages that follow each other


def done(*stages):
    """One stage of a second after another: (verb, fields)."""
    return Timeline(tuple(Stage(float(i), i + 1.0, verb, **fields) for i, (verb, fields) in enumerate(stages)))


CLAPS = done(("clap", {"count": 3}), ("clap", {"count": 1}))
PUNCHES = done(*(("punch", {"side": side, "count": 1}) for side in ("left", "right", "left")))


@pytest.mark.parametrize(
    ("caption", "truth"),
    [
        ("a person claps four times", CLAPS),
        ("a person claps three times, then claps", CLAPS),
        ("a person claps twice, then claps twice", done(("clap", {"count": 4}))),
        ("a person claps twice, then claps twice", CLAPS),
        ("a person jumps forward twice", done(*[("jump", {"direction": "forward", "count": 1})] * 2)),
        ("a person kicks twice with the right leg", done(*[("kick", {"side": "right", "count": 1})] * 2)),
        ("a person kicks twice with the right leg", done(*[("kick", {"side": "right", "count": 1, "speed": s}) for s in (1.0, 2.0)])),
    ],
)
def test_equal_stages_may_be_told_as_one(caption, truth):
    found = factual(caption, truth)
    assert found.f1 == found.lenient_f1 == 1
    assert found.figures()["count"] == 1


@pytest.mark.parametrize("n", ["two", "three", "five", "eight"])
def test_an_untrue_count_stays_wrong(n):
    for truth in (CLAPS, done(("clap", {"count": 4}))):
        found = factual(f"a person claps {n} times", truth)
        assert found.f1 < 0.7
        if n != "three":  # the first three
            assert found.figures()["count"] == 0


def test_sides_taken_together():
    three = factual("a person punches three times", PUNCHES)
    assert counts(three)["right"] == {"verb": 1, "count": 1}
    assert counts(three)["wanted"] == {"verb": 1, "side": 1, "count": 1}
    assert three.figures()["precision"] == 1
    assert factual("a person punches left, right, left", PUNCHES).figures()["precision"] == 1
    with_one = factual("a person punches three times with the left hand", PUNCHES)
    assert with_one.figures()["precision"] < 1
    jumps = done(("jump", {"direction": "forward", "count": 1}), ("jump", {"direction": "left", "count": 1}))
    assert factual("a person jumps twice", jumps).figures()["precision"] == 1
    assert counts(factual("a person jumps forward twice", jumps))["right"] == {"verb": 1, "count": 1}


def test_a_count_that_nobody_tells_is_not_told():
    found = factual(
        "a person punches, then punches again", done(("punch", {"side": "right", "count": 3}), ("punch", {"side": "left", "count": 2}))
    )
    assert "count" not in counts(found)["told"]
    unknown = factual("a person claps four times", done(("clap", {}), ("clap", {})))
    assert counts(unknown)["unjudged"] == {"count": 1}


def test_sides_in_another_order_are_not_taken_together():
    told, truth = (
        "a person kicks with the right leg, then kicks with the left leg",
        done(("kick", {"side": "left"}), ("kick", {"side": "right"})),
    )
    assert factual(told, truth).f1 < 0.7
    assert factual(swap_left_right(told), truth).f1 == 1


def test_what_is_told_in_between_or_much_later_is_told_apart():
    between = done(("clap", {"count": 2}), ("jump", {}), ("clap", {"count": 2}))
    later = Timeline((Stage(0, 2, "clap", count=2), Stage(9, 11, "clap", count=2)))
    for truth in (between, later):
        assert factual("a person claps four times", truth).figures()["count"] == 0


REPEATED = ("clap", "kick", "punch", "jump", "hop", "squat", "wave", "walk", "nod")


def repeating(seed):
    """Stages of few verbs, so that equal ones follow each other."""
    rng = np.random.default_rng(seed)
    stages, at = [], 0.0
    verbs = rng.choice(REPEATED, 2)
    for verb in rng.choice(verbs, int(rng.integers(2, 6))):
        word = VERBS[verb]
        fields = {"side": rng.choice(("left", "right")) if "left" in word.sides else None}
        fields["direction"] = rng.choice(("forward", "left")) if {"forward", "left"} <= set(word.directions) else None
        fields["count"] = int(rng.integers(1, 4))
        fields = {name: value if value is None or name == "count" else str(value) for name, value in fields.items()}
        length = float(rng.uniform(0.8, 2.5))
        stages.append(Stage(at, at + length, str(verb), **fields))
        at += length + float(rng.choice([0.0, 0.0, 0.5]))
    return Timeline(tuple(stages))


def facts_of(timeline):
    return [(s.verb, s.side, s.direction, s.count) for s in timeline.stages]


def test_a_narration_of_repeated_verbs_says_nothing_wrong():
    read_back = 0
    for seed in range(400):
        truth = repeating(seed)
        told = narrate(truth, seed=seed, complete=True)
        if facts_of(parse(told).timeline) != facts_of(truth.with_(stages=tuple(merged(list(truth.stages))))):
            continue
        read_back += 1
        found = factual(told, truth)
        assert found.f1 == found.lenient_f1 == 1, told
    assert read_back > 300


def test_what_is_left_out_of_a_narration_of_repeated_verbs_makes_nothing_wrong():
    found = joined(factual(narrate(repeating(seed), seed=seed), repeating(seed)) for seed in range(400))
    assert found.figures()["precision"] > 0.99


# --- pairing


def all_pairings(said, true, gain):
    """Largest sum of gains over every pairing that keeps the order, by trying all."""
    before = lambda a, b: a.end_s <= b.start_s + 1e-6  # noqa: E731
    best = 0
    possible = [(i, j) for i in range(len(said)) for j in range(len(true)) if gain(said[i], true[j])]
    for n in range(1, min(len(said), len(true)) + 1):
        for pairs in itertools.combinations(possible, n):
            if len({i for i, _ in pairs}) < n or len({j for _, j in pairs}) < n:
                continue
            against = (before(said[a], said[c]) and before(true[d], true[b]) for (a, b), (c, d) in itertools.permutations(pairs, 2))
            if not any(against):
                best = max(best, sum(gain(said[i], true[j]) for i, j in pairs))
    return best


@st.composite
def few_stages(draw):
    made = []
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, 5))
        side = draw(st.sampled_from([None, "left", "right"]))
        made.append(Stage(start, start + draw(st.integers(1, 3)), draw(st.sampled_from(["wave", "kick"])), side=side))
    return made


@given(few_stages(), few_stages())
@settings(max_examples=150)
def test_the_pairing_is_the_best_that_keeps_the_order(said, true):
    gain = lambda a, b: (1 + (a.side == b.side)) if a.verb == b.verb else 0  # noqa: E731
    pairs = paired(said, true, gain)
    assert sum(gain(said[i], true[j]) for i, j in pairs) == pytest.approx(all_pairings(said, true, gain))
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


def test_hundreds_of_stages_are_paired():
    stages = [Stage(i, i + 1, "wave", side=("left", "right")[i % 2]) for i in range(300)]
    assert paired(stages[::30], stages, lambda a, b: int(a.side == b.side)) != []


# --- properties


def test_a_complete_narration_tells_the_facts():
    found = joined(factual(narrate(random_timeline(seed), seed=seed, complete=True), random_timeline(seed)) for seed in SEEDS)
    assert found.f1 > 0.99
    assert found.figures()["side"] == found.figures()["count"] == 1


def test_an_ordinary_narration_says_nothing_wrong():
    found = joined(factual(narrate(random_timeline(seed), seed=seed), random_timeline(seed)) for seed in SEEDS).figures()
    assert found["precision"] > 0.99
    assert found["f1_of_said"] > 0.99
    assert found["recall"] < 0.9


def test_the_mirrored_caption_loses_its_sides_and_nothing_else():
    truths = [t for t in map(random_timeline, SEEDS) if any(s.side in ("left", "right") for s in t.stages)]
    told = [narrate(truth, seed=i, complete=True) for i, truth in enumerate(truths)]
    plain, mirrored = (
        joined(factual(say(text), truth) for text, truth in zip(told, truths, strict=True)) for say in (str, swap_left_right)
    )
    assert plain.figures()["side"] == 1
    assert mirrored.figures()["side"] < 0.2  # what is left are stages of both sides
    assert mirrored.figures()["verb_f1"] == pytest.approx(plain.figures()["verb_f1"])
    assert mirrored.figures()["count"] == plain.figures()["count"]


@given(timelines(), st.integers(0, 50))
@settings(max_examples=60)
def test_mirroring_caption_and_truth_changes_nothing(truth, seed):
    text = narrate(random_timeline(seed), seed=seed)
    one, other = factual(text, truth), factual(swap_left_right(text), truth.mirrored())
    assert (one.strict == other.strict).all()
    assert (one.lenient == other.lenient).all()


@given(timelines(), st.integers(0, 50))
@settings(max_examples=60)
def test_counts_are_what_they_say(truth, seed):
    facts = factual(narrate(random_timeline(seed), seed=seed), truth)
    for table in (facts.strict[0], facts.lenient[0]):
        told, right, wanted, found, compared, _ = table
        assert (right <= compared).all()
        assert (compared <= told).all()
        assert (found <= wanted).all()
        assert (found <= right).all()
    assert np.nan_to_num(facts.lenient_f1) >= np.nan_to_num(facts.f1) - 1e-9


def test_captions_of_other_motions_score_near_nothing():
    truths = [random_timeline(seed) for seed in SEEDS]
    told = [narrate(truth, seed=i) for i, truth in enumerate(truths)]
    found = joined(factual(text, truth) for text, truth in zip(told, truths[1:] + truths[:1], strict=True))
    assert found.f1 < 0.1
    assert found.lenient_f1 < 0.2


def test_drawing_a_caption_twice_is_having_it_twice():
    truths = [random_timeline(seed) for seed in SEEDS[:20]]
    facts = [factual(narrate(truth, seed=3), truth) for truth in truths]
    together = joined(facts)
    times = np.array([[2, 0] * 10])
    again = joined(f for f, n in zip(facts, times[0], strict=True) for _ in range(n))
    for name, value in again.figures().items():
        assert float(together.drawn(times, name)[0]) == pytest.approx(value, nan_ok=True)
    interval = together.interval()
    assert interval.low <= interval.value == together.f1 <= interval.high
    assert len(together) == len(together.per_caption()) == 20


def test_refusals():
    with pytest.raises(TimelineError, match="found no captions"):
        joined([])
    with pytest.raises(TimelineError, match="found none; expected a list"):
        factual_to_captions("a", [])
    with pytest.raises(TimelineError, match="found one text"):
        factual_to_captions("a", "a person walks")
    with pytest.raises(TimelineError, match="found int"):
        factual(3, WALK_KICK)
