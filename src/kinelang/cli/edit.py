"""`kinelang edit`: a motion or timeline with something in it otherwise, said in plain words; the rest stays."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say

if TYPE_CHECKING:
    from kinelang.editing import Editor, Proposal
    from kinelang.editing.history import History
    from kinelang.motion.motion import Motion
    from kinelang.timeline import Timeline

TIMELINES = (".json", ".txt", ".timeline")
"""Suffixes of files that hold a timeline; any other is a motion."""
PICTURES = (".html", ".gif", ".png")
SAME_S = 0.11
"""A history is of a motion whose length differs from its timeline's by no more: two frames at 20 a second."""


def edit(
    file: Annotated[str, typer.Argument(metavar="MOTION|TIMELINE", help="Motion file, or timeline (.json, .txt, .timeline).")],
    instruction: Annotated[str, typer.Argument(help='What shall be otherwise: "wave higher, with the left hand".')] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="File to write: of a timeline another one or a motion; of a motion a motion or picture."),
    ] = None,
    patch: Annotated[Path | None, typer.Option("--patch", help="A patch in JSON, in place of an instruction.")] = None,
    timeline: Annotated[
        Path | None, typer.Option("--timeline", help="What happens in the motion, in place of what is detected in it.")
    ] = None,
    llm: Annotated[
        str | None, typer.Option("--llm", help="Let a language model read it: a server's address, http://HOST:PORT/v1.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="The language model's name on its server, if it has several.")] = None,
    generator: Annotated[
        Path | None, typer.Option("--generator", help="Run folder of a model that makes motion, in place of the one that ships.")
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds to wait for the language model.")] = 60.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and stop.")] = False,
    partly: Annotated[bool, typer.Option("--partly", help="Do what was understood, even if it is not all that was said.")] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Write what was edited beside --out, as NAME.edits.json; continued from the one beside MOTION."),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Of the motion; the one it was made with keeps more of it. By default its history's, or 0."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there already.")] = False,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Change a motion or timeline as you say, and keep the rest. What will change is told first.

    An instruction is read by rules, or by a language model (--llm) whose key is in KINELANG_LLM_KEY.
    """
    _checked(file, instruction, out, patch, dry_run)
    _check_options(file, out, timeline, llm, model, generator, timeout, seed)
    if out is not None and not dry_run:
        _check_free(out, history, force)
    past = _past(file) if history else None
    motion, score = _opened(file, timeline, past, unit, up, fps, skeleton_file, body_model)
    editor = _editor(llm, model, timeout)
    seed = seed if seed is not None else past.seed if past is not None else 0
    editor.open(motion if motion is not None else score, score, seed)
    if past is not None:
        _continue(editor, past, file, seed)
    proposal = editor.propose(_patch(patch) if patch is not None else instruction, partly)
    for line in proposal.diff:
        say(line)
    for note in proposal.notes:
        say(f"note: {note}")
    for clause, reason in proposal.not_understood:
        say(f"not understood: '{clause}' ({reason})")
    answer = _answer(file, proposal, seed)
    if not dry_run and out is not None:
        answer |= _written(editor, proposal, out, generator)
        if history:
            _save_history(editor, out)
    if as_json:
        print_json(answer)


def is_timeline(path: str | Path) -> bool:
    """Whether a file holds a timeline, by its suffix."""
    return Path(path).suffix.lower() in TIMELINES


def _checked(file: str, instruction: str, out: Path | None, patch: Path | None, dry_run: bool) -> None:
    from kinelang.errors import FormatError, TimelineError

    if bool(instruction) == (patch is not None):
        found = "an instruction and --patch" if instruction else "neither an instruction nor --patch"
        raise TimelineError.of("edit", found, "one of them", 'such as: kinelang edit walk.bvh "walk slower" --out slow.bvh')
    if out is None and not dry_run:
        raise FormatError.of("edit", "no --out", "a file to write", "or --dry-run, to see what would change")
    if out is not None and is_timeline(out) and not is_timeline(file):
        raise FormatError.of(str(out), "a timeline to write, of a motion", "a motion to write", "or run kinelang timeline detect first")


def _check_options(
    file: str,
    out: Path | None,
    timeline: Path | None,
    llm: str | None,
    model: str | None,
    generator: Path | None,
    timeout: float,
    seed: int | None,
) -> None:
    """Options that would say nothing are refused, and numbers that cannot be."""
    from kinelang.errors import KinelangError
    from kinelang.generating.seeds import checked_seed

    if timeline is not None and is_timeline(file):
        raise KinelangError.of("edit", "--timeline beside a timeline", "it with a motion", "leave it out")
    if llm is None and model is not None:
        raise KinelangError.of("edit", "--model without --llm", "the name of a language model with the address of its server")
    if generator is not None and out is not None and is_timeline(out):
        raise KinelangError.of("edit", "--generator and a timeline to write", "a motion to write", "leave it out")
    if generator is not None and not generator.is_dir():
        raise KinelangError.of("--generator", f"{generator}, which is no folder", "the run folder of a model that makes motion")
    if not 0.1 <= timeout < math.inf:
        raise KinelangError.of("--timeout", f"{timeout:g}", "0.1 seconds or more")
    if seed is not None:
        checked_seed(seed, where="--seed")


def _check_free(out: Path, history: bool, force: bool) -> None:
    """All that can be known of what is to be written, before anything is made."""
    from kinelang.cli.generated_files import check_free, check_kind
    from kinelang.editing.history import beside

    check_kind(out)
    check_free([out, beside(out)] if history else [out], force)


def _opened(
    file: str,
    timeline: Path | None,
    past: History | None,
    unit: str | None,
    up: str | None,
    fps: float | None,
    skeleton_file: str | None,
    body_model: str | None,
) -> tuple[Motion | None, Timeline]:
    """(The motion, if it is one; what happens)."""
    from kinelang.errors import TimelineError
    from kinelang.timeline import detect
    from kinelang.timeline import load as load_timeline

    if is_timeline(file):
        score = load_timeline(file)
        if not score.stages:
            raise TimelineError.of(file, "no stage", "at least one line such as: 0.00-2.00 walk direction=forward")
        return None, score
    motion = load(file, unit, up, fps, skeleton_file, body_model)
    if timeline is not None:
        return motion, load_timeline(timeline)
    if past is not None and abs(past.timeline.duration_s - motion.duration_s) <= SAME_S:
        return motion, past.timeline
    return motion, detect(motion)


def _editor(llm: str | None, model: str | None, timeout: float) -> Editor:
    from kinelang.editing import Editor

    if llm is None:
        return Editor()
    from kinelang.language.llm import ChatModel

    return Editor(model=ChatModel(llm, model or "default", timeout))


def _patch(path: Path) -> Any:
    from kinelang.editing.patch import load as load_patch

    return load_patch(path)


def _past(file: str) -> History | None:
    """The history beside a file."""
    from kinelang.editing.history import History, beside

    return History.load(beside(file)) if beside(file).exists() else None


def _continue(editor: Editor, past: History, file: str, seed: int) -> None:
    """Go on with the history, where it leads to what is in the file."""
    from kinelang.editing.history import beside

    if editor.history is None or past.timeline.stages != editor.history.timeline.stages:
        say(f"note: {beside(file)} is the history of something else; a new one begins")
        return
    past.seed = seed
    say(f"note: continues {beside(file)}, {past.at} edits so far")
    editor.take_up(past)


def _save_history(editor: Editor, out: Path) -> None:
    from kinelang.editing.history import beside

    editor.save_history(beside(out))
    say(f"wrote {beside(out)}")


def _answer(file: str, proposal: Proposal, seed: int) -> dict[str, Any]:
    from kinelang.editing.patch import to_dict as patch_to_dict
    from kinelang.timeline.files import to_dict

    return {
        "file": file,
        "instruction": proposal.instruction,
        "diff": list(proposal.diff),
        "notes": list(proposal.notes),
        "not_understood": [{"text": clause, "reason": reason} for clause, reason in proposal.not_understood],
        "patch": patch_to_dict(proposal.patch),
        "timeline": to_dict(proposal.timeline),
        "kept": [{"parts": list(k.parts), "start_s": k.start_s, "end_s": k.end_s, "at_s": k.at_s} for k in proposal.kept],
        "seed": seed,
    }


def _written(editor: Editor, proposal: Proposal, out: Path, generator: Path | None) -> dict[str, Any]:
    """Write what the edit makes: a timeline, a motion, or a picture of one."""
    from kinelang.timeline import save as save_timeline

    if is_timeline(out):
        editor.apply(proposal)
        save_timeline(proposal.timeline, out)
        say(f"wrote {out}: {len(proposal.timeline)} stages")
        return {"written": str(out)}
    editor.generator = _generator(generator)
    made = editor.apply(proposal)
    assert made is not None
    _save_motion(made, out, proposal.timeline)
    notes = [str(note) for note in getattr(made, "notes", ())]
    for note in notes:
        say(f"note: {note}")
    say(f"wrote {out}: {made.motion.n_frames} frames at {made.motion.fps:g} fps")
    return {"written": str(out), "frames": made.motion.n_frames, "fps": made.motion.fps, "generated_notes": notes}


def _generator(folder: Path | None) -> Any:
    from kinelang.generating import Generator  # type: ignore[attr-defined,unused-ignore]

    return Generator.load(folder)


def _save_motion(made: Any, out: Path, score: Timeline) -> None:
    """Write what a generator made: a motion, or a picture of it with its stages."""
    kind = out.suffix.lower()
    if kind == ".npz":
        from kinelang.generating.archive import save_npz

        save_npz(made, out)
    elif kind in PICTURES:
        from kinelang.cli.timeline import _draw

        _draw(made.motion, out, [(stage.brief(), stage.start_s, stage.end_s) for stage in score.stages])
    else:
        from kinelang.formats import save

        save(made.motion, out)
