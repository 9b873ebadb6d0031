"""Diabetes: 442 patients, ten measurements, progression of the disease one year later.

The values are the measured ones (age in years, bmi in kg/m2, bp in mmHg, sex coded 1 and 2, six
blood serum values s1 to s6), not the scaled form that some copies carry; the target is a score
from 25 to 346. The data travels inside the package; this module only reads it.
"""

from __future__ import annotations

from functools import cache

from lernwerk.datasets import embedded
from lernwerk.datasets.dataset import Arrays, Dataset, shuffled_split

SOURCE = (
    "B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004), Least Angle Regression, Annals of "
    "Statistics 32(2), https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html"
)


@cache
def load() -> Dataset:
    """The whole data set; read once, the arrays are read-only."""
    return embedded.dataset("diabetes", SOURCE)


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x float64 (rows, 10) unscaled, y float64 (rows).

    ``test_split`` is the share of the shuffled rows that becomes the test part; ``seed`` fixes the
    shuffle.
    """
    return shuffled_split(load(), test_split, seed)
