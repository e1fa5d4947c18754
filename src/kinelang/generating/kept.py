"""`Kept`: a piece of an earlier motion that a new one has to keep."""

from __future__ import annotations

from dataclasses import dataclass

from kinelang.errors import MotionError
from kinelang.language.lexicon import PARTS


@dataclass(frozen=True)
class Kept:
    """Body parts of an earlier motion, from `start_s` to `end_s`, that stay as they are in a new one, where they begin at `at_s`.

    Attributes:
        parts: of `PARTS`, in its order; all seven are the whole body.
        start_s, end_s: seconds in the earlier motion; the end is after the start.
        at_s: second of the new motion at which they begin.

    Raises:
        MotionError: no part or an unknown one, or times that cannot be.
    """

    parts: tuple[str, ...]
    start_s: float
    end_s: float
    at_s: float

    def __post_init__(self) -> None:
        unknown = [part for part in self.parts if part not in PARTS]
        if unknown or not self.parts:
            raise MotionError.of("kept, parts", f"'{unknown[0]}'" if unknown else "none", f"some of {', '.join(PARTS)}")
        if not (0 <= self.start_s < self.end_s and self.at_s >= 0):
            found = f"{self.start_s:g} to {self.end_s:g} s, at {self.at_s:g} s"
            raise MotionError.of("kept", found, "an end after the start, and no time before 0")
        object.__setattr__(self, "parts", tuple(part for part in PARTS if part in self.parts))

    @property
    def duration_s(self) -> float:
        """Seconds that are kept."""
        return self.end_s - self.start_s

    @property
    def shift_s(self) -> float:
        """How much later it lies in the new motion than in the earlier one."""
        return self.at_s - self.start_s

    @property
    def is_whole_body(self) -> bool:
        """Whether nothing of the body is left to change."""
        return self.parts == PARTS
