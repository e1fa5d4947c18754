"""Training captioners: what a batch teaches, what is counted, and that a handful of clips is learned by heart, words and places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from kinelang.errors import CorpusError
from kinelang.models.captioner.config import CaptionerConfig
from kinelang.models.captioner.parts import PARTS
from kinelang.models.captioner.vocabulary import FILE, Vocabulary, tokens
from kinelang.models.captioners import load_captioner
from kinelang.models.configuring import changed
from kinelang.models.transformer_captioner import TransformerCaptionerConfig
from kinelang.training.captioner import CaptionTask, Counts, overlaps, parts_found, prepare
from kinelang.training.data import Clips, Source, clips_of
from kinelang.training.loop import Plan, fit


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return clips_of(Source.parse("synthetic:16"), "train", tmp_path_factory.mktemp("features"))


def tiny(**changes: object) -> CaptionerConfig:
    sizes = {"network.hidden": 48, "network.width": 32, "network.embedding": 24, "optimisation.batch_size": 4}
    plain = {"data.min_count": 1, "data.mirror": 0, "data.speed": 0, "data.noise": 0, "data.max_words": 60}
    return changed(CaptionerConfig.small(), sizes | plain | changes)


def made(corpus: Clips, folder: Path, **changes: object) -> CaptionTask:
    return prepare(tiny(**changes), [(corpus, 1)], [corpus], folder)


def same(a: object, b: object) -> bool:
    return all(torch.equal(getattr(a, name), getattr(b, name)) for name in a.__dataclass_fields__)  # type: ignore[attr-defined]


def test_batches_are_the_same_whenever_they_are_asked_for(corpus: Clips, tmp_path: Path) -> None:
    task = made(corpus, tmp_path, **{"data.mirror": 0.5, "data.speed": 0.1, "data.noise": 0.03})
    assert task.n_batches(0) == -(-len(corpus) // 4)
    assert same(task.batch(2, 1), task.batch(2, 1))
    assert not same(task.batch(2, 1), task.batch(3, 1))


def test_words_of_stages_are_taught_where_and_when(corpus: Clips, tmp_path: Path) -> None:
    task = made(corpus, tmp_path)
    record = Source.parse("synthetic:16").open().record("train", 0)
    text, timeline = record.texts[0], record.timeline
    batch = task.collated([task._example(corpus[0], text, task.told[0][0])])
    words = [w.text for w in tokens(text)]
    verb = next(i for i, taught in enumerate(batch.exact[0]) if taught)
    stage = next(s for s in timeline.stages if set(PARTS) & set(s.parts) or "head" in s.parts)
    assert words
    assert batch.gate[0, verb] == 1
    frames = batch.frames[0, verb].numpy()
    assert 0 < frames.sum() <= batch.mask[0].sum()
    if len(timeline.stages) == 1:
        assert frames.mean() == pytest.approx((stage.end_s - stage.start_s) / timeline.duration_s, abs=0.15)


def test_the_mirror_image_is_taught_the_other_limbs(corpus: Clips, tmp_path: Path) -> None:
    plain, mirrored = made(corpus, tmp_path), made(corpus, tmp_path, **{"data.mirror": 1})
    swap = [PARTS.index(p.replace("left", "*").replace("right", "left").replace("*", "right")) for p in PARTS]
    seen = 0
    for n in range(len(corpus)):
        one, other = (task.collated([task._drawn(n, np.random.default_rng(3))]) for task in (plain, mirrored))
        if one.exact.shape == other.exact.shape and torch.equal(one.exact, other.exact) and one.exact.any():
            np.testing.assert_array_equal(one.parts[one.exact].numpy(), other.parts[other.exact][:, swap].numpy())
            seen += 1
    assert seen > 3


def test_a_clip_at_another_speed_has_its_stages_at_other_times(corpus: Clips, tmp_path: Path) -> None:
    task = made(corpus, tmp_path)
    told = task.told[0][0]
    text = corpus.captions[0][0]
    slow = task._example(corpus[0], text, told, speed=0.5)
    for one, two in zip(task._example(corpus[0], text, told).taught, slow.taught, strict=False):
        assert two.spans[0][0] == pytest.approx(2 * one.spans[0][0])


def test_a_handful_is_learned_by_heart(corpus: Clips, tmp_path: Path) -> None:
    learning = {
        "optimisation.steps": 150,
        "optimisation.warmup_steps": 10,
        "optimisation.ema": None,
        "optimisation.learning_rate": 8e-3,
    }
    task = made(corpus, tmp_path, **learning, **{"teacher": 1.0, "network.dropout": 0, "losses.spatial": 3.0})
    run = tmp_path / "run"
    run.mkdir()
    task.write_head(run, "a test")
    before = task.validate(task.module.eval())
    place = fit(task, task.config.optimisation, run, Plan(150, tensorboard=False, accelerator="cpu"))
    after = place.history[-1]
    assert after["words"] > before["words"] + 30
    assert after["synthetic/gate_motion"] > after["synthetic/gate_language"] + 0.5
    assert after["synthetic/parts"] > before["synthetic/parts"] + 10
    assert after["synthetic/overlap"] > before["synthetic/overlap"] + 5
    assert Vocabulary.load(run).identity == task.config.vocabulary
    assert (run / FILE).is_file()


def test_a_transformer_learns_a_handful_by_heart(corpus: Clips, tmp_path: Path) -> None:
    small = TransformerCaptionerConfig.small()
    sizes = {"width": 48, "feed_forward": 64, "encoder_layers": 2, "decoder_layers": 2, "network.dropout": 0, "batch_size": 4}
    plain = {"data.min_count": 1, "data.mirror": 0, "data.speed": 0, "data.noise": 0, "data.max_words": 60, "losses.temporal": 1.0}
    learning = {"steps": 150, "warmup_steps": 10, "ema": None, "learning_rate": 3e-3}
    task = prepare(changed(small, sizes | plain | learning), [(corpus, 1)], [corpus], tmp_path)
    run = tmp_path / "run"
    run.mkdir()
    task.write_head(run, "a test")
    before = task.validate(task.module.eval())
    place = fit(task, task.config.optimisation, run, Plan(150, tensorboard=False, accelerator="cpu"))
    after = place.history[-1]
    assert after["words"] > before["words"] + 30
    assert after["synthetic/overlap"] > before["synthetic/overlap"] + 5
    assert not {"synthetic/parts", "synthetic/gate_motion"} & set(after)  # what it has not is no figure
    model = load_captioner(run)
    told = [text for texts in corpus.captions for text in texts]
    found = model.caption([corpus[i] for i in range(len(corpus))], beam=2)
    assert sum(own[0].text in told for own in found) >= len(corpus) / 4


def test_a_window_on_the_stage_and_its_limb_is_located(corpus: Clips, tmp_path: Path) -> None:
    task = made(corpus, tmp_path)
    batch = task.collated([task._example(corpus[i], corpus.captions[i][0], task.told[0][i]) for i in range(3)])
    outputs = task.module.eval()(batch)
    outputs.window[batch.exact] = batch.frames[batch.exact].float()
    outputs.alpha[batch.exact] = batch.parts[batch.exact][:, None].expand(-1, outputs.alpha.shape[2], -1)
    assert parts_found(outputs, batch).all()
    np.testing.assert_allclose(overlaps(outputs, batch).numpy(), 1)
    counts = Counts()
    counts.add(outputs, batch)
    assert counts.figures()["parts"] == counts.figures()["overlap"] == 100


def test_captions_that_are_too_long_are_refused(corpus: Clips, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="captions: found none of a length to learn from; expected 0 to 1 words"):
        made(corpus, tmp_path, **{"data.max_words": 1, "data.min_words": 0})
