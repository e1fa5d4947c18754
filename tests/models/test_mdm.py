"""MDM's network: its published size, torch's own Transformer, and how it is told texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")

from torch import nn  # noqa: E402

from kinelang.errors import ModelError  # noqa: E402
from kinelang.models.configuring import from_dict, to_dict  # noqa: E402
from kinelang.models.finemogen.config import Data, Sampling  # noqa: E402
from kinelang.models.finemogen.model import FineMoGen, Job, Told  # noqa: E402
from kinelang.models.finemogen.plan import Interval, plan_of  # noqa: E402
from kinelang.models.mdm.config import MDMConfig, Network  # noqa: E402
from kinelang.models.mdm.model import MDM  # noqa: E402
from kinelang.models.mdm.network import MDMNetwork, sinusoid, told  # noqa: E402
from kinelang.models.tmr.positions import positions  # noqa: E402
from models.generator_samples import CONFIGS, called, network, noise_of, saved, spoken, steps_of, tensor  # noqa: E402

SEQUENCES = [[Interval(9, 0)], [Interval(4, 1)], [Interval(13, -1)]]


def test_published_size() -> None:
    """17.88 million, as the release says; torch's own layers and three linear maps and one network beside them."""
    config = MDMConfig.paper()
    model = MDMNetwork(config.network)
    layer = nn.TransformerEncoderLayer(512, 4, 1024)
    others = [nn.Linear(263, 512), nn.Linear(512, 512), nn.Linear(512, 512), nn.Linear(512, 512), nn.Linear(512, 263)]
    assert counted(model) == sum(map(counted, [layer] * 8 + others)) == 17_880_327
    out = model.eval()(tensor(0, 1, 3, 263), torch.tensor([999]), plan_of([[Interval(3, 0)]]), tensor(1, 1, 512))
    assert out.shape == (1, 3, 263)


def counted(module: Any) -> int:
    return sum(weight.numel() for weight in module.parameters())


def test_published_values() -> None:
    """The paper and its release, section by section."""
    c = MDMConfig.paper()
    n, o = c.network, c.optimisation
    assert (n.width, n.layers, n.heads, n.feed_forward, n.dropout, n.stack, n.text_width) == (512, 8, 4, 1024, 0.1, 1, 512)
    assert (c.schedule.betas, c.schedule.steps, c.data.dropped, c.sampling.guidance) == ("cosine", 1000, 0.1, 2.5)
    assert (o.learning_rate, o.batch_size, o.schedule, o.steps, o.weight_decay) == (1e-4, 64, "constant", 500_000, 0.0)
    assert (n.origins, c.losses.root, c.losses.mean, c.data.mirror, c.data.speed) == (False, 1.0, "clips", 0.0, 0.0)


def test_the_small_one_is_trained_as_finemogen_is() -> None:
    mine, theirs = MDMConfig.small(), CONFIGS["finemogen"].small()
    assert mine.optimisation == theirs.optimisation
    assert mine.data == replace(theirs.data, staged=0.0, parted=0.0, drafted=0.0, softened=0.0, given=0.0)
    assert mine.sampling == replace(theirs.sampling, draft="none", guide_root=True)  # as published
    for name in ("layout", "stack", "max_frames", "max_words", "text_width", "origins"):
        assert getattr(mine.network, name) == getattr(theirs.network, name)
    assert (mine.losses.root, mine.losses.mean) == (theirs.losses.root, theirs.losses.mean)
    assert counted(MDMNetwork(mine.network)) == 2_929_820


def test_it_is_torchs_transformer() -> None:
    module = network(CONFIGS["mdm"])
    n, plan, (states, mask) = module.network, plan_of(SEQUENCES), spoken()
    layer = nn.TransformerEncoderLayer(n.width, n.heads, n.feed_forward, 0.0, "gelu", batch_first=True)
    reference = nn.TransformerEncoder(layer, n.layers, enable_nested_tensor=False).eval()
    reference.load_state_dict(module.layers.state_dict(prefix="layers."))
    with torch.no_grad():
        made = called(module, SEQUENCES)
        for b, ((interval,), step) in enumerate(zip(SEQUENCES, steps_of(plan), strict=True)):
            text = states[interval.overall][mask[interval.overall]].mean(dim=0) if interval.overall >= 0 else torch.zeros(n.text_width)
            at = torch.from_numpy(positions(1000, n.width).copy())
            first = module.time(at[step]) + module.text(text) + module.origin.weight[0]
            row = torch.cat([first[None], module.embed(noise_of(plan)[b, : interval.length])]) + at[: interval.length + 1]
            expected = module.out(reference(row[None])[0, 1:])
            torch.testing.assert_close(made[b, : interval.length], expected, rtol=1e-4, atol=1e-5)


def test_positions_are_those_of_transformers() -> None:
    torch.testing.assert_close(sinusoid(torch.arange(300), 24), torch.from_numpy(positions(300, 24).copy()), rtol=0, atol=1e-4)


def test_several_texts_are_one_mean() -> None:
    vectors = tensor(0, 3, 5)
    plan = plan_of([[Interval(2, 0), Interval(9, 2), Interval(1, -1)], [Interval(3, 1)], [Interval(4)]])
    found = told(vectors, plan, None)
    torch.testing.assert_close(found, torch.stack([(vectors[0] + vectors[2]) / 2, vectors[1], torch.zeros(5)]))
    dropped = told(vectors, plan, torch.tensor([False, True, False]))
    torch.testing.assert_close(dropped, torch.stack([found[0], torch.zeros(5), torch.zeros(5)]))


def test_dropped_texts_are_no_texts() -> None:
    module = network(CONFIGS["mdm"])
    with torch.no_grad():
        dropped = called(module, SEQUENCES, dropped=torch.tensor([True, True, True]))
        assert torch.equal(dropped, called(module, [[replace(row[0], overall=-1)] for row in SEQUENCES]))
        assert torch.equal(called(module, SEQUENCES, texts=module.texts(*spoken())), called(module, SEQUENCES))


def test_dropout_is_for_training_alone() -> None:
    config = replace(CONFIGS["mdm"], network=replace(CONFIGS["mdm"].network, dropout=0.5))
    module = network(config)
    with torch.no_grad():
        assert torch.equal(called(module, SEQUENCES), called(network(CONFIGS["mdm"]), SEQUENCES))
        assert not torch.equal(called(module.train(), SEQUENCES), called(module, SEQUENCES))


def test_guidance_is_the_same_at_every_step(tmp_path: Any) -> None:
    """1 is the network told its text alone, and so is 0, as FineMoGen's scale of 0; nothing between is."""
    model = saved(tmp_path / "mdm", CONFIGS["mdm"])
    assert [model._weight(t, model.config.sampling) for t in (0, 500, 999)] == [2.5] * 3
    job = Job((Told(20, "a person walks"),), 3)
    bare = Job((Told(20, ""),), 3)
    none, told_, half = (model.sample([job], model.with_sampling(guidance=weight))[0] for weight in (0.0, 1.0, 0.5))
    alone = model.sample([bare], model.with_sampling(guidance=0.0))[0]
    np.testing.assert_array_equal(none, told_)
    assert np.abs(told_ - alone).max() > 0.01
    assert np.abs(told_ - half).max() > 1e-3
    other = saved(tmp_path / "finemogen", CONFIGS["finemogen"])
    assert isinstance(model, MDM)
    assert isinstance(other, FineMoGen)
    assert [other._weight(t, other.with_sampling(guidance=4.0)) for t in (0, 500)] == [1.0, 3.0]


def test_without_guidance_the_network_is_asked_once_a_step(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = saved(tmp_path / "mdm", CONFIGS["mdm"])
    asked = []
    forward = type(model.network).forward
    monkeypatch.setattr(type(model.network), "forward", lambda self, *given: (asked.append(given[4]), forward(self, *given))[1])
    for guidance, times in ((0.0, 3), (2.5, 6)):
        asked.clear()
        model.sample([Job((Told(20, "a person walks"),), 3)], model.with_sampling(guidance=guidance, steps=3))
        assert len(asked) == times
    asked.clear()
    model.sample([Job((Told(20, "a person walks"),), 3)], model.with_sampling(guidance=0.0, steps=1))
    assert asked == [None], "and its text is not left out"


@pytest.mark.parametrize("config", [MDMConfig.paper(), MDMConfig.small(), MDMConfig.tiny()])
def test_configurations_survive_json(config: MDMConfig) -> None:
    assert from_dict(MDMConfig, to_dict(config), "there") == config
    assert not {"reach", "hints"} & set(to_dict(config)["network"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Network(width=18), "18 with 4 heads"),
        (lambda: Network(dropout=1.0), "less than 1"),
        (lambda: Network(layers=0), "network, layers: found 0"),
        (lambda: Network(layout="kit22"), "one of humanml3d"),
        (lambda: replace(MDMConfig(), data=Data(staged=0.5)), "data, staged: found 0.5; expected 0"),
        (lambda: replace(MDMConfig(), sampling=Sampling(draft="hint")), "shown no drafts"),
    ],
)
def test_what_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        make()
