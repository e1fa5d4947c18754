"""Whether edits do what was asked, and leave alone what was not.

A motion is made of a drawn timeline, an instruction with a known answer is drawn for it, and the edited motion is made twice: keeping
what was not edited, and from scratch with the same seed, as the paper does. Judged on the motions, not on the timelines.

What was to stay are the pieces that the editor asks to keep (`kinelang.editing.keeping`): body parts and times that the edit does not
touch, without the margins in which motion passes from one to the other. How much of the earlier motion that is stands beside the
distances, and so does on how many instructions they rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kinelang.corpora.synthetic import split_of
from kinelang.editing.editor import Editor, Generator
from kinelang.editing.sampling import KINDS, Expected, random_instruction
from kinelang.errors import KinelangError, TimelineError
from kinelang.evaluate.following import followed
from kinelang.generating.kept import Kept
from kinelang.language.lexicon import alike
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap
from kinelang.models.finemogen.groups import JOINTS
from kinelang.motion.arrays import Array
from kinelang.motion.facing import heading
from kinelang.motion.motion import Motion
from kinelang.timeline import Stage, Timeline, detect, random_timeline
from kinelang.timeline.actions import ACTIONS

FPS = 20
LONGEST_S = 9.0
NEARLY = 0.05
"""Relative difference that counts as none where more or less was asked for."""
LITTLE_CM = 3.0
"""Joints that were to stay have stayed where they moved less than this on average."""
FIGURES: Mapping[str, str] = {
    "read": "instructions that became the patch that was asked for",
    "changed": "edits that show in the motion",
    "changed before": "motions that showed the change before the edit: what chance, or a detector that errs, gives away",
}
"""Shares, of all instructions. Beside them, of the instructions of which something was to stay: "kept cm", the mean distance of joints
that were to stay, as the body sees them; "kept world cm", where they are in the world; "kept little" and "kept world little", the share
under `LITTLE_CM`. "kept share" is how much of the earlier motion that is, over what was read. "scratch ...": made from scratch."""


@dataclass(frozen=True)
class Edit:
    """One instruction and what came of it.

    Attributes:
        instruction, kind: what was asked.
        read: whether the patch is what was asked for.
        changed, changed_before: whether the motion shows it, after and before the edit; None where it was not read.
        kept_cm: mean distance of the joints that were to stay, in centimetres, as the body sees them; None where nothing was.
        scratch_changed, scratch_kept_cm: the same of the motion that was made from scratch.
        reason: why it was not read.
        kept_world_cm, scratch_kept_world_cm: the same distances in the world.
        kept_share: of the earlier motion, how many of its joints and frames were to stay, 0 to 1; None where it was not read.
    """

    instruction: str
    kind: str
    read: bool
    changed: bool | None = None
    changed_before: bool | None = None
    kept_cm: float | None = None
    scratch_changed: bool | None = None
    scratch_kept_cm: float | None = None
    reason: str = ""
    kept_world_cm: float | None = None
    scratch_kept_world_cm: float | None = None
    kept_share: float | None = None


def drawn(n: int, seed: int, split: str) -> list[tuple[Timeline, str, Expected, int]]:
    """Timelines of a split with an instruction each, kinds in turn, and a seed for the motion."""
    out: list[tuple[Timeline, str, Expected, int]] = []
    at = seed * 1_000_003
    while len(out) < n:
        at += 1
        timeline = random_timeline(at, duration=(3.0, LONGEST_S))
        if split_of(timeline) != split or any(stage.verb not in ACTIONS for stage in timeline.stages):
            continue
        try:
            said, expected = random_instruction(timeline, at, KINDS[len(out) % len(KINDS)])
        except TimelineError:
            continue
        out.append((timeline, said, expected, at % 2**31))
    return out


def judge(
    generator: Generator, n: int = 300, seed: int = 0, split: str = "val", progress: Callable[[str, int, int], None] | None = None
) -> list[Edit]:
    """Ask a generator for edits.

    Args:
        generator: makes the motions before and after.
        n, seed, split: of the instructions (`drawn`).
        progress: told as it goes.
    """
    found = []
    for i, (timeline, said, expected, own) in enumerate(drawn(n, seed, split), start=1):
        found.append(_judged(generator, timeline, said, expected, own))
        if progress is not None:
            progress("edits", i, n)
    return found


def _judged(generator: Generator, timeline: Timeline, said: str, expected: Expected, seed: int) -> Edit:
    editor = Editor(generator)
    before = generator.generate(timeline, seed=seed)[0].motion
    editor.open(before, timeline, seed)
    try:
        proposal = editor.propose(said)
    except KinelangError as error:
        return Edit(said, expected.kind, False, reason=str(error))
    if not expected.holds(timeline, proposal.timeline):
        return Edit(said, expected.kind, False, reason="; ".join(proposal.diff))
    made = editor.apply(proposal)
    assert made is not None
    scratch = generator.generate(proposal.timeline, seed=seed)[0].motion
    seen = _Seen(before, timeline)
    return Edit(
        said,
        expected.kind,
        True,
        shows(expected, seen, _Seen(made.motion, proposal.timeline)),
        shows(expected, seen, _Seen(before, proposal.timeline)),
        kept_cm(before, made.motion, proposal.kept),
        shows(expected, seen, _Seen(scratch, proposal.timeline)),
        kept_cm(before, scratch, proposal.kept),
        kept_world_cm=kept_cm(before, made.motion, proposal.kept, world=True),
        scratch_kept_world_cm=kept_cm(before, scratch, proposal.kept, world=True),
        kept_share=kept_share(before, made.motion, proposal.kept),
    )


class _Seen:
    """A motion, what it was made of, and what is detected in it."""

    def __init__(self, motion: Motion, timeline: Timeline) -> None:
        self.motion, self.timeline, self.detected = motion, timeline, detect(motion)

    def stage(self, verb: str, which: int) -> Stage | None:
        """The stage of the timeline, by verb and number."""
        stages = [stage for stage in self.timeline.stages if stage.verb == verb]
        return stages[which] if -len(stages) <= which < len(stages) else None


def shows(expected: Expected, before: _Seen, after: _Seen) -> bool:
    """Whether a motion shows what was asked for.

    Sides, directions, counts, verbs, durations, additions and order are judged by `detect`; more or less of amount or speed by the
    joints of the stage's body parts while it lasts, against the motion before: how far they range, how fast they go.
    """
    if expected.kind in ("side", "direction", "count"):
        stage = after.stage(expected.verb, expected.which)
        return stage is not None and _there(_bare(stage, expected.field), after.detected)
    if expected.kind in ("verb", "add"):
        stage = after.stage(expected.verb, -1)
        return stage is not None and _there(_bare(stage), after.detected)
    if expected.kind == "remove":
        times = [sum(alike(s.verb, expected.verb) for s in seen.detected.stages) for seen in (before, after)]
        return times[1] < times[0]
    if expected.kind == "order":
        return followed(_verbs_alone(after.timeline), after.detected).counts.get("order", (0, 1))[0] == 1
    stage_before, stage_after = before.stage(expected.verb, expected.which), after.stage(expected.verb, expected.which)
    if stage_before is None or stage_after is None:
        return False
    if expected.kind == "duration":
        spans = [_lasts(seen.detected, expected.verb, stage) for seen, stage in ((before, stage_before), (after, stage_after))]
        return spans[1] is not None and abs(spans[1] - stage_after.duration_s) <= 0.25 * stage_after.duration_s + 0.25
    measure = _range if expected.kind == "amount" else _speed
    values = [measure(seen.motion, stage) for seen, stage in ((before, stage_before), (after, stage_after))]
    ratio = values[1] / max(values[0], 1e-6)
    return bool(ratio > 1 + NEARLY if expected.relation == "more" else ratio < 1 - NEARLY)


def _bare(stage: Stage, field: str = "") -> Stage:
    """The stage with the verb and the field that was asked for alone."""
    told = {name: None for name in ("side", "direction", "count", "amount", "speed", "style", "path") if name != field}
    return stage.with_(**told, parts=stage.parts)


def _there(stage: Stage, detected: Timeline) -> bool:
    return followed(Timeline((stage,)), detected).counts["complete"][0] == 1


def _verbs_alone(timeline: Timeline) -> Timeline:
    return timeline.with_(stages=tuple(_bare(stage) for stage in timeline.stages))


def _lasts(detected: Timeline, verb: str, stage: Stage) -> float | None:
    """How long the detected stages that are alike, and lie about there, last together."""
    near = [s for s in detected.stages if alike(s.verb, verb) and s.start_s < stage.end_s + 1 and s.end_s > stage.start_s - 1]
    return max(s.end_s for s in near) - min(s.start_s for s in near) if near else None


def _during(motion: Motion, stage: Stage) -> Array:
    """Joints of the stage's body parts while it lasts, (T, J, 3), seen by the body unless the body itself goes."""
    first, last = int(stage.start_s * FPS), max(int(stage.end_s * FPS), int(stage.start_s * FPS) + 2)
    joints = motion.joints[first : last + 1]
    if "root" in stage.parts:
        return np.asarray(joints[:, :1])
    which = [j for part in stage.parts for j in JOINTS["smpl22"][part]]
    return local(joints)[:, which]


def _range(motion: Motion, stage: Stage) -> float:
    """Largest distance of a joint from where it is at first, metres."""
    joints = _during(motion, stage)
    return float(np.linalg.norm(joints - joints[:1], axis=-1).max()) if len(joints) else 0.0


def _speed(motion: Motion, stage: Stage) -> float:
    """Mean speed of the fastest joint, m/s."""
    joints = _during(motion, stage)
    return float(np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=0).max() * FPS) if len(joints) > 1 else 0.0


def local(joints: Array) -> Array:
    """Joints (T, 22, 3) relative to the pelvis' place on the ground, and to where the body faces."""
    yaw = heading(joints)
    at = joints - joints[:, :1] * np.array([1.0, 0.0, 1.0])
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    return np.stack([c * at[..., 0] - s * at[..., 2], at[..., 1], s * at[..., 0] + c * at[..., 2]], axis=-1)


def kept_cm(before: Motion, after: Motion, kept: Sequence[Kept], world: bool = False) -> float | None:
    """Mean distance of the joints that were to stay from where they were, in centimetres; None where none was to.

    Args:
        before, after: 22 joints at 20 frames a second.
        kept: what was to stay.
        world: where they are in the world. Else as the body sees them, so that nothing counts but what the body does.
    """
    earlier, later = (motion.joints if world else local(motion.joints) for motion in (before, after))
    apart = [
        np.linalg.norm(earlier[first : first + n, which] - later[at : at + n, which], axis=-1).ravel()
        for which, first, at, n in _pieces(before, after, kept)
    ]
    return 100 * float(np.concatenate(apart).mean()) if apart else None


def kept_share(before: Motion, after: Motion, kept: Sequence[Kept]) -> float:
    """On how much of the earlier motion `kept_cm` rests: pairs of joint and frame, 0 to 1."""
    there = np.zeros(before.joints.shape[:2], bool)
    for which, first, _, n in _pieces(before, after, kept):
        there[first : first + n, which] = True
    return float(there.mean())


def _pieces(before: Motion, after: Motion, kept: Sequence[Kept]) -> list[tuple[list[int], int, int, int]]:
    """Joints, first frame before and after, and number of frames of each piece, as far as both motions go."""
    found = []
    for piece in kept:
        which = [j for part in piece.parts for j in JOINTS["smpl22"][part]]
        first, at = round(piece.start_s * FPS), round(piece.at_s * FPS)
        n = min(round(piece.end_s * FPS) - first, before.n_frames - first, after.n_frames - at)
        if n > 0:
            found.append((which, first, at, n))
    return found


def figures(edits: Sequence[Edit], rounds: int = ROUNDS) -> dict[str, Any]:
    """Shares in percent and distances in centimetres with 95 % intervals and the number of instructions; not read is not changed."""
    groups = [str(i) for i in range(len(edits))]

    def mean(values: Sequence[float | None]) -> dict[str, Any] | None:
        there = np.array([v is not None for v in values])
        numbers = np.array([0.0 if v is None else v for v in values])
        if not there.any():
            return None
        found: Interval = bootstrap(lambda w: (w * there) @ numbers / np.maximum((w * there).sum(axis=1), 1), groups, rounds)
        return {"value": found.value, "low": found.low, "high": found.high, "n": int(there.sum())}

    def little(values: Sequence[float | None]) -> list[float | None]:
        return [None if v is None else 100.0 * (v < LITTLE_CM) for v in values]

    out: dict[str, Any] = {
        "n": len(edits),
        "read": mean([100.0 * e.read for e in edits]),
        "changed": mean([100.0 * bool(e.changed) for e in edits]),
        "changed before": mean([100.0 * bool(e.changed_before) for e in edits]),
        "scratch changed": mean([100.0 * bool(e.scratch_changed) for e in edits]),
        "kept share": mean([None if e.kept_share is None else 100.0 * e.kept_share for e in edits]),
    }
    distances = {
        "kept": [e.kept_cm for e in edits],
        "kept world": [e.kept_world_cm for e in edits],
        "scratch kept": [e.scratch_kept_cm for e in edits],
        "scratch kept world": [e.scratch_kept_world_cm for e in edits],
    }
    for name, values in distances.items():
        out |= {f"{name} cm": mean(values), f"{name} little": mean(little(values))}
    by: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        by[edit.kind].append(edit)
    out["kinds"] = {
        kind: {
            "n": len(some),
            "read": 100 * float(np.mean([e.read for e in some])),
            "changed": 100 * float(np.mean([bool(e.changed) for e in some])),
            "scratch changed": 100 * float(np.mean([bool(e.scratch_changed) for e in some])),
        }
        for kind, some in sorted(by.items())
    }
    return out
