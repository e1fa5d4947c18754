"""HumanML3D's caption lines: `caption#word/POS word/POS ...#start#end`, one caption a line, times in seconds.

Start and end 0 stand for the whole clip, and so does NaN (Guo et al. 2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, isnan

from kinelang.corpora.base import Caption
from kinelang.corpora.tagging import Tagger
from kinelang.errors import CorpusError


def parse_lines(text: str, where: str, *, plain: bool = False) -> Iterator[Caption]:
    """The captions of a text file, empty lines left out.

    Args:
        text: what is in the file.
        where: its name, for messages.
        plain: also take lines that are a caption and nothing else.

    Raises:
        CorpusError: a line in another form, with its number.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield parse_line(line, f"{where}:{number}", plain=plain)


def parse_line(line: str, where: str, *, plain: bool = False) -> Caption:
    """One caption line; see `parse_lines`."""
    fields = line.strip().split("#")
    if plain and len(fields) == 1:
        return Caption(fields[0].strip())
    if len(fields) != 4 or not fields[0].strip():
        expected = "caption#tagged words#start#end" + (" or a caption alone" if plain else "")
        raise CorpusError.of(where, f"'{line.strip()[:60]}'", expected, "mend the line")
    start_s, end_s = (_seconds(field, where) for field in fields[2:])
    if start_s == 0 and end_s == 0:
        return Caption(fields[0].strip(), tagged=fields[1].strip())
    return Caption(fields[0].strip(), start_s, end_s, fields[1].strip())


def caption_line(caption: Caption, tagger: Tagger) -> str:
    """The line of a caption, without a newline. Words that are not tagged yet are tagged; `#` and line breaks become spaces."""
    text = " ".join(caption.text.replace("#", " ").split())
    tagged = " ".join(caption.tagged.replace("#", " ").split()) or tagger(text)
    start_s, end_s = (0.0, 0.0) if caption.whole else (caption.start_s, caption.end_s)
    if end_s is None:
        raise CorpusError.of(f"caption '{text[:40]}'", f"from {start_s:g} s to an end that is not said", "both times")
    return f"{text}#{tagged}#{float(start_s)}#{float(end_s)}"


def _seconds(field: str, where: str) -> float:
    try:
        value = float(field)
    except ValueError:
        raise CorpusError.of(where, f"time '{field[:30]}'", "a number of seconds", "mend the line") from None
    if isnan(value):
        return 0.0
    if not isfinite(value):
        raise CorpusError.of(where, f"time '{field[:30]}'", "a finite number of seconds", "mend the line")
    return value
