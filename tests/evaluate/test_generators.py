"""Systems: the same motion whoever is asked with it, what is not read stands still, and what is kept comes back as it was made."""

from types import SimpleNamespace

import numpy as np
import pytest
from clip_samples import Bags

from kinelang.corpora.base import features_of
from kinelang.errors import KinelangError, ModelError
from kinelang.evaluate import generators
from kinelang.evaluate.generators import (
    BATCH,
    NOT,
    PARTLY,
    WHOLE,
    Kept,
    Known,
    Made,
    Neural,
    how_read,
    intervals,
    joints_alone,
    key_of,
    mean_motion,
    nearest,
    performed,
    read_as,
    real,
    truth,
)
from kinelang.evaluate.prompts import Prompt, Segment, compositions
from kinelang.evaluate.sources import GENERATING, sources_identity
from kinelang.evaluate.variants import variant
from kinelang.models.finemogen.config import Sampling
from kinelang.motion.features import decode
from kinelang.motion.samples import sample
from kinelang.timeline import Timeline, detect, from_text, perform

PROMPTS = [
    Prompt("a person kicks with the left leg", 2.0, timeline=from_text("0.3-2 kick side=left")),
    Prompt("a person waves the right hand", 3.0, timeline=from_text("0.3-3 wave side=right")),
]
ODD = Prompt("glorp the zibble", 2.5)


def same(a, b) -> bool:
    rotations = a.rotations is b.rotations is None or np.array_equal(a.rotations, b.rotations)
    return np.array_equal(a.joints, b.joints) and rotations and a.fps == b.fps


@pytest.mark.parametrize("system", [performed(), truth()], ids=lambda s: s.name)
def test_a_motion_depends_on_prompt_and_seed_alone(system) -> None:
    both = system.generate(PROMPTS, 1)
    assert all(same(a, b) for a, b in zip(both, reversed(system.generate(PROMPTS[::-1], 1)), strict=True))
    assert not same(both[0], system.generate(PROMPTS[:1], 2)[0])


def test_what_is_asked_is_performed() -> None:
    for system in (performed(), truth()):
        seen = [detect(motion).stages for motion in system.generate(PROMPTS, 0)]
        assert [[(s.verb, s.side) for s in stages] for stages in seen] == [[("kick", "left")], [("wave", "right")]]


def test_what_is_not_read_stands_still_and_is_counted() -> None:
    (motion,) = performed().generate([ODD], 0)
    assert motion.duration_s == pytest.approx(ODD.seconds)
    assert {s.verb for s in detect(motion).stages} <= {"stand"}
    assert how_read([*PROMPTS, ODD, Prompt("a person jumps and glorps the zibble", 2.0)]) == {WHOLE: 2, PARTLY: 1, NOT: 1}
    with pytest.raises(KinelangError, match="no timeline"):
        truth().generate([ODD], 0)


def test_texts_that_follow_each_other_take_their_time() -> None:
    segments = (Segment("a person walks", 0.0, 3.0), Segment("glorp", 3.0, 4.0), Segment("a person jumps twice", 4.0, 7.0))
    timeline, how = read_as(Prompt("all", 7.0, segments=segments))
    assert how == PARTLY
    assert [(s.verb, round(s.end_s, 6)) for s in timeline.stages] == [("walk", 3.0), ("stand", 4.0), ("jump", 7.0)]
    assert timeline.duration_s == 7.0
    for prompt in compositions(4):
        (motion,) = performed().generate([prompt], 0)
        assert motion.n_frames == round(prompt.seconds * 20)


def test_joints_alone_do_not_show_where_the_head_faces() -> None:
    looks = perform(from_text("0.3-2.5 look direction=left"), 0, fps=20)
    assert detect(looks).verbs == ("look",)
    assert "look" not in detect(joints_alone(looks)).verbs
    (bare,) = truth(rotations=False).generate(PROMPTS[:1], 0)
    assert bare.rotations is None


# --- remembered


@pytest.fixture(scope="module")
def known() -> Known:
    motions = [perform(p.timeline, i, fps=20) for i, p in enumerate(PROMPTS)]
    clips = [features_of(motion) for motion in motions]
    return Known([(p.text, "another caption") for p in PROMPTS], clips.__getitem__, ["these"])


def test_the_nearest_caption_is_its_own(known: Known) -> None:
    system = nearest(known, Bags())
    for i, prompt in enumerate(PROMPTS):
        (motion,) = system.generate([prompt], 5)
        assert np.array_equal(motion.joints, decode(known.features(i)))


def test_the_nearest_of_each_text_goes_on_where_the_last_ended(known: Known) -> None:
    segments = (Segment(PROMPTS[0].text, 0.0, 3.0), Segment(PROMPTS[1].text, 3.0, 4.0))
    (motion,) = nearest(known, Bags()).generate([Prompt("both", 4.0, segments=segments)], 0)
    assert motion.n_frames == 80
    assert np.linalg.norm(motion.joints[60, 0] - motion.joints[59, 0]) < 0.1
    assert np.abs(np.diff(motion.joints[45:60, :, 1], axis=0)).max() < 1e-5, "held when it is over"
    gap = (Segment(PROMPTS[0].text, 0.0, 2.0), Segment(PROMPTS[1].text, 3.0, 4.0))
    assert same(nearest(known, Bags()).generate([Prompt("both", 4.0, segments=gap)], 0)[0], motion)


def test_the_mean_is_held_at_its_end(known: Known) -> None:
    system = mean_motion(known)
    (motion,) = system.generate([Prompt("whatever", 6.0)], 0)
    assert motion.n_frames == 120
    assert same(motion, system.generate([Prompt("something else", 6.0)], 9)[0])
    assert np.array_equal(motion.joints[-1], motion.joints[-20])
    both = [known.features(i)[0] for i in range(2)]
    assert known.mean[0] == pytest.approx(np.mean(both, axis=0), abs=1e-6)


def test_nothing_remembered_is_refused() -> None:
    with pytest.raises(KinelangError, match="training clips"):
        Known([], lambda i: np.zeros((0, 263)))


def test_other_clips_and_other_code_are_other_baselines(known: Known, monkeypatch) -> None:
    others = Known(known.captions, lambda i: known.features(i) + 1, ["these"])
    assert others.identity != known.identity, "of the same captions"
    systems = (performed, truth, lambda: nearest(_fresh(known), Bags()), lambda: mean_motion(_fresh(known)), lambda: real({}, "a"))
    before = [make().identity for make in systems]
    assert before == [make().identity for make in systems]
    monkeypatch.setattr(generators, "sources_identity", lambda places: "other code")
    assert not set(before) & {make().identity for make in systems}


def _fresh(known: Known) -> Known:
    return Known(known.captions, known.features, known.sources)


# --- models


class Generating:
    """As `kinelang.generating.Generator` answers."""

    identity = "model@1"

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def generate_batch(self, prompts, seconds, seed, clean):
        self.asked.append((list(prompts), list(seconds), seed))
        self.clean = clean

        class One:
            motion = perform(PROMPTS[0].timeline, seed, fps=20)

        return [One] * len(prompts)


def test_a_model_is_asked_for_texts_and_of_sequences_for_texts_in_turn() -> None:
    model = Generating()
    (sequence,) = compositions(1)
    short = Prompt("both", 3.0, segments=(Segment("one", 0.0, 0.2), Segment("two", 0.2, 3.0)))
    refused = Prompt("raise the left arm and keep the left arm still", 3.0)
    made = Neural("ours", model).generate([PROMPTS[0], sequence, short, refused], 3)
    ((asked, seconds, _),) = model.asked
    assert asked[:2] == [PROMPTS[0].text, [(text, frames / 20) for text, frames in intervals(sequence)]]
    assert asked[2] == [("one", 0.5), ("two", 2.8)]
    assert asked[3] == Timeline((), duration_s=3.0), "who is asked for what cannot be stands still"
    assert seconds == [PROMPTS[0].seconds, None, None, 3.0]
    assert len(made) == 4
    assert Neural("ours", model, {"zero-shot": True}).about == {"model": "model@1", "zero-shot": True}
    assert Neural("ours", model).generate([], 0) == []
    assert model.clean


def test_code_that_makes_motions_is_part_of_a_models_identity(monkeypatch) -> None:
    own = Neural("ours", Generating())
    assert own.identity == f"model@1 made by {sources_identity(GENERATING)}"
    other = Neural("ours", Generating(), clean=False)
    assert (other.identity != own.identity, other.about) == (True, {"model": "model@1 clean=False"})
    before = own.identity
    monkeypatch.setattr(generators, "sources_identity", lambda places: "other code")
    assert Neural("ours", Generating()).identity != before


class Sampled:
    """As a generator is made of a model and a way of sampling."""

    def __init__(self, model, sampling=None) -> None:
        self.model, self.sampling = model, sampling
        self.identity = "model@1" if sampling is None else f"model@1 {sorted(vars(sampling).items())}"

    def generate_batch(self, prompts, seconds, seed, clean):
        return [SimpleNamespace(motion=(self.sampling, clean))] * len(prompts)


def sampled(hints: bool = True, origins: bool = True) -> Neural:
    model = SimpleNamespace(with_sampling=lambda **new: Sampling(**{"draft": "none", **new}))
    model.config = SimpleNamespace(network=SimpleNamespace(hints=hints, origins=origins))
    return Neural("ours", Sampled(model), {"zero-shot": True})


def test_a_variant_is_a_system_of_its_own() -> None:
    plain = sampled()
    quick = plain.varied(variant("draft=hint, steps=4"))
    raw = plain.varied(variant("clean=false"))
    assert (quick.name, raw.name) == ("ours, draft=hint, steps=4", "ours, clean=false")
    assert len({one.identity for one in (plain, quick, raw)}) == 3
    assert quick.generate(PROMPTS[:1], 0) == [(Sampling(draft="hint", steps=4), True)]
    assert raw.generate(PROMPTS[:1], 0) == [(Sampling(draft="none"), False)]
    assert (quick.flags, plain.generator.sampling) == ({"zero-shot": True}, None)


def test_a_variant_that_a_network_cannot_see_is_refused() -> None:
    with pytest.raises(ModelError, match=r"variant 'draft=hint' of 'ours': found draft=hint; expected what its network is shown"):
        sampled(hints=False).varied(variant("draft=hint"))
    with pytest.raises(ModelError, match="found origin_below"):
        sampled(origins=False).varied(variant("origin_below=0.5"))
    assert sampled(hints=False, origins=False).varied(variant("draft=start,steps=3")).name == "ours, draft=start, steps=3"


def test_a_text_lasts_until_the_next_begins() -> None:
    segments = (Segment("one", 0.0, 1.0), Segment("two", 1.5, 2.0), Segment("three", 2.0, 3.0))
    assert intervals(Prompt("all", 3.0, segments=segments)) == [("one", 30), ("two", 10), ("three", 20)]


# --- kept


def counting(fail_after: int = 10**9) -> tuple[Made, list[str]]:
    asked: list[str] = []

    def make(prompt: Prompt, seed: int):
        if len(asked) >= fail_after:
            raise KeyboardInterrupt
        asked.append(prompt.text)
        return perform(PROMPTS[0].timeline, seed, fps=20)

    return Made("counting", "counting@1", {}, make), asked


def many(n: int) -> list[Prompt]:
    return [Prompt(f"prompt {i}", 2.0) for i in range(n)]


def test_what_is_kept_is_what_was_made(tmp_path) -> None:
    system, asked = counting()
    first = Kept(system, tmp_path).generate(many(3), 1)
    again = Kept(system, tmp_path).generate(many(3)[::-1], 1)
    assert len(asked) == 3
    assert all(same(a, b) for a, b in zip(first, reversed(again), strict=True))
    assert first[0].rotations is not None
    Kept(system, tmp_path).generate(many(3), 2)
    assert len(asked) == 6, "another seed is another motion"
    Kept(system, None).generate(many(3), 1)
    assert len(asked) == 9


def test_an_interrupted_run_goes_on(tmp_path) -> None:
    prompts = many(BATCH + 5)
    stopped, asked = counting(fail_after=BATCH + 2)
    with pytest.raises(KeyboardInterrupt):
        Kept(stopped, tmp_path).generate(prompts, 0)
    whole, more = counting()
    found = Kept(whole, tmp_path).generate(prompts, 0)
    assert (len(asked), more) == (BATCH + 2, [p.text for p in prompts[BATCH:]])
    assert all(np.array_equal(a.joints, b.joints) for a, b in zip(found, whole.generate(prompts, 0), strict=True))


def test_an_interrupt_while_a_file_is_written_leaves_whole_files(tmp_path, monkeypatch) -> None:
    import os

    sync, done = os.fsync, []

    def stopping(handle: int) -> None:
        sync(handle)
        done.append(handle)
        if len(done) == 3:
            raise KeyboardInterrupt

    system, asked = counting()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stopping)
        with pytest.raises(KeyboardInterrupt):
            Kept(system, tmp_path).generate(many(5), 0)
    assert sorted(file.suffix for file in tmp_path.rglob("*.*") if file.is_file()) == [".safetensors"] * 2
    Kept(system, tmp_path).generate(many(5), 0)
    assert len(asked) == 5 + 3


def test_a_damaged_file_is_made_anew(tmp_path) -> None:
    system, asked = counting()
    Kept(system, tmp_path).generate(many(1), 0)
    (file,) = tmp_path.rglob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    Kept(system, tmp_path).generate(many(1), 0)
    assert len(asked) == 2


def test_everything_that_a_system_sees_is_in_the_key() -> None:
    prompts = [*PROMPTS, Prompt(PROMPTS[0].text, 2.0), Prompt(PROMPTS[0].text, 2.5), compositions(1)[0]]
    assert len({key_of(p, seed) for p in prompts for seed in (0, 1)}) == 2 * len(prompts)


def test_other_skeletons_and_rates_are_kept_on_22_joints(tmp_path) -> None:
    walk = sample("walk_forward")
    system = real({"a": lambda: walk}, "samples")
    (motion,) = Kept(system, tmp_path).generate([Prompt("walks", 2.0, name="a")], 0)
    assert (motion.fps, motion.joints.shape[1:]) == (20.0, (22, 3))


def test_without_a_generator_it_is_said(tmp_path) -> None:
    from kinelang.evaluate.generators import neural

    with pytest.raises((ModelError, KinelangError)):
        neural("none", tmp_path / "nowhere")
