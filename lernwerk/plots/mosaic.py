"""Many small pictures as one image: quicker to draw than axes for each, and sharp at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.plots import style
from lernwerk.plots.palette import diverging

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, Any]


def mosaic(tiles: Sequence[Array], columns: int) -> Array:
    """Pictures of one size beside and below each other, with gaps of one pixel that hold NaN.

    Shapes: each tile (h, w) or (h, w, 3) -> (rows * (h + 1) - 1, columns * (w + 1) - 1) or with 3
    """
    height, width = tiles[0].shape[:2]
    rows = -(-len(tiles) // columns)
    size = (rows * (height + 1) - 1, columns * (width + 1) - 1, *tiles[0].shape[2:])
    image = np.full(size, np.nan)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (height + 1), index % columns * (width + 1)
        image[top : top + height, left : left + width] = tile
    return image


def show_signs(axes: Axes, image: Array, largest: float | None = None) -> Any:
    """Signed numbers: blue is positive, orange negative, white 0; NaN is left open."""
    reach = largest if largest is not None else np.nanmax(np.abs(image), initial=0.0)
    drawn = axes.imshow(np.ma.masked_invalid(image), cmap=diverging(), vmin=-(reach or 1.0),
                        vmax=reach or 1.0, interpolation="none")  # fmt: skip
    bare(axes)
    return drawn


def show_grey(axes: Axes, image: Array) -> Any:
    """Numbers from their smallest, black, to their largest, white; NaN is left open."""
    drawn = axes.imshow(np.ma.masked_invalid(image), cmap="gray", interpolation="none")
    bare(axes)
    return drawn


def bare(axes: Axes) -> None:
    """Axes without ticks, lines and grid."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def number_tiles(axes: Axes, count: int, columns: int, shape: tuple[int, ...]) -> None:
    """Numbers beside the rows of a mosaic: that of the first picture in each."""
    rows = -(-count // columns)
    places = [row * (shape[0] + 1) + (shape[0] - 1) / 2 for row in range(rows)]
    axes.set_yticks(places, [str(row * columns) for row in range(rows)])
    axes.tick_params(length=0, labelsize=7, labelcolor=style.QUIET)
