"""Acclaim files: against a reading with matrices bone by bone, as the format's description has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from format_samples import TINY_ASF, source_of, tiny_amc
from scipy.spatial.transform import Rotation

from kinelang.errors import FormatError
from kinelang.formats import load
from kinelang.formats.asf import parse_asf
from kinelang.formats.asfamc import read
from kinelang.formats.base import ReadOptions
from kinelang.motion.motion import Motion

CMU_UNIT = 0.0254 / 0.45


def load_pair(amc: str, asf: str = TINY_ASF, **options: object) -> Motion:
    return read(source_of(amc, "01_02.amc", {"01.asf": asf.encode()}), ReadOptions(**options))


def slow_bone_ends(asf: str, amc: str) -> dict[str, np.ndarray]:
    """End of each bone over time in file units: world rotation = parent's · C R C⁻¹."""
    bones = parse_asf(asf.encode(), "asf").bones
    parents = parse_asf(asf.encode(), "asf").parents
    ends: dict[str, list[np.ndarray]] = {b: [] for b in bones}
    poses: list[dict[str, list[float]]] = []
    for words in map(str.split, amc.split(":DEGREES\n")[1].splitlines()):
        if len(words) == 1:
            poses.append({})
        else:
            poses[-1][words[0]] = [float(w) for w in words[1:]]
    for pose in poses:
        root = pose["root"]
        world = {"root": Rotation.from_euler("xyz", root[3:], degrees=True).as_matrix()}  # lower case: about fixed axes, X first
        end = {"root": np.array(root[:3])}
        for name, bone in bones.items():
            frame = Rotation.from_euler("xyz", bone.axis, degrees=True).as_matrix()
            angles = dict(zip(bone.dof, pose.get(name, []), strict=True))
            turn = Rotation.from_euler("xyz", [angles.get(d, 0.0) for d in ("rx", "ry", "rz")], degrees=True).as_matrix()
            world[name] = world[parents[name]] @ frame @ turn @ frame.T
            end[name] = end[parents[name]] + world[name] @ bone.vector
            ends[name].append(end[name])
    return {name: np.array(path) for name, path in ends.items()}


@pytest.mark.parametrize("seed", range(3))
def test_bones_end_where_the_slow_reading_has_them(seed: int) -> None:
    amc = tiny_amc(4, seed)
    motion = load_pair(amc)
    skeleton = motion.skeleton
    for name, path in slow_bone_ends(TINY_ASF, amc).items():
        joint = skeleton.index(name)
        children = skeleton.children[joint]
        assert children
        for child in children:  # a bone's end is the start of each child
            np.testing.assert_allclose(motion.joints[:, child], path * CMU_UNIT, atol=2e-6)


def test_joints_stand_at_bone_starts_and_rest_rotations_are_the_identity() -> None:
    amc = (
        tiny_amc(1).split(":DEGREES\n")[0]
        + ":DEGREES\n1\n"
        + "".join(f"{line.split()[0]} {' '.join('0' * (len(line.split()) - 1))}\n" for line in tiny_amc(1).splitlines()[4:])
    )
    motion = load_pair(amc)
    np.testing.assert_allclose(motion.rotations, np.tile([1, 0, 0, 0], (1, motion.skeleton.n_joints, 1)), atol=1e-7)
    np.testing.assert_allclose(motion.joints[0], motion.skeleton.rest_positions, atol=1e-6)
    assert motion.skeleton.joint_names[:5] == ("root", "lhipjoint", "lfemur", "ltibia", "lfoot")
    assert "lfoot_end" in motion.skeleton.joint_names


def test_radians_and_other_orders() -> None:
    amc = tiny_amc(2)
    numbers = [line if len(line.split()) == 1 or line[0] in "#:" else to_radians(line) for line in amc.splitlines()]
    radians = "\n".join(numbers).replace(":DEGREES", ":RADIANS") + "\n"
    np.testing.assert_allclose(load_pair(radians).joints, load_pair(amc).joints, atol=1e-5)
    swapped = TINY_ASF.replace("order TX TY TZ RX RY RZ", "order RX RY RZ TX TY TZ")
    lines = [f"root {' '.join(w[4:] + w[1:4])}" if (w := line.split())[0] == "root" else line for line in amc.splitlines()]
    np.testing.assert_allclose(load_pair("\n".join(lines), swapped).joints, load_pair(amc).joints, atol=1e-6)


def to_radians(line: str) -> str:
    name, *words = line.split()
    fixed = 3 if name == "root" else 0
    return " ".join([name, *words[:fixed], *(repr(float(np.radians(float(w)))) for w in words[fixed:])])


def test_the_axis_order_of_the_root_counts() -> None:
    amc = tiny_amc(1)
    zyx = load_pair(amc, TINY_ASF.replace("   axis XYZ\n", "   axis ZYX\n"), up="y")
    root = [float(w) for w in next(line for line in amc.splitlines() if line.startswith("root")).split()[4:]]
    expected = Rotation.from_euler("zyx", root[::-1], degrees=True).as_quat()
    found = np.roll(zyx.rotations[0, 0], -1)
    assert abs(np.dot(found, expected)) == pytest.approx(1, abs=1e-6)


def test_frame_rate_unit_and_skeleton_are_reported() -> None:
    motion = load_pair(tiny_amc())
    assert motion.fps == 120
    assert "frame rate not in the file: 120" in " ".join(motion.notes)
    assert "1/0.45 inch" in " ".join(motion.notes)
    assert "01.asf" in " ".join(motion.notes)
    assert load_pair(tiny_amc(), fps=60).fps == 60
    metres = load_pair(tiny_amc(), TINY_ASF.replace("length 0.45", "length 1.0"), unit="cmu")
    np.testing.assert_allclose(metres.joints, motion.joints, atol=1e-6)


def test_a_skeleton_in_another_unit_is_inferred() -> None:
    scaled = "\n".join(
        f"    length {float(line.split()[1]) * 5.644}" if line.startswith("    length") else line for line in TINY_ASF.splitlines()
    )
    motion = load_pair(tiny_amc(), scaled)
    assert any("centimetres inferred" in n for n in motion.notes)


def test_the_skeleton_beside_is_found(tmp_path: Path) -> None:
    (tmp_path / "01_02.amc").write_text(tiny_amc())
    with pytest.raises(FormatError, match=r"0 skeleton files.*--asf"):
        load(tmp_path / "01_02.amc")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "s.asf").write_text(TINY_ASF)
    assert load(tmp_path / "01_02.amc", skeleton_file=tmp_path / "elsewhere" / "s.asf").n_frames == 4
    (tmp_path / "any.asf").write_text(TINY_ASF)
    assert "any.asf" in load(tmp_path / "01_02.amc").notes[0]  # the only one there
    (tmp_path / "02.asf").write_text("x")
    with pytest.raises(FormatError, match="2 skeleton files"):
        load(tmp_path / "01_02.amc")
    (tmp_path / "01.ASF").write_text(TINY_ASF)
    assert "01.ASF" in load(tmp_path / "01_02.amc").notes[0]
    with pytest.raises(FormatError, match="skeleton without motion"):
        load(tmp_path / "01.ASF")


AMC_ERRORS = {
    "unknown joint": (lambda t: t.replace("lradius", "tail", 1), ["line 14", "'tail'", "lradius"]),
    "joint without freedom": (lambda t: t.replace("lradius", "lhipjoint", 1), ["line 14", "'lhipjoint'"]),
    "too few numbers": (lambda t: t.replace("ltibia ", "ltibia\nx ", 1), ["line 7", "0 numbers for ltibia"]),
    "too many numbers": (lambda t: t.replace("ltibia ", "ltibia 3 ", 1), ["line 7", "2 numbers for ltibia", "expected 1"]),
    "a bone missing": (lambda t: "\n".join(x for i, x in enumerate(t.splitlines()) if i != 7) + "\n", ["no line for lfoot"]),
    "a bone twice": (lambda t: t.replace("\nltibia", "\nlfoot 1 2\nltibia", 1), ["line 9", "'lfoot' twice"]),
    "cut short": (lambda t: "\n".join(t.splitlines()[:-3]), ["last frame", "cut short"]),
    "no frame": (lambda t: "\n".join(t.splitlines()[:3]), ["frame number"]),
    "no frame number": (lambda t: t.replace("DEGREES\n1\n", "DEGREES\n"), ["line 4", "frame number"]),
    "nan": (lambda t: t.replace("ltibia ", "ltibia nan\nx", 1).split("\nx")[0] + "\n" + "\n".join(t.splitlines()[7:]), ["nan"]),
    "absurd": (lambda t: t.replace("\nroot 1.0", "\nroot 1e20", 1), ["root", "1e+20"]),
    "a word": (lambda t: t.replace("\nroot 1.0", "\nroot one", 1), ["root", "'one'"]),
    "another order": (lambda t: swap_lines(t), ["another order"]),
}


def swap_lines(text: str) -> str:
    lines = text.splitlines()
    last = len(lines)
    lines[last - 1], lines[last - 2] = lines[last - 2], lines[last - 1]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", AMC_ERRORS)
def test_amc_errors_say_where(case: str) -> None:
    change, parts = AMC_ERRORS[case]
    with pytest.raises(FormatError) as error:
        load_pair(change(tiny_amc()))
    for part in ["01_02.amc", *parts]:
        assert part in str(error.value), str(error.value)


ASF_ERRORS = {
    "no bones": (lambda t: t[: t.index(":bonedata")], ["no bones"]),
    "unknown child": (lambda t: t.replace("    ltibia lfoot", "    ltibia tail"), ["'tail'", "line"]),
    "unknown parent": (lambda t: t.replace("    ltibia lfoot", "    tail lfoot"), ["'tail'", "line"]),
    "two parents": (lambda t: t.replace("    ltibia lfoot", "    ltibia lfoot\n    rtibia lfoot"), ["two parents"]),
    "loose bone": (lambda t: t.replace("    ltibia lfoot\n", ""), ["'lfoot' not below the root"]),
    "circle": (lambda t: t.replace("    lhipjoint lfemur\n", "    lfoot lfemur\n"), ["not below the root"]),
    "name twice": (lambda t: t.replace("name ltibia", "name lfemur"), ["'lfemur'", "line"]),
    "no name": (lambda t: t.replace("    name ltibia\n", ""), ["''", "line"]),
    "bone root": (lambda t: t.replace("name ltibia", "name root"), ["'root'"]),
    "bad direction": (lambda t: t.replace("direction 0.6 -0.8 0", "direction 0.6 x 0"), ["line", "3 finite numbers"]),
    "infinite length": (lambda t: t.replace("length 2.5", "length inf", 1), ["1 finite number"]),
    "zero unit": (lambda t: t.replace("length 0.45", "length 0"), ["positive"]),
    "bad axis": (lambda t: t.replace("axis 0 0 20 XYZ", "axis 0 0 20 XXZ", 1), ["'XXZ'"]),
    "sliding bone": (lambda t: t.replace("dof rx rz", "dof rx tz", 1), ["dof rx tz", "slide"]),
    "turned root": (lambda t: t.replace("orientation 0 0 0", "orientation 0 90 0"), ["orientation 0 0 0"]),
    "bad order": (lambda t: t.replace("order TX", "order QX"), ["order QX"]),
    "no begin": (lambda t: t.replace("  begin\n    id 1\n", "    id 1\n"), ["begin"]),
}


@pytest.mark.parametrize("case", ASF_ERRORS)
def test_asf_errors_say_where(case: str) -> None:
    change, parts = ASF_ERRORS[case]
    with pytest.raises(FormatError) as error:
        load_pair(tiny_amc(), change(TINY_ASF))
    for part in ["01.asf", *parts]:
        assert part in str(error.value), str(error.value)
