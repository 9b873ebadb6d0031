"""The computation graph of a Tensor with its values and local gradients, as a matplotlib figure.

The places are those of ``explain(...).svg()``; a figure can stand beside others and become a PNG.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lernwerk.core.drawing import KINDS, chain_of, ports_of
from lernwerk.core.explanation import Explanation, explain
from lernwerk.core.layout import BEND, LINE, MARGIN, Arrow, Box, Layout, arrange, label_width
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS = 100  # of the layout in an inch
_LETTERS = 13 * 72 / PIXELS  # points of letters that are 13 pixels high
_ARROW, _SLOPE = "#8c959f", "#a40e26"


def computation_graph(tensor: Any, **names: Any) -> Figure:
    """The steps that led to a Tensor, each with its value, the local gradients on the arrows.

    ``names`` gives values their names: ``computation_graph(loss, x=x, w=w)``; an ``Explanation``
    may stand in the place of the Tensor.
    Raises UsageError for a Tensor that no operation made.
    """
    explanation = tensor if isinstance(tensor, Explanation) else explain(tensor, **names)
    boxes, arrows = explanation.boxes_and_arrows()
    layout = arrange(boxes, arrows)
    places = layout.places.values()
    width = max(place.x + place.width for place in places) + MARGIN
    height = max(place.y + place.height / 2 for place in places) + MARGIN
    with style.styled():
        figure = style.new_figure(width / PIXELS, height / PIXELS)
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        for arrow, port in zip(arrows, ports_of(layout, arrows), strict=True):
            _draw_arrow(axes, layout, arrow, port)
        for box in boxes:
            _draw_box(axes, layout, box)
    return figure


def _draw_arrow(axes: Axes, layout: Layout, arrow: Arrow, port: float) -> None:
    """A line that bends between columns, as in the SVG, with the local gradient at its end."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    start = layout.places[arrow.start]
    points: list[tuple[float, float]] = [(start.x + start.width, start.y)]
    codes = [Path.MOVETO]
    for key, following in pairwise(chain_of(layout, arrow)):
        x0, y0 = layout.right(key), layout.places[key].y
        x1 = layout.places[following].x
        y1 = port if following == arrow.end else layout.places[following].y
        turn = min(x0 + BEND - 6, x1)
        middle = (x0 + turn) / 2
        points += [(x0, y0), (middle, y0), (middle, y1), (turn, y1), (x1, y1)]
        codes += [Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO]
    axes.add_patch(FancyArrowPatch(path=Path(points, codes), arrowstyle="-|>", mutation_scale=9,
                                   color=_ARROW, linewidth=0.9, shrinkA=0, shrinkB=0))  # fmt: skip
    if arrow.label:
        x = layout.places[arrow.end].x - label_width(arrow.label) + 4
        _write(axes, x, port - 4, arrow.label, _SLOPE, va="baseline")


def _draw_box(axes: Axes, layout: Layout, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    place = layout.places[box.key]
    fill, stroke = KINDS[box.kind]
    axes.add_patch(FancyBboxPatch(
        (place.x, place.y - place.height / 2), place.width, place.height, facecolor=fill,
        edgecolor=stroke, linewidth=0.9, boxstyle="round,pad=0,rounding_size=6", zorder=3,
    ))  # fmt: skip
    first = place.y - (len(box.lines) - 1) * LINE / 2
    for i, line in enumerate(box.lines):
        _write(axes, place.x + 9, first + i * LINE, line, "#1b1f24", va="center")


def _write(axes: Axes, x: float, y: float, text: str, colour: str, *, va: str) -> None:
    axes.text(x, y, style.printable(text), color=colour, va=va, fontsize=_LETTERS,
              fontfamily="DejaVu Sans Mono", zorder=4)  # fmt: skip
