"""BERTScore F1 (Zhang et al., ICLR 2020) with a model that the user has: a folder, or a name in the hub's cache. Nothing is downloaded.

As bert-score 0.3.13 (github.com/Tiiiger/bert_score) computes it: each token's state finds the most similar one of the other text, the
tokens weigh as rare as they are in the references (idf), special tokens nothing unless idf is off; of several references the best F1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import KinelangError, MissingExtraError
from kinelang.metrics.arrays import Array

LAYERS: Mapping[str, int] = {"roberta-large": 17, "roberta-base": 10, "bert-base-uncased": 9, "bert-large-uncased": 18}
"""The layer that agrees best with people (appendix B of the paper); of another model the last is taken."""
_CLIPS_AT_A_TIME = 64


@dataclass(frozen=True)
class BertModel:
    """Which model, and how it is used.

    Attributes:
        name_or_path: folder with config, safetensors and tokenizer, or a name in the hub's cache.
        layer: whose states are compared, from 1; None: as in `LAYERS`, else the last.
        idf: whether rare tokens weigh more.
        baseline: F1 of unrelated sentences, by which the score is rescaled to (F1 - b) / (1 - b); None: not rescaled. Published tables
            with roberta-large use 0.83122575.
    """

    name_or_path: str | Path
    layer: int | None = None
    idf: bool = True
    baseline: float | None = None

    def about(self) -> str:
        """What was used, for the result."""
        layer = "last layer" if (chosen := self._layer()) is None else f"layer {chosen}"
        rescaled = "not rescaled" if self.baseline is None else f"rescaled by {self.baseline:g}"
        return f"{Path(self.name_or_path).name}, {layer}, {'idf' if self.idf else 'no idf'}, {rescaled}"

    def _layer(self) -> int | None:
        return self.layer or LAYERS.get(Path(self.name_or_path).name)

    def score(self, candidates: Sequence[str], references: Sequence[Sequence[str]]) -> Array:
        """F1 of each clip, (N,) float64; 0 for a candidate without words.

        Raises:
            MissingExtraError: torch or transformers is not installed.
            KinelangError: the model is not there, or has no such layer.
        """
        encoder = _Encoder(self)
        every = [text for several in references for text in several]
        weights = encoder.idf(every) if self.idf else None
        out = np.zeros(len(candidates))
        for start in range(0, len(candidates), _CLIPS_AT_A_TIME):
            rows = range(start, min(start + _CLIPS_AT_A_TIME, len(candidates)))
            encoder.remember({text for i in rows for text in (candidates[i], *references[i])})
            for i in rows:
                out[i] = max(encoder.f1(candidates[i], text, weights) for text in references[i])
        return out if self.baseline is None else (out - self.baseline) / (1 - self.baseline)


class _Encoder:
    """Tokens and unit states of the texts at hand."""

    def __init__(self, model: BertModel) -> None:
        self._tokenizer, self._model = _opened(model.name_or_path)
        n_layers = int(self._model.config.num_hidden_layers)
        self._layer = model._layer() or n_layers
        if not 1 <= self._layer <= n_layers:
            raise KinelangError.of(str(model.name_or_path), f"layer {self._layer}", f"a layer from 1 to {n_layers}")
        self._longest = int(min(self._tokenizer.model_max_length, getattr(self._model.config, "max_position_embeddings", 512)))
        self._special = {self._tokenizer.cls_token_id, self._tokenizer.sep_token_id}
        self._known: dict[str, tuple[list[int], Array]] = {}

    def ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text.strip(), truncation=True, max_length=self._longest)["input_ids"])

    def idf(self, texts: Sequence[str]) -> tuple[dict[int, float], float]:
        """(Weight of each token, weight of one that no text has)."""
        count = Counter(token for text in texts for token in set(self.ids(text)))
        return {token: math.log((len(texts) + 1) / (n + 1)) for token, n in count.items()}, math.log(len(texts) + 1)

    def remember(self, texts: set[str]) -> None:
        """Encode these texts and forget others."""
        import torch

        order = sorted(texts, key=lambda text: (len(text), text))
        ids = [self.ids(text) for text in order]
        self._known = {}
        for start in range(0, len(order), 64):
            padded = self._tokenizer.pad({"input_ids": ids[start : start + 64]}, return_tensors="pt", padding_side="right")
            with torch.inference_mode():
                states = self._model(**padded.to(self._model.device), output_hidden_states=True).hidden_states[self._layer]
            for row, text in enumerate(order[start : start + 64]):
                own = states[row, : len(ids[start + row])].float().cpu().numpy().astype(np.float64)
                self._known[text] = (ids[start + row], own / np.linalg.norm(own, axis=1, keepdims=True))

    def f1(self, candidate: str, reference: str, idf: tuple[dict[int, float], float] | None) -> float:
        (a_ids, a), (b_ids, b) = self._known[candidate], self._known[reference]
        if not set(a_ids) - self._special or not set(b_ids) - self._special:
            return 0.0
        cosines = a @ b.T
        precision = _mean(cosines.max(axis=1), self._weights(a_ids, idf))
        recall = _mean(cosines.max(axis=0), self._weights(b_ids, idf))
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def _weights(self, ids: list[int], idf: tuple[dict[int, float], float] | None) -> Array:
        if idf is None:
            return np.array([0.0 if token in self._special else 1.0 for token in ids])
        known, unseen = idf
        return np.array([known.get(token, unseen) for token in ids])


def _mean(values: Array, weights: Array) -> float:
    total = float(weights.sum())
    return float(values @ weights) / total if total else 0.0


def _opened(name_or_path: str | Path) -> tuple[Any, Any]:
    """Tokenizer and model."""
    try:
        import torch
        from transformers import AutoConfig, AutoModel, AutoTokenizer
    except ImportError as error:
        raise MissingExtraError.for_extra("torch or transformers", "models") from error
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet():
            spaced = {"add_prefix_space": True} if AutoConfig.from_pretrained(name_or_path, **local).model_type == "roberta" else {}
            tokenizer = AutoTokenizer.from_pretrained(name_or_path, **spaced, **local)
            model = AutoModel.from_pretrained(name_or_path, use_safetensors=True, dtype=torch.float32, **local)
    except Exception as error:  # of whatever kind the libraries below have
        reason = next(iter(str(error).strip().splitlines()), repr(error))
        found = f"no model that transformers can open ({reason})"
        raise KinelangError.of(str(name_or_path), found, "a model with its tokenizer") from error
    encoder = model.get_encoder() if getattr(model.config, "is_encoder_decoder", False) else model
    return tokenizer, encoder.eval().to("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without progress bars and without lists of unused weights."""
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
