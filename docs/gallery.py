"""The action gallery: every verb of the table performed, drawn, and listed with what it can be told with."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kinelang.timeline import Stage, Timeline, perform
from kinelang.timeline.actions import ACTIONS, Action
from kinelang.viewing import write_gif

FAMILIES = {
    "gait": "Gaits",
    "turn": "Turning",
    "jump": "Jumping",
    "posture": "Postures",
    "leg": "Legs",
    "torso": "Trunk",
    "head": "Head",
    "arm": "Arms and gestures",
    "hand": "Hands and things",
    "sport": "Sports",
    "dance": "Dancing",
}
SEED = 7
FPS, SIZE = 12.0, 220


def typical(action: Action) -> Timeline:
    """A timeline that shows the action: from standing (or what has to be before it) and back to standing."""
    word = action.lexeme
    count = (2 if word.counted == "times" else 6) if word.counted else None
    if count is not None:
        count = min(max(count, action.count[0]), action.count[1])
    side = next((s for s in ("right", "left", "both") if s in word.sides and word.family not in ("gait",)), None)
    length = sum(action.length_s(count)) / 2
    stages = []
    at = 0.3
    if "standing" not in action.before:
        before = {"sitting": "sit", "lying": "lie", "kneeling": "kneel", "crouching": "crouch"}[action.before[0]]
        stages.append(Stage(at, at + 1.5, before))
        at += 1.8
    stages.append(Stage(at, at + max(length, 1.0), action.verb, side=side, direction=action.direction, count=count))
    at = stages[-1].end_s
    if action.after in ("sitting", "lying", "kneeling", "crouching", "on all fours") and "stand_up" in ACTIONS:
        stages.append(Stage(at + 0.5, at + 2.2, "stand_up"))
    return Timeline(tuple(stages), duration_s=stages[-1].end_s + 0.4, name=word.base)


def write_gallery(page: Path, pictures: Path, sources: Path) -> None:
    """Write the page and one GIF an action, unless nothing that decides them has changed since."""
    stamp = pictures / "stamp"
    state = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources.rglob("*.py")))).hexdigest()
    if stamp.exists() and stamp.read_text() == state and page.exists():
        return
    pictures.mkdir(parents=True, exist_ok=True)
    lines = []
    for family, title in FAMILIES.items():
        actions = [a for a in ACTIONS.values() if a.lexeme.family == family]
        if not actions:
            continue
        lines += [f"## {title}", "", '<div class="actions" markdown>', ""]
        for action in actions:
            timeline = typical(action)
            motion = perform(timeline, SEED).with_(name=action.lexeme.base)
            write_gif(motion, pictures / f"{action.verb}.gif", fps=FPS, size=SIZE)
            picture = f"![{action.lexeme.base}](images/actions/{action.verb}.gif){{ loading=lazy }}"
            lines += ['<div class="action" markdown>', "", picture, "", _told(action), "", "</div>", ""]
        lines += ["</div>", ""]
    page.write_text("\n".join(lines), encoding="utf-8")
    stamp.write_text(state)


def _told(action: Action) -> str:
    """One paragraph: the key, what it can be told with, and other words for it."""
    word = action.lexeme
    facts = [f"**`{action.verb}`**"]
    for name, values in (("side", word.sides), ("direction", word.directions), ("path", word.paths)):
        if values:
            facts.append(f"{name}: {', '.join(values).replace('_', ' ')}")
    if word.counted:
        facts.append(f"counted in {word.counted}")
    if word.amount_unit:
        unit = {"m": "metres", "deg": "degrees", "ratio": "size, 1 is ordinary"}[word.amount_unit]
        facts.append(f"amount: {unit}")
    if word.target:
        facts.append("target")
    text = "; ".join(facts)
    return text + (f"  \nalso: {', '.join(word.synonyms[:6])}" if word.synonyms else "")
