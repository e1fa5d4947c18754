"""The model that makes motion in a run folder, whichever kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kinelang.errors import ModelError
from kinelang.models.base import read_run
from kinelang.models.finemogen.model import FineMoGen, MotionDiffusion
from kinelang.models.mdm.model import MDM

if TYPE_CHECKING:
    from kinelang.language.encoders import TextEncoder

GENERATORS: Mapping[str, type[MotionDiffusion]] = MappingProxyType({kind.config_type.kind: kind for kind in (FineMoGen, MDM)})
"""By the kind of model that a run folder names."""


def load_generator(folder: Path | None = None, encoder: TextEncoder | None = None) -> MotionDiffusion:
    """The model in a run folder; None: the one that comes with kinelang.

    Args:
        folder: a run folder.
        encoder: the text encoder, if it is open already.

    Raises:
        ModelError: no such folder, another kind of model, files that do not belong together, another text encoder.
        MissingExtraError: torch or safetensors is not installed.
    """
    if folder is None:
        return FineMoGen.load(encoder=encoder)
    run = read_run(Path(folder))
    if run.model not in GENERATORS:
        raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind {' or '.join(map(repr, GENERATORS))}")
    return GENERATORS[run.model](run, encoder)
