"""HumanML3D's caption lines and the tags in them."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.corpora import Caption
from kinelang.corpora.captions import caption_line, parse_line, parse_lines
from kinelang.corpora.tagging import _tools, tagged, untagged
from kinelang.errors import CorpusError, MissingExtraError

LINE = "a person raises the left arm#a/DET person/NOUN raise/VERB the/DET left/ADJ arm/NOUN#0.0#0.0"

words = st.text(st.characters(codec="utf-8", exclude_characters="#\n\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e"), min_size=1)
seconds = st.floats(0, 1000).map(lambda x: round(x, 3))


def test_a_published_line() -> None:
    caption = parse_line(LINE, "x")
    assert caption == Caption("a person raises the left arm", tagged=LINE.split("#")[1])
    assert caption_line(caption, untagged) == LINE


@pytest.mark.parametrize(
    ("times", "expected"),
    [("0.0#0.0", (0.0, None)), ("nan#nan", (0.0, None)), ("1.5#3", (1.5, 3.0)), ("nan#2.0", (0.0, 2.0)), ("0#1e1", (0.0, 10.0))],
)
def test_times(times: str, expected: tuple[float, float | None]) -> None:
    caption = parse_line(f"walks#walk/VERB#{times}", "x")
    assert (caption.start_s, caption.end_s) == expected


@given(words.filter(lambda t: t.split()), words, seconds, seconds)
def test_what_is_written_reads_back(text: str, tags: str, start_s: float, length_s: float) -> None:
    end_s = None if length_s == 0 else start_s + length_s
    caption = Caption(" ".join(text.split()), start_s if end_s else 0.0, end_s, " ".join(tags.split()) or "x/X")
    line = caption_line(caption, untagged)
    assert line.count("#") == 3
    assert "\n" not in line
    assert parse_line(line, "x") == caption


def test_separators_in_a_caption_become_spaces() -> None:
    assert caption_line(Caption("walks #2\nthen  stops"), untagged).split("#")[0] == "walks 2 then stops"


@pytest.mark.parametrize("line", ["walks", "walks#a/B#0.0", "walks#a/B#0.0#soon", "#a/B#0#0", "walks#a/B#0#inf", "a#b#c#0#0"])
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(CorpusError, match=r"clip\.txt:3: found"):
        list(parse_lines(f"{LINE}\n\n{line}\n", "clip.txt"))


def test_plain_lines_only_where_they_are_allowed() -> None:
    assert parse_line("walks", "x", plain=True) == Caption("walks")
    with pytest.raises(CorpusError):
        parse_line("walks#", "x", plain=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a person raises their left arm", "a/DET person/NOUN raise/VERB their/PRON left/ADJ arm/NOUN"),
        ("then turns left slowly", "then/ADV turn/VERB left/ADV slowly/ADV"),
        ("a man steps to the right", "a/DET man/NOUN step/VERB to/PART the/DET right/NOUN"),
        ("takes three steps", "take/VERB three/NUM step/NOUN"),
        ("the person is walking counter-clockwise", "the/DET person/NOUN be/AUX walk/VERB counterclockwise/ADV"),
        ("a person waves with both hands", "a/DET person/NOUN wave/VERB with/ADP both/DET hand/NOUN"),
        ("person is boxing", "person/NOUN be/AUX box/VERB"),
        ("", ""),
    ],
)
def test_tags(text: str, expected: str) -> None:
    assert tagged(text) == expected


def test_untagged_words_have_the_form_that_readers_expect() -> None:
    assert untagged("He's left-handed, 2 times!") == "he/OTHER s/OTHER lefthanded/OTHER times/OTHER"


@given(st.text(max_size=60))
def test_any_text_can_be_tagged(text: str) -> None:
    for line in (tagged(text), untagged(text)):
        assert all(token.count("/") == 1 and all(token.split("/")) for token in line.split())


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simplemma", None)
    _tools.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match=r"kinelang\[text\]"):
            tagged("walks")
    finally:
        _tools.cache_clear()
