"""Instructions in plain words: a table of what is said of which timeline, and what is otherwise afterwards."""

from __future__ import annotations

import re

import pytest

from kinelang.editing import apply, understand
from kinelang.errors import TimelineError
from kinelang.timeline import Timeline, from_text

GREETING = (
    "0-3 walk direction=forward count=5\n0.5-2.5 wave side=right count=3\n"
    "3.5-5 turn direction=left amount=90\n5-6.4 kick side=left count=1\n"
)
SHOW = "0-2 wave side=right count=2\n2.2-4 bow\n4-5.5 jump count=1\n6-8 clap count=3\n"
KICKS = "0-1.5 kick side=left\n1.5-3 kick side=right\n3-5 sit\n"
WALK = "0-3 walk direction=forward\n"
BOX = "0-2.5 raise_arm side=right\n3-5 walk direction=forward count=4\n5-7 pick_up target=box side=right\n7-8.5 throw side=right\n"

# What has to hold: "VERB.field=value", "VERB.field>" (more than before), "VERB.field<", "VERB#2.…" of the second; "order a b c";
# "no VERB", "n VERB=2" how often it is there, "length=5", "pause VERB=2", "a while b", "a after b".
TABLE = [
    # how it is done
    (GREETING, "wave higher and for longer with the left hand", "wave.side=left, wave.amount>, wave.length>"),
    (GREETING, "wave with your left hand", "wave.side=left, wave.count=3"),
    (GREETING, "wave with both arms", "wave.side=both"),
    (GREETING, "use the other arm", "wave.side=left"),
    (GREETING, "wave with the other hand instead", "wave.side=left"),
    (GREETING, "the wave should be with the left hand", "wave.side=left"),
    (GREETING, "kick with the right leg", "kick.side=right"),
    (GREETING, "kick with the right foot, not the left", "kick.side=right"),
    (GREETING, "switch legs", "kick.side=right"),
    (GREETING, "Please make the person kick twice.", "kick.count=2, kick.length>"),
    (GREETING, "make him wave twice as fast", "wave.speed=2.0, wave.length<"),
    (GREETING, "turn the other way", "turn.direction=right, turn.amount=90.0"),
    (GREETING, "turn right", "turn.direction=right"),
    (GREETING, "turn to the right by 180 degrees", "turn.direction=right, turn.amount=180.0"),
    (GREETING, "turn all the way around", "turn.amount=360.0"),
    (GREETING, "turn further", "turn.amount>"),
    (GREETING, "walk backwards", "walk.direction=backward, walk.count=5"),
    (GREETING, "walk 10 steps", "walk.count=10, walk.length>"),
    (GREETING, "take 2 more steps", "walk.count=7"),
    (GREETING, "walk 2 fewer steps", "walk.count=3, walk.length<"),
    (GREETING, "walk further", "walk.count>, walk.length>"),
    (GREETING, "walk in a circle", "walk.path=circle"),
    (GREETING, "walk sadly", "walk.style=sad"),
    (GREETING, "walk like an old man", "walk.style=old"),
    (GREETING, "walk slowly and happily", "walk.style=happy, walk.speed<"),
    (GREETING, "slow down the walk", "walk.speed<, walk.length>"),
    (GREETING, "speed the walk up", "walk.speed>, walk.length<"),
    (GREETING, "don't walk so fast", "walk.speed<"),
    (GREETING, "the kick is too slow", "kick.speed>"),
    (GREETING, "the walk is too long", "walk.length<"),
    (GREETING, "walk a bit faster", "walk.speed=1.2"),
    (GREETING, "walk much faster", "walk.speed=1.8"),
    (GREETING, "walk 50% faster", "walk.speed=1.5"),
    (GREETING, "walk at half speed", "walk.speed=0.5, walk.length=6.0"),
    (GREETING, "make the kick higher and slower", "kick.amount>, kick.speed<"),
    (GREETING, "make the kick a bit lower", "kick.amount<"),
    (GREETING, "kick twice as high", "kick.amount=2.0"),
    (GREETING, "kick half as high", "kick.amount=0.5"),
    (GREETING, "kick not so high", "kick.amount<"),
    (GREETING, "wave 2 more times", "wave.count=5"),
    (GREETING, "wave once more", "wave.count=4"),
    (GREETING, "wave only once", "wave.count=1, wave.length<"),
    (GREETING, "wave less often", "wave.count<"),
    (GREETING, "wave twice as often", "wave.count=6"),
    (GREETING, "wave for 4 seconds", "wave.length=4.0"),
    (GREETING, "make the wave last 1 second", "wave.length=1.0"),
    (GREETING, "make the turn 2 seconds longer", "turn.length=3.5"),
    (GREETING, "the turn should take half as long", "turn.length=0.75"),
    (SHOW, "do it twice, slower", "clap.count=2, clap.speed<"),
    (SHOW, "make it slower", "clap.speed<"),
    (SHOW, "bow deeper", "bow.amount>"),
    (SHOW, "bow lower", "bow.amount>"),
    (SHOW, "bow twice, slowly", "bow.count=2, bow.speed=0.7"),
    (SHOW, "jump forward", "jump.direction=forward"),
    (SHOW, "jump three times higher up", "jump.count=3, jump.amount>"),
    (SHOW, "make the wave happy", "wave.style=happy"),
    (SHOW, "the left hand instead of the right", "wave.side=left"),
    (SHOW, "clap faster and for longer", "clap.speed>"),
    (SHOW, "make the last stage longer", "clap.length>"),
    (SHOW, "make the second action deeper", "bow.amount>"),
    (SHOW, "stage 2 twice", "bow.count=2"),
    (KICKS, "do it twice, slower", "kick#2.count=2, kick#2.speed<"),
    (KICKS, "make the second kick higher", "kick#2.amount>, kick.amount=None"),
    (KICKS, "make the first kick lower", "kick.amount<, kick#2.amount=None"),
    (KICKS, "make the left kick faster", "kick.speed>, kick#2.speed=None"),
    (KICKS, "do the last kick with the left leg", "kick#2.side=left"),
    (KICKS, "make every kick higher", "kick.amount>, kick#2.amount>"),
    (KICKS, "kick higher", "kick.amount>, kick#2.amount>"),
    (KICKS, "both kicks slower", "kick.speed<, kick#2.speed<"),
    (WALK, "walk faster", "walk.speed>"),
    (WALK, "go further", "walk.amount>, walk.length>"),
    (WALK, "walk 4 metres", "walk.amount=4.0"),
    (WALK, "in the opposite direction", "walk.direction=backward"),
    (WALK, "zigzag instead", "walk.path=zigzag"),
    (WALK, "make it 5 seconds long", "length=5"),
    (BOX, "throw further", "throw.amount>"),
    (BOX, "raise the left arm instead of the right", "raise_arm.side=left"),
    (BOX, "raise the arm higher, then throw with the left hand", "raise_arm.amount>, n throw=2"),
    (BOX, "pick up the ball instead of the box", "pick_up.target=ball"),
    (BOX, "use the left hand for the throw", "throw.side=left"),
    # what comes in
    (SHOW, "then sit down", "order wave bow jump clap sit"),
    (SHOW, "and then sit down slowly", "order wave bow jump clap sit, sit.speed=0.7"),
    (SHOW, "at the end, kick with the left leg", "order wave bow jump clap kick, kick.side=left"),
    (SHOW, "finish with a spin", "order wave bow jump clap spin"),
    (SHOW, "add a kick before the bow", "order wave kick bow jump clap"),
    (SHOW, "kick after the bow", "order wave bow kick jump clap"),
    (SHOW, "after the jump, sit down for 3 seconds", "order wave bow jump sit clap, sit.length=3.0"),
    (SHOW, "before clapping, nod", "order wave bow jump nod clap"),
    (SHOW, "add a squat between the bow and the jump", "order wave bow squat jump clap"),
    (SHOW, "first walk forward", "order walk wave bow jump clap"),
    (SHOW, "start by walking 4 steps", "order walk wave bow jump clap, walk.count=4"),
    (SHOW, "look around while clapping", "look_around while clap"),
    (SHOW, "nod during the wave", "nod while wave"),
    (SHOW, "sit down", "order wave bow jump clap sit"),
    (SHOW, "jump again at the end", "order wave bow jump clap jump"),
    (SHOW, "add another bow", "n bow=2"),
    (SHOW, "repeat the wave", "n wave=2, wave#2.count=2, wave#2.side=right"),
    (WALK, "raise the left arm while walking", "raise_arm while walk, raise_arm.side=left, walk.length=3.0"),
    (WALK, "wave with the right hand while walking", "wave while walk, wave.side=right"),
    (WALK, "also nod", "order walk nod"),
    (WALK, "walk, then turn left and sit down", "order walk turn sit, turn.direction=left"),
    (KICKS, "then stand up", "order kick kick sit stand_up"),
    # what goes out
    (SHOW, "remove the jump", "order wave bow clap, length=6.5"),
    (SHOW, "don't clap", "no clap"),
    (SHOW, "no bowing please", "no bow"),
    (SHOW, "stop waving", "no wave"),
    (SHOW, "without the jump", "no jump"),
    (SHOW, "get rid of the bow and the jump", "order wave clap"),
    (SHOW, "remove everything after the bow", "order wave bow"),
    (SHOW, "keep only the jump", "order jump"),
    (SHOW, "remove the last two stages", "order wave bow"),
    (KICKS, "remove the second kick", "n kick=1, kick.side=left"),
    (KICKS, "do not kick", "no kick"),
    # another action
    (GREETING, "instead of kicking, punch", "no kick, punch.side=left"),
    (GREETING, "punch instead of kicking", "no kick, order walk wave turn punch"),
    (SHOW, "replace the jump with a squat", "order wave bow squat clap"),
    (SHOW, "turn the jump into a hop", "order wave bow hop clap"),
    (SHOW, "make the jump a squat", "order wave bow squat clap"),
    (SHOW, "instead of the bow, wave with the left hand", "n wave=2, wave#2.side=left"),
    (WALK, "run instead of walking", "no walk, run.direction=forward"),
    # in which order, and when
    (SHOW, "swap the order of the wave and the bow", "order bow wave jump clap"),
    (SHOW, "swap the first and the last stage", "order clap bow jump wave"),
    (SHOW, "reverse the order", "order clap jump bow wave"),
    (SHOW, "bow before the wave", "order bow wave jump clap"),
    (SHOW, "do the clap first", "order clap wave bow jump"),
    (SHOW, "move the wave to the end", "order bow jump clap wave"),
    (SHOW, "start with the bow", "order bow wave jump clap"),
    (SHOW, "put the clap right after the wave", "order wave clap bow jump"),
    (SHOW, "add a pause of 2 seconds before the jump", "pause jump=2"),
    (SHOW, "wait 1 second between the wave and the bow", "pause bow=1"),
    (SHOW, "pause for 3 s after the jump", "pause clap=3"),
    (SHOW, "no pause before the clap", "pause clap=0"),
    (SHOW, "make the pause before the clap longer", "pause clap=1"),
    (SHOW, "start the clap 1 second later", "pause clap=1.5"),
    (SHOW, "delay the bow by 2 seconds", "pause bow=2.2"),
    # all of it
    (SHOW, "everything slower", "wave.speed<, bow.speed<, jump.speed<, clap.speed<"),
    (SHOW, "do everything twice as fast", "wave.speed=2.0, clap.speed=2.0"),
    (SHOW, "make it 5 seconds long", "length=5"),
    (SHOW, "make the whole motion 2 seconds longer", "length=10"),
    (GREETING, "mirror it", "wave.side=left, turn.direction=right, kick.side=right"),
    (GREETING, "mirror the kick", "kick.side=right, wave.side=right"),
    (GREETING, "swap left and right", "wave.side=left, kick.side=right"),
    # several at once
    (SHOW, "remove the jump and make the clap faster", "no jump, clap.speed>"),
    (SHOW, "wave with the left hand and bow deeper", "wave.side=left, bow.amount>"),
    (SHOW, "jump higher, then sit down", "jump.amount>, order wave bow jump clap sit"),
    (SHOW, "Bow twice. Make it slower.", "bow.count=2, bow.speed<"),
    (SHOW, "clap 5 times; don't jump", "clap.count=5, no jump"),
    (SHOW, "add a kick at the end and make it higher", "kick.amount=1.5, order wave bow jump clap kick"),
]  # fmt: skip
REFUSED = [
    (SHOW, "make it purple", "none of"),
    (SHOW, "frobnicate the wave", "frobnicate"),
    (SHOW, "make the cartwheel faster", "there is no 'the cartwheel'"),
    (SHOW, "remove the walk", "there is no"),
    (KICKS, "make the kick higher", "say 'the first kick', 'the second kick'"),
    (SHOW, "make the sixth stage longer", "there is no"),
    (SHOW, "wave with the right hand", "so already"),
    (SHOW, "wave", "there already"),
    (SHOW, "remove everything", "nothing would be left"),
    (SHOW, "undo", "Editor.undo"),
    (SHOW, "pause for 2 seconds", "before, after or between"),
    (SHOW, "the quick brown fox", "nothing that can be done"),
    (WALK, "bow lower", "bow"),
    (SHOW, "clap while waving", "use another limb|free|both with"),
    (SHOW, "...", "no words"),
]


@pytest.mark.parametrize(("lines", "said", "wanted"), TABLE, ids=[row[1] for row in TABLE])
def test_an_instruction_does_what_it_says(lines, said, wanted):
    before = from_text(lines)
    read = understand(said, before)
    assert not read.not_understood
    after = apply(before, read.patch)
    for check in wanted.split(", "):
        assert _holds(check, before, after), f"{check}: {[s.brief() for s in after.stages]} {read.patch.operations}"
    if wanted.count(".") and not re.search(r"order|no |n |while|length|pause|everything|whole", wanted + said):
        assert [s.verb for s in sorted(after.stages, key=lambda s: s.verb)] == [
            s.verb for s in sorted(before.stages, key=lambda s: s.verb)
        ]


@pytest.mark.parametrize(("lines", "said", "reason"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_is_not_understood_is_an_error_that_says_what_can_be_said(lines, said, reason):
    before = from_text(lines)
    with pytest.raises(TimelineError, match=reason) as caught:
        apply(before, understand(said, before).patch)
    assert "\n" not in str(caught.value)


def test_part_of_an_instruction_that_is_not_understood_is_told():
    read = understand("remove the jump; paint the wave red", from_text(SHOW))
    assert read.understood == ("remove the jump",)
    assert [clause for clause, _ in read.not_understood] == ["paint the wave red"]


def test_words_of_a_body_part():
    read = understand("right arm: hangs while walking", from_text(WALK))
    assert apply(from_text(WALK), read.patch).stages[0].texts == (("right_arm", "hangs"),)
    read = understand("during the bow, left arm: lies on the belly", from_text(SHOW))
    assert apply(from_text(SHOW), read.patch).stages[1].texts == (("left_arm", "lies on the belly"),)


def test_what_it_is_can_come_from_the_instruction_before():
    score = from_text(SHOW)
    assert understand("make it slower", score, spoken=(1,)).patch.operations[0].stage == 2


def test_an_instruction_that_is_too_long_is_refused():
    with pytest.raises(TimelineError, match="at most 2000"):
        understand("wave " * 1000, from_text(SHOW))


def _holds(check: str, before: Timeline, after: Timeline) -> bool:
    if check.startswith("order "):
        return [s.verb for s in after.stages] == check.split()[1:]
    if check.startswith("no "):
        return check[3:] not in after.verbs
    if match := re.fullmatch(r"n (\w+)=(\d+)", check):
        return sum(s.verb == match[1] for s in after.stages) == int(match[2])
    if match := re.fullmatch(r"length=(.+)", check):
        return abs(after.duration_s - float(match[1])) < 1e-3
    if match := re.fullmatch(r"pause (\w+)=(.+)", check):
        stage = _of(match[1], after)
        return abs(stage.start_s - max(s.end_s for s in after.stages if s.start_s < stage.start_s) - float(match[2])) < 1e-3
    if match := re.fullmatch(r"(\w+) while (\w+)", check):
        a, b = _of(match[1], after), _of(match[2], after)
        return a.start_s >= b.start_s - 1e-6 and a.end_s <= b.end_s + 1e-6
    match = re.fullmatch(r"(\w+(?:#\d)?)\.(\w+)([=<>])(.*)", check)
    assert match is not None, check
    now = _value(_of(match[1], after), match[2])
    if match[3] == "=":
        return abs(now - float(match[4])) < 1e-3 if isinstance(now, float) else str(now) == match[4]
    was = _value(_of(match[1], before), match[2])
    was = {"walk.count": 5}.get(f"{match[1]}.{match[2]}", 90.0 if match[1] == "turn" else 1.0) if was is None else was
    return now is not None and (now > was if match[3] == ">" else now < was)


def _of(ref: str, timeline: Timeline):
    verb, _, number = ref.partition("#")
    return [s for s in timeline.stages if s.verb == verb][int(number or 1) - 1]


def _value(stage, field: str):
    return stage.duration_s if field == "length" else getattr(stage, field)


@pytest.mark.parametrize(
    ("instruction", "said"),
    [
        ("walk slower and walk faster", "more and less speed"),
        ("make the kick higher and make the kick lower", "more and less amount"),
        ("kick with the left leg; kick with the right leg", "side left and side right"),
        ("walk forward; walk backward", "direction forward and direction backward"),
        ("wave with the third arm", "'third arm'; expected the left, the right"),
        ("wave with three arms", "'three arms'"),
        ("kick with the middle leg", "'middle leg'"),
    ],
)
def test_what_contradicts_itself_is_refused(instruction, said):
    score = from_text("0-2 walk\n2-3 kick side=right\n")
    with pytest.raises(TimelineError, match=said):
        understand(instruction, score)


@pytest.mark.parametrize(
    "instruction", ["walk slower; kick faster", "kick higher and with the left leg", "walk faster; walk much faster"]
)
def test_what_agrees_is_not_refused(instruction):
    assert understand(instruction, from_text("0-2 walk\n2-3 kick side=right\n")).patch.operations
