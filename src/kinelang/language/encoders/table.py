"""The table of text encoders, and opening one by it. A new encoder is one file with a class and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kinelang.errors import KinelangError
from kinelang.language.encoders.base import TextEncoder
from kinelang.language.encoders.cache import CachedEncoder
from kinelang.language.encoders.huggingface import HuggingFace
from kinelang.language.encoders.minilm import NAME, REPOSITORY, MiniLm, is_minilm
from kinelang.language.encoders.words import Words


@dataclass(frozen=True)
class Entry:
    """A line of the table.

    Attributes:
        name: the name in the table.
        description: one line.
        open: makes the encoder.
        also: other names of it.
        kept: whether its vectors are kept on disk, where that is wanted; not worth it if it is quicker than the disk.
    """

    name: str
    description: str
    open: Callable[[], TextEncoder]
    also: tuple[str, ...] = ()
    kept: bool = True


def _from_hub(name: str, description: str, repository: str) -> Entry:
    return Entry(name, description, lambda: HuggingFace(repository), (repository, repository.split("/")[1]))


ENCODERS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("minilm", "all-MiniLM-L6-v2, the default: 384 wide, without torch", MiniLm, (NAME, REPOSITORY)),
        _from_hub("distilbert", "DistilBERT, the token states of TMR's paper", "distilbert/distilbert-base-uncased"),
        _from_hub("mpnet", "all-mpnet-base-v2, the sentence vectors of TMR's paper", "sentence-transformers/all-mpnet-base-v2"),
        _from_hub("clip", "the text tower of CLIP ViT-B/32", "openai/clip-vit-base-patch32"),
        Entry("words", "hashed words and their readings in the lexicon: 256 wide, no weights, English only", Words, kept=False),
    )
}


def open_encoder(name_or_path: str | Path = "minilm", *, cache: bool = True) -> TextEncoder:
    """A text encoder.

    Args:
        name_or_path: a name in `ENCODERS`; the folder of a Hugging Face model; or the name of one ("org/name") in the hub's cache.
        cache: keep what is encoded on disk (`kinelang.language.encoders.cache`): token states are then rounded to float16.

    Raises:
        KinelangError: an unknown name, or files that are missing or not what they should be.
        MissingExtraError: a package is not installed; the message names the extra.
    """
    entry = _entry(str(name_or_path))
    encoder = _opened(name_or_path) if entry is None else entry.open()
    return CachedEncoder(encoder) if cache and (entry is None or entry.kept) else encoder


def _entry(name: str) -> Entry | None:
    return next((entry for entry in ENCODERS.values() if name == entry.name or name in entry.also), None)


def _opened(name_or_path: str | Path) -> TextEncoder:
    """The encoder in a folder, or of a name on the hub."""
    name = str(name_or_path)
    folder = Path(name_or_path).expanduser()
    if name and folder.is_dir():
        return MiniLm(folder) if is_minilm(folder) else HuggingFace(folder)
    if isinstance(name_or_path, str) and name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return HuggingFace(name)
    raise KinelangError.of(
        "text encoder", f"'{name}'", f"one of {', '.join(ENCODERS)}, a folder, or a Hugging Face name such as org/name"
    )
