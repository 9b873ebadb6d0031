"""What the recurrent operations share: a view by time, masks, and matrices of all steps.

No operations themselves; ``lstm.py``, ``gru.py`` and ``simple_rnn.py`` are built on it. All arrays
are (b, t, n) in memory too: so all steps of all sequences are the rows of one matrix as they lie.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.broadcasting import reshape
from lernwerk.ops.broadcasting import sum as total
from lernwerk.ops.linalg import matmul
from lernwerk.ops.primitive import Array
from lernwerk.ops.shape import concatenate, expand_dims, transpose
from lernwerk.ops.shape_line import Shape

SAMPLE_MASK = np.array([[True, True, True], [True, False, True]])


def check_units(where: str, parts: int, recurrent: Shape) -> None:
    """Refuse kernels whose columns are not ``parts`` times the number of units."""
    units, columns = recurrent
    if columns != parts * units:
        raise ShapeError(
            where, f"{parts} * {units} = {parts * units} columns in the kernels of {units} units",
            columns,
        )  # fmt: skip


def time_first(x: Array) -> Array:
    """(b, t, n) as (t, b, n): a view."""
    return x.swapaxes(0, 1)


def projected(x: Array, kernel: Array, bias: Array, out: Array) -> None:
    """The share of x in every step, by one matrix product: x @ kernel + bias, (b, t, m)."""
    matrix = out.reshape(-1, out.shape[-1])[:, : kernel.shape[-1]]  # a view of ``out``
    np.matmul(x.reshape(len(matrix), x.shape[-1]), kernel, out=matrix)
    matrix += bias


def kept_steps(mask: Array) -> Array | None:
    """The mask as (t, b, 1), or None where it leaves nothing out and can be forgotten."""
    return None if mask.all() else time_first(mask)[..., None]


def sigmoid_slope(y: Array) -> Array:
    """The derivative of the logistic function, from its value."""
    return y * (1 - y)


def rows(x: Any) -> Any:
    """All steps of all sequences (b, t, n) as the rows of one matrix."""
    return reshape(x, shape=(x.shape[0] * x.shape[1], x.shape[2]))


def before(first: Any, steps: Any) -> Any:
    """The state before each step: ``first`` (b, n), then ``steps`` (b, t, n) without the last."""
    return concatenate(expand_dims(first, axis=1), steps[:, :-1], axis=1)


def input_gradient(dz: Any, kernel: Any) -> Any:
    """The gradient of x in z = x @ kernel, for all steps at once."""
    batch, steps, _ = dz.shape
    product = matmul(rows(dz), transpose(kernel))
    return reshape(product, shape=(batch, steps, kernel.shape[0]))


def kernel_gradient(x: Any, dz: Any) -> Any:
    """The gradient of the kernel in z = x @ kernel, summed over all steps at once."""
    return matmul(transpose(rows(x)), rows(dz))


def bias_gradient(dz: Any) -> Any:
    """The gradient of the bias in z = ... + bias, summed over all steps at once."""
    return total(rows(dz), axis=0)
