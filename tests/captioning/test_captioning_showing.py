"""A choice as pictures show it: windows and parts of the right words at the right times."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinelang
from captioning.spoken import LONG_S, said, word
from kinelang.captioning import Choice, attention_of
from kinelang.captioning.choosing import Candidate
from kinelang.captioning.showing import draw
from kinelang.errors import FormatError
from kinelang.models.captioner.captioner import Captioned
from kinelang.timeline import Stage, Timeline
from kinelang.viewing.attention import PART_JOINTS, spans_over
from viewing.player_pages import Page

PARTS = list(PART_JOINTS)
WORDS = [word("a", gate=0.1), word("person", gate=0.2), word("kicks", "left_leg", 1.5, 0.25), word("left", "left_arm", 3.0, 0.4)]
TIMELINE = Timeline((Stage(0.5, 1.7, "kick", side="left", confidence=0.9), Stage(1.0, 2.5, "wave", side="right")), duration_s=3.0)


def neural(captioned: Captioned) -> Choice:
    return Choice("neural", (Candidate(captioned.text, "neural", captioned=captioned),))


def narrated(caption: str) -> Choice:
    return Choice("narrated", (Candidate(caption, "narrated"),), TIMELINE)


def test_a_neural_word_is_lit_where_its_gaussian_and_its_shares_are() -> None:
    shown = attention_of(neural(said("a person kicks left", WORDS)), LONG_S)
    assert (shown.fps, shown.n_frames, shown.source) == (20.0, 80, "neural")
    kicks = shown.words[2]
    seconds = np.arange(80) / 20
    assert kicks.window == pytest.approx(np.exp(-0.5 * ((seconds - 1.5) / 0.25) ** 2))
    assert kicks.shares[:, PARTS.index("left_leg")] == pytest.approx(1)
    assert [w.motion for w in shown.words] == [False, False, True, True]
    assert kicks.gate == 0.9
    assert "left leg 100 %" in kicks.note


def test_a_captioner_without_parts_and_gate_shows_when_alone(tmp_path: Path) -> None:
    words = [replace(w, gate=None, alpha=w.alpha[:, :0]) for w in WORDS]
    assert all(w.part is None and w.parts == {} and w.map.shape == (len(w.seconds), 0) for w in words)
    choice = neural(said("a person kicks left", words))
    shown = attention_of(choice, LONG_S)
    kicks = shown.words[2]
    assert kicks.window.max() == pytest.approx(1)
    assert not kicks.shares.any()
    assert kicks.gate is None
    assert kicks.note == f"{kicks.note.splitlines()[0]}\nprobability 0.50"
    plain = choice.to_json()["evidence"][2]
    assert set(plain) == {"word", "at", "motion", "probability", "spans_s"}
    for name in ("page.html", "picture.png"):
        draw(choice, kinelang.sample("wave_right_hand"), tmp_path / name)


def test_words_of_a_window_are_dark_outside_of_it() -> None:
    late = word("kicks", "left_leg", 2.0, 5.0)
    shown = attention_of(neural(said("kicks", [late])), 2 * LONG_S).words[0]
    outside = np.arange(160) / 20 > LONG_S + 0.1
    assert not shown.window[outside].any()
    assert not shown.shares[outside].any()


def test_full_stops_between_windows_are_shown() -> None:
    words = tuple(word(text) for text in ("walks", "a", "man", ",", "sits", "."))
    shown = attention_of(neural(Captioned("walks. a man, sits", words, -1.0, -1.0, ((0, 1), (1, 2)))), LONG_S)
    assert [w.text for w in shown.words] == ["walks.", "a", "man", ",", "sits"]
    assert shown.caption == "walks. a man, sits"


def test_a_narrated_word_is_lit_in_its_stages_with_their_parts() -> None:
    shown = attention_of(narrated("a person kicks with the left leg and waves with the right hand"), 3.0)
    kicks, waves = (w for w in shown.words if w.text in ("kicks", "waves"))
    assert spans_over(kicks.window, 20) == [(0.5, 1.7)]
    assert spans_over(waves.window, 20) == [(1.0, 2.5)]
    assert waves.shares[30, PARTS.index("right_arm")] == waves.shares[30].max() > 0
    assert kicks.shares.sum(axis=1)[10:34] == pytest.approx(1)
    assert not shown.words[0].window.any()
    assert not shown.words[0].motion
    assert all(w.gate is None for w in shown.words)


def test_a_word_of_two_stages_at_once_shares_them() -> None:
    both = Choice("narrated", (Candidate("a person kicks", "narrated"),), TIMELINE.with_(stages=(TIMELINE.stages[0],)))
    assert attention_of(both, 3.0).words[2].shares.max() <= 1


def test_the_page_and_the_picture(tmp_path: Path) -> None:
    motion = kinelang.sample("wave_right_hand")
    choice = narrated("a person kicks with the left leg and waves")
    draw(choice, motion, tmp_path / "page.html")
    entry = Page((tmp_path / "page.html").read_text(encoding="utf-8")).data["motions"][0]
    assert [w["text"] for w in entry["attention"]["words"]] == ["a", "person", "kicks", "with", "the", "left", "leg", "and", "waves"]
    assert [mark["label"] for lane in entry["tracks"][0]["lanes"] for mark in lane] == ["kick left", "wave right"]
    draw(choice, motion, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FormatError, match=r"'\.gif'"):
        draw(choice, motion, tmp_path / "picture.gif")


def test_stages_that_reach_beyond_the_motion_are_cut(tmp_path: Path) -> None:
    motion = kinelang.sample("turn_left")
    late = Choice("narrated", (Candidate("a person kicks", "narrated"),), Timeline((Stage(3, motion.duration_s + 1, "kick"),)))
    draw(late, motion, tmp_path / "page.html")
    mark = Page((tmp_path / "page.html").read_text(encoding="utf-8")).data["motions"][0]["tracks"][0]["lanes"][0][0]
    assert mark["end_s"] == pytest.approx(motion.duration_s)
