"""Protocols of generation: what is perfect, what is worthless, and figures by hand."""

import numpy as np
import pytest

from kinelang.corpora.base import features_of
from kinelang.errors import CorpusError, KinelangError
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.following import IN_TRUTH, NOT_SEEN
from kinelang.evaluate.generation import (
    REAL,
    SECOND_JUDGE,
    SECOND_JUDGE_NOT_SEEN,
    Replications,
    as_published,
    features_in,
    follow,
    plain,
    prompts_of,
    recordings,
)
from kinelang.evaluate.generators import TRUTH, Made, performed, truth
from kinelang.evaluate.prompts import Prompt, normal
from kinelang.evaluate.realistic import BODIES, MINUS, realistic
from kinelang.metrics.physical import PHYSICAL
from kinelang.metrics.realism import REALISM
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS
from kinelang.timeline import from_text, perform

N = 40


class Slow:
    """A judge that knows how fast a figure goes, and how fast a text says it does."""

    identity, width = "slow@0", 2

    def encode_texts(self, texts):
        return np.array([[float(text.split()[-1]), 1.0] for text in texts])

    def encode_features(self, features):
        return np.array([[float(np.abs(clip[:-1, 2]).mean()) / UNIT, 1.0] for clip in features])


def going(speed: float, frames: int = 20) -> Motion:
    """A stick of 22 joints that goes ahead by `speed` centimetres a frame."""
    rest = np.concatenate([[[0, 1, 0]], SKELETONS["smpl22"].offsets[1:]]).astype(float)
    for joint, parent in enumerate(SKELETONS["smpl22"].parents[1:], start=1):
        rest[joint] += rest[parent]
    path = np.zeros((frames, 1, 3))
    path[:, 0, 2] = 0.01 * speed * np.arange(frames)
    return Motion(SKELETONS["smpl22"], 20.0, positions=rest + path)


UNIT = float(np.abs(features_of(going(1))[:-1, 2]).mean())
"""A centimetre a frame in features, which are of a body of HumanML3D's size."""
PROMPTS = [Prompt(f"goes {i}", 1.0, name=f"clip{i}", group=f"r{i}") for i in range(N)]
FEATURES = [features_of(going(i)) for i in range(N)]


def system(name: str, speed) -> Made:
    return Made(name, f"{name}@0", {"made": "of sticks"}, lambda prompt, seed: going(speed(int(prompt.text.split()[-1]), seed)))


OWN, STILL = system("own", lambda i, _: i), system("still", lambda i, _: 0)


def test_the_published_metrics_of_the_truth_and_of_nothing() -> None:
    real, own, still = as_published([OWN, STILL], PROMPTS, {"slow": Slow()}, FEATURES, Replications(4), rounds=20)
    assert (real.name, own.name, own.about) == (REAL, "own", {"made": "of sticks"})
    figures = own.figures["slow"]
    assert list(figures) == ["R-precision top 1", "R-precision top 2", "R-precision top 3", "MM-Dist", "FID", "Diversity"]
    assert figures["R-precision top 1"].value == 1.0
    assert figures["MM-Dist"].value == pytest.approx(0, abs=1e-3)
    assert figures["FID"].value == pytest.approx(0, abs=1e-3)
    assert plain(figures["FID"])[1:] == [None, None], "made once, nothing varies"
    assert still.figures["slow"]["R-precision top 1"].value < 0.2
    assert still.figures["slow"]["MM-Dist"].value == pytest.approx((N - 1) / 2, abs=1e-2)
    assert still.figures["slow"]["Diversity"].value == pytest.approx(0, abs=1e-6)
    assert real.figures["slow"]["FID"].value > 0, "one half against the other"


def test_replications_take_turns_in_the_generations() -> None:
    drunk = system("drunk", lambda i, seed: i + (seed % 7))
    _, one = as_published([drunk], PROMPTS, {"slow": Slow()}, FEATURES, Replications(4, generations=2), rounds=0)
    fid = one.figures["slow"]["FID"]
    assert fid.low < fid.value < fid.high
    assert one.figures["slow"]["MM-Dist"].low < one.figures["slow"]["MM-Dist"].high


def test_multimodality_is_of_repeated_texts() -> None:
    noisy = system("noisy", lambda i, seed: i + (seed % 5))
    how = Replications(3, repeat_texts=4, repeats=12)
    made = {one.name: one.figures["slow"] for one in as_published([OWN, noisy], PROMPTS, {"slow": Slow()}, None, how, rounds=0)}
    assert made["own"]["MultiModality"].value == pytest.approx(0, abs=1e-6)
    assert made["noisy"]["MultiModality"].value > 0.5
    assert "FID" not in made["own"], "nothing real to compare with"
    with pytest.raises(KinelangError, match="MultiModality"):
        as_published([OWN], PROMPTS, {"slow": Slow()}, None, Replications(1, repeat_texts=1, repeats=1))


def test_too_few_for_a_batch_have_no_precision() -> None:
    (_, own) = as_published([OWN], PROMPTS[:9], {"slow": Slow()}, FEATURES[:9], Replications(2), rounds=0)
    assert list(own.figures["slow"]) == ["MM-Dist", "FID", "Diversity"]


def test_captions_are_asked_as_they_are_read() -> None:
    clips = [
        Clip("a", "g", ("glorp the zibble", "a person kicks with the left leg"), np.zeros((39, 263))),
        Clip("b", "g", ("glorp", "zibble"), np.zeros((59, 263))),
    ]
    assert [p.seconds for p in prompts_of(clips)] == [2.0, 3.0]
    assert [(p.text, p.name) for p in prompts_of(clips, read="understood")] == [("a person kicks with the left leg", "a")]
    assert {p.timeline for p in prompts_of(clips, read="not understood")} == {None}
    with pytest.raises(CorpusError, match="not understood"):
        prompts_of(clips, read="some")
    with pytest.raises(CorpusError, match="none that is understood"):
        prompts_of(clips[1:], read="understood")
    assert recordings(clips)["a"]().n_frames == 39


def test_followed_by_detection_where_a_timeline_is_known() -> None:
    asked = [Prompt("kicks", 2.0, "side", from_text("0.3-2 kick side=left")), Prompt("kicks", 2.0)]
    (ceiling,) = follow([performed()], asked[:1], None, rounds=0)
    assert ceiling.figures["all"]["verb"].value == 1.0
    (alone,) = follow([performed()], asked[1:], None, rounds=0)
    assert alone.figures == {}


def test_what_is_found_in_the_truth_and_what_is_new_have_tables() -> None:
    asked = [Prompt("a person kicks with the left leg", 2.0, "side", from_text("0.3-2 kick side=left"))]
    asked += [Prompt("a person waves the right hand", 3.0, "side", from_text("0.3-3 wave side=right"))]
    wrong = Made("wrong", "wrong@0", {}, lambda prompt, seed: perform(from_text("0-2 stand"), seed))
    texts = {normal(asked[0].text)}
    judged = {one.name: one for one in follow([wrong, truth(), performed()], asked, None, texts=texts, rounds=0)}
    assert list(judged) == ["wrong", TRUTH, "performed"]
    assert IN_TRUTH not in judged[TRUTH].figures, "it is what the others are seen beside"
    assert judged["wrong"].figures[IN_TRUTH]["verb"].value == 0.0
    assert judged["performed"].figures[IN_TRUTH]["verb"].value == 1.0
    assert judged["wrong"].more["texts"] == {"seen in training": 1, "not seen": 1}
    assert judged["wrong"].more["following"]["figures"][NOT_SEEN]["verb"]["asked"] == 1
    (alone,) = follow([wrong], asked, None, rounds=0)
    assert not {IN_TRUTH, NOT_SEEN} & alone.figures.keys()
    assert "texts" not in alone.more


def test_the_second_judge_too_is_asked_of_new_texts() -> None:
    asked = [Prompt("goes left 1", 1.0), Prompt("goes right 2", 1.0)]
    (own,) = follow([OWN], asked, Slow(), texts={"goes left 1"}, rounds=0)
    assert (own.more[SECOND_JUDGE]["side"]["pairs"], own.more[SECOND_JUDGE_NOT_SEEN]["side"]["pairs"]) == (2, 1)
    assert own.figures[SECOND_JUDGE_NOT_SEEN].keys() == {"side"}
    (own,) = follow([OWN], asked, Slow(), texts={"goes home"}, rounds=0)
    assert SECOND_JUDGE_NOT_SEEN not in own.figures


# --- realism


def test_the_real_themselves_look_real_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    pace = rng.uniform(1, 9, N)
    real = [features_of(going(v)) for v in pace]
    again = system("again", lambda i, _: pace[(i + 1) % N])
    fast = system("fast", lambda i, _: 30 + i)
    train = [features_of(going(v)) for v in rng.uniform(1, 9, 60)]
    judged = {one.name: one for one in realistic([again, fast], PROMPTS, real, train, {"slow": Slow()}, rounds=20)}
    assert not any(table.endswith(MINUS) for one in judged.values() for table in one.figures), "nothing performed"
    assert list(judged) == [REAL, "again", "fast"]
    assert judged["again"].figures["slow"].keys() == {*REALISM, "Diversity"}
    assert judged["again"].figures[BODIES].keys() == set(PHYSICAL)
    assert abs(judged["again"].figures["slow"]["AUC real or generated"].value - 0.5) < 0.25
    assert judged["fast"].figures["slow"]["AUC real or generated"].value == pytest.approx(1.0)
    assert judged["fast"].figures["slow"]["KID"].value > judged["again"].figures["slow"]["KID"].value
    assert {str(one.about["halves"]) for one in judged.values()} == {f"[{N // 2}, {N - N // 2}]"}
    assert judged["fast"].about["made"] == "of sticks"
    assert judged["fast"].more["better"]["KID"] == "lower"
    assert judged[REAL].figures[BODIES]["bone variation"].value == pytest.approx(0, abs=1e-3)


def test_a_system_that_makes_the_recordings_has_the_figures_of_the_real() -> None:
    """Row with row: what is as good as real, exactly, has the same figures."""
    rng = np.random.default_rng(1)
    pace = rng.uniform(1, 9, N)
    real = [features_of(going(v)) for v in pace]
    train = [features_of(going(v)) for v in rng.uniform(1, 9, 60)]
    same, slow = system("same", lambda i, _: pace[i]), system("performed", lambda i, _: 0.5 * pace[i])
    own = {one.name: one.figures for one in realistic([slow, same], PROMPTS, real, train, {"slow": Slow()}, rounds=20)}
    for name in REALISM:
        assert plain(own["same"]["slow"][name]) == pytest.approx(plain(own[REAL]["slow"][name]), rel=1e-4, abs=1e-4, nan_ok=True)
    assert own["performed"].keys() == own[REAL].keys() == {"slow", BODIES}
    assert list(own["same"]) == ["slow", BODIES, f"slow {MINUS}", f"{BODIES} {MINUS}"]
    for table in ("slow", BODIES):
        for name, difference in own["same"][f"{table} {MINUS}"].items():
            expected = own["same"][table][name].value - own["performed"][table][name].value
            assert difference.value == pytest.approx(expected, nan_ok=True, abs=1e-9)
    better = own["same"][f"slow {MINUS}"]["FID in few dimensions"]
    assert better.low < better.value < better.high < 0


def test_without_rounds_nothing_real_has_an_interval() -> None:
    real, train = [features_of(going(i)) for i in range(N)], [features_of(going(i)) for i in range(60)]
    (found,) = realistic([], PROMPTS, real, train, {"slow": Slow()}, rounds=0)
    assert np.isnan([found.figures["slow"][name].low for name in REALISM]).all()


def test_features_are_of_any_motion() -> None:
    (own,) = features_in([perform(from_text("0-2 walk"), 0, fps=40)])
    assert own.shape == (39, 263)
