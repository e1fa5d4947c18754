"""Texts that say otherwise, and a judge that is to tell them apart."""

import numpy as np
import pytest
from clip_samples import Bags

from kinelang.evaluate.contrasting import contrasts, other_order, other_verb, second_judge
from kinelang.evaluate.prompts import KINDS, PEOPLE, Prompt, of_caption, prompts
from kinelang.language.lexicon import alike
from kinelang.timeline import from_text, parse


@pytest.fixture(scope="module")
def made():
    return prompts(3 * len(KINDS))


def test_the_other_verb_is_alike_to_none_and_told_in_the_same_words(made) -> None:
    for prompt in made:
        other = other_verb(prompt.timeline, prompt.seed)
        if other is None:
            continue
        changed = [(a, b) for a, b in zip(prompt.timeline.stages, other.stages, strict=True) if a != b]
        assert len(changed) == 1
        assert not any(alike(changed[0][1].verb, stage.verb) for stage in prompt.timeline.stages)
        own, told = contrasts(prompt)["verb"]
        assert own == prompt.text
        assert sorted(s.verb for s in parse(told).timeline.stages) == sorted(s.verb for s in other.stages)


def test_the_other_order_is_that_of_the_first_and_last_exchanged(made) -> None:
    for prompt in made:
        found = contrasts(prompt)
        assert ("order" in found) == prompt.kind.startswith("order")
        if "order" in found:
            verbs = [stage.verb for stage in prompt.timeline.stages]
            assert [s.verb for s in other_order(prompt.timeline).stages] == [verbs[-1], *verbs[1:-1], verbs[0]]


def test_what_would_be_the_same_has_no_other_order() -> None:
    assert other_order(from_text("0-1 kick side=left")) is None
    assert other_order(from_text("0-1 kick side=left\n1-2 jump\n2-3 kick side=left")) is None
    assert other_order(from_text("0-2 walk\n0-2 wave side=left")) is None


def test_sides_are_exchanged_in_the_own_words() -> None:
    prompt = of_caption("a bloke flumps with his left leg")
    assert (prompt.origin, prompt.timeline) == (PEOPLE, None)
    assert contrasts(prompt) == {"side": ("a bloke flumps with his left leg", "a bloke flumps with his right leg")}
    assert "side" not in contrasts(Prompt("a person jumps", 2.0))


class Knowing:
    """A judge to whom features are the words that they stand for."""

    identity, width = "knowing@0", Bags.width

    def encode_texts(self, texts):
        return Bags().sentences(texts)

    def encode_features(self, features):
        return np.stack([clip[0, : Bags.width] for clip in features])


@pytest.mark.parametrize(("sign", "accuracy"), [(1, 1.0), (-1, 0.0)])
def test_a_motion_that_is_its_text_is_nearer_to_it(made, sign: int, accuracy: float) -> None:
    features = [np.tile(sign * row, (5, 1)) for row in Bags().sentences([prompt.text for prompt in made])]
    found = second_judge(made, features, Knowing(), rounds=20)
    assert found["verb"].accuracy.value == accuracy
    assert found["verb"].pairs > found["order"].pairs > 0


def test_the_same_words_in_another_order_are_tied_and_lost(made) -> None:
    sided = [Prompt("left hand", 2.0), Prompt("left and right", 2.0)]
    found = second_judge(sided, [np.zeros((5, Bags.width))] * 2, Knowing(), rounds=0)
    assert (found["side"].pairs, found["side"].tied, found["side"].accuracy.value) == (1, 1, 0.0)
