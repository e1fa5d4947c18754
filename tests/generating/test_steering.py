"""A motion that faces elsewhere than its draft is turned slowly, where nothing else says how it turns."""

from __future__ import annotations

import numpy as np
import pytest

from generating.tiny_generator import clip
from kinelang.generating.controlling import own_features
from kinelang.generating.steering import steered
from kinelang.models.finemogen.groups import PARTS
from kinelang.models.finemogen.model import Job, Told

DRAFT = own_features(clip())
T = len(DRAFT)


def made(drift_deg: float, sway_deg: float = 0.0) -> np.ndarray:
    """The draft with a heading that drifts by so much in all, and sways twice a second."""
    times = np.arange(T + 1) / 20
    heading = np.radians(drift_deg) * np.arange(T + 1) / T + np.radians(sway_deg) * np.sin(4 * np.pi * times)
    out = DRAFT.copy()
    out[:, 0] += 0.5 * np.diff(heading)
    return out


def headings_deg(features: np.ndarray) -> np.ndarray:
    """How the heading differs from the draft's at each frame."""
    return np.degrees(2 * np.cumsum(features[:, 0] - DRAFT[:, 0]))


def job(**changes: object) -> Job:
    return Job((Told(T, "walk"),), draft=DRAFT, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("drift", [-90, 40])
def test_a_drift_is_taken_back(drift):
    features, said = steered(made(drift), job())
    assert np.abs(headings_deg(features)).max() < 2
    assert f"up to {abs(drift)}°" in said[0]
    assert np.array_equal(features[:, 1:], DRAFT[:, 1:])


def test_a_sway_stays():
    features, said = steered(made(0, 8), job())
    gap = np.abs(headings_deg(features) - headings_deg(made(0, 8)))
    assert gap[20:-20].max() < 2
    assert gap.max() < 5  # where it ends in the middle of a sway, that may be a drift
    assert said == ()


def test_without_a_draft_nothing_changes():
    features, said = steered(made(60), Job((Told(T, "walk"),)))
    assert np.array_equal(features, made(60))
    assert said == ()


def test_what_the_draft_does_not_speak_of_stays():
    drafted = np.ones((T, 7), bool)
    drafted[30:, PARTS.index("root")] = False
    features, _ = steered(made(60), job(drafted=drafted))
    assert np.array_equal(features[30:], made(60)[30:])
    assert not np.array_equal(features[:30], made(60)[:30])


def test_what_is_fixed_stays():
    fixed = np.zeros((T, 263), bool)
    fixed[10:40] = True
    features, _ = steered(made(60), job(fixed=fixed, given=DRAFT))
    assert np.array_equal(features[10:40], made(60)[10:40])


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_the_shortest(frames):
    short = Job((Told(frames, "walk"),), draft=DRAFT[:frames])
    features, _ = steered(made(60)[:frames], short)
    assert np.isfinite(features).all()
    assert features.shape == (frames, 263)
