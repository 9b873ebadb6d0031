"""The pictures in which a classifier was most wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import COUNT, DataError, ShapeError, check_ranges
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.matrix import class_indices
from lernwerk.plots.pictures import picture_grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

_RANGES = {"count": COUNT}


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
    Raises ShapeError where the numbers of rows differ, DataError for labels that are no class.
    """
    check_ranges("worst_mistakes", {"count": count}, _RANGES)
    probabilities = _probabilities(predictions, len(x))
    names = [str(i) for i in range(probabilities.shape[1])]
    names = names if class_names is None else list(class_names)
    if len(names) != probabilities.shape[1]:
        raise ShapeError("worst_mistakes", f"{probabilities.shape[1]} class_names", len(names))
    true = class_indices(y, names)
    if len(true) != len(x):
        raise ShapeError("worst_mistakes", f"{len(x)} labels", len(true))
    worst = mistakes(true, probabilities)[:count]
    if not len(worst):
        with style.styled():
            return style.figure_with_note(_("No mistakes."))
    answers = probabilities.argmax(axis=1)
    titles = [
        _("{true}, not {answer} ({sure:.0%})").format(
            true=style.shortened(names[true[i]], 9), answer=style.shortened(names[answers[i]], 9),
            sure=probabilities[i, answers[i]],
        )
        for i in worst
    ]  # fmt: skip
    # As float64: stretched from the darkest to the brightest pixel, whatever the scale.
    return picture_grid([np.asarray(x[i], dtype=np.float64) for i in worst], titles)


def mistakes(true: Array, probabilities: Array) -> Array:
    """The rows whose likeliest class is not the true one; the least likely true class first.

    Shapes: true (n), probabilities (n, k) -> (number of mistakes)
    """
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != true)
    given = probabilities[wrong, true[wrong]]
    return wrong[np.argsort(given, kind="stable")]


def _probabilities(predictions: Array, rows: int) -> Array:
    found = np.asarray(predictions, dtype=np.float64)
    if found.ndim == 1 or (found.ndim == 2 and found.shape[1] == 1):
        second = found.reshape(-1)
        found = np.column_stack([1 - second, second])
    if found.ndim != 2 or len(found) != rows:
        raise ShapeError("worst_mistakes", f"predictions of shape ({rows}, k)", found.shape)
    if not np.isfinite(found).all():
        raise DataError("worst_mistakes", "finite probabilities", "NaN or infinity")
    return found
