"""The captioner that comes with the package, on clips performed here: it says what happens, and looks where it happens."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors", reason="the extra `models` is not installed")

from kinelang.corpora.synthetic import Synthetic
from kinelang.evaluate import attending, localising
from kinelang.evaluate.clips import Clip
from kinelang.language.sides import swap_left_right
from kinelang.models import MODELS, captioner
from kinelang.models.base import read_run
from kinelang.models.captioner import Captioner
from kinelang.models.captioner.vocabulary import FILE
from kinelang.motion.features import mirror_features
from kinelang.timeline import facts

N = 80
FOLDER = Path(captioner.__path__[0]) / "default"


@pytest.fixture(scope="module")
def shipped() -> Captioner:
    return Captioner.load()


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    """Of another seed than any that was trained on."""
    records = islice((r for r in Synthetic(2 * N, seed=4711).records("train") if len(r.features()) >= 40), N)
    return [Clip(r.id, r.id, tuple(r.texts), r.features(), true=r.timeline) for r in records]


def test_the_files(shipped: Captioner) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 5e6
    names = {"card.md", "config.json", "metrics.json", "model.safetensors", "stats.safetensors", FILE}
    assert {path.name for path in FOLDER.iterdir()} == names
    assert shipped.identity == MODELS["captioner"].load(None).identity == read_run(FOLDER).identity
    assert "not comparable with published" in (FOLDER / "card.md").read_text()


def test_captions_tell_what_happens(shipped: Captioner, clips: list[Clip]) -> None:
    said = [own[0].text for own in shipped.caption([clip.features for clip in clips], beam=2)]
    others = [*said[1:], said[0]]

    def right(texts: list[str]) -> float:
        found = facts.joined(facts.factual(text, clip.true) for text, clip in zip(texts, clips, strict=True) if clip.true is not None)
        return found.figures()["f1_of_said"]

    assert right(said) > 0.6
    assert right(others) < 0.3  # what is said of other clips
    assert len(set(said)) > N / 2


def test_words_look_at_their_limbs_and_their_time(shipped: Captioner, clips: list[Clip]) -> None:
    looks = attending.looks_of(attending.own(shipped, clips), clips)
    drawing = attending.drawing_of(clips, rounds=0)
    gates = attending.separation(looks, drawing)
    assert gates["AUC"].value > 0.9
    rows = localising.rows_of(localising.located_in(looks, clips), drawing)
    every, actions = (rows[name].figures for name in ("all words of stages", "action words, single stage"))
    assert every["part"].value > 80 > 50 > every["part by chance"].value
    assert actions["IoU"].value > 55
    assert actions["IoU"].value > actions["IoU of the whole clip"].value + 5


def test_a_mirrored_clip_is_told_with_sides_exchanged(shipped: Captioner, clips: list[Clip]) -> None:
    some = [clip.features for clip in clips]
    said = [own[0].text for own in shipped.caption(some)]
    mirrored = [own[0].text for own in shipped.caption([mirror_features(clip) for clip in some])]
    sided = [i for i, text in enumerate(said) if swap_left_right(text) != text]
    assert len(sided) > N / 4
    same = np.mean([set(mirrored[i].split()) == set(swap_left_right(said[i]).split()) for i in sided])
    untouched = np.mean([mirrored[i] == said[i] for i in sided])
    assert same > 0.4 > 0.1 > untouched


def test_captions_do_not_depend_on_their_company(shipped: Captioner, clips: list[Clip]) -> None:
    some = [clip.features for clip in clips[:8]]
    together = shipped.caption(some)
    assert [shipped.caption([clip])[0][0].text for clip in some] == [own[0].text for own in together]
