"""The retrieval protocols: figures worked by hand, a slow reference, and what no order of texts or clips may change."""

import json
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kinelang.errors import KinelangError
from kinelang.evaluate.protocols import PROTOCOLS, trial_of
from kinelang.evaluate.retrieval import KEYS, Result, compare, evaluate, evaluate_all, load_results, save_results, scores_by

RANKS = (1, 2, 3, 5, 10)


def figures(result):
    return {key: result[key] for key in KEYS}


def of(direction, *values):
    """The five recalls, their mean, and the median rank, given last."""
    *recalls, middle = values
    named = [*(f"R@{k}" for k in RANKS), "mR", "MedR"]
    return {f"{direction}/{name}": value for name, value in zip(named, [*recalls, sum(recalls) / 5, middle], strict=True)}


# --- By hand

BY_HAND = np.array(
    [
        [0.9, 0.5, 0.1, 0.0],  # own clip first
        [0.5, 0.5, 0.5, 0.0],  # own one of three alike: places 0, 1, 2, on the mean 1
        [0.7, 0.6, 0.2, 0.0],  # third
        [0.4, 0.4, 0.4, 0.4],  # one of four alike: 1.5
    ],
    dtype=np.float32,
)
# ranks t2m 0 1 2 1.5; by columns m2t: 0 (.9 of .9 .5 .7 .4), 1.5 (.5 behind .6, tied with .5), 2 (.2 behind .5 and .4), 0
TEXT_COSINES = np.array([[1, 0.95, 0.2, 0.1], [0.95, 1, 0.3, 0.9], [0.2, 0.3, 1, 0.0], [0.1, 0.9, 0.0, 1]])


def test_protocol_a_by_hand():
    result = evaluate(trial_of(BY_HAND), "all")
    assert figures(result) == of("t2m", 25, 75, 100, 100, 100, 2.25) | of("m2t", 50, 75, 100, 100, 100, 1.75)
    assert result.chance["t2m/R@1"] == 25
    assert result.chance["t2m/MedR"] == 2.5
    assert (result.n_texts, result.n_clips, result.n_answers, result.n_galleries) == (4, 4, 4, 1)


def test_protocol_b_by_hand():
    """Texts 0 and 1 are similar; 1 and 3 are not, .9 being not above .9."""
    result = evaluate(trial_of(BY_HAND, text_cosines=TEXT_COSINES), "threshold")
    # t2m: 0; the better of clips 0 and 1 is still one of three alike; 2; 1.5. m2t: 0; the better of .5 (0) and .5 (1): 1.5 behind .6;
    # 2; 0
    assert figures(result) == of("t2m", 25, 75, 100, 100, 100, 2.25) | of("m2t", 50, 75, 100, 100, 100, 1.75)
    better = BY_HAND.copy()
    better[1, 0] = 0.8  # the clip of a similar text comes first
    result = evaluate(trial_of(better, text_cosines=TEXT_COSINES), "threshold")
    assert result["t2m/R@1"] == 50
    assert evaluate(trial_of(better), "all")["t2m/R@1"] == 25
    assert result.options == {"threshold": 0.95}
    assert evaluate(trial_of(better, text_cosines=TEXT_COSINES), "threshold", threshold=0.99)["t2m/R@1"] == 25
    assert result.chance["t2m/R@1"] == pytest.approx((50 + 50 + 25 + 25) / 4)


def test_other_sides_are_never_correct():
    better = BY_HAND.copy()
    better[1, 0] = 0.8
    kicks = ["kicks left", "kicks right", "sits", "walks"]
    judged = trial_of(better, text_cosines=TEXT_COSINES, texts=kicks)
    assert evaluate(judged, "threshold")["t2m/R@1"] == 50
    assert evaluate(judged, "threshold_sides")["t2m/R@1"] == 25


def test_identical_captions_by_hand():
    better = BY_HAND.copy()
    better[3, 1] = 0.6
    judged = trial_of(better, texts=["walks", "A man sits.", "runs", "a man  sits"])
    assert figures(evaluate(judged, "all"))["t2m/R@1"] == 25
    assert figures(evaluate(judged, "identical"))["t2m/R@1"] == 50


def test_several_captions_a_clip_by_hand():
    scores = np.array([[0.9, 0.1], [0.3, 0.2], [0.8, 0.7]], dtype=np.float32)
    result = evaluate(trial_of(scores, right=np.array([0, 0, 1])))
    # t2m: 0, 0, 1. m2t: clip 0 has texts .9 and .3, the better comes first; clip 1 has .7, first of .1 .2 .7
    assert figures(result) == of("t2m", 100 * 2 / 3, 100, 100, 100, 100, 1) | of("m2t", 100, 100, 100, 100, 100, 1)
    assert result.chance["m2t/R@1"] == pytest.approx(100 * (2 / 3 + 1 / 3) / 2)


def test_the_gallery_switch_by_hand():
    scores = np.array([[0.5, 0.9, 0.1], [0.2, 0.8, 0.3], [0.7, 0.9, 0.6]], dtype=np.float32)
    judged = trial_of(scores, unseen=np.array([True, False, True]))
    unseen, everything = evaluate(judged, gallery="unseen"), evaluate(judged, gallery="all")
    # the queries are texts 0 and 2 either way: among clips 0 and 2 they find theirs at 0 and 1, among all at 1 and 2
    assert (unseen.n_texts, unseen.n_answers, everything.n_texts, everything.n_answers) == (2, 2, 2, 3)
    assert (unseen["t2m/R@1"], unseen["t2m/R@2"]) == (50, 100)
    assert (everything["t2m/R@1"], everything["t2m/R@2"]) == (0, 50)
    assert everything["m2t/R@1"] == 50  # clip 0 finds .5 behind .7, clip 2 .6 first


def test_protocol_d_draws_the_published_batches():
    order = np.arange(70)
    np.random.seed(0)  # noqa: NPY002 - the published draw
    np.random.shuffle(order)  # noqa: NPY002
    scores = np.random.default_rng(1).normal(size=(70, 70)).astype(np.float32)
    names = np.array([f"{i:03d}" for i in range(70)])
    halves = [evaluate(trial_of(scores[np.ix_(batch, batch)])) for batch in (order[:32], order[32:64])]
    result = evaluate(trial_of(scores, ids=names), "batches")
    for key in KEYS:
        assert result[key] == pytest.approx(np.mean([half[key] for half in halves]))
        assert result.chance[key] == pytest.approx(halves[0].chance[key])
    assert (result.n_texts, result.n_galleries, result.n_answers) == (64, 2, 32)


def test_protocol_c_judges_the_dissimilar_texts_alone():
    kinds = np.repeat(np.arange(6), 4)  # four clips each with one text: an exact search can tell the kinds apart but not the clips
    scores = (kinds[:, None] == kinds[None, :]).astype(np.float32)
    judged = trial_of(scores, text_cosines=scores)
    result = evaluate(judged, "dissimilar", size=6)
    assert result["t2m/R@1"] == result["m2t/R@1"] == 100
    assert result.n_texts == result.n_answers == 6
    assert evaluate(judged, "all")["t2m/R@1"] == 0  # one of four alike: rank 1.5
    assert evaluate(judged, "dissimilar").n_texts == 24


# --- The slow reference


def reference(scores, right, accepted):
    """Figures of one gallery, read aloud."""
    out = {}
    several = len(set(right.tolist())) < len(right)
    for direction in ("t2m", "m2t"):
        rows = scores.tolist() if direction == "t2m" else scores.T.tolist()
        good = accepted.tolist() if direction == "t2m" else accepted.T.tolist()
        at = []
        for row, is_right in zip(rows, good, strict=True):
            if any(is_right):
                best = max(score for score, yes in zip(row, is_right, strict=True) if yes)
                places = [i for i, score in enumerate(sorted(row, reverse=True)) if score == best]
                tied = sum(score == best for score, yes in zip(row, is_right, strict=True) if yes) if several else 1
                at.append(places[0] + (len(places) - tied) / (tied + 1))
        for k in RANKS:
            out[f"{direction}/R@{k}"] = 100 * sum(place < k for place in at) / len(at)
        out[f"{direction}/mR"] = sum(out[f"{direction}/R@{k}"] for k in RANKS) / len(RANKS)
        out[f"{direction}/MedR"] = median(at) + 1
    return out


@st.composite
def judged_trials(draw):
    n_clips = draw(st.integers(2, 7))
    several = draw(st.booleans())
    right = draw(arrays(np.int64, draw(st.integers(1, 9)), elements=st.integers(0, n_clips - 1))) if several else np.arange(n_clips)
    n_texts = len(right)
    scores = draw(arrays(np.float32, (n_texts, n_clips), elements=st.sampled_from([-0.5, 0.0, 0.25, 0.75, 1.0])))
    cosines = draw(arrays(np.float32, (n_texts, n_texts), elements=st.sampled_from([0.0, 0.5, 0.85, 0.95])))
    cosines = np.maximum(cosines, cosines.T)
    np.fill_diagonal(cosines, 1)
    texts = draw(st.lists(st.sampled_from(["walks", "Walks.", "kicks left", "kicks right"]), min_size=n_texts, max_size=n_texts))
    return trial_of(scores, right=right, text_cosines=cosines, texts=texts, ids=[f"clip {i}" for i in range(n_clips)])


def accepted_by(trial, same):
    n_texts, n_clips = trial.scores.shape
    return np.array(
        [
            [any(trial.right[k] == clip and (k == text or same(text, k)) for k in range(n_texts)) for clip in range(n_clips)]
            for text in range(n_texts)
        ]
    )


SIDE = {"kicks left": "left", "kicks right": "right"}


@given(judged_trials())
@settings(max_examples=60)
def test_the_protocols_agree_with_the_slow_reference(trial):
    texts, cosines = trial.texts, trial.text_cosines

    def words(i):
        return texts[i].lower().strip(".")

    def other_side(i, j):
        return texts[i] in SIDE and texts[j] in SIDE and SIDE[texts[i]] != SIDE[texts[j]]

    rules = {
        "all": lambda i, j: False,
        "threshold": lambda i, j: cosines[i, j] / 2 + 0.5 > 0.95,
        "threshold_sides": lambda i, j: cosines[i, j] / 2 + 0.5 > 0.95 and not other_side(i, j),
        "identical": lambda i, j: words(i) == words(j),
    }
    for name, rule in rules.items():
        expected = reference(trial.scores, trial.right, accepted_by(trial, rule))
        found = figures(evaluate(trial, name, rounds=0))
        assert found == pytest.approx(expected), name


@given(judged_trials(), st.integers(0, 100))
@settings(max_examples=40)
def test_the_order_of_clips_and_texts_is_nothing(trial, seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(trial.right)), rng.permutation(len(trial.ids))
    place = np.argsort(columns)
    shuffled = trial_of(
        trial.scores[np.ix_(rows, columns)],
        right=place[trial.right[rows]],
        ids=[trial.ids[i] for i in columns],
        texts=[trial.texts[i] for i in rows],
        text_cosines=trial.text_cosines[np.ix_(rows, rows)],
    )
    for name in ("all", "threshold", "threshold_sides", "identical"):
        assert figures(evaluate(shuffled, name, rounds=0)) == pytest.approx(figures(evaluate(trial, name, rounds=0)))


def test_the_order_of_clips_is_nothing_to_what_is_drawn():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(90, 5))
    cosines = vectors @ vectors.T / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vectors, axis=1)[:, None]
    scores = cosines + rng.normal(size=(90, 90)) * 0.2
    names, order = np.array([f"{i:03d}" for i in range(90)]), rng.permutation(90)
    one = trial_of(scores, ids=names, text_cosines=cosines)
    other = trial_of(scores[np.ix_(order, order)], ids=names[order], text_cosines=cosines[np.ix_(order, order)])
    for name, options in (("batches", {}), ("dissimilar", {"size": 20})):
        first, second = evaluate(one, name, **options), evaluate(other, name, **options)
        assert first.figures == second.figures
        assert first.chance == second.chance


# --- What every protocol has to keep


def full_trial(scores, n=40, **more):
    cosines = np.full((n, n), 0.1)
    np.fill_diagonal(cosines, 1)
    return trial_of(scores, texts=[f"number {i}" for i in range(n)], text_cosines=cosines, **more)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_perfect_is_best_and_nothing_is_better(name):
    perfect = evaluate(full_trial(np.eye(40)), name)
    for key in KEYS:
        assert perfect[key] == (1 if key.endswith("MedR") else 100)
        assert perfect.figures[key].low == perfect.figures[key].high == perfect[key]
    worst = evaluate(full_trial(-np.eye(40)), name)
    assert worst["t2m/R@10"] == 0
    assert worst["t2m/MedR"] == worst.n_answers


@pytest.mark.parametrize("name", PROTOCOLS)
def test_random_scores_are_at_chance(name):
    rng = np.random.default_rng(0)
    found = [evaluate(full_trial(rng.random((40, 40))), name, rounds=0) for _ in range(150)]
    for key in KEYS:
        assert np.mean([result[key] for result in found]) == pytest.approx(found[0].chance[key], rel=0.12, abs=0.6)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_results_have_stable_keys_and_survive_json(name, tmp_path):
    result = evaluate(full_trial(np.random.default_rng(2).random((40, 40))), name, rounds=50, system="a fake")
    assert set(result.figures) == set(result.chance) == set(KEYS) == set(result.shown())
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result
    save_results(tmp_path / "results.json", {name: result})
    assert load_results(tmp_path / "results.json") == {name: result}
    assert result.shown()["t2m/R@1"] == round(result["t2m/R@1"], 2)


def test_results_without_intervals_are_json_that_any_reader_reads():
    result = evaluate(full_trial(np.eye(40)), rounds=0)
    text = json.dumps(result.to_json(), allow_nan=False)
    assert np.isnan(Result.from_json(json.loads(text)).figures["t2m/R@1"].low)


def test_all_protocols_that_can_be():
    assert list(evaluate_all(full_trial(np.eye(40)), rounds=0)) == list(PROTOCOLS)
    assert list(evaluate_all(trial_of(np.eye(40)), rounds=0)) == ["all", "batches"]
    assert list(evaluate_all(trial_of(np.eye(4)), rounds=0)) == ["all"]


def noisy(seed, n=40, noise=0.3):
    return np.eye(n) + noise * np.random.default_rng(seed).normal(size=(n, n))


def test_intervals_hold_the_figure_and_widen_with_recordings():
    alone = evaluate(trial_of(noisy(0)))
    together = evaluate(trial_of(np.kron(noisy(1, 8), np.ones((5, 5))) + noisy(2, noise=0.01), groups=[str(i // 5) for i in range(40)]))
    for result in (alone, together):
        for key in KEYS:
            assert result.figures[key].low <= result[key] <= result.figures[key].high
    one = evaluate(trial_of(noisy(0), groups=["one recording"] * 40))
    assert one.figures["t2m/R@1"].low == one.figures["t2m/R@1"].high


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_system_does_not_differ_from_itself(name):
    for difference in compare(full_trial(noisy(0)), noisy(0), name, rounds=50).values():
        assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_a_difference_is_that_of_the_figures_and_certain_where_it_is_large():
    better, worse = trial_of(noisy(0, noise=0.1)), noisy(1, noise=1.0)
    difference = compare(better, worse)
    first, second = evaluate(better), evaluate(trial_of(worse))
    for key in KEYS:
        assert difference[key].value == pytest.approx(first[key] - second[key])
    assert difference["t2m/R@1"].apart_from_zero
    assert difference["t2m/MedR"].high < 0


def test_scores_of_a_function():
    assert scores_by(lambda text, clip: len(text) - clip, ["a", "bcd"], [0, 1]).tolist() == [[1, 0], [3, 2]]
    assert scores_by(lambda text, clip: 0.0, [], [0, 1]).shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: trial_of(np.zeros((3, 4))), "right: found nothing"),
        (lambda: trial_of(np.array([[np.nan]])), "finite numbers"),
        (lambda: trial_of(np.zeros((0, 0))), "at least one of each"),
        (lambda: trial_of(np.zeros((3, 4)), right=np.array([0, 1, 4])), "indices from 0 to 3"),
        (lambda: trial_of(np.eye(3), ids=["a"]), "ids: found 1; expected 3; scores are 3 texts by 3 clips"),
        (lambda: trial_of(np.eye(3), text_cosines=np.eye(2)), r"text_cosines: found shape \(2, 2\)"),
        (lambda: evaluate(trial_of(np.eye(3)), "e"), "one of all, threshold, threshold_sides, identical, dissimilar, batches"),
        (lambda: evaluate(trial_of(np.eye(3)), gallery="test"), "one of all, unseen"),
        (lambda: evaluate(trial_of(np.eye(3)), "threshold"), "without text_cosines"),
        (lambda: evaluate(trial_of(np.eye(3)), "all", size=3), "option 'size'"),
        (lambda: evaluate(trial_of(np.eye(3)), "batches"), "3 clips; expected at least 32"),
        (lambda: evaluate(trial_of(np.eye(3), unseen=np.zeros(3, dtype=bool))), "no text written for its clips"),
        (lambda: evaluate(trial_of(np.eye(3), unseen=np.zeros(3, dtype=bool)), gallery="all"), "no query"),
        (lambda: compare(trial_of(np.eye(3)), np.eye(4)), r"shape \(4, 4\)"),
    ],
)
def test_what_cannot_be_judged(call, message):
    with pytest.raises(KinelangError, match=message):
        call()
