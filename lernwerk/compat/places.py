"""Where figures go: said before matplotlib is loaded, asked for by its backend ``figures.py``."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

BACKEND = "module://lernwerk.compat.figures"
_target = [Path("figure")]


def place_figures(folder: Path, stem: str) -> None:
    """Let ``plt.show()`` write ``folder / stem-1.png``, ...; nothing without matplotlib."""
    if importlib.util.find_spec("matplotlib") is not None:
        os.environ["MPLBACKEND"] = BACKEND
        _target[0] = folder / stem


def target() -> Path:
    """Folder and beginning of the name of the figures."""
    return _target[0]
