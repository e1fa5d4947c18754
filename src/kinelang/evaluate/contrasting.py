"""A judge that sees no timelines: whether a motion is nearer to its own text than to one that says otherwise.

Three ways to say otherwise: left and right exchanged, one verb replaced by another, the first and the last action exchanged. Both texts
are worded alike: the same register, the same seed of the wording. Which of two is nearer is asked of a model of text and motion, such
as `models.tmr.Retriever`; the one that ships has learnt from captions of performed clips and of recordings. What the same model says of
`perform` of the very timeline that was asked, and of real recordings with people's captions, is its ceiling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from kinelang.evaluate.prompts import MADE, Prompt, group_of
from kinelang.evaluate.sides import SideTest, beaten_twins
from kinelang.language.lexicon import VERBS, alike
from kinelang.language.named_sides import sides_in
from kinelang.language.sides import swap_left_right
from kinelang.metrics.intervals import ROUNDS
from kinelang.motion.arrays import Array
from kinelang.search.base import Retriever
from kinelang.timeline import Stage, Timeline
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.facts import UNTOLD
from kinelang.timeline.narrating import narrate
from kinelang.timeline.sampling import WEIGHTS, combination
from kinelang.timeline.schema import SMALLEST_S

CONTRASTS = ("side", "verb", "order")


def contrasts(prompt: Prompt) -> dict[str, tuple[str, str]]:
    """Pairs (what is asked, what is not) of texts, by `CONTRASTS`; a contrast that cannot be made of the prompt is not there.

    Of captions of people, sides are exchanged in their own words; verbs and order in the narrator's, of what was understood.
    """
    pairs: dict[str, tuple[str, str]] = {}
    if sides_in(prompt.text):
        pairs["side"] = (prompt.text, swap_left_right(prompt.text))
    if prompt.timeline is None:
        return pairs
    own = _told(prompt.timeline, prompt)
    for name, other in (("verb", other_verb(prompt.timeline, prompt.seed)), ("order", other_order(prompt.timeline))):
        if other is not None and (text := _told(other, prompt)) != own:
            pairs[name] = (own, text)
    return pairs


def _told(timeline: Timeline, prompt: Prompt) -> str:
    """In the wording of the prompt; of captions of people in the narrator's."""
    return narrate(timeline, prompt.register if prompt.origin == MADE else "sentence", prompt.seed, complete=True)


def other_verb(timeline: Timeline, seed: int = 0) -> Timeline | None:
    """The timeline with one stage of another verb: one that is alike to none in it, on the same parts of the body if there is one.

    Side, direction and count stay where the other verb can have them; what it is done with goes.
    """
    rng = np.random.default_rng([seed, 5])
    told = [i for i, stage in enumerate(timeline.stages) if stage.verb not in UNTOLD]
    if not told:
        return None
    at = told[int(rng.integers(len(told)))]
    stage, verbs = timeline.stages[at], {s.verb for s in timeline.stages}
    able = [v for v in ACTIONS if v not in UNTOLD and not any(alike(v, other) for other in verbs)]
    able = [v for v in able if stage.side is None or stage.side in VERBS[v].sides] or able
    near = [v for v in able if set(VERBS[v].parts_of(stage.side if stage.side in VERBS[v].sides else None)) <= set(stage.parts)]
    if not near:
        return None if len(timeline.stages) > 1 and _overlapped(stage, timeline) else _with(timeline, at, able, rng)
    return _with(timeline, at, near, rng)


def _with(timeline: Timeline, at: int, verbs: Sequence[str], rng: np.random.Generator) -> Timeline:
    weights = np.array([WEIGHTS.get(verb, 8.0) for verb in verbs])
    verb = verbs[int(rng.choice(len(verbs), p=weights / weights.sum()))]
    stage, word = timeline.stages[at], VERBS[verb]
    other = Stage(
        stage.start_s,
        stage.end_s,
        verb,
        side=stage.side if stage.side in word.sides else None,
        direction=stage.direction if stage.direction in word.directions else None,
        count=stage.count if word.counted else None,
    )
    return timeline.with_(stages=tuple(other if i == at else s for i, s in enumerate(timeline.stages)))


def _overlapped(stage: Stage, timeline: Timeline) -> bool:
    others = (s for s in timeline.stages if s is not stage)
    return any(s.start_s < stage.end_s - SMALLEST_S and s.end_s > stage.start_s + SMALLEST_S for s in others)


def other_order(timeline: Timeline) -> Timeline | None:
    """The timeline with its first and last stage exchanged, all following each other as before; None where stages overlap.

    The two keep their lengths. A timeline that would be the same, or of a single stage, has no other order.
    """
    stages = list(timeline.stages)
    if len(stages) < 2 or any(_overlapped(stage, timeline) for stage in stages):
        return None
    if combination(Timeline((stages[0],))) == combination(Timeline((stages[-1],))):
        return None
    gaps = [b.start_s - a.end_s for a, b in pairwise(stages)]
    moved, now = [], stages[0].start_s
    for stage, gap in zip([stages[-1], *stages[1:-1], stages[0]], [*gaps, 0.0], strict=True):
        moved.append(stage.shifted(now - stage.start_s))
        now = moved[-1].end_s + max(gap, 0.0)
    return Timeline(tuple(moved), timeline.fps, max(timeline.duration_s, moved[-1].end_s))


def second_judge(
    prompts: Sequence[Prompt], features: Sequence[Array], judge: Retriever, *, rounds: int = ROUNDS
) -> dict[str, SideTest]:
    """How often a motion is nearer to its own text than to the other, by contrast; contrasts that no prompt has are not there.

    Args:
        prompts: what was asked.
        features: raw HumanML3D features of the motion of each, (T_i, 263).
        judge: says what is near.
        rounds: of the bootstrap over what is asked, or over recordings where the prompts have them.
    """
    return nearer(prompts, judge.encode_features(list(features)), judge, rounds=rounds)


def nearer(prompts: Sequence[Prompt], motions: Array, judge: Retriever, *, rounds: int = ROUNDS) -> dict[str, SideTest]:
    """`second_judge` of motions that the judge has encoded, (N, d)."""
    found = {}
    by_prompt: list[Mapping[str, tuple[str, str]]] = [contrasts(prompt) for prompt in prompts]
    for name in CONTRASTS:
        rows = [i for i, pairs in enumerate(by_prompt) if name in pairs]
        if not rows:
            continue
        own, other = (judge.encode_texts([by_prompt[i][name][k] for i in rows]) for k in (0, 1))
        scores = [np.einsum("nd,nd->n", texts, motions[rows]) for texts in (own, other)]
        found[name] = beaten_twins(scores[0], scores[1], [group_of(prompts[i]) for i in rows], rounds)
    return found
