"""Sonar: 208 echoes from the sea floor in sixty bands of frequency, from mines and from rocks.

Class 0 is a rock (97 rows), class 1 a mine, a metal cylinder (111 rows). The published file is
looked for in the folder ``sonar`` of LERNWERK_DATA, then in the cache, and is downloaded otherwise.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import find
from lernwerk.errors import FileError

SOURCE = (
    "R. P. Gorman and T. J. Sejnowski (1988), Analysis of hidden units in a layered network "
    "trained to classify sonar targets, Neural Networks 1, 75-89; UCI Machine Learning Repository, "
    "https://doi.org/10.24432/C5T01Q"
)
NAME = "sonar.all-data"
UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases/"
FILE = RemoteFile(
    NAME, (UCI + "undocumented/connectionist-bench/sonar/" + NAME,),
    "e90434cdbf00fcf93ffa911fe447ae25606979658e60f1d32e155c3b5240234d",
)  # fmt: skip
BANDS = 60
HELD_BACK = 48 / 208
# The letters of the published file, and the numbers of copies of it that circulate.
CLASSES = {"R": 0, "M": 1, "1": 0, "-1": 1}


def load_data(
    path: str = NAME, test_split: float = HELD_BACK, seed: int = 113
) -> tuple[Arrays, Arrays]:  # fmt: skip
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 60), y int64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part, by default 48 of
    the 208; ``seed`` fixes the shuffle. Raises FileError where the file is damaged or can neither
    be found nor downloaded.
    """
    return shuffled_split(load(path), test_split, seed)


def load(path: str = NAME) -> Dataset:
    """The whole data set as one object; the energies of an echo lie between 0 and 1."""
    x, y = _read(find("sonar", FILE, path))
    return Dataset(
        name="sonar",
        x=x,
        y=y,
        feature_names=tuple(f"band_{band}" for band in range(1, BANDS + 1)),
        class_names=("rock", "mine"),
        task="classification",
        source=SOURCE,
    )


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    try:
        rows = [line.split(",") for line in path.read_text("ascii").split()]
        x = np.array([row[:-1] for row in rows], float).reshape(len(rows), BANDS)
        labels = [CLASSES[row[-1]] for row in rows]
    except (OSError, ValueError, KeyError) as error:
        raise FileError(
            str(path), "rows of 60 numbers and R or M", str(error) or type(error).__name__,
            "Delete it and put the published file there.",
        ) from None  # fmt: skip
    return x, np.array(labels, np.int64)
