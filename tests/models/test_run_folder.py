"""A run folder is read strictly: whatever is missing, too much, of another shape or not finite is refused in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinelang.errors import ModelError
from kinelang.models.base import (
    CONFIG,
    METRICS,
    STATISTICS,
    WEIGHTS,
    average_runs,
    read_run,
    read_tensors,
    write_run,
    write_tensors,
    write_weights,
)
from kinelang.models.configuring import changed, from_dict, paths, to_dict
from kinelang.models.tmr import Retriever, TMRConfig
from models.tmr_samples import statistics, tiny_config, weights_of, write_tiny


def test_written_and_read(tmp_path: Path) -> None:
    config = write_tiny(tmp_path / "run")
    run = read_run(tmp_path / "run", "tmr")
    assert from_dict(TMRConfig, run.config, "there") == config
    assert run.metrics == {"R@1": 1.0}
    assert {n: a.dtype for n, a in run.weights.items()} == dict.fromkeys(weights_of(config), np.float32)
    for name, array in weights_of(config).items():
        np.testing.assert_array_equal(run.weights[name], array)
    assert run.identity.startswith("tmr@")
    assert len(run.identity) == len("tmr@") + 8


def test_half_as_large(tmp_path: Path) -> None:
    write_tiny(tmp_path / "whole")
    write_tiny(tmp_path / "half", half=True)
    whole, half = ((tmp_path / name / WEIGHTS).stat().st_size for name in ("whole", "half"))
    assert half < 0.6 * whole
    found, expected = read_run(tmp_path / "half").weights, weights_of(tiny_config())
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array.astype(np.float16).astype(np.float32))


def test_what_is_too_large_for_float16_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not finite as float16"):
        write_weights(tmp_path, {"a": np.array([1e6])}, half=True)
    assert not (tmp_path / WEIGHTS).exists()


def test_the_identity_tells_weights_statistics_and_configuration_apart(tmp_path: Path) -> None:
    config = tiny_config()
    weights, normal = weights_of(config), statistics().arrays()
    other = {**weights, "text_encoder.embed.bias": weights["text_encoder.embed.bias"] + 1e-3}
    variants = [
        (config, weights, normal),
        (config, other, normal),
        (config, weights, {**normal, "mean": normal["mean"] + 1}),
        (replace(config, text_identity="another@1"), weights, normal),
    ]
    seen = set()
    for i, (c, w, s) in enumerate(variants):
        write_run(tmp_path / str(i), "tmr", to_dict(c), w, s, {"figure": i})
        seen.add(read_run(tmp_path / str(i)).identity)
    assert len(seen) == len(variants)
    write_run(tmp_path / "again", "tmr", to_dict(config), weights, normal, {"figure": 99}, "another card")
    assert read_run(tmp_path / "again").identity == read_run(tmp_path / "0").identity


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, STATISTICS])
def test_missing_file(tmp_path: Path, name: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match=f"found no {name}"):
        Retriever.load(tmp_path)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        Retriever.load(tmp_path / "none")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("text_encoder.tokens"), "no 'text_encoder.tokens'"),
        (lambda w: w.update(surplus=np.zeros(3, np.float32)), "'surplus', which is not in the model"),
        (lambda w: w.update({"text_encoder.tokens": np.zeros((1, 16), np.float32)}), r"of shape \(1, 16\) in place of \(2, 16\)"),
        (lambda w: w.update({"text_encoder.tokens": np.full((2, 16), np.nan, np.float32)}), "not finite"),
        (lambda w: w.pop("motion_decoder.project.bias"), "no 'motion_decoder.project.bias'"),
    ],
    ids=["missing", "extra", "shape", "nan", "half a decoder"],
)
def test_wrong_tensors(tmp_path: Path, change: object, message: str) -> None:
    config = write_tiny(tmp_path)
    weights = weights_of(config)
    change(weights)  # type: ignore[operator]
    write_tensors(tmp_path / WEIGHTS, weights)
    with pytest.raises(ModelError, match=message):
        Retriever.load(tmp_path)


def test_search_needs_no_decoder(tmp_path: Path) -> None:
    config = write_tiny(tmp_path)
    write_weights(tmp_path, weights_of(config, decoder=False))
    assert Retriever.load(tmp_path).width == 16


@pytest.mark.parametrize("damage", [b"", b"\x08", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}trailing"])
def test_damaged_weights(tmp_path: Path, damage: bytes) -> None:
    write_tiny(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(damage)
    with pytest.raises(ModelError, match=WEIGHTS.replace(".", r"\.") + "|no 'motion"):
        Retriever.load(tmp_path)


def test_cut_weights(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    data = (tmp_path / WEIGHTS).read_bytes()
    for end in (3, 40, len(data) // 2, len(data) - 1):
        (tmp_path / WEIGHTS).write_bytes(data[:end])
        with pytest.raises(ModelError, match="no safetensors file"):
            Retriever.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(model="evaluator"), "a model of kind 'evaluator'; expected one of kind 'tmr'"),
        (lambda c: c.update(version=2), "version 2"),
        (lambda c: c.pop("config"), "fields model, version"),
        (lambda c: c["config"].pop("data"), "no field data"),
        (lambda c: c["config"]["network"].update(depth=3), "unknown field depth"),
        (lambda c: c["config"]["network"].update(latent="16"), "network, latent: found '16'; expected a whole number"),
        (lambda c: c["config"]["network"].update(latent=17), "17 with 2 heads"),
        (lambda c: c["config"]["losses"].update(form="triplet"), "expected one of infonce, margin"),
    ],
)
def test_wrong_configuration(tmp_path: Path, change: object, message: str) -> None:
    write_tiny(tmp_path)
    content = json.loads((tmp_path / CONFIG).read_text())
    change(content)  # type: ignore[operator]
    (tmp_path / CONFIG).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=message):
        Retriever.load(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{", "\udcff"])
def test_configuration_that_is_no_json(tmp_path: Path, text: str) -> None:
    write_tiny(tmp_path)
    (tmp_path / CONFIG).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match=CONFIG):
        Retriever.load(tmp_path)


def test_wrong_statistics(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    good = read_tensors(tmp_path / STATISTICS)
    for bad, message in (
        ({"mean": good["mean"]}, "no 'std'"),
        ({**good, "std": np.zeros(263, np.float32)}, "deviation of 0"),
        ({**good, "std": np.ones(251, np.float32)}, r"\(251,\) in place of \(263,\)"),
    ):
        write_tensors(tmp_path / STATISTICS, bad)
        with pytest.raises(ModelError, match=message):
            Retriever.load(tmp_path)


def test_metrics_are_optional_but_not_anything(tmp_path: Path) -> None:
    write_tiny(tmp_path)
    (tmp_path / METRICS).unlink()
    assert read_run(tmp_path).metrics == {}
    (tmp_path / METRICS).write_text("no")
    with pytest.raises(ModelError, match=METRICS):
        read_run(tmp_path)


@pytest.mark.parametrize("config", [TMRConfig.published(), TMRConfig.small(), TMRConfig(), tiny_config().ablated("margin")])
def test_configurations_survive_json(config: TMRConfig) -> None:
    assert from_dict(TMRConfig, json.loads(json.dumps(to_dict(config))), "there") == config


def test_fields_are_changed_by_name() -> None:
    made = changed(
        TMRConfig.small(),
        {"temperature": "0.07", "losses.form": "margin", "steps": "null", "betas": "[0.9, 0.98]", "text_encoder": "words", "mirror": 1},
    )
    assert (made.losses.temperature, made.losses.form, made.optimisation.steps) == (0.07, "margin", None)
    assert (made.optimisation.betas, made.text_encoder, made.data.mirror) == ((0.9, 0.98), "words", 1.0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("temperatur", "1", "no field 'temperatur'; expected one of network.motion_width"),
        ("temperature", "warm", "found 'warm'; expected a number"),
        ("temperature", "0", "expected more than 0"),
        ("decoder", "1", "expected true or false"),
        ("betas", "[0.9]", "betas: found"),
        ("network", "{}", "no field 'network'"),
    ],
)
def test_fields_that_cannot_be_changed(name: str, value: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        changed(TMRConfig(), {name: value})


def test_published_values() -> None:
    """The paper and the release, section by section (losses are in test_tmr_losses)."""
    c = TMRConfig.published()
    n, o, d = c.network, c.optimisation, c.data
    assert (n.latent, n.layers, n.heads, n.feed_forward, n.dropout, n.motion_width, n.text_width) == (256, 6, 4, 1024, 0.1, 263, 768)
    assert (n.variational, n.decoder, n.attention_dropout) == (True, True, 0.1)
    assert (o.learning_rate, o.weight_decay, o.betas, o.batch_size, o.epochs) == (1e-4, 0.01, (0.9, 0.999), 32, 500)
    assert (o.schedule, o.clip, o.ema, o.seed, o.matmul_precision, o.accumulate) == ("constant", None, None, 1234, "high", 1)
    assert (d.min_frames, d.max_frames, d.mirror, d.noise, d.scaling) == (40, 200, 0.0, 0.0, "features")
    assert (c.text_encoder, c.sentence_encoder) == ("distilbert", "mpnet")
    assert (c.losses.swapped_texts, c.losses.mirrored_motions) == (False, False)


def test_paths_name_every_value() -> None:
    assert ("losses", "temperature") in paths(TMRConfig())
    assert ("text_encoder",) in paths(TMRConfig())


# --- averages


def a_run(folder: Path, value: float, **network: object) -> Path:
    config = {"network": {"latent": 4, **network}, "data": {"stack": 1}, "optimisation": {"steps": int(value)}}
    write_run(folder, "tmr", config, {"w": np.full((2, 3), value, np.float32)}, {"mean": np.full(3, value, np.float32)}, {}, "a card")
    return folder


def test_an_average_is_the_mean_by_shares(tmp_path: Path) -> None:
    runs = [a_run(tmp_path / str(i), value) for i, value in enumerate((1.0, 4.0))]
    average_runs(runs, tmp_path / "mean")
    average_runs(runs, tmp_path / "more of the first", [2, 1])
    for name, value in (("mean", 2.5), ("more of the first", 2.0)):
        made = read_run(tmp_path / name)
        np.testing.assert_allclose(made.weights["w"], value)
        np.testing.assert_allclose(made.statistics["mean"], value)
        assert made.config["optimisation"]["steps"] == 1
        assert [one["model"] for one in made.metrics["averaged"]] == [read_run(run).identity for run in runs]
    average_runs([runs[0], runs[0]], tmp_path / "itself")
    assert read_run(tmp_path / "itself").identity == read_run(runs[0]).identity


@pytest.mark.parametrize(
    ("others", "shares", "message"),
    [
        ({}, None, "1 runs"),
        ({"other": {"latent": 8}}, None, "other settings of network, data or words"),
        ({"other": {}}, [1.0], "a share above 0 for each"),
        ({"other": {}}, [1.0, 0.0], "a share above 0 for each"),
    ],
)
def test_what_cannot_be_averaged(
    tmp_path: Path, others: dict[str, dict[str, object]], shares: list[float] | None, message: str
) -> None:
    runs = [a_run(tmp_path / "one", 1.0), *(a_run(tmp_path / name, 2.0, **network) for name, network in others.items())]
    with pytest.raises(ModelError, match=message):
        average_runs(runs, tmp_path / "mean", shares)
    assert not (tmp_path / "mean").exists()
