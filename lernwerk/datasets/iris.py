"""Iris: 150 flowers, four measurements in centimetres, three species.

The data travels inside the package; this module only reads it.
"""

from __future__ import annotations

from functools import cache

from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split

SOURCE = (
    "R. A. Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of "
    "Eugenics 7(2); Iris, UCI Machine Learning Repository, https://doi.org/10.24432/C56C76 "
    "(two values corrected to agree with the paper, as in scikit-learn)"
)


@cache
def load() -> Dataset:
    """The whole data set; read once, the arrays are read-only."""
    return embedded.dataset("iris", SOURCE)


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 4) in cm, y int64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle.
    """
    return shuffled_split(load(), test_split, seed)
