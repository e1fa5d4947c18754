"""Clips for training: made once, checked, varied truly, and drawn each once an epoch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kinelang.corpora.synthetic import Synthetic
from kinelang.errors import CorpusError, ModelError
from kinelang.models.tmr.config import Data
from kinelang.models.tmr.statistics import Statistics
from kinelang.motion.features import HUMANML3D, decode
from kinelang.training import data as training_data
from kinelang.training.augmenting import at_speed, cropped, disturbed
from kinelang.training.data import Source, batches_by_length, clips_of
from kinelang.training.sequences import Sequences
from kinelang.training.texts import TextTable, threshold_for_share
from models.tmr_samples import HashedWords, raw_clips

SOURCE = Source.parse("synthetic:12")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cmu", ("cmu", None, None, 1)),
        ("cmu@5", ("cmu", None, None, 5)),
        ("synthetic:20000", ("synthetic", 20000, None, 1)),
        ("grounded:40@2", ("grounded", 40, None, 2)),
        ("folder:/my/clips", ("folder", None, "/my/clips", 1)),
        ("folder:C:\\clips@3", ("folder", None, "C:\\clips", 3)),
    ],
)
def test_sources_as_people_name_them(text: str, expected: tuple[object, ...]) -> None:
    found = Source.parse(text)
    assert (found.name, found.size, found.path, found.times) == expected


@pytest.mark.parametrize("text", ["", "synthetic:many", "synthetic:0", "cmu@0", "My Corpus", "cmu:"])
def test_sources_that_are_none(text: str) -> None:
    with pytest.raises(CorpusError):
        Source.parse(text)


def test_clips_are_those_of_the_corpus(tmp_path: Path) -> None:
    clips = clips_of(SOURCE, "train", tmp_path)
    records = list(Synthetic(12).records("train"))
    assert len(clips) == len(records)
    for i, record in enumerate(records):
        assert clips.captions[i] == record.texts
        np.testing.assert_allclose(clips[i], record.features(), rtol=1e-3, atol=1e-4)  # kept as float16


def test_clips_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = clips_of(SOURCE, "train", tmp_path)
    monkeypatch.setattr(training_data, "_make", None)  # would fail if it were called
    again = clips_of(SOURCE, "train", tmp_path)
    np.testing.assert_array_equal(first[3], again[3])


def test_making_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(what: str, done: int, of: int) -> None:
        if done == 4:
            raise Stop

    with pytest.raises(Stop):
        clips_of(SOURCE, "train", tmp_path / "a", progress=stop)
    told: list[int] = []
    stopped = clips_of(SOURCE, "train", tmp_path / "a", progress=lambda what, done, of: told.append(of))
    whole = clips_of(SOURCE, "train", tmp_path / "b")
    assert stopped.captions == whole.captions
    assert all(np.array_equal(stopped[i], whole[i]) for i in range(len(whole)))
    assert set(told) == {len(whole)}


def test_a_cache_that_no_longer_fits_its_corpus_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clips_of(SOURCE, "train", tmp_path)
    real = Synthetic.timeline
    monkeypatch.setattr(Synthetic, "timeline", lambda self, split, i: real(self, split, i + 100))
    clips = clips_of(SOURCE, "train", tmp_path)
    assert clips.captions[0] == next(Synthetic(12).records("train")).texts


def test_clips_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "bad.bvh").write_text("no motion")
    (folder / "bad.txt").write_text("a person walks\n")
    (folder / "train.txt").write_text("bad\n")
    source = Source.parse(f"folder:{folder}")
    with pytest.raises(CorpusError, match=r"split 'train': found no captioned clip with motion"):
        clips_of(source, "train", tmp_path / "cache")
    with pytest.raises(CorpusError, match="no split 'dev'"):
        clips_of(source, "dev", tmp_path / "cache")


def test_every_clip_once_in_batches_of_like_length() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(40, 200, 1003)
    batches = batches_by_length(lengths, 32, np.random.default_rng(1))
    assert sorted(i for batch in batches for i in batch) == list(range(1003))
    assert sorted({len(b) for b in batches}) == [1003 % 32, 32]
    waste = 1 - lengths.sum() / sum(len(b) * lengths[b].max() for b in batches)
    assert waste < 0.1
    assert batches != batches_by_length(lengths, 32, np.random.default_rng(2))


@pytest.mark.parametrize("n", [20, 40, 120, 200, 500])
def test_crops_are_within_bounds(n: int) -> None:
    (clip,) = raw_clips([n])
    rng = np.random.default_rng(0)
    data = Data(shortest_crop=0.5)
    found = [len(cropped(clip, data, rng)) for _ in range(200)]
    assert min(found) >= min(max(min(n, 200) // 2, 40), n)
    assert max(found) == min(n, 200)
    whole = cropped(clip, Data(), rng)
    assert len(whole) == min(n, 200)


def test_crops_are_parts() -> None:
    clip = np.arange(300, dtype=np.float32)[:, None] * np.ones((1, 263), np.float32)
    part = cropped(clip, Data(), np.random.default_rng(0))
    np.testing.assert_array_equal(np.diff(part[:, 0]), 1)


@pytest.mark.parametrize("speed", [0.7, 1.0, 1.3])
def test_another_speed_is_the_same_way(speed: float) -> None:
    """Decoded, the body ends where it ended, and takes 1/speed of the time."""
    clip = next(Synthetic(3).records("train")).features()
    other = at_speed(clip, speed)
    assert len(other) == pytest.approx(len(clip) / speed, abs=1.5)
    ends = [decode(f)[-1, 0] for f in (clip, other)]
    travelled = np.linalg.norm(np.diff(decode(clip)[:, 0], axis=0), axis=1).sum()
    assert np.linalg.norm(ends[0] - ends[1]) < 0.05 * travelled + 0.02
    assert set(np.unique(other[:, HUMANML3D.blocks["contacts"]])) <= {0.0, 1.0}
    steps = [np.abs(f[:, HUMANML3D.blocks["velocities"]]).mean() for f in (clip, other)]
    assert steps[1] == pytest.approx(steps[0] * speed, rel=0.05)


def test_noise_is_as_large_as_said() -> None:
    still = np.zeros((500, 263), np.float32)
    noisy = disturbed(still, Data(noise=0.1, offset=0.3), np.random.default_rng(0))
    assert noisy.dtype == np.float32
    assert noisy.std(axis=0).mean() == pytest.approx(0.1, rel=0.05)
    assert noisy.mean(axis=0).std() == pytest.approx(0.3, rel=0.2)
    assert np.array_equal(disturbed(still, Data(), np.random.default_rng(0)), still)
    assert not still.any()


def test_hidden_features_are_the_same_in_every_clip() -> None:
    shown = np.ones(263, bool)
    shown[HUMANML3D.blocks["rotations"]] = False
    data = Data(noise=0.1, offset=0.3, hidden=("rotations",))
    clips = raw_clips([50, 60])
    statistics = Statistics.of(clips, hidden=data.hidden)
    for clip in clips:
        assert np.abs(statistics(clip)[:, ~shown]).max() < 1e-6
        noisy = disturbed(statistics(clip), data, np.random.default_rng(0))
        assert not noisy[:, ~shown].any()
        assert (noisy[:, shown] != statistics(clip)[:, shown]).all()
    assert np.array_equal(statistics(clips[0])[:, shown], Statistics.of(clips)(clips[0])[:, shown])


def test_a_complete_cache_is_read_while_another_process_holds_it(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    with Sequences(folder, 3) as adding:
        adding.append("a", np.ones((2, 3), np.float32))
        adding._flush()
        reading = Sequences(folder, 3, adding=False)
        assert reading.places == {"a": 0}
        with pytest.raises(ModelError, match="another process"):
            Sequences(folder, 3)


def test_texts_are_encoded_once(tmp_path: Path) -> None:
    asked: list[str] = []

    class Counting(HashedWords):
        def tokens(self, texts):  # type: ignore[no-untyped-def]
            asked.extend(texts)
            return super().tokens(texts)

    encoder = Counting()
    table = TextTable(tmp_path, encoder, "tokens")
    table.add(["a b", "c", "a b"])
    again = TextTable(tmp_path, encoder, "tokens")
    again.add(["c", "a b", "new one"])
    assert asked == ["a b", "c", "new one"]
    for text in ("a b", "c", "new one"):
        np.testing.assert_allclose(again[text], HashedWords().tokens([text])[0], atol=2e-3)


def test_the_threshold_filters_the_share_asked_for(tmp_path: Path) -> None:
    words = ["walk", "run", "jump", "left", "right", "arm", "leg", "slowly", "quickly", "twice"]
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 4, replace=False)) for _ in range(300)]
    table = TextTable(tmp_path, HashedWords(), "sentences")
    table.add(texts)
    from kinelang.language.named_sides import differ_in_side

    distinct = sorted(set(texts))
    vectors = table.stacked(distinct)
    upper = np.triu_indices(len(distinct), 1)
    likeness, eligible = (0.5 * vectors @ vectors.T + 0.5)[upper], ~differ_in_side(distinct)[upper]
    for share in (0.05, 0.17, 0.4):
        threshold = threshold_for_share(texts, table, share)
        assert ((likeness > threshold) & eligible).mean() == pytest.approx(share, abs=0.01)
    assert threshold_for_share(texts, table, 0.0) == 1.0


def test_a_killed_process_does_not_hold_the_cache(tmp_path: Path) -> None:
    code = (
        "import os, signal, pathlib, numpy as np; from kinelang.training.sequences import Sequences;"
        f"k = Sequences(pathlib.Path({str(tmp_path)!r}), 5); k.append('a', np.ones((3, 5))); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    from kinelang.training.sequences import Sequences

    with Sequences(tmp_path, 5) as kept:
        assert list(kept.places) == ["a"]
        np.testing.assert_array_equal(kept[0], 1)
    assert os.path.getsize(tmp_path / "rows.npy") == 128 + 30
