"""Training of models that make motion, FineMoGen and the baseline beside it: batches, the loss by hand, and the commands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `models` is not installed")
pytest.importorskip("lightning_fabric", reason="the extra `models` is not installed")

from typer.testing import CliRunner, Result  # noqa: E402

from kinelang.cli.train import app  # noqa: E402
from kinelang.errors import KinelangError, ModelError  # noqa: E402
from kinelang.models.base import read_json  # noqa: E402
from kinelang.models.finemogen.config import HINTS  # noqa: E402
from kinelang.models.finemogen.groups import PARTS, dims  # noqa: E402
from kinelang.models.finemogen.model import Job, Told  # noqa: E402
from kinelang.models.generators import GENERATORS, load_generator  # noqa: E402
from kinelang.motion.features import HUMANML3D, mirror_features  # noqa: E402
from kinelang.training.data import Clips, Source, clips_of  # noqa: E402
from kinelang.training.finemogen import MIRRORED, FineMoGenTask, feature_weights, intervals_of, prepare  # noqa: E402
from kinelang.training.loop import Plan, fit  # noqa: E402
from models.generator_samples import CONFIGS  # noqa: E402
from models.tmr_samples import HashedWords  # noqa: E402

KINDS = list(GENERATORS)
CORPUS = "synthetic:40"
TINY = ["text_encoder=words", "batch_size=4", "warmup_steps=0"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def clips(cache: Path) -> tuple[Clips, Clips]:
    """To learn from, and held out."""
    train, held_out = (clips_of(Source.parse(CORPUS), split, cache / "features", 0) for split in ("train", "val"))
    return train, held_out


def task(cache: Path, clips: tuple[Clips, Clips], kind: str, **data: Any) -> FineMoGenTask:
    config = CONFIGS[kind]
    config = replace(config, data=replace(config.data, **data))
    return prepare(config, [(clips[0], 1)], [clips[1]], HashedWords(), cache)


# --- batches


def test_batches_are_the_same_whenever_they_are_asked_for(cache: Path, clips: tuple[Clips, Clips], kind: str) -> None:
    made = task(cache, clips, kind)
    first, again, other = made.batch(2, 1), made.batch(2, 1), made.batch(3, 1)
    assert torch.equal(first.x, again.x)
    assert torch.equal(first.text, again.text)
    assert first.x.shape != other.x.shape or not torch.equal(first.x, other.x)
    seen = [made.batch(0, i).x.shape[0] for i in range(made.n_batches(0))]
    assert sum(seen) == len(made.train)


def test_what_a_batch_holds(cache: Path, clips: tuple[Clips, Clips], kind: str) -> None:
    """Whole frames normalised, padding of 0, intervals that cover the clips, hints where they are said to be."""
    made = task(cache, clips, kind)
    for i in range(made.n_batches(0)):
        batch = made.batch(0, i)
        b, t, _ = batch.x.shape
        assert torch.equal(batch.plan.mask.repeat_interleave(4, dim=1) | ~batch.there, torch.ones(b, 4 * t, dtype=torch.bool))
        assert not batch.x[~batch.plan.mask].any()
        assert batch.plan.lengths.max() <= made.config.network.max_tokens
        totals = torch.zeros(b, dtype=torch.long).index_add(0, batch.plan.owner, batch.plan.length)
        assert torch.equal(totals, batch.plan.lengths)
        for p, part in enumerate(PARTS):
            own = [frame * 263 + d for frame in range(4) for d in dims(HUMANML3D, part)]
            hints, kinds = batch.hints.values[..., own], batch.hints.kinds[..., p]
            assert not hints[kinds == HINTS.index("none")].any()
            given = (kinds == HINTS.index("given")) & batch.plan.mask
            assert torch.equal(hints[given], batch.x[..., own][given])


def test_the_baseline_is_told_one_text_and_shown_nothing(cache: Path, clips: tuple[Clips, Clips], tmp_path: Path) -> None:
    made = prepare(CONFIGS["mdm"], [(clips[0], 1)], [clips[1]], HashedWords(), tmp_path)
    assert not (tmp_path / "drafts").exists()
    for i in range(made.n_batches(0)):
        batch = made.batch(0, i)
        assert torch.equal(batch.plan.owner, torch.arange(len(batch.x)))
        assert batch.plan.parts is None
        assert (batch.plan.overall >= 0).all()
        assert not batch.hints.kinds.any()
        assert not batch.hints.values.any()


def test_both_kinds_see_the_same_clips(cache: Path, clips: tuple[Clips, Clips]) -> None:
    """Where neither is staged, drafted or given anything, one batch is the other's."""
    off = {"staged": 0.0, "parted": 0.0, "drafted": 0.0, "given": 0.0}
    mine, theirs = (task(cache, clips, kind, **off).batch(1, 2) for kind in ("mdm", "finemogen"))
    assert torch.equal(mine.x, theirs.x)
    assert torch.equal(mine.text, theirs.text)
    assert torch.equal(mine.dropped, theirs.dropped)


def test_stages_and_parts_are_told(cache: Path, clips: tuple[Clips, Clips]) -> None:
    made = task(cache, clips, "finemogen", staged=1.0, parted=1.0)
    batches = [made.batch(0, i) for i in range(made.n_batches(0))]
    assert any(len(batch.plan.owner) > len(batch.x) for batch in batches)
    assert any(batch.plan.parts is not None and (batch.plan.parts >= 0).any() for batch in batches)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_texts_are_dropped_as_often_as_asked(cache: Path, clips: tuple[Clips, Clips], kind: str, share: float) -> None:
    assert (task(cache, clips, kind, dropped=share).batch(0, 0).dropped == bool(share)).all()


def test_mirroring_exchanges_the_texts_of_parts() -> None:
    assert [PARTS[i] for i in MIRRORED] == ["head", "torso", "right_arm", "left_arm", "right_leg", "left_leg", "root"]


def test_intervals_cover_a_clip() -> None:
    cuts = [(3, "a", ()), (3, "b", ()), (9, "c", ("x",)), (4, "d", ())]
    assert intervals_of(cuts, 12) == ((3, "a", ()), (6, "c", ("x",)), (3, "d", ()))
    assert intervals_of(cuts, 5) == ((3, "a", ()), (2, "c", ("x",)))
    assert intervals_of([(2, "a", ())], 7) == ((7, "a", ()),)
    assert sum(n for n, _, _ in intervals_of([(-3, "a", ()), (0, "b", ()), (1, "c", ())], 6)) == 6


def test_statistics_know_both_sides(cache: Path, clips: tuple[Clips, Clips], kind: str) -> None:
    statistics = task(cache, clips, kind).statistics
    rows = np.concatenate([np.concatenate([clips[0][i], mirror_features(clips[0][i])]) for i in range(len(clips[0]))])
    np.testing.assert_allclose(statistics.mean, rows.mean(axis=0, dtype=np.float64), atol=1e-3)


# --- loss and validation


@pytest.mark.parametrize("mean", ["clips", "frames"])
def test_the_loss_by_hand(cache: Path, clips: tuple[Clips, Clips], kind: str, mean: Any) -> None:
    """Of a network that always says the same: squares weighed by feature, means over frames that are real."""
    made = task(cache, clips, kind)
    made.config = replace(made.config, losses=replace(made.config.losses, mean=mean))
    batch = made.batch(0, 0)
    _, parts = made.loss(lambda x, *_: torch.full_like(x, 0.25), batch)
    weights = feature_weights(made.config)
    assert weights.mean() == pytest.approx(1)
    assert weights[0] == pytest.approx(4 * float(weights[4]))
    per_clip, frames = [], []
    for x, there in zip(batch.x, batch.there, strict=True):
        rows = x.view(-1, 263)[there]
        per_clip.append(float(((rows - 0.25).square() * weights).mean(dim=1).sum()))
        frames.append(len(rows))
    by_hand = np.mean(np.divide(per_clip, frames)) if mean == "clips" else sum(per_clip) / sum(frames)
    assert float(parts["motion"]) == pytest.approx(by_hand, rel=1e-5)


def test_a_network_that_knows_explains_everything(cache: Path, clips: tuple[Clips, Clips], kind: str) -> None:
    made = task(cache, clips, kind)
    validated = made.validate(made.module.eval())
    assert set(validated) == {"explained", "synthetic/explained"} | ({"synthetic/drafted"} if kind == "finemogen" else set())
    known = [batch.x for batch in made._validation["synthetic"]]

    class Knowing(torch.nn.Linear):
        def forward(self, x: Any, *_: Any) -> Any:
            return next(row for row in known if row.shape == x.shape)

    assert set(made.validate(Knowing(1, 1)).values()) == {100.0}


def test_a_few_clips_are_learned(cache: Path, clips: tuple[Clips, Clips], kind: str, tmp_path: Path) -> None:
    made = task(cache, clips, kind, mirror=0.0, speed=0.0, dropped=0.0)
    optimisation = replace(made.config.optimisation, steps=25, learning_rate=1e-2, warmup_steps=2)
    losses: list[float] = []
    plan = Plan(validate_every=25, tensorboard=False, accelerator="cpu")
    place = fit(made, optimisation, tmp_path, plan, watch=lambda report: losses.append(report.losses["motion"]))
    assert np.mean(losses[-5:]) < 0.75 * np.mean(losses[:5])
    assert place.best is not None
    assert place.best > 3  # 0: no better than the mean pose


# --- commands


def train(out: Path, cache: Path, kind: str, *more: str, steps: int = 3, config: str = "tiny") -> Result:
    sets = [arg for change in [*TINY, f"optimisation.steps={steps}"] for arg in ("--set", change)]
    arguments = [kind, "--corpus", CORPUS, "--config", config, "--out", str(out), "--cache", str(cache), "--accelerator", "cpu", *sets]
    return CliRunner().invoke(app, [*arguments, *more], catch_exceptions=True)


def test_a_model_that_loads_and_is_handed_on(tmp_path: Path, cache: Path, kind: str) -> None:
    done = train(tmp_path / "run", cache, kind, "--json", "--validate-every", "2")
    assert done.exit_code == 0, (done.output, done.exception)
    answer = json.loads(done.stdout)
    assert (answer["step"], answer["explained"]) == (3, answer["validation"]["explained"])
    assert "training, step 2: explained" in done.stderr
    assert CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / "small")]).exit_code == 0
    job = Job((Told(20, "a person walks"),), 1)
    for name in ("run", "small"):
        model = load_generator(tmp_path / name)
        assert type(model) is GENERATORS[kind]
        assert model.sample([job])[0].shape == (20, 263)
    card = (tmp_path / "run" / "card.md").read_text()
    assert CORPUS in card
    assert model.config.text_identity in card


def test_stopped_and_continued_is_the_same(tmp_path: Path, cache: Path, kind: str) -> None:
    assert train(tmp_path / "straight", cache, kind).exit_code == 0
    assert train(tmp_path / "parts", cache, kind, "--max-minutes", "0").exit_code == 0
    assert read_json(tmp_path / "parts" / "checkpoint" / "last.json")["step"] == 1
    assert train(tmp_path / "parts", cache, kind, "--resume").exit_code == 0
    assert weights_of_last(tmp_path / "straight") == weights_of_last(tmp_path / "parts")
    other = train(tmp_path / "parts", cache, kind, "--resume", "--set", "mirror=0.3")
    assert isinstance(other.exception, ModelError)


def weights_of_last(run: Path) -> bytes:
    """The last state without its header, in which the seconds of training stand."""
    data = (run / "checkpoint" / "last.safetensors").read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("mdm", ["--set", "staged=0.5"], "data, staged: found 0.5; expected 0"),
        ("mdm", ["--set", "hints=true"], "no field 'hints'"),
        ("mdm", ["--config", "huge"], "'huge'; expected small, paper, tiny"),
        ("mdm", ["--set", "heads=3"], "16 with 3 heads"),
        ("mdm", ["--set", "layout=kit"], "humanml3d, which the clips have"),
        ("finemogen", ["--ablation", "all"], "'all'; expected one of none, spatial"),
        ("finemogen", ["--set", "chosen=9"], "9 of 4 experts"),
        ("finemogen", ["--set", "layout=kit"], "humanml3d, which the clips have"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(tmp_path: Path, cache: Path, kind: str, more: list[str], message: str) -> None:
    done = train(tmp_path / "run", cache, kind, *more)
    assert isinstance(done.exception, KinelangError)
    assert message in str(done.exception)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("arm", ["none", "spatial", "temporal", "moe"])
def test_every_arm_is_trained_by_the_command(tmp_path: Path, cache: Path, arm: str) -> None:
    done = train(tmp_path / "run", cache, "finemogen", "--ablation", arm, steps=1)
    assert done.exit_code == 0, (done.output, done.exception)
    assert load_generator(tmp_path / "run").sample([Job((Told(9, "a person walks"),))])[0].shape == (9, 263)
