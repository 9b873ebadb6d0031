"""The colours of classes and of signs, beside those of ``style.py``.

Positive is blue and negative orange wherever a sign is drawn; ten colours tell classes apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.plots import style

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

Array = np.ndarray[Any, Any]

POSITIVE, NEGATIVE = style.POINTS, "#d9621e"
COLOURS = (
    "#2c7fb8", "#d9621e", "#3a8f5c", "#7d5ba6", "#c0413b",
    "#8a6d3b", "#d178a6", "#5f6b78", "#9aa033", "#2fa6b8",
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P")


def colour_of(index: int) -> str:
    """The colour of a class or a line; the eleventh has that of the first."""
    return COLOURS[index % len(COLOURS)]


def marker_of(index: int) -> str:
    """The form of a class's points: colours that come twice differ in it."""
    return MARKERS[index // len(COLOURS) % len(MARKERS)]


def diverging() -> Colormap:
    """The scale of signed numbers: orange, white in the middle, blue."""
    from matplotlib.colors import LinearSegmentedColormap

    stops = ["#8f3a0a", NEGATIVE, "#f6f4f0", POSITIVE, "#0b3f66"]
    return LinearSegmentedColormap.from_list("lernwerk_signs", stops)


def rgb(colour: str) -> Array:
    """The three parts of a colour, from 0 to 1."""
    from matplotlib.colors import to_rgb

    return np.array(to_rgb(colour))


def heights_map() -> Colormap:
    """The scale of heights: light hollows, dark hills, neither of them a colour of a line."""
    from matplotlib.colors import LinearSegmentedColormap

    stops = ["#fdfcf8", "#e4e6e1", "#c3cac7", "#98a5a6", "#6f8086", "#4f6169"]
    return LinearSegmentedColormap.from_list("lernwerk_heights", stops)
