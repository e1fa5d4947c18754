"""Prompts: what is asked is what is told, of the split, and the same whoever asks how many."""

from pathlib import Path

import numpy as np
import pytest

from corpora.corpus_samples import make_babel, make_humman_mogen
from kinelang.corpora import open_corpus
from kinelang.corpora.base import Caption, Record, RecordList
from kinelang.errors import CorpusError
from kinelang.evaluate.prompts import (
    KINDS,
    MADE,
    PEOPLE,
    SHORTEST_S,
    Prompt,
    compositions,
    compositions_of,
    group_of,
    is_seen,
    joined,
    kind_of,
    of_caption,
    of_people,
    prompts,
    recorded,
    seen_texts,
)
from kinelang.language.sides import swap_left_right
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline, from_text, parse
from kinelang.training.data import Source, clips_of

N = 4 * len(KINDS)


@pytest.fixture(scope="module")
def made():
    return prompts(N)


def test_a_longer_list_begins_as_a_shorter_one(made) -> None:
    assert prompts(9) == made[:9]


def test_kinds_take_turns_and_no_text_comes_twice(made) -> None:
    assert [prompt.kind for prompt in made] == list(KINDS) * 4
    assert len({prompt.text for prompt in made}) == N


def test_words_say_what_is_asked(made) -> None:
    for prompt in made:
        read = parse(prompt.text)
        assert read.understood, prompt.text
        assert sorted(s.verb for s in read.timeline.stages) == sorted(s.verb for s in prompt.timeline.stages), prompt.text
        assert kind_of(prompt.timeline) == prompt.kind


def test_splits_and_seeds_have_their_own(made) -> None:
    texts = {prompt.text for prompt in made}
    assert len(texts & {prompt.text for prompt in prompts(N, split="test")}) < N / 4
    assert len(texts & {prompt.text for prompt in prompts(N, 1)}) < N / 2


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(CorpusError, match="train, val, test"):
        prompts(1, split="validation")


@pytest.mark.parametrize(
    ("score", "kind"),
    [
        ("0-1 wave", "verb"),
        ("0-1 wave side=left", "side"),
        ("0-1 wave side=both", "verb"),
        ("0-1 walk direction=forward", "verb"),
        ("0-1 walk side=left", "verb"),
        ("0-1 walk direction=backward", "direction"),
        ("0-1 wave side=left count=3", "count"),
        ("0-1 walk\n1-2 jump", "order of two"),
        ("0-1 walk\n1-2 jump\n2-3 sit", "order of three"),
        ("0-1 walk\n1-2 run\n2-3 jog", None),
        ("0-2 walk\n0-2 wave side=left", "part"),
        ("0-2 wave side=right\n0-2 wave side=left", None),
        ("0-2 stand", None),
    ],
)
def test_the_kind_is_seen_in_the_fields_that_are_given(score: str, kind: str | None) -> None:
    assert kind_of(from_text(score)) == kind


# --- of people

TEXTS = {
    "a person kicks with the left leg": "side",
    "a person waves the right hand": "side",
    "a man jumps three times": "count",
    "a person glorps the zibble": "not understood",
}


def people() -> RecordList:
    return RecordList(
        [Record(f"clip{i}", "val", (Caption(text),), duration_s=3.0, group=f"r{i}") for i, text in enumerate(TEXTS)], "people"
    )


def test_people_have_their_turn_as_long_as_they_have_words() -> None:
    found = prompts(9 * len(KINDS), people=people())
    written = [p for p in found if p.origin == PEOPLE]
    assert [(p.text, p.kind) for p in written if p.kind == "count"] == [("a man jumps three times", "count")]
    assert {p.text for p in written if p.kind == "side"} == {t for t, kind in TEXTS.items() if kind == "side"}
    assert all(p.origin == MADE for p in found[: 3 * len(KINDS)])


def test_captions_by_how_they_are_read() -> None:
    not_read = of_people(people(), "val")
    assert [(p.text, p.timeline, p.seconds, p.group) for p in not_read] == [("a person glorps the zibble", None, 3.0, "r3")]
    assert len(of_people(people(), "val", read="understood")) == 3
    assert len(of_people(people(), "val", 2, read="all")) == 2
    with pytest.raises(CorpusError, match="understood"):
        of_people(people(), "val", read="half")


def test_captions_of_recordings_that_we_split_otherwise_are_not_asked() -> None:
    """What `cmu` trains on may stand in HumanML3D's validation or test split."""
    text = "a man jumps three times"
    groups = ("CMU/13/13_11", "KIT/3/jump_left02", None)
    for group in groups:
        held = RecordList([Record("000074", "test", (Caption(text),), duration_s=3.0, group=group)], "people")
        asked = [p.text for p in prompts(4 * len(KINDS), split="test", people=held) if p.origin == PEOPLE]
        assert asked == ([] if group == groups[0] else [text])
        assert [p.text for p in of_people(held, "test", read="all")] == asked


def test_no_prompt_of_people_is_a_caption_of_cmus_training_split() -> None:
    try:
        cmu, texts = open_corpus("cmu"), open_corpus("humanml3d_text")
    except CorpusError:
        pytest.skip("the recordings of CMU and the captions of HumanML3D are not at hand")
    trained = {record.id for record in cmu.records("train")}
    shared = {record.id for record in texts.records("val")} & trained
    assert shared, "HumanML3D holds out what we train on"
    assert not trained & {prompt.name for prompt in of_people(texts, "val", read="all")}


def test_texts_that_training_has_seen() -> None:
    seen = seen_texts(["synthetic:20"])
    record = next(open_corpus("synthetic", n=20).records("train"))
    for text in record.texts:
        assert is_seen(Prompt(f" {text.upper()}. ", 2.0), seen)
        assert is_seen(Prompt(swap_left_right(text), 2.0), seen), "mirrored in training"
        assert not is_seen(Prompt(f"{text} now", 2.0), seen)
    assert seen_texts([]) == frozenset()
    assert seen < seen_texts(["synthetic:20", "synthetic:60"])


def test_captions_are_read_where_features_were_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = seen_texts(["synthetic:12"], tmp_path)
    assert not list(tmp_path.iterdir()), "no motion is made for its text"
    clips_of(Source.parse("synthetic:12"), "train", tmp_path)
    monkeypatch.setattr("kinelang.evaluate.prompts.records_of", None)
    assert seen_texts(["synthetic:12"], tmp_path) == seen


def test_a_caption_as_a_prompt() -> None:
    prompt = of_caption("a person kicks with the left leg", "clip", "recording", 4.2)
    assert (prompt.kind, prompt.seconds, prompt.timeline.stages[0].side) == ("side", 4.2, "left")
    assert group_of(prompt) == "recording"


def test_what_asks_the_same_is_one_group(made) -> None:
    twice = Timeline((Stage(0, 1, "wave", side="left"),)), Timeline((Stage(1, 3, "wave", side="left"),))
    assert len({group_of(Prompt("text", 1, timeline=t)) for t in twice}) == 1


# --- sequences


def test_sequences_follow_each_other_without_gaps() -> None:
    for prompt, n in zip(compositions(4), (2, 3, 4, 5), strict=True):
        assert len(prompt.segments) == len(prompt.timeline.stages) == n
        assert prompt.segments[0].start_s == 0
        assert prompt.segments[-1].end_s == prompt.seconds
        for a, b in zip(prompt.segments, prompt.segments[1:], strict=False):
            assert a.end_s == b.start_s
        for segment, stage in zip(prompt.segments, prompt.timeline.stages, strict=True):
            assert segment.start_s <= stage.start_s < stage.end_s <= segment.end_s
            assert parse(segment.text).timeline.stages[0].verb == stage.verb
        assert prompt.text == joined(prompt.segments)
    assert compositions(2) == compositions(4)[:2]


def test_sequences_of_people_are_cut_at_gaps_and_leave_out_what_is_short() -> None:
    parts = (("walks", 0, 2), ("a blink", 2, 2.2), ("turns", 2.2, 4), ("over it", 3, 5), ("far off", 9, 11), ("jumps", 11, 12.5))
    record = Record("a", "val", tuple(Caption(text, start, end) for text, start, end in parts), group="g")
    found = [prompt for prompt, _ in compositions_of(RecordList([record]), "val", shortest_s=SHORTEST_S)]
    assert [[s.text for s in p.segments] for p in found] == [["walks", "turns"], ["far off", "jumps"]]
    assert [(p.name, p.seconds) for p in found] == [("a@0", 4.0), ("a@9", 3.5)]
    assert len(list(compositions_of(RecordList([record]), "val", 1))) == 1


def test_stages_of_humman_mogen_follow_each_other(tmp_path: Path) -> None:
    folder = make_humman_mogen(tmp_path, people=1)
    (folder / "test.txt").write_text("p000459_a000011\n")
    ((prompt, record), (mirrored, _)) = compositions_of(open_corpus("humman_mogen", folder), "test")
    texts = [(s.text, s.start_s, s.end_s) for s in prompt.segments]
    assert texts == [("Take steps to the left.", 0.0, pytest.approx(1.5)), ("Bow.", pytest.approx(1.5), pytest.approx(2.8))]
    assert (prompt.name, prompt.group, record.id) == ("p000459_a000011@0.7", "p000459_a000011", "p000459_a000011")
    assert mirrored.group == prompt.group
    found, passed_over = recorded([(prompt, record)])
    assert [p for p, _ in found] == [prompt]
    assert not passed_over


def test_labels_of_babel_follow_each_other(tmp_path: Path) -> None:
    corpus = open_corpus("babel", make_babel(tmp_path))
    assert not list(compositions_of(corpus, "val")), "its second label is too short"
    pairs = list(compositions_of(corpus, "train", shortest_s=0.5))
    assert [[s.text for s in prompt.segments] for prompt, _ in pairs] == [["Walks forward!", "stand"]]
    assert pairs[0][0].segments[1].start_s == pytest.approx(1.2)


def standing(seconds: float) -> Motion:
    return Motion(SMPL22, 20.0, positions=np.zeros((round(20 * seconds), 22, 3), dtype=np.float32))


def test_sequences_without_a_recording_are_passed_over() -> None:
    def broken() -> Motion:
        raise CorpusError.of("AMASS", "no a.npz", "the recording")

    told = (Caption("walks", 0.0, 1.0), Caption("turns", 1.0, 2.0))
    loads = {"a": broken, "b": lambda: standing(1.2), "c": lambda: standing(1.8), "d": lambda: standing(2.0)}
    pairs = list(compositions_of(RecordList([Record(name, "val", told, load_motion=load) for name, load in loads.items()]), "val"))
    found, passed_over = recorded(pairs)
    assert [record.id for _, record in found] == ["c", "d"]
    assert [line.partition(":")[0] for line in passed_over] == ["a@0", "b@0"]
    assert "texts up to 2.00 s of a recording of 1.20 s" in passed_over[1]
    assert [record.id for _, record in recorded(pairs, 1)[0]] == ["c"]
    with pytest.raises(CorpusError, match="text without motion"):
        recorded(compositions_of(RecordList([Record("a", "val", told)]), "val"))
