"""How well a classifier tells narrations from human captions: 1-2-gram logistic regression, area under the ROC curve in 5 folds.

Human captions are those of HumanML3D that `parse` understands to the last word, so that both sides speak of the same things. Each has a
narration beside it, of

    same    the timeline that was read from it, all told: what differs is the wording
    same, words that narration has: of these, the captions made of words only that narrations use
    drawn   a timeline of the same verbs with other fields drawn as `random_timeline` draws them, told as `narrate` tells it

Both, and all captions of one recording, stay in one fold. 0.5 is indistinguishable, 1 is told apart every time. Phrasings were worked
on with the train split only. The period that ends 6% of the test captions, and one in 1,600 of train, is taken off: it is no wording.

    python bench/narration_vs_human.py [--split test] [--most 4000] [--show 25]
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.stats import rankdata

from kinelang.errors import KinelangError
from kinelang.timeline import Timeline, narrate, parse
from kinelang.timeline.actions.base import Action
from kinelang.timeline.sampling import random_stage


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+|[.,]", text.lower())


def grams(text: str) -> set[str]:
    tokens = ["<", *words(text), ">"]
    return set(tokens) | {f"{a} {b}" for a, b in pairwise(tokens)}


def features(texts: list[str], least: int = 3) -> tuple[csr_matrix, list[str]]:
    """Presence of every 1-2-gram that occurs in at least `least` texts, scaled to unit length."""
    bags = [grams(text) for text in texts]
    count = collections.Counter(gram for bag in bags for gram in bag)
    names = sorted(gram for gram, n in count.items() if n >= least)
    place = {gram: i for i, gram in enumerate(names)}
    rows, columns, values = [], [], []
    for row, bag in enumerate(bags):
        known = [place[gram] for gram in bag if gram in place]
        rows += [row] * len(known)
        columns += known
        values += [1 / max(len(known), 1) ** 0.5] * len(known)
    return csr_matrix((values, (rows, columns)), shape=(len(texts), len(names))), names


def fitted(x: csr_matrix, y: np.ndarray, penalty: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression, the last the intercept; `penalty` is that of scikit-learn's C=1."""

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ w[:-1] + w[-1]
        sign = 2 * y - 1
        value = np.logaddexp(0, -sign * z).sum() + 0.5 * penalty * (w[:-1] ** 2).sum()
        slope = -sign / (1 + np.exp(sign * z))
        return value, np.append(x.T @ slope + penalty * w[:-1], slope.sum())

    return minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x


def auc(score: np.ndarray, y: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    ranks = rankdata(score)
    n = y.sum()
    return float((ranks[y == 1].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def five_fold(human: list[str], ours: list[str], clips: list[str], seed: int = 0) -> tuple[list[float], list[tuple[str, float]]]:
    """AUC of every fold, and the grams with the weights of a fit to all. Captions of one recording are in one fold."""
    x, names = features([*human, *ours])
    y = np.repeat((0, 1), len(human))
    names_of_clips = sorted(set(clips))
    fold_of = dict(zip(names_of_clips, np.random.default_rng(seed).integers(0, 5, len(names_of_clips)), strict=True))
    fold = np.tile([fold_of[clip] for clip in clips], 2)
    out = []
    for k in range(5):
        w = fitted(x[fold != k], y[fold != k])
        out.append(auc(x[fold == k] @ w[:-1], y[fold == k]))
    w = fitted(x, y)
    share = np.asarray((x > 0).mean(axis=0)).ravel()
    return out, [(f"{n} ({100 * s:.1f}%)", v) for n, v, s in sorted(zip(names, w[:-1], share, strict=True), key=lambda p: p[1])]


def understood(data: Path, split: str, most: int) -> list[tuple[str, Timeline, str]]:
    """Human captions that are read to the last word, with what was read and the recording."""
    clips = json.loads((data / "humanml3d_captions.json").read_text())
    captions = [(c, clip["source"]) for clip in clips.values() if clip["split"] == split for c in clip["captions"]]
    out = []
    for place in np.random.default_rng(0).permutation(len(captions)):
        caption, source = captions[place]
        try:
            read = parse(caption)
        except KinelangError as error:
            print(f"not read: {caption!r}: {error}")
            continue
        if read.understood and read.timeline.stages:
            out.append((caption.rstrip(" ."), read.timeline, source))
            if len(out) == most:
                break
    return out


def redrawn(timeline: Timeline, seed: int, actions: dict[str, Action]) -> Timeline:
    """A timeline of the same verbs, other fields drawn."""
    rng = np.random.default_rng(seed)
    stages = []
    for stage in timeline.stages:
        drawn = random_stage(rng, actions[stage.verb], stage.start_s)
        fields = {n: getattr(drawn, n) for n in ("side", "direction", "amount", "count", "speed", "style", "path", "target")}
        stages.append(stage.with_(**fields, parts=stage.parts, texts=()))
    return timeline.with_(stages=tuple(stages))


def all_actions() -> dict[str, Action]:
    """The performable verbs' ranges, and plain ones for the others."""
    from kinelang.language.lexicon import VERBS
    from kinelang.timeline.actions import ACTIONS

    def unperformed(score: object, stage: object) -> None: ...

    return {verb: ACTIONS.get(verb) or Action(verb, unperformed, seconds_each=0.6) for verb in VERBS}


def common_words(texts: list[str], least: int = 3) -> set[str]:
    """Words that at least so many of the texts have."""
    count = collections.Counter(word for text in texts for word in set(words(text)))
    return {word for word, n in count.items() if n >= least}


def distributions(name: str, texts: list[str]) -> None:
    """Length and form of the texts, one row."""
    tokens = [words(text) for text in texts]
    length = np.array([len([t for t in ts if t not in ",."]) for ts in tokens])
    share = [
        np.mean([pattern.search(text) is not None for text in texts])
        for pattern in map(
            re.compile,
            (",", r"\bthen\b", r"\band\b", r"\bwhile\b", r"\bas (he|she|they|it)\b", r"\bbefore\b", r"^\w+ (\w+ )?is \w+ing"),
        )
    ]
    forms = len({t for ts in tokens for t in ts})
    cells = (
        [f"{np.percentile(length, q):.0f}" for q in (10, 50, 90)]
        + [f"{length.mean():.1f}", str(forms)]
        + [f"{100 * s:.0f}%" for s in share]
    )
    print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", default="test")
    parser.add_argument("--most", type=int, default=4000, help="most captions")
    parser.add_argument("--show", type=int, default=20, help="most telling grams shown on each side")
    options = parser.parse_args()
    data = Path(os.environ.get("KINELANG_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
    pairs = understood(data, options.split, options.most)
    human = [caption for caption, _, _ in pairs]
    clips = [source for _, _, source in pairs]
    actions = all_actions()
    ours = {
        "same": [narrate(timeline, seed=i, complete=True) for i, (_, timeline, _) in enumerate(pairs)],
        "drawn": [narrate(redrawn(timeline, i, actions), seed=i) for i, (_, timeline, _) in enumerate(pairs)],
    }
    print(f"{len(human)} captions of the {options.split} split\n")
    print("| | words 10% | 50% | 90% | mean | word forms | comma | then | and | while | as he | before | is walking |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name, texts in {"human": human, **ours}.items():
        distributions(name, texts)
    print()
    common = common_words(ours["same"])
    sayable = [i for i, caption in enumerate(human) if set(words(caption)) <= common]
    ours["same, words that narration has"] = [ours["same"][i] for i in sayable]
    for name, texts in ours.items():
        which = range(len(human)) if len(texts) == len(human) else sayable
        folds, weights = five_fold([human[i] for i in which], texts, [clips[i] for i in which])
        print(f"{name}: {len(texts)} pairs, AUC {np.mean(folds):.3f} (folds {', '.join(f'{a:.3f}' for a in folds)})")
        if options.show:
            print("  human:", "; ".join(f"{gram} {weight:.1f}" for gram, weight in weights[: options.show]))
            print("  ours: ", "; ".join(f"{gram} {weight:.1f}" for gram, weight in weights[: -options.show - 1 : -1]))


if __name__ == "__main__":
    main()
