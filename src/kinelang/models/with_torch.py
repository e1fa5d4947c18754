"""Torch for the modules that cannot do without it; one clear error where it is not installed.

Only the networks, their losses and their training import this. Encoding for search needs NumPy alone.
"""

from __future__ import annotations

from kinelang.errors import MissingExtraError

try:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional
except ImportError as error:
    raise MissingExtraError.for_extra("torch", "models") from error

__all__ = ["Tensor", "functional", "nn", "torch"]
