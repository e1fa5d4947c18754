"""The encoder without weights: what the lexicon tells apart, its states tell apart, on every machine alike."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from kinelang.language.encoders import words as encoder_of_words
from kinelang.language.encoders.words import WIDTH, Words, _signs
from kinelang.language.words import index

CODE = """
import hashlib
from kinelang.language.encoders.words import Words
e = Words()
texts = ["a person walks up the stairs, jogs and bows", "he raises the left hand 3 times at the stairs", "qwertz 12"]
print(e.identity, hashlib.sha256(b"".join(s.tobytes() for s in e.tokens(texts))).hexdigest(), e.sentences(texts)[:, :3].tolist())
"""


def state(phrase: str, word: int = 0) -> np.ndarray:
    return Words().tokens([phrase])[0][word]


def test_the_same_in_every_process() -> None:
    said = {
        subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1", "4321")
    }
    assert len(said) == 1


def test_signs_are_the_bits_of_the_hash() -> None:
    """Golden: a change of these makes all models trained on them useless."""
    first = hashlib.sha256(b"word walk").digest()[0]
    assert [int(s > 0) for s in _signs("word walk")[:8]] == [int(bit) for bit in f"{first:08b}"]
    assert np.linalg.norm(_signs("word walk")) == pytest.approx(1)
    assert WIDTH == 256


def test_forms_and_synonyms_of_a_verb_are_near_and_other_verbs_are_not() -> None:
    walks = state("walks")
    assert walks @ state("walking") > 0.6
    assert walks @ state("strolls") > 0.5
    assert walks @ state("wlaks") > 0.6, "a misspelling"
    assert state("raises") @ state("lifts") > 0.5, "with the same objects they are the same verbs"
    assert abs(walks @ state("jumps")) < 0.25


def test_sides_are_apart_in_words_and_sentences() -> None:
    assert abs(state("left") @ state("right")) < 0.25
    assert abs(state("clockwise") @ state("counterclockwise")) < 0.25
    left, right, again = Words().sentences(["raises his left arm", "raises his right arm", "lifts the left arm"])
    assert left @ right < 0.7
    assert left @ again > left @ right + 0.1


def test_body_parts_and_counts() -> None:
    assert state("hand") @ state("arm") > 0.5
    assert state("two") @ state("2") > 0.4
    assert abs(state("twice") @ state("thrice")) < 0.25
    assert abs(state("2") @ state("3")) < 0.25


def test_all_words_of_a_phrase_tell_what_it_means() -> None:
    jumping, jack = Words().tokens(["jumping jack"])[0]
    assert jumping @ jack > 0.5
    assert jumping @ state("jumping") < 0.7


def test_words_of_motion_weigh_most() -> None:
    whole, bare, person = Words().sentences(["the person is walking to the left .", "walking left", "the person is to the ."])
    assert whole @ bare > 0.6
    assert whole @ person < 0.5


def test_the_identity_changes_with_the_lexicon(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Words().identity
    monkeypatch.setitem(index().root, "gallumph", {"": {"verb": (("walk", "base"),)}})
    assert Words().identity != before
    monkeypatch.undo()
    assert Words().identity == before
    monkeypatch.setattr(encoder_of_words, "_RULES", "other")
    assert Words().identity != before


@pytest.mark.parametrize("text", ["...", "¾ ² ½", "投げる", "'", "_", "\u0301", "12,5 m", "🤾"])
def test_any_text_has_a_state(text: str) -> None:
    (states,) = Words().tokens([text])
    assert len(states)
    np.testing.assert_allclose(np.linalg.norm(states, axis=1), 1, atol=1e-6)
