"""Does a sentence find the clips that do it? Text-motion models on 174 labelled recordings of performers and a rig that none has seen.

The clips are Bandai-Namco Research's motion dataset 1 (CC BY-NC 4.0; not part of this project): what was asked of the performer, in
fifteen styles. Each content is asked for in three sentences, which were written before any model was tried; `bye` and `byebye` are
one content, and a sentence about running finds `dash` too. Average precision of each sentence over all clips, mean over sentences, then
over contents; 95 % bootstrap intervals over styles. "active", "normal" and "tired" may be looked at, the other styles make the figures.

    python bench/label_retrieval.py [PATH to bandai1_bvh.zip] [--model FOLDER ...] [--styles "held out"|"looked at"]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from kinelang.corpora import features_of, standard
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.recordings import LOOKED_AT, bandai_clips
from kinelang.evaluate.systems import opened, systems_of
from kinelang.formats import load
from kinelang.language.encoders import open_encoder
from kinelang.metrics.intervals import ROUNDS, drawn, interval
from kinelang.models.evaluator.evaluator import SHIPPED as EVALUATOR
from kinelang.motion.arrays import Array
from kinelang.timeline import detect

SENTENCES: Mapping[str, tuple[str, str, str]] = {
    "bow": ("a person bows", "someone bends forward at the waist to bow politely", "the man takes a bow"),
    "byebye": ("a person waves goodbye", "a man raises his hand and waves", "someone waves farewell with one hand"),
    "call": ("a person beckons someone over", "a man waves someone to come here", "someone calls someone over with his hand"),
    "dance-short": ("a person dances", "someone is dancing", "the man does a short dance"),
    "dash": ("a person sprints forward", "a man runs very fast", "someone dashes ahead"),
    "guide": (
        "a person shows the way with an arm",
        "a man gestures to the side with his hand to guide someone",
        "someone extends an arm to invite someone in",
    ),
    "kick": ("a person kicks", "a man does a kick with one leg", "someone kicks forward"),
    "punch": ("a person punches", "a man throws a punch", "someone punches forward with a fist"),
    "respond": ("a person nods", "a man nods his head in response", "someone gives a short nod"),
    "run": ("a person runs forward", "a man is jogging", "someone runs in a straight line"),
    "slash": ("a person swings a sword", "a man slashes downward with his arm", "someone makes a slashing movement with one hand"),
    "walk": ("a person walks forward", "a man walks", "someone is walking in a straight line"),
    "walk-back": ("a person walks backwards", "a man steps back", "someone walks backward slowly"),
    "walk-left": ("a person walks sideways to the left", "a man sidesteps left", "someone steps to his left"),
    "walk-right": ("a person walks sideways to the right", "a man sidesteps right", "someone steps to his right"),
}
SAME = {"bye": "byebye"}
ALSO_RIGHT = {"run": {"dash"}, "dash": {"run"}}


def clips_in(archive: str, styles: str) -> Iterator[tuple[str, Clip]]:
    """The content and the clip of each file."""
    for found in bandai_clips(archive):
        if (found.style in LOOKED_AT) == (styles == "looked at"):
            motion = load(found.path)
            features = features_of(standard(motion)).astype(np.float32)
            content = SAME.get(found.content, found.content)
            yield content, Clip(found.path, found.style, SENTENCES[content], features, timeline=detect(motion))


def average_precision(scores: Array, right: Array, weights: Array) -> Array:
    """(R,) of one query, for weights (R, C) of the clips: the mean, over the right clips, of the share of right ones down to each."""
    order = np.argsort(-scores, kind="stable")
    weighed, hit = weights[:, order].astype(float), right[order]
    down_to = np.cumsum(weighed, axis=1)
    precision = np.cumsum(weighed * hit, axis=1) / np.maximum(down_to, 1)
    n = (weighed * hit).sum(axis=1)
    return np.asarray(np.where(n > 0, (precision * weighed * hit).sum(axis=1) / np.maximum(n, 1), np.nan))


def by_content(scores: Array, asked: list[str], contents: Array, weights: Array) -> dict[str, Array]:
    """Percent, (R,) for each content that clips have."""
    found: dict[str, list[Array]] = {}
    for row, content in zip(scores, asked, strict=True):
        right = np.isin(contents, [content, *ALSO_RIGHT.get(content, ())])
        found.setdefault(content, []).append(100 * average_precision(row, right, weights))
    return {content: np.mean(rows, axis=0) for content, rows in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shared = os.environ.get("KINELANG_SHARED", "../shared")
    parser.add_argument("archive", nargs="?", default=f"{shared}/data/bandai1_bvh.zip")
    parser.add_argument("--model", action="append", type=Path, help="run folder; the models that come with kinelang")
    parser.add_argument("--styles", choices=("held out", "looked at"), default="held out")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    if not Path(given.archive).exists():
        raise SystemExit(f"{given.archive}: not there; give the path of bandai1_bvh.zip")
    import kinelang.models.evaluator as evaluator

    folders = given.model or [None, Path(str(evaluator.__path__[0])) / EVALUATOR]
    found = list(clips_in(given.archive, given.styles))
    contents, clips = np.array([content for content, _ in found]), [clip for _, clip in found]
    present = [content for content in SENTENCES if content in contents]
    asked = [content for content in present for _ in SENTENCES[content]]
    texts = [text for content in present for text in SENTENCES[content]]
    weights = np.concatenate([np.ones((1, len(clips)), np.int64), *drawn([clip.group for clip in clips], given.rounds)])
    print(f"{len(clips)} clips, {len(present)} contents, {len({clip.group for clip in clips})} styles ({given.styles})")
    rng = np.random.default_rng(0)
    chance = np.mean([list(by_content(rng.random((len(texts), len(clips))), asked, contents, weights[:1]).values()) for _ in range(50)])
    print(f"{'chance':<28} {chance:5.1f}")
    systems = systems_of(opened(folders, open_encoder("minilm")))
    references = [systems[0].name, f"{systems[0].name} + structure"]
    means: dict[str, Array] = {}
    for system in systems:
        each = by_content(system.scores(texts, clips), asked, contents, weights)
        means[system.name] = np.nanmean(list(each.values()), axis=0)
        print(f"{system.name:<28} {shown(means[system.name])}")
        print("   " + ", ".join(f"{content} {values[0]:.0f}" for content, values in each.items()))
    for reference in [name for name in references if name in means]:
        for name in (name for name in means if name != reference):
            print(f"{reference} minus {name:<28} {shown(means[reference] - means[name])}")


def shown(values: Array) -> str:
    """A figure, the first of (1 + R,), with the interval of the others."""
    found = interval(float(values[0]), values[1:])
    return f"{found.value:5.1f} [{found.low:.1f} {found.high:.1f}]"


if __name__ == "__main__":
    main()
