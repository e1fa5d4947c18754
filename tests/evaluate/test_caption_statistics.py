"""Appendix A and Table A.1 on captions made by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from clip_samples import Bags

from kinelang.corpora.synthetic import Synthetic
from kinelang.errors import KinelangError
from kinelang.evaluate.caption_statistics import PUBLISHED, Captions, embedded, identical_pairs, not_comparable, statistics


def captions(*texts: str, clips: list[int] | None = None) -> Captions:
    return Captions.of_lists("by hand", texts, range(len(texts)) if clips is None else clips)


def test_pairs_by_hand():
    found = statistics(captions("kicks with the left leg", "kicks with the right leg", "Walks.", "walks", "sits down"), Bags())
    assert (found["texts"], found["distinct"], found["clips"], found["texts that name a side"]) == (5, 4, 5, 2)
    assert found["identical pairs"] == 1
    # the two walks are the same; the kicks share four of five words, cosine .8, scaled .9
    assert found["similar pairs"]["as published"]["similar"] == 1
    assert found["similar pairs"]["as published"]["pairs"] == 10
    by_threshold = {name: table["by threshold"] for name, table in found["filtered"].items()}
    assert by_threshold["as published"]["0.85"] == pytest.approx(2 / 10)
    assert by_threshold["sides kept apart"]["0.85"] == pytest.approx(1 / 10)
    json.dumps(found, allow_nan=False)


def test_pairs_are_those_of_first_captions_and_shares_of_a_random_one():
    found = statistics(captions("walks", "sits down", "walks", "stands up", clips=[0, 0, 1, 1]), Bags())
    assert found["similar pairs"]["as published"] == {
        "texts": 2, "pairs": 1, "similar": 1, "threshold": 0.95, "kept_apart": 0, "share": 1.0,
    }  # fmt: skip
    assert found["clips"] == 2


def test_identical_pairs_by_hand():
    assert identical_pairs(["a", "A.", " a ", "b", "B", "c"]) == 3 + 1


def test_each_text_is_encoded_once():
    asked = []

    class Counting(Bags):
        def sentences(self, texts):
            asked.extend(texts)
            return super().sentences(texts)

    told = []
    rows = embedded(Counting(), ["walks", "sits", "walks"], lambda *what: told.append(what))
    assert asked == ["walks", "sits"]
    np.testing.assert_array_equal(rows[0], rows[2])
    assert told == [("captions encoded", 2, 2)]


def test_captions_of_a_corpus():
    corpus = Synthetic(60)
    found = Captions.of(corpus, "val", "synthetic:60")
    assert found.source == "synthetic:60, split val"
    assert found.texts == tuple(text for record in corpus.records("val") for text in record.texts)
    assert len(Captions.of(corpus, "val", "synthetic:60", n=2).firsts) == 2
    with pytest.raises(KinelangError, match="no caption"):
        Captions.of(corpus, "val", "synthetic:60", n=0)


def test_one_clip_has_no_pairs():
    with pytest.raises(KinelangError, match="1 clips"):
        statistics(captions("walks"), Bags())


def test_what_is_published():
    assert PUBLISHED["filtered"]["by threshold"]["0.80"] == PUBLISHED["filtered"]["by batch size"]["32"] == 0.1729
    assert not_comparable("all-mpnet-base-v2@0") == []
    assert "MPNet" in not_comparable("all-MiniLM-L6-v2@0")[0]
