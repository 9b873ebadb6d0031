"""to_categorical against Keras's."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.errors import DataError
from lernwerk.utils import to_categorical


@pytest.mark.parametrize("x", [[0, 2, 1], [[0], [3]], [[0, 1], [2, 0]], 2, [1.0, 0.0]])
def test_agrees_with_keras(keras, x):
    expected = keras.utils.to_categorical(np.asarray(x))
    np.testing.assert_array_equal(to_categorical(x), expected)
    np.testing.assert_array_equal(
        to_categorical(x, 5), keras.utils.to_categorical(np.asarray(x), 5)
    )


@pytest.mark.parametrize(
    ("x", "count", "text"),
    [
        ([0, 5], 3, "to_categorical: expected class numbers from 0 to 2, got 5. "
         "Give num_classes=6."),
        ([0, -1], None, "to_categorical: expected class numbers from 0 to 0, got -1."),
        ([0.5], None, "to_categorical: expected whole class numbers, got float64."),
    ],
)  # fmt: skip
def test_refused(x, count, text):
    with pytest.raises(DataError) as caught:
        to_categorical(x, count)
    assert str(caught.value) == text
