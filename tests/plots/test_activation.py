"""Activation functions and derivatives against formulas and central differences."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import activations, ops
from lernwerk.errors import ArgumentError
from lernwerk.plots import activation_functions
from lernwerk.plots.activation import NAMES, value_and_derivative

X = np.linspace(-4, 4, 33) + 0.01  # beside every kink


def test_drawn_are_function_and_derivative() -> None:
    axes = activation_functions(["tanh"], low=-2, high=3).axes[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    x = lines["function"].get_xdata()
    assert (x[0], x[-1]) == (-2, 3)
    np.testing.assert_allclose(lines["function"].get_ydata(), np.tanh(x))
    np.testing.assert_allclose(lines["derivative"].get_ydata(), 1 - np.tanh(x) ** 2, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_are_those_of_central_differences(name: str) -> None:
    function = activations.get(name)
    _, slope = value_and_derivative(function, X)
    high, low = (function(X + d).numpy() for d in (1e-6, -1e-6))
    np.testing.assert_allclose(slope, (high - low) / 2e-6, atol=1e-7)


def test_a_step_has_a_derivative_of_zero() -> None:
    step = lambda x: ops.greater(x, 0.0)  # noqa: E731
    values, slope = value_and_derivative(step, X)
    np.testing.assert_array_equal(values, X > 0)
    assert not slope.any()


def test_one_panel_each_with_its_name() -> None:
    def cube(x):
        return x * x * x

    figure = activation_functions(["relu", cube, "gelu", "elu"])
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.axison]
    assert titles == ["relu", "cube", "gelu", "elu"]
    assert activation_functions("selu").axes[0].get_title(loc="left") == "selu"


def test_messages() -> None:
    with pytest.raises(ArgumentError) as unknown:
        activation_functions(["sigmoit"])
    assert str(unknown.value) == (
        "activation_functions: expected the name of a known activation, got 'sigmoit'. "
        "Did you mean 'sigmoid'?"
    )
    with pytest.raises(ArgumentError, match="known activation, got 'softmax'"):
        activation_functions(["softmax"])
    with pytest.raises(ArgumentError) as whole:
        activation_functions([lambda x: ops.sum(x)])
    assert "expected functions that work element by element, got one that makes ()" in str(
        whole.value
    )
    with pytest.raises(ArgumentError, match=r"expected low to be less than high, got 1 and 1\."):
        activation_functions(low=1, high=1)
    with pytest.raises(ArgumentError, match=r"expected names, got none\."):
        activation_functions([])
