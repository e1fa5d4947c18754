"""The array type of the metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinelang.errors import KinelangError

Array = NDArray[Any]
"""A NumPy array; the docstring of each function gives shape, unit and type."""


def as_embeddings(name: str, array: Any, axes: int = 2) -> Array:
    """The array in float64.

    Raises:
        KinelangError: another number of axes, nothing in it, or values that are not finite; `name` says what it is.
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim != axes or not values.size:
        raise KinelangError.of(name, f"shape {values.shape}", f"{axes} axes, none of them empty, the last one the embedding")
    if not np.isfinite(values).all():
        raise KinelangError.of(name, "values that are not finite", "numbers")
    return values
