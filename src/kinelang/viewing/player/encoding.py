"""Motions as the JSON that the player reads: points packed to a quarter of a millimetre, everything else in plain words."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from kinelang.errors import MotionError
from kinelang.motion.arrays import Array
from kinelang.motion.motion import Motion
from kinelang.viewing.attention import Attention, attention_data
from kinelang.viewing.labels import INTERVAL_COLOURS, Curve, Span, colours_of, lanes_of
from kinelang.viewing.player.mannequin import mannequin_of, name_of
from kinelang.viewing.scene import scene_of

QUANTUM_M = 0.00025
"""Points are rounded to this, or coarser where a figure reaches further than 8 m from its root."""

_LARGEST = 32767


def page_data(
    motions: Sequence[Motion],
    spans: Sequence[Sequence[Span]],
    curves: Sequence[Sequence[Curve]],
    autoplay: bool,
    attention: Sequence[Attention | None] | None = None,
) -> str:
    """JSON for the page, safe inside a script element.

    `packed` is base64 of a zlib stream; motions and curves say at which byte of what it holds their arrays begin, all little-endian:
    `root_at` float32 (T, 3), `values_at` float32 (T,), and `points_at`, the points relative to the root in whole quanta: the steps
    from frame to frame of each of the 3 P coordinates (the first from 0, all modulo 65536), zigzagged so that small steps either
    way are small numbers, first the low bytes (3 P, T), then the high bytes (3 P, T). A motion with a caption has its "attention".
    """
    blob = bytearray()
    looks = attention or [None] * len(motions)
    entries = [_motion(m, s, c, a, blob) for m, s, c, a in zip(motions, spans, curves, looks, strict=True)]
    page = {
        "motions": entries,
        "duration_s": max(motion.duration_s for motion in motions),
        "autoplay": autoplay,
        "packed": base64.b64encode(zlib.compress(bytes(blob), 9)).decode("ascii"),
    }
    text = json.dumps(page, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _motion(
    motion: Motion, spans: Sequence[Span], curves: Sequence[Curve], attention: Attention | None, blob: bytearray
) -> dict[str, Any]:
    scene = scene_of(motion, 1)
    figure = mannequin_of(scene)
    if attention is not None and scene.body is None:
        raise MotionError.of(f"attention of '{name_of(motion)}'", "a figure that is not human", "a human figure, which has limbs")
    relative = figure.points - scene.root[:, None]
    quantum = max(QUANTUM_M, float(np.abs(relative).max()) / _LARGEST)
    yaw = float(np.arctan2(scene.facing[0, 0], scene.facing[0, 2]))
    facts = [f"{motion.duration_s:.2f} s", f"{motion.n_frames} frames at {motion.fps:g} fps"]
    facts += [f"{motion.skeleton.name}, {motion.skeleton.n_joints} joints"]
    return {
        "name": name_of(motion),
        "facts": " · ".join(facts),
        "fps": motion.fps,
        "frames": motion.n_frames,
        "duration_s": motion.duration_s,
        "ground_m": scene.ground_m,
        "yaw": yaw,
        "height_m": figure.height_m,
        "point_count": figure.points.shape[1],
        "quantum_m": quantum,
        "root_at": _append(blob, scene.root.astype("<f4").tobytes()),
        "points_at": _append(blob, packed_points(relative, quantum)),
        "capsules": figure.capsules,
        "trunk": figure.trunk,
        "trunk_lines": figure.trunk_lines,
        "head": figure.head,
        "tracks": _tracks(spans),
        "curves": [
            {
                "name": curve.name,
                "unit": curve.unit,
                "values_at": _append(blob, curve.values.astype("<f4").tobytes()),
                "colour": INTERVAL_COLOURS[(3 + i) % len(INTERVAL_COLOURS)],
            }
            for i, curve in enumerate(curves)
        ],
        **({} if attention is None else {"attention": attention_data(attention, figure.capsules, blob)}),
    }


def packed_points(relative: Array, quantum_m: float) -> bytes:
    """Points (T, P, 3) in metres around the root as `page_data` describes them."""
    quanta = np.round(relative.reshape(len(relative), -1).T / quantum_m).astype(np.int16)
    steps = np.diff(quanta, axis=1, prepend=np.int16(0))  # wraps around, as the reader's sum does
    zigzag = ((steps << 1) ^ (steps >> 15)).view(np.uint16)
    return (zigzag & 0xFF).astype(np.uint8).tobytes() + (zigzag >> 8).astype(np.uint8).tobytes()


def _append(blob: bytearray, data: bytes) -> int:
    """Add bytes at the next multiple of 4, where the reader can look at them as float32; returns where that is."""
    blob.extend(b"\0" * (-len(blob) % 4))
    at = len(blob)
    blob.extend(data)
    return at


def _tracks(spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Intervals by track in the order in which tracks first appear, those of a track in lanes that do not overlap."""
    colours = colours_of(spans)
    order = list(dict.fromkeys(span.track for span in spans))
    by_track = groupby(sorted(spans, key=lambda s: order.index(s.track)), key=lambda s: s.track)
    return [
        {
            "name": track,
            "lanes": [[{**span._asdict(), "colour": colours[span.label]} for span in lane] for lane in lanes_of(list(members))],
        }
        for track, members in by_track
    ]
