"""Any text encoder of Hugging Face, by folder or by its name in the hub's cache, through transformers and torch.

Nothing is downloaded: HF_HUB_OFFLINE or not, the files have to be there. Weights are read from safetensors alone.

The sentence vector is, in this order: the text embedding of CLIP (its projection of the end token); the state of the first token, where
the model's `1_Pooling` folder says so; else the mean of all token states. Always of unit length. Texts are cut at the model's own
limit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.language.encoders.base import Array, mean_pooled, normal_texts, unit_rows
from kinelang.language.encoders.files import hub_folder, hub_snapshot, package_folders, sha256_of

_BATCH = 64
_CONTENT = ("*.safetensors", "config.json", "sentence_bert_config.json", "1_Pooling/config.json")
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")
_CONTENT_OF_TOKENIZER = (*_VOCABULARIES, "tokenizer_config.json", "merges.txt", "special_tokens_map.json", "added_tokens.json")
_UNUSED = ("pooler.", "vision_model.", "decoder.")
"""Weights that no state of a token depends on."""
_CLIP = ("clip", "clip_text_model")
_UNLIMITED = 1 << 20
"""A `model_max_length` above this says nothing."""


class HuggingFace:
    """An encoder with its tokenizer.

    Args:
        name_or_path: a folder, or a name such as "distilbert/distilbert-base-uncased" in the hub's cache.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        KinelangError: the model is not there, has no safetensors, or is not a text encoder.
    """

    def __init__(self, name_or_path: str | Path) -> None:
        if package_folders("torch") is None or package_folders("transformers") is None:
            raise MissingExtraError.for_extra("torch or transformers", "models")
        self.folder = _folder(name_or_path)
        self.identity = f"{Path(name_or_path).absolute().name}@{_content_hash(self.folder)[:8]}"
        try:
            with _quiet():
                self._tokenizer, self._model = _opened(self.folder)
        except Exception as error:  # of whatever kind the libraries below have
            reason = next(iter(str(error).strip().splitlines()), repr(error))
            found = f"no text encoder that transformers can open ({reason})"
            raise KinelangError.of(str(self.folder), found, "a model of Hugging Face with its tokenizer") from error
        config = self._model.config
        self.width = int(config.hidden_size)
        self._longest = _longest(self.folder, config, self._tokenizer)
        self._pooling = _pooling(self.folder, config)
        if self._pooling == "clip" and config.projection_dim != self.width:
            found = f"a text embedding of {config.projection_dim} and token states of {self.width}"
            raise KinelangError.of(str(self.folder), found, "the same width for both")

    def tokens(self, texts: Sequence[str]) -> list[Array]:
        """The last hidden states of each text, (T_i, width) float32, special tokens included."""
        return [states for states, _ in self._encoded(texts)]

    def sentences(self, texts: Sequence[str]) -> Array:
        """One unit vector a text, (N, width) float32; see the module for which."""
        encoded = self._encoded(texts)
        if self._pooling == "mean" or not encoded:
            return mean_pooled([states for states, _ in encoded], self.width)
        return unit_rows(np.stack([states[0] if pooled is None else pooled for states, pooled in encoded]))

    def _encoded(self, texts: Sequence[str]) -> list[tuple[Array, Array | None]]:
        """States (T_i, width) and, of CLIP, the text embedding (width,), in batches of about equal length."""
        import torch

        normal = normal_texts(texts)
        if not normal:
            return []
        ids = self._tokenizer(normal, truncation=True, max_length=self._longest)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        made: list[Any] = [None] * len(ids)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            padded = self._tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt", padding_side="right")
            with torch.inference_mode():
                out = self._model(**padded.to(self._model.device))
            states = out.last_hidden_state.float().cpu().numpy()
            pooled = out.text_embeds.float().cpu().numpy() if self._pooling == "clip" else [None] * len(batch)
            for row, i in enumerate(batch):
                made[i] = (states[row, : len(ids[i])].copy(), pooled[row])
        return made


def _folder(name_or_path: str | Path) -> Path:
    """Where the model lies, with a config and safetensors in it."""
    given = Path(name_or_path)
    folder = given if given.is_dir() else hub_snapshot(str(name_or_path))
    if folder is None:
        found = f"no folder and no model of this name in {hub_folder()}"
        raise KinelangError.of(str(name_or_path), found, "an encoder that is there", f"fetch it with: hf download {name_or_path}")
    if not (folder / "config.json").is_file():
        raise KinelangError.of(str(folder), "no config.json", "the folder of a Hugging Face model")
    if not any(folder.glob("*.safetensors")):
        found = "no *.safetensors"
        raise KinelangError.of(str(folder), found, "weights as safetensors, for pickles are not loaded", "convert them")
    if not any(file.is_file() for pattern in _VOCABULARIES for file in folder.glob(pattern)):
        raise KinelangError.of(str(folder), f"none of {', '.join(_VOCABULARIES)}", "a model with its tokenizer")
    return folder


def _content_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of everything that a text's vectors depend on."""
    files = sorted({file for pattern in (*_CONTENT, *_CONTENT_OF_TOKENIZER) for file in folder.glob(pattern)})
    lines = [f"{file.relative_to(folder).as_posix()} {sha256_of(file)}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _opened(folder: Path) -> tuple[Any, Any]:
    """Tokenizer and model of a folder, ready to use. transformers would fill up missing weights at random."""
    import torch
    from transformers import AutoConfig, AutoModel, AutoTokenizer, CLIPTextModelWithProjection

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(folder, **local)
    tokenizer = AutoTokenizer.from_pretrained(folder, **local)
    if tokenizer.pad_token is None:
        raise ValueError("its tokenizer has no padding token")
    loader: Any = CLIPTextModelWithProjection if config.model_type in _CLIP else AutoModel
    model, loading = loader.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **local)
    missing = sorted(name for name in loading["missing_keys"] if not name.startswith(_UNUSED))
    if missing:
        raise ValueError(f"its weights lack {missing[0]}{f' and {len(missing) - 1} more' if missing[1:] else ''}")
    if getattr(model.config, "is_encoder_decoder", False):
        model = model.get_encoder()
    return tokenizer, model.eval().to("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without progress bars, and without lists of weights that are not needed (the vision half of CLIP)."""
    from transformers.utils import logging as its_logging

    logging: Any = its_logging  # without types of its own
    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()


def _longest(folder: Path, config: Any, tokenizer: Any) -> int:
    """Tokens of a text at most: the smallest of what sentence-transformers, the tokenizer and the position table say."""
    places = getattr(config, "max_position_embeddings", None) or _UNLIMITED
    if config.model_type in ("mpnet", "roberta", "xlm-roberta", "camembert"):
        places -= 2  # their positions are counted from the padding token's number on
    said = _json(folder / "sentence_bert_config.json").get("max_seq_length") or _UNLIMITED
    return int(min(said, places, tokenizer.model_max_length, _UNLIMITED))


def _pooling(folder: Path, config: Any) -> str:
    """ "clip", "first" or "mean"."""
    if config.model_type in _CLIP:
        return "clip"
    said = _json(folder / "1_Pooling" / "config.json")
    if not said or said.get("pooling_mode_mean_tokens") or said.get("pooling_mode") == "mean":
        return "mean"
    if said.get("pooling_mode_cls_token") or said.get("pooling_mode") == "cls":
        return "first"
    raise KinelangError.of(str(folder / "1_Pooling" / "config.json"), "another pooling", "the mean of the tokens, or the first")


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise KinelangError.of(str(file), f"no JSON ({error})") from error
    return said if isinstance(said, dict) else {}
