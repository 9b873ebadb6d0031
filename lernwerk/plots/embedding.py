"""Vectors of many numbers as points of a plane: their two principal components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import DataError, ShapeError
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import COLOURS, colour_of, marker_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]


def principal_components(vectors: Array, count: int = 2) -> tuple[Array, Array]:
    """The vectors in the directions of their largest variance, and the share of it in each.

    x - mean = U S V^T; coordinates U S, shares S^2 / sum(S^2)

    The sign of each direction is such that its largest coordinate is positive.

    Shapes: vectors (n, c) -> (n, count), (count)
    Raises ShapeError for fewer numbers than components, DataError for numbers that are not finite.
    Source: Pearson 1901, "On lines and planes of closest fit"; Eckart & Young 1936.
    """
    x = np.asarray(vectors, dtype=np.float64)
    if x.ndim != 2 or min(x.shape) < count:
        raise ShapeError("principal_components", f"{count} or more vectors, and numbers in each",
                         x.shape)  # fmt: skip
    if not np.isfinite(x).all():
        raise DataError("principal_components", "finite numbers", "NaN or infinity")
    u, s, _vt = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    coordinates = u[:, :count] * s[:count]
    largest = coordinates[np.abs(coordinates).argmax(axis=0), np.arange(count)]
    shares = s**2 / (np.sum(s**2) or 1.0)
    return coordinates * np.where(largest < 0, -1.0, 1.0), shares[:count]


def embedding_map(
    vectors: Array, labels: Sequence[Any] | Array | None = None, *, words: Sequence[str] = ()
) -> Figure:
    """Vectors as points of the plane of their two principal components.

    ``labels`` are the classes of the vectors, which give the colours; ``words`` are written beside
    the points. The axes say how much of the variance they show.

    Shapes: vectors (n, c); labels and words none, or n
    """
    points, shares = principal_components(vectors)
    for name, given in (("labels", labels), ("words", words)):
        if given is not None and len(given) not in (
            {len(points)} if name == "labels" else {0, len(points)}
        ):
            raise ShapeError("embedding_map", f"{len(points)} {name}", len(given))
    with style.styled():
        figure = style.new_figure(5.6, 4.6)
        axes = figure.add_subplot()
        _draw_points(axes, points, labels, 2.5 if len(words) else 4.0)
        for (x, y), word in zip(points, words, strict=False):
            axes.annotate(style.shortened(word), (x, y), (3, 2), textcoords="offset points",
                          fontsize=7.5)  # fmt: skip
        text = _("component {number}: {share:.0%} of the variance")
        axes.set(xlabel=text.format(number=1, share=shares[0]),
                 ylabel=text.format(number=2, share=shares[1]))  # fmt: skip
        axes.set_aspect("equal", "datalim")
    return figure


def _draw_points(axes: Axes, points: Array, labels: Any, size: float) -> None:
    known = np.zeros(len(points)) if labels is None else np.ravel(np.asarray(labels))
    classes = np.unique(known)
    size = size if len(points) < 1000 else 2.0
    for index, label in enumerate(classes):
        axes.plot(*points[known == label].T, linestyle="", marker=marker_of(index), ms=size,
                  color=colour_of(index), alpha=0.75, markeredgewidth=0,
                  label=style.shortened(label), rasterized=len(points) > 2000)  # fmt: skip
    if labels is not None and len(classes) <= 3 * len(COLOURS):
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), markerscale=max(1.0, 4 / size),
                    handletextpad=0.1, ncols=1 + (len(classes) - 1) // 16)  # fmt: skip
