"""What `make demo` shows: timelines performed, captioned and detected again; or your own files, described and captioned. Then searches.

At last a motion is generated from a sentence and edited by another.

Without an argument the timelines in examples/library are performed and written as BVH files; these are read back like anyone's, and
what is said of them and detected in them is told beside what is true. With a folder, zip or file, its motions are described and
captioned. In the end the motions are indexed, and searched by a sentence, by structure, by example, and for a moment.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import kinelang
from kinelang.captioning import Choice, Chooser
from kinelang.captioning.showing import draw
from kinelang.evaluate.stages import Tally
from kinelang.formats import list_motion_files
from kinelang.motion.samples import SAMPLES
from kinelang.search import Hit, Index
from kinelang.timeline import Stage, Timeline, narrate, perform
from kinelang.timeline import load as load_timeline

KINELANG = os.path.relpath(Path(sys.executable).with_name("kinelang"))
LIBRARY = Path(__file__).parent / "library"
MOST_FILES = 24
SMD_LINES = 12
HITS = 3
PROMPT = "a person walks forward, then waves with the left hand"
INSTRUCTION = "wave with the right hand"
Ask = tuple[str, dict[str, Any]]
"""What kind of search it is, and what `Index.search` is called with."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="folder, zip or motion file; without it the library of timelines")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for motions and pictures")
    parser.add_argument("--model", type=Path, help="run folder of a model for the searches, in place of the one that ships")
    arguments = parser.parse_args()
    out, model = arguments.out, arguments.model
    try:
        out.mkdir(parents=True, exist_ok=True)
        return show_library(out, model) if arguments.data is None else show_files(arguments.data, out, model)
    except (kinelang.KinelangError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


def show_library(out: Path, model: Path | None) -> int:
    """Perform each timeline, write it, read it back, tell what is detected in it beside the truth; then search."""
    scores = [load_timeline(path) for path in sorted(LIBRARY.glob("*.txt"))]
    print(f"No DATA given: {len(scores)} timelines of {LIBRARY.name}/ are performed into {out}, and detected again from the files.")
    tally, chooser = Tally(), Chooser.open()
    files = [out / f"{score.name.replace(' ', '_')}.bvh" for score in scores]
    for seed, (score, file) in enumerate(zip(scores, files, strict=True)):
        kinelang.save(perform(score, seed), file)
        motion = kinelang.load(file)
        choice = chooser.caption(motion)[0]
        found = choice.timeline or Timeline()
        tally.add(score, found, but=("stand",))
        print(f"\n{file}  ({motion.duration_s:.1f} s at {motion.fps:g} fps)")
        print(f'  in words:  "{narrate(score, seed=seed)}"')
        print(f'  caption:   "{choice.caption}" ({choice.source})')
        print(f"  true:      {told(score)}")
        print(f"  detected:  {told(found)}")
        picture(motion, choice, file.with_suffix(""))
    figures = tally.figures()
    n, m, right = (sum(counts.values()) for counts in (tally.true, tally.found, tally.hits))
    print(f"\n{n} stages are true, {m} were detected, {right} of them right (same verb, at least half of the time in common):")
    asked = ", ".join(f"{name}s {tally.right[name]} of {tally.asked[name]}" for name in tally.asked)
    print(f"F1 {figures['f1']:.2f}. Of these, right {asked}.")
    (out / "samples").mkdir(exist_ok=True)
    for name in SAMPLES:
        files.append(out / "samples" / f"{name}.bvh")
        kinelang.save(kinelang.sample(name), files[-1])
    asks: list[Ask] = [
        ("By a sentence", {"text": "someone waves with the right hand"}),
        ("By what has to be detected", {"structure": "punches, then kicks with the right leg"}),
        ("More like an example", {"like": os.fspath(out / "samples" / "walk_forward.bvh")}),
        ("For the moment", {"text": "the person turns around", "moments": True}),
    ]
    show_searches([os.fspath(file) for file in files], asks, out, model)
    show_generation(out)
    print(f"\nOpen {out}/*.html in a browser: the motion moves, and each word of its caption lights up its limbs and its time.")
    print("Your own files: make demo DATA=FOLDER")
    return 0


def show_files(data: Path, out: Path, model: Path | None) -> int:
    """Describe and draw each file, then search them; 0, or 2 if one of them could not be read."""
    files = list_motion_files(data)
    shown = files[:MOST_FILES]
    if len(shown) < len(files):
        print(f"{len(files)} motion files in {data}; the first {len(shown)} are shown (all of them: {KINELANG} describe {data}).")
    chooser = Chooser.open()
    found = {file: show_one(file, chooser, out, with_smd=i == 0) for i, file in enumerate(shown)}
    read = {file: timeline for file, timeline in found.items() if timeline is not None}
    print(f"\n{len(read)} contact sheets are in {out}/ (left limbs blue, right limbs orange).")
    show_searches(list(read), asks_of(read), out, model)
    return 2 if len(read) < len(shown) else 0


def show_one(file: str, chooser: Chooser, out: Path, with_smd: bool) -> Timeline | None:
    """Print what a file says and what is said of it, draw it.

    Its stages, or None, with the reason on standard error, if it cannot be read.
    """
    try:
        motion = kinelang.load(file)
        description, choice = kinelang.describe(motion), chooser.caption(motion)[0]
    except kinelang.KinelangError as error:
        print(f"\npassed over: {error}", file=sys.stderr)
        return None
    print(f"\n{file}  ({motion.duration_s:.1f} s at {motion.fps:g} fps, {motion.skeleton.name})")
    found = choice.timeline or Timeline()
    print(f"  {description}")
    print(f'  caption: "{choice.caption}" ({choice.source})')
    print(f"  stages: {told(found) or 'none'}")
    if with_smd:
        lines = kinelang.render(description, "smd").splitlines()
        print(f"  Its Structured Motion Description begins (all {len(lines)} lines: {KINELANG} describe --format smd {file}):")
        print("\n".join(f"    {line}" for line in lines[:SMD_LINES]))
    picture(motion, choice, out / picture_name(file))
    return found


def asks_of(found: dict[str, Timeline]) -> list[Ask]:
    """Searches for what was detected most surely in the files, and for more like the first of them."""
    best: dict[str, Stage] = {}
    for stage in sorted((s for timeline in found.values() for s in timeline.stages), key=lambda s: -(s.confidence or 0)):
        best.setdefault(stage.verb, stage)
    words = [narrate(Timeline((stage,)), complete=True) for verb, stage in best.items() if verb != "stand"]
    asks: list[Ask] = []
    if words:
        asks += [("By a sentence", {"text": words[0]}), ("By what has to be detected", {"structure": words[min(1, len(words) - 1)]})]
    if len(found) > 1:
        asks.append(("More like an example", {"like": next(iter(found))}))
    if words:
        asks.append(("For the moment", {"text": words[min(2, len(words) - 1)], "moments": True}))
    return asks


def show_searches(files: Sequence[str], asks: Sequence[Ask], out: Path, model: Path | None) -> None:
    """Index the files and search them; where that cannot be, one line says why."""
    if not asks:
        return
    path = out / "demo.index"
    for left in out.glob(f"{path.name}*"):
        left.unlink()
    try:
        with Index.build(path, files, model=model) as index:
            print(f"\n{len(index)} motions are indexed in {path}; the {HITS} best hits of each search:")
            for number, (kind, ask) in enumerate(asks, start=1):
                print(f"\n{kind}: {KINELANG} search {path} {options_of(ask)}")
                show_hits(index, index.search(**ask, top=HITS), f"{kind}: {asked_of(ask)}", out / f"search_{number}.png")
    except kinelang.KinelangError as error:
        print(f"\nWithout searches: {error}")


def show_generation(out: Path) -> None:
    """Generate a motion, edit it, and draw both; where that cannot be, one line says why."""
    try:
        from kinelang.editing import Editor
        from kinelang.generating import Generator

        editor = Editor(Generator.load())
        made = editor.generator.generate(PROMPT)[0]
        editor.open(made.motion, made.timeline, made.seed)
        show_made(made.motion, made.timeline, made.notes, f"kinelang generate {shlex.quote(PROMPT)}", out / "generated")
        proposal = editor.propose(INSTRUCTION)
        edited = editor.apply(proposal)
        told_in_words = (*proposal.diff, *getattr(edited, "notes", ()))
        command = f"kinelang edit {out / 'generated.bvh'} {shlex.quote(INSTRUCTION)}"
        show_made(edited.motion, proposal.timeline, told_in_words, command, out / "edited")
    except kinelang.KinelangError as error:
        print(f"\nWithout generation: {error}")


def show_made(motion: kinelang.Motion, score: Timeline, notes: Sequence[str], command: str, stem: Path) -> None:
    """What was made, as a .bvh, a contact sheet and a page with a player."""
    marks = [(stage.brief(), stage.start_s, stage.end_s) for stage in score.stages]
    kinelang.save(motion, stem.with_suffix(".bvh"))
    kinelang.contact_sheet(motion, stem.with_suffix(".png"), intervals=marks)
    kinelang.write_html(motion, stem.with_suffix(".html"), intervals=marks)
    print(f"\n{command} --out {stem.with_suffix('.bvh')}")
    print(f"  asked for: {told(score)}")
    for note in notes:
        print(f"  {note}")
    print(f"  drawn in {stem.with_suffix('.png')}")


def show_hits(index: Index, hits: Sequence[Hit], title: str, sheet: Path) -> None:
    """A line for each hit, and a picture of them all."""
    from kinelang.search.sheet import hit_sheet

    for hit in hits:
        stages = ", ".join(stage.brief() for stage in hit.stages)
        print(f"  {hit.score:.3f}  {os.path.relpath(hit.path)}  {hit.start_s:.1f}-{hit.end_s:.1f} s  {stages}")
    if hits:
        hit_sheet(hits, [index.motion(hit) for hit in hits], sheet, title=title)
        print(f"  drawn in {sheet}")
    else:
        print("  no hit")


def asked_of(ask: dict[str, Any]) -> str:
    """What a search asks for, as a heading."""
    return str(ask["like"] if "like" in ask else ask.get("text") or ask["structure"])


def options_of(ask: dict[str, Any]) -> str:
    """A search as one would type it."""
    words = {name: shlex.quote(value) for name, value in ask.items() if isinstance(value, str)}
    parts = [value if name == "text" else f"--{name} {value}" for name, value in words.items()]
    return " ".join([*parts, *(f"--{name}" for name in ask.keys() - words.keys())])


def picture(motion: kinelang.Motion, choice: Choice, stem: Path) -> None:
    """A contact sheet and a page with a player, the stages below both; on the page each word of the caption lights up its limbs."""
    stages = choice.timeline.stages if choice.timeline is not None else ()
    marks = [(stage.brief(), stage.start_s, stage.end_s) for stage in stages]
    kinelang.contact_sheet(motion, stem.with_name(f"{stem.name}.png"), intervals=marks)
    draw(choice, motion, stem.with_name(f"{stem.name}.html"))


def told(score: Timeline) -> str:
    """The stages in one line."""
    return "; ".join(f"{stage.brief()} ({stage.start_s:.1f}-{stage.end_s:.1f} s)" for stage in score.stages)


def picture_name(file: str) -> str:
    """A name that tells files of the same name in different folders apart."""
    path = Path(file)
    return path.stem if path.parent.name in ("", "samples") or path.parent.suffix == ".zip" else f"{path.parent.name}_{path.stem}"


if __name__ == "__main__":
    sys.exit(main())
