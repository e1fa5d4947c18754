"""Fused decoding: exact where features agree, between them where they do not, and better than positions alone where those jitter."""

from __future__ import annotations

import numpy as np
import pytest

from kinelang.corpora.base import features_of
from kinelang.errors import MotionError
from kinelang.motion.features import HUMANML3D, decode, decode_fused
from kinelang.timeline import Stage, Timeline, perform


def features() -> np.ndarray:
    walk = Timeline((Stage(0, 3, "walk", direction="forward", path="curve"),))
    return np.asarray(features_of(perform(walk, 3, fps=20.0)), dtype=np.float64)


@pytest.mark.parametrize("trust", [0.0, 1.0, 10.0, 1000.0])
def test_features_of_a_motion_decode_to_it(trust: float) -> None:
    clip = features()
    np.testing.assert_allclose(decode_fused(clip, trust), decode(clip), atol=2e-6)


def test_is_the_minimum_of_what_it_says() -> None:
    rng = np.random.default_rng(0)
    clip = features()[:12]
    clip[:, 4:67] += 0.02 * rng.standard_normal((12, 63))
    places, found, trust = decode(clip), decode_fused(clip, 3.0), 3.0
    clean = decode(features()[:12])
    steps = np.diff(clean, axis=0)  # velocities and root were left as they are, and agree with the clean motion

    def cost(x: np.ndarray) -> float:
        return float(((x - places) ** 2).sum() + trust * ((np.diff(x, axis=0) - steps) ** 2).sum())

    least = cost(found)
    for _ in range(20):
        assert cost(found + 1e-3 * rng.standard_normal(found.shape)) > least


def test_jitter_of_positions_is_taken_out_by_velocities() -> None:
    rng = np.random.default_rng(1)
    clip = features()
    noisy = clip.copy()
    noisy[:, 4:67] += 0.03 * rng.standard_normal((len(clip), 63))
    truth = decode(clip)
    alone, fused = (np.linalg.norm(x - truth, axis=-1).mean() for x in (decode(noisy), decode_fused(noisy)))
    assert fused < 0.6 * alone


def test_noisy_velocities_are_kept_in_place_by_positions() -> None:
    clip = features()
    noisy = clip.copy()
    noisy[:, HUMANML3D.blocks["velocities"]] += 0.01  # a drift of 20 cm a second, if they were believed alone
    assert np.linalg.norm(decode_fused(noisy) - decode(clip), axis=-1).max() < 0.1


def test_one_frame_is_what_it_is_and_several_clips_are_refused() -> None:
    clip = features()
    np.testing.assert_allclose(decode_fused(clip[:1]), decode(clip[:1]))
    with pytest.raises(MotionError, match="one clip"):
        decode_fused(np.stack([clip, clip]))
