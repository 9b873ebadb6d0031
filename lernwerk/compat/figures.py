"""A backend of matplotlib whose ``show()`` writes the open figures to files.

``lernwerk run`` chooses it where there is no display: programs that end with ``plt.show()`` leave
``program-1.png``, ``program-2.png``, ... in the folder given. Chosen by ``MPLBACKEND=module://...``,
so that matplotlib is loaded only by programs that draw.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lernwerk.compat import places

FigureManager = FigureManagerBase
written: list[Path] = []


class FigureCanvas(FigureCanvasAgg):
    """The canvas of figures that are only written."""

    manager_class = FigureManagerBase


def show(*arguments: Any, **keywords: Any) -> None:
    """Write the open figures and close them, as closing their windows would."""
    import matplotlib.pyplot as plt

    for number in plt.get_fignums():
        stem = places.target()
        path = stem.with_name(f"{stem.name}-{len(written) + 1}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        plt.figure(number).savefig(path)
        written.append(path)
    plt.close("all")
