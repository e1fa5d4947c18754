"""What timelines say of the words of captions, kept for training: read back as it was found, and of the mirror image too."""

import json

import pytest

from kinelang.language.sides import swap_left_right
from kinelang.models.captioner.parts import PARTS
from kinelang.models.captioner.targets import taught
from kinelang.models.captioner.vocabulary import tokens
from kinelang.timeline import Stage, Timeline
from kinelang.training.data import Origin, Source, clips_of
from kinelang.training.told import ToldClip, told_in

SOURCE = Source.parse("synthetic:40")


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return clips_of(SOURCE, "train", tmp_path_factory.mktemp("features"))


def test_every_caption_is_known_both_ways(clips, tmp_path):
    corpus, found = SOURCE.open(), told_in(clips, tmp_path)
    assert len(found) == len(clips)
    for i, told in enumerate(found):
        timeline = corpus.record("train", int(clips.keys[i].split("_")[1])).timeline
        assert set(told.words) == set(clips.captions[i])
        assert set(told.mirrored) == {swap_left_right(caption) for caption in clips.captions[i]}
        for caption, words in told.words.items():
            assert words == taught(caption, timeline)
            assert all(end <= timeline.duration_s + 1e-6 for word in words for _, end in word.spans)


def test_what_is_kept_is_read_back_and_a_broken_file_is_made_again(clips, tmp_path):
    first = told_in(clips, tmp_path)
    (file,) = tmp_path.glob("told-synthetic-train-*.json")
    made = file.stat().st_mtime_ns
    assert told_in(clips, tmp_path) == first
    assert file.stat().st_mtime_ns == made
    file.write_text(json.dumps({clips.keys[0]: "no clip"}))
    assert told_in(clips, tmp_path) == first


def test_a_corpus_without_timelines_tells_nothing(tmp_path):
    class Recorded:
        origin = Origin(Source.parse("cmu"), "train", 0)

        def __len__(self):
            return 3

    assert told_in(Recorded(), tmp_path) == [None] * 3
    assert not list(tmp_path.iterdir())


def test_the_mirror_image_has_the_other_limbs():
    caption = "a person waves with the left hand, then kicks"
    timeline = Timeline((Stage(0, 2, "wave", side="left"), Stage(2, 3, "kick", side="right")), duration_s=3)
    told = ToldClip.of(timeline, (caption,))
    other = "a person waves with the right hand, then kicks"
    for words, text, arm, leg in ((told.words, caption, "left_arm", "right_leg"), (told.mirrored, other, "right_arm", "left_leg")):
        said = {tokens(text)[word.word].text: word for word in words[text]}
        assert {PARTS[p] for p in said["waves"].parts} == {arm}
        assert PARTS.index(leg) in said["kicks"].parts
        assert said["waves"].spans == ((0.0, 2.0),)
