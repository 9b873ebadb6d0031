"""Where a classifier of two features changes its mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ArgumentError, Range, ShapeError, check_ranges
from lernwerk.plots import style
from lernwerk.plots.palette import colour_of, marker_of, rgb

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

_RANGES = {"steps": Range(2, integer=True)}
_MARGIN = 0.12  # of the rows' extent, on every side
_PALEST, _DEEPEST = 0.1, 0.42  # opacity of an answer that is a guess, and of a certain one


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
    Where the answers are probabilities, the colour is as deep as they are certain.

    Shapes: x (n, 2), y (n)
    Raises ShapeError for other shapes of rows and answers.
    """
    check_ranges("decision_boundary", {"steps": steps}, _RANGES)
    rows, labels = _checked(x, y)
    across, up = (_axis(rows[:, i], steps) for i in range(2))
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    answers = np.asarray(_answers(predict, points))
    classes, margins, certain = _fields(answers, np.unique(labels), threshold, len(points))
    texts = _class_texts(classes, class_names)
    with style.styled():
        figure = style.new_figure(5.0, 4.2)
        axes = figure.add_subplot(
            xlabel=style.printable(names[0]), ylabel=style.printable(names[1])
        )
        axes.grid(visible=False)
        size = len(up), len(across)
        _draw_answers(axes, across, up, margins.argmax(axis=0).reshape(size), certain.reshape(size))
        for margin in margins[1:] if len(classes) == 2 else margins:
            axes.contour(across, up, margin.reshape(size), [0.0], colors=style.INK, linewidths=1.1)
        _draw_rows(axes, rows, labels, classes, texts)
    return figure


def _checked(x: Array, y: Array) -> tuple[Array, Array]:
    rows, labels = np.asarray(x, dtype=np.float64), np.ravel(np.asarray(y))
    if rows.ndim != 2 or rows.shape[1] != 2 or not len(rows):
        raise ShapeError("decision_boundary", "x of shape (n, 2)", rows.shape)
    if len(labels) != len(rows):
        raise ShapeError("decision_boundary", f"{len(rows)} labels", len(labels))
    return rows, labels


def _axis(values: Array, steps: int) -> Array:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, steps)


def _answers(predict: Any, points: Array) -> Any:
    from lernwerk.models import Model

    if isinstance(predict, Model):
        return predict.predict(points, verbose=0)
    return (predict.predict if hasattr(predict, "predict") else predict)(points)


def _fields(
    answers: Array, labels: Array, threshold: float, count: int
) -> tuple[Array, Array, Array]:
    """Classes (k), how far each is ahead of all others at each point (k, n), and certainty (n)."""
    if answers.ndim not in (1, 2) or len(answers) != count:
        raise ShapeError("decision_boundary", f"{count} answers, (n), (n, 1) or (n, k)",
                         answers.shape)  # fmt: skip
    if answers.ndim == 2 and answers.shape[1] > 1:
        return _of_scores(answers.astype(np.float64), labels)
    answers = answers.reshape(count)
    if answers.dtype.kind != "f" or np.isin(answers, labels).all():
        classes = np.union1d(labels, answers)
        return classes, np.where(answers == classes[:, None], 0.5, -0.5), np.ones(count)
    classes = labels if len(labels) == 2 else np.array([0, 1])
    margin = answers - threshold
    reach = max(threshold, 1 - threshold) if 0 < threshold < 1 else np.abs(margin).max()
    return classes, np.stack([-margin, margin]), np.clip(np.abs(margin) / (reach or 1.0), 0, 1)


def _of_scores(scores: Array, labels: Array) -> tuple[Array, Array, Array]:
    k = scores.shape[1]
    classes = labels if len(labels) == k else np.arange(k)
    others = np.stack([np.delete(scores, i, axis=1).max(axis=1) for i in range(k)])
    are_probabilities = scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-3)
    certain = (scores.max(axis=1) - 1 / k) / (1 - 1 / k)
    return classes, scores.T - others, certain if are_probabilities else np.ones(len(scores))


def _class_texts(classes: Array, names: Sequence[str] | None) -> list[str]:
    if names is None:
        return [str(label) for label in classes]
    if len(names) != len(classes):
        raise ArgumentError("decision_boundary", f"{len(classes)} class_names", len(names))
    return [style.shortened(name) for name in names]


def _draw_answers(axes: Axes, across: Array, up: Array, winners: Array, certain: Array) -> None:
    colours = np.stack([rgb(colour_of(i)) for i in range(winners.max() + 1)])
    pixels = np.empty((*winners.shape, 4))
    pixels[..., :3] = colours[winners]
    pixels[..., 3] = _PALEST + (_DEEPEST - _PALEST) * np.clip(certain, 0, 1)
    half = (across[1] - across[0]) / 2, (up[1] - up[0]) / 2
    extent = (across[0] - half[0], across[-1] + half[0], up[0] - half[1], up[-1] + half[1])
    axes.imshow(pixels, origin="lower", extent=extent, aspect="auto", interpolation="nearest")


def _draw_rows(axes: Axes, rows: Array, labels: Array, classes: Array, texts: list[str]) -> None:
    size = float(np.clip(60 / np.sqrt(len(rows)), 2.2, 6.0))
    for index, (label, text) in enumerate(zip(classes, texts, strict=True)):
        chosen = rows[labels == label]
        axes.plot(*chosen.T, linestyle="", marker=marker_of(index), ms=size, label=text,
                  color=colour_of(index), mec="#ffffff", mew=0.5)  # fmt: skip
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.2)
