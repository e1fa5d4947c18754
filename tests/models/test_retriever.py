"""`Retriever`: files in, unit vectors out, the same for a clip alone as among others."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.errors import KinelangError, ModelError
from kinelang.models.tmr import Retriever, retriever
from kinelang.models.tmr.retriever import MIN_FRAMES, lengthened, spans
from kinelang.motion.features import HUMANML3D, encode
from kinelang.motion.ops import resample
from models.tmr_samples import HashedWords, raw_clips, tiny_config, write_tiny

TEXTS = ["a person walks", "a person raises the left arm and waves", "jump"]


@pytest.fixture(scope="module", params=[1, 4], ids=["a frame a token", "four frames a token"])
def model(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Retriever:
    folder = tmp_path_factory.mktemp("run")
    write_tiny(folder, tiny_config(stack=request.param))
    return Retriever.load(folder, HashedWords())


def test_vectors_are_unit_and_do_not_depend_on_companions(model: Retriever) -> None:
    texts, clips = model.encode_texts(TEXTS), model.encode_features(raw_clips([45, 200, 80]))
    for vectors in (texts, clips):
        assert vectors.shape == (3, model.width)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(texts, np.concatenate([model.encode_texts([t]) for t in TEXTS]), atol=1e-5)
    np.testing.assert_allclose(clips, np.concatenate([model.encode_features([c]) for c in raw_clips([45, 200, 80])]), atol=1e-5)


def test_nothing_in_nothing_out(model: Retriever) -> None:
    for empty in (model.encode_texts([]), model.encode_features([]), model.encode_motions([]), model.encode([])):
        assert empty.shape == (0, model.width)
    assert model.similarity([], []).shape == (0, 0)


def test_motions_at_any_rate_on_any_skeleton(model: Retriever) -> None:
    walk = kinelang.sample("walk_forward", 60)
    at_20 = resample(walk, 20.0, "stride")
    vectors = model.encode_motions([walk, at_20])
    assert float(vectors[0] @ vectors[1]) > 0.999
    body = kinelang.retarget(at_20, kinelang.SMPL22, rotations=False)
    expected = model.encode_features([encode(body.joints)])
    np.testing.assert_allclose(vectors[1:], expected, atol=1e-4)


def test_encode_takes_one_or_several(model: Retriever) -> None:
    walk = kinelang.sample("walk_forward")
    assert model.encode("a person walks").shape == model.encode(walk).shape == (model.width,)
    assert model.encode([walk, walk]).shape == (2, model.width)
    np.testing.assert_array_equal(model.encode(TEXTS), model.encode_texts(TEXTS))
    for wrong in ([1, 2], ["a", walk], [Path("x")]):
        with pytest.raises(ModelError, match="a sequence of"):
            model.encode(wrong)  # type: ignore[arg-type]


def test_similarity_is_the_cosine(model: Retriever) -> None:
    walk = kinelang.sample("walk_forward")
    found = model.similarity(TEXTS, [walk])
    np.testing.assert_allclose(found, model.encode_texts(TEXTS) @ model.encode_motions([walk]).T, atol=1e-6)
    assert model.similarity("a person walks", walk).shape == (1, 1)


def test_long_clips_are_the_mean_of_their_windows(model: Retriever) -> None:
    (clip,) = raw_clips([470])
    windows = model.encode_features([clip[a:b] for a, b in spans(470, 200)])
    mean = windows.mean(axis=0)
    np.testing.assert_allclose(model.encode_features([clip])[0], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("n", [1, 199, 200, 201, 300, 301, 1000])
def test_windows_cover_the_clip(n: int) -> None:
    found = spans(n, 200)
    assert found[0][0] == 0
    assert found[-1][1] == n
    assert all(b - a == min(n, 200) for a, b in found)
    assert all(0 < later - earlier <= 100 for (earlier, _), (later, _) in itertools.pairwise(found))


def test_short_clips_hold_their_last_pose(model: Retriever) -> None:
    (clip,) = raw_clips([3])
    longer = lengthened(clip, MIN_FRAMES)
    assert len(longer) == MIN_FRAMES
    np.testing.assert_array_equal(longer[:3], clip)
    assert not longer[3:, HUMANML3D.blocks["velocities"]].any()
    assert not longer[3:, HUMANML3D.blocks["root_velocity"]].any()
    np.testing.assert_array_equal(longer[-1, HUMANML3D.blocks["positions"]], clip[-1, HUMANML3D.blocks["positions"]])
    np.testing.assert_allclose(model.encode_features([clip]), model.encode_features([longer]), atol=1e-6)


@pytest.mark.parametrize(
    "bad", [np.zeros((0, 263)), np.zeros((5, 251)), np.zeros(263), np.full((5, 263), np.nan), np.full((5, 263), "a")]
)
def test_features_that_are_none(model: Retriever, bad: np.ndarray) -> None:
    with pytest.raises(ModelError, match="features of clip 1"):
        model.encode_features([raw_clips([50])[0], bad])


def test_a_string_is_no_sequence_of_texts(model: Retriever) -> None:
    with pytest.raises(ModelError, match="a single string"):
        model.encode_texts("walk")


def test_another_text_encoder_is_refused(tmp_path: Path) -> None:
    write_tiny(tmp_path)

    class Other(HashedWords):
        identity = "other@1"

    with pytest.raises(ModelError, match=r"the text encoder other@1 of width 24; expected hashed-words@0 of width 24"):
        Retriever.load(tmp_path, Other())


def test_the_encoder_is_opened_when_it_is_needed_and_then_checked(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    model = Retriever.load(tmp_path)  # "hashed" is no encoder that can be opened
    assert model.encode_features(raw_clips([50])).shape == (1, 16)
    with pytest.raises(KinelangError, match="hashed"):
        model.encode_texts(TEXTS)


def test_a_version_without_a_model_says_how_to_train_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retriever, "SHIPPED", "no such folder")
    with pytest.raises(ModelError, match=r"no model that comes with this version.*kinelang train tmr"):
        Retriever.load()


def test_searching_imports_no_torch(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    code = (
        "import sys, pathlib, numpy as np; from kinelang.models.tmr import Retriever;"
        f"r = Retriever.load(pathlib.Path({str(tmp_path)!r})); r.encode_features([np.zeros((50, 263))]);"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
