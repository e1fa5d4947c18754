"""`kinelang convert`: from one file format, skeleton or frame rate to another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.common import BodyModel, Json, SkeletonFile, Unit, Up, load, print_json, say

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion


def convert(
    file: Annotated[str, typer.Argument(help="Motion file, or archive.zip/member.")],
    out: Annotated[Path, typer.Argument(help="File to write; its ending names the format. An existing file is replaced.")],
    fps: Annotated[float | None, typer.Option("--fps", help="Frames a second of the result.")] = None,
    skeleton: Annotated[
        str | None, typer.Option("--skeleton", help="Skeleton of the result, such as smpl22 (the 22 joints of HumanML3D).")
    ] = None,
    start: Annotated[float, typer.Option("--start", help="Second to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option("--end", help="Second to end at.")] = None,
    mirror: Annotated[bool, typer.Option("--mirror", help="Swap left and right.")] = False,
    unit: Unit = None,
    up: Up = None,
    input_fps: Annotated[
        float | None, typer.Option("--input-fps", help="Frames a second of the file read, in place of what it says.")
    ] = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Read a motion, change it if asked, and write it in another format."""
    from kinelang.errors import FormatError
    from kinelang.formats import save

    if out.exists() and os.path.realpath(out) == os.path.realpath(file):
        raise FormatError.of(str(out), "the file that is read", "another file to write to")
    motion = _changed(_read(file, unit, up, input_fps, skeleton_file, body_model), skeleton, fps, start, end, mirror)
    if out.suffix.lower() == ".bvh" and not motion.has_rotations:
        motion = _with_fitted_rotations(motion)
    save(motion, out)
    if as_json:
        print_json(
            {
                "file": file,
                "written": str(out),
                "skeleton": motion.skeleton.name,
                "frames": motion.n_frames,
                "fps": motion.fps,
                "notes": list(motion.notes),
            }
        )
    else:
        for note in motion.notes:
            say(f"note: {note}")
        say(f"wrote {out}: {motion.skeleton.name}, {motion.n_frames} frames at {motion.fps:g} fps")


def _read(
    file: str, unit: str | None, up: str | None, input_fps: float | None, skeleton_file: str | None, body_model: str | None
) -> Motion:
    """The motion in the file. Readers name the option of the other verbs, --fps, which here says the rate of the result."""
    from kinelang.errors import KinelangError

    def named_here(text: str) -> str:
        return text.replace("--fps (fps=)", "--input-fps")

    try:
        motion = load(file, unit, up, input_fps, skeleton_file, body_model)
    except KinelangError as error:
        raise type(error)(named_here(str(error))) from error
    return motion.with_(notes=tuple(named_here(note) for note in motion.notes))


def _changed(motion: Motion, skeleton: str | None, fps: float | None, start: float, end: float | None, mirror: bool) -> Motion:
    """Cut, mirror, retarget, resample: in this order, as each needs less work after the one before."""
    from kinelang.errors import SkeletonError
    from kinelang.motion.ops import cut, resample
    from kinelang.motion.reflection import mirror as mirrored
    from kinelang.motion.retargeting import retarget
    from kinelang.motion.skeletons import SKELETONS

    if skeleton is not None and skeleton not in SKELETONS:
        raise SkeletonError.of("--skeleton", f"'{skeleton}'", f"one of {', '.join(SKELETONS)}")
    if start or end is not None:
        motion = cut(motion, start, end)
    if mirror:
        motion = mirrored(motion)
    if skeleton is not None:
        motion = retarget(motion, SKELETONS[skeleton])
    if fps is not None:
        motion = resample(motion, fps)
    return motion


def _with_fitted_rotations(motion: Motion) -> Motion:
    """On 22 joints, with rotations fitted to the positions and a note on how well bones of fixed length follow these."""
    import numpy as np

    from kinelang.motion.retargeting import retarget, without_positions

    fitted = retarget(motion)
    gap_mm = 1000 * float(np.linalg.norm(without_positions(fitted).joints - fitted.joints, axis=-1).mean())
    return fitted.noted(f"rotations fitted to the positions of 22 joints, mean error {gap_mm:.2f} mm")
