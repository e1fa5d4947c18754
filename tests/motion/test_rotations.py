"""Rotations: properties, and agreement with SciPy's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

from kinelang.motion import rotations as r

TOLERANCE = {np.float32: 2e-6, np.float64: 1e-12}
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])
seeds = st.integers(0, 2**32 - 1)
fast = settings(deadline=None, max_examples=25)


def quats(seed: int, *shape: int, dtype: type = np.float64) -> np.ndarray:
    q = np.random.default_rng(seed).normal(size=(*shape, 4))
    return (q / np.linalg.norm(q, axis=-1, keepdims=True)).astype(dtype)


def vectors(seed: int, *shape: int, dtype: type = np.float64) -> np.ndarray:
    return np.random.default_rng(seed + 1).normal(size=(*shape, 3)).astype(dtype)


def scipy_of(q: np.ndarray) -> Rotation:
    return Rotation.from_quat(np.roll(q.astype(np.float64), -1, axis=-1))


def wxyz(rotation: Rotation) -> np.ndarray:
    return np.roll(rotation.as_quat(), 1, axis=-1)


def assert_same_rotation(a: np.ndarray, b: np.ndarray, atol: float) -> None:
    """Equal up to the sign of each quaternion."""
    sign = np.sign(np.sum(np.asarray(a, float) * b, axis=-1, keepdims=True))
    np.testing.assert_allclose(a * sign, b, atol=atol)


# --- vectors


@given(seeds)
@fast
def test_unit_and_cross(seed: int) -> None:
    a, b = vectors(seed, 5), vectors(seed + 7, 5)
    np.testing.assert_allclose(np.linalg.norm(r.unit(a), axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(r.cross(a, b), np.cross(a, b), atol=1e-12)
    np.testing.assert_array_equal(r.unit(np.zeros((2, 3))), np.zeros((2, 3)))


# --- against SciPy, in both types


@dtypes
@given(seed=seeds)
@fast
def test_products_and_rotated_vectors(dtype: type, seed: int) -> None:
    a, b, v = quats(seed, 8, dtype=dtype), quats(seed + 1, 8, dtype=dtype), vectors(seed, 8, dtype=dtype)
    tolerance = TOLERANCE[dtype]
    product, turned = r.quat_multiply(a, b), r.quat_rotate(a, v)
    assert product.dtype == turned.dtype == r.quat_conjugate(a).dtype == dtype
    assert_same_rotation(product, wxyz(scipy_of(a) * scipy_of(b)), tolerance)
    np.testing.assert_allclose(turned, scipy_of(a).apply(v), atol=5 * tolerance)
    np.testing.assert_allclose(r.quat_rotate(product, v), r.quat_rotate(a, r.quat_rotate(b, v)), atol=10 * tolerance)
    np.testing.assert_allclose(r.quat_multiply(a, r.quat_conjugate(a)), np.broadcast_to(r.IDENTITY, a.shape), atol=tolerance)


@dtypes
@given(seed=seeds)
@fast
def test_matrices(dtype: type, seed: int) -> None:
    q, tolerance = quats(seed, 8, dtype=dtype), TOLERANCE[dtype]
    m = r.quat_to_matrix(q)
    assert m.dtype == r.matrix_to_quat(m).dtype == dtype
    np.testing.assert_allclose(m, scipy_of(q).as_matrix(), atol=tolerance)
    np.testing.assert_allclose(m @ m.swapaxes(-1, -2), np.broadcast_to(np.eye(3), m.shape), atol=2 * tolerance)
    np.testing.assert_allclose(np.linalg.det(m), 1, atol=3 * tolerance)
    assert_same_rotation(r.matrix_to_quat(m), q, 2 * tolerance)
    assert (r.matrix_to_quat(m)[..., 0] >= 0).all()


@pytest.mark.parametrize("axis", [*np.eye(3).tolist(), [1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1], [-1, 2, -3]])
@pytest.mark.parametrize("angle", [np.pi, np.pi - 1e-7, np.pi + 1e-7, np.pi / 2, 2 * np.pi / 3, 1e-9, 0])
def test_matrix_to_quat_at_special_angles(axis: list[float], angle: float) -> None:
    rotation = Rotation.from_rotvec(angle * np.array(axis) / np.linalg.norm(axis))
    assert_same_rotation(r.matrix_to_quat(rotation.as_matrix()), wxyz(rotation), 1e-12)


@dtypes
@given(seed=seeds, size=st.sampled_from([0.0, 1e-9, 1e-4, 0.5, 3.0]))
@fast
def test_rotation_vectors(dtype: type, seed: int, size: float) -> None:
    v = (r.unit(vectors(seed, 8)) * size).astype(dtype)
    q = r.rotvec_to_quat(v)
    assert q.dtype == r.quat_to_rotvec(q).dtype == dtype
    assert_same_rotation(q, wxyz(Rotation.from_rotvec(v.astype(np.float64))), TOLERANCE[dtype])
    np.testing.assert_allclose(r.quat_to_rotvec(q), v, atol=TOLERANCE[dtype] * 2)
    np.testing.assert_allclose(r.quat_to_rotvec(-q), v, atol=TOLERANCE[dtype] * 2)


@given(seeds)
@fast
def test_rotation_vectors_are_at_most_half_a_turn(seed: int) -> None:
    v = r.quat_to_rotvec(quats(seed, 20))
    assert (np.linalg.norm(v, axis=-1) <= np.pi + 1e-12).all()
    assert_same_rotation(r.rotvec_to_quat(v), quats(seed, 20), 1e-12)


@dtypes
@pytest.mark.parametrize("order", r.EULER_ORDERS)
@given(seed=seeds)
@fast
def test_euler_angles(order: str, dtype: type, seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = rng.uniform([-np.pi, -1.5, -np.pi], [np.pi, 1.5, np.pi], size=(8, 3)).astype(dtype)
    q = r.euler_to_quat(angles, order)
    assert q.dtype == r.quat_to_euler(q, order).dtype == dtype
    assert_same_rotation(q, wxyz(Rotation.from_euler(order, angles.astype(np.float64))), TOLERANCE[dtype])
    # The angles are ill-conditioned near the lock: a middle angle of 1.5 leaves a cosine of 0.07.
    np.testing.assert_allclose(np.exp(1j * r.quat_to_euler(q, order)), np.exp(1j * angles), atol=100 * TOLERANCE[dtype])


@pytest.mark.parametrize("order", r.EULER_ORDERS)
@pytest.mark.parametrize("middle", [np.pi / 2, -np.pi / 2])
@given(seed=seeds, off=st.sampled_from([0.0, 1e-9, -1e-9, 1e-7, 1e-5]))
@fast
def test_euler_angles_at_gimbal_lock(order: str, middle: float, seed: int, off: float) -> None:
    angles = np.random.default_rng(seed).uniform(-np.pi, np.pi, size=(8, 3))
    angles[:, 1] = middle + off
    q = r.euler_to_quat(angles, order)
    recovered = r.quat_to_euler(q, order)
    assert np.isfinite(recovered).all()
    assert (np.abs(recovered[:, 1]) <= np.pi / 2 + 1e-12).all()
    # The sine of the middle angle is flat there: 1e-16 in the matrix is 1e-8 in the angle.
    assert_same_rotation(r.euler_to_quat(recovered, order), q, 1e-6)
    if off == 0:
        np.testing.assert_array_equal(recovered[:, 2], 0)


@pytest.mark.parametrize("order", ["X", "Y", "Z", "XY", "ZX", "YY", "ZXZ", "XYX"])
@given(seed=seeds)
@fast
def test_fewer_axes_and_repeated_ones(order: str, seed: int) -> None:
    angles = np.random.default_rng(seed).uniform(-4, 4, size=(5, len(order)))
    expected = Rotation.identity(5)
    for i, axis in enumerate(order):
        expected = expected * Rotation.from_euler(axis, angles[:, i : i + 1])
    assert_same_rotation(r.euler_to_quat(angles, order), wxyz(expected), 1e-12)


@given(seed=seeds, axis=st.sampled_from("XYZ"), angle=st.floats(-10, 10))
@fast
def test_turns_about_one_axis(seed: int, axis: str, angle: float) -> None:
    assert_same_rotation(r.axis_angle_to_quat(axis, np.array(angle)), wxyz(Rotation.from_euler(axis, angle)), 1e-12)


# --- six numbers


@dtypes
@given(seed=seeds)
@fast
def test_six_d(dtype: type, seed: int) -> None:
    m = r.quat_to_matrix(quats(seed, 8, dtype=dtype))
    d = r.matrix_to_six_d(m)
    assert d.dtype == r.six_d_to_matrix(d).dtype == dtype
    np.testing.assert_array_equal(d, np.concatenate([m[..., 0], m[..., 1]], axis=-1))
    np.testing.assert_allclose(r.six_d_to_matrix(d), m, atol=3 * TOLERANCE[dtype])


@given(seeds)
@fast
def test_six_d_of_anything_is_a_rotation_with_the_first_axis_kept(seed: int) -> None:
    d = np.random.default_rng(seed).normal(size=(8, 6))
    m = r.six_d_to_matrix(d)
    np.testing.assert_allclose(m.swapaxes(-1, -2) @ m, np.broadcast_to(np.eye(3), m.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(m), 1, atol=1e-12)
    np.testing.assert_allclose(m[..., 0], r.unit(d[..., :3]), atol=1e-12)
    assert (np.einsum("ni,ni->n", m[..., 1], d[..., 3:]) > 0).all()


# --- the shortest rotation


@dtypes
@given(seed=seeds)
@fast
def test_between(dtype: type, seed: int) -> None:
    a, b = 3 * vectors(seed, 8, dtype=dtype), 0.1 * vectors(seed + 5, 8, dtype=dtype)
    q, tolerance = r.quat_between(a, b), 10 * TOLERANCE[dtype]
    assume((np.einsum("ni,ni->n", r.unit(a), r.unit(b)) > -0.99).all())
    assert q.dtype == dtype
    np.testing.assert_allclose(r.quat_rotate(q, r.unit(a)), r.unit(b), atol=tolerance)
    # Shortest: the axis is perpendicular to both.
    np.testing.assert_allclose(np.einsum("ni,ni->n", q[:, 1:], r.unit(a)), 0, atol=tolerance)
    np.testing.assert_allclose(np.einsum("ni,ni->n", q[:, 1:], r.unit(b)), 0, atol=tolerance)


@dtypes
@given(seed=seeds, scale=st.floats(0.1, 10))
@fast
def test_between_opposite_vectors_is_half_a_turn(dtype: type, seed: int, scale: float) -> None:
    a = np.concatenate([vectors(seed, 50), np.eye(3), -np.eye(3)]).astype(dtype)
    b = (-scale * a).astype(dtype)  # rounded, so that a x b is not quite zero
    q = r.quat_between(a, b)
    np.testing.assert_allclose(np.linalg.norm(q, axis=-1), 1, atol=TOLERANCE[dtype])
    np.testing.assert_allclose(r.quat_rotate(q, r.unit(a)), -r.unit(a), atol=5 * TOLERANCE[dtype])


@dtypes
@pytest.mark.parametrize("angle", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9])
def test_between_nearly_opposite_vectors(dtype: type, angle: float) -> None:
    a = r.unit(vectors(3, 200))
    sideways = r.unit(r.cross(a, vectors(4, 200)))
    b = (-np.cos(angle) * a + np.sin(angle) * sideways).astype(dtype)
    a = a.astype(dtype)
    tolerance = 3 * np.sqrt(np.finfo(dtype).eps)  # an axis that rounding spoils, or one that is chosen
    np.testing.assert_allclose(r.quat_rotate(r.quat_between(a, b), a), b, atol=tolerance)


def test_between_a_zero_vector_and_anything_is_no_turn() -> None:
    np.testing.assert_array_equal(r.quat_between(np.zeros((2, 3)), vectors(1, 2)), np.broadcast_to(r.IDENTITY, (2, 4)))


def test_between_equal_vectors_is_no_turn() -> None:
    a = vectors(1, 5)
    np.testing.assert_allclose(r.quat_between(a, a), np.broadcast_to(r.IDENTITY, (5, 4)), atol=1e-12)


# --- interpolation, continuity, swing and twist


@dtypes
@given(seed=seeds, t=st.floats(0, 1))
@fast
def test_slerp(dtype: type, seed: int, t: float) -> None:
    a, b = quats(seed, dtype=dtype), quats(seed + 1, dtype=dtype)
    assume(abs(float(a @ b)) > 0.01)  # at half a turn apart there are two shortest arcs
    between = r.quat_slerp(a, b, np.asarray(t, dtype=dtype))
    assert between.dtype == dtype
    expected = Slerp([0, 1], Rotation.concatenate([scipy_of(a), scipy_of(b)]))(t)
    assert_same_rotation(between, wxyz(expected), 5 * TOLERANCE[dtype])
    assert_same_rotation(r.quat_slerp(a, -b, np.asarray(t, dtype=dtype)), between, 5 * TOLERANCE[dtype])


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-7, 1e-5, 1e-3])
def test_slerp_of_near_rotations(angle: float) -> None:
    a = quats(1)
    b = r.quat_multiply(r.rotvec_to_quat(np.array([0, angle, 0])), a)
    middle = r.quat_multiply(r.rotvec_to_quat(np.array([0, 0.25 * angle, 0])), a)
    np.testing.assert_allclose(r.quat_slerp(a, b, np.array(0.25)), middle, atol=1e-13)


@given(seeds)
@fast
def test_continuous(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = r.rotvec_to_quat(rng.uniform(-0.5, 0.5, size=(30, 2, 3)))
    smooth = [quats(seed, 2)]
    for step in steps:
        smooth.append(r.quat_multiply(step, smooth[-1]))
    path = np.stack(smooth)
    flipped = path * rng.choice([-1.0, 1.0], size=(31, 2, 1))
    np.testing.assert_allclose(r.quat_continuous(flipped), path * np.sign(np.sum(path[:1] * flipped[:1], axis=-1, keepdims=True)))
    np.testing.assert_array_equal(r.quat_continuous(path[:1]), path[:1])


@dtypes
@given(seed=seeds)
@fast
def test_swing_and_twist(dtype: type, seed: int) -> None:
    q, axis, tolerance = quats(seed, 8, dtype=dtype), r.unit(vectors(seed, 8, dtype=dtype)), 20 * TOLERANCE[dtype]
    assume((np.abs(q[:, 0]) + np.abs(np.einsum("ni,ni->n", q[:, 1:], axis)) > 0.05).all())
    swing, twist = r.quat_swing_twist(q, axis)
    assert swing.dtype == twist.dtype == dtype
    np.testing.assert_allclose(r.quat_multiply(swing, twist), q, atol=tolerance)
    np.testing.assert_allclose(r.quat_rotate(twist, axis), axis, atol=tolerance)
    np.testing.assert_allclose(np.einsum("ni,ni->n", swing[:, 1:], axis), 0, atol=tolerance)


def test_swing_without_a_twist() -> None:
    half_turn = np.array([0.0, 1, 0, 0])
    swing, twist = r.quat_swing_twist(half_turn, np.array([0.0, 1, 0]))
    np.testing.assert_array_equal(twist, r.IDENTITY)
    np.testing.assert_array_equal(swing, half_turn)


# --- best fit


@dtypes
@given(seed=seeds, n=st.integers(2, 8))
@fast
def test_best_fit_recovers_a_rotation(dtype: type, seed: int, n: int) -> None:
    source, q = vectors(seed, 4, n), quats(seed, 4)
    directions = r.unit(source)
    assume((np.linalg.norm(np.cross(directions[:, 0], directions[:, 1]), axis=-1) > 0.1).all())
    target = r.quat_rotate(q[:, None], source)
    m = r.best_fit_rotation(source.astype(dtype), target.astype(dtype))
    assert m.dtype == dtype
    np.testing.assert_allclose(m, r.quat_to_matrix(q), atol=200 * TOLERANCE[dtype])


@given(seed=seeds, n=st.integers(3, 8))
@fast
def test_best_fit_is_best(seed: int, n: int) -> None:
    source, target = vectors(seed, n), vectors(seed + 9, n)
    m = r.best_fit_rotation(source, target)
    _, loss = Rotation.align_vectors(target, source)
    assert np.sum((source @ m.T - target) ** 2) <= loss**2 + 1e-9
    np.testing.assert_allclose(np.linalg.det(m), 1, atol=1e-9)


@given(seed=seeds, n=st.integers(1, 4))
@fast
def test_best_fit_is_a_proper_rotation_even_of_mirrored_flat_and_empty_vectors(seed: int, n: int) -> None:
    source = vectors(seed, n)
    for target in (source * [-1, 1, 1], -source, source * [1, 1, 0], np.zeros_like(source)):
        m = r.best_fit_rotation(source, target)
        np.testing.assert_allclose(m @ m.T, np.eye(3), atol=1e-9)
        np.testing.assert_allclose(np.linalg.det(m), 1, atol=1e-9)


# --- batches

Q, P, V, W = quats(1, 2, 3, 5), quats(2, 2, 3, 5), vectors(3, 2, 3, 5), vectors(4, 2, 3, 5)
BATCHED: dict[str, tuple[Callable[..., object], tuple[np.ndarray, ...]]] = {
    "unit": (r.unit, (V,)),
    "cross": (r.cross, (V, W)),
    "multiply": (r.quat_multiply, (Q, P)),
    "conjugate": (r.quat_conjugate, (Q,)),
    "rotate": (r.quat_rotate, (Q, V)),
    "between": (r.quat_between, (V, W)),
    "between opposite": (r.quat_between, (V, np.where(np.arange(5)[:, None] == 2, -V, W))),
    "to matrix": (r.quat_to_matrix, (Q,)),
    "from matrix": (r.matrix_to_quat, (r.quat_to_matrix(Q),)),
    "from rotvec": (r.rotvec_to_quat, (V,)),
    "to rotvec": (r.quat_to_rotvec, (Q,)),
    "from euler": (lambda v: r.euler_to_quat(v, "ZXY"), (V,)),
    "to euler": (lambda q: r.quat_to_euler(q, "ZXY"), (Q,)),
    "to six d": (r.matrix_to_six_d, (r.quat_to_matrix(Q),)),
    "from six d": (r.six_d_to_matrix, (np.concatenate([V, W], axis=-1),)),
    "slerp": (r.quat_slerp, (Q, P, np.random.default_rng(5).random((2, 3, 5)))),
    "swing and twist": (lambda q, v: np.stack(r.quat_swing_twist(q, r.unit(v))), (Q, V)),
}


@pytest.mark.parametrize("name", sorted(BATCHED))
def test_batched_equals_unbatched_and_inputs_stay(name: str) -> None:
    function, arguments = BATCHED[name]
    before = [a.copy() for a in arguments]
    together = np.asarray(function(*arguments))
    one = np.asarray(function(*(a[1, 2, 3] for a in arguments)))
    batch_axis = together.ndim - one.ndim - 3  # after the axis of the pair, for functions that give two
    picked = together[:, 1, 2, 3] if name == "swing and twist" else together[1, 2, 3]
    assert batch_axis == 0
    np.testing.assert_allclose(picked, one, atol=1e-14)
    for argument, copy in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, copy)


def test_best_fit_batched_equals_unbatched() -> None:
    np.testing.assert_allclose(r.best_fit_rotation(V, W)[1, 2], r.best_fit_rotation(V[1, 2], W[1, 2]), atol=1e-12)
