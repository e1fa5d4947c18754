"""The corpus made from timelines: splits that share nothing, clips that do not depend on one another, captions that are true."""

import itertools
import json

import numpy as np
import pytest

from kinelang.corpora import Caption, Record, RecordList, write_layout
from kinelang.corpora.official import open_layout
from kinelang.corpora.synthetic import SHARES, Grounded, Synthetic, split_of
from kinelang.corpora.tagging import untagged
from kinelang.errors import CorpusError
from kinelang.timeline import from_json
from kinelang.timeline.sampling import combination


def test_splits_share_no_combination_of_actions_and_not_its_mirror_image_either():
    corpus = Synthetic(300, seed=5)
    seen = {}
    for split in corpus.splits:
        for record in corpus.records(split):
            for timeline in (record.timeline, record.timeline.mirrored()):
                assert split_of(timeline) == split
                assert seen.setdefault(combination(timeline), split) == split
    assert set(seen.values()) == {"train", "val", "test"}


def test_sizes_add_up():
    for n in (1, 7, 20, 1001):
        sizes = Synthetic(n).sizes()
        assert sum(sizes.values()) == n == len(Synthetic(n))
        assert all(abs(sizes[split] - share * n) < 3 for split, share in SHARES.items())


def test_a_clip_is_the_same_in_a_corpus_of_any_size_and_by_itself():
    small, large = Synthetic(10, seed=3), Synthetic(100_000, seed=3)
    for a, b in zip(small.records("train"), itertools.islice(large.records("train"), 9), strict=True):
        assert (a.id, a.captions, a.timeline) == (b.id, b.captions, b.timeline)
    alone = large.record("test", 12_345)
    again = Synthetic(100_000, seed=3).record("test", 12_345)
    assert (alone.captions, alone.timeline) == (again.captions, again.timeline)
    np.testing.assert_array_equal(alone.motion().joints, again.motion().joints)


def test_another_seed_is_another_corpus():
    a, b = (list(Synthetic(40, seed=seed).records("train")) for seed in (0, 1))
    assert sum(x.timeline == y.timeline for x, y in zip(a, b, strict=True)) < 4


def test_motions_are_as_long_as_their_timelines_and_walk_on_a_floor():
    for record in itertools.islice(Synthetic(40, seed=2).records("train"), 12):
        motion = record.motion()
        assert motion.fps == 20
        assert motion.duration_s == pytest.approx(record.timeline.duration_s, abs=0.051)
        assert motion.duration_s <= 9.9
        assert -0.05 < motion.joints[..., 1].min() < 0.1
        assert record.features().shape == (motion.n_frames - 1, 263)


def test_captions_are_several_and_say_only_what_the_lexicon_has():
    for record in itertools.islice(Synthetic(60, seed=4, captions=4).records("train"), 40):
        assert 1 <= len(record.captions) <= 4
        assert len(set(record.texts)) == len(record.texts)
        assert all(text == text.strip() and text.isascii() for text in record.texts)


def test_written_in_the_official_layout_with_the_truth_beside_it(tmp_path):
    corpus = Synthetic(25, seed=6)
    written = write_layout(corpus.records(), tmp_path, name="synthetic", tagger=untagged)
    assert written.n_clips + len(written.passed_over) == 25
    assert not written.passed_over
    back = open_layout(tmp_path)
    record = next(iter(back.records("train")))
    truth = corpus.record("train", int(record.id.split("_")[1]))
    assert from_json((tmp_path / "timelines" / f"{record.id}.json").read_text()) == truth.timeline
    assert record.texts == truth.texts
    assert json.loads((tmp_path / "manifest.json").read_text())
    assert np.isfinite(record.features()).all()


def test_human_sentences_that_are_understood_whole_are_performed():
    sentences = ("a person walks forward", "a man glorps the zibble", "a person jumps twice")
    texts = RecordList([Record(f"{i}", "train", (Caption(s),), source="made") for i, s in enumerate(sentences)])
    records = list(Grounded(texts))
    assert [r.texts[0] for r in records] == [sentences[0], sentences[2]]
    assert [r.timeline.verbs for r in records] == [("walk",), ("jump",)]
    assert records[1].timeline.stages[0].count == 2
    assert records[0].motion().joints[-1, 0, 2] > 0.5


@pytest.mark.parametrize("options", [{"n": 0}, {"n": -4}, {"n": 10**9}, {"captions": 0}, {"seed": -1}])
def test_sizes_that_make_no_sense_are_refused(options):
    with pytest.raises(CorpusError, match="expected [01] "):
        Synthetic(**options)
