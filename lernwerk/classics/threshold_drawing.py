"""How a network of threshold cells is drawn: inputs on the left, then the cells by their depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.language import translate as _
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from lernwerk.classics.threshold_cells import ThresholdNetwork

RADIUS = 0.24


def draw(network: ThresholdNetwork) -> Figure:
    """The figure of ``ThresholdNetwork.picture``."""
    places = _places(network)
    width, height = (max(place[axis] for place in places) + 1 for axis in (0, 1))
    with style.styled():
        figure = style.new_figure(1.1 + 1.3 * width, 0.8 + 0.75 * height)
        axes = style.new_axes(figure, _("filled: fires; ring at the end: inhibits"))
        axes.set(xlim=(-0.5, width - 0.3), ylim=(height - 0.5, -0.5), aspect="equal")
        axes.set_axis_off()
        _draw_connections(axes, network, places)
        for name, text, place, fires in zip(
            *_discs(network), places, _firing(network), strict=True
        ):
            _draw_disc(axes, name, text, place, fires)
    return figure


def _places(network: ThresholdNetwork) -> list[tuple[float, float]]:
    """Where inputs and cells stand: (column, row), each column centred."""
    circle = len(network.cells)
    columns = [0] * len(network.inputs) + [
        1 if level > circle else level for level in network.levels
    ]
    tallest = max(columns.count(column) for column in set(columns))
    found = []
    for index, column in enumerate(columns):
        row = columns[:index].count(column) + (tallest - columns.count(column)) / 2
        found.append((float(column), row))
    return found


def _discs(network: ThresholdNetwork) -> tuple[list[str], list[str]]:
    names = [*network.inputs, *network.cells]
    texts = [*network.inputs, *(f"≥ {cell.threshold}" for cell in network.cells.values())]
    return names, texts


def _firing(network: ThresholdNetwork) -> list[bool]:
    return [bool(fires) for fires in np.concatenate([network.seen, network.state])]


def _draw_connections(axes: Axes, network: ThresholdNetwork, places: Any) -> None:
    firing = _firing(network)
    for source, target in np.argwhere(network.exciting + network.inhibiting):
        inhibits = bool(network.inhibiting[source, target])
        begin, end = places[source], places[len(network.inputs) + target]
        colour = style.INK if firing[source] else style.QUIET
        _draw_connection(axes, begin, end, inhibits, colour)


def _draw_connection(axes: Axes, begin: Any, end: Any, inhibits: bool, colour: str) -> None:
    if begin == end:  # a cell that excites itself
        above = end[1] - RADIUS - 0.12
        axes.scatter([end[0]], [above], s=260, facecolors="none", edgecolors=colour, lw=1.2)
        return
    axes.annotate(
        "",
        xy=end,
        xytext=begin,
        arrowprops={
            "arrowstyle": "-" if inhibits else "-|>",
            "color": colour,
            "shrinkA": 14,
            "shrinkB": 16,
            "lw": 1.2,
        },
    )
    if inhibits:
        way = np.subtract(begin, end)
        ring = np.add(end, way / np.linalg.norm(way) * (RADIUS + 0.07))
        axes.plot(*ring, "o", ms=6, mfc="white", mec=style.TRAINING, mew=1.5)


def _draw_disc(axes: Axes, name: str, text: str, place: Any, fires: bool) -> None:
    from matplotlib.patches import Circle

    face, ink = (style.POINTS, "white") if fires else ("white", style.INK)
    axes.add_patch(Circle(place, RADIUS, fc=face, ec=style.INK, lw=1.2, zorder=3))
    axes.text(place[0], place[1], text, ha="center", va="center", color=ink, zorder=4)
    if text != name:
        below = place[1] + RADIUS + 0.14
        axes.text(place[0], below, name, ha="center", va="center", color=style.QUIET, fontsize=8)
