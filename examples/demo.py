"""What `make demo` shows: motion files in, words and contact sheets out.

Without an argument the sample motions are written as BVH files first and read back like anyone's; with a folder or zip, its files.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import kinelang
from kinelang.formats import list_motion_files
from kinelang.motion.samples import SAMPLES

KINELANG = os.path.relpath(Path(sys.executable).with_name("kinelang"))
MOST_FILES = 24
SMD_LINES = 16


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="folder, zip or motion file; without it the sample motions")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for the contact sheets")
    arguments = parser.parse_args()
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        return show(arguments.data, arguments.out)
    except (kinelang.KinelangError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2


def show(data: Path | None, out: Path) -> int:
    """Describe and draw each file; 0, or 2 if one of them could not be read."""
    files = sample_files(out / "samples") if data is None else list_motion_files(data)
    shown = files[:MOST_FILES]
    if data is None:
        print(f"No DATA given: {len(files)} motions made by kinelang itself, in {out / 'samples'}.")
    elif len(shown) < len(files):
        print(f"{len(files)} motion files in {data}; the first {len(shown)} are shown (all of them: {KINELANG} describe {data}).")
    bad = [file for i, file in enumerate(shown) if not show_one(file, out, with_smd=i == 0)]
    print(f"\n{len(shown) - len(bad)} contact sheets are in {out}/ (left limbs blue, right limbs orange).")
    if data is None:
        print("Your own files: make demo DATA=FOLDER")
    return 2 if bad else 0


def sample_files(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SAMPLES:
        kinelang.save(kinelang.sample(name), folder / f"{name}.bvh")
    return [str(folder / f"{name}.bvh") for name in SAMPLES]


def show_one(file: str, out: Path, with_smd: bool) -> bool:
    """Print what a file says, draw it; False, with the reason on standard error, if it cannot be read."""
    try:
        motion = kinelang.load(file)
        description = kinelang.describe(motion)
    except kinelang.KinelangError as error:
        print(f"\npassed over: {error}", file=sys.stderr)
        return False
    print(f"\n{file}  ({motion.duration_s:.1f} s at {motion.fps:g} fps, {motion.skeleton.name})")
    print(f"  {description}")
    if with_smd:
        lines = kinelang.render(description, "smd").splitlines()
        print(f"  Its Structured Motion Description begins (all {len(lines)} lines: {KINELANG} describe --format smd {file}):")
        print("\n".join(f"    {line}" for line in lines[:SMD_LINES]))
    kinelang.contact_sheet(motion, out / f"{picture_name(file)}.png")
    return True


def picture_name(file: str) -> str:
    """A name that tells files of the same name in different folders apart."""
    path = Path(file)
    return path.stem if path.parent.name in ("", "samples") or path.parent.suffix == ".zip" else f"{path.parent.name}_{path.stem}"


if __name__ == "__main__":
    sys.exit(main())
