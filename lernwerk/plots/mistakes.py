"""The pictures in which a classifier was most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def worst_mistakes(
    x: Array,
    y: Array,
    predictions: Array,
    *,
    count: int = 12,
    class_names: Sequence[str] | None = None,
) -> Figure:
    """The mistakes that give the true class the smallest probability, worst first.

    ``predictions`` are probabilities, (n, k), or for two classes (n) or (n, 1). Above each picture
    stand the true class, the answer, and the probability of the answer.

    Shapes: x (n, h, w) or (n, h, w, c), y (n)
    """
    raise NotImplementedError
