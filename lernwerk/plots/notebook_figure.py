"""The Figure that ``style.new_figure`` makes: a notebook shows it without %matplotlib.

It lives in a file of its own because it is made of matplotlib's, which ``style.py`` imports late.
"""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Twice as many pixels as a notebook shows: sharp on today's screens.
DPI, SCALE = 200, 2


class NotebookFigure(Figure):
    """A Figure that is shown where it is the last expression of a notebook's cell.

    It is drawn on white, which its dark letters need on a dark page, and once, whether or not
    %matplotlib is in use.
    """

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(self)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        from lernwerk.plots.style import styled

        sink = io.BytesIO()
        with styled():
            self.savefig(sink, format="png", dpi=DPI, facecolor="white")
        width, height = (round(inches * DPI / SCALE) for inches in self.get_size_inches())
        return sink.getvalue(), {"width": width, "height": height}

    def _ipython_display_(self) -> None:
        """The same for IPython, which asks here before it asks %matplotlib."""
        from IPython.display import display

        png, size = self._repr_png_()
        bundle = {"image/png": png, "text/plain": repr(self)}
        display(bundle, metadata={"image/png": size}, raw=True)
