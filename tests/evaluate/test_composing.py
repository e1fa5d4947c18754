"""Sequences of texts: parts are cut where texts change, a jump at a seam is seen, and real motion stands beside by chance."""

import numpy as np
import pytest

from kinelang.corpora.base import Caption, Record, RecordList, features_of
from kinelang.errors import KinelangError
from kinelang.evaluate.composing import (
    ANYWHERE,
    FOLDS,
    JUMPS,
    MEASURES,
    SEAMS,
    anywhere,
    at_seams,
    compose,
    cut_up,
    of_records,
    parts_of,
    usual_range,
    windows,
)
from kinelang.evaluate.generation import REAL, Replications
from kinelang.evaluate.generators import Made, performed, truth
from kinelang.evaluate.prompts import Prompt, Segment, compositions, compositions_of
from kinelang.motion.motion import Motion
from kinelang.motion.skeletons import SKELETONS

SEQUENCES = compositions(8, stages=(2, 3))


class Pace:
    """A judge that looks at how fast a figure goes, and at no text."""

    identity, width = "pace@0", 2

    def encode_texts(self, texts):
        return np.zeros((len(texts), 2))

    def encode_features(self, features):
        return np.array([[float(np.abs(clip[:-1, 2]).mean()), 1.0] for clip in features])


def going(speed: float, frames: int = 20) -> Motion:
    """A stick of 22 joints that goes ahead by `speed` centimetres a frame."""
    rest = np.concatenate([[[0, 1, 0]], SKELETONS["smpl22"].offsets[1:]]).astype(float)
    for joint, parent in enumerate(SKELETONS["smpl22"].parents[1:], start=1):
        rest[joint] += rest[parent]
    path = np.zeros((frames, 1, 3))
    path[:, 0, 2] = 0.01 * speed * np.arange(frames)
    return Motion(SKELETONS["smpl22"], 20.0, positions=rest + path)


def swinging(seed: int, frames: int = 200) -> Motion:
    """The stick with a hand that swings slowly, faster and slower."""
    joints = np.array(going(1, frames).joints, dtype=float)
    rng = np.random.default_rng(seed)
    pace = np.interp(np.arange(frames), np.linspace(0, frames, 9), rng.uniform(0.5, 2.0, 9))
    joints[:, 21, 0] += 0.2 * np.sin(np.cumsum(pace) / 10)
    return Motion(SKELETONS["smpl22"], 20.0, positions=joints)


def test_parts_are_cut_where_texts_change() -> None:
    for prompt, motion in zip(SEQUENCES, truth().generate(SEQUENCES, 0), strict=True):
        parts = cut_up(prompt, motion)
        assert [part.n_frames / 20 for part in parts] == pytest.approx([s.end_s - s.start_s for s in prompt.segments], abs=0.051)
        assert np.array_equal(np.concatenate([part.joints for part in parts]), motion.joints[: sum(p.n_frames for p in parts)])
    assert len(parts_of(SEQUENCES)) == sum(len(p.segments) for p in SEQUENCES)
    assert len({p.name for p in parts_of(SEQUENCES)}) == len(parts_of(SEQUENCES))


def test_what_ends_early_is_held() -> None:
    prompt = Prompt("", 3.0, segments=(Segment("a", 0, 1), Segment("b", 1, 1.1), Segment("c", 1.1, 3)))
    parts = cut_up(prompt, going(3, 25))
    assert [part.n_frames for part in parts] == [20, 10, 38]
    assert np.array_equal(parts[2].joints[-1], going(3, 25).joints[-1])


def test_recordings_of_sequences_are_cut_from_their_start() -> None:
    texts = (Caption("walks", 1.0, 2.0), Caption("turns", 2.0, 3.5))
    record = Record("a", "val", texts, load_motion=lambda: going(2, 100))
    pairs = list(compositions_of(RecordList([record]), "val"))
    (motion,) = of_records(pairs).generate([prompt for prompt, _ in pairs], 0)
    assert np.array_equal(motion.joints, going(2, 100).joints[20:70])


# --- seams


def test_windows_are_those_about_each_place_by_hand() -> None:
    motion = swinging(0, 40)
    joints, every = motion.joints.astype(float), windows(motion.joints, 20.0)
    assert every.shape == (40 - 10 + 1, 3)
    for start in (0, 7, 30):
        piece = joints[start : start + 10]
        by_hand = [20.0**k * np.linalg.norm(np.diff(piece, k, axis=0), axis=-1).max() for k in (1, 2, 3)]
        np.testing.assert_allclose(every[start], by_hand)
    assert windows(motion.joints[:9], 20.0).shape == (0, 3)
    assert windows(motion.joints, 40.0).shape == (40 - 20 + 1, 3)


def test_one_hand_that_jumps_is_seen_at_its_seam_alone() -> None:
    joints = np.array(going(1, 100).joints)
    joints[40:, 21, 1] += 0.3  # of 22 joints
    prompt = Prompt("", 5.0, segments=(Segment("a", 0, 1), Segment("b", 1, 2), Segment("c", 2, 5)), name="p")
    rows, groups = at_seams([prompt], [Motion(SKELETONS["smpl22"], 20.0, positions=joints)])
    assert groups == ["p", "p"]
    assert rows[:, 0] == pytest.approx([0.2, np.hypot(0.2, 6.0)], rel=1e-3), "m/s: a centimetre a frame, and 30"


def test_windows_stay_in_the_motion_and_seams_after_its_end_are_left_out() -> None:
    prompt = Prompt(
        "", 5.0, segments=(Segment("a", 0, 0.1), Segment("b", 0.1, 1.9), Segment("c", 1.9, 3), Segment("d", 3, 5)), name="p"
    )
    rows, _ = at_seams([prompt], [going(1, 40)])
    assert rows[:, 0] == pytest.approx([0.2, 0.2], rel=1e-3)
    assert len(at_seams([prompt], [going(1, 9)])[0]) == 0, "shorter than a window"


def test_a_jump_at_the_seam_is_out_of_range() -> None:
    usual = [swinging(seed) for seed in range(12)]
    jumps = Made("jumps", "jumps@0", {}, lambda p, s: _jumping(truth().generate([p], s)[0], p))
    how, judges = Replications(2), {"pace": Pace()}
    judged = {one.name: one for one in compose([performed(), jumps], SEQUENCES, judges, truth(), usual, how, rounds=20)}
    assert list(judged) == [REAL, "performed", "jumps", ANYWHERE]
    seams = judged["jumps"].figures[SEAMS]
    assert seams["jerk out of range"].value == seams[JUMPS].value == 1.0
    assert seams["speed, m/s"].value > 5 * judged[REAL].figures[SEAMS]["speed, m/s"].value
    assert judged["performed"].figures["pace"].keys() >= {"MM-Dist", "FID"}
    assert judged["jumps"].more[SEAMS] == {"asked": 12, "there": 12}
    assert judged["jumps"].more["usual"] == {"percentile": 95, **usual_range(usual)}


def _jumping(motion: Motion, prompt: Prompt) -> Motion:
    joints = np.array(motion.joints)
    for segment in prompt.segments[1:]:
        joints[round(segment.start_s * 20) :, :, 0] += 1.0
    return Motion(SKELETONS["smpl22"], 20.0, positions=joints)


def test_what_is_usual_is_usual() -> None:
    assert usual_range([going(10, 60)])["speed, m/s"] == pytest.approx(2.0, rel=1e-3)
    with pytest.raises(KinelangError, match=r"none of 0.5 s"):
        usual_range([going(1, 9)])


def test_one_in_twenty_places_of_other_recordings_is_out_of_range() -> None:
    (row,) = anywhere([swinging(seed, 400) for seed in range(60)], rounds=0)
    assert row.about == {"recordings": 60, "windows": 60 * 391}
    for name in MEASURES:
        assert row.figures[SEAMS][name.partition(",")[0] + " out of range"].value == pytest.approx(0.05, abs=0.015)
    assert 0.05 <= row.figures[SEAMS][JUMPS].value < 0.12


def test_a_recording_never_widens_its_own_range() -> None:
    wild = going(50, 200)
    motions = [swinging(seed) for seed in range(FOLDS)] + [wild, wild]
    (row,) = anywhere(motions, [*map(str, range(FOLDS)), "wild", "wild"], rounds=0)
    share = 2 * 191 / row.about["windows"]
    assert row.about["recordings"] == FOLDS + 1
    assert row.figures[SEAMS]["speed out of range"].value >= share
    assert anywhere(motions[-2:], ["wild", "wild"]) == [], "one recording has no others"


def test_sequences_of_ten() -> None:
    (prompt,) = compositions(1, stages=(10,))
    (motion,) = performed().generate([prompt], 0)
    rows, _ = at_seams([prompt], [motion])
    assert len(prompt.segments) == 10
    assert rows.shape == (9, 3)
    assert len(features_of(cut_up(prompt, motion)[9])) > 0
