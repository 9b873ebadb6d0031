"""Boston housing: 506 districts, 13 measures each, and the median price of a house in 1000 dollars.

Withdrawn by many collections: one measure counts inhabitants by the colour of their skin. It is
here because books use it; california_housing serves the same purpose.
"""

from __future__ import annotations

from lernwerk.datasets.dataset import TEST_SPLIT, Arrays, split_arrays
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import KERAS, find
from lernwerk.datasets.stored_arrays import read_npz
from lernwerk.errors import check_ranges

SOURCE = (
    "D. Harrison and D. L. Rubinfeld (1978), Hedonic prices and the demand for clean air, Journal "
    "of Environmental Economics and Management 5, 81-102; file of Keras"
)
NAME = "boston_housing.npz"
FILE = RemoteFile(
    NAME, (KERAS + NAME, "https://s3.amazonaws.com/keras-datasets/" + NAME),
    "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
)  # fmt: skip


def load_data(
    path: str = NAME, test_split: float = 0.2, seed: int = 113
) -> tuple[Arrays, Arrays]:  # fmt: skip
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 13), y float64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle, which is Keras's.
    """
    check_ranges("boston_housing.load_data", {"test_split": test_split},
                 {"test_split": TEST_SPLIT})  # fmt: skip
    x, y = read_npz(find("boston_housing", FILE, path), "x", "y")
    return split_arrays(x, y, test_split, seed)
