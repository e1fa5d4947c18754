"""Feet stay planted, nothing is below the ground, nobody floats; what is clean stays as it is."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from kinelang.corpora import open_corpus
from kinelang.errors import MotionError
from kinelang.motion.contacts import follow_feet
from kinelang.motion.motion import Motion
from kinelang.motion.ops import canonicalise, resample, transform
from kinelang.motion.planting import Planting, plant
from kinelang.motion.reflection import mirror
from kinelang.motion.samples import sample
from kinelang.motion.skeletons import COCO17, SMPL22
from kinelang.timeline import Stage, Timeline, perform, random_timeline
from shared_data import shared
from synthetic import random_motion

SEEDS = range(12)
LEGS = ((1, 4, 7, 10), (2, 5, 8, 11))
UP = np.array((0.0, 1.0, 0.0))


def performed(seed):
    return perform(random_timeline(seed), seed)


def doing(verb, seconds=4.0, seed=0, **fields):
    return perform(Timeline((Stage(0.5, 0.5 + seconds, verb, **fields),)), seed)


def noise(shape, fps, rng, seconds):
    """Smooth noise of variance 1 that changes over about so many seconds."""
    sigma = seconds * fps
    margin = int(4 * sigma) + 1
    one = np.zeros(4 * margin + 1)
    one[2 * margin] = 1
    size = np.sqrt((gaussian_filter1d(one, sigma) ** 2).sum())
    return gaussian_filter1d(rng.normal(size=(shape[0] + 2 * margin, *shape[1:])), sigma, axis=0)[margin : margin + shape[0]] / size


def spoilt(motion, seed=0, jitter_m=0.015, drift_m=0.03):
    """The motion as a poor generator gives it: joints that wander, feet that drift, a body that goes up and down. No rotations."""
    rng = np.random.default_rng(seed)
    joints = motion.joints.astype(float)
    joints = joints + jitter_m / np.sqrt(3) * noise(joints.shape, motion.fps, rng, 0.1)
    for _, knee, ankle, toe in LEGS:
        drift = drift_m * noise((len(joints), 3), motion.fps, rng, 0.4) * (1, 0.4, 1)
        joints[:, [ankle, toe]] += drift[:, None]
        joints[:, knee] += 0.5 * drift
    joints += 0.5 * drift_m * noise((len(joints), 1, 1), motion.fps, rng, 0.6) * UP
    return Motion(motion.skeleton, motion.fps, positions=joints, name=motion.name)


def lengths(motion):
    """Thighs and shanks, (T, 4)."""
    j = motion.joints.astype(float)
    pairs = [(a, b) for leg in LEGS for a, b in (leg[:2], leg[1:3])]
    return np.stack([np.linalg.norm(j[:, a] - j[:, b], axis=1) for a, b in pairs], axis=1)


def change_m(a, b):
    return np.linalg.norm(a.joints.astype(float) - b.joints, axis=-1)


def positions_only(motion):
    return Motion(SMPL22, motion.fps, positions=motion.joints, name=motion.name)


# Gentle


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_motion_stays_as_it_is(seed):
    motion = performed(seed)
    after, report = plant(motion)
    assert change_m(motion, after).mean() < 0.003
    assert change_m(motion, after).max() < 0.05
    assert report.mean_change_cm == pytest.approx(100 * change_m(motion, after).mean(), abs=1e-3)
    assert report.below_before == report.below_after == 0


def test_real_motions_change_by_less_than_a_centimetre_on_average():
    folder = shared("cmu_captions.json").parent
    motions = [canonicalise(record.motion()) for record in open_corpus("cmu", folder).records("val")]
    changes = [change_m(motion, plant(motion)[0]).mean() for motion in motions]
    assert np.mean(changes) < 0.006
    assert max(changes) < 0.025


@pytest.mark.parametrize("seed", SEEDS)
def test_twice_is_once(seed):
    for motion, limit in ((performed(seed), 0.0005), (spoilt(performed(seed), seed), 0.01)):
        once, _ = plant(motion)
        assert change_m(once, plant(once)[0]).mean() < limit


# What it mends


@pytest.mark.parametrize("seed", SEEDS)
def test_feet_stay_and_nothing_is_below_the_ground(seed):
    motion = spoilt(performed(seed), seed)
    after, report = plant(motion)
    assert after.joints[..., 1].min() > -0.005
    assert report.below_after == 0
    assert report.skating_after_cm_s < 0.6 * report.skating_before_cm_s
    assert change_m(motion, after).mean() < 0.04
    assert np.abs(lengths(after) - lengths(motion)).max() < 1e-5


def test_rests_are_places():
    motion = spoilt(sample("walk_forward", fps=20), 3)
    after, report = plant(motion)
    assert len(report.rests) >= 8
    assert {rest.side for rest in report.rests} == {"left", "right"}
    for rest in report.rests:
        toe = after.joints[rest.start : rest.end, 10 if rest.side == "left" else 11]
        assert np.ptp(toe, axis=0).max() < 0.02
    before = np.concatenate([np.ptp(motion.joints[r.start : r.end, 10 if r.side == "left" else 11], axis=0) for r in report.rests])
    assert before.max() > 0.03


@pytest.mark.parametrize("sunk_m", [-0.3, -0.06, 0.08, 0.3])
@pytest.mark.parametrize("verb", ["stand", "walk", "squat", "sit", "lie", "crawl"])
def test_who_floats_or_is_sunk_is_put_on_the_ground(verb, sunk_m):
    motion = doing(verb, 4.0)
    off = transform(motion, shift=(0, -sunk_m, 0))
    after, report = plant(off)
    assert change_m(after, motion).mean() < 0.06
    assert after.joints[..., 1].min() > -0.006
    assert after.joints[..., 1].min(axis=1).max() < motion.joints[..., 1].min(axis=1).max() + 0.06
    assert max(report.raised_cm, report.lowered_cm) == pytest.approx(100 * abs(sunk_m), abs=6)


def test_the_ground_may_be_elsewhere():
    motion = spoilt(performed(2), 2)
    here, report = plant(motion)
    there, other = plant(transform(motion, shift=(0, 1.3, 0)), ground_m=1.3)
    assert np.abs(there.joints - here.joints - 1.3 * UP).max() < 1e-4
    assert other.skating_after_cm_s == pytest.approx(report.skating_after_cm_s, abs=0.01)


# What it leaves


@pytest.mark.parametrize("verb", ["jump", "hop", "jumping_jack", "run", "jog", "skip"])
def test_who_is_in_the_air_stays_there(verb):
    motion = doing(verb, 3.0)
    after, _ = plant(motion)
    assert np.abs(after.joints[:, 0, 1] - motion.joints[:, 0, 1]).max() < 0.02
    assert change_m(motion, after).mean() < 0.01
    high = motion.joints[..., 1].min(axis=1) > 0.1
    assert (after.joints[high][..., 1].min(axis=1) > 0.08).all()


def acrobat(roll, fps=20):
    """A figure with arms stretched overhead, rolled about its own depth by `roll` (T,) radians, its lowest joint 2 cm high."""
    body = doing("raise_arm", 3.0, side="both").joints[40].astype(float)
    body = body - body[0]
    c, s = np.cos(roll)[:, None], np.sin(roll)[:, None]
    joints = np.stack(
        [c * body[:, 0] - s * body[:, 1], s * body[:, 0] + c * body[:, 1], np.broadcast_to(body[:, 2], (len(roll), 22))], axis=-1
    )
    low = gaussian_filter1d(joints[..., 1].min(axis=1), 2, mode="nearest")
    joints[..., 1] += 0.02 - np.minimum(low, joints[..., 1].min(axis=1))[:, None]
    joints[..., 0] -= 0.7 * roll[:, None]
    return Motion(SMPL22, fps, positions=joints)


def test_who_stands_on_the_hands_does_so_in_peace():
    motion = acrobat(np.full(40, np.pi))
    assert motion.joints[:, [20, 21], 1].max() < 0.2 < motion.joints[:, [10, 11], 1].min()
    assert change_m(motion, plant(motion)[0]).max() < 1e-6


def test_a_cartwheel_is_left_alone():
    t = np.arange(80) / 20
    motion = acrobat(2 * np.pi * np.clip((t - 1) / 2, 0, 1))
    after, _ = plant(motion)
    assert change_m(motion, after).mean() < 0.01
    turning = (t > 1.4) & (t < 2.6)
    assert change_m(motion, after)[turning].max() < 0.03


def test_stairs_are_no_floating():
    motion = doing("climb", 5.0)
    assert motion.joints[-1, [10, 11], 1].max() > 0.2
    after, _ = plant(motion)
    assert change_m(motion, after).mean() < 0.01


def test_a_foot_that_is_meant_to_slide_does():
    """A foot drawn 60 cm along the ground is not held back, nor is the leg torn off."""
    fps, n = 20, 80
    still = doing("stand", 3.0).joints[20]
    way = np.zeros((n, 1, 3))
    way[:, 0, 2] = 0.2 * np.sin(np.linspace(0, 2 * np.pi, n))
    joints = np.repeat(still[None].astype(float), n, axis=0)
    joints[:, [8, 11]] += way
    motion = Motion(SMPL22, fps, positions=joints)
    after, report = plant(motion, contacts=np.ones((n, 2), dtype=bool))
    assert report.largest_shift_cm[1] < 13
    assert np.ptp(after.joints[:, 11, 2]) > 0.1
    assert np.isfinite(after.joints).all()


# Symmetries


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_mirrored_motions_are_planted_alike(seed):
    motion = spoilt(performed(seed), seed)
    assert change_m(mirror(plant(motion)[0]), plant(mirror(motion))[0]).max() < 1e-4


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_where_one_faces_is_nothing(seed):
    motion = spoilt(performed(seed), seed)
    turned = transform(motion, yaw=2.5, shift=(3, 0, -1))
    assert change_m(transform(plant(motion)[0], yaw=2.5, shift=(3, 0, -1)), plant(turned)[0]).max() < 2e-3


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_standing_still_before_and_after_changes_nothing_between(seed):
    motion = spoilt(performed(seed), seed)
    joints = motion.joints
    longer = motion.with_(positions=np.concatenate([joints[:1]] * 30 + [joints] + [joints[-1:]] * 30))
    inner = slice(10, len(joints) - 10)
    gap = np.linalg.norm(plant(longer)[0].joints[30:-30] - plant(motion)[0].joints, axis=-1)[inner]
    assert gap.mean() < 0.02  # the usual height of resting feet is one of the clip


@pytest.mark.parametrize("fps", [20, 30, 60, 120])
def test_frame_rates(fps):
    motion = resample(spoilt(sample("walk_forward", fps=120), 1), fps) if fps < 120 else spoilt(sample("walk_forward", fps=120), 1)
    after, report = plant(motion)
    assert report.skating_after_cm_s < 0.6 * report.skating_before_cm_s  # what is left is feet that roll on and off
    assert after.joints[..., 1].min() > -0.005
    assert change_m(motion, after).mean() < 0.04


# Rotations, contacts, odd input


@pytest.mark.parametrize("seed", SEEDS)
def test_rotations_follow(seed):
    motion = transform(performed(seed), shift=(0, -0.03, 0))
    assert motion.positions is None
    after, _ = plant(motion)
    assert after.positions is None
    assert after.rotations is not None
    expected, _ = plant(positions_only(motion))
    assert change_m(after, expected).max() < 1e-3
    others = [j for j in range(22) if j not in (1, 2, 4, 5, 7, 8)]
    assert np.abs(after.rotations[:, others] - motion.rotations[:, others]).max() < 1e-6


def test_positions_and_rotations_stay_in_step():
    motion = performed(4)
    both = motion.with_(positions=motion.joints - 0.04 * UP, root=motion.root - 0.04 * UP)
    after, _ = plant(both)
    assert np.abs(after.with_(positions=None).joints - after.positions).max() < 1e-3


def test_knees_bend_in_the_plane_in_which_they_did():
    motion = transform(doing("squat"), shift=(0, -0.04, 0))
    after, _ = plant(positions_only(motion), contacts=np.zeros((motion.n_frames, 2), dtype=bool))
    for hip, knee, ankle, _toe in LEGS:
        normals = []
        for m in (motion, after):
            j = m.joints.astype(float)
            normals.append(np.cross(j[:, knee] - j[:, hip], j[:, ankle] - j[:, knee]))
        bent = np.linalg.norm(normals[0], axis=1) > 0.05
        a, b = (x[bent] / np.linalg.norm(x[bent], axis=1, keepdims=True) for x in normals)
        assert (a * b).sum(axis=1).min() > 0.98


def test_given_contacts_are_taken():
    motion = spoilt(sample("walk_forward", fps=20), 5)
    none = np.zeros((motion.n_frames, 2), dtype=bool)
    after, report = plant(motion, contacts=none)
    assert report.rests == ()
    assert report.skating_before_cm_s == 0
    assert after.joints[..., 1].min() > -0.005
    found = follow_feet(motion.joints.astype(float), motion.fps).contacts
    left, report = plant(motion, contacts=found & (True, False))
    assert {rest.side for rest in report.rests} == {"left"}
    assert left.n_frames == motion.n_frames


def test_a_foot_that_is_said_to_be_planted_is_held_even_if_it_slides_fast():
    still = doing("stand", 3.0).joints[20]
    joints = np.repeat(still[None].astype(float), 30, axis=0)
    joints[10:14, [8, 11], 2] += 0.05 * np.arange(1, 5)[:, None]  # 1 m/s
    joints[14:, [8, 11], 2] += 0.2
    motion = Motion(SMPL22, 20, positions=joints)
    given, _ = plant(motion, contacts=np.ones((30, 2), dtype=bool))
    found, _ = plant(motion)
    assert np.ptp(given.joints[:, 11, 2]) < 0.12 < np.ptp(found.joints[:, 11, 2])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_few_frames(n):
    motion = positions_only(performed(0))
    short = motion.with_(positions=motion.joints[:n] - 0.05 * UP)
    after, report = plant(short)
    assert after.joints[..., 1].min() > -0.005
    assert report.n_frames == n


@pytest.mark.parametrize("seed", SEEDS)
def test_any_motion_at_all(seed):
    motion = random_motion(seed=seed, bend=2.0)
    after, report = plant(motion)
    assert np.isfinite(after.joints).all()
    assert after.joints[..., 1].min() > -0.05
    assert report.sentences()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: plant(m, contacts=np.zeros((3, 2), dtype=bool)), r"contacts: found shape|\(3, 2\)"),
        (lambda m: plant(m, contacts=np.zeros((m.n_frames, 2))), "of bool"),
        (lambda m: plant(Motion(COCO17, 20, positions=np.zeros((3, 17, 3)))), "retarget"),
    ],
)
def test_what_cannot_be_planted_says_why(call, message):
    with pytest.raises(MotionError, match=message):
        call(performed(0))


# Report


def test_sentences_say_what_was_changed():
    clean = plant(doing("stand"))[1].sentences()
    assert clean == ("Feet and ground were left as they are.",)
    lines = plant(spoilt(performed(1), 1))[1].sentences()
    text = "\n".join(lines)
    assert "held in place" in text
    assert "left foot was moved by" in text
    assert "skated at" in text
    assert all(line.endswith(".") and "\n" not in line for line in lines)


def test_sentences_in_numbers():
    report = Planting(100, (), (0.5, 0.25), (2.0, 1.0), 0.4, 1.5, 0.0, 12, 1, 0.0, 0.0)
    assert report.sentences() == (
        "The left foot was moved by 0.5 cm on average, 2.0 cm at the most.",
        "The right foot was moved by 0.2 cm on average, 1.0 cm at the most.",
        "The body was raised by up to 1.5 cm and lowered by up to 0.0 cm.",
        "Frames with a joint below the ground: 12 of 100 before, 1 now.",
    )


def test_nothing_is_minus_zero():
    """A body that lies a little below the ground is only raised: lowered by 0.0 cm, not by -0.0."""
    sunk = transform(doing("lie", 3.0), shift=(0, -0.02, 0))
    report = plant(sunk, np.zeros((sunk.n_frames, 2), bool))[1]
    assert report.lowered_cm == 0
    assert "lowered by up to 0.0 cm" in "\n".join(report.sentences())
    assert "-0.0" not in "\n".join(report.sentences())
