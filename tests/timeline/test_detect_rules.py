"""What the limbs do tells kicks, cuts and beating hands, and what cannot be."""

import numpy as np
import pytest

from kinelang.motion.motion import Motion
from kinelang.motion.reflection import mirror
from kinelang.motion.rotations import quat_multiply, rotvec_to_quat
from kinelang.timeline import Timeline, detect, from_text, perform
from kinelang.timeline.detecting import rules
from kinelang.timeline.detecting.body import Body, hand_beats
from kinelang.timeline.detecting.checks import plausible
from kinelang.timeline.detecting.decoding import Candidate
from kinelang.timeline.detecting.signals import signals_of

SEEDS = (0, 1, 2, 3)


def performed(lines: str, seed: int = 0) -> Motion:
    return perform(from_text(lines), seed, fps=30.0)


def signals(motion: Motion):
    return signals_of(Body.of(motion))


def beating(motion: Motion, side: str, start_s: float, end_s: float, degrees: float = 15.0) -> Motion:
    """The motion with one hand turned to and fro at the wrist, twice a second."""
    t = np.arange(motion.n_frames) / motion.fps
    angle = np.radians(degrees) * np.sin(4 * np.pi * (t - start_s)) * ((t > start_s) & (t < end_s))
    joint = motion.skeleton.index(f"{side}_wrist")
    rotations = motion.rotations.astype(float)
    rotations[:, joint] = quat_multiply(rotations[:, joint], rotvec_to_quat(angle[:, None] * [0.0, 0.0, 1.0]))
    return Motion(motion.skeleton, motion.fps, rotations=rotations, root=motion.root)


def waves(timeline: Timeline) -> list[tuple[str, str | None]]:
    return [(s.verb, s.side) for s in timeline.stages if s.verb == "wave"]


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_hand_that_beats_while_it_is_held_up_waves(side):
    still = performed(f"0.5-5 raise_arm side={side} direction=up\n5-6 stand")
    assert not rules.waves(signals(still))
    waving = beating(still, side, 1.6, 3.4)
    found = rules.waves(signals(waving))
    assert [(c.verb, c.side) for c in found] == [("wave", side)]
    assert abs(found[0].start / 20 - 1.6) < 0.5
    assert abs(found[0].end / 20 - 3.4) < 0.5
    assert waves(detect(waving)) == [("wave", side)]
    assert waves(detect(mirror(waving))) == [("wave", {"left": "right", "right": "left"}[side])]


def test_a_hand_that_beats_as_it_hangs_waves_not():
    assert not rules.waves(signals(beating(performed("0-5 stand"), "left", 1.0, 4.0)))


def test_beats_are_as_large_as_the_hand_turns_and_need_rotations():
    motion = beating(performed("0-5 stand"), "right", 1.0, 4.0, degrees=20.0)
    beats = hand_beats(motion)
    assert beats[:, 1].max() == pytest.approx(20.0, rel=0.15)
    assert np.abs(beats[:, 0]).max() < 1.0
    assert np.allclose(hand_beats(mirror(motion)), beats[:, ::-1], atol=1e-3)
    assert hand_beats(Motion(motion.skeleton, motion.fps, positions=motion.joints)) is None


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("seed", SEEDS)
def test_kicks_are_feet_that_shoot_up(side, seed):
    found = rules.kicks(signals(performed(f"0.5-3.5 kick side={side} direction=forward count=2 amount=1.3\n3.5-4.5 stand", seed)))
    assert [(c.verb, c.side) for c in found] == [("kick", side)] * 2


@pytest.mark.parametrize("lines", ["0-4 walk", "0-4 run", "0-4 squat count=2", "0-4 march", "0-4 wave side=both count=4"])
def test_kicks_and_cuts_are_not_seen_in_other_things(lines):
    for seed in SEEDS:
        s = signals(performed(lines, seed))
        assert not rules.kicks(s)
        assert not rules.cuts(s)


def test_most_chops_are_cuts():
    found = [bool(rules.cuts(signals(performed("0.5-3.5 chop count=1\n3.5-4.5 stand", seed)))) for seed in range(12)]
    assert np.mean(found) >= 0.6


@pytest.mark.parametrize("verb", ["pick_up", "put_down"])
def test_who_only_moves_the_arms_picks_nothing_up(verb):
    upright = signals(performed("0.5-2.5 raise_arm side=both direction=up\n2.5-4 lower_arm side=both"))
    candidate = Candidate(verb, 10, 80, 0.9, ("left_arm", "right_arm"))
    assert not plausible([candidate], upright)
    stooping = signals(performed("0.5-3.5 pick_up side=both\n3.5-5 stand"))
    assert plausible([candidate], stooping) == [candidate]


def test_jumping_jacks_go_astride():
    candidate = Candidate("jumping_jack", 10, 70, 0.9, ("legs", "left_arm", "right_arm"))
    assert plausible([candidate], signals(performed("0.5-4 jumping_jack count=4\n4-5 stand"))) == [candidate]
    assert not plausible([candidate], signals(performed("0.5-4 wave side=both count=5\n4-5 stand")))


@pytest.mark.parametrize(("degrees", "direction"), [(0, "forward"), (18, "forward_right"), (-18, "forward_left"), (5, "forward")])
def test_who_walks_with_the_body_turned_out_of_the_way_goes_aslant(degrees, direction):
    motion = performed("0-5 walk direction=forward")
    joints = motion.joints.astype(float)
    pelvis = joints[:, :1] * [1.0, 0.0, 1.0]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = (joints - pelvis) @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]) + pelvis
    found = [stage for stage in detect(Motion(motion.skeleton, motion.fps, positions=turned)).stages if stage.verb == "walk"]
    assert max(found, key=lambda stage: stage.duration_s).direction == direction
