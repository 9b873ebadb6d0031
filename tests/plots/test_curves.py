"""Learning curves: panels, the best epoch, and histories with little or nothing in them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lernwerk.errors import ArgumentError
from lernwerk.plots import figure_to_svg, learning_curves, measures

HISTORY = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [1.0, 0.6, 0.5],
    "val_accuracy": [0.4, 0.6, 0.6],
    "val_loss": [1.2, 0.8, 0.9],
}


def lines(axes) -> dict[str, list[float]]:
    return {line.get_label(): list(line.get_ydata()) for line in axes.get_lines()}


def test_measures_come_once_and_loss_first() -> None:
    assert measures(HISTORY) == ["loss", "accuracy"]
    assert measures({"val_mae": [1.0]}) == ["mae"]


def test_one_panel_a_measure_with_training_and_validation() -> None:
    loss, accuracy = learning_curves(HISTORY, 2).axes
    assert loss.get_title(loc="left") == "loss"
    assert lines(loss)["training"] == HISTORY["loss"]
    assert lines(accuracy)["validation"] == HISTORY["val_accuracy"]


def test_the_best_epoch_is_marked_on_the_validation_curve() -> None:
    loss = learning_curves(HISTORY, 2, only="loss").axes[0]
    assert lines(loss)["best: epoch 2"] == [0.8]


@pytest.mark.parametrize("epoch", [None, 0, 4])
def test_an_epoch_that_was_not_run_is_not_marked(epoch: int | None) -> None:
    assert len(learning_curves(HISTORY, epoch, only="loss").axes[0].get_lines()) == 2


def test_a_loss_over_decades_gets_a_logarithmic_axis() -> None:
    axes = learning_curves({"loss": [10.0, 1.0, 0.1]}).axes[0]
    assert axes.get_yscale() == "log"
    assert axes.get_title(loc="left") == "loss (log scale)"
    assert learning_curves({"loss": [10.0, 0.0]}).axes[0].get_yscale() == "linear"


def test_without_validation_the_training_curve_carries_the_mark() -> None:
    assert lines(learning_curves({"loss": [2.0, 1.0]}, 2).axes[0])["best: epoch 2"] == [1.0]


def test_values_that_are_not_finite_leave_gaps() -> None:
    axes = learning_curves({"loss": [1.0, math.nan, math.inf, 2.0]}, 2).axes[0]
    np.testing.assert_array_equal(lines(axes)["training"], [1.0, math.nan, math.nan, 2.0])


@pytest.mark.parametrize("history", [{}, {"loss": []}])
def test_no_epoch_is_said_in_words(history: dict[str, list[float]]) -> None:
    assert "No epoch was finished." in figure_to_svg(learning_curves(history))


def test_nothing_finite_is_said_in_words() -> None:
    assert "no finite value in any epoch" in figure_to_svg(learning_curves({"loss": [math.nan]}, 1))


def test_one_epoch_is_a_point() -> None:
    assert learning_curves({"loss": [1.0]}, 1).axes[0].get_lines()[0].get_marker() == "o"


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match=r"expected the name of a known measure, got 'los'.*'loss'"
    ):
        learning_curves(HISTORY, only="los")
