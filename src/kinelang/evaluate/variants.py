"""Other ways for one model to make motions, such as "draft=none,steps=10": each is a row of its own beside the model as it is.

With them the gain of what a model mixes in is measured, and quality against steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from kinelang.errors import ModelError
from kinelang.models.configuring import changed
from kinelang.models.finemogen.config import Sampling

NAMES = (*(one.name for one in fields(Sampling)), "clean")


@dataclass(frozen=True)
class Variant:
    """A way of making motions.

    Attributes:
        name: what is otherwise, as tables show it.
        sampling: fields of `Sampling` that are otherwise than the model has them.
        clean: whether motions are cleaned afterwards (`kinelang.generating.Generator.generate`).
    """

    name: str
    sampling: Mapping[str, object]
    clean: bool = True


@dataclass(frozen=True)
class _How:
    """Everything that may be otherwise, with its type."""

    sampling: Sampling = field(default_factory=Sampling)
    clean: bool = True


def variant(text: str, where: str = "variant") -> Variant:
    """Read "draft=none,steps=10": fields of `Sampling`, and "clean"; "steps=null" are the published 50.

    Args:
        text: name=value, separated by commas.
        where: named in errors.

    Raises:
        ModelError: no such name, a value that cannot be, or something twice.
    """
    told: dict[str, str] = {}
    for item in text.split(","):
        name, _, value = (part.strip() for part in item.partition("="))
        if name not in NAMES or not value:
            raise ModelError.of(where, f"'{item.strip()}'", f"name=value with a name of {', '.join(NAMES)}")
        if name in told:
            raise ModelError.of(where, f"{name} twice in '{text}'", "once")
        told[name] = value
    how = changed(_How(), {name if name == "clean" else f"sampling.{name}": value for name, value in told.items()}, where)
    sampling = {name: getattr(how.sampling, name) for name in told if name != "clean"}
    return Variant(", ".join(f"{name}={value}" for name, value in told.items()), sampling, how.clean)


def variants(texts: Sequence[str], where: str = "variant") -> list[Variant]:
    """Several. Raises ModelError as `variant`, and for one that comes twice."""
    found = [variant(text, where) for text in texts]
    for one in found:
        if sum((one.sampling, one.clean) == (other.sampling, other.clean) for other in found) > 1:
            raise ModelError.of(where, f"'{one.name}' twice", "each once")
    return found
