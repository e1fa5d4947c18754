"""`Evaluator`: captions and motions as vectors whose Euclidean distance says how well they belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import ModelError
from kinelang.metrics.motion_text import distances
from kinelang.models.base import Run, check_tensors, read_run, write_run
from kinelang.models.configuring import from_dict, to_dict
from kinelang.models.evaluator.config import STRIDE, EvaluatorConfig
from kinelang.models.evaluator.network import EvaluatorNetwork
from kinelang.models.evaluator.words import TAGGERS, EncoderVectors, HashedVectors, WordVectors, sentences
from kinelang.models.tmr.statistics import Statistics
from kinelang.models.with_torch import torch
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.motion import Motion

KIND = "evaluator"
SHIPPED = "default"
"""Folder, beside this file, of the model that comes with the package."""
_AT_ONCE = 64


class Evaluator:
    """A trained evaluator. Its figures compare with those of no other: word vectors, tags and training data are ours.

    Its vectors are what the metrics of generated motion are computed from, compared by Euclidean distance and not of unit length:

        model = Evaluator.load()
        found = Embeddings(texts=model.encode_texts(captions), motions=model.encode_features(made), real=model.encode_features(real))
        {name: metric.over(found) for name, metric in METRICS.items() if name != "MultiModality"}  # kinelang.metrics.motion_text

    A clip is encoded whole, however long; training shows it 2 to 9.8 s. How well the model that ships does, and what it cannot do (it
    does not tell left from right), is in the card of its folder.

    Attributes:
        identity: name and content hash; figures are to name it.
        width: of its vectors: 512 in the published size, 128 in the small one, of which the model that ships is.
        config: how it was made.
    """

    def __init__(self, run: Run, vectors: WordVectors | None = None) -> None:
        if run.model != KIND:
            raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind '{KIND}'")
        self.config = from_dict(EvaluatorConfig, run.config, f"{run.where}, config.json")
        self.identity, self.width, self.metrics = run.identity, self.config.network.joint, run.metrics
        self._network = EvaluatorNetwork(self.config.network)
        state = self._network.state_dict()
        check_tensors(run.weights, {name: tuple(tensor.shape) for name, tensor in state.items()}, run.where)
        self._network.load_state_dict({name: torch.as_tensor(array) for name, array in run.weights.items()})
        self._network.eval()
        self._statistics = Statistics.from_arrays(run.statistics, self.config.network.motion_width, f"{run.where}, stats.safetensors")
        self._vectors = None if vectors is None else checked_vectors(self.config, vectors)

    @classmethod
    def load(cls, folder: Path | None = None, vectors: WordVectors | None = None) -> Evaluator:
        """Load a model.

        Args:
            folder: what `save` or training wrote; None: the model that comes with kinelang.
            vectors: the word vectors, if they are at hand already; they have to be those it was trained with.

        Raises:
            ModelError: no such folder, files that do not belong together, other word vectors.
            MissingExtraError: torch or safetensors is not installed.
        """
        if folder is None:
            folder = Path(str(files(__package__))) / SHIPPED
            if not folder.is_dir():
                remedy = "train one: kinelang train evaluator --corpus synthetic:20000 --out RUN"
                raise ModelError.of("models/evaluator", "no model that comes with this version", "a run folder", remedy)
        return cls(read_run(Path(folder), KIND), vectors)

    @property
    def vectors(self) -> WordVectors:
        """The word vectors, opened when first needed. Raises ModelError if they are not those the model was trained with."""
        if self._vectors is None:
            self._vectors = checked_vectors(self.config, open_vectors(self.config))
        return self._vectors

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """Captions as vectors, (N, width) float32.

        Raises ModelError for a single string, and MissingExtraError where the tagger is not installed.
        """
        if isinstance(texts, str):
            raise ModelError.of("texts", "a single string", "a sequence of strings", "put it into a list")
        return self.encode_tagged([TAGGERS[self.config.tagger](text) for text in texts])

    def encode_tagged(self, tagged_texts: Sequence[str]) -> Array:
        """Captions that are tagged already, `word/POS word/POS ...`, as vectors, (N, width) float32."""
        out = np.zeros((len(tagged_texts), self.width), np.float32)
        for at in _by_length([len(text.split()) for text in tagged_texts]):
            read = sentences([tagged_texts[i] for i in at], self.vectors, self.config.most_words)
            with torch.inference_mode():
                found = self._network.encode_texts(*(torch.as_tensor(a) for a in (read.words, read.parts, read.lengths)))
            out[at] = found.numpy()
        return out

    def encode_features(self, features: Sequence[Array]) -> Array:
        """Raw features, each (T_i, D) with 4 frames or more, as vectors, (N, width) float32.

        Frames after the last multiple of 4 are not seen. Raises ModelError for another shape, too few frames, or values that are not
        finite.
        """
        clips = [self._statistics(self._checked(clip, i)) for i, clip in enumerate(features)]
        out = np.zeros((len(clips), self.width), np.float32)
        for at in _by_length([len(clip) for clip in clips]):
            frames, lengths = padded([clips[i] for i in at])
            with torch.inference_mode():
                out[at] = self._network.encode_motions(torch.as_tensor(frames), torch.as_tensor(lengths)).numpy()
        return out

    def encode_motions(self, motions: Sequence[Motion]) -> Array:
        """Motions as vectors, (N, width) float32. Errors as for `encode_features`; SkeletonError for what is no human figure."""
        from kinelang.corpora.base import features_of, standard

        return self.encode_features([features_of(standard(motion)) for motion in motions])

    def similarity(self, texts: Sequence[str], motions: Sequence[Motion]) -> Array:
        """Minus the Euclidean distances of captions from motions, (N, M) float32: higher is nearer."""
        rows, columns = (vectors.astype(np.float64) for vectors in (self.encode_texts(texts), self.encode_motions(motions)))
        return np.asarray(-distances(rows, columns), dtype=np.float32)

    def _checked(self, clip: Array, i: int) -> Array:
        clip, width = np.asarray(clip), self.config.network.motion_width
        if clip.ndim != 2 or clip.shape[1] != width or len(clip) < STRIDE or clip.dtype.kind not in "fiu":
            raise ModelError.of(f"features of clip {i}", describe_shape(clip), f"(T, {width}) numbers with T at least {STRIDE}")
        if not np.isfinite(clip).all():
            raise ModelError.of(f"features of clip {i}", "values that are not finite", "finite numbers")
        return clip


def save(
    folder: Path,
    config: EvaluatorConfig,
    network: EvaluatorNetwork,
    statistics: Statistics,
    vectors: WordVectors,
    metrics: Mapping[str, Any] | None = None,
    card: str | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a trained network as a run folder, with the identity of its word vectors. `half`: weights as float16.

    Raises:
        ModelError: word vectors of another width than the network's, or weights that are not finite.
        FormatError, MissingExtraError: as `write_run`.
    """
    known = checked_vectors(replace(config, word_identity=vectors.identity), vectors)
    weights = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    kept = to_dict(replace(config, word_identity=known.identity))
    write_run(Path(folder), KIND, kept, weights, statistics.arrays(), metrics, card, half=half)


def open_vectors(config: EvaluatorConfig) -> WordVectors:
    """The word vectors that a configuration names."""
    if config.word_vectors == "hashed":
        return HashedVectors(config.network.word_width)
    from kinelang.language.encoders import open_encoder

    return EncoderVectors(open_encoder(config.text_encoder))


def checked_vectors(config: EvaluatorConfig, vectors: WordVectors) -> WordVectors:
    """The vectors, if they are those of the configuration; ModelError otherwise."""
    if (vectors.identity, vectors.width) != (config.word_identity, config.network.word_width):
        found, wanted = f"{vectors.identity}, {vectors.width} wide", f"{config.word_identity}, {config.network.word_width} wide"
        raise ModelError.of("word vectors", found, wanted, "give those the model was trained with")
    return vectors


def padded(clips: Sequence[Array]) -> tuple[Array, Array]:
    """Clips (T_i, D) as one array (B, T, D) float32 with zeros behind, and their lengths (B,) int64."""
    lengths = np.array([len(clip) for clip in clips])
    frames = np.zeros((len(clips), int(lengths.max()), clips[0].shape[1]), np.float32)
    for row, clip in zip(frames, clips, strict=True):
        row[: len(clip)] = clip
    return frames, lengths


def _by_length(lengths: Sequence[int]) -> Iterator[Array]:
    """Indices in batches of like lengths."""
    order = np.argsort(lengths, kind="stable")
    yield from (order[i : i + _AT_ONCE] for i in range(0, len(order), _AT_ONCE))
