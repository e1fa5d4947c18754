"""What the words of a caption look at: checked, written into the player's page, and drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kinelang
from kinelang import Motion, Skeleton
from kinelang.errors import MotionError
from kinelang.motion.skeletons import SKELETONS, SMPL22_JOINTS
from kinelang.viewing import AttendedWord, Attention, attention_sheet, to_html
from kinelang.viewing.attention import PART_JOINTS, spans_over
from viewing.player_pages import Page, bytes_of, points_of

PARTS = list(PART_JOINTS)
WAVE = kinelang.sample("wave_right_hand")
T = 60
NASTY = """</script><script>alert("1")</script><img src=x>"""


def looking(text: str, part: str, start: int, stop: int, gate: float | None = 0.9, motion: bool = True, note: str = "") -> AttendedWord:
    """A word that looks at one part from one frame up to another."""
    window, shares = np.zeros(T), np.full((T, 6), 0.1)
    window[start:stop] = 1
    shares[:, PARTS.index(part)] = 0.5
    return AttendedWord(text, window, shares, gate, motion, note)


def attention() -> Attention:
    words = (looking("a", "root", 0, 0, 0.1, False), looking("person", "root", 0, T, 0.0, False), looking("waves", "right_arm", 20, 50))
    return Attention((*words, looking(".", "root", 0, 0, None, False)), 20.0, "neural")


def maps_of(page: dict[str, Any], entry: dict[str, Any]) -> np.ndarray:
    """(W, 7, T) decoded number by number."""
    look = entry["attention"]
    n, frames = len(look["words"]), look["frames"]
    steps = np.frombuffer(bytes_of(page), np.uint8, n * 7 * frames, look["maps_at"]).reshape(n, 7, frames)
    return np.cumsum(steps, axis=2, dtype=np.int64) % 256


def test_the_six_parts_hold_each_joint_once() -> None:
    joints = [joint for own in PART_JOINTS.values() for joint in own]
    assert sorted(joints) == sorted(SMPL22_JOINTS)
    for part, own in PART_JOINTS.items():
        side = part.split("_")[0]
        assert all(joint.startswith(f"{side}_") for joint in own) == (side in ("left", "right"))


def test_maps_come_back_to_a_255th() -> None:
    page = Page(to_html(WAVE, attention=attention())).data
    entry = page["motions"][0]
    found = maps_of(page, entry)
    for mine, word in zip(found, attention().words, strict=True):
        np.testing.assert_allclose(mine[0] / 255, word.window, atol=0.5 / 255 + 1e-9)
        np.testing.assert_allclose(mine[1:].T / 255, word.shares, atol=0.5 / 255 + 1e-9)
    assert [w["text"] for w in entry["attention"]["words"]] == ["a", "person", "waves", "."]
    assert [w["gate"] for w in entry["attention"]["words"]] == [0.1, 0.0, 0.9, None]
    assert entry["attention"]["fps"] == 20
    assert np.abs(points_of(page, entry)[:, :22] - WAVE.joints).max() < 0.0002  # and the motion with them


@pytest.mark.parametrize("name", SKELETONS)
def test_every_limb_has_the_part_of_its_side(name: str) -> None:
    skeleton = SKELETONS[name]
    motion = Motion(skeleton, 30, positions=np.repeat(skeleton.rest_positions[None], 2, axis=0))
    entry = Page(to_html(motion, attention=attention())).data["motions"][0]
    look, parts = entry["attention"], [part.replace("_", " ") for part in PARTS]
    assert look["parts"] == parts
    for capsule, part in zip(entry["capsules"], look["limbs"], strict=True):
        if capsule[4]:
            assert parts[part].startswith(("left", "right")[capsule[4] - 1])
            joints = {SMPL22_JOINTS[end] for end in capsule[:2] if end < 22}
            assert not joints or joints & set(PART_JOINTS[PARTS[part]])
        else:
            assert parts[part] == "torso"
    assert sorted(point for _, point in look["balls"]) == list(range(22))
    assert all(SMPL22_JOINTS[point] in PART_JOINTS[PARTS[part]] for part, point in look["balls"])


def test_a_page_without_a_caption_is_as_before() -> None:
    assert "attention" not in Page(to_html(WAVE)).data["motions"][0]
    entries = Page(to_html([WAVE, WAVE], attention=[None, attention()])).data["motions"]
    assert ["attention" in entry for entry in entries] == [False, True]


def test_texts_stay_texts() -> None:
    word = looking(NASTY, "root", 0, T, note=NASTY)
    page = Page(to_html(WAVE, attention=Attention((word,), 20.0, NASTY)))
    assert len(page.scripts) == 2
    assert not [tag for tag, _ in page.elements if tag == "img"]
    assert page.data["motions"][0]["attention"]["words"][0]["note"] == NASTY


def test_a_caption_of_a_minute_stays_small() -> None:
    rng = np.random.default_rng(0)
    seconds = np.arange(1200) / 20
    words = []
    for i in range(40):
        shares = np.cumsum(rng.standard_normal((1200, 6)) * 0.1, axis=0)
        shares = np.exp(shares) / np.exp(shares).sum(axis=1, keepdims=True)
        words.append(AttendedWord(f"w{i}", np.exp(-0.5 * ((seconds - 1.5 * i) / 0.5) ** 2), shares, 0.5, True))
    assert len(to_html(WAVE, attention=Attention(tuple(words)))) - len(to_html(WAVE)) < 400_000


def test_spans_over() -> None:
    assert spans_over(np.array([1, 1, 0, 0, 0.6, 0.5, 1.0]), 2.0) == [(0.0, 1.0), (2.0, 2.5), (3.0, 3.5)]
    assert spans_over(np.zeros(4), 2.0) == []


def test_the_sheet_shows_gates_and_a_map_a_word(tmp_path: Path) -> None:
    figure = attention_sheet(attention(), tmp_path / "sheet.png", title="wave")
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    maps = [image.get_array() for axes in figure.axes for image in axes.images]
    assert len(maps) == 1  # one word tells of motion
    assert maps[0].shape == (6, T)
    assert maps[0][PARTS.index("right_arm"), 30] == pytest.approx(0.5)
    assert not maps[0][:, :20].any()
    heights = [bar.get_height() for axes in figure.axes for bar in axes.patches if type(bar).__name__ == "Rectangle"]
    assert heights == pytest.approx([0.1, 0.0, 0.9])
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "a person waves." in texts


def test_a_sheet_of_a_caption_without_gates_or_motion_words() -> None:
    words = (looking("a", "root", 0, 0, None, False), looking("person", "root", 0, 0, None, False))
    figure = attention_sheet(Attention(words))
    assert len(figure.axes) == 1


def test_a_sheet_without_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(kinelang.MissingExtraError, match=r"kinelang\[view\]"):
        attention_sheet(attention())


SNAKE = Skeleton("unknown", ("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0, 0.5, 0]]))


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Attention(()), "0 words"),
        (lambda: Attention((looking("a", "root", 0, 1),), 0.0), "at 0 fps"),
        (lambda: Attention((AttendedWord("a", np.zeros(0), np.zeros((0, 6))),)), "'a', window"),
        (lambda: Attention((looking("a", "root", 0, 1), AttendedWord("b", np.zeros(9), np.zeros((9, 6))))), r"'b', window.*\(9,\)"),
        (lambda: Attention((AttendedWord("a", np.zeros(9), np.zeros((9, 5))),)), r"'a', shares.*\(9, 5\)"),
        (lambda: Attention((AttendedWord("a", np.full(9, 1.5), np.zeros((9, 6))),)), "'a', window.*0 to 1"),
        (lambda: Attention((AttendedWord("a", np.full(9, np.nan), np.zeros((9, 6))),)), "'a', window.*finite"),
        (lambda: Attention((AttendedWord("a", np.zeros(9), np.zeros((9, 6)), gate=2.0),)), "'a', gate"),
        (lambda: to_html(Motion(SNAKE, 20, positions=np.zeros((9, 3, 3))), attention=attention()), "not human"),
        (lambda: to_html([WAVE, WAVE], attention=[attention()]), "attention.*one sequence"),
    ],
)
def test_what_does_not_fit_is_refused(make: Callable[[], Any], complaint: str) -> None:
    with pytest.raises(MotionError, match=complaint):
        make()
