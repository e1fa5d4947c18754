"""The cache of encoded texts: exact, shared, bounded, and never in the way."""

from __future__ import annotations

import logging
import multiprocessing
import sqlite3
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from kinelang.language.encoders import files
from kinelang.language.encoders.cache import CachedEncoder
from kinelang.language.encoders.words import Words

TEXTS = [f"a person takes {n} steps and waves" for n in range(40)]


class Counted:
    """Random vectors by text, with a list of what was asked for."""

    width = 24

    def __init__(self, identity: str = "counted@00000000", scale: float = 1.0) -> None:
        self.identity = identity
        self.scale = scale
        self.asked: list[str] = []

    def tokens(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.asked += texts
        return [self.scale * self._random(text).standard_normal((len(text.split()), self.width)).astype(np.float32) for text in texts]

    def sentences(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.stack([self._random(text).standard_normal(self.width).astype(np.float32) for text in texts])

    @staticmethod
    def _random(text: str) -> np.random.Generator:
        return np.random.default_rng(list(text.encode()))


def cached(folder: Path, **options: int) -> tuple[CachedEncoder, Counted]:
    inner = Counted()
    return CachedEncoder(inner, folder, **options), inner


def check_all(encoder: CachedEncoder, texts: list[str] = TEXTS) -> None:
    """What comes is what an encoder without a cache gives, but for the rounding."""
    plain = Counted()
    assert np.array_equal(encoder.sentences(texts), plain.sentences(texts))
    for own, other in zip(encoder.tokens(texts), plain.tokens(texts), strict=True):
        assert np.array_equal(own, other.astype(np.float16).astype(np.float32))
        assert own.flags.writeable


def test_no_text_is_encoded_twice(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    encoder.tokens([*TEXTS, *TEXTS, " a  person takes 0 steps and waves "])
    assert inner.asked == TEXTS
    encoder.tokens(TEXTS[::-1])
    assert inner.asked == TEXTS
    encoder.sentences(TEXTS)
    assert inner.asked == TEXTS * 2, "token states and sentences are apart"
    again, other = cached(tmp_path)
    check_all(again)
    check_all(again, TEXTS[5:2:-1])
    assert not other.asked


def test_a_mixture_of_hits_and_misses(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    encoder.tokens(TEXTS[::3])
    inner.asked.clear()
    check_all(encoder)
    assert sorted(inner.asked[-26:]) == sorted(set(TEXTS) - set(TEXTS[::3]))


def test_what_was_encoded_is_kept_when_a_long_run_stops(tmp_path: Path) -> None:
    encoder, inner = cached(tmp_path)
    many = [f"text {n}" for n in range(1300)]
    usual, count = inner.tokens, [0]

    def stopping(texts: Sequence[str]) -> list[np.ndarray]:
        count[0] += 1
        if count[0] == 3:
            raise KeyboardInterrupt
        return usual(texts)

    inner.tokens = stopping  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        encoder.tokens(many)
    again, other = cached(tmp_path)
    again.tokens(many)
    assert other.asked == many[1024:]


def test_encoders_do_not_meet(tmp_path: Path) -> None:
    one, two = (CachedEncoder(Counted(identity), tmp_path) for identity in ("org/name@1", "org/name@2"))
    one.tokens(TEXTS)
    two.tokens(TEXTS)
    assert two.encoder.asked == TEXTS  # type: ignore[attr-defined]
    assert {file.suffix for file in tmp_path.iterdir()} == {".sqlite"}


def test_values_beyond_float16_are_clipped_the_same_way_twice(tmp_path: Path) -> None:
    encoder = CachedEncoder(Counted(scale=1e6), tmp_path)
    miss, hit = encoder.tokens(TEXTS), encoder.tokens(TEXTS)
    assert all(map(np.array_equal, miss, hit))
    assert all(np.isfinite(states).all() for states in miss)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty", "no_table", "other_columns"])
def test_a_damaged_file_is_replaced_and_said(damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    encoder, _ = cached(tmp_path)
    check_all(encoder)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    if damage in ("no_table", "other_columns"):
        file.unlink()
        database = sqlite3.connect(file)
        database.execute("CREATE TABLE other (a)" if damage == "no_table" else "CREATE TABLE kept (a)")
        database.close()
    else:
        file.write_bytes({"garbage": b"\x89garbage" * 4000, "truncated": data[: len(data) // 2], "empty": b""}[damage])
    again, inner = cached(tmp_path)
    check_all(again)
    assert inner.asked
    if damage in ("garbage", "truncated", "other_columns"):
        assert "the cache of encoded texts is damaged" in caplog.text
    third, inner = cached(tmp_path)
    check_all(third)
    assert not inner.asked


def test_no_damage_anywhere_gives_a_wrong_vector(tmp_path: Path) -> None:
    """Bytes are overwritten all over the file: the checksums of the values find what SQLite does not."""
    encoder, _ = cached(tmp_path)
    check_all(encoder)
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(40):
        broken = bytearray(data)
        start = int(random.integers(len(data) - 64))
        broken[start : start + 64] = random.bytes(64)
        for rest in tmp_path.iterdir():
            rest.unlink()
        file.write_bytes(broken)
        check_all(cached(tmp_path)[0])


def test_a_folder_that_cannot_be_used_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_bytes(b"")
    encoder, inner = cached(tmp_path / "taken")
    check_all(encoder)
    check_all(encoder)
    assert len(inner.asked) == 4 * len(TEXTS)
    assert caplog.messages[0].count("texts are encoded anew") == 1
    assert len(caplog.messages) == 1
    assert caplog.records[0].levelno == logging.WARNING


def test_a_file_that_is_locked_for_good_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kinelang.language.encoders.cache._WAIT_S", 0.05)
    cached(tmp_path)[0].tokens(TEXTS[:1])
    (file,) = tmp_path.iterdir()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    check_all(cached(tmp_path)[0])
    holder.close()
    assert "locked" in caplog.text
    check_all(cached(tmp_path)[0])


def test_a_file_that_may_only_be_read_does_no_harm(tmp_path: Path) -> None:
    cached(tmp_path)[0].tokens(TEXTS[:9])
    (file,) = tmp_path.iterdir()
    file.chmod(stat.S_IRUSR)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        check_all(cached(tmp_path)[0])
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_the_file_stays_below_its_limit(tmp_path: Path) -> None:
    limit = 200_000
    encoder, _ = cached(tmp_path, limit_bytes=limit)
    for start in range(0, 4000, 100):
        encoder.tokens([f"a person takes {n} long steps" for n in range(start, start + 100)])
    (file,) = tmp_path.iterdir()
    assert limit / 2 < file.stat().st_size < 1.5 * limit
    again, inner = cached(tmp_path, limit_bytes=limit)
    again.tokens([f"a person takes {n} long steps" for n in (3950, 5)])
    assert inner.asked == ["a person takes 5 long steps"], "the oldest went"


def _encode_all(folder: str, start: int) -> None:
    encoder = CachedEncoder(Words(), Path(folder))
    for i in range(20):
        encoder.tokens(TEXTS[(start + i) % 40 :])
        encoder.sentences(TEXTS[: (start + 7 * i) % 40])


def test_several_processes_share_one_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spawning = multiprocessing.get_context("spawn")
    workers = [spawning.Process(target=_encode_all, args=(str(tmp_path), 10 * n)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    encoder = CachedEncoder(Words(), tmp_path)
    for own, other in zip(encoder.tokens(TEXTS), Words().tokens(TEXTS), strict=True):
        np.testing.assert_allclose(own, other, rtol=2**-11)
    with closing(sqlite3.connect(next(tmp_path.glob("*.sqlite")))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not caplog.messages


def test_where_the_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINELANG_CACHE", str(tmp_path / "mine"))
    CachedEncoder(Counted()).tokens(["walk"])
    assert [p.name for p in (tmp_path / "mine" / "text").iterdir()] == ["counted@00000000.sqlite"]
    monkeypatch.delenv("KINELANG_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert files.cache_folder() == tmp_path / "xdg" / "kinelang"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert files.cache_folder() == tmp_path / "local" / "kinelang"
