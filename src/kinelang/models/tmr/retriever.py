"""`Retriever`: text and motion as vectors of one space, compared by their cosine. NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from kinelang.errors import ModelError
from kinelang.language.encoders.base import unit_rows
from kinelang.models.base import Run, check_tensors, read_run
from kinelang.models.configuring import from_dict
from kinelang.models.tmr.config import TMRConfig, tensor_shapes
from kinelang.models.tmr.inference import EncoderTwin
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features import HUMANML3D
from kinelang.motion.motion import Motion

if TYPE_CHECKING:
    from kinelang.language.encoders import TextEncoder

SHIPPED = "default"
"""Folder, beside this file, of the model that comes with the package."""
MIN_FRAMES = 10
"""Frames (0.5 s at 20 fps) below which a clip is lengthened by holding its last pose: training shows none of under 2 s."""
TEXTS_AT_ONCE = 512


class Retriever:
    """A trained model.

    Clips longer than the model was trained on (`longest`, 10 s unless it says otherwise) are encoded in windows of that length, each
    beginning half a window after the last, and the unit mean of their vectors stands for the clip: a query is to find what happens
    anywhere in it. (TMR leaves such clips out of training and encodes them whole.) For the moment in a long clip see `kinelang.search`.

    Attributes:
        identity: name and content hash; vectors of two identities are never compared.
        width: length d of a vector.
        longest: frames of a window.
        config: how it was made.
    """

    def __init__(self, run: Run, encoder: TextEncoder | None = None) -> None:
        if run.model != "tmr":
            raise ModelError.of(run.where, f"a model of kind '{run.model}'", "one of kind 'tmr'")
        self.config = from_dict(TMRConfig, run.config, f"{run.where}, config.json")
        network = self.config.network
        expected = tensor_shapes(network, decoder=network.decoder and any(n.startswith("motion_decoder.") for n in run.weights))
        check_tensors(run.weights, expected, run.where)
        self.identity, self.width, self.longest = run.identity, network.latent, self.config.data.max_frames
        self.metrics = run.metrics
        self._statistics = Statistics.from_arrays(run.statistics, self.config.features, f"{run.where}, stats.safetensors")
        self._motion_twin = EncoderTwin(run.weights, "motion_encoder", network)
        self._text_twin = EncoderTwin(run.weights, "text_encoder", network)
        self._encoder = None if encoder is None else self._checked(encoder)

    @classmethod
    def load(cls, folder: Path | None = None, encoder: TextEncoder | None = None) -> Retriever:
        """Load a model.

        Args:
            folder: a run folder; None: the model that comes with kinelang.
            encoder: the text encoder, if it is open already; it has to be the one the model was trained with.

        Raises:
            ModelError: no such folder, files that do not belong together, another text encoder.
            MissingExtraError: safetensors is not installed.
        """
        if folder is None:
            folder = Path(str(files(__package__))) / SHIPPED
            if not folder.is_dir():
                remedy = "train one: kinelang train tmr --corpus synthetic:20000 --out RUN"
                raise ModelError.of("models/tmr", "no model that comes with this version", "a run folder", remedy)
        return cls(read_run(Path(folder), "tmr"), encoder)

    @property
    def encoder(self) -> TextEncoder:
        """The text encoder, opened when it is first needed. Raises ModelError if it is not the one the model was trained with."""
        if self._encoder is None:
            from kinelang.language.encoders import open_encoder

            self._encoder = self._checked(open_encoder(self.config.text_encoder))
        return self._encoder

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """Texts as vectors: (N, d) float32, unit length.

        Raises KinelangError for a text that is empty or no text, and as `encoder` does.
        """
        if isinstance(texts, str):
            raise ModelError.of("texts", "a single string", "a sequence of strings", "put it into a list, or use encode")
        parts = [texts[start : start + TEXTS_AT_ONCE] for start in range(0, len(texts), TEXTS_AT_ONCE)]
        found = [self._text_twin(self.encoder.tokens(part)) for part in parts]
        return unit_rows(np.concatenate([np.zeros((0, self.width), np.float32), *found]))

    def encode_motions(self, motions: Sequence[Motion]) -> Array:
        """Motions, on any skeleton and at any frame rate, as vectors: (N, d) float32, unit length.

        Raises SkeletonError for what is no human figure, MotionError for a motion of a single frame.
        """
        from kinelang.corpora.base import features_of, standard

        return self.encode_features([features_of(standard(motion)) for motion in motions])

    def encode_features(self, features: Sequence[Array]) -> Array:
        """HumanML3D's raw features, each (T_i, 263) at 20 fps, as vectors: (N, d) float32, unit length.

        Raises ModelError for another shape, no frame, or values that are not finite.
        """
        windows: list[Array] = []
        owners: list[int] = []
        for i, clip in enumerate(features):
            pieces = self._windows(self._checked_features(clip, i))
            windows += pieces
            owners += [i] * len(pieces)
        if not windows:
            return np.zeros((0, self.width), np.float32)
        vectors = unit_rows(self._motion_twin(windows))
        sums = np.zeros((len(features), self.width), np.float32)
        np.add.at(sums, owners, vectors)
        return unit_rows(sums)

    def encode(self, what: str | Motion | Sequence[str] | Sequence[Motion]) -> Array:
        """A text, a motion, or several of one kind: (d,) for one, (N, d) for several. Errors as for the other methods."""
        if isinstance(what, str):
            return cast("Array", self.encode_texts([what])[0])
        if isinstance(what, Motion):
            return cast("Array", self.encode_motions([what])[0])
        kinds = {str if isinstance(item, str) else Motion if isinstance(item, Motion) else type(item) for item in what}
        if kinds <= {str}:
            return self.encode_texts(cast("Sequence[str]", what))
        if kinds == {Motion}:
            return self.encode_motions(cast("Sequence[Motion]", what))
        found = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ModelError.of("encode", f"a sequence of {found}", "texts, or motions", "load files with kinelang.load")

    def similarity(self, texts: str | Sequence[str], motions: Motion | Sequence[Motion]) -> Array:
        """Cosines of texts with motions, (N, M) float32, -1 to 1. One text or motion counts as a sequence of one."""
        rows = self.encode_texts([texts] if isinstance(texts, str) else texts)
        return np.asarray(rows @ self.encode_motions([motions] if isinstance(motions, Motion) else motions).T)

    def _checked(self, encoder: TextEncoder) -> TextEncoder:
        wanted = self.config.text_identity
        if encoder.identity != wanted or encoder.width != self.config.network.text_width:
            found = f"the text encoder {encoder.identity} of width {encoder.width}"
            expected = f"{wanted} of width {self.config.network.text_width}, with which it was trained"
            raise ModelError.of(f"model {self.identity}", found, expected, "open that one, or train a model with this one")
        return encoder

    def _checked_features(self, clip: Array, i: int) -> Array:
        clip = np.asarray(clip)
        if clip.ndim != 2 or clip.shape[1] != self.config.features or not len(clip) or clip.dtype.kind not in "fiu":
            raise ModelError.of(f"features of clip {i}", describe_shape(clip), f"(T, {self.config.features}) numbers with T at least 1")
        if not np.isfinite(clip).all():
            raise ModelError.of(f"features of clip {i}", "values that are not finite", "finite numbers")
        return lengthened(clip, MIN_FRAMES)

    def _windows(self, clip: Array) -> list[Array]:
        return [self._statistics.tokens(clip[start:stop], self.config.data.stack) for start, stop in spans(len(clip), self.longest)]


def spans(n_frames: int, longest: int) -> list[tuple[int, int]]:
    """First frame and the one after the last of each window: half overlapping, the last one ending with the clip."""
    if n_frames <= longest:
        return [(0, n_frames)]
    starts = [*range(0, n_frames - longest, max(longest // 2, 1)), n_frames - longest]
    return [(start, start + longest) for start in starts]


def lengthened(clip: Array, least: int) -> Array:
    """Features (T, 263) of at least so many frames: the last pose is held, nothing moves in what is added."""
    if len(clip) >= least:
        return clip
    still = clip[-1:].copy()
    for block in ("yaw_rate", "root_velocity", "velocities"):
        still[:, HUMANML3D.blocks[block]] = 0
    return np.concatenate([clip, np.repeat(still, least - len(clip), axis=0)])
