"""Convolution, padding and pooling on a small matrix, cell by cell, with the numbers in the cells.

Each figure shows one place of the window (``at``); the figures of all places make a film.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Padding = Literal["valid", "same"]


def convolution_steps(
    matrix: Array,
    kernel: Array,
    *,
    at: tuple[int, int] | None = None,
    padding: Padding = "valid",
    strides: int = 1,
) -> Figure:
    """A matrix, a kernel, and the result of sliding one over the other.

    ``at`` is a cell of the result, first by default: its window is framed, its sum written out, and
    later cells are still empty. Without ``at`` the whole result is there.

    Shapes: matrix (h, w), kernel (m, n)
    """
    raise NotImplementedError


def padding_steps(matrix: Array, kernel: Array, *, strides: int = 1) -> Figure:
    """The same convolution without padding ("valid") and with it ("same"), one below the other.

    The zeros around the matrix are drawn pale; the results show how large each comes out.

    Shapes: matrix (h, w), kernel (m, n)
    """
    raise NotImplementedError


def pooling_steps(
    matrix: Array,
    pool_size: int = 2,
    *,
    strides: int | None = None,
    kind: Literal["max", "average"] = "max",
    at: tuple[int, int] | None = None,
) -> Figure:
    """A matrix and what pooling leaves of it: each window has a colour, its largest cell a frame.

    ``at`` is a cell of the result: cells after it are still empty.

    Shapes: matrix (h, w)
    """
    raise NotImplementedError
