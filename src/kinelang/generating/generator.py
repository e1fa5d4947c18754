"""`Generator`: prompts to motions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from kinelang.corpora.base import FPS, features_of
from kinelang.errors import ModelError, MotionError
from kinelang.generating.controlling import Fixed, Way, begin_with, check_speed, checked_path, keep, walk_s, way_along, where_it_was
from kinelang.generating.extremities import ENDS, Extremities
from kinelang.generating.finishing import as_motion, on_the_ground
from kinelang.generating.kept import Kept
from kinelang.generating.reading import LONGEST_S, Prompt, Wanted, read
from kinelang.generating.seeds import checked_seed
from kinelang.generating.steering import steered
from kinelang.models.finemogen.config import Sampling
from kinelang.models.finemogen.groups import PARTS
from kinelang.models.finemogen.model import Job, MotionDiffusion, Told
from kinelang.models.generators import load_generator
from kinelang.motion.arrays import Array, BoolArray
from kinelang.motion.features import HUMANML3D
from kinelang.motion.motion import Motion
from kinelang.motion.ops import transform
from kinelang.timeline import Timeline, perform

if TYPE_CHECKING:
    from kinelang.language.encoders import TextEncoder

AT_ONCE = 32
"""Motions that are sampled together."""
FRAMES_AT_ONCE = 32 * 20 * FPS
"""Frames of them all, the shorter ones filled up: about 2 GB with the model that ships."""
LONGEST_QUOTED = 40
"""Letters of a word that a note repeats."""


@dataclass(frozen=True)
class Generated:
    """A motion that was made.

    Attributes:
        motion: SMPL-22 with positions and rotations at 20 frames a second. It starts at the origin, facing +Z, unless a path or
            a place of something kept was given.
        timeline: what was asked for, with times.
        seed: of its noise.
        notes: what was inferred, what was not understood, what was changed afterwards: a sentence each.
    """

    motion: Motion
    timeline: Timeline
    seed: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Order:
    """A prompt made ready for the model."""

    wanted: Wanted
    job: Job
    way: Way | None
    ends: Extremities
    notes: tuple[str, ...]


class Generator:
    """Makes motion of text or timelines by FineMoGen, going by a performed draft where the model is used to one.

    Attributes:
        identity: of the model and of how it samples.
        model: the trained model.
        sampling: how motions are made unless asked otherwise.
    """

    def __init__(self, model: MotionDiffusion, sampling: Sampling | None = None) -> None:
        if model.layout is not HUMANML3D:
            raise ModelError.of(model.identity, f"features of '{model.layout.name}'", "humanml3d", "use the model itself")
        self.model = model
        self.sampling = model.config.sampling if sampling is None else sampling
        changed = {n: v for n, v in vars(self.sampling).items() if v != getattr(model.config.sampling, n)}
        self.identity = model.identity + "".join(f" {name}={value}" for name, value in changed.items())

    @classmethod
    def load(cls, folder: Path | None = None, encoder: TextEncoder | None = None, **sampling: Any) -> Generator:
        """Load a generator.

        Args:
            folder: a run folder; None: the model that comes with kinelang.
            encoder: the text encoder, if it is open already.
            sampling: fields of `Sampling` in place of the model's own, such as `steps=5`.

        Raises:
            ModelError, MissingExtraError: as `FineMoGen.load`; and values of sampling that cannot be.
        """
        model = load_generator(folder, encoder)
        return cls(model, model.with_sampling(**sampling))

    def generate(
        self,
        prompt: Prompt,
        *,
        seconds: float | None = None,
        seed: int = 0,
        n: int = 1,
        steps: int | None = None,
        start: Motion | None = None,
        path: Array | None = None,
        earlier: Motion | None = None,
        kept: Sequence[Kept] = (),
        clean: bool = True,
    ) -> list[Generated]:
        """Make motions of one prompt.

        Args:
            prompt: English; a timeline; or texts that are done in turn, each with its seconds or None: `[("walk forward", 3),
                ("sit down", None)]`. Stages and body parts that are recognised are told one by one. All of it is one motion, whose cost
                grows in proportion to its length.
            seconds: length; None: as long as the stages take, or the path at a walk. Not with texts in turn.
            seed: of the first, 0 to 2^63 - 1; the next have the next numbers. The same seed gives the same motion.
            n: how many.
            steps: of the sampler; None: the model's own.
            start: its end is what the motion begins with, or its pose.
            path: (P, 2) x and z in metres, or (P, 3) on level ground: the way that the body goes, facing where it leads.
            earlier, kept: a motion, and which pieces of it stay as they are. Without a path the first of them stays where it is, too.
            clean: afterwards let it face where what was understood leads, plant the feet and put the figure on the ground; what was
                changed is among the notes.

        Raises:
            KinelangError: an empty or contradictory prompt, a length or a seed that cannot be, a path that leaves the ground, pieces
                that are not in the earlier motion.
        """
        if n < 1:
            raise MotionError.of("n", str(n), "at least 1")
        seed = checked_seed(seed, n)
        if kept and earlier is None:
            raise MotionError.of("kept", "pieces without an earlier motion", "the motion that they are of")
        points = None if path is None else checked_path(path)
        asked = seconds is not None
        if points is not None and not asked and isinstance(prompt, str):
            seconds = float(np.clip(walk_s(points), 1.0, LONGEST_S))
        wanted = read(prompt, seconds, asked=asked)
        if points is not None:
            check_speed(points, wanted.timeline.duration_s)
        fixed, notes = Fixed.nothing(wanted.frames), wanted.notes
        way = None if points is None else way_along(points, wanted.frames)
        if start is not None:
            notes = (*notes, *begin_with(fixed, start))
        if way is not None:
            rows = np.zeros((wanted.frames, HUMANML3D.width), np.float32)
            rows[:, :3] = way.rates
            fixed.put(0, rows, slice(0, 3))
        if earlier is not None:
            keep(fixed, earlier, kept)
        orders = [self._order(replace(wanted, notes=notes), seed + i, fixed, way) for i in range(n)]
        if earlier is not None:
            for order in orders:
                order.ends.keep(earlier, kept)
        made = self._made(orders, self._how(steps), clean)
        if earlier is None or way is not None:
            return made
        return [replace(one, motion=where_it_was(one.motion, earlier, kept)) for one in made]

    def generate_batch(
        self,
        prompts: Sequence[Prompt],
        seconds: Sequence[float | None] | None = None,
        seed: int | Sequence[int] = 0,
        *,
        clean: bool = True,
    ) -> list[Generated]:
        """Make a motion of each prompt; errors as for `generate`. `seed`: of all, or one for each."""
        lengths = [None] * len(prompts) if seconds is None else seconds
        seeds = list(seed) if isinstance(seed, (Sequence, np.ndarray)) else [seed] * len(prompts)
        for name, values in (("seconds", lengths), ("seed", seeds)):
            if len(values) != len(prompts):
                raise MotionError.of(name, f"{len(values)} for {len(prompts)} prompts", "one for each")
        orders = []
        for prompt, length, own in zip(prompts, lengths, seeds, strict=True):
            wanted = read(prompt, length)
            orders.append(self._order(wanted, checked_seed(own), Fixed.nothing(wanted.frames), None))
        return self._made(orders, self.sampling, clean)

    def _how(self, steps: int | None) -> Sampling:
        return self.sampling if steps is None else replace(self.sampling, steps=steps)

    def _order(self, wanted: Wanted, seed: int, fixed: Fixed, way: Way | None) -> _Order:
        draft, drafted, notes = None, None, (*wanted.notes, *self._cut_off(wanted))
        ends = Extremities.nothing(wanted.frames)
        if self.sampling.draft != "none" and wanted.timeline.stages:
            performed, drafted, said = drafted_motion(wanted, seed)
            draft = features_of(performed)[: wanted.frames]
            ends.put(performed, {part: drafted[:, PARTS.index(part)] for part in ENDS})
            notes = (*notes, *said)
            if way is not None:
                draft[:, :3] = way.rates
        given = (fixed.values, fixed.mask) if fixed.mask.any() else (None, None)
        told = wanted.told
        if wanted.text and self.model.config.kind == "mdm":  # it reads one text
            told = (Told(wanted.frames, wanted.text),)
        return _Order(wanted, Job(told, seed, draft, drafted, *given), way, ends, notes)

    def _cut_off(self, wanted: Wanted) -> tuple[str, ...]:
        """Which words of the prompt the model is to be told and cannot read."""
        told = {text for told in wanted.told for text in (told.overall, *told.parts)}
        notes = []
        for text in dict.fromkeys(text for text in wanted.words if text in told):
            words, n = text.split(), self.model.words_read(text)
            if n < len(words):
                word = words[n] if len(words[n]) <= LONGEST_QUOTED else f"{words[n][: LONGEST_QUOTED - 3]}..."
                notes.append(
                    f"Of {len(words)} words the model reads the first {n}; word {n + 1}, '{word}', and all after it are not read."
                )
        return tuple(notes)

    def _made(self, orders: Sequence[_Order], how: Sampling, clean: bool) -> list[Generated]:
        """Motions of orders, those of like length sampled together."""
        out: dict[int, Generated] = {}
        for some in together([order.job.frames for order in orders]):
            features = self.model.sample([orders[i].job for i in some], how)
            out |= {i: self._finished(orders[i], made, clean) for i, made in zip(some, features, strict=True)}
        return [out[i] for i in range(len(orders))]

    def _finished(self, order: _Order, features: Array, clean: bool) -> Generated:
        """Features as a motion, cleaned, and where its path begins."""
        wanted, notes = order.wanted, order.notes
        if clean and wanted.whole and order.way is None:
            features, said = steered(features, order.job)
            notes = (*notes, *said)
        name = wanted.text or wanted.timeline.name or ", ".join(s.brief() for s in wanted.timeline.stages) or "generated"
        motion, said = as_motion(features, order.job.fixed, shorten(name, 60, placeholder=" ..."), f"generated by {self.identity}")
        motion = order.ends.on(motion)
        begins = motion.joints[0, 0]
        motion = transform(motion, 0.0, (-float(begins[0]), 0.0, -float(begins[2])))
        notes = (*notes, *said)
        if clean:
            motion, said = on_the_ground(motion, features)
            notes = (*notes, *said)
        if order.way is not None:
            motion = transform(motion, order.way.yaw, (float(order.way.origin[0]), 0.0, float(order.way.origin[1])))
        return Generated(motion, wanted.timeline, order.job.seed, notes)


def together(frames: Sequence[int]) -> list[list[int]]:
    """Numbers of motions of these lengths in groups of like length, to be sampled together with bounded memory."""
    groups: list[list[int]] = []
    for i in sorted(range(len(frames)), key=lambda i: frames[i]):
        if not groups or len(groups[-1]) == AT_ONCE or (len(groups[-1]) + 1) * frames[i] > FRAMES_AT_ONCE:
            groups.append([])
        groups[-1].append(i)
    return groups


def drafted_motion(wanted: Wanted, seed: int) -> tuple[Motion, BoolArray, tuple[str, ...]]:
    """A performance of the stages that can be performed, of T + 1 frames, of which parts (T, 7) it speaks, and notes."""
    frames, timeline = wanted.frames, wanted.performable
    spoken = np.ones((frames, len(PARTS)), bool)
    notes = []
    for stage in wanted.timeline.stages:
        if stage not in timeline.stages:
            at = slice(round(stage.start_s * FPS), round(stage.end_s * FPS))
            for part in stage.parts:
                spoken[at, PARTS.index(part)] = False
            notes.append(f"'{stage.lexeme.base}' cannot be performed; the model alone makes it.")
    for first, last in wanted.unread:
        spoken[first:last] = False
    return perform(timeline.with_(duration_s=(frames + 1) / FPS), seed, fps=FPS), spoken, tuple(notes)
