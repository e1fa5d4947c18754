"""`TransformerCaptioner`: the captioner's interface without gate and parts, what is refused, and run folders of either kind."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinelang.captioning.choosing import Chooser
from kinelang.captioning.explaining import of_captioned
from kinelang.corpora.base import features_of, standard
from kinelang.errors import ModelError
from kinelang.models import MODELS
from kinelang.models.base import CONFIG, read_run
from kinelang.models.captioner import Captioned, Captioner
from kinelang.models.captioner.parts import channels, measured
from kinelang.models.captioner.speaker import MIN_FRAMES, export, window_bounds
from kinelang.models.captioner.vocabulary import FILE
from kinelang.models.captioners import CAPTIONERS, load_captioner
from kinelang.models.transformer_captioner import TransformerCaptioner, TransformerCaptionerConfig
from kinelang.motion.motion import Motion
from kinelang.timeline.choreographer import perform
from models import captioner_samples as guided
from models.captioner_samples import TIMELINES, VOCABULARY, clips
from models.transformer_captioner_samples import VARIANTS, network, saved, tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TransformerCaptioner:
    return saved(tmp_path_factory.mktemp("transformer"))


@pytest.fixture(scope="module")
def motions() -> list[Motion]:
    return [perform(timeline, seed=i) for i, timeline in enumerate(TIMELINES)]


def same(a: Captioned, b: Captioned) -> None:
    assert a.text == b.text
    assert a.score == pytest.approx(b.score, rel=1e-4)
    for mine, other in zip(a.words, b.words, strict=True):
        np.testing.assert_allclose(mine.window, other.window, atol=1e-4)
        np.testing.assert_allclose([mine.mean_s, mine.deviation_s], [other.mean_s, other.deviation_s], atol=1e-4)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_word_says_when_and_nothing_else(tmp_path: Path, motions: list[Motion], variant: str) -> None:
    model = saved(tmp_path, tiny(variant))
    for motion, found in zip(motions, model.caption(motions, beam=3, n=2), strict=True):
        assert 1 <= len(found) <= 2
        assert found[0].score >= found[-1].score
        for caption in found:
            length_s = (motion.n_frames - 1) / 20
            assert caption.windows == ((0.0, pytest.approx(length_s)),)
            assert caption.words
            for word in caption.words:
                start, end = word.span_s()
                assert 0 <= start <= end <= length_s + 1e-6
                assert all(math.isfinite(x) for x in (word.mean_s, word.deviation_s, word.log_probability))
                assert word.window.max() <= 1
                assert (word.gate, word.part, word.parts) == (None, None, {})
                assert word.alpha.shape == word.map.shape == (len(word.seconds), 0)
            for evidence in of_captioned(caption):
                assert set(evidence.to_json()) == {"word", "at", "motion", "probability", "spans_s"}


def test_one_many_and_none(model: TransformerCaptioner, motions: list[Motion]) -> None:
    together = model.caption(motions)
    for motion, found in zip(motions, together, strict=True):
        same(model.caption(motion)[0][0], found[0])
        same(model.caption([features_of(standard(motion))])[0][0], found[0])
    assert model.caption([]) == []


def test_explain_says_what_caption_found(model: TransformerCaptioner, motions: list[Motion]) -> None:
    found = [own[0] for own in model.caption(motions)]
    for own, again in zip(found, model.explain(motions, [own.text for own in found]), strict=True):
        same(own, again)
        assert again.log_probability == pytest.approx(own.log_probability, rel=1e-4)


def test_long_clips_are_cut_and_told_one_after_the_other(tmp_path: Path, motions: list[Motion]) -> None:
    config = tiny()
    model = saved(tmp_path, replace(config, data=replace(config.data, max_frames=30)))
    features = features_of(standard(motions[0]))
    found = model.caption([features], beam=2, n=2)[0][0]
    bounds = window_bounds(len(features), 30)
    assert found.windows == tuple((pytest.approx(start / 20), pytest.approx(stop / 20)) for start, stop in bounds)
    assert "windows" in found.notes[0]
    assert all(word.clip_s in found.windows for word in found.words)


@pytest.mark.parametrize("frames", [1, 2, MIN_FRAMES, 30])
def test_short_and_still_clips(model: TransformerCaptioner, motions: list[Motion], frames: int) -> None:
    features = features_of(standard(motions[1]))[:frames]
    still = features * 0 + features[:1]
    still[:, :3] = 0
    for clip in (features, still):
        found = model.caption([clip])[0][0]
        assert found.words
        assert all(np.isfinite(word.window).all() for word in found.words)
        assert bool(found.notes) == (frames < MIN_FRAMES)


def test_kit_takes_its_own_features(tmp_path: Path) -> None:
    config = replace(tiny(), data=TransformerCaptionerConfig.kit().data)
    weights = {name: tensor.numpy() for name, tensor in network(config).state_dict().items()}
    statistics = measured([np.random.default_rng(0).standard_normal((9, 126)).astype(np.float32)], config.data)
    TransformerCaptioner.save(tmp_path, config, VOCABULARY, weights, statistics)
    kit = TransformerCaptioner.load(tmp_path)
    assert kit.caption([np.zeros((20, 251), np.float32)])[0][0].windows == ((0.0, pytest.approx(20 / 12.5)),)
    with pytest.raises(ModelError, match="KIT"):
        kit.caption(perform(TIMELINES[0]))


# --- run folders


@pytest.fixture
def both(tmp_path: Path) -> dict[str, Path]:
    """A run folder of each kind."""
    config = guided.tiny()
    weights = {name: 3 * tensor.numpy() for name, tensor in guided.network(config).state_dict().items()}
    Captioner.save(
        tmp_path / "captioner", config, VOCABULARY, weights, measured([channels(clip, config.data) for clip in clips()], config.data)
    )
    saved(tmp_path / "transformer_captioner")
    return {name: tmp_path / name for name in CAPTIONERS}


def test_a_folder_says_which_kind_it_is(both: dict[str, Path], motions: list[Motion]) -> None:
    for name, folder in both.items():
        model = load_captioner(folder)
        assert type(model) is CAPTIONERS[name]
        assert model.identity.startswith(f"{name}@")
        assert model.identity == MODELS[name].load(folder).identity
        choice = Chooser.open(folder, "neural").caption(motions[0], "neural", beam=3, n=2)[0]
        assert choice.caption == model.caption(motions[0], beam=3, n=2)[0][0].text
        assert (choice.evidence[0].gate is None) == (name == "transformer_captioner")


def test_another_kind_is_refused(both: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="'transformer_captioner'; expected one of kind 'captioner'"):
        Captioner.load(both["transformer_captioner"])
    content = json.loads((both["captioner"] / CONFIG).read_text())
    (both["captioner"] / CONFIG).write_text(json.dumps(content | {"model": "tmr"}))
    with pytest.raises(ModelError, match="'tmr'; expected one of kind 'captioner' or 'transformer_captioner'"):
        load_captioner(both["captioner"])
    with pytest.raises(ModelError, match="no such folder"):
        load_captioner(both["captioner"] / "nothing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["config"]["network"].update(width=17), "network, width: found 17 with 2 heads"),
        (lambda c: c["config"]["network"].update(norm="both"), "expected one of post, pre"),
        (lambda c: c["config"]["network"].pop("heads"), "no field heads"),
        (lambda c: c["config"].update(teacher=0.5), "unknown field teacher"),
        (lambda c: c["config"]["losses"].update(temporal="much"), "temporal: found 'much'; expected a number"),
        (lambda c: c["config"]["network"].update(decoder_layers=3), "no 'decoder.2"),
        (lambda c: c["config"].update(vocabulary=""), "hash none"),
    ],
)
def test_configurations_that_do_not_fit(tmp_path: Path, change: object, message: str) -> None:
    saved(tmp_path)
    content = json.loads((tmp_path / CONFIG).read_text())
    change(content)  # type: ignore[operator]
    (tmp_path / CONFIG).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=message) as caught:
        load_captioner(tmp_path)
    assert "\n" not in str(caught.value)


def test_vocabulary_and_weights_have_to_match(tmp_path: Path) -> None:
    saved(tmp_path)
    run = read_run(tmp_path)
    with pytest.raises(ModelError, match=r"decoder\.1\.look\.key\.weight"):
        TransformerCaptioner(
            replace(run, weights={name: w for name, w in run.weights.items() if name != "decoder.1.look.key.weight"}), VOCABULARY
        )
    words = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(words | {"words": [*words["words"][:-1], "zebra"]}))
    with pytest.raises(ModelError, match=r"vocabulary.*copy vocabulary\.json"):
        load_captioner(tmp_path)


def test_none_is_shipped() -> None:
    with pytest.raises(ModelError, match="kinelang train transformer-captioner"):
        TransformerCaptioner.load()


def test_exported_in_half_the_bytes_says_the_same(tmp_path: Path, motions: list[Motion]) -> None:
    model = saved(tmp_path / "run")
    export(tmp_path / "run", tmp_path / "out")
    other = load_captioner(tmp_path / "out")
    assert "history" not in other.metrics
    for a, b in zip(model.caption(motions), other.caption(motions), strict=True):
        assert b[0].score == pytest.approx(a[0].score, rel=0.02)


def test_captions_without_torch(tmp_path: Path) -> None:
    saved(tmp_path)
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np; from pathlib import Path\n"
        "from kinelang.models.captioners import load_captioner\n"
        f"print(load_captioner(Path({str(tmp_path)!r})).caption([np.zeros((30, 263), np.float32)])[0][0].text)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
