"""Encoders through transformers: which states, which sentence vector, which identity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from encoder_samples import TEXTS, build_model

from kinelang.errors import KinelangError
from kinelang.language.encoders import open_encoder

KINDS = ("bert", "distilbert", "mpnet", "clip", "t5")
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINELANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {kind: build_model(kind, tmp_path_factory.mktemp("models") / f"tiny-{kind}") for kind in KINDS}


def reference(folder: Path, kind: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    """States and sentence vector of one text, straight from transformers."""
    import torch
    import transformers as tf

    loaders: dict[str, Any] = {"clip": tf.CLIPModel, "t5": tf.T5EncoderModel}
    model = loaders.get(kind, tf.AutoModel).from_pretrained(folder).eval()
    ids = tf.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt", truncation=True, max_length=20 if kind == "clip" else 64)
    with torch.inference_mode():
        if kind == "clip":
            states = model.text_model(**ids).last_hidden_state
            sentence = model.text_projection(states[:, int((ids["input_ids"] == model.config.text_config.eos_token_id).int().argmax())])
        else:
            states = model(**ids).last_hidden_state
            sentence = states.mean(dim=1)
    return states[0].numpy(), torch.nn.functional.normalize(sentence)[0].numpy()


@every_kind
def test_states_and_sentences_are_those_of_transformers(kind: str, models: dict[str, Path]) -> None:
    encoder = open_encoder(models[kind], cache=False)
    states, sentences = encoder.tokens(TEXTS), encoder.sentences(TEXTS)
    for i, text in enumerate(TEXTS):
        expected_states, expected_sentence = reference(models[kind], kind, text)
        np.testing.assert_allclose(states[i], expected_states, atol=1e-4)
        np.testing.assert_allclose(sentences[i], expected_sentence, atol=1e-5)


@every_kind
def test_other_weights_are_another_encoder(kind: str, models: dict[str, Path], tmp_path: Path) -> None:
    same = build_model(kind, tmp_path / "same" / models[kind].name)
    other = build_model(kind, tmp_path / "other" / models[kind].name, seed=1)
    identities = [open_encoder(folder, cache=False).identity for folder in (models[kind], same, other)]
    assert identities[0].startswith(f"tiny-{kind}@")
    assert identities[0] == identities[1] != identities[2]


def test_another_tokenizer_is_another_encoder(models: dict[str, Path], tmp_path: Path) -> None:
    folder = build_model("bert", tmp_path / "tiny-bert")
    said = json.loads((folder / "tokenizer.json").read_text())
    said["model"]["vocab"]["bows"] = said["model"]["vocab"].pop("sits")
    (folder / "tokenizer.json").write_text(json.dumps(said))
    assert open_encoder(folder, cache=False).identity != open_encoder(models["bert"], cache=False).identity


@pytest.mark.parametrize(("kind", "longest"), [("bert", 64), ("distilbert", 64), ("mpnet", 64), ("clip", 20)])
def test_texts_are_cut_where_the_model_ends(kind: str, longest: int, models: dict[str, Path]) -> None:
    (states,) = open_encoder(models[kind], cache=False).tokens(["walk " * 500])
    assert len(states) == longest


def test_the_limit_of_sentence_transformers_counts(tmp_path: Path) -> None:
    folder = build_model("bert", tmp_path / "model")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 16}')
    (states,) = open_encoder(folder, cache=False).tokens(["walk " * 500])
    assert len(states) == 16


def test_pooling_is_what_the_model_says(tmp_path: Path) -> None:
    folder = build_model("bert", tmp_path / "model")
    pooling = folder / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    mean = open_encoder(folder, cache=False)
    pooling.write_text('{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}')
    first = open_encoder(folder, cache=False)
    assert first.identity != mean.identity
    states = first.tokens(TEXTS)
    np.testing.assert_allclose(first.sentences(TEXTS), [s[0] / np.linalg.norm(s[0]) for s in states], atol=1e-5)
    assert not np.allclose(first.sentences(TEXTS), mean.sentences(TEXTS), atol=1e-2)
    pooling.write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(KinelangError, match="found another pooling"):
        open_encoder(folder)


def test_clip_of_two_widths_is_refused(models: dict[str, Path], tmp_path: Path) -> None:
    import transformers as tf

    folder = build_model("clip", tmp_path / "model")
    config = tf.CLIPTextConfig(**{**tf.CLIPModel.from_pretrained(folder).config.text_config.to_dict(), "projection_dim": 16})
    tf.CLIPTextModelWithProjection(config).save_pretrained(folder)
    with pytest.raises(KinelangError, match="a text embedding of 16 and token states of 32; expected the same width"):
        open_encoder(folder)


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("config.json", "found no config.json"),
        ("model.safetensors", "pickles are not loaded"),
        ("tokenizer.json", "expected a model with its tokenizer"),
    ],
)
def test_what_is_missing_is_said(gone: str, message: str, tmp_path: Path) -> None:
    folder = build_model("bert", tmp_path / "model")
    (folder / gone).unlink()
    with pytest.raises(KinelangError, match=message):
        open_encoder(folder)


@every_kind
def test_missing_weights_are_not_made_up(kind: str, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    file = build_model(kind, tmp_path / "model") / "model.safetensors"
    weights = load_file(file)
    gone = [
        name for name in weights if name.endswith(("norm.weight", "LayerNorm.weight")) and not name.startswith(("vision", "decoder"))
    ]
    save_file({name: weight for name, weight in weights.items() if name != gone[0]}, file, metadata={"format": "pt"})
    with pytest.raises(KinelangError, match="its weights lack"):
        open_encoder(file.parent)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_damaged_files_are_an_error_of_one_line(file: str, tmp_path: Path) -> None:
    folder = build_model("bert", tmp_path / "model")
    (folder / file).write_bytes(b"{broken")
    with pytest.raises(KinelangError) as caught:
        open_encoder(folder)
    assert "\n" not in str(caught.value)
