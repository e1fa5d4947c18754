"""Training generators: clips noised and restored, told by captions, stage by stage or part by part, with drafts and given frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import ModelError
from kinelang.language.encoders.base import TextEncoder
from kinelang.language.sides import swap_left_right
from kinelang.models.base import CARD, CONFIG, STATISTICS, VERSION, Run, check_tensors, write_json, write_tensors
from kinelang.models.configuring import to_dict
from kinelang.models.diffusion.samplers import noised
from kinelang.models.finemogen.config import HINTS, ORIGINS, FineMoGenConfig
from kinelang.models.finemogen.groups import PARTS, layout_named, part_masks
from kinelang.models.finemogen.network import Hints
from kinelang.models.finemogen.plan import Interval, Plan, plan_of
from kinelang.models.mdm.config import MDMConfig
from kinelang.models.table import entry_of
from kinelang.models.tmr.statistics import Statistics, stacked
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.motion.arrays import Array
from kinelang.motion.features import mirror_features
from kinelang.training.augmenting import at_speed, softened
from kinelang.training.data import Clips, Progress, batches_by_length
from kinelang.training.drafts import Drafts, Row, drafts_of
from kinelang.training.pairs import Pairs, flat, galleries_of, mean_of_large, statistics_of
from kinelang.training.texts import TextTable
from kinelang.training.tmr import padded
from kinelang.training.told import PERFORMED

Config = FineMoGenConfig | MDMConfig

VALIDATION_BATCH = 64
VALIDATION_CLIPS = 128
"""Of each corpus."""
VALIDATION_STEPS = (100, 500, 900)
"""At which it is measured how much of the motion is restored."""
SIDES = {"left_arm": "right_arm", "right_arm": "left_arm", "left_leg": "right_leg", "right_leg": "left_leg"}
MIRRORED = tuple(PARTS.index(SIDES.get(part, part)) for part in PARTS)
SHORTEST_GIVEN = 2
"""Tokens."""


@dataclass(frozen=True)
class Example:
    """One clip as the network takes it.

    Attributes:
        rows: (L, stack D) normalised tokens.
        frames: that are real; the last token may hold the last one.
        intervals: length in tokens, the text of the whole, and those of `PARTS`; "" where there is none.
        dropped: whether the texts are left out.
        draft: (L, stack D) values of the hints.
        kinds: (L, 7) which of `HINTS` each part of each token is.
        origin: index in `ORIGINS`.
    """

    rows: Array
    frames: int
    intervals: tuple[tuple[int, str, tuple[str, ...]], ...]
    dropped: bool
    draft: Array
    kinds: Array
    origin: int


@dataclass
class Batch:
    """Examples together.

    Attributes:
        x: (B, T, stack D).
        there: (B, T stack) frames that are real.
        plan: tokens, intervals and numbers of texts.
        text, text_mask: (U, W, w), (U, W) states of the texts.
        dropped: (B,).
        hints: drafts and given frames.
        origin: (B,).
    """

    x: Tensor
    there: Tensor
    plan: Plan
    text: Tensor
    text_mask: Tensor
    dropped: Tensor
    hints: Hints
    origin: Tensor


class Undrafted:
    """In place of drafts for what is trained without them: nothing is known of the clips, which keeps training from making drafts."""

    def __init__(self, clips: Clips) -> None:
        self.rows: Sequence[tuple[Row, ...]] = [()] * len(clips)
        self._clips = clips

    def __getitem__(self, i: int) -> Array:
        """Zeros in the shape of clip i."""
        return np.zeros_like(self._clips[i])


class FineMoGenTask:
    """What the loop trains: FineMoGen, or the baseline beside it. `prepare` makes it.

    Args:
        config: of the model, its text encoder set.
        train: pairs to learn from.
        drafts: for each corpus of `train`, what is known besides captions.
        held_out: pairs of each corpus to validate on, by its name.
        held_drafts: the same of theirs.
        tokens: token states of all texts, and of what they are with sides exchanged.
        statistics: of the training clips.
    """

    primary = "explained"

    def __init__(
        self,
        config: Config,
        train: Pairs,
        drafts: Sequence[Drafts | Undrafted],
        held_out: Mapping[str, Pairs],
        held_drafts: Mapping[str, Drafts | Undrafted],
        tokens: TextTable,
        statistics: Statistics,
    ) -> None:
        self.config, self.train, self.drafts = config, train, drafts
        self.held_out, self.held_drafts = dict(held_out), held_drafts
        self.tokens, self.statistics = tokens, statistics
        torch.manual_seed(config.optimisation.seed)
        self.module: Any = entry_of(config.kind).build(config)
        self._weights = feature_weights(config)
        self._levels = torch.from_numpy(config.schedule.alpha_bars).float()
        self._plan = lru_cache(maxsize=2)(self._planned)
        self._masks = part_masks(layout_named(config.network.layout))
        self._validation: dict[str, list[Batch]] = {}

    def n_batches(self, epoch: int) -> int:
        """Batches in an epoch."""
        return -(-len(self.train) // self.config.optimisation.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """One batch, each clip varied and told as the configuration says."""
        rng = np.random.default_rng([self.config.optimisation.seed, 1, epoch, index])
        return self.collated([self._drawn(n, rng) for n in self._plan(epoch)[index]])

    def collated(self, examples: Sequence[Example]) -> Batch:
        """Examples as the network takes them."""
        numbers: dict[str, int] = {}

        def number(text: str) -> int:
            return numbers.setdefault(text, len(numbers)) if text else -1

        sequences = [
            [Interval(n, number(whole), tuple(map(number, parts))) for n, whole, parts in example.intervals] for example in examples
        ]
        words = self.config.network.max_words
        text, text_mask = padded(
            [self.tokens[t][:words] for t in numbers] or [np.zeros((1, self.config.network.text_width), np.float32)]
        )
        x, _ = padded([example.rows for example in examples])
        draft, _ = padded([example.draft for example in examples])
        kinds, _ = padded([example.kinds.astype(np.float32) for example in examples])
        frames = torch.tensor([example.frames for example in examples])
        return Batch(
            x,
            torch.arange(x.shape[1] * self.config.network.stack) < frames[:, None],
            plan_of(sequences, self.config.network.reach),
            text,
            text_mask,
            torch.tensor([example.dropped for example in examples]),
            Hints(draft, kinds.long()),
            torch.tensor([example.origin for example in examples]),
        )

    def loss(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The weighted loss and its parts, at a random step of the diffusion."""
        step = torch.randint(0, self.config.schedule.steps, (len(batch.x),), device=batch.x.device)
        restored = self._restored(module, batch, step, torch.randn_like(batch.x))
        squares = self._squares(restored, batch)
        counts = batch.there.sum(dim=1)
        per_clip = squares.sum(dim=1)
        motion = (per_clip / counts).mean() if self.config.losses.mean == "clips" else per_clip.sum() / counts.sum()
        route, times = self.module.auxiliary()
        losses = self.config.losses
        return motion + losses.route * route + losses.kl * times, {"motion": motion, "route": route, "times": times}

    def _restored(self, module: nn.Module, batch: Batch, step: Tensor, noise: Tensor) -> Tensor:
        network = self.config.network
        x = noised(batch.x, noise, self._levels.to(step.device)[step][:, None, None])
        hints = batch.hints if network.hints else None
        origin = batch.origin if network.origins else None
        restored: Tensor = module(x, step, batch.plan, (batch.text, batch.text_mask), batch.dropped, hints, origin)
        return restored

    def _squares(self, restored: Tensor, batch: Batch) -> Tensor:
        """(B, T stack) mean squared error of each frame, weighed; 0 where there is none."""
        apart = (restored - batch.x).view(*batch.there.shape, -1)
        return (apart.square() * self._weights.to(apart.device)).mean(dim=-1) * batch.there

    @torch.no_grad()
    def validate(self, module: nn.Module) -> Mapping[str, float]:
        """Percent of the variance of held-out clips that is restored, mean over steps of the diffusion: CORPUS/explained by texts
        alone, CORPUS/drafted with drafts; and their mean, "explained"."""
        found = {name: self._figures(module, name, pairs) for name, pairs in self.held_out.items()}
        names = ("explained", "drafted") if self.config.network.hints and self.config.data.drafted else ("explained",)
        return {"explained": float(np.mean([mean_of_large(found, self.held_out, name) for name in names])), **flat(found)}

    def write_head(self, run: Path, card: str) -> None:
        """Write the files of the run folder that training does not change."""
        write_json(run / CONFIG, {"model": self.config.kind, "version": VERSION, "config": to_dict(self.config)})
        write_tensors(run / STATISTICS, self.statistics.arrays())
        write_atomic(run / CARD, card.encode())

    def _planned(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng([self.config.optimisation.seed, 0, epoch])
        return batches_by_length(self.train.lengths, self.config.optimisation.batch_size, rng)

    def _drawn(self, n: int, rng: np.random.Generator) -> Example:
        """Pair n, varied."""
        data, (corpus, i) = self.config.data, self.train.order[n]
        captions = self.train.captions(n)
        text = captions[int(rng.integers(len(captions)))]
        clip, rows, draft = self.train.clip(n), self.drafts[corpus].rows[i], self.drafts[corpus][i]
        if data.softened and self._origin(corpus) == ORIGINS.index("recorded") and rng.random() < data.softened:
            draft = softened(clip, self.statistics.std, rng)
        if rng.random() < data.mirror:
            clip, draft = mirror_features(clip), mirror_features(draft)
            text, rows = swap_left_right(text), tuple(map(mirrored_row, rows))
        if data.speed:
            speed = float(rng.uniform(1 - data.speed, 1 + data.speed))
            clip, draft = at_speed(clip, speed), at_speed(draft, speed)
            rows = tuple((start / speed, end / speed, cells) for start, end, cells in rows)
        first = int(rng.integers(max(len(clip) - self.config.network.max_frames, 0) + 1))
        staged = rng.random() < data.staged
        told = self._staged(rows, rng) if staged else ((0.0, np.inf, text, ()),)
        kinds = self._kinds(min(len(clip), self.config.network.max_frames), rng)
        return self._example(clip, draft, told, first, kinds, rng.random() < data.dropped, self._origin(corpus))

    def _origin(self, corpus: int) -> int:
        return ORIGINS.index("performed" if self.train.corpora[corpus].name in PERFORMED else "recorded")

    def _staged(self, rows: Sequence[Row], rng: np.random.Generator) -> tuple[tuple[float, float, str, tuple[str, ...]], ...]:
        """Stages with the text of the whole, and sometimes with those of parts, of which some are left out."""
        parted = rng.random() < self.config.data.parted
        alone = parted and rng.random() < 0.15
        out = []
        for start, end, (whole, *parts) in rows:
            kept = tuple(part if rng.random() < 0.75 else "" for part in parts) if parted else ()
            out.append((start, end, "" if alone and any(kept) else whole, kept))
        return tuple(out)

    def _example(
        self,
        clip: Array,
        draft: Array,
        told: Sequence[tuple[float, float, str, tuple[str, ...]]],
        first: int,
        kinds: Array,
        dropped: bool,
        origin: int,
    ) -> Example:
        """The part of a clip that begins with a frame, as long as the network takes."""
        n = self.config.network
        clip, draft = clip[first : first + n.max_frames], draft[first : first + n.max_frames]
        rows, shown = stacked(self.statistics(clip), n.stack), stacked(self.statistics(draft), n.stack)
        fps, length = layout_named(n.layout).fps, len(rows)
        kinds = kinds[:length]
        values = hinted(rows, shown, kinds, self._masks, n.stack)
        cuts = [(round((end * fps - first) / n.stack) if np.isfinite(end) else length, whole, parts) for _, end, whole, parts in told]
        return Example(rows, len(clip), intervals_of(cuts, length), dropped, values, kinds, origin)

    def _kinds(self, frames: int, rng: np.random.Generator) -> Array:
        """(L, 7) which parts of which tokens are hinted at, and how."""
        data, length = self.config.data, -(-frames // self.config.network.stack)
        kinds = np.full((length, len(PARTS)), HINTS.index("none"), dtype=np.int64)
        if rng.random() < data.drafted:
            kinds[:] = HINTS.index("draft")
            if rng.random() < 0.3:  # with holes, where a draft could not be made
                kinds[some_span(length, rng)] = HINTS.index("none")
            if rng.random() < 0.2:
                kinds[:, rng.random(len(PARTS)) < 0.4] = HINTS.index("none")
        if rng.random() < data.given:
            kinds = np.where(given(length, rng), HINTS.index("given"), kinds)
        return kinds

    def _figures(self, module: nn.Module, name: str, pairs: Pairs) -> dict[str, float]:
        if name not in self._validation:
            self._validation[name] = self._held(name, pairs)
        device = next(module.parameters()).device
        kinds = {"explained": "none", "drafted": "draft"} if self.config.network.hints else {"explained": "none"}
        out: dict[str, float] = {}
        for figure, kind in kinds.items():
            wrong, true = 0.0, 0.0
            for b, batch in enumerate(self._validation[name]):
                generator = torch.Generator().manual_seed(b)
                noise = torch.randn(batch.x.shape, generator=generator).to(device)
                there = moved(batch, device)
                all_ = torch.full_like(there.hints.kinds, HINTS.index(kind))
                there.hints = Hints(there.hints.values * (kind != "none"), all_)
                for t in VALIDATION_STEPS:
                    step = torch.full((len(batch.x),), min(t, self.config.schedule.steps - 1), device=device)
                    wrong += float(self._squares(self._restored(module, there, step, noise), there).sum())
                true += len(VALIDATION_STEPS) * float(self._squares(torch.zeros_like(there.x), there).sum())
            out[figure] = 100 * (1 - wrong / max(true, 1e-9))
        return out

    def _held(self, name: str, pairs: Pairs) -> list[Batch]:
        """Held-out clips, every other one told by its caption, the others by stages."""
        drafts, draft = self.held_drafts[name], HINTS.index("draft")
        origin = ORIGINS.index("performed" if name in PERFORMED else "recorded")
        examples = []
        for n in range(min(len(pairs), VALIDATION_CLIPS)):
            i, clip = pairs.order[n][1], pairs.clip(n)
            rows = tuple((start, end, cells[0], cells[1:]) for start, end, cells in drafts.rows[i])
            told = rows if n % 2 and self.config.data.staged else ((0.0, np.inf, pairs.captions(n)[0], ()),)
            kinds = np.full((-(-len(clip) // self.config.network.stack), len(PARTS)), draft)
            examples.append(self._example(clip, drafts[i], told, 0, kinds, False, origin))
        return [self.collated(examples[at : at + VALIDATION_BATCH]) for at in range(0, len(examples), VALIDATION_BATCH)]


def feature_weights(config: Config) -> Tensor:
    """The weight of each feature in the loss, their mean 1: (D,)."""
    weights = torch.ones(layout_named(config.network.layout).width)
    weights[:4] = config.losses.root
    return weights / weights.mean()


def intervals_of(cuts: Sequence[tuple[int, str, tuple[str, ...]]], length: int) -> tuple[tuple[int, str, tuple[str, ...]], ...]:
    """Intervals from where each ends, in tokens, its text and its parts' texts; they cover `length`, and none is empty."""
    out: list[tuple[int, str, tuple[str, ...]]] = []
    at = 0
    for i, (end, whole, parts) in enumerate(cuts):
        end = length if i == len(cuts) - 1 else min(end, length)
        if end > at:
            out.append((end - at, whole, parts))
            at = end
    if at < length:
        out[-1] = (out[-1][0] + length - at, *out[-1][1:])
    return tuple(out)


def hinted(rows: Array, draft: Array, kinds: Array, masks: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], stack: int) -> Array:
    """The values (L, stack D) of hints: of the draft, of the clip itself where it is given, and 0 where there are none."""
    by_feature = np.tile(np.stack([masks[p] for p in range(len(masks))]).argmax(axis=0), stack)
    kind = kinds[:, by_feature]
    return np.where(kind == HINTS.index("given"), rows, np.where(kind == HINTS.index("draft"), draft, 0)).astype(np.float32)


def some_span(length: int, rng: np.random.Generator) -> slice:
    """A random stretch of tokens."""
    n = int(rng.integers(1, max(length // 2, 1) + 1))
    start = int(rng.integers(0, length - n + 1))
    return slice(start, start + n)


def given(length: int, rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(L, 7) what is given of a clip: its beginning, both ends, some parts, all but a stretch, or the first token."""
    out = np.zeros((length, len(PARTS)), dtype=bool)
    way = rng.integers(5)
    some = int(rng.integers(1, max(length // 2, 1) + 1))
    if way == 0:
        out[:some] = True
    elif way == 1:
        out[: max(some // 2, 1)] = True
        out[length - max(some // 2, 1) :] = True
    elif way == 2:
        out[:, rng.random(len(PARTS)) < 0.6] = True
    elif way == 3:
        out[:] = True
        out[some_span(length, rng)] = False
    else:
        out[0] = True
    return out


def mirrored_row(row: Row) -> Row:
    """A row of a description matrix of the mirrored clip."""
    start, end, (whole, *parts) = row
    return start, end, (swap_left_right(whole), *(swap_left_right(parts[i]) for i in MIRRORED))


def moved(batch: Batch, device: torch.device) -> Batch:
    """A batch on a device."""
    hints = Hints(batch.hints.values.to(device), batch.hints.kinds.to(device))
    rest = {name: getattr(batch, name).to(device) for name in ("x", "there", "text", "text_mask", "dropped", "origin")}
    return Batch(plan=batch.plan.to(device), hints=hints, **rest)


def prepare(
    config: Config,
    train: Sequence[tuple[Clips, int]],
    held_out: Sequence[Clips],
    encoder: TextEncoder,
    cache: Path,
    progress: Progress | None = None,
    start: Run | None = None,
) -> FineMoGenTask:
    """A task: drafts made, texts encoded, statistics measured.

    Args:
        config: its text encoder's width and identity are set here.
        train: clips and how often an epoch shows them.
        held_out: clips to validate on.
        encoder: of token states.
        cache: folder for encoded texts and drafts.
        progress: told as it goes.
        start: a model to begin with; its statistics are kept.

    Raises:
        CorpusError: no clip that is long enough.
        ModelError: features of another layout than the clips have, or a model to begin with that has another network or text encoder.
    """
    if config.network.layout != "humanml3d":
        raise ModelError.of("network, layout", config.network.layout, "humanml3d, which the clips have")
    config = config.with_encoder(encoder.identity, encoder.width)
    pairs = Pairs.of(train, config.data.min_frames)
    galleries = galleries_of(held_out, config.data.min_frames)
    known = config.network.hints or config.data.staged > 0

    def of(clips: Clips) -> Drafts | Undrafted:
        return drafts_of(clips, cache / "drafts", progress) if known else Undrafted(clips)

    drafts, held_drafts = [of(clips) for clips, _ in train], {clips.name: of(clips) for clips in held_out}
    tokens = TextTable(cache / "texts", encoder, "tokens")
    said = (t for some in [*drafts, *held_drafts.values()] for rows in some.rows for row in rows for t in row[2])
    captions = (t for clips in [*(c for c, _ in train), *held_out] for texts in clips.captions for t in texts)
    texts = both_ways([*captions, *said])
    tokens.add(texts, None if progress is None else lambda done, of: progress("token states of texts", done, of))
    if start is None:
        statistics = statistics_of(pairs, config.optimisation.seed, mirror=config.data.mirror > 0)
        return FineMoGenTask(config, pairs, drafts, galleries, held_drafts, tokens, statistics)
    statistics = Statistics.from_arrays(start.statistics, layout_named(config.network.layout).width, start.where)
    task = FineMoGenTask(config, pairs, drafts, galleries, held_drafts, tokens, statistics)
    _begin(task, start)
    return task


def _begin(task: FineMoGenTask, start: Run) -> None:
    """Give the network the weights of a trained one. Skips, which are nothing at first, may be new to it."""
    own, mine = to_dict(task.config), dict(task.module.state_dict())
    theirs = {"network": dict(start.config["network"]), "words": start.config["text_identity"]}
    new = set[str]()
    if own["network"].get("skips") and not theirs["network"].get("skips"):
        theirs["network"]["skips"] = True
        new = {name for name in mine if name.startswith("skips.")}
    if start.model != task.config.kind or theirs != {"network": own["network"], "words": own["text_identity"]}:
        raise ModelError.of(start.where, "another kind of model, network or text encoder", "those of the configuration")
    check_tensors(start.weights, {name: tuple(t.shape) for name, t in mine.items() if name not in new}, start.where)
    task.module.load_state_dict(mine | {name: torch.as_tensor(array) for name, array in start.weights.items()})


def both_ways(texts: Iterable[str]) -> list[str]:
    """Each text once, and what it is with left and right exchanged."""
    found = dict.fromkeys(texts)
    return list(found | dict.fromkeys(swap_left_right(text) for text in found))
