"""TMR's task: batches, negatives, statistics, and that eight pairs are learned by heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinelang.errors import CorpusError, ModelError
from kinelang.language.sides import swap_left_right
from kinelang.models.base import Optimisation
from kinelang.models.configuring import changed
from kinelang.models.tmr import Retriever, TMRConfig
from kinelang.models.tmr.config import Data
from kinelang.models.tmr.losses import wrong_negatives
from kinelang.motion.features import mirror_features
from kinelang.training.data import Clips
from kinelang.training.loop import Plan, fit
from kinelang.training.sequences import Sequences
from kinelang.training.tmr import TMRTask, figures, prepare, with_swapped
from models.tmr_samples import HashedWords, raw_clips, tiny_config

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


def clips(folder: Path, lengths: tuple[int, ...] = (60, 45, 80, 200, 120, 45, 60, 90), seed: int = 1) -> Clips:
    kept = Sequences(folder, 263)
    for i, (clip, texts) in enumerate(zip(raw_clips(lengths, seed), CAPTIONS, strict=False)):
        kept.append(f"c{i}", clip, {"captions": texts, "group": f"g{i}"})
    kept.close()
    return Clips("tiny", kept)


def task(folder: Path, config: TMRConfig | None = None, **changes: object) -> TMRTask:
    config = changed(tiny_config() if config is None else config, changes)
    own = clips(folder / "clips")
    return prepare(config, [(own, 1)], [own], HashedWords(), folder / "texts")


def test_batches_are_the_same_whenever_they_are_asked_for(tmp_path: Path) -> None:
    made = task(tmp_path, batch_size=4)
    assert made.n_batches(0) == 2
    for _ in range(2):
        first, again = made.batch(3, 1), made.batch(3, 1)
        assert torch.equal(first.motion, again.motion)
        assert torch.equal(first.text, again.text)


def test_swapped_captions_are_negatives(tmp_path: Path) -> None:
    made = task(tmp_path, mirror=0, filtered_share=0.5)
    texts = [c[0] for c in CAPTIONS[:5]]
    batch = made.collated(raw_clips([40] * 5), texts)
    swapped = [swap_left_right(t) for t in (texts[1], texts[2], texts[4])]
    assert len(batch.text) == 8
    for row, text in zip(batch.text[5:], swapped, strict=True):
        states = HashedWords().tokens([text])[0]
        np.testing.assert_allclose(row[: len(states)], states, atol=2e-3)
    assert batch.likeness is not None
    assert batch.likeness.shape == batch.differ.shape == (5, 8)
    removed = wrong_negatives(batch, 0.0)  # whatever is not protected
    assert not removed[1, 2]
    assert not removed[1, 5]
    assert not removed[2, 6]
    assert not removed[4, 7]


def test_mirrored_motions_go_with_swapped_captions(tmp_path: Path) -> None:
    made = task(tmp_path, mirrored_motions=True)
    raw = raw_clips([40, 50])
    batch = made.collated([made.statistics(c) for c in raw], [CAPTIONS[0][0], CAPTIONS[1][0]])
    assert batch.mirrored is not None
    assert batch.mirrored.shape == (1, 50, 263)
    np.testing.assert_allclose(batch.mirrored[0].numpy(), made.statistics(mirror_features(raw[1])), atol=1e-4)


def test_mirroring_exchanges_sides_in_both(tmp_path: Path) -> None:
    made = task(tmp_path, mirror=1, noise=0, offset=0, speed=0, shortest_crop=1)
    rng = np.random.default_rng(0)
    clip, text = made._drawn(1, rng)
    assert text == "a person raises the right arm"
    np.testing.assert_allclose(clip, made.statistics(mirror_features(made.train.clip(1))), atol=1e-5)


def test_captions_of_a_clip_take_turns(tmp_path: Path) -> None:
    made = task(tmp_path, mirror=0)
    rng = np.random.default_rng(0)
    assert {made._drawn(0, rng)[1] for _ in range(40)} == set(CAPTIONS[0])


def test_statistics_normalise(tmp_path: Path) -> None:
    made = task(tmp_path, mirror=0, scaling="features", hidden=())
    frames = np.concatenate([made.statistics(made.train.clip(n)) for n in range(len(made.train))])
    np.testing.assert_allclose(frames.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(frames.std(axis=0), 1, atol=1e-3)


def test_short_clips_are_left_out_and_times_are_counted(tmp_path: Path) -> None:
    own = clips(tmp_path / "clips", (39, 40, 60, 39, 80, 45, 39, 41))
    made = prepare(tiny_config(), [(own, 3)], [own], HashedWords(), tmp_path / "texts")
    assert len(made.train) == 15
    long = changed(tiny_config(), {"min_frames": 150})
    with pytest.raises(CorpusError, match="no clip that is long enough; expected clips of 150 frames"):
        prepare(long, [(own, 1)], [own], HashedWords(), tmp_path / "texts")


def test_the_threshold_belongs_to_the_encoder(tmp_path: Path) -> None:
    made = task(tmp_path)
    assert made.config.losses.filtered_share is None
    assert made.config.losses.threshold is not None
    assert (made.config.text_identity, made.config.network.text_width) == ("hashed-words@0", 24)
    with pytest.raises(ModelError, match="both threshold and filtered_share"):
        task(tmp_path / "again", threshold=0.8)


def test_without_filtering_no_sentence_is_encoded(tmp_path: Path) -> None:
    made = task(tmp_path, filtered_share=None)
    assert made.sentences is None
    assert made.batch(0, 0).likeness is None


def test_texts_are_there_however_often_they_are_swapped() -> None:
    texts = with_swapped(["she turns counter clockwise", "a man walks"])
    assert texts == ["she turns counter clockwise", "she turns clockwise", "she turns counterclockwise", "a man walks"]
    assert all(swap_left_right(t) in texts for t in texts)


def test_figures_of_the_perfect_and_of_the_reversed() -> None:
    unit = np.eye(6, dtype=np.float32)
    sided = np.array([1, 4])
    perfect = figures(unit, unit, -unit[sided], sided)
    assert (perfect["recall"], perfect["sides"], perfect["t2m/R1"], perfect["m2t/MedR"]) == (100, 100, 100, 1)
    reversed_ = figures(unit, unit[::-1], unit[::-1][sided], sided)
    assert reversed_["t2m/R1"] == 0
    assert reversed_["sides"] == 0
    assert "sides" not in figures(unit, unit, unit[:0], np.zeros(0, dtype=np.intp))


def test_several_frames_are_one_token(tmp_path: Path) -> None:
    """The last frame is repeated to fill the last token."""
    made = task(tmp_path, tiny_config(stack=4))
    batch = made.collated(
        [np.arange(263 * n, dtype=np.float32).reshape(n, 263) for n in (8, 5)], ["a person walks", "someone sits down"]
    )
    assert batch.motion.shape == (2, 2, 4 * 263)
    assert batch.motion_mask.all()
    np.testing.assert_array_equal(batch.motion[1].reshape(8, 263)[4:], np.tile(np.arange(263 * 4, 263 * 5), (4, 1)))
    with pytest.raises(ModelError, match="263 with 2 frames a token"):
        changed(tiny_config(), {"stack": 2})


@pytest.mark.parametrize(("ablation", "stack"), [(None, 4), ("contrastive-only", 1)])
def test_eight_pairs_are_learned_by_heart(tmp_path: Path, ablation: str | None, stack: int) -> None:
    config = tiny_config(stack) if ablation is None else tiny_config(stack).ablated(ablation)
    config = replace(
        config,
        network=replace(config.network, dropout=0.0),
        data=Data(stack=stack),
        losses=replace(config.losses, latents="mean", filtered_share=None, reconstruction=0.1 * (ablation is None)),
        optimisation=Optimisation(learning_rate=5e-3, steps=60, batch_size=8, clip=1.0),
    )
    made = task(tmp_path, config)
    run = tmp_path / "run"
    run.mkdir()
    made.write_head(run, "card\n")
    reports = []
    fit(made, made.config.optimisation, run, Plan(validate_every=30, accelerator="cpu", tensorboard=False), watch=reports.append)
    assert reports[-1].losses["contrastive"] < 0.2 * reports[0].losses["contrastive"]
    assert reports[-1].metrics["tiny/t2m/R1"] == 100
    assert reports[-1].metrics["tiny/sides"] == 100
    model = Retriever.load(run, HashedWords())
    found = model.encode_texts([c[0] for c in CAPTIONS]) @ model.encode_features([made.train.clip(n) for n in range(8)]).T
    assert (found.argmax(axis=1) == np.arange(8)).all()
    assert model.config == made.config
