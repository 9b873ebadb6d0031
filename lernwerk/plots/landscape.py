"""The loss as a curve over one weight or a surface over two, with the path of a descent on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ArgumentError, DataError, Range, ShapeError, check_ranges
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import NEGATIVE, colour_of, heights_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

CURVE_POINTS, CONTOURS = 201, 22
_RANGES = {"steps": Range(2, integer=True)}
_BETWEEN = 16  # points between two steps of a path, so that it ends where it leaves the picture
_FAR = 1e3  # steps further away than this many widths of the picture are not drawn


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
    across = _values("loss_curve", "values", values, CURVE_POINTS)
    heights = np.array([_number(loss(w)) for w in across])
    _check_finite("loss_curve", heights)
    with style.styled():
        figure = style.new_figure(5.2, 3.6)
        axes = figure.add_subplot(xlabel=style.printable(name), ylabel=_("loss"))
        axes.plot(across, heights, color=style.INK, linewidth=1.6, zorder=2)
        _limit(axes, across, heights, logarithmic)
        for index, (label, steps) in enumerate(_paths("loss_curve", path, 1).items()):
            points = _near(steps, [across])
            losses = np.array([_number(loss(w)) for w in points[:, 0]])
            _draw_path(axes, np.column_stack([points, losses]), _colour(path, index), label)
        if isinstance(path, Mapping):
            axes.legend(loc="best")
    return figure


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
    check_ranges("loss_surface", {"steps": steps}, _RANGES)
    across = _values("loss_surface", "first", first, steps)
    up = _values("loss_surface", "second", second, steps)
    heights = _heights(loss, across, up, logarithmic)
    paths = _paths("loss_surface", path, 2)
    with style.styled():
        figure = style.new_figure(9.4, 4.1)
        space = figure.add_subplot(1, 2, 1, projection="3d")
        plane = figure.add_subplot(1, 2, 2)
        title = _("log10 of the loss") if logarithmic else _("loss")
        colours = heights_map() if isinstance(path, Mapping) else "viridis"
        _draw_surface(space, across, up, heights, view, colours)
        space.set_zlabel(title)
        drawn = plane.contourf(across, up, heights, CONTOURS, cmap=colours)
        plane.contour(across, up, heights, CONTOURS, colors="#ffffff", linewidths=0.3)
        figure.colorbar(drawn, ax=plane, label=title, shrink=0.9)
        for axes in (space, plane):
            axes.set(xlabel=style.printable(names[0]), ylabel=style.printable(names[1]))
        for index, (label, visited) in enumerate(paths.items()):
            points, colour = _near(visited, [across, up]), _colour(path, index, "#ff5a1f")
            _draw_path(plane, points, colour, label, halo=True)
            _draw_lifted(space, points, (across, up, heights), colour)
        plane.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
        plane.grid(visible=False)
        if isinstance(path, Mapping):
            figure.legend(*plane.get_legend_handles_labels(), loc="outside lower center",
                          ncols=len(paths))  # fmt: skip
    return figure


# ---- what is drawn


def _values(where: str, name: str, given: Any, count: int) -> Array:
    values = np.ravel(np.asarray(given, dtype=np.float64))
    if len(values) == 2:
        values = np.linspace(values[0], values[1], count)
    if len(values) < 2 or not np.isfinite(values).all() or not (np.diff(values) > 0).all():
        raise ArgumentError(where, f"{name} to be (low, high) or numbers that rise", repr(given))
    return values


def _number(value: Any) -> float:
    return float(np.asarray(value.numpy() if hasattr(value, "numpy") else value).item())


def _heights(loss: Any, across: Array, up: Array, logarithmic: bool) -> Array:
    size = len(up), len(across)
    if callable(loss):
        heights = np.array([[_number(loss(w, b)) for w in across] for b in up])
    else:
        heights = np.asarray(loss, dtype=np.float64)
    if heights.shape != size:
        raise ShapeError("loss_surface", f"losses of shape {size}", heights.shape)
    _check_finite("loss_surface", heights)
    return np.log10(np.maximum(heights, np.finfo(float).tiny)) if logarithmic else heights


def _check_finite(where: str, heights: Array) -> None:
    if not np.isfinite(heights).all():
        wrong = heights[~np.isfinite(heights)][0]
        raise DataError(where, "a finite loss at every weight", wrong, "Choose a smaller range.")


def _paths(where: str, path: Any, width: int) -> dict[str, Array]:
    if path is None:
        return {}
    named = path if isinstance(path, Mapping) else {"": path}
    found = {str(name): np.asarray(each, dtype=np.float64) for name, each in named.items()}
    for name, each in found.items():
        steps = each[:, None] if each.ndim == 1 and width == 1 else each
        if steps.ndim != 2 or steps.shape[1] != width:
            wanted = "(n)" if width == 1 else f"(n, {width})"
            raise ShapeError(where, f"a path of shape {wanted}", each.shape)
        found[name] = steps
    return found


def _near(steps: Array, ranges: Sequence[Array]) -> Array:
    """The steps up to the first that is too far away to be drawn, or no number."""
    low = np.array([values[0] for values in ranges])
    width = np.array([values[-1] - values[0] for values in ranges])
    with np.errstate(invalid="ignore"):
        far = ~(np.abs(steps - low) < _FAR * width).all(axis=1)
    return steps[: int(far.argmax())] if far.any() else steps


# ---- how it is drawn


def _colour(path: Any, index: int, alone: str = NEGATIVE) -> str:
    return colour_of(index) if isinstance(path, Mapping) else alone


def _limit(axes: Axes, across: Array, heights: Array, logarithmic: bool) -> None:
    """The picture is that of the curve, wherever its paths lead."""
    low, high = float(heights.min()), float(heights.max())
    if logarithmic and low > 0:
        axes.set_yscale("log")
        margin = (high / low) ** 0.05
        axes.set_ylim(low / margin, high * margin)
    else:
        margin = 0.06 * (high - low) or 1.0
        axes.set_ylim(low - margin, high + margin)
    axes.set_xlim(float(across[0]), float(across[-1]))


def _draw_path(axes: Axes, points: Array, colour: str, label: str, *, halo: bool = False) -> None:
    """Steps as points on a line; the first is hollow, the last larger."""
    size = float(np.clip(26 / np.sqrt(max(len(points), 1)), 1.2, 4.5))
    if halo:
        axes.plot(points[:, 0], points[:, 1], color="#ffffff", linewidth=2.8, alpha=0.7, zorder=3)
    axes.plot(points[:, 0], points[:, 1], color=colour, linewidth=1.3, marker="o", ms=size,
              zorder=4, label=label)  # fmt: skip
    ends = {"color": colour, "marker": "o", "linestyle": "", "zorder": 5}
    axes.plot(points[:1, 0], points[:1, 1], ms=7, markerfacecolor="#ffffff", **ends)
    axes.plot(points[-1:, 0], points[-1:, 1], ms=7, **ends)


def _draw_surface(
    space: Any, across: Array, up: Array, heights: Array, view: tuple[float, float], colours: Any
) -> None:
    space.computed_zorder = False  # the path is seen through the surface
    space.plot_surface(*np.meshgrid(across, up), heights, cmap=colours, alpha=0.85, linewidth=0.1,
                       edgecolor="#ffffff40", rcount=60, ccount=60, zorder=1)  # fmt: skip
    space.view_init(*view)
    space.tick_params(labelsize=7.5, pad=1)
    space.set_box_aspect(None, zoom=0.9)
    space.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))


def _draw_lifted(
    space: Any, points: Array, surface: tuple[Array, Array, Array], colour: str
) -> None:
    """The path on the surface; what lies outside of the picture is left out."""
    line = _dense(points)
    space.plot(*line.T, height_at(line, *surface), color=colour, linewidth=1.6, zorder=4)
    if len(points) <= 100:
        space.plot(*points.T, height_at(points, *surface), color=colour, linestyle="", marker="o",
                   ms=2.6, zorder=5)  # fmt: skip


def _dense(points: Array) -> Array:
    """Points along the straight lines from step to step."""
    at = np.linspace(0, len(points) - 1, _BETWEEN * max(len(points) - 1, 0) + 1)
    return np.column_stack([np.interp(at, np.arange(len(points)), each) for each in points.T])


def height_at(points: Array, across: Array, up: Array, heights: Array) -> Array:
    """The height of a surface between the points of its grid; NaN outside of it.

    Shapes: points (n, 2), across (w), up (h), heights (h, w) -> (n)
    """
    x, y = points.T
    column = np.clip(np.searchsorted(across, x) - 1, 0, len(across) - 2)
    row = np.clip(np.searchsorted(up, y) - 1, 0, len(up) - 2)
    u = (x - across[column]) / (across[column + 1] - across[column])
    v = (y - up[row]) / (up[row + 1] - up[row])
    low = heights[row, column] * (1 - u) + heights[row, column + 1] * u
    high = heights[row + 1, column] * (1 - u) + heights[row + 1, column + 1] * u
    inside = (x >= across[0]) & (x <= across[-1]) & (y >= up[0]) & (y <= up[-1])
    return np.where(inside, low * (1 - v) + high * v, np.nan)
