"""`kinelang view`: a motion as one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say


def view(
    file: Annotated[str, typer.Argument(help="Motion file, or archive.zip/member.")],
    out: Annotated[Path, typer.Argument(help="PNG to write.")],
    poses: Annotated[int, typer.Option("--poses", min=1, max=100, help="Number of poses.")] = 8,
    columns: Annotated[int, typer.Option("--columns", min=1, max=20, help="Poses in a row.")] = 4,
    start: Annotated[float, typer.Option("--start", help="Second to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option("--end", help="Second to end at.")] = None,
    mark: Annotated[
        list[str] | None,
        typer.Option("--mark", metavar="LABEL:START:END", help="Label a stretch of time, in seconds; may be repeated."),
    ] = None,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Draw a contact sheet: the figure at evenly spaced times, left blue and right orange, with ground, path and times."""
    from kinelang.errors import FormatError
    from kinelang.motion.ops import cut
    from kinelang.viewing import contact_sheet

    if out.suffix.lower() != ".png":
        raise FormatError.of(str(out), f"a picture file ending in '{out.suffix}'", "'.png'")
    marks = [_parsed_mark(text) for text in mark or []]
    motion = load(file, unit, up, fps, skeleton_file, body_model)
    if start or end is not None:
        motion = cut(motion, start, end)
    contact_sheet(motion, out, n_poses=poses, columns=columns, intervals=marks)
    if as_json:
        print_json({"file": file, "picture": str(out)})
    else:
        say(f"wrote {out}")


def _parsed_mark(text: str) -> tuple[str, float, float]:
    from kinelang.errors import FormatError

    label, _, times = text.rpartition(":")
    label, _, start = label.rpartition(":")
    try:
        return label, float(start), float(times)
    except ValueError as error:
        raise FormatError.of("--mark", f"'{text}'", "LABEL:START:END with seconds, such as 'left step:0.4:0.9'") from error
