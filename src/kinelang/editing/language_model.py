"""Patches by a language model: the timeline, the schema and the verbs go in, a patch that can be applied comes out, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kinelang.editing.applying import apply
from kinelang.editing.patch import Patch, from_dict
from kinelang.editing.patch_schema import schema
from kinelang.errors import KinelangError, ModelError, TimelineError
from kinelang.language.lexicon import PARTS, STYLES, VERBS
from kinelang.timeline import Timeline, narrate, to_text

_SYSTEM = """You edit timelines of human motion. You answer with one JSON object, a patch, and nothing else.
A timeline has stages, one a line: START-END verb field=value. They are numbered from 1 in this order.
The patch is {"operations": [...]}. Operations are done one after the other; a number counts the stages as they are at that moment.
Operations:
{"op":"change","stage":N,"set":{"side":"left","direction":"backward","count":2,"speed":0.7,"amount":1.5,"style":"sad","verb":"punch"}}
{"op":"change","stage":N,"times":{"amount":1.5,"speed":0.7}} or {"plus":{"count":1}}: relative to what is there
{"op":"add","verb":V,"place":"before"|"after"|"while","anchor":N, fields...} or {"op":"add","verb":V,"place":"start"|"end", fields...}
{"op":"remove","stage":N}
{"op":"move","stage":N,"place":"before"|"after"|"while"|"swap","anchor":N} or {"op":"move","stage":N,"by_s":1.0}
{"op":"retime","stage":N,"seconds":3} or "times" or "plus_s"; without stage: the whole
{"op":"transition","before":N,"seconds":2}: the pause before a stage
{"op":"text","stage":N,"part":P,"text":"..."}: words for what one body part does
{"op":"mirror"} or {"op":"mirror","stage":N}: left and right exchanged
Speed and size (amount) are ratios to the ordinary, 1; of going the amount is metres, of turning degrees.
Change nothing that is not asked for. A body part can do one thing at a time."""


class Asked(Protocol):
    """A language model, such as `kinelang.language.llm.ChatModel`."""

    def ask(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], name: str = "answer") -> Any: ...  # noqa: D102


def propose_by_model(instruction: str, timeline: Timeline, model: Asked) -> Patch:
    """The patch that a language model makes of an instruction.

    What it answers is checked against the schema and tried on the timeline. Where that fails it is asked once more, with the error.

    Raises:
        ModelError: it does not answer, or both answers cannot be used; the message gives the last reason.
        TimelineError: the instruction has no words.
    """
    if not isinstance(instruction, str) or not instruction.strip():
        raise TimelineError.of("instruction", "no words", "what shall be otherwise, in words")
    messages = prompt(instruction, timeline)
    reason = ""
    for _ in range(2):
        if reason:
            retry = f"That patch cannot be used: {reason}. Answer with a corrected JSON patch only."
            messages = [*messages, {"role": "user", "content": retry}]
        try:
            patch = from_dict(model.ask(messages, schema(), "patch"), "answer")
            apply(timeline, patch)
        except TimelineError as error:
            reason = str(error)
        except ModelError as error:
            if "no JSON" not in str(error):
                raise
            reason = "it is no JSON"
        else:
            return patch
    raise ModelError.of(
        "language model", f"two answers that are no patch of this timeline ({reason})", "a patch", "say it in other words"
    )


def prompt(instruction: str, timeline: Timeline) -> list[dict[str, str]]:
    """The messages that are sent first."""
    lines = [line for line in to_text(timeline).splitlines() if not line.startswith("#")]
    told = "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1))
    verbs = " ".join(f"{key}({','.join(verb.sides)})" if verb.sides else key for key, verb in VERBS.items())
    fields = f"Verbs (with the sides they can have): {verbs}\nStyles: {' '.join(STYLES)}\nParts: {' '.join(PARTS)}"
    words = _words(timeline)
    asked = f"Timeline ({timeline.duration_s:g} s):\n{told}\n{words}\nInstruction: {instruction.strip()}"
    return [{"role": "system", "content": f"{_SYSTEM}\n{fields}"}, {"role": "user", "content": asked}]


def _words(timeline: Timeline) -> str:
    try:
        return f"In words: {narrate(timeline, 'instruction')}"
    except KinelangError:
        return ""
