"""How well the four ways between motion, timeline and text go: every figure in one table.

Nothing here is comparable with published numbers: the protocols are this project's own, and each row says its data.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinelang.corpora import CORPORA, open_corpus
from kinelang.evaluate.recordings import (
    LOOKED_AT,
    VERBS_OF_CONTENT,
    WAY_OF_CONTENT,
    Agreement,
    agreement,
    bandai_clips,
    bootstrap_interval,
    macro_average,
    seen_in,
    top_verb,
    way_is_right,
)
from kinelang.evaluate.stages import Tally
from kinelang.evaluate.wording import round_trips, understanding
from kinelang.timeline import Stage, Timeline, detect, perform, random_timeline
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.narrating import REGISTERS

UNSEEN = 950_000_000
"""First seed of the timelines that nothing was trained on."""


@dataclass(frozen=True)
class Row:
    """One figure: what, its value, what is aimed at ("" where nothing), on what, and details for the JSON."""

    what: str
    value: float
    aim: str
    data: str
    details: Mapping[str, Any] = field(default_factory=dict)


Progress = Callable[[], None]


def performed(n: int, seed: int = UNSEEN, progress: Progress | None = None) -> list[Row]:
    """detect(perform(t)) against t on n random timelines."""
    tally, taken, length = Tally(), {"perform": 0.0, "detect": 0.0}, 0.0
    for i in range(seed, seed + n):
        truth = random_timeline(i)
        start = time.perf_counter()
        motion = perform(truth, i)
        middle = time.perf_counter()
        found = detect(motion)
        taken["perform"] += middle - start
        taken["detect"] += time.perf_counter() - middle
        length += motion.duration_s
        tally.add(completed(truth), found, but=("stand",))
        if progress:
            progress()
    figures, data = tally.figures(), f"{n} random timelines, {sum(tally.true.values())} stages, seeds from {seed}"
    details = {
        "by_verb": tally.by_verb(),
        "confused": [[*pair, k] for pair, k in sorted(tally.confused.items(), key=lambda row: -row[1])],
    }
    return [
        Row("detected again: F1 of stages, overlap >= 0.5", figures["f1"], ">= 0.90", data, details),
        Row("  precision", figures["precision"], "", data),
        Row("  recall", figures["recall"], "", data),
        Row("  right sides", figures["side"], ">= 0.97", f"{tally.asked['side']} stages found"),
        Row("  right directions", figures["direction"], ">= 0.97", f"{tally.asked['direction']} stages found"),
        Row("  exact counts", figures["count"], ">= 0.95", f"{tally.asked['count']} stages found"),
        Row("perform, times real time", length / taken["perform"], ">= 300", data),
        Row("detect, times real time", length / taken["detect"], "", data),
    ]


def completed(timeline: Timeline) -> Timeline:
    """The timeline with the sides and directions that `perform` takes where a stage gives none."""

    def filled(stage: Stage) -> Stage:
        action = ACTIONS[stage.verb]
        return stage.with_(side=stage.side or action.side, direction=stage.direction or action.direction, parts=stage.parts)

    return timeline.with_(stages=tuple(filled(stage) for stage in timeline.stages))


def mirrored(n: int, seed: int = UNSEEN) -> list[Row]:
    """Share of performances whose mirror image is detected as the mirrored timeline."""
    from kinelang.motion.reflection import mirror

    same = 0
    for i in range(seed, seed + n):
        motion = perform(random_timeline(i), i)
        same += _content(detect(mirror(motion))) == _content(detect(motion).mirrored())
    return [Row("mirror image detected as the mirrored timeline", same / n, "1", f"{n} performances")]


def _content(timeline: Timeline) -> list[tuple[Any, ...]]:
    return sorted((s.start_s, s.end_s, s.verb, str(s.side), str(s.direction), str(s.count)) for s in timeline.stages)


def told_and_read(n: int, seed: int = UNSEEN) -> list[Row]:
    """parse(narrate(t)) against t in each register."""
    rows = []
    for name in REGISTERS:
        trips = round_trips(name, range(seed, seed + n))
        details = {"differing": dict(trips.differing), "examples": [text for text, _, _ in trips.examples]}
        rows.append(Row(f"told and read again the same: {name}", trips.same / trips.told, "1", f"{n} random timelines", details))
    return rows


def human_captions(split: str, path: Path | None = None) -> list[Row]:
    """Share of human captions that are understood."""
    corpus = open_corpus("humanml3d_text", path)
    result = understanding(caption for record in corpus.records(split) for caption in record.texts)
    data = f"HumanML3D {split}, {result.captions} captions"
    details = {"unknown": result.unknown.most_common(50)}
    return [
        Row("human captions: every verb understood", result.verbs_understood / result.captions, ">= 0.80", data, details),
        Row("human captions: understood whole", result.understood / result.captions, ">= 0.50", data),
    ]


def captioned_recordings(split: str, path: Path | None = None) -> list[Row]:
    """Detected verbs against the verbs of human captions, on the CMU segments."""
    clips = list(seen_in(open_corpus("cmu", path).records(split), detect))
    alike, exact = agreement(clips), agreement(clips, same=str.__eq__)
    data = f"CMU {split}, {alike.clips} segments"
    rows = []
    for name, figure, aim in _CMU_FIGURES:
        low, high = bootstrap_interval(clips, figure)
        interval = f"{data}; 95 % interval {low:.2f} to {high:.2f} over recordings"
        rows.append(Row(f"real recordings: {name}", figure(alike), aim, interval, {"without synonyms": figure(exact)}))
    rows[0] = Row(rows[0].what, rows[0].value, rows[0].aim, rows[0].data, dict(rows[0].details) | _by_verb(alike))
    return rows


_CMU_FIGURES: tuple[tuple[str, Callable[[Agreement], float], str], ...] = (
    ("precision of detected verbs", lambda a: a.precision, ">= 0.75"),
    ("precision, verbs that one caption mentions left out", lambda a: a.lenient_precision, ""),
    ("recall of verbs that captions agree on", lambda a: a.recall, ""),
)


def _by_verb(result: Agreement) -> dict[str, Any]:
    names = ("right", "wrong", "told", "missed")
    return {
        "by_verb": {verb: dict(zip(names, counts, strict=True)) for verb, counts in sorted(result.by_verb.items())},
        "instead": {verb: others.most_common(3) for verb, others in sorted(result.instead.items())},
        "confidence": reliability(result.sure),
    }


def reliability(judged: list[tuple[float, bool]], bins: int = 5) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, number) in bins of equal width."""
    rows = []
    for i in range(bins):
        inside = [(c, right) for c, right in judged if i / bins <= c < (i + 1) / bins or (c == 1 and i == bins - 1)]
        if inside:
            rows.append((sum(c for c, _ in inside) / len(inside), sum(right for _, right in inside) / len(inside), len(inside)))
    return rows


def named_clips(archive: Path, styles: str = "held out") -> list[Row]:
    """Top verbs and directions on the Bandai clips; `styles`: "held out" (the figures that count) or "looked at"."""
    from kinelang.formats import load

    verbs: dict[str, list[bool]] = defaultdict(list)
    ways: dict[str, list[bool]] = defaultdict(list)
    for clip in bandai_clips(archive):
        if (clip.style in LOOKED_AT) != (styles == "looked at"):
            continue
        found = detect(load(clip.path))
        verbs[clip.content].append(top_verb(found) in VERBS_OF_CONTENT[clip.content])
        if clip.content in WAY_OF_CONTENT:
            ways[clip.content].append(way_is_right(clip.content, found))
    shares = {
        content: [sum(values), len(values)] for content, values in {**verbs, **{f"way of {k}": v for k, v in ways.items()}}.items()
    }
    data = f"Bandai, styles {styles}, {sum(map(len, verbs.values()))} clips of {len(verbs)} contents"
    all_ways = [right for values in ways.values() for right in values]
    return [
        Row("named clips: content is the top verb, mean over contents", macro_average(verbs), ">= 0.80", data, shares),
        Row(
            "named clips: direction of travel",
            sum(all_ways) / len(all_ways),
            ">= 0.95",
            f"{len(all_ways)} clips walking left, right, back",
        ),
    ]


def evaluate_timeline(n: int, split: str = "val", data: Path | None = None, progress: Progress | None = None) -> Iterator[Row]:
    """All rows; what needs data that is not here gives none.

    Args:
        n: random timelines to perform and detect; 2.5 times as many are told and read.
        split: of the human captions and captioned recordings.
        data: folder with the data; looked for in the usual places otherwise.
        progress: called after each performed timeline.
    """
    yield from performed(n, progress=progress)
    yield from mirrored(max(1, n // 20))
    yield from told_and_read(max(1, n * 5 // 2))
    texts = _file(data, "humanml3d_captions.json") or CORPORA["humanml3d_text"].find()
    if texts:
        yield from human_captions(split, texts)
    recordings = data or CORPORA["cmu"].find()
    if recordings and (recordings / "cmu_captions.json").exists():
        yield from captioned_recordings(split, recordings)
        archive = _file(recordings, "bandai1_bvh.zip")
        if archive:
            yield from named_clips(archive, "held out" if split == "test" else "looked at")


def _file(folder: Path | None, name: str) -> Path | None:
    return folder / name if folder is not None and (folder / name).exists() else None
