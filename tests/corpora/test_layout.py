"""Writing HumanML3D's layout: what is published, resumed after a kill, refused where it must be."""

from __future__ import annotations

import json
import multiprocessing.reduction
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from corpus_samples import sample_records, standard_sample

from kinelang.corpora import Caption, LayoutCorpus, Record, features_of, mirrored, parts, standard, write_layout
from kinelang.corpora.base import feature_frames
from kinelang.corpora.check import check
from kinelang.corpora.layout import Running, file_name
from kinelang.corpora.tagging import untagged
from kinelang.errors import CorpusError
from kinelang.motion.features import HUMANML3D, block_std, decode, encode, mirror_joints
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline
from shared_data import shared


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "out"
    write_layout(sample_records(), folder, name="samples", mirror=True, tagger=untagged)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_what_is_written_reads_back(written: Path) -> None:
    corpus = LayoutCorpus(written)
    assert corpus.splits == ("train", "val", "test")
    assert [len(corpus.ids(s)) for s in corpus.splits] == [4, 2, 4]
    originals = {record.id: record for record in sample_records()}
    for record in corpus:
        original = originals[record.id.removeprefix("M")]
        if not record.id.startswith("M"):
            assert record.texts == original.texts
            np.testing.assert_array_equal(record.features(), original.features())
            assert record.captions[1].start_s == 0.5
            assert record.captions[1].end_s == 2.0
        assert record.n_frames == record.n_features == record.motion().n_frames == original.motion().n_frames - 1
        assert record.split == original.split
        assert record.motion().skeleton.same_tree(SMPL22)


def test_joints_are_decoded_from_the_features_as_published(written: Path) -> None:
    for path in (written / "new_joint_vecs").iterdir():
        features, joints = np.load(path), np.load(written / "new_joints" / path.name)
        assert features.dtype == joints.dtype == np.float32
        np.testing.assert_array_equal(joints, decode(features))


def test_the_mirror_image_is_that_of_humanml3d(written: Path) -> None:
    """x negated and sides exchanged before the features are made."""
    for record in sample_records():
        ours = np.load(written / "new_joint_vecs" / f"M{record.id}.npy")
        np.testing.assert_allclose(ours, encode(mirror_joints(record.motion().joints)), atol=1e-6)
        line = (written / "texts" / f"M{record.id}.txt").read_text().splitlines()[0]
        assert "with the right arm" in line
        assert "right/OTHER" in line


def test_lists_and_statistics(written: Path) -> None:
    lists = {name: (written / f"{name}.txt").read_text().split() for name in ("train", "val", "test", "train_val", "all")}
    assert lists["train_val"] == sorted(lists["train"] + lists["val"])
    assert lists["all"] == sorted(lists["train"] + lists["val"] + lists["test"])
    everything = np.concatenate([np.load(written / "new_joint_vecs" / f"{id_}.npy") for id_ in lists["all"]]).astype(np.float64)
    np.testing.assert_allclose(np.load(written / "Mean.npy"), everything.mean(0), atol=1e-6)
    np.testing.assert_allclose(np.load(written / "Std.npy"), block_std(everything.std(0)), atol=1e-6)
    manifest = json.loads((written / "manifest.json").read_text())
    assert manifest["clips"] == 10
    assert manifest["frames"] == len(everything)
    assert manifest["captions"] == 20


def test_a_published_text_reader_reads_the_lines(written: Path) -> None:
    """As text-to-motion and those after it do: four fields, tokens with one slash each."""
    for path in (written / "texts").iterdir():
        for line in path.read_text().splitlines():
            caption, tokens, start, end = line.strip().split("#")
            assert caption
            assert all(len(token.split("/")) == 2 for token in tokens.split(" "))
            assert 0 <= float(start) <= float(end)


def test_timelines_and_more_files_go_with_a_clip(tmp_path: Path) -> None:
    """As a generator of made-up motion writes them: the timeline beside the clip, mirrored with it, and files of its own."""
    timeline = Timeline((Stage(0.5, 2.0, "raise_arm", side="left"),), duration_s=5.0)
    records = (replace(record, timeline=timeline) for record in sample_records()[:1])

    def extra(record: Record) -> dict[str, bytes]:
        return {f"seeds/{record.id}.txt": b"7"}

    write_layout(records, tmp_path / "out", name="made", mirror=True, tagger=untagged, extra=extra, options={"seed": 7})
    mirror, own = LayoutCorpus(tmp_path / "out")
    assert own.timeline == timeline
    assert mirror.timeline.stages[0].side == "right"
    assert (tmp_path / f"out/seeds/{mirror.id}.txt").read_bytes() == b"7"
    write_layout(sample_records()[1:2], tmp_path / "out", name="made", tagger=untagged, restart=True)
    assert not list((tmp_path / "out/seeds").iterdir())
    assert not list((tmp_path / "out/timelines").iterdir())


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [0, 1, 4, 9])
def test_a_killed_run_goes_on_where_it_was_and_ends_the_same(written: Path, tmp_path: Path, after: int) -> None:
    out = tmp_path / "out"
    loaded: list[str] = []

    def counting(name: str):
        loaded.append(name)
        return standard_sample(name)

    def kill(id_: str, reason: str, seen: list[str] = []) -> None:  # noqa: B006
        seen.append(id_)
        if len(seen) > after:
            raise Killed

    def watched() -> Iterator[Record]:
        return (replace(record, load_motion=partial(counting, record.id)) for record in sample_records())

    with pytest.raises(Killed):
        write_layout(watched(), out, name="samples", mirror=True, tagger=untagged, progress=kill)
    with open(out / "clips.jsonl", "ab") as file:
        file.write(b'{"id": "half a li')
    loaded.clear()
    result = write_layout(watched(), out, name="samples", mirror=True, tagger=untagged)
    assert result.resumed == after + 1
    assert len(loaded) == 5 - (after + 1) // 2
    assert files_of(out) == files_of(written)


def test_other_options_are_refused_and_restart_begins_anew(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_layout(sample_records(), out, name="samples", tagger=untagged, options={"seed": 1})
    with pytest.raises(CorpusError, match="use the same options to continue"):
        write_layout(sample_records(), out, name="samples", tagger=untagged, options={"seed": 2})
    result = write_layout(sample_records()[:2], out, name="samples", tagger=untagged, options={"seed": 2}, restart=True)
    assert result.resumed == 0
    assert sorted(p.stem for p in (out / "texts").iterdir()) == sorted(list(SAMPLES)[:2])


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CorpusError, match="a folder with other files"):
        write_layout(sample_records(), tmp_path, name="samples", tagger=untagged, restart=True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    short = Record("short", "train", (Caption("x"),), load_motion=lambda: standard_sample("walk_forward").with_(
        positions=standard_sample("walk_forward").joints[:1], rotations=None, root=None))  # fmt: skip
    text_only = Record("text", "train", (Caption("x"),))
    result = write_layout([short, text_only, *sample_records()[:1]], tmp_path / "out", name="mixed", tagger=untagged)
    assert [id_ for id_, _ in result.passed_over] == ["short", "text"]
    assert result.clips == {"train": [sample_records()[0].id]}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [item["id"] for item in manifest["passed_over"]] == ["short", "text"]
    with pytest.raises(CorpusError, match="no clip that can be written"):
        write_layout([text_only], tmp_path / "none", name="mixed", tagger=untagged)


def test_ids_that_would_be_one_file_are_refused(tmp_path: Path) -> None:
    record = sample_records()[0]
    twice = [replace(record, id="a/b"), replace(record, id="A_b")]
    with pytest.raises(CorpusError, match="differ as file names"):
        write_layout(twice, tmp_path / "out", name="twice", tagger=untagged)


@pytest.mark.parametrize("id_", ["../../etc/passwd", "a b#c", "ü", ".hidden", "000012@1-2.5"])
def test_file_names_stay_in_their_folder(id_: str) -> None:
    name = file_name(id_)
    assert Path(name).name == name
    assert not name.startswith(".")


def test_statistics_do_not_lose_small_deviations_beside_large_means() -> None:
    rng = np.random.default_rng(0)
    clips = [1000 + rng.normal(0, 0.01, (n, 5)) for n in (3, 50, 1, 200)]
    running = Running(5)
    for clip in clips:
        running.add(clip)
    everything = np.concatenate(clips)
    assert running.count == len(everything)
    np.testing.assert_allclose(running.mean, everything.mean(0), rtol=1e-13)
    np.testing.assert_allclose(running.std, everything.std(0), rtol=1e-6)


def test_parts_are_cut_as_published(written: Path) -> None:
    record = next(r for r in LayoutCorpus(written) if r.id == "walk_forward")
    whole, part = parts(record)
    assert whole.captions == record.captions[:1]
    assert part.texts == ("the beginning",)
    assert part.captions[0].whole
    np.testing.assert_array_equal(part.features(), record.features()[10:40])
    assert (part.n_features, part.duration_s, part.motion().n_frames) == (30, 1.5, 31)
    np.testing.assert_array_equal(part.motion().joints, record.motion().joints[10:41])
    assert part.group == whole.group


def test_frame_limits(written: Path) -> None:
    corpus = LayoutCorpus(written)
    assert all(40 <= len(clip.features()) < 200 for clip in corpus.clips())
    assert {clip.id for clip in corpus.clips(limits=False)} - {clip.id for clip in corpus.clips()} == {
        f"{m}{name}@0.5-2" for name in SAMPLES for m in ("", "M")
    }


def test_mirroring_twice_gives_the_record_back() -> None:
    record = sample_records()[1]
    again = mirrored(mirrored(record))
    assert again.texts == record.texts
    assert again.split == record.split
    assert mirrored(record).group == record.id
    np.testing.assert_allclose(again.motion().joints, record.motion().joints, atol=1e-6)


def test_features_need_the_right_motion() -> None:
    with pytest.raises(CorpusError, match=r"smpl22 at 30 fps"):
        features_of(sample("walk_forward"))
    assert features_of(standard(sample("walk_forward"))).shape[1] == HUMANML3D.width


def test_the_published_clip_is_read_as_it_is(tmp_path: Path) -> None:
    """HumanML3D's own arrays, statistics and lists, with a text of ours, as none is published with the clip."""
    reference = shared("humanml3d_reference")
    for kind in ("new_joints", "new_joint_vecs"):
        (tmp_path / kind).mkdir()
        shutil.copy(reference / f"{kind}_012314.npy", tmp_path / kind / "012314.npy")
    for name in ("Mean.npy", "Std.npy"):
        shutil.copy(reference / name, tmp_path / name)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/012314.txt").write_text("plays tennis#play/VERB tennis/NOUN#0.0#0.0\n")
    (tmp_path / "test.txt").write_text("012314\n")
    (record,) = LayoutCorpus(tmp_path).clips()
    published = np.load(reference / "new_joint_vecs_012314.npy")
    np.testing.assert_array_equal(record.features(), published)
    np.testing.assert_array_equal(record.motion().joints, np.load(reference / "new_joints_012314.npy"))
    assert (record.n_frames, record.n_features) == (170, 170)
    assert check(LayoutCorpus(tmp_path)).problems == []


@pytest.mark.parametrize("mirror", [False, True])
def test_records_reach_other_processes(written: Path, mirror: bool) -> None:
    """A data loader hands them to its workers."""
    for record in LayoutCorpus(written).records("test"):
        sent = multiprocessing.reduction.ForkingPickler.dumps(mirrored(record) if mirror else record)
        there = multiprocessing.reduction.ForkingPickler.loads(sent)
        assert there.captions == (mirrored(record) if mirror else record).captions
        assert there.features().shape == (feature_frames(there), 263)
