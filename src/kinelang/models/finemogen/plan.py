"""How the tokens of a batch are cut into intervals, and which text speaks of which interval and body part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from kinelang.errors import ModelError
from kinelang.models.with_torch import Tensor, torch

LENGTHS = (6, 12, 20, 30)
"""Tokens up to which intervals are of like length."""


@dataclass(frozen=True)
class Interval:
    """A stretch of one sequence with texts of its own.

    Attributes:
        length: tokens, at least 1.
        overall: number of the text of the whole body, -1: none.
        parts: number of each part's text, in the order of `groups.PARTS`, -1: none; empty: none at all.
    """

    length: int
    overall: int = -1
    parts: tuple[int, ...] = ()


@dataclass
class Plan:
    """The intervals of a batch, B sequences with N intervals and F tokens in all, which stand one after another.

    Attributes:
        lengths: (B,) tokens of each sequence.
        sequence, interval, place: (F,) of each token: its sequence, its interval, and where in it.
        owner, first, length: (N,) of each interval: its sequence, tokens before it there, and its own.
        members, grids: intervals in groups of like length, so that little is padded: (n,) which, and (n, L) numbers of their tokens, F
            where one has ended.
        back: (F,) of each token: its place among the entries of all grids, one after another.
        near: (N, R) intervals whose templates it sees, itself among them; -1: none.
        overall: (N,) number of the text, -1: none.
        parts: (N, 7) numbers of the texts, -1: none; None where no part has one.
    """

    lengths: Tensor
    sequence: Tensor
    interval: Tensor
    place: Tensor
    owner: Tensor
    first: Tensor
    length: Tensor
    members: tuple[Tensor, ...]
    grids: tuple[Tensor, ...]
    back: Tensor
    near: Tensor
    overall: Tensor
    parts: Tensor | None

    @property
    def mask(self) -> Tensor:
        """(B, T) where tokens are."""
        return torch.arange(int(self.lengths.max()), device=self.lengths.device) < self.lengths[:, None]

    def to(self, device: torch.device) -> Plan:
        """The same on a device."""
        moved: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                moved[field.name] = tuple(tensor.to(device) for tensor in value)
            else:
                moved[field.name] = None if value is None else value.to(device)
        return Plan(**moved)


def plan_of(sequences: Sequence[Sequence[Interval]], reach: int | None = None) -> Plan:
    """The plan of sequences, each a list of intervals.

    Args:
        sequences: at least one interval each.
        reach: intervals on each side whose templates an interval sees; None: all of its sequence.

    Raises:
        ModelError: a sequence without an interval, or an interval without a token.
    """
    for i, intervals in enumerate(sequences):
        if not intervals or any(interval.length < 1 for interval in intervals):
            raise ModelError.of(f"sequence {i}", f"intervals of {[x.length for x in intervals]} tokens", "one or more, of one or more")
    everything = [(b, k, interval) for b, intervals in enumerate(sequences) for k, interval in enumerate(intervals)]
    length = torch.tensor([interval.length for _, _, interval in everything])
    owner = torch.tensor([b for b, _, _ in everything])
    first = torch.tensor([sum(x.length for x in sequences[b][:k]) for b, k, _ in everything])
    n, f = len(everything), int(length.sum())
    interval = torch.repeat_interleave(torch.arange(n), length)
    before = torch.cumsum(length, 0) - length
    place = torch.arange(f) - before[interval]
    members, grids, back = _grids(length, before, f)
    spoken = any(any(text >= 0 for text in x.parts) for _, _, x in everything)
    parts = torch.tensor([x.parts or (-1,) * 7 for _, _, x in everything]) if spoken else None
    return Plan(
        torch.tensor([sum(x.length for x in intervals) for intervals in sequences]),
        owner[interval],
        interval,
        place,
        owner,
        first,
        length,
        members,
        grids,
        back,
        _near([len(intervals) for intervals in sequences], reach),
        torch.tensor([x.overall for _, _, x in everything]),
        parts,
    )


def _grids(length: Tensor, before: Tensor, f: int) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], Tensor]:
    """`members`, `grids` and `back` of intervals, whose lengths and tokens before them are (N,)."""
    bounds = [bound for bound in LENGTHS if bound < int(length.max())] + [int(length.max())]
    groups = torch.bucketize(length, torch.tensor(bounds))
    members, grids = [], []
    back = torch.empty(f, dtype=torch.long)
    done = 0
    for k in range(len(bounds)):
        which = torch.nonzero(groups == k)[:, 0]
        if not len(which):
            continue
        at = torch.arange(int(length[which].max()))
        there = at < length[which, None]
        numbers = before[which, None] + at
        grid = torch.where(there, numbers, f)
        back[numbers[there]] = done + torch.nonzero(there.flatten())[:, 0]
        done += grid.numel()
        members.append(which)
        grids.append(grid)
    return tuple(members), tuple(grids), back


def _near(counts: Sequence[int], reach: int | None) -> Tensor:
    """(N, R) numbers of the intervals that each sees, -1 where there is none."""
    rows: list[list[int]] = []
    start = 0
    for count in counts:
        r = count if reach is None else reach
        rows += [list(range(start + max(k - r, 0), start + min(k + r + 1, count))) for k in range(count)]
        start += count
    widest = max(map(len, rows))
    return torch.tensor([row + [-1] * (widest - len(row)) for row in rows])
