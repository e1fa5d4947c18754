"""The paper's text format of a Structured Motion Description.

Only one excerpt is published; the order of sections, the headings and the lines of `static`, `holds` and `increases` follow it. The
lines of `decreases` and `repeats` are ours in the same manner.
"""

from __future__ import annotations

from kinelang.describing.description import Channel, Description, Interval

PUBLISHED_TRAJECTORY = ("height", "forward", "lateral", "yaw")
"""Channels of the published layout. Body yaw is left out where it is static, as in the published sample."""


def smd(description: Description) -> str:
    """The description as Structured Motion Description text, ending in a newline."""
    d = description
    lines = [f"Motion: {d.duration_s:.1f}s ({d.n_frames} frames at {d.fps:g} FPS)"]
    if d.trajectory:
        t = d.travel
        lines.append(
            f"Trajectory: displacement {t.displacement_m:.2f}m, height change {_signed(t.height_change_m, 2)}m, "
            f"avg height {t.mean_height_m:.2f}m"
        )
        lines.append("Global Trajectory:")
        for channel in d.trajectory:
            quiet = channel.key == "yaw" and channel.intervals[0].kind == "static"
            if channel.key in PUBLISHED_TRAJECTORY and not quiet:
                lines += _trajectory_lines(channel)
    lines.append("Joint Angles:")
    group = ""
    for channel in d.angles:
        if channel.group != group:
            group = channel.group
            lines.append(f"[{group}]")
        lines.append(f"{channel.name} ({channel.gloss}):")
        lines += [_line(i, channel) for i in channel.intervals]
    return "\n".join(lines) + "\n"


def _trajectory_lines(channel: Channel) -> list[str]:
    if channel.intervals[0].kind == "static":
        return [f"{channel.name}: {_line(channel.intervals[0], channel)}"]
    return [f"{channel.name} ({channel.gloss}):", *(_line(i, channel) for i in channel.intervals)]


def _line(i: Interval, channel: Channel) -> str:
    first, last = _value(i.first, channel.unit), _value(i.last, channel.unit)
    span = f"[{i.start_s:.1f}s–{i.end_s:.1f}s]"
    length = i.end_s - i.start_s
    if i.kind == "static":
        return f"static at {first} throughout"
    if i.kind == "holds":
        return f"holds at {first} {span} ({length:.1f}s)"
    if i.kind == "repeats":
        return f"repeats {i.cycles:g} cycles: {first} ↔ {last} {span} (period {length / i.cycles:.1f}s)"
    return f"{i.kind}: {first} → {last} {span} ({length:.1f}s)"


def _value(value: float, unit: str) -> str:
    """A value as text: whole degrees, millimetres; never a negative zero."""
    digits = 0 if unit == "deg" else 3
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text + {"deg": "°", "m": "m", "m/s": "m/s"}[unit]


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if float(text) == 0 else text
