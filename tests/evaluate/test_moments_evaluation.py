"""Evaluation of moments: how sequences are made, which captions are asked, how answers are judged."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

from kinelang.cli.evaluate_moments import lines_of
from kinelang.corpora import Caption, Record
from kinelang.errors import KinelangError
from kinelang.evaluate.moments import (
    CHANCE,
    IOUS,
    LONG_PYRAMID,
    OURS,
    OURS_VECTORS,
    PYRAMID,
    Asking,
    Joined,
    Overlaps,
    Part,
    encoded,
    evaluate_moments,
    joined_clips,
    performed,
    queries_of,
    sequences_of,
    systems_of,
    table_of,
)
from kinelang.search.moments import Moment
from kinelang.timeline import from_text, perform

LINES = {
    "a person waves the left hand": "0-3 wave side=left count=3",
    "a person squats": "0-3 squat count=1",
    "a person kicks with the right leg": "0-2 kick side=right",
    "a person turns left": "0-2 turn direction=left amount=90",
    "a person walks forward": "0-4 walk direction=forward",
}


class Told:
    """A model that reads from feature 0 which of the texts is true, frame by frame."""

    identity, width = "told", 8

    def encode_texts(self, texts):
        rows = np.zeros((len(texts), self.width), np.float32)
        rows[np.arange(len(texts)), [list(LINES).index(text) for text in texts]] = 1
        return rows

    def encode_features(self, features):
        rows = np.zeros((len(features), self.width), np.float32)
        for row, x in zip(rows, features, strict=True):
            for i in range(len(LINES)):
                row[i] = (np.rint(x[:, 0]) == i).mean()
            row[7] = 0.2
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def embed(texts):
    """Sentences are alike if they have their last two words in common, whichever side these name."""
    rows = np.random.default_rng(0).normal(size=(1000, 64))
    keys = [" ".join(text.split()[-2:]).replace("left", "right") for text in texts]
    vectors = np.array([rows[sum(map(ord, key)) % 1000] for key in keys])
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _itself(motion):
    return motion


@pytest.fixture(scope="module")
def records() -> list[Record]:
    made = []
    for i, (text, lines) in enumerate(LINES.items()):
        motion = perform(from_text(lines), i, fps=20)
        made.append(
            Record(
                id=f"r{i}",
                split="val",
                captions=(Caption(text),),
                duration_s=motion.duration_s,
                group=f"g{i}",
                load_motion=partial(_itself, motion),
            )
        )
    return made


def parts_of(*captions: tuple[str, ...]) -> Joined:
    return Joined("0", np.zeros((50 * len(captions), 263)), tuple(Part(50 * i, 50 * i + 50, c) for i, c in enumerate(captions)))


def test_clips_are_put_beside_each_other(records):
    made = list(joined_clips(records, 5, parts=3, seed=1))
    by_text = {record.texts[0]: record.features() for record in records}
    for sequence in made:
        assert len({part.captions for part in sequence.parts}) == 3
        assert [p.first for p in sequence.parts] == [0, *(p.last for p in sequence.parts[:-1])]
        assert sequence.parts[-1].last == len(sequence.features)
        for part in sequence.parts:
            np.testing.assert_array_equal(sequence.features[part.first : part.last], by_text[part.captions[0]])
    used = [part.captions[0] for sequence in made for part in sequence.parts]
    assert {used.count(text) for text in LINES} == {3}
    again = list(joined_clips(records, 5, parts=3, seed=1))
    assert all(np.array_equal(a.features, b.features) for a, b in zip(made, again, strict=True))


def test_clips_go_on_where_the_last_ended(records):
    (sequence,) = joined_clips(records, 1, parts=4, how="motions")
    (hard,) = joined_clips(records, 1, parts=4)
    assert [p.captions for p in sequence.parts] == [p.captions for p in hard.parts]
    assert sequence.parts[-1].last == len(sequence.features)
    for a, b in zip(sequence.parts, hard.parts, strict=True):
        assert abs((a.last - a.first) - (b.last - b.first)) <= 4
    jump = [np.abs(np.diff(s.features[:, 4:67], axis=0)).max() for s in (sequence, hard)]
    assert jump[0] < jump[1]


def test_a_performance_in_one_go_has_its_parts_where_they_were_asked_for():
    (sequence,) = performed(1, parts=3)
    assert len(sequence.parts) == 3
    assert all(a.last <= b.first + 1 for a, b in zip(sequence.parts, sequence.parts[1:], strict=False))
    assert sequence.parts[-1].last <= len(sequence.features)
    assert np.abs(np.diff(sequence.features[:, 3])).max() < 0.2  # nobody's height jumps


def test_captions_that_fit_another_part_are_not_asked():
    sequence = parts_of(
        ("a person waves the left hand", "someone is happy now"),
        ("a person waves the right hand", "people are happy now"),
        ("a person walks forward",),
        ("a person walks forward and then squats",),
    )
    asked = {(query.text, query.part) for query in queries_of(sequence, embed)}
    assert asked == {
        ("a person waves the left hand", 0),  # sides are never the same, however alike the sentences
        ("a person waves the right hand", 1),
        ("a person walks forward and then squats", 3),  # tells more than the other
    }


def test_overlaps_are_judged_by_the_first_and_the_first_five(records):
    (sequence,) = joined_clips(records, 1, parts=4)
    it = encoded(sequence, Told())
    part = sequence.parts[1]
    right, wrong = Moment(part.first / 20, part.last / 20, 1.0, 1.0), Moment(0.0, 0.1, 1.0, 1.0)
    overlaps = Overlaps()
    query = Asking("a person squats", 1)
    vectors = Told().encode_texts([query.text])
    overlaps.add(
        sequence, it, [query], vectors, {"first": lambda *_: [right, wrong], "second": lambda *_: [wrong, right], OURS: lambda *_: []}
    )
    for iou in IOUS:
        assert [overlaps.right(name, iou)[0] for name in ("first", "second", OURS)] == [1, 0, 0]
        assert [overlaps.right(name, iou, 5)[0] for name in ("first", "second", OURS)] == [1, 1, 0]
        assert 0 < overlaps.right(CHANCE, iou)[0] < overlaps.right(CHANCE, iou, 5)[0] < 1
    assert overlaps.accuracy("first", 0.5, over="second").value == 100


def test_a_model_that_knows_finds_the_parts(records):
    def labelled(sequence: Joined) -> Joined:
        features = sequence.features.copy()
        for part in sequence.parts:
            features[part.first : part.last, 0] = list(LINES).index(part.captions[0])
        return Joined(sequence.name, features, sequence.parts)

    done: list[int] = []
    made = [labelled(s) for s in joined_clips(records, 4, parts=3)]
    # feature 0 is a turning rate: the joints it gives turn wildly, and no stage is to be had from them
    table = evaluate_moments(made, Told(), embed, "told", rounds=50, progress=done.append)
    assert done == [1, 2, 3, 4]
    assert (table.sequences, table.queries + table.skipped) == (4, 12)
    assert table.rows[OURS_VECTORS]["top 1, IoU 0.7"].value == 100
    assert table.rows[PYRAMID]["top 1, IoU 0.4"].value <= table.rows[LONG_PYRAMID]["top 1, IoU 0.4"].value
    assert set(table.rows) == {CHANCE, *systems_of()}
    assert set(table.gains) == set(systems_of()) - {OURS}
    json.dumps(table.to_json())
    lines = list(lines_of(table))
    assert any(line.startswith("over pyramid") and "+" in line for line in lines)


def test_what_cannot_be_made(records):
    with pytest.raises(KinelangError, match="as many recordings as parts"):
        list(joined_clips(records[:2], 1, parts=3))
    with pytest.raises(KinelangError, match="'features' or 'motions'"):
        list(joined_clips(records, 1, parts=3, how="glue"))
    with pytest.raises(KinelangError, match="corpus"):
        list(sequences_of("nonesuch", "val", 1))
    with pytest.raises(KinelangError, match="fits one part"):
        table_of(Overlaps(), "nothing")
