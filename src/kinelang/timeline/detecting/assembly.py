"""From stretches in which verbs were seen to stages that do not share a body part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kinelang.language.lexicon import PARTS, VERBS
from kinelang.motion.contacts import spans
from kinelang.timeline.detecting.body import FPS
from kinelang.timeline.detecting.decoding import Candidate

SHORTEST_S = 0.25


def without_overlaps(found: Iterable[Candidate], n_frames: int) -> list[Candidate]:
    """The stretches, the surer and longer ones first, each cut to the longest part of it in which its body parts are free."""
    busy = {part: np.zeros(n_frames, dtype=bool) for part in PARTS}
    kept = []
    for f in sorted(found, key=lambda f: (-f.score * min((f.end - f.start) / FPS, 4.0), f.start, f.verb, f.side or "")):
        parts = VERBS[f.verb].parts_of(f.side)
        start, end = max(f.start, 0), min(f.end, n_frames)
        free = ~np.any([busy[part][start:end] for part in parts], axis=0)
        a, b = max(spans(free), key=lambda span: span[1] - span[0], default=(0, 0))
        if b - a < max(SHORTEST_S * FPS, 0.4 * (f.end - f.start)):
            continue
        kept.append(replace(f, start=start + a, end=start + b))
        for part in parts:
            busy[part][start + a : start + b] = True
    return sorted(kept, key=lambda f: (f.start, f.end, f.verb))
