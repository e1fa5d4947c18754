"""Parity with pycocoevalcap on human captions: HumanML3D's val split, one caption of each clip against the others."""

import json
import shutil

import numpy as np
import pytest

from kinelang.language.wordlists import words
from kinelang.metrics.captioning import score
from kinelang.metrics.captioning.corpus import read_corpus
from shared_data import shared

pytest.importorskip("pycocoevalcap", reason="pycocoevalcap, the outside party, is not installed")


@pytest.fixture(scope="module")
def captions():
    clips = json.loads(shared("humanml3d_captions.json").read_text()).values()
    several = [clip["captions"] for clip in clips if clip["split"] == "val" and len(clip["captions"]) > 1]
    return [s[0] for s in several], [s[1:] for s in several]


def as_theirs(candidates, references, mode, vocabulary):
    """(their references, their candidates): words joined by blanks, for their tokenizer needs Java."""
    corpus = read_corpus(candidates, references, mode, vocabulary)
    texts = [" ".join(cut) for cut in corpus.words]
    given, n = {}, len(corpus)
    for text, clip in zip(texts[n:], corpus.clip[n:], strict=True):
        given.setdefault(int(clip), []).append(text)
    return given, {i: [texts[i]] for i in range(n)}


@pytest.mark.parametrize("mode", ["strict", "legacy"])
def test_bleu_rouge_and_cider_are_theirs(captions, mode):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    vocabulary = None if mode == "strict" else words("a the person man walks forward then turns left right his arm and , .")
    ours = score(*captions, mode=mode, vocabulary=vocabulary)
    theirs = as_theirs(*captions, mode, vocabulary)
    values, by_clip = Bleu(4).compute_score(*theirs, verbose=0)
    found = {f"BLEU-{n}": (values[n - 1], by_clip[n - 1]) for n in range(1, 5)}
    found |= {"ROUGE-L": Rouge().compute_score(*theirs), "CIDEr-D": Cider().compute_score(*theirs)}
    for name, (value, per_clip) in found.items():
        assert ours[name].value == pytest.approx(value, abs=1e-6), name
        assert np.abs(ours[name].per_clip - per_clip).max() < 1e-6, name


@pytest.mark.slow
def test_meteor_is_theirs(captions):
    if shutil.which("java") is None:
        pytest.skip("METEOR needs Java")
    from pycocoevalcap.meteor.meteor import Meteor

    candidates, references = captions[0][:40], [*captions[1][:39], [captions[0][39], "something else"]]
    ours = score(candidates, references, ["METEOR"])["METEOR"]
    theirs = Meteor()
    try:
        value, per_clip = theirs.compute_score(*as_theirs(candidates, references, "strict", None))
    finally:
        for pipe in (theirs.meteor_p.stdout, theirs.meteor_p.stderr):  # which it leaves open
            pipe.close()
    assert ours.value == pytest.approx(value, abs=1e-6)
    assert ours.per_clip == pytest.approx(per_clip, abs=1e-6)
    assert ours.per_clip[39] == 1
