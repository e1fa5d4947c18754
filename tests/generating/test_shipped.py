"""The generator that comes with the package does what prompts say, differs by seed, and is edited without moving the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `models` is not installed")

from kinelang.editing import Editor
from kinelang.evaluate.editing import kept_cm
from kinelang.evaluate.following import THERE, following
from kinelang.evaluate.generation import follow
from kinelang.evaluate.generators import Neural
from kinelang.evaluate.prompts import prompts
from kinelang.generating import Generated, Generator
from kinelang.metrics.physical import PHYSICAL
from kinelang.models import MODELS, finemogen
from kinelang.models.base import read_run
from kinelang.timeline import Stage, Timeline, detect

FOLDER = Path(finemogen.__path__[0]) / "default"
N = 42


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator.load()


@pytest.fixture(scope="module")
def waving(generator: Generator) -> Generated:
    timeline = Timeline(
        (Stage(0, 2, "walk", direction="forward"), Stage(2, 4.5, "wave", side="right", count=3), Stage(4.5, 6, "squat", count=1))
    )
    return generator.generate(timeline, seed=1)[0]


def test_the_files(generator: Generator) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 12e6
    assert {path.name for path in FOLDER.iterdir()} == {
        "card.md",
        "config.json",
        "metrics.json",
        "model.safetensors",
        "stats.safetensors",
    }
    assert generator.identity == MODELS["finemogen"].load(None).identity == read_run(FOLDER).identity
    assert "not comparable with published" in (FOLDER / "card.md").read_text()


def test_motions_do_what_was_asked(generator: Generator) -> None:
    asked = prompts(N, seed=4711)
    motions = Neural("", generator).generate(asked, 0)
    seen = [detect(motion) for motion in motions]
    found = following(asked, seen, rounds=0).figures
    figures = found["all"]
    assert figures["verb"].value > 0.6
    assert found[THERE]["side"].value > 0.7
    others = following(asked, [*seen[1:], seen[0]], rounds=0).figures["all"]
    assert figures["verb"].value > others["verb"].value + 0.3
    assert np.mean([PHYSICAL["bone variation"].measure(motion.joints, 20.0) for motion in motions]) < 0.1


def test_a_seed_is_a_motion_and_another_seed_another(generator: Generator) -> None:
    first, again, other = (generator.generate("a person waves", seconds=3, seed=seed)[0].motion.joints for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.linalg.norm(first - other, axis=-1).mean() > 0.01


def test_an_edit_shows_and_the_rest_stays(generator: Generator, waving: Generated) -> None:
    editor = Editor(generator)
    editor.open(waving.motion, waving.timeline, seed=1)
    proposal = editor.propose("wave with the left hand")
    made = editor.apply(proposal)
    assert made is not None
    apart = kept_cm(waving.motion, made.motion, proposal.kept)
    scratch = kept_cm(waving.motion, generator.generate(proposal.timeline, seed=1)[0].motion, proposal.kept)
    assert apart is not None
    assert scratch is not None
    assert apart < 3
    assert apart <= scratch + 0.5
    wrists = [motion.joints[45:85, [20, 21], 1].max(axis=0) for motion in (waving.motion, made.motion)]
    assert wrists[0][1] > wrists[0][0]
    assert wrists[1][0] > wrists[1][1]


def test_a_path_is_gone(generator: Generator) -> None:
    path = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 3.0]])
    (made,) = generator.generate("a person walks", path=path)
    assert np.linalg.norm(made.motion.joints[-1, 0, [0, 2]] - path[-1]) < 0.2


def test_the_second_judge_hears_the_difference(generator: Generator) -> None:
    from kinelang.models.tmr import Retriever

    asked = prompts(N, seed=4711)
    (judged,) = follow([Neural("", generator)], asked, Retriever.load(), rounds=0)
    found = {name: value.value for rows in judged.figures.values() for name, value in rows.items()}
    assert found["verb"] > 0.6
