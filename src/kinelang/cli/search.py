"""`kinelang search`: the motions of an index that fit a sentence, an example or a structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.common import Json, print_json, say

if TYPE_CHECKING:
    from kinelang.search import Hit, Index


def search(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="File of the index (kinelang index build).")],
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What happens, such as 'a person kicks with the left foot'.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, max=10_000, help="Hits at most.")] = 10,
    moments: Annotated[bool, typer.Option("--moments", help="Find moments inside motions, in place of whole motions.")] = False,
    like: Annotated[str | None, typer.Option("--like", metavar="FILE", help="Find more like this motion; with TEXT: both.")] = None,
    structure: Annotated[
        str | None, typer.Option("--structure", metavar="TEXT", help="Stages that must be detected, such as 'left hand raised, twice'.")
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", metavar="NAME=VALUE", help="min, max (seconds), verb, side, path (with * and ?), skeleton; may be repeated."
        ),
    ] = None,
    sheet: Annotated[Path | None, typer.Option("--sheet", help="Draw the hits into this PNG.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="Run folder of the model that the index was made with.")] = None,
    as_json: Json = False,
) -> None:
    """Find motions, best first: by a sentence, by an example, or by structure.

    Scores are from 0 to 1: the cosine of the vectors, as cos/2 + 1/2, and how well the detected stages agree with those of the query;
    they are to be compared within one search.
    """
    from kinelang.search import Filters, Index
    from kinelang.search.base import open_retriever

    chosen = Filters.of(filters or [])
    with Index.open(index, None if model is None else open_retriever(model)) as opened:
        left_over = _not_understood(text) if structure is None else []
        hits = opened.search(text, like=like, structure=structure, top=top, moments=moments, filters=chosen)
        gone = [hit.path for hit in hits if not _is_there(hit.path)]
        if as_json:
            rows = [hit.to_dict() | ({"vanished": True} if hit.path in gone else {}) for hit in hits]
            print_json({"hits": rows, "query": text, "not_understood": left_over})
        else:
            _print(hits, len(opened))
        for path in dict.fromkeys(gone):
            say(f"vanished since it was indexed: {path}; to bring the index up to date: kinelang index update {index}")
        if sheet is not None:
            _draw(opened, [hit for hit in hits if hit.path not in gone], sheet, text or structure or f"like {like}")
            if gone:
                raise typer.Exit(2)


def _not_understood(text: str | None) -> list[str]:
    """The words of the query from which no stage was read, said on standard error; the vectors are asked with all of them."""
    if text is None:
        return []
    from kinelang.search.structure import asked

    read = asked(text)
    for words in read.not_understood:
        say(f"not understood: '{words}'")
    if not read.stages:
        say("no action of the query was understood (it has to be in English): searching without its structure")
    return list(read.not_understood)


def _print(hits: list[Hit], n: int) -> None:
    for rank, hit in enumerate(hits, start=1):
        stages = ", ".join(stage.brief() for stage in hit.stages)
        typer.echo(f"{rank:>3}  {hit.score:.3f}  {hit.path}  {hit.start_s:.2f}-{hit.end_s:.2f} s" + (f"  {stages}" if stages else ""))
    if not hits:
        say("no hit: the index is empty" if n == 0 else "no hit: nothing passes the filters, or has what is asked for")


def _is_there(path: str) -> bool:
    """Whether the file of a hit, or the archive that it is in, is there; data sets are taken to be."""
    return path.startswith("corpus:") or Path(path).exists() or any(parent.is_file() for parent in Path(path).parents)


def _draw(index: Index, hits: list[Hit], sheet: Path, title: str) -> None:
    from kinelang.search.sheet import hit_sheet

    hit_sheet(hits, [index.motion(hit) for hit in hits], sheet, title=title)
    say(f"wrote {sheet}")
