"""The text of every message of the losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import losses, ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, "float32")


CASES: list[tuple[type[Exception], Any, str]] = [
    (
        ShapeError,
        lambda: losses.mean_squared_error(_ones(5), _ones(5, 3)),
        "mean_squared_error: expected y_true of the shape (5, 3) of y_pred, got (5,). Columns"
        " and units differ: the last layer could be Dense(1).",
    ),
    (
        ShapeError,
        lambda: losses.MeanAbsoluteError()(_ones(5, 2), _ones(5, 1)),
        "mean_absolute_error: expected y_true of the shape (5, 1) of y_pred, got (5, 2)."
        " Columns and units differ: the last layer could be Dense(2).",
    ),
    (
        ShapeError,
        lambda: losses.hinge(_ones(3, 1), _ones(1, 3)),
        "hinge: expected y_true of the shape (1, 3) of y_pred, got (3, 1). Reshape one of them:"
        " nothing is broadcast here.",
    ),
    (
        ShapeError,
        lambda: losses.categorical_crossentropy(np.arange(3), _ones(3, 3)),
        "categorical_crossentropy: expected y_true of the shape (3, 3) of y_pred, got (3,). Class"
        " numbers need loss='sparse_categorical_crossentropy'.",
    ),
    (
        ShapeError,
        lambda: losses.sparse_categorical_crossentropy(np.eye(3), _ones(3, 3)),
        "sparse_categorical_crossentropy: expected y_true (3,) for y_pred (3, 3), got (3, 3)."
        " One-hot targets need loss='categorical_crossentropy'.",
    ),
    (
        ShapeError,
        lambda: losses.sparse_categorical_crossentropy(np.arange(4), _ones(3, 3)),
        "sparse_categorical_crossentropy: expected y_true (3,) for y_pred (3, 3), got (4,).",
    ),
    (
        ShapeError,
        lambda: losses.categorical_crossentropy(_ones(3, 1), _ones(3, 1)),
        "categorical_crossentropy: expected y_pred with at least 2 classes on axis -1, got (3, 1)."
        " For one output use loss='binary_crossentropy'.",
    ),
    (
        ShapeError,
        lambda: losses.MeanSquaredError()(_ones(4, 2), _ones(4, 2), _ones(3)),
        "mean_squared_error: expected sample_weight for values of shape (4,), got (3,). Give one"
        " weight per sample, or one per value.",
    ),
    (
        ArgumentError,
        lambda: losses.BinaryCrossentropy(from_logits=True)(
            _ones(2, 1), ops.sigmoid(Tensor(_ones(2, 1)))
        ),
        "binary_crossentropy: expected logits, as from_logits=True says, got the output of"
        " sigmoid. Remove the sigmoid, or from_logits=True.",
    ),
    (
        ArgumentError,
        lambda: losses.MeanSquaredError(reduction="men"),
        "MeanSquaredError: expected the name of a known reduction, got 'men'. Did you mean 'mean'?",
    ),
    (
        ArgumentError,
        lambda: losses.CategoricalCrossentropy(label_smoothing=1.5),
        "CategoricalCrossentropy: expected label_smoothing to be a number in [0, 1], got 1.5.",
    ),
    (
        ArgumentError,
        lambda: losses.Huber(0.0),
        "Huber: expected delta to be a number > 0, got 0.0.",
    ),
    (
        ArgumentError,
        lambda: losses.BinaryFocalCrossentropy(gamma=-1),
        "BinaryFocalCrossentropy: expected gamma to be a number >= 0, got -1.",
    ),
    (
        ArgumentError,
        lambda: losses.CategoricalGeneralizedCrossEntropy(1.0),
        "CategoricalGeneralizedCrossEntropy: expected q to be a number in (0, 1), got 1.0.",
    ),
    (
        ArgumentError,
        lambda: losses.Tversky(alpha=-0.5),
        "Tversky: expected alpha to be a number >= 0, got -0.5.",
    ),
    (
        ShapeError,
        lambda: losses.categorical_focal_crossentropy(np.arange(3), _ones(3, 3)),
        "categorical_focal_crossentropy: expected y_true of the shape (3, 3) of y_pred, got (3,)."
        " Class numbers need loss='sparse_categorical_crossentropy'.",
    ),
    (
        ShapeError,
        lambda: losses.ctc(_ones(3), _ones(3, 5, 2)),
        "ctc: expected y_true (batch, labels) for y_pred (batch, steps, classes), got (3,) and"
        " (3, 5, 2). y_true holds class numbers from 1, filled up with 0.",
    ),
    (
        ArgumentError,
        lambda: losses.LossFunctionWrapper(3),  # type: ignore[arg-type]
        "LossFunctionWrapper: expected a function of y_true and y_pred, got 3.",
    ),
]


@pytest.mark.parametrize(("kind", "action", "text"), CASES)
def test_messages(kind: type[Exception], action: Any, text: str) -> None:
    with pytest.raises(kind) as caught:
        action()
    assert str(caught.value) == text


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"'binary_crossentopy'\. Did you mean 'binary_cross"):
        losses.get("binary_crossentopy")
