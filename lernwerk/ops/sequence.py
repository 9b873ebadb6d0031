"""What the recurrent operations share: time as the first axis, masks, and matrices of all steps.

No operations themselves; ``lstm.py``, ``gru.py`` and ``simple_rnn.py`` are built on it. Inside a
loop over time, arrays are (t, b, n), so that a step is one block of memory; to the outside they
appear as (b, t, n) without being copied.
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
    """(b, t, n) as (t, b, n) and back: a view."""
    return x.swapaxes(0, 1)


def projected(x: Array, kernel: Array, bias: Array, out: Array) -> None:
    """The share of x in every step, by one matrix product: x @ kernel + bias, (t, b, m)."""
    rows = time_first(x).reshape(-1, x.shape[-1])
    matrix = out.reshape(-1, out.shape[-1])[:, : kernel.shape[-1]]  # a view of ``out``
    np.matmul(rows, kernel, out=matrix)
    matrix += bias


def kept_steps(mask: Array) -> Array | None:
    """The mask as (t, b, 1), or None where it leaves nothing out and can be forgotten."""
    return None if mask.all() else time_first(mask)[..., None]


def sigmoid_slope(y: Array) -> Array:
    """The derivative of the logistic function, from its value."""
    return y * (1 - y)


def rows(x: Any) -> Any:
    """All steps of all sequences (b, t, n) as the rows of one matrix, in order of time."""
    ordered = transpose(x, axes=(1, 0, 2))
    return reshape(ordered, shape=(x.shape[0] * x.shape[1], x.shape[2]))


def before(first: Any, steps: Any) -> Any:
    """The state before each step: ``first`` (b, n), then ``steps`` (b, t, n) without the last."""
    start = expand_dims(first, axis=1)
    # Joined with time first, because that is how the steps lie in memory.
    parts = (transpose(start, axes=(1, 0, 2)), transpose(steps[:, :-1], axes=(1, 0, 2)))
    return transpose(concatenate(*parts, axis=0), axes=(1, 0, 2))


def input_gradient(dz: Any, kernel: Any) -> Any:
    """The gradient of x in z = x @ kernel, for all steps at once."""
    batch, steps, _ = dz.shape
    product = matmul(rows(dz), transpose(kernel))
    by_time = reshape(product, shape=(steps, batch, kernel.shape[0]))
    return transpose(by_time, axes=(1, 0, 2))


def kernel_gradient(x: Any, dz: Any) -> Any:
    """The gradient of the kernel in z = x @ kernel, summed over all steps at once."""
    return matmul(transpose(rows(x)), rows(dz))


def bias_gradient(dz: Any) -> Any:
    """The gradient of the bias in z = ... + bias, summed over all steps at once."""
    return total(rows(dz), axis=0)
