"""The historical tables, against the results that were published from them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lernwerk.datasets import Dataset, historical

TABLES = [historical.nebulae, historical.sunspots, historical.cherry_trees, historical.o_rings]


def least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_a_data_set_that_cannot_be_changed(table: Callable[[], Dataset]) -> None:
    data = table()
    assert data is table()
    assert data.name == table.__name__
    assert data.x.shape == (len(data.y), len(data.feature_names))
    assert len(data.source) > 40
    with pytest.raises(ValueError, match="read-only"):
        data.x[0] = 0


def test_nebulae_move_away_by_454_km_per_second_in_each_million_parsecs() -> None:
    data = historical.nebulae()
    assert least_squares(data.x, data.y) == pytest.approx([-40.784, 454.158], abs=1e-3)
    assert (data.x[:, 0] @ data.y) / (data.x[:, 0] @ data.x[:, 0]) == pytest.approx(
        423.94, abs=0.01
    )


def test_cherry_trees_in_their_old_units() -> None:
    """Volume = -57.99 + 4.708 girth + 0.339 height: inches, feet and cubic feet, as in R's page."""
    data = historical.cherry_trees()
    inches_and_feet = data.x / [historical.INCH, historical.FOOT]
    found = least_squares(inches_and_feet, data.y / historical.FOOT**3)
    assert found == pytest.approx([-57.9877, 4.7082, 0.3393], abs=1e-4)


def test_o_rings_by_scikit_learn() -> None:
    """The odds of a damaged ring: 15.043 - 0.2322 per degree Fahrenheit (Dalal et al. 1989)."""
    from sklearn.linear_model import LogisticRegression

    data = historical.o_rings()
    fitted = LogisticRegression(C=1e9, tol=1e-8).fit(data.x * 1.8 + 32, data.y)
    assert fitted.intercept_[0] == pytest.approx(15.043, abs=2e-2)
    assert fitted.coef_[0, 0] == pytest.approx(-0.2322, abs=3e-4)


def test_sunspots_have_their_minima_in_1833_and_1843() -> None:
    data = historical.sunspots()
    years, groups = data.x[:, 0], data.y
    lowest = [years[i] for i in range(1, 24) if groups[i] < min(groups[i - 1], groups[i + 1])]
    assert lowest == [1833, 1843]
