"""Thousands of damaged files: every reader either reads them or raises a KinelangError, quickly and in little memory."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from format_samples import OPTIONS, TINY_ASF, amass_arrays, body_model_arrays, npz_bytes, source_of, tiny_amc, valid_samples
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import KinelangError
from kinelang.formats import FORMATS, ReadOptions, read_source
from kinelang.formats.asf import parse_asf
from kinelang.formats.body_model import rest_joints
from kinelang.formats.npy import parse_npy
from kinelang.motion.motion import Motion

SAMPLES = valid_samples()
ROUNDS = 1500
MAX_SECONDS = 2.0
MAX_BYTES = 200 * 1024 * 1024

WORDS = [
    b"nan", b"inf", b"-1", b"0", b"1e400", b"99999999999999999999", b"{", b"}", b"ROOT", b"JOINT a", b"End Site", b"MOTION",
    b"CHANNELS 999999999", b"OFFSET", b"\x00", b"\xff\xfe", b"\n", b"\r", b"#", b":root", b"begin", b"end", b"root", b"1.2.3",
    b"1e-300", b"Frames:",
    b"'|O'", b"(99999999, 22, 3)", b"-", b"9", b"\x93NUMPY", b"PK\x05\x06", b"..", b",",
]  # fmt: skip


def mutated(data: bytes, generator: np.random.Generator) -> bytes:
    """One to four random injuries: bytes changed, cut out or doubled, lines dropped or swapped, words put in or replaced."""
    out = bytearray(data)
    for _ in range(generator.integers(1, 5)):
        if not out:
            break
        at = int(generator.integers(len(out)))
        size = int(min(generator.integers(1, 200), len(out) - at))
        match generator.integers(9):
            case 0:
                out[at] = int(generator.integers(256))
            case 1:
                del out[at : at + size]
            case 2:
                out[at:at] = out[at : at + size]
            case 3:
                out[at:at] = WORDS[generator.integers(len(WORDS))]
            case 4:
                out = out[:at]
            case 5:
                word = WORDS[generator.integers(len(WORDS))]
                out[at : at + len(word)] = word
            case 6:
                lines = bytes(out).split(b"\n")
                i, j = generator.integers(len(lines), size=2)
                lines[i], lines[j] = lines[j], lines[i]
                out = bytearray(b"\n".join(lines))
            case 7:
                lines = bytes(out).split(b"\n")
                del lines[int(generator.integers(len(lines)))]
                out = bytearray(b"\n".join(lines))
            case 8:
                words = bytes(out).split(b" ")
                words[int(generator.integers(len(words)))] = WORDS[generator.integers(len(WORDS))]
                out = bytearray(b" ".join(words))
    return bytes(out)


def reads_or_complains(read: Callable[[], object]) -> bool:
    """Whether it read; any exception but a KinelangError, or a slow reading, fails the test."""
    start = time.perf_counter()
    message = ""
    try:
        result = read()
    except KinelangError as error:
        message = str(error)
        assert message
    else:
        assert not isinstance(result, Motion) or np.isfinite(result.joints).all()
    assert "\n" not in message
    assert time.perf_counter() - start < MAX_SECONDS
    return not message


@pytest.mark.parametrize("sample", SAMPLES)
def test_mutations(sample: str) -> None:
    _, data, neighbours = SAMPLES[sample]
    generator = np.random.default_rng(len(data))
    read = 0
    for i in range(ROUNDS):
        damaged = mutated(data, generator)
        options = [OPTIONS, ReadOptions(unit=0.01, up="z", fps=30)][i % 2]
        read += reads_or_complains(lambda d=damaged, o=options: read_source(source_of(d, sample, neighbours), o))
    assert 0 < read < ROUNDS  # some injuries are harmless, most are not: else this tests nothing


def test_mutated_skeletons_and_body_models() -> None:
    generator = np.random.default_rng(1)
    amc, asf, model = tiny_amc().encode(), TINY_ASF.encode(), npz_bytes(body_model_arrays())
    for _ in range(ROUNDS):
        damaged = mutated(asf, generator)
        reads_or_complains(lambda d=damaged: read_source(source_of(amc, "01_01.amc", {"01.asf": d})))
        reads_or_complains(lambda d=damaged: parse_asf(d, "01.asf"))
    for _ in range(ROUNDS // 4):
        damaged = mutated(model, generator)
        reads_or_complains(lambda d=damaged: rest_joints(source_of(d, "model.npz"), np.zeros(10)))


def test_mutated_arrays_inside_a_sound_npz() -> None:
    generator = np.random.default_rng(2)
    with zipfile.ZipFile(io.BytesIO(npz_bytes(amass_arrays()))) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    for _ in range(ROUNDS):
        buffer = io.BytesIO()
        hurt = sorted(members)[generator.integers(len(members))]
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, mutated(data, generator) if name == hurt else data)
        damaged = buffer.getvalue()
        reads_or_complains(lambda d=damaged: read_source(source_of(d, "a.npz")))


@pytest.mark.parametrize("suffix", [s for f in FORMATS.values() for s in f.suffixes])
@given(data=st.binary(max_size=400) | st.text(max_size=400).map(lambda t: t.encode("utf-8", "replace")))
@settings(deadline=None, max_examples=150)
def test_any_bytes_under_any_suffix(suffix: str, data: bytes) -> None:
    reads_or_complains(lambda: read_source(source_of(data, f"a{suffix}")))


@given(
    lines=st.lists(
        st.sampled_from(
            [
                "HIERARCHY",
                "ROOT a",
                "JOINT b",
                "End Site",
                "{",
                "}",
                "OFFSET 0 1 0",
                "OFFSET 0",
                "CHANNELS 1 Xrotation",
                "CHANNELS 0",
                "CHANNELS 3 Xposition Yposition Zposition",
                "MOTION",
                "Frames: 1",
                "Frames: 2",
                "Frame Time: 0.1",
                "0",
                "1 2",
                "nan",
                "# c",
            ]
        ),
        max_size=40,
    )
)
@settings(deadline=None, max_examples=400)
def test_bvh_lines_in_any_order(lines: list[str]) -> None:
    text = "\n".join(["HIERARCHY", "ROOT a", "{", "OFFSET 0 0 0", *lines])
    reads_or_complains(lambda: read_source(source_of(text, "a.bvh"), ReadOptions(unit="m", up="y")))


@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 65535))
@settings(deadline=None, max_examples=300)
def test_npy_headers_of_any_bytes(body: bytes, version: int, length: int) -> None:
    data = b"\x93NUMPY" + bytes([version, 0]) + length.to_bytes(2, "little") + body
    reads_or_complains(lambda: parse_npy(data, "a.npy"))


def test_absurd_claims_cost_little_memory_and_time() -> None:
    bvh = SAMPLES["tiny.bvh"][1]
    claims = {
        "frames.bvh": bvh.replace(b"Frames: 5", b"Frames: 999999999"),
        "channels.bvh": bvh.replace(b"CHANNELS 1 Xrotation", b"CHANNELS 999999999 Xrotation"),
        "deep.bvh": b"HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n" + b"JOINT b\n{\nOFFSET 0 0 0\n" * 1_000_000,
        "braces.bvh": b"HIERARCHY\nROOT a\n" + b"{" * 1_000_000,
        "line.bvh": bvh + b"1" * 2_000_000,
        "blank.bvh": b" " * 2_000_000 + b"MOTION",
        "lines.bvh": b"\n" * 2_000_000,
        "comments.bvh": b"# c\n  " * 500_000,
        "numbers.amc": b":DEGREES\n" + b"1\n" * 500_000,
        "big.npy": SAMPLES["joints.npy"][1].replace(b"(24, 22, 3)", b"(99999999, 22, 3)"),
    }
    for name, data in claims.items():
        tracemalloc.start()
        assert not reads_or_complains(lambda d=data, n=name: read_source(source_of(d, n, {"a.asf": TINY_ASF.encode()})))
        assert tracemalloc.get_traced_memory()[1] < MAX_BYTES, name
        tracemalloc.stop()
