"""The last layer against the loss at compile: refusals and warnings, word for word."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from lernwerk import Sequential, layers, losses
from lernwerk.errors import ArgumentError, TrainingWarning


def compiled(units: int, activation: Any, loss: Any) -> Sequential:
    model = Sequential([layers.Dense(units, activation=activation, name="out")])
    model.compile("sgd", loss)
    return model


SPARSE = losses.SparseCategoricalCrossentropy
BINARY_HINT = "Dense(1, activation='sigmoid') with loss='binary_crossentropy'"
REFUSED = [
    (1, "softmax", "mse",
     "compile: out with loss mse: expected more than one unit for softmax, got 1 unit, whose "
     f"output is always 1. For two classes: {BINARY_HINT}."),
    (1, "sigmoid", "categorical_crossentropy",
     "compile: out with loss categorical_crossentropy: expected one unit for each class, got 1 "
     f"unit. For two classes: {BINARY_HINT}; for n classes: Dense(n, activation='softmax')."),
    (1, None, "sparse_categorical_crossentropy",
     "compile: out with loss sparse_categorical_crossentropy: expected one unit for each class, "
     f"got 1 unit. For two classes: {BINARY_HINT}; for n classes: Dense(n, activation='softmax')."),
    (3, "softmax", SPARSE(from_logits=True),
     "compile: out with loss sparse_categorical_crossentropy: expected a linear last layer for "
     "from_logits=True, got activation 'softmax'. It would be applied twice. Use "
     "loss=SparseCategoricalCrossentropy(), or a last layer without activation."),
    (1, "sigmoid", losses.BinaryCrossentropy(from_logits=True),
     "compile: out with loss binary_crossentropy: expected a linear last layer for "
     "from_logits=True, got activation 'sigmoid'. It would be applied twice. Use "
     "loss=BinaryCrossentropy(), or a last layer without activation."),
    (3, None, "categorical_crossentropy",
     "compile: out with loss categorical_crossentropy: expected probabilities from the last "
     "layer, got a linear activation. Add activation='softmax' to it, or use "
     "loss=CategoricalCrossentropy(from_logits=True)."),
    (1, None, "binary_crossentropy",
     "compile: out with loss binary_crossentropy: expected probabilities from the last layer, "
     "got a linear activation. Add activation='sigmoid' to it, or use "
     "loss=BinaryCrossentropy(from_logits=True)."),
]  # fmt: skip
WARNED = [
    (3, "sigmoid", "categorical_crossentropy",
     "compile: out with loss categorical_crossentropy: expected activation 'softmax', got "
     "'sigmoid'. Dense(3, activation='softmax') gives probabilities that sum to 1."),
    (2, "softmax", "binary_crossentropy",
     "compile: out with loss binary_crossentropy: expected loss 'categorical_crossentropy' for "
     "softmax, got binary_crossentropy. Classes that exclude each other: "
     "loss='categorical_crossentropy'; independent labels: Dense(2, activation='sigmoid')."),
    (1, "tanh", "binary_crossentropy",
     "compile: out with loss binary_crossentropy: expected activation 'sigmoid', got 'tanh'. "
     "Dense(1, activation='sigmoid') gives probabilities."),
]  # fmt: skip
FINE = [
    (3, "softmax", "categorical_crossentropy"),
    (3, "softmax", "sparse_categorical_crossentropy"),
    (3, None, SPARSE(from_logits=True)),
    (1, "sigmoid", "binary_crossentropy"),
    (1, None, losses.BinaryCrossentropy(from_logits=True)),
    (4, "sigmoid", "binary_crossentropy"),
    (1, None, "mse"),
    (1, "tanh", "hinge"),
]


@pytest.mark.parametrize(("units", "activation", "loss", "text"), REFUSED)
def test_what_is_certainly_wrong_is_refused(
    units: int, activation: Any, loss: Any, text: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        compiled(units, activation, loss)
    assert str(refused.value) == text


@pytest.mark.parametrize(("units", "activation", "loss", "text"), WARNED)
def test_what_is_probably_wrong_gets_a_warning(
    units: int, activation: Any, loss: Any, text: str
) -> None:
    with pytest.warns(TrainingWarning) as warned:
        compiled(units, activation, loss)
    assert [str(each.message) for each in warned] == [text]


@pytest.mark.parametrize(("units", "activation", "loss"), FINE)
def test_what_fits_passes_silently(units: int, activation: Any, loss: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(units, activation, loss).loss is not None


def test_an_activation_layer_counts_with_the_units_before_it() -> None:
    model = Sequential([layers.Dense(1, name="d"), layers.Activation("softmax", name="act")])
    with pytest.raises(ArgumentError, match="act with loss mse: expected more than one unit"):
        model.compile("sgd", "mse")
    model = Sequential([layers.Dense(3), layers.Activation("softmax")])
    model.compile("sgd", "categorical_crossentropy")


def test_a_last_layer_without_activation_of_its_own_is_not_judged() -> None:
    model = Sequential([layers.Dense(3), layers.Flatten()])
    model.compile("sgd", "categorical_crossentropy")
    assert model.loss is not None
