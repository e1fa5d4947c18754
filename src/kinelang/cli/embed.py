"""`kinelang embed`: the vectors of motions and sentences, for programs of one's own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any

import typer

from kinelang.cli.common import Json, print_json, say


def embed(
    files: Annotated[list[str] | None, typer.Argument(metavar="[FILE|FOLDER|ZIP]...", help="Motions.")] = None,
    texts: Annotated[list[str] | None, typer.Option("--text", help="A sentence; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write an .npz: vectors (N, d), names, kinds, model.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="Run folder of a model, in place of the one that ships.")] = None,
    as_json: Json = False,
) -> None:
    """Encode motions and sentences into one space: float32 vectors of length 1, whose products are their cosines.

    A file that cannot be read is reported and passed over; the exit code is then 2. A motion of more than 10 s gets the mean direction
    of its pieces.
    """
    from kinelang.search.base import SearchError, open_retriever

    sentences = [text for text in texts or [] if text.strip()]
    if not files and not sentences:
        raise SearchError.of("embed", "nothing to encode", "motion files, or --text with a sentence")
    if not as_json and out is None:
        raise SearchError.of("embed", "no place to put the vectors", "--out FILE.npz, or --json")
    if out is not None and out.suffix.lower() != ".npz":
        raise SearchError.of(str(out), f"a file to write that ends in '{out.suffix}'", "'.npz'")
    retriever = open_retriever(model)
    rows: list[dict[str, Any]] = []
    bad = _add_motions(rows, files or [], retriever)
    if sentences:
        vectors = retriever.encode_texts(sentences)
        rows += [{"kind": "text", "name": name, "vector": vector} for name, vector in zip(sentences, vectors, strict=True)]
    if out is not None:
        _write(out, rows, retriever.identity)
        say(f"wrote {out}: {len(rows)} vectors of {retriever.width}")
    if as_json:
        answer = [{**row, "vector": [round(float(x), 6) for x in row["vector"]]} for row in rows]
        print_json({"model": retriever.identity, "width": retriever.width, "vectors": answer})
    if bad:
        raise typer.Exit(2)


def _add_motions(rows: list[dict[str, Any]], files: list[str], retriever: Any) -> int:
    """Append a row for each motion; returns how many could not be read."""
    from kinelang.formats import list_motion_files

    paths = [path for given in files for path in list_motion_files(given)]
    vectors = [_vector(path, retriever) for path in paths]
    rows += [{"kind": "motion", "name": path, "vector": v} for path, v in zip(paths, vectors, strict=True) if v is not None]
    return sum(v is None for v in vectors)


def _vector(path: str, retriever: Any) -> Any:
    """The vector of a file; None, and a line on standard error, if it cannot be read."""
    from kinelang.errors import FormatError, MotionError, SkeletonError
    from kinelang.formats import load
    from kinelang.search.moments import motion_vector

    try:
        return motion_vector(load(path), retriever)
    except (FormatError, SkeletonError, MotionError) as error:
        say(f"passed over: {error}")
        return None


def _write(out: Path, rows: list[dict[str, Any]], identity: str) -> None:
    import numpy as np

    from kinelang.atomic import write_atomic

    vectors = np.stack([row["vector"] for row in rows]) if rows else np.zeros((0, 0), np.float32)
    file = io.BytesIO()
    names, kinds = ([row[key] for row in rows] for key in ("name", "kind"))
    np.savez(file, vectors=vectors, names=np.array(names, dtype=str), kinds=np.array(kinds, dtype=str), model=np.array(identity))
    write_atomic(out, file.getvalue())
