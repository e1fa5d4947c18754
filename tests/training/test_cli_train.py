"""`kinelang train tmr`, end to end on a dozen clips: a model that loads, runs that are continued, and mistakes told in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from kinelang.cli.train import app
from kinelang.corpora.synthetic import Synthetic
from kinelang.errors import CorpusError, KinelangError, ModelError
from kinelang.models.base import read_json
from kinelang.models.tmr import Retriever

TINY = ["network.latent=16", "layers=1", "heads=2", "feed_forward=32", "text_encoder=words", "batch_size=4", "warmup_steps=0"]


def train(out: Path, cache: Path, *more: str, steps: int = 4, corpus: str = "synthetic:40") -> Result:
    sets = [arg for change in [*TINY, f"steps={steps}"] for arg in ("--set", change)]
    arguments = ["tmr", "--corpus", corpus, "--out", str(out), "--cache", str(cache), "--accelerator", "cpu", *sets, *more]
    return CliRunner().invoke(app, arguments, catch_exceptions=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_model_that_loads(tmp_path: Path, cache: Path) -> None:
    done = train(tmp_path / "run", cache, "--json", "--validate-every", "2")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["step"], answer["folder"]) == (4, str(tmp_path / "run"))
    assert {"recall", "synthetic/t2m/R1", "synthetic/m2t/MedR"} <= set(answer["validation"])
    model = Retriever.load(tmp_path / "run")
    assert model.width == 16
    record = next(Synthetic(40).records("val"))
    assert model.similarity(record.texts, record.motion()).shape == (len(record.texts), 1)
    card = (tmp_path / "run" / "card.md").read_text()
    assert "synthetic:40" in card
    assert model.config.text_identity in card


def test_the_same_command_gives_the_same_model(tmp_path: Path, cache: Path) -> None:
    """Straight through, and stopped after a step and continued."""
    assert train(tmp_path / "straight", cache).exit_code == 0
    assert train(tmp_path / "parts", cache, "--max-minutes", "0").exit_code == 0
    assert read_json(tmp_path / "parts" / "checkpoint" / "last.json")["step"] == 1
    assert train(tmp_path / "parts", cache, "--resume").exit_code == 0
    last = [(tmp_path / run / "checkpoint" / "last.safetensors").read_bytes() for run in ("straight", "parts")]
    sizes = [int.from_bytes(data[:8], "little") for data in last]
    assert last[0][8 + sizes[0] :] == last[1][8 + sizes[1] :]


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        (["--set", "steps"], ModelError, "found 'steps'; expected KEY=VALUE"),
        (["--set", "colour=red"], ModelError, "no field 'colour'"),
        (["--config", "huge"], ModelError, "'huge'; expected small, published, or a JSON file"),
        (["--ablation", "none"], ModelError, "'none'; expected one of contrastive-only"),
        (["--corpus", "synthetic:40@3"], CorpusError, "one corpus twice"),
        (["--corpus", "nowhere"], CorpusError, "no corpus 'nowhere'"),
        (["--set", "text_encoder=nothing"], KinelangError, "nothing"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(
    tmp_path: Path, cache: Path, more: list[str], kind: type[KinelangError], message: str
) -> None:
    done = train(tmp_path / "run", cache, *more)
    assert isinstance(done.exception, kind)
    assert message in str(done.exception)
    assert not (tmp_path / "run").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = train(tmp_path, cache)
    assert isinstance(done.exception, ModelError)
    assert "not empty" in str(done.exception)
    assert os.listdir(tmp_path) == ["thesis.txt"]


def test_a_run_is_continued_as_it_was_begun(tmp_path: Path, cache: Path) -> None:
    assert train(tmp_path / "run", cache, "--max-minutes", "0").exit_code == 0
    before = (tmp_path / "run" / "config.json").read_bytes()
    for other in (["--set", "temperature=0.2"], ["--corpus", "synthetic:50"]):
        done = train(tmp_path / "run", cache, "--resume", *other)
        assert isinstance(done.exception, ModelError)
        assert "other corpora or another configuration" in str(done.exception)
    assert (tmp_path / "run" / "config.json").read_bytes() == before


def test_the_configuration_of_a_run_makes_another(tmp_path: Path, cache: Path) -> None:
    assert train(tmp_path / "first", cache, steps=2).exit_code == 0
    done = CliRunner().invoke(
        app,
        ["tmr", "--corpus", "synthetic:40", "--out", str(tmp_path / "again"), "--cache", str(cache), "--accelerator", "cpu", "--config",
         str(tmp_path / "first" / "config.json")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    first, again = (Retriever.load(tmp_path / name) for name in ("first", "again"))
    assert first.identity == again.identity
    np.testing.assert_array_equal(first.encode(["a person walks"]), again.encode(["a person walks"]))


def test_export(tmp_path: Path, cache: Path) -> None:
    assert train(tmp_path / "run", cache, steps=2).exit_code == 0
    assert CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / "small")]).exit_code == 0
    names = sorted(os.listdir(tmp_path / "small"))
    assert names == ["card.md", "config.json", "metrics.json", "model.safetensors", "stats.safetensors"]
    assert "history" not in read_json(tmp_path / "small" / "metrics.json")
    whole, small = (Retriever.load(tmp_path / name) for name in ("run", "small"))
    texts = ["a person walks", "someone waves the left hand"]
    np.testing.assert_allclose(whole.encode_texts(texts), small.encode_texts(texts), atol=5e-3)
    missing = CliRunner().invoke(app, ["export", str(tmp_path / "none"), str(tmp_path / "small")])
    assert isinstance(missing.exception, ModelError)


def test_a_small_folder_is_validated_on_itself(tmp_path: Path, cache: Path) -> None:
    """One clip, all of it for training: nothing is held out."""
    import kinelang

    folder = tmp_path / "clips"
    folder.mkdir()
    kinelang.save(kinelang.sample("wave_right_hand"), folder / "wave.bvh")
    (folder / "wave.txt").write_text("a person waves with the right hand\n")
    (folder / "train.txt").write_text("wave\n")
    done = train(tmp_path / "run", cache, "--set", "min_frames=20", corpus=f"folder:{folder}")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "no held-out clips" in done.stderr
