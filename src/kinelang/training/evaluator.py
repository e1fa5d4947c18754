"""Training the evaluator: first an autoencoder of movements, then captions and motions brought together by the matching loss.

Each phase is a task of the one loop and has a state of its own, so that a run that was stopped in either goes on exactly.

Source: Guo et al., CVPR 2022; github.com/EricGuo5513/text-to-motion.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import CorpusError
from kinelang.language.named_sides import sides_in
from kinelang.language.sides import swap_left_right
from kinelang.metrics import motion_text
from kinelang.metrics.intervals import over_replications
from kinelang.metrics.ranking import RECALLS, median_rank, ranks, recall
from kinelang.models.base import CARD, CONFIG, STATISTICS, VERSION, WEIGHTS, read_tensors, write_json, write_tensors
from kinelang.models.configuring import to_dict
from kinelang.models.evaluator.config import STRIDE, EvaluatorConfig, Network
from kinelang.models.evaluator.evaluator import KIND, open_vectors, padded
from kinelang.models.evaluator.losses import autoencoder_loss, drawn_shift, matching_loss
from kinelang.models.evaluator.network import Autoencoder, Batch, EvaluatorNetwork
from kinelang.models.evaluator.words import TAGGERS, Sentences, WordVectors, sentences
from kinelang.models.tmr.statistics import Statistics
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.motion.arrays import Array
from kinelang.motion.features import HUMANML3D, mirror_features
from kinelang.training.augmenting import at_speed
from kinelang.training.checkpoint import Place
from kinelang.training.data import Clips, batches_by_length
from kinelang.training.loop import Plan, Report, Task, fit, total_steps
from kinelang.training.pairs import Pairs, flat, galleries_of, mean_of_large, statistics_of
from kinelang.training.tmr import VALIDATION_BATCH, chunks

Module = TypeVar("Module", bound=nn.Module)

MOVEMENTS = "movements"
"""Folder in the run folder: the run of the first phase."""
TOPS = (1, 2, 3)
REPLICATIONS = 20
"""Of the batches in which R-precision is measured."""
_SHORTER = 1 / 3
"""How often a clip is cut by four frames more than it has to be, as published."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """What both phases need. `prepare` makes it.

    Attributes:
        config: of the model, its word vectors set.
        train: pairs to learn from.
        held_out: pairs of each corpus to validate on, by its name.
        vectors: of words.
        statistics: of the training clips.
    """

    config: EvaluatorConfig
    train: Pairs
    held_out: Mapping[str, Pairs]
    vectors: WordVectors
    statistics: Statistics

    @cached_property
    def module(self) -> nn.Module:
        """The network before training."""
        return _seeded(EvaluatorNetwork, self.config)

    @cached_property
    def tagged(self) -> Callable[[str], str]:
        """A caption as `word/POS word/POS ...`; what was tagged once is remembered."""
        return lru_cache(maxsize=None)(TAGGERS[self.config.tagger])

    def read(self, texts: Sequence[str]) -> Sentences:
        """Captions as the network takes them."""
        return sentences([self.tagged(text) for text in texts], self.vectors, self.config.most_words)

    def write_head(self, run: Path, card: str) -> None:
        """Write the files of the run folder that training does not change."""
        write_json(run / CONFIG, {"model": KIND, "version": VERSION, "config": to_dict(self.config)})
        write_tensors(run / STATISTICS, self.statistics.arrays())
        write_atomic(run / CARD, card.encode())


def _seeded(kind: Callable[[Network], Module], config: EvaluatorConfig) -> Module:
    """A network whose first weights the seed decides."""
    torch.manual_seed(config.optimisation.seed)
    return kind(config.network)


class MovementTask:
    """The first phase: windows of frames to movements and back.

    Args:
        given: what both phases need.

    Raises:
        CorpusError: no clip as long as a window.
    """

    primary = "explained"

    def __init__(self, given: Prepared) -> None:
        self.given, self.config = given, given.config.pretraining
        self.module = _seeded(Autoencoder, given.config)
        starts = np.maximum(np.array(given.train.lengths) - self.config.window + 1, 0)
        self._last = np.cumsum(starts)
        if not self._last[-1]:
            wanted = f"clips of {self.config.window} frames or more"
            raise CorpusError.of("corpora", "no clip that is as long as a window", wanted, "make pretraining.window smaller")
        self._order = lru_cache(maxsize=2)(self._ordered)

    def n_batches(self, epoch: int) -> int:
        """Batches in an epoch, which shows every window of every clip."""
        return -(-int(self._last[-1]) // self.config.optimisation.batch_size)

    def batch(self, epoch: int, index: int) -> Tensor:
        """Normalised windows (B, window, D), some mirrored."""
        given, size = self.given, self.config.optimisation.batch_size
        rng = np.random.default_rng([given.config.optimisation.seed, 2, epoch, index])
        windows = []
        for at in self._order(epoch)[index * size : (index + 1) * size]:
            n = int(np.searchsorted(self._last, at, side="right"))
            start = int(at - (self._last[n - 1] if n else 0))
            window = given.train.clip(n)[start : start + self.config.window]
            windows.append(given.statistics(mirror_features(window) if rng.random() < given.config.data.mirror else window))
        return torch.from_numpy(np.stack(windows))

    def loss(self, module: nn.Module, batch: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The weighted loss and its parts."""
        decoded, movements = module(batch)
        return autoencoder_loss(decoded, batch, movements, self.config)

    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Share of the variance of held-out clips that is decoded again, in percent: of each corpus, and its mean over them."""
        found = {f"{name}/explained": self._explained(module, pairs) for name, pairs in self.given.held_out.items()}
        known = [value for value in found.values() if np.isfinite(value)]
        return {"explained": float(np.mean(known)) if known else 0.0, **found}

    def _explained(self, module: nn.Module, pairs: Pairs) -> float:
        device, length = next(module.parameters()).device, self.config.window
        clips = [self.given.statistics(pairs.clip(n)) for n in range(len(pairs)) if pairs.lengths[n] >= length]
        windows = [clip[start : start + length] for clip in clips for start in range(0, len(clip) - length + 1, length)]
        lost = total = 0.0
        for part in chunks(windows, VALIDATION_BATCH):
            frames = torch.from_numpy(np.stack(part)).to(device)
            lost += float(((module(frames)[0] - frames) ** 2).sum())
            total += float((frames**2).sum())
        return 100 * (1 - lost / total) if total else float("nan")

    def _ordered(self, epoch: int) -> Array:
        rng = np.random.default_rng([self.given.config.optimisation.seed, 3, epoch])
        return rng.permutation(int(self._last[-1]))


class MatchingTask:
    """The second phase: captions near their motions, and far from those of others.

    Args:
        given: what both phases need.
        movements: weights of the pre-trained movement encoder by name; it is frozen.
    """

    primary = "R-precision"

    def __init__(self, given: Prepared, movements: Mapping[str, Array]) -> None:
        self.given, self.config = given, given.config
        self.module = _seeded(EvaluatorNetwork, given.config)
        self.module.movement_encoder.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in movements.items()})
        self.module.freeze_movements()
        self._plan = lru_cache(maxsize=2)(self._planned)

    def n_batches(self, epoch: int) -> int:
        """Whole batches in an epoch, at least one; what is left over is not shown, as published."""
        return max(len(self.given.train) // self.config.optimisation.batch_size, 1)

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch: a random caption of each clip, the clip varied as the configuration says."""
        rng = np.random.default_rng([self.config.optimisation.seed, 1, epoch, index])
        clips, texts = zip(*(self._drawn(n, rng) for n in self._plan(epoch)[index]), strict=True)
        read, (frames, lengths) = self.given.read(texts), padded(clips)
        return Batch(*map(torch.from_numpy, (frames, lengths, read.words, read.parts, read.lengths)))

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The margin loss with one negative a caption, and its parts."""
        texts, motions = module(batch)
        return matching_loss(texts, motions, drawn_shift(len(texts)), self.config.margin)

    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Figures of each held-out corpus, named CORPUS/FIGURE, and "R-precision", the mean over the corpora that are large enough."""
        held_out = self.given.held_out
        found = {name: figures(*self._encoded(cast("EvaluatorNetwork", module), pairs)) for name, pairs in held_out.items()}
        return {"R-precision": mean_of_large(found, held_out, "R-precision"), **flat(found)}

    def _planned(self, epoch: int) -> list[list[int]]:
        size, n = self.config.optimisation.batch_size, len(self.given.train)
        rng = np.random.default_rng([self.config.optimisation.seed, 0, epoch])
        batches = batches_by_length(self.given.train.lengths, size, rng)
        return [batch for batch in batches if len(batch) == min(size, n)]

    def _drawn(self, n: int, rng: np.random.Generator) -> tuple[Array, str]:
        """Pair n, varied: normalised features and a caption."""
        data, captions = self.config.data, self.given.train.captions(n)
        text = captions[int(rng.integers(len(captions)))]
        clip = self.given.train.clip(n)
        if data.speed:
            other = at_speed(clip, float(rng.uniform(1 - data.speed, 1 + data.speed)))
            clip = other if len(other) >= STRIDE else clip
        clip = part_of(clip, data.max_frames, rng)
        if data.mirror and rng.random() < data.mirror:
            clip, text = mirror_features(clip), swap_left_right(text)
        return self.given.statistics(clip), text

    def _encoded(self, module: EvaluatorNetwork, pairs: Pairs) -> tuple[Array, Array, Array, Array]:
        """Vectors of the first captions, of the clips, of the sided captions swapped, and which captions those are of."""
        device = next(module.parameters()).device
        texts = [pairs.captions(n)[0] for n in range(len(pairs))]
        sided = [n for n, text in enumerate(texts) if sides_in(text)]

        def told(some: Sequence[str]) -> Array:
            rows = [torch.zeros(0, module.network.joint)]
            for start in range(0, len(some), VALIDATION_BATCH):
                read = self.given.read(some[start : start + VALIDATION_BATCH])
                words, parts, lengths = (torch.from_numpy(array).to(device) for array in (read.words, read.parts, read.lengths))
                rows.append(module.encode_texts(words, parts, lengths).float().cpu())
            return torch.cat(rows).numpy()

        def shown(clips: Sequence[Array]) -> Array:
            rows = []
            for part in chunks(clips, VALIDATION_BATCH):
                frames, lengths = (torch.from_numpy(array).to(device) for array in padded(part))
                rows.append(module.encode_motions(frames, lengths).float().cpu())
            return torch.cat(rows).numpy()

        clips = [self.given.statistics(pairs.clip(n)[: self.config.data.max_frames]) for n in range(len(pairs))]
        return told(texts), shown(clips), told([swap_left_right(texts[n]) for n in sided]), np.array(sided, dtype=np.intp)


def figures(texts: Array, clips: Array, swapped: Array, sided: Array) -> dict[str, float]:
    """R-precision of captions, recalls and median ranks both ways over all clips, and how often sides are told apart.

    Args:
        texts, clips: (N, d) of pairs; nearer is better.
        swapped: (S, d) those of captions with left and right exchanged.
        sided: (S,) of which captions.

    Returns:
        "top1", "top2", "top3": R-precision in batches of 32, or of all N where there are fewer, in percent; "R-precision", their
        mean; "t2m/R1", ..., "m2t/MedR"; "sides".
    """
    batch = min(motion_text.BATCH, len(texts))
    found = {f"top{k}": 100 * over_replications(_precision(texts, clips, k, batch), REPLICATIONS).value for k in TOPS}
    found["R-precision"] = float(np.mean(list(found.values())))
    scores, own = -motion_text.distances(texts, clips), np.eye(len(texts), dtype=bool)
    for way, some in (("t2m", scores), ("m2t", scores.T)):
        at = ranks(some, own)
        found |= {f"{way}/R{k}": float(recall(at, k)) for k in RECALLS} | {f"{way}/MedR": float(median_rank(at))}
    if len(sided):
        nearer = np.linalg.norm(texts[sided] - clips[sided], axis=1) < np.linalg.norm(swapped - clips[sided], axis=1)
        found["sides"] = 100 * float(nearer.mean())
    return found


def _precision(texts: Array, clips: Array, k: int, batch: int) -> Callable[[np.random.Generator], float]:
    return lambda rng: motion_text.r_precision(texts, clips, rng, k, batch)


def part_of(clip: Array, most: int, rng: np.random.Generator) -> Array:
    """A random part of a clip (T, D), T at least 4: the largest multiple of 4 frames up to `most`; every third time 4 fewer."""
    whole = min(len(clip), most) // STRIDE
    length = STRIDE * (whole - 1 if whole > 1 and rng.random() < _SHORTER else whole)
    start = int(rng.integers(0, len(clip) - length + 1))
    return clip[start : start + length]


def prepare(
    config: EvaluatorConfig, train: Sequence[tuple[Clips, int]], held_out: Sequence[Clips], vectors: WordVectors | None = None
) -> Prepared:
    """What training needs: pairs, word vectors, statistics.

    Args:
        config: the identity and width of its word vectors are set here.
        train: clips and how often an epoch shows them.
        held_out: clips to validate on; of each corpus the first `GALLERY`.
        vectors: of words; None: those of the configuration.

    Raises:
        CorpusError: no two clips that are long enough.
    """
    vectors = open_vectors(config) if vectors is None else vectors
    config = config.with_words(vectors.identity, vectors.width)
    pairs = Pairs.of(train, config.data.min_frames)
    if len(pairs) < 2:
        raise CorpusError.of("corpora", "a single pair", "two or more", "a caption needs a motion that is not its own")
    galleries = galleries_of(held_out, config.data.min_frames)
    return Prepared(config, pairs, galleries, vectors, _statistics(pairs, config))


def train(
    given: Prepared,
    run: Path,
    plan: Plan,
    *,
    kind: str = "",
    resume: bool = False,
    watch: Callable[[str, Report], None] | None = None,
) -> tuple[Task, Place]:
    """Both phases, or what of them time allows.

    Args:
        given: what `prepare` made.
        run: run folder; the first phase has its own in it, `MOVEMENTS`.
        plan: of each phase; its minutes are those of both together.
        kind, resume: as `fit` takes them.
        watch: told the phase and its report after every step.

    Returns:
        The phase that came last, and where it is.

    Raises:
        ModelError, MissingExtraError: as `fit`.
    """
    began, movements = time.monotonic(), run / MOVEMENTS
    movements.mkdir(parents=True, exist_ok=True)
    first = MovementTask(given)
    optimisation = given.config.pretraining.optimisation
    place = fit(first, optimisation, movements, plan, kind=kind, resume=resume, watch=_as(MOVEMENTS, watch))
    if place.step < total_steps(optimisation, first, plan.devices):
        return first, place
    if plan.max_minutes is not None:
        plan = replace(plan, max_minutes=max(plan.max_minutes - (time.monotonic() - began) / 60, 0.0))
    prefix = "encoder."
    kept = {name.removeprefix(prefix): a for name, a in read_tensors(movements / WEIGHTS).items() if name.startswith(prefix)}
    second = MatchingTask(given, kept)
    return second, fit(second, given.config.optimisation, run, plan, kind=kind, resume=resume, watch=_as("matching", watch))


def _as(phase: str, watch: Callable[[str, Report], None] | None) -> Callable[[Report], None] | None:
    return None if watch is None else lambda report: watch(phase, report)


def _statistics(pairs: Pairs, config: EvaluatorConfig) -> Statistics:
    """Of clips as training shows them: as often, and mirrored where it mirrors; what moves the root counts `root_scale` times."""
    measured = statistics_of(pairs, config.optimisation.seed, config.data.scaling, mirror=config.data.mirror > 0)
    std = measured.std.copy()
    for block in ("yaw_rate", "root_velocity", "root_height", "contacts"):
        std[HUMANML3D.blocks[block]] /= config.data.root_scale
    return Statistics(measured.mean, std)
