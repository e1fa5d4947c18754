"""Texts that the pages embed are made afresh at each build, so that they say what this version says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

GENERATED = Path(__file__).parent / "generated"
SMD_LINES = 40


def on_pre_build(config: Any) -> None:
    """Called by mkdocs before it reads the pages."""
    import kinelang

    description = kinelang.describe(kinelang.sample("squat_twice"))
    smd = kinelang.render(description, "smd").splitlines()
    write("squat_twice.brief.txt", kinelang.render(description, "brief"))
    write("squat_twice.smd.txt", "\n".join([*smd[:SMD_LINES], f"... ({len(smd)} lines in all)"]) + "\n")
    plain = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run([sys.executable, "-m", "kinelang", "--help"], env=plain, check=True, capture_output=True, text=True)
    write("help.txt", "\n".join(line.rstrip() for line in done.stdout.strip().splitlines()) + "\n")
    example = (GENERATED.parent.parent / "examples" / "timelines.py").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([sys.executable, example], cwd=scratch, env=plain, check=True, capture_output=True, text=True)
    write("timelines.txt", done.stdout)
    galleries()


def galleries() -> None:
    """Pages and pictures of the actions, and of generated motions."""
    sys.path.insert(0, str(GENERATED.parent))
    from gallery import write_gallery
    from made import write_made

    sources = GENERATED.parent.parent / "src" / "kinelang"
    write_gallery(GENERATED / "actions.md", GENERATED.parent / "images" / "actions", sources / "timeline")
    write_made(GENERATED / "made.md", GENERATED.parent / "images" / "generated", sources)


def on_post_build(config: Any) -> None:
    """Called by mkdocs after it wrote the pages: the player that one of them shows."""
    import numpy as np

    import kinelang
    from kinelang.timeline import load
    from kinelang.viewing import Curve, Span

    score = load(GENERATED.parent.parent / "examples" / "library" / "greeting.txt")
    motion = kinelang.perform(score, seed=3)
    speed = np.linalg.norm(np.gradient(motion.joints[:, 0], motion.times_s, axis=0), axis=-1)
    spans = [Span(stage.brief(), stage.start_s, stage.end_s) for stage in score.stages]
    kinelang.write_html(motion, Path(config["site_dir"]) / "player.html", intervals=spans, curves=[Curve("speed", speed, "m/s")])


def write(name: str, text: str) -> None:
    """Write only what changed: mkdocs serve watches the folder."""
    path = GENERATED / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
