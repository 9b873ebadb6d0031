"""Hundreds of fits on one row, as in reinforcement learning: no state of the loop grows."""

import numpy as np

from lernwerk import Sequential, layers


def test_hundreds_of_fits_on_one_row() -> None:
    model = Sequential([layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    x, y = np.ones((1, 2)), np.ones((1, 1))
    for _ in range(700):  # four times as many batches a slice each time would be beyond any float
        history = model.fit(x, y, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    assert model._steps is not None and max(model._steps.batches_per_slice.values(), default=1) <= 4
