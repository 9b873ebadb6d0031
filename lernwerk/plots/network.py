"""A network as circles and lines: layers from left to right, weights by sign and size.

It draws dense networks, from Lernwerk's models or from plain numbers; the boxes of any model are in
``model_drawing.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import COUNT, ArgumentError, Range, ShapeError, UsageError, check_ranges
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import NEGATIVE, POSITIVE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

_RANGES = {"most": Range(3, integer=True)}
_BESIDE, _RADIUS = 0.62, 0.2  # inches from neuron to neuron, and of a neuron
_THICKEST, _THINNEST = 3.2, 0.15  # points of the largest weight's line, and of one of 0


@dataclass(frozen=True)
class _Network:
    """The sizes of the layers, the weights between them (or none), and a caption for each."""

    sizes: list[int]
    weights: list[Array]
    captions: list[str]


def network_diagram(
    network: Any,
    weights: Sequence[Any] | None = None,
    *,
    texts: Sequence[Sequence[Any]] | None = None,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    most: int = 10,
) -> Figure:
    """Neurons as circles, weights as lines: blue where positive, orange where negative.

    ``network`` is a model of dense layers or the sizes of the layers, inputs first: [2, 3, 1].
    ``weights`` are the matrices between the layers of those sizes, plain NumPy; a model has its
    own. ``texts`` are written into the neurons, a list for each layer (thresholds, activations);
    ``inputs`` and ``outputs`` beside the first and the last. A layer of more than ``most`` neurons
    shows its first and last ones around dots, and its size.

    Shapes: weights (n of the layer before, n of the layer)
    Raises ArgumentError for layers with weights that are not dense, ShapeError where sizes differ.
    """
    check_ranges("network_diagram", {"most": most}, _RANGES)
    drawn = _from_sizes(network, weights) if _are_sizes(network) else _from_model(network)
    _check_lengths(drawn.sizes, texts, inputs, outputs)
    rows = [_rows(size, most) for size in drawn.sizes]
    with style.styled():
        margins = _margin(inputs), _margin(outputs)
        figure, axes = _canvas(rows, margins, bool(drawn.weights))
        places = [_places(shown, layer * _between(rows)) for layer, shown in enumerate(rows)]
        for layer, matrix in enumerate(_matrices(drawn)):
            _draw_weights(axes, places[layer], places[layer + 1], matrix, _largest(drawn))
        for layer, points in enumerate(places):
            _draw_neurons(axes, points, texts[layer] if texts else ())
            _caption(axes, points, drawn.captions[layer], drawn.sizes[layer], rows)
        _label(axes, places[0], inputs, -1)
        _label(axes, places[-1], outputs, 1)
        if drawn.weights:
            _explain(figure, _largest(drawn))
    return figure


# ---- what is drawn


def _are_sizes(network: Any) -> bool:
    return isinstance(network, (list, tuple, np.ndarray))


def _from_sizes(network: Any, weights: Sequence[Any] | None) -> _Network:
    sizes = [size for size in network if size in COUNT]
    if len(sizes) < 2 or len(sizes) < len(network):
        raise ArgumentError(
            "network_diagram", "the sizes of two or more layers", repr(list(network)),
            "network_diagram([2, 3, 1])",
        )  # fmt: skip
    matrices = [np.asarray(each, dtype=np.float64) for each in weights or ()]
    shapes = list(pairwise(sizes))
    if matrices and [each.shape for each in matrices] != shapes:
        got = ", ".join(str(each.shape) for each in matrices)
        raise ShapeError("network_diagram", f"weights of shapes {str(shapes)[1:-1]}", got)
    hidden = len(sizes) - 2
    names = [_("hidden {number}").format(number=i + 1) for i in range(hidden)]
    names = [_("hidden")] if hidden == 1 else names
    return _Network([int(n) for n in sizes], matrices, [_("inputs"), *names, _("outputs")])


def _from_model(model: Any) -> _Network:
    layers = [layer for layer in _with_weights(model) if not _is_plain_scale(layer)]
    kernels = [layer.kernel.numpy().astype(np.float64) for layer in layers]
    sizes = [kernels[0].shape[0], *(each.shape[1] for each in kernels)]
    for layer, kernel, size in zip(layers, kernels, sizes, strict=False):
        if kernel.shape[0] != size:
            raise ShapeError("network_diagram", f"{size} inputs to {layer.name}", kernel.shape[0])
    captions = [f"{layer.name}\n{getattr(layer.activation, '__name__', '')}" for layer in layers]
    return _Network(sizes, kernels, [_("inputs"), *captions])


def _with_weights(model: Any) -> list[Any]:
    from lernwerk.layers import Dense

    if not getattr(model, "built", False):
        raise UsageError(
            "network_diagram", "a built model, or the sizes of its layers",
            getattr(model, "name", type(model).__name__),
            "Begin the model with Input(shape=...), or give sizes: [2, 3, 1].",
        )  # fmt: skip
    found = [layer for layer in model.layers if layer.weights]
    foreign = [each for each in found if not (isinstance(each, Dense) or _is_plain_scale(each))]
    if foreign or not any(isinstance(each, Dense) for each in found):
        got = f"{foreign[0].name} ({type(foreign[0]).__name__})" if foreign else "none"
        raise ArgumentError("network_diagram", "a model of dense layers", got,
                            "lernwerk.plots.plot_model(model) draws any model.")  # fmt: skip
    return found


def _is_plain_scale(layer: Any) -> bool:
    """Whether a layer only rescales each neuron, so that it has no lines of its own."""
    from lernwerk.layers import BatchNormalization, Normalization

    return isinstance(layer, (BatchNormalization, Normalization))


def _check_lengths(
    sizes: list[int], texts: Any, inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    given = [("inputs", inputs, sizes[0]), ("outputs", outputs, sizes[-1])]
    if texts is not None and len(texts) != len(sizes):
        raise ShapeError("network_diagram", f"{len(sizes)} lists of texts", len(texts))
    given += [(f"texts[{i}]", each, sizes[i]) for i, each in enumerate(texts or ())]
    for name, values, size in given:
        if len(values) not in (0, size):
            raise ShapeError("network_diagram", f"{size} {name}", len(values))


def _rows(size: int, most: int) -> list[int | None]:
    """The numbers of the neurons that are shown; None stands for the dots between them."""
    if size <= most:
        return list(range(size))
    first = most // 2
    return [*range(first), None, *range(size - (most - 1 - first), size)]


def _matrices(drawn: _Network) -> list[Array | None]:
    return list(drawn.weights) or [None] * (len(drawn.sizes) - 1)


def _largest(drawn: _Network) -> float:
    finite = [np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in drawn.weights]
    return float(max(finite, default=0.0))


# ---- how it is drawn

_Point = tuple[int, float, float]  # the neuron's number and its place


def _margin(labels: Sequence[str]) -> float:
    return 0.35 + 0.085 * max((len(style.shortened(each)) for each in labels), default=0)


def _canvas(
    rows: list[list[int | None]], margins: tuple[float, float], has_scale: bool
) -> tuple[Figure, Axes]:
    """A figure on which one unit of the axes is one inch."""
    half = max(map(len, rows)) * _BESIDE / 2 + 0.1
    low, high = -half - 0.4, half
    width = (len(rows) - 1) * _between(rows) + sum(margins) + 0.5
    foot = 0.35 if has_scale else 0.0
    figure = style.new_figure(width, high - low + foot)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, foot / (high - low + foot), 1, (high - low) / (high - low + foot)))
    left = -margins[0] - 0.25
    axes.set(xlim=(left, left + width), ylim=(low, high))
    axes.set_axis_off()
    return figure, axes


def _between(rows: list[list[int | None]]) -> float:
    """Inches from layer to layer: more where the lines have a long way up and down."""
    return 1.5 + 0.12 * max(map(len, rows))


def _places(shown: list[int | None], x: float) -> list[_Point]:
    top = (len(shown) - 1) * _BESIDE / 2
    return [
        (-1 if number is None else number, x, top - row * _BESIDE)
        for row, number in enumerate(shown)
    ]


def _neurons(points: list[_Point]) -> Iterator[_Point]:
    return (point for point in points if point[0] >= 0)


def _draw_weights(
    axes: Axes, before: list[_Point], after: list[_Point], matrix: Array | None, largest: float
) -> None:
    from matplotlib.collections import LineCollection

    lines, widths, colours = [], [], []
    for i, x0, y0 in _neurons(before):
        for j, x1, y1 in _neurons(after):
            weight = 0.0 if matrix is None else matrix[i, j]
            share = min(abs(weight) / largest, 1.0) if largest else 0.0
            lines.append([(x0, y0), (x1, y1)])
            widths.append(0.6 if matrix is None else _THINNEST + (_THICKEST - _THINNEST) * share)
            colours.append(style.QUIET if weight == 0 else POSITIVE if weight > 0 else NEGATIVE)
    axes.add_collection(LineCollection(lines, linewidths=widths, colors=colours, alpha=0.85))


def _draw_neurons(axes: Axes, points: list[_Point], texts: Sequence[Any]) -> None:
    from matplotlib.patches import Circle

    for number, x, y in points:
        if number < 0:
            for step in (-0.1, 0.0, 0.1):
                axes.add_patch(Circle((x, y + step), 0.022, color=style.QUIET))
            continue
        axes.add_patch(Circle((x, y), _RADIUS, facecolor="#ffffff", edgecolor=style.INK,
                              linewidth=1.0, zorder=3))  # fmt: skip
        if len(texts):
            axes.text(x, y, style.shortened(texts[number], 6), ha="center", va="center",
                      fontsize=7.5, color="#1d232c", zorder=4)  # fmt: skip


def _caption(
    axes: Axes, points: list[_Point], caption: str, size: int, rows: list[list[int | None]]
) -> None:
    """The layer's name and, where not every neuron is there, its size."""
    low = -max(map(len, rows)) * _BESIDE / 2 - 0.1
    first, _newline, second = caption.partition("\n")
    lines = [style.shortened(first, 18)]
    if size > len(list(_neurons(points))):
        lines.append(" ".join(filter(None, [str(size), second])))
    elif second:
        lines.append(second)
    axes.text(points[0][1], low, "\n".join(lines), ha="center", va="top", fontsize=8,
              color=style.QUIET, linespacing=1.4)  # fmt: skip


def _label(axes: Axes, points: list[_Point], labels: Sequence[str], side: int) -> None:
    for number, x, y in _neurons(points):
        if len(labels):
            axes.text(x + side * (_RADIUS + 0.1), y, style.shortened(labels[number]),
                      ha="left" if side > 0 else "right", va="center")  # fmt: skip


def _explain(figure: Figure, largest: float) -> None:
    """The scale of the lines, under the picture."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=POSITIVE, linewidth=2, label=_("positive weight")),
        Line2D([], [], color=NEGATIVE, linewidth=2, label=_("negative weight")),
        Line2D([], [], color=style.QUIET, linewidth=_THICKEST,
               label=_("thickest line: {weight:.3g}").format(weight=largest)),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="lower center", ncols=3, columnspacing=1.4, fontsize=8)
