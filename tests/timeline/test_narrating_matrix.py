"""The description matrix and BABEL's labels."""

from __future__ import annotations

import itertools

import pytest

from kinelang.language.lexicon import VERBS
from kinelang.timeline import Stage, Timeline, babel_labels, description_matrix, random_timeline
from kinelang.timeline.narrating import COLUMNS, babel_annotation
from kinelang.timeline.narrating.part_phrases import PART_PHRASES, REST
from timeline.stand_ins import ACTIONS_OF_ALL_VERBS


def drawn(seed: int) -> Timeline:
    return random_timeline(seed, actions=ACTIONS_OF_ALL_VERBS)


def test_rows_have_eight_columns_and_cover_the_time() -> None:
    for seed in range(250):
        timeline = drawn(seed)
        rows = description_matrix(timeline)
        assert rows[0].start_s == 0.0
        assert rows[-1].end_s == timeline.duration_s
        assert all(a.end_s == b.start_s for a, b in itertools.pairwise(rows))
        for row in rows:
            assert tuple(column for column, _ in row.cells) == COLUMNS
            for _, text in row.cells:
                assert text == " ".join(text.split())
                assert "{" not in text
                assert len(text.split()) >= 3


def test_every_stage_is_in_a_row_of_its_time() -> None:
    for seed in range(100):
        timeline = drawn(seed)
        rows = description_matrix(timeline)
        for i, stage in enumerate(timeline.stages):
            inside = [row for row in rows if i in row.stages]
            assert inside[0].start_s <= stage.start_s + 1e-9
            assert inside[-1].end_s >= stage.end_s - 1e-9


def test_overlapping_stages_are_cut_at_their_ends() -> None:
    timeline = Timeline((Stage(0, 4, "walk", direction="forward", count=6), Stage(1, 3, "wave", side="right")))
    rows = description_matrix(timeline)
    assert [(row.start_s, row.end_s) for row in rows] == [(0, 1), (1, 3), (3, 4)]
    assert rows[0]["overall"] == "the person walks forward"
    assert rows[1]["overall"] == "the person walks forward while waving with their right hand"
    assert rows[1]["right_arm"] == "the right arm is raised and waves"
    assert rows[1]["left_arm"] == rows[0]["right_arm"].replace("right", "left") == "the left arm swings in time with the steps"
    assert rows[1]["trajectory"] == "the body moves forward"


def test_own_words_for_a_part_stand_in_place_of_ours() -> None:
    timeline = Timeline((Stage(0, 2, "walk", texts=(("left_arm", "the left arm holds a cup"), ("root", "the body drifts"))),))
    (row,) = description_matrix(timeline)
    assert row["left_arm"] == "the left arm holds a cup"
    assert row["trajectory"] == "the body drifts"


def test_postures_last() -> None:
    timeline = Timeline(
        (Stage(0, 2, "sit"), Stage(3, 5, "wave", side="left"), Stage(5, 6, "stand_up"), Stage(6, 8, "wave", side="left"))
    )
    rows = description_matrix(timeline)
    assert [row["overall"] for row in rows][1] == "the person stays sitting"
    assert rows[2]["left_leg"] == "the left leg is bent at the knee"
    assert rows[-1]["left_leg"] == "the left leg stands still"


def test_the_mirrored_matrix_exchanges_the_columns() -> None:
    from kinelang.language.sides import swap_left_right

    for seed in range(60):
        timeline = drawn(seed)
        if any(s.side is None and s.lexeme.sides for s in timeline.stages):
            continue  # a side that is not told is taken to be the right one
        for row, other in zip(description_matrix(timeline), description_matrix(timeline.mirrored()), strict=True):
            for column in COLUMNS:
                assert other[swap_left_right(column.replace("_", " ")).replace(" ", "_")] == swap_left_right(row[column])


def test_part_phrases_are_of_known_verbs_and_parts() -> None:
    assert set(PART_PHRASES) <= set(VERBS)
    known = {"head", "torso", "root", "arm", "arms", "other_arm", "leg", "legs", "other_leg"}
    for verb, phrases in PART_PHRASES.items():
        assert set(phrases) <= known, verb
        used = {part.rpartition("_")[2] for part in VERBS[verb].parts}
        assert used <= {key.rpartition("_")[2].rstrip("s") for key in phrases}, verb
    assert {tuple(rest) for rest in REST.values()} == {("head", "torso", "arm", "leg", "root")}


def test_labels_cover_the_time_and_have_categories() -> None:
    for seed in range(100):
        timeline = drawn(seed)
        rows = babel_labels(timeline)
        assert all(set(row) == {"start_t", "end_t", "raw_label", "proc_label", "act_cat"} for row in rows)
        assert [row["start_t"] for row in rows] == sorted(row["start_t"] for row in rows)
        assert len([row for row in rows if row["proc_label"] not in ("transition", "stand")]) >= len(
            [s for s in timeline.stages if s.verb != "stand"]
        )
        now = 0.0
        for row in rows:
            assert row["start_t"] - now < 0.1
            now = max(now, row["end_t"])
        assert timeline.duration_s - now < 0.1


@pytest.mark.parametrize(
    ("stage", "categories"),
    [
        (Stage(0, 1, "walk", direction="backward"), ["walk", "backwards movement"]),
        (Stage(0, 1, "walk", direction="left", path="circle"), ["walk", "circular movement"]),
        (Stage(0, 1, "pick_up"), ["pick up"]),
    ],
)
def test_categories(stage: Stage, categories: list[str]) -> None:
    assert babel_labels(Timeline((stage,)))[0]["act_cat"] == categories


def test_an_annotation_has_babels_shape() -> None:
    entry = babel_annotation(Timeline((Stage(0.5, 2, "walk"), Stage(3.5, 5, "sit")), name="one"))
    assert entry["dur"] == 5
    assert [label["proc_label"] for label in entry["frame_ann"]["labels"]] == ["transition", "walk", "stand", "sit down"]
    assert [label["proc_label"] for label in entry["seq_ann"]["labels"]] == ["walk", "stand", "sit down"]
    assert all("start_t" not in label for label in entry["seq_ann"]["labels"])
