"""A grid of small pictures with a line of text above each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.language import translate as _
from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 6


def picture_grid(pictures: Sequence[np.ndarray[Any, Any]], titles: Sequence[str] = ()) -> Figure:
    """Pictures six to a row, pixels left as they are.

    Shapes: each picture (h, w) or (h, w, 1, 3 or 4); titles: none, or one for each picture.
    """
    if len(titles) and len(titles) != len(pictures):
        raise ShapeError("picture_grid", f"{len(pictures)} titles", len(titles))
    with style.styled():
        if not len(pictures):
            return style.figure_with_note(_("No pictures."))
        columns = min(COLUMNS, len(pictures))
        rows = -(-len(pictures) // columns)
        figure = style.new_figure(1.3 * columns, 1.5 * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for index, picture in enumerate(pictures):
            pixels = style.picture_bytes(picture)
            grid[index].imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="none")
            if len(titles):
                grid[index].set_title(style.shortened(titles[index], 22), fontsize=7.5)
    return figure
