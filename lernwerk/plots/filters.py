"""What a convolution layer looks for, and what it finds in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = np.ndarray[Any, Any]

_ROW, _COLUMN = np.array([-1.0, 0.0, 1.0]), np.ones(3)
# Prewitt 1970, "Object enhancement and extraction": dark before bright across, a mean along.
EDGE_FILTERS: dict[str, Array] = {
    "top": np.outer(_ROW, _COLUMN),
    "left": np.outer(_COLUMN, _ROW),
    "bottom": np.outer(-_ROW, _COLUMN),
    "right": np.outer(_COLUMN, -_ROW),
}


def filters(layer: Any, *, most: int = 32) -> Figure:
    """The filters of a convolution layer, all on one scale: blue is positive, orange negative.

    Filters on three channels are pictures in colour; on any other number each has a row, with a
    square for each channel. Only the first ``most`` filters (and channels) are drawn.
    """
    raise NotImplementedError


def feature_maps(model: Any, layer: Any, picture: Array, *, most: int = 32) -> Figure:
    """The picture, and what each filter of a layer answers to it.

    ``layer`` is a layer of the model, its name or its index; any layer will do whose outputs are
    pictures, pooling and activations as well.

    Shapes: picture as the model takes it, without the axis of rows: (h, w, c), or (h, w)
    """
    raise NotImplementedError


def edge_filters(picture: Array) -> Figure:
    """A picture and where the four filters ``EDGE_FILTERS`` find edges in it.

    An edge is where bright begins below (top), right of (left), above (bottom) or left of (right)
    dark; the filters' answers are drawn through a ReLU, as a network passes them on.

    Shapes: picture (h, w) or (h, w, 1)
    """
    raise NotImplementedError
