"""What a convolution layer looks for, and what it finds in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import COUNT, ArgumentError, ShapeError, UsageError, check_ranges, nearest
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.plots.mosaic import bare, mosaic, number_tiles, show_grey, show_signs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

COLUMNS = 8
_RANGES = {"most": COUNT}
_ACROSS, _ALONG = np.array([-1.0, 0.0, 1.0]), np.ones(3)
# Prewitt 1970, "Object enhancement and extraction": a difference across the edge, a sum along it.
EDGE_FILTERS: dict[str, Array] = {
    "top": np.outer(_ACROSS, _ALONG),
    "left": np.outer(_ALONG, _ACROSS),
    "bottom": np.outer(-_ACROSS, _ALONG),
    "right": np.outer(_ALONG, -_ACROSS),
}


def filters(layer: Any, *, most: int = 32) -> Figure:
    """The filters of a convolution layer, all on one scale: blue is positive, orange negative.

    Filters on three channels are pictures in colour; on any other number each has a row, with a
    square for each channel. Only the first ``most`` filters (and channels) are drawn; of filters in
    space the middle plane.

    Raises ArgumentError for a layer without filters, UsageError before it is built.
    """
    check_ranges("filters", {"most": most}, _RANGES)
    kernel = _kernel(layer)  # (h, w, channels, filters)
    channels, count = kernel.shape[2:]
    chosen = kernel[..., : min(count, most)].transpose(3, 2, 0, 1)  # (filters, channels, h, w)
    title = _("{layer}: {shown} of {count} filters")
    title = title.format(layer=style.printable(layer.name), shown=len(chosen), count=count)
    with style.styled():
        if channels == 3:
            return _draw_colours(np.moveaxis(chosen, 1, -1), title)
        columns = COLUMNS if channels == 1 else min(channels, most)
        tiles = [tile for each in chosen for tile in each[:columns]]
        return _draw_signs(tiles, columns, title, _("channels of the input"), channels == 1)


def feature_maps(model: Any, layer: Any, picture: Array, *, most: int = 32) -> Figure:
    """The picture, and what each filter of a layer answers to it, each on a scale of its own.

    ``layer`` is a layer of the model, its name or its index; any layer will do whose outputs are
    pictures, pooling and activations as well.

    Shapes: picture as the model takes it, without the axis of rows: (h, w, c), or (h, w)
    """
    check_ranges("feature_maps", {"most": most}, _RANGES)
    found = _layer(model, layer)
    maps = maps_of(model, found, picture)
    shown = maps[: min(len(maps), most)]
    title = _("{layer}: {shown} of {count} feature maps")
    title = title.format(layer=style.printable(found.name), shown=len(shown), count=len(maps))
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    ratio = shown.shape[1] / shown.shape[2]
    with style.styled():
        figure = style.new_figure(2.2 + 0.85 * columns, max(0.85 * rows * min(ratio, 2), 1.7) + 0.4)
        original, answers = figure.subplots(1, 2, width_ratios=(2.0, 0.85 * columns))
        _show_picture(original, np.asarray(picture))
        tiles = [_stretched(each) for each in shown]
        show_grey(answers, mosaic(tiles, columns))
        number_tiles(answers, len(tiles), columns, tiles[0].shape)
        answers.set_title(title)
    return figure


def edge_filters(picture: Array) -> Figure:
    """A picture and where the four filters ``EDGE_FILTERS`` find edges in it.

    An edge is where bright begins below (top), right of (left), above (bottom) or left of (right)
    dark; the filters' answers are drawn through a ReLU, as a network passes them on.

    Shapes: picture (h, w) or (h, w, 1)
    """
    pixels = _grey(picture)
    names = {"top": _("top edges"), "left": _("left edges"), "bottom": _("bottom edges"),
             "right": _("right edges")}  # fmt: skip
    answers = {name: np.maximum(_slide(pixels, EDGE_FILTERS[name]), 0) for name in names}
    largest = max(float(each.max()) for each in answers.values())
    with style.styled():
        figure = style.new_figure(8.6, 3.0)
        grid = figure.subplots(2, 5, height_ratios=(1, 3))
        for axes in grid[0]:
            axes.set_axis_off()
        show_grey(grid[1, 0], pixels)
        grid[1, 0].set_title(_("picture"))
        for column, (name, title) in enumerate(names.items(), 1):
            _draw_kernel(grid[0, column], EDGE_FILTERS[name])
            show_signs(grid[1, column], answers[name], largest)
            grid[1, column].set_title(title)
    return figure


# ---- layers and what they compute


def _kernel(layer: Any) -> Array:
    """The filters of a layer as (h, w, channels, filters)."""
    from lernwerk.layers import DepthwiseConv1D, DepthwiseConv2D
    from lernwerk.layers.convolution import Windowed

    found = getattr(layer, "kernel", getattr(layer, "depthwise_kernel", None))
    if not isinstance(layer, Windowed):
        raise ArgumentError("filters", "a convolution layer",
                            getattr(layer, "name", type(layer).__name__))  # fmt: skip
    if found is None:
        hint = "Begin the model with Input(shape=...), or call it on data first."
        raise UsageError("filters", "a built layer", layer.name, hint)
    kernel = np.asarray(found.numpy(), dtype=np.float64)
    if "Transpose" in type(layer).__name__:
        kernel = np.swapaxes(kernel, -1, -2)  # it holds (..., filters, channels)
    if isinstance(layer, (DepthwiseConv1D, DepthwiseConv2D)) or hasattr(layer, "depthwise_kernel"):
        kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
    if kernel.ndim == 5:
        kernel = kernel[kernel.shape[0] // 2]
    return kernel[None] if kernel.ndim == 3 else kernel


def _layer(model: Any, layer: Any) -> Any:
    from lernwerk.callbacks.tensorboard.inspection import layers_of

    known = dict(layers_of(model))
    if isinstance(layer, int):
        return model.get_layer(index=layer)
    if isinstance(layer, str):
        if layer not in known:
            raise ArgumentError("feature_maps", "the name of a layer", repr(layer),
                                nearest(layer, known))  # fmt: skip
        return known[layer]
    if not any(layer is each for each in known.values()):
        raise ArgumentError("feature_maps", f"a layer of {model.name}",
                            getattr(layer, "name", type(layer).__name__))  # fmt: skip
    return layer


def maps_of(model: Any, layer: Any, picture: Array) -> Array:
    """What a layer of a model makes of one picture, a map for each channel.

    Shapes: picture (*s) -> (channels, h, w)
    """
    from lernwerk.callbacks.tensorboard.inspection import layer_outputs

    pixels = np.asarray(picture, dtype=np.float32)
    outputs = layer_outputs(model, pixels[None])
    maps = next((array for each, array in outputs if each is layer), np.zeros(()))
    if maps.ndim not in (3, 4, 5):
        raise ShapeError("feature_maps", f"{layer.name} to make pictures", maps.shape[1:])
    if getattr(layer, "data_format", "channels_last") == "channels_first":
        maps = np.moveaxis(maps, 1, -1)
    maps = maps[0]  # (h, w, channels), or with one or three spatial axes
    if maps.ndim == 2:
        maps = maps[None]
    return np.moveaxis(maps[len(maps) // 2] if maps.ndim == 4 else maps, -1, 0)


def _grey(picture: Array) -> Array:
    pixels = np.asarray(picture, dtype=np.float64)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim != 2 or min(pixels.shape) < 3:
        raise ShapeError("edge_filters", "a grey picture (h, w) of 3 x 3 or more", pixels.shape)
    return pixels


def _slide(pixels: Array, kernel: Array) -> Array:
    """The sum of each window times the kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(pixels, kernel.shape)
    return np.einsum("hwmn,mn->hw", windows, kernel)


# ---- drawing


def _stretched(pixels: Array) -> Array:
    low, high = float(np.min(pixels)), float(np.max(pixels))
    return (pixels - low) / (high - low) if high > low else np.zeros_like(pixels)


def _draw_signs(tiles: list[Array], columns: int, title: str, below: str, single: bool) -> Figure:
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    side = min(0.55, 8.0 / columns)
    height = side * rows * min(tiles[0].shape[0] / tiles[0].shape[1], 2.0)
    figure = style.new_figure(side * columns + 1.5, min(max(height, 0.6), 16) + 0.6)
    axes = figure.add_subplot(title=title)
    drawn = show_signs(axes, mosaic(tiles, columns))
    number_tiles(axes, len(tiles), columns, tiles[0].shape)
    if not single:
        axes.set_xlabel(below)
        axes.set_yticks(axes.get_yticks(), range(rows))
    figure.colorbar(drawn, ax=axes, shrink=min(1.0, 2.5 / max(height, 0.6)))
    return figure


def _draw_colours(kernels: Array, title: str) -> Figure:
    columns = min(COLUMNS, len(kernels))
    rows = -(-len(kernels) // columns)
    reach = np.abs(kernels).max() or 1.0
    figure = style.new_figure(max(0.55 * columns + 0.5, 2.6), 0.55 * rows + 0.5)
    axes = figure.add_subplot(title=title)
    image = mosaic(list(0.5 + kernels / (2 * reach)), columns)
    alpha = (~np.isnan(image[..., 0])).astype(float)
    axes.imshow(np.dstack([np.nan_to_num(image), alpha]), interpolation="none")
    bare(axes)
    number_tiles(axes, len(kernels), columns, kernels.shape[1:])
    return figure


def _show_picture(axes: Any, picture: Array) -> None:
    if picture.ndim == 1 or (picture.ndim == 2 and min(picture.shape) == 1):
        axes.plot(np.ravel(picture), color=style.POINTS)
    else:
        axes.imshow(style.picture_bytes(picture), cmap="gray", vmin=0, vmax=255,
                    interpolation="none")  # fmt: skip
        bare(axes)
    axes.set_title(_("picture"))


def _draw_kernel(axes: Any, kernel: Array) -> None:
    show_signs(axes, kernel, 2.5)  # in tones on which the numbers can be read
    for (row, column), weight in np.ndenumerate(kernel):
        text = f"{weight + 0:g}".replace("-", "\N{MINUS SIGN}")
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color="#1d232c")
