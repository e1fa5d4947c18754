"""`Index`: built, opened, changed, checked; and what goes wrong with it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fake import FakeRetriever

import kinelang
from kinelang.corpora import RecordList
from kinelang.corpora.synthetic import Synthetic
from kinelang.errors import FormatError
from kinelang.search import Index, SearchError, Windows
from kinelang.search.lock import WriterLock
from kinelang.search.schema import CLIP, WINDOW
from kinelang.search.store import Store


def stems(hits) -> list[str]:
    return [Path(hit.path).stem for hit in hits]


def contents(path: Path) -> dict[str, tuple]:
    """Everything that an index says of each motion, vectors included."""
    with Store.open(path) as store:
        rows = {}
        for entry in store.entries():
            clip, windows = store.encoded(entry.id, CLIP), store.encoded(entry.id, WINDOW)
            facts = (entry.place.sha256, entry.duration_s, entry.frames, entry.skeleton, repr(entry.stages))
            rows[entry.place.where] = (*facts, clip.spans.tobytes(), clip.vectors.tobytes(), windows.vectors.tobytes())
        assert len(rows) == len(store)
        return rows


def test_what_is_built_is_found_again(index, library):
    assert len(index) == 8
    assert index.report.passed_over == []
    hits = index.search("a person walks forward", top=3)
    assert stems(hits)[0] == "walk_forward"
    best = hits[0]
    assert best.path == str(library / "walk_forward.bvh")
    assert (best.start_s, best.end_s) == (0.0, best.duration_s)
    assert [stage.verb for stage in best.stages] == ["walk"]
    assert hits == sorted(hits, key=lambda hit: -hit.score)
    assert all(0 <= hit.score <= 1 for hit in hits)
    assert index.motion(best).n_frames == kinelang.load(best.path).n_frames


def test_vectors_are_those_of_the_model(index, library, retriever):
    from kinelang.corpora import features_of, standard

    features = features_of(standard(kinelang.load(library / "walk_forward.bvh")))
    entry = next(e for e in index.entries() if "walk_forward" in e.place.path)
    encoded = index._store.encoded(entry.id, CLIP)
    np.testing.assert_allclose(encoded.vectors[0], retriever.encode_features([features])[0], atol=2e-3)
    windows = index._store.encoded(entry.id, WINDOW)
    assert set(np.rint((windows.spans[:, 1] - windows.spans[:, 0]) * 20)) == {20, 40, 60}
    a, b = np.rint(windows.spans[3] * 20).astype(int)
    np.testing.assert_allclose(windows.vectors[3], retriever.encode_features([features[a:b]])[0], atol=2e-3)


def test_building_again_does_nothing(own, tmp_path, retriever):
    folder = own("kick_left", "kick_right")
    path = tmp_path / "x.index"
    Index.build(path, [folder], retriever).close()
    before, encoded = contents(path), retriever.encoded
    with Index.build(path, [folder], retriever) as again:
        assert (again.report.unchanged, again.report.added) == (2, 0)
    assert retriever.encoded == encoded
    assert contents(path) == before


def test_progress_names_each_motion(own, tmp_path, retriever):
    told = []
    folder = own("kick_left", "kick_right")
    Index.build(tmp_path / "x.index", [folder], retriever, progress=lambda *row: told.append(row)).close()
    assert [row[:2] for row in told] == [(1, 2), (2, 2)]
    assert told[0][2].endswith("kick_left.bvh")


def test_unreadable_files_are_passed_over_and_told(own, tmp_path, retriever):
    folder = own("kick_left")
    (folder / "bad.bvh").write_text("no motion")
    np.save(folder / "one_frame.npy", kinelang.sample("squat_twice").joints[:1])
    with Index.build(tmp_path / "x.index", [folder], retriever) as index:
        assert len(index) == 1
        assert {Path(where).name for where, _ in index.report.passed_over} == {"bad.bvh", "one_frame.npy"}
        assert all("\n" not in why and Path(where).name in why for where, why in index.report.passed_over)
        assert len(index.info()["passed_over"]) == 2
        assert index.verify().ok
    (folder / "bad.bvh").write_bytes((folder / "kick_left.bvh").read_bytes())
    with Index.build(tmp_path / "x.index", [folder], retriever) as index:
        assert (index.report.added, len(index.info()["passed_over"])) == (1, 1)


def test_zip_and_folder_hold_the_same(own, tmp_path, retriever):
    folder = own("kick_left", "kick_right")
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"inner/{file.name}")
    with Index.build(tmp_path / "x.index", [tmp_path / "clips.zip", folder], retriever) as index:
        assert len(index) == 4
        paths = [hit.path for hit in index.search("kicks with the left foot", top=4)]
        assert str(tmp_path / "clips.zip/inner/kick_left.bvh") in paths[:2]
        assert index.motion(index.search("kicks with the left foot", top=1)[0]).n_frames > 10
        assert index.verify().ok
    rows = contents(tmp_path / "x.index")
    a, b = (rows[str(p)] for p in (tmp_path / "clips.zip/inner/kick_left.bvh", folder / "kick_left.bvh"))
    assert a == b


def test_a_copy_is_not_encoded_twice(own, tmp_path, retriever):
    folder = own("kick_left")
    Index.build(tmp_path / "x.index", [folder], retriever).close()
    encoded = retriever.encoded
    shutil.copy(folder / "kick_left.bvh", folder / "copy.bvh")
    with Index.build(tmp_path / "x.index", [folder], retriever) as index:
        assert (index.report.added, len(index)) == (1, 2)
    assert retriever.encoded == encoded


def test_corpora_are_sources(tmp_path, retriever):
    corpus = Synthetic(8, seed=3)
    with Index.build(tmp_path / "x.index", [corpus], retriever) as index:
        hit = index.search("a person walks", top=1)[0]
        assert hit.path.startswith("corpus:synthetic/")
        record = next(r for r in corpus.records() if hit.path.endswith(r.id))
        np.testing.assert_array_equal(index.motion(hit).joints, record.motion().joints)
        assert index.add([corpus]).unchanged == 8
        assert index.remove(["corpus:synthetic"]).removed == 8


def test_long_motions_are_found_by_their_pieces(tmp_path, retriever):
    from kinelang.motion.ops import concatenate

    clips = [kinelang.sample("squat_twice")] * 4 + [kinelang.sample("walk_forward")] * 2
    kinelang.save(concatenate(clips), tmp_path / "long.bvh")
    with Index.build(tmp_path / "x.index", [tmp_path / "long.bvh"], retriever) as index:
        walking, squatting = index.search("walks")[0], index.search("squats")[0]
        assert walking.duration_s > 25
        assert walking.end_s - walking.start_s == pytest.approx(10.0)
        assert walking.start_s > squatting.start_s


# --- changing


def test_update_follows_the_files(own, tmp_path, retriever):
    folder = own("kick_left", "kick_right", "walk_forward")
    path = tmp_path / "x.index"
    with Index.build(path, [folder], retriever) as index:
        (folder / "kick_left.bvh").unlink()
        kinelang.save(kinelang.sample("squat_twice"), folder / "walk_forward.bvh")
        kinelang.save(kinelang.sample("turn_left"), folder / "new.bvh")
        os.utime(folder / "kick_right.bvh", ns=(1, 1))
        encoded = retriever.encoded
        report = index.update()
        assert (report.added, report.changed, report.unchanged, report.removed) == (1, 1, 1, 1)
        assert retriever.encoded > encoded
        assert stems(index.search("squats"))[0] == "walk_forward"
        assert "kick_left" not in stems(index.search("kicks with the left foot"))
        assert index.verify(hashes=True).ok
        assert index.update().unchanged == 3
    fresh = tmp_path / "fresh.index"
    Index.build(fresh, [folder], retriever).close()
    assert contents(path) == contents(fresh)


def test_update_of_a_source_that_is_gone_removes_nothing(own, tmp_path, retriever):
    folder = own("kick_left")
    with Index.build(tmp_path / "x.index", [folder], retriever) as index:
        shutil.rmtree(folder)
        with pytest.raises(SearchError, match=r"own: found no such file or folder; .* kinelang index remove"):
            index.update()
        assert len(index) == 1
        assert index.remove([folder]).removed == 1
        assert index.update().removed == 0


def test_add_and_remove(own, tmp_path, library, retriever):
    folder = own("kick_left")
    with Index.build(tmp_path / "x.index", [folder], retriever) as index:
        assert index.add([library / "waving"]).added == 2
        assert stems(index.search("waves the right hand", top=1)) == ["wave_right"]
        assert index.remove(["wave_r*"]).removed == 1
        assert "wave_right" not in stems(index.search("waves the right hand"))
        assert index.remove([library / "waving"]).removed == 1
        assert stems(index.search("waves")) == ["kick_left"]
        assert index.verify().ok
        with pytest.raises(SearchError, match="nothing.bvh: found no motion of the index"):
            index.remove([folder / "kick_left.bvh", "nothing.bvh"])
        assert len(index) == 1


def test_an_index_that_is_open_sees_what_others_change(own, tmp_path, library):
    path = tmp_path / "x.index"
    writer = Index.build(path, [own("kick_left")], FakeRetriever())
    with Index.open(path, FakeRetriever()) as reader:
        assert stems(reader.search("waves")) == ["kick_left"]
        writer.add([library / "waving"])
        assert set(stems(reader.search("waves"))) == {"kick_left", "wave_left", "wave_right"}
        writer.remove(["*/kick_left.bvh"])
        assert set(stems(reader.search("waves", moments=True))) == {"wave_left", "wave_right"}
    writer.close()


def test_readers_read_while_one_writes(own, tmp_path, library):
    path = tmp_path / "x.index"
    Index.build(path, [own("kick_left")], FakeRetriever()).close()
    errors: list[BaseException] = []

    def write() -> None:
        try:
            with Index.open(path, FakeRetriever(slow_s=0.05)) as writer:
                writer.add([library])
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    counts = []
    with Index.open(path, FakeRetriever()) as reader:
        while thread.is_alive():
            hits = reader.search("a person waves the left hand", top=20)
            counts.append(len(hits))
            assert all(Path(hit.path).exists() for hit in hits)
            reader.search("waves", top=20, moments=True)
        thread.join()
        assert len(reader.search("waves", top=20)) == 9
    assert errors == []
    assert counts == sorted(counts)
    assert len(set(counts)) > 2, "the reader saw the index grow"


# --- one writer


def test_a_second_writer_is_told_who_the_first_is(own, tmp_path, retriever):
    folder, path = own("kick_left"), tmp_path / "x.index"
    with Index.build(path, [folder], retriever) as index, WriterLock(path):
        for change in (lambda: index.add([folder]), lambda: index.remove(["*"]), lambda: Index.build(path, [folder], retriever)):
            with pytest.raises(SearchError, match=rf"x.index: found another process writing to it \(process {os.getpid()}\); .* wait"):
                change()
        assert len(index.search("kicks")) == 1


def test_the_lock_of_a_process_that_is_gone_is_free(own, tmp_path, retriever):
    path = tmp_path / "x.index"
    path.with_name("x.index.lock").write_text("999999")
    Index.build(path, [own("kick_left")], retriever).close()
    assert path.with_name("x.index.lock").read_text() == str(os.getpid())


# --- what goes wrong


def test_another_model_is_named(shared_index):
    other = FakeRetriever("other@2")
    for make in (lambda: Index.open(shared_index, other), lambda: Index.build(shared_index, [__file__], other)):
        with pytest.raises(SearchError, match=r"model fake@1 .*; expected those of other@2"):
            make()


def test_other_windows_are_an_error(shared_index, library, retriever):
    with pytest.raises(SearchError, match="windows of 20, 40, 60 frames, stride 10.*expected windows of 30 frames"):
        Index.build(shared_index, [library], retriever, windows=Windows((30,)))


def test_windows_of_ones_own(own, tmp_path, retriever):
    with Index.build(tmp_path / "x.index", [own("walk_forward")], retriever, windows=Windows((30,), 5)) as index:
        assert index.info()["window_vectors"] == 15
        with Index.open(index.path) as again:
            assert again.meta == index.meta
            assert again.meta.windows == Windows((30,), 5)
    with pytest.raises(SearchError, match="stride 0"):
        Windows((30,), 0)


def test_nothing_to_index(tmp_path, retriever):
    (tmp_path / "empty").mkdir()
    for sources, told in (
        ([tmp_path / "empty"], "found no motion file"),
        ([tmp_path / "gone"], "no such file"),
        ([], "found no motion"),
    ):
        with pytest.raises((FormatError, SearchError), match=told):
            Index.build(tmp_path / "x.index", sources, retriever)
    with pytest.raises(SearchError, match="found no motion"):
        Index.build(tmp_path / "x.index", [RecordList([])], retriever)
    assert list(tmp_path.iterdir()) == [tmp_path / "empty"]


def test_no_index(tmp_path, own, retriever):
    (tmp_path / "text.index").write_text("hello, this is no index at all")
    (tmp_path / "none.index").write_bytes(b"")
    sqlite3.connect(tmp_path / "other.index").execute("CREATE TABLE t (x)").connection.close()
    for name, told in (("gone", "no such file"), ("text", "no index"), ("none", "an empty file"), ("other", "another program")):
        with pytest.raises(SearchError, match=told):
            Index.open(tmp_path / f"{name}.index", retriever)
    with pytest.raises(SearchError, match="a folder"):
        Index.open(tmp_path, retriever)
    before = (tmp_path / "text.index").read_bytes()
    with pytest.raises(SearchError, match="no index"):
        Index.build(tmp_path / "text.index", [own("kick_left")], retriever)
    assert (tmp_path / "text.index").read_bytes() == before
    with pytest.raises(SearchError, match="no such folder"):
        Index.build(tmp_path / "a" / "x.index", [own("kick_left")], retriever)


def test_another_schema_is_refused(shared_index, tmp_path, retriever):
    path = tmp_path / "old.index"
    shutil.copy(shared_index, path)
    db = sqlite3.connect(path)
    db.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
    db.commit()
    db.close()
    with pytest.raises(SearchError, match="found an index of schema 0; expected schema 1; it was made by kinelang .*: build it again"):
        Index.open(path, retriever)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_are_told_in_one_line(shared_index, tmp_path, seed):
    """Bytes overwritten or cut off anywhere: every answer is a right one, or one line that says the index is damaged."""
    rng = np.random.default_rng(seed)
    data = bytearray(shared_index.read_bytes())
    if seed % 3 == 0:
        del data[int(rng.integers(len(data))) :]
    else:
        at = int(rng.integers(len(data) - 4096))
        data[at : at + 4096] = rng.bytes(4096)
    path = tmp_path / "x.index"
    path.write_bytes(data)
    lines = what_is_wrong(path)
    assert lines
    assert not any("\n" in line for line in lines)


def what_is_wrong(path: Path) -> list[str]:
    """What a user is told who verifies and searches an index."""
    try:
        with Index.open(path, FakeRetriever()) as index:
            problems = index.verify().problems
            index.search("waves")
            index.search("waves", moments=True)
            return problems
    except SearchError as error:
        return [str(error)]


def test_damaged_vectors_are_seen(shared_index, tmp_path, retriever):
    path = tmp_path / "x.index"
    shutil.copy(shared_index, path)
    db = sqlite3.connect(path)
    db.execute("UPDATE vectors SET data = zeroblob(length(data)) WHERE motion = 1 AND kind = 1")
    db.execute("DELETE FROM vectors WHERE motion = 2 AND kind = 0")
    db.commit()
    db.close()
    with Index.open(path, retriever) as index:
        problems = index.verify().problems
    assert len(problems) == 2
    assert "are damaged" in problems[0]
    assert "not all of its vectors" in problems[1]


def test_vanished_and_changed_files_are_seen(own, tmp_path, retriever):
    folder = own("kick_left", "kick_right", "walk_forward")
    with zipfile.ZipFile(tmp_path / "clips.zip", "w") as archive:
        archive.write(folder / "kick_left.bvh", "a.bvh")
    with Index.build(tmp_path / "x.index", [folder, tmp_path / "clips.zip"], retriever) as index:
        assert index.verify(hashes=True).ok
        (folder / "kick_left.bvh").unlink()
        (tmp_path / "clips.zip").unlink()
        (folder / "walk_forward.bvh").write_bytes((folder / "kick_right.bvh").read_bytes())
        found = index.verify()
        assert not found.ok
        assert found.problems == []
        assert [Path(p).name for p in found.vanished] == ["a.bvh", "kick_left.bvh"]
        assert [Path(p).name for p in found.changed] == ["walk_forward.bvh"]
        with pytest.raises(FormatError, match="no such file"):
            index.motion(next(h for h in index.search("kicks") if h.path.endswith("kick_left.bvh")))


def test_an_index_that_may_only_be_read(shared_index, tmp_path, retriever):
    folder = tmp_path / "read_only"
    folder.mkdir()
    shutil.copy(shared_index, folder / "x.index")
    os.chmod(folder / "x.index", 0o444)
    os.chmod(folder, 0o555)
    try:
        with Index.open(folder / "x.index", retriever) as index:
            assert len(index.search("waves")) == 8
    finally:
        os.chmod(folder, 0o755)
