"""`FineMoGen`: a trained network with all that it needs to make motion of texts, drafts and frames that are given.

`MotionDiffusion` is what it shares with other networks that are called alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import Run, check_tensors, read_run
from kinelang.models.configuring import from_dict
from kinelang.models.diffusion.samplers import guidance_weight, guided, sample
from kinelang.models.diffusion.schedule import PUBLISHED_SECTIONS, spaced, trailing
from kinelang.models.finemogen.config import HINTS, ORIGINS, FineMoGenConfig, Sampling
from kinelang.models.finemogen.groups import PARTS, layout_named, part_masks
from kinelang.models.finemogen.network import Hints
from kinelang.models.finemogen.plan import Interval, Plan, plan_of
from kinelang.models.table import entry_of
from kinelang.models.tmr.statistics import Statistics, stacked
from kinelang.models.with_torch import Tensor, torch
from kinelang.motion.arrays import Array

if TYPE_CHECKING:
    from typing import Self

    from kinelang.language.encoders import TextEncoder
    from kinelang.models.mdm.config import MDMConfig

SHIPPED = "default"
"""Folder, beside this file, of the model that comes with the package."""
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Told:
    """What is said of one interval.

    Attributes:
        frames: its length.
        overall: of the whole body; "": nothing.
        parts: of each of `groups.PARTS`, "": nothing; empty: of none.
    """

    frames: int
    overall: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Job:
    """One motion to make. Frames are those of features, at the layout's rate.

    Attributes:
        told: its intervals in order; their lengths are the motion's.
        seed: of its noise. The same seed gives the same motion, whatever it is made together with.
        draft: (T, D) raw features to go by.
        drafted: (T, 7) which of `groups.PARTS` the draft speaks of; None: all.
        given: (T, D) raw features that are to be.
        fixed: (T, D) which of them.
    """

    told: tuple[Told, ...]
    seed: int = 0
    draft: Array | None = None
    drafted: BoolArray | None = None
    given: Array | None = None
    fixed: BoolArray | None = None

    @property
    def frames(self) -> int:
        """Length of the motion."""
        return sum(told.frames for told in self.told)


class MotionDiffusion:
    """A trained model of any kind that restores noised motion. Subclasses name its configuration, whose kind is in `MODELS`.

    Attributes:
        identity: name and content hash.
        config: how it was made, and how it samples.
        metrics: figures of its training.
    """

    config: FineMoGenConfig | MDMConfig
    config_type: ClassVar[type[FineMoGenConfig | MDMConfig]]

    def __init__(self, run: Run, encoder: TextEncoder | None = None) -> None:
        kind = self.config_type.kind
        if run.model != kind:
            raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind '{kind}'")
        self.config = from_dict(self.config_type, run.config, f"{run.where}, config.json")
        self.layout = layout_named(self.config.network.layout)
        self.network = entry_of(kind).build(self.config)
        check_tensors(run.weights, {name: tuple(t.shape) for name, t in self.network.state_dict().items()}, run.where)
        self.network.load_arrays(run.weights)
        self.network.eval().requires_grad_(False)
        self.identity, self.metrics = run.identity, run.metrics
        self._statistics = Statistics.from_arrays(run.statistics, self.layout.width, f"{run.where}, stats.safetensors")
        self._masks = part_masks(self.layout)
        self._encoder = None if encoder is None else self._checked(encoder)

    @classmethod
    def load(cls, folder: Path | None = None, encoder: TextEncoder | None = None) -> Self:
        """Load a model.

        Args:
            folder: a run folder; None: the model that comes with kinelang.
            encoder: the text encoder, if it is open already; it has to be the one the model was trained with.

        Raises:
            ModelError: no such folder, files that do not belong together, another text encoder.
            MissingExtraError: torch or safetensors is not installed.
        """
        kind = cls.config_type.kind
        if folder is None:
            folder = Path(str(files(f"kinelang.models.{kind}"))) / SHIPPED
            if not folder.is_dir():
                remedy = f"train one: kinelang train {kind} --corpus synthetic:30000 --out RUN"
                raise ModelError.of(f"models/{kind}", "no model that comes with this version", "a run folder", remedy)
        return cls(read_run(Path(folder), kind), encoder)

    @property
    def encoder(self) -> TextEncoder:
        """The text encoder, opened when it is first needed. Raises ModelError if it is not the one the model was trained with."""
        if self._encoder is None:
            from kinelang.language.encoders import open_encoder

            self._encoder = self._checked(open_encoder(self.config.text_encoder))
        return self._encoder

    @torch.inference_mode()
    def sample(self, jobs: Sequence[Job], how: Sampling | None = None) -> list[Array]:
        """Make motions together; each is what it would be alone, up to rounding.

        Args:
            jobs: at least one frame each.
            how: in place of the model's own.

        Returns:
            Raw features of each, (T, D) float32.

        Raises:
            ModelError: a job without a frame, or arrays of other shapes than its frames.
            KinelangError: a text of blanks alone.
        """
        if not jobs:
            return []
        how = self.config.sampling if how is None else how
        if how.draft == "start" and len({job.draft is None for job in jobs}) == 2:  # they begin at different steps
            return self._apart(jobs, how)
        network, schedule = self.config.network, self.config.schedule
        pieces = [self._piece(job, how) for job in jobs]
        numbers = _numbered(jobs)
        plan = plan_of([self._intervals(job, numbers) for job in jobs], network.reach)
        texts = self._texts(list(numbers))
        hints = self._hints(pieces, plan)
        predict = self._predictor(plan, texts, hints, how)
        fixed, given = _stack([p.fixed for p in pieces], plan) > 0, _stack([p.given for p in pieces], plan)
        hold = (lambda x: torch.where(fixed, given, x)) if bool(fixed.any()) else None
        steps = spaced(schedule.steps, PUBLISHED_SECTIONS) if how.steps is None else trailing(schedule.steps, how.steps)
        start = None
        if how.draft == "start" and pieces[0].draft is not None:  # then all of them have one
            start = _stack([p.draft for p in pieces if p.draft is not None], plan)
            steps = tuple(t for t in steps if t < how.start * schedule.steps) or steps[:1]
        x = sample(predict, _stack([p.noise for p in pieces], plan), schedule, steps, how.sampler, hold, start)
        return [self._features(row.numpy(), job, piece, how) for row, job, piece in zip(x, jobs, pieces, strict=True)]

    def _apart(self, jobs: Sequence[Job], how: Sampling) -> list[Array]:
        """Jobs with a draft sampled together, and those without."""
        made: dict[int, Array] = {}
        for drafted in (True, False):
            which = [i for i, job in enumerate(jobs) if (job.draft is not None) is drafted]
            made |= dict(zip(which, self.sample([jobs[i] for i in which], how), strict=True))
        return [made[i] for i in range(len(jobs))]

    def words_read(self, text: str) -> int:
        """How many words of a text, from its beginning, the network is told whole; those beyond `max_words` tokens are cut off.

        The encoder's marks count as tokens: one before the text and one behind it.
        """
        words, longest = text.split(), self.config.network.max_words
        if len(text) <= longest - 1 or len(self.encoder.tokens([text])[0]) - 1 <= longest:  # a token has a letter at least
            return len(words)
        low, high = 0, len(words) - 1
        while low < high:  # the most words whose tokens, without the mark behind them, are not too many
            middle = (low + high + 1) // 2
            enough = len(self.encoder.tokens([" ".join(words[:middle])])[0]) - 1 <= longest
            low, high = (middle, high) if enough else (low, middle - 1)
        return low

    def _predictor(self, plan: Plan, texts: Any, hints: Hints | None, how: Sampling) -> Callable[[Tensor, int], Tensor]:
        """The network with guidance. Without it every step costs half."""
        b = len(plan.lengths)
        dropped = torch.ones(b, dtype=torch.bool)
        bare = None if hints is None else self._without_drafts(hints)
        root = torch.zeros(self.config.network.stack, self.layout.width, dtype=torch.bool)
        root[:, self.layout.blocks["yaw_rate"]] = root[:, self.layout.blocks["root_velocity"]] = not how.guide_root

        late, steps = ORIGINS.index(how.origin), self.config.schedule.steps

        def predict(x: Tensor, t: int) -> Tensor:
            step = torch.full((b,), t)
            told_origin = late if t < how.origin_below * steps else 1 - late
            origin = torch.full((b,), told_origin) if self.config.network.origins else None
            told: Tensor = self.network(x, step, plan, texts, None, hints, origin)
            weight = self._weight(t, how)
            if weight == 1:
                return told
            led = guided(told, self.network(x, step, plan, texts, dropped, bare, origin), weight)
            return led if how.guide_root else torch.where(root.flatten(), told, led)

        return predict

    def _weight(self, step: int, how: Sampling) -> float:
        """Of what texts say, at a step of the diffusion; without them it is 1 less."""
        return guidance_weight(step, how.guidance, self.config.schedule.steps)

    def _texts(self, texts: list[str]) -> Any:
        """What the network needs of texts; of nothing, where there are none."""
        network = self.config.network
        states = (
            [s[: network.max_words] for s in self.encoder.tokens(texts)] if texts else [np.zeros((1, network.text_width), np.float32)]
        )
        lengths = torch.tensor([len(s) for s in states])
        padded = torch.zeros(len(states), int(lengths.max()), network.text_width)
        for row, state in zip(padded, states, strict=True):
            row[: len(state)] = torch.from_numpy(np.array(state))
        return self.network.texts(padded, torch.arange(padded.shape[1]) < lengths[:, None])

    def _intervals(self, job: Job, numbers: dict[str, int]) -> list[Interval]:
        """A job's intervals in tokens; one that is longer than the network takes becomes several of like length."""
        network, out, at, frames = self.config.network, [], 0, 0
        tokens = -(-job.frames // network.stack)
        for i, told in enumerate(job.told):
            frames += told.frames
            end = tokens if i == len(job.told) - 1 else round(frames / network.stack)
            if end <= at:
                continue
            pieces = -(-(end - at) // network.max_tokens)
            cuts = [at + round(k * (end - at) / pieces) for k in range(pieces + 1)]
            parts = tuple(numbers.get(part, -1) for part in told.parts)
            out += [Interval(b - a, numbers.get(told.overall, -1), parts) for a, b in pairwise(cuts)]
            at = end
        return out

    def _piece(self, job: Job, how: Sampling) -> _Piece:
        """A job's arrays as tokens."""
        n, stack = job.frames, self.config.network.stack
        if n < 1 or any(told.frames < 0 for told in job.told):
            raise ModelError.of("job", f"{[told.frames for told in job.told]} frames", "at least one")
        for name, width in (("draft", self.layout.width), ("drafted", 7), ("given", self.layout.width), ("fixed", self.layout.width)):
            array = getattr(job, name)
            if array is not None and array.shape != (n, width):
                raise ModelError.of(f"job, {name}", f"shape {array.shape}", f"({n}, {width})")
        tokens = -(-n // stack)
        noise = np.random.default_rng(job.seed).standard_normal((tokens, stack * self.layout.width), dtype=np.float32)
        draft = None if job.draft is None or how.draft == "none" else stacked(self._statistics(job.draft), stack)
        nothing = np.zeros((tokens, stack * self.layout.width), np.float32)
        given = nothing if job.given is None else stacked(self._statistics(job.given), stack)
        fixed = nothing if job.fixed is None else stacked(job.fixed.astype(np.float32), stack)
        kinds = np.full((tokens, len(PARTS)), HINTS.index("none"))
        if draft is not None and how.draft == "hint":
            spoken = np.ones((n, 7), bool) if job.drafted is None else job.drafted
            kinds[stacked(spoken, stack).reshape(tokens, stack, 7).all(axis=1)] = HINTS.index("draft")
        whole = fixed.reshape(tokens, stack, 1, -1) >= self._masks  # (L, stack, 7, D): fixed wherever the part has the feature
        kinds[whole.all(axis=(1, 3))] = HINTS.index("given")
        return _Piece(noise, draft, given, fixed, kinds)

    def _hints(self, pieces: Sequence[_Piece], plan: Plan) -> Hints | None:
        if not self.config.network.hints:
            return None
        by_feature = np.tile(self._masks.argmax(axis=0), self.config.network.stack)
        values = []
        for piece in pieces:
            kind = piece.kinds[:, by_feature]
            draft = np.zeros_like(piece.given) if piece.draft is None else piece.draft
            values.append(np.where(kind == HINTS.index("given"), piece.given, np.where(kind == HINTS.index("draft"), draft, 0)))
        kinds = _stack([piece.kinds.astype(np.float32) for piece in pieces], plan)
        return Hints(_stack([v.astype(np.float32) for v in values], plan), kinds.long())

    def _without_drafts(self, hints: Hints) -> Hints:
        """What is given alone."""
        given = hints.kinds == HINTS.index("given")
        by_feature = torch.from_numpy(np.tile(self._masks.argmax(axis=0), self.config.network.stack))
        return Hints(hints.values * given[..., by_feature], torch.where(given, hints.kinds, HINTS.index("none")))

    def _features(self, tokens: Array, job: Job, piece: _Piece, how: Sampling) -> Array:
        """Raw features of what was sampled, smoothed but for what was given."""
        n, width = job.frames, self.layout.width
        rows = tokens[: len(piece.noise)].reshape(-1, width)[:n]
        if how.smooth:
            from scipy.ndimage import gaussian_filter1d

            rows = gaussian_filter1d(rows, how.smooth, axis=0, mode="nearest")
        features = rows * self._statistics.std + self._statistics.mean
        if job.fixed is not None and job.given is not None:
            features = np.where(job.fixed, job.given, features)
        return np.asarray(features, dtype=np.float32)

    def _checked(self, encoder: TextEncoder) -> TextEncoder:
        wanted = self.config.text_identity
        if wanted and encoder.identity != wanted:
            raise ModelError.of("text encoder", encoder.identity, wanted, "open the one that the model was trained with")
        return encoder

    def with_sampling(self, **changes: object) -> Sampling:
        """The model's way of sampling with some of it changed. Raises ModelError for values that cannot be."""
        try:
            return replace(self.config.sampling, **changes)  # type: ignore[arg-type]
        except TypeError as error:
            raise ModelError.of("sampling", str(error), f"some of {', '.join(Sampling.__dataclass_fields__)}") from None


class FineMoGen(MotionDiffusion):
    """A trained FineMoGen."""

    config: FineMoGenConfig
    config_type = FineMoGenConfig


@dataclass(frozen=True, eq=False)
class _Piece:
    """A job in tokens: (L, stack D), kinds (L, 7)."""

    noise: Array
    draft: Array | None
    given: Array
    fixed: Array
    kinds: Array


def _numbered(jobs: Sequence[Job]) -> dict[str, int]:
    texts = (text for job in jobs for told in job.told for text in (told.overall, *told.parts) if text)
    return {text: i for i, text in enumerate(dict.fromkeys(texts))}


def _stack(rows: Sequence[Array], plan: Plan) -> Tensor:
    """(L_i, d) in one tensor (B, T, d) with zeros behind them."""
    out = np.zeros((len(rows), int(plan.lengths.max()), rows[0].shape[1]), np.float32)
    for row, array in zip(out, rows, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(out)
