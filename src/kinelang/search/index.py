"""`Index`: motions kept with their vectors and stages, to be searched by words, by example and by structure."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinelang.errors import KinelangError
from kinelang.search import base
from kinelang.search.base import Retriever, SearchError, Windows
from kinelang.search.lock import WriterLock
from kinelang.search.reports import Report, Verification
from kinelang.search.schema import CLIP, WINDOW, Meta
from kinelang.search.searching import Search
from kinelang.search.stages import StageTable
from kinelang.search.store import Entry, Place, Store
from kinelang.search.vectors import FAISS, VectorEngine, chosen_engine, opened

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion
    from kinelang.search.query import Filters, Fusion, Hit
    from kinelang.search.sources import Item, Source
    from kinelang.search.workers import Done
    from kinelang.timeline.schema import Timeline

Progress = Callable[[int, int, str], None]
"""Called with the number of motions done, their total, and where the last one is."""


class Index:
    """An index in a file. `Index.build` makes one, `Index.open` opens one; for one thread, to be closed or used in a `with` statement.

    Any number of processes may have it open while one of them changes it; what they find is up to date with each search.

    Attributes:
        path: the file. Beside it stand `PATH.clips.faiss` and `PATH.windows.faiss`, derived from it, and `PATH.lock`.
        report: what the last change did.
    """

    def __init__(self, store: Store, retriever: Retriever | None = None) -> None:
        self._store, self._retriever = store, retriever
        self._engines: dict[int, VectorEngine] = {}
        self._stages = StageTable()
        self.report = Report()
        if retriever is not None:
            _same_model(store, retriever)

    @classmethod
    def build(
        cls,
        path: str | os.PathLike[str],
        sources: Sequence[Source],
        retriever: Retriever | None = None,
        *,
        model: str | Path | None = None,
        windows: Windows | None = None,
        vectors: str | None = None,
        progress: Progress | None = None,
        processes: int = 1,
    ) -> Index:
        """Make an index of all motions in the sources, or continue one: motions that are in it unchanged are passed by.

        Each motion is kept as soon as it is encoded: after an interrupt, or worse, the same call goes on where it was. Files that
        cannot be read are reported and passed over.

        Args:
            path: the file to make.
            sources: motion files, folders, archives, open corpora.
            retriever: the model; None: the one in the run folder `model`, or that of the index, or the one that ships.
            model: run folder, remembered for those who open the index.
            windows: how clips are cut; None: as the index has it, or `Windows()`.
            vectors: who looks for near vectors, "faiss" or "milvus:URI"; None: as the index has it, or faiss. An index may change over.
            progress: told of each motion.
            processes: how many read and encode; this one alone writes. With more than one, a script needs its usual guard,
                `if __name__ == "__main__":`.

        Raises:
            FormatError: a source is not there or holds no motion.
            SearchError: the file is something else, damaged, of another model or other windows, or being written to; Milvus does
                not answer.
        """
        from kinelang import __version__
        from kinelang.search.sources import items_of

        place = Path(path)
        engine = None if vectors is None else chosen_engine(vectors)
        items = list(items_of(sources))
        if not items:
            raise SearchError.of("sources", "no motion", "motion files, folders, archives or corpora with motion")
        if retriever is None and model is None and place.is_file():
            with cls.open(place) as there:
                retriever = there.retriever
        retriever = retriever or base.open_retriever(model)
        _writable(place)
        with WriterLock(place):
            if not place.exists():
                folder = "" if model is None else os.path.abspath(model)
                Store.create(place, Meta(retriever.identity, retriever.width, windows or Windows(), folder, __version__)).close()
            index = cls(Store.open(place, write=True), retriever)
            try:
                index._check_windows(windows)
                if engine is not None and engine != index.meta.vectors:
                    index._store.use_vectors(engine)
                index._take_in(sources, items, progress, processes)
            except BaseException:
                index.close()
                raise
        return index

    @classmethod
    def open(cls, path: str | os.PathLike[str], retriever: Retriever | None = None) -> Index:
        """Open an index. Without a retriever its model is loaded when it is first needed.

        Raises SearchError: no index, a damaged one, or one of another model.
        """
        return cls(Store.open(Path(path)), retriever)

    def close(self) -> None:
        """Close the file."""
        self._release()
        self._store.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._store)

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    @property
    def meta(self) -> Meta:
        """Model, width of the vectors, windows."""
        return self._store.meta

    @property
    def retriever(self) -> Retriever:
        """The model. Raises SearchError if it is not the one that the index was made with."""
        if self._retriever is None:
            folder = self.meta.folder
            if folder and not os.path.isdir(folder):
                remedy = "give the folder where it is now with --model"
                raise SearchError.of(str(self.path), f"no folder {folder}", f"the model {self.meta.model}, which was there", remedy)
            retriever = base.open_retriever(folder or None)
            _same_model(self._store, retriever)
            self._retriever = retriever
        return self._retriever

    def entries(self) -> list[Entry]:
        """The motions, by path."""
        return self._store.entries()

    def info(self) -> dict[str, Any]:
        """What is in it: plain numbers and strings."""
        store = self._store
        return {
            "index": str(self.path),
            "model": self.meta.model,
            "width": self.meta.width,
            "windows": {"lengths": list(self.meta.windows.lengths), "stride": self.meta.windows.stride},
            "vectors": self.meta.vectors or FAISS,
            "motions": len(store),
            "hours": round(store.hours(), 4),
            "clip_vectors": store.count(CLIP),
            "window_vectors": store.count(WINDOW),
            "skeletons": store.facts("skeleton"),
            "verbs": store.facts("verb"),
            "sources": store.sources(),
            "passed_over": store.passed_over(),
            "revision": store.revision,
            "made_with": f"kinelang {self.meta.version}",
        }

    # --- changing

    def add(self, sources: Sequence[Source], *, progress: Progress | None = None, processes: int = 1) -> Report:
        """Take in motions; those that are here unchanged are passed by, changed ones encoded anew. Errors as for `build`."""
        from kinelang.search.sources import items_of

        items = list(items_of(sources))
        with self._writing():
            self._take_in(sources, items, progress, processes)
        return self.report

    def update(self, *, progress: Progress | None = None, processes: int = 1) -> Report:
        """Bring the index up to date with its sources: new files taken in, changed ones encoded anew, vanished ones removed.

        Corpora cannot be looked at again and stay as they are.

        Raises SearchError if a source is not there as a whole: it may only be on a disk that is not connected.
        """
        from kinelang.search.sources import CORPUS, items_of, vanished

        sources = [s for s in self._store.sources() if not s.startswith(CORPUS)]
        missing = next((s for s in sources if not os.path.exists(s)), None)
        if missing is not None:
            remedy = f"connect it, or give up what is in it: kinelang index remove {self.path} {missing}"
            raise SearchError.of(missing, "no such file or folder", "a source of the index", remedy)
        items = [item for source in sources for item in _listed(items_of, source)]
        with self._writing():
            gone = vanished([entry.place for entry in self._store.entries()])
            lost = {(place.path, place.member) for place in gone}
            numbers = [number for key, (number, _) in self._store.places().items() if key in lost]
            if numbers:
                self._store.remove(numbers)
            self._store.forget_passed_over(where for where in self._store.passed_over() if not _is_there(where))
            self._take_in([], items, progress, processes)
            self.report.removed = len(numbers)
        return self.report

    def remove(self, paths: Iterable[str | os.PathLike[str]]) -> Report:
        """Take motions out: files, members, all below a folder or in an archive, `corpus:NAME`, or a pattern with `*` and `?`.

        Raises SearchError for a path under which there is nothing, before anything is removed.
        """
        wanted = [os.fspath(path) for path in paths]
        with self._writing():
            places = self._store.places()
            numbers: dict[int, None] = {}
            for path in wanted:
                found = [number for number, place in places.values() if _is_under(place, path)]
                if not found:
                    remedy = f"kinelang index info {self.path} tells what is in it"
                    raise SearchError.of(path, "no motion of the index", "a file, folder, archive or pattern that it has", remedy)
                numbers |= dict.fromkeys(found)
            self._store.remove(list(numbers))
            self._store.remove_sources([os.path.abspath(path) for path in wanted] + wanted)
            self.report = Report(removed=len(numbers))
            self._refresh()
        return self.report

    # --- asking

    def search(
        self,
        text: str | None = None,
        *,
        like: str | os.PathLike[str] | Motion | None = None,
        structure: str | Timeline | None = None,
        top: int = 10,
        moments: bool = False,
        filters: Filters | None = None,
        fusion: Fusion | None = None,
    ) -> list[Hit]:
        """The motions that fit best.

        Args:
            text: what happens, in a sentence. Its stages are read from it too (`timeline.parse`), and compared with the detected ones.
            like: an example: a motion, or a file; one that is in the index is not among the hits.
            structure: stages asked for, as a text or a timeline, in place of those of `text`; alone it is compared with nothing else.
            top: hits at most.
            moments: hits are moments inside motions, from the sliding windows; several of one motion are possible.
            filters: which motions may be hits.
            fusion: what counts how much.

        Returns:
            Hits, best first.

        Raises:
            SearchError: nothing to search for, no stage in `structure`, another model.
            FormatError: `like` is not there or cannot be read.
        """
        search = Search(self._store, self._engine, lambda: self.retriever, fusion, self._stages)
        return search.run(text, like=like, structure=structure, top=top, moments=moments, filters=filters)

    def label(self, texts: Sequence[str], *, top: int = 1) -> dict[str, list[tuple[str, float]]]:
        """The texts that fit each motion best: path -> (text, score), best first. The score is cos/2 + 1/2."""
        if not texts or any(not text.strip() for text in texts):
            raise SearchError.of("labels", "none, or an empty one", "sentences")
        vectors = self.retriever.encode_texts(list(texts))
        labels: dict[str, list[tuple[str, float]]] = {}
        for entry in self._store.entries():
            cosines = (self._store.encoded(entry.id, CLIP).vectors @ vectors.T).max(axis=0)
            best = sorted(range(len(texts)), key=lambda i: -cosines[i])[:top]
            labels[entry.place.where] = [(texts[i], base.shown(cosines[i])) for i in best]
        return labels

    def motion(self, hit: Hit) -> Motion:
        """The motion of a hit, read again. Raises FormatError, CorpusError or SearchError if it is gone."""
        from kinelang.search.sources import motion_at

        entries = self._store.entries([hit.motion])
        if not entries:
            raise SearchError.of(hit.path, "no longer in the index", "a motion that is", "search again")
        return motion_at(entries[0])

    # --- checking

    def verify(self, *, hashes: bool = False) -> Verification:
        """Compare the index with itself and with the files.

        Args:
            hashes: read every file again, and compare its content; without it only files of another size or time are read.
        """
        from kinelang.search.sources import CORPUS, vanished

        store = self._store
        result = Verification(problems=store.damage())
        if result.problems:
            return result
        result.motions, result.vectors, result.windows = len(store), store.count(CLIP), store.count(WINDOW)
        for kind in (CLIP, WINDOW):
            result.problems += self._engine_problems(kind)
        places = [entry.place for entry in store.entries() if not entry.place.path.startswith(CORPUS)]
        gone = vanished(places)
        result.vanished = [place.where for place in gone]
        result.changed = [place.where for place in places if place not in gone and _has_changed(place, hashes)]
        return result

    def _engine_problems(self, kind: int) -> list[str]:
        with contextlib.closing(opened(self._store, kind, keep=False)) as engine:
            where, (mine, numbers, kept) = engine.where, engine.vectors()
        motions, ordinals, vectors = self._store.matrix(kind)
        same = mine.shape == motions.shape and bool((mine == motions).all() and (numbers == ordinals).all())
        if same and (len(kept) == 0 or float(abs(kept - vectors).max()) < 1e-6):
            return []
        return [f"{where} does not agree with the index; delete it, and it is made again"]

    # --- inside

    def _engine(self, kind: int) -> VectorEngine:
        """The engine of a kind, up to date."""
        if kind not in self._engines:
            self._engines[kind] = opened(self._store, kind)
        elif self._engines[kind].revision != self._store.revision:
            self._engines[kind].catch_up(self._store)
        return self._engines[kind]

    def _refresh(self) -> None:
        """Bring what is derived from the store up to date, in memory and on disk."""
        self._release()
        self._engines = {kind: opened(self._store, kind) for kind in (CLIP, WINDOW)}

    def _release(self) -> None:
        for engine in self._engines.values():
            engine.close()
        self._engines = {}

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """The one writer, while inside; the store is opened for writing."""
        _writable(self.path)
        with WriterLock(self.path):
            reading = self._store
            self._store = Store.open(reading.path, write=True)
            try:
                yield
            finally:
                self._store.close()
                self._store = reading

    def _check_windows(self, windows: Windows | None) -> None:
        if windows is not None and windows != self.meta.windows:
            found, wanted = (
                f"windows of {', '.join(map(str, w.lengths))} frames, stride {w.stride}, pieces of {w.longest}"
                for w in (self.meta.windows, windows)
            )
            raise SearchError.of(str(self.path), f"an index with {found}", wanted, "leave them out, or make another index")

    def _take_in(self, sources: Sequence[Source], items: Sequence[Item], progress: Progress | None, processes: int) -> None:
        """Encode and store what is new or has changed, one motion at a time."""
        from kinelang.search.sources import source_name
        from kinelang.search.workers import Work, all_done

        self.report = Report()
        retriever = self.retriever
        if self.meta.vectors:
            self._refresh()  # a server that does not answer is told before anything is encoded
        self._store.add_sources(map(source_name, sources))
        places = self._store.places()
        known = [places.get((item.place.path, item.place.member)) for item in items]
        works = [Work(i, k[1].sha256 if k else "") for i, k in zip(items, known, strict=True) if not _is_same(i, k)]
        with contextlib.closing(all_done(works, self._store, retriever, processes)) as found:
            for number, (item, there) in enumerate(zip(items, known, strict=True), start=1):
                if _is_same(item, there):
                    self.report.unchanged += 1
                else:
                    self._take_one(item, there, next(found))
                if progress is not None:
                    progress(number, len(items), item.place.where)
        self._refresh()

    def _take_one(self, item: Item, known: tuple[int, Place] | None, made: Done) -> None:
        from kinelang.search.workers import Work, done

        place, report = replace(item.place, sha256=made.sha256), self.report
        if known is not None and known[1].sha256 == made.sha256:
            self._store.touch(known[0], place)
            report.unchanged += 1
            return
        twin = None if made.reason else self._store.same_content(made.sha256)
        if twin is None and made.rows is None and not made.reason:  # another process saw one that has changed since
            made = done(Work(item), lambda _: False, self.retriever, self.meta.windows)
        if made.reason:
            self._store.pass_over(item.place, made.reason)
            report.passed_over.append((place.where, made.reason))
            return
        if twin is not None:
            rows = replace(twin, place=place), self._store.encoded(twin.id, CLIP), self._store.encoded(twin.id, WINDOW)
        else:
            assert made.rows is not None
            rows = made.rows
        self._store.put(*rows)
        if known is None:
            report.added += 1
        else:
            report.changed += 1


def _is_same(item: Item, known: tuple[int, Place] | None) -> bool:
    """Whether a motion need not be read: it is known, and no file, or one of the same size and time."""
    return known is not None and (not item.in_file or (known[1].size, known[1].mtime_ns) == (item.place.size, item.place.mtime_ns))


def _same_model(store: Store, retriever: Retriever) -> None:
    if (store.meta.model, store.meta.width) != (retriever.identity, retriever.width):
        found = f"vectors of the model {store.meta.model} (width {store.meta.width})"
        expected = f"those of {retriever.identity} (width {retriever.width}), the model in use"
        raise SearchError.of(str(store.path), found, expected, "give that model with --model, or build another index with this one")


def _writable(path: Path) -> None:
    if not path.parent.is_dir():
        raise SearchError.of(str(path), "no such folder", "a file in an existing folder", f"make it: mkdir -p {path.parent}")
    if path.is_dir():
        raise SearchError.of(str(path), "a folder", "the file of an index", f"give a name in it, such as {path / 'motions.index'}")


def _listed(items_of: Callable[[list[str]], Iterator[Item]], source: str) -> list[Item]:
    """The motions of a source of an index; none, where it holds none any more."""
    try:
        return list(items_of([source]))
    except KinelangError:
        return []


def _is_there(where: str) -> bool:
    return os.path.exists(where) or any(os.path.isfile(parent) for parent in Path(where).parents)


def _is_under(place: Place, path: str) -> bool:
    """Whether a motion is meant by a path: its file, a folder above it, its archive, its corpus, or a pattern."""
    full = path if path.startswith("corpus:") else os.path.abspath(path)
    where = place.where
    if where == full or where.startswith(full.rstrip(os.sep) + "/"):
        return True
    return any(c in path for c in "*?[") and (fnmatchcase(where, full) or fnmatchcase(where, f"*/{path}"))


def _has_changed(place: Place, hashes: bool) -> bool:
    from kinelang.formats.source import open_source
    from kinelang.search.sources import place_of

    now = place_of(place.where)
    if not hashes and (now.size, now.mtime_ns) == (place.size, place.mtime_ns):
        return False
    try:
        return hashlib.sha256(open_source(place.where).data).hexdigest() != place.sha256
    except KinelangError:
        return True
