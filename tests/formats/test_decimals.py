"""The array parser of decimals: the same doubles as Python's float, and nothing that float would not take."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.errors import FormatError
from kinelang.formats import decimals
from kinelang.formats.decimals import parse_table
from kinelang.formats.numbers import read_table

DIGITS = st.text("0123456789", min_size=0, max_size=20)


@st.composite
def decimal_words(draw: st.DrawFn) -> str:
    whole, fraction = draw(DIGITS), draw(DIGITS)
    point = draw(st.booleans()) or not whole
    if not whole and not fraction:
        whole = "0"
    word = draw(st.sampled_from(["", "-", "+"])) + whole + ("." + fraction if point else "")
    if draw(st.booleans()):
        word += draw(st.sampled_from("eE")) + draw(st.sampled_from(["", "-", "+"])) + str(draw(st.integers(0, 320)))
    return word


@given(st.lists(decimal_words(), min_size=1, max_size=30), st.sampled_from([" ", "\t", "  ", " \t "]))
@settings(deadline=None, max_examples=300)
def test_words_become_the_nearest_doubles(words: list[str], blank: str) -> None:
    table = parse_table(blank.join(words).encode() + b"\n", 1, len(words))
    expected = np.array([float(w) for w in words])
    assert table is not None
    np.testing.assert_array_equal(table[0], expected)
    np.testing.assert_array_equal(np.signbit(table[0]), np.signbit(expected))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=40), st.sampled_from("rgef"))
@settings(deadline=None, max_examples=100)
def test_printed_floats_come_back(values: list[float], style: str) -> None:
    words = [repr(v) if style == "r" else f"{v:.7{style}}" for v in values]
    words = [w for w in words if len(w) < 40]
    if words:
        table = parse_table("\n".join(words).encode(), len(words), 1)
        assert table is not None
        np.testing.assert_array_equal(table[:, 0], [float(w) for w in words])


@given(st.text("0123456789.eE+- \n\tx", min_size=1, max_size=24))
@settings(deadline=None, max_examples=1500)
def test_it_takes_a_text_only_if_every_word_is_a_float(text: str) -> None:
    words = text.split()
    table = parse_table(text.encode(), max(1, len(text.splitlines())), 1)
    count = max(1, len(words))
    table = parse_table(" ".join(words).encode(), 1, count)
    try:
        expected = [float(w) for w in words] or None
    except ValueError:
        expected = None
    if expected is None:
        assert table is None
    elif table is not None:  # it may decline what float takes, such as exponents of five digits
        np.testing.assert_array_equal(table[0], expected)


@pytest.mark.parametrize(
    "word", ["1.2.3", "1-2", "1e5.3", "1e", "e5", "1e-.5", "--1", ".", "-", "-.", "1e5e3", "0x10", "1_0", "nan", "inf", "1,5", "1\x000"]
)
def test_what_is_no_number_is_declined(word: str) -> None:
    assert parse_table(f"1 {word} 3\n".encode(), 1, 3) is None


def test_pieces_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(0, 100, (200, 7)).round(5)
    block = "\r\n".join(" ".join(map(str, row)) for row in values).encode()
    for size in (1, 17, 64, 100, 1000, 10**6):
        monkeypatch.setattr(decimals, "PIECE_BYTES", size)
        np.testing.assert_array_equal(parse_table(block, 200, 7), values)


@pytest.mark.parametrize(("rows", "columns"), [(3, 2), (2, 3), (1, 4), (4, 1), (0, 2), (10**15, 10**9), (2, 0)])
def test_another_count_than_promised_is_declined(rows: int, columns: int) -> None:
    assert parse_table(b"1 2\n3 4\n", rows, columns) is None


HEAD = b"HIERARCHY 1 2 3\n" * 9
"""Nine lines before the numbers, which then begin on line 10."""


def test_numbers_are_read_from_where_they_begin() -> None:
    for block in (b"1 2 3\n4 5 6\n", b"1 2\n3 4 5 6"):
        table, _ = read_table(HEAD + block, len(HEAD), 2, 3, "file")
        np.testing.assert_array_equal(table, [[1, 2, 3], [4, 5, 6]])


def test_wrapped_rows_and_comments_are_read_by_counting() -> None:
    table, wrapped = read_table(b"0.1\n1 2\n3\n# pause\n4 5 6\n", 4, 2, 3, "file")
    assert wrapped
    np.testing.assert_array_equal(table, [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"1 2 3\n4 5\n", ["line 11", "2 numbers", "expected 3"]),
        (b"1 2 3\n4 x 6\n", ["line 11", "'x'"]),
        (b"1 2 3\n4 5,5 6\n", ["line 11", "'5,5'", "decimal points"]),
        (b"1 2 3\n", ["1 lines with 3 numbers", "2 frames of 3"]),
        (b"1 2 3\n4 5 6\n7 8 9\n", ["3 lines with 9 numbers", "2 frames of 3"]),
        (b"1 2 3\n4 nan 6\n", ["nan", "line 11"]),
        (b"1 2 3\n4 1e300 6\n", ["1e+300", "frame 1, column 1"]),
        (b"1 2 3\n4 1e999 6\n", ["inf", "frame 1, column 1"]),
        (b"1 2 3\n4 1.#QNAN 6\n", ["line 11", "1.#QNAN"]),
        (b"", ["0 lines"]),
    ],
)
def test_an_error_names_the_place(block: bytes, expected: list[str]) -> None:
    with pytest.raises(FormatError) as error:
        read_table(HEAD + block, len(HEAD), 2, 3, "walk.bvh")
    for part in ["walk.bvh", *expected]:
        assert part in str(error.value)
