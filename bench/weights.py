"""Start weights: every contender begins with those that Lernwerk drew, so that losses compare.

They are drawn in a process of their own, because a peer's process is to hold nothing of Lernwerk.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = "LERNWERK_BENCH_WEIGHTS"  # the variable with the folder of a run's weights
ROOT = Path(__file__).parents[1]


def start_weights(network: Callable[..., Any]) -> list[Any]:
    """Lernwerk's start weights of a network of this package, in Keras's order and layout."""
    if FOLDER in os.environ:
        return _from_folder(network, Path(os.environ[FOLDER]))
    with tempfile.TemporaryDirectory() as folder:
        return _from_folder(network, Path(folder))


def _from_folder(network: Callable[..., Any], folder: Path) -> list[Any]:
    path = folder / f"{network.__name__}.npz"
    if not path.exists():
        words = ["-m", "bench.weights", network.__module__, network.__name__, str(path)]
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with np.load(path) as arrays:
        return [arrays[name] for name in arrays.files]


def main(module: str, name: str, path: str) -> None:
    """Draw the weights of a network and save them."""
    network = getattr(importlib.import_module(module), name)
    weights = network(importlib.import_module("lernwerk")).get_weights()
    np.savez(path, *weights)


if __name__ == "__main__":
    main(*sys.argv[1:])
