"""`kinelang evaluate generation`: models that make motions of texts, and baselines, on the same prompts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, say
from kinelang.cli.evaluate_retrieval import Cache, answer, cache_of
from kinelang.errors import KinelangError, ModelError

if TYPE_CHECKING:
    from kinelang.evaluate.clips import ClipSet
    from kinelang.evaluate.generation import Judge, Judged, Replications
    from kinelang.evaluate.generators import Kept, Known, MotionSystem
    from kinelang.evaluate.prompts import Prompt
    from kinelang.evaluate.variants import Variant
    from kinelang.metrics.intervals import Interval
    from kinelang.training.data import Progress

NAME, CELL = 30, 23
"""Least widths of a table's columns."""
SHOWN = 8
"""Worst verbs and prompts that are shown of each system."""
PROMPTS, SEQUENCES = 1000, 200
MOST_STAGES = 20
"""Of made sequences."""
USUAL = 500
"""Remembered clips, recordings if there are any, that say what is usual anywhere in a motion; at most."""


def generation(
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="FOLDER", help="Run folder of a generator, several times for several; the one that ships."),
    ] = None,
    varied: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME=VALUE,...",
            help="Each model once more, made another way, as a row of its own: draft=none, steps=10, guidance=0, sampler=ddim, "
            "origin=performed, clean=false. Repeatable.",
        ),
    ] = None,
    protocols: Annotated[
        list[str] | None,
        typer.Option("--protocol", help="following, standard, composition, realism; several times for several. following."),
    ] = None,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="NAME[:SIZE|:PATH]",
            help="What is asked: synthetic (made prompts; of protocol standard its clips), cmu, folder:PATH, humanml3d:PATH, "
            "babel:PATH, humman_mogen:PATH; humanml3d_text: captions without their motions.",
        ),
    ] = "synthetic",
    split: Annotated[
        str, typer.Option("--split", help="Such as val, or train+val. The test split is for figures that are reported, not for trying.")
    ] = "val",
    clips: Annotated[
        int | None,
        typer.Option(
            "--clips",
            min=1,
            help="Prompts, or clips whose captions are asked: the first so many. 1000 prompts, 200 sequences, or all clips.",
        ),
    ] = None,
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages", metavar="N,...", help="Of made sequences (composition): how many texts follow each other, in turn. 2,3,4,5."
        ),
    ] = None,
    read: Annotated[
        str, typer.Option("--captions", help="Of people's captions: all, understood, or not understood by kinelang's parser.")
    ] = "all",
    baselines: Annotated[
        bool,
        typer.Option(
            "--baselines/--no-baselines", help="What is performed of the words, the nearest training caption, the mean motion."
        ),
    ] = True,
    remembered: Annotated[
        list[str] | None,
        typer.Option("--remembered", metavar="NAME[:SIZE]", help="Clips, split train, of baselines and of novelty; several. cmu."),
    ] = None,
    known: Annotated[int, typer.Option("--known", min=1, help="At most so many clips of each remembered corpus.")] = 4000,
    trained_on: Annotated[
        list[str] | None,
        typer.Option(
            "--trained-on",
            metavar="NAME[:SIZE]",
            help="Corpora that the models have learnt from, several: what stands among their captions is set aside (following). The "
            "shipped one's: synthetic:30000, grounded:16000, cmu, cmu_trials.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of prompts and motions.")] = 0,
    replications: Annotated[int, typer.Option("--replications", min=1, help="Shuffles and draws, of protocol standard.")] = 20,
    generations: Annotated[
        int, typer.Option("--generations", min=1, help="How often all motions are made; published work makes them 20 times.")
    ] = 1,
    repeat_texts: Annotated[
        int,
        typer.Option("--repeat-texts", min=0, help="Texts of MultiModality, for each of which 30 motions are made; published: 100."),
    ] = 0,
    supervised: Annotated[
        bool | None,
        typer.Option(
            "--supervised/--zero-shot", help="Of the models, for the record: whether they were trained on sequences of texts."
        ),
    ] = None,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Make motions of texts and judge them: by what was asked, as published, in sequences, and beside real motions.

    Motions are kept in the cache by system, prompt and seed: a run that was interrupted goes on.
    """
    from kinelang.evaluate.generation import PROTOCOLS, Replications
    from kinelang.evaluate.variants import variants

    asked = protocols or ["following"]
    for name in asked:
        if name not in PROTOCOLS:
            raise KinelangError.of("protocol", f"'{name}'", f"one of {', '.join(PROTOCOLS)}")
    ways, lengths = variants(varied or [], "--variant"), _lengths(stages, data)
    folder, how = cache_of(cache), Replications(replications, generations, repeat_texts, seed=seed)
    with bars() as told:
        bench = _Bench(folder, data, split, clips, read, lengths, trained_on or [], how, rounds, told)
        flags = {} if supervised is None else {"composition": "supervised" if supervised else "zero-shot"}
        bench.open_systems(models, ways, baselines, remembered or ["cmu"], known, flags)
        results = {name: bench.judge(name) for name in asked}
    answer(_content(bench, results), out, as_json, lambda: _lines(bench, results))


def _lengths(stages: str | None, data: str) -> tuple[int, ...]:
    """How many texts follow each other in made sequences, in turn."""
    if stages is None:
        return (2, 3, 4, 5)
    if data.partition(":")[0] != "synthetic":
        raise KinelangError.of("--stages", f"--data {data}", "--data synthetic", "sequences of people have the texts that they have")
    try:
        lengths = tuple(int(n) for n in stages.split(","))
    except ValueError:
        lengths = ()
    if not lengths or not all(2 <= n <= MOST_STAGES for n in lengths):
        raise KinelangError.of("--stages", f"'{stages}'", f"numbers from 2 to {MOST_STAGES}", "such as 2,3,4,5 or 10")
    return lengths


class _Bench:
    """What is judged, on what, and by whom."""

    def __init__(
        self,
        folder: Path,
        data: str,
        split: str,
        n: int | None,
        read: str,
        stages: Sequence[int],
        trained_on: Sequence[str],
        how: Replications,
        rounds: int,
        told: Progress,
    ) -> None:
        from kinelang.models.evaluator.evaluator import Evaluator
        from kinelang.models.tmr import Retriever

        self.folder, self.data, self.split, self.n, self.read = folder, data, split, n, read
        self.stages, self.trained_on, self.how, self.rounds, self.told = stages, trained_on, how, rounds, told
        self.retriever = Retriever.load()
        self.judges: dict[str, Judge] = {"evaluator": Evaluator.load(), "retriever": self.retriever}
        self.systems: list[Kept] = []
        self.known: Known | None = None
        self.recorded: list[tuple[int, str]] = []
        self.asked: dict[str, dict[str, Any]] = {}

    # --- systems

    def open_systems(
        self,
        models: list[Path] | None,
        ways: Sequence[Variant],
        baselines: bool,
        remembered: Sequence[str],
        most: int,
        flags: Mapping[str, Any],
    ) -> None:
        """Baselines first, then the models, each followed by its variants."""
        from kinelang.evaluate.generators import mean_motion, nearest, performed
        from kinelang.language.encoders import open_encoder

        self.known = self._remembered(remembered, most)
        if baselines:
            encoder = open_encoder("minilm")
            self.systems += [self.kept(s) for s in (performed(), nearest(self.known, encoder), mean_motion(self.known))]
        self.systems += [self.kept(system) for system in _generators(models, ways, bool(self.systems), flags)]
        names = [system.name for system in self.systems]
        if twice := [name for name in names if names.count(name) > 1]:
            raise KinelangError.of("--model", f"two systems called '{twice[0]}'", "folders of different names", "rename one")

    def kept(self, system: MotionSystem) -> Kept:
        """The system with its motions on disk."""
        from kinelang.evaluate.generators import Kept

        return Kept(system, self.folder / "generated", self.told)

    def _remembered(self, sources: Sequence[str], most: int) -> Known:
        from kinelang.evaluate.generators import Known
        from kinelang.training.data import Source, clips_of

        asked = Source.parse(self.data)
        if "train" in self.split.split("+"):
            for source in [s for s in sources if Source.parse(s).name == asked.name]:
                say(f"without '{source}' among what is remembered: its clips are asked for")
            sources = [s for s in sources if Source.parse(s).name != asked.name]
        if not sources:
            raise KinelangError.of("--remembered", "nothing but what is asked for", "another corpus", "such as synthetic:4000")
        sets = [clips_of(Source.parse(source), "train", self.folder / "features", 0, self.told) for source in sources]
        places = [(several, i) for several in sets for i in range(min(len(several), most))]
        made = {id(several) for several, source in zip(sets, sources, strict=True) if _is_made(source)}
        named = [(i, several.groups[at]) for i, (several, at) in enumerate(places)]
        self.recorded = [one for one, (several, _) in zip(named, places, strict=True) if id(several) not in made] or named

        def features(i: int) -> Any:
            several, at = places[i]
            return several[at]

        return Known([several.captions[i] for several, i in places], features, sources)

    # --- protocols

    def judge(self, protocol: str) -> list[Judged]:
        """The figures of every system by one protocol."""
        return {
            "following": self._following,
            "standard": self._standard,
            "composition": self._composition,
            "realism": self._realism,
        }[protocol]()

    def _following(self) -> list[Judged]:
        from kinelang.evaluate.generation import follow, prompts_of, recordings
        from kinelang.evaluate.generators import how_read, real, truth
        from kinelang.evaluate.prompts import is_seen, peoples_captions, prompts, seen_texts

        if self._made:
            asked = prompts(self.n or PROMPTS, self.how.seed, split=self.split, people=peoples_captions())
            ceilings = [self.kept(truth()), self.kept(truth(rotations=False))]
        elif self._texts_alone:
            asked, ceilings = self._peoples(), []
            if self.read == "understood":
                ceilings = [self.kept(truth()), self.kept(truth(rotations=False))]
        else:
            found = self._clips()
            asked = prompts_of(found.clips, self.how.seed, self.read)
            ceilings = [self.kept(real(recordings(found.clips), self._identity(found)))]
        texts, trained = None, {}
        if self.trained_on:
            texts = seen_texts(self.trained_on, self.folder / "features", self.told)
            trained = {"trained on": list(self.trained_on), "texts seen in training": sum(is_seen(p, texts) for p in asked)}
        self._note("following", asked, {"performed reads": how_read(asked), **trained})
        every = [*ceilings, *self.systems]
        return follow(every, asked, self.retriever, texts=texts, seed=self.how.seed, rounds=self.rounds, progress=self.told)

    def _standard(self) -> list[Judged]:
        from kinelang.evaluate.generation import as_published, prompts_of
        from kinelang.evaluate.generators import how_read

        if self._texts_alone:
            asked, real = self._peoples(), None
        else:
            found = self._clips()
            asked = prompts_of(found.clips, self.how.seed, self.read, self._origin)
            features = {clip.id: clip.features for clip in found.clips}
            real = [features[prompt.name] for prompt in asked]
        self._note("standard", asked, {"performed reads": how_read(asked)})
        return as_published(self.systems, asked, self.judges, real, self.how, rounds=self.rounds)

    def _composition(self) -> list[Judged]:
        from kinelang.evaluate.composing import compose
        from kinelang.evaluate.generators import how_read, truth
        from kinelang.evaluate.prompts import compositions
        from kinelang.motion.features import decode_to_motion

        if self._made:
            asked = compositions(self.n or SEQUENCES, self.how.seed, split=self.split, stages=self.stages)
            reference = self.kept(truth())
        else:
            asked, reference = self._recorded_sequences()
        texts = {"texts": sum(len(p.segments) for p in asked), "reference": reference.name}
        self._note("composition", asked, {**texts, "performed reads": how_read(asked)})
        assert self.known is not None
        usual = [decode_to_motion(self.known.features(i)) for i, _ in self.recorded[:USUAL]]
        groups = [group for _, group in self.recorded[:USUAL]]
        return compose(self.systems, asked, self.judges, reference, usual, self.how, usual_groups=groups, rounds=self.rounds)

    def _recorded_sequences(self) -> tuple[list[Prompt], Kept]:
        """What people say of parts of recordings that follow each other, and the recordings."""
        from kinelang.evaluate.composing import of_records
        from kinelang.evaluate.prompts import compositions_of, recorded
        from kinelang.training.data import Source

        corpus = Source.parse(self.data).open()
        pairs, passed_over = recorded(compositions_of(corpus, self.split), self.n)
        for line in passed_over[:SHOWN]:
            say(f"passed over: {line}")
        if len(passed_over) > SHOWN:
            say(f"passed over: {len(passed_over) - SHOWN} more")
        if not pairs:
            expected = "captions of parts that follow each other, as BABEL and HuMMan-MoGen have"
            raise KinelangError.of(f"corpus '{self.data}', split {self.split}", "no such sequence with a recording", expected)
        return [prompt for prompt, _ in pairs], self.kept(of_records(pairs, f"{corpus.name} at {corpus.where}"))

    def _realism(self) -> list[Judged]:
        from kinelang.evaluate.generation import prompts_of
        from kinelang.evaluate.generators import how_read
        from kinelang.evaluate.realistic import realistic

        found = self._clips()
        asked = prompts_of(found.clips, self.how.seed, self.read, self._origin)
        features = {clip.id: clip.features for clip in found.clips}
        self._note("realism", asked, {"performed reads": how_read(asked)})
        assert self.known is not None
        train = [self.known.features(i) for i in range(len(self.known))]
        real = [features[prompt.name] for prompt in asked]
        return realistic(
            self.systems,
            asked,
            real,
            train,
            self.judges,
            seed=self.how.seed,
            replications=self.how.n,
            rounds=self.rounds,
        )

    @property
    def _made(self) -> bool:
        return self.data.partition(":")[0] == "synthetic"

    @property
    def _origin(self) -> str:
        from kinelang.evaluate.prompts import MADE, PEOPLE

        return MADE if self._made else PEOPLE

    @property
    def _texts_alone(self) -> bool:
        from kinelang.evaluate.prompts import TEXTS

        return self.data.partition(":")[0] == TEXTS

    def _peoples(self) -> list[Prompt]:
        from kinelang.evaluate.prompts import of_people
        from kinelang.training.data import Source

        return of_people(Source.parse(self.data).open(), self.split, self.n, self.how.seed, self.read)

    def _clips(self) -> ClipSet:
        from kinelang.evaluate.clips import clip_set

        return clip_set(self.data, self.split, self.folder / "features", n=self.n, progress=self.told)

    def _identity(self, found: ClipSet) -> str:
        """Of the corpus and of what is in its clips."""
        content = hashlib.blake2b("".join(clip.key for clip in found.clips).encode(), digest_size=6).hexdigest()
        return f"{found.source}/{found.split}/{found.seed}/{content}"

    def _note(self, protocol: str, asked: Sequence[Prompt], more: Mapping[str, Any]) -> None:
        kinds: dict[str, int] = {}
        for prompt in asked:
            kinds[prompt.kind] = kinds.get(prompt.kind, 0) + 1
        people = sum(prompt.origin == "people" for prompt in asked)
        self.asked[protocol] = {"prompts": len(asked), "of people": people, "kinds": kinds, **more}


def _is_made(source: str) -> bool:
    return source.partition(":")[0].partition("@")[0] in ("synthetic", "grounded")


def _generators(models: list[Path] | None, ways: Sequence[Variant], others: bool, flags: Mapping[str, Any]) -> list[MotionSystem]:
    """The models, each as it is and in other ways; none where none ships and baselines are judged anyway."""
    from kinelang.evaluate.generators import neural

    named: list[tuple[str, Path | None]] = [(folder.resolve().name, folder) for folder in models or []] or [("shipped", None)]
    found: list[MotionSystem] = []
    try:
        for name, folder in named:
            plain = neural(name, folder, **flags)
            found += [plain, *(plain.varied(way) for way in ways)]
    except ModelError as error:
        if models or ways or not others:
            raise
        say(f"baselines alone: {error}")
    return found


# --- for people and machines


def _content(bench: _Bench, results: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    from kinelang import __version__
    from kinelang.evaluate.clips import detector_identity
    from kinelang.evaluate.sources import GENERATING, PERFORMING, sources_identity

    how = bench.how
    return {
        "data": {"corpus": bench.data, "split": bench.split, "captions": bench.read, "seed": how.seed, "asked": bench.asked},
        "judges": {name: judge.identity for name, judge in bench.judges.items()},
        "detector": detector_identity(),
        "code": {"baselines": sources_identity(PERFORMING), "models": sources_identity(GENERATING)},
        "replications": {"n": how.n, "generations": how.generations, "texts of MultiModality": how.repeat_texts, "a text": how.repeats},
        "bootstrap": {"rounds": bench.rounds, "interval": "95 %"},
        "remembered": [] if bench.known is None else list(bench.known.sources),
        "not_comparable": "neither judges nor data are those of published work",
        "kinelang": __version__,
        "protocols": {name: {one.name: one.to_json() for one in judged} for name, judged in results.items()},
    }


def _lines(bench: _Bench, results: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    from kinelang.evaluate.generation import PROTOCOLS

    yield f"{bench.data}, split {bench.split}, seed {bench.how.seed}; 95 % intervals"
    yield "not comparable with published numbers: judges and data are others"
    for protocol, judged in results.items():
        asked = bench.asked[protocol]
        yield ""
        yield f"{protocol}: {PROTOCOLS[protocol]}"
        kinds = ", ".join(f"{n} {kind}" for kind, n in asked["kinds"].items())
        yield f"{asked['prompts']} prompts, {asked['of people']} of people; {kinds}"
        if "texts seen in training" in asked:
            yield f"word for word among training captions: {asked['texts seen in training']}"
        for how, n in asked.get("performed reads", {}).items():
            yield f"  {how} by the parser: {n}"
        for table in dict.fromkeys(table for one in judged for table in one.figures):
            yield ""
            yield from _table(protocol, table, judged)
        if protocol == "composition":
            yield from _about_seams(judged)
        for one in judged:
            yield from _worst(one)


def _about_seams(judged: Sequence[Judged]) -> Iterator[str]:
    """What the range is, whose motions end before a seam, and what the models were trained on."""
    usual = judged[0].more["usual"]
    yield ""
    limits = ", ".join(f"{name.replace(', ', f' {value:.3g} ')}" for name, value in usual.items() if name != "percentile")
    yield f"in range: up to {limits}, below which are {usual['percentile']} % of all windows of 0.5 s in recordings, any joint"
    for one in judged:
        seams = one.more.get("seams", {"asked": 0, "there": 0})
        if seams["there"] < seams["asked"]:
            yield f"{one.name}: {seams['there']} of {seams['asked']} seams; the others are after its motions' ends"
    yield from (f"{one.name}: {one.about['composition']}" for one in judged if "composition" in one.about)


def _table(protocol: str, table: str, judged: Sequence[Judged]) -> Iterator[str]:
    """Rows are systems."""
    names = list(dict.fromkeys(name for one in judged for name in one.figures.get(table, {})))
    rows = {one.name: one.figures[table] for one in judged if table in one.figures}
    first, cell = max([NAME, *(len(name) + 1 for name in (table, *rows))]), max([CELL, *(len(name) + 2 for name in names)])
    yield f"{table:<{first}}{''.join(f'{name:>{cell}}' for name in names)}"
    for name, figures in rows.items():
        yield f"{name:<{first}}{''.join(f'{_value(protocol, column, figures.get(column)):>{cell}}' for column in names)}"


def _worst(one: Judged) -> Iterator[str]:
    told = one.more.get("following")
    if told is None:
        return
    verbs = [f"{verb} {n['there']}/{n['asked']}" for verb, n in told["verbs"].items()][:SHOWN]
    yield ""
    yield f"{one.name}, verbs found least: {', '.join(verbs)}"
    for prompt in told["worst"][:SHOWN]:
        yield f"  {100 * prompt['right']:3.0f} %  {prompt['text']}  ->  {'; '.join(prompt['seen']) or 'nothing'}"


def _value(protocol: str, name: str, interval: Interval | None) -> str:
    """The figure and its interval; shares in percent."""
    if interval is None or interval.value != interval.value:
        return "-"
    shares = (protocol == "following" and name != "unasked") or name.startswith("R-precision") or name.endswith("out of range")
    size = abs(interval.value)
    times, digits = (100, 1) if shares else (1, 5 if name == "KID" else 1 if size >= 100 else 2 if size >= 10 else 3)
    value, low, high = (times * x for x in (interval.value, interval.low, interval.high))
    return f"{value:.{digits}f} [{low:.{digits}f} {high:.{digits}f}]" if low == low else f"{value:.{digits}f}"
