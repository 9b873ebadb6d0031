"""Handwritten digits: 1797 pictures of 8 x 8 pixels with values 0 to 16, ten classes.

The pixels count the ink of 4 x 4 blocks of a 32 x 32 bitmap, so they range over 0..16, not 0..255.
The data travels inside the package; this module only reads it.
"""

from __future__ import annotations

from functools import cache

from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split

SOURCE = (
    "E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine "
    "Learning Repository, https://doi.org/10.24432/C50P49 (the test part, as in scikit-learn)"
)


@cache
def load() -> Dataset:
    """The whole data set; read once, the arrays are read-only."""
    return embedded.dataset("digits", SOURCE, image_shape=(8, 8))


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 8, 8), y int64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle.
    """
    return shuffled_split(load(), test_split, seed)
