"""SwapEMAWeights: weights and their average change places."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lernwerk import Variable
from lernwerk.callbacks import SwapEMAWeights
from lernwerk.errors import UsageError


class Averaging:
    """A model of one weight, and its optimizer with the average of it."""

    def __init__(self, use_ema: bool = True) -> None:
        self.weight, self.average = Variable(1.0), Variable(10.0)
        self.trainable_variables = [self.weight]
        self.optimizer = SimpleNamespace(
            use_ema=use_ema, built=True, slot=lambda name, variable: {"average": self.average}[name]
        )

    @property
    def values(self) -> tuple[float, float]:
        return self.weight.item(), self.average.item()


def made(swap_on_epoch: bool = False, **options: Any) -> tuple[Averaging, SwapEMAWeights]:
    model, callback = Averaging(**options), SwapEMAWeights(swap_on_epoch)
    callback.set_model(model)
    callback.set_params({"epochs": 2})
    return model, callback


@pytest.mark.parametrize("phase", ["test", "predict"])
def test_the_average_is_used_and_given_back(phase: str) -> None:
    model, callback = made()
    getattr(callback, f"on_{phase}_begin")({})
    assert model.values == (10.0, 1.0)
    getattr(callback, f"on_{phase}_end")({})
    assert model.values == (1.0, 10.0)
    callback.on_epoch_end(0, {})
    assert model.values == (1.0, 10.0)


def test_callbacks_behind_it_see_the_average() -> None:
    model, callback = made(swap_on_epoch=True)
    callback.on_epoch_begin(0, {})
    callback.on_epoch_end(0, {})
    assert model.values == (10.0, 1.0)
    callback.on_epoch_begin(1, {})
    assert model.values == (1.0, 10.0)
    callback.on_epoch_end(1, {})  # the last epoch: the average stays
    assert model.values == (10.0, 10.0)


def test_an_optimizer_without_an_average_is_refused() -> None:
    _, callback = made(use_ema=False)
    with pytest.raises(UsageError) as refused:
        callback.on_test_begin({})
    assert str(refused.value) == (
        "SwapEMAWeights: expected an optimizer with use_ema=True that has made a step, "
        "got SimpleNamespace. model.compile(Adam(use_ema=True), ...)"
    )


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's
def test_of_a_training_as_in_keras(keras: Any, data: Any) -> None:
    """The validation of each epoch is that of the average."""
    from lernwerk import Sequential, layers, optimizers
    from lernwerk.errors import ArgumentError

    options = {"use_ema": True, "ema_momentum": 0.5}
    try:
        optimizer = optimizers.SGD(0.1, **options)
    except ArgumentError:
        pytest.skip("optimizers have no average of the weights yet")
    mine = Sequential([layers.Dense(1, input_shape=(3,))])
    mine.compile(optimizer, "mse")
    real = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
    real.compile(keras.optimizers.SGD(0.1, **options), "mse")
    mine.set_weights([np.asarray(each) for each in real.get_weights()])
    found = [
        model.fit(*data, batch_size=8, epochs=3, verbose=0, shuffle=False, validation_data=data,
                  callbacks=[kind()]).history["val_loss"]
        for model, kind in ((mine, SwapEMAWeights), (real, keras.callbacks.SwapEMAWeights))
    ]  # fmt: skip
    np.testing.assert_allclose(found[0], found[1], rtol=2e-4)
