"""What `make demo` shows: timelines performed and detected again; or, for your own files, words, stages and pictures.

Without an argument the timelines in examples/library are performed and written as BVH files; these are read back like anyone's, and
what is detected in them is told beside what is true. With a folder, zip or file, its motions are described.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import kinelang
from kinelang.evaluate.stages import Tally
from kinelang.formats import list_motion_files
from kinelang.timeline import Timeline, detect, narrate, perform
from kinelang.timeline import load as load_timeline

KINELANG = os.path.relpath(Path(sys.executable).with_name("kinelang"))
LIBRARY = Path(__file__).parent / "library"
MOST_FILES = 24
SMD_LINES = 12


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="folder, zip or motion file; without it the library of timelines")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for motions and pictures")
    arguments = parser.parse_args()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        return show_library(arguments.out) if arguments.data is None else show_files(arguments.data, arguments.out)
    except (kinelang.KinelangError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


def show_library(out: Path) -> int:
    """Perform each timeline, write it, read it back, and tell what is detected in it beside the truth."""
    scores = [load_timeline(path) for path in sorted(LIBRARY.glob("*.txt"))]
    print(f"No DATA given: {len(scores)} timelines of {LIBRARY.name}/ are performed into {out}, and detected again from the files.")
    tally = Tally()
    for seed, score in enumerate(scores):
        file = out / f"{score.name.replace(' ', '_')}.bvh"
        kinelang.save(perform(score, seed), file)
        motion = kinelang.load(file)
        found = detect(motion)
        tally.add(score, found, but=("stand",))
        print(f"\n{file}  ({motion.duration_s:.1f} s at {motion.fps:g} fps)")
        print(f'  in words:  "{narrate(score, seed=seed)}"')
        print(f"  true:      {told(score)}")
        print(f"  detected:  {told(found)}")
        picture(motion, found, file.with_suffix(""))
    figures = tally.figures()
    n, m, right = (sum(counts.values()) for counts in (tally.true, tally.found, tally.hits))
    print(f"\n{n} stages are true, {m} were detected, {right} of them right (same verb, at least half of the time in common):")
    asked = ", ".join(f"{name}s {tally.right[name]} of {tally.asked[name]}" for name in tally.asked)
    print(f"F1 {figures['f1']:.2f}. Of these, right {asked}.")
    print(f"Open {out}/*.html in a browser to see them move. Your own files: make demo DATA=FOLDER")
    return 0


def show_files(data: Path, out: Path) -> int:
    """Describe and draw each file; 0, or 2 if one of them could not be read."""
    files = list_motion_files(data)
    shown = files[:MOST_FILES]
    if len(shown) < len(files):
        print(f"{len(files)} motion files in {data}; the first {len(shown)} are shown (all of them: {KINELANG} describe {data}).")
    bad = [file for i, file in enumerate(shown) if not show_one(file, out, with_smd=i == 0)]
    print(f"\n{len(shown) - len(bad)} contact sheets are in {out}/ (left limbs blue, right limbs orange).")
    return 2 if bad else 0


def show_one(file: str, out: Path, with_smd: bool) -> bool:
    """Print what a file says, draw it; False, with the reason on standard error, if it cannot be read."""
    try:
        motion = kinelang.load(file)
        description, found = kinelang.describe(motion), detect(motion)
    except kinelang.KinelangError as error:
        print(f"\npassed over: {error}", file=sys.stderr)
        return False
    print(f"\n{file}  ({motion.duration_s:.1f} s at {motion.fps:g} fps, {motion.skeleton.name})")
    print(f"  {description}")
    print(f"  stages: {told(found) or 'none'}")
    if with_smd:
        lines = kinelang.render(description, "smd").splitlines()
        print(f"  Its Structured Motion Description begins (all {len(lines)} lines: {KINELANG} describe --format smd {file}):")
        print("\n".join(f"    {line}" for line in lines[:SMD_LINES]))
    picture(motion, found, out / picture_name(file))
    return True


def picture(motion: kinelang.Motion, found: Timeline, stem: Path) -> None:
    """A contact sheet and a page with a player, the stages below both."""
    marks = [(stage.brief(), stage.start_s, stage.end_s) for stage in found.stages]
    kinelang.contact_sheet(motion, stem.with_name(f"{stem.name}.png"), intervals=marks)
    kinelang.write_html(motion, stem.with_name(f"{stem.name}.html"), intervals=marks)


def told(score: Timeline) -> str:
    """The stages in one line."""
    return "; ".join(f"{stage.brief()} ({stage.start_s:.1f}-{stage.end_s:.1f} s)" for stage in score.stages)


def picture_name(file: str) -> str:
    """A name that tells files of the same name in different folders apart."""
    path = Path(file)
    return path.stem if path.parent.name in ("", "samples") or path.parent.suffix == ".zip" else f"{path.parent.name}_{path.stem}"


if __name__ == "__main__":
    sys.exit(main())
