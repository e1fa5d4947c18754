"""Forms of verbs and nouns."""

from __future__ import annotations

import pytest

from kinelang.language.inflection import (
    VERB_FORMS,
    indefinite,
    past_participle,
    past_tense,
    plural,
    present_participle,
    third_person,
    verb_forms,
)
from kinelang.language.lexicon import VERBS


@pytest.mark.parametrize(
    "forms",
    [
        "walk walks walking walked walked",
        "carry carries carrying carried carried",
        "sit sits sitting sat sat",
        "lie lies lying lay lain",
        "go goes going went gone",
        "do does doing did done",
        "have has having had had",
        "punch punches punching punched punched",
        "throw throws throwing threw thrown",
        "sidestep sidesteps sidestepping sidestepped sidestepped",
        "tiptoe tiptoes tiptoeing tiptoed tiptoed",
        "balance balances balancing balanced balanced",
        "pick picks picking picked picked",
        "jog jogs jogging jogged jogged",
        "kneel kneels kneeling knelt knelt",
        "wash washes washing washed washed",
        "play plays playing played played",
        "swing swings swinging swung swung",
        "bow bows bowing bowed bowed",
        "begin begins beginning began begun",
        "open opens opening opened opened",
    ],
)
def test_forms(forms: str) -> None:
    words = tuple(forms.split())
    assert verb_forms(words[0]) == words
    assert len(words) == len(VERB_FORMS)


def test_the_first_of_several_words_is_inflected() -> None:
    assert third_person("pick up") == "picks up"
    assert present_participle("sit down") == "sitting down"
    assert past_tense("stand up") == "stood up"
    assert past_participle("take a bow") == "taken a bow"


@pytest.mark.parametrize(
    ("one", "many"), [("step", "steps"), ("foot", "feet"), ("right foot", "right feet"), ("lunge", "lunges"), ("box", "boxes")]
)
def test_plural(one: str, many: str) -> None:
    assert plural(one) == many


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("ball", "a ball"),
        ("apple", "an apple"),
        ("uniform", "a uniform"),
        ("umbrella", "an umbrella"),
        ("hour", "an hour"),
        ("s shape", "an s shape"),
    ],
)
def test_article(noun: str, said: str) -> None:
    assert indefinite(noun) == said


def test_no_verb_of_the_lexicon_doubles_or_loses_a_letter_by_accident() -> None:
    vowels = "aeiou"
    for word in VERBS.values():
        head = word.base.split()[0]
        _, third, ing, _, _ = verb_forms(head)
        assert third.startswith(head[:-1])
        assert third.endswith("s")
        assert ing.endswith("ing")
        short = len(head) == 3 and head[0] not in vowels and head[1] in vowels and head[2] not in vowels + "wxy"
        assert not short or ing == f"{head}{head[-1]}ing", head
