"""The layers of a model as boxes and arrows: Keras's ``plot_model`` and ``model_to_dot``.

Graphviz is not needed: the order of the boxes is that of ``core/layout.py``, matplotlib draws them.
``Drawing.to_string()`` gives the picture in Graphviz's language for those who have it.
"""

from __future__ import annotations

import io
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from lernwerk.core.layout import Arrow, Box, Layout, arrange, route
from lernwerk.errors import check_name
from lernwerk.plots.model_boxes import Options, boxes_of
from lernwerk.utils.atomic import write_atomically

DIRECTIONS = ("TB", "LR", "BT", "RL")
FORMATS = ("png", "svg", "pdf", "jpg", "jpeg")
_CHARACTER, _LINE, _MARGIN = 0.085, 0.19, 0.12  # inches, for letters of 9 points
_BESIDE, _BETWEEN = 0.3, 0.4  # inches between boxes of one row, and between rows
_PASS = 0.1  # inches that an arrow on its way past a row takes
_SWEEPS = 8


class Drawing:
    """The boxes and arrows of a model; what ``model_to_dot`` returns."""

    def __init__(
        self, boxes: list[Box], arrows: list[Arrow], rankdir: str = "TB", dpi: int = 200
    ) -> None:
        self.boxes, self.arrows, self.rankdir, self.dpi = boxes, arrows, rankdir, dpi

    def to_string(self) -> str:
        """The drawing in Graphviz's language."""
        number = {box.key: f"layer{i}" for i, box in enumerate(self.boxes)}
        lines = ["digraph G {", f"rankdir={self.rankdir};", "node [shape=box];"]
        lines += [f'{number[box.key]} [label="{_quoted(box.lines)}"];' for box in self.boxes]
        lines += [f"{number[a.start]} -> {number[a.end]};" for a in self.arrows]
        return "\n".join([*lines, "}"])

    def create(self, prog: Any = None, format: str = "png") -> bytes:
        """The drawing as a file of this format (png, svg, pdf, jpg); ``prog`` has no meaning."""
        check_name("create", "format", format, FORMATS)
        sink = io.BytesIO()
        _figure(self).savefig(sink, format=format, dpi=self.dpi, facecolor="white")
        return sink.getvalue()

    def write(self, path: Any, prog: Any = None, format: str | None = None) -> None:
        """Write a file, whole or not at all; its ending says which format, png where it has none.

        The ending .dot (or format "dot", "raw") gives Graphviz's language.
        """
        kind = format or Path(path).suffix[1:].lower() or "png"
        dot = kind in ("dot", "raw")
        content = self.to_string().encode() if dot else self.create(format=kind)
        with write_atomically(path) as partial:
            partial.write_bytes(content)

    def write_png(self, path: Any) -> None:
        """Write a .png file."""
        self.write(path, format="png")

    def write_svg(self, path: Any) -> None:
        """Write a .svg file."""
        self.write(path, format="svg")

    def write_pdf(self, path: Any) -> None:
        """Write a .pdf file."""
        self.write(path, format="pdf")

    def _repr_svg_(self) -> str:
        return self.create(format="svg").decode()


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **keywords: Any,
) -> Drawing:
    """The drawing of a model, with ``create``, ``write`` and ``to_string`` as pydot has them.

    rankdir: "TB" from top to bottom, "LR" from left to right. Raises UsageError for a model whose
    shapes are not known yet.
    """
    check_name("model_to_dot", "rankdir", rankdir, DIRECTIONS)
    options = Options(show_shapes, show_dtype, show_layer_names, expand_nested,
                      show_layer_activations, show_trainable)  # fmt: skip
    return Drawing(*boxes_of(model, options), rankdir, dpi)


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **keywords: Any,
) -> Any:
    """Draw the layers of a model into a file (png, svg, pdf, jpg; .dot for Graphviz).

    In a notebook the picture is returned and shown.
    """
    drawing = model_to_dot(
        model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi,
        show_layer_activations=show_layer_activations, show_trainable=show_trainable,
    )  # fmt: skip
    if to_file is None:
        return _shown(drawing, None)
    drawing.write(to_file)
    return _shown(drawing, to_file)


def _shown(drawing: Drawing, path: Any) -> Any:
    """A picture for a notebook, where one is running."""
    import sys

    if "IPython" not in sys.modules:
        return None
    from IPython.display import Image

    return Image(data=drawing.create(format="png"))


def _quoted(lines: tuple[str, ...]) -> str:
    return "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)


# ---- from boxes to a figure


def _figure(drawing: Drawing) -> Any:
    """A matplotlib figure that is just as large as the drawing."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layout = arrange(drawing.boxes, drawing.arrows)
    across = drawing.rankdir in ("LR", "RL")
    sizes = {box.key: _size(box) for box in drawing.boxes}
    centres, (width, height) = _placed(layout, sizes, across)
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    for axis, name in ((0, "RL"), (1, "BT")):
        if drawing.rankdir == name:
            total = (width, height)[axis]
            centres = {key: (total - x, y) if axis == 0 else (x, total - y)
                       for key, (x, y) in centres.items()}  # fmt: skip
    _draw(axes, drawing, layout, sizes, centres, across)
    return figure


def _size(box: Box) -> tuple[float, float]:
    width = max(map(len, box.lines)) * _CHARACTER + 2 * _MARGIN
    return width, len(box.lines) * _LINE + _MARGIN


def _placed(layout: Layout, sizes: Any, across: bool) -> tuple[Any, tuple[float, float]]:
    """The centre of every box and pass in inches, and the size of the whole."""
    wide, long = (1, 0) if across else (0, 1)
    breadth = {key: sizes[key][wide] if key in sizes else _PASS
               for row in layout.columns for key in row}  # fmt: skip
    along = _spread(layout, breadth)
    lowest = min(along[key] - breadth[key] / 2 for key in along)
    side = _MARGIN - lowest
    end, centres = float(_MARGIN), {}
    for row in layout.columns:
        depth = max(sizes[key][long] if key in sizes else 0.0 for key in row)
        for key in row:
            centres[key] = along[key] + side, end + depth / 2
        end += depth + _BETWEEN
    extent = max(along[key] + breadth[key] / 2 for key in along) + side + _MARGIN
    total = (extent, end - _BETWEEN + _MARGIN)
    if across:
        return {key: (y, x) for key, (x, y) in centres.items()}, (total[1], total[0])
    return centres, total


def _spread(layout: Layout, breadth: dict[Hashable, float]) -> dict[Hashable, float]:
    """Where the middle of each member of a row lies: near its neighbours, none over another."""
    places: dict[Hashable, float] = {}
    for row in layout.columns:
        places.update(_apart(row, [0.0] * len(row), breadth))
    for sweep in range(_SWEEPS):
        rows = layout.columns if sweep % 2 == 0 else layout.columns[::-1]
        for row in rows:
            near = [[*layout.before[key], *layout.after[key]] for key in row]
            wanted = [
                sum(places[other] for other in others) / len(others) if others else places[key]
                for key, others in zip(row, near, strict=True)
            ]
            places.update(_apart(row, wanted, breadth))
    return places


def _apart(
    row: list[Hashable], wanted: list[float], breadth: dict[Hashable, float]
) -> dict[Hashable, float]:
    """The wanted places moved to the right until none overlap, then all back by the mean shift."""
    placed: list[float] = []
    for i, key in enumerate(row):
        least = wanted[i]
        if i:
            gap = (breadth[row[i - 1]] + breadth[key]) / 2 + _BESIDE
            least = max(least, placed[-1] + gap)
        placed.append(least)
    shift = sum(a - b for a, b in zip(placed, wanted, strict=True)) / max(len(row), 1)
    return {key: place - shift for key, place in zip(row, placed, strict=True)}


def _draw(
    axes: Any, drawing: Drawing, layout: Layout, sizes: Any, centres: Any, across: bool
) -> None:
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
    from matplotlib.path import Path as Line

    column = {key: i for i, row in enumerate(layout.columns) for key in row}
    for arrow in drawing.arrows:
        chain = route(arrow, column[arrow.start], column[arrow.end])
        points = [centres[key] for key in chain]
        points[0] = _edge(points[0], points[1], sizes[arrow.start], across)
        points[-1] = _edge(points[-1], points[-2], sizes[arrow.end], across)
        axes.add_patch(FancyArrowPatch(path=Line(points), arrowstyle="-|>", mutation_scale=9,
                                       color="#444444", linewidth=0.9))  # fmt: skip
    for box in drawing.boxes:
        (x, y), (width, height) = centres[box.key], sizes[box.key]
        axes.add_patch(FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height,
            boxstyle="round,pad=0,rounding_size=0.05", facecolor="#eef3f8",
            edgecolor="#33557a", linewidth=0.9,
        ))  # fmt: skip
        for i, line in enumerate(box.lines):
            axes.text(x, y + (i - (len(box.lines) - 1) / 2) * _LINE, line, ha="center",
                      va="center", fontsize=9, fontfamily="monospace", color="#1a1a1a",
                      fontweight="bold" if i == 0 else "normal")  # fmt: skip


def _edge(
    centre: tuple[float, float], other: tuple[float, float], size: tuple[float, float],
    across: bool,
) -> tuple[float, float]:  # fmt: skip
    """The point of a box's border where an arrow from or to another place begins or ends."""
    x, y = centre
    if across:
        return x + size[0] / 2 * (1 if other[0] > x else -1), y
    return x, y + size[1] / 2 * (1 if other[1] > y else -1)


__all__ = ["Drawing", "model_to_dot", "plot_model"]
