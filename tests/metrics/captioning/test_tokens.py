"""The two ways of cutting captions into words: by hand, and as Stanford's tokenizer cuts them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.metrics.captioning import tokens
from kinelang.metrics.captioning.tokens import PUNCTUATION, legacy_words, strict_words
from shared_data import shared


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A person walks forward, then stops.", "a person walks forward then stops"),
        ("the person's LEFT-hand (the other) isn't up...", "the person 's left-hand -lrb- the other -rrb- is n't up"),
        ("they’re can't cannot gonna", "they 're ca n't can not gon na"),
        ("his/her 3/4 1,2,3 at 3:00; 90° & 180⁰!", "his/her 3/4 1,2,3 at 3:00 90 ° & 180 ⁰"),
        ("back-and-forth - then -- 'quoted' \"so\"", "back-and-forth then quoted so"),
        ("e.g. a t-pose, o'clock", "e.g. a t-pose o'clock"),
        ("<sos> a <unk> walks <eos> <pad>", "a <unk> walks"),
        ("two\nlines\tand  blanks", "two lines and blanks"),
        (" . , ", ""),
        ("", ""),
    ],
)
def test_strict_words_by_hand(text, words):
    assert strict_words(text) == words.split()


def test_legacy_words_by_hand():
    known = {"a", "person", "walks", "'s", "-", "hand", ".", ","}
    assert legacy_words("A person walks, slowly.", known) == ["a", "person", "walks", ",", "<unk>", ".", "<eos>"]
    assert legacy_words("person's left-hand <unk> <eos>", known) == ["person", "'s", "<unk>", "-", "hand", "<unk>", "<eos>"]
    assert legacy_words("", known) == ["<eos>"]


@given(st.text(alphabet="abnotcgw ,.'-", max_size=40))
def test_the_quick_way_for_plain_text_is_the_long_way(text):
    assert strict_words(text) == tokens._strict_words(text)


@given(st.text(max_size=60))
def test_strict_words_are_words(text):
    found = strict_words(text)
    assert not any(word in PUNCTUATION or word in tokens.MARKS or any(c.isspace() for c in word) for word in found)
    assert found == strict_words(text.lower())


@pytest.mark.slow
def test_strict_words_are_those_of_coco_caption(tmp_path):
    """On HumanML3D's val captions; what it removes is removed from Stanford's words."""
    package = pytest.importorskip("pycocoevalcap", reason="pycocoevalcap, the outside party, is not installed")
    java = shutil.which("java")
    if java is None:
        pytest.skip("Stanford's tokenizer needs Java")
    clips = json.loads(shared("humanml3d_captions.json").read_text())
    captions = [text.replace("\n", " ") for clip in clips.values() if clip["split"] == "val" for text in clip["captions"]]
    (tmp_path / "captions.txt").write_text("\n".join(captions), encoding="utf-8")
    jar = next(Path(next(iter(package.__path__))).rglob("stanford-corenlp-3.4.1.jar"))
    program = "edu.stanford.nlp.process.PTBTokenizer"
    command = [java, "-cp", str(jar), program, "-preserveLines", "-lowerCase", str(tmp_path / "captions.txt")]
    lines = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\n")
    same = [strict_words(text) == [w for w in line.split() if w not in PUNCTUATION] for text, line in zip(captions, lines, strict=True)]
    assert sum(same) / len(same) >= 0.998
