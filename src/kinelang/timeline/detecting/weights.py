"""Reading and writing safetensors files with NumPy alone: a JSON header, then raw arrays. Nothing in such a file can run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.atomic import write_atomic
from kinelang.errors import FormatError
from kinelang.motion.arrays import Array

_TYPES: dict[str, np.dtype[Any]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "I64": np.dtype("<i8")}


def read_safetensors(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Arrays by name, and the file's metadata. Raises FormatError for a file that is none."""
    data = path.read_bytes()
    where = f"weights '{path.name}'"
    try:
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        body = data[8 + size :]
        meta = header.pop("__metadata__", {})
        arrays = {}
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            arrays[name] = np.frombuffer(body[first:last], _TYPES[entry["dtype"]]).reshape(entry["shape"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError.of(where, f"no safetensors file ({error})", "a safetensors file of F16, F32 or I64 arrays") from None
    return arrays, meta


def write_safetensors(path: Path, arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays of float16, float32 or int64."""
    names = {dtype: name for name, dtype in _TYPES.items()}
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    chunks, at = [], 0
    for name, array in sorted(arrays.items()):
        chunk = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": names[array.dtype.newbyteorder("<")],
            "shape": list(array.shape),
            "data_offsets": [at, at + len(chunk)],
        }
        chunks.append(chunk)
        at += len(chunk)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    write_atomic(path, len(text).to_bytes(8, "little") + text + b"".join(chunks))
