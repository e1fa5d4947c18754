"""Whether what was asked is there: by hand, and what must not change the verdict."""

import numpy as np
import pytest

from kinelang.errors import KinelangError
from kinelang.evaluate.following import FIGURES, IF_THERE, IN_TRUTH, NOT_SEEN, THERE, UNASKED, followed, following, share
from kinelang.evaluate.prompts import PEOPLE, Prompt
from kinelang.timeline import detect, from_text, perform

WAVE = "0-2 wave side=left count=3"
SCORES = (
    WAVE,
    "0-2 walk direction=backward\n2-3 jump\n3-5 sit",
    "0-3 walk\n0.5-2.5 wave side=right",
    "0-1 kick side=right",
    "0-2 turn direction=left",
)


def counts(asked: str, seen: str) -> dict:
    return dict(followed(from_text(asked), from_text(seen)).counts)


@pytest.mark.parametrize("score", SCORES)
def test_what_was_asked_is_complete(score: str) -> None:
    found = followed(from_text(score), from_text(score))
    assert all(right == asked for right, asked in found.counts.values())
    assert (found.unasked, found.right) == (0, 1.0)


@pytest.mark.parametrize("score", SCORES)
def test_nothing_is_there_of_one_who_stands(score: str) -> None:
    found = followed(from_text(score), from_text("0-5 stand"))
    assert not any(right for right, _ in found.counts.values())
    assert found.right == 0
    assert found.counts.keys() <= FIGURES.keys(), "nothing is there to have a side, or an order"
    whole = followed(from_text(score), from_text(score))
    assert {name: asked for name, (_, asked) in found.counts.items()} == {n: a for n, (_, a) in whole.counts.items() if n in FIGURES}


@pytest.mark.parametrize("asked", SCORES)
@pytest.mark.parametrize("seen", [*SCORES, "0-1 raise_arm side=left\n1-2 wave side=right count=3"])
def test_a_mirror_changes_nothing(asked: str, seen: str) -> None:
    one, other = from_text(asked), from_text(seen)
    assert followed(one, other).counts == followed(one.mirrored(), other.mirrored()).counts


def test_side_direction_and_count_are_of_what_is_there() -> None:
    assert counts(WAVE, "0-2 wave side=right count=4") == {
        "verb": (1, 1), "verb exact": (1, 1), "side": (0, 1), "count": (1, 1), "count exact": (0, 1), "complete": (0, 1),
        "side of asked": (0, 1), "count of asked": (1, 1),
    }  # fmt: skip
    assert counts(WAVE, "0-2 wave side=left count=5")["count"] == (0, 1)
    assert counts(WAVE, "0-2 wave side=left")["count"] == (0, 1), "seen without a count"
    assert counts("0-2 walk direction=forward_left", "0-2 walk direction=forward")["direction"] == (1, 1)
    assert counts("0-2 walk direction=left", "0-2 walk direction=right")["direction"] == (0, 1)


def test_what_is_asked_of_a_verb_that_is_not_there_is_wrong() -> None:
    found = counts(
        "0-1 kick side=left\n1-2 wave side=right count=3\n2-3 walk direction=left", "0-1 kick side=left\n2-3 walk direction=left"
    )
    assert (found["side"], found["side of asked"]) == ((1, 1), (1, 2))
    assert "count" not in found
    assert found["count of asked"] == (0, 1)
    assert found["direction"] == found["direction of asked"] == (1, 1)
    assert "order" not in found
    assert found["order of asked"] == (0, 1)


def test_alike_is_there_but_not_exactly() -> None:
    found = counts("0-2 walk", "0-2 step")
    assert (found["verb"], found["verb exact"]) == ((1, 1), (0, 1))


def test_what_is_seen_in_pieces_is_taken_together() -> None:
    assert counts(WAVE, "0-1 wave side=left count=2\n1-2 wave side=left count=1")["count exact"] == (1, 1)
    both = counts("0-2 punch side=alternating count=2", "0-1 punch side=left count=1\n1-2 punch side=right count=1")
    assert (both["side"], both["count exact"]) == ((1, 1), (1, 1))


def test_order_is_of_what_is_all_there() -> None:
    asked = "0-1 jump\n1-2 sit\n2-3 stand_up"
    assert counts(asked, asked)["order"] == (1, 1)
    swapped = counts("0-1 jump\n1-2 kick", "0-1 kick\n1-2 jump")
    assert (swapped["verb"], swapped["order"], swapped["complete"]) == ((2, 2), (0, 1), (0, 1))
    assert swapped["order of asked"] == (0, 1)
    assert counts(asked, asked)["order of asked"] == (1, 1)
    assert "order" not in counts("0-1 jump\n1-2 kick", "0-1 jump")
    assert not counts("0-1 jump", "0-1 jump").keys() & {"order", "order of asked"}
    assert counts("0-1 jump\n1-2 kick", "0-1 kick\n1-2 jump\n2-3 kick")["order"] == (1, 1)


def test_a_part_is_done_while_the_legs_go() -> None:
    asked = "0-4 walk\n1-3 wave side=left"
    assert counts(asked, "0-3 walk\n1-4 wave side=left")["part"] == (1, 1)
    assert counts(asked, "0-2 walk\n2-4 wave side=left")["part"] == (0, 1), "one after the other"
    assert counts(asked, "0-4 walk\n1-3 wave side=right")["part"] == (0, 1), "the other side"
    assert counts(asked, "0-4 walk")["part"] == (0, 1)


def test_what_nobody_asked_for_is_counted() -> None:
    assert followed(from_text("0-1 kick"), from_text("0-1 kick\n1-2 jump\n2-3 stand\n3-4 clap")).unasked == 2


def test_figures_are_shares_of_what_was_asked() -> None:
    asked = [
        Prompt(score, 3.0, kind, from_text(score)) for score, kind in ((WAVE, "count"), (WAVE, "count"), ("0-1 kick side=left", "side"))
    ]
    seen = [from_text(WAVE), from_text("0-2 wave side=right count=3\n2-3 jump"), from_text("0-1 jump")]
    found = following(asked, seen, rounds=50)
    assert list(found.figures) == ["all", "side", "count", THERE]
    assert found.figures["all"]["verb"].value == pytest.approx(2 / 3)
    assert found.figures["count"]["side of asked"].value == pytest.approx(1 / 2)
    assert found.figures["all"]["side of asked"].value == pytest.approx(1 / 3), "the kick is not there"
    assert found.figures[THERE]["side"].value == pytest.approx(1 / 2)
    assert list(found.figures["all"]) == [*(name for name in FIGURES if name in found.figures["all"]), UNASKED]
    assert found.figures[THERE].keys() <= IF_THERE.keys()
    assert found.figures["all"][UNASKED].value == pytest.approx(2 / 3)
    assert (found.asked["all"]["side of asked"], found.asked[THERE]["side"]) == (3, 2)
    assert found.verbs == {"kick": (1, 0), "wave": (2, 2)}
    assert found.worst[0]["text"] == "0-1 kick side=left"
    whole = found.figures["all"]["verb"]
    assert whole.low <= whole.value <= whole.high
    assert found.to_json()["figures"]["all"]["verb"]["asked"] == 3


def test_where_all_is_right_the_interval_is_wilsons() -> None:
    right = np.array([[1.0, 1.0]] * 5)
    several, few = share(right, list("abcde"), 20), share(right, list("aaaab"), 20)
    assert (several.value, several.high) == (few.value, few.high) == (1.0, 1.0)
    assert few.low < several.low == pytest.approx(5 / (5 + 1.96**2), abs=1e-4)
    nothing = share(right * [0, 1], list("abcde"), 20)
    assert (nothing.low, nothing.high) == (0.0, pytest.approx(1 - several.low))


def test_of_several_origins_each_has_its_table() -> None:
    asked = [Prompt("a", 1.0, "side", from_text(WAVE)), Prompt("b", 1.0, "side", from_text(WAVE), PEOPLE)]
    found = following(asked, [from_text(WAVE), from_text("0-1 kick")], rounds=0)
    assert list(found.figures) == ["all", "made", "people", "side", THERE]
    assert found.figures["people"]["verb"].value == 0.0


def test_what_detect_does_not_see_in_the_truth_is_set_aside() -> None:
    kick, turn = "0-1 kick side=left", "0-2 turn direction=left"
    asked = [Prompt(str(i), 1.0, "side", from_text(score)) for i, score in enumerate((kick, kick, turn))]
    truth = [from_text(kick), from_text("0-1 kick side=right"), from_text("0-2 stand")]
    seen = [from_text("0-1 kick side=right"), from_text(kick), from_text(turn)]
    found = following(asked, seen, truth=truth, rounds=0)
    own = found.figures[IN_TRUTH]
    assert found.asked[IN_TRUTH] == {"verb": 2, "verb exact": 2, "side of asked": 1, "complete": 1}
    assert (own["verb"].value, own["side of asked"].value, own["complete"].value) == (1.0, 0.0, 0.0)
    assert UNASKED not in own
    same = following(asked, truth, truth=truth, rounds=0).figures[IN_TRUTH]
    assert {interval.value for interval in same.values()} == {1.0}, "the truth beside itself"
    assert IN_TRUTH not in following(asked, seen, rounds=0).figures


def test_prompts_that_training_has_seen_are_set_aside() -> None:
    asked = [Prompt("Kicks  left.", 1.0, "side", from_text("0-1 kick")), Prompt("jumps", 1.0, "verb", from_text("0-1 jump"))]
    seen = [from_text("0-1 kick"), from_text("0-1 sit")]
    found = following(asked, seen, known={"kicks left"}, rounds=0).figures
    assert list(found)[:2] == ["all", NOT_SEEN]
    assert (found["all"]["verb"].value, found[NOT_SEEN]["verb"].value) == (0.5, 0.0)
    assert NOT_SEEN not in following(asked, seen, known=set(), rounds=0).figures, "all are new"
    assert NOT_SEEN not in following(asked, seen, known={"kicks left", "jumps"}, rounds=0).figures, "none is new"
    assert NOT_SEEN not in following(asked, seen, rounds=0).figures, "not known"


def test_a_prompt_without_a_timeline_is_refused() -> None:
    with pytest.raises(KinelangError, match="no timeline"):
        following([Prompt("who knows", 2.0)], [from_text("0-1 kick")])


def test_performed_and_detected_again_is_complete() -> None:
    asked = from_text("0.3-3.5 walk direction=forward\n3.7-5.5 kick side=left")
    assert followed(asked, detect(perform(asked, 3))).counts["complete"] == (1, 1)
