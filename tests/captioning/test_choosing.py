"""Which caption is said: by whom, after which scores, and what is done to motions that are no ordinary ones."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinelang
from captioning.spoken import ByHand, Meets, said
from kinelang.captioning import Chooser, Watched, Weights, ranked, watch
from kinelang.captioning.choosing import NO_CAPTIONER, NOTHING_TOLD, Candidate, agreement, score
from kinelang.errors import KinelangError, MissingExtraError, ModelError, SkeletonError
from kinelang.models.captioner.captioner import stitched
from kinelang.motion.motion import Motion
from kinelang.motion.skeleton import Skeleton
from kinelang.timeline import Stage, Timeline

KICK = Timeline((Stage(0.5, 1.7, "kick", side="left", confidence=0.9),), duration_s=2.0)
CLIP = Watched(np.zeros((40, 263), np.float32), KICK, ("a note",))
RIGHT, WRONG, ODD = said("a person kicks with the left leg", p=0.4), said("a person swims", p=0.6), said("a person kicks", p=0.3)


def only(**weights: float) -> Weights:
    return Weights(**({"probability": 0.0, "match": 0.0, "agreement": 0.0, "narrated": 0.0, "figure": "f1"} | weights))  # type: ignore[arg-type]


def test_neural_is_what_the_captioner_says_in_its_order() -> None:
    choice = Chooser(ByHand(WRONG, RIGHT)).choose([CLIP], "neural", n=2)[0]
    assert (choice.caption, choice.source) == (WRONG.text, "neural")
    assert [c.caption for c in choice.candidates] == [WRONG.text, RIGHT.text]
    assert choice.candidates[0].log_probability == pytest.approx(math.log(0.6))
    assert [e.word for e in choice.evidence] == WRONG.text.split()
    assert all(e.gate == 0.9 for e in choice.evidence)


def test_a_narrow_beam_stays_narrow() -> None:
    chooser = Chooser(ByHand(WRONG, RIGHT, ODD))
    assert len(chooser.choose([CLIP], "neural", beam=1, n=5)[0].candidates) == 1
    assert len(chooser.choose([CLIP], "neural", beam=5, n=2)[0].candidates) == 2


def test_narrated_is_told_from_the_timeline() -> None:
    choice = Chooser(ByHand(WRONG)).choose([CLIP], "narrated", n=3)[0]
    assert choice.source == "narrated"
    assert choice.caption == kinelang.narrate(KICK)
    assert len({c.caption for c in choice.candidates}) == len(choice.candidates) > 1
    kicks = next(e for e in choice.evidence if e.stages)
    assert kicks.spans_s == ((0.5, 1.7),)
    assert choice.notes == ("a note",)


def test_without_a_captioner_the_best_is_narrated_and_says_so() -> None:
    choice = Chooser(None).choose([CLIP], "best")[0]
    assert (choice.source, choice.notes) == ("narrated", ("a note", NO_CAPTIONER))


def test_where_nothing_was_detected_nothing_is_told() -> None:
    choice = Chooser(None).choose([replace(CLIP, timeline=Timeline(duration_s=2.0))], "narrated")[0]
    assert choice.caption == NOTHING_TOLD
    assert not any(e.spans_s for e in choice.evidence)


def test_agreement_prefers_what_was_detected() -> None:
    chooser = Chooser(ByHand(WRONG, RIGHT, ODD), weights=only(agreement=1.0, narrated=-9.0))
    choice = chooser.choose([CLIP])[0]
    assert (choice.caption, choice.source) == (RIGHT.text, "reranked")
    neural = {c.caption: c.agreement for c in choice.candidates if c.origin == "neural"}
    assert neural[RIGHT.text] == 1
    assert neural[RIGHT.text] > neural[ODD.text] > neural[WRONG.text] == 0
    assert choice.candidates[0].score == pytest.approx(1)
    assert choice.candidates[0].match is None


def test_the_matcher_prefers_what_it_likes() -> None:
    choice = Chooser(ByHand(RIGHT, WRONG), Meets("swims"), only(match=1.0)).choose([CLIP])[0]
    assert (choice.caption, choice.source) == (WRONG.text, "reranked")
    assert choice.chosen.match == 1
    assert [c.score for c in choice.candidates] == sorted((c.score for c in choice.candidates), reverse=True)


def test_only_the_best_by_the_other_figures_are_matched_and_they_come_first() -> None:
    captioner, matcher = ByHand(WRONG, RIGHT, ODD), Meets("kicks")
    every = Chooser(captioner, matcher, only(match=1.0, probability=1.0)).choose([CLIP], n=3)[0]
    two = Chooser(captioner, matcher, replace(only(match=1.0, probability=1.0), matched=2)).choose([CLIP], n=3)[0]
    assert [c.match is None for c in two.candidates] == [False] * 2 + [True] * (len(every.candidates) - 2)
    assert {c.caption for c in two.candidates[:2]} == {WRONG.text, RIGHT.text}
    assert not any(c.match is None for c in every.candidates)
    with pytest.raises(KinelangError, match="weights, matched: found 0; expected at least 1"):
        Weights(matched=0)


def test_probability_is_asked_of_narrated_captions_too() -> None:
    captioner = ByHand(WRONG, RIGHT)
    choice = Chooser(captioner, weights=only(probability=1.0)).choose([CLIP], n=2)[0]
    assert (choice.caption, choice.source) == (WRONG.text, "neural")
    assert captioner.explained == [c.caption for c in choice.candidates if c.origin == "narrated"]
    assert all(c.log_probability == pytest.approx(math.log(0.1)) for c in choice.candidates if c.origin == "narrated")
    unasked = ByHand(WRONG)
    Chooser(unasked, weights=only(agreement=1.0)).choose([CLIP])
    assert not unasked.explained


def test_a_narrated_caption_may_win() -> None:
    choice = Chooser(ByHand(WRONG), weights=only(agreement=1.0)).choose([CLIP])[0]
    assert choice.source == "narrated"
    assert choice.chosen.captioned is None
    assert any(e.stages for e in choice.evidence)


def test_all_at_once_is_one_by_one() -> None:
    other = replace(CLIP, timeline=Timeline((Stage(0, 1, "squat", confidence=0.8),), duration_s=2.0))
    chooser = Chooser(ByHand(WRONG, RIGHT), Meets("kicks"))
    together = chooser.choose([CLIP, other])
    for clip, choice in zip((CLIP, other), together, strict=True):
        assert chooser.choose([clip])[0].to_json() == choice.to_json()
    assert chooser.choose([]) == []


def test_of_a_clip_that_was_cut_no_probability_is_compared() -> None:
    piece = said("a person kicks", p=0.5)
    long = stitched([piece, said("a person swims", p=0.5)])
    assert long.mean_log_probability == pytest.approx(math.log(0.5))
    captioner = ByHand(long)
    choice = Chooser(captioner, weights=only(probability=9.0, agreement=1.0)).choose([CLIP])[0]
    assert not captioner.explained
    assert {c.caption: c.log_probability for c in choice.candidates if c.origin == "narrated"}.popitem()[1] is None
    assert all(c.score == pytest.approx(c.agreement) for c in choice.candidates)


def test_the_notes_of_a_caption_are_told() -> None:
    long = said("a person walks", notes=("longer than 10 s: captioned in 2 windows",))
    assert Chooser(ByHand(long)).choose([CLIP], "neural")[0].notes == ("a note", "longer than 10 s: captioned in 2 windows")


def test_json_is_plain() -> None:
    plain = Chooser(ByHand(WRONG, RIGHT), Meets("kicks")).choose([CLIP])[0].to_json()
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain) == {"caption", "source", "candidates", "evidence", "notes"}
    assert set(plain["candidates"][0]) == {"caption", "from", "score", "log_probability", "match", "agreement"}


def test_a_score_is_the_weighted_sum_and_ties_keep_their_order() -> None:
    weights = Weights(probability=0.5, match=2.0, agreement=3.0, narrated=0.25)
    assert score(Candidate("x", "narrated", -2.0, 0.5, 1.0), weights) == pytest.approx(-1.0 + 1.0 + 3.0 + 0.25)
    assert score(Candidate("x", "neural"), weights) == 0
    assert [c.caption for c in ranked([Candidate("a", "neural"), Candidate("b", "neural")], weights)] == ["a", "b"]


def test_stages_that_are_not_sure_need_not_be_agreed_with() -> None:
    doubtful = KICK.with_(stages=(*KICK.stages, Stage(1.8, 2.0, "jump", confidence=0.2)))
    assert agreement(RIGHT.text, doubtful, Weights()) < 1
    assert agreement(RIGHT.text, doubtful, Weights(sure=0.5)) == 1
    assert agreement("a person", Timeline(duration_s=1.0), Weights()) == 1  # nothing to tell, nothing told


def test_real_motions_are_watched() -> None:
    motion = kinelang.sample("wave_right_hand")
    choice = Chooser(None).caption(motion, "narrated")[0]
    assert "wav" in choice.caption
    waves = next(e for e in choice.evidence if e.word.startswith("wav"))
    assert waves.part == "right_arm"
    assert watch(motion, timeline=False).timeline is None


def test_a_single_pose_is_held_and_it_is_said() -> None:
    motion = kinelang.sample("wave_right_hand")
    watched = watch(motion.with_(positions=motion.joints[:1], rotations=None, root=None))
    assert watched.features.shape == (1, 263)
    assert watched.notes[-1] == "a single pose, held for 0.1 s"


def test_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KinelangError, match="'clever'.*best, neural, narrated"):
        Chooser(None).choose([CLIP], "clever")
    with pytest.raises(KinelangError, match="'clever'"):
        Chooser.open(source="clever")
    with pytest.raises(ModelError, match="no captioner.*kinelang train captioner"):
        Chooser(None).choose([CLIP], "neural")
    with pytest.raises(KinelangError, match="no stages were looked for"):
        Chooser(None).choose([replace(CLIP, timeline=None)], "best")
    with pytest.raises(KinelangError, match="'f9'.*f1"):
        Weights(figure="f9")
    with pytest.raises(ModelError):
        Chooser.open(tmp_path)
    snake = Skeleton("unknown", ("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0, 0.5, 0]]))
    with pytest.raises(SkeletonError):
        Chooser(None).caption(Motion(snake, 20, positions=np.zeros((30, 3, 3))), "narrated")


def test_what_is_not_installed_is_done_without_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    from kinelang.models import captioners
    from kinelang.models.tmr.retriever import Retriever

    def missing(*_: object) -> None:
        raise MissingExtraError.for_extra("safetensors", "search")

    with monkeypatch.context() as patch:
        patch.setattr(Retriever, "load", missing)
        chooser = Chooser.open()
        assert chooser.captioner is not None
        choice = chooser.choose([CLIP])[0]
        assert all(c.match is None for c in choice.candidates)
        assert any("without a model of text and motion (safetensors is not installed" in note for note in choice.notes)
    monkeypatch.setattr(captioners, "load_captioner", missing)
    choice = Chooser.open().choose([CLIP])[0]
    assert choice.source == "narrated"
    assert any(note.startswith(NO_CAPTIONER) and "pip install" in note for note in choice.notes)
    for asked in ({"source": "neural"}, {"model": Path("run")}):
        with pytest.raises(MissingExtraError):
            Chooser.open(**asked)  # type: ignore[arg-type]


def test_the_captioner_that_ships_speaks_by_default() -> None:
    assert str(Chooser.open().about["captioner"]).startswith("captioner@")
    assert Chooser.open(source="narrated").about["captioner"] is None
