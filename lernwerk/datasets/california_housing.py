"""California housing: 20640 districts of 1990, 8 measures each, and the median price of a house.

Prices are in dollars. The file is Keras's.
"""

from __future__ import annotations

from lernwerk.datasets.dataset import TEST_SPLIT, Arrays, split_arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import KERAS, find
from lernwerk.datasets.stored_arrays import read_npz
from lernwerk.errors import check_name, check_ranges

SOURCE = (
    "R. K. Pace and R. Barry (1997), Sparse spatial autoregressions, Statistics and Probability "
    "Letters 33, 291-297; file of Keras"
)
FEATURES = ("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude",
            "Longitude")  # fmt: skip
NAME = "california_housing.npz"
FILE = RemoteFile(
    NAME, (KERAS + NAME,), "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
)
SMALL = 600  # rows of the small version, as in Keras


def load_data(
    version: str = "large", path: str = NAME, test_split: float = 0.2, seed: int = 113
) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x (rows, 8), y (rows).

    version "small" has the first 600 rows. ``test_split`` is the share of the shuffled rows that
    becomes the test part; ``seed`` fixes the shuffle, which is Keras's.
    """
    where = "california_housing.load_data"
    check_name(where, "version", version, ("large", "small"))
    check_ranges(where, {"test_split": test_split}, {"test_split": TEST_SPLIT})
    x, y = read_npz(find("california_housing", FILE, path), "x", "y")
    rows = slice(SMALL if version == "small" else None)
    return split_arrays(x[rows], y[rows], test_split, seed)
