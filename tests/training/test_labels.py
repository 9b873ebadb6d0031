"""Targets against loss and output: brought into line where clear, refused with the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import losses, ops
from lernwerk.errors import DataError, ShapeError
from lernwerk.training.labels import fitted_targets

SPARSE = losses.SparseCategoricalCrossentropy()
ONE_HOT = losses.CategoricalCrossentropy()
BINARY = losses.BinaryCrossentropy()
MSE = losses.MeanSquaredError()


def ints(*values: int) -> np.ndarray:
    return np.array(values, "int64")


@pytest.mark.parametrize(
    ("y", "output", "loss", "expected"),
    [
        (ints(0, 2, 1), (None, 3), SPARSE, [0, 2, 1]),
        (ints(0, 2, 1).reshape(3, 1), (None, 3), SPARSE, [0, 2, 1]),
        (np.array([0.0, 2.0]), (None, 3), SPARSE, [0, 2]),
        (np.eye(3), (None, 3), ONE_HOT, np.eye(3)),
        (np.array([0.0, 1.0]), (None, 1), BINARY, [[0.0], [1.0]]),
        (np.array([0.5, 1.0]), (None, 1), MSE, [[0.5], [1.0]]),
        (np.array([[0.5], [1.0]]), (None,), MSE, [0.5, 1.0]),
        (np.ones((2, 5)), (None, 5, 1), MSE, np.ones((2, 5, 1))),
    ],
)
def test_what_is_clear_is_brought_into_line(y: Any, output: Any, loss: Any, expected: Any) -> None:
    found = fitted_targets(y, output, loss)
    np.testing.assert_array_equal(found, expected)
    assert found.shape == np.shape(expected)


def test_class_numbers_become_int32_and_steps_have_one_each() -> None:
    assert fitted_targets(ints(1, 2), (None, 3), SPARSE).dtype == np.int32
    steps = np.array([[0, 1], [2, 0]])
    np.testing.assert_array_equal(fitted_targets(steps, (None, 2, 3), SPARSE), steps)


def test_an_ignored_class_may_lie_outside() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    np.testing.assert_array_equal(fitted_targets(ints(-1, 2), (None, 3), loss), [-1, 2])


def test_a_loss_of_the_user_s_own_may_take_targets_of_any_shape() -> None:
    loss = losses.as_loss(lambda y, p: ops.square(p - y[:, :1]))
    y = np.ones((4, 3), "float32")
    np.testing.assert_array_equal(fitted_targets(y, (None, 1), loss), y)

    class Own(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.square(y_pred - y_true[:, :1])

    np.testing.assert_array_equal(fitted_targets(y, (None, 1), Own()), y)


SPARSE_NAME = "sparse_categorical_crossentropy"
REFUSED = [
    # row 7: one column against several units
    (np.ones(6), (None, 5), MSE, ShapeError,
     "y: expected targets (batch, 5) as the model's output, got (6,). For one number a row the "
     f"last layer is Dense(1); for class numbers use loss='{SPARSE_NAME}'."),
    (np.ones((6, 2)), (None, 1), MSE, ShapeError,
     "y: expected targets (batch, 1) as the model's output, got (6, 2). "
     "The last layer must give (2,) for each row."),
    # row 9: the loss does not fit the targets
    (np.eye(4), (None, 4), SPARSE, ShapeError,
     f"y: expected class numbers of shape (4,) for {SPARSE_NAME}, got (4, 4). "
     "One-hot rows go with another loss: loss='categorical_crossentropy'; "
     "or make numbers of them: y = y.argmax(axis=-1)."),
    (ints(0, 1, 2), (None, 3), ONE_HOT, ShapeError,
     "y: expected one-hot rows (batch, 3) for categorical_crossentropy, got (3,). "
     f"Class numbers go with another loss: loss='{SPARSE_NAME}'; "
     "or make one-hot rows of them: y = keras.utils.to_categorical(y, 3)."),
    (np.eye(4), (None, 3), ONE_HOT, ShapeError,
     "y: expected one-hot rows (batch, 3), got (4, 4). "
     "The last layer needs one unit for each class."),
    (np.zeros((3, 2)), (None, 3), SPARSE, ShapeError,
     f"y: expected class numbers of shape (3,) for {SPARSE_NAME}, got (3, 2)."),
    (ints(0, 1), (None, 28, 3), SPARSE, ShapeError,
     f"y: expected class numbers of shape (2, 28) for {SPARSE_NAME}, got (2,). "
     "The model gives (batch, 28, 3): add layers.Flatten() before its dense layers."),
    # row 11: labels out of range
    (ints(0, 1, 3), (None, 3), SPARSE, DataError,
     "y: expected class numbers from 0 to 2 for an output of 3, got 3 in row 2 (1 such labels). "
     "The last layer needs 4 units, one for each class."),
    (ints(1, 2, 3), (None, 3), SPARSE, DataError,
     "y: expected class numbers from 0 to 2 for an output of 3, got 3 in row 2 (1 such labels). "
     "The labels start at 1: y = y - 1."),
    (ints(-1, 0, -2), (None, 3), SPARSE, DataError,
     "y: expected class numbers from 0 to 2 for an output of 3, got -1 in row 0 (2 such labels). "
     "Class numbers are not negative."),
    (np.array([0.0, 1.5]), (None, 3), SPARSE, DataError,
     "y: expected whole class numbers, got 1.5."),
    (np.array([-1.0, 1.0, 1.0]), (None, 1), BINARY, DataError,
     "y: expected values in [0, 1] for binary_crossentropy, got values from -1 to 1. "
     "Two classes are 0 and 1: y = (y == 1.0).astype('float32')."),
    (ints(0, 1, 2), (None, 1), BINARY, DataError,
     "y: expected values in [0, 1] for binary_crossentropy, got values from 0 to 2. "
     f"For more than two classes use loss='{SPARSE_NAME}' and a unit each."),
]  # fmt: skip


@pytest.mark.parametrize(("y", "output", "loss", "kind", "text"), REFUSED)
def test_the_rest_is_refused(y: Any, output: Any, loss: Any, kind: Any, text: str) -> None:
    with pytest.raises(kind) as refused:
        fitted_targets(y, output, loss)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("y", "loss"),
    [
        (np.eye(3, dtype="float32")[np.zeros((2, 5), int)], losses.CategoricalCrossentropy()),
        (np.zeros((2, 5), int), SPARSE),
        (np.zeros((2, 5, 3), "float32"), losses.MeanSquaredError()),
    ],
)
def test_steps_that_the_model_leaves_open_are_those_of_the_targets(y: Any, loss: Any) -> None:
    assert fitted_targets(y, (None, None, 3), loss).shape == y.shape
