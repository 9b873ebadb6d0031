"""Breast cancer (Wisconsin, diagnostic): 569 tumours, thirty measurements, two classes.

Class 0 is malignant, class 1 benign; the measurements describe cell nuclei. The data travels inside
the package; this module only reads it.
"""

from __future__ import annotations

from functools import cache

from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split

SOURCE = (
    "W. H. Wolberg, O. L. Mangasarian and W. N. Street (1995), Breast Cancer Wisconsin "
    "(Diagnostic), UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B"
)


@cache
def load() -> Dataset:
    """The whole data set; read once, the arrays are read-only."""
    return embedded.dataset("breast_cancer", SOURCE)


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 30), y int64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle.
    """
    return shuffled_split(load(), test_split, seed)
