"""BLEU, ROUGE-L and CIDEr: values by hand, slow twins of the definitions, properties, refusals."""

from collections import Counter
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.metrics.captioning import METRICS, TEXT_METRICS, meteor, score
from kinelang.metrics.captioning.corpus import read_corpus
from kinelang.metrics.captioning.rouge import common_subsequences

sentence = st.lists(st.sampled_from("abcde"), min_size=1, max_size=9).map(" ".join)
corpora = st.lists(st.tuples(sentence, st.lists(sentence, min_size=1, max_size=3)), min_size=2, max_size=6)
few = settings(max_examples=40)
OTHER = ("x y z", ["v w"])
"""A clip that makes two of one, so that words weigh something in CIDEr."""


def value(name, candidate, *references):
    return score([candidate], [references], [name])[name].value


def scores_of(clips, **options):
    return score([candidate for candidate, _ in clips], [references for _, references in clips], **options)


# --- by hand


def test_bleu_by_hand():
    papineni = ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat")
    assert value("BLEU-1", *papineni) == pytest.approx(2 / 7)
    assert value("BLEU-2", "a b c", "a b d") == pytest.approx(sqrt(2 / 3 * 1 / 2))
    assert value("BLEU-1", "a b", "a b c d") == pytest.approx(exp(1 - 4 / 2))
    assert value("BLEU-1", "a b c d", "a b c", "a b c x x") == pytest.approx(3 / 4)  # of two lengths equally close the shorter
    assert value("BLEU-4", "a b c", "a b c") == pytest.approx(1e-6**0.25)  # no 4-gram at all: coco-caption's constants are left


def test_bleu_sums_over_clips_before_it_divides():
    made = score(["a b c d", "a x"], [["a b c d"], ["a b"]], ["BLEU-1"])["BLEU-1"]
    assert made.value == pytest.approx(5 / 6)
    assert made.per_clip == pytest.approx([1, 1 / 2])


def test_rouge_l_by_hand():
    p, r = 2 / 3, 2 / 4
    assert value("ROUGE-L", "a b c", "a c d e") == pytest.approx((1 + 1.44) * p * r / (r + 1.44 * p))
    assert value("ROUGE-L", "a b c d", "b", "a b c d e e e e") == pytest.approx(1)  # all of it in one, all of another in it
    assert value("ROUGE-L", "a b", "c d") == 0


def test_cider_by_hand():
    made = score(["a b", "d"], [["a c"], ["d"]])
    for name in ("CIDEr-D", "CIDEr plain"):
        assert made[name].per_clip == pytest.approx([10 / 4 * 1 / 2, 10 / 4])
    made = score(["a a a", "d"], [["a"], ["d"]])  # 2-grams: two against none
    assert made["CIDEr-D"].per_clip[0] == pytest.approx(10 / 4 * 1 / 3 * exp(-(2**2) / (2 * 36)))
    assert made["CIDEr plain"].per_clip[0] == pytest.approx(10 / 4)


def test_words_in_all_clips_weigh_nothing_in_cider():
    made = score(["the dog", "the cat"], [["the cat"], ["the cat"]])["CIDEr-D"]
    assert made.per_clip == pytest.approx([0, 0])
    weights = log(3 / 2), log(3)  # the, in two clips of three; cat, in one
    made = score(["the", "the", "x"], [["the cat"], ["the"], ["y"]])["CIDEr plain"]
    assert made.per_clip[0] == pytest.approx(10 / 4 * weights[0] / sqrt(weights[0] ** 2 + weights[1] ** 2))


def test_meteor_of_counts_by_hand():
    """Denkowski and Lavie's formula: one synonym of 3 content words and a function word on each side, two chunks."""
    counts = np.zeros(23)
    counts[:4] = 4, 4, 1, 1
    counts[4:8] = 2, 2, 1, 1
    counts[12:14] = 1, 1
    counts[20:] = 2, 4, 4
    share = (0.75 * 2 + 0.25 * 1 + 0.8 * 0.75) / (0.75 * 3 + 0.25)
    assert float(meteor.meteor(counts)) == pytest.approx(share * (1 - 0.6 * (2 / 4) ** 0.2))
    assert float(meteor.meteor(np.zeros(23))) == 0


# --- slow twins


def grams_of(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


@few
@given(corpora)
def test_bleu_is_its_definition(clips):
    right, told, said, close = [0] * 4, [0] * 4, 0, 0
    for candidate, references in clips:
        words, others = candidate.split(), [r.split() for r in references]
        said += len(words)
        close += min((abs(len(o) - len(words)), len(o)) for o in others)[1]
        for n in range(1, 5):
            most = Counter()
            for other in others:
                most |= grams_of(other, n)
            right[n - 1] += (grams_of(words, n) & most).total()
            told[n - 1] += max(len(words) - n + 1, 0)
    brevity = min(1, exp(1 - close / said))
    for n in range(1, 5):
        shares = [r / t if r else 1e-15 / (t + 1e-9) for r, t in zip(right[:n], told[:n], strict=True)]
        assert scores_of(clips)[f"BLEU-{n}"].value == pytest.approx(brevity * float(np.prod(shares)) ** (1 / n), abs=1e-6)


def longest_common(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@few
@given(corpora)
def test_common_subsequences_are_those_of_the_table(clips):
    corpus = read_corpus([c for c, _ in clips], [r for _, r in clips])
    assert common_subsequences(corpus).tolist() == [longest_common(r.split(), c.split()) for c, several in clips for r in several]


@few
@given(corpora)
def test_cider_is_its_definition(clips):
    n_clips = len(clips)
    made = scores_of(clips)
    for name in ("CIDEr-D", "CIDEr plain"):
        for (candidate, references), found in zip(clips, made[name].per_clip, strict=True):
            sums = 0.0
            for n in range(1, 5):
                weight = Counter(g for _, several in clips for g in set().union(*(grams_of(r.split(), n) for r in several)))
                vector = lambda text, n=n, w=weight: {  # noqa: E731
                    g: k * log(n_clips / max(w[g], 1)) for g, k in grams_of(text.split(), n).items()
                }
                own = vector(candidate)
                for other in map(vector, references):
                    product = sum((v if "plain" in name else min(v, other[g])) * other[g] for g, v in own.items() if g in other)
                    norms = sqrt(sum(v * v for v in own.values())) * sqrt(sum(v * v for v in other.values()))
                    sums += product / norms / len(references) / 4 * 10 if norms else 0
            if name == "CIDEr plain":
                assert found == pytest.approx(sums, abs=1e-9)
            else:
                assert found <= sums + 1e-9


# --- properties


@few
@given(corpora, st.randoms(use_true_random=False))
def test_the_order_of_clips_and_of_references_is_nothing(clips, random):
    shuffled = [(candidate, random.sample(references, len(references))) for candidate, references in clips]
    order = random.sample(range(len(clips)), len(clips))
    one, other = scores_of(clips), scores_of([shuffled[i] for i in order])
    for name in TEXT_METRICS:
        assert other[name].value == pytest.approx(one[name].value, abs=1e-12)
        assert other[name].per_clip == pytest.approx(one[name].per_clip[order], abs=1e-12)


@few
@given(corpora)
def test_a_reference_said_again_is_right(clips):
    said = scores_of([(references[-1] + " a b c d", [*references, references[-1] + " a b c d"]) for _, references in clips])
    for name in ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L"):
        assert said[name].per_clip == pytest.approx(np.ones(len(clips)), abs=1e-6)
        assert said[name].value == pytest.approx(1, abs=1e-6)


def test_cider_of_the_only_reference_said_again_is_ten():
    made = score(["a b c d", "e f g h"], [["a b c d"], ["e f g h"]])
    assert made["CIDEr-D"].per_clip == pytest.approx([10, 10])
    assert made["CIDEr plain"].per_clip == pytest.approx([10, 10])


@few
@given(corpora, sentence)
def test_another_reference_never_lowers_rouge_l(clips, more):
    before = scores_of(clips)["ROUGE-L"].per_clip
    after = scores_of([(c, [*r, more]) for c, r in clips])["ROUGE-L"].per_clip
    assert (after >= before - 1e-12).all()


@few
@given(corpora)
def test_values_are_within_their_range_and_cider_d_is_below_cider(clips):
    made = scores_of(clips)
    for name, found in made.items():
        assert (found.per_clip >= 0).all()
        assert (found.per_clip <= (10 if "CIDEr" in name else 1) + 1e-9).all()
    assert (made["CIDEr-D"].per_clip <= made["CIDEr plain"].per_clip + 1e-9).all()


@few
@given(corpora)
def test_a_candidate_without_words_scores_nothing(clips):
    made = scores_of([(".", references) for _, references in clips])
    assert all(found.value == pytest.approx(0, abs=1e-6) for found in made.values())


# --- draws and intervals


@few
@given(corpora, st.data())
def test_drawing_a_clip_twice_is_having_it_twice(clips, data):
    times = data.draw(st.lists(st.integers(0, 2), min_size=len(clips), max_size=len(clips)).filter(any))
    made = scores_of(clips)
    again = [clip for clip, n in zip(clips, times, strict=True) for _ in range(n)]
    for name in ("BLEU-1", "BLEU-4", "ROUGE-L"):
        drawn = made[name].drawn(np.array([times]))
        assert float(drawn[0]) == pytest.approx(scores_of(again, metrics=[name])[name].value, abs=1e-9)
    mean = np.repeat(made["CIDEr-D"].per_clip, times).mean()  # word weights stay those of all references
    assert float(made["CIDEr-D"].drawn(np.array([times]))[0]) == pytest.approx(mean)


def test_intervals_hold_the_value_and_widen_when_groups_are_drawn_whole():
    rng = np.random.default_rng(0)
    words = np.array(list("abcdefgh"))
    clips = [(" ".join(rng.choice(words, 6)), [" ".join(rng.choice(words, 6)) for _ in range(2)]) for _ in range(30)]
    clips = [clip for clip in clips for _ in range(5)]
    groups = [str(i // 5) for i in range(150)]
    for name, made in scores_of(clips).items():
        alone, together = made.interval(), made.interval(groups)
        assert alone.low <= made.value <= alone.high, name
        assert together.high - together.low > 1.5 * (alone.high - alone.low), name
    with pytest.raises(KinelangError, match="2 groups; expected one for each of 150 clips"):
        made.interval(["a", "b"])


# --- modes and refusals


def test_the_mode_is_named_and_legacy_is_easier():
    clips = [("a person walks forward.", ["a person jogs forward."]), ("a man jumps.", ["someone hops."])]
    strict = scores_of(clips)
    legacy = scores_of(clips, mode="legacy", vocabulary={"a", "person", "walks", "forward", "jumps", "."})
    assert {s.mode for s in strict.values()} == {"strict"}
    assert {s.mode for s in legacy.values()} == {"legacy"}
    for name in ("BLEU-1", "BLEU-2", "ROUGE-L"):
        assert legacy[name].value > strict[name].value
    assert legacy["BLEU-1"].to_json() == {"name": "BLEU-1", "value": legacy["BLEU-1"].value, "mode": "legacy", "n": 2}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score(["a"], [["a"]], ["BLEU"]), "metric: found 'BLEU'; expected one of BLEU-1, BLEU-2"),
        (lambda: score(["a"], [["a"]], ["BLEU-1"], mode="lax"), "mode: found 'lax'; expected strict or legacy"),
        (lambda: score(["a"], [["a"]], ["BLEU-1"], mode="legacy"), "mode legacy: found no vocabulary"),
        (lambda: score(["a"], [["a"]], ["BLEU-1"], vocabulary={"a"}), "mode strict: found a vocabulary"),
        (lambda: score(["a", "b"], [["a"]]), "2 candidates for 1 clips"),
        (lambda: score([], []), "0 candidates for 0 clips"),
        (lambda: score("ab", [["a"], ["b"]]), "found one text; expected a list"),
        (lambda: score(["a", "b"], [["a"], []]), "clip 1: found no references"),
        (lambda: score(["a", "b"], [["a"], "b"]), "clip 1: found one text"),
        (lambda: score(["a", "b"], [["a"], ["a", "..."]]), "clip 1: found a reference without words"),
        (lambda: score(["a", "b"], [["a"], ["a", ""]], mode="legacy", vocabulary={"a"}), "clip 1: found a reference without words"),
        (lambda: score(["a", None], [["a"], ["a"]]), "found NoneType; expected texts"),
        (lambda: score(["a"], [["a"]], ["CIDEr-D"]), "CIDEr: found 1 clip; expected at least 2"),
        (lambda: score(["a"], [["a"]], ["BERTScore"]), "BERTScore: found no model"),
    ],
)
def test_what_cannot_be_judged_says_so_in_one_line(call, message):
    with pytest.raises(KinelangError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_meteor_without_java_or_its_program_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="pip install 'kinelang\\[captioning\\]'"):
        score(["a"], [["a"]], ["METEOR"])
    monkeypatch.undo()
    pytest.importorskip("pycocoevalcap")
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(MissingExtraError, match="java is not installed"):
        score(["a"], [["a"]], ["METEOR"])


def test_every_metric_is_in_the_table_under_its_name():
    assert all(metric.name == name for name, metric in METRICS.items())
    assert set(TEXT_METRICS) == set(METRICS) - {"METEOR", "BERTScore"}
    assert list(scores_of([("a b", ["a b"]), OTHER])) == list(TEXT_METRICS)
