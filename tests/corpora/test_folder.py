from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

import kinelang
from kinelang.corpora import Caption, open_corpus
from kinelang.corpora.folder import Folder, split_by_name
from kinelang.errors import CorpusError
from kinelang.motion.samples import sample


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    for name in ("walk", "deep/wave", "turn"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        kinelang.save(sample("turn_left"), tmp_path / f"{name}.bvh")
    return tmp_path


def test_a_text_file_beside_each_motion(clips: Path) -> None:
    (clips / "walk.txt").write_text("a person walks\r\n\n  forward, slowly \nstarts#start/VERB#0.0#1.5\n")
    (clips / "deep/wave.txt").write_text("a person waves")
    (clips / "notes.txt").write_text("belongs to no motion")
    corpus = open_corpus("folder", clips)
    records = {r.id: r for r in corpus}
    assert set(records) == {"walk", "deep/wave"}
    assert records["walk"].captions == (
        Caption("a person walks"),
        Caption("forward, slowly"),
        Caption("starts", 0.0, 1.5, "start/VERB"),
    )
    assert [Path(p).name for p in corpus.uncaptioned] == ["turn.bvh"]
    assert records["deep/wave"].motion().n_frames == 70  # 105 frames at 30 fps


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_one_table(clips: Path, suffix: str) -> None:
    rows = [
        ("walk.bvh", "walks, then stops", "", "", "test"),
        ("walk.bvh", "stops", "1.5", "3", ""),
        ("deep/wave.bvh", "waves", "", "", ""),
    ]
    columns = ("file", "caption", "start_s", "end_s", "split")
    if suffix == ".jsonl":
        lines = [json.dumps({k: v for k, v in zip(columns, row, strict=True) if v}) for row in rows]
    else:
        separator = "," if suffix == ".csv" else "\t"
        lines = [separator.join(columns), *(separator.join(f'"{v}"' for v in row) for row in rows)]
    (clips / f"captions{suffix}").write_text("\n".join(lines) + "\n")
    records = {r.id: r for r in open_corpus("folder", clips)}
    assert records["walk"].captions == (Caption("walks, then stops"), Caption("stops", 1.5, 3.0))
    assert records["walk"].split == "test"
    assert records["deep/wave"].split == split_by_name("deep/wave")
    assert {r.id for r in open_corpus("folder", clips / f"captions{suffix}")} == set(records)


def test_bad_rows_are_listed_with_file_and_line(clips: Path) -> None:
    rows = [
        "file,caption,start_s,end_s,split",
        "walk.bvh,walks,0,1,train",
        "gone.bvh,walks,,,",
        "walk.bvh,,,,",
        "walk.bvh,walks,2,1,",
        "walk.bvh,walks,soon,,",
        "walk.bvh,walks,,,dev",
        "walk.bvh,walks,,,val",
        "walk.bvh,a, b, c, d, e",
    ]
    path = clips / "captions.csv"
    path.write_text("\n".join(rows))
    with pytest.raises(CorpusError, match="7 bad rows") as caught:
        open_corpus("folder", clips)
    assert f"{path}:3: found no file" in str(caught.value)
    assert "... and 2 more" in str(caught.value)
    corpus = Folder(clips, skip_bad=True)
    assert sorted(int(p.split("captions.csv:")[1].split(":")[0]) for p in corpus.problems) == [3, 4, 5, 6, 7, 8, 9]
    (record,) = corpus
    assert record.captions == (Caption("walks", 0.0, 1.0),)


def test_bad_lines_of_a_text_file(clips: Path) -> None:
    (clips / "walk.txt").write_text("walks\nwalks#tag#0\n")
    (clips / "turn.txt").write_text("\n")
    with pytest.raises(CorpusError, match=r"turn\.txt: no caption.*walk\.txt:2: found 'walks#tag#0'"):
        open_corpus("folder", clips)


def test_bad_json_lines(clips: Path) -> None:
    (clips / "captions.jsonl").write_text('{"file": "walk.bvh", "captions": ["walks", "goes"]}\n{"file": \n[]\n')
    corpus = Folder(clips, skip_bad=True)
    assert [r.texts for r in corpus] == [("walks", "goes")]
    assert [p.split(":")[1] for p in corpus.problems] == ["2", "3"]


def test_split_lists(clips: Path) -> None:
    for name in ("walk", "deep/wave", "turn"):
        (clips / f"{name}.txt").write_text("moves")
    (clips / "test.txt").write_text("walk\nwave\n")
    (clips / "val.txt").write_text("turn\n")
    assert {r.id: r.split for r in open_corpus("folder", clips)} == {"walk": "test", "deep/wave": "test", "turn": "val"}


def test_splits_by_name_never_change() -> None:
    assert [split_by_name(f"clip{i}") for i in range(12)] == [
        "train", "train", "train", "train", "train", "train", "train", "test", "train", "train", "val", "train",
    ]  # fmt: skip
    counts = Counter(split_by_name(f"take {i}") for i in range(4000))
    assert abs(counts["train"] / 4000 - 0.80) < 0.02
    assert abs(counts["val"] / 4000 - 0.05) < 0.012
    assert abs(counts["test"] / 4000 - 0.15) < 0.02


def test_several_tables_are_ambiguous(clips: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (clips / name).write_text("file,caption\nwalk.bvh,walks\n")
    with pytest.raises(CorpusError, match="several tables: a.csv, b.csv"):
        open_corpus("folder", clips)
    (clips / "captions.csv").write_text("file,caption\nwalk.bvh,walks\n")
    assert len(open_corpus("folder", clips)) == 1
