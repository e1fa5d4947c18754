"""What is performed is detected, and its mirror image as the mirror image."""

from __future__ import annotations

import pytest

from kinelang.motion.reflection import mirror
from kinelang.timeline import Stage, Timeline, detect, perform, random_timeline

CLEAR = {
    "walk": {"direction": "forward", "count": 6},
    "run": {"direction": "forward", "count": 8},
    "turn": {"direction": "right", "amount": 120.0},
    "jump": {"direction": "up", "count": 2},
    "sit": {},
    "squat": {"count": 2},
    "bow": {"count": 1},
    "wave": {"side": "left", "count": 4},
    "clap": {"count": 5},
    "pick_up": {"side": "right"},
    "cross_arms": {},
}


@pytest.mark.parametrize("verb", CLEAR)
def test_a_performed_verb_is_found_where_it_is(verb):
    true = Stage(0.5, 4.0, verb, **CLEAR[verb])
    found = [s for s in detect(perform(Timeline((true,), duration_s=4.5), seed=3)).stages if s.verb == verb]
    assert found, verb
    best = max(found, key=lambda s: s.duration_s)
    shared = min(best.end_s, true.end_s) - max(best.start_s, true.start_s)
    assert shared >= 0.5 * (max(best.end_s, true.end_s) - min(best.start_s, true.start_s))
    assert best.side == true.side or true.side is None
    assert best.direction == true.direction or true.direction is None
    assert best.count == true.count or true.count is None
    assert best.evidence


@pytest.mark.parametrize("seed", range(12))
def test_the_mirror_image_is_detected_as_the_mirror_image(seed):
    motion = perform(random_timeline(seed), seed)
    here, there = detect(motion).mirrored(), detect(mirror(motion))
    assert [key(s) for s in there.stages] == [key(s) for s in here.stages]
    assert [s.confidence for s in there.stages] == pytest.approx([s.confidence for s in here.stages], abs=1e-3)


def key(stage):
    return (stage.start_s, stage.end_s, stage.verb, stage.side, stage.direction, stage.count, stage.path, stage.parts)


def test_nothing_is_found_in_one_frame_but_no_error_either():
    motion = perform(Timeline((Stage(0.0, 1.0, "walk"),)), seed=1)
    from kinelang.motion.ops import cut

    for frames in (1, 2, 3, 7):
        timeline = detect(cut(motion, 0, frames / motion.fps))
        assert timeline.duration_s == pytest.approx(frames / 20)
