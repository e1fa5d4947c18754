"""Moments: curves, the windows of the paper, and stretches that stand out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kinelang
from kinelang.motion.ops import concatenate
from kinelang.search import Localiser, SearchError
from kinelang.search.base import Windows, spans_of
from kinelang.search.moments import (
    PYRAMID_FRAMES,
    PYRAMID_STRIDE,
    WindowSet,
    best_stretch,
    contrast,
    encode_windows,
    find_moments,
    fixed_window,
    localise,
    plot_moments,
    pyramid,
    similarity_curve,
    temporal_iou,
)
from kinelang.search.store import Seen

QUERY = np.array([1.0, 0.0], np.float32)


class Truth:
    """A model whose vector is the share of a window's frames that are true (feature 0), so that its cosine is known."""

    identity, width = "truth", 2

    def encode_texts(self, texts):
        return np.tile(QUERY, (len(texts), 1))

    def encode_features(self, features):
        share = np.array([x[:, 0].mean() for x in features])
        return np.stack([share, np.sqrt(np.maximum(1 - share**2, 0))], axis=1).astype(np.float32)


def features(n: int, *stretches: tuple[int, int], noise: float = 0.0) -> np.ndarray:
    x = np.zeros((n, 263), np.float32)
    for a, b in stretches:
        x[a:b, 0] = 1
    x[:, 0] += noise * np.random.default_rng(0).normal(size=n).astype(np.float32)
    return np.clip(x, 0, 1)


def test_spans_cover_a_clip_and_end_with_it():
    for n in (1, 19, 20, 21, 57, 200):
        spans = spans_of(n, 20, 7)
        assert spans[0, 0] == 0
        assert spans[-1, 1] == n
        assert np.all(spans[:, 1] - spans[:, 0] == min(n, 20))
        assert np.all(np.diff(spans[:, 0]) <= 7)
    assert Windows().window_spans(10).tolist() == [[0, 10]]
    assert Windows().clip_spans(200).tolist() == [[0, 200]]
    assert Windows().clip_spans(260).tolist() == [[0, 200], [60, 260]]


def test_the_curve_is_that_of_the_window_centred_at_each_frame():
    x = features(100, (40, 60), noise=0.2)
    model = Truth()
    curve = similarity_curve(encode_windows(model, x, [21]), QUERY, 21)
    assert curve.times_s.tolist() == pytest.approx((np.arange(100) / 20).tolist())
    for frame in (10, 37, 50, 89):
        assert curve.values[frame] == pytest.approx(float(x[frame - 10 : frame + 11, 0].mean()), abs=1e-5)
    assert curve.values[0] == curve.values[10]
    assert curve.values[-1] == curve.values[89]


def test_fixed_window_and_pyramid_take_the_best_window():
    x = features(120, (30, 50), (80, 90))
    best = fixed_window(encode_windows(Truth(), x, [20]), QUERY, 20, most=3)
    assert (best[0].start_s, best[0].end_s, best[0].similarity) == (1.5, 2.5, pytest.approx(1))
    assert best[0].score == pytest.approx(1)
    assert best[0].score >= best[1].score >= best[2].score
    assert all(a.end_s <= b.start_s or b.end_s <= a.start_s for i, a in enumerate(best) for b in best[:i])
    windows = encode_windows(Truth(), x, PYRAMID_FRAMES, PYRAMID_STRIDE)
    assert windows.lengths == tuple(range(10, 61, 5))
    top = pyramid(windows, QUERY, most=5)
    assert {(m.start_s, m.end_s) for m in top if m.similarity > 0.999} == {(1.5, 2.0), (2.0, 2.5), (4.0, 4.5)}


@pytest.mark.parametrize("stretch", [(30, 50), (0, 40), (70, 120), (40, 100), (10, 110)])
@pytest.mark.parametrize("stride", [1, 5, 10])
def test_localise_finds_a_stretch_of_any_length(stretch, stride):
    windows = encode_windows(Truth(), features(120, stretch, noise=0.1), (20, 40, 60), stride)
    found = localise(windows, QUERY)[0]
    assert temporal_iou(found, stretch[0] / 20, stretch[1] / 20) > 0.6


def test_localise_finds_several():
    windows = encode_windows(Truth(), features(300, (40, 90), (200, 240)), (10, 20, 40), 5)
    found = localise(windows, QUERY, settings=Localiser(lengths=(10, 20, 40)))
    assert len(found) == 2
    for moment, (a, b) in zip(found, ((40, 90), (200, 240)), strict=True):
        assert temporal_iou(moment, a / 20, b / 20) > 0.7


def test_where_nothing_stands_out_it_is_the_whole_motion():
    found = localise(encode_windows(Truth(), features(80), (20, 40), 5), QUERY)
    assert [(m.start_s, m.end_s) for m in found] == [(0.0, 4.0)]


def test_stages_draw_the_bounds():
    """With a curve that says nothing, the detected stage that is asked for is the moment; the other side is not."""
    windows = encode_windows(Truth(), features(200), (20, 40), 5)
    found = [Seen("wave", "right", None, 2, 1.0, 3.0), Seen("wave", "left", None, 2, 5.0, 8.0), Seen("squat", None, None, 2, 8.0, 10.0)]
    wanted = [Seen("wave", "left", None, None, 0.0, 1.0)]
    best = localise(windows, QUERY, found, wanted)[0]
    assert (best.start_s, best.end_s) == (5.0, 8.0)
    assert best.structure == pytest.approx(1)
    assert localise(windows, None, found, wanted)[0].start_s == 5.0


def test_best_stretch_is_that_of_all_pairs():
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = rng.normal(size=rng.integers(1, 12)).round(2)
        a, b, total = best_stretch(values)
        sums = [values[i:j].sum() for i in range(len(values)) for j in range(i + 1, len(values) + 1)]
        assert total == pytest.approx(max(sums))
        assert values[a:b].sum() == pytest.approx(total)


def test_windows_of_an_index_are_those_encoded_here():
    x = features(90, (20, 50))
    spans = Windows().window_spans(90)
    vectors = Truth().encode_features([x[a:b] for a, b in spans])
    windows = WindowSet.of_seconds((spans / 20).astype(np.float32), vectors)
    np.testing.assert_array_equal(windows.spans, spans)
    assert windows.n_frames == 90


@pytest.fixture(scope="module")
def long_motion():
    return concatenate([kinelang.sample(name) for name in ("walk_forward", "squat_twice", "wave_right_hand")])


@pytest.mark.parametrize("method", ["best", "fixed", "pyramid"])
def test_moments_of_a_motion(long_motion, retriever, method):
    found = find_moments(long_motion, "a person squats twice", retriever, method=method)
    assert 4.5 < (found.moments[0].start_s + found.moments[0].end_s) / 2 < 10.2
    assert found.not_understood == ()
    assert len(found.curve.times_s) == len(found.curve.values)
    if method == "best":
        assert temporal_iou(found.moments[0], 5.2, 9.8) > 0.6


def test_moments_of_an_index(index):
    hits = index.search("waves the left hand", moments=True, top=4)
    names = [Path(hit.path).stem for hit in hits]
    assert set(names[:2]) == {"wave_left", "walk_then_wave"}
    inside = hits[names.index("walk_then_wave")]
    assert 2.4 < inside.start_s < 4
    assert inside.end_s > 5
    assert all(stage.verb != "walk" for stage in inside.stages)
    assert all(0 <= hit.start_s < hit.end_s <= hit.duration_s + 1e-6 for hit in hits)
    alone = index.search(structure="waves the left hand", moments=True, top=2)
    assert {Path(hit.path).stem for hit in alone} == {"wave_left", "walk_then_wave"}


def test_a_clip_shorter_than_a_window(retriever):
    motion = kinelang.sample("squat_twice")
    short = motion.with_(rotations=motion.rotations[:12], root=motion.root[:12])
    for method in ("best", "fixed", "pyramid"):
        moment = find_moments(short, "squats", retriever, method=method).moments[0]
        assert 0 <= moment.start_s < moment.end_s <= 0.4


def test_bad_questions(long_motion, retriever):
    with pytest.raises(SearchError, match="without words"):
        find_moments(long_motion, "  ", retriever)
    with pytest.raises(SearchError, match="one of best, fixed, pyramid"):
        find_moments(long_motion, "squats", retriever, method="worst")


def test_plot(long_motion, retriever, tmp_path):
    found = find_moments(long_motion, "a person squats twice", retriever)
    plot_moments([found.curve], found.moments, tmp_path / "curve.png", title="a person squats twice")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SearchError, match="no curve"):
        plot_moments([], [])


def test_of_several_stretches_the_best_as_a_whole_is_first():
    """Two stretches stand out; the window of the second, as a whole, is the more like the text."""
    x = features(300, (40, 100), (180, 260))
    x[60:80, 0] = 0.9  # a little worse inside
    windows = encode_windows(Truth(), x, (20, 40, 60, 80), 5)
    best = localise(windows, QUERY, settings=Localiser(lengths=(20, 40, 60)))[0]
    assert temporal_iou(best, 9.0, 13.0) > 0.9


@pytest.mark.parametrize("shift", [0, 35, 100])
def test_a_shifted_clip_has_a_shifted_moment(shift):
    x = np.concatenate([np.zeros((shift, 263), np.float32), features(200, (60, 120)), np.zeros((100 - shift, 263), np.float32)])
    found = [Seen("wave", "left", None, 2, (62 + shift) / 20, (118 + shift) / 20)]
    wanted = [Seen("wave", "left", None, None, 0.0, 1.0)]
    windows = encode_windows(Truth(), x, (15, 25, 40, 60), 5)
    for best in (localise(windows, QUERY)[0], localise(windows, QUERY, found, wanted)[0]):
        assert best.start_s == pytest.approx((60 + shift) / 20, abs=0.25)
        assert best.end_s == pytest.approx((120 + shift) / 20, abs=0.25)


def test_moments_do_not_overlap_and_are_as_many_as_asked_for():
    windows = encode_windows(Truth(), features(500, (40, 90), (150, 200), (300, 380), noise=0.3), (20, 40, 60), 5)
    for most in (1, 2, 5):
        made = localise(windows, QUERY, most=most)
        assert 1 <= len(made) <= most
        assert all(a.end_s <= b.start_s or b.end_s <= a.start_s for i, a in enumerate(made) for b in made[:i])
        assert all(m.end_s - m.start_s >= Localiser().least_s - 1e-9 for m in made)


def test_the_stretch_with_all_stages_and_no_others_is_the_moment():
    """Where cosines are all alike, stages alone tell: asked for a wave and a squat, neither half of it nor the walk before."""
    windows = encode_windows(Truth(), features(300), (20, 40), 5)
    stages = (("walk", 0.0, 5.0), ("wave", 5.0, 8.0), ("squat", 8.0, 10.0), ("walk", 10.0, 15.0))
    found = [Seen(verb, None, None, None, a, b) for verb, a, b in stages]
    wanted = [Seen("wave", None, None, None, 0.0, 1.0), Seen("squat", None, None, None, 1.0, 2.0)]
    best = localise(windows, QUERY, found, wanted)[0]
    assert (best.start_s, best.end_s) == (5.0, 10.0)
    assert best.structure == pytest.approx(1)


def test_contrast_is_greatest_for_the_true_stretch():
    curve = np.zeros(120)
    curve[30:70] = 1
    values = {(a, b): contrast(curve, a, b) for a in range(0, 120, 10) for b in range(a + 10, 121, 10)}
    assert max(values, key=lambda span: values[span]) == (30, 70)
    assert contrast(curve, 0, 120) == 0
