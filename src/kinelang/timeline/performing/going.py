"""From speeds and steps to the path, the footprints and the tracks of the feet: a foot on the ground stays where it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kinelang.motion.arrays import Array
from kinelang.timeline.performing.curves import minimum_jerk, summed
from kinelang.timeline.performing.person import Person
from kinelang.timeline.performing.score import FootMove, Going, Score

OTHER = {"left": "right", "right": "left"}
SIGN = {"left": 1.0, "right": -1.0}
TOE_HEIGHT_M = 0.012
"""Height of the toe joint over the ground while the foot stands flat; the captured people of CMU have 0.00 to 0.02 m."""
_HEEL_TO_TOE_M = 0.17
_BEHIND = 0.08
"""Of a step: a foot lands less far before the body than it leaves the ground behind it."""
Footprint = tuple[float, float, float, float]
"""x, y, z in metres and yaw in radians."""
_MARGIN = 0.03  # of a step, between the start of stepping and the first lift


@dataclass(frozen=True)
class Path:
    """The way over the ground. x, z: (T,) metres; heading: (T,) radians, to the left; psi: (T,) steps gone; going: (T,) 0 to 1;
    ground: (T,) metres, height of the ground that carries the body."""

    x: Array
    z: Array
    heading: Array
    psi: Array
    going: Array
    ground: Array

    def places(self, left_m: Array | float, forward_m: Array | float, frame: Array | slice = slice(None)) -> tuple[Array, Array, Array]:
        """(x, z, heading) of points beside the path, at the given frames."""
        h = self.heading[frame]
        return (
            self.x[frame] + left_m * np.cos(h) + forward_m * np.sin(h),
            self.z[frame] - left_m * np.sin(h) + forward_m * np.cos(h),
            h,
        )


@dataclass
class FootTrack:
    """A foot over time. toe (T, 3) metres, yaw and pitch (T,) radians (pitch: heel up), planted (T,) 0 to 1."""

    toe: Array
    yaw: Array
    pitch: Array
    planted: Array


def path_of(score: Score) -> Path:
    """Integrate what was written with `go` and `drift_over_ground`; the path begins at the origin, heading +Z."""
    n, dt = len(score.times_s), 1.0 / score.fps
    zero = np.zeros(n)
    forward, left, turning, psi, going, ground = (zero.copy() for _ in range(6))
    for g in score.goings:
        forward += g.forward
        left += g.sideways
        turning += g.turning
        if g.steps:
            gone = g.steps_gone()
            psi += gone
            going += g.weight
            ground += g.gait.rise_m * np.clip(gone - (0.5 if g.gait.rise_m > 0 else 0.0), 0, g.steps - 1)
    heading = np.radians(summed(turning) * dt)
    x = summed(left * np.cos(heading) + forward * np.sin(heading)) * dt
    z = summed(forward * np.cos(heading) - left * np.sin(heading)) * dt
    return Path(x - x[0], z - z[0], heading - heading[0], psi, np.clip(going, 0, 1), ground - ground.min())


def steps_of(score: Score, path: Path) -> tuple[list[FootMove], Array]:
    """The steps that the goings ask for, and for each whole number of steps gone which foot (+1 left, -1 right) makes the next."""
    goings = sorted((g for g in score.goings if g.steps), key=lambda g: float(score.times_s[np.argmax(g.weight > 0)]))
    rising = path.psi + 1e-9 * np.arange(len(path.psi))
    moves: list[FootMove] = []
    feet: list[float] = []
    n = 0
    for i, g in enumerate(goings):
        linked_on = i + 1 < len(goings) and goings[i + 1].linked
        foot = OTHER[moves[-1].side] if g.linked and moves else g.first
        end = n + g.steps
        for k in range(n, end):
            moves.append(
                _step(g, foot, k, rising, score.times_s, (k == n and not g.linked), (k == end - 1 and not linked_on), end, linked_on)
            )
            feet.append(SIGN[foot])
            foot = OTHER[foot]
        n = end
        if g.gait.rise_m:
            moves[-g.steps :] = _on_stairs(moves[-g.steps :], g, float(path.ground[np.argmax(g.weight > 0)]))
    return moves, np.array(feet or [1.0])


def _step(g: Going, foot: str, k: int, psi: Array, times_s: Array, first: bool, last: bool, end: int, linked_on: bool) -> FootMove:
    """Step k of a going: the foot swings around psi = k + 1/2 and stands around k + 3/2."""
    swing = 1.0 - g.gait.duty
    lift = max(k + 0.5 - swing, k + _MARGIN) if first else k + 0.5 - swing
    land = min(k + 0.5 + swing, k + 1 - _MARGIN) if last else k + 0.5 + swing
    aim = k + 1.5 - _BEHIND if linked_on else min(k + 1.5 - _BEHIND, end - 1e-3)
    if last:
        aim = end - 1e-3
    lift_s, land_s, aim_s = np.interp([lift, min(land, psi[-1] - 1e-3), aim], psi, times_s)
    gait = g.gait
    return FootMove(foot, lift_s, max(land_s, lift_s + 0.05), aim_s, gait.lift_m, 0, 0, gait.width_m, gait.push_deg, gait.strike_deg)


def _on_stairs(moves: list[FootMove], g: Going, ground_m: float) -> list[FootMove]:
    heights = [ground_m + g.gait.rise_m * min(k + 1, g.steps - 1) for k in range(g.steps)]
    return [replace(move, ground_m=height) for move, height in zip(moves, heights, strict=True)]


def foot_tracks(score: Score, path: Path, steps: list[FootMove]) -> dict[str, FootTrack]:
    """Where each foot is at each frame."""
    moves = sorted([*steps, *score.foot_moves], key=lambda m: m.lift_s)
    on_toes = np.zeros(len(score.times_s))
    for g in score.goings:
        if g.gait.on_toes_deg:
            on_toes += np.radians(g.gait.on_toes_deg) * g.weight
    tracks = {}
    for side in SIGN:
        heel = on_toes + np.radians(sum((degrees for s, degrees in score.heels if s == side), np.zeros(len(on_toes))))
        tracks[side] = _track(score, path, side, [m for m in moves if m.side == side], heel)
    return tracks


def _track(score: Score, path: Path, side: str, moves: list[FootMove], on_toes: Array) -> FootTrack:
    t, person = score.times_s, score.person
    print_ = _footprint(path, 0, side, person, None)
    toe = np.tile(np.array(print_[:3]), (len(t), 1))
    track = FootTrack(toe, np.full(len(t), print_[3]), on_toes.copy(), np.ones(len(t)))
    free_from = 0.0
    for move in moves:
        lift_s = max(move.lift_s, free_from)
        land_s = max(move.land_s, lift_s + 0.08)
        free_from = land_s + 0.02
        at = int(np.clip(round(max(move.aim_s, move.land_s) * score.fps), 0, len(t) - 1))
        new = _footprint(path, at, side, person, move)
        _swing(track, t, lift_s, land_s, print_, new, move)
        print_ = new
    return track


def _footprint(path: Path, frame: int, side: str, person: Person, move: FootMove | None) -> Footprint:
    """(x, y, z, yaw) of the toe joint when the foot stands beside the path point of a frame."""
    width = person.width_m if move is None or move.width_m is None else move.width_m
    left = SIGN[side] * 0.5 * width + (move.left_m if move else 0.0)
    toe_out = np.radians(person.toe_out_deg)
    forward = 0.12 + (move.forward_m if move else 0.0)  # the toe joint stands before the ankle, which is below the pelvis
    x, z, heading = path.places(left + SIGN[side] * 0.12 * np.sin(toe_out), forward - 0.02, np.array(frame))
    ground = path.ground[frame] if move is None or move.ground_m is None else move.ground_m
    return float(x), float(ground) + TOE_HEIGHT_M, float(z), float(heading) + SIGN[side] * toe_out


def _swing(
    track: FootTrack,
    t: Array,
    lift_s: float,
    land_s: float,
    old: Footprint,
    new: Footprint,
    move: FootMove,
) -> None:
    """Write one step into the track: heel up, swing, heel down, and the new place from then on."""
    length = float(np.hypot(new[0] - old[0], new[2] - old[2]))
    vigour = 1.0 if move.in_flight else min(1.0, length / 0.5)  # short steps roll less over the foot
    push, strike = np.radians(move.push_deg) * vigour, np.radians(move.strike_deg) * vigour
    before, after = min(0.22, 0.6 * (land_s - lift_s)), 0.1
    a, b, c, d = (int(i) for i in np.searchsorted(t, [lift_s - before, lift_s, land_s, land_s + after]))
    heel_up = minimum_jerk((t[a:c] - lift_s + before) / (1.3 * before))  # on beyond the moment when the toes leave
    track.pitch[a:c] += 1.06 * push * heel_up * (1 - minimum_jerk((t[a:c] - lift_s) / (0.6 * (land_s - lift_s))))
    u = (t[b:c] - lift_s) / (land_s - lift_s)
    go = minimum_jerk(0.06 + 0.94 * u) if length > 0.05 else minimum_jerk(u)
    go = (go - go[0]) / max(1.0 - go[0], 1e-6) if len(go) else go
    hill = np.sin(np.pi * u**0.85) ** 1.5 * (0.35 + 0.65 * max(vigour, min(1.0, move.height_m / 0.12)))
    if move.in_flight:
        go, hill = u, 4 * u * (1 - u)
    up = minimum_jerk(u / 0.6) if new[1] > old[1] else minimum_jerk((u - 0.35) / 0.65)  # over the edge of a stair
    track.toe[b:c, 0] = old[0] + go * (new[0] - old[0])
    track.toe[b:c, 2] = old[2] + go * (new[2] - old[2])
    track.toe[b:c, 1] = old[1] + up * (new[1] - old[1]) + move.height_m * hill
    track.yaw[b:c] = old[3] + go * (new[3] - old[3])
    track.yaw[c:] = new[3]
    track.pitch[b:c] -= strike * minimum_jerk((u - 0.5) / 0.5)
    track.pitch[c:d] -= strike * (1 - minimum_jerk((t[c:d] - land_s) / after))
    track.toe[c:] = new[:3]
    track.planted[b:c] = 0.0


def heel_lift_m(pitch: Array) -> Array:
    """How much higher the toe joint is while only the heel stands (pitch below 0). (T,)"""
    return np.asarray(_HEEL_TO_TOE_M * np.sin(np.clip(-pitch, 0, 1.2)))
