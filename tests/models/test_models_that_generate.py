"""What holds for every model that makes motion: results that neither padding nor companions change, run folders, and golden outputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("safetensors", reason="the extra `models` is not installed")

from kinelang.errors import KinelangError, ModelError  # noqa: E402
from kinelang.models import MODELS  # noqa: E402
from kinelang.models.base import CONFIG, WEIGHTS, export_run, read_run, read_tensors, write_tensors  # noqa: E402
from kinelang.models.finemogen.model import FineMoGen, Job, Told  # noqa: E402
from kinelang.models.finemogen.plan import Interval, plan_of  # noqa: E402
from kinelang.models.generators import GENERATORS, load_generator  # noqa: E402
from models.generator_samples import CONFIGS, WIDE, called, hints_of, network, noise_of, saved, spoken, steps_of, tensor  # noqa: E402
from models.tmr_samples import HashedWords  # noqa: E402

KINDS = list(GENERATORS)
SEQUENCES = [
    [Interval(9, 0)],
    [Interval(5, 1), Interval(3, 2, (2, -1, 4, -1, -1, 0, -1)), Interval(8, -1)],
    [Interval(1, 3)],
    [Interval(2, 4), Interval(7, 5, (-1, -1, -1, 1, 2, -1, 3))],
]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {kind: saved(tmp_path_factory.mktemp(kind), config) for kind, config in CONFIGS.items()}


def test_both_are_models_and_of_one_size() -> None:
    assert set(KINDS) == set(CONFIGS) <= set(MODELS)
    counts = [sum(weight.numel() for weight in MODELS[kind].build(MODELS[kind].config()).parameters()) for kind in KINDS]
    assert max(counts) < 1.1 * min(counts)


# --- networks


def test_padding_and_companions_change_nothing(kind: str) -> None:
    """What stands behind the end of a motion is rubbish in `called`."""
    module = network(CONFIGS[kind])
    with torch.no_grad():
        together = called(module, SEQUENCES, hints=hints_of(plan_of(SEQUENCES)))
        for sequence, made in zip(SEQUENCES, together, strict=True):
            alone = called(module, [sequence], hints=hints_of(plan_of([sequence])))[0]
            torch.testing.assert_close(made[: len(alone)], alone, rtol=1e-4, atol=1e-5)
            assert not made[len(alone) :].any()


def test_what_stands_behind_texts_does_not_matter(kind: str) -> None:
    module, (states, mask) = network(CONFIGS[kind]), spoken()
    with torch.no_grad():
        clean = called(module, SEQUENCES, texts=(states * mask[..., None], mask))
        torch.testing.assert_close(called(module, SEQUENCES, texts=(states, mask)), clean, rtol=1e-5, atol=1e-6)


def test_step_and_text_are_looked_at(kind: str) -> None:
    module, plan = network(CONFIGS[kind]), plan_of(SEQUENCES)
    other = [[replace(interval, overall=5) for interval in intervals] for intervals in SEQUENCES]
    with torch.no_grad():
        made = called(module, SEQUENCES)
        assert (called(module, other) - made).abs().amax(dim=(1, 2)).min() > 1e-3
        later = module(noise_of(plan), steps_of(plan) + 20, plan, spoken())
        assert (later - made).abs().amax(dim=(1, 2)).min() > 1e-3


def test_no_module_leaves_gradients_of_nothing(kind: str) -> None:
    """Every weight is used, and the losses of its own are finite."""
    module, plan = network(CONFIGS[kind]).train(), plan_of(SEQUENCES)
    out = module(noise_of(plan), steps_of(plan), plan, spoken(), None, hints_of(plan), torch.tensor([0, 1, 0, 1]))
    (out.square().sum() + sum(module.auxiliary())).backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in module.parameters())
    assert not [name for name, weight in module.named_parameters() if not weight.grad.any()]


GOLDEN = {
    "finemogen": [-0.7103, -0.5122, -0.2067, -1.1589, -0.6836, -0.2014],
    "mdm": [0.7591, -0.7393, -0.7987, 0.1127, 1.6418, -0.9829],
}


def test_golden_output(kind: str) -> None:
    """Of weights that their names draw. If it fails, models that were trained before give other motions now: mend the network, or say
    so in the changelog, train again, and put the new numbers here."""
    with torch.no_grad():
        made = called(network(CONFIGS[kind]), SEQUENCES)
    found = [float(made[b, t, d]) for b, t, d in ((0, 0, 0), (0, 8, 500), (1, 7, 263), (1, 15, 1051), (2, 0, 4), (3, 8, 777))]
    np.testing.assert_allclose(found, GOLDEN[kind], atol=2e-4)


# --- models


def jobs() -> Iterator[Job]:
    """Of all that can be asked."""
    rng = np.random.default_rng(0)

    def raw(n: int) -> Any:
        return rng.standard_normal((n, 263)).astype(np.float32)

    yield Job((Told(30, "a person walks"),), 1)
    yield Job((Told(30, "a person walks"),), 2)
    yield Job((Told(10, "someone waves"), Told(13, "a person sits down", ("", "", "the arm hangs", "", "", "", ""))), 3)
    yield Job((Told(6, ""),), 4, raw(6))
    fixed = np.zeros((20, 263), bool)
    fixed[:5], fixed[:, :3] = True, True
    yield Job((Told(20, "a person turns"),), 5, raw(20), rng.random((20, 7)) < 0.5, raw(20), fixed)
    yield Job((Told(1, "a person stands"),), 6)
    yield Job((Told(450, "a person runs"),), 7)


def test_each_motion_is_what_it_is_alone(models: dict[str, Any], kind: str) -> None:
    model, asked = models[kind], list(jobs())
    together = model.sample(asked)
    for job, made in zip(asked, together, strict=True):
        assert made.shape == (job.frames, 263)
        assert made.dtype == np.float32
        assert np.isfinite(made).all()
        np.testing.assert_allclose(model.sample([job])[0], made, atol=2e-3)


def test_the_seed_decides(models: dict[str, Any], kind: str) -> None:
    first, second = list(jobs())[:2]
    model = models[kind]
    np.testing.assert_array_equal(model.sample([first])[0], model.sample([first])[0])
    assert np.abs(model.sample([first])[0] - model.sample([second])[0]).max() > 0.01


@pytest.mark.parametrize("how", [{}, {"sampler": "ddim", "steps": None}, {"steps": 1, "smooth": 0.0}, {"guidance": 0.0}])
def test_given_features_are_kept(models: dict[str, Any], kind: str, how: dict[str, Any]) -> None:
    job, model = list(jobs())[4], models[kind]
    made = model.sample([job], model.with_sampling(**how))[0]
    np.testing.assert_array_equal(made[job.fixed], job.given[job.fixed])
    assert not np.isclose(made[~job.fixed], job.given[~job.fixed]).all()


def test_a_draft_to_start_from(models: dict[str, Any], kind: str) -> None:
    model, draft = models[kind], np.cumsum(np.random.default_rng(0).standard_normal((24, 263)), axis=0).astype(np.float32)
    job = Job((Told(24, "a person walks"),), 1, draft)
    for start in (0.9, 0.02):
        made = model.sample([job], model.with_sampling(draft="start", start=start, steps=50))[0]
        plain = model.sample([job], model.with_sampling(draft="none", steps=50))[0]
        assert np.abs(made - plain).max() > 0.01


def test_nothing_is_made_of_nothing(models: dict[str, Any], kind: str) -> None:
    assert models[kind].sample([]) == []


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (Job(()), "at least one"),
        (Job((Told(0, "a person walks"),)), "at least one"),
        (Job((Told(9, "a"), Told(-2, "b"))), "at least one"),
        (Job((Told(9, "a"),), draft=np.zeros((8, 263), np.float32)), r"job, draft: found shape \(8, 263\); expected \(9, 263\)"),
        (Job((Told(9, "a"),), fixed=np.zeros((9, 7), bool)), "job, fixed"),
    ],
)
def test_jobs_that_cannot_be(models: dict[str, Any], kind: str, job: Job, message: str) -> None:
    with pytest.raises(KinelangError, match=message):
        models[kind].sample([job])


def test_sampling_that_cannot_be(models: dict[str, Any], kind: str) -> None:
    with pytest.raises(ModelError, match="some of sampler, steps"):
        models[kind].with_sampling(speed=3)
    with pytest.raises(ModelError, match="sampling, guidance"):
        models[kind].with_sampling(guidance=-1.0)


# --- run folders


def test_a_folder_says_which_kind_it_is(tmp_path: Path, kind: str) -> None:
    model = saved(tmp_path, CONFIGS[kind])
    for other in (load_generator(tmp_path, HashedWords()), MODELS[kind].load(tmp_path)):
        assert type(other) is GENERATORS[kind]
        assert other.identity == model.identity
    assert model.identity.startswith(f"{kind}@")
    job = next(jobs())
    np.testing.assert_array_equal(load_generator(tmp_path, HashedWords()).sample([job])[0], model.sample([job])[0])


def test_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    saved(tmp_path, CONFIGS[kind])
    (other,) = (GENERATORS[name] for name in KINDS if name != kind)
    with pytest.raises(ModelError, match=f"'{kind}'; expected one of kind '{other.config_type.kind}'"):
        other.load(tmp_path)
    content = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(content | {"model": "tmr"}))
    with pytest.raises(ModelError, match="'tmr'; expected one of kind 'finemogen' or 'mdm'"):
        load_generator(tmp_path)


def test_another_text_encoder_is_refused(tmp_path: Path, kind: str) -> None:
    saved(tmp_path, CONFIGS[kind])
    other = HashedWords()
    other.identity = "hashed-words@1"
    with pytest.raises(ModelError, match="found hashed-words@1; expected hashed-words@0"):
        load_generator(tmp_path, other)


def test_weights_have_to_fit(tmp_path: Path, kind: str) -> None:
    saved(tmp_path, CONFIGS[kind])
    weights = read_tensors(tmp_path / WEIGHTS)
    name = sorted(weights)[0]
    for wrong, message in (
        ({n: w for n, w in weights.items() if n != name}, f"no '{name}'"),
        (weights | {"surplus": np.zeros(2, np.float32)}, "'surplus', which is not in the model"),
        (weights | {name: np.zeros(1, np.float32)}, f"'{name}' of shape"),
        (weights | {name: np.full_like(weights[name], np.nan)}, "not finite"),
    ):
        write_tensors(tmp_path / WEIGHTS, wrong)
        with pytest.raises(ModelError, match=message):
            load_generator(tmp_path)


def test_a_configuration_has_to_fit(tmp_path: Path, kind: str) -> None:
    saved(tmp_path, CONFIGS[kind])
    content = json.loads((tmp_path / CONFIG).read_text())
    content["config"]["network"]["depth"] = 3
    (tmp_path / CONFIG).write_text(json.dumps(content))
    with pytest.raises(ModelError, match="unknown field depth"):
        load_generator(tmp_path)


def test_exported_in_half_the_bytes_it_makes_nearly_the_same(tmp_path: Path, kind: str) -> None:
    model = saved(tmp_path / "run", CONFIGS[kind])
    export_run(tmp_path / "run", tmp_path / "small")
    small = load_generator(tmp_path / "small", HashedWords())
    assert "history" not in read_run(tmp_path / "small").metrics
    job = next(jobs())
    apart = np.abs(small.sample([job])[0] - model.sample([job])[0])
    assert 0 < np.median(apart) < 0.05  # rounding sends some tokens to other experts, of which random ones have little in common
    other = np.abs(small.sample([replace(job, seed=job.seed + 1)])[0] - model.sample([job])[0])
    assert np.median(apart) < 0.1 * np.median(other)


def test_there_may_be_none_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinelang.models.finemogen.model.SHIPPED", "none")
    for load in (load_generator, FineMoGen.load, GENERATORS["mdm"].load):
        with pytest.raises(ModelError, match="kinelang train"):
            load()


def test_noise_is_drawn_token_by_token(models: dict[str, Any], kind: str) -> None:
    """A longer motion begins with the same noise, which editing counts on."""
    pieces = [models[kind]._piece(Job((Told(n, "a person walks"),), 8), models[kind].config.sampling) for n in (20, 50)]
    np.testing.assert_array_equal(pieces[1].noise[:5], pieces[0].noise)
    assert pieces[0].noise.shape == (5, WIDE)
    assert tensor(0, 1).shape == (1,)
