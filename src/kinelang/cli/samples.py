"""`kinelang samples`: sample motions to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kinelang.cli.common import Json, print_json


def samples(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made if it is not there.")],
    as_json: Json = False,
) -> None:
    """Write a few sample motions as BVH files.

    They are made from joint-angle curves, not recorded: a walk, a wave, two squats, a turn, both arms raised.
    """
    from kinelang.errors import FormatError
    from kinelang.formats import save
    from kinelang.motion.samples import SAMPLES, sample

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"{folder}: cannot be made ({error.strerror}); give a folder that you may write to") from error
    written = []
    for name in SAMPLES:
        path = folder / f"{name}.bvh"
        save(sample(name), path)
        written.append(str(path))
    if as_json:
        print_json({"files": written})
    else:
        typer.echo("\n".join(written))
