"""Convolution, padding and pooling on a small matrix, cell by cell, with the numbers in the cells.

Each figure shows one place of the window (``at``); the figures of all places make a film.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lernwerk.errors import COUNT, ArgumentError, ShapeError, check_name, check_ranges
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.cell_drawing import Sheet, number_text
from lernwerk.plots.palette import colour_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Padding = Literal["valid", "same"]
Place = tuple[int, int]

MOST_CELLS = 400  # of a matrix: more could not be read
_RANGES = {"strides": COUNT, "pool_size": COUNT}


def convolution_steps(
    matrix: Array,
    kernel: Array,
    *,
    at: Place | None = None,
    padding: Padding = "valid",
    strides: int = 1,
) -> Figure:
    """A matrix, a kernel, and the result of sliding one over the other.

    ``at`` is a cell of the result: its window is framed, its sum written out, and the cells after
    it are still empty. Without ``at`` the whole result is there.

    y[i, j] = sum over m, n of x[i * strides + m, j * strides + n] * kernel[m, n]

    Shapes: matrix (h, w), kernel (m, n)
    Raises ArgumentError for a padding of another name and for a cell that the result does not have.
    """
    where = "convolution_steps"
    check_name(where, "padding", padding, ("valid", "same"))
    check_ranges(where, {"strides": strides}, {"strides": COUNT})
    x, w = _matrix(where, matrix), _matrix(where, kernel)
    before, padded = _padded(x, w.shape, padding, strides)
    result = convolved(padded, w, strides)
    _check_place(where, at, result)
    with style.styled():
        sheet = Sheet()
        sheet.matrix(padded, _("input"), pale=_frame(before, x.shape, padded.shape))
        sheet.sign("∗")
        sheet.matrix(w, _("kernel"), signs=True)
        sheet.sign("=")
        sheet.matrix(result, _("result"), until=at)
        if at is not None:
            sheet.frame(0, _corner(at, strides), w.shape)
            sheet.frame(2, at, (1, 1))
            sums = {place: _sum_text(padded[_window(place, w.shape, strides)], w, total)
                    for place, total in np.ndenumerate(result)}  # fmt: skip
            sheet.write(sums[at], room_for=sums.values())
        return sheet.figure()


def padding_steps(matrix: Array, kernel: Array, *, strides: int = 1) -> Figure:
    """The same convolution without padding ("valid") and with it ("same"), one below the other.

    The zeros around the matrix are drawn pale; the results show how large each comes out.

    Shapes: matrix (h, w), kernel (m, n)
    """
    where = "padding_steps"
    check_ranges(where, {"strides": strides}, {"strides": COUNT})
    x, w = _matrix(where, matrix), _matrix(where, kernel)
    with style.styled():
        sheet = Sheet()
        for padding in ("valid", "same"):
            before, padded = _padded(x, w.shape, padding, strides)
            result = convolved(padded, w, strides)
            title = _("padding {name}: {rows} x {columns}")
            size = {"rows": padded.shape[0], "columns": padded.shape[1]}
            sheet.matrix(padded, title.format(name=f'"{padding}"', **size),
                         pale=_frame(before, x.shape, padded.shape))  # fmt: skip
            sheet.sign("∗")
            sheet.matrix(w, _("kernel"), signs=True)
            sheet.sign("=")
            title = _("result: {rows} x {columns}")
            sheet.matrix(result, title.format(rows=result.shape[0], columns=result.shape[1]))
            sheet.next_row()
        return sheet.figure()


def pooling_steps(
    matrix: Array,
    pool_size: int = 2,
    *,
    strides: int | None = None,
    kind: Literal["max", "average"] = "max",
    at: Place | None = None,
) -> Figure:
    """A matrix and what pooling leaves of it: each window has a colour, its largest cell a frame.

    ``at`` is a cell of the result: its window is framed, and the cells after it are still empty.

    Shapes: matrix (h, w)
    Raises ArgumentError for another kind and for a cell that the result does not have.
    """
    where = "pooling_steps"
    check_name(where, "kind", kind, ("max", "average"))
    step = pool_size if strides is None else strides
    check_ranges(where, {"pool_size": pool_size, "strides": step}, _RANGES)
    x = _matrix(where, matrix)
    result = pooled(x, pool_size, step, kind)
    _check_place(where, at, result)
    size = (pool_size, pool_size)
    with style.styled():
        sheet = Sheet()
        sheet.matrix(x, _("input"))
        sheet.sign("→")
        title = _("largest of each window") if kind == "max" else _("mean of each window")
        sheet.matrix(result, title, until=at)
        for number, place in enumerate(_places_until(at, result.shape)):
            colour = colour_of(number)
            sheet.tint(1, place, (1, 1), colour)
            if step >= pool_size:  # else colours would lie over each other
                sheet.tint(0, _corner(place, step), size, colour)
            if kind == "max":
                window = x[_window(place, size, step)]
                row, column = np.unravel_index(int(window.argmax()), window.shape)
                top, left = _corner(place, step)
                sheet.frame(0, (top + int(row), left + int(column)), (1, 1), colour)
        if at is not None:
            sheet.frame(0, _corner(at, step), size, style.INK)
            sheet.frame(1, at, (1, 1), style.INK)
        return sheet.figure()


# ---- the numbers


def convolved(padded: Array, kernel: Array, strides: int) -> Array:
    """The sums of all windows times the kernel.

    Shapes: padded (h, w), kernel (m, n) -> ((h - m) // strides + 1, (w - n) // strides + 1)
    """
    return _over_windows(padded, kernel.shape, strides, lambda window: (window * kernel).sum())


def pooled(matrix: Array, size: int, strides: int, kind: str) -> Array:
    """The largest number or the mean of each window.

    Shapes: matrix (h, w) -> ((h - size) // strides + 1, (w - size) // strides + 1)
    """
    reduce = np.max if kind == "max" else np.mean
    return _over_windows(matrix, (size, size), strides, reduce)


def _over_windows(
    x: Array, size: tuple[int, ...], strides: int, reduce: Callable[[Array], Any]
) -> Array:
    if x.shape[0] < size[0] or x.shape[1] < size[1]:
        raise ShapeError("window", f"a matrix of {size[0]} x {size[1]} or more", x.shape)
    shape = [(n - k) // strides + 1 for n, k in zip(x.shape, size, strict=True)]
    result = np.empty(shape)
    for place in np.ndindex(*shape):
        result[place] = reduce(x[_window(place, size, strides)])
    return result


def _corner(place: Any, strides: int) -> Place:
    return place[0] * strides, place[1] * strides


def _window(place: Any, size: tuple[int, ...], strides: int) -> tuple[slice, slice]:
    top, left = _corner(place, strides)
    return slice(top, top + size[0]), slice(left, left + size[1])


def _padded(x: Array, size: tuple[int, ...], padding: str, strides: int) -> tuple[Place, Array]:
    """How many zeros come above and to the left, and the matrix with all of them."""
    from lernwerk import ops

    pairs = ops.explicit_padding(padding, x.shape, size, (strides, strides), (1, 1))
    return (pairs[0][0], pairs[1][0]), np.pad(x, pairs)


def _frame(before: Place, inner: tuple[int, ...], outer: tuple[int, ...]) -> Array:
    """Which cells are padding."""
    pale = np.ones(outer, dtype=bool)
    pale[before[0] : before[0] + inner[0], before[1] : before[1] + inner[1]] = False
    return pale


def _places_until(at: Place | None, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [place for place in np.ndindex(*shape) if at is None or place <= at]


def _sum_text(window: Array, kernel: Array, total: float) -> str:
    """The sum of one window; products with a weight of 0 are left out."""
    pairs = [(a, b) for a, b in zip(window.ravel(), kernel.ravel(), strict=True) if b != 0]
    parts = [f"{_factor(a)} · {_factor(b)}" for a, b in pairs]
    return f"{' + '.join(parts) or '0'} = {number_text(total)}"


def _factor(value: float) -> str:
    return number_text(value) if value >= 0 else f"({number_text(value)})"


def _matrix(where: str, given: Any) -> Array:
    found = np.asarray(given, dtype=np.float64)
    if found.ndim != 2 or not 1 <= found.size <= MOST_CELLS:
        raise ShapeError(where, f"a matrix of at most {MOST_CELLS} numbers", found.shape)
    return found


def _check_place(where: str, at: Place | None, result: Array) -> None:
    if at is None:
        return
    inside = len(at) == 2 and all(0 <= i < n for i, n in zip(at, result.shape, strict=True))
    if not inside:
        rows, columns = result.shape
        raise ArgumentError(where, f"a cell of the {rows} x {columns} result as at", at)
