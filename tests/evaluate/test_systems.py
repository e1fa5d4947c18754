"""The systems that are judged: what each of them has to keep, what each says of clips made by hand, and the table."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from clip_samples import SCORES, Bags, Knowing, clip, features, six_clips

import kinelang
from kinelang.corpora import features_of, standard
from kinelang.errors import ModelError
from kinelang.evaluate.clips import Clip
from kinelang.evaluate.systems import SYSTEMS, Agreements, BestPiece, Setting, Structured, Vectors, narrated, opened, systems_of
from kinelang.search import Index
from kinelang.search.query import Fusion
from kinelang.search.structure import asked, compare
from kinelang.timeline import Timeline, detect, from_text, perform
from models.tmr_samples import write_tiny
from search.fake import FakeRetriever


class FarApart:
    """An evaluator: vectors of any length, near where they belong together."""

    identity = "far@1"
    config = SimpleNamespace(word_identity="hashed@0")

    def encode_texts(self, texts):
        return np.array([[len(text), 0.0] for text in texts], dtype=np.float32)

    def encode_features(self, features):
        return np.array([[len(x), 3.0] for x in features], dtype=np.float32)


def setting() -> Setting:
    return Setting({"knowing": Knowing(), "far": FarApart(), "fake": FakeRetriever()}, frozenset({"far"}), Bags())


@pytest.fixture(params=SYSTEMS)
def systems(request):
    return SYSTEMS[request.param].build(setting())


TEXTS = [f"a person {text}" for text in SCORES] + ["nothing that is known"]


def test_every_row_of_the_table_says_what_it_is():
    for name, entry in SYSTEMS.items():
        assert entry.name == name
        assert entry.description
    assert [s.name for s in systems_of(setting())] == [
        "knowing", "fake", "knowing + structure", "fake + structure", "far", "structure", "narrated",
    ]  # fmt: skip
    assert [s.name for s in systems_of(setting(), baselines=False)][-1] == "far"


def test_scores_have_the_shape_and_are_finite(systems):
    clips = six_clips().clips
    assert systems
    for system in systems:
        scores = system.scores(TEXTS, clips)
        assert scores.shape == (7, 6)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()
        assert system.about


def test_pairs_are_the_scores_of_their_own(systems):
    clips = six_clips().clips
    for system in systems:
        paired = system.paired(TEXTS[:6], clips)
        np.testing.assert_allclose(paired, np.diagonal(system.scores(TEXTS[:6], clips)), atol=1e-6)


def test_one_text_and_clip_are_scored_as_among_others(systems):
    clips = six_clips().clips
    for system in systems:
        whole = system.scores(TEXTS, clips)
        np.testing.assert_allclose(system.scores(TEXTS[2:3], clips[4:5]), whole[2:3, 4:5], atol=1e-6)
        order = [5, 0, 3, 1, 2, 4]
        np.testing.assert_allclose(system.scores(TEXTS, [clips[i] for i in order]), whole[:, order], atol=1e-6)


def test_only_what_needs_stages_looks_at_them(systems):
    blind = list(six_clips().clips)
    for system in systems:
        if not system.sees_stages:
            bare = [type(c)(c.id, c.group, c.captions, c.features) for c in blind]
            assert system.scores(TEXTS, bare).shape == (7, 6)


def test_vectors_are_made_once():
    model = Knowing()
    system = SYSTEMS["model"].build(Setting({"m": model}, frozenset(), Bags()))[0]
    clips = six_clips().clips
    system.scores(TEXTS, clips)
    system.paired(TEXTS[:6], clips)
    assert (model.asked, model.looked) == (7, 6)


def test_model_and_fused_share_their_vectors():
    model = Knowing()
    one = Setting({"m": model}, frozenset(), Bags())
    for system in systems_of(one, baselines=False):
        system.scores(TEXTS, six_clips().clips)
    assert (model.asked, model.looked) == (7, 6)


def test_an_evaluator_is_asked_for_distances_by_hand():
    system = SYSTEMS["evaluator"].build(setting())[0]
    scores = system.scores(["1234", "a" * 36], [clip(0, "walks", "0-3 walk", n=40)])
    np.testing.assert_allclose(scores, -np.hypot([[36], [4]], 3), rtol=1e-6)


def test_the_narrated_baseline_compares_with_what_is_told():
    system = SYSTEMS["narrated"].build(setting())[0]
    clips = six_clips().clips
    own = narrated(clips[1].detected)
    assert "left" in own
    assert "wav" in own
    assert system.scores([own], clips)[0].argmax() == 1
    assert system.scores([own], clips)[0, 1] == pytest.approx(1)
    assert narrated(Timeline(())) == "a person stands still"


def test_structure_alone_is_what_search_makes_of_it():
    system = SYSTEMS["structure"].build(setting())[0]
    clips, fusion = six_clips().clips, Fusion()
    scores = system.scores(TEXTS, clips)
    for i, text in enumerate(TEXTS[:6]):
        wanted = asked(text)
        for j, c in enumerate(clips):
            expected = fusion.score(None, compare(wanted.stages, c.seen, fusion.stages))
            assert scores[i, j] == pytest.approx(expected, abs=1e-6)
        assert scores[i].argmax() == i
    assert (scores[6] == 0).all()  # no stage is read from it


def test_fused_is_what_search_makes_of_it():
    fusion = Fusion(structure=0.7)
    system = SYSTEMS["fused"].build(Setting({"m": Knowing(0.4)}, frozenset(), Bags(), fusion))[0]
    clips = six_clips().clips
    alone = SYSTEMS["model"].build(Setting({"m": Knowing(0.4)}, frozenset(), Bags()))[0].scores(TEXTS, clips)
    scores = system.scores(TEXTS, clips)
    for i, text in enumerate(TEXTS):
        wanted = asked(text)
        for j, c in enumerate(clips):
            found = compare(wanted.stages, c.seen, fusion.stages) if wanted.stages else None
            assert scores[i, j] == pytest.approx(fusion.score(float(alone[i, j]), found), abs=1e-6)


def test_of_a_long_clip_the_best_piece_counts():
    long = clip(0, "walks", "0-3 walk", n=450)

    class Firsts:
        def encode_texts(self, texts):
            return np.array([[1.0, 0], [0, 1.0]], dtype=np.float32)[[int(text == "late") for text in texts]]

        def encode_clips(self, clips):
            late = [bool((c.features[-1] == long.features[-1]).all()) and len(c.features) <= 200 for c in clips]
            return np.array([[1.0, 0], [0, 1.0]], dtype=np.float32)[np.array(late, dtype=int)]

    model = Firsts()
    whole = Vectors("m", {}, model.encode_texts, model.encode_clips)
    pieces = BestPiece(whole)
    short = clip(1, "waves", "0-3 wave", n=60)
    assert whole.scores(["late", "early"], [long, short]).tolist() == [[0, 0], [1, 1]]
    scores, best = pieces.best(["late", "early"], [long, short])
    assert scores.tolist() == [[1, 0], [1, 1]]
    assert {j: at.tolist() for j, at in best.items()} == {0: [3, 0]}  # frames 0, 100, 200 and 250 on


def test_fused_ranks_as_an_index_of_the_same_motions_does(tmp_path: Path):
    """Short motions and one of 14 s, whose beginning and end are different pieces."""
    told = {
        "wave": "0-3 wave side=left count=3",
        "kick": "0-1.5 kick side=left\n1.5-4 walk direction=forward",
        "long": "0-6 walk direction=forward\n6-9 stand\n9-14 wave side=left count=5",
    }
    clips = []
    for seed, (name, lines) in enumerate(told.items()):
        kinelang.save(perform(from_text(lines), seed), tmp_path / f"{name}.bvh")
        motion = kinelang.load(tmp_path / f"{name}.bvh")
        clips.append(Clip(name, name, ("a person walks",), features_of(standard(motion)), timeline=detect(motion)))
    system = SYSTEMS["fused"].build(Setting({"fake": FakeRetriever()}, frozenset(), Bags()))[0]
    texts = ["a person walks forward", "a person waves the left hand", "a person waves the right hand", "blue", "kicks, then walks"]
    scores, paired = system.scores(texts, clips), [system.paired([text] * 3, clips) for text in texts]
    with Index.build(tmp_path / "x.index", [tmp_path], FakeRetriever()) as index:
        for i, text in enumerate(texts):
            hits = {Path(hit.path).stem: hit.score for hit in index.search(text, top=3)}
            for j, name in enumerate(told):
                assert scores[i, j] == pytest.approx(hits[name], abs=1e-4), (text, name)
                assert paired[i][j] == pytest.approx(hits[name], abs=1e-4), (text, name)


def test_the_kind_of_a_run_folder_is_told(tmp_path: Path):
    write_tiny(tmp_path / "one" / "run")
    write_tiny(tmp_path / "two" / "run")
    found = opened([tmp_path / "one" / "run", tmp_path / "two" / "run"], Bags())
    assert list(found.models) == ["run", "run-2"]
    assert not found.evaluators
    with pytest.raises(ModelError, match="cannot be read"):
        opened([tmp_path / "three"], Bags())


def test_no_system_is_an_error():
    with pytest.raises(ModelError, match="give a model, or baselines"):
        systems_of(Setting({}, frozenset(), Bags()), baselines=False)
    assert [s.name for s in systems_of(Setting({}, frozenset(), Bags()))] == ["structure", "narrated"]


def test_a_text_without_words_asks_for_nothing():
    system = Structured("s", {}, Agreements(Fusion()))
    assert system.scores(["...", "12"], six_clips().clips).tolist() == [[0.0] * 6] * 2


def test_mirrored_clips_are_other_clips():
    c = clip(0, *list(SCORES.items())[1])
    m = c.mirrored()
    assert m.key != c.key
    assert m.seen[0].side == "right"
    np.testing.assert_allclose(m.mirrored().features, c.features, atol=1e-5)
    assert features(0).shape == (40, 263)
