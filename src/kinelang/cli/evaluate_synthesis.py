"""`kinelang evaluate synthesis`: whether generated motions are found by their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json, say
from kinelang.cli.evaluate_retrieval import Cache, Data, answer, cache_of
from kinelang.errors import KinelangError

if TYPE_CHECKING:
    from kinelang.evaluate.clips import Clip
    from kinelang.evaluate.synthesis import Asked, Cell

NAME, CELL = 28, 26
"""Widths of the table's columns."""


def synthesis(
    models: Annotated[
        list[Path] | None,
        typer.Option("--model", metavar="FOLDER", help="Run folder of a judge, TMR or evaluator; several for several."),
    ] = None,
    data: Data = "synthetic",
    split: Annotated[
        str, typer.Option("--split", help="Whose first captions are the texts, and whose clips the real motions.")
    ] = "val",
    clips: Annotated[int | None, typer.Option("--clips", min=1, help="The first so many clips of the split.")] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            "--texts", help="Lines NAME<TAB>CAPTION, or captions alone, in place of a corpus; there are no real motions then."
        ),
    ] = None,
    folders: Annotated[
        list[Path] | None,
        typer.Option("--motions", metavar="FOLDER", help="Generated motions, files named as the texts: NAME.npy, NAME.bvh."),
    ] = None,
    perform: Annotated[bool, typer.Option("--performed/--no-performed", help="What kinelang performs of each text.")] = True,
    batch: Annotated[int, typer.Option("--batch", min=2, help="Texts and motions that are searched together.")] = 32,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the performances.")] = 0,
    corpus_seed: Annotated[int, typer.Option("--corpus-seed", min=0, help="Of corpora that are made.")] = 0,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Of the bootstrap over recordings.")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    cache: Cache = None,
    as_json: Json = False,
) -> None:
    """Recall at 1 from text to motion in batches of 32, of generated motions beside real ones (Table A.2 of TMR's paper).

    Rows are sets of motions, columns the models that search. All sets are judged on the same texts: those that every set has a motion
    for. A model favours motions made in its own space.
    """
    from kinelang.evaluate.searching import code_version
    from kinelang.evaluate.synthesis import GENERATORS, check, generated, in_all, in_folder, read_texts
    from kinelang.evaluate.systems import opened, systems_of
    from kinelang.language.encoders import open_encoder

    judges = [s for s in systems_of(opened(models or [None], open_encoder("minilm")), baselines=False) if not s.sees_stages]
    with bars() as told:
        motions: dict[str, Mapping[str, Clip]] = {}
        if texts is not None:
            asked, where = read_texts(texts), {"texts": str(texts)}
        else:
            asked, motions, where = _of_corpus(data, split, clips, corpus_seed, cache_of(cache) / "features", told)
        if perform:
            motions |= {name: generated(generator, asked, seed, told) for name, generator in GENERATORS.items()}
        for folder in folders or ():
            motions[f"{folder.resolve().name}/"] = in_folder(folder, asked)
        if not motions:
            raise KinelangError.of("motions", "no set of motions", "real, performed or generated ones", "give --motions")
        common = in_all(asked, motions)
        counts = {name: len(made) for name, made in motions.items()}
        table = check(judges, common, motions, batch=batch, rounds=rounds)
    content = {
        "data": where,
        "texts": len(asked),
        "texts judged": len(common),
        "motions": counts,
        "batch": batch,
        "seeds": {"performance": seed, "batches": 0, "bootstrap": 0},
        "rounds": rounds,
        "judges": {judge.name: dict(judge.about) for judge in judges},
        "not_comparable": ["the judges are trained on other data than the paper's"],
        "code": code_version(),
        "table": {name: {judge: cell.to_json() for judge, cell in row.items()} for name, row in table.items()},
    }
    answer(content, out, as_json, lambda: _lines(content, table))


def _of_corpus(
    data: str, split: str, n: int | None, seed: int, folder: Path, told: Any
) -> tuple[list[Asked], dict[str, Mapping[str, Clip]], dict[str, Any]]:
    """First captions of a corpus, its clips as the real motions, and what to say of them."""
    from kinelang.evaluate.clips import clip_set
    from kinelang.evaluate.synthesis import REAL, Asked

    found = clip_set(data, split, folder, n=n, seed=seed, captions="first", progress=told)
    asked = [Asked(clip.id, clip.captions[0], clip.group) for clip in found.clips]
    return asked, {REAL: {clip.id: clip for clip in found.clips}}, {"corpus": data, "split": split, "seed": seed}


def _lines(content: Mapping[str, Any], table: Mapping[str, Mapping[str, Cell]]) -> Iterator[str]:
    from kinelang.evaluate.synthesis import SHOWN

    where = ", ".join(f"{name} {value}" for name, value in content["data"].items())
    yield f"{where}: {content['texts judged']} of {content['texts']} texts have a motion in every set; batches of {content['batch']}"
    judges = list(next(iter(table.values())))
    chance = next(iter(table.values()))[judges[0]].result.chance[SHOWN]
    yield f"R@1 in percent from text to motion, 95 % intervals over recordings; chance {chance:.2f}; * real motions differ surely"
    yield f"{'':<{NAME}}{''.join(f'{judge:>{CELL}}' for judge in judges)}"
    for name, row in table.items():
        yield f"{name:<{NAME}}{''.join(f'{_cell(row[judge]):>{CELL}}' for judge in judges)}"
    if "performed" in content["motions"]:
        say(f"performed: of {content['motions']['performed']} of {content['texts']} texts a motion could be made")


def _cell(cell: Cell) -> str:
    from kinelang.evaluate.synthesis import SHOWN

    figure = cell.result.figures[SHOWN]
    sure = cell.real_minus is not None and cell.real_minus[SHOWN].apart_from_zero
    return f"{figure.value:.1f} [{figure.low:.1f} {figure.high:.1f}]{'*' if sure else ''}"
