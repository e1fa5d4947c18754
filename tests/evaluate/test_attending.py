"""What words look at, with captioners whose words look where they are told to: every figure known beforehand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.evaluate.attending import GATE_EDGES, by_stem, drawing_of, looks_of, of_references, own, separation
from kinelang.evaluate.attention import Attended, attend
from kinelang.evaluate.attention_report import page, pictures_of
from kinelang.evaluate.clips import Clip, ClipSet
from kinelang.evaluate.localising import iou, located_in
from kinelang.evaluate.repeating import ONE, SEVERAL, repeated_in, twice_done
from kinelang.evaluate.stems import stem
from kinelang.models.captioner.captioner import Captioned, Spoken, stitched
from kinelang.models.captioner.parts import MIRRORED_PARTS, PARTS, part_of
from kinelang.models.captioner.vocabulary import text_of, tokens
from kinelang.timeline import Stage, Timeline
from kinelang.timeline.aligning import align

FPS, HALF = 20, math.sqrt(2 * math.log(2))
WORLD = {
    "wave": Timeline((Stage(0.5, 2.5, "wave", side="left"),), duration_s=4),
    "kick": Timeline((Stage(1, 2, "kick", side="right"), Stage(2.5, 3.5, "squat")), duration_s=4),
    "twice": Timeline((Stage(0.2, 1.2, "wave", side="right", count=2), Stage(2.8, 3.8, "wave", side="right", count=2)), duration_s=4),
}
CAPTIONS = {
    "wave": "a person waves with the left hand",
    "kick": "a person kicks with the right leg and then squats",
    "twice": "a person waves with the right hand",
}


def clips(captions=CAPTIONS, known=True) -> ClipSet:
    rng = np.random.default_rng(0)
    made = [
        Clip(name, name, (text,), rng.normal(size=(80, 263)).astype(np.float32), true=WORLD[name] if known else None)
        for name, text in captions.items()
    ]
    return ClipSet("by hand", "val", 0, "all", tuple(made))


def spoken(text: str, span=(0.0, 4.0), part: int | None = 0, gate: float | None = 0.9) -> Spoken:
    """A word whose window is over a half in this span, with all attention on one part."""
    seconds = np.arange(0.05, 4, 0.05)
    mean, deviation = (span[0] + span[1]) / 2, (span[1] - span[0]) / 2 / HALF
    alpha = np.zeros((len(seconds), 0 if part is None else len(PARTS)))
    if part is not None:
        alpha[:, part] = 1
    window = np.exp(-0.5 * ((seconds - mean) / max(deviation, 1e-6)) ** 2)
    return Spoken(text, math.log(0.5), gate, mean, deviation, (0.0, 4.0), seconds, window, alpha)


class Knowing:
    """Says the caption of a clip; its words look at the first stage that they tell of, moved and with parts and gates as asked for."""

    def __init__(self, found: ClipSet, later_s=0.0, part="right", gate=True):
        self.known = {clip.features.tobytes(): clip for clip in found.clips}
        self.later_s, self.part, self.gate = later_s, part, gate

    def caption(self, features, *, beam=2, n=1):
        assert beam >= n
        return [[self._of(self.known[f.tobytes()], self.known[f.tobytes()].captions[0])] for f in features]

    def explain(self, features, captions):
        return [self._of(self.known[f.tobytes()], text) for f, text in zip(features, captions, strict=True)]

    def _of(self, clip: Clip, text: str) -> Captioned:
        told = {w.start: w for w in align(text, clip.true)} if clip.true is not None else {}
        words = tuple(self._word(token, told.get(token.start), clip.true) for token in tokens(text))
        return Captioned(text_of([w.text for w in words]), words, -1.0, -1.0, ((0.0, 4.0),))

    def _word(self, token, told, true) -> Spoken:
        gate = None if not self.gate else 0.1 if told is None else 0.9
        if told is None:
            return spoken(token.text, part=None if self.part is None else 0, gate=gate)
        stage = true.stages[told.stages[0]]
        sided = [name for name in stage.parts if stage.side is not None and name.startswith(stage.side)]
        own = [part_of(name) for name in sorted(stage.parts, key=lambda name: name in sided)]  # those of its side last
        part = {"right": own[-1], "wrong": next(i for i in range(6) if i not in own), None: None}[self.part]
        return spoken(token.text, (stage.start_s + self.later_s, stage.end_s + self.later_s), part, gate)


def judged(later_s=0.0, part="right", gate=True, **more) -> Attended:
    found = clips(**more)
    return attend(Knowing(found, later_s, part, gate), found, rounds=20)


# --- stems


PORTERS = (
    "caresses caress, ponies poni, ties ti, cats cat, feed feed, agreed agre, plastered plaster, bled bled",
    "motoring motor, sing sing, conflated conflat, troubled troubl, sized size, hopping hop, falling fall",
    "hissing hiss, fizzed fizz, failing fail, filing file, happy happi, sky sky, relational relat, conditional condit",
    "rational ration, digitizer digit, vietnamization vietnam, feudalism feudal, decisiveness decis",
    "sensitivity sensit, triplicate triplic, formative form, electrical electr, hopeful hope, goodness good",
    "revival reviv, allowance allow, inference infer, airliner airlin, adjustable adjust, replacement replac",
    "adoption adopt, communism commun, effective effect, bowdlerize bowdler, probate probat, rate rate, cease ceas",
    "controll control, roll roll, walks walk, walking walk, waved wave, jumping jump, is is, a a",
)


def test_stems_by_porters_own_examples():
    for word, expected in (pair.split() for line in PORTERS for pair in line.split(", ")):
        assert stem(word) == expected, word


def test_stems_agree_with_nltk():
    porter = pytest.importorskip("nltk.stem.porter").PorterStemmer(mode="ORIGINAL_ALGORITHM")
    from kinelang.language.words import index

    words = [word for word in index().root if len(word) > 2 and word.isalpha()]
    assert len(words) > 500
    assert {w: stem(w) for w in words} == {w: porter.stem(w) for w in words}


# --- words


@pytest.mark.parametrize(
    ("span", "others", "expected"),
    [
        ((0, 2), [(0, 2)], 1.0),
        ((0, 2), [(1, 3)], 1 / 3),
        ((0, 1), [(2, 3)], 0.0),
        ((0, 4), [(0, 1), (3, 4)], 0.5),
        ((0, 4), [(0, 3), (2, 4)], 1.0),
        ((1, 1), [(0, 2)], 0.0),
        ((1, 1), [(1, 1)], 0.0),
    ],
)
def test_intersection_over_union(span, others, expected):
    assert iou(span, others) == pytest.approx(expected)


def test_own_captions_and_references_are_the_same_words():
    found = clips()
    model = Knowing(found)
    first, second = (looks_of(heard(model, found.clips), found.clips) for heard in (own, of_references))
    assert [(a.word, a.span_s, a.stages) for a in first] == [(b.word, b.span_s, b.stages) for b in second]
    actions = [(look.word, look.stages) for look in first if look.action]
    assert actions == [("waves", (0,)), ("kicks", (0,)), ("squats", (1,)), ("waves", (0, 1))]


def test_all_references_are_heard_with_their_unknown_words():
    found = clips()
    both = replace(found.clips[0], captions=("a person waves", "somebody waves, hello!"))
    heard = of_references(Knowing(ClipSet("", "val", 0, "all", (both,))), [both])
    assert [one.text for one in heard] == list(both.captions)
    unknown = replace(heard[1].captioned.words[0], text="<unk>")
    changed = replace(heard[1], captioned=replace(heard[1].captioned, words=(unknown, *heard[1].captioned.words[1:])))
    looks = looks_of([changed], [both])
    assert [look.word for look in looks] == ["waves", ",", "hello", "!"]
    assert looks[0].stages == (0,)
    assert {one.stem for one in by_stem(looks)} == {"wave", "hello"}


def test_words_of_windows_told_as_one_keep_their_places():
    found = clips()
    words = (spoken("waves"), spoken("."), spoken("waves"))
    heard = replace(own(Knowing(found), found.clips[:1])[0], text="waves. waves", captioned=Captioned("waves. waves", words, 0, 0, ()))
    assert [look.word for look in looks_of([heard], found.clips)] == ["waves", ".", "waves"]
    dropped = replace(heard, captioned=Captioned("waves. waves", (*words, spoken(".")), 0, 0, ()))
    assert [look.kind for look in looks_of([dropped], found.clips)][-1] is None


def test_as_many_words_as_tokens_need_not_be_the_same():
    """Windows "a person kicks" and "a person waves." are told "a person kicks. a person waves": one full stop came, one went."""
    windows = [
        Captioned(text_of(words), tuple(spoken(word) for word in words), -1.0, -1.0, ((0.0, 4.0),))
        for words in (("a", "person", "kicks"), ("a", "person", "waves", "."))
    ]
    told = stitched(windows)
    assert len(told.words) == len(tokens(told.text))
    assert [word.text for word in told.words] != [token.text for token in tokens(told.text)]
    truth = Timeline((Stage(0.5, 1.5, "kick", side="right"), Stage(2, 3, "wave", side="left")), duration_s=4)
    clip = replace(clips().clips[0], true=truth)
    looks = looks_of([replace(own(Knowing(clips()), clips().clips[:1])[0], text=told.text, captioned=told)], [clip])
    assert [(look.word, look.stages) for look in looks if look.kind == "verb"] == [("kicks", (0,)), ("waves", (1,))]
    assert [look.word for look in looks] == [word.text for word in told.words]


# --- figures


def test_words_that_look_where_and_when_they_should_are_perfect():
    found = judged()
    for name in ("all words of stages", "action words, single stage", "side words, single stage", "part words, single stage"):
        figures = found.located[name].figures
        assert figures["part"].value == 100
        if name != "all words of stages":  # one word tells of both waves there, and its window is of the first
            assert figures["IoU"].value == pytest.approx(100)
            assert figures["onset off"].value == pytest.approx(0, abs=1e-9)
    assert found.located["action words, single stage"].words == 3
    assert found.located["  the clip's only stage"].words == 1
    assert found.located["  one of several stages"].words == 2
    assert found.located["  the clip's only stage"].figures["IoU of the whole clip"].value == pytest.approx(100 * 2 / 4)
    assert {name: i.value for name, i in found.recalls.items()} == {"verbs told": 100, "stages told": 100}
    assert found.notes == []


def test_words_that_come_late_and_look_at_other_limbs():
    found = judged(later_s=0.5, part="wrong")
    figures = found.located["  the clip's only stage"].figures
    assert figures["part"].value == 0
    assert figures["part by chance"].value == pytest.approx(100 / 6)
    assert figures["IoU"].value == pytest.approx(100 * 1.5 / 2.5)
    assert figures["onset"].value == pytest.approx(0.5)
    early = judged(later_s=-0.5).located["  the clip's only stage"].figures
    assert early["onset"].value == pytest.approx(-0.5)
    assert early["onset off"].value == pytest.approx(0.5)


def test_part_accuracy_is_that_of_training():
    torch = pytest.importorskip("torch")
    from kinelang.models.captioner.labels import labels_of
    from kinelang.models.captioner.parts import seconds_seen
    from kinelang.models.captioner.targets import Example, batch_of, taught
    from kinelang.training.captioner import overlaps, parts_found
    from models.captioner_samples import VOCABULARY, tiny

    config = tiny()
    caption, timeline = "a person kicks with the left leg", Timeline((Stage(0.5, 1.7, "kick", side="left"),), duration_s=4.0)
    rows = np.zeros((len(seconds_seen(80, config.data)), 2), np.float32)
    batch = batch_of([Example(rows, 80, caption, taught(caption, timeline))], VOCABULARY, labels_of(VOCABULARY), config.data)
    rng = np.random.default_rng(1)
    n, (b, words, frames) = len(tokens(caption)), batch.frames.shape
    alpha = torch.from_numpy(rng.dirichlet(np.ones(6), size=(b, words, frames)))
    seconds = seconds_seen(80, config.data)
    spans = [(0.4 + 0.1 * i, 1.5 + 0.1 * i) for i in range(n)]
    made = [replace(spoken(t.text, spans[i]), seconds=seconds, alpha=alpha[0, i].numpy()) for i, t in enumerate(tokens(caption))]
    made = [replace(w, window=np.exp(-0.5 * ((seconds - w.mean_s) / w.deviation_s) ** 2)) for w in made]
    window = torch.zeros(b, words, frames, dtype=torch.float64)
    window[0, :n] = torch.from_numpy(np.stack([word.window for word in made]))
    outputs = type("Outputs", (), {"window": window, "alpha": alpha})()
    clip = Clip("", "", (caption,), np.zeros((80, 263), np.float32), true=timeline)
    heard = own(type("Says", (), {"caption": lambda self, f, beam, n: [[Captioned(caption, tuple(made), 0, 0, ())]]})(), [clip])
    found = located_in(looks_of(heard, [clip]), [clip])
    assert [word.hit for word in found] == parts_found(outputs, batch).tolist()
    assert [word.iou for word in found] == pytest.approx(
        overlaps(outputs, batch).tolist(), abs=0.2
    )  # exact here, by frames 0.1 s apart there


def test_one_window_for_an_action_done_twice():
    figures = judged().repeated[SEVERAL].figures
    assert {name: figures[name].value for name in ("IoU first", "IoU nearest", "aims at its own")} == pytest.approx(
        {"IoU first": 100, "IoU nearest": 100, "aims at its own": 100}
    )
    assert figures["IoU union"].value == figures["IoU told"].value == pytest.approx(50)
    assert figures["IoU hull"].value == pytest.approx(100 / 3.6)
    assert figures["covers all"].value == figures["between"].value == 0
    assert figures["gap"].value == pytest.approx(1.6)


@pytest.mark.parametrize(("span", "covers", "between", "union"), [((0.2, 3.8), True, True, 2 / 3.6), ((1.5, 2.5), False, True, 0.0)])
def test_windows_over_and_between_both(span, covers, between, union):
    found = clips()
    words = tuple(spoken(t.text, span) for t in tokens(CAPTIONS["twice"]))
    says = type("Says", (), {"caption": lambda self, f, beam, n: [[Captioned(CAPTIONS["twice"], words, 0, 0, ())]]})()
    (one,) = repeated_in(looks_of(own(says, found.clips[2:]), found.clips[2:]), found.clips[2:])
    assert (one.covers, one.between, one.several) == (covers, between, True)
    assert one.ious["union"] == pytest.approx(union)


def test_each_mention_has_its_own_stage():
    found = clips({"twice": "a person waves with the right hand and then waves again"})
    attended = attend(Knowing(found), found, rounds=0)
    row = attended.repeated[ONE]
    assert row.words == 2
    assert row.figures["IoU told"].value == pytest.approx(100)
    assert row.figures["aims at its own"].value == 100
    assert row.figures["IoU first"].value == pytest.approx(50)


def test_clips_of_actions_done_twice_are_what_they_say():
    made = twice_done(6, seed=4)
    assert len({clip.id for clip in made}) == 6
    for clip in made:
        first, second = clip.true.stages
        assert first.with_(start_s=0, end_s=1) == second.with_(start_s=0, end_s=1)
        assert 0.8 <= second.start_s - first.end_s <= 2.5
        assert abs(len(clip.features) / FPS - clip.true.duration_s) <= 2 / FPS
        assert clip.captions
    assert [c.key for c in twice_done(3, seed=4)] == [c.key for c in made[:3]]
    assert twice_done(1, seed=5)[0].key != made[0].key


# --- gates and parts by stem


def test_counts_by_stem():
    found = judged()
    stems = {one.stem: one for one in found.stems}
    wave = stems["wave"]
    assert (wave.count, dict(wave.forms), wave.motion, wave.action) == (2, {"waves": 2}, True, True)
    assert wave.gate == pytest.approx(0.9)
    assert np.flatnonzero(wave.gates).tolist() == [17 if GATE_EDGES[18] > 0.9 else 18]
    assert dict(zip(PARTS, wave.parts, strict=True))["left_arm"] == 1
    assert dict(zip(PARTS, wave.parts, strict=True))["right_arm"] == 1
    assert wave.peaks.sum(axis=1).tolist() == [2] * 6
    assert wave.peaks[PARTS.index("left_arm")].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert wave.peak[PARTS.index("torso")] == 0
    assert found.stems[0].count == max(one.count for one in found.stems)
    assert sum(one.count for one in found.stems) == sum(len(tokens(text)) for text in CAPTIONS.values())


def test_gates_are_apart_and_ties_count_half():
    found = judged().separation
    assert found["AUC"].value == 1
    assert found["difference"].value == pytest.approx(0.8)
    same = clips()
    looks = [replace(look, gate=0.5) for look in looks_of(own(Knowing(same), same.clips), same.clips)]
    assert separation(looks, drawing_of(same.clips, 0))["AUC"].value == pytest.approx(0.5)


def test_the_area_is_that_of_all_pairs():
    same, rng = clips(), np.random.default_rng(3)
    looks = [replace(w, gate=float(rng.integers(6)) / 5) for w in looks_of(own(Knowing(same), same.clips), same.clips)]
    motion, language = ([w.gate for w in looks if w.motion is kind] for kind in (True, False))
    wins = np.mean([(a > b) + 0.5 * (a == b) for a in motion for b in language])
    found = separation(looks, drawing_of(same.clips, 50))["AUC"]
    assert found.value == pytest.approx(wins)
    assert found.low <= found.value <= found.high


def test_mirrored_clips_with_mirrored_captions_exchange_left_and_right():
    from kinelang.language.sides import swap_left_right

    plain = clips()
    mirrored = ClipSet(
        "", "val", 0, "all", tuple(replace(c.mirrored(), captions=tuple(map(swap_left_right, c.captions))) for c in plain.clips)
    )
    one, other = (attend(Knowing(found), found, rounds=0) for found in (plain, mirrored))
    stems, swapped = ({s.stem: s for s in found.stems} for found in (one, other))
    for name, own_stem in stems.items():
        twin = swapped[swap_left_right(name)]
        assert own_stem.count == twin.count
        if name != "squat":  # of whose two legs the last is looked at, whatever it is called
            assert own_stem.parts[list(MIRRORED_PARTS)].tolist() == twin.parts.tolist(), name
            assert own_stem.peaks[list(MIRRORED_PARTS)].tolist() == twin.peaks.tolist(), name
    for name, row in one.located.items():
        for figure, value in row.figures.items():
            assert value.value == pytest.approx(other.located[name].figures[figure].value), (name, figure)


def test_the_order_of_clips_changes_nothing():
    found = clips()
    first = attend(Knowing(found), found, rounds=30).to_json()
    second = attend(Knowing(found), replace(found, clips=found.clips[::-1]), rounds=30).to_json()
    assert first["located"].keys() == second["located"].keys()
    for name, row in first["located"].items():
        for figure, values in row["figures"].items():
            assert values == pytest.approx(second["located"][name]["figures"][figure]), (name, figure)
    assert first["stems"] == {name: second["stems"][name] for name in first["stems"]}


# --- models and clips that know less


def test_a_model_without_gate_and_parts():
    found = judged(part=None, gate=False)
    assert found.separation == {}
    assert (found.has_gate, found.has_parts) == (False, False)
    assert len(found.notes) == 2
    figures = found.located["action words, single stage"].figures
    assert math.isnan(figures["part"].value)
    assert figures["IoU"].value == pytest.approx(100)
    assert "part" not in found.to_json()["located"]["action words, single stage"]["figures"]
    pytest.importorskip("matplotlib")
    pictures = pictures_of(found)
    assert pictures == {}
    made = page(found, clips(), pictures, model="without")
    assert "has no gate" in made
    assert "does not attend to body parts" in made


def test_clips_without_timelines():
    found = judged(known=False)
    assert found.located == found.repeated == found.recalls == found.verbs == {}
    assert [one.place for one in found.shown] == ["first"] * 3
    assert found.notes == ["No timeline of these clips is known: words are not compared with stages."]


def test_mistakes():
    found = clips()
    with pytest.raises(KinelangError, match="own, references"):
        attend(Knowing(found), found, "theirs")
    with pytest.raises(KinelangError, match="at least one"):
        attend(Knowing(found), replace(found, clips=()))


def test_a_captioner_that_says_nothing():
    found = clips()
    silent = type("Silent", (), {"caption": lambda self, f, beam, n: [[Captioned("", (), 0, 0, ())]] * len(f)})()
    attended = attend(silent, found, rounds=5)
    assert (attended.words, attended.stems, attended.located) == (0, (), {})
    assert attended.recalls["stages told"].value == 0
    pytest.importorskip("matplotlib")
    assert "<h1>" in page(attended, found, pictures_of(attended), model="silent")


# --- the page


def test_the_page_holds_everything_and_loads_nothing():
    pytest.importorskip("matplotlib")
    found = clips({**CAPTIONS, "wave": 'a person waves & <b>"smiles"</b>'})
    many = replace(found, clips=tuple(replace(c, id=f"{c.id} {i}", group=str(i)) for i in range(6) for c in found.clips))
    attended = attend(Knowing(many), many, rounds=10, examples=4, twice=0)
    pictures = pictures_of(attended)
    assert set(pictures) == {"gates", "parts", "peaks", "localisation", "repeated"}
    assert all(picture.png.startswith(b"\x89PNG") for picture in pictures.values())
    made = page(attended, many, pictures, model="<mine>")
    assert "<b>&quot;" not in made
    assert "<h1>What &lt;mine&gt; looks at</h1>" in made
    assert "<b>a person waves &amp; &lt;b&gt;" in made or "waves &amp; &lt;b&gt;" in made
    assert made.count("<img") == made.count('src="data:image/png;base64,') == len(pictures) + len(attended.shown)
    outside = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", made)
    assert not re.search(r"https?:|//|@import|url\(|<script|<link|<iframe", outside)
    assert [one.place for one in attended.shown] == ["best", "best", "median", "worst"]


def test_shown_clips_are_few_where_there_are_few():
    found = clips()
    assert len(attend(Knowing(found), found, rounds=0, examples=6).shown) == 2  # the third has no single-stage action word
    assert attend(Knowing(found), found, rounds=0, examples=0).shown == ()


def test_pictures_are_files(tmp_path: Path):
    pytest.importorskip("matplotlib")
    from kinelang.evaluate.attention_report import write_pictures

    written = write_pictures(pictures_of(judged()), tmp_path / "a" / "b")
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in written)
    (tmp_path / "file").write_text("")
    with pytest.raises(KinelangError, match="cannot be made"):
        write_pictures({}, tmp_path / "file" / "b")
