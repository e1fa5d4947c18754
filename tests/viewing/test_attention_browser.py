"""A caption in the player, in a real browser. Needs what test_player_browser needs; skips without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kinelang
from kinelang.motion.skeletons import SMPL22_JOINTS
from kinelang.viewing import AttendedWord, Attention, write_html
from kinelang.viewing.attention import PART_JOINTS

pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")

from viewing.test_player_browser import Open, browser, open_page, picture, until  # noqa: F401

PARTS = list(PART_JOINTS)
WAVE = kinelang.sample("wave_right_hand")
T = 96
LIT = np.array([0xC2, 0x18, 0x7A])


def gaussian(mean_s: float, deviation_s: float) -> np.ndarray:
    return np.exp(-0.5 * ((np.arange(T) / 20 - mean_s) / deviation_s) ** 2)


def looking(text: str, part: str, mean_s: float, gate: float, motion: bool = True, deviation_s: float = 0.4) -> AttendedWord:
    shares = np.zeros((T, 6))
    shares[:, PARTS.index(part)] = 1
    return AttendedWord(text, gaussian(mean_s, deviation_s), shares, gate, motion, f"looks at the {part}")


ATTENTION = Attention(
    (
        looking("a", "root", 2.4, 0.05, False, 9),
        looking("person", "root", 2.4, 0.1, False, 9),
        looking("kicks", "left_leg", 1.0, 0.8),
        looking("waves", "right_arm", 3.0, 0.9),
        looking("hard", "right_arm", 3.0, 0.5),
    ),
    20.0,
    "neural",
)


def opened(open_page: Open, tmp_path: Path, fragment: str = "", **options: Any) -> Any:  # noqa: F811
    write_html(WAVE, tmp_path / "page.html", attention=ATTENTION)
    page = open_page(fragment=fragment, **options)
    until(page, "!player.dirty")
    return page


def lit(page: Any) -> list[str]:
    until(page, "!player.dirty")
    return page.locator(".word.lit").all_text_contents()


def glowing(page: Any) -> np.ndarray:
    """Rows and columns of pixels near the colour of attention."""
    shown = picture(page)
    return np.argwhere((np.abs(shown - LIT).sum(axis=-1) < 90) & (shown[..., 0] - shown[..., 1] > 80))


def pixels(page: Any, k: int) -> np.ndarray:
    """(height * width, 4) of a row's canvas, read from a copy."""
    script = """(k) => {
      const from = document.querySelectorAll('.heat canvas')[k], copy = document.createElement('canvas');
      [copy.width, copy.height] = [from.width, from.height];
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(from, 0, 0);
      return [...context.getImageData(0, 0, copy.width, copy.height).data];
    }"""
    return np.array(page.evaluate(script, k)).reshape(-1, 4)


def test_the_word_that_is_told_at_the_moment_is_lit(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path)
    assert page.locator(".word").all_text_contents() == ["a", "person", "kicks", "waves", "hard"]
    told = []
    for second in (0.0, 1.0, 2.0, 3.0):
        page.evaluate(f"player.seek({second})")
        told.append(lit(page))
    assert told == [[], ["kicks"], [], ["waves"]]  # of two words at one time the one said more from the motion


def test_a_word_that_is_chosen_stays_lit_and_time_goes_to_it(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path)
    page.locator(".word", has_text="waves").click()
    assert lit(page) == ["waves"]
    over = np.flatnonzero(gaussian(3.0, 0.4) > 0.5) / 20
    assert page.evaluate("player.seconds") == pytest.approx(over[0], abs=0.051)
    page.evaluate("player.seek(1.0)")
    assert lit(page) == ["waves"]
    assert page.locator(".word", has_text="waves").get_attribute("aria-pressed") == "true"
    assert page.locator(".heat.window .name").text_content() == "waves"
    page.locator(".word", has_text="waves").click()
    assert lit(page) == ["kicks"]
    for key, words in (("]", ["waves"]), ("]", ["hard"]), ("]", ["kicks"]), ("[", ["hard"]), ("[", ["waves"])):
        page.keyboard.press(key)
        assert lit(page) == words
    page.evaluate("player.seek(1.0)")
    page.keyboard.press("Escape")
    assert lit(page) == ["kicks"]


def test_its_limb_glows(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path)
    assert len(glowing(page)) == 0  # nothing is told at 0 s
    page.keyboard.press("1")
    page.evaluate("player.seek(3.0)")
    hand = glowing(page)
    page.evaluate("player.seek(1.0)")
    leg = glowing(page)
    assert len(hand) > 100
    assert len(leg) > 100
    assert hand[:, 0].mean() < leg[:, 0].mean() - 30  # the raised hand is higher
    assert hand[:, 1].mean() < leg[:, 1].mean() - 10  # from in front, the right arm is left of the left leg


def test_balls_are_as_large_as_shares_and_as_dense_as_the_window(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path, "#t=3.0")
    figure = "player.stage.actors[0].figure"
    balls = page.evaluate(f"{figure}.balls.map((b) => [b.part, b.point, b.mesh.visible, b.mesh.scale.x, b.mesh.material.opacity])")
    assert {SMPL22_JOINTS[point] for _, point, visible, _, _ in balls if visible} == set(PART_JOINTS["right_arm"])
    size, density = next((scale, opacity) for _, _, visible, scale, opacity in balls if visible)
    assert size == pytest.approx(page.evaluate(f"{figure}.motion.height_m") * 0.033)
    page.evaluate("player.captions[0].choose(3)")
    page.evaluate("player.seek(4.0)")
    until(page, "!player.dirty")
    later = page.evaluate(f"{figure}.balls.find((b) => b.mesh.visible).mesh.material.opacity")
    assert density == pytest.approx(0.7)
    assert later == pytest.approx(0.12 + 0.58 * gaussian(3.0, 0.4)[80], abs=0.005)


def test_time_and_parts_are_drawn(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path, "#t=3.0")
    window, parts = (pixels(page, k)[:, 3] for k in (0, 1))
    np.testing.assert_allclose(window / 255, gaussian(3.0, 0.4), atol=0.004)
    own = parts.reshape(6, T)
    np.testing.assert_allclose(own[PARTS.index("right_arm")] / 255, gaussian(3.0, 0.4), atol=0.008)
    assert own.sum() == own[PARTS.index("right_arm")].sum()
    assert page.locator(".heat.parts .name span").all_text_contents() == [part.replace("_", " ") for part in PARTS]


def test_gates_are_bars(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path)
    for i, word in enumerate(ATTENTION.words):
        assert float(page.evaluate(f"document.querySelectorAll('.gate')[{i}].style.getPropertyValue('--gate')")) == word.gate
    assert "looks at the right_arm" in page.locator(".word", has_text="waves").get_attribute("title")


def test_several_motions_have_their_own_captions(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    write_html([WAVE, kinelang.sample("squat_twice"), WAVE], tmp_path / "page.html", attention=[ATTENTION, None, ATTENTION])
    page = open_page(fragment="#t=3.0")
    until(page, "!player.dirty")
    assert page.locator(".caption").count() == 2
    assert page.locator(".caption b").all_text_contents() == ["wave_right_hand", "wave_right_hand"]
    assert lit(page) == ["waves", "waves"]


def test_dark_has_its_own_colour(open_page: Open, tmp_path: Path) -> None:  # noqa: F811
    page = opened(open_page, tmp_path, "#t=3.0", color_scheme="dark")
    assert pixels(page, 0)[60, :3] == pytest.approx([255, 116, 189], abs=2)
