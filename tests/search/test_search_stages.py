"""Weighing all candidates at once leaves out none that looking at each would have found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fake import FakeRetriever

from kinelang.language.lexicon import VERBS
from kinelang.search import Filters, Fusion, Index, searching
from kinelang.search.schema import Meta
from kinelang.search.stages import StageTable, at_most
from kinelang.search.store import Encoded, Entry, Place, Seen, Store
from kinelang.search.structure import Weights, asked, compare

NAMES = ("walk", "run", "jog", "turn", "wave", "kick", "squat", "sit", "bend")
ASKED = (
    "a person walks forward",
    "someone kicks with the left foot twice",
    "he waves with the right hand, then squats three times",
    "a person runs, turns left and walks, then walks on",
    "bend, sit",
)


def drawn(rng: np.random.Generator, most: int) -> list[Seen]:
    """Stages in order of time, as a detector could have seen them."""
    starts = np.sort(rng.uniform(0, 2.5 * most, rng.integers(0, most + 1))).tolist()
    made = []
    for start in starts:
        verb = VERBS[NAMES[rng.integers(len(NAMES))]]
        side, direction = (options[rng.integers(len(options))] for options in ((None, *verb.sides), (None, *verb.directions)))
        count = int(rng.integers(1, 4)) if verb.counted and rng.random() < 0.5 else None
        made.append(Seen(verb.key, side, direction, count, start, start + float(rng.uniform(0.2, 3)), float(rng.random())))
    return made


def filled(path: Path, stages: Sequence[Sequence[Seen]], rng: np.random.Generator, width: int) -> None:
    """An index of motions with these stages and vectors by chance; those of more than 10 s in pieces."""
    with Store.create(path, Meta("fake@1", width)) as store:
        for i, mine in enumerate(stages):
            rows = tuple({name: getattr(s, name) for name in Seen.__dataclass_fields__} | {"parts": []} for s in mine)
            end_s = max([stage.end_s for stage in mine], default=2.0)
            pieces = [[0.0, 10.0], [5.0, end_s]] if end_s > 10 else [[0.0, end_s]]
            vectors = rng.standard_normal((len(pieces), width)).astype(np.float32)
            encoded = Encoded(np.array(pieces, np.float32), vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
            store.put(Entry(Place(f"/m/{i}.bvh", sha256=str(i)), end_s, 20.0, 100, "smpl22", rows), encoded, encoded)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("many") / "x.index"
    filled(path, [drawn(rng, 7) for _ in range(400)], rng, FakeRetriever().width)
    return path


@pytest.mark.parametrize("weights", [Weights(), Weights(alike=0.0), Weights(trust=1.0, order=1.0, unasked=0.0, again=1.0)])
def test_no_motion_agrees_better_than_it_can(many, weights):
    with Store.open(many) as store:
        motions = store.ids().tolist()
        found = StageTable().of(store, motions)
        alone = found.seen(range(len(motions)))
        assert alone == [entry.seen for entry in sorted(store.entries(), key=lambda entry: entry.id)]
        for text in ASKED:
            wanted = asked(text).stages
            score, contradicted = at_most(wanted, found, weights)
            agreed = [compare(wanted, stages, weights) for stages in alone]
            assert all(a.score <= s + 1e-12 for a, s in zip(agreed, score, strict=True))
            np.testing.assert_allclose(contradicted, [a.contradicted for a in agreed], atol=1e-12)
            if weights == Weights():  # or it says nothing
                assert np.mean(score) < 1.5 * np.mean([a.score for a in agreed])


@pytest.mark.parametrize("fusion", [Fusion(), Fusion(candidates=40), Fusion(structure=3.0, contradiction=1.0), Fusion(structure=-0.5)])
@pytest.mark.parametrize("top", [1, 10])
def test_hits_are_those_of_looking_at_every_candidate(many, fusion, top, monkeypatch):
    def answers() -> list[object]:
        with Index.open(many, FakeRetriever()) as index:
            found = [index.search(text, top=top, fusion=fusion) for text in ASKED]
            found += [index.search(text, top=top, fusion=fusion, moments=True) for text in ASKED]
            found += [index.search(structure=text, top=top, fusion=fusion) for text in ASKED]
            found += [index.search(text, top=top, fusion=fusion, filters=Filters(verb="kick")) for text in ASKED]
            return found

    quick = answers()
    monkeypatch.setattr(searching, "_limits", lambda seen, *_: np.full(len(seen.counts), np.inf))
    assert quick == answers()


def test_few_are_looked_at_closely(many, monkeypatch):
    looked_at: list[object] = []
    monkeypatch.setattr(searching, "compare", lambda *arguments: looked_at.append(arguments) or compare(*arguments))
    with Index.open(many, FakeRetriever()) as index:
        index.search(ASKED[0])
    assert 10 <= len(looked_at) < 100


def test_what_was_forgotten_is_read_again(many):
    rng = np.random.default_rng(1)
    with Store.open(many) as store:
        small, large = StageTable(most=20), StageTable()
        for _ in range(30):
            motions = rng.permutation(420)[: rng.integers(0, 30)].tolist()  # some are not there
            a, b = (table.of(store, motions) for table in (small, large))
            assert a.seen(range(len(motions))) == b.seen(range(len(motions)))
            np.testing.assert_array_equal(a.last_s(), b.last_s())
