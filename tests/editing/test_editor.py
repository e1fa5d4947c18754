"""The editor with a small stand-in for the generator, its history, and the file of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from kinelang.editing import Editor, History
from kinelang.editing.history import beside
from kinelang.editing.patch import Change, Patch, Remove
from kinelang.errors import TimelineError
from kinelang.generating.kept import Kept
from kinelang.motion.motion import Motion
from kinelang.timeline import Timeline, from_text, perform

SCORE = from_text("0-3 walk direction=forward\n1-2.5 wave side=right\n3-4.5 kick side=left\n")


@dataclass
class Performed:
    motion: Motion
    timeline: Timeline
    seed: int
    notes: tuple[str, ...] = ()


@dataclass
class StandIn:
    """Performs timelines, and remembers what it was asked."""

    asked: list[tuple[int, Motion | None, tuple[Kept, ...]]] = field(default_factory=list)

    def generate(self, prompt: Timeline, *, seed: int = 0, earlier: Motion | None = None, kept=()):
        self.asked.append((seed, earlier, tuple(kept)))
        return [Performed(perform(prompt, seed), prompt, seed)]


def opened(generator=None) -> Editor:
    editor = Editor(generator)
    editor.open(SCORE)
    return editor


def test_a_proposal_says_what_would_change_and_changes_nothing():
    editor = opened()
    proposal = editor.propose("wave with the left hand")
    assert proposal.diff == ("The wave is done with the left arm instead of with the right arm.",)
    assert editor.timeline == SCORE
    assert editor.apply(proposal) is None
    assert editor.timeline == proposal.timeline


def test_a_motion_is_generated_with_what_stays_of_the_earlier_one():
    motion, generator = perform(SCORE, 3), StandIn()
    editor = Editor(generator)
    editor.open(motion, SCORE, seed=3)
    proposal = editor.propose("kick twice")
    made = editor.apply(proposal)
    assert generator.asked == [(3, motion, proposal.kept)]
    assert proposal.kept[0].end_s == pytest.approx(2.8)
    assert editor.motion is made.motion
    editor.undo()
    assert editor.motion is motion
    editor.redo()
    assert editor.motion is made.motion


def test_what_happens_in_a_motion_is_detected():
    editor = Editor()
    found = editor.open(perform(SCORE, 1))
    assert "walk" in found.verbs
    assert editor.propose("walk backwards").timeline.stages[0].confidence is None


def test_a_timeline_alone_gives_a_motion_without_an_earlier_one():
    generator = StandIn()
    editor = opened(generator)
    editor.apply(editor.propose("kick twice"))
    assert generator.asked == [(0, None, ())]


def test_undo_and_redo():
    editor = opened()
    for said in ("kick twice", "remove the wave", "then sit down"):
        editor.apply(editor.propose(said))
    states = [editor.timeline, editor.undo(), editor.undo(), editor.undo()]
    assert [len(s) for s in states] == [3, 2, 3, 3]
    assert states[-1] == SCORE
    with pytest.raises(TimelineError, match="no edit"):
        editor.undo()
    assert [editor.redo(), editor.redo(), editor.redo()] == states[-2::-1]
    with pytest.raises(TimelineError, match="nothing that was undone"):
        editor.redo()
    editor.undo()
    editor.apply(editor.propose("nod at the end"))
    with pytest.raises(TimelineError, match="nothing that was undone"):
        editor.redo()


def test_it_is_what_the_instruction_before_was_about():
    editor = opened()
    editor.apply(editor.propose("wave with the left hand"))
    assert editor.propose("make it slower").patch.operations[0].stage == 2
    editor.undo()
    assert editor.propose("make it slower").patch.operations[0].stage == 3


def test_what_was_not_understood_stops_unless_a_part_will_do():
    editor = opened()
    with pytest.raises(TimelineError, match="paint the wave red"):
        editor.propose("kick twice; paint the wave red")
    assert editor.propose("kick twice; paint the wave red", partly=True).not_understood[0][0] == "paint the wave red"


def test_a_proposal_for_another_timeline_is_refused():
    editor = opened()
    old = editor.propose("remove the wave")
    editor.apply(editor.propose("kick twice"))
    with pytest.raises(TimelineError, match="propose it again"):
        editor.apply(old)


def test_a_patch_of_ones_own():
    editor = opened()
    editor.apply(editor.propose(Patch((Remove("wave"),))))
    assert editor.timeline.verbs == ("walk", "kick")


def test_nothing_open_and_nothing_in_it():
    with pytest.raises(TimelineError, match=r"call open\(\) first"):
        Editor().propose("walk faster")
    with pytest.raises(TimelineError, match="give its timeline"):
        Editor().open(Timeline(duration_s=2.0))


def test_the_history_is_saved_and_goes_on(tmp_path):
    editor = opened()
    for said in ("kick twice", "remove the wave"):
        editor.apply(editor.propose(said))
    editor.undo()
    path = beside(tmp_path / "walk.bvh")
    assert path.name == "walk.edits.json"
    editor.save_history(path)
    found = History.load(path)
    assert (found.timeline, found.at, len(found.edits)) == (editor.timeline, 1, 2)
    assert found.redo().verbs == ("walk", "kick")
    assert [e.instruction for e in found.edits] == ["kick twice", "remove the wave"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "x"}, "schema kinelang.edits/1"),
        ({"at": 5}, "at most 1"),
        ({"at": -1}, "at least 0"),
        ({"edits": [{"instruction": "x", "patch": {"operations": []}}]}, "edit 1, patch"),
        ({"edits": ["x"]}, "edit 1"),
        ({"first": {}}, "first"),
        ({"edits": [{"instruction": "x", "patch": {"operations": [{"op": "remove", "stage": 9}]}}]}, "found 9"),
    ],
)
def test_a_file_that_is_no_history_is_refused(tmp_path, change, said):
    history = History(SCORE)
    history.do("x", Patch((Change(1, set=(("style", "sad"),)),)))
    history.save(tmp_path / "a.json")
    data = json.loads((tmp_path / "a.json").read_text()) | change
    (tmp_path / "a.json").write_text(json.dumps(data))
    with pytest.raises(TimelineError, match=said):
        History.load(tmp_path / "a.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(TimelineError, match="no history"):
        History.load(tmp_path / "a.json")


def test_a_history_of_something_else_is_not_taken_up():
    editor = Editor()
    editor.open(from_text("0-2 walk\n"))
    with pytest.raises(TimelineError, match="another timeline"):
        editor.take_up(History(from_text("0-2 sit\n")))
