"""The gallery of generated motions: texts, a path and edits, made by the shipped model, with what `detect` sees in them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinelang.editing import Editor
from kinelang.generating import Generated, Generator
from kinelang.timeline import detect
from kinelang.viewing import write_gif

TEXTS = (
    "a person walks forward, then waves with the left hand",
    "a person walks forward with the right arm raised",
    "someone kicks with the right foot, then punches with the left hand",
    "a man jumps forward twice",
    "a person sits down, then stands up",
    "a woman turns to the left, then runs forward",
    "a person does three squats while raising both arms",
    "an old man staggers along as if he had drunk too much",
    "someone plays the violin with feeling",
)
"""The last two are not understood whole."""
PATH = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 3.0]])
EDITS = (
    ("a person waves with the right hand while walking", "wave with the left hand"),
    ("a person kicks with the right leg, then claps", "kick four times, slower"),
)
SEED = 3
FPS, SIZE = 12.0, 220


def write_made(page: Path, pictures: Path, sources: Path) -> None:
    """Write the page and its GIFs, unless code and model are those of the pictures that are there."""
    state = _state(sources)
    stamp = pictures / "stamp"
    if stamp.exists() and stamp.read_text() == state and page.exists():
        return
    pictures.mkdir(parents=True, exist_ok=True)
    generator = Generator.load()
    lines = ['<div class="actions" markdown>', ""]
    made = generator.generate_batch(TEXTS, seed=SEED)
    (cornered,) = generator.generate("a person walks", path=PATH, seed=SEED)
    shown = [(text, [one]) for text, one in zip(TEXTS, made, strict=True)]
    shown.append(("a person walks, --path 0,0 2,0 2,3", [cornered]))
    shown += [(f"{text} → {words}", _edited(generator, text, words)) for text, words in EDITS]
    for i, (title, several) in enumerate(shown):
        write_gif([one.motion for one in several], pictures / f"{i:02d}.gif", fps=FPS, size=SIZE)
        seen = " → ".join(", ".join(stage.brief() for stage in detect(one.motion).stages) or "nothing" for one in several)
        lines += ['<div class="action" markdown>', "", f"![{title}](images/generated/{i:02d}.gif){{ loading=lazy }}", ""]
        lines += [f"**{title}**  ", f"detected: {seen}", "", "</div>", ""]
    page.write_text("\n".join([*lines, "</div>", ""]), encoding="utf-8")
    stamp.write_text(state)


def _edited(generator: Generator, text: str, words: str) -> Sequence[Generated]:
    """Before and after."""
    (before,) = generator.generate(text, seed=SEED)
    editor = Editor(generator)
    editor.open(before.motion, before.timeline)
    return before, editor.apply(editor.propose(words))


def _state(sources: Path) -> str:
    """A hash of all code and of the model."""
    paths = [*sources.rglob("*.py"), *(sources / "models" / "finemogen").rglob("*.safetensors")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()
