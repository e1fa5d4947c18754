"""BERT in NumPy beside transformers', and all-MiniLM-L6-v2 in the places where it is looked for."""

from __future__ import annotations

import math
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from encoder_samples import TEXTS, build_model, needs_minilm

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.language.encoders import files, minilm, open_encoder, threads
from kinelang.language.encoders.bert import Bert, BertConfig, gelu
from kinelang.language.encoders.threads import one_blas_thread

CAPTIONS = [
    *TEXTS,
    "the person walks in a counterclockwise circle, stops, and waves with the right hand three times.",
    "a man kicks something or someone with his left leg.",
    "walks " * 40,
]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINELANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def package_folder() -> Path:
    return list(minilm._candidates())[-1]


def test_gelu_is_the_exact_one() -> None:
    x = np.concatenate([np.linspace(-12, 12, 100_001), [0, -1e4, 1e4, 1e-20]]).astype(np.float32)[:, None]
    exact = np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x[:, 0].astype(float)])
    np.testing.assert_allclose(gelu(x.copy())[:, 0], exact, atol=5e-7)


def test_bert_gives_the_states_of_transformers(tmp_path: Path) -> None:
    """Another shape than MiniLM's, with weights so large that attention is sharp."""
    import torch
    from safetensors.numpy import load_file
    from transformers import BertModel

    folder = build_model("bert", tmp_path / "model", seed=3)
    network = Bert(BertConfig(width=32, layers=2, heads=4, layer_norm_eps=1e-12), load_file(folder / "model.safetensors"))
    reference = BertModel.from_pretrained(folder).eval()
    ids = [list(np.random.default_rng(n).integers(0, 20, n)) for n in (1, 2, 2, 5, 9, 9, 9, 60)]
    with torch.inference_mode():
        expected = [reference(torch.tensor([i])).last_hidden_state[0].numpy() for i in ids]
    for own, theirs in zip(network.hidden_states(ids), expected, strict=True):
        np.testing.assert_allclose(own, theirs, atol=1e-4)


@needs_minilm
def test_minilm_gives_the_states_and_sentences_of_transformers() -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(package_folder()), AutoModel.from_pretrained(package_folder()).eval()
    batch = tokenizer(CAPTIONS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"]
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    encoder = open_encoder("minilm", cache=False)
    for own, theirs, said in zip(encoder.tokens(CAPTIONS), states.numpy(), mask.bool().numpy(), strict=True):
        np.testing.assert_allclose(own, theirs[said], atol=1e-4)
    np.testing.assert_allclose(encoder.sentences(CAPTIONS), torch.nn.functional.normalize(mean).numpy(), atol=1e-5)


@needs_minilm
def test_known_similarities() -> None:
    """Measured with sentence-transformers 6.2; a side hardly shows in a sentence vector."""
    right, left, jump = open_encoder("minilm", cache=False).sentences(["raises right leg", "raises left leg", "jumps up and down"])
    assert right @ left == pytest.approx(0.96720, abs=1e-4)
    assert right @ jump == pytest.approx(0.41868, abs=1e-4)


@needs_minilm
def test_long_texts_are_cut_at_256() -> None:
    (states,) = open_encoder("minilm", cache=False).tokens(["walk " * 1000])
    assert states.shape == (256, 384)


@needs_minilm
def test_a_folder_is_taken_for_minilm_by_its_content(tmp_path: Path) -> None:
    folder = copied(tmp_path / "mine")
    assert open_encoder(folder, cache=False).identity == open_encoder("minilm", cache=False).identity
    assert type(open_encoder(str(folder), cache=False)).__name__ == "MiniLm"


@needs_minilm
def test_the_hub_comes_before_the_package(tmp_path: Path) -> None:
    stored = tmp_path / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2"
    snapshot = copied(stored / "snapshots" / "abc")
    assert open_encoder("minilm", cache=False).folder == snapshot  # type: ignore[attr-defined]
    (snapshot / "model.safetensors").unlink()
    assert open_encoder("minilm", cache=False).folder == package_folder()  # type: ignore[attr-defined]


@needs_minilm
def test_other_weights_are_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path / "mine")
    minilm.MiniLm(folder)
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[50_000_000] ^= 1
    (folder / "model.safetensors").unlink()  # a link to the package's
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(KinelangError, match=r"model.safetensors: found SHA-256 .+; expected 53aa51172d14…"):
        minilm.MiniLm(folder)


def test_a_folder_without_weights_says_so(tmp_path: Path) -> None:
    with pytest.raises(KinelangError, match="found no model.safetensors"):
        minilm.MiniLm(tmp_path)


def test_no_weights_anywhere_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match=r"no weights found in .*hub.*kinelang\[minilm\]"):
        open_encoder("minilm")
    stored = tmp_path / "hub" / "models--sentence-transformers--all-MiniLM-L6-v2" / "snapshots" / "abc"
    stored.mkdir(parents=True)
    (stored / "config.json").write_text("{}")
    with pytest.raises(MissingExtraError, match="abc holds other weights"):
        open_encoder("minilm")


def test_a_hash_is_remembered_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    first = files.sha256_of(file)
    with monkeypatch.context() as patch:
        patch.setattr("hashlib.sha256", lambda: pytest.fail("hashed again"))
        assert files.sha256_of(file) == first
    file.write_bytes(b"two, longer")
    assert files.sha256_of(file) != first
    (tmp_path / "cache" / "file_hashes.json").write_text("[1")
    assert files.sha256_of(file) != first
    with pytest.raises(KinelangError, match="cannot be read"):
        files.sha256_of(tmp_path / "none")


def test_hashes_are_taken_where_nothing_can_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_bytes(b"")
    monkeypatch.setenv("KINELANG_CACHE", str(tmp_path / "taken" / "below_a_file"))
    assert files.sha256_of(tmp_path / "taken").startswith("e3b0c44298fc")


def test_blas_has_its_threads_back() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def counts() -> list[int]:
        return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if "numpy" in pool["filepath"]]

    before = counts()

    def work() -> None:
        with one_blas_thread() as limited:
            assert limited
            barrier.wait()

    barrier = threading.Barrier(3)
    others = [threading.Thread(target=work) for _ in range(3)]
    with one_blas_thread():
        assert set(counts()) <= {1}
        for other in others:
            other.start()
        for other in others:
            other.join()
        assert set(counts()) <= {1}
    assert counts() == before


@needs_minilm
def test_threadpoolctl_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = open_encoder("minilm", cache=False)
    with_it = encoder.sentences(CAPTIONS * 20)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    threads._controller.cache_clear()
    try:
        with one_blas_thread() as limited:
            assert not limited
        np.testing.assert_allclose(encoder.sentences(CAPTIONS * 20), with_it, atol=1e-6)
    finally:
        threads._controller.cache_clear()


def copied(folder: Path) -> Path:
    """A folder of links to the package's files."""
    folder.mkdir(parents=True)
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        (folder / name).symlink_to(package_folder() / name)
    return folder
