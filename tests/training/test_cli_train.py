"""`kinelang train`, end to end on a dozen clips: models that load, runs that are continued, and mistakes told in one line."""

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
from kinelang.models.captioners import load_captioner
from kinelang.models.evaluator.evaluator import Evaluator
from kinelang.models.tmr import Retriever

TINY = {
    "tmr": ["network.latent=16", "layers=1", "heads=2", "feed_forward=32", "text_encoder=words", "batch_size=4", "warmup_steps=0"],
    "evaluator": [
        *("movement=12", "motion_hidden=10", "text_hidden=8", "joint=6", "word_width=16", "word_vectors=hashed", "tagger=none"),
        *("pretraining.optimisation.steps=2", "pretraining.optimisation.batch_size=8"),
        *("optimisation.batch_size=4", "optimisation.warmup_steps=0"),
    ],
    "captioner": ["network.hidden=12", "network.width=10", "embedding=8", "batch_size=4", "warmup_steps=0"],
    "transformer-captioner": [
        "network.width=16",
        "heads=2",
        "feed_forward=20",
        "encoder_layers=1",
        "decoder_layers=1",
        "batch_size=4",
        "warmup_steps=0",
    ],
}
STEPS = {"tmr": "steps", "evaluator": "optimisation.steps", "captioner": "steps", "transformer-captioner": "steps"}
CAPTIONERS = ("captioner", "transformer-captioner")


def train(out: Path, cache: Path, *more: str, steps: int = 4, corpus: str = "synthetic:40", model: str = "tmr") -> Result:
    sets = [arg for change in [*TINY[model], f"{STEPS[model]}={steps}"] for arg in ("--set", change)]
    arguments = [model, "--corpus", corpus, "--out", str(out), "--cache", str(cache), "--accelerator", "cpu", *sets, *more]
    return CliRunner().invoke(app, arguments, catch_exceptions=True)


def weights_of_last(run: Path) -> bytes:
    """The last state without its header, in which the seconds of training stand."""
    data = (run / "checkpoint" / "last.safetensors").read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


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
    assert weights_of_last(tmp_path / "straight") == weights_of_last(tmp_path / "parts")


def test_an_evaluator_that_loads(tmp_path: Path, cache: Path) -> None:
    done = train(tmp_path / "run", cache, "--json", "--validate-every", "2", model="evaluator")
    assert done.exit_code == 0, (done.output, done.exception)
    answer = json.loads(done.stdout)
    assert (answer["step"], answer["R-precision"]) == (4, answer["validation"]["R-precision"])
    assert {"synthetic/top1", "synthetic/top3", "synthetic/t2m/R1", "synthetic/m2t/MedR"} <= set(answer["validation"])
    assert "movements, step 2: explained" in done.stderr
    model = Evaluator.load(tmp_path / "run")
    record = next(Synthetic(40).records("val"))
    assert model.similarity(record.texts, [record.motion()]).shape == (len(record.texts), 1)
    card = (tmp_path / "run" / "card.md").read_text()
    assert "synthetic:40" in card
    assert model.config.word_identity in card


@pytest.mark.parametrize("model", CAPTIONERS)
def test_a_captioner_that_loads_and_is_handed_on(tmp_path: Path, cache: Path, model: str) -> None:
    done = train(tmp_path / "run", cache, "--json", "--validate-every", "2", model=model)
    assert done.exit_code == 0, (done.output, done.exception)
    answer = json.loads(done.stdout)
    assert (answer["step"], answer["words"]) == (4, answer["validation"]["words"])
    assert {"synthetic/words", "synthetic/perplexity", "synthetic/overlap"} <= set(answer["validation"])
    assert "training, step 2: words " in done.stderr
    assert CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / "small")]).exit_code == 0
    whole, small = (load_captioner(tmp_path / name) for name in ("run", "small"))
    assert (whole.kind.name, small.kind.name) == (model.replace("-", "_"),) * 2
    record = next(Synthetic(40).records("val"))
    assert len(small.caption(record.motion(), beam=2, n=2)[0]) == len(whole.caption(record.motion(), beam=2, n=2)[0]) > 0
    card = (tmp_path / "run" / "card.md").read_text()
    assert "synthetic:40" in card
    assert "the vocabulary in the folder" in card


@pytest.mark.parametrize("model", CAPTIONERS)
def test_an_average_of_captioners_has_their_vocabulary(tmp_path: Path, cache: Path, model: str) -> None:
    for name, steps in (("short", 1), ("long", 2)):
        assert train(tmp_path / name, cache, steps=steps, model=model).exit_code == 0
    done = CliRunner().invoke(app, ["average", str(tmp_path / "long"), str(tmp_path / "short"), "--out", str(tmp_path / "mean")])
    assert done.exit_code == 0, (done.output, done.exception)
    mean, long = (load_captioner(tmp_path / name) for name in ("mean", "long"))
    assert mean.vocabulary == long.vocabulary
    assert mean.identity != long.identity


@pytest.mark.parametrize("model", CAPTIONERS)
def test_a_captioner_stopped_and_continued_is_the_same(tmp_path: Path, cache: Path, model: str) -> None:
    assert train(tmp_path / "straight", cache, model=model).exit_code == 0
    assert train(tmp_path / "parts", cache, "--max-minutes", "0", model=model).exit_code == 0
    assert train(tmp_path / "parts", cache, "--resume", model=model).exit_code == 0
    assert weights_of_last(tmp_path / "straight") == weights_of_last(tmp_path / "parts")
    other = train(tmp_path / "parts", cache, "--resume", "--set", "dropout=0.3", model=model)
    assert isinstance(other.exception, ModelError)


def test_an_evaluator_stopped_in_either_phase(tmp_path: Path, cache: Path) -> None:
    """A step of the first phase; the rest of it and a step of the second; the rest."""
    assert train(tmp_path / "straight", cache, steps=2, model="evaluator").exit_code == 0
    parts = tmp_path / "parts"
    for told in ("1 steps", "1 steps", "2 steps"):
        done = train(parts, cache, "--max-minutes", "0", "--resume", steps=2, model="evaluator")
        assert done.exit_code == 0, (done.output, done.exception)
        assert told in done.stderr
    assert weights_of_last(tmp_path / "straight") == weights_of_last(parts)
    assert weights_of_last(tmp_path / "straight" / "movements") == weights_of_last(parts / "movements")


def test_an_evaluator_stopped_in_its_first_phase_is_continued_as_it_was_begun(tmp_path: Path, cache: Path) -> None:
    assert train(tmp_path / "run", cache, "--max-minutes", "0", model="evaluator").exit_code == 0
    before = (tmp_path / "run" / "config.json").read_bytes()
    done = train(tmp_path / "run", cache, "--resume", "--set", "margin=5", model="evaluator")
    assert isinstance(done.exception, ModelError)
    assert "other corpora or another configuration" in str(done.exception)
    assert (tmp_path / "run" / "config.json").read_bytes() == before
    unfinished = CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / "small")])
    assert isinstance(unfinished.exception, ModelError)


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        (["--set", "steps"], ModelError, "found 'steps'; expected KEY=VALUE"),
        (["--set", "colour=red"], ModelError, "no field 'colour'"),
        (["--config", "huge"], ModelError, "'huge'; expected small, published, or a JSON file"),
        (["--ablation", "none"], ModelError, "'none'; expected one of contrastive-only"),
        (["--corpus", "synthetic:40@3"], CorpusError, "one corpus twice"),
        (["--corpus", "nowhere"], CorpusError, "no corpus 'nowhere'"),
        (["--corpus", "nowhere"], CorpusError, "folder, grounded"),
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


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--config", "huge"], "'huge'; expected small, humanml3d, kit"),
        (["--set", "heads=3"], "16 with 3 heads"),
        (["--set", "teacher=1"], "no field 'teacher'"),
    ],
)
def test_mistakes_with_a_transformer(tmp_path: Path, cache: Path, more: list[str], message: str) -> None:
    done = train(tmp_path / "run", cache, *more, model="transformer-captioner")
    assert isinstance(done.exception, KinelangError)
    assert message in str(done.exception)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--config", "huge"], "'huge'; expected small, published, or a JSON file"),
        (["--set", "temperature=1"], "no field 'temperature'"),
        (["--set", "steps=3"], "pretraining.optimisation.steps, optimisation.steps"),
        (["--set", "word_vectors=encoder", "--set", "text_encoder=nothing"], "nothing"),
    ],
)
def test_mistakes_with_an_evaluator(tmp_path: Path, cache: Path, more: list[str], message: str) -> None:
    done = train(tmp_path / "run", cache, *more, model="evaluator")
    assert isinstance(done.exception, KinelangError)
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


def test_an_average_of_two_trainings_is_a_model(tmp_path: Path, cache: Path) -> None:
    for name, steps in (("short", 1), ("long", 2)):
        assert train(tmp_path / name, cache, steps=steps).exit_code == 0
    runs = [str(tmp_path / name) for name in ("long", "short")]
    done = CliRunner().invoke(app, ["average", *runs, "--shares", "2,1", "--out", str(tmp_path / "mean")])
    assert done.exit_code == 0
    whole, mean = (Retriever.load(tmp_path / name) for name in ("long", "mean"))
    assert mean.identity != whole.identity
    assert (mean.encode_texts(["a person walks"]) @ whole.encode_texts(["a person walks"]).T).item() > 0.5
    wrong = CliRunner().invoke(app, ["average", *runs, "--shares", "two", "--out", str(tmp_path / "none")])
    assert "--shares: found 'two'" in str(wrong.exception)


def test_export_of_an_evaluator(tmp_path: Path, cache: Path) -> None:
    assert train(tmp_path / "run", cache, steps=2, model="evaluator").exit_code == 0
    assert CliRunner().invoke(app, ["export", str(tmp_path / "run"), str(tmp_path / "small")]).exit_code == 0
    names = sorted(os.listdir(tmp_path / "small"))
    assert names == ["card.md", "config.json", "metrics.json", "model.safetensors", "stats.safetensors"]
    whole, small = (Evaluator.load(tmp_path / name) for name in ("run", "small"))
    texts = ["a person walks", "someone waves the left hand"]
    np.testing.assert_allclose(whole.encode_texts(texts), small.encode_texts(texts), atol=2e-2)


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
