"""`Captioner`: what a motion shows in words, and for every word when and with which body part. NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import Run, check_tensors, export_run, read_run, write_run
from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.inference import Decoder, Looks, tensor_shapes, twin_of
from kinelang.models.captioner.parts import PARTS, channels, n_channels, seconds_seen, with_context
from kinelang.models.captioner.vocabulary import EOS, PAD, SOS, Vocabulary, text_of
from kinelang.models.configuring import from_dict, to_dict
from kinelang.models.decoding import Rules, Sentence, beam_search, greedy
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features import LAYOUTS, decode
from kinelang.motion.motion import Motion

KIND = "captioner"
SHIPPED = "default"
"""Folder, beside this file, of the model that comes with the package."""
MIN_FRAMES = 10
"""Frames (half a second) below which the last pose is held."""
_AT_ONCE = 32
HALF = math.sqrt(2 * math.log(2))
"""Deviations from its mean at which a Gaussian is a half."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """A word and its evidence.

    Attributes:
        text: the word.
        log_probability: of the word after those before it.
        gate: beta: 1 said from the motion, 0 from the language before it.
        mean_s, deviation_s: seconds, of the Gaussian over time.
        clip_s: (start, end) of the clip, or of the window of it, that was looked at.
        seconds: (T,) when its frames are.
        window: (T,) the Gaussian, 1 at its peak.
        alpha: (T, 6) share of each of `PARTS` in a frame's attention.
    """

    text: str
    log_probability: float
    gate: float
    mean_s: float
    deviation_s: float
    clip_s: tuple[float, float]
    seconds: Array
    window: Array
    alpha: Array

    @cached_property
    def map(self) -> Array:
        """The paper's spatio-temporal map: (T, 6), parts times window."""
        return np.asarray(self.alpha * self.window[:, None])

    @cached_property
    def parts(self) -> Mapping[str, float]:
        """The share of each body part, over the window."""
        shares = self.map.sum(axis=0) / max(float(self.map.sum()), 1e-9)
        return dict(zip(PARTS, map(float, shares), strict=True))

    @property
    def part(self) -> str:
        """The body part looked at most."""
        return max(self.parts, key=lambda name: self.parts[name])

    def span_s(self, over: float = 0.5) -> tuple[float, float]:
        """From when to when the window is over so much, in seconds, within the clip."""
        reach = self.deviation_s * math.sqrt(-2 * math.log(over))
        start, end = self.clip_s
        return min(max(self.mean_s - reach, start), end), max(min(self.mean_s + reach, end), start)


@dataclass(frozen=True, eq=False)
class Captioned:
    """A caption with its evidence.

    Attributes:
        text: the caption.
        words: its words.
        log_probability: of all words and ends.
        score: by which captions of one clip are compared; of a stitched one the mean of its windows'.
        windows: (start, end) in seconds of what was captioned by itself: the clip, or windows of a long one.
        notes: what was done to the clip, one plain sentence each.
    """

    text: str
    words: tuple[Spoken, ...]
    log_probability: float
    score: float
    windows: tuple[tuple[float, float], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Piece:
    """A window of a clip: which clip, from which frame on, rows with context, frames."""

    clip: int
    first: int
    rows: Array
    n_frames: int


class Captioner:
    """A trained model.

    Clips longer than the model was trained on (`config.data.max_frames`, 10 s unless it says otherwise) are cut into equal windows that
    are captioned by themselves and told one after the other; of windows in a row with the same words one is told. Clips of less than
    half a second are held in their last pose. `Captioned.notes` says so.

    Attributes:
        identity: name and content hash.
        config: how it was made.
        vocabulary: the words it can say.
    """

    def __init__(self, run: Run, vocabulary: Vocabulary) -> None:
        if run.model != KIND:
            raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind '{KIND}'")
        self.config = from_dict(CaptionerConfig, run.config, f"{run.where}, config.json")
        if (vocabulary.identity, len(vocabulary)) != (self.config.vocabulary, self.config.network.words):
            found = f"a vocabulary of {len(vocabulary)} words, hash {vocabulary.identity}"
            expected = f"the one of {self.config.network.words} words, hash {self.config.vocabulary or 'none'}, it was trained with"
            raise ModelError.of(run.where, found, expected, "copy vocabulary.json from the same run folder")
        check_tensors(run.weights, tensor_shapes(self.config), run.where)
        self.identity, self.metrics, self.vocabulary = run.identity, run.metrics, vocabulary
        self._statistics = Statistics.from_arrays(run.statistics, n_channels(self.config.data), f"{run.where}, stats.safetensors")
        self._twin = twin_of(run.weights, self.config)

    @classmethod
    def load(cls, folder: Path | None = None) -> Captioner:
        """Load a model.

        Args:
            folder: a run folder; None: the model that comes with kinelang.

        Raises:
            ModelError: no such folder, or files that do not belong together, the vocabulary among them.
            MissingExtraError: safetensors is not installed.
        """
        if folder is None:
            folder = Path(str(files(__package__))) / SHIPPED
            if not folder.is_dir():
                remedy = "train one: kinelang train captioner --corpus synthetic:20000 --out RUN"
                raise ModelError.of("models/captioner", "no model that comes with this version", "a run folder", remedy)
        return cls(read_run(Path(folder), KIND), Vocabulary.load(Path(folder)))

    @property
    def rules(self) -> Rules:
        """What its captions may be: at most as long as those of its training."""
        return Rules(SOS, EOS, max_words=self.config.data.max_words)

    def caption(
        self, clips: Sequence[Motion | Array] | Motion, *, beam: int = 2, n: int = 1, rules: Rules | None = None
    ) -> list[list[Captioned]]:
        """Captions of clips.

        Args:
            clips: motions on any human skeleton and at any frame rate, or raw features (T_i, D) as `corpora.features_of` gives them;
                one motion counts as a sequence of one.
            beam: captions followed at a time; 1: the likeliest word every time.
            n: captions of each clip, at most `beam`.
            rules: of captions; None: `self.rules`.

        Returns:
            Of each clip up to n captions, best first.

        Raises:
            SkeletonError: no human figure.
            ModelError: features of another width or with values that are not finite; a beam of no width.
        """
        rules = self.rules if rules is None else rules
        given = [clips] if isinstance(clips, Motion) else list(clips)
        features = [self._features(clip, i) for i, clip in enumerate(given)]
        pieces = [piece for i, clip in enumerate(features) for piece in self._pieces(clip, i)]
        found: list[list[Captioned]] = [[] for _ in pieces]
        for at in _by_length([len(piece.rows) for piece in pieces]):
            memory = self._twin.remember([pieces[i].rows for i in at])
            step = Decoder(self._twin, memory)
            sentences = [[s] for s in greedy(step, rules)] if (beam, n) == (1, 1) else beam_search(step, rules, beam, n)
            looks = self._twin.looks(memory, _as_words(sentences))
            for row, i in enumerate(at):
                found[i] = [self._captioned(pieces[i], s, looks, row, k) for k, s in enumerate(sentences[row])]
        return [self._stitched([found[j] for j, p in enumerate(pieces) if p.clip == i], clip) for i, clip in enumerate(features)]

    def explain(self, clips: Sequence[Motion | Array], captions: Sequence[str]) -> list[Captioned]:
        """Given captions, one a clip, with the evidence and the probability that the model gives them. Clips are not cut into windows.

        Words that are not in the vocabulary are heard as <unk>. Errors as for `caption`, and ModelError for other numbers of both.
        """
        if len(clips) != len(captions):
            raise ModelError.of("explain", f"{len(captions)} captions", f"one for each of {len(clips)} clips")
        pieces = [self._piece(self._features(clip, i), i, 0) for i, clip in enumerate(clips)]
        given = [tuple(self.vocabulary.encode(caption)[1:-1].tolist()) for caption in captions]
        made: list[Captioned] = [Captioned("", (), 0.0, 0.0, ())] * len(pieces)
        for at in _by_length([len(piece.rows) for piece in pieces]):
            memory = self._twin.remember([pieces[i].rows for i in at])
            looks = self._twin.looks(memory, _as_words([[Sentence(given[i], 0.0, 0.0)] for i in at]))
            for row, i in enumerate(at):
                total = float(looks.log_probability[row, 0, : len(given[i]) + 1].sum())
                sentence = Sentence(given[i], total, float(self.rules.score(np.asarray(total), len(given[i]))))
                made[i] = self._captioned(pieces[i], sentence, looks, row, 0)
        return made

    # --- clips

    def _features(self, clip: Motion | Array, i: int) -> Array:
        """Raw features of a clip, checked."""
        layout = LAYOUTS[self.config.data.skeleton]
        if isinstance(clip, Motion):
            if self.config.data.skeleton != "humanml3d":
                raise ModelError.of(
                    f"clip {i}", "a motion", "features: this model was trained on KIT's", "encode it with motion.features"
                )
            from kinelang.corpora.base import features_of, standard

            return features_of(standard(clip))
        clip = np.asarray(clip)
        if clip.ndim != 2 or clip.shape[1] != layout.width or not len(clip) or clip.dtype.kind not in "fiu":
            raise ModelError.of(f"features of clip {i}", describe_shape(clip), f"(T, {layout.width}) numbers with T at least 1")
        if not np.isfinite(clip).all():
            raise ModelError.of(f"features of clip {i}", "values that are not finite", "finite numbers")
        return clip.astype(np.float32, copy=False)

    def _pieces(self, features: Array, clip: int) -> Iterator[_Piece]:
        """The clip, or equal windows of it."""
        bounds = window_bounds(len(features), self.config.data.max_frames)
        for start, stop in bounds:
            yield self._piece(features[start:stop], clip, start)

    def _piece(self, features: Array, clip: int, first: int) -> _Piece:
        joints = np.asarray(decode(features), np.float32)
        held = np.concatenate([joints, np.repeat(joints[-1:], max(MIN_FRAMES - len(joints), 0), axis=0)])
        rows = self._statistics(channels(held, self.config.data))
        return _Piece(clip, first, with_context(rows, self.config.data.context), len(joints))

    # --- captions

    def _captioned(self, piece: _Piece, sentence: Sentence, looks: Looks, row: int, beam: int) -> Captioned:
        data, n = self.config.data, len(piece.rows)
        start = piece.first / data.fps
        clip_s = start, start + piece.n_frames / data.fps
        seconds = start + seconds_seen(max(piece.n_frames, MIN_FRAMES), data)
        step_s = data.stride / data.fps
        words = []
        for at, number in enumerate(sentence.words):
            own = {name: getattr(looks, name)[row, beam, at] for name in Looks.__dataclass_fields__}
            words.append(
                Spoken(
                    text=self.vocabulary.words[number],
                    log_probability=float(own["log_probability"]),
                    gate=float(own["gate"]),
                    mean_s=float(seconds[0] + own["mean"] * step_s),
                    deviation_s=float(own["deviation"] * step_s),
                    clip_s=clip_s,
                    seconds=seconds,
                    window=own["window"][:n],
                    alpha=own["alpha"][:n],
                )
            )
        text = text_of([word.text for word in words])
        return Captioned(text, tuple(words), sentence.log_probability, sentence.score, (clip_s,))

    def _stitched(self, found: list[list[Captioned]], features: Array) -> list[Captioned]:
        """Captions of the windows of one clip as captions of the clip."""
        notes = self._notes(len(features), len(found))
        if len(found) == 1:
            return [replace(one, notes=notes) for one in found[0]]
        return [stitched([own[min(k, len(own) - 1)] for own in found], notes) for k in range(max(map(len, found)))]

    def _notes(self, n_frames: int, windows: int) -> tuple[str, ...]:
        data = self.config.data
        seconds = n_frames / data.fps
        if windows > 1:
            long = f"{seconds:.1f} s are longer than the {data.max_frames / data.fps:g} s of training"
            return (f"{long}: captioned in {windows} windows, told one after the other.",)
        if n_frames < min(data.min_frames, MIN_FRAMES):
            return (f"{seconds:.2f} s are shorter than any clip of training: the last pose is held.",)
        if n_frames < data.min_frames:
            return (f"{seconds:.2f} s are shorter than any clip of training.",)
        return ()


def stitched(found: Sequence[Captioned], notes: tuple[str, ...] = ()) -> Captioned:
    """Captions of windows that follow each other as one; the same words in a row are told once, their evidence that of the first."""
    told = [own for i, own in enumerate(found) if i == 0 or own.text != found[i - 1].text]
    text = ". ".join(own.text.rstrip(" .") for own in told if own.text)
    return Captioned(
        text,
        tuple(word for own in told for word in own.words),
        sum(own.log_probability for own in told),
        float(np.mean([own.score for own in told])),
        tuple(window for own in found for window in own.windows),
        notes,
    )


def window_bounds(n_frames: int, longest: int) -> list[tuple[int, int]]:
    """First frame and the one after the last of equal windows, as few as none is longer than `longest`."""
    n = max(-(-n_frames // longest), 1)
    edges = [round(i * n_frames / n) for i in range(n + 1)]
    return list(pairwise(edges))


def save(
    folder: Path,
    config: CaptionerConfig,
    vocabulary: Vocabulary,
    weights: Mapping[str, Array],
    statistics: Statistics,
    metrics: Mapping[str, Any] | None = None,
    card: str | None = None,
    *,
    half: bool = False,
) -> None:
    """Write a trained model as a run folder, with its vocabulary. `half`: weights as float16.

    Raises:
        ModelError: weights of other shapes, or that are not finite.
        FormatError, MissingExtraError: as `write_run`.
    """
    config = config.with_vocabulary(vocabulary)
    check_tensors(weights, tensor_shapes(config), "weights")
    write_run(Path(folder), KIND, to_dict(config), weights, statistics.arrays(), metrics, card, half=half)
    vocabulary.save(Path(folder))


def export(run: Path, out: Path) -> None:
    """Write what of a trained model others need: weights as float16, the vocabulary, no history. Errors as `base.export_run`."""
    vocabulary = Vocabulary.load(run)
    export_run(run, out)
    vocabulary.save(out)


def _as_words(sentences: Sequence[Sequence[Sentence]]) -> Array:
    """Numbers (A, K, L) of sentences between marks; <pad> behind them, and where a sample has fewer."""
    longest = max((len(s.words) for own in sentences for s in own), default=0)
    words = np.full((len(sentences), max(map(len, sentences)), longest + 2), PAD, np.int64)
    for i, own in enumerate(sentences):
        for k, sentence in enumerate(own):
            words[i, k, : len(sentence.words) + 2] = [SOS, *sentence.words, EOS]
    return words


def _by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices in batches of like lengths."""
    order = np.argsort(lengths, kind="stable").tolist()
    yield from (order[i : i + _AT_ONCE] for i in range(0, len(order), _AT_ONCE))
