"""A loss that is no longer finite: the first batch, layer and sample are named."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from lernwerk import Input, Sequential, layers, ops, optimizers
from lernwerk.core.random import set_random_seed
from lernwerk.errors import TrainingWarning


class Logarithm(layers.Layer):
    """y = log(x)"""

    def call(self, inputs):
        return ops.log(inputs)


def fit(model, x, y, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(x, y, verbose=0, **options)
    return history, [str(each.message) for each in caught if each.category is TrainingWarning]


def test_layer_batch_and_sample_are_named():
    model = Sequential([Input((2,)), Logarithm(name="logarithm"), layers.Dense(1, name="last")])
    model.compile("sgd", "mse")
    x = np.ones((20, 2), np.float32)
    x[13, 1] = 0.0
    _, notes = fit(model, x, np.ones(20), batch_size=5, epochs=2, shuffle=False)
    assert notes == [
        "fit, epoch 1, batch 3: expected finite numbers, got -inf from log in layer logarithm, "
        "first for sample 3 of the batch (row 13). Keep what log gets above 0, for example by "
        "adding 1e-7. Lower the learning rate tenfold, or clip the gradients: "
        "optimizer=Adam(1e-4, clipnorm=1.0)."
    ]


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_learning_rate_that_is_too_large(shuffle):
    set_random_seed(3)
    model = Sequential([Input((3,)), layers.Dense(4, name="first"), layers.Dense(1, name="last")])
    model.compile(optimizers.SGD(1e6), "mse")
    x = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    history, notes = fit(model, x, x[:, 0], batch_size=8, epochs=6, shuffle=shuffle)
    (note,) = notes
    assert note.startswith("fit, epoch 1, batch ")
    assert "Lower the learning rate tenfold" in note
    assert len(history.history["loss"]) == 6  # as in Keras, it goes on


def test_the_search_changes_nothing():
    """The state after a training with the warning is that of one without the search."""
    results = []
    for search in (True, False):
        set_random_seed(5)
        model = Sequential([Input((2,)), Logarithm(), layers.Dropout(0.3), layers.Dense(1)])
        model.compile("adam", "mse", metrics=["mae"])
        x = np.ones((32, 2), np.float32)
        x[20, 0] = 0.0
        model.train_loop([])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if search:
                history = model.fit(x, x[:, 0], batch_size=4, epochs=1, verbose=0)
            else:
                from lernwerk.training import loop

                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(loop, "explain_divergence", lambda *_: "skipped")
                    history = model.fit(x, x[:, 0], batch_size=4, epochs=1, verbose=0)
        results.append((history.history, [v.numpy() for v in model.state_variables]))
    np.testing.assert_equal(results[0], results[1])


def test_finite_trainings_say_nothing():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    _, notes = fit(model, np.ones((8, 2)), np.ones(8), epochs=2)
    assert notes == []
