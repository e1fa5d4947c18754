"""`kinelang view`: motions as a picture, an animation or a page with a 3D player."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion
    from kinelang.viewing import Span

KINDS = (".png", ".gif", ".html")


def view(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Motion files, or archive.zip/member.")],
    out: Annotated[Path, typer.Argument(help="What to write: .png contact sheet, .gif animation, .html page with a 3D player.")],
    poses: Annotated[int, typer.Option("--poses", min=1, max=100, help="Number of poses (.png).")] = 8,
    columns: Annotated[int, typer.Option("--columns", min=1, max=20, help="Poses in a row (.png).")] = 4,
    size: Annotated[int, typer.Option("--size", min=100, max=2000, help="Pixels across each figure's panel (.gif).")] = 360,
    rate: Annotated[float, typer.Option("--rate", min=1, max=50, help="Frames a second to draw (.gif).")] = 20.0,
    title: Annotated[str, typer.Option("--title", help="Heading of the page (.html).")] = "",
    start: Annotated[float, typer.Option("--start", help="Second to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option("--end", help="Second to end at.")] = None,
    mark: Annotated[
        list[str] | None,
        typer.Option("--mark", metavar="LABEL:START:END", help="Label a stretch of time, in seconds; may be repeated."),
    ] = None,
    timeline: Annotated[
        list[str] | None,
        typer.Option("--timeline", metavar="FILE.json", help="Show the stages of a timeline; with several motions once for each."),
    ] = None,
    stages: Annotated[bool, typer.Option("--stages", help="Find out what is done when, and show it.")] = False,
    angle: Annotated[
        list[str] | None,
        typer.Option("--angle", metavar="NAME", help="Draw a joint angle over time, such as knee_angle_l (.html); may be repeated."),
    ] = None,
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Show motions: as a contact sheet (.png), an animation (.gif) or a page with a 3D player (.html); left blue, right orange.

    Several motions stand side by side in an animation or a page; a mark is set on each of them.
    """
    from kinelang.errors import FormatError
    from kinelang.motion.ops import cut
    from kinelang.viewing import angle_curves, contact_sheet, write_gif, write_html

    kind = out.suffix.lower()
    if kind not in KINDS:
        raise FormatError.of(str(out), f"a file to write that ends in '{out.suffix}'", "'.png', '.gif' or '.html'")
    if kind == ".png" and len(files) > 1:
        raise FormatError.of(str(out), f"{len(files)} motions for a contact sheet", "one", "write a .gif or .html for several")
    if angle and kind != ".html":
        raise FormatError.of("--angle", f"a {kind} to write", "a page, which ends in '.html'")
    marks = [_parsed_mark(text) for text in mark or []]
    scores = _read_timelines(timeline or [], len(files), start)
    motions = [load(file, unit, up, fps, skeleton_file, body_model) for file in files]
    if start or end is not None:
        motions = [cut(motion, start, end) for motion in motions]
    found = [_detected(motion) for motion in motions] if stages else [[] for _ in motions]
    spans = [[*marks, *_within(s, motion), *d] for s, d, motion in zip(scores, found, motions, strict=True)]
    if kind == ".png":
        contact_sheet(motions[0], out, n_poses=poses, columns=columns, intervals=spans[0])
    elif kind == ".gif":
        write_gif(motions, out, fps=rate, size=size, intervals=spans)
    else:
        curves = [angle_curves(motion, *angle) for motion in motions] if angle else []
        write_html(motions, out, intervals=spans, curves=curves, title=title)
    if as_json:
        print_json({"file": files[0], "picture": str(out)} if len(files) == 1 else {"files": files, "picture": str(out)})
    else:
        say(f"wrote {out}")


def _parsed_mark(text: str) -> Span:
    from kinelang.errors import FormatError
    from kinelang.viewing import Span

    label, _, times = text.rpartition(":")
    label, _, start = label.rpartition(":")
    try:
        return Span(label, float(start), float(times))
    except ValueError as error:
        raise FormatError.of("--mark", f"'{text}'", "LABEL:START:END with seconds, such as 'left step:0.4:0.9'") from error


def _read_timelines(paths: Sequence[str], n_files: int, start_s: float) -> list[list[Span]]:
    """The stages of a timeline for each motion, in seconds from where the motion is cut."""
    if not paths:
        return [[] for _ in range(n_files)]
    from kinelang import timeline
    from kinelang.errors import FormatError

    if len(paths) != n_files:
        raise FormatError.of("--timeline", f"{len(paths)} timelines for {n_files} motions", "one for each, in the same order")
    return [_spans(timeline.load(path), "timeline", start_s) for path in paths]


def _detected(motion: Motion) -> list[Span]:
    from kinelang.timeline import detect

    return _spans(detect(motion), "detected")


def _spans(timeline: object, track: str, start_s: float = 0.0) -> list[Span]:
    """The stages of a timeline as labelled intervals, with what confidence and evidence they carry."""
    from kinelang.timeline import Timeline
    from kinelang.viewing import Span

    assert isinstance(timeline, Timeline)
    return [
        Span(
            stage.brief(),
            stage.start_s - start_s,
            stage.end_s - start_s,
            track,
            stage.confidence,
            "\n".join(f"{e.signal}: {e.value:g} {e.unit}".rstrip() for e in stage.evidence),
        )
        for stage in timeline.stages
    ]


def _within(spans: Sequence[Span], motion: Motion) -> list[Span]:
    """What of the spans lies inside the motion."""
    length_s = motion.duration_s
    inside = (span for span in spans if span.end_s > 0 and span.start_s < length_s)
    return [span._replace(start_s=max(span.start_s, 0.0), end_s=min(span.end_s, length_s)) for span in inside]
