"""`kinelang evaluate texts`: what sentence embeddings alone say of a set of captions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.bars import bars
from kinelang.cli.common import Json
from kinelang.cli.evaluate_retrieval import answer

if TYPE_CHECKING:
    from kinelang.evaluate.caption_statistics import Captions


def texts(
    captions: Annotated[
        str, typer.Argument(help="humanml3d_text, kitml_text, cmu, synthetic:2000, folder:PATH, ..., or a file with a caption a line.")
    ] = "humanml3d_text",
    split: Annotated[str | None, typer.Option("--split", help="Of a corpus; val, or all where it has no splits.")] = None,
    clips: Annotated[int | None, typer.Option("--clips", min=2, help="The first so many clips of the split.")] = None,
    sentence_encoder: Annotated[str, typer.Option("--sentence-encoder", help="minilm, mpnet, words, a folder or org/name.")] = "minilm",
    out: Annotated[Path | None, typer.Option("--out", help="Write everything to this JSON file.")] = None,
    as_json: Json = False,
) -> None:
    """How many captions are alike, and how many negatives the filter leaves out (Appendix A and Table A.1 of TMR's paper).

    Similar pairs are counted among the first captions of the clips; shares filtered are means over batches with a random caption of
    each clip. Both as published, and with captions that name different sides kept apart.
    """
    from kinelang.evaluate.caption_statistics import statistics
    from kinelang.language.encoders import open_encoder

    found, encoder = _captions(captions, split, clips), open_encoder(sentence_encoder)
    with bars() as told:
        made = statistics(found, encoder, told)
    answer(made, out, as_json, lambda: _lines(made))


def _captions(captions: str, split: str | None, n: int | None) -> Captions:
    from kinelang.evaluate.caption_statistics import Captions
    from kinelang.evaluate.synthesis import read_texts
    from kinelang.training.data import Source

    if Path(captions).is_file():
        read = read_texts(Path(captions))[:n]
        return Captions.of_lists(captions, [one.text for one in read], range(len(read)))
    corpus = Source.parse(captions).open()
    return Captions.of(corpus, split or ("val" if "val" in corpus.splits else corpus.splits[0]), captions, n)


def _lines(made: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{made['captions']}: {made['texts']} captions, {made['distinct']} of them different, of {made['clips']} clips; "
        f"{made['texts that name a side']} name a side"
    )
    yield f"sentence encoder {made['sentence_encoder']}; kinelang {made['code']['kinelang']} at {made['code']['commit']}"
    for reason in made["not_comparable"]:
        yield f"not comparable with published numbers: {reason}"
    similar = made["similar pairs"]["as published"]
    yield ""
    yield f"first captions: {similar['pairs']:,} pairs, {made['identical pairs']:,} the same but for case and punctuation"
    yield f"{'':<34}{'similar':>12}{'share':>10}"
    for name, row in made["similar pairs"].items():
        yield f"above {row['threshold']}, {name:<22}{row['similar']:>12,}{100 * row['share']:>9.3f}%"
    for name, (n, pairs) in made["published"]["similar pairs"].items():
        yield f"published, {name:<23}{n:>12,}{100 * n / pairs:>9.3f}%"
    for by in ("by threshold", "by batch size"):
        yield ""
        yield f"negatives filtered, {by:<14}{'as published':>14}{'sides apart':>14}{'KIT-ML, MPNet':>15}"
        for key, share in made["filtered"]["as published"][by].items():
            apart, published = made["filtered"]["sides kept apart"][by][key], made["published"]["filtered"][by][key]
            yield f"  {key:<32}{100 * share:>13.2f}%{100 * apart:>13.2f}%{100 * published:>14.2f}%"
    wanted = made["threshold that filters as much"]
    yield ""
    yield f"threshold at which {100 * wanted['share']:.0f} % are filtered, sides kept apart: {wanted['threshold']:.4f}"
