"""The captioner in a run folder, whichever kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kinelang.errors import ModelError
from kinelang.models.base import read_run
from kinelang.models.captioner.captioner import Captioner
from kinelang.models.captioner.speaker import Speaker
from kinelang.models.captioner.vocabulary import Vocabulary
from kinelang.models.transformer_captioner.captioner import TransformerCaptioner

CAPTIONERS: Mapping[str, type[Speaker]] = MappingProxyType({kind.kind.name: kind for kind in (Captioner, TransformerCaptioner)})
"""By the kind of model that a run folder names."""


def load_captioner(folder: Path | None = None) -> Speaker:
    """The captioner in a run folder; None: the one that comes with kinelang.

    Raises:
        ModelError: no such folder, another kind of model, or files that do not belong together, the vocabulary among them.
        MissingExtraError: safetensors is not installed.
    """
    if folder is None:
        return Captioner.load()
    run = read_run(Path(folder))
    if run.model not in CAPTIONERS:
        raise ModelError.of(run.where, f"a model of kind '{run.model}'", f"one of kind {' or '.join(map(repr, CAPTIONERS))}")
    return CAPTIONERS[run.model](run, Vocabulary.load(Path(folder)))
