"""Where a classifier of two features changes its mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def decision_boundary(
    predict: Any,
    x: Array,
    y: Array,
    *,
    threshold: float = 0.5,
    names: Sequence[str] = ("x1", "x2"),
    class_names: Sequence[str] | None = None,
    steps: int = 200,
) -> Figure:
    """Every point of the plane in the colour of its answer, with the rows in that of their class.

    ``predict`` is a model, or a function of an array (n, 2). It answers with class labels (n), with
    numbers (n) or (n, 1), of which those above ``threshold`` are the second class, or with a number
    for each class (n, k), of which the largest counts. ``y`` holds the class labels of the rows.

    Shapes: x (n, 2), y (n)
    """
    raise NotImplementedError
