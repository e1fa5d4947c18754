"""The state of a training run in one safetensors file: weights, running means, the optimiser's moments, and where it was.

`last.json` beside it says the same for people. One file, written whole or not at all, so that a kill at any moment leaves a state to
go on from. No pickle.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.errors import ModelError
from kinelang.models.base import read_tensors_with_metadata, write_json, write_tensors
from kinelang.models.with_torch import Tensor, nn, torch
from kinelang.motion.arrays import Array

FOLDER, STATE, SUMMARY = "checkpoint", "last.safetensors", "last.json"


@dataclass
class Place:
    """Where a run is.

    Attributes:
        step: steps of the optimiser that are done.
        epoch, index: the next batch.
        best: best value of the primary metric so far; None before the first validation.
        best_step: where it was.
        history: metrics of each validation, with their step.
        trained_s: seconds of training, over all resumptions.
    """

    step: int = 0
    epoch: int = 0
    index: int = 0
    best: float | None = None
    best_step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    trained_s: float = 0.0


def save(run: Path, place: Place, module: nn.Module, averaged: nn.Module | None, optimiser: torch.optim.Optimizer, kind: str) -> None:
    """Write the state. `kind` names what must be the same for the run to be continued: the configuration, as text."""
    folder = run / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {f"model.{name}": _array(tensor) for name, tensor in module.state_dict().items()}
    if averaged is not None:
        arrays |= {f"averaged.{name}": _array(tensor) for name, tensor in averaged.state_dict().items()}
    for i, moments in optimiser.state_dict()["state"].items():
        arrays |= {f"optimiser.{i}.{name}": _array(tensor) for name, tensor in moments.items()}
    write_tensors(folder / STATE, arrays, {"place": json.dumps(vars(place)), "kind": kind})
    write_json(folder / SUMMARY, vars(place))


def exists(run: Path) -> bool:
    """Whether there is a state to go on from."""
    return (run / FOLDER / STATE).is_file()


def kind_of(run: Path) -> str:
    """The `kind` of the run whose state is there. Raises ModelError for a damaged file."""
    return read_tensors_with_metadata(run / FOLDER / STATE)[1].get("kind", "")


def load(run: Path, module: nn.Module, averaged: nn.Module | None, optimiser: torch.optim.Optimizer, kind: str) -> Place:
    """Take over a state that `save` wrote.

    Raises:
        ModelError: the file is damaged, or of a run with another configuration.
    """
    path = run / FOLDER / STATE
    arrays, metadata = read_tensors_with_metadata(path)
    if metadata.get("kind") != kind:
        raise ModelError.of(str(path), "the state of a run with another configuration", "the same one", "take another folder for it")
    try:
        place = Place(**json.loads(metadata["place"]))
        _fill(module, arrays, "model.")
        if averaged is not None:
            _fill(averaged, arrays, "averaged.")
        _fill_moments(optimiser, arrays)
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        found = " ".join(str(error).split())[:200]
        raise ModelError.of(str(path), f"a state that does not fit ({found})", "that of this model", "train from the start") from error
    return place


def _fill(module: nn.Module, arrays: dict[str, Array], prefix: str) -> None:
    module.load_state_dict({n.removeprefix(prefix): torch.from_numpy(a.copy()) for n, a in arrays.items() if n.startswith(prefix)})


def _fill_moments(optimiser: torch.optim.Optimizer, arrays: dict[str, Array]) -> None:
    moments: dict[int, dict[str, Any]] = {}
    for name, array in arrays.items():
        if name.startswith("optimiser."):
            _, i, moment = name.split(".", 2)
            moments.setdefault(int(i), {})[moment] = torch.from_numpy(array.copy())
    optimiser.load_state_dict({"state": moments, "param_groups": optimiser.state_dict()["param_groups"]})


def _array(tensor: Tensor | float) -> Array:
    return np.asarray(tensor.detach().cpu().numpy() if isinstance(tensor, Tensor) else tensor)
