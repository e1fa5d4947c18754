"""The paper's sweeps: which configurations stand in each table, and that a tiny one is trained, judged, written and not run again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kinelang.errors import KinelangError
from kinelang.evaluate.sweeps import FULL, PUBLISHED_FIGURES, SWEEPS, Encoders, Scale, run_sweep
from kinelang.evaluate.text_similarity import PUBLISHED_FILTERED
from kinelang.models.configuring import changed
from kinelang.models.tmr.config import TMRConfig
from kinelang.training import loop
from models.tmr_samples import HashedWords, tiny_config


def scale(base: TMRConfig | None = None, **changes: object) -> Scale:
    made = changed(tiny_config() if base is None else base, {"batch_size": 4, "layers": 1, "max_frames": 40})
    return replace(Scale(made, ("synthetic:40",), 30, (1,), "synthetic:40", clips=2, accelerator="cpu"), **changes)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("table", SWEEPS)
@pytest.mark.parametrize("base", [TMRConfig.small(), TMRConfig.published()], ids=["small", "published"])
def test_every_row_is_a_configuration_of_its_own(table: str, base: TMRConfig):
    rows = SWEEPS[table].variants(base)
    names = [row.name for row in rows]
    assert len(set(names)) == len(names) > 3
    one = Scale(base, ("synthetic",), 1000, (1, 2), "synthetic")
    configs = [one.config(row, seed) for row in rows for seed in one.seeds]
    different = {one.run_folder(Path(), config).name for config in configs}
    published = sum(row.published[:4] == FULL[:4] for row in rows)
    assert published >= 1
    assert len(different) >= 2 * (len(rows) - max(published - 1, 0))  # rows that are the published configuration may be one run
    for row in rows:
        assert len(row.published) in (4, len(PUBLISHED_FIGURES))


def test_tables_share_the_runs_of_the_full_model():
    base = replace(TMRConfig.published())
    one = Scale(base, ("kitml",), 1000, (1,), "kitml")
    full = [
        one.run_folder(Path(), one.config(row, 1)).name
        for sweep in SWEEPS.values()
        for row in sweep.variants(base)
        if row.published[:4] == FULL[:4]
    ]
    assert len(full) == 7
    assert len(set(full)) == 1


def test_table_4_filters_the_published_shares_where_another_encoder_filters():
    rows = SWEEPS["4"].variants(TMRConfig.small())
    losses = [Scale(TMRConfig.small(), (), 10, (1,), "").config(row, 1).losses for row in rows]
    assert [loss.filtered_share for loss in losses] == [*PUBLISHED_FILTERED.values(), None]
    assert {loss.threshold for loss in losses} == {None}
    published = [
        Scale(TMRConfig.published(), (), 10, (1,), "").config(row, 1).losses for row in SWEEPS["4"].variants(TMRConfig.published())
    ]
    assert [loss.threshold for loss in published] == [*PUBLISHED_FILTERED, None]
    assert {loss.filtered_share for loss in published} == {None}


def test_the_learning_rate_goes_with_the_batch_and_every_row_sees_as_many_pairs():
    base = TMRConfig.published()
    one = Scale(base, (), 1000, (1,), "")
    rows = [one.config(row, 1).optimisation for row in SWEEPS["5"].variants(base) if row.batch]
    assert [row.batch_size for row in rows] == [16, 32, 64, 128]
    assert [row.learning_rate / base.optimisation.learning_rate for row in rows] == [0.5, 1, 2, 4]
    assert {row.batch_size * row.steps for row in rows} == {32_000}


def test_warming_up_takes_a_tenth_of_a_short_training_at_most():
    small = TMRConfig.small()
    steps = {
        n: Scale(small, (), n, (1,), "").config(SWEEPS["3"].variants(small)[-1], 1).optimisation.warmup_steps for n in (30, 20_000)
    }
    assert steps == {30: 3, 20_000: small.optimisation.warmup_steps}


def test_two_rows_are_trained_judged_and_not_run_again(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    told: list[tuple[str, int, int]] = []
    encoders = Encoders(HashedWords(), HashedWords())
    rows = ["InfoNCE alone", "margin alone"]
    made = run_sweep("3", scale(), tmp_path, cache, encoders, rows=rows, progress=lambda *what: told.append(what))
    assert list(made["rows"]) == ["margin alone", "InfoNCE alone"]  # as in the table
    assert ("InfoNCE alone, seed 1", 30, 30) in told
    for row in made["rows"].values():
        run = row["runs"]["1"]
        assert (tmp_path / "runs" / run["run"] / "model.safetensors").is_file()
        assert set(run["results"]) == {"all", "threshold", "threshold_sides"}
        assert run["results"]["all"]["n_clips"] == 2
    assert made["judged on"]["clips"] == 2
    assert made["hardware"]["processors"]
    assert made["not_comparable"][-1] == "30 steps of training"
    assert json.loads((tmp_path / "table_3.json").read_text()) == json.loads(json.dumps(made))
    text = (tmp_path / "table_3.md").read_text()
    assert "| InfoNCE alone | 19.76 | 25.3 | 36.87 | 6.0 |" in text
    assert "Trained on synthetic:40: 30 steps, seeds 1." in text

    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(loop, "fit", never)
    again = run_sweep("3", scale(), tmp_path, cache, encoders, rows=rows)
    assert again["rows"] == made["rows"]
    other = run_sweep("A.4", scale(), tmp_path, cache, encoders, rows=["contrastive only"])
    assert other["rows"]["contrastive only"]["runs"] == made["rows"]["InfoNCE alone"]["runs"]
    with pytest.raises(AssertionError, match="trained again"):
        run_sweep("3", scale(steps=31), tmp_path, cache, encoders, rows=rows)


def test_what_was_interrupted_goes_on(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    encoders, rows = Encoders(HashedWords(), HashedWords()), ["InfoNCE alone"]
    fit = loop.fit

    def stopped(task, config, run, plan, **options):
        return fit(task, config, run, replace(plan, max_minutes=0.0), **options)

    monkeypatch.setattr(loop, "fit", stopped)
    with pytest.raises(KinelangError, match="1 of 30 steps.*goes on where it was"):
        run_sweep("3", scale(), tmp_path, cache, encoders, rows=rows)
    assert not list(tmp_path.glob("table*"))
    monkeypatch.setattr(loop, "fit", fit)
    steps = []
    run_sweep("3", scale(), tmp_path, cache, encoders, rows=rows, progress=lambda what, done, of: steps.append((what, done)))
    assert min(done for what, done in steps if what.startswith("InfoNCE")) == 2


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [("1", (), "one of 3, 4, 5, A.3, A.4"), ("3", ("best",), "one of margin alone, InfoNCE alone")],
)
def test_what_there_is_not(tmp_path: Path, table: str, rows: tuple[str, ...], message: str):
    with pytest.raises(KinelangError, match=message):
        run_sweep(table, scale(), tmp_path, tmp_path, Encoders(HashedWords(), HashedWords()), rows=rows)
