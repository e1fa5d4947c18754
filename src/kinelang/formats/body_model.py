"""Rest joints of SMPL-family body models, from the model's own arrays."""

from __future__ import annotations

import numpy as np

from kinelang.errors import FormatError
from kinelang.formats.npy import Npz
from kinelang.formats.source import Source
from kinelang.motion.arrays import Array

REST_PELVIS = {
    "smplh": (-0.00217, -0.24079, 0.02858),
    "smplh_female": (-0.00088, -0.21142, 0.02782),
    "smplx": (0.00312, -0.35141, 0.01204),
}
"""The pelvis joint of the mean bodies (betas zero), metres: `trans` of an AMASS file moves the body's origin, not the pelvis.
Joint regressor times template of the released SMPL-H male, SMPL-H female and SMPL-X neutral models."""

HANDS_OF_SMPLX = tuple(range(22)) + tuple(range(25, 55))
"""SMPL-X has jaw and eyes (22 to 24) between body and hands."""


def rest_joints(model: Source, betas: Array) -> tuple[Array, int]:
    """Joints of a body model in its rest pose: J_regressor @ (v_template + shapedirs[..., :n] @ betas[:n]).

    Args:
        model: an .npz with `v_template` (V, 3), `shapedirs` (V, 3, S) and `J_regressor` (J, V), dense, or sparse by rows as
            `J_regressor_data`, `J_regressor_indices` and `J_regressor_indptr`.
        betas: (B,) shape coefficients.

    Returns:
        (J, 3) float64 metres, and how many betas were used.

    Raises:
        FormatError: not such a file.
    """
    arrays = Npz(model.data, model.where)
    template = arrays.numbers("v_template", 2)
    directions = arrays.numbers("shapedirs", 3)
    if template.shape[1:] != (3,) or directions.shape[:2] != template.shape:
        found = f"v_template {template.shape} and shapedirs {directions.shape}"
        raise FormatError.of(model.where, found, "(V, 3) and (V, 3, S)", "give an SMPL-H or SMPL-X model as .npz")
    n = min(len(betas), directions.shape[2])
    vertices = template + directions[..., :n] @ betas[:n]
    regressor = _sparse(arrays, len(template), model.where) if "J_regressor_data" in arrays else arrays.numbers("J_regressor", 2)
    if regressor.shape[1] != len(template):
        found = f"J_regressor {regressor.shape} for {len(template)} vertices"
        raise FormatError.of(model.where, found, f"(J, {len(template)})", "give an SMPL-H or SMPL-X model as .npz")
    return regressor @ vertices, n


def _sparse(arrays: Npz, n_vertices: int, where: str) -> Array:
    """The regressor from its compressed rows, dense."""
    data = arrays.numbers("J_regressor_data", 1)
    columns = arrays.numbers("J_regressor_indices", 1).astype(np.int64)
    starts = arrays.numbers("J_regressor_indptr", 1).astype(np.int64)
    rows = np.diff(starts)
    fits = 0 < len(rows) <= 200 and (rows >= 0).all() and starts[0] == 0 and starts[-1] == len(data) == len(columns)
    if not fits or (len(columns) and (columns.min() < 0 or columns.max() >= n_vertices)):
        raise FormatError.of(f"{where}, field 'J_regressor'", "indices that do not fit", f"compressed rows over {n_vertices} vertices")
    dense = np.zeros((len(rows), n_vertices))
    np.add.at(dense, (np.repeat(np.arange(len(rows)), rows), columns), data)
    return dense
