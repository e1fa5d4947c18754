"""Parts of the detector: weights files, the network's two views, decoding, gates, overlaps."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinelang.errors import FormatError
from kinelang.language.lexicon import VERBS
from kinelang.motion.samples import sample
from kinelang.timeline import Stage, Timeline, detect
from kinelang.timeline.detecting.assembly import without_overlaps
from kinelang.timeline.detecting.body import Body
from kinelang.timeline.detecting.decoding import EASED, SWITCH, Candidate, labels
from kinelang.timeline.detecting.evidence import cues_of, evidence_of
from kinelang.timeline.detecting.gates import GATES
from kinelang.timeline.detecting.network import Seen, load_network, look, shipped
from kinelang.timeline.detecting.signals import INDEX, SIDED_NAMES, mirrored, signals_of
from kinelang.timeline.detecting.vocabulary import SIDE_MIRROR, TRACKS, WAY_MIRROR, WAYS, Vocabulary
from kinelang.timeline.detecting.weights import read_safetensors, write_safetensors


def test_weights_come_back_as_they_were(tmp_path):
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(3, dtype=np.float16), "c": np.array([7], dtype=np.int64)}
    write_safetensors(tmp_path / "w.safetensors", arrays, {"note": "ü"})
    back, meta = read_safetensors(tmp_path / "w.safetensors")
    assert meta == {"note": "ü"}
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x05\0\0\0\0\0\0\0nope!",
        (2).to_bytes(8, "little") + b"[]",
        (9).to_bytes(8, "little") + b'{"a": {}}',
        (70).to_bytes(8, "little") + b'{"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}'.ljust(70) + b"1234",
    ],
)
def test_broken_weights_are_told(tmp_path, data):
    (tmp_path / "w.safetensors").write_bytes(data)
    with pytest.raises(FormatError, match="safetensors"):
        read_safetensors(tmp_path / "w.safetensors")


def test_weights_for_other_signals_are_refused(tmp_path):
    write_safetensors(tmp_path / "w.safetensors", {"a": np.ones(1, dtype=np.float32)}, {"signals": "warmth"})
    with pytest.raises(FormatError, match="other signals"):
        load_network(tmp_path / "w.safetensors")


def test_shipped_weights_are_small_and_know_only_verbs_of_the_lexicon():
    vocabulary = shipped().vocabulary
    assert set(vocabulary.classes) == set(TRACKS)
    assert {v for classes in vocabulary.classes.values() for v in classes} <= {"", *VERBS}
    assert sum(w.nbytes for block in shipped().blocks for w in block) < 2_000_000


def test_network_tells_the_mirrored_of_the_mirrored():
    values = signals_of(Body.of(sample("wave_right_hand"))).values
    here, there = look(shipped(), values), look(shipped(), mirrored(values))
    other = {"left_arm": "right_arm", "right_arm": "left_arm"}
    for row in here.verb:
        partner = other.get(row, row)
        np.testing.assert_allclose(there.verb[partner], here.verb[row], atol=1e-4)
        np.testing.assert_allclose(there.way[partner], here.way[row][:, WAY_MIRROR], atol=1e-4)
        np.testing.assert_allclose(there.side[partner], here.side[row][:, SIDE_MIRROR], atol=1e-4)
        np.testing.assert_allclose(there.events[partner], here.events[row], atol=1e-4)


def test_directions_mirror():
    assert [WAYS[i] for i in WAY_MIRROR[[WAYS.index("left"), WAYS.index("backward_right"), WAYS.index("up")]]] == [
        "right",
        "backward_left",
        "up",
    ]


@given(st.integers(0, 10_000))
def test_decoding_finds_the_likeliest_sequence(seed):
    rng = np.random.default_rng(seed)
    n, k = 5, 3
    emitted = {row: rng.normal(0, 4, (n, k)) for row in ("legs", "torso", "head", "left_arm", "right_arm")}
    flat = {row: rng.random(n) for row in emitted}
    seen = Seen({}, {}, {}, {}, flat, flat, {}, {})
    for row, found in labels(seen, emitted).items():
        cost = SWITCH - EASED * flat[row]

        def worth(path, row=row, cost=cost):
            stays = sum(emitted[row][t, c] for t, c in enumerate(path))
            return stays - sum(cost[t] for t in range(1, n) if path[t] != path[t - 1])

        best = max(worth(path) for path in product(range(k), repeat=n))
        assert worth(tuple(found)) == pytest.approx(best)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(VERBS)), st.integers(0, 90), st.integers(1, 60), st.floats(0, 1), st.sampled_from(["left", "right"])
        ),
        max_size=12,
    )
)
def test_no_two_stages_share_a_body_part(drawn):
    found = [Candidate(v, a, a + n, c, (), side if side in VERBS[v].sides else None) for v, a, n, c, side in drawn]
    kept = without_overlaps(found, 100)
    Timeline(tuple(Stage(c.start / 20, c.end / 20, c.verb, side=c.side) for c in kept))
    assert {c.verb for c in kept} <= {c.verb for c in found}


def test_gates_and_cues_name_signals():
    for gates in GATES.values():
        for gate in gates:
            assert gate.signal in INDEX or gate.signal in SIDED_NAMES
            assert (gate.least is None) != (gate.most is None)
    for verb in VERBS:
        assert all(cue in INDEX or cue in SIDED_NAMES for cue in cues_of(verb))


def test_evidence_is_what_was_measured():
    signals = signals_of(Body.of(sample("raise_both_arms")))
    c = Candidate("raise_arm", 0, signals.n_frames, 1.0, ("left_arm", "right_arm"), "both")
    told = evidence_of(c, signals)
    assert told
    for e in told:
        values = signals[e.signal]
        assert round(float(values[round(e.start_s * 20) : round(e.end_s * 20)].max()), 3) >= e.value - 1e-9 or e.value < 0
        assert e.end_s > e.start_s


@pytest.mark.parametrize("name", ["walk_forward", "turn_left"])
def test_stages_have_confidence_and_evidence(name):
    stages = detect(sample(name)).stages
    assert stages
    for stage in stages:
        assert 0 <= stage.confidence <= 1
        assert stage.evidence


def test_vocabulary_gives_every_output_once():
    vocabulary = Vocabulary.of(["walk", "wave", "stand", "bow", "pick_up"])
    columns = [i for s in vocabulary.columns.values() for i in range(s.start, s.stop)]
    assert columns == list(range(vocabulary.n_out))
    assert vocabulary.classes["arm"] == ("", "wave", "pick_up")
    assert vocabulary.classes["torso"] == ("", "bow", "pick_up")
