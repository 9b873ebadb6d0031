"""The confusion matrix: how often each class was taken for each other one.

Right answers are blue and mistakes orange, each as deep as its share of the true class, so that a
rare class counts as much as a large one. The counting is here as well, for tables of the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import DataError, ShapeError
from lernwerk.language import translate as _
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

# Above this number of classes the counts would not be legible.
NUMBERED_CLASSES = 25


def class_names_of(true: Array, predicted: Array) -> list[str]:
    """Names for classes that have none: the sorted labels, or 0 to the largest where they count."""
    labels = np.unique(np.concatenate([np.ravel(true), np.ravel(predicted)]))
    if labels.size and np.issubdtype(labels.dtype, np.integer) and labels[0] >= 0:
        return [str(label) for label in range(int(labels[-1]) + 1)]
    return [str(label) for label in labels]


def class_indices(labels: Array, class_names: Sequence[str]) -> Array:
    """Labels as indices into ``class_names``: integers are indices already, others are names.

    Shapes: labels (n) or (n, 1) -> (n). Raises DataError for a label that is no class.
    """
    flat = np.ravel(np.asarray(labels))
    if np.issubdtype(flat.dtype, np.integer):
        return _checked_indices(flat, len(class_names))
    positions = {name: index for index, name in enumerate(class_names)}
    unknown = [str(label) for label in flat if str(label) not in positions]
    if unknown:
        raise DataError("labels", "only names of classes", repr(unknown[0]))
    return np.array([positions[str(label)] for label in flat], dtype=np.int64)


def _checked_indices(labels: Array, count: int) -> Array:
    outside = labels[(labels < 0) | (labels >= count)]
    if outside.size:
        raise DataError("labels", f"integers from 0 to {count - 1}", int(outside[0]))
    return labels.astype(np.int64)


def count_confusions(true: Array, predicted: Array, class_names: Sequence[str]) -> Array:
    """How often true class i was predicted as class j.

    Shapes: true (n), predicted (n) -> (k, k), integers
    """
    rows, columns = class_indices(true, class_names), class_indices(predicted, class_names)
    if rows.shape != columns.shape:
        raise ShapeError("confusion matrix", f"{rows.size} predictions", columns.size)
    classes = len(class_names)
    return np.bincount(rows * classes + columns, minlength=classes**2).reshape(classes, classes)


def confusion_matrix(
    true: Array, predicted: Array, class_names: Sequence[str] | None = None
) -> Figure:
    """The confusion matrix as a figure: a row for each true class, a column for each answer.

    Labels are indices into ``class_names`` or the names themselves. Numbers stand in the cells up
    to 25 classes; beyond that the colour has to do.
    """
    names = class_names_of(true, predicted) if class_names is None else list(class_names)
    counts = count_confusions(true, predicted, names)
    with style.styled():
        if not names:
            return style.figure_with_note(_("No rows to compare."))
        side = _side(len(names))
        figure = style.new_figure(side + 0.9, side + 0.5)
        axes = figure.add_subplot()
        _draw_cells(axes, counts)
        _label_classes(axes, names)
        if len(names) <= NUMBERED_CLASSES:
            _write_counts(axes, counts)
    return figure


def _side(classes: int) -> float:
    """Inches of the matrix: room for the numbers, at most the width of a page."""
    return float(np.clip(1.6 + 0.33 * classes, 2.4, 8.0))


def _shares(counts: Array) -> Array:
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _opacities(counts: Array) -> Array:
    """Opacity of every cell; the root lifts rare mistakes out of the paper."""
    shares = _shares(counts)
    visible = np.where(counts > 0, 0.12 + 0.83 * np.sqrt(shares), 0.0)
    right = np.where(np.diag(counts) > 0, 0.12 + 0.83 * np.diag(shares), 0.0)
    visible[np.diag_indices(len(counts))] = right
    return visible


def _draw_cells(axes: Axes, counts: Array) -> None:
    classes = len(counts)
    pixels = np.empty((classes, classes, 4))
    pixels[..., :3] = style.WRONG_RGB
    pixels[np.arange(classes), np.arange(classes), :3] = style.RIGHT_RGB
    pixels[..., 3] = _opacities(counts)
    axes.imshow(pixels, interpolation="none")
    axes.grid(visible=False)
    if classes <= NUMBERED_CLASSES:
        edges = np.arange(classes + 1) - 0.5
        axes.hlines(edges, -0.5, classes - 0.5, color=style.RULE, linewidth=0.6)
        axes.vlines(edges, -0.5, classes - 0.5, color=style.RULE, linewidth=0.6)


def _label_classes(axes: Axes, names: list[str]) -> None:
    labels = [style.shortened(name, 20) for name in names]
    size = float(np.clip(260 / len(names), 4.2, 8.5))
    # Upright beside each other while they fit, else turned by a right angle.
    rotation = 0 if max(map(len, labels)) <= 3 and len(labels) <= 40 else 90
    axes.set_xticks(range(len(names)), labels, fontsize=size, rotation=rotation)
    axes.set_yticks(range(len(names)), labels, fontsize=size)
    axes.tick_params(length=0)
    axes.set_xlabel(_("predicted"))
    axes.set_ylabel(_("true"))
    axes.spines[:].set_visible(False)


def _write_counts(axes: Axes, counts: Array) -> None:
    opacities = _opacities(counts)
    size = float(np.clip(120 / len(counts), 5.0, 9.5))
    for row, column in np.argwhere(counts > 0):
        colour = "#ffffff" if opacities[row, column] > 0.6 else style.INK
        text = str(counts[row, column])
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour)
