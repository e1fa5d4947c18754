"""HuMMan-MoGen: fitness exercises told stage by stage and body part by body part (Zhang et al., FineMoGen, NeurIPS 2023).

Read as `humman_mogen/README.md` of the HuMMan toolbox describes the release (HuMMan v1.0, Motion Generation Subset, 2024: 6,264
sequences of 160 actions by 179 people, half of them mirror images; the paper counted 2,968 videos):

    smpl_on_ground/p000459_a000011.npz    global_orient (T, 3), body_pose (T, 69), transl (T, 3), betas (T, 10) of SMPL
    annotations/p000459_a000011.json      a list of stages: start_frame, end_frame (excluded), num_frames, and sentences "all",
                                          "head", "stem", "left_arm", "right_arm", "left_leg", "right_leg", "pelvis"

Names are PERSON_ACTION; an action `r...` is the mirror image of `a...`. Two things are not written there and taken from the toolbox's
visualiser: 30 frames a second, and Z up with the ground at 0. No split has been published, neither there nor with the paper; here
people are divided, unless the folder holds train.txt, val.txt and test.txt. The release itself has not been at hand: what is tested is
made after its description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kinelang.corpora.base import Caption, Corpus, Record, ToldStage, standard
from kinelang.corpora.folder import split_by_name
from kinelang.corpora.places import entry, read_json, read_text
from kinelang.errors import CorpusError, FormatError
from kinelang.formats.body_model import REST_PELVIS, rest_joints
from kinelang.formats.npy import Npz, finite_float64
from kinelang.formats.source import open_source
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.motion.rotations import rotvec_to_quat
from kinelang.motion.scale import convention_note, to_metres_y_up
from kinelang.motion.skeletons import SMPL22

GET_IT = (
    "HuMMan-MoGen's data.zip, unpacked (HuMMan v1.0, Motion Generation Subset; where to load it down says humman_mogen/README.md of "
    "humman_toolbox on GitHub; S-Lab licence, not for commercial use)"
)
ANNOTATIONS, MOTIONS = "annotations", "smpl_on_ground"
FRAMES_A_SECOND, UP = 30.0, "z"
"""As the toolbox's visualiser has them."""
OVERALL = "all"
SENTENCES = ("head", "stem", "left_arm", "right_arm", "left_leg", "right_leg", "pelvis")
"""The release's names of `TOLD_PARTS`."""
_NAME = re.compile(r"(?P<person>p\d+)_(?P<mirrored>[ar])(?P<action>\d+)")


class HuMManMoGen(Corpus):
    """HuMMan-MoGen's sequences, each one record whose captions are the overall sentences of its stages, with times.

    `Record.told` has the sentences of the parts besides. Mirror images are records of their own, of the same group as what they mirror.

    Args:
        folder: holds `annotations` and `smpl_on_ground`, or holds them in `data`. Without the second it is a corpus of text alone.
        sequences: also a caption of the whole: the overall sentences one after the other. With it whole sequences are among
            `clips`, so that a model that learns of them has learnt sequences of texts; without, each stage is a clip by itself.
        mirrored: also the mirror images.
        body_model: an SMPL or SMPL-H model as .npz, for the joints of each body; None: bones of the mean body.
        fps: frames a second of the release.
        up: its up axis.

    Raises:
        CorpusError: no annotations, or ones that are not what they should be, with what was found.
    """

    name = "humman_mogen"
    tells_stages = True

    def __init__(
        self,
        folder: str | Path,
        *,
        sequences: bool = False,
        mirrored: bool = True,
        body_model: str | Path | None = None,
        fps: float = FRAMES_A_SECOND,
        up: str = UP,
    ) -> None:
        given = Path(folder)
        self.where = str(given)
        if sequences:
            self.name = "humman_mogen_sequences"
        self._sequences, self._model, self._fps, self._up = sequences, body_model, fps, up
        self._folder = next((p for p in (given, given / "data") if (p / ANNOTATIONS).is_dir()), None) or _nothing(self.name, given)
        self._has_motion = (self._folder / MOTIONS).is_dir()
        names = sorted(path.stem for path in (self._folder / ANNOTATIONS).glob("*.json"))
        for name in names:
            if _NAME.fullmatch(name) is None:
                raise CorpusError.of(str(self._folder / ANNOTATIONS), f"'{name}.json'", "PERSON_ACTION, such as p000459_a000011.json")
        self._names = [name for name in names if mirrored or "_a" in name]
        if not self._names:
            raise CorpusError.of(f"corpus '{self.name}'", f"no .json in {self._folder / ANNOTATIONS}", "the annotations", GET_IT)
        self._split_of = self._splits(given)
        self._told: dict[str, tuple[ToldStage, ...]] = {}

    def _splits(self, given: Path) -> dict[str, str]:
        """The split of each name: of the lists, where there are any; else by its person. A mirror image follows what it mirrors."""
        files = [file for place in dict.fromkeys((given, self._folder)) for s in self.splits if (file := place / f"{s}.txt").is_file()]
        if not files:
            return {name: split_by_name(name.partition("_")[0]) for name in self._names}
        listed = {line.strip(): file.stem for file in files for line in read_text(file).splitlines() if line.strip()}
        pairs = ((name, listed.get(name) or listed.get(name.replace("_r", "_a"))) for name in self._names)
        found = {name: split for name, split in pairs if split is not None}
        if not found:
            raise CorpusError.of(
                str(files[0]), f"none of the {len(self._names)} annotated", "names such as p000459_a000011, one a line"
            )
        return found

    def _records(self, split: str) -> Iterator[Record]:
        for name, own in self._split_of.items():
            if own == split:
                yield self._record(name, split)

    def __len__(self) -> int:
        return len(self._split_of)

    def _record(self, name: str, split: str) -> Record:
        told = self._stages(name)
        captions = tuple(Caption(stage.overall, stage.start_s, stage.end_s) for stage in told if stage.overall)
        if self._sequences and captions:
            captions = (Caption(" ".join(caption.text for caption in captions)), *captions)
        return Record(
            id=name,
            split=split,
            captions=captions,
            duration_s=told[-1].end_s,
            source=f"HuMMan {name}",
            group=name.replace("_r", "_a"),
            told=told,
            load_motion=partial(self._motion, name) if self._has_motion else None,
        )

    def _stages(self, name: str) -> tuple[ToldStage, ...]:
        if name not in self._told:
            file = self._folder / ANNOTATIONS / f"{name}.json"
            content = read_json(file, list, "a list of stages")
            stages = [_stage(item, f"{file}, stage {i}", self._fps) for i, item in enumerate(content)]
            if not stages:
                raise CorpusError.of(str(file), "an empty list", "at least one stage", "copy or download it again")
            self._told[name] = tuple(sorted(stages, key=lambda stage: stage.start_s))
        return self._told[name]

    def _motion(self, name: str) -> Motion:
        file = self._folder / MOTIONS / f"{name}.npz"
        if not file.is_file():
            raise CorpusError.of(f"corpus '{self.name}'", f"no {file}", "the motion that the annotation is about", f"get {GET_IT}")
        return standard(read_smpl(file, self._fps, self._up, self._model)).with_(name=name)


def read_smpl(file: Path, fps: float = FRAMES_A_SECOND, up: str = UP, body_model: str | Path | None = None) -> Motion:
    """SMPL parameters as the SMPL-X library names them: SMPL-22 with rotations, metres, Y up; the two hands are left out.

    Args:
        file: an .npz with `global_orient` (T, 3), `body_pose` (T, 69), `transl` (T, 3) and, for a body model, `betas` (T, 10) or (10,).
        fps: frames a second, which the file does not say.
        up: the up axis, which it does not say either.
        body_model: an SMPL or SMPL-H model as .npz, shaped by the mean of the frames' betas. None: bones of the mean body.

    Raises:
        FormatError: fields missing, pickled, of the wrong shape or not finite; the message says what was found.
    """
    arrays = Npz(open_source(file).data, str(file))
    turned = [_rows(arrays, name, joints, str(file)) for name, joints in (("global_orient", 1), ("body_pose", 23))]
    transl = _rows(arrays, "transl", 1, str(file))[:, 0]
    if len({len(array) for array in (*turned, transl)}) != 1:
        found = ", ".join(str(len(array)) for array in (*turned, transl))
        raise FormatError.of(str(file), f"{found} frames of global_orient, body_pose and transl", "as many of each")
    skeleton, pelvis = SMPL22, np.array(REST_PELVIS["smplh"])
    if body_model is not None:
        joints = rest_joints(open_source(body_model), _betas(arrays, str(file)))[0][:22]
        skeleton, pelvis = skeleton.with_offsets(joints - joints[[max(p, 0) for p in skeleton.parents]]), joints[0]
    rotations = rotvec_to_quat(np.concatenate(turned, axis=1)[:, :22])
    motion = Motion(skeleton, fps, None, rotations, transl + pelvis, None, file.stem, str(file))
    warning = convention_note(motion, up)
    return to_metres_y_up(motion if warning is None else motion.noted(warning), str(file), "m", up)


def _rows(arrays: Npz, name: str, joints: int, where: str) -> Array:
    """A field as (T, joints, 3), in which form it is stored as well as (T, 3 joints)."""
    field = f"{where}, field '{name}'"
    if name not in arrays:
        expected = "global_orient, body_pose, transl and betas"
        raise FormatError.of(field, f"only {', '.join(sorted(arrays)) or 'no arrays'}", expected, f"get {GET_IT}")
    values = finite_float64(arrays[name], field, arrays[name].ndim)
    if values.ndim < 2 or values[0].size != 3 * joints:
        raise FormatError.of(field, f"shape {values.shape}", f"(T, {3 * joints})")
    return values.reshape(len(values), joints, 3)


def _betas(arrays: Npz, where: str) -> Array:
    if "betas" not in arrays:
        return np.zeros(0)
    values = finite_float64(arrays["betas"], f"{where}, field 'betas'", arrays["betas"].ndim)
    return np.asarray(values.reshape(-1, values.shape[-1]).mean(axis=0))


def _stage(item: Any, where: str, fps: float) -> ToldStage:
    """One stage of an annotation; sentences may be missing, but not be anything else."""
    fields = entry(item, where, start_frame=(int,), end_frame=(int,))
    first, end = fields["start_frame"], fields["end_frame"]
    if not 0 <= first < end:
        raise CorpusError.of(where, f"frames {first} to {end}", "frames in order, from 0 on")
    said = {name: fields.get(name) or "" for name in (OVERALL, *SENTENCES)}
    for name, text in said.items():
        if not isinstance(text, str):
            raise CorpusError.of(where, f"{name}={text!r}"[:80], f"{name} as a sentence")
    plain = [" ".join(text.split()) for text in said.values()]
    if not any(plain):
        found = ", ".join(sorted(fields))
        raise CorpusError.of(where, f"{found}, and no sentence", f"sentences {', '.join((OVERALL, *SENTENCES))}")
    return replace(ToldStage(first / fps, end / fps, plain[0]), parts=tuple(plain[1:]))


def _nothing(name: str, given: Path) -> Path:
    there = ", ".join(sorted(p.name for p in given.iterdir())[:6]) if given.is_dir() else ""
    found = f"no {given / ANNOTATIONS}" + (f", but {there}" if there else "")
    raise CorpusError.of(f"corpus '{name}'", found, f"{ANNOTATIONS} and {MOTIONS} as they are released", GET_IT)
