"""The table of models. A new one is one folder or file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinelang.errors import ModelError
from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.evaluator.config import EvaluatorConfig
from kinelang.models.finemogen.config import FineMoGenConfig
from kinelang.models.mdm.config import MDMConfig
from kinelang.models.tmr.config import TMRConfig
from kinelang.models.transformer_captioner.config import TransformerCaptionerConfig


@dataclass(frozen=True)
class Entry:
    """A kind of model.

    Attributes:
        name: key in `MODELS`, and "model" in a run folder's config.json.
        description: one line for people.
        config: makes its default configuration.
        build: from a configuration to the torch module that is trained.
        load: from a run folder, or None for the one that ships, to the model that is used.
    """

    name: str
    description: str
    config: Callable[[], Any]
    build: Callable[[Any], Any]
    load: Callable[[Path | None], Any]


def _build_tmr(config: TMRConfig) -> Any:
    from kinelang.models.tmr.network import TMR

    return TMR(config.network)


def _load_tmr(folder: Path | None) -> Any:
    from kinelang.models.tmr.retriever import Retriever

    return Retriever.load(folder)


def _build_evaluator(config: EvaluatorConfig) -> Any:
    from kinelang.models.evaluator.network import EvaluatorNetwork

    return EvaluatorNetwork(config.network)


def _load_evaluator(folder: Path | None) -> Any:
    from kinelang.models.evaluator.evaluator import Evaluator

    return Evaluator.load(folder)


def _build_captioner(config: CaptionerConfig) -> Any:
    from kinelang.models.captioner.network import build

    return build(config)


def _load_captioner(folder: Path | None) -> Any:
    from kinelang.models.captioner.captioner import Captioner

    return Captioner.load(folder)


def _build_transformer_captioner(config: TransformerCaptionerConfig) -> Any:
    from kinelang.models.transformer_captioner.network import build

    return build(config)


def _load_transformer_captioner(folder: Path | None) -> Any:
    from kinelang.models.transformer_captioner.captioner import TransformerCaptioner

    return TransformerCaptioner.load(folder)


def _build_finemogen(config: FineMoGenConfig) -> Any:
    from kinelang.models.finemogen.network import build

    return build(config.network)


def _load_finemogen(folder: Path | None) -> Any:
    from kinelang.models.finemogen.model import FineMoGen

    return FineMoGen.load(folder)


def _build_mdm(config: MDMConfig) -> Any:
    from kinelang.models.mdm.network import build

    return build(config.network)


def _load_mdm(folder: Path | None) -> Any:
    from kinelang.models.mdm.model import MDM

    return MDM.load(folder)


MODELS: dict[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry("tmr", "text and motion in one space: search (TMR, ICCV 2023)", TMRConfig.small, _build_tmr, _load_tmr),
        Entry(
            "evaluator",
            "captions and motions at a distance: yardstick and baseline (Guo et al., CVPR 2022)",
            EvaluatorConfig,
            _build_evaluator,
            _load_evaluator,
        ),
        Entry(
            "captioner",
            "motion to words, with when and which body part (guided attention, BMVC 2024)",
            CaptionerConfig.small,
            _build_captioner,
            _load_captioner,
        ),
        Entry(
            "transformer_captioner",
            "motion to words, with when, by a Transformer over poses (after TM2T, ECCV 2022)",
            TransformerCaptionerConfig.small,
            _build_transformer_captioner,
            _load_transformer_captioner,
        ),
        Entry(
            "finemogen",
            "words to motion by diffusion, stage by stage and limb by limb (FineMoGen, NeurIPS 2023)",
            FineMoGenConfig.small,
            _build_finemogen,
            _load_finemogen,
        ),
        Entry("mdm", "words to motion by diffusion with a plain Transformer (MDM, ICLR 2023)", MDMConfig.small, _build_mdm, _load_mdm),
    )
}


def entry_of(name: str) -> Entry:
    """A line of the table. Raises ModelError for an unknown name, listing those there are."""
    if name not in MODELS:
        raise ModelError.of("model", f"no model '{name}'", f"one of {', '.join(MODELS)}")
    return MODELS[name]
