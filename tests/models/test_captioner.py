"""`Captioner`: evidence in seconds, long, short and still clips, what is refused, and a run folder."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinelang.corpora.base import features_of, standard
from kinelang.errors import KinelangError, ModelError, SkeletonError
from kinelang.models import MODELS
from kinelang.models.base import read_run
from kinelang.models.captioner import Captioned, Captioner, CaptionerConfig
from kinelang.models.captioner.captioner import MIN_FRAMES, export, save, stitched, window_bounds
from kinelang.models.captioner.parts import PARTS, channels, measured
from kinelang.models.captioner.vocabulary import FILE, Vocabulary
from kinelang.models.decoding import Rules
from kinelang.motion.features import decode
from kinelang.motion.motion import Motion
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeleton import Skeleton
from kinelang.timeline.choreographer import perform
from models.captioner_samples import TIMELINES, VARIANTS, VOCABULARY, clips, network, tiny


def captioner(folder: Path, config: CaptionerConfig | None = None, seed: int = 0) -> Captioner:
    config = tiny() if config is None else config
    network_ = network(config, seed)
    weights = {name: 3 * tensor.numpy() for name, tensor in network_.state_dict().items()}  # apart enough to decide
    statistics = measured([channels(clip, config.data) for clip in clips()], config.data)
    save(folder, config, VOCABULARY, weights, statistics, {"history": [1], "step": 3})
    return Captioner.load(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Captioner:
    return captioner(tmp_path_factory.mktemp("captioner"))


@pytest.fixture(scope="module")
def motions() -> list[Motion]:
    return [perform(timeline, seed=i) for i, timeline in enumerate(TIMELINES)]


def same(a: Captioned, b: Captioned) -> None:
    assert a.text == b.text
    assert a.score == pytest.approx(b.score, rel=1e-4)
    for mine, other in zip(a.words, b.words, strict=True):
        np.testing.assert_allclose(mine.map, other.map, atol=1e-4)
        np.testing.assert_allclose([mine.gate, mine.mean_s, mine.deviation_s], [other.gate, other.mean_s, other.deviation_s], atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_word_has_its_evidence(tmp_path: Path, motions: list[Motion], variant: str) -> None:
    model = captioner(tmp_path, tiny(variant))
    for motion, found in zip(motions, model.caption(motions, beam=3, n=2), strict=True):
        assert 1 <= len(found) <= 2
        assert found[0].score >= found[-1].score
        for caption in found:
            assert caption.words
            assert sum(word.log_probability for word in caption.words) >= caption.log_probability  # the end has one too
            length_s = (motion.n_frames - 1) / 20
            assert caption.windows == ((0.0, pytest.approx(length_s)),)
            for word in caption.words:
                start, end = word.span_s()
                assert 0 <= start <= end <= length_s + 1e-6
                if variant == "mlp_gru":  # it looks at the whole body, always
                    assert (word.gate, word.part, word.parts) == (None, None, {})
                else:
                    assert word.gate is not None
                    assert 0 <= word.gate <= 1
                    assert word.map.shape == (len(word.seconds), 6)
                    assert sum(word.parts.values()) == pytest.approx(1, abs=1e-4)
                    assert word.part in PARTS
                assert all(math.isfinite(x) for x in (word.mean_s, word.deviation_s, word.log_probability))
                inside = word.window > 0.5
                assert all(start - 1e-6 <= s <= end + 1e-6 for s in word.seconds[inside])


def test_one_many_and_none(model: Captioner, motions: list[Motion]) -> None:
    together = model.caption(motions)
    for motion, found in zip(motions, together, strict=True):
        same(model.caption(motion)[0][0], found[0])
        same(model.caption([features_of(standard(motion))])[0][0], found[0])
    assert model.caption([]) == []


def test_greedy_and_beam(model: Captioner, motions: list[Motion]) -> None:
    for likeliest, found in zip(model.caption(motions, beam=1), model.caption(motions, beam=5), strict=True):
        assert found[0].score >= likeliest[0].score - 1e-5
    short = model.caption(motions, rules=Rules(max_words=2))
    assert all(len(found[0].words) <= 2 for found in short)
    with pytest.raises(ModelError, match="beam"):
        model.caption(motions, beam=0)


def test_explain_says_what_caption_found(model: Captioner, motions: list[Motion]) -> None:
    found = [own[0] for own in model.caption(motions)]
    for own, again in zip(found, model.explain(motions, [own.text for own in found]), strict=True):
        same(own, again)
    assert model.explain(motions[:1], ["zebra"])[0].words[0].text == "<unk>"
    with pytest.raises(ModelError, match="explain"):
        model.explain(motions, ["one"])


def test_long_clips_are_cut_and_told_one_after_the_other(tmp_path: Path, motions: list[Motion]) -> None:
    config = tiny()
    model = captioner(tmp_path, replace(config, data=replace(config.data, max_frames=30)))
    features = features_of(standard(motions[0]))
    found = model.caption([features], beam=2, n=2)[0]
    bounds = window_bounds(len(features), 30)
    assert len(bounds) > 1
    assert all(stop - start <= 30 for start, stop in bounds)
    assert found[0].windows == tuple((pytest.approx(start / 20), pytest.approx(stop / 20)) for start, stop in bounds)
    assert "windows" in found[0].notes[0]
    parts = [model.caption([features[start:stop]])[0][0] for start, stop in bounds]
    assert found[0].text == stitched(parts).text
    last = found[0].words[-1]
    assert last.clip_s[0] <= last.span_s()[0] <= last.span_s()[1] <= last.clip_s[1]
    assert last.clip_s in found[0].windows


def test_windows_with_the_same_words_are_told_once(model: Captioner, motions: list[Motion]) -> None:
    one, other = (model.caption(motion)[0][0] for motion in motions[:2])
    other = replace(other, text="and stops.")
    assert stitched([one, one, other, one]).text == ". ".join([one.text.rstrip(" ."), "and stops", one.text.rstrip(" .")])
    assert len(stitched([one, one]).words) == len(one.words)


@pytest.mark.parametrize("frames", [1, 2, 5, MIN_FRAMES, 30])
def test_short_and_still_clips(model: Captioner, motions: list[Motion], frames: int) -> None:
    features = features_of(standard(motions[1]))[:frames]
    still = features * 0 + features[:1]
    still[:, :3] = 0
    for clip in (features, still):
        found = model.caption([clip])[0][0]
        assert found.words
        assert all(np.isfinite(word.map).all() for word in found.words)
        assert bool(found.notes) == (frames < MIN_FRAMES)
        assert found.windows == ((0.0, pytest.approx(frames / 20)),)


def test_same_wherever_it_starts_and_turns(model: Captioner, motions: list[Motion]) -> None:
    """Features begin above the origin facing +Z, so neither place nor heading of the whole clip says anything."""
    features = features_of(standard(motions[0]))
    joints = np.asarray(decode(features), np.float64)
    turn = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    moved = Motion(motions[0].skeleton, 20.0, positions=(joints @ turn.T + [2.0, 0, 5.0]).astype(np.float32))
    here = Motion(motions[0].skeleton, 20.0, positions=joints.astype(np.float32))
    same(model.caption(here)[0][0], model.caption(moved)[0][0])


def test_vendors_motions_are_captioned(model: Captioner) -> None:
    for name in list(SAMPLES)[:2]:
        assert model.caption(sample(name, fps=30.0))[0][0].words


@pytest.mark.parametrize(
    "wrong", [np.zeros((0, 263)), np.zeros((5, 251)), np.full((5, 263), np.nan), np.zeros(263), np.array([["a"] * 263])]
)
def test_what_is_refused(model: Captioner, wrong: np.ndarray) -> None:
    with pytest.raises(ModelError, match="features of clip 0") as caught:
        model.caption([wrong])
    assert "\n" not in str(caught.value)


def test_no_human_figure(model: Captioner) -> None:
    skeleton = Skeleton("chair", ("seat", "back", "leg"), (-1, 0, 0), np.array([[0, 0, 0], [0, 0.5, 0], [0, -0.5, 0]], np.float32))
    motion = Motion(skeleton, 20.0, positions=np.zeros((30, 3, 3), np.float32) + skeleton.offsets)
    with pytest.raises(SkeletonError) as caught:
        model.caption(motion)
    assert "\n" not in str(caught.value)


def test_kit_takes_its_own_features(tmp_path: Path) -> None:
    config = replace(tiny(view="world"), data=replace(CaptionerConfig.kit().data))
    network_ = network(config)
    statistics = measured([np.random.default_rng(0).standard_normal((9, 126)).astype(np.float32)], config.data)
    save(tmp_path, config, VOCABULARY, {name: tensor.numpy() for name, tensor in network_.state_dict().items()}, statistics)
    kit = Captioner.load(tmp_path)
    assert kit.caption([np.zeros((20, 251), np.float32)])[0][0].windows == ((0.0, pytest.approx(20 / 12.5)),)
    with pytest.raises(ModelError, match="KIT"):
        kit.caption(perform(TIMELINES[0]))


# --- run folders


def test_vocabulary_has_to_match(tmp_path: Path) -> None:
    captioner(tmp_path)
    words = json.loads((tmp_path / FILE).read_text())
    words["words"][-1] = "zebra"
    (tmp_path / FILE).write_text(json.dumps(words))
    with pytest.raises(ModelError, match=r"vocabulary.*copy vocabulary\.json") as caught:
        Captioner.load(tmp_path)
    assert "\n" not in str(caught.value)
    (tmp_path / FILE).unlink()
    with pytest.raises(ModelError, match=FILE):
        Captioner.load(tmp_path)


@pytest.mark.parametrize("name", ["output.weight", "parts.0.place1.bias"])
def test_weights_have_to_fit(tmp_path: Path, name: str) -> None:
    captioner(tmp_path)
    run = read_run(tmp_path)
    for weights in ({**run.weights, name: run.weights[name][:-1]}, {k: v for k, v in run.weights.items() if k != name}):
        with pytest.raises(ModelError, match=name):
            Captioner(replace(run, weights=weights), VOCABULARY)
    with pytest.raises(ModelError, match="kind"):
        Captioner(replace(run, model="tmr"), VOCABULARY)


def test_exported_in_half_the_bytes_says_the_same(tmp_path: Path, motions: list[Motion]) -> None:
    model = captioner(tmp_path / "run")
    export(tmp_path / "run", tmp_path / "out")
    other = Captioner.load(tmp_path / "out")
    assert (tmp_path / "out" / "model.safetensors").stat().st_size < 0.6 * (tmp_path / "run" / "model.safetensors").stat().st_size
    assert "history" not in other.metrics
    for a, b in zip(model.caption(motions), other.caption(motions), strict=True):
        assert b[0].score == pytest.approx(a[0].score, rel=0.02)


def test_in_the_table(tmp_path: Path) -> None:
    model = captioner(tmp_path)
    entry = MODELS["captioner"]
    assert entry.load(tmp_path).identity == model.identity
    assert isinstance(entry.config(), CaptionerConfig)
    with pytest.raises(KinelangError):
        entry.load(tmp_path / "nothing")
    assert Vocabulary.load(tmp_path) == model.vocabulary


def test_captions_without_torch(tmp_path: Path) -> None:
    captioner(tmp_path)
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np; from pathlib import Path\n"
        "from kinelang.models.captioner import Captioner\n"
        f"print(Captioner.load(Path({str(tmp_path)!r})).caption([np.zeros((30, 263), np.float32)])[0][0].text)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_several_captions_of_a_clip_are_explained_as_each_alone(model: Captioner, motions: list[Motion]) -> None:
    own = [c.text for c in (several[0] for several in model.caption(motions))]
    captions = [own, [], *([[own[0]]] * (len(motions) - 2))]
    found = model.explain_several(motions, captions)
    assert [[c.text for c in several] for several in found] == captions
    for motion, texts, several in zip(motions, captions, found, strict=True):
        for text, together in zip(texts, several, strict=True):
            alone = model.explain([motion], [text])[0]
            assert together.log_probability == pytest.approx(alone.log_probability, abs=1e-4)
            assert together.score == pytest.approx(alone.score, abs=1e-4)
            for a, b in zip(together.words, alone.words, strict=True):
                assert (a.text, a.clip_s) == (b.text, b.clip_s)
                np.testing.assert_allclose(a.window, b.window, atol=1e-4)
                np.testing.assert_allclose(a.alpha, b.alpha, atol=1e-4)
