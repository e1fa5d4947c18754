"""Which words tell of which stages, kept for training: what is read back is what was found, and the mirror image is told alike."""

import json

import pytest

from kinelang.language.sides import swap_left_right
from kinelang.timeline import Stage, Timeline
from kinelang.timeline.aligning import align
from kinelang.training.data import Source, clips_of
from kinelang.training.told import ToldClip, told_in

SOURCE = Source.parse("synthetic:40")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return clips_of(SOURCE, "train", tmp_path_factory.mktemp("features"))


@pytest.fixture(scope="module")
def corpus():
    return SOURCE.open()


def test_every_clip_has_the_timeline_that_was_performed(clips, corpus, tmp_path):
    found = told_in(SOURCE, "train", clips, tmp_path)
    assert len(found) == len(clips)
    for i, told in enumerate(found):
        timeline = corpus.record("train", int(clips.keys[i].split("_")[1])).timeline
        assert [(s.start_s, s.end_s, s.parts) for s in told.stages] == [(s.start_s, s.end_s, s.parts) for s in timeline.stages]
        assert set(clips.captions[i]) <= set(told.words)
        assert {swap_left_right(caption) for caption in clips.captions[i]} <= set(told.words)
        assert max(s.end_s for s in told.stages) * 20 <= clips.length(i) + 2  # the motion is there where the stage is


def test_what_is_kept_is_read_back_and_a_broken_file_is_made_again(clips, tmp_path):
    first = told_in(SOURCE, "train", clips, tmp_path)
    (file,) = tmp_path.glob("told-synthetic-train-*.json")
    made = file.stat().st_mtime_ns
    assert told_in(SOURCE, "train", clips, tmp_path) == first
    assert file.stat().st_mtime_ns == made
    file.write_text(json.dumps({clips.keys[0]: "no clip"}))
    assert told_in(SOURCE, "train", clips, tmp_path) == first


def test_a_corpus_without_timelines_tells_nothing(clips, tmp_path):
    assert told_in(Source.parse("cmu"), "train", clips, tmp_path) == [None] * len(clips)
    assert not list(tmp_path.iterdir())


def test_the_mirror_image_has_the_other_limbs_and_the_other_words():
    caption = "a person waves with the left hand, then kicks with the right leg"
    timeline = Timeline((Stage(0, 2, "wave", side="left"), Stage(2, 3, "kick", side="right")), duration_s=3)
    told = ToldClip.of(timeline, (caption,))
    other = "a person waves with the right hand, then kicks with the left leg"
    assert set(told.words) == {caption, other}
    for text, mirrored in ((caption, False), (other, True)):
        words = {text[a:b]: stages for a, b, stages in told.words[text]}
        assert words["waves"] == (0,)
        assert words["kicks"] == (1,)
        assert words["left"] == ((1,) if mirrored else (0,))
    assert "left_arm" in told.stages[0].parts
    assert "right_arm" in told.stages[0].mirrored_parts
    assert {(t.start, t.end, t.stages) for t in align(caption, timeline)} == set(told.words[caption])
