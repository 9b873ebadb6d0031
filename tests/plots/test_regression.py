"""Predictions against truth and residuals, also for many points and for none that is finite."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.errors import ShapeError
from lernwerk.plots import figure_to_svg, finite_pairs, predictions_against_truth, residuals

TRUE = np.array([1.0, 2.0, 4.0])
PREDICTED = np.array([1.5, 2.0, 3.0])


def points(axes) -> np.ndarray:
    return next(line for line in axes.get_lines() if line.get_marker() == "o").get_xydata()


def test_points_are_truth_and_prediction() -> None:
    axes = predictions_against_truth(TRUE[:, None], PREDICTED).axes[0]
    np.testing.assert_array_equal(points(axes), np.stack([TRUE, PREDICTED], axis=1))
    assert axes.get_xlim() == axes.get_ylim()


def test_residuals_are_predicted_minus_true() -> None:
    axes = residuals(TRUE, PREDICTED).axes[0]
    np.testing.assert_array_equal(points(axes), [[1.5, 0.5], [2.0, 0.0], [3.0, -1.0]])


def test_the_distribution_counts_every_row() -> None:
    side = residuals(TRUE, PREDICTED).axes[1]
    assert sum(bar.get_width() for bar in side.patches) == 3


@pytest.mark.parametrize("draw", [predictions_against_truth, residuals])
def test_ten_thousand_rows_become_an_image(draw) -> None:
    generator = np.random.default_rng(0)
    true = generator.normal(size=10_000)
    svg = figure_to_svg(draw(true, true + generator.normal(size=10_000)))
    assert "data:image/png" in svg
    assert len(svg) < 400_000


@pytest.mark.parametrize("draw", [predictions_against_truth, residuals])
def test_values_that_are_not_finite_are_left_out_and_counted(draw) -> None:
    figure = draw(np.array([1.0, 2.0, np.nan]), np.array([1.0, np.inf, 2.0]))
    assert figure.axes[0].get_title(loc="left").endswith("(2 not finite)")
    assert "No finite predictions." in figure_to_svg(draw(np.ones(2), np.full(2, np.nan)))


@pytest.mark.parametrize("draw", [predictions_against_truth, residuals])
@pytest.mark.parametrize("value", [0.0, 5.0, -1e30])
def test_a_single_value_has_an_axis(draw, value: float) -> None:
    figure_to_svg(draw(np.full(3, value), np.full(3, value)))


def test_lengths_must_agree() -> None:
    with pytest.raises(ShapeError, match=r"predictions: expected 3 values, got 2\."):
        finite_pairs(TRUE, PREDICTED[:2])
