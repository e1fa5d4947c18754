"""Reading a player's page back, by the layout that its writer documents and without the writer's code."""

from __future__ import annotations

import base64
import json
import zlib
from html.parser import HTMLParser
from typing import Any

import numpy as np

from kinelang.motion.arrays import Array


class Page(HTMLParser):
    """What a browser would see of a page: its elements, the text of each script, the title."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.title = ""
        self.heading = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "title":
            self.title += data
        elif self._inside == "h1":
            self.heading += data

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.scripts[0])


def bytes_of(page: dict[str, Any]) -> bytes:
    return zlib.decompress(base64.b64decode(page["packed"]))


def points_of(page: dict[str, Any], motion: dict[str, Any]) -> Array:
    """World positions (T, P, 3) in metres, decoded number by number."""
    blob, frames, points = bytes_of(page), motion["frames"], motion["point_count"]
    root = np.frombuffer(blob, "<f4", frames * 3, motion["root_at"]).reshape(frames, 3).astype(np.float64)
    n = frames * points * 3
    low = np.frombuffer(blob, np.uint8, n, motion["points_at"]).reshape(points * 3, frames)
    high = np.frombuffer(blob, np.uint8, n, motion["points_at"] + n).reshape(points * 3, frames)
    quanta = np.empty((frames, points * 3))
    for channel in range(points * 3):
        value = 0
        for t in range(frames):
            zigzag = int(low[channel, t]) + 256 * int(high[channel, t])
            value += zigzag // 2 if zigzag % 2 == 0 else -(zigzag + 1) // 2
            value = (value + 32768) % 65536 - 32768
            quanta[t, channel] = value
    return root[:, None] + motion["quantum_m"] * quanta.reshape(frames, points, 3)


def curve_of(page: dict[str, Any], motion: dict[str, Any], curve: int) -> Array:
    return np.frombuffer(bytes_of(page), "<f4", motion["frames"], motion["curves"][curve]["values_at"])
