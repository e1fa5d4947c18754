"""How far the joints of exported files are from the joints that a generator gives.

    python bench/export_error.py
    python bench/export_error.py --generated 50 --only-generated

Two tables. The first is of stand-ins, free joints that keep no bone length. For it real (CMU val) and performed motions get bones that
are longer and shorter over time by 3 % (standard deviation), and joints that wander by 1 cm (root mean square). Each is saved as BVH,
read again, and compared joint by joint with what was saved; also turned to face away, spinning, and laid on the back. "clean" is
without noise.

The second is of motions that the generator which ships makes of drawn prompts: how far a BVH file and a .npy file are from the motion,
and how far the step "one length of bones" before them moves the joints that the features say.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from kinelang import Motion, load, perform, retarget, save
from kinelang.corpora import CORPORA, open_corpus
from kinelang.motion.ops import transform
from kinelang.motion.rotations import axis_angle_to_quat, quat_rotate
from kinelang.motion.skeletons import SMPL22
from kinelang.timeline import random_timeline

BONES, JITTER_M, SMOOTH_S = 0.03, 0.01, 0.1
CLIPS = 60
PROMPTS_SEED = 20_306


def smooth_noise(shape: tuple[int, ...], fps: float, rng: np.random.Generator, smooth_s: float = SMOOTH_S) -> np.ndarray:
    """Noise of variance 1 that changes over about so many seconds. (T, ...)."""
    sigma = smooth_s * fps
    margin = int(np.ceil(4 * sigma))
    white = rng.normal(size=(shape[0] + 2 * margin, *shape[1:]))
    wide = gaussian_filter1d(white, sigma, axis=0)[margin : margin + shape[0]]
    kernel = np.zeros(4 * margin + 1)
    kernel[2 * margin] = 1
    return wide / np.sqrt((gaussian_filter1d(kernel, sigma) ** 2).sum())


def generated_like(motion: Motion, rng: np.random.Generator, bones: float = BONES, jitter_m: float = JITTER_M) -> Motion:
    """The motion's joints as a generator may give them: bones of changing length, joints that wander; no rotations."""
    joints = motion.joints.astype(np.float64)
    stretch = 1 + bones * smooth_noise(joints.shape[:2], motion.fps, rng)
    out = joints.copy()
    for j, parent in enumerate(SMPL22.parents):
        if j:
            out[:, j] = out[:, parent] + stretch[:, j, None] * (joints[:, j] - joints[:, parent])
    out += jitter_m / np.sqrt(3) * smooth_noise(joints.shape, motion.fps, rng)
    return Motion(SMPL22, motion.fps, positions=out, name=motion.name)


def gaps_m(motion: Motion, folder: Path) -> np.ndarray:
    """Distance of each joint in the saved and reread file from the joint that was saved. (T, 22) metres."""
    path = folder / "x.bvh"
    save(retarget(motion), path)
    again = load(path, up="y", unit="cm")  # a walk laid on its back goes up a wall: which axis is up is not in question here
    order = [again.skeleton.index(name) for name in SMPL22.joint_names]
    return np.linalg.norm(again.joints[:, order] - motion.joints, axis=-1)


def spinning(motion: Motion) -> Motion:
    """The figure turning about the vertical through the origin, once in two seconds."""
    turn = axis_angle_to_quat("Y", np.pi * motion.times_s)[:, None]
    return motion.with_(positions=quat_rotate(turn, motion.joints.astype(np.float64)))


def lying(motion: Motion) -> Motion:
    """The figure laid on its back."""
    return motion.with_(positions=quat_rotate(axis_angle_to_quat("X", -np.pi / 2), motion.joints.astype(np.float64)))


def performed(n: int = CLIPS) -> Iterator[Motion]:
    for seed in range(n):
        motion = perform(random_timeline(seed), seed)
        yield Motion(SMPL22, motion.fps, positions=motion.joints, name=f"performed {seed}")


def real(n: int = CLIPS) -> Iterator[Motion]:
    for i, record in enumerate(open_corpus("cmu").records("val")):
        if i == n:
            return
        yield record.motion()


def generated(n: int) -> tuple[list[Motion], list[np.ndarray]]:
    """Motions that the shipped generator makes of drawn prompts, and the joints that their features say, metres."""
    from kinelang.evaluate.prompts import prompts
    from kinelang.generating import Generator, finishing

    said: list[np.ndarray] = []
    equal = finishing.with_lengths

    def noted(joints: np.ndarray, *others: np.ndarray) -> np.ndarray:
        said.append(joints.copy())
        return equal(joints, *others)

    finishing.with_lengths = noted
    try:
        generator = Generator.load()
        made = [generator.generate(prompt.text, seed=i, clean=False)[0] for i, prompt in enumerate(prompts(n, seed=PROMPTS_SEED))]
    finally:
        finishing.with_lengths = equal
    return [one.motion for one in made], said


def lengthened_m(motion: Motion, said: np.ndarray) -> np.ndarray:
    """How far one length of bones moved the joints. (T, 22) metres."""
    return np.linalg.norm(motion.joints - said, axis=-1)


def npy_gaps_m(motion: Motion, folder: Path) -> np.ndarray:
    """As `gaps_m`, of the 22 joints as .npy."""
    save(motion, folder / "x.npy")
    return np.linalg.norm(load(folder / "x.npy", up="y", unit="m").joints - motion.joints, axis=-1)


def row(name: str, motions: Iterable[Motion], folder: Path) -> str:
    return figures(name, [gaps_m(motion, folder) for motion in motions])


def figures(name: str, gaps: list[np.ndarray]) -> str:
    """A row of the table."""
    means = np.array([g.mean() for g in gaps])
    pooled = np.concatenate([g.ravel() for g in gaps])
    found = [means.mean(), np.percentile(means, 95), np.percentile(pooled, 95), pooled.max()]
    cells = [f"{100 * x:{'.2f' if x >= 5e-5 or x == 0 else '.0e'}}" for x in found]
    return f"| {name} | {len(gaps)} | " + " | ".join(cells) + " |"


def stand_ins(folder: Path) -> None:
    sources = {"performed": list(performed())}
    if CORPORA["cmu"].find():
        sources["CMU val"] = list(real())
    else:
        print("no CMU recordings here: performed motions alone", file=sys.stderr)
    for name, clean in sources.items():
        noisy = [generated_like(motion, np.random.default_rng(i)) for i, motion in enumerate(clean)]
        print(row(f"{name}, clean", clean, folder))
        print(row(f"{name}, noisy", noisy, folder))
        print(row(f"{name}, noisy, facing away", [transform(m, yaw=np.pi) for m in noisy], folder))
        print(row(f"{name}, noisy, spinning", [spinning(m) for m in noisy], folder))
        print(row(f"{name}, noisy, lying", [lying(m) for m in noisy], folder))


def of_the_generator(n: int, folder: Path) -> None:
    motions, said = generated(n)
    away = [transform(motion, yaw=np.pi) for motion in motions]
    print(row("generated, BVH", motions, folder))
    print(row("generated, facing away, BVH", away, folder))
    print(figures("generated, .npy", [npy_gaps_m(motion, folder) for motion in motions]))
    print(figures("one length of bones, before both", [lengthened_m(m, joints) for m, joints in zip(motions, said, strict=True)]))
    print(row("what the features say, retargeted, BVH", [Motion(SMPL22, 20.0, positions=joints) for joints in said], folder))


def main() -> None:
    parser = argparse.ArgumentParser(description="Errors of exported files.")
    parser.add_argument("--generated", type=int, default=50, help="prompts of which the shipped generator makes motions; 0: none")
    parser.add_argument("--only-generated", action="store_true", help="leave out the stand-ins")
    options = parser.parse_args()
    head = " | clips | mean, cm | 95 % of clips below | 95 % of joints below | largest |\n|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        if not options.only_generated:
            print("| motions" + head)
            stand_ins(Path(folder))
        if options.generated:
            print("\n| generated motions" + head)
            of_the_generator(options.generated, Path(folder))


if __name__ == "__main__":
    main()
