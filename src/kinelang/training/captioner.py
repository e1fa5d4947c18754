"""Training captioners of all kinds: clips as parts, captions word by word, and what is known of where each word should look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import CorpusError
from kinelang.language.sides import swap_left_right
from kinelang.models.base import CARD, CONFIG, STATISTICS, VERSION, write_json, write_tensors
from kinelang.models.captioner.captioner import KIND as GUIDED
from kinelang.models.captioner.config import CaptionerConfig, Data
from kinelang.models.captioner.labels import Labels, labels_of
from kinelang.models.captioner.losses import losses_of
from kinelang.models.captioner.network import Batch, Outputs
from kinelang.models.captioner.parts import channels, measured
from kinelang.models.captioner.targets import Example, batch_of
from kinelang.models.captioner.vocabulary import PAD, Vocabulary, tokens
from kinelang.models.configuring import to_dict
from kinelang.models.table import entry_of
from kinelang.models.tmr.statistics import Statistics
from kinelang.models.transformer_captioner import network as transformer
from kinelang.models.transformer_captioner.captioner import KIND as TRANSFORMER
from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.motion.arrays import Array
from kinelang.motion.features import LAYOUTS, decode, mirror_features
from kinelang.training.augmenting import at_speed
from kinelang.training.data import Clips, Progress, batches_by_length
from kinelang.training.pairs import STATISTICS_CLIPS, Pairs, flat, galleries_of, mean_of_large
from kinelang.training.told import ToldClip, told_in

VALIDATION_BATCH = 64
HALF = 0.5
"""A word's time is where its window is over this."""

Told = Sequence[ToldClip | None]
Config = CaptionerConfig | TransformerCaptionerConfig
"""Of either kind."""


class CaptionTask:
    """What the loop trains. `prepare` makes it.

    Args:
        config: of the model, its vocabulary set.
        train: pairs to learn from.
        told: for each corpus of `train`, what is known of its captions' words.
        held_out: pairs of each corpus to validate on, by its name.
        held_told: the same of theirs.
        vocabulary: the words.
        statistics: of the training clips' channels.
    """

    primary = "words"

    def __init__(
        self,
        config: Config,
        train: Pairs,
        told: Sequence[Told],
        held_out: Mapping[str, Pairs],
        held_told: Mapping[str, Told],
        vocabulary: Vocabulary,
        statistics: Statistics,
    ) -> None:
        self.config, self.train, self.told = config, train, told
        self.held_out, self.held_told = dict(held_out), held_told
        self.vocabulary, self.statistics = vocabulary, statistics
        self.labels: Labels = labels_of(vocabulary, config.losses.labels if isinstance(config, CaptionerConfig) else "paper")
        torch.manual_seed(config.optimisation.seed)
        self.module: nn.Module = entry_of(kind_of(config)).build(config)
        self._plan = lru_cache(maxsize=2)(self._planned)
        self._validation: dict[str, list[Batch]] = {}

    def n_batches(self, epoch: int) -> int:
        """Batches in an epoch."""
        return -(-len(self.train) // self.config.optimisation.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch: a random caption of each clip, the clip varied as the configuration says."""
        rng = np.random.default_rng([self.config.optimisation.seed, 1, epoch, index])
        return self.collated([self._drawn(n, rng) for n in self._plan(epoch)[index]])

    def collated(self, examples: Sequence[Example]) -> Batch:
        """Examples as the network takes them."""
        return batch_of(examples, self.vocabulary, self.labels, self.config.data)

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The weighted loss and its parts."""
        if isinstance(self.config, CaptionerConfig):
            return losses_of(module(batch, self.config.teacher), batch, self.config.losses)
        return transformer.losses_of(module(batch), batch, self.config.losses)

    @torch.no_grad()
    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Figures of each held-out corpus, named CORPUS/FIGURE, and "words", the mean over the corpora that are large enough."""
        found = {name: self._figures(module, name, pairs) for name, pairs in self.held_out.items()}
        return {"words": mean_of_large(found, self.held_out, "words"), **flat(found)}

    def write_head(self, run: Path, card: str) -> None:
        """Write the files of the run folder that training does not change."""
        write_json(run / CONFIG, {"model": kind_of(self.config), "version": VERSION, "config": to_dict(self.config)})
        write_tensors(run / STATISTICS, self.statistics.arrays())
        self.vocabulary.save(run)
        write_atomic(run / CARD, card.encode())

    def _planned(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self.config.optimisation.seed, 0, epoch])
        return batches_by_length(self.train.lengths, self.config.optimisation.batch_size, rng)

    def _drawn(self, n: int, rng: np.random.Generator) -> Example:
        """Pair n, varied."""
        data, (corpus, i) = self.config.data, self.train.order[n]
        captions = [c for c in self.train.captions(n) if fits(c, self.config)] or [shortest(self.train.captions(n))]
        text, told = captions[int(rng.integers(len(captions)))], self.told[corpus][i]
        clip, mirrored = self.train.clip(n), rng.random() < data.mirror
        if mirrored:
            clip, text = mirror_features(clip), swap_left_right(text)
        speed = float(rng.uniform(1 - data.speed, 1 + data.speed)) if data.speed else 1.0
        example = self._example(at_speed(clip, speed), text, told, mirrored=mirrored, speed=speed)
        return Example(_varied(example.rows, data, rng), example.n_frames, example.caption, example.taught)

    def _example(self, clip: Array, text: str, told: ToldClip | None, *, mirrored: bool = False, speed: float = 1.0) -> Example:
        clip = clip[: self.config.data.max_frames]
        known = () if told is None else (told.mirrored if mirrored else told.words).get(text, ())
        seconds = len(clip) / self.config.data.fps
        taught = tuple(word for word in (w.at_speed(speed) for w in known) if all(start < seconds for start, _ in word.spans))
        return Example(self.statistics(channels(decode(clip), self.config.data)), len(clip), text, taught)

    def _figures(self, module: nn.Module, name: str, pairs: Pairs) -> dict[str, float]:
        if name not in self._validation:
            told = self.held_told[name]
            examples = [self._example(pairs.clip(n), pairs.captions(n)[0], told[pairs.order[n][1]]) for n in range(len(pairs))]
            self._validation[name] = [self.collated(part) for part in in_parts(examples, VALIDATION_BATCH)]
        device = next(module.parameters()).device
        counts = Counts(isinstance(self.config, CaptionerConfig) and self.config.network.kind == "attention")
        for batch in self._validation[name]:
            there = Batch(*(getattr(batch, field).to(device) for field in Batch.__dataclass_fields__))
            counts.add(module(there), there)
        return counts.figures()


@dataclass
class Counts:
    """What is counted over batches, true words being heard.

    Attributes:
        guided: whether the network has a gate and tells parts apart.
        words, right: how many are predicted, and how many of them rightly.
        nats: sum of the negative logarithms of their probabilities.
        gates: sums of the gate over motion words and over words of language.
        gated: how many of each.
        parts, overlap: sums over words of a timeline: whether a part of theirs has the most attention, and the overlap in time.
        parted, exact: how many of those; none of a network that does not tell parts apart.
    """

    guided: bool = True
    words: int = 0
    right: int = 0
    nats: float = 0.0
    gates: tuple[float, float] = (0.0, 0.0)
    gated: tuple[int, int] = (0, 0)
    parts: float = 0.0
    overlap: float = 0.0
    parted: int = 0
    exact: int = 0

    @torch.no_grad()
    def add(self, outputs: Outputs | transformer.Outputs, batch: Batch) -> None:
        """Count a batch."""
        true = batch.words[:, 1:]
        there = true != PAD
        chances = nn.functional.log_softmax(outputs.logits.float(), dim=-1)
        self.words += int(there.sum())
        self.right += int(((chances.argmax(dim=-1) == true) & there).sum())
        self.nats -= float((chances.gather(-1, true[..., None])[..., 0] * there).sum())
        if batch.exact.any():
            overlap = overlaps(outputs, batch)
            self.overlap, self.exact = self.overlap + float(overlap.sum()), self.exact + len(overlap)
        if self.guided and isinstance(outputs, Outputs):
            self._add_guided(outputs, batch)

    def _add_guided(self, outputs: Outputs, batch: Batch) -> None:
        kinds = [batch.gate == 1, batch.gate == 0]
        motion, language = (float(outputs.gate[kind].sum()) for kind in kinds)
        self.gates = self.gates[0] + motion, self.gates[1] + language
        self.gated = self.gated[0] + int(kinds[0].sum()), self.gated[1] + int(kinds[1].sum())
        if batch.exact.any():
            hit = parts_found(outputs, batch)
            self.parts, self.parted = self.parts + float(hit.sum()), self.parted + len(hit)

    def figures(self) -> dict[str, float]:
        """words: percent of the next words that are right; perplexity; gate_motion, gate_language: mean gates; parts: percent of the
        words of timelines that look at a part of their stages; overlap: mean IoU of their windows with the stages, percent.

        What a network has not is left out.
        """
        found = {"words": 100 * self.right / max(self.words, 1), "perplexity": float(np.exp(self.nats / max(self.words, 1)))}
        for name, total, n in zip(("gate_motion", "gate_language"), self.gates, self.gated, strict=True):
            if n:
                found[name] = total / n
        if self.parted:
            found["parts"] = 100 * self.parts / self.parted
        if self.exact:
            found["overlap"] = 100 * self.overlap / self.exact
        return found


def parts_found(outputs: Outputs, batch: Batch) -> Tensor:
    """Of each word of a timeline, in the order of the batch: whether the part with the most attention in its window is one of its
    stages'."""
    window, alpha, parts = outputs.window[batch.exact], outputs.alpha[batch.exact], batch.parts[batch.exact]
    most = (window[..., None] * alpha).sum(dim=1).argmax(dim=-1)
    return parts.gather(-1, most[:, None])[:, 0] == 1


def overlaps(outputs: Outputs | transformer.Outputs, batch: Batch) -> Tensor:
    """Of each word of a timeline: the intersection over union of its window's half and its stages' frames."""
    seen, frames = outputs.window[batch.exact] > HALF, batch.frames[batch.exact]
    shared, either = (seen & frames).sum(dim=-1), (seen | frames).sum(dim=-1)
    return shared / either.clamp(min=1)


def kind_of(config: Config) -> str:
    """The key in `MODELS` of what a configuration is of."""
    return GUIDED if isinstance(config, CaptionerConfig) else TRANSFORMER


def _varied(rows: Array, data: Data, rng: np.random.Generator) -> Array:
    """Normalised rows (T', D) with the errors that the configuration asks for."""
    out = rows
    if data.noise:
        out = out + data.noise * rng.standard_normal(rows.shape, dtype=np.float32)
    if data.offset:
        error = np.zeros(rows.shape[1], np.float32)
        joints = 3 * LAYOUTS[data.skeleton].n_joints
        error[:joints] = data.offset * rng.standard_normal(joints, dtype=np.float32)
        out = out + error
    return out


def fits(caption: str, config: Config) -> bool:
    """Whether a caption is of a length to learn from."""
    return config.data.min_words <= len(tokens(caption)) <= config.data.max_words


def shortest(captions: Sequence[str]) -> str:
    """The caption of the fewest words."""
    return min(captions, key=lambda caption: len(tokens(caption)))


def in_parts(examples: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    """The examples, so many at a time."""
    return (examples[start : start + size] for start in range(0, len(examples), size))


def prepare(
    config: Config,
    train: Sequence[tuple[Clips, int]],
    held_out: Sequence[Clips],
    cache: Path,
    progress: Progress | None = None,
) -> CaptionTask:
    """A task: the vocabulary made, statistics measured.

    Args:
        config: its vocabulary is set here.
        train: clips and how often an epoch shows them.
        held_out: clips to validate on; of each corpus the first `pairs.GALLERY`.
        cache: folder for what timelines say of the words of captions.
        progress: told as it goes.

    Raises:
        CorpusError: no clip that is long enough, or no caption of a length to learn from.
    """
    pairs = Pairs.of(train, config.data.min_frames)
    captions = [text for clips, _ in train for texts in clips.captions for text in texts]
    if not any(fits(text, config) for text in captions):
        wanted = f"{config.data.min_words} to {config.data.max_words} words"
        raise CorpusError.of("captions", "none of a length to learn from", wanted, "change data.max_words")
    swapped = [swap_left_right(text) for text in captions] if config.data.mirror else []
    vocabulary = Vocabulary.of(captions, config.data.min_count, swapped)
    galleries = galleries_of(held_out, config.data.min_frames)
    return CaptionTask(
        config.with_vocabulary(vocabulary),
        pairs,
        [told_in(clips, cache, progress) for clips, _ in train],
        galleries,
        {clips.name: told_in(clips, cache, progress) for clips in held_out},
        vocabulary,
        measured(_some_rows(pairs, config), config.data),
    )


def _some_rows(pairs: Pairs, config: Config) -> Iterator[Array]:
    """Channels of clips as training shows them: as often, and mirrored too where it mirrors."""
    for n in np.random.default_rng(config.optimisation.seed).permutation(len(pairs))[:STATISTICS_CLIPS]:
        clip = pairs.clip(int(n))
        yield channels(decode(clip), config.data)
        if config.data.mirror:
            yield channels(decode(mirror_features(clip)), config.data)
