"""`kinelang corpus synth`: a corpus of performed timelines, written in HumanML3D's layout."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kinelang.cli.common import Json, say

if TYPE_CHECKING:
    from kinelang.corpora import Record
    from kinelang.corpora.synthetic import Grounded


def synth(
    out: Annotated[Path, typer.Argument(help="Folder to write to; made if it is not there.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Clips in all splits (80 % train, 5 % val, 15 % test).")] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, another corpus.")] = 0,
    captions: Annotated[int, typer.Option("--captions", min=1, max=100, help="Sentences for each clip.")] = 3,
    longest: Annotated[float, typer.Option("--longest", min=2.5, max=600, help="Longest clip, seconds.")] = 9.8,
    grounded: Annotated[
        Path | None,
        typer.Option("--grounded", help="A file of human captions (humanml3d_captions.json): those understood whole are added."),
    ] = None,
    most: Annotated[int | None, typer.Option("--most", min=1, help="At most so many of those.")] = None,
    mirror: Annotated[bool, typer.Option("--mirror", help="Write each clip's mirror image too, as HumanML3D does.")] = False,
    untagged: Annotated[bool, typer.Option("--untagged", help="Leave out the tags of the words; no extra is needed then.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Replace what an earlier run has written, instead of continuing it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a licence-free corpus: random timelines performed by random people, with captions and exact ground truth.

    Published code that reads HumanML3D trains on the result; `timelines/` holds the ground truth beside it. Stopped at any moment, the
    same command goes on where it was.
    """
    from kinelang.cli.corpus import _progress, _tell
    from kinelang.corpora import write_layout
    from kinelang.corpora.synthetic import Synthetic
    from kinelang.corpora.tagging import tagged
    from kinelang.corpora.tagging import untagged as without_tags

    corpus = Synthetic(n, seed, captions=captions, longest_s=longest)
    people = None if grounded is None else _grounded(grounded, seed)
    records: Iterator[Record] = corpus.records()
    if people is not None:
        records = itertools.chain(records, itertools.islice(people.records(), most))
    try:
        with _progress("performing", len(corpus) * (1 + mirror)) as advance:
            written = write_layout(
                records,
                out,
                name=corpus.name,
                mirror=mirror,
                tagger=without_tags if untagged else tagged,
                options=corpus.options() | {"grounded": people is not None, "most": most, "tagged": not untagged},
                progress=advance,
                restart=restart,
            )
    except KeyboardInterrupt:
        say(f"interrupted; what is done is in {out}: run the same command to continue")
        raise typer.Exit(130) from None
    _tell(written, None, as_json)
    if written.passed_over:
        raise typer.Exit(2)


def _grounded(captions: Path, seed: int) -> Grounded:
    from kinelang.corpora.humanml3d import HumanML3DText
    from kinelang.corpora.synthetic import Grounded

    return Grounded(HumanML3DText(captions), seed)
