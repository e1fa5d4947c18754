"""Timelines that need not make sense but are valid, for hypothesis."""

from hypothesis import strategies as st

from kinelang.language.lexicon import PARTS, STYLES, VERBS
from kinelang.timeline import Evidence, Stage, Timeline

_WORDS = st.text(alphabet="abc déf'\"=#;\\\t😀ß—", min_size=1, max_size=12).filter(lambda text: text.strip())


def seconds(least=0.0, most=60.0):
    return st.floats(least, most).map(lambda x: round(x, 3))


@st.composite
def stages(draw, start_s=None, parts=None):
    """One stage with any of the fields that its verb can have."""
    verb = VERBS[draw(st.sampled_from(sorted(VERBS)))]
    start = draw(seconds()) if start_s is None else start_s
    maybe = lambda values: draw(st.none() | st.sampled_from(values)) if values else None  # noqa: E731
    return Stage(
        start,
        start + draw(seconds(0.1, 20)),
        verb.key,
        side=maybe(verb.sides),
        direction=maybe(verb.directions),
        amount=draw(st.none() | st.floats(0.01, 9)) if verb.amount_unit else None,
        count=draw(st.none() | st.integers(1, 40)) if verb.counted else None,
        speed=draw(st.none() | st.floats(0.1, 5)),
        style=maybe(STYLES),
        path=maybe(verb.paths),
        target=draw(st.none() | _WORDS),
        texts=tuple(draw(st.dictionaries(st.sampled_from(PARTS), _WORDS, max_size=2)).items()),
        confidence=draw(st.none() | st.floats(0, 1)),
        evidence=tuple(Evidence(draw(_WORDS), start, start + 1, draw(st.floats(-9, 9)), "m") for _ in range(draw(st.integers(0, 2)))),
    )


@st.composite
def timelines(draw):
    """Up to four stages, one after the other."""
    made, at = [], draw(seconds(0, 3))
    for _ in range(draw(st.integers(0, 4))):
        made.append(draw(stages(start_s=at)))
        at = round(made[-1].end_s + draw(seconds(0, 2)), 3)
    return Timeline(tuple(made), fps=draw(st.sampled_from([12.5, 20.0, 30.0, 120.0])), name=draw(st.just("") | _WORDS))
