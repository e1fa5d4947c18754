"""Signals with known contents are cut into what a person would say of them."""

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinelang.motion.segmentation import Rules, Segment, moving_average, peak_preserving, segment, segment_columns, turning_points

FPS = 20
RULES = Rules(delta=5.0)
SEEDS = st.integers(0, 10_000)
SMOOTH = st.floats(0.05, 1.0)


def path(*stops):
    """A signal through (seconds, value) stops, straight between them."""
    seconds, values = zip(*stops, strict=True)
    t = np.arange(round(seconds[-1] * FPS) + 1) / FPS
    return np.interp(t, seconds, values)


def eased(*stops):
    """The same with half a cosine between the stops, as limbs move."""
    seconds, values = (np.array(column, dtype=float) for column in zip(*stops, strict=True))
    t = np.arange(round(seconds[-1] * FPS) + 1) / FPS
    k = np.clip(np.searchsorted(seconds, t, side="right") - 1, 0, len(seconds) - 2)
    share = (t - seconds[k]) / (seconds[k + 1] - seconds[k])
    return values[k] + (values[k + 1] - values[k]) * (0.5 - 0.5 * np.cos(np.pi * share))


def random_signal(seed, n=120, smooth_s=0.3):
    """Noise, smoothed, about 60 units high, at times standing still."""
    rng = np.random.default_rng(seed)
    x = np.convolve(rng.normal(size=n + 200), np.hanning(max(round(4 * smooth_s * FPS), 3)), "same")[100 : 100 + n]
    x *= 60 / max(np.ptp(x), 1e-9)
    if seed % 3 == 0 and n >= 8:  # a rest in the middle, of an odd number of frames, as the middle of an even one is none
        a = rng.integers(0, n // 2)
        b = a + 2 * rng.integers(1, n // 4)
        x = np.concatenate([x[:a], np.full(b - a, x[a]), x[a] + (x[b:] - x[b])])
    return x


def kinds(x, rules=RULES):
    return [s.kind for s in segment(np.asarray(x, dtype=float), FPS, rules)]


# Known contents


@pytest.mark.parametrize("make", [path, eased])
@pytest.mark.parametrize(("end", "kind"), [(40, "increases"), (-40, "decreases")])
def test_a_ramp(make, end, kind):
    (ramp,) = segment(make((0, 3), (2, 3 + end)), FPS, RULES)
    assert ramp == Segment(kind, 0, 40, 3, 3 + end, 0)


@pytest.mark.parametrize("make", [path, eased])
def test_hold_ramp_hold(make):
    first, up, second = segment(make((0, 10), (1, 10), (2, 60), (3.5, 60)), FPS, RULES)
    assert [s.kind for s in (first, up, second)] == ["holds", "increases", "holds"]
    assert (first.first, first.last, second.first, second.last) == pytest.approx((10, 10, 60, 60), abs=0.5)
    assert (up.first, up.last) == (10, 60)
    # The edges are where the signal is within delta of the level.
    assert (up.start / FPS, up.end / FPS) == pytest.approx((1, 2), abs=0.25)
    assert (first.start, second.end) == (0, 70)


def test_a_pause_on_the_way_up_is_a_turning_point_only_if_it_is_one():
    """A rise that stops halfway and goes on is one rise: it never turns."""
    assert kinds(path((0, 0), (1, 30), (2, 30), (3, 60))) == ["increases"]


def test_a_bump():
    up, down = segment(eased((0, 0), (1, 50), (2, 0)), FPS, RULES)
    assert up == Segment("increases", 0, 20, 0, 50)
    assert down == Segment("decreases", 20, 40, 50, 0)


def test_a_bump_with_rests():
    x = eased((0, 0), (1, 0), (2, 50), (3.5, 50), (4.5, 0), (6, 0))
    assert kinds(x) == ["holds", "increases", "holds", "decreases", "holds"]
    assert [s.first for s in segment(x, FPS, RULES)][::2] == pytest.approx([0, 50, 0], abs=0.5)


def test_a_short_rest_at_the_top_is_not_told():
    assert kinds(path((0, 0), (1, 50), (1.1, 50), (2.1, 0))) == ["increases", "decreases"]


@pytest.mark.parametrize("cycles", [2, 3, 4, 7.5, 12])
@pytest.mark.parametrize("hz", [0.5, 1.0, 1.6, 2.0])
def test_a_sine_is_a_repetition_between_its_lows_and_highs(cycles, hz):
    t = np.arange(round(cycles / hz * FPS) + 1) / FPS
    raw = 10 - 30 * np.cos(2 * np.pi * hz * t)  # from low to low
    (repeat,) = segment(moving_average(raw, 3), FPS, RULES, peak_preserving(raw))
    assert repeat.kind == "repeats"
    assert (repeat.start, repeat.end) == (0, len(t) - 1)
    assert repeat.cycles == cycles
    finest = 30 * (1 - np.cos(np.pi * hz / FPS))  # a peak may lie between two frames
    assert repeat.first == pytest.approx(-20, abs=0.6 + finest)
    assert repeat.last == pytest.approx(40, abs=0.6 + finest)


def test_peaks_are_read_from_the_signal_whose_peaks_are_kept():
    raw = -30 * np.cos(2 * np.pi * 1.25 * np.arange(81) / FPS)
    blunt, sharp = (segment(moving_average(raw, 7), FPS, RULES, levels)[0] for levels in (None, peak_preserving(raw)))
    assert sharp.last - sharp.first == pytest.approx(60, rel=0.01)
    assert blunt.last - blunt.first < 54


def test_a_wave_between_rests():
    t = np.arange(3 * FPS + 1) / FPS
    wave = 20 * (1 - np.cos(2 * np.pi * 4 / 3 * t))
    x = np.concatenate([np.zeros(30), wave, np.zeros(30)])
    before, repeat, after = segment(x, FPS, RULES)
    assert (before.kind, repeat.kind, after.kind) == ("holds", "repeats", "holds")
    assert repeat.cycles == 4
    assert (repeat.start, repeat.end) == pytest.approx((30, 90), abs=3)


def test_two_repetitions_of_different_size():
    t = np.arange(4 * FPS) / FPS
    x = np.concatenate([-30 * np.cos(2 * np.pi * t), -20 - 10 * np.cos(2 * np.pi * t[: 3 * FPS + 1])])
    told = [s for s in segment(x, FPS, RULES) if s.kind == "repeats"]
    assert [s.last - s.first for s in told] == pytest.approx([60, 20], abs=2)


def test_uneven_movements_are_not_a_repetition():
    assert "repeats" not in kinds(eased((0, 0), (0.5, 20), (1.5, -40), (1.8, 0), (3.5, -15), (4, 60), (6, 0)))


def test_a_signal_that_stays_within_delta_is_static():
    for x in (np.full(40, 7.0), 7 + 2.4 * np.sin(np.arange(40)), path((0, 5), (2, 9.9)), 7 + np.zeros(1)):
        (static,) = segment(x, FPS, RULES)
        assert (static.kind, static.start, static.end, static.cycles) == ("static", 0, len(x) - 1, 0)
        assert static.first == static.last == np.median(x)


def test_a_slow_drift_is_told_once_it_reaches_delta():
    assert kinds(path((0, 0), (20, 4.9))) == ["static"]
    assert kinds(path((0, 0), (20, 5.1))) == ["increases"]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_short_signals(n):
    (static,) = segment(np.zeros(n), FPS, RULES)
    assert static == Segment("static", 0, n - 1, 0, 0)
    if n > 1:
        (ramp,) = segment(10.0 * np.arange(n), FPS, RULES)
        assert ramp == Segment("increases", 0, n - 1, 0, 10 * (n - 1))
    if n == 3:
        assert kinds([0, 10, 0]) == ["increases", "decreases"]
        assert kinds([0, -10, 0]) == ["decreases", "increases"]


@given(seed=SEEDS, where=st.sampled_from(["low", "high", "both"]))
def test_noise_below_delta_does_not_split_a_hold(seed, where):
    x = eased((0, 10), (2, 10), (3, 60), (5, 60))
    noise = np.random.default_rng(seed).uniform(-2.4, 2.4, len(x))
    noise[{"low": slice(50, None), "high": slice(0, 50), "both": slice(0, 0)}[where]] = 0
    noisy = segment(x + noise, FPS, RULES)
    assert [s.kind for s in noisy] == ["holds", "increases", "holds"]
    assert (noisy[0].first, noisy[2].first) == pytest.approx((10, 60), abs=2.5)


# What holds of any signal


@given(seed=SEEDS, n=st.integers(1, 300), smooth_s=SMOOTH)
def test_segments_cover_the_signal_and_neighbours_share_a_frame(seed, n, smooth_s):
    segments = segment(random_signal(seed, n, smooth_s), FPS, RULES)
    assert (segments[0].start, segments[-1].end) == (0, n - 1)
    for a, b in pairwise(segments):
        assert a.end == b.start
    assert all(s.start < s.end or n == 1 for s in segments)


@given(seed=SEEDS, smooth_s=SMOOTH)
def test_what_is_told_is_true(seed, smooth_s):
    x = random_signal(seed, 200, smooth_s)
    for s in segment(x, FPS, replace(RULES, max_intervals=10**9)):
        if s.kind == "increases":
            assert s.last - s.first >= RULES.delta
        elif s.kind == "decreases":
            assert s.first - s.last >= RULES.delta
        elif s.kind == "repeats":
            assert s.last - s.first >= 0.3 * RULES.delta
            assert s.cycles >= (RULES.min_runs - 1) / 2
        else:
            inside = x[s.start : s.end + 1]
            assert s.first == s.last == np.median(inside)
            assert np.ptp(inside) <= 2 * RULES.delta
        assert (s.cycles > 0) == (s.kind == "repeats")


@given(seed=SEEDS, smooth_s=SMOOTH)
def test_kinds_of_neighbours_differ(seed, smooth_s):
    told = segment(random_signal(seed, 200, smooth_s), FPS, RULES)
    for a, b in pairwise(told):
        assert a.kind != b.kind or a.kind == "repeats"


OPPOSITE = {"increases": "decreases", "decreases": "increases"}


def swapped(s):
    return OPPOSITE.get(s.kind, s.kind)


def close(a, b):
    return [s[:3] + s[5:] for s in a] == [s[:3] + s[5:] for s in b] and np.allclose([s[3:5] for s in a], [s[3:5] for s in b], atol=1e-9)


@settings(max_examples=200)
@given(seed=SEEDS, n=st.integers(1, 300), smooth_s=SMOOTH)
def test_time_reversal_reverses_segments_and_swaps_rises_and_falls(seed, n, smooth_s):
    raw = random_signal(seed, n, smooth_s)
    x, levels = moving_average(raw, 5), peak_preserving(raw)
    backwards = segment(x[::-1], FPS, RULES, levels[::-1])
    expected = []
    for s in reversed(segment(x, FPS, RULES, levels)):
        ends = (s.first, s.last) if s.kind == "repeats" else (s.last, s.first)
        expected.append(Segment(swapped(s), n - 1 - s.end, n - 1 - s.start, *ends, s.cycles))
    assert close(backwards, expected)


@settings(max_examples=200)
@given(seed=SEEDS, n=st.integers(1, 300), smooth_s=SMOOTH)
def test_negation_swaps_rises_and_falls(seed, n, smooth_s):
    raw = random_signal(seed, n, smooth_s)
    x, levels = moving_average(raw, 5), peak_preserving(raw)
    expected = []
    for s in segment(x, FPS, RULES, levels):
        ends = (-s.last, -s.first) if s.kind == "repeats" else (-s.first, -s.last)
        expected.append(Segment(swapped(s), s.start, s.end, *ends, s.cycles))
    assert close(segment(-x, FPS, RULES, -levels), expected)


@given(seed=SEEDS, n=st.integers(1, 300), constant=st.integers(-500, 500))
def test_adding_a_constant_changes_nothing_but_values(seed, n, constant):
    x = random_signal(seed, n)
    expected = [s._replace(first=s.first + constant, last=s.last + constant) for s in segment(x, FPS, RULES)]
    assert close(segment(x + constant, FPS, RULES), expected)


@given(seed=SEEDS, factor=st.sampled_from([0.25, 2.0, 8.0]))
def test_scaling_the_signal_and_delta_together_changes_nothing_but_values(seed, factor):
    x = random_signal(seed)
    expected = [s._replace(first=factor * s.first, last=factor * s.last) for s in segment(x, FPS, RULES)]
    assert close(segment(factor * x, FPS, replace(RULES, delta=factor * RULES.delta)), expected)


@given(seeds=st.lists(SEEDS, min_size=1, max_size=6), n=st.integers(1, 150))
def test_columns_are_segmented_as_if_alone(seeds, n):
    raw = np.stack([random_signal(seed, n) for seed in seeds], axis=1)
    raw[:, 0] = 3.0  # a static one among them
    x, levels = moving_average(raw, 5), peak_preserving(raw)
    rules = [Rules(delta=2.0 + k, min_hold_s=0.2 + 0.1 * k) for k in range(len(seeds))]
    together = segment_columns(x, FPS, rules, levels)
    alone = tuple(segment(x[:, k], FPS, r, levels[:, k]) for k, r in enumerate(rules))
    assert together == alone


@given(seed=SEEDS, smooth_s=SMOOTH)
def test_a_busy_signal_is_told_in_few_intervals(seed, smooth_s):
    """Eight in ten seconds; pauses, which also cut repetitions in two, come on top."""
    x = random_signal(seed, 200, smooth_s)
    assert len(segment(x, FPS, replace(RULES, min_hold_s=20))) <= RULES.max_intervals
    assert len(segment(x, FPS, RULES)) <= 3 * RULES.max_intervals


# Turning points


def slow_turning_points(values, delta):
    """All local extremes, the smallest leg below delta taken away again and again: cubic in their number."""
    points = [0]
    for i in range(1, len(values)):  # strictly alternating extremes of a signal without equal neighbours
        if len(points) > 1 and (values[i] > values[points[-1]]) == (values[points[-1]] > values[points[-2]]):
            points[-1] = i
        else:
            points.append(i)
    while len(points) > 1:
        legs = [abs(values[b] - values[a]) for a, b in pairwise(points)]
        k = int(np.argmin(legs))
        if legs[k] >= delta:
            return points
        # A leg inside goes with both its ends, one at an end with the outer one.
        points = points[1:] if k == 0 else points[:-1] if k == len(legs) - 1 else points[:k] + points[k + 2 :]
    return []


@settings(max_examples=200)
@given(seed=SEEDS, n=st.integers(2, 120), delta=st.floats(0.5, 70))
def test_turning_points_equal_the_slow_form(seed, n, delta):
    values = np.random.default_rng(seed).normal(scale=15, size=n).tolist()
    assert turning_points(values, delta, list(range(n))) == slow_turning_points(values, delta)


@given(seed=SEEDS, delta=st.floats(0.5, 20), more=st.floats(1, 4))
def test_a_larger_delta_keeps_a_part_of_the_turning_points(seed, delta, more):
    values = np.random.default_rng(seed).normal(scale=15, size=100).tolist()
    few, many = (turning_points(values, d, list(range(100))) for d in (more * delta, delta))
    assert set(few) <= set(many)
    assert turning_points(values, more * delta, many) == few  # so that a larger delta can go on from a smaller one's


@given(seed=SEEDS, delta=st.floats(1, 20), more=st.floats(1, 4))
def test_a_larger_delta_never_gives_more_runs(seed, delta, more):
    """Without repetitions and pauses, which need not be fewer: what is one repetition to a small delta may be several runs to a
    larger one that misses some of its cycles."""
    plain = Rules(delta=delta, min_hold_s=20, min_runs=10**9, max_intervals=10**9)
    x = random_signal(seed, 200, 0.1)
    assert len(segment(x, FPS, replace(plain, delta=more * delta))) <= len(segment(x, FPS, plain))


# Smoothing


@given(seed=SEEDS, n=st.integers(1, 60), reach=st.integers(0, 40))
def test_moving_average_equals_the_slow_form_and_reverses_exactly(seed, n, reach):
    x = np.random.default_rng(seed).normal(size=n)
    k = min(reach, n - 1)
    padded = np.concatenate([2 * x[0] - x[1 : k + 1][::-1], x, 2 * x[-1] - x[n - 1 - k : n - 1][::-1]])
    slow = [padded[i : i + 2 * k + 1].mean() for i in range(n)]
    np.testing.assert_allclose(moving_average(x, 2 * reach + 1), slow, atol=1e-12)
    np.testing.assert_array_equal(moving_average(x[::-1], 2 * reach + 1)[::-1], moving_average(x, 2 * reach + 1))


@given(start=st.floats(-50, 50), slope=st.floats(-5, 5), n=st.integers(1, 60), reach=st.integers(0, 10))
def test_smoothing_leaves_a_straight_line(start, slope, n, reach):
    x = start + slope * np.arange(n)
    np.testing.assert_allclose(moving_average(x, 2 * reach + 1), x, atol=1e-9)
    np.testing.assert_allclose(peak_preserving(x), x, atol=1e-9)


def test_peak_preserving_keeps_a_parabola_and_takes_noise_away():
    t = np.arange(60.0)
    np.testing.assert_allclose(peak_preserving(0.3 * (t - 30) ** 2), 0.3 * (t - 30) ** 2, atol=1e-9)
    noise = np.random.default_rng(0).normal(size=5000)
    assert peak_preserving(noise)[2:-2].std() == pytest.approx(np.sqrt(17 / 35), rel=0.05)


# Time


@pytest.mark.parametrize("what", ["walk", "noise", "sine", "chirp", "steps", "constant"])
def test_a_hundred_thousand_frames_take_bounded_time(what):
    n = 100_000
    t = np.arange(n) / FPS
    rng = np.random.default_rng(0)
    x = {
        "walk": np.cumsum(rng.normal(size=n)),
        "noise": 20 * rng.normal(size=n),
        "sine": 30 * np.sin(2 * np.pi * t),
        "chirp": 30 * np.sin(2 * np.pi * (2.5 * t - 1.15 * t**2 / t[-1])),
        "steps": np.where(np.arange(n) // 50 % 2, 30.0, 0.0),
        "constant": np.zeros(n),
    }[what]
    start = time.perf_counter()
    segments = segment(x, FPS, RULES)
    assert time.perf_counter() - start < 20
    assert (segments[0].start, segments[-1].end) == (0, n - 1)


def test_steady_growth_over_ten_thousand_cycles_is_told_in_bounded_time_and_depth():
    t = np.arange(40_000) / FPS
    told = segment(np.sin(2 * np.pi * t) * np.linspace(6, 300, len(t)), FPS, RULES)
    assert told[0].start == 0
    assert told[-1].end == len(t) - 1


@pytest.mark.parametrize("cycles", [3, 4, 6])
def test_cycles_that_begin_and_end_in_the_middle_are_counted_whole(cycles):
    t = np.arange(160) / 160
    told = segment(40 * np.sin(2 * np.pi * cycles * t), FPS, RULES)
    assert [(s.kind, s.cycles) for s in told] == [("repeats", cycles)]
