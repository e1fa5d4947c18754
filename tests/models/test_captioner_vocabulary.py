"""Words as numbers and back."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import ModelError
from kinelang.models.captioner.labels import labels_of
from kinelang.models.captioner.parts import PARTS
from kinelang.models.captioner.vocabulary import EOS, FILE, PAD, SOS, SPECIAL, UNK, Vocabulary, text_of, tokens

CAPTIONS = ["A man walks, then he doesn't stop.", "a man turns 90 degrees", "the man's arm (left) waves 2.5 times!"]


def test_tokens_know_where_they_stand() -> None:
    for caption in CAPTIONS:
        for word in tokens(caption):
            assert caption[word.start : word.end].lower() == word.text
    assert [word.text for word in tokens("He doesn’t side-step 2.5 m.")] == ["he", "doesn't", "side", "-", "step", "2.5", "m", "."]


@given(st.text())
def test_tokens_lose_nothing_but_blanks(caption: str) -> None:
    found = tokens(caption)
    assert [word.start for word in found] == sorted(word.start for word in found)
    left = "".join(caption[a.end : b.start] for a, b in pairwise(found))
    assert not left.strip()


def test_marks_and_order() -> None:
    made = Vocabulary.of(CAPTIONS, 1)
    assert made.words[:4] == SPECIAL
    assert (PAD, SOS, EOS, UNK) == (0, 1, 2, 3)
    assert list(made.words[4:]) == sorted(made.words[4:])
    assert made == Vocabulary.of(reversed(CAPTIONS), 1)
    assert made.identity == Vocabulary.of(reversed(CAPTIONS), 1).identity
    assert Vocabulary.of(CAPTIONS, 2).words[4:] == ("a", "man")


def test_there_and_back() -> None:
    made = Vocabulary.of(CAPTIONS, 1)
    for caption in CAPTIONS:
        numbers = made.encode(caption)
        assert numbers[0] == SOS
        assert numbers[-1] == EOS
        assert [w.text for w in tokens(made.decode(numbers))] == [w.text for w in tokens(caption)]
    assert made.decode(made.encode("a man walks, then he turns.")) == "a man walks, then he turns."
    assert made.words_of(made.encode("a zebra walks")) == ["a", "<unk>", "walks"]
    assert made.words_of([SOS, EOS, 7]) == []
    assert text_of([]) == ""


def test_saved_and_read(tmp_path: Path) -> None:
    made = Vocabulary.of(CAPTIONS, 1)
    made.save(tmp_path)
    assert Vocabulary.load(tmp_path) == made
    assert Vocabulary.load(tmp_path).identity == made.identity


@pytest.mark.parametrize(
    "content",
    [
        {"words": ["a"], "min_count": 1},
        {"words": [*SPECIAL, "a", "a"], "min_count": 1},
        {"words": [*SPECIAL, "a b"], "min_count": 1},
        {"words": [*SPECIAL, "A"], "min_count": 1},
        {"words": [*SPECIAL, 7], "min_count": 1},
        {"words": "abc", "min_count": 1},
        {"words": [*SPECIAL]},
        {"words": [*SPECIAL], "min_count": "3"},
    ],
)
def test_what_is_no_vocabulary(tmp_path: Path, content: object) -> None:
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(ModelError, match="vocabulary"):
        Vocabulary.load(tmp_path)


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=FILE):
        Vocabulary.load(tmp_path)


def test_labels_of_the_papers_dictionary() -> None:
    said = "forward waving kicks bends is person slowly slow left box steps walked ladder stands anticlockwise hand thrown"
    made = Vocabulary.of([said], 1)
    paper, code = labels_of(made), labels_of(made, "code")

    def gate(word: str) -> float:
        return float(paper.gate[made.numbers[word]])

    def parts(word: str) -> set[str]:
        row = paper.parts[made.numbers[word]]
        return {"unknown"} if row[0] < 0 else {name for name, one in zip(PARTS, row, strict=True) if one}

    assert parts("forward") == parts("anticlockwise") == {"root"}
    assert parts("waving") == parts("thrown") == {"left_arm", "right_arm"}
    assert parts("kicks") == parts("stands") == {"left_leg", "right_leg"}
    assert parts("bends") == {"torso"}
    assert parts("box") == parts("walked") == parts("left") == parts("is") == {"unknown"}
    assert [gate(w) for w in ("forward", "waving", "slowly", "slow", "left", "walked", "steps")] == [1] * 7
    assert [gate(w) for w in ("is", "person")] == [0, 0]
    assert [gate(w) for w in ("box", "ladder", "hand")] == [-1] * 3
    adjectives = [float(code.gate[made.numbers[w]]) for w in ("slow", "left", "slowly", "waving")]
    assert adjectives == [-1, -1, 1, 1]
    assert (paper.gate[:4] == -1).all()


def test_words_have_to_come_often_in_the_captions_or_in_their_mirror_image() -> None:
    captions = ["lift left", "lift left", "lift right", "swim"]
    mirrored = ["lift right", "lift right", "lift left", "swim"]
    words = Vocabulary.of(captions, 2, mirrored).words
    assert {"lift", "left", "right"} <= set(words)
    assert "swim" not in words  # once, though it stands in both


def test_numbers_and_words_that_only_end_like_adverbs_are_no_motion_words() -> None:
    words = ("two", "three", "four", "family", "early", "both", "slowly", "quickly")
    gates = dict(zip(words, labels_of(Vocabulary((*SPECIAL, *words)), "paper").gate[len(SPECIAL) :].tolist(), strict=True))
    assert {word for word, gate in gates.items() if gate == 1} == {"both", "slowly", "quickly"}
