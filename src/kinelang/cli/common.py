"""What several verbs share: the options that say how to read a file, and how to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion

Unit = Annotated[
    str | None,
    typer.Option(
        "--unit", help="Unit of lengths in the file: m, cm, mm, inch, cmu, or metres in one unit. Told from the file or the body."
    ),
]
Up = Annotated[
    str | None, typer.Option("--up", help="Axis that is up in the file: y, z, x, -y, -z, -x. Told from the file or the body.")
]
Fps = Annotated[float | None, typer.Option("--fps", help="Frames a second of the file, in place of what it says.")]
SkeletonFile = Annotated[str | None, typer.Option("--asf", help="The .asf of an .amc file, if it is not beside it.")]
BodyModel = Annotated[str | None, typer.Option("--body-model", help="SMPL-H or SMPL-X model (.npz), for exact joints of AMASS files.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")]


def print_json(answer: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def load(path: str, unit: str | None, up: str | None, fps: float | None, skeleton_file: str | None, body_model: str | None) -> Motion:
    """Read one motion as the options say."""
    from kinelang.formats import load as load_motion

    return load_motion(path, unit=unit, up=up, fps=fps, skeleton_file=skeleton_file, body_model=body_model)


def say(message: str) -> None:
    """One line for people, on standard error."""
    typer.echo(message, err=True)
