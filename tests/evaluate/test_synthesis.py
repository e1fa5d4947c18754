"""Table A.2's check: sets of motions worked by hand, what is performed of texts, and files that others generated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from clip_samples import SCORES, Bags, Knowing, six_clips

import kinelang
from kinelang.errors import KinelangError
from kinelang.evaluate.synthesis import (
    GENERATORS,
    REAL,
    SHOWN,
    Asked,
    check,
    clip_of,
    generated,
    in_all,
    in_folder,
    performed,
    read_texts,
)
from kinelang.evaluate.systems import SYSTEMS, Setting
from kinelang.formats import load
from kinelang.timeline import detect

CLIPS = six_clips().clips
ASKED = [Asked(clip.id, clip.captions[0], clip.group) for clip in CLIPS]
JUDGE = SYSTEMS["model"].build(Setting({"knowing": Knowing()}, frozenset(), Bags()))[0]


def as_set(order: list[int]) -> dict:
    """The clips, each under the name of another."""
    return {CLIPS[i].id: CLIPS[j] for i, j in enumerate(order)}


def test_the_table_by_hand():
    motions = {REAL: as_set([0, 1, 2, 3, 4, 5]), "half": as_set([0, 1, 2, 4, 5, 3]), "none": as_set([1, 2, 3, 4, 5, 0])}
    table = check([JUDGE], ASKED, motions, batch=6, rounds=20)
    assert {name: row["knowing"].result[SHOWN] for name, row in table.items()} == {REAL: 100, "half": 50, "none": 0}
    assert table[REAL]["knowing"].real_minus is None
    assert table["half"]["knowing"].real_minus[SHOWN].value == 50
    assert table["none"]["knowing"].to_json()["real minus this"][SHOWN]["value"] == 100
    assert table["half"]["knowing"].result.options == {"size": 6, "seed": 0}


def test_without_real_motions_there_is_nothing_to_compare_with():
    table = check([JUDGE], ASKED, {"half": as_set([0, 1, 2, 4, 5, 3])}, batch=3, rounds=0)
    assert table["half"]["knowing"].real_minus is None
    assert table["half"]["knowing"].result.n_galleries == 2


def test_sets_are_judged_on_the_texts_they_share():
    some = {CLIPS[i].id: CLIPS[i] for i in (0, 2, 5)}
    motions = {REAL: as_set([0, 1, 2, 3, 4, 5]), "some": some}
    common = in_all(ASKED, motions)
    assert [one.name for one in common] == ["clip0", "clip2", "clip5"]
    assert check([JUDGE], common, motions, batch=3, rounds=0)["some"]["knowing"].result[SHOWN] == 100
    with pytest.raises(KinelangError, match="none for 3 texts, such as 'clip1'"):
        check([JUDGE], ASKED, motions, batch=3)
    with pytest.raises(KinelangError, match="3 clips; expected at least 32"):
        check([JUDGE], common, motions)


def test_texts_are_performed():
    made = generated(GENERATORS["performed"], [*ASKED, Asked("x", "blue is a colour", "x")], seed=3)
    assert list(made) == [one.name for one in ASKED]
    motion = performed("a person waves with the left hand", 3)
    assert motion is not None
    assert [(s.verb, s.side) for s in detect(motion).stages if s.verb == "wave"] == [("wave", "left")]
    again = generated(performed, ASKED[:1], seed=3)
    np.testing.assert_array_equal(again["clip0"].features, made["clip0"].features)
    assert not np.array_equal(generated(performed, ASKED[:1], seed=4)["clip0"].features, made["clip0"].features)
    assert performed("...", 0) is None


def test_motions_of_others_are_found_by_their_names(tmp_path: Path):
    motion = kinelang.sample("walk_forward")
    kinelang.save(motion, tmp_path / "clip0.bvh")
    (tmp_path / "notes.txt").write_text("nothing")
    found = in_folder(tmp_path, ASKED)
    assert list(found) == ["clip0"]
    expected = clip_of(ASKED[0], load(tmp_path / "clip0.bvh"))
    np.testing.assert_array_equal(found["clip0"].features, expected.features)
    np.save(tmp_path / "clip1.npy", expected.features)
    assert list(in_folder(tmp_path, ASKED)) == ["clip0", "clip1"]
    with pytest.raises(KinelangError, match="none named as a text; expected files such as other.npy"):
        in_folder(tmp_path, [replace(ASKED[0], name="other")])
    with pytest.raises(KinelangError, match="no such folder"):
        in_folder(tmp_path / "nowhere", ASKED)


def test_texts_from_a_file(tmp_path: Path):
    file = tmp_path / "texts.txt"
    file.write_text("a\ta person walks\n\nb\ta person waves\n")
    assert read_texts(file) == [Asked("a", "a person walks", "a"), Asked("b", "a person waves", "b")]
    file.write_text("a person walks\na person waves\n")
    assert [(one.name, one.text) for one in read_texts(file)] == [("000000", "a person walks"), ("000001", "a person waves")]
    for content, message in (("", "no text"), ("a\tx\na\ty\n", "a name twice"), ("\tx\n", "without a name")):
        file.write_text(content)
        with pytest.raises(KinelangError, match=message):
            read_texts(file)
    with pytest.raises(KinelangError, match="cannot be read as text"):
        read_texts(tmp_path / "nowhere")


def test_every_generator_is_deterministic_and_says_what_it_cannot():
    for generator in GENERATORS.values():
        text = f"a person {next(iter(SCORES))}"
        one, again = generator(text, 7), generator(text, 7)
        assert one is not None
        np.testing.assert_array_equal(one.joints, again.joints)
        assert generator("blue is a colour", 7) is None
