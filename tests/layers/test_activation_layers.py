"""The activations with arguments against real Keras: numbers, weights, masks, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.errors import ArgumentError, ShapeError

Agree = Callable[..., tuple[Any, Any]]


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape, scale=2).astype("float32")


CASES: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("ReLU", {}, (4, 3)),
    ("ReLU", {"max_value": 1.5}, (4, 3)),
    ("ReLU", {"negative_slope": 0.2}, (2, 4, 3)),
    ("ReLU", {"threshold": 0.7}, (4, 3)),
    ("ReLU", {"max_value": 2.0, "negative_slope": 0.1, "threshold": 0.5}, (4, 5, 3)),
    ("LeakyReLU", {}, (4, 3)),
    ("LeakyReLU", {"negative_slope": 0.01}, (2, 4, 3)),
    ("ELU", {}, (4, 3)),
    ("ELU", {"alpha": 0.5}, (2, 4, 3)),
    ("PReLU", {}, (4, 3)),
    ("PReLU", {"shared_axes": [1]}, (2, 4, 3)),
    ("PReLU", {"shared_axes": [1, 2]}, (2, 4, 5, 3)),
    ("PReLU", {"shared_axes": 2, "alpha_initializer": "ones"}, (2, 4, 3)),
    ("Softmax", {}, (4, 3)),
    ("Softmax", {"axis": 1}, (2, 4, 3)),
    ("Softmax", {"axis": [1, 2]}, (2, 4, 3)),
    ("Softmax", {"axis": [-1]}, (2, 4, 3)),
]


@pytest.mark.parametrize(("name", "options", "shape"), CASES)
def test_outputs_gradients_and_weights_are_those_of_keras(
    agree: Agree, name: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    agree(name, options, numbers(*shape))


MASKS = [
    (np.array([[True, False, True], [True, True, True]]), (2, 3)),
    (np.array([[1.0, 0.0, 0.6], [0.2, 1.0, 1.0]], "float32"), (2, 3)),
    (np.array([False, True, True]), (2, 4, 3)),
    (np.array([[[False, False, False]], [[True, False, True]]]), (2, 4, 3)),
]


@pytest.mark.parametrize(("mask", "shape"), MASKS)
def test_softmax_leaves_out_what_the_mask_says(
    agree: Agree, mask: np.ndarray, shape: tuple[int, ...]
) -> None:
    agree("Softmax", {}, numbers(*shape), mask=mask)


def test_softmax_over_several_axes_with_a_mask(agree: Agree) -> None:
    mask = np.random.default_rng(3).random((2, 4, 3)) > 0.5
    agree("Softmax", {"axis": [1, 2]}, numbers(2, 4, 3), mask=mask)


def test_thresholded_relu_is_worked_out() -> None:
    x = np.array([-1.0, 0.5, 1.0, 1.5], "float32")
    np.testing.assert_array_equal(layers.ThresholdedReLU()(x).numpy(), [0, 0, 0, 1.5])
    np.testing.assert_array_equal(layers.ThresholdedReLU(0.4)(x).numpy(), [0, 0.5, 1, 1.5])


def test_a_constraint_of_the_slopes_is_kept() -> None:
    layer = layers.PReLU(alpha_constraint="non_neg", alpha_regularizer="l2")
    layer.build_for((None, 3))
    assert layer.alpha.constraint is layer.alpha_constraint
    assert type(layer.alpha.constraint).__name__ == "NonNeg"
    assert layer.alpha.regularizer is layer.alpha_regularizer


NAME = {"name": "layer"}
AXES = "an integer or a list of integers"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.ReLU(max_value=-1, **NAME),
         "layer: expected max_value to be a number >= 0, got -1."),
        (lambda: layers.ReLU(threshold=None, **NAME),
         "layer: expected threshold to be a number >= 0, got None."),
        (lambda: layers.LeakyReLU(None, **NAME),
         "layer: expected negative_slope to be a number >= 0, got None."),
        (lambda: layers.ELU("relu", **NAME), "layer: expected alpha to be a number, got 'relu'."),
        (lambda: layers.PReLU(shared_axes="all", **NAME),
         f"layer: expected shared_axes to be {AXES}, got ['all']."),
        (lambda: layers.Softmax(axis=None, **NAME),
         f"layer: expected axis to be {AXES}, got None."),
        (lambda: layers.PReLU(**NAME).build_for((None, None, 3)),
         "layer: expected a known length of axis 1, got (None, None, 3). "
         "Give it: Input(shape=(...)) with a number there."),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


@pytest.mark.parametrize("shape", [(3, 2), (1, 2, 3, 2)])
def test_a_mask_that_does_not_spread_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as refused:
        layers.Softmax(name="layer")(numbers(2, 3, 4), mask=np.ones(shape, bool))
    assert str(refused.value) == (
        f"layer: expected a mask that broadcasts to (2, 3, 4), got {shape}."
    )
