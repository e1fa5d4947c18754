"""`kinelang info`: what is in a motion file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kinelang.cli.common import BodyModel, Fps, Json, SkeletonFile, Unit, Up, load, print_json, say

if TYPE_CHECKING:
    from kinelang.motion.motion import Motion


def info(
    files: Annotated[list[str], typer.Argument(help="Motion files, or archive.zip/member.")],
    unit: Unit = None,
    up: Up = None,
    fps: Fps = None,
    skeleton_file: SkeletonFile = None,
    body_model: BodyModel = None,
    as_json: Json = False,
) -> None:
    """Tell format, skeleton, length, size of the body, path, and everything that was inferred on reading."""
    from kinelang.errors import KinelangError

    bad = 0
    for file in files:
        try:
            facts = facts_of(load(file, unit, up, fps, skeleton_file, body_model), file)
        except KinelangError as error:
            say(f"kinelang: {error}")
            bad += 1
            continue
        if not as_json:
            _print(facts)
        elif len(files) == 1:
            print_json(facts)
        else:
            typer.echo(json.dumps(facts, ensure_ascii=False))
    if bad:
        raise typer.Exit(2)


def facts_of(motion: Motion, file: str) -> dict[str, Any]:
    """What there is to say of a motion: plain numbers and strings, metres and degrees."""
    import numpy as np

    from kinelang.formats import detect, list_motion_files
    from kinelang.formats.source import open_source

    joints = motion.joints
    facts: dict[str, Any] = {
        "file": file,
        "format": detect(open_source(list_motion_files(file)[0]))[0].name,
        "skeleton": motion.skeleton.name,
        "joints": motion.skeleton.n_joints,
        "joint_names": list(motion.skeleton.joint_names),
        "has_rotations": motion.has_rotations,
        "frames": motion.n_frames,
        "fps": round(motion.fps, 6),
        "duration_s": round(motion.duration_s, 4),
        "bounding_box_m": [np.round(corner, 3).tolist() for corner in (joints.min(axis=(0, 1)), joints.max(axis=(0, 1)))],
    }
    return {**facts, **_human_facts(motion), "notes": list(motion.notes)}


def _human_facts(motion: Motion) -> dict[str, Any]:
    """Size, facing and path of a human figure; nothing but the reason for another."""
    import numpy as np

    from kinelang.errors import SkeletonError
    from kinelang.motion.contacts import leg_length_m
    from kinelang.motion.facing import heading
    from kinelang.motion.retargeting import smpl22_positions
    from kinelang.motion.skeletons import SMPL22

    try:
        body, notes = smpl22_positions(motion)
    except SkeletonError as error:
        return {"human": False, "reason": str(error)}
    head, feet = body[:, SMPL22.index("head")], body[:, [SMPL22.index(j) for j in ("left_foot", "right_foot")]]
    pelvis = body[:, 0].astype(np.float64)
    steps = np.diff(pelvis[:, [0, 2]], axis=0)
    return {
        "human": True,
        "leg_m": round(float(leg_length_m(body)), 3),
        "head_over_feet_m": round(float(np.percentile(head[:, 1] - feet[..., 1].min(axis=1), 95)), 3),
        "initial_facing_deg": round(float(np.degrees(heading(body[:1])[0])), 1),
        "pelvis_path_m": round(float(np.hypot(steps[:, 0], steps[:, 1]).sum()), 3),
        "pelvis_displacement_m": round(float(np.hypot(*(pelvis[-1] - pelvis[0])[[0, 2]])), 3),
        "supplied": list(notes),
    }


def _print(facts: dict[str, Any]) -> None:
    low, high = facts["bounding_box_m"]
    kind = "rotations and root path" if facts["has_rotations"] else "positions"
    rows = [
        ("format", facts["format"]),
        ("skeleton", f"{facts['skeleton']}, {facts['joints']} joints, {kind}"),
        ("length", f"{facts['duration_s']:.2f} s, {facts['frames']} frames at {facts['fps']:g} fps"),
        ("bounding box", " × ".join(f"{b - a:.2f}" for a, b in zip(low, high, strict=True)) + " m (x, y up, z)"),
    ]
    if facts["human"]:
        rows += [
            ("body", f"legs of {facts['leg_m']:.2f} m; the head joint at most {facts['head_over_feet_m']:.2f} m above the lower foot"),
            ("facing", f"{facts['initial_facing_deg'] + 0.0:.0f}° from +Z at the start, positive to the person's left"),
            (
                "path",
                f"{facts['pelvis_path_m']:.2f} m travelled by the pelvis, {facts['pelvis_displacement_m']:.2f} m from start to end",
            ),
        ]
    else:
        rows.append(("figure", f"not human: {facts['reason']}"))
    rows += [("note", note) for note in (*facts["notes"], *facts.get("supplied", ()))]
    typer.echo(facts["file"])
    for name, text in rows:
        typer.echo(f"  {name:<13} {text}")
