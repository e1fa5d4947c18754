"""FineMoGen's network: groups, experts and SAMI as their naive twins have them, and what may not change a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")

from torch.nn import functional  # noqa: E402

from kinelang.errors import ModelError  # noqa: E402
from kinelang.models.configuring import from_dict, to_dict  # noqa: E402
from kinelang.models.finemogen.config import ABLATIONS, HINTS, FineMoGenConfig, Network, Sampling  # noqa: E402
from kinelang.models.finemogen.experts import Experts, balance  # noqa: E402
from kinelang.models.finemogen.groups import BODY, JOINTS, PARTS, dims, part_masks  # noqa: E402
from kinelang.models.finemogen.network import SAMI, FineMoGenNetwork, Hints, Projection, build, polynomial, times_kl  # noqa: E402
from kinelang.models.finemogen.plan import Interval, plan_of  # noqa: E402
from kinelang.motion.features import HUMANML3D, LAYOUTS  # noqa: E402
from kinelang.motion.skeletons import SKELETONS  # noqa: E402
from models.generator_samples import (  # noqa: E402
    CONFIGS,
    called,
    drawn,
    finemogen,
    hints_of,
    noise_of,
    sizes,
    spoken,
    steps_of,
    tensor,
)

ONE = [[Interval(9, 0)], [Interval(4, 1)], [Interval(1, -1)], [Interval(13, 2)]]
"""Sequences of one interval."""
SEVERAL = [
    [Interval(5, 0), Interval(3, 1, (2, -1, 4, -1, -1, 0, -1)), Interval(8, -1)],
    [Interval(6, 3)],
    [Interval(2, 4), Interval(7, 5, (-1, -1, -1, 1, 2, -1, 3)), Interval(1, 0), Interval(4, 0)],
]
"""Sequences of several, some with texts of parts."""


# --- groups


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_every_feature_belongs_to_one_part(layout: Any) -> None:
    assert sorted(d for part in PARTS for d in dims(layout, part)) == list(range(layout.width))
    assert (part_masks(layout).sum(axis=0) == 1).all()
    assert dims(layout, BODY) == tuple(range(layout.width))


@pytest.mark.parametrize(("name", "expected"), [("humanml3d", (24, 36, 48, 48, 48, 48, 11)), ("kit", (12, 36, 36, 36, 60, 60, 11))])
def test_parts_are_as_large_as_published(name: str, expected: tuple[int, ...]) -> None:
    assert tuple(len(dims(LAYOUTS[name], part)) for part in PARTS) == expected


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_left_is_the_bodys_left(layout: Any) -> None:
    names = SKELETONS[layout.skeleton].joint_names
    for part in ("left_arm", "left_leg", "right_arm", "right_leg"):
        side, other = ("left", "right") if part.startswith("left") else ("right", "left")
        for joint in JOINTS[layout.skeleton][part]:
            name = names[joint].lower()
            assert name.startswith((side, side[0])), (part, name)
            assert not name.startswith(other)


def test_features_of_a_part_are_those_of_its_joints() -> None:
    wrist = HUMANML3D.width - 4 - 22 * 3 + 20 * 3  # of 22 velocities before 4 contacts
    assert {wrist, wrist + 1, wrist + 2} <= set(dims(HUMANML3D, "left_arm"))
    assert set(range(4)) | set(range(259, 263)) <= set(dims(HUMANML3D, "root"))


# --- experts


def dense(experts: Experts, x: Any) -> Any:
    """Every token on its own, through every expert that it chose."""
    scores = functional.softmax(experts.logits(x), dim=-1)
    rows = []
    for token, row in zip(x, scores, strict=True):
        best = sorted(range(experts.n), key=lambda e: -float(row[e].detach()))[: experts.chosen]
        total = sum(row[e] for e in best)
        said = [
            functional.gelu(token @ experts.inner[e] + experts.inner_bias[e]) @ experts.outer[e] + experts.outer_bias[e] for e in best
        ]
        rows.append(sum(row[e] / total * one for e, one in zip(best, said, strict=True)))
    return torch.stack(rows)


@pytest.mark.parametrize(("n", "chosen"), [(1, 1), (4, 1), (4, 2), (6, 6)])
def test_grouped_experts_are_exact(n: int, chosen: int) -> None:
    experts = drawn(Experts(6, 10, n, chosen, 5)).eval()
    x = tensor(0, 40, 6).requires_grad_()
    torch.testing.assert_close(experts(x), dense(experts, x), rtol=1e-5, atol=1e-6)
    for mine, naive in zip(gradients(experts(x), experts, x), gradients(dense(experts, x), experts, x), strict=True):
        torch.testing.assert_close(mine, naive, rtol=1e-4, atol=1e-5)


def gradients(out: Any, module: Any, x: Any) -> list[Any]:
    return list(torch.autograd.grad(out.square().sum(), [x, *module.parameters()]))


def test_a_token_does_not_depend_on_others_however_crowded_its_expert_is() -> None:
    experts = drawn(Experts(6, 10, 4, 2, 5)).eval()
    x = tensor(1, 1, 6)
    crowd = experts(torch.cat([x.expand(500, 6), tensor(2, 3, 6)]))
    torch.testing.assert_close(crowd[:500], experts(x).expand(500, 6), rtol=1e-5, atol=1e-6)


def test_noise_is_for_training_alone() -> None:
    experts, x = drawn(Experts(6, 10, 8, 2, 5)), tensor(3, 300, 6)
    assert not torch.equal(experts.train()(x), experts(x))
    assert experts.route is not None
    assert torch.equal(experts.eval()(x), experts(x))


def test_balanced_experts_cost_nothing() -> None:
    equal = torch.zeros(64, 4)
    assert balance(equal, equal, 2, 0.25) == 0
    one = torch.tensor([[9.0, 0.0, 0.0, 0.0]]).expand(64, 4)
    assert balance(one, one, 2, 0.25) > 1
    # Importance (1, 0, 0, 0) has a squared coefficient of variation of 3; without noise that is all there is.
    assert float(balance(50 * one, 50 * one, 1, 0.0)) == pytest.approx(1.5, rel=1e-4)


# --- SAMI beside its naive twin


def projected(projection: Projection, x: Any) -> Any:
    """(T, groups, w) in places 0 to T - 1, experts taken one token at a time."""
    x = projection.norm(x) + projection.places[: len(x)]
    if projection.experts is not None:
        x = functional.gelu(dense(projection.experts, x.flatten(0, 1)).view(x.shape))
    return projection.out(x)


def naive_templates(sami: SAMI, states: Any, interval: Interval, texts: Sequence[Any], told: bool) -> tuple[Any, Any, Any]:
    """Templates (8, g, p) of one interval, and what its frames say of the body or ask for (L, 8, ...): tokens of motion and texts in
    one row, and one softmax over it."""
    n = sami.network
    g, p = n.templates, n.part_width
    heads = states if n.spatial else states.flatten(1)[:, None]
    said = projected(sami.motion, heads).view(len(states), 8, -1)
    found = []
    for i in range(8):
        keys, values = [said[:, i, :g]], [said[:, i, g : g + p]]
        own = interval.parts[i] if interval.parts and i < 7 else -1
        for number in (interval.overall, own):
            if number >= 0 and told:
                words = projected(sami.words, texts[number][:, None]).view(len(texts[number]), sami.text_heads, -1)
                row = words[:, i if sami.text_heads == 8 else 0]
                keys, values = [*keys, row[:, :g]], [*values, row[:, g:]]
        found.append(torch.cat(keys).softmax(dim=0).T @ torch.cat(values))
    return torch.stack(found), said[..., g + p : g + 2 * p], said[..., -g:]


def naive_signal(sami: SAMI, template: Any, length: int, first: int) -> tuple[Any, Any]:
    """When a template is (in units of the longest interval), and its terms, each (p,)."""
    n = sami.network
    unit = n.stack / n.max_frames
    hidden = functional.gelu(sami.inner(template)).chunk(n.order + 2)
    tau = torch.sigmoid(sami.when(hidden[0])[0] / sami.when_scale) * length * unit + first * unit
    return tau, [term(x) for term, x in zip(sami.terms, hidden[1:], strict=True)]


def naive_sami(sami: SAMI, h: Any, emb: Any, sequence: Sequence[Interval], texts: Sequence[Any], told: bool, reach: int | None) -> Any:
    """One sequence (T, 8, p) with the step's embedding (e,), frame by frame and template by template, as the paper and the release
    write it: G'(x) = s + v (x - t) + a (x - t)^2 + j (x - t)^3, weighed by softmax(-(x - t)^2 M^2 / sigma)."""
    n = sami.network
    starts = np.cumsum([0, *(interval.length for interval in sequence)])
    made = [
        naive_templates(sami, h[start : start + interval.length], interval, texts, told)
        for start, interval in zip(starts[:-1], sequence, strict=True)
    ]
    out = torch.zeros_like(h)
    for k, interval in enumerate(sequence):
        near = [m for m in range(len(sequence)) if reach is None or abs(m - k) <= reach]
        for place in range(interval.length):
            at = starts[k] + place
            for i in range(8):
                if n.temporal:
                    x = at * n.stack / n.max_frames
                    signals = [naive_signal(sami, template, sequence[m].length, starts[m]) for m in near for template in made[m][0][i]]
                    weights = torch.stack([-((x - tau) * n.max_frames).square() / sami.sigma for tau, _ in signals]).softmax(dim=0)
                    for weight, (tau, terms) in zip(weights, signals, strict=True):
                        out[at, i] += weight * sum(term * (x - tau) ** power for power, term in enumerate(terms))
                else:
                    asked = torch.cat([made[k][2][place, i]] * len(near)).softmax(dim=0)
                    out[at, i] = asked @ torch.cat([made[m][0][i] for m in near])
                if n.spatial:
                    out[at, i] += sami.body[i].softmax(dim=0) @ made[k][1][place]
    style = sami.style
    scale, shift = style.shift(emb).chunk(2)
    return h + style.out(functional.silu(style.norm(out.flatten(1)) * (1 + scale) + shift)).view(h.shape)


ATTENTIONS = {
    "small": {},
    "cubic, experts of texts": {"order": 3, "text_experts": 4},
    "no experts": {"experts": 0},
    "everywhere in reach": {"reach": None},
    "spatial alone": {"temporal": False, "experts": 0},
    "temporal alone": {"spatial": False, "experts": 0},
    "neither": {"spatial": False, "temporal": False},
}


@pytest.mark.parametrize("sequences", [ONE, SEVERAL], ids=["one interval", "several"])
@pytest.mark.parametrize("changes", ATTENTIONS.values(), ids=list(ATTENTIONS))
def test_attention_is_that_of_the_paper(changes: dict[str, Any], sequences: list[list[Interval]]) -> None:
    network = finemogen(**changes)
    n, sami = network.network, network.layers[0].attention
    if not n.spatial:  # heads are no parts there
        sequences = [[replace(interval, parts=()) for interval in intervals] for intervals in sequences]
    plan, (states, mask) = plan_of(sequences, n.reach), spoken()
    h, emb = tensor(1, int(plan.lengths.sum()), 8, n.part_width), tensor(2, len(sequences), n.time_width)
    dropped = torch.tensor([False] * (len(sequences) - 1) + [True])
    with torch.no_grad():
        words = network.words(states, mask)
        texts = [row[there] for row, there in zip(words, mask, strict=True)]
        found = sami(h, emb, plan, sami.text(words, mask), dropped)
        parts = torch.split(h, plan.lengths.tolist())
        for b, (mine, own) in enumerate(zip(torch.split(found, plan.lengths.tolist()), parts, strict=True)):
            expected = naive_sami(sami, own, emb[b], sequences[b], texts, not dropped[b], n.reach)
            torch.testing.assert_close(mine, expected, rtol=0, atol=1e-5)
        assert (found - h).abs().mean() > 0.05


def test_terms_as_polynomials() -> None:
    for order in (1, 3):
        terms, at, x = tensor(0, 5, order + 1, 3).double(), tensor(1, 5).double(), 0.37
        found = sum(c * x**k for k, c in enumerate(polynomial(terms, at).unbind(dim=-2)))
        expected = sum(terms[:, k] * (x - at[:, None]) ** k for k in range(order + 1))
        torch.testing.assert_close(found, expected)


def test_a_parts_text_speaks_to_its_own_templates() -> None:
    sami = finemogen().layers[0].attention
    network, (states, mask) = finemogen(), spoken()
    with torch.no_grad():
        text = sami.text(network.words(states, mask), mask)

        def templates(parts: tuple[int, ...], overall: int = 0) -> Any:
            plan = plan_of([[Interval(5, overall, parts)]])
            said = sami.motion(tensor(1, 5, 8, 8), plan.place)
            return sami._templates(said[..., :4], said[..., 4:12], plan, text, None)[0]

        plain = templates(())
        assert torch.equal(templates((-1,) * 7), plain)
        for i in range(7):
            changed = templates(tuple(3 if part == i else -1 for part in range(7)))
            assert [bool((a != b).any()) for a, b in zip(changed, plain, strict=True)] == [head == i for head in range(8)]
        assert all(bool((a != b).any()) for a, b in zip(templates((), 1), plain, strict=True))


def test_times_kl_of_a_normal_head() -> None:
    """0 for a mean of 0 and a deviation of 1; by the release's formula, which takes the deviation for the variance."""
    raw = torch.tensor([-1.0, 1.0]).repeat(1, 1, 50)
    assert abs(float(times_kl(raw / raw.std()))) < 1e-6
    assert float(times_kl(3 + raw / raw.std())) == pytest.approx(4.5, rel=1e-4)


# --- the whole network


def test_nothing_at_first() -> None:
    for network in (FineMoGenNetwork(sizes()), FineMoGenNetwork(sizes(spatial=False, temporal=False, experts=0))):
        assert not called(network, SEVERAL).any()


@pytest.mark.parametrize("changes", ATTENTIONS.values(), ids=list(ATTENTIONS))
def test_dropped_texts_are_no_texts(changes: dict[str, Any]) -> None:
    network = finemogen(**changes)
    silent = [[Interval(interval.length) for interval in intervals] for intervals in SEVERAL]
    with torch.no_grad():
        dropped = called(network, SEVERAL, dropped=torch.tensor([True, False, True]))
        bare, told = called(network, silent), called(network, SEVERAL)
    torch.testing.assert_close(dropped[[0, 2]], bare[[0, 2]], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(dropped[1], told[1], rtol=1e-5, atol=1e-5)
    assert (told - bare).abs().amax(dim=(1, 2)).min() > 1e-3


@pytest.mark.parametrize("changes", ATTENTIONS.values(), ids=list(ATTENTIONS))
def test_texts_are_the_same_computed_before(changes: dict[str, Any]) -> None:
    network = finemogen(**changes)
    with torch.no_grad():
        assert torch.equal(called(network, SEVERAL, texts=network.texts(*spoken())), called(network, SEVERAL))


def test_reach_matters_from_three_intervals_on() -> None:
    near, far = (drawn(FineMoGenNetwork(sizes(reach=reach))).eval() for reach in (1, None))
    two = [[Interval(5, 0), Interval(3, 1)], [Interval(7, 2)]]
    with torch.no_grad():
        assert torch.equal(called(near, two, 1), called(far, two, None))
        three = [[Interval(5, 0), Interval(3, 1), Interval(6, 2)]]
        assert not torch.allclose(called(near, three, 1), called(far, three, None), atol=1e-4)


def test_hints_and_origins_are_looked_at() -> None:
    network, plan = finemogen(), plan_of(SEVERAL)
    with torch.no_grad():
        plain = called(network, SEVERAL)
        nothing = replace(hints_of(plan), values=torch.zeros(*plan.mask.shape, 1052), kinds=torch.zeros(*plan.mask.shape, 7).long())
        torch.testing.assert_close(called(network, SEVERAL, hints=nothing), plain)
        assert not torch.allclose(called(network, SEVERAL, hints=hints_of(plan)), plain, atol=1e-3)
        assert torch.equal(called(network, SEVERAL, origin=torch.tensor([0, 0, 0])), plain)
        assert not torch.allclose(called(network, SEVERAL, origin=torch.tensor([1, 1, 1])), plain, atol=1e-3)


@pytest.mark.parametrize("arm", ABLATIONS)
def test_every_arm_learns(arm: str) -> None:
    """Each weight gets a gradient, and a few steps restore a batch better."""
    config = CONFIGS["finemogen"].ablated(arm)  # type: ignore[union-attr]
    network, plan = drawn(FineMoGenNetwork(config.network), 0.5).train(), plan_of([[replace(i, parts=()) for i in s] for s in SEVERAL])
    clean = noise_of(plan).masked_fill(~plan.mask[..., None], 0)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        torch.manual_seed(0)
        out = network(clean + 0.1 * torch.randn_like(clean), steps_of(plan), plan, spoken(), None, hints_of(plan), None)
        route, times = network.auxiliary()
        loss = (out - clean).square().mean() + 0.01 * route + 1e-4 * times
        optimiser.zero_grad()
        loss.backward()
        without = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
        assert not without
        optimiser.step()
        losses.append(float(loss.detach()))
    assert bool(route > 0) == bool(config.network.experts)
    assert bool(times != 0) == config.network.temporal
    assert losses[-1] < 0.9 * losses[0]


def test_published_size_runs() -> None:
    config = FineMoGenConfig.paper()
    network = FineMoGenNetwork(config.network).eval()
    assert 65.0e6 < sum(weight.numel() for weight in network.parameters()) < 66.0e6
    plan = plan_of([[Interval(3, 0, (-1, 1, -1, -1, -1, -1, -1))], [Interval(2, 1)]])
    with torch.no_grad():
        out = network(tensor(0, 2, 3, 263), torch.tensor([3, 900]), plan, (tensor(1, 2, 4, 512), torch.ones(2, 4, dtype=torch.bool)))
    assert out.shape == (2, 3, 263)
    assert not out.any()


# --- plans


def test_a_plan_counts_intervals_and_tokens() -> None:
    plan = plan_of(SEVERAL, reach=1)
    assert plan.lengths.tolist() == [16, 6, 14]
    assert plan.first.tolist() == [0, 5, 8, 0, 0, 2, 9, 10]
    assert plan.owner.tolist() == [0, 0, 0, 1, 2, 2, 2, 2]
    assert plan.place.tolist() == [k for sequence in SEVERAL for interval in sequence for k in range(interval.length)]
    near = [[m for m in row if m >= 0] for row in plan.near.tolist()]
    assert near == [[0, 1], [0, 1, 2], [1, 2], [3], [4, 5], [4, 5, 6], [5, 6, 7], [6, 7]]
    tokens = torch.cat([grid.flatten() for grid in plan.grids])
    assert torch.equal(tokens[plan.back], torch.arange(36))
    assert sorted(torch.cat(plan.members).tolist()) == list(range(8))


@pytest.mark.parametrize("sequences", [[[]], [[Interval(3)], [Interval(0)]]])
def test_empty_intervals_are_refused(sequences: list[list[Interval]]) -> None:
    with pytest.raises(ModelError, match="one or more"):
        plan_of(sequences)


# --- configurations


@pytest.mark.parametrize("config", [FineMoGenConfig.paper(), FineMoGenConfig.small(), *map(FineMoGenConfig.small().ablated, ABLATIONS)])
def test_configurations_survive_json(config: FineMoGenConfig) -> None:
    assert from_dict(FineMoGenConfig, to_dict(config), "there") == config
    assert "kind" not in to_dict(config)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Network(layout="kit22"), "one of humanml3d"),
        (lambda: Network(experts=1), "at most all of them"),
        (lambda: Network(order=2), "1 or 3"),
        (lambda: Network(text_latent=30), "a width for every head"),
        (lambda: Network(stack=0), "network, stack: found 0"),
        (lambda: Sampling(steps=0), "1 to 1000"),
        (lambda: Sampling(start=0.0), "more than 0"),
        (lambda: FineMoGenConfig().ablated("all"), "one of none, spatial"),
    ],
)
def test_what_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        make()


def test_skips_are_nothing_at_first_and_pass_what_they_are_asked_to():
    config = FineMoGenConfig.tiny()
    torch.manual_seed(0)
    without = build(config.network)
    torch.manual_seed(0)
    network = build(replace(config.network, skips=True))
    network.load_state_dict({**network.state_dict(), **without.state_dict()})
    plan = plan_of([[Interval(5, -1)], [Interval(3, -1)]], None)
    width = 263 * config.network.stack
    x, values = torch.randn(2, 5, width), torch.randn(2, 5, width)
    kinds = torch.full((2, 5, 7), HINTS.index("draft"))
    nothing = network.texts(torch.zeros(1, 1, config.network.text_width), torch.ones(1, 1, dtype=torch.bool))
    given = (x, torch.tensor([3, 700]), plan, nothing, None, Hints(values, kinds))
    assert torch.equal(network(*given), without(*given))
    before = network(*given)
    with torch.no_grad():  # the left arm takes half of the noised motion and a quarter of the draft
        share = network.skips.shares[PARTS.index("left_arm")]
        share.bias[: config.network.stack], share.bias[config.network.stack :] = 0.5, 0.25
    arm = torch.zeros(263, dtype=torch.bool)
    arm[list(dims(HUMANML3D, "left_arm"))] = True
    change = (network(*given) - before).view(2, 5, -1, 263)
    expected = (0.5 * x + 0.25 * values).view(2, 5, -1, 263) * arm
    assert torch.allclose(change[0], expected[0], atol=1e-5)
    assert torch.allclose(change[1, :3], expected[1, :3], atol=1e-5)
    assert not change[1, 3:].any()
