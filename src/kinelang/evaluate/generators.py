"""Systems that make motions of texts, all asked alike: what is performed, what is remembered, the mean, real recordings, and models.

Motions are kept on disk by system, prompt and seed, so that a run that was interrupted goes on, and no protocol asks twice. A system's
identity tells of the code that makes its motions too: what older code made is not taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kinelang.corpora.base import FPS
from kinelang.errors import KinelangError, ModelError
from kinelang.evaluate.prompts import Prompt
from kinelang.evaluate.sources import GENERATING, PERFORMING, sources_identity
from kinelang.evaluate.variants import Variant
from kinelang.models.tmr.retriever import lengthened
from kinelang.motion.arrays import Array
from kinelang.motion.features import decode_to_motion
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS
from kinelang.timeline import Stage, Timeline, parse, perform
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.files import to_dict
from kinelang.training.data import Progress

if TYPE_CHECKING:
    from kinelang.language.encoders import TextEncoder

BATCH = 32
"""Prompts that are made and kept together: as many are lost when a run is stopped."""
TRUTH = "truth performed"
WHOLE, PARTLY, NOT = "read whole", "read in part", "not read: stands still"
SHORTEST_S = 0.5
"""Of a text among others."""
FEWEST_ALIVE = 20
"""The mean motion goes on as long as so many clips do, and a tenth of them; then its last pose holds."""


class MotionSystem(Protocol):
    """What is judged.

    Attributes:
        name: in tables.
        identity: what decides its motions besides prompt and seed; those of another identity are never taken for its own.
        about: what it is made of, for the record.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def identity(self) -> str: ...  # noqa: D102
    @property
    def about(self) -> Mapping[str, Any]: ...  # noqa: D102

    def generate(self, prompts: Sequence[Prompt], seed: int) -> list[Motion]:
        """One motion a prompt; another seed, other motions, as far as the system has several."""
        ...


@dataclass(frozen=True)
class Made:
    """A system that is a function of one prompt and a seed of its own."""

    name: str
    identity: str
    about: Mapping[str, Any]
    make: Callable[[Prompt, int], Motion] = field(repr=False)

    def generate(self, prompts: Sequence[Prompt], seed: int) -> list[Motion]:
        """See `MotionSystem`."""
        return [self.make(prompt, seed_of(prompt, seed)) for prompt in prompts]


def seed_of(prompt: Prompt, seed: int) -> int:
    """A seed for one prompt: the same wherever it stands among others."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{prompt.text}/{prompt.name}".encode(), digest_size=8).digest(), "big") >> 1


# --- performed


def performed() -> Made:
    """`perform(parse(text))`: the baseline that decides. What is not read is left out; who reads nothing stands still."""

    def make(prompt: Prompt, seed: int) -> Motion:
        return perform(lasting(read_as(prompt)[0], prompt.seconds), seed, fps=FPS)

    return Made("performed", f"performed in time@{sources_identity(PERFORMING)}", {"seconds": "as asked"}, make)


def lasting(timeline: Timeline, seconds: float) -> Timeline:
    """The timeline with all its times in proportion, so that it takes so long."""
    pace = seconds / timeline.duration_s
    stages = tuple(s.with_(start_s=pace * s.start_s, end_s=min(pace * s.end_s, seconds), parts=s.parts) for s in timeline.stages)
    return timeline.with_(stages=stages, duration_s=seconds)


def truth(rotations: bool = True) -> Made:
    """`perform` of the timeline that is asked: the ceiling of every judge of prompts that are understood.

    Args:
        rotations: with them. Without, it is the ceiling of systems that make positions of joints alone: a head that turns on its neck
            moves no joint.
    """

    def make(prompt: Prompt, seed: int) -> Motion:
        if prompt.timeline is None:
            raise KinelangError.of(f"prompt '{prompt.text}'", "no timeline", "one", "judge prompts that have one")
        made = perform(prompt.timeline, seed, fps=FPS)
        return made if rotations else joints_alone(made)

    name = TRUTH if rotations else f"{TRUTH}, joints alone"
    return Made(name, f"{name}@{sources_identity(PERFORMING)}", {"rotations": rotations}, make)


def read_as(prompt: Prompt) -> tuple[Timeline, str]:
    """The timeline that is performed of a prompt's words, and whether they were read whole, in part or not at all.

    Of texts that follow each other each is read by itself and takes the time that it has.
    """
    if not prompt.segments:
        return _read(prompt.text, prompt.seconds)
    stages, how = [], set()
    for segment in prompt.segments:
        timeline, said = _read(segment.text, segment.end_s - segment.start_s)
        pace = (segment.end_s - segment.start_s) / timeline.duration_s
        moved = ((s, segment.start_s + pace * s.start_s, segment.start_s + pace * s.end_s) for s in timeline.stages)
        stages += [replace(s, start_s=start, end_s=min(end, segment.end_s)) for s, start, end in moved]
        how.add(said)
    return Timeline(tuple(stages), duration_s=prompt.seconds), how.pop() if len(how) == 1 else PARTLY


def _read(text: str, seconds: float) -> tuple[Timeline, str]:
    parsed = parse(text)
    able = tuple(stage for stage in parsed.timeline.stages if stage.verb in ACTIONS)
    if not able:
        return Timeline((Stage(0.0, seconds, "stand"),)), NOT
    return Timeline(able), WHOLE if parsed.understood and len(able) == len(parsed.timeline.stages) else PARTLY


def how_read(prompts: Sequence[Prompt]) -> dict[str, int]:
    """How many prompts `performed` reads whole, in part, and not at all."""
    counts = dict.fromkeys((WHOLE, PARTLY, NOT), 0)
    for prompt in prompts:
        counts[read_as(prompt)[1]] += 1
    return counts


# --- remembered


class Known:
    """Training clips that baselines draw on: their captions and features.

    Args:
        captions: of each clip, at least one.
        features: gives the raw features of clip i, (T, 263).
        sources: the corpora they come from, for the record.
    """

    def __init__(self, captions: Sequence[Sequence[str]], features: Callable[[int], Array], sources: Sequence[str] = ()) -> None:
        if not captions:
            raise KinelangError.of("training clips", "none", "at least one")
        self.captions, self.features, self.sources = captions, features, tuple(sources)

    def __len__(self) -> int:
        return len(self.captions)

    @cached_property
    def identity(self) -> str:
        """A hash of captions and features, and of the code that makes motions of them."""
        digest = hashlib.blake2b(json.dumps([list(several) for several in self.captions]).encode(), digest_size=6)
        for i in range(len(self)):
            digest.update(np.ascontiguousarray(self.features(i), dtype=np.float32).tobytes())
        return f"{digest.hexdigest()}-{sources_identity(PERFORMING)}"

    @cached_property
    def mean(self) -> Array:
        """Mean features of all clips, frame by frame from their starts, (T, 263); as long as enough clips are."""
        total, alive = np.zeros((0, 263)), np.zeros(0)
        for i in range(len(self)):
            clip = np.asarray(self.features(i), dtype=np.float64)
            if len(clip) > len(total):
                more = len(clip) - len(total)
                total, alive = np.pad(total, ((0, more), (0, 0))), np.pad(alive, (0, more))
            total[: len(clip)] += clip
            alive[: len(clip)] += 1
        enough = max(int((alive >= max(min(FEWEST_ALIVE, len(self)), len(self) / 10)).sum()), 1)
        return np.asarray(total[:enough] / alive[:enough, None], dtype=np.float32)


def nearest(known: Known, encoder: TextEncoder) -> Made:
    """The training clip whose first caption is nearest to the prompt, by sentence vectors; it lasts as long as it lasts.

    Of texts that follow each other the nearest to each, cut or held to its seconds, going on from where the last one ended.
    """
    vectors = encoder.sentences([several[0] for several in known.captions])

    def of(text: str) -> int:
        return int((vectors @ encoder.sentences([text])[0]).argmax())

    def make(prompt: Prompt, seed: int) -> Motion:
        if not prompt.segments:
            at = of(prompt.text)
            return decode_to_motion(known.features(at), name=known.captions[at][0])
        parts = [lengthened(np.asarray(known.features(of(text))), frames)[:frames] for text, frames in intervals(prompt)]
        return decode_to_motion(np.concatenate(parts), name=prompt.text)

    about = {"clips": len(known), "of": list(known.sources), "sentence encoder": encoder.identity}
    return Made("nearest caption", f"nearest@{known.identity}-{encoder.identity}", about, make)


def mean_motion(known: Known) -> Made:
    """The mean of all training clips, frame by frame, whatever is asked; held at its end."""
    clip = decode_to_motion(known.mean).joints

    def make(prompt: Prompt, seed: int) -> Motion:
        at = np.minimum(np.arange(max(round(prompt.seconds * FPS), 2)), len(clip) - 1)
        return Motion(SKELETONS["smpl22"], FPS, positions=clip[at], name="mean motion")

    return Made("mean motion", f"mean@{known.identity}", {"clips": len(known), "of": list(known.sources)}, make)


def real(motions: Mapping[str, Callable[[], Motion]], identity: str) -> Made:
    """The recordings for which the prompts were written, by the prompts' names; `identity` tells of their content."""

    def make(prompt: Prompt, seed: int) -> Motion:
        return motions[prompt.name]()

    return Made("real", f"real@{identity}-{sources_identity(PERFORMING)}", {}, make)


# --- models


@dataclass(frozen=True)
class Neural:
    """A `kinelang.generating.Generator`.

    Attributes:
        name: in tables.
        generator: the model.
        flags: what to say beside its figures, such as that it was trained on the sequences it composes.
        clean: whether its motions are cleaned.
    """

    name: str
    generator: Any = field(repr=False)
    flags: Mapping[str, Any] = field(default_factory=dict)
    clean: bool = True

    @property
    def identity(self) -> str:
        """Of the model, how it samples, and the code that makes motions with it."""
        return f"{self._model} made by {sources_identity(GENERATING)}"

    @property
    def about(self) -> Mapping[str, Any]:
        """The model, how it samples, and flags."""
        return {"model": self._model, **self.flags}

    @property
    def _model(self) -> str:
        return f"{self.generator.identity}{'' if self.clean else ' clean=False'}"

    def varied(self, variant: Variant) -> Neural:
        """The same model, making motions another way.

        Raises:
            ModelError: a value that cannot be, or of something that this model is not shown.
        """
        model = self.generator.model
        sampling, network = model.with_sampling(**variant.sampling), model.config.network
        unseen = [] if network.hints or sampling.draft != "hint" else ["draft=hint"]
        unseen += [] if network.origins else [name for name in variant.sampling if name.startswith("origin")]
        if unseen:
            raise ModelError.of(f"variant '{variant.name}' of '{self.name}'", unseen[0], "what its network is shown", "leave it out")
        varied = type(self.generator)(model, sampling)
        return replace(self, name=f"{self.name}, {variant.name}", generator=varied, clean=variant.clean)

    def generate(self, prompts: Sequence[Prompt], seed: int) -> list[Motion]:
        """See `MotionSystem`. All at once, texts that follow each other in turn; who is asked for what is refused stands still."""
        asked = [_accepted(prompt) for prompt in prompts]
        seconds = [None if isinstance(words, list) else prompt.seconds for words, prompt in zip(asked, prompts, strict=True)]
        own = [seed_of(prompt, seed) >> 32 for prompt in prompts]
        return [one.motion for one in self.generator.generate_batch(asked, seconds, own, clean=self.clean)]


def _accepted(prompt: Prompt) -> str | list[tuple[str, float]] | Timeline:
    """What a generator is asked; a timeline without stages where it would refuse, as it does what contradicts itself."""
    asked = _in_turn(prompt) if prompt.segments else prompt.text
    try:
        import_module("kinelang.generating.reading").read(asked)
    except KinelangError:
        return Timeline((), duration_s=prompt.seconds)
    return asked


def _in_turn(prompt: Prompt) -> list[tuple[str, float]]:
    """Texts that follow each other with their seconds; none takes less than a generator can give it."""
    return [(text, max(frames / FPS, SHORTEST_S)) for text, frames in intervals(prompt)]


def neural(name: str, folder: Path | None = None, **flags: Any) -> Neural:
    """A trained generator.

    Args:
        name: in tables.
        folder: its run folder; None: the one that ships.
        flags: see `Neural`.

    Raises:
        ModelError: no such model.
    """
    try:
        found = import_module("kinelang.generating").Generator
    except (ImportError, AttributeError):
        raise ModelError.of("models that make motions", "none in this version", "kinelang.generating.Generator") from None
    return Neural(name, found.load(folder), flags)


def intervals(prompt: Prompt) -> list[tuple[str, int]]:
    """Texts that follow each other and their frames, which cover the motion: each lasts until the next begins."""
    ends = [*(segment.start_s for segment in prompt.segments[1:]), prompt.seconds]
    cuts = [0, *(round(end * FPS) for end in ends)]
    return [(segment.text, max(end - start, 1)) for segment, start, end in zip(prompt.segments, cuts, cuts[1:], strict=False)]


# --- kept on disk


class Kept:
    """A system whose motions are kept.

    Args:
        system: the system.
        folder: where; None: motions are made anew each time.
        progress: told as it goes.
    """

    def __init__(self, system: MotionSystem, folder: Path | None, progress: Progress | None = None) -> None:
        self._system, self._progress = system, progress
        self.name, self.identity, self.about = system.name, system.identity, system.about
        own = hashlib.blake2b(system.identity.encode(), digest_size=8).hexdigest()
        self.folder = None if folder is None else folder / f"{_plain(system.name)}-{own}"

    def generate(self, prompts: Sequence[Prompt], seed: int) -> list[Motion]:
        """See `MotionSystem`. What is not there yet is made in batches, each kept as soon as it is made."""
        places = [None if self.folder is None else self.folder / f"{key_of(prompt, seed)}.safetensors" for prompt in prompts]
        found: dict[int, Motion] = {
            i: motion for i, place in enumerate(places) if place is not None and (motion := _opened(place)) is not None
        }
        lacking = [i for i in range(len(prompts)) if i not in found]
        for start in range(0, len(lacking), BATCH):
            rows = lacking[start : start + BATCH]
            made = self._system.generate([prompts[i] for i in rows], seed)
            for i, motion in zip(rows, made, strict=True):
                place, found[i] = places[i], _on_22_joints(motion)
                if place is not None:
                    _keep(place, found[i])
                    found[i] = _opened(place) or found[i]  # to the last bit what later runs will find
            if self._progress is not None:
                self._progress(f"motions of {self.name}, seed {seed}", start + len(rows), len(lacking))
        return [found[i] for i in range(len(prompts))]


def key_of(prompt: Prompt, seed: int) -> str:
    """A hash of everything of a prompt that a system may look at."""
    asked = {
        "text": prompt.text,
        "seconds": round(prompt.seconds, 4),
        "timeline": None if prompt.timeline is None else to_dict(prompt.timeline),
        "segments": [(s.text, round(s.start_s, 4), round(s.end_s, 4)) for s in prompt.segments],
        "name": prompt.name,
        "seed": seed,
    }
    return hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=12).hexdigest()


_ARRAYS = ("positions", "rotations", "root")


def joints_alone(motion: Motion) -> Motion:
    """The motion without rotations: where the head faces can then not be seen."""
    return Motion(SKELETONS["smpl22"], motion.fps, positions=motion.joints, name=motion.name)


def _on_22_joints(motion: Motion) -> Motion:
    """On the 22 joints at 20 frames a second, with rotations if it has them there already."""
    from kinelang.corpora import standard

    if motion.skeleton.joint_names != SKELETONS["smpl22"].joint_names or abs(motion.fps - FPS) > 1e-6:
        return joints_alone(standard(motion))
    return motion.with_(positions=motion.joints, translations=None)


def _keep(place: Path, motion: Motion) -> None:
    from kinelang.models.base import write_tensors

    place.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: array for name in _ARRAYS if (array := getattr(motion, name)) is not None}
    write_tensors(place, {**arrays, "offsets": motion.skeleton.offsets}, {"fps": repr(motion.fps), "name": motion.name})


def _opened(place: Path) -> Motion | None:
    """What was kept; nothing where the file is not there or no longer what it was."""
    from kinelang.models.base import read_tensors_with_metadata

    if not place.is_file():
        return None
    try:
        arrays, told = read_tensors_with_metadata(place)
        skeleton = replace(SKELETONS["smpl22"], offsets=arrays["offsets"])
        kept = {name: arrays.get(name) for name in _ARRAYS}
        return Motion(skeleton, float(told["fps"]), kept["positions"], kept["rotations"], kept["root"], name=told["name"])
    except (KinelangError, KeyError, ValueError):
        return None


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)
