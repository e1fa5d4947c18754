"""What every format of the table has to keep. A new line in FORMATS is tested by this file as it stands.

A format needs a sample in `format_samples.valid_samples`; a writable one also comes back from its own writer.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from format_samples import npy_bytes, npz_bytes, source_of, tiny_bvh, valid_samples, walk

from kinelang.errors import FormatError, KinelangError, MotionError
from kinelang.formats import FORMATS, Format, ReadOptions, detect, load, read_source, save
from kinelang.motion.motion import Motion
from kinelang.motion.ops import resample
from kinelang.motion.scale import leg_length

SAMPLES = valid_samples()
every_format = pytest.mark.parametrize("name", FORMATS)
every_sample = pytest.mark.parametrize("sample", SAMPLES)
WRITABLE = [name for name, f in FORMATS.items() if f.write is not None]


def read_sample(sample: str, **options: object) -> Motion:
    _, data, neighbours = SAMPLES[sample]
    return read_source(source_of(data, sample, neighbours), ReadOptions(**options))


@every_format
def test_the_table_is_well_formed(name: str) -> None:
    entry = FORMATS[name]
    assert isinstance(entry, Format)
    assert entry.name == name
    assert all(s.startswith(".") and s == s.lower() for s in entry.suffixes)
    assert entry.description
    assert "\n" not in entry.description
    others = [s for f in FORMATS.values() if f is not entry for s in f.suffixes]
    assert not set(entry.suffixes) & set(others)
    assert any(SAMPLES[s][0] == name for s in SAMPLES), "a sample of each format"


@every_sample
def test_a_sample_reads_to_a_person_in_metres_with_y_up(sample: str) -> None:
    motion = read_sample(sample)
    assert 0.75 < leg_length(motion.joints, motion.skeleton) < 0.95
    names = motion.skeleton.joint_names
    head = next(i for i, n in enumerate(names) if n.lower() in ("head", "bun"))
    assert motion.joints[:, head, 1].mean() > motion.joints[..., 1].min(axis=1).mean() + 1.0
    assert motion.name == Path(sample).stem
    assert motion.source == sample
    assert all(note and "\n" not in note for note in motion.notes)


@every_sample
def test_content_decides_and_a_wrong_suffix_is_noted(sample: str) -> None:
    name, data, neighbours = SAMPLES[sample]
    assert [f.name for f in FORMATS.values() if f.sniff(data[:4096], sample)] == [name]
    assert detect(source_of(data, sample))[1] is None
    for wrong in (s for f in FORMATS.values() if f.name != name for s in f.suffixes):
        entry, note = detect(source_of(data, f"01_01{wrong}"))
        assert entry.name == name
        assert note is not None
        assert name in note
        motion = read_source(source_of(data, f"01_01{wrong}", neighbours))
        assert note in motion.notes
        np.testing.assert_array_equal(motion.joints, read_sample(sample).joints)
    assert detect(source_of(data, "no_suffix"))[0].name == name


@every_sample
def test_unit_axis_and_rate_can_be_given(sample: str) -> None:
    base = read_sample(sample)
    assert read_sample(sample, fps=77.0).fps == 77
    turned = read_sample(sample, up="x", unit=1.0)
    plain = read_sample(sample, up="y", unit=1.0)
    ratio = leg_length(plain.joints, plain.skeleton) / leg_length(base.joints, base.skeleton)
    np.testing.assert_allclose(turned.joints[..., 1], plain.joints[..., 0], atol=2e-5 * ratio)
    np.testing.assert_allclose(turned.joints[..., 0], -plain.joints[..., 1], atol=2e-5 * ratio)
    doubled = read_sample(sample, up="y", unit=2.0)
    np.testing.assert_allclose(doubled.joints, 2 * plain.joints, atol=3e-5 * ratio)
    for options in ({"unit": "ell"}, {"up": "sideways"}):
        with pytest.raises(FormatError, match="one of"):
            read_sample(sample, **options)


@every_sample
@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 1e6])
def test_an_impossible_rate_is_declined(sample: str, fps: float, tmp_path: Path) -> None:
    (tmp_path / sample).write_bytes(SAMPLES[sample][1])
    with pytest.raises(FormatError, match="fps"):
        load(tmp_path / sample, fps=fps)


@every_sample
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.8, 0.97])
def test_a_truncated_file_is_an_error_of_one_line(sample: str, share: float) -> None:
    _, data, neighbours = SAMPLES[sample]
    with pytest.raises(FormatError) as error:
        read_source(source_of(data[: max(1, int(len(data) * share))], sample, neighbours))
    message = str(error.value)
    assert sample in message
    assert "\n" not in message
    assert len(message) < 700


@every_format
@pytest.mark.parametrize("content", [b"\x00" * 100, b"hello\n" * 20, b"\xff\xd8\xff\xe0" * 30, b" \n \n", "Größe".encode()])
def test_a_mislabelled_file_is_an_error(name: str, content: bytes) -> None:
    for suffix in FORMATS[name].suffixes:
        with pytest.raises(FormatError):
            read_source(source_of(content, f"a{suffix}"))


def test_an_unknown_file_lists_the_known_formats() -> None:
    with pytest.raises(FormatError) as error:
        read_source(source_of(b"hello", "a.txt"))
    for entry in FORMATS.values():
        assert entry.suffixes[0] in str(error.value)


@pytest.mark.parametrize("name", WRITABLE)
def test_write_then_read_is_the_identity(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
    motion = walk()
    save(motion, path)
    first = load(path)
    order = [first.skeleton.index(n) for n in motion.skeleton.joint_names]
    np.testing.assert_allclose(first.joints[:, order], motion.joints, atol=1e-5)
    again = tmp_path / f"b{FORMATS[name].suffixes[0]}"
    save(first, again)
    second = load(again)
    assert (second.fps, second.skeleton.joint_names) == (first.fps, first.skeleton.joint_names)
    np.testing.assert_allclose(second.joints, first.joints, atol=1e-5)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, again.name])


@pytest.mark.parametrize("name", WRITABLE)
def test_every_sample_that_a_format_can_hold_comes_back(name: str, tmp_path: Path) -> None:
    for sample in SAMPLES:
        motion = read_sample(sample)
        if name == "npy":
            motion = resample(motion, 12.5 if motion.skeleton.name == "kit21" else 20.0)
        path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
        try:
            save(motion, path)
        except MotionError:
            assert not motion.has_rotations
            continue
        again = load(path, up="y")
        if again.skeleton.same_tree(motion.skeleton):
            np.testing.assert_allclose(again.joints, motion.joints, atol=1e-5)


@every_format
def test_writing_what_cannot_be_written_leaves_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{FORMATS[name].suffixes[0]}"
    if FORMATS[name].write is None:
        with pytest.raises(FormatError, match="only reads"):
            save(walk(), path)
    else:
        with pytest.raises(FormatError, match="option"):
            save(walk(), path, colour="red")
        with pytest.raises(FormatError, match="cannot be written"):
            save(walk(), tmp_path / "nowhere" / path.name)
        with pytest.raises(MotionError, match="a Motion"):
            save("walk", path)
    assert not list(tmp_path.iterdir())


def test_saving_by_suffix_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"one of \.bvh, \.npy"):
        save(walk(), tmp_path / "a.fbx")
    (tmp_path / "a.zip").write_bytes(b"x")
    with pytest.raises(FormatError, match="inside an archive"):
        save(walk(), tmp_path / "a.zip" / "b.bvh")


def test_errors_of_motion_and_skeleton_carry_the_file_name() -> None:
    arrays = {"poses": np.zeros((3, 66)), "trans": np.zeros((3, 3)), "mocap_framerate": np.array(99999.0)}
    with pytest.raises(FormatError, match=r"a\.npz"):
        read_source(source_of(npz_bytes(arrays), "a.npz"))


def test_no_reader_allows_pickles() -> None:
    """np.load and pickle are not called anywhere in the package."""
    import kinelang.formats as package

    for file in Path(inspect.getfile(package)).parent.glob("*.py"):
        tree = ast.parse(file.read_text())
        calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert not [c for c in calls if c in ("np.load", "pickle.load", "pickle.loads", "eval", "exec")], file.name


def test_mislabelled_arrays_and_texts_read_by_content() -> None:
    motion = read_source(source_of(npy_bytes(walk().joints), "walk.bvh"))
    assert motion.skeleton.name == "smpl22"
    motion = read_source(source_of(tiny_bvh(), "walk.npz"))
    assert any("read by its content" in n for n in motion.notes)
    with pytest.raises(KinelangError):
        read_source(source_of(b"", "walk.bvh"))
