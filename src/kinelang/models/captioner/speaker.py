"""`Speaker`: what all captioners do alike with clips, long, short and many, and with run folders. NumPy alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import Run, check_tensors, export_run, read_run, write_run
from kinelang.models.captioner.config import Data
from kinelang.models.captioner.evidence import Captioned, Spoken, stitched
from kinelang.models.captioner.parts import channels, n_channels, seconds_seen, with_context
from kinelang.models.captioner.stepping import Decoder, Looks, Twin
from kinelang.models.captioner.vocabulary import EOS, PAD, SOS, Vocabulary, text_of
from kinelang.models.configuring import from_dict, to_dict
from kinelang.models.decoding import Rules, Sentence, beam_search, greedy
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.arrays import Array, describe_shape
from kinelang.motion.features import LAYOUTS, decode
from kinelang.motion.motion import Motion

SHIPPED = "default"
"""Folder, beside a model's code, of the one that comes with the package."""
MIN_FRAMES = 10
"""Frames (half a second) below which the last pose is held."""
_AT_ONCE = 32

Own = TypeVar("Own", bound="Speaker")


@dataclass(frozen=True)
class Kind:
    """A kind of captioner.

    Attributes:
        name: "model" in a run folder's config.json, and of its package.
        config: dataclass of its configuration, with `data`, `network.words`, `vocabulary` and `with_vocabulary`.
        shapes: names and shapes of the weights of a configuration.
        twin: from weights and configuration to what computes.
    """

    name: str
    config: type[Any]
    shapes: Callable[[Any], dict[str, tuple[int, ...]]]
    twin: Callable[[Mapping[str, Array], Any], Twin]


@dataclass(frozen=True, eq=False)
class _Piece:
    """A window of a clip: which clip, from which frame on, rows with context, frames."""

    clip: int
    first: int
    rows: Array
    n_frames: int


class Speaker:
    """A trained captioner of any kind.

    Clips longer than the model was trained on (`config.data.max_frames`, 10 s unless it says otherwise) are cut into equal windows that
    are captioned by themselves and told one after the other; of windows in a row with the same words one is told. Clips of less than
    half a second are held in their last pose. `Captioned.notes` says so.

    Attributes:
        identity: name and content hash.
        config: how it was made.
        metrics: figures of its training.
        vocabulary: the words it can say.
    """

    kind: ClassVar[Kind]
    config: Any

    def __init__(self, run: Run, vocabulary: Vocabulary) -> None:
        kind = self.kind
        if run.model != kind.name:
            raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind '{kind.name}'")
        self.config = from_dict(kind.config, run.config, f"{run.where}, config.json")
        if (vocabulary.identity, len(vocabulary)) != (self.config.vocabulary, self.config.network.words):
            found = f"a vocabulary of {len(vocabulary)} words, hash {vocabulary.identity}"
            expected = f"the one of {self.config.network.words} words, hash {self.config.vocabulary or 'none'}, it was trained with"
            raise ModelError.of(run.where, found, expected, "copy vocabulary.json from the same run folder")
        check_tensors(run.weights, kind.shapes(self.config), run.where)
        self.identity, self.metrics, self.vocabulary = run.identity, run.metrics, vocabulary
        self._data: Data = self.config.data
        self._statistics = Statistics.from_arrays(run.statistics, n_channels(self._data), f"{run.where}, stats.safetensors")
        self._twin = kind.twin(run.weights, self.config)

    @classmethod
    def load(cls: type[Own], folder: Path | None = None) -> Own:
        """Load a model.

        Args:
            folder: a run folder; None: the model that comes with kinelang.

        Raises:
            ModelError: no such folder, or files that do not belong together, the vocabulary among them.
            MissingExtraError: safetensors is not installed.
        """
        name = cls.kind.name
        if folder is None:
            folder = Path(str(files(f"kinelang.models.{name}"))) / SHIPPED
            if not folder.is_dir():
                remedy = f"train one: kinelang train {name.replace('_', '-')} --corpus synthetic:20000 --out RUN"
                raise ModelError.of(f"models/{name}", "no model that comes with this version", "a run folder", remedy)
        return cls(read_run(Path(folder), name), Vocabulary.load(Path(folder)))

    @classmethod
    def save(
        cls,
        folder: Path,
        config: Any,
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
        check_tensors(weights, cls.kind.shapes(config), "weights")
        write_run(Path(folder), cls.kind.name, to_dict(config), weights, statistics.arrays(), metrics, card, half=half)
        vocabulary.save(Path(folder))

    @property
    def rules(self) -> Rules:
        """What its captions may be: at most as long as those of its training."""
        return Rules(SOS, EOS, max_words=self._data.max_words)

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
        return [own[0] for own in self.explain_several(clips, [[caption] for caption in captions])]

    def explain_several(self, clips: Sequence[Motion | Array], captions: Sequence[Sequence[str]]) -> list[list[Captioned]]:
        """As `explain`, with any number of captions for each clip, which is encoded once."""
        if len(clips) != len(captions):
            raise ModelError.of("explain", f"captions of {len(captions)} clips", f"those of {len(clips)}")
        asked = [i for i, own in enumerate(captions) if own]
        pieces = {i: self._piece(self._features(clips[i], i), i, 0) for i in asked}
        given = {i: [Sentence(self._numbers(caption), 0.0, 0.0) for caption in captions[i]] for i in asked}
        made: list[list[Captioned]] = [[] for _ in clips]
        for batch in _by_length([len(pieces[i].rows) for i in asked]):
            at = [asked[k] for k in batch]
            memory = self._twin.remember([pieces[i].rows for i in at])
            looks = self._twin.looks(memory, _as_words([given[i] for i in at]))
            for row, i in enumerate(at):
                made[i] = [self._heard(pieces[i], sentence, looks, row, k) for k, sentence in enumerate(given[i])]
        return made

    def _numbers(self, caption: str) -> tuple[int, ...]:
        return tuple(self.vocabulary.encode(caption)[1:-1].tolist())

    def _heard(self, piece: _Piece, sentence: Sentence, looks: Looks, row: int, beam: int) -> Captioned:
        """A given sentence with its probability."""
        n = len(sentence.words)
        total = float(looks.log_probability[row, beam, : n + 1].sum())
        scored = Sentence(sentence.words, total, float(self.rules.score(np.asarray(total), n)))
        return self._captioned(piece, scored, looks, row, beam)

    # --- clips

    def _features(self, clip: Motion | Array, i: int) -> Array:
        """Raw features of a clip, checked."""
        layout = LAYOUTS[self._data.skeleton]
        if isinstance(clip, Motion):
            if self._data.skeleton != "humanml3d":
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
        bounds = window_bounds(len(features), self._data.max_frames)
        for start, stop in bounds:
            yield self._piece(features[start:stop], clip, start)

    def _piece(self, features: Array, clip: int, first: int) -> _Piece:
        joints = np.asarray(decode(features), np.float32)
        held = np.concatenate([joints, np.repeat(joints[-1:], max(MIN_FRAMES - len(joints), 0), axis=0)])
        rows = self._statistics(channels(held, self._data))
        return _Piece(clip, first, with_context(rows, self._data.context), len(joints))

    # --- captions

    def _captioned(self, piece: _Piece, sentence: Sentence, looks: Looks, row: int, beam: int) -> Captioned:
        data, n = self._data, len(piece.rows)
        start = piece.first / data.fps
        clip_s = start, start + piece.n_frames / data.fps
        seconds = start + seconds_seen(max(piece.n_frames, MIN_FRAMES), data)
        step_s = data.stride / data.fps
        words = []
        for at, number in enumerate(sentence.words):
            own = {name: array[row, beam, at] for name, array in vars(looks).items() if array is not None}
            words.append(
                Spoken(
                    text=self.vocabulary.words[number],
                    log_probability=float(own["log_probability"]),
                    gate=float(own["gate"]) if "gate" in own else None,
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
        data = self._data
        seconds = n_frames / data.fps
        if windows > 1:
            long = f"{seconds:.1f} s are longer than the {data.max_frames / data.fps:g} s of training"
            return (f"{long}: captioned in {windows} windows, told one after the other.",)
        if n_frames < min(data.min_frames, MIN_FRAMES):
            return (f"{seconds:.2f} s are shorter than any clip of training: the last pose is held.",)
        if n_frames < data.min_frames:
            return (f"{seconds:.2f} s are shorter than any clip of training.",)
        return ()


def window_bounds(n_frames: int, longest: int) -> list[tuple[int, int]]:
    """First frame and the one after the last of equal windows, as few as none is longer than `longest`."""
    n = max(-(-n_frames // longest), 1)
    edges = [round(i * n_frames / n) for i in range(n + 1)]
    return list(pairwise(edges))


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
