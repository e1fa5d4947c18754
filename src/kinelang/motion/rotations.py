"""Rotations as unit quaternions (w, x, y, z), matrices, rotation vectors, Euler angles and the 6-D form.

Functions are named `<from>_to_<to>`, take any leading batch dimensions, keep the floating type of their input and never
modify it. Angles are radians. A quaternion rotates a column vector: `v' = q v q*`, and `quat_multiply(a, b)` applies b first.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from kinelang.motion.arrays import Array

AXES = {"X": 0, "Y": 1, "Z": 2}
EULER_ORDERS: tuple[str, ...] = tuple("".join(p) for p in permutations("XYZ"))
IDENTITY = (1.0, 0.0, 0.0, 0.0)


def unit(v: Array) -> Array:
    """Vectors scaled to length 1 along the last axis; a zero vector stays zero. v (..., D) -> (..., D)."""
    norm = np.sqrt(np.einsum("...i,...i->...", v, v))[..., None]
    return np.asarray(v / np.where(norm > 0, norm, 1))


def cross(a: Array, b: Array) -> Array:
    """Cross product along the last axis, several times faster than np.cross. a, b (..., 3) -> (..., 3)."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def quat_multiply(a: Array, b: Array) -> Array:
    """Hamilton product a b: the rotation b followed by a. a, b (..., 4) -> (..., 4)."""
    aw, ax, ay, az = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    bw, bx, by, bz = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def quat_conjugate(q: Array) -> Array:
    """Inverse of unit quaternions. q (..., 4) -> (..., 4)."""
    return np.asarray(q * np.array([1, -1, -1, -1], dtype=q.dtype))


def quat_rotate(q: Array, v: Array) -> Array:
    """Rotate vectors by unit quaternions. q (..., 4), v (..., 3) -> (..., 3)."""
    w, u = q[..., :1], q[..., 1:]
    t = 2 * cross(u, v)
    return np.asarray(v + w * t + cross(u, t))


def quat_between(a: Array, b: Array) -> Array:
    """Shortest rotation that turns direction a into direction b. a, b (..., 3) -> (..., 4).

    The vectors need not be unit. For opposite vectors the axis is any one perpendicular to a; so it is within 2 sqrt(eps) radians of
    opposite, where rounding decides the direction of a x b.
    """
    dot = np.einsum("...i,...i->...", a, b)
    lengths = np.sqrt(np.einsum("...i,...i->...", a, a) * np.einsum("...i,...i->...", b, b))
    xyz = cross(a, b)
    squared = np.einsum("...i,...i->...", xyz, xyz)
    obtuse = dot < 0
    # |a||b| + a.b, by its product with |a||b| - a.b where the sum itself would cancel.
    w = np.where(obtuse, squared / np.where(obtuse, lengths - dot, 1), lengths + dot)
    opposite = obtuse & (squared <= 4 * np.finfo(xyz.dtype).eps * lengths * lengths)
    if np.any(opposite):
        least = np.argmin(np.abs(a), axis=-1)  # the coordinate axis furthest from a
        perpendicular = cross(a, np.eye(3, dtype=a.dtype)[least])
        xyz = np.where(opposite[..., None], perpendicular, xyz)
        w = np.where(opposite, 0, w)
    q = np.concatenate([w[..., None], xyz], axis=-1)
    zero = lengths == 0
    if np.any(zero):
        q = np.where(zero[..., None], np.array(IDENTITY, dtype=q.dtype), q)
    return unit(q)


def quat_to_matrix(q: Array) -> Array:
    """Unit quaternions to rotation matrices. q (..., 4) -> (..., 3, 3)."""
    w, x, y, z = q[..., 0], q[..., 1], q[..., 2], q[..., 3]
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return np.stack(rows, axis=-1).reshape(*q.shape[:-1], 3, 3)


def matrix_to_quat(m: Array) -> Array:
    """Rotation matrices to unit quaternions with w >= 0. m (..., 3, 3) -> (..., 4).

    Each of the four components is the stable divisor where it is the largest (Shepperd 1978).
    """
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    zy, yz = m[..., 2, 1], m[..., 1, 2]
    xz, zx = m[..., 0, 2], m[..., 2, 0]
    yx, xy = m[..., 1, 0], m[..., 0, 1]
    candidates = np.stack(
        [
            np.stack([1 + xx + yy + zz, zy - yz, xz - zx, yx - xy], axis=-1),
            np.stack([zy - yz, 1 + xx - yy - zz, yx + xy, xz + zx], axis=-1),
            np.stack([xz - zx, yx + xy, 1 - xx + yy - zz, zy + yz], axis=-1),
            np.stack([yx - xy, xz + zx, zy + yz, 1 - xx - yy + zz], axis=-1),
        ],
        axis=-2,
    )
    diagonal = np.einsum("...ii->...i", candidates)
    best = np.argmax(diagonal, axis=-1)[..., None, None]
    q = unit(np.take_along_axis(candidates, best, axis=-2)[..., 0, :])
    return np.asarray(np.where(q[..., :1] < 0, -q, q))


def rotvec_to_quat(v: Array) -> Array:
    """Rotation vectors (axis times angle) to unit quaternions. v (..., 3) -> (..., 4)."""
    half = 0.5 * np.sqrt(np.einsum("...i,...i->...", v, v))[..., None]
    scale = 0.5 * np.sinc(half / np.pi)  # sin(half) / (2 half), finite at zero
    return np.concatenate([np.cos(half), scale * v], axis=-1).astype(v.dtype, copy=False)


def quat_to_rotvec(q: Array) -> Array:
    """Unit quaternions to rotation vectors of angle at most pi. q (..., 4) -> (..., 3)."""
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.sqrt(np.einsum("...i,...i->...", q[..., 1:], q[..., 1:]))[..., None]
    angle = 2 * np.arctan2(sine, q[..., :1])
    small = sine < 1e-8
    scale = np.where(small, 2, angle / np.where(small, 1, sine))
    return np.asarray(q[..., 1:] * scale)


def axis_angle_to_quat(axis: str, angle: Array | float) -> Array:
    """Rotation by `angle` about the coordinate axis "X", "Y" or "Z". angle (...) -> (..., 4)."""
    q = np.zeros((*np.shape(angle), 4), dtype=np.result_type(angle, np.float32))
    q[..., 0] = np.cos(0.5 * angle)
    q[..., 1 + AXES[axis]] = np.sin(0.5 * angle)
    return q


def euler_to_quat(angles: Array, order: str) -> Array:
    """Intrinsic Euler angles to quaternions, as BVH channels mean them. angles (..., N) -> (..., 4).

    `order` names the axis of each angle, first the outermost: "ZXY" is Rz(angles[0]) Rx(angles[1]) Ry(angles[2]). It may have
    one to three letters, repeats allowed.
    """
    cosines, sines = _half_cos_sin(np.asarray(angles, dtype=np.result_type(angles, np.float32)))
    w = cosines[..., 0]
    x, y, z = (sines[..., 0] if axis == order[0] else np.zeros_like(w) for axis in "XYZ")
    for i, axis in enumerate(order[1:], start=1):
        c, s = cosines[..., i], sines[..., i]
        # The product with a rotation about one coordinate axis has only two terms a component.
        if axis == "X":
            w, x, y, z = w * c - x * s, x * c + w * s, y * c + z * s, z * c - y * s
        elif axis == "Y":
            w, x, y, z = w * c - y * s, x * c - z * s, y * c + w * s, z * c + x * s
        else:
            w, x, y, z = w * c - z * s, x * c + y * s, y * c - x * s, z * c + w * s
    return np.stack([w, x, y, z], axis=-1)


def _half_cos_sin(angles: Array) -> tuple[Array, Array]:
    """Cosine and sine of half of each angle. Both come from t = tan(angle / 4), as one tangent takes half the time of the two.

    With t they are (1 - t^2) / (1 + t^2) and 2 t / (1 + t^2): within a few roundings of 1 of the true values for every angle.
    """
    t = np.tan(0.25 * angles)
    square = t * t
    scale = 1 / (1 + square)
    return (1 - square) * scale, (t + t) * scale


def quat_to_euler(q: Array, order: str) -> Array:
    """Quaternions to intrinsic Euler angles of three different axes. q (..., 4) -> (..., 3), radians.

    The middle angle lies in [-pi/2, pi/2], the others in (-pi, pi]. At gimbal lock the last angle is set to zero.
    """
    i, j, k = (AXES[a] for a in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0  # even or odd permutation of XYZ
    m = quat_to_matrix(q.astype(np.float64))
    sine = np.clip(sign * m[..., i, k], -1, 1)
    middle = np.arcsin(sine)
    locked = np.abs(sine) > 1 - 1e-12
    first = np.where(locked, np.arctan2(sign * m[..., k, j], m[..., j, j]), np.arctan2(-sign * m[..., j, k], m[..., k, k]))
    last = np.where(locked, 0, np.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, middle, last], axis=-1).astype(q.dtype, copy=False)


def matrix_to_six_d(m: Array) -> Array:
    """First and second column of rotation matrices, one after the other (Zhou et al. 2019). m (..., 3, 3) -> (..., 6)."""
    return np.concatenate([m[..., :, 0], m[..., :, 1]], axis=-1)


def six_d_to_matrix(d: Array) -> Array:
    """6-D form to rotation matrices: x = |c0|, z = |x × c1|, y = z × x as columns. d (..., 6) -> (..., 3, 3)."""
    x = unit(d[..., :3])
    z = unit(cross(x, d[..., 3:]))
    return np.stack([x, cross(z, x), z], axis=-1)


def quat_slerp(a: Array, b: Array, t: Array) -> Array:
    """Spherical interpolation along the shorter arc. a, b (..., 4), t (...) in [0, 1] -> (..., 4)."""
    dot = np.einsum("...i,...i->...", a, b)
    b = np.where(dot[..., None] < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(dot), 0, 1))
    sine = np.sin(angle)
    near = sine < 1e-6
    safe = np.where(near, 1, sine)
    wa = np.where(near, 1 - t, np.sin((1 - t) * angle) / safe)
    wb = np.where(near, t, np.sin(t * angle) / safe)
    return unit(wa[..., None] * a + wb[..., None] * b)


def quat_continuous(q: Array) -> Array:
    """Flip signs along time so that neighbours lie in one hemisphere; the rotations stay the same. q (T, ..., 4)."""
    if len(q) < 2:
        return q
    dot = np.einsum("t...i,t...i->t...", q[1:], q[:-1])
    sign = np.cumprod(np.where(dot < 0, -1, 1), axis=0).astype(q.dtype)
    return np.concatenate([q[:1], q[1:] * sign[..., None]], axis=0)


def quat_swing_twist(q: Array, axis: Array) -> tuple[Array, Array]:
    """Split q = swing · twist, twist about `axis` (unit). q (..., 4), axis (..., 3) -> two of (..., 4)."""
    along = np.einsum("...i,...i->...", q[..., 1:], np.broadcast_to(axis, q[..., 1:].shape))
    twist = np.concatenate([q[..., :1], along[..., None] * axis], axis=-1)
    length = np.sqrt(np.einsum("...i,...i->...", twist, twist))[..., None]
    twist = np.where(length < 1e-9, np.array(IDENTITY, dtype=q.dtype), twist / np.where(length < 1e-9, 1, length))
    return quat_multiply(q, quat_conjugate(twist)), twist


def best_fit_rotation(source: Array, target: Array) -> Array:
    """Rotation matrices that turn vectors `source` best into `target`, least squares (Kabsch 1976).

    source, target (..., N, 3) -> (..., 3, 3), always proper (determinant +1).
    """
    covariance = np.einsum("...ni,...nj->...ij", target, source)
    u, _, vt = np.linalg.svd(covariance)
    sign = np.sign(np.linalg.det(u @ vt))
    u = np.concatenate([u[..., :2], u[..., 2:] * sign[..., None, None]], axis=-1)
    return np.asarray(u @ vt)
