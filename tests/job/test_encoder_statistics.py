"""Mean, deviation and skewness against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lernwerk.job.statistics import mean_and_deviation, skewness


@given(arrays.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6)))
def test_mean_and_deviation_are_numpys(values: np.ndarray) -> None:
    mean, deviation = mean_and_deviation(values)
    largest = np.abs(values).max(axis=0)
    assert (np.abs(mean - values.mean(axis=0)) <= 1e-12 * largest).all()
    varies = values.std(axis=0) > 1e-9 * np.maximum(largest, 1e-90)
    np.testing.assert_allclose(deviation[varies], values.std(axis=0)[varies], rtol=1e-6)
    assert (deviation > 0).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e99, 1e-300])
def test_constants_have_deviation_one(value: float) -> None:
    _, deviation = mean_and_deviation(np.full((9, 2), value))
    assert deviation.tolist() == [1.0, 1.0]


def test_huge_values_do_not_overflow() -> None:
    mean, deviation = mean_and_deviation(np.array([1e99, -1e99]))
    assert (float(mean), float(deviation)) == (0.0, 1e99)


def test_skewness_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats", reason="SciPy is the oracle here")
    values = np.random.default_rng(0).lognormal(size=200)
    np.testing.assert_allclose(skewness(values), stats.skew(values), rtol=1e-10)
    assert skewness(np.ones(5)) == 0
