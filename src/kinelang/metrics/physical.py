"""How physical a motion is: skating feet, joints below the ground, a figure in the air, jerks, seams, bones that stretch.

All on the 22 joints of SMPL, metres, Y up, the ground at y = 0 unless told otherwise. Joints lie inside the body: the toe joint of a
standing person is 0 to 4 cm above the ground. Figures of real motion belong beside those of generated motion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kinelang.errors import KinelangError
from kinelang.metrics.arrays import Array
from kinelang.metrics.intervals import ROUNDS, Interval, bootstrap

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
"""Tree of the 22 joints."""
TOES = (10, 11)

SKATING_LOW_M, SKATING_M_S, SKATING_WINDOW_S = 0.05, 0.5, 0.25
"""Guided Motion Diffusion (Karunratanakul et al., ICCV 2023), after it OmniControl: a foot below 5 cm that moves more than 2.5 cm a
frame at 20 fps, in the frame itself and on average over five frames."""

WEIGHTED_LOW_M = 0.025
"""H of Zhang et al., "Mode-Adaptive Neural Networks for Quadruped Motion Control", SIGGRAPH 2018."""

FLOATING_FROM_M = 0.05
"""Height of the lowest joint from which a figure is off the ground (ours; PhysDiff takes 5 mm, of the lowest vertex of a mesh)."""


def skating_ratio(joints: Array, fps: float, ground_m: float = 0.0) -> float:
    """Share of frames in which a foot skates: low in this frame and the next, and fast along the ground in between and around.

    As `calculate_skating_ratio` of Guided Motion Diffusion, whose motions have 20 fps; its window of five frames is 0.25 s here.

    Args:
        joints: (T, 22, 3) metres.
        fps: frames a second.
        ground_m: height of the ground.

    Raises:
        KinelangError: another shape, values that are not finite, or fewer than two frames.
    """
    from scipy.ndimage import uniform_filter1d

    toes = _checked(joints, fps, 2)[:, TOES]
    low = toes[..., 1] - ground_m < SKATING_LOW_M
    speed = _along_ground(toes, fps)
    around = uniform_filter1d(speed, size=max(round(SKATING_WINDOW_S * fps), 1), axis=0, mode="constant")
    skating = low[:-1] & low[1:] & (speed > SKATING_M_S) & (around > SKATING_M_S)
    return float(skating.any(axis=1).mean())


def weighted_skating(joints: Array, fps: float, ground_m: float = 0.0) -> float:
    """Speed of the toes along the ground, cm/s, weighted by how near the ground they are; mean over frames and feet.

    v (2 - 2^(h / H)) with h / H clipped to [0, 1], H = 2.5 cm: Zhang et al. 2018; after them Ling et al. (Motion VAEs, 2020) and He et
    al. (NeMF, 2022). h is the mean height in the two frames.
    """
    toes = _checked(joints, fps, 2)[:, TOES]
    height = 0.5 * (toes[1:, :, 1] + toes[:-1, :, 1]) - ground_m
    weight = 2 - 2 ** np.clip(height / WEIGHTED_LOW_M, 0, 1)
    return float(100 * (_along_ground(toes, fps) * weight).mean())


def penetration_cm(joints: Array, ground_m: float = 0.0) -> float:
    """How far the lowest joint is below the ground, mean over frames. PhysDiff's Penetrate (Yuan et al., ICCV 2023), of joints."""
    lowest = _checked(joints)[..., 1].min(axis=1) - ground_m
    return float(100 * np.maximum(-lowest, 0).mean())


def floating_cm(joints: Array, ground_m: float = 0.0, from_m: float = FLOATING_FROM_M) -> float:
    """How far the lowest joint is above `from_m` over the ground, mean over frames: PhysDiff's Float, of joints. Jumps float too."""
    lowest = _checked(joints)[..., 1].min(axis=1) - ground_m
    return float(100 * np.maximum(lowest - from_m, 0).mean())


def acceleration(joints: Array, fps: float) -> float:
    """Length of the second difference of the joints over time, m/s², mean over frames and joints."""
    return float(_difference(_checked(joints, fps, 3), fps, 2).mean())


def jerk(joints: Array, fps: float) -> float:
    """Length of the third difference of the joints over time, m/s³, mean over frames and joints."""
    return float(_difference(_checked(joints, fps, 4), fps, 3).mean())


def peak_jerk(joints: Array, fps: float) -> float:
    """Largest jerk of any joint in any frame, m/s³. Barquero et al. (FlowMDM, CVPR 2024) take it over transitions."""
    return float(_difference(_checked(joints, fps, 4), fps, 3).max())


def bone_variation(joints: Array) -> float:
    """Standard deviation of a bone's length over time as a share of its mean, in per cent, mean over the 21 bones."""
    joints = _checked(joints)
    lengths = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
    mean = lengths.mean(axis=0)
    if not mean.all():
        raise KinelangError.of("joints", "a bone without length", "22 joints of a figure")
    return float(100 * (lengths.std(axis=0) / mean).mean())


@dataclass(frozen=True)
class Seam:
    """What happens around one seam of a composed motion: largest mean over joints in the frames about it.

    Attributes:
        frame: first frame after the seam.
        speed_m_s: of the joints.
        acceleration_m_s2: of the joints.
        jerk_m_s3: of the joints.
    """

    frame: int
    speed_m_s: float
    acceleration_m_s2: float
    jerk_m_s3: float


def at_seams(joints: Array, fps: float, seams: Iterable[int], reach: int = 2) -> tuple[Seam, ...]:
    """Velocity, acceleration and jerk about seams; with every frame as a seam, what is usual in a motion.

    Args:
        joints: (T, 22, 3) metres.
        fps: frames a second.
        seams: first frame after each seam.
        reach: differences that begin within so many frames before the seam, or that end so long after it, count.

    Raises:
        KinelangError: a seam that is no frame of the motion, or fewer than four frames.
    """
    joints = _checked(joints, fps, 4)
    orders = [_difference(joints, fps, order).mean(axis=1) for order in (1, 2, 3)]
    found = []
    for frame in seams:
        if not 0 < frame < len(joints):
            raise KinelangError.of("seam", f"frame {frame}", f"1 to {len(joints) - 1}")
        most = []
        for order, values in enumerate(orders, start=1):  # values[i] is made of the frames i to i + order
            last = len(values) - 1
            most.append(float(values[min(max(frame - reach - order + 1, 0), last) : min(frame + reach, last) + 1].max()))
        found.append(Seam(int(frame), *most))
    return tuple(found)


def _checked(joints: Array, fps: float = 1.0, least: int = 1) -> Array:
    """The joints in float64, or KinelangError."""
    values = np.asarray(joints, dtype=np.float64)
    if values.ndim != 3 or values.shape[1:] != (len(PARENTS), 3) or len(values) < least:
        raise KinelangError.of("joints", f"shape {values.shape}", f"(T, {len(PARENTS)}, 3), T at least {least}")
    if not np.isfinite(values).all():
        raise KinelangError.of("joints", "values that are not finite", "metres")
    if not 0 < fps < np.inf:
        raise KinelangError.of("frame rate", f"{fps}", "frames a second")
    return values


def _along_ground(points: Array, fps: float) -> Array:
    """Horizontal speed from frame to frame. (T, N, 3) -> (T - 1, N) m/s."""
    steps = np.diff(points[..., [0, 2]], axis=0)
    return np.asarray(np.linalg.norm(steps, axis=-1) * fps)


def _difference(joints: Array, fps: float, order: int) -> Array:
    """Length of the n-th difference over time. (T, J, 3) -> (T - n, J), m/s^n."""
    return np.asarray(np.linalg.norm(np.diff(joints, n=order, axis=0), axis=-1) * fps**order)


@dataclass(frozen=True)
class Physical:
    """One row of a table of results.

    Attributes:
        name: key in `PHYSICAL`.
        unit: of the figure.
        better: "lower", or "real" where the figure of real motions is the aim.
        measure: from joints (T, 22, 3) metres and frames a second to the figure.
    """

    name: str
    unit: str
    better: Literal["lower", "real"]
    measure: Callable[[Array, float], float]

    def values(self, motions: Sequence[tuple[Array, float]]) -> Array:
        """The figure of each of N motions, joints and frames a second: (N,).

        Raises:
            KinelangError: no motion, or one that cannot be measured.
        """
        if not motions:
            raise KinelangError.of(self.name, "no motion", "at least one")
        return np.array([self.measure(joints, fps) for joints, fps in motions])

    def over(
        self, motions: Sequence[tuple[Array, float]], groups: Sequence[str] | None = None, rounds: int = ROUNDS, seed: int = 0
    ) -> Interval:
        """Mean over motions with its bootstrap interval.

        Args:
            motions: joints and frames a second of each.
            groups: what each comes from (a recording, a prompt), drawn whole; each alone if None.
            rounds, seed: of the bootstrap.

        Raises:
            KinelangError: no motion, or one that cannot be measured.
        """
        return mean_over(self.values(motions), groups, rounds, seed)


def mean_over(values: Array, groups: Sequence[str] | None = None, rounds: int = ROUNDS, seed: int = 0) -> Interval:
    """Mean of (N,) values with its bootstrap interval over groups, each alone if None; of differences, that of the paired one."""
    names = [str(i) for i in range(len(values))] if groups is None else groups
    return bootstrap(lambda weights: weights @ values / weights.sum(axis=1), names, rounds, seed)


PHYSICAL: Mapping[str, Physical] = {
    row.name: row
    for row in (
        Physical("skating ratio", "share of frames", "lower", skating_ratio),
        Physical("weighted skating", "cm/s", "lower", weighted_skating),
        Physical("penetration", "cm", "lower", lambda joints, _: penetration_cm(joints)),
        Physical("floating", "cm", "real", lambda joints, _: floating_cm(joints)),
        Physical("acceleration", "m/s²", "real", acceleration),
        Physical("jerk", "m/s³", "real", jerk),
        Physical("peak jerk", "m/s³", "real", peak_jerk),
        Physical("bone variation", "%", "lower", lambda joints, _: bone_variation(joints)),
    )
}
"""The measures in the order of a table. A new one is a function and one line here."""
