"""The text format, line by line, against the one published sample."""

import re

import numpy as np

from kinelang.describing import describe, select, smd
from synthetic import posed, random_motion

T = np.arange(140) / 20

LINE = re.compile(
    r"(static at -?[\d.]+(°|m) throughout"
    r"|holds at -?[\d.]+(°|m) \[[\d.]+s–[\d.]+s\] \([\d.]+s\)"
    r"|(increases|decreases): -?[\d.]+(°|m) → -?[\d.]+(°|m) \[[\d.]+s–[\d.]+s\] \([\d.]+s\)"
    r"|repeats [\d.]+ cycles: -?[\d.]+(°|m) ↔ -?[\d.]+(°|m) \[[\d.]+s–[\d.]+s\] \(period [\d.]+s\))"
)


def test_the_published_sample():
    """A seven-second clip of a person who stands still and, after 3.4 s, raises the right arm forward from -1° to 84°."""
    x = np.clip((T - 3.3) / 1.2, 0, 1)
    raised = 3 - 4 * np.clip((T - 3.0) / 0.5, 0, 1) + 85 * x * x * (3 - 2 * x)
    text = smd(select(describe(posed(right_shoulder_X=-raised)), top_k=3))
    lines = text.splitlines()
    assert lines[0] == "Motion: 7.0s (140 frames at 20 FPS)"
    assert re.fullmatch(r"Trajectory: displacement 0\.00m, height change \+0\.00m, avg height \d\.\d\dm", lines[1])
    assert lines[2] == "Global Trajectory:"
    assert re.fullmatch(r"Height: static at \d\.\d{3}m throughout", lines[3])
    assert lines[4:7] == [
        "Forward Position: static at 0.000m throughout",
        "Lateral Position: static at 0.000m throughout",
        "Joint Angles:",
    ]
    at = lines.index("[Right Shoulder]")
    assert lines[at + 1] == "Right Shoulder Flexion (raising the arm forward):"
    assert lines[at + 2].startswith("holds at 3° [0.0s–3.")
    assert re.fullmatch(r"increases: -?\d° → 84° \[3\.\ds–4\.\ds\] \(\d\.\ds\)", lines[at + 3])


def test_every_line_has_a_known_form():
    for seed in range(5):
        text = smd(describe(random_motion(seed=seed, n_frames=150)))
        assert text.endswith("\n")
        head, angles = text.split("Joint Angles:\n")
        assert head.startswith("Motion: ")
        for line in angles.splitlines():
            assert LINE.fullmatch(line) or re.fullmatch(r"\[[A-Z][A-Za-z ]+\]|[A-Z][A-Za-z ]+ \([a-z ]+\):", line), line
        assert "-0°" not in text
        assert "-0.000m" not in text
        assert "nan" not in text


def test_all_26_angles_in_13_groups():
    text = smd(describe(random_motion(seed=1)))
    assert len(re.findall(r"^\[.+\]$", text, re.M)) == 13
    assert len(re.findall(r"^[A-Z].+\([a-z ]+\):$", text.split("Joint Angles:")[1], re.M)) == 26


def test_yaw_is_told_only_when_it_changes():
    assert "Body Yaw" not in smd(describe(posed(left_hip_X=0 * T)))
    assert "Body Yaw (turning left):\n" in smd(describe(posed(pelvis_Y=20 * T)))
