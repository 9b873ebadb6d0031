"""Activation functions and their derivatives, which Lernwerk's gradient computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk import activations
from lernwerk.core import Tensor, as_tensor, gradient
from lernwerk.errors import ArgumentError, check_name
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]
Function = Callable[[Any], Any]

COLUMNS = 3
POINTS = 801
# These look at several numbers at once, or need an argument.
_NOT_ONE_BY_ONE = ("softmax", "log_softmax", "sparsemax", "glu", "threshold")
NAMES = [name for name in activations.NAMES if name not in _NOT_ONE_BY_ONE]


def activation_functions(
    names: Sequence[str | Function] = ("sigmoid", "tanh", "relu"),
    *,
    low: float = -5.0,
    high: float = 5.0,
) -> Figure:
    """One panel for each function: y = f(x), and its derivative dashed.

    ``names`` are Keras's, or functions of a Tensor that work element by element.
    Raises ArgumentError for other names and for functions of several numbers at once.
    """
    names = [names] if isinstance(names, str) or callable(names) else list(names)
    if not low < high or not names:
        wrong = ("low to be less than high", f"{low} and {high}") if names else ("names", "none")
        raise ArgumentError("activation_functions", *wrong)
    chosen = [_named(name) for name in names]
    x = np.linspace(low, high, POINTS)
    with style.styled():
        columns = min(COLUMNS, len(chosen))
        rows = -(-len(chosen) // columns)
        figure = style.new_figure(2.9 * columns, 2.6 * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, (name, function) in zip(grid, chosen, strict=False):
            _draw(axes, name, x, *value_and_derivative(function, x))
        for axes in grid[len(chosen) :]:
            axes.set_axis_off()
        grid[0].legend(loc="best")
    return figure


def value_and_derivative(function: Function, x: Array) -> tuple[Array, Array]:
    """f(x) and f'(x) at every x, the derivative by the chain rule on the tape.

    Shapes: x (n) -> (n), (n)
    """
    points = Tensor(np.asarray(x, dtype=np.float64))
    y = as_tensor(function(points))
    if y.shape != points.shape:
        raise ArgumentError("activation_functions", "functions that work element by element",
                            f"one that makes {y.shape} of {points.shape}")  # fmt: skip
    (slope,) = gradient(y, [points], np.ones(points.shape)) if y.dtype.kind == "f" else (None,)
    return y.numpy(), np.zeros(points.shape) if slope is None else slope.numpy()


def _named(name: str | Function) -> tuple[str, Function]:
    if callable(name):
        return getattr(name, "__name__", type(name).__name__), name
    check_name("activation_functions", "activation", name, NAMES)
    return name, activations.get(name)


def _draw(axes: Axes, name: str, x: Array, y: Array, slope: Array) -> None:
    axes.axhline(0, color=style.QUIET, linewidth=0.7, zorder=1)
    axes.axvline(0, color=style.QUIET, linewidth=0.7, zorder=1)
    axes.plot(x, y, color=POSITIVE, linewidth=2, label=_("function"))
    axes.plot(x, slope, color=NEGATIVE, linewidth=1.4, linestyle=(0, (4, 2)), label=_("derivative"))
    axes.set_title(style.printable(name))
    axes.set_xlim(float(x[0]), float(x[-1]))
