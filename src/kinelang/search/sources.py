"""From files, folders, archives and corpora to what an index stores: where a motion is, its features, its stages, its vectors."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from kinelang.corpora import CORPORA, Corpus, features_of, open_corpus, standard
from kinelang.errors import KinelangError
from kinelang.formats import list_motion_files, read_source
from kinelang.formats.source import open_source, split_archive
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.search.base import FPS, Retriever, SearchError, Windows
from kinelang.search.store import Encoded, Entry, Place
from kinelang.timeline import detect
from kinelang.timeline.files import to_dict

Source = str | os.PathLike[str] | Corpus
"""A motion file, a folder, a zip archive, or an open corpus."""

CORPUS = "corpus:"


@dataclass(frozen=True)
class Item:
    """One motion to be indexed.

    Attributes:
        place: where it is; the content's hash is not known yet.
        read: gives its bytes' SHA-256, and a function that gives the motion and notes of its origin.
        in_file: it is a file, whose size and time tell whether it has changed.
    """

    place: Place
    read: Callable[[], tuple[str, Callable[[], tuple[Motion, dict[str, Any]]]]]
    in_file: bool = True


def items_of(sources: Iterable[Source]) -> Iterator[Item]:
    """The motions of the sources, each once.

    Raises FormatError for a source that is not there, or has no motion in it.
    """
    seen: set[tuple[str, str]] = set()
    for source in sources:
        found = _corpus_items(source) if isinstance(source, Corpus) else map(item_of, list_motion_files(source))
        for item in found:
            key = (item.place.path, item.place.member)
            if key not in seen:
                seen.add(key)
                yield item


def item_of(file: str | os.PathLike[str]) -> Item:
    """One motion file, or member of an archive."""
    return Item(place_of(file), partial(_read_file, os.fspath(file)))


def place_of(file: str | os.PathLike[str]) -> Place:
    """The place of a file that is there, or was there."""
    path, member = split_archive(file)
    try:
        status = path.stat()
        size, mtime_ns = status.st_size, status.st_mtime_ns
    except OSError:
        size, mtime_ns = 0, 0
    return Place(os.path.abspath(path), member or "", size=size, mtime_ns=mtime_ns)


def source_name(source: Source) -> str:
    """What an index remembers of a source."""
    return f"{CORPUS}{source.name}" if isinstance(source, Corpus) else os.path.abspath(source)


def motion_at(entry: Entry) -> Motion:
    """The motion of an index's entry, read again.

    Raises FormatError or CorpusError if it is no longer there, or cannot be read.
    """
    place = entry.place
    if not place.path.startswith(CORPUS):
        return read_source(open_source(place.where))
    name, facts = place.path.removeprefix(CORPUS), entry.provenance
    if name not in CORPORA:
        raise SearchError.of(place.where, f"a corpus '{name}' that is not of the table", "a corpus that can be opened by name")
    options = facts.get("options") or {}
    corpus = open_corpus(name, None if CORPORA[name].made else facts.get("where"), **options)
    for record in corpus.records(facts.get("split")):
        if record.id == place.member:
            return record.motion()
    raise SearchError.of(place.where, f"no record '{place.member}' in {corpus.where}", "the corpus that was indexed")


def encoded(
    motion: Motion, place: Place, provenance: dict[str, Any], retriever: Retriever, windows: Windows
) -> tuple[Entry, Encoded, Encoded]:
    """All that an index stores of a motion.

    Raises KinelangError: no human figure, or a motion of one frame.
    """
    features = features_of(standard(motion))
    n = len(features)
    clip, inner = windows.clip_spans(n), windows.window_spans(n)
    spans, inverse = np.unique(np.concatenate([clip, inner]), axis=0, return_inverse=True)
    vectors = retriever.encode_features([features[a:b] for a, b in spans])[inverse.reshape(-1)]
    if vectors.shape[1] != retriever.width or not np.isfinite(vectors).all():
        raise SearchError.of(
            place.where, f"vectors of shape {vectors.shape}, or not finite", f"finite ones of {retriever.width} numbers"
        )
    found = to_dict(detect(motion))["stages"]
    stages = tuple({k: v for k, v in stage.items() if k != "evidence"} for stage in found)
    facts = {**provenance, "name": motion.name, "notes": list(motion.notes)}
    entry = Entry(place, motion.duration_s, motion.fps, motion.n_frames, motion.skeleton.name, stages, facts)
    return entry, _encoded(clip, vectors[: len(clip)]), _encoded(inner, vectors[len(clip) :])


def clip_vectors(features: Array, retriever: Retriever, windows: Windows) -> Array:
    """Vectors of a clip, or of the pieces of a long one. (n, d) float32."""
    return np.asarray(retriever.encode_features([features[a:b] for a, b in windows.clip_spans(len(features))]))


def reason_of(error: KinelangError, place: Place) -> str:
    """Why a motion was passed over, beginning with where."""
    text = str(error)
    return text if os.path.basename(place.where) in text else f"{place.where}: {text}"


def _encoded(spans: Array, vectors: Array) -> Encoded:
    return Encoded((spans / FPS).astype(np.float32), vectors)


def _read_file(file: str) -> tuple[str, Callable[[], tuple[Motion, dict[str, Any]]]]:
    source = open_source(file)
    return hashlib.sha256(source.data).hexdigest(), lambda: (read_source(source), {"kind": "file"})


def _corpus_items(corpus: Corpus) -> Iterator[Item]:
    facts: dict[str, Any] = {"kind": "corpus", "where": corpus.where}
    if hasattr(corpus, "options"):
        facts["options"] = corpus.options()
    for record in corpus.records():
        if record.has_motion:
            origin = {**facts, "split": record.split, "source": record.source}
            yield Item(Place(f"{CORPUS}{corpus.name}", record.id), partial(_read_record, record.motion, origin), in_file=False)


def _read_record(load: Callable[[], Motion], origin: dict[str, Any]) -> tuple[str, Callable[[], tuple[Motion, dict[str, Any]]]]:
    motion = load()
    return hashlib.sha256(np.ascontiguousarray(motion.joints).tobytes()).hexdigest(), lambda: (motion, origin)


def vanished(places: Sequence[Place]) -> list[Place]:
    """Those whose file or archive, or whose member in it, is no longer there. Corpora are taken to be there."""
    members: dict[str, set[str] | None] = {}
    gone = []
    for place in places:
        if place.path.startswith(CORPUS):
            continue
        if place.path not in members:
            members[place.path] = _members(place.path) if place.member else set()
        inside = members[place.path]
        if not os.path.isfile(place.path) or (place.member and (inside is None or place.member not in inside)):
            gone.append(place)
    return gone


def _members(path: str) -> set[str] | None:
    try:
        return {name[len(path) + 1 :] for name in map(str, list_motion_files(path))} if os.path.isfile(path) else None
    except KinelangError:
        return None
