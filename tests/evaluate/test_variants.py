"""Other ways of making motions, as they are written: what they change, and what cannot be."""

from __future__ import annotations

import pytest

from kinelang.errors import ModelError
from kinelang.evaluate.variants import Variant, variant, variants


def test_a_variant_says_what_is_otherwise() -> None:
    assert variant("draft=none, steps=10") == Variant("draft=none, steps=10", {"draft": "none", "steps": 10})
    assert variant("guidance=0,sampler=ddim,steps=null") == Variant(
        "guidance=0, sampler=ddim, steps=null", {"guidance": 0.0, "sampler": "ddim", "steps": None}
    )
    assert variant("clean=false,origin=performed") == Variant("clean=false, origin=performed", {"origin": "performed"}, False)
    assert [one.name for one in variants(["draft=none", "draft=start"])] == ["draft=none", "draft=start"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speed=3", "found 'speed=3'; expected name=value with a name of sampler, steps, guidance"),
        ("draft", "found 'draft'"),
        ("", "found ''"),
        ("steps=", "found 'steps='"),
        ("draft=half", "draft: found 'half'; expected one of none, hint, start"),
        ("steps=many", "steps: found 'many'; expected a whole number or null"),
        ("steps=0", "steps: found 0; expected 1 to 1000"),
        ("guidance=NaN", "guidance: found nan"),
        ("clean=no", "clean: found 'no'; expected true or false"),
        ("steps=3,steps=4", "steps twice"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(text: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        variant(text, "--variant")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_variant_that_comes_twice_is_refused() -> None:
    with pytest.raises(ModelError, match="'draft=none, steps=3' twice"):
        variants(["draft=none, steps=3", "steps=3, draft=none"])
