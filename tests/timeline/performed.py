"""Stages performed, with what tests measure of them."""

import numpy as np

from kinelang.timeline import Stage, Timeline, perform

FPS = 30.0
BEFORE_S = 0.5
"""Standing before the first stage."""
OTHER = {"left": "right", "right": "left"}
SIDES = ("left", "right")


class Done:
    """Joints of stages performed one after another, standing before and after."""

    def __init__(self, *stages, seed=0, person=None, fps=FPS):
        self.stages = stages
        self.motion = perform(Timeline(stages, duration_s=stages[-1].end_s + 0.5), seed, fps=fps, person=person)
        self.names = self.motion.skeleton.joint_names
        self.joints = self.motion.joints.astype(float)
        self.fps = fps

    def __getitem__(self, name):
        return self.joints[:, self.names.index(name)]

    def at(self, start_s, end_s):
        """Frames between two times."""
        return slice(round(start_s * self.fps), round(end_s * self.fps) + 1)

    def from_shoulder(self, side):
        """The wrist from the shoulder: outward, up, forward, metres (the body faces +Z)."""
        return (self[f"{side}_wrist"] - self[f"{side}_shoulder"]) * [1.0 if side == "left" else -1.0, 1, 1]

    def apart(self, a, b):
        """Distance of two joints."""
        return np.linalg.norm(self[a] - self[b], axis=1)

    def shoulder_turn(self):
        """Degrees by which the line of the shoulders is turned to the left."""
        x, _, z = (self["left_shoulder"] - self["right_shoulder"]).T
        return np.degrees(np.arctan2(-z, x))

    def lean(self):
        """Degrees by which the line from pelvis to neck leans forward."""
        _, y, z = (self["neck"] - self["pelvis"]).T
        return np.degrees(np.arctan2(z, y))


def one(verb, seconds=2.5, seed=0, person=None, **fields):
    """One stage of a verb, performed."""
    return Done(Stage(BEFORE_S, BEFORE_S + seconds, verb, **fields), seed=seed, person=person)


def hills(values, least):
    """How often the values rise by `least` and fall by it again."""
    count, extreme, rising = 0, values[0], True
    for value in values:
        step = value - extreme if rising else extreme - value
        if step >= least:
            count, extreme, rising = count + (not rising), value, not rising
        elif (value < extreme) == rising:
            extreme = value
    return count
