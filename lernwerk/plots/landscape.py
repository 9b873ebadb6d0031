"""The loss as a curve over one weight or a surface over two, with the path of a descent on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def loss_curve(
    loss: Callable[[float], float],
    values: Any,
    *,
    path: Any = None,
    name: str = "w",
    logarithmic: bool = False,
) -> Figure:
    """The loss over one weight, and the weights that a descent has visited.

    ``values`` are the weights to draw, or a pair (low, high); ``path`` is a sequence of weights, or
    a dict of several such by name. Steps that leave the picture are drawn to its edge.
    """
    raise NotImplementedError


def loss_surface(
    loss: Callable[[float, float], float] | Array,
    first: Any,
    second: Any,
    *,
    path: Any = None,
    names: Sequence[str] = ("w", "b"),
    steps: int = 50,
    view: tuple[float, float] = (35.0, -60.0),
    logarithmic: bool = False,
) -> Figure:
    """The loss over two weights: a surface in space, and beside it its contours from above.

    ``first`` and ``second`` are pairs (low, high), or the values of the two weights; ``loss`` is a
    function of two numbers, or the losses at those values as a matrix (len(second), len(first)).
    ``path`` is what a descent has visited, (n, 2), or a dict of several such by name. ``view`` is
    the height and the turn of the eye in degrees; ``logarithmic`` draws log10(loss).
    """
    raise NotImplementedError
