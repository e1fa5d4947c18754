"""Detecting: signals that mirror exactly, timelines that mirror, and what is found in clear cases."""

from __future__ import annotations

import numpy as np
import pytest

from kinelang.motion.ops import resample, transform
from kinelang.motion.reflection import mirror
from kinelang.motion.samples import SAMPLES, sample
from kinelang.timeline import detect
from kinelang.timeline.detecting.body import Body
from kinelang.timeline.detecting.signals import MIRROR, SIGNALS, SIGNS, signals_of


def test_partners_of_signals_are_each_others():
    assert (MIRROR[MIRROR] == np.arange(len(SIGNALS))).all()
    assert (SIGNS[MIRROR] == SIGNS).all()
    assert len({s.name for s in SIGNALS}) == len(SIGNALS)


@pytest.mark.parametrize("name", SAMPLES)
def test_signals_of_the_mirrored_motion_are_the_mirrored_signals(name):
    motion = resample(sample(name), 20)
    signals, other = (signals_of(Body.of(m)) for m in (motion, mirror(motion)))
    np.testing.assert_allclose(other.values, signals.mirrored(), atol=2e-3)


@pytest.mark.parametrize("name", SAMPLES)
def test_place_and_facing_do_not_matter(name):
    motion = sample(name)
    signals, other = (signals_of(Body.of(m)) for m in (motion, transform(motion, yaw=2.0, shift=(3.0, 0.5, -7.0))))
    np.testing.assert_allclose(other.values, signals.values, atol=0.02)


@pytest.mark.parametrize("name", SAMPLES)
def test_timeline_of_the_mirrored_motion_is_the_mirrored_timeline(name):
    motion = sample(name)
    here, there = detect(motion).mirrored(), detect(mirror(motion))
    assert [key(s) for s in there.stages] == [key(s) for s in here.stages]
    assert here.duration_s == pytest.approx(motion.duration_s, abs=0.06)


def key(stage):
    return (stage.start_s, stage.end_s, stage.verb, stage.side, stage.direction, stage.count, stage.path, stage.parts)


@pytest.mark.parametrize(
    ("name", "verb", "side", "direction"),
    [
        ("walk_forward", "walk", "left", "forward"),
        ("wave_right_hand", "wave", "right", None),
        ("squat_twice", "squat", None, None),
        ("turn_left", "turn", None, "left"),
    ],
)
def test_samples_are_what_they_are_called(name, verb, side, direction):
    (stage,) = [s for s in detect(sample(name)).stages if s.verb != "stand"]
    assert (stage.verb, stage.side, stage.direction) == (verb, side, direction)
    assert stage.count == {"squat": 2, "walk": 8}.get(verb, stage.count)
