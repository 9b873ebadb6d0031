"""Figures for numbers: predictions against the truth, and what is left over.

Pairs in which a number is not finite are left out and counted in the title, so that a training that
diverged still has a picture. Many points become one small image inside the drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.language import translate as _
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

# More points than this would make the drawing larger than an image of it.
VECTOR_POINTS = 1200


def finite_pairs(true: Array, predicted: Array) -> tuple[Array, Array]:
    """Both arrays flat and in float64, without the pairs that hold a NaN or an infinity."""
    x = np.ravel(np.asarray(true, dtype=np.float64))
    y = np.ravel(np.asarray(predicted, dtype=np.float64))
    if x.shape != y.shape:
        raise ShapeError("predictions", f"{x.size} values", y.size)
    keep = np.isfinite(x) & np.isfinite(y)
    return x[keep], y[keep]


def predictions_against_truth(true: Array, predicted: Array) -> Figure:
    """Every prediction over its true value; a perfect one lies on the dotted line.

    Shapes: true (n), predicted (n)
    """
    x, y = finite_pairs(true, predicted)
    with style.styled():
        if not x.size:
            return style.figure_with_note(_("No finite predictions."))
        figure = style.new_figure(4.7, 4.1)
        axes = style.new_axes(figure, _("predicted over true") + _left_out(true, x))
        low, high = _limits(np.concatenate([x, y]))
        axes.plot([low, high], [low, high], color=style.QUIET, linewidth=1, linestyle=(0, (2, 2)))
        _scatter(axes, x, y)
        axes.set(xlim=(low, high), ylim=(low, high), xlabel=_("true"), ylabel=_("predicted"))
        axes.set_aspect("equal")
    return figure


def residuals(true: Array, predicted: Array) -> Figure:
    """Predicted minus true over the prediction, with the distribution at the side.

    Shapes: true (n), predicted (n)
    """
    x, y = finite_pairs(true, predicted)
    with style.styled():
        if not x.size:
            return style.figure_with_note(_("No finite predictions."))
        figure = style.new_figure(4.7, 4.1)
        scatter, side = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
        scatter.set_title(_("predicted − true") + _left_out(true, x))
        _scatter(scatter, y, y - x)
        scatter.set(xlabel=_("predicted"), ylabel=_("predicted − true"))
        _draw_distribution(side, y - x)
        for axes in (scatter, side):
            axes.axhline(0, color=style.QUIET, linewidth=1, linestyle=(0, (2, 2)))
    return figure


def _left_out(true: Array, kept: Array) -> str:
    missing = np.size(true) - kept.size
    return _(" ({number} not finite)").format(number=missing) if missing else ""


def _limits(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * (high - low) or max(abs(high), 1.0) * 0.04
    return low - margin, high + margin


def _scatter(axes: Axes, x: Array, y: Array) -> None:
    opacity = float(np.clip(25 / np.sqrt(x.size), 0.15, 0.75))
    axes.plot(
        x,
        y,
        linestyle="",
        marker="o",
        ms=3.6 if x.size <= VECTOR_POINTS else 2.4,
        markeredgewidth=0,
        color=style.POINTS,
        alpha=opacity,
        rasterized=x.size > VECTOR_POINTS,
    )


def _draw_distribution(axes: Axes, values: Array) -> None:
    low, high = _limits(values)
    bins = int(np.clip(np.sqrt(values.size), 6, 40))
    axes.hist(
        values,
        bins=np.linspace(low, high, bins + 1).tolist(),
        orientation="horizontal",
        color=style.POINTS,
        alpha=0.55,
    )
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(left=False)
