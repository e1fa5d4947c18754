"""`Action`: how one verb is done and how it is seen. A family of verbs is a file in this folder, each verb one entry in its table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinelang.language.lexicon import VERBS, Verb

if TYPE_CHECKING:
    from kinelang.timeline.performing.score import Score
    from kinelang.timeline.schema import Stage


@dataclass(frozen=True)
class Action:
    """What `perform`, `detect` and the synthetic corpus need to know of a verb. Its words stand in the lexicon.

    Attributes:
        verb: key of the lexicon's `VERBS`, which also says what sides, directions and paths it can have.
        perform: writes a stage of this verb into a `Score`.
        seconds: (shortest, longest) length of one go at ordinary speed, for verbs without a count; for counted ones what comes
            before and after the repetitions (raising the hand to wave, lowering it again).
        seconds_each: seconds of one repetition or step at ordinary speed; 0 for verbs that are not counted.
        count: (fewest, most) repetitions or steps.
        amount: (least, most) in the lexicon's amount unit.
        speed: (slowest, fastest) relative to the ordinary.
        side: side taken where a stage gives none.
        direction: direction taken where a stage gives none.
        after: posture it ends in: "standing", "sitting", "kneeling", "lying", "crouching", "on all fours", or "" for that before it.
        before: postures it can start from.
        cues: names of the signals that show it, the most telling first (`timeline/detecting/signals.py`).
    """

    verb: str
    perform: Callable[[Score, Stage], None]
    seconds: tuple[float, float] = (1.0, 2.5)
    seconds_each: float = 0.0
    count: tuple[int, int] = (1, 4)
    amount: tuple[float, float] = (0.6, 1.5)
    speed: tuple[float, float] = (0.7, 1.5)
    side: str | None = None
    direction: str | None = None
    after: str = "standing"
    before: tuple[str, ...] = ("standing",)
    cues: tuple[str, ...] = ()

    @property
    def lexeme(self) -> Verb:
        """The verb's entry in the lexicon."""
        return VERBS[self.verb]

    def length_s(self, count: int | None = None, speed: float | None = None) -> tuple[float, float]:
        """(Shortest, longest) plausible seconds of a stage with this count and speed."""
        pace = 1.0 if speed is None else speed
        repetitions = self.seconds_each * (count or 1)
        return (self.seconds[0] + repetitions) / pace, (self.seconds[1] + repetitions) / pace
