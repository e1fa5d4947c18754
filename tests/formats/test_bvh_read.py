"""Reading BVH: against a slow reading written from the format's description, and through all that real files do differently."""

from __future__ import annotations

import re

import numpy as np
import pytest
from format_samples import OPTIONS, TINY_BVH, rows_of, source_of, tiny_bvh, tiny_table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from kinelang.errors import FormatError
from kinelang.formats.base import ReadOptions
from kinelang.formats.bvh import read
from kinelang.motion.motion import Motion


def load(text: str | bytes, **options: object) -> Motion:
    return read(source_of(text, "a.bvh"), ReadOptions(**options))


def slow_joints(text: str) -> tuple[list[str], np.ndarray]:
    """Names and world positions in file units: a recursive walk with matrices, one frame and one joint at a time."""
    head, motion = re.split(r"\bMOTION\b", text)
    words = iter(head.split())
    rows = np.array([line.split() for line in motion.strip().splitlines()[2:]], dtype=float)
    names: list[str] = []
    tracks: list[list[np.ndarray]] = []
    columns = iter(range(rows.shape[1]))

    def node(name: str, parents: list[np.ndarray] | None) -> None:
        assert next(words) == "{"
        assert next(words) == "OFFSET"
        offset = np.array([float(next(words)) for _ in range(3)])
        channels = []
        word = next(words)
        if word == "CHANNELS":
            channels = [(next(words), next(columns)) for _ in range(int(next(words)))]
            word = next(words)
        worlds = []
        for t, row in enumerate(rows):
            local, place = np.eye(4), offset.copy()
            for channel, column in channels:
                if channel.endswith("position"):
                    place["XYZ".index(channel[0])] = row[column]
                else:
                    local[:3, :3] = local[:3, :3] @ Rotation.from_euler(channel[0], row[column], degrees=True).as_matrix()
            local[:3, 3] = place
            worlds.append((np.eye(4) if parents is None else parents[t]) @ local)
        names.append(name)
        tracks.append([w[:3, 3] for w in worlds])
        while word != "}":
            if word == "JOINT":
                node(next(words), worlds)
            else:
                assert (word, next(words)) == ("End", "Site")
                node(f"{name}_end", worlds)
            word = next(words)

    assert next(words) == "HIERARCHY"
    assert next(words) == "ROOT"
    node(next(words), None)
    return names, np.array(tracks).swapaxes(0, 1)


@given(seed=st.integers(0, 2**20), degrees=st.sampled_from([20.0, 90.0, 180.0, 720.0]))
@settings(deadline=None, max_examples=25)
def test_joints_are_those_of_the_slow_reading(seed: int, degrees: float) -> None:
    text = tiny_bvh(tiny_table(4, seed, degrees))
    names, joints = slow_joints(text)
    motion = load(text, unit="cm", up="y")
    assert list(motion.skeleton.joint_names) == names
    np.testing.assert_allclose(motion.joints, joints * 0.01, atol=2e-6)


@pytest.mark.parametrize(
    "channels", ["Xposition Zposition", "Yposition", "Zposition Yposition Xposition", "Xposition Yposition Zposition"]
)
@pytest.mark.parametrize("joint", ["Spine", "LeftHand"])
def test_position_channels_replace_the_offset_on_any_joint(joint: str, channels: str) -> None:
    count = len(channels.split())
    pattern = rf"(JOINT {joint}\s+{{\s+OFFSET [^\n]+\n\s+)CHANNELS 3 "
    text = re.sub(pattern, rf"\1CHANNELS {3 + count} {channels} ", TINY_BVH)
    table = np.concatenate([tiny_table(6), np.random.default_rng(1).uniform(-40, 40, (6, count))], axis=1)
    text = tiny_bvh(table, text=text)
    motion = load(text, unit="cm", up="y")
    assert motion.translations is not None
    np.testing.assert_allclose(motion.joints, slow_joints(text)[1] * 0.01, atol=2e-6)


def test_position_channels_that_repeat_the_offset_are_dropped() -> None:
    text = re.sub(r"(JOINT LeftLeg\s+{\s+OFFSET [^\n]+\n\s+)CHANNELS 3 ", r"\1CHANNELS 6 Xposition Yposition Zposition ", TINY_BVH)
    table = np.insert(tiny_table(3), [9, 9, 9], [[0, -40.0001, 1e-5]], axis=1)
    motion = load(tiny_bvh(table, text=text))
    assert motion.translations is None
    np.testing.assert_allclose(motion.joints, slow_joints(tiny_bvh(table, text=text))[1] * 0.01, atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("\n", "\r"),
        lambda t: t.replace("\n", "\n\n"),
        lambda t: "\ufeff" + t,
        lambda t: t.encode("utf-16"),
        lambda t: t.replace("  ", "\t"),
        lambda t: t.replace("Frames: ", "Frames:\t").replace("Frame Time: ", "Frame Time:\t"),
        lambda t: t.replace("Frames: ", "Frames ").replace("Frame Time: ", "Frame Time "),
        lambda t: t.replace("Frames: ", "Frames :").replace("Frame Time: ", "FrameTime:"),
        lambda t: (
            t.replace("JOINT", "joint").replace("OFFSET", "Offset").replace("End Site", "END SITE").replace("CHANNELS", "channels")
        ),
        lambda t: t.replace("rotation", "Rotation").replace("Xposition", "XPOSITION").replace("MOTION", "Motion"),
        lambda t: re.sub(r"\n\s*{", " {", t),
        lambda t: t.replace("HIERARCHY\n", "# exported\nHIERARCHY\n// by hand\n").replace("MOTION\n", "MOTION\n# five frames\n\n"),
        lambda t: t.replace("OFFSET 0 -40 0", "OFFSET 0.0e0 -4.0E+1 +0.0"),
        lambda t: t.replace("End Site\n", "End Site toe\n"),
        lambda t: t + "\n\n  \n",
        lambda t: t.rstrip("\n"),
        lambda t: t.replace("\nMOTION", "\n  MOTION  "),
    ],
)
def test_what_exporters_write_differently_reads_the_same(change: object) -> None:
    plain = load(tiny_bvh())
    changed = load(change(tiny_bvh()))
    assert changed.skeleton.joint_names == plain.skeleton.joint_names
    assert changed.fps == plain.fps
    np.testing.assert_array_equal(changed.joints, plain.joints)


def test_exponents_in_the_motion_rows() -> None:
    table = tiny_table()
    rows = "\n".join(" ".join(f"{x:.12e}" for x in row) for row in table)
    text = tiny_bvh(table).replace(rows_of(table), rows)
    np.testing.assert_allclose(load(text).joints, load(tiny_bvh(table)).joints, atol=1e-6)


def test_rows_wrapped_over_lines_are_read_by_count_and_noted() -> None:
    table = tiny_table()
    rows = rows_of(table).replace(" ", "\n", 7)
    wrapped = load(tiny_bvh(table).replace(rows_of(table), rows))
    np.testing.assert_array_equal(wrapped.joints, load(tiny_bvh(table)).joints)
    assert any("counting" in n for n in wrapped.notes)
    assert not any("counting" in n for n in load(tiny_bvh(table)).notes)


def test_names_with_blanks_colons_and_accents_stay() -> None:
    text = tiny_bvh().replace("JOINT LeftUpLeg", "JOINT mixamorig:Left  Up-Leg ").replace("JOINT Spine", "JOINT Wirbelsäule")
    names = load(text).skeleton.joint_names
    assert "mixamorig:Left Up-Leg" in names
    assert "Wirbelsäule" in names
    assert "Wirbelsäule" in load(text.encode("latin-1")).skeleton.joint_names


def test_a_name_that_is_there_twice_gets_a_number() -> None:
    motion = load(tiny_bvh().replace("JOINT RightUpLeg", "JOINT LeftUpLeg"), unit="cm", up="y")
    assert "LeftUpLeg_2" in motion.skeleton.joint_names
    assert any("LeftUpLeg_2" in n for n in motion.notes)


def test_end_sites_are_joints_and_those_of_length_zero_are_not() -> None:
    motion = load(tiny_bvh())
    ends = {motion.skeleton.joint_names[i] for i in motion.skeleton.end_sites}
    assert ends == {"LeftFoot_end", "RightFoot_end", "Head_end"}
    assert "Head_end" not in load(tiny_bvh().replace("OFFSET 0 18 0", "OFFSET 0 0 0")).skeleton.joint_names


def test_root_without_position_channels_stays_at_its_offset() -> None:
    text = TINY_BVH.replace("CHANNELS 6 Xposition Yposition Zposition", "CHANNELS 3")
    motion = load(tiny_bvh(tiny_table()[:, 3:], text=text))
    np.testing.assert_allclose(motion.root, [[0, 0.9, 0]] * 5, atol=1e-6)


def test_one_frame_is_enough_and_fps_can_be_given() -> None:
    motion = load(tiny_bvh(tiny_table(1)), fps=50)
    assert (motion.n_frames, motion.fps) == (1, 50)
    assert load(tiny_bvh(tiny_table(1), frame_time="0"), fps=50).fps == 50


ERRORS = {
    "two figures": (
        lambda t: t.replace("\nMOTION", "\n" + t[t.index("ROOT") : t.index("MOTION")] + "MOTION"),
        ["line 94", "second ROOT", "one figure"],
    ),
    "no hierarchy": (lambda t: t.replace("HIERARCHY", "SKELETON"), ["line 1", "HIERARCHY"]),
    "no motion": (lambda t: t[: t.index("MOTION")], ["MOTION", "cut short"]),
    "cut in hierarchy": (lambda t: t[: t.index("End Site")], ["4 joints open", "cut short"]),
    "cut in rows": (lambda t: t[:-60], ["line", "numbers", "expected 45"]),
    "a row missing": (lambda t: "\n".join(t.splitlines()[:-1]), ["4 lines with 180 numbers", "5 frames of 45"]),
    "a row too many": (lambda t: t + t.splitlines()[-1], ["6 lines with 270 numbers", "5 frames of 45"]),
    "absurd frames": (lambda t: t.replace("Frames: 5", "Frames: 999999999"), ["5 lines with 225 numbers", "999,999,999 frames"]),
    "huge frames": (lambda t: t.replace("Frames: 5", "Frames: " + "9" * 5000), ["Frames: '999", "whole number"]),
    "no frames": (lambda t: t.replace("Frames: 5", "Frames: 0"), ["Frames: 0", "at least 1"]),
    "minus frames": (lambda t: t.replace("Frames: 5", "Frames: -5"), ["'-5'", "whole number"]),
    "no frame time": (lambda t: t.replace("Frame Time", "Time"), ["no line Frame Time"]),
    "zero frame time": (lambda t: t.replace("0.0333333", "0"), ["Frame Time", "fps"]),
    "nan frame time": (lambda t: t.replace("0.0333333", "nan"), ["Frame Time", "fps"]),
    "extra brace": (lambda t: t.replace("\nMOTION", "\n}\nMOTION"), ["line 94", "without an open joint"]),
    "no brace": (lambda t: t.replace("LeftUpLeg\n  {", "LeftUpLeg\n"), ["line 8", "OFFSET outside braces"]),
    "no offset": (lambda t: t.replace("    OFFSET 9 -5 0\n", ""), ["'LeftUpLeg' without OFFSET"]),
    "two offsets": (lambda t: t.replace("OFFSET 9 -5 0\n", "OFFSET 9 -5 0\nOFFSET 9 -5 0\n"), ["second OFFSET"]),
    "short offset": (lambda t: t.replace("OFFSET 9 -5 0", "OFFSET 9 -5"), ["line 8", "three"]),
    "long offset": (lambda t: t.replace("OFFSET 9 -5 0", "OFFSET 9 -5 0 7"), ["line 8", "'7'"]),
    "nan offset": (lambda t: t.replace("OFFSET 9 -5 0", "OFFSET 9 nan 0"), ["line 8", "finite"]),
    "infinite offset": (lambda t: t.replace("OFFSET 9 -5 0", "OFFSET 9 1e999 0"), ["line 8", "below"]),
    "unknown channel": (lambda t: t.replace("CHANNELS 1 Xrotation", "CHANNELS 1 Xscale"), ["line", "Xscale", "channel names"]),
    "channel count": (lambda t: t.replace("CHANNELS 2 Xrotation", "CHANNELS 3 Xrotation"), ["CHANNELS 3 Xrotation Yrotation"]),
    "same channel": (
        lambda t: t.replace("Xposition Yposition Zposition", "Xposition Xposition Zposition"),
        ["at most one of each position"],
    ),
    "four rotations": (
        lambda t: t.replace("CHANNELS 1 Xrotation", "CHANNELS 4 Xrotation Yrotation Zrotation Xrotation"),
        ["three rotations"],
    ),
    "channels twice": (lambda t: t.replace("CHANNELS 1 Xrotation", "CHANNELS 1 Xrotation\nCHANNELS 1 Xrotation"), ["once in a joint"]),
    "channels at the end": (lambda t: t.replace("OFFSET 0 18 0", "OFFSET 0 18 0\nCHANNELS 1 Xrotation"), ["End Site"]),
    "joint in end site": (
        lambda t: t.replace("OFFSET 0 18 0", "OFFSET 0 18 0\nJOINT more\n{\nOFFSET 0 0 0\n}"),
        ["inside an End Site"],
    ),
    "nameless joint": (lambda t: t.replace("JOINT Spine", "JOINT"), ["without a name"]),
    "joint before root": (lambda t: t.replace("ROOT Hips", "JOINT Hips"), ["outside a ROOT"]),
    "words": (lambda t: t.replace("JOINT Spine", "BONE Spine"), ["BONE Spine"]),
    "nan in rows": (lambda t: t[: t.rindex(" ")] + " nan\n", ["nan", "line"]),
    "infinity in rows": (lambda t: t[: t.rindex(" ")] + " 1e400\n", ["inf", "frame 4, column 44"]),
    "absurd value": (lambda t: t[: t.rindex(" ")] + " 1e12\n", ["1e+12", "frame 4, column 44"]),
    "a word in rows": (lambda t: t[: t.rindex(" ")] + " --\n", ["'--'", "number"]),
    "decimal commas": (lambda t: t[: t.index("0.0333333") + 10] + t[t.index("0.0333333") + 10 :].replace(".", ","), ["decimal points"]),
    "too small": (
        lambda t: re.sub(r"OFFSET (\S+) (\S+) (\S+)", lambda m: "OFFSET " + " ".join(str(float(g) / 8) for g in m.groups()), t),
        ["leg", "--unit"],
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_where_and_what(case: str) -> None:
    change, parts = ERRORS[case]
    text = change(tiny_bvh())
    assert text != tiny_bvh()
    with pytest.raises(FormatError) as error:
        load(text)
    message = str(error.value)
    assert message.startswith("a.bvh")
    assert "\n" not in message
    for part in parts:
        assert part in message, message


@pytest.mark.parametrize("depth", [2_001, 200_000])
def test_depth_costs_neither_recursion_nor_time(depth: int) -> None:
    text = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n" + "".join(f"JOINT j{i}\n{{\nOFFSET 0 1 0\n" for i in range(depth)) + "}" * (depth + 1)
    with pytest.raises(FormatError, match="more than 2000 joints"):
        load(text + "\nMOTION\nFrames: 1\nFrame Time: 0.1\n0\n")


def test_a_deep_chain_within_the_limit_reads() -> None:
    depth = 1_900
    text = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\n"
    text += "".join(f"JOINT j{i}\n{{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\n" for i in range(depth)) + "}" * (depth + 1)
    motion = load(text + "\nMOTION\nFrames: 1\nFrame Time: 0.1\n" + "0 " * (depth + 1), unit="cm", up="y")
    assert motion.joints[0, -1, 1] == pytest.approx(19.0, rel=1e-4)


def test_unit_and_axis_of_the_sample_are_inferred_and_reported() -> None:
    motion = read(source_of(tiny_bvh(), "a.bvh"), OPTIONS)
    assert any("centimetres inferred from a leg of 0.81 m" in n for n in motion.notes)
    assert any("30 frames a second" in n for n in motion.notes)


def test_a_figure_that_is_no_person_needs_unit_and_axis_to_be_said() -> None:
    text = "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\nJOINT b\n{\nOFFSET 0 100 0\nCHANNELS 1 Xrotation\n}\n}\n"
    text += "MOTION\nFrames: 1\nFrame Time: 0.1\n10 20\n"
    with pytest.raises(FormatError, match="--up"):
        load(text)
    with pytest.raises(FormatError, match="--unit"):
        load(text.replace("100", "500"), up="y")
    assert load(text, unit="cm", up="y").n_frames == 1
