"""Options of optimizers in ``fit``, against real Keras: schedules, averages, scaling, new rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import optimizers

RANDOM = np.random.default_rng(3)
X, Y = np.float32(RANDOM.normal(size=(24, 3))), np.float32(RANDOM.normal(size=(24, 1)))
FIRST = [np.float32(RANDOM.normal(size=(3, 1))), np.zeros(1, "float32")]


def _model(library: Any, optimizer: Any) -> Any:
    """A linear model with given weights; batches come in order."""
    model = library.Sequential([library.layers.Input((3,)), library.layers.Dense(1)])
    model.set_weights(FIRST)
    model.compile(optimizer, "mse")
    return model


def _fit(model: Any, epochs: int = 3) -> None:
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)


def _compare(ours: Any, theirs: Any) -> None:
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def _scheduled(library: Any) -> Any:
    rate = library.optimizers.schedules.CosineDecay(0.2, 6, warmup_target=0.3, warmup_steps=2)
    return library.optimizers.Adam(rate)


@pytest.mark.parametrize(
    "made",
    [
        _scheduled,
        lambda k: k.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
        lambda k: k.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
        lambda k: k.optimizers.Adam(0.1, loss_scale_factor=64.0, clipnorm=0.5),
        lambda k: k.optimizers.Adam(0.1, gradient_accumulation_steps=2),
    ],
)
def test_weights_after_fit_are_those_of_keras(keras: Any, made: Any) -> None:
    ours, theirs = _model(lernwerk, made(lernwerk)), _model(keras, made(keras))
    _fit(ours)
    _fit(theirs)
    assert np.abs(ours.get_weights()[0] - FIRST[0]).max() > 0.01
    _compare(ours, theirs)


def test_the_rate_can_change_between_fits(keras: Any) -> None:
    ours, theirs = _model(lernwerk, optimizers.SGD(0.1)), _model(keras, keras.optimizers.SGD(0.1))
    for rate in (0.05, 0.2):
        for model in (ours, theirs):
            _fit(model, 1)
            model.optimizer.learning_rate = rate
    _compare(ours, theirs)
    ours.optimizer.lr = 0.0
    before = ours.get_weights()
    _fit(ours, 1)
    np.testing.assert_array_equal(ours.get_weights()[0], before[0])


@pytest.mark.parametrize("run", ["fit", "train_on_batch"])
def test_a_schedule_takes_over_between_fits(run: str) -> None:
    model = _model(lernwerk, optimizers.SGD(0.1))
    _fit(model, 1)
    model.optimizer.learning_rate = lambda step: step.astype("float32") * 0.0
    before = model.get_weights()
    if run == "fit":
        _fit(model, 1)
    else:
        model.train_on_batch(X, Y)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
