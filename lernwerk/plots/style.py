"""How every figure of Lernwerk looks, and how a figure becomes a piece of a page.

Figures are matplotlib's own, made without pyplot, so nothing global changes and nothing stays open.
The colours below stand in the drawing as they are; in an SVG each becomes a CSS variable with that
colour as its fallback: a page can restyle a figure (dark mode) and a lone file still looks right.
matplotlib is imported where it is used; importing this module costs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.errors import ShapeError, UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1d232b"
QUIET = "#5d6672"
RULE = "#d9d6cf"
# Blue and orange of unequal lightness stay apart for every common colour blindness and in grey.
TRAINING = "#cc7a29"
VALIDATION = "#0b5e91"
POINTS = "#2c7fb8"

VARIABLES = {
    INK: "--figure-ink",
    QUIET: "--figure-quiet",
    RULE: "--figure-rule",
    TRAINING: "--figure-training",
    VALIDATION: "--figure-validation",
    POINTS: "--figure-points",
}

# Colours inside pixel images cannot follow the page: these middle tones hold on white and on black.
RIGHT_RGB = (0x2C / 255, 0x7F / 255, 0xB8 / 255)
WRONG_RGB = (0xD9 / 255, 0x62 / 255, 0x1E / 255)

STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.labelcolor": QUIET,
    "legend.handlelength": 1.6,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "svg.hashsalt": "lernwerk",
}


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's defaults with Lernwerk's style on top, undone at the end of the block."""
    from matplotlib import style

    with warnings.catch_warnings(), style.context(["default", STYLE]):
        # A name in another script is drawn by the browser's fonts, whatever matplotlib lacks.
        warnings.filterwarnings("ignore", message=r"(?s)Glyph .* missing from font")
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` by ``height`` inches on a canvas of its own."""
    from lernwerk.plots.notebook_figure import NotebookFigure

    return NotebookFigure(width, height)


def new_axes(figure: Figure, title: str = "") -> Axes:
    """The only axes of a figure."""
    axes = figure.add_subplot()
    if title:
        axes.set_title(title)
    return axes


def figure_with_note(text: str) -> Figure:
    """A figure that says in words why there is nothing to draw."""
    figure = new_figure(4.8, 1.2)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=QUIET)
    return figure


def printable(text: object) -> str:
    """Text of one line without control characters, which no SVG and no page may contain."""
    return "".join(_printable_character(character) for character in str(text))


def _printable_character(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _CONTROL else character


_CONTROL = {"Cc", "Cs"}


def shortened(text: object, length: int = 20) -> str:
    """Text of at most ``length`` characters: its beginning and its end around an ellipsis."""
    line = printable(text)
    if len(line) <= length:
        return line
    tail = (length - 1) // 3
    return f"{line[: length - 1 - tail].rstrip()}…{line[len(line) - tail :].lstrip()}"


def figure_to_svg(figure: Figure, *, label: str = "", prefix: str = "") -> str:
    """The figure as one ``<svg>`` element for a page or a file.

    ``label`` is what a screen reader says. ``prefix`` begins every id, so that figures on one page
    do not clash; by default it is taken from the drawing itself, so equal figures give equal text.
    """
    buffer = io.StringIO()
    with styled():
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return _as_element(buffer.getvalue(), label, prefix)


_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def _as_element(text: str, label: str, prefix: str) -> str:
    svg = text[text.index("<svg") :].strip()
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n\s*", "\n", svg)
    prefix = prefix or "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    # Only inside tags: a class may be called 'id="' and must keep its name.
    body = re.sub(r"<[^>]*>", lambda tag: _page_tag(tag[0], prefix), svg[svg.index(">") + 1 :])
    return _root(svg, label) + body


def _page_tag(tag: str, prefix: str) -> str:
    tag = tag.replace("xlink:href=", "href=")
    tag = re.sub(r'(\bid="|\bhref="#|url\(#)', rf"\g<1>{prefix}-", tag)
    for colour, variable in VARIABLES.items():
        tag = tag.replace(f": {colour}", f": var({variable}, {colour})")
    return tag


def _root(svg: str, label: str) -> str:
    match = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if match is None:
        raise UsageError("figure_to_svg", "a drawing with a viewBox", repr(svg[:60]))
    width, height = match.groups()
    name = f' role="img" aria-label="{html.escape(printable(label))}"' if label else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" style="stroke-linejoin: round"{name}>'
    )


def figure_to_png_data_uri(figure: Figure, *, dpi: int = 200) -> str:
    """The figure as a PNG in a ``data:`` address, for pages that cannot hold an SVG."""
    buffer = io.BytesIO()
    with styled():
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return data_uri(buffer.getvalue())


def picture_to_png_data_uri(picture: np.ndarray[Any, Any]) -> str:
    """A picture of shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4) as a PNG in a ``data:`` address.

    Numbers that are not uint8 are stretched from their smallest to their largest value.
    """
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture_bytes(picture)).save(buffer, format="PNG")
    return data_uri(buffer.getvalue())


def data_uri(png: bytes) -> str:
    """The bytes of a PNG file as an address that contains them."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def picture_bytes(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture as uint8 of shape (h, w) or (h, w, 3 or 4); ShapeError for any other shape."""
    array = np.asarray(picture)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]  # (h, w)
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise ShapeError("picture", "(height, width) or (height, width, 1, 3 or 4)", array.shape)
    return np.ascontiguousarray(array if array.dtype == np.uint8 else _stretched(array))


def _stretched(array: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    values = np.nan_to_num(array.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (values.min(), values.max()) if values.size else (0.0, 1.0)
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return np.asarray(np.rint(255 * scaled), dtype=np.uint8)
