"""NumPy's matrix products on one thread each, so that batches can be spread over the processors instead.

The threads of OpenBLAS wait for each other by turning round: where other processes are at work too, a product on two threads takes
many times as long as one on one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_holders = 0
_limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[bool]:
    """While any thread is in here, BLAS uses one thread a product; False where that cannot be set (threadpoolctl is not installed)."""
    global _holders, _limit
    controller = _controller()
    if controller is None:
        yield False
        return
    with _lock:
        if not _holders:
            _limit = controller.limit(limits=1)
        _holders += 1
    try:
        yield True
    finally:
        with _lock:
            _holders -= 1
            if not _holders:
                _limit.restore_original_limits()


@cache
def _controller() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    import numpy.linalg  # noqa: F401  # has loaded BLAS

    return ThreadpoolController().select(user_api="blas")
