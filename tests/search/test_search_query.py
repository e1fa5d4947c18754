"""Queries: structure, sides, filters, examples, fusion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake import FakeRetriever
from hypothesis import given, settings

import kinelang
from kinelang.language.sides import swap_left_right
from kinelang.motion.reflection import mirror
from kinelang.search import Filters, Fusion, Index, SearchError
from kinelang.search.store import Seen
from kinelang.search.structure import Agreement, asked, compare
from kinelang.timeline import Stage, Timeline, from_text, perform
from timelines import timelines


def seen(verb: str, start: float = 0.0, end: float = 1.0, side=None, direction=None, count=None, confidence=1.0) -> Seen:
    return Seen(verb, side, direction, count, start, end, confidence)


def stems(hits) -> list[str]:
    return [Path(hit.path).stem for hit in hits]


# --- structure


def test_a_text_asks_for_its_stages():
    wanted = asked("a person waves the left hand twice, then kicks with the right foot")
    assert [(s.verb, s.side, s.count) for s in wanted.stages] == [("wave", "left", 2), ("kick", "right", None)]
    assert {"wave", "kick", "gesture", "fight"} <= wanted.verbs
    assert wanted.not_understood == ()
    assert asked("eine Person geht").not_understood != ()
    with pytest.raises(SearchError, match="without words"):
        asked(" ... ")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (seen("wave", side="left", count=2), seen("wave", side="right", count=2)),
        (seen("wave", side="left", count=2), seen("wave", side="both", count=2)),
        (seen("wave", side="both", count=2), seen("wave", side="right", count=2)),
        (seen("wave", side="left", count=2), seen("wave", side="left", count=5)),
        (seen("wave", side="left", count=2), seen("wave", side="left")),
        (seen("wave", side="left"), seen("wave", side="left", count=9)),
        (seen("wave", side="left", count=2), seen("gesture", side="left", count=2)),
        (seen("gesture", side="left"), seen("kick", side="left")),
        (seen("wave", side="left", count=2), seen("wave", side="left", count=2, confidence=0.5)),
    ],
)
def test_what_fits_better(better, worse):
    wanted = [seen("wave", side="left", count=2)]
    assert compare(wanted, [better]).score > compare(wanted, [worse]).score


def test_what_was_not_asked_for_counts_against_a_motion():
    wanted = [seen("wave", side="left")]
    alone, beside = [seen("wave", side="left")], [seen("wave", side="left"), seen("squat", start=1, end=2)]
    sure, unsure = compare(wanted, beside).score, compare(wanted, [alone[0], seen("squat", start=1, end=2, confidence=0.2)]).score
    assert compare(wanted, alone).score > unsure > sure > 0
    like_it = seen("gesture", side="right", start=1, end=2)
    assert compare(wanted, [*alone, like_it]).score == compare(wanted, alone).score
    assert compare(wanted, [*alone, seen("squat", start=1, end=9)]).score < sure


def test_a_stage_stands_for_a_second_one_only_where_there_is_no_other():
    twice = [seen("kick"), seen("kick", start=2, end=3)]
    one, two = compare(twice, [seen("kick")]), compare(twice, twice)
    assert compare([*twice, seen("squat", start=4, end=5)], [seen("kick")]).score < one.score < two.score
    assert [m[0] for m in two.matched] == [0, 1]
    assert [m[0] for m in one.matched] == [0, 0]


def test_all_of_it_is_one_and_nothing_is_zero():
    wanted = asked("a person walks forward, turns left and then waves the right hand twice").stages
    assert compare(wanted, wanted) == Agreement(pytest.approx(1.0), 0.0, tuple((i, 1.0) for i in range(3)))
    assert compare(wanted, []).score == 0
    assert compare(wanted, wanted[:1]).score == pytest.approx(1 / 3)


def test_order_counts():
    wanted = asked("a person walks, then squats").stages
    right = [seen("walk", 0, 2), seen("squat", 2, 4)]
    wrong = [seen("squat", 0, 2), seen("walk", 2, 4)]
    assert compare(wanted, right).score > compare(wanted, wrong).score
    together = asked("a person walks while waving the left hand").stages
    assert compare(together, [seen("walk", 0, 4), seen("wave", 1, 3, side="left")]).score == pytest.approx(1)
    assert compare(together, [seen("walk", 0, 2), seen("wave", 2, 4, side="left")]).score < 1


def test_the_other_side_contradicts_unless_the_right_one_is_there_too():
    wanted = [seen("kick", side="left")]
    assert compare(wanted, [seen("kick", side="right")]).contradicted == 1
    assert compare(wanted, [seen("kick", side="right", confidence=0.4)]).contradicted == pytest.approx(0.4)
    assert compare(wanted, [seen("kick", side="right"), seen("kick", side="left")]).contradicted == 0
    assert compare(wanted, [seen("wave", side="right")]).contradicted == 0
    assert compare(wanted, [seen("kick")]).contradicted == 0
    assert compare([seen("turn", direction="left")], [seen("turn", direction="right")]).contradicted == 1
    assert compare([seen("walk", direction="forward")], [seen("walk", direction="forward_left")]).contradicted == 0


@settings(max_examples=40)
@given(timelines(), timelines())
def test_mirrored_both_it_is_the_same(a: Timeline, b: Timeline):
    plain = compare(asked(a).stages, asked(b).stages)
    other = compare(asked(a.mirrored()).stages, asked(b.mirrored()).stages)
    assert plain.score == pytest.approx(other.score)
    assert plain.contradicted == pytest.approx(other.contradicted)
    assert 0 <= plain.score <= 1 + 1e-9
    assert 0 <= plain.contradicted <= 1


def test_scores_stay_between_0_and_1():
    fusion = Fusion()
    for similarity in (-1.0, 0.3, 1.0):
        for agreement in (None, Agreement(0, 1, ()), Agreement(1, 0, ())):
            assert 0 <= fusion.score(similarity, agreement) <= 1
    assert fusion.score(1.0, None) == 1
    assert fusion.score(None, Agreement(0.4, 0, ())) == 0.4
    assert fusion.score(0.1, Agreement(1, 0, ())) > fusion.score(1.0, Agreement(0.5, 1, ()))


# --- searches


def test_of_a_clip_and_its_mirror_image_the_one_with_the_side_asked_for_is_first(tmp_path):
    """With a model that does not know left from right."""

    class Blind(FakeRetriever):
        def encode_texts(self, texts):
            return super().encode_texts([text.replace("right", "").replace("left", "") for text in texts])

        def encode_features(self, features):
            rows = super().encode_features(features)
            for pair in ([3, 4], [5, 6]):
                rows[:, pair] = rows[:, pair].mean(axis=1, keepdims=True)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    for name, lines in (("kick", "0-2 kick side=left"), ("wave", "0-3 wave side=left count=3")):
        motion = perform(from_text(lines), 5)
        kinelang.save(motion, tmp_path / f"{name}_left.bvh")
        kinelang.save(mirror(motion), tmp_path / f"{name}_right.bvh")
    with Index.build(tmp_path / "two.index", [tmp_path], Blind()) as index:
        for query in ("a person kicks with the left foot", "someone is waving their left hand"):
            for text, side in ((query, "left"), (swap_left_right(query), "right")):
                names = stems(index.search(text, top=4))
                verb = "kick" if "kick" in text else "wave"
                assert names[0] == f"{verb}_{side}"


@pytest.mark.parametrize("query", ["a person waves the left hand", "someone kicks with the left foot"])
def test_the_other_side_ranks_below(index, query):
    for text, right in ((query, "left"), (swap_left_right(query), "right")):
        hits = index.search(text, top=8)
        verb = "wave" if "wave" in query else "kick"
        names = stems(hits)
        wrong = {"left": "right", "right": "left"}[right]
        assert names[0] == f"{verb}_{right}"
        assert names.index(f"{verb}_{right}") < names.index(f"{verb}_{wrong}")
        assert hits[0].score - next(h.score for h in hits if Path(h.path).stem == f"{verb}_{wrong}") > 0.2


def test_structure_alone(index):
    hits = index.search(structure="left hand waving")
    assert set(stems(hits)[:2]) == {"wave_left", "walk_then_wave"}
    assert all(hit.similarity is None and 0 < hit.score <= 1 for hit in hits)
    assert "squat_twice" not in stems(hits)
    assert stems(index.search(structure=Timeline((Stage(0, 1, "squat", count=2),))))[0] == "squat_twice"
    with pytest.raises(SearchError, match="no stage in 'una persona'"):
        index.search(structure="una persona")


def test_structure_beside_a_text(index):
    assert stems(index.search("a person", structure="squats twice", top=1)) == ["squat_twice"]


def test_like(index, library):
    hits = index.search(like=library / "waving" / "wave_left.bvh", top=3)
    assert "wave_left" not in stems(hits)
    assert stems(hits)[0] == "walk_then_wave"
    motion = kinelang.load(library / "waving" / "wave_left.bvh")
    itself = index.search(like=motion, top=1)[0]
    assert Path(itself.path).stem == "wave_left"
    assert itself.score == pytest.approx(1, abs=1e-3)
    both = index.search("a person walks", like=library / "waving" / "wave_left.bvh", top=2)
    assert stems(both)[0] == "walk_then_wave"


def test_filters(index, library):
    def names(*rows: str) -> set[str]:
        return set(stems(index.search("a person", filters=Filters.of(rows), top=99)))

    assert names() == {p.stem for p in library.rglob("*.bvh")}
    assert names("max=1.6") == {"kick_left", "kick_right"}
    assert names("min=5.5") == {"walk_then_wave"}
    assert names("verb=wave", "side=right") == {"wave_right"}
    assert names("side=right") >= {"wave_right", "kick_right"}
    assert names("path=waving/*") == {"wave_left", "wave_right"}
    assert names("path=kick_?eft.bvh") == {"kick_left"}
    assert names(f"path={library}/kick*") == {"kick_left", "kick_right"}
    assert names("skeleton=smpl22") == names()
    assert names("skeleton=kit21") == set()
    assert {h.path for h in index.search("waves", moments=True, top=99, filters=Filters(verb="wave", side="right"))} == {
        str(library / "waving/wave_right.bvh")
    }


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("wave", "expected NAME=VALUE"),
        ("colour=red", "name of min, max, verb, side, path, skeleton"),
        ("verb=waves", "did you mean wave"),
        ("side=up", "one of left, right"),
        ("min=long", "seconds, such as min=2.5"),
        ("min_s=3", "name of min, max"),
        ("verb=", "expected NAME=VALUE"),
    ],
)
def test_what_is_no_filter(row, told):
    with pytest.raises(SearchError, match=told):
        Filters.of([row])


def test_bad_queries(index):
    for text in ("", "   ", "?!"):
        with pytest.raises(SearchError, match="query: found a text without words"):
            index.search(text)
    with pytest.raises(SearchError, match="nothing to search for"):
        index.search()
    with pytest.raises(SearchError, match="top: found 0"):
        index.search("walks", top=0)
    assert len(index.search("una persona camina", top=99)) == 8


def test_few_candidates_are_those_near_and_those_with_the_verb(index):
    assert stems(index.search("a person squats", fusion=Fusion(candidates=1), top=1)) == ["squat_twice"]
    assert stems(index.search("waves the left hand", fusion=Fusion(candidates=2), top=2))[0] == "wave_left"
    assert len(index.search("waves the left hand", fusion=Fusion(candidates=2), top=99)) == 8


def test_labels(index, library):
    texts = ["a person walks", "a person squats", "a person turns"]
    labels = index.label(texts, top=2)
    assert labels[str(library / "squat_twice.bvh")][0][0] == "a person squats"
    assert labels[str(library / "walk_forward.bvh")][0][0] == "a person walks"
    assert all(len(rows) == 2 and rows[0][1] >= rows[1][1] for rows in labels.values())


def test_hits_as_plain_values(index):
    row = index.search("a person walks forward", top=1)[0].to_dict()
    assert {"path", "score", "start_s", "end_s", "stages"} <= set(row)
    assert row["stages"][0]["verb"] == "walk"
    assert "evidence" not in row["stages"][0]
