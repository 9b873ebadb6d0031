"""Wine: 178 Italian wines, thirteen chemical measurements, three cultivars.

The data travels inside the package; this module only reads it.
"""

from __future__ import annotations

from functools import cache

from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split

SOURCE = (
    "M. Forina et al. (1991), PARVUS; S. Aeberhard and M. Forina (1992), Wine, UCI Machine "
    "Learning Repository, https://doi.org/10.24432/C5PC7J"
)


@cache
def load() -> Dataset:
    """The whole data set; read once, the arrays are read-only."""
    return embedded.dataset("wine", SOURCE)


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 13), y int64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle.
    """
    return shuffled_split(load(), test_split, seed)
