"""Mean, deviation and skewness of training values, safe against huge and constant ones.

Only what the encoders need, over axis 0 in float64; missing values are removed before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SMALLEST_SCALE = 1e-100
"""Values below this are zero for us; dividing by them would overflow."""
SMALLEST = 1e-12
"""A deviation below this share of the largest value is rounding noise, not variation."""


def mean_and_deviation(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and standard deviation over axis 0; the deviation of a constant is 1.

    Shapes: values (n, *f) -> mean (*f), deviation (*f)
    """
    values = np.asarray(values, np.float64)
    # Divided by the largest value first, so that squares of huge values do not overflow.
    largest = np.maximum(np.abs(values).max(axis=0), SMALLEST_SCALE)
    scaled = values / largest
    mean, deviation = scaled.mean(axis=0), scaled.std(axis=0)
    constant = deviation < SMALLEST
    return mean * largest, np.where(constant, 1.0, deviation * largest)


def skewness(values: NDArray[np.float64]) -> float:
    """The third standardised moment of one column, 0 for a constant."""
    mean, deviation = mean_and_deviation(values)
    return float((((values - mean) / deviation) ** 3).mean())
