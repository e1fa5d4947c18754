"""Training TMR: pairs drawn from captioned clips, its losses, and how well it finds held-out clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import ModelError
from kinelang.language.encoders.base import TextEncoder
from kinelang.language.named_sides import differ_in_side, sides_in
from kinelang.language.sides import swap_left_right
from kinelang.metrics.ranking import RECALLS, median_rank, ranks, recall
from kinelang.models.base import CARD, CONFIG, STATISTICS, VERSION, write_json, write_tensors
from kinelang.models.configuring import to_dict
from kinelang.models.tmr.config import TMRConfig
from kinelang.models.tmr.losses import losses_of
from kinelang.models.tmr.network import TMR, Batch
from kinelang.models.tmr.statistics import Statistics, stacked
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.motion.arrays import Array
from kinelang.motion.features import mirror_features
from kinelang.training.augmenting import at_speed, cropped, disturbed
from kinelang.training.data import Clips, batches_by_length
from kinelang.training.pairs import Pairs, flat, galleries_of, mean_of_large, statistics_of
from kinelang.training.texts import TextTable, threshold_for_share

Progress = Callable[[str, int, int], None]

VALIDATION_BATCH = 64


class TMRTask:
    """What the loop trains. `prepare` makes it.

    Args:
        config: of the model, its threshold set.
        train: pairs to learn from.
        held_out: pairs of each corpus to validate on, by its name.
        tokens: token states of all captions, and of what they are with sides swapped.
        sentences: their sentence vectors; needed for filtering alone.
        statistics: of the training clips.
    """

    primary = "recall"

    def __init__(
        self,
        config: TMRConfig,
        train: Pairs,
        held_out: Mapping[str, Pairs],
        tokens: TextTable,
        sentences: TextTable | None,
        statistics: Statistics,
    ) -> None:
        self.config, self.train, self.held_out = config, train, dict(held_out)
        self.tokens, self.sentences, self.statistics = tokens, sentences, statistics
        torch.manual_seed(config.optimisation.seed)
        self.module = TMR(config.network)
        self._plan = lru_cache(maxsize=2)(self._planned)

    def n_batches(self, epoch: int) -> int:
        """Batches in an epoch."""
        return -(-len(self.train) // self.config.optimisation.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch: a random caption of each clip, the clip varied as the configuration says."""
        rng = np.random.default_rng([self.config.optimisation.seed, 1, epoch, index])
        clips, texts = zip(*(self._drawn(n, rng) for n in self._plan(epoch)[index]), strict=True)
        return self.collated(clips, texts)

    def collated(self, clips: Sequence[Array], texts: Sequence[str]) -> Batch:
        """A batch of normalised clips and their captions, with the negatives that the configuration asks for."""
        losses = self.config.losses
        sided = [i for i, text in enumerate(texts) if losses.swapped_texts and sides_in(text)]
        all_texts = [*texts, *(swap_left_right(texts[i]) for i in sided)]
        stack = self.config.data.stack
        motion, motion_mask = padded([stacked(clip, stack) for clip in clips])
        text, text_mask = padded([self.tokens[t] for t in all_texts])
        batch = Batch(motion, motion_mask, text, text_mask)
        if losses.threshold is not None and self.sentences is not None:
            vectors = self.sentences.stacked(all_texts)
            batch.likeness = torch.from_numpy(vectors[: len(texts)] @ vectors.T)
            batch.differ = torch.from_numpy(differ_in_side(texts, all_texts))
        if losses.mirrored_motions and sided:
            mirrored = [self.statistics(mirror_features(clips[i] * self.statistics.std + self.statistics.mean)) for i in sided]
            batch.mirrored, batch.mirrored_mask = padded([stacked(clip, stack) for clip in mirrored], motion.shape[1])
        return batch

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The weighted loss and its parts."""
        return losses_of(module(batch, sampled=self.config.network.variational), batch, self.config.losses)

    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Figures of each held-out corpus, named CORPUS/FIGURE, and "recall", the mean over the corpora that are large enough."""
        found = {name: figures(*self._encoded(cast("TMR", module), pairs)) for name, pairs in self.held_out.items()}
        return {"recall": mean_of_large(found, self.held_out, "recall"), **flat(found)}

    def write_head(self, run: Path, card: str) -> None:
        """Write the files of the run folder that training does not change."""
        write_json(run / CONFIG, {"model": "tmr", "version": VERSION, "config": to_dict(self.config)})
        write_tensors(run / STATISTICS, self.statistics.arrays())
        write_atomic(run / CARD, card.encode())

    def _planned(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self.config.optimisation.seed, 0, epoch])
        return batches_by_length(self.train.lengths, self.config.optimisation.batch_size, rng)

    def _drawn(self, n: int, rng: np.random.Generator) -> tuple[Array, str]:
        """Pair n, varied: normalised features and a caption."""
        data, captions = self.config.data, self.train.captions(n)
        text = captions[int(rng.integers(len(captions)))]
        clip = self.train.clip(n)
        if data.speed:
            clip = at_speed(clip, float(rng.uniform(1 - data.speed, 1 + data.speed)))
        clip = cropped(clip, data, rng)
        if data.mirror and rng.random() < data.mirror:
            clip, text = mirror_features(clip), swap_left_right(text)
        return disturbed(self.statistics(clip), data, rng), text

    def _encoded(self, module: TMR, pairs: Pairs) -> tuple[Array, Array, Array, Array]:
        """Unit vectors of the first captions, of the clips, of the sided captions swapped, and which captions those are of."""
        device = next(module.parameters()).device
        texts = [pairs.captions(n)[0] for n in range(len(pairs))]
        sided = [n for n, text in enumerate(texts) if sides_in(text)]
        longest, stack = self.config.data.max_frames, self.config.data.stack

        def encoded(encode: Callable[[Tensor, Tensor], Tensor], sequences: Iterable[Array]) -> Array:
            rows = [torch.zeros(0, module.network.latent)]
            for part in chunks(list(sequences), VALIDATION_BATCH):
                x, mask = padded(part)
                rows.append(encode(x.to(device), mask.to(device)).float().cpu())
            return nn.functional.normalize(torch.cat(rows), dim=-1).numpy()

        clips = encoded(module.encode_motions, (self.statistics.tokens(pairs.clip(n)[:longest], stack) for n in range(len(pairs))))
        told = encoded(module.encode_texts, (self.tokens[text] for text in texts))
        swapped = encoded(module.encode_texts, (self.tokens[swap_left_right(texts[n])] for n in sided))
        return told, clips, swapped, np.array(sided, dtype=np.intp)


def figures(texts: Array, clips: Array, swapped: Array, sided: Array) -> dict[str, float]:
    """Recalls and median ranks both ways over all clips (TMR's protocol a), their mean recall, and how often sides are told apart.

    Args:
        texts, clips: (N, d) unit vectors of pairs.
        swapped: (S, d) those of captions with left and right exchanged.
        sided: (S,) of which captions.
    """
    cosines = texts @ clips.T
    found: dict[str, float] = {}
    own = np.eye(len(texts), dtype=bool)
    for way, scores in (("t2m", cosines), ("m2t", cosines.T)):
        at = ranks(scores, own)
        found |= {f"{way}/R{k}": float(recall(at, k)) for k in RECALLS} | {f"{way}/MedR": float(median_rank(at))}
    mean = float(np.mean([value for name, value in found.items() if "/R" in name]))
    told_apart = (texts[sided] * clips[sided]).sum(axis=1) > (swapped * clips[sided]).sum(axis=1)
    sides = {"sides": 100 * float(told_apart.mean())} if len(sided) else {}
    return {"recall": mean, **sides, **found}


def prepare(
    config: TMRConfig,
    train: Sequence[tuple[Clips, int]],
    held_out: Sequence[Clips],
    encoder: TextEncoder,
    cache: Path,
    sentence_encoder: TextEncoder | None = None,
    progress: Progress | None = None,
) -> TMRTask:
    """A task: captions encoded, statistics measured, the threshold of the filter set.

    Args:
        config: its text encoder's width and identity are set here.
        train: clips and how often an epoch shows them.
        held_out: clips to validate on; of each corpus the first `GALLERY`.
        encoder: of token states.
        cache: folder for encoded captions.
        sentence_encoder: of sentence vectors; None: the same.
        progress: told as it goes.

    Raises:
        CorpusError: no clip that is long enough.
        ModelError: filtering asked for in two ways.
    """
    losses = config.losses
    if losses.threshold is not None and losses.filtered_share is not None:
        raise ModelError.of("losses", "both threshold and filtered_share", "one of them", "set the other to null")
    config = config.with_encoder(encoder.identity, encoder.width)
    pairs = Pairs.of(train, config.data.min_frames)
    galleries = galleries_of(held_out, config.data.min_frames)
    texts = with_swapped([*pairs.texts(), *(t for gallery in galleries.values() for t in gallery.texts())])
    tokens = TextTable(cache, encoder, "tokens")
    tokens.add(texts, _named(progress, "token states of captions"))
    sentences = None
    if losses.threshold is not None or losses.filtered_share is not None:
        means = sentence_encoder is None and getattr(encoder, "sentences_are_means", False)
        sentences = TextTable(cache, sentence_encoder or encoder, "sentences", tokens if means else None)
        sentences.add(texts, _named(progress, "sentence vectors of captions"))
        if losses.filtered_share is not None:
            threshold = threshold_for_share(list(pairs.texts()), sentences, losses.filtered_share, config.optimisation.seed)
            config = replace(config, losses=replace(losses, threshold=threshold, filtered_share=None))
    return TMRTask(
        config,
        pairs,
        galleries,
        tokens,
        sentences,
        statistics_of(pairs, config.optimisation.seed, config.data.scaling, config.data.hidden, mirror=config.data.mirror > 0),
    )


def with_swapped(texts: Iterable[str]) -> list[str]:
    """Each text once, with left and right exchanged, and exchanged back, which may be spelt otherwise."""
    found: dict[str, None] = {}
    for text in texts:
        other = swap_left_right(text)
        found |= dict.fromkeys((text, other, swap_left_right(other)))
    return list(found)


def padded(sequences: Sequence[Array], length: int | None = None) -> tuple[Tensor, Tensor]:
    """Sequences (T_i, D) in one tensor (N, T, D) with zeros behind them, and the mask (N, T) of where they are."""
    lengths = [len(s) for s in sequences]
    out = np.zeros((len(sequences), max(lengths) if length is None else length, sequences[0].shape[1]), np.float32)
    for row, sequence in zip(out, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(out), torch.arange(out.shape[1]) < torch.tensor(lengths)[:, None]


def chunks(items: Sequence[Array], size: int) -> Iterator[Sequence[Array]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, of: progress(what, done, of)
