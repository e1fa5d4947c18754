"""The evaluator's two phases: windows, batches, figures, exact resumption in either, and eight pairs learned by heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from kinelang.errors import CorpusError, ModelError
from kinelang.language.sides import swap_left_right
from kinelang.models.base import read_json, read_tensors
from kinelang.models.configuring import changed
from kinelang.models.evaluator.config import EvaluatorConfig, Network
from kinelang.models.evaluator.evaluator import Evaluator
from kinelang.models.evaluator.network import EvaluatorNetwork
from kinelang.motion.features import HUMANML3D, mirror_features
from kinelang.training.data import Clips
from kinelang.training.evaluator import MOVEMENTS, MatchingTask, MovementTask, Prepared, figures, part_of, prepare, train
from kinelang.training.loop import Plan, Report
from kinelang.training.sequences import Sequences
from models.tmr_samples import raw_clips

CAPTIONS = [
    ("a person walks", "someone walks"),
    ("a person raises the left arm",),
    ("a person raises the right arm",),
    ("a man jumps twice",),
    ("she turns counter clockwise",),
    ("he kicks with his left leg",),
    ("a person waves with both hands",),
    ("someone sits down",),
]
LENGTHS = (60, 45, 80, 200, 120, 45, 60, 90)
TINY = {
    "movement": 12,
    "motion_hidden": 10,
    "word_width": 16,
    "text_hidden": 8,
    "joint": 6,
    "tagger": "none",
    "pretraining.optimisation.steps": 4,
    "pretraining.optimisation.batch_size": 8,
    "optimisation.steps": 4,
    "optimisation.batch_size": 4,
}


def clips(folder: Path, lengths: tuple[int, ...] = LENGTHS) -> Clips:
    kept = Sequences(folder, 263)
    for i, (clip, texts) in enumerate(zip(raw_clips(lengths, 1), CAPTIONS, strict=False)):
        kept.append(f"c{i}", clip, {"captions": texts, "group": f"g{i}"})
    kept.close()
    return Clips("tiny", kept)


def given(folder: Path, lengths: tuple[int, ...] = LENGTHS, **changes: object) -> Prepared:
    own = clips(folder / "clips", lengths)
    return prepare(changed(EvaluatorConfig(), {**TINY, **changes}), [(own, 1)], [own])


def matching(prepared: Prepared) -> MatchingTask:
    first = {name: t.numpy() for name, t in MovementTask(prepared).module.encoder.state_dict().items()}
    return MatchingTask(prepared, first)


def plan(**changes: object) -> Plan:
    return Plan(**{"validate_every": 2, "accelerator": "cpu", "tensorboard": False, **changes})


# --- The first phase


def test_an_epoch_shows_every_window_once(tmp_path: Path) -> None:
    task = MovementTask(given(tmp_path, (45, 30, 40, 44), **{"pretraining.window": 40, "min_frames": 20, "root_scale": 1.0}))
    assert task.n_batches(0) == 2  # 6 + 0 + 1 + 5 windows in batches of 8
    shown = torch.cat([task.batch(0, i) for i in range(2)])
    assert shown.shape == (12, 40, 263)
    statistics, own = task.given.statistics, task.given.train
    windows = [statistics(own.clip(n)[start : start + 40]) for n, starts in ((0, 6), (2, 1), (3, 5)) for start in range(starts)]
    assert {window.tobytes() for window in shown.numpy()} == {window.tobytes() for window in windows}
    assert torch.equal(task.batch(1, 0), task.batch(1, 0))
    assert not torch.equal(task.batch(1, 0), task.batch(0, 0))


def test_windows_are_mirrored(tmp_path: Path) -> None:
    task = MovementTask(given(tmp_path, (40, 40), mirror=1.0))
    mirrored = {task.given.statistics(mirror_features(task.given.train.clip(n))).tobytes() for n in range(2)}
    assert {window.tobytes() for window in task.batch(0, 0).numpy()} == mirrored


def test_what_is_explained(tmp_path: Path) -> None:
    """All of it by the identity, none by the mean."""

    class Same(torch.nn.Module):
        def __init__(self, factor: float) -> None:
            super().__init__()
            self.factor = torch.nn.Parameter(torch.tensor(factor))

        def forward(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.factor * frames, frames

    task = MovementTask(given(tmp_path))
    with torch.inference_mode():
        assert task.validate(Same(1.0)) == {"explained": 100, "tiny/explained": 100}
        assert task.validate(Same(0.0))["explained"] == pytest.approx(0, abs=1e-4)


def test_clips_shorter_than_a_window(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no clip that is as long as a window; expected clips of 40 frames"):
        MovementTask(given(tmp_path, (30, 36), min_frames=20))


# --- The second


def test_parts_of_clips() -> None:
    """Whole multiples of four frames, a third of them four frames shorter than they could be."""
    rng, clip = np.random.default_rng(0), np.arange(47)[:, None]
    parts = [part_of(clip, 196, rng) for _ in range(300)]
    assert {len(part) for part in parts} == {44, 40}
    assert 70 < sum(len(part) == 40 for part in parts) < 130
    assert all((np.diff(part[:, 0]) == 1).all() for part in parts)
    assert {int(part[0, 0]) for part in parts if len(part) == 44} == {0, 1, 2, 3}
    assert {len(part_of(np.zeros((300, 1)), 196, rng)) for _ in range(50)} == {196, 192}
    assert {len(part_of(np.zeros((n, 1)), 196, rng)) for n in (4, 5, 7) for _ in range(20)} == {4}


def test_batches_are_whole_and_the_same_whenever_they_are_asked_for(tmp_path: Path) -> None:
    task = matching(given(tmp_path, **{"optimisation.batch_size": 3}))
    assert task.n_batches(0) == 2
    assert [len(batch) for batch in task._plan(0)] == [3, 3]
    first, again = task.batch(3, 1), task.batch(3, 1)
    assert torch.equal(first.frames, again.frames)
    assert torch.equal(first.words, again.words)
    assert (first.frame_lengths % 4 == 0).all()
    few = matching(given(tmp_path / "few", **{"optimisation.batch_size": 32}))
    assert (few.n_batches(0), len(few.batch(0, 0).frames)) == (1, 8)


def test_mirroring_exchanges_sides_in_both(tmp_path: Path) -> None:
    task = matching(given(tmp_path, lengths=(48,) * 8, mirror=1.0))
    clip, text = task._drawn(1, np.random.default_rng(1))
    assert text == "a person raises the right arm"
    whole = task.given.statistics(mirror_features(task.given.train.clip(1)))
    assert any(np.allclose(clip, whole[start : start + len(clip)], atol=1e-5) for start in range(5))


def test_captions_take_turns_and_speeds_differ(tmp_path: Path) -> None:
    task = matching(given(tmp_path, speed=0.2))
    rng = np.random.default_rng(0)
    drawn = [task._drawn(0, rng) for _ in range(60)]
    assert {text for _, text in drawn} == set(CAPTIONS[0])
    lengths = {len(clip) for clip, _ in drawn}
    assert min(lengths) < 52
    assert max(lengths) > 64


def test_what_moves_the_root_counts_more(tmp_path: Path) -> None:
    """The deviations of root and contacts divided by five, as in the release's Comp_v6 statistics."""
    own = clips(tmp_path / "clips")
    one, five = (
        prepare(changed(EvaluatorConfig(), {**TINY, "root_scale": scale}), [(own, 1)], [own]).statistics for scale in (1.0, 5.0)
    )
    scaled = np.zeros(263, dtype=bool)
    for block in ("yaw_rate", "root_velocity", "root_height", "contacts"):
        scaled[HUMANML3D.blocks[block]] = True
    assert scaled.sum() == 8
    np.testing.assert_allclose(one.std / five.std, np.where(scaled, 5, 1), rtol=1e-5)
    assert len(np.unique(one.std[HUMANML3D.blocks["rotations"]])) == 1  # blocks
    np.testing.assert_array_equal(one.mean, five.mean)


def test_figures_of_the_perfect_and_of_the_reversed() -> None:
    far = 10 * np.eye(64, dtype=np.float32)
    sided = np.array([1, 4])
    perfect = figures(far, far, -far[sided], sided)
    assert (perfect["R-precision"], perfect["top1"], perfect["top3"], perfect["sides"]) == (100, 100, 100, 100)
    assert (perfect["t2m/R1"], perfect["m2t/MedR"]) == (100, 1)
    reversed_ = figures(far, far[::-1], far[::-1][sided], sided)
    assert (reversed_["t2m/R1"], reversed_["sides"]) == (0, 0)
    assert "sides" not in figures(far, far, far[:0], np.zeros(0, dtype=np.intp))
    rng = np.random.default_rng(0)
    chance = figures(rng.normal(size=(640, 8)), rng.normal(size=(640, 8)), far[:0], np.zeros(0, dtype=np.intp))
    assert chance["top1"] == pytest.approx(100 / 32, abs=1.5)
    assert chance["top3"] == pytest.approx(300 / 32, abs=2.5)


def test_a_small_corpus_has_no_say(tmp_path: Path) -> None:
    """Fewer clips than a batch of R-precision are reported, and decide nothing where others are large enough."""
    own = clips(tmp_path / "clips")
    config = changed(EvaluatorConfig(), TINY)
    big = Sequences(tmp_path / "big", 263)
    for i, clip in enumerate(raw_clips([44] * 33, 3)):
        big.append(f"b{i}", clip, {"captions": [f"word{i}"], "group": f"b{i}"})
    big.close()
    task = matching(prepare(config, [(own, 1)], [own, Clips("large", big)]))
    with torch.inference_mode():
        found = task.validate(task.module.eval())
    assert found["R-precision"] == found["large/R-precision"]
    assert "tiny/top1" in found


# --- Both


def bits(run: Path) -> bytes:
    data = (run / "checkpoint" / "last.safetensors").read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


def test_a_run_stopped_in_either_phase_ends_with_the_same_bits(tmp_path: Path) -> None:
    steps = {"pretraining.optimisation.steps": 2, "optimisation.steps": 2}
    train(given(tmp_path, **steps), tmp_path / "straight", plan())
    stopped = tmp_path / "stopped"
    at = [train(given(tmp_path / str(i), **steps), stopped, plan(max_minutes=0), resume=True) for i in range(3)]
    assert [(task.primary, place.step) for task, place in at] == [("explained", 1), ("R-precision", 1), ("R-precision", 2)]
    assert bits(tmp_path / "straight" / MOVEMENTS) == bits(stopped / MOVEMENTS)
    assert bits(tmp_path / "straight") == bits(stopped)


def test_movements_stay_as_the_first_phase_has_left_them(tmp_path: Path) -> None:
    made = given(tmp_path)
    run = tmp_path / "run"
    told: list[tuple[str, Report]] = []
    task, place = train(made, run, plan(), watch=lambda phase, report: told.append((phase, report)))
    assert (task.primary, place.step) == ("R-precision", 4)
    assert [phase for phase, _ in told] == [MOVEMENTS] * 4 + ["matching"] * 4
    first, last = read_tensors(run / MOVEMENTS / "model.safetensors"), read_tensors(run / "model.safetensors")
    moved = [name for name in last if name.startswith("movement_encoder.")]
    assert moved
    for name in moved:
        np.testing.assert_array_equal(last[name], first[name.replace("movement_encoder", "encoder")])
    assert not any("decoder" in name for name in last)
    fresh = EvaluatorNetwork(made.config.network).state_dict()
    assert any(not np.array_equal(last[name], fresh[name].numpy()) for name in moved)
    with pytest.raises(ModelError, match="begun"):
        train(made, run, plan())


def test_eight_pairs_are_learned_by_heart(tmp_path: Path) -> None:
    sizes = Network(movement=24, motion_hidden=24, word_width=16, text_hidden=24, joint=16, dropout=0.0)
    rates = {"pretraining.optimisation.learning_rate": 3e-3, "optimisation.learning_rate": 5e-3}
    steps = {"pretraining.optimisation.steps": 80, "pretraining.optimisation.batch_size": 16, "optimisation.steps": 240}
    config = changed(EvaluatorConfig(network=sizes, tagger="none"), {**rates, **steps, "optimisation.batch_size": 8})
    own = clips(tmp_path / "clips", (60, 45, 50, 56, 44, 45, 60, 52))
    made = prepare(config, [(own, 1)], [own])
    run = tmp_path / "run"
    run.mkdir()
    made.write_head(run, "card\n")
    told: list[Report] = []
    train(made, run, plan(validate_every=80), watch=lambda phase, report: told.append(report))
    assert told[79].losses["reconstruction"] < 0.9 * told[0].losses["reconstruction"]
    assert told[-1].metrics["tiny/top1"] == 100
    assert told[-1].metrics["tiny/sides"] == 100
    model = Evaluator.load(run)
    assert model.config == made.config
    assert model.config.word_identity == "hashed words, 16 wide"
    texts, motions = model.encode_texts([c[0] for c in CAPTIONS]), model.encode_features([own[i][:196] for i in range(8)])
    apart = np.linalg.norm(texts[:, None] - motions[None], axis=-1)
    assert (apart.argmin(axis=1) == np.arange(8)).all()
    assert read_json(run / "metrics.json")["primary"] == "R-precision"


def test_what_cannot_be_trained_on(tmp_path: Path) -> None:
    own = clips(tmp_path / "one", (60,))
    with pytest.raises(CorpusError, match="a single pair; expected two or more"):
        prepare(changed(EvaluatorConfig(), TINY), [(own, 1)], [own])
    with pytest.raises(CorpusError, match="no clip that is long enough; expected clips of 100 frames"):
        prepare(changed(EvaluatorConfig(), {**TINY, "min_frames": 100}), [(own, 1)], [own])


@pytest.mark.parametrize("change", [{"min_frames": 3}, {"min_frames": 200}, {"mirror": 1.5}, {"speed": 1.0}, {"root_scale": 0.0}])
def test_data_that_cannot_be(change: dict[str, float]) -> None:
    with pytest.raises(ModelError):
        changed(EvaluatorConfig(), change)


def test_swapped_captions_are_tagged_once(tmp_path: Path) -> None:
    made = given(tmp_path)
    assert made.tagged("raises the left arm") is made.tagged("raises the left arm")
    assert made.read([swap_left_right("the left arm")]).lengths.tolist() == [5]
