"""Motions in notebooks: a cell that ends in one shows a player."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kinelang
from kinelang.viewing import show, to_html


def page_in(frame: str) -> str:
    inside = re.fullmatch(r'<iframe sandbox="allow-scripts" [^>]*srcdoc="([^"]*)"></iframe>', frame)
    assert inside
    return html.unescape(inside.group(1))


def test_a_player_is_the_page_in_a_frame(tmp_path: Path) -> None:
    motion = kinelang.sample("turn_left").with_(name='"></iframe><script>alert(1)</script>')
    player = show(motion, intervals=[("turn", 0.5, 3.0)], title="'turn'", height_px=321)
    page = to_html(motion, intervals=[("turn", 0.5, 3.0)], title="'turn'", autoplay=False)
    assert page_in(player._repr_html_()) == player.html == page
    assert "height:321px" in player._repr_html_()
    assert len(repr(player)) < 80
    player.save(tmp_path / "a.html")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == page


STAND_IN = """
import sys, types
shown = {}
class Formatter:
    def for_type_by_name(self, module, name, function): shown[module, name] = function
class Shell:
    display_formatter = types.SimpleNamespace(formatters={"text/html": Formatter()})
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: %s)
import kinelang
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60)


def test_a_shell_is_told_at_import_and_nothing_heavy_is_loaded() -> None:
    code = """
print(list(shown), "numpy" in sys.modules)
motion = kinelang.sample("turn_left")
print((type(motion).__module__, type(motion).__qualname__) in shown)
print(shown["kinelang.motion.motion", "Motion"](motion) == kinelang.show(motion)._repr_html_())
"""
    done = run(STAND_IN % "Shell()" + code)
    assert done.stdout == "[('kinelang.motion.motion', 'Motion')] False\nTrue\nTrue\n", done.stderr


@pytest.mark.parametrize("shell", ["None", "types.SimpleNamespace(display_formatter=None)", "types.SimpleNamespace()"])
def test_ipython_without_a_shell_is_left_alone(shell: str) -> None:
    done = run(STAND_IN % shell + "print(shown)")
    assert done.stdout == "{}\n", done.stderr


def test_a_real_shell_shows_motions() -> None:
    pytest.importorskip("IPython", reason="needs ipython")
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
import kinelang
data, _ = shell.display_formatter.format(kinelang.sample("turn_left"))
print(sorted(data), data["text/html"].startswith("<iframe"), data["text/plain"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("['text/html', 'text/plain'] True Motion('turn_left'"), done.stderr
