"""LearningRateScheduler against real Keras; ReduceLROnPlateau is in test_monitoring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.callbacks import LearningRateScheduler
from lernwerk.errors import ArgumentError

SCHEDULES = {
    "of the epoch": lambda epoch: 0.5 * 0.5**epoch,
    "of epoch and rate": lambda epoch, rate: rate * 0.9 if epoch else rate,
    "with a default": lambda epoch, rate=0.1: rate / 2,
    "of NumPy": lambda epoch: np.float64(0.25),
    "of NumPy's small": lambda epoch: np.float32(0.25),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_are_those_of_keras(keras: Any, fake: Any, capsys: Any, name: str) -> None:
    found = []
    for kind in (LearningRateScheduler, keras.callbacks.LearningRateScheduler):
        model, rates = fake(rate=0.5), []
        callback = kind(SCHEDULES[name], 1)
        callback.set_model(model)
        for epoch in range(4):
            logs = {"loss": 1.0}
            callback.on_epoch_begin(epoch, {})
            rates.append(float(model.optimizer.learning_rate))
            callback.on_epoch_end(epoch, logs)
            assert logs == {"loss": 1.0, "learning_rate": rates[-1]}
        found.append((rates, capsys.readouterr().out))
    assert found[0] == found[1]
    assert "Epoch 2: LearningRateScheduler setting learning rate to " in found[0][1]


def test_the_rate_is_that_of_the_training(net: Any, data: Any) -> None:
    model = net("sgd")
    falling = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    history = model.fit(*data, epochs=3, verbose=0, callbacks=falling)
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.05, 0.1 / 3])
    still = model.get_weights()
    model.fit(*data, epochs=1, verbose=0, callbacks=LearningRateScheduler(lambda epoch: 0))
    for before, after in zip(still, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_an_error_inside_the_schedule_is_its_own(fake: Any) -> None:
    """Keras takes it for a schedule of one argument and calls it again."""

    def schedule(epoch: int, rate: float) -> float:
        return rate * None  # type: ignore[operator]

    callback = LearningRateScheduler(schedule)
    callback.set_model(fake())
    with pytest.raises(TypeError, match="unsupported operand"):
        callback.on_epoch_begin(0, {})


@pytest.mark.parametrize("wrong", [None, "fast", True, [0.1, 0.2]])
def test_what_is_no_number_is_refused(fake: Any, wrong: Any) -> None:
    callback = LearningRateScheduler(lambda epoch: wrong)
    callback.set_model(fake())
    with pytest.raises(ArgumentError) as refused:
        callback.on_epoch_begin(0, {})
    assert str(refused.value) == (
        f"LearningRateScheduler: expected schedule to return a number, got {wrong!r}. "
        "For example lambda epoch, rate: rate * 0.95."
    )
