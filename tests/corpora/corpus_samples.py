"""Small corpora of every kind, made here."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

import kinelang
from kinelang.corpora import Caption, Record, standard, write_layout
from kinelang.corpora.tagging import untagged
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import euler_to_quat, quat_multiply, quat_rotate, quat_to_rotvec
from kinelang.motion.samples import SAMPLES, sample
from kinelang.motion.skeletons import SKELETONS

SPLITS = ("train", "train", "val", "test", "test")


def sample_records() -> list[Record]:
    """The sample motions, each with a caption of the whole and one of a part."""
    return [
        Record(
            name,
            split,
            (Caption(f"a person does {name} with the left arm"), Caption("the beginning", 0.5, 2.0)),
            source="made here",
            load_motion=partial(standard_sample, name),
        )
        for name, split in zip(SAMPLES, SPLITS, strict=True)
    ]


def standard_sample(name: str) -> Motion:
    return standard(sample(name, 60.0))


def make_layout(folder: Path) -> Path:
    write_layout(sample_records(), folder / "HumanML3D", name="samples", mirror=True, tagger=untagged)
    return folder / "HumanML3D"


def make_kit_layout(folder: Path) -> Path:
    """KIT's 251 features of the samples, on its 21 joints at 12.5 frames a second and in its unit."""
    from kinelang.motion.features import KIT
    from kinelang.motion.ops import resample

    def load(name: str) -> Motion:
        return resample(kinelang.retarget(sample(name, 50.0), SKELETONS["kit21"]), 12.5)

    records = [
        Record(name, split, (Caption("does something"),), fps=12.5, load_motion=partial(load, name))
        for name, split in zip(SAMPLES, SPLITS, strict=True)
    ]
    write_layout(records, folder / "KIT-ML", name="kit samples", layout=KIT, tagger=untagged)
    return folder / "KIT-ML"


def make_cmu(folder: Path) -> Path:
    """Trials as BVH at 120 frames a second, without the T-pose that only the real release has."""
    segments = []
    for i, (name, split) in enumerate(zip(SAMPLES, SPLITS, strict=True)):
        kinelang.save(sample(name, 120.0), folder / f"{i + 1:02}_01.bvh")
        for start_s in (0.0, 0.5):
            segment = {"id": f"{i}{int(10 * start_s):05}", "trial": f"{i + 1:02}_01", "start_s": start_s, "end_s": start_s + 2.5}
            segments.append({**segment, "split": split, "captions": [f"does {name}", "moves"]})
    (folder / "cmu_captions.json").write_text(json.dumps(segments))
    return folder


def make_cmu_trials(folder: Path) -> Path:
    make_cmu(folder)
    rows = [
        f'{i + 1:02}_01,{i + 1:02}_01.bvh,{split},"{name}, once"' for i, (name, split) in enumerate(zip(SAMPLES, SPLITS, strict=True))
    ]
    (folder / "cmu_trials.csv").write_text("\n".join(["trial,file,split,description", *rows]) + "\n")
    return folder


def make_humanml3d_text(folder: Path) -> Path:
    clip = {"source": "KIT/3/walk", "start_s": 0.0, "end_s": 4.0, "captions": ["a person walks", "walking"]}
    clips = {f"{i:06}": {**clip, "split": split} for i, split in enumerate(SPLITS)}
    (folder / "humanml3d_captions.json").write_text(json.dumps(clips))
    return folder / "humanml3d_captions.json"


def make_kitml_text(folder: Path) -> Path:
    notes = [{"seg_id": "1_0", "text": "A human walks.", "start": 0.0, "end": 3.0}, {"text": "stops", "start": 2.0, "end": 3.0}]
    items = {f"{i:05}": {"path": f"KIT/3/walk{i}_poses", "duration": 3.0, "annotations": notes} for i in range(3)}
    (folder / "kitml_annotations.json").write_text(json.dumps(items))
    return folder / "kitml_annotations.json"


def make_babel(folder: Path) -> Path:
    """Two sequences of each labelled split and one of the test set, over made AMASS files."""
    out = folder / "babel"
    out.mkdir()
    number = 0
    for split in ("train", "val", "test"):
        content = {}
        for _ in range(2):
            number += 1
            write_amass(out / "amass" / "KIT" / "3" / f"walk{number}_poses.npz", frames=120, seed=number)
            label = {"raw_label": "Walks forward!", "proc_label": "walk forward", "act_cat": ["walk", "forward movement"]}
            frame_labels = [
                {**label, "start_t": 0.0, "end_t": 1.0},
                {"raw_label": "transition", "proc_label": "transition", "act_cat": ["transition"], "start_t": 1.0, "end_t": 1.2},
                {"raw_label": "stand", "proc_label": "stand", "act_cat": None, "start_t": 2.0, "end_t": 1.2},
            ]
            sequence = {"babel_sid": number, "feat_p": f"KIT/KIT/3/walk{number}_poses.npz", "dur": 2.0, "url": ""}
            labels = {"seq_ann": {"labels": [label]}, "frame_ann": {"labels": frame_labels} if number % 2 else None}
            content[str(number)] = sequence if split == "test" else {**sequence, **labels}
        (out / f"{split}.json").write_text(json.dumps(content))
    return out


def make_folder(folder: Path) -> Path:
    for name, split in zip(SAMPLES, SPLITS, strict=True):
        kinelang.save(sample(name), folder / f"{name}.bvh")
        (folder / f"{name}.txt").write_text(f"a person does {name}\nthe beginning#the/DET#0.5#2.0\n")
        with open(folder / f"{split}.txt", "a") as file:
            file.write(f"{name}\n")
    return folder


STAGE_TEXTS = {
    "all": "Stand with legs open.",
    "head": "Face forward.",
    "stem": "Keep the spine straight.",
    "left_arm": "Raise the left arm.",
    "right_arm": "Keep the right arm by\n                    the side.",
    "left_leg": "Open the legs.",
    "right_leg": "Open the legs.",
    "pelvis": "The pelvis shifts to the left.",
}


def make_humman_mogen(folder: Path, people: int = 12) -> Path:
    """A recording of three stages and its mirror image of each of some people."""
    out = folder / "humman_mogen"
    (out / "annotations").mkdir(parents=True)
    for n in range(people):
        for mirrored in "ar":
            name = f"p{459 + n:06}_{mirrored}000011"
            write_smpl(out / "smpl_on_ground" / f"{name}.npz", seed=n)
            text = json.dumps(humman_stages(("Stand with legs open.", 0, 21), ("Take steps to the left.", 21, 66), ("Bow.", 66, 105)))
            (out / "annotations" / f"{name}.json").write_text(text)
    return out


def humman_stages(*stages: tuple[str, int, int]) -> list[dict[str, object]]:
    """An annotation of the overall sentences, first and last frames of its stages."""
    return [
        {"start_frame": start, "end_frame": end, "num_frames": end - start, **STAGE_TEXTS, "all": text} for text, start, end in stages
    ]


def write_smpl(path: Path, frames: int = 105, fps: float = 30.0, seed: int = 0) -> Path:
    """A person of SMPL bending and going along the ground of a Z-up world."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames) / fps
    rotations = euler_to_quat(0.3 * np.sin(t[:, None, None] + rng.uniform(0, 6, (1, 24, 3))), "ZXY")
    turn = euler_to_quat(np.array([np.pi / 2]), "X")
    rotations[:, 0] = quat_multiply(turn, rotations[:, 0])
    angles = quat_to_rotvec(rotations)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        global_orient=angles[:, 0],
        body_pose=angles[:, 1:].reshape(frames, 69),
        transl=quat_rotate(turn, np.stack([0.3 * t, 1.1 + 0 * t, 0.5 * t], axis=1)),
        betas=np.tile(rng.normal(0, 1, 10), (frames, 1)),
    )
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "cmu": make_cmu,
    "cmu_trials": make_cmu_trials,
    "humanml3d": make_layout,
    "humanml3d_text": make_humanml3d_text,
    "kitml": make_kit_layout,
    "kitml_text": make_kitml_text,
    "babel": make_babel,
    "humman_mogen": make_humman_mogen,
    "humman_mogen_sequences": make_humman_mogen,
    "synthetic": lambda folder: folder,
    "folder": make_folder,
}


# --- AMASS


def write_amass(path: Path, frames: int = 90, fps: float = 60.0, seed: int = 0, gender: str = "male") -> Path:
    """A person of SMPL-H bending and turning in AMASS's Z-up world."""
    rng = np.random.default_rng(seed)
    phase = np.linspace(0, 3, frames)[:, None, None] + rng.uniform(0, 6, (1, 52, 3))
    rotations = euler_to_quat(0.3 * np.sin(phase), "ZXY")
    turn = euler_to_quat(np.array([np.pi / 2]), "X")
    rotations[:, 0] = quat_multiply(turn, rotations[:, 0])
    t = np.arange(frames) / fps
    trans = quat_rotate(turn, np.stack([0.3 * t, 1.1 + 0 * t, 0.5 * t], axis=1))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        poses=quat_to_rotvec(rotations).reshape(frames, -1),
        trans=trans,
        betas=rng.normal(0, 1, 16),
        mocap_framerate=np.array(fps),
        gender=np.array(gender),
    )
    return path


def write_body_models(folder: Path, n_betas: int = 10) -> Path:
    """A male and a female body model of 120 vertices whose joints are near those of the table's SMPL-H."""
    rest = SKELETONS["smplh52"].rest_positions.astype(np.float64) + np.array([0.0, -0.24, 0.03])
    for seed, sex in enumerate(("male", "female")):
        rng = np.random.default_rng(seed)
        regressor = rng.dirichlet(np.ones(120), 52)
        template = np.linalg.lstsq(regressor, rest, rcond=None)[0]
        (folder / sex).mkdir(parents=True, exist_ok=True)
        shapes = rng.normal(0, 0.01, (120, 3, n_betas))
        np.savez(folder / sex / "model.npz", J_regressor=regressor, v_template=template, shapedirs=shapes)
    return folder
