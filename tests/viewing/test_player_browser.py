"""The player in a real browser. Needs Chromium (KINELANG_CHROMIUM, or `chromium` on the path) and PyPI's playwright; skips without."""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import kinelang
from kinelang import Motion
from kinelang.motion.arrays import Array
from kinelang.motion.skeletons import SMPL22
from kinelang.viewing import Curve, Span, show, write_html

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
CHROMIUM = os.environ.get("KINELANG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WALK = kinelang.sample("walk_forward")
STAGES = [Span("walk", 0.3, 4.7, "body"), Span("left step", 0.5, 1.1, note="a note"), Span("right step", 1.0, 1.7, confidence=0.5)]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here: install chromium, or name one in KINELANG_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a page from a file; at the end there must have been nothing on the console and no request but for the file."""
    complaints: list[str] = []
    contexts = []

    def opened(text: str | None = None, fragment: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 700, "height": 520}, "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        path = tmp_path / "page.html"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("request", lambda r: None if r.url.split("#")[0] in (path.as_uri(), "about:srcdoc") else complaints.append(r.url[:200]))
        page.goto(path.as_uri() + fragment)
        if text is None:
            until(page, "window.player")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def until(page: Any, condition: str, timeout_s: float = 15) -> None:
    """Wait for a condition; playwright's own way to wait is one that the page's policy forbids."""
    end = time.monotonic() + timeout_s
    while not page.evaluate(f"Boolean({condition})"):
        assert time.monotonic() < end, f"not reached: {condition}"
        page.wait_for_timeout(20)


def picture(page: Any) -> Array:
    """What the canvas shows, (rows, columns, 3) in 0..255, without the texts that lie over it."""
    page.evaluate("() => { for (const e of document.querySelectorAll('.overlay')) e.style.visibility = 'hidden'; }")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    with Image.open(io.BytesIO(page.locator("#view").screenshot())) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def coloured(shown: Array) -> tuple[Array, Array]:
    """Columns and rows of bluish and of orange pixels."""
    red, blue = shown[..., 0], shown[..., 2]
    found = [np.argwhere(sign * (blue - red) > 60)[:, ::-1] for sign in (1, -1)]
    assert all(len(places) > 50 for places in found)
    return found[0], found[1]


def test_it_plays_to_the_end_and_stops_or_begins_again(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    page = open_page()
    assert page.evaluate("player.seconds") == 0
    page.keyboard.press("Space")
    until(page, "player.seconds > 0.2")
    page.keyboard.press("Space")
    assert not page.evaluate("player.playing")
    stood = page.evaluate("player.seconds")
    page.wait_for_timeout(150)
    assert page.evaluate("player.seconds") == stood
    page.keyboard.press("l")
    page.evaluate("player.setSpeed(4); player.seek(4.5); player.play()")
    until(page, "!player.playing")
    assert page.evaluate("player.seconds") == pytest.approx(5.0)
    page.keyboard.press("l")
    page.evaluate("player.seek(4.9); player.play()")
    until(page, "player.seconds < 4 && player.seconds > 0.1")


def test_pages_begin_to_play_except_for_those_who_prefer_rest(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    assert not open_page().evaluate("player.playing")
    page = open_page(reduced_motion="no-preference")
    until(page, "player.seconds > 0.1")


def test_keys_step_by_frames(open_page: Open, tmp_path: Path) -> None:
    write_html([WALK, kinelang.sample("turn_left", fps=60)], tmp_path / "page.html")
    page = open_page()
    seconds = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight", "End", "Home", "ArrowLeft"):
        page.keyboard.press(key)
        seconds.append(page.evaluate("player.seconds"))
    assert seconds == pytest.approx([1 / 60, 2 / 60, 1 / 60, 11 / 60, 5.0, 0.0, 0.0])
    page.keyboard.press("ArrowUp")
    assert page.evaluate("player.speed") == 1.5
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("player.speed") == 0.1


def test_the_scrubber_goes_where_it_is_dragged(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    page = open_page()
    box = page.locator("#scrubber").bounding_box()
    y = box["y"] + box["height"] - 6
    page.mouse.move(box["x"] + 0.25 * box["width"], y)
    page.mouse.down()
    assert page.evaluate("player.seconds") == pytest.approx(1.25, abs=0.03)
    page.mouse.move(box["x"] + 0.6 * box["width"], y + 40)
    assert page.evaluate("player.seconds") == pytest.approx(3.0, abs=0.03)
    page.mouse.up()
    page.mouse.move(box["x"], y)
    assert page.evaluate("player.seconds") == pytest.approx(3.0, abs=0.03)
    until(page, "!player.dirty")
    assert float(page.locator("#scrubber").get_attribute("aria-valuenow")) == pytest.approx(page.evaluate("player.seconds"), abs=0.006)


def test_stages_stand_in_rows_light_up_and_can_be_clicked(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html", intervals=STAGES, curves=[Curve("root height", WALK.root[:, 1], "m")])
    page = open_page(fragment="#t=1.05")
    until(page, "document.querySelectorAll('.chips span').length === 3")
    assert page.locator(".chips span").all_text_contents() == ["walk", "left step", "right step"]
    assert page.locator(".mark.active").all_text_contents() == ["walk", "left step", "right step"]
    rows = [mark.bounding_box()["y"] for mark in page.locator(".mark").all()]
    assert len({round(y) for y in rows}) == 3
    assert "a note" in page.locator(".mark", has_text="left step").get_attribute("title")
    assert "50 % sure" in page.locator(".mark", has_text="right step").get_attribute("aria-label")
    shown = page.locator(".curve output").text_content()
    assert shown.replace("\u202f", " ") == f"{np.interp(1.05, WALK.times_s, WALK.root[:, 1]):.2f} m"
    page.locator(".mark", has_text="walk").click()
    until(page, "document.querySelectorAll('.chips span').length === 1")
    assert page.evaluate("player.seconds") == pytest.approx(0.3)
    page.evaluate("player.seek(4.8)")
    until(page, "document.querySelectorAll('.chips span').length === 0")


def test_time_can_be_stretched_around_the_playhead(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html", intervals=STAGES)
    page = open_page(fragment="#t=1.5")
    step, head = page.locator(".mark", has_text="left step"), page.locator(".playhead i")
    before, at = step.bounding_box(), head.bounding_box()["x"]
    page.keyboard.press("z")
    until(page, "!player.dirty")
    assert step.bounding_box()["width"] == pytest.approx(1.5 * before["width"], rel=0.02)
    assert head.bounding_box()["x"] == pytest.approx(at, abs=1)
    box = page.locator("#scrubber").bounding_box()
    page.mouse.click(at + 1, box["y"] + box["height"] - 6)
    assert page.evaluate("player.seconds") == pytest.approx(1.5, abs=0.02)
    page.evaluate("player.seek(4.9)")
    until(page, "!player.dirty")
    assert box["x"] <= head.bounding_box()["x"] <= box["x"] + box["width"]
    for _ in range(3):
        page.keyboard.press("x")
    assert step.bounding_box()["width"] == pytest.approx(before["width"], rel=0.02)


def test_the_browser_holds_the_joints_of_the_motion(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    page = open_page()
    for frame in (0, 1, 77, 149):
        page.evaluate(f"player.stage.seek({frame} / 30)")
        points = np.array(page.evaluate("[...player.stage.actors[0].figure.positions]")).reshape(-1, 3)
        assert np.abs(points[:22] - WALK.joints[frame]).max() < 0.0002


def test_left_is_blue_and_at_the_viewers_right_of_a_figure_seen_from_in_front(open_page: Open, tmp_path: Path) -> None:
    write_html(kinelang.sample("wave_right_hand"), tmp_path / "page.html")
    page = open_page(fragment="#t=2")
    page.keyboard.press("1")
    blue, orange = coloured(picture(page))
    assert blue[:, 0].mean() > orange[:, 0].mean() + 10
    assert orange[:, 1].min() < blue[:, 1].min() - 10  # the right hand is up
    page.keyboard.press("3")  # from behind
    blue, orange = coloured(picture(page))
    assert blue[:, 0].mean() < orange[:, 0].mean() - 10


def test_the_figure_can_be_turned_brought_near_and_followed(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    page = open_page()
    first = picture(page)
    page.mouse.move(300, 150)
    page.mouse.down()
    page.mouse.move(450, 150)
    page.mouse.up()
    assert np.abs(picture(page) - first).max() > 60
    page.keyboard.press("0")
    assert np.abs(picture(page) - first).max() < 10
    small = len(coloured(first)[0])
    page.mouse.wheel(0, -400)
    assert len(coloured(picture(page))[0]) > 1.3 * small
    page.keyboard.press("0")
    page.evaluate("player.seek(2.5)")
    middle = [coloured(picture(page))[0][:, 0].mean()]
    page.keyboard.press("f")
    page.evaluate("player.seek(0.5)")
    middle.append(coloured(picture(page))[0][:, 0].mean())
    assert abs(middle[0] - 350) < 60 < abs(middle[1] - 350)


def test_several_motions_have_a_pane_each_or_one_room(open_page: Open, tmp_path: Path) -> None:
    motions = [WALK, kinelang.sample("squat_twice"), kinelang.sample("turn_left", fps=60)]
    write_html(motions, tmp_path / "page.html", intervals=[[], [("squat", 0.4, 2.5)], []])
    page = open_page()
    names = page.locator(".overlay h2").all_text_contents()
    assert names == ["walk_forward", "squat_twice", "turn_left"]
    for third in np.array_split(picture(page), 3, axis=1):
        blue, orange = coloured(third)
        assert blue[:, 0].mean() > orange[:, 0].mean()
    page.evaluate("player.seek(1.5)")
    until(page, "document.querySelectorAll('.chips span').length === 1")
    page.keyboard.press("o")
    until(page, "document.querySelectorAll('.overlay.tag').length === 3")
    coloured(picture(page))


def test_it_goes_with_light_and_dark(open_page: Open, tmp_path: Path) -> None:
    write_html(WALK, tmp_path / "page.html")
    corner = {scheme: picture(open_page(color_scheme=scheme))[5, -5].mean() for scheme in ("light", "dark")}
    assert corner["light"] > 200
    assert corner["dark"] < 60


def test_names_that_look_like_html_are_shown_as_they_are(open_page: Open, tmp_path: Path) -> None:
    name = "</script><script>console.log('x')</script>\"'<b>🕺"
    write_html(WALK.with_(name=name), tmp_path / "page.html", intervals=[(name, 0, 5)], title=name)
    page = open_page()
    assert page.title() == name
    assert page.locator(".overlay h2").text_content() == name
    assert page.locator(".chips span").text_content() == name


def test_one_frame_and_figures_that_are_not_human_are_shown(open_page: Open, tmp_path: Path) -> None:
    one = Motion(SMPL22, 30, positions=SMPL22.rest_positions[None], name="one")
    tree = kinelang.Skeleton("unknown", ("a", "b", "c"), (-1, 0, 1), np.array([[0, 0, 0], [0, 0.5, 0], [0, 0.5, 0]]))
    write_html([one, Motion(tree, 10, positions=np.repeat(tree.rest_positions[None], 20, axis=0))], tmp_path / "page.html")
    page = open_page()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    coloured(picture(page)[:, :350])
    dark = picture(page)[:, 350:].sum(axis=-1) < 450
    assert dark.sum() > 200


def test_five_minutes_at_60_frames_a_second_load(open_page: Open, tmp_path: Path) -> None:
    walk = kinelang.sample("walk_forward", fps=60)
    frames = np.resize(np.arange(walk.n_frames), 18000)
    write_html(Motion(SMPL22, 60, positions=walk.joints[frames], name="long"), tmp_path / "page.html")
    page = open_page(fragment="#t=299.5")
    assert page.evaluate("player.seconds") == 299.5
    points = np.array(page.evaluate("[...player.stage.actors[0].figure.positions]")).reshape(-1, 3)
    assert np.abs(points[:22] - walk.joints[frames[17970]]).max() < 0.0002


def test_it_runs_in_a_notebooks_frame(open_page: Open) -> None:
    page = open_page(f"<!doctype html><link rel=icon href='data:,'>{show(WALK, intervals=STAGES)._repr_html_()}")
    frame = page.frame_locator("iframe")
    frame.locator(".mark", has_text="right step").click()
    frame.locator(".chips span", has_text="right step").wait_for()
