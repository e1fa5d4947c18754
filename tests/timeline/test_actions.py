"""What holds for every action of the table, whoever wrote it: it can be performed in every way that its verb allows, by a body that
stays whole, on the floor and inside what joints can do; the seed decides everything; left and right are alike; more is more."""

from functools import cache

import numpy as np
import pytest

from kinelang.language.lexicon import VERBS
from kinelang.motion.angles import ANGLES, joint_angles
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import Stage, Timeline, perform
from kinelang.timeline.actions import ACTIONS
from kinelang.timeline.performing.person import Person, ordinary_person

NAMES = SMPL22.joint_names
TOES = [NAMES.index(f"{side}_foot") for side in ("left", "right")]
WRISTS = [NAMES.index(f"{side}_wrist") for side in ("left", "right")]
POSTURES = {"standing", "sitting", "kneeling", "lying", "crouching", "on all fours", ""}
LIMITS_DEG = {
    "knee_angle": (-15, 160), "elbow_flex": (-15, 170), "hip_flexion": (-55, 185), "hip_adduction": (-85, 60),
    "ankle_angle": (-50, 95), "neck_flexion": (-45, 95), "lumbar_bending": (-65, 65), "lumbar_rotation": (-75, 75),
}  # fmt: skip
"""Of `joint_angles`: what no joint goes beyond, however the fields are combined (SMPL's hips stand at 19, its neck at 33 degrees)."""
STILL = Person(restlessness=0.0)


def symmetric_person() -> Person:
    """Someone whose left and right side are mirror images, without drift or habits."""
    offsets = SMPL22.offsets.astype(float).copy()
    other = [NAMES.index(_other(name)) for name in NAMES]
    offsets = 0.5 * (offsets + offsets[other] * [-1, 1, 1])
    return Person(SMPL22.with_offsets(offsets), restlessness=0.0)


def _other(name: str) -> str:
    if name.startswith("left"):
        return "right" + name[4:]
    return "left" + name[5:] if name.startswith("right") else name


def length_s(verb: str, count: int | None = None) -> float:
    shortest, longest = ACTIONS[verb].length_s(count or (ACTIONS[verb].count[0] if ACTIONS[verb].seconds_each else None))
    return 0.5 * (shortest + longest)


def done(verb, seconds=None, seed=0, fps=20.0, person=None, after_s=0.4, **fields):
    seconds = length_s(verb, fields.get("count")) if seconds is None else seconds
    stage = Stage(0.4, 0.4 + seconds, verb, **fields)
    return perform(Timeline((stage,), duration_s=stage.end_s + after_s), seed, fps=fps, person=person)


def ways(verb):
    """Every side with every direction and path; counts and amounts take turns."""
    word, action = VERBS[verb], ACTIONS[verb]
    counts = [None, *action.count] if word.counted and action.seconds_each else [None]
    amounts = [None, *action.amount] if word.amount_unit == "ratio" or word.amount_unit == "deg" else [None]
    every = [(s, d, p) for s in (None, *word.sides) for d in (None, *word.directions) for p in (None, *word.paths[:2])]
    for i, (side, direction, path) in enumerate(every):
        yield {
            "side": side,
            "direction": direction,
            "path": path,
            "count": counts[i % len(counts)],
            "amount": amounts[i // 2 % len(amounts)],
        }


@cache
def performances(verb):
    """(fields, joints (T, 22, 3)) of a sample of the ways, by different people."""
    some = list(ways(verb))
    some = some[:: max(1, len(some) // 12)]
    return tuple((way, done(verb, seed=i, **way)) for i, way in enumerate(some))


@pytest.mark.parametrize("verb", ACTIONS)
def test_says_plausible_things_of_itself(verb):
    action = ACTIONS[verb]
    assert action.verb == verb
    assert verb in VERBS
    assert 0 <= action.seconds[0] <= action.seconds[1]
    for low, high in (action.count, action.amount, action.speed):
        assert 0 < low <= high
    assert action.after in POSTURES
    assert action.before
    assert set(action.before) <= POSTURES - {""}
    assert action.side is None or action.side in VERBS[verb].sides
    assert action.direction is None or action.direction in VERBS[verb].directions
    assert action.cues or verb == "stand"
    slow, fast = action.length_s(speed=action.speed[0]), action.length_s(speed=action.speed[1])
    assert slow[0] >= fast[0]
    assert slow[1] >= fast[1]


@pytest.mark.parametrize("verb", ACTIONS)
def test_the_body_stays_whole_and_on_the_floor(verb):
    for way, motion in performances(verb):
        joints = motion.joints.astype(float)
        assert np.isfinite(joints).all(), way
        assert np.allclose(np.linalg.norm(motion.rotations, axis=-1), 1, atol=1e-4), way
        bones = np.linalg.norm(joints[:, 1:] - joints[:, list(SMPL22.parents[1:])], axis=-1)
        assert np.ptp(bones, axis=0).max() < 1e-3, way
        assert joints[..., 1].min() > -0.02, (way, NAMES[joints[..., 1].min(axis=0).argmin()])


@pytest.mark.parametrize("verb", ACTIONS)
def test_joints_stay_inside_their_limits(verb):
    for way, motion in performances(verb):
        angles = (np.degrees(joint_angles(motion.joints)) + 150) % 360 - 150
        for i, angle in enumerate(ANGLES):
            low, high = LIMITS_DEG.get(angle.key.removesuffix("_l").removesuffix("_r"), (-360, 360))
            least, most = np.percentile(angles[:, i], (1, 99))
            assert low <= least, (way, angle.key, least)
            assert most <= high, (way, angle.key, most)


@pytest.mark.parametrize("verb", ACTIONS)
def test_planted_feet_slide_little(verb):
    for way, motion in performances(verb):
        toes = motion.joints[:, TOES].astype(float)
        speed = np.linalg.norm(np.diff(toes[..., [0, 2]], axis=0), axis=-1) * motion.fps
        planted = (toes[1:, :, 1] < 0.03) & (toes[:-1, :, 1] < 0.03) & (speed < 0.9)
        if planted.any():
            assert speed[planted].mean() < 0.12, way


@pytest.mark.parametrize("verb", ACTIONS)
def test_the_seed_decides_everything(verb):
    first, again, other = (done(verb, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.rotations, again.rotations)
    assert np.array_equal(first.root, again.root)
    assert not np.allclose(first.joints, other.joints, atol=1e-3)


@pytest.mark.parametrize("verb", ACTIONS)
@pytest.mark.parametrize("seconds", [0.4, 15.0])
def test_any_length_will_do(verb, seconds):
    joints = done(verb, seconds, seed=1).joints
    assert np.isfinite(joints).all()
    assert joints[..., 1].min() > -0.03


@pytest.mark.parametrize("verb", ACTIONS)
def test_it_starts_and_ends_in_the_postures_it_names(verb):
    action = ACTIONS[verb]
    motion = done(verb, seed=2, person=STILL, after_s=1.0)
    joints = motion.joints.astype(float)
    standing = done("stand", 1.0, seed=2, person=STILL).joints[0].astype(float)
    if "standing" in action.before:
        assert np.abs(joints[0] - standing).max() < 0.03
    else:
        assert joints[0, 0, 1] < 0.9 * standing[0, 1]
    height = joints[-1, 0, 1] - min(joints[-1, TOES, 1])
    if action.after == "standing":
        assert height > 0.97 * standing[0, 1] - 0.02
        assert abs(joints[-1, TOES, 1]).max() < 0.03 + joints[-1, TOES, 1].min()
        down = joints[-1, WRISTS, 1] - joints[-1, 0, 1]
        assert (down < 0.12).all() or VERBS[verb].family == "arm"
    elif action.after:
        assert height < 0.8 * standing[0, 1]


def sided(verb):
    """A way of each kind that has a left and a right."""
    word = VERBS[verb]
    for side in {"left"} & set(word.sides):
        yield {"side": side, "direction": "left" if "left" in word.directions else None}
    for direction in (d for d in word.directions if "left" in d and not word.sides):
        yield {"direction": direction}


def outline(joints):
    """How high, how far out and how fast each joint is over the whole: (22 x 6,)."""
    moved = joints - joints[:1, :1] * [1, 0, 1]
    speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * 20
    high = moved[..., 1]
    return np.stack([high.mean(0), high.max(0), moved[..., 0].mean(0), np.ptp(moved[..., 0], axis=0), speed.mean(0) / 4], axis=-1)


@pytest.mark.parametrize(("verb", "way"), [(verb, way) for verb in ACTIONS for way in sided(verb)])
def test_left_and_right_are_mirror_images(verb, way):
    person = symmetric_person()
    stage = Stage(0.4, 0.4 + length_s(verb), verb, **way)
    other = [NAMES.index(_other(name)) for name in NAMES]
    left, right = [], []
    for seed in range(3):
        one, two = (perform(Timeline((s,), duration_s=s.end_s + 0.3), seed, person=person).joints for s in (stage, stage.mirrored()))
        left.append(outline(one.astype(float)))
        right.append(outline(two.astype(float)[:, other] * [-1, 1, 1]))
    assert np.abs(np.mean(left, axis=0) - np.mean(right, axis=0)).max() < 0.12


AMOUNTED = [verb for verb in ACTIONS if VERBS[verb].amount_unit]


def extent(joints, unit):
    """How much is done: metres gone, degrees turned, else how far the joints get from where they were."""
    if unit == "m":
        return np.linalg.norm(np.diff(joints[:, 0, [0, 2]], axis=0), axis=-1).sum()
    if unit == "deg":
        across = joints[:, 1] - joints[:, 2]
        return np.ptp(np.unwrap(np.arctan2(across[:, 2], across[:, 0])))
    return np.linalg.norm(joints - joints[:1], axis=-1).max(axis=0).sum()


@pytest.mark.parametrize("verb", AMOUNTED)
def test_a_larger_amount_is_more(verb):
    low, high = ACTIONS[verb].amount
    unit = VERBS[verb].amount_unit
    found = []
    for amount in (low, 0.5 * (low + high), high):
        seconds = 3.0 if unit == "ratio" else None
        tried = [done(verb, seconds, seed=seed, person=ordinary_person(), amount=amount).joints for seed in (0, 1, 2)]
        found.append(np.mean([extent(joints.astype(float), unit) for joints in tried]))
    assert found[0] < found[1] < found[2], found


@pytest.mark.parametrize("verb", ACTIONS)
def test_the_frame_rate_changes_nothing(verb):
    slow, fast = (done(verb, seed=5, fps=fps).joints.astype(float) for fps in (20.0, 60.0))
    n = min(len(slow), (len(fast) + 2) // 3)
    apart = np.linalg.norm(slow[:n] - fast[::3][:n], axis=-1)
    assert apart.mean() < 0.02
    assert np.percentile(apart, 99) < 0.1
