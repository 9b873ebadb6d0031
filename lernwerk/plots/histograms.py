"""How weights and gradients of each layer are distributed, and how that changes in a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ArgumentError, DataError, check_name
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.palette import NEGATIVE, POSITIVE, colour_of, rgb
from lernwerk.plots.recording import Recorder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

COLUMNS, MOST_TIMES = 4, 14
_BINS = 12, 50  # fewest and most; in between the root of how many numbers there are
_HIGHEST = 2.6  # rows that the highest histogram covers
_FEW_DECADES = 200.0


def weight_histograms(recorded: Any, *, layers: Sequence[str] = ()) -> Figure:
    """A panel for each layer with a histogram of its weights for each recorded epoch, oldest first.

    ``recorded`` is a ``Recorder`` that was a callback of ``fit``, or the same from plain NumPy: a
    dict from the layer's name to a list of arrays, one for each time. ``layers`` chooses some. Of
    more than 14 times, 14 are drawn, the first and the last among them.
    """
    times, found = _recorded("weight_histograms", recorded, "weights")
    return _figure("weight_histograms", times, found, layers, _("weight"), POSITIVE)


def gradient_histograms(recorded: Any, *, layers: Sequence[str] = ()) -> Figure:
    """A panel for each layer with histograms of its gradients, drawn like those of the weights.

    Raises DataError where none were recorded.
    """
    times, found = _recorded("gradient_histograms", recorded, "gradients")
    return _figure("gradient_histograms", times, found, layers, _("gradient"), NEGATIVE)


def gradient_norms(gradients: Any) -> Figure:
    """The size of each layer's gradient, on a logarithmic axis: whether it vanishes or explodes.

    ``gradients`` is a dict from the layer's name to its gradient (an array) or its norm (a number),
    first layer first: one line; a dict of such dicts by the name of the network: one line for each;
    or a ``Recorder``: a line for each layer over the epochs.

    norm = sqrt(sum(g^2)); a norm of 0 has no place on the axis and leaves a gap
    """
    if isinstance(gradients, Recorder):
        times, found = _recorded("gradient_norms", gradients, "gradients")
        lines = {name: [norm(each) for each in values] for name, values in found.items()}
        return _norm_figure(lines, [str(each) for each in times], _("epoch"), times)
    if not isinstance(gradients, Mapping) or not gradients:
        raise ArgumentError("gradient_norms", "a dict of gradients or a Recorder",
                            type(gradients).__name__)  # fmt: skip
    networks = gradients
    if not all(isinstance(each, Mapping) for each in gradients.values()):
        networks = {"": gradients}
    lines = {name: [norm(each) for each in layers.values()] for name, layers in networks.items()}
    longest = max(networks.values(), key=len)
    return _norm_figure(lines, [str(each) for each in longest], _("layer"), None)


def norm(gradient: Any) -> float:
    """sqrt(sum(g^2)) of an array; a number is a norm already.

    Shapes: gradient (*s) -> ()
    """
    values = np.asarray(gradient.numpy() if hasattr(gradient, "numpy") else gradient)
    return float(values) if values.ndim == 0 else float(np.linalg.norm(values.ravel()))


def _recorded(where: str, recorded: Any, kind: str) -> tuple[list[int], dict[str, list[Array]]]:
    """The times, and the arrays of each layer at those."""
    if isinstance(recorded, Recorder):
        snapshots = getattr(recorded, kind)
        if not any(snapshots):
            raise DataError(where, f"recorded {kind}", "none",
                            "model.fit(x, y, callbacks=[recorder])")  # fmt: skip
        return recorded.epochs, {name: [each[name] for each in snapshots] for name in snapshots[0]}
    if not isinstance(recorded, Mapping) or not recorded:
        raise ArgumentError(where, "a Recorder, or a dict of lists of arrays",
                            type(recorded).__name__)  # fmt: skip
    found = {str(name): [np.ravel(np.asarray(each, dtype=np.float64)) for each in arrays]
             for name, arrays in recorded.items()}  # fmt: skip
    lengths = {len(arrays) for arrays in found.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise DataError(where, "as many arrays for each layer", str(sorted(lengths)))
    return list(range(lengths.pop())), found


def _figure(
    where: str, times: list[int], found: dict[str, list[Array]], layers: Sequence[str],
    label: str, colour: str,
) -> Figure:  # fmt: skip
    for name in layers:
        check_name(where, "layer", name, found)
    names = list(layers or found)
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    chosen = np.unique(np.linspace(0, len(times) - 1, min(MOST_TIMES, len(times))).round())
    with style.styled():
        figure = style.new_figure(2.7 * columns + 0.4, (1.3 + 0.16 * len(chosen)) * rows)
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.ravel()[len(names) :]:
            axes.set_axis_off()
        for index, (axes, name) in enumerate(zip(grid.ravel(), names, strict=False)):
            arrays = [found[name][int(i)] for i in chosen]
            _draw_ridges(axes, arrays, [times[int(i)] for i in chosen], colour)
            axes.set_title(style.shortened(name, 26))
            axes.set_xlabel(label)
            axes.set_ylabel("" if index % columns else _("epoch"))
    return figure


def densities(arrays: Sequence[Array], bins: int) -> tuple[Array, Array]:
    """The edges of bins that hold all arrays, and the share of each array's numbers in each bin.

    Numbers that are not finite are left out.

    Shapes: each array (n) -> edges (bins + 1), shares (number of arrays, bins)
    """
    finite = [each[np.isfinite(each)] for each in arrays]
    everything = np.concatenate([np.zeros(0), *finite])
    edges = np.histogram_bin_edges(everything if everything.size else np.zeros(1), bins)
    counts = [np.histogram(each, edges)[0] / max(each.size, 1) for each in finite]
    return edges, np.array(counts)


def _draw_ridges(axes: Axes, arrays: list[Array], times: list[int], colour: str) -> None:
    """Histograms one before the other: the first at the back, the last at the front and deepest."""
    bins = int(np.clip(np.sqrt(arrays[0].size), *_BINS))
    edges, shares = densities(arrays, bins)
    centres = (edges[1:] + edges[:-1]) / 2
    highest = float(shares.max()) or 1.0
    for row, heights in enumerate(shares):
        base = len(shares) - 1 - row
        line = base + _HIGHEST * heights / highest
        fill = 1 - (1 - rgb(colour)) * (0.35 + 0.65 * (row + 1) / len(shares))
        axes.fill_between(centres, base, line, color=fill, linewidth=0, zorder=2 + row)
        axes.plot(centres, line, color="#ffffff", linewidth=0.8, zorder=2.5 + row)
    shown = np.unique(np.linspace(0, len(times) - 1, min(8, len(times))).round()).astype(int)
    axes.set_yticks([len(times) - 1 - i for i in shown], [str(times[i]) for i in shown])
    axes.set_xlim(float(edges[0]), float(edges[-1]))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _norm_figure(
    lines: dict[str, list[float]], ticks: list[str], label: str, times: list[int] | None
) -> Figure:
    from matplotlib.ticker import MaxNLocator

    with style.styled():
        figure = style.new_figure(max(4.6, min(0.45 * len(ticks) + 2.4, 9.0)), 3.4)
        axes = figure.add_subplot(xlabel=label, ylabel=_("norm of the gradient"))
        for index, (name, norms) in enumerate(lines.items()):
            at = times or range(len(norms))
            heights = [value if 0 < value < np.inf else np.nan for value in norms]
            axes.plot(at, heights, color=colour_of(index), marker="o", ms=3.5,
                      label=style.shortened(name, 24))  # fmt: skip
        _use_logarithm(axes, [each for norms in lines.values() for each in norms])
        if times is not None:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        else:
            long = max(map(len, ticks)) > 4
            axes.set_xticks(range(len(ticks)), [style.shortened(each, 16) for each in ticks],
                            rotation=60 if long else 0, ha="right" if long else "center",
                            rotation_mode="anchor")  # fmt: skip
        if any(lines):
            axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _use_logarithm(axes: Axes, norms: list[float]) -> None:
    """Powers of ten over many decades; over few, the numbers between them as well."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_yscale("log")
    axes.yaxis.set_minor_formatter(NullFormatter())
    known = [value for value in norms if 0 < value < np.inf]
    if known and max(known) / min(known) < _FEW_DECADES:
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
