"""The .npy and .npz containers: nothing is unpickled, and no header is believed."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kinelang.errors import FormatError
from kinelang.formats.npy import Npz, finite_float64, parse_npy

dtypes = st.sampled_from(["<f4", ">f4", "<f8", "<f2", "<i4", ">i8", "|u1", "|b1", "<U7", "|S3"])


@given(
    array=dtypes.flatmap(lambda d: hnp.arrays(np.dtype(d), hnp.array_shapes(min_dims=0, max_dims=4, max_side=5))), fortran=st.booleans()
)
@settings(deadline=None, max_examples=60)
def test_what_numpy_saves_is_read(array: np.ndarray, fortran: bool) -> None:
    array = np.asfortranarray(array) if fortran else array
    for version in ((1, 0), (2, 0), (3, 0)):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, version, allow_pickle=False)
        np.testing.assert_array_equal(parse_npy(buffer.getvalue(), "a.npy"), array)


def header(descr: str, shape: str, body: bytes = b"") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


class Boom:
    def __reduce__(self) -> tuple:
        return (pytest.fail, ("it was unpickled",))


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "no NumPy header"),
        (b"\x93NUMPY", "no NumPy header"),
        (b"x" * 200, "no NumPy header"),
        (header("'|O'", "(1,)", pickle.dumps([Boom()])), "pickled"),
        (header("[('a', '<f4'), ('b', '|O')]", "(1,)", b"x" * 100), "pickled"),
        (header("[('a', '<f4')]", "(1,)", b"x" * 100), "dtype"),
        (header("'<m8[s]'", "(1,)", b"x" * 100), "dtype"),
        (header("'<f4'", "(1000000000, 22, 3)", b"x" * 100), "100 there"),
        (header("'<f4'", "(99999999999999999999999999,)", b"x" * 100), "there"),
        (header("'|S0'", "(1000000000000000000,)", b"x"), "dtype"),
        (header("'<f4'", "(0, 22, 3)"), "empty array"),
        (header("'<f4'", "(" + "1, " * 60 + ")", b"x" * 8), "claimed"),
        (header("'<f4'", "(__import__('os'),)", b"x" * 8), "unreadable"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b"{" * 500, "unreadable"),
        (b"\x93NUMPY\x01\x00\x60\x00" + b"(" * 200, "unreadable"),
    ],
)
def test_headers_that_lie(data: bytes, part: str) -> None:
    with pytest.raises(FormatError, match=part):
        parse_npy(data, "a.npy")


def test_npz_fields_are_read_one_by_one() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.arange(3.0), b=np.array([Boom], dtype=object))
    arrays = Npz(buffer.getvalue(), "a.npz")
    assert sorted(arrays) == ["a", "b"]
    np.testing.assert_array_equal(arrays.numbers("a", 1), [0, 1, 2])
    with pytest.raises(FormatError, match=r"field 'b'.*pickled"):
        arrays["b"]
    with pytest.raises(FormatError, match=r"field 'c'.*only a, b"):
        arrays.numbers("c", 1)
    with pytest.raises(FormatError, match="2 axes"):
        arrays.numbers("a", 2)


def test_a_damaged_npz_is_an_error() -> None:
    for data in (b"PK\x03\x04" + b"\x00" * 100, b"no zip"):
        with pytest.raises(FormatError, match="zip"):
            Npz(data, "a.npz")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.npy", b"\x93NUMPY")
    with pytest.raises(FormatError, match="field 'a'"):
        Npz(buffer.getvalue(), "a.npz")["a"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e10, -1e30])
def test_values_are_finite_and_of_sensible_size(bad: float) -> None:
    array = np.ones((4, 3))
    array[2, 1] = bad
    with pytest.raises(FormatError, match=r"\(2, 1\)"):
        finite_float64(array, "a.npy", 2)
