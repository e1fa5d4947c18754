"""Array types and the few array helpers that all of motion/ shares."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array; the docstring of each function gives shape, unit and type."""

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]


def frozen_float32(array: Any) -> FloatArray:
    """A contiguous float32 array that cannot be written to (shared with the input where it already is one)."""
    view = np.ascontiguousarray(array, dtype=np.float32).view()
    view.setflags(write=False)
    return view


def describe_shape(array: Any) -> str:
    """`shape (3, 4) float32`, for error messages."""
    array = np.asarray(array)
    return f"shape {tuple(array.shape)} {array.dtype}"
