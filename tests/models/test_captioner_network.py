"""The captioner's network and losses: shapes, padding, degenerate clips, gradients, and what each loss rewards."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from kinelang.errors import ModelError
from kinelang.models.captioner import losses as ls
from kinelang.models.captioner.config import ABLATIONS, CONFIGS, UNIFORM_WINDOW, CaptionerConfig, Data, Losses, Network
from kinelang.models.captioner.labels import labels_of
from kinelang.models.captioner.network import Batch, Outputs, build, gaussian, masked_log_softmax, runs
from kinelang.models.captioner.parts import (
    MIRRORED_PARTS,
    PARTS,
    channels,
    columns_of,
    frames_seen,
    measured,
    n_channels,
    points_of,
    seconds_seen,
    with_context,
)
from kinelang.models.captioner.targets import Example, Taught, batch_of, frames_of, taught
from kinelang.models.captioner.vocabulary import PAD
from kinelang.models.configuring import changed, from_dict, to_dict
from kinelang.motion.features import mirror_joints
from models.captioner_samples import CAPTIONS, TIMELINES, VARIANTS, VOCABULARY, batch, clips, examples, network, tiny

FIELDS = ("logits", "gate", "log_gamma", "window", "alpha", "mean", "deviation")


# --- configuration


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_configurations_are_data(name: str) -> None:
    config = CONFIGS[name]()
    assert from_dict(CaptionerConfig, to_dict(config), "here") == config
    for changes in ABLATIONS.values():
        changed(config, changes)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Network(hidden=7), lambda: Network(words=1), lambda: Network(dropout=1.0), lambda: Network(window=0.0),
        lambda: Losses(spatial=-1), lambda: Data(stride=0), lambda: Data(min_frames=9, max_frames=3), lambda: Data(mirror=2.0),
        lambda: Data(skeleton="kit", view="body"), lambda: CaptionerConfig(teacher=2.0),
    ],
)  # fmt: skip
def test_what_no_model_can_be(wrong: object) -> None:
    with pytest.raises(ModelError):
        wrong()  # type: ignore[operator]


def test_small_is_small() -> None:
    config = replace(CaptionerConfig.small(), network=replace(CaptionerConfig.small().network, words=3100))
    assert sum(tensor.numel() for tensor in build(config).state_dict().values()) * 2 < 4e6


# --- what it sees


@pytest.mark.parametrize("form", ["paper", "code"])
@pytest.mark.parametrize("data", [Data(), Data(skeleton="kit"), Data(view="body", clock=True, context=2)])
def test_every_point_belongs_to_a_part(form: str, data: Data) -> None:
    points = points_of(data, form)
    assert len(points) == len(PARTS)
    flat = [point for part in points for point in part]
    twice = [0] if form == "code" and data.skeleton == "humanml3d" else []
    assert sorted(flat) == sorted([*range(n_channels(data) // 6), *twice])
    columns = [c for part in columns_of(data, form) for c in (*part.places, *part.steps)]
    assert set(columns) == set(range(n_channels(data) * (2 * data.context + 1)))


def test_frames_from_the_second_on() -> None:
    assert frames_seen(10, Data()).tolist() == [1, 3, 5, 7, 9]
    assert seconds_seen(6, Data()).tolist() == [0.05, 0.15, 0.25]
    assert frames_seen(1, Data()).tolist() == [0]
    assert frames_seen(2, Data(stride=4)).tolist() == [1]


def test_relative_to_the_pelvis_and_normalised_by_axis() -> None:
    data, clip = Data(), clips()[0]
    rows = channels(clip, data)
    places = rows[:, :66].reshape(-1, 22, 3)
    np.testing.assert_allclose(places[:, 0], clip[1::2, 0], atol=1e-6)
    np.testing.assert_allclose(places[:, 5], clip[1::2, 5] - clip[1::2, 0], atol=1e-6)
    np.testing.assert_allclose(rows[1:, 66:].reshape(-1, 22, 3), np.diff(places, axis=0), atol=1e-5)
    assert not rows[0, 66:].any()
    statistics = measured([rows], data)
    everything = clip[1::2].reshape(-1, 3)
    np.testing.assert_allclose(statistics.std.reshape(2, 22, 3)[:, 4], np.tile(everything.std(axis=0), (2, 1)), rtol=1e-3)
    np.testing.assert_allclose(statistics.mean[:3], everything.mean(axis=0), atol=1e-4)
    assert not statistics.mean[3:].any()


def test_body_view_does_not_know_where_it_stands_but_for_the_root() -> None:
    data, clip = Data(view="body"), clips()[0]
    turn = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]], np.float32)
    here, there = channels(clip, data), channels(clip @ turn.T + np.float32([3, 0, -2]), data)
    root = [0, 1, 2, 66, 67, 68]
    others = [c for c in range(here.shape[1]) if c not in root]
    np.testing.assert_allclose(here[:, others], there[:, others], atol=1e-4)


def test_body_view_of_the_mirror_image() -> None:
    data, clip = Data(view="body", clock=True), clips()[0]
    here, there = (channels(c, data).reshape(-1, 2, 24, 3) for c in (clip, mirror_joints(clip)))
    swapped = [0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 22, 23]
    np.testing.assert_allclose(there, here[:, :, swapped] * np.float32([-1, 1, 1]), atol=1e-4)


def test_context_ends_with_the_clip() -> None:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert with_context(rows, 1).tolist() == [[0, 1, 0, 1, 2, 3], [0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 4, 5]]
    assert with_context(rows, 0) is rows


@pytest.mark.parametrize("wrong", [np.zeros((0, 22, 3)), np.zeros((5, 21, 3)), np.full((5, 22, 3), np.nan), np.zeros(3)])
def test_what_no_clip_is(wrong: np.ndarray) -> None:
    with pytest.raises(ModelError, match="joints"):
        channels(wrong, Data())


# --- targets


def test_words_are_taught_by_the_timeline() -> None:
    known = {VOCABULARY.words[VOCABULARY.encode(CAPTIONS[0])[1 + t.word]]: t for t in taught(CAPTIONS[0], TIMELINES[0])}
    assert set(known) == {"walks", "forward", "waves", "right", "hand"}
    assert known["waves"].spans == ((2.2, 3.4),)
    assert [PARTS[i] for i in known["hand"].parts] == ["right_arm"]
    assert "root" in [PARTS[i] for i in known["walks"].parts]
    assert known["waves"].at_speed(2.0).spans == ((1.1, 1.7),)


def test_mirrored_clips_teach_mirrored_parts() -> None:
    mirrored = taught(CAPTIONS[0].replace("right", "left"), TIMELINES[0].mirrored())
    for a, b in zip(taught(CAPTIONS[0], TIMELINES[0]), mirrored, strict=True):
        assert (a.word, a.spans, tuple(sorted(MIRRORED_PARTS[p] for p in a.parts))) == (b.word, b.spans, b.parts)


def test_batch_lines_words_up_with_targets() -> None:
    config = tiny()
    made = batch(config)
    words = [[VOCABULARY.words[i] for i in row] for row in made.words[:, 1:].tolist()]
    at = words[0].index("waves")
    assert made.exact[0, at]
    assert made.gate[0, at] == 1
    assert made.parts[0, at].tolist() == [float(name == "right_arm") for name in PARTS]
    seconds = seconds_seen(len(clips()[0]), config.data)
    assert made.frames[0, at, : len(seconds)].numpy().tolist() == [bool(2.2 <= s <= 3.4) for s in seconds]
    assert made.gate[0, words[0].index("a")] == 0
    assert made.gate[0, words[0].index(",")] == -1
    assert not made.exact[1, words[1].index("<eos>") :].any()
    assert (made.gate[made.words[:, 1:] == PAD] == -1).all()
    assert not (made.frames & ~made.mask[:, None]).any()
    free = batch(config, known=False)
    assert not free.exact.any()
    assert free.parts[0, at].tolist() == [0, 0, 1, 1, 0, 0]  # the dictionary does not know which arm
    with pytest.raises(ModelError, match="no example"):
        batch_of([], VOCABULARY, labels_of(VOCABULARY), config.data)


def test_frames_of_short_spans() -> None:
    seconds = np.array([0.1, 0.3, 0.5])
    assert frames_of([(0.31, 0.39)], seconds).tolist() == [False, True, False]
    assert frames_of([(0.0, 0.1), (0.5, 9.0)], seconds).tolist() == [True, False, True]
    assert not frames_of([], seconds).any()


# --- network


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("view", ["body", "world"])
def test_shapes_and_sums(variant: str, view: str) -> None:
    config = tiny(variant, view)
    made = batch(config)
    found = network(config)(made)
    b, n, t = len(CAPTIONS), made.words.shape[1] - 1, made.motion.shape[1]
    assert found.logits.shape == (b, n, len(VOCABULARY))
    assert found.alpha.shape == (b, n, t, 6)
    real = made.words[:, 1:] != PAD
    for name in FIELDS[1:]:
        assert not torch.isnan(getattr(found, name)).any(), name
    gamma = found.log_gamma.exp()
    torch.testing.assert_close(gamma.sum(-1)[real], torch.ones(int(real.sum())))
    torch.testing.assert_close(found.alpha.sum(-1)[real][made.frames[real].any(-1)].max(), torch.tensor(1.0))
    padded = ~made.mask[:, None].expand_as(gamma)
    assert not gamma[padded & real[..., None]].any()
    assert not found.window[padded].any()
    assert not found.alpha[padded].any()
    if variant in ("gate one", "mlp_gru"):
        assert (found.gate[real] == 1).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_padding_and_company_change_nothing(variant: str) -> None:
    config = tiny(variant)
    model, together = network(config), batch(config)
    all_ = model(together)
    for i in range(len(CAPTIONS)):
        alone = batch(config, which=slice(i, i + 1))
        one = model(alone)
        n, t = alone.words.shape[1] - 1, alone.motion.shape[1]
        for name in FIELDS:
            mine, other = getattr(one, name)[0], getattr(all_, name)[i, :n]
            if name in ("log_gamma", "window", "alpha"):
                other = other[:, :t]
            torch.testing.assert_close(mine, other, atol=1e-5, rtol=1e-4)


def test_known_words_together_or_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    config = tiny()
    model, made = network(config), batch(config)
    whole = model(made)
    monkeypatch.setattr("kinelang.models.captioner.network.AT_ONCE", 1)
    real = made.words[:, 1:] != PAD
    for name in FIELDS:
        torch.testing.assert_close(getattr(model(made), name)[real], getattr(whole, name)[real], atol=1e-5, rtol=1e-4)


def test_coins() -> None:
    torch.manual_seed(0)
    assert [own for _, _, own in runs(30, 1.0)] == [False] * 4
    assert [(a, b) for a, b, _ in runs(30, 0.0)] == [(i, i + 1) for i in range(30)]
    drawn = [sum(own for *_, own in runs(21, 0.5)) for _ in range(400)]
    assert abs(np.mean(drawn) - 10) < 0.5
    torch.manual_seed(7)
    first = runs(20, 0.5)
    torch.manual_seed(7)
    assert runs(20, 0.5) == first


def test_its_own_words_are_heard() -> None:
    """With teacher 0 what follows the first word is what greedy decoding gives, whatever the true words are."""
    config = tiny()
    model, made = network(config), batch(config)
    free = model(made, teacher=0.0)
    said = free.logits.argmax(-1)
    forced = Batch(**{**made.__dict__, "words": torch.cat([made.words[:, :1], said], 1)})
    forced.words[:, 1:][made.words[:, 1:] == PAD] = PAD
    again = model(forced, teacher=1.0)
    real = made.words[:, 1:] != PAD
    torch.testing.assert_close(free.logits[real], again.logits[real], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("frames", [1, 2, 30])
def test_short_and_still_clips_have_finite_gradients(variant: str, frames: int) -> None:
    config = tiny(variant)
    still = np.repeat(clips()[1][:1], frames, axis=0)
    rows = channels(still, config.data)
    example = Example(rows, frames, CAPTIONS[1], (Taught(2, (5,), ((0.4, 0.41),)), Taught(0, (0,), ((0.0, 9.0),))))
    made = batch_of([example, examples(config)[0]], VOCABULARY, labels_of(VOCABULARY), config.data)
    model = network(config).train()
    for form in ("paper", "code"):
        total, parts = ls.losses_of(model(made, 0.5), made, Losses(1.0, 1.0, 1.0, form))  # type: ignore[arg-type]
        assert all(math.isfinite(float(part.detach())) for part in parts.values())
        model.zero_grad()
        total.backward()
        assert all(torch.isfinite(w.grad).all() for w in model.parameters() if w.grad is not None)


def test_saturated_attention_has_a_window() -> None:
    scores = torch.tensor([[[0.0, 400.0, 0.0, 0.0]]], requires_grad=True)
    mask = torch.tensor([[True, True, True, False]])
    window, mean, deviation = gaussian(masked_log_softmax(scores, mask), mask, 1.0)
    assert mean.item() == pytest.approx(1)
    assert deviation.item() == pytest.approx(0.5)
    assert window[0, 0, 1].item() == pytest.approx(1)
    window.sum().backward()
    assert torch.isfinite(scores.grad).all()


def test_gaussian_is_equation_4() -> None:
    gamma = torch.tensor([0.1, 0.2, 0.4, 0.2, 0.1])
    window, mean, deviation = gaussian(gamma.log()[None, None], torch.ones(1, 5, dtype=torch.bool), 1.0)
    assert mean.item() == pytest.approx(2)
    assert deviation.item() == pytest.approx(math.sqrt(1.2), rel=1e-5)
    np.testing.assert_allclose(window[0, 0], np.exp(-((np.arange(5) - 2) ** 2) / 2.4), rtol=1e-5)


def test_even_attention_over_a_span_has_a_window_of_its_length() -> None:
    gamma = torch.zeros(100)
    gamma[30:70] = 1 / 40
    window, _, _ = gaussian(gamma.log().clamp(min=-1e9)[None, None], torch.ones(1, 100, dtype=torch.bool), UNIFORM_WINDOW)
    assert (window[0, 0] > 0.5).nonzero()[:, 0].tolist() == list(range(30, 70))


def test_form_code_sums_a_sixth() -> None:
    """The forms have other weights, so only their own properties are compared: parts of the spec's table."""
    paper, code = (dict(network(tiny(v)).named_parameters()) for v in ("paper", "code"))
    assert paper["temporal_key.weight"].shape == (10, 12)
    assert code["temporal_key.weight"].shape == (10, 72)
    assert paper["spatial_score.weight"].shape == (1, 10)
    assert code["spatial_score.weight"].shape == (6, 10)
    assert set(code) - set(paper) == {"join.weight", "join.bias", "spatial_score.bias"}
    assert code["join.weight"].shape == (30, 30)


# --- losses


def _outputs(made: Batch, alpha: torch.Tensor, log_gamma: torch.Tensor | None = None, gate: float = 0.5) -> Outputs:
    b, n, t = made.frames.shape
    gamma = masked_log_softmax(torch.zeros(b, n, t), made.mask) if log_gamma is None else log_gamma
    window, mean, deviation = gaussian(gamma, made.mask, 1.0)
    alpha = alpha.expand(b, n, t, 6) * made.mask[:, None, :, None]
    return Outputs(torch.zeros(b, n, len(VOCABULARY)), torch.full((b, n), gate), gamma, window, alpha, mean, deviation)


def test_language_loss_is_the_mean_over_words() -> None:
    made = batch(tiny())
    found = _outputs(made, torch.full((6,), 1 / 6))
    assert ls.language(found, made).item() == pytest.approx(math.log(len(VOCABULARY)), rel=1e-5)
    words = int((made.words[:, 1:] != PAD).sum())
    assert ls.language(found, made, sums=True).item() == pytest.approx(math.log(len(VOCABULARY)) * words / 3, rel=1e-5)


def test_gate_loss() -> None:
    made = batch(tiny(), known=False)
    assert ls.adaptive(_outputs(made, torch.full((6,), 1 / 6)), made).item() == pytest.approx(math.log(2), rel=1e-5)
    right = _outputs(made, torch.full((6,), 1 / 6))
    right.gate = made.gate.clamp(min=0)
    assert ls.adaptive(right, made).item() < 1e-4


def test_spatial_loss_of_the_dictionary() -> None:
    """Equation 13 by hand, frame by frame, part by part, and the release's mean without its padding."""
    made = batch(tiny(), known=False)
    alpha = torch.tensor([0.1, 0.1, 0.3, 0.2, 0.2, 0.1])
    found = _outputs(made, alpha)
    captions, means = [], []
    for i in range(3):
        words, t = [k for k in range(made.parts.shape[1]) if made.parts[i, k, 0] >= 0], int(made.mask[i].sum())
        each = [float(-(made.parts[i, k] * alpha.log() + (1 - made.parts[i, k]) * (1 - alpha).log()).sum()) for k in words]
        captions.append(t * sum(each) / len(each))
        means += [e / 6 for e in each]
    assert ls.spatial(found, made, sums=True).item() == pytest.approx(sum(captions) / 3, rel=1e-4)
    assert ls.spatial(found, made).item() == pytest.approx(float(np.mean(means)), rel=1e-4)


def test_exact_spatial_loss_is_least_on_the_stages_parts() -> None:
    made = batch(tiny())
    made.parts[~made.exact] = -1
    target = made.parts.clamp(min=0) / made.parts.clamp(min=0).sum(-1, keepdim=True).clamp(min=1)
    best = ls.spatial(_outputs(made, target[:, :, None]), made)
    assert best < ls.spatial(_outputs(made, torch.full((6,), 1 / 6)), made)
    n = made.parts[made.exact].sum(-1)
    assert best.item() == pytest.approx(float(n.log().mean()), abs=1e-4)
    away = target[:, :, None].expand(*made.frames.shape, 6).clone()
    away[~made.frames] = 1 / 6  # what is looked at outside the stage does not matter
    assert ls.spatial(_outputs(made, away), made).item() == pytest.approx(best.item(), abs=1e-5)


def test_temporal_loss_is_0_on_the_stage() -> None:
    made = batch(tiny())
    even = made.frames.float().log().masked_fill(~made.frames, -1e9) - made.frames.sum(-1, keepdim=True).clamp(min=1).log()
    assert ls.temporal(_outputs(made, torch.full((6,), 1 / 6), even), made).item() == pytest.approx(0, abs=1e-5)
    assert ls.temporal(_outputs(made, torch.full((6,), 1 / 6)), made).item() > 0.1


def test_nothing_supervised_is_no_loss() -> None:
    made = batch(tiny(), known=False)
    made.gate[:], made.parts[:] = -1, -1
    model = network(tiny()).train()
    for form in ("paper", "code"):
        total, parts = ls.losses_of(model(made), made, Losses(2.0, 3.0, 1.0, form))  # type: ignore[arg-type]
        assert {name: float(part.detach()) for name, part in parts.items() if name != "language"} == {
            "adaptive": 0.0, "spatial": 0.0, "temporal": 0.0,
        }  # fmt: skip
        total.backward()
        assert all(torch.isfinite(w.grad).all() for w in model.parameters() if w.grad is not None)


@pytest.mark.parametrize("form", ["paper", "code"])
def test_padding_has_no_part_in_any_loss(form: str) -> None:
    config = tiny()
    model, made = network(config), batch(config)
    b = len(made.frames)
    wider = Batch(
        motion=torch.cat([made.motion, torch.zeros(b, 5, made.motion.shape[2])], 1),
        mask=torch.cat([made.mask, torch.zeros(b, 5, dtype=torch.bool)], 1),
        words=torch.cat([made.words, torch.full((b, 3), PAD)], 1),
        gate=torch.cat([made.gate, torch.full((b, 3), -1.0)], 1),
        parts=torch.cat([made.parts, torch.full((b, 3, 6), -1.0)], 1),
        exact=torch.cat([made.exact, torch.zeros(b, 3, dtype=torch.bool)], 1),
        frames=torch.nn.functional.pad(made.frames, (0, 5, 0, 3)),
    )
    losses = Losses(1.0, 1.0, 1.0, form)  # type: ignore[arg-type]
    narrow, wide = (ls.losses_of(model(x), x, losses)[1] for x in (made, wider))
    for name, value in narrow.items():
        assert float(value.detach()) == pytest.approx(float(wide[name].detach()), rel=1e-4), name


@pytest.mark.parametrize("variant", ["paper", "code", "ours", "mlp_gru"])
def test_it_learns_three_captions(variant: str) -> None:
    config = tiny(variant)
    config = replace(config, network=replace(config.network, hidden=32, width=24, dropout=0.1))
    torch.manual_seed(0)
    model, made = build(config), batch(config)
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    guided = variant != "mlp_gru"
    losses = Losses(float(guided), float(guided), float(guided), "code")
    _, parts = ls.losses_of(model(made), made, losses)
    start = {name: float(part.detach()) for name, part in parts.items()}
    for _ in range(150):
        total, _ = ls.losses_of(model(made, 0.8), made, losses)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
    with torch.no_grad():
        found = model.eval()(made)
        _, parts = ls.losses_of(found, made, losses)
    assert (found.logits.argmax(-1) == made.words[:, 1:])[made.words[:, 1:] != PAD].float().mean() > 0.95
    assert all(float(part) < start[name] for name, part in parts.items())
