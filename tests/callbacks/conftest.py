"""A model that only notes what callbacks do to it, for ours and Keras's callbacks alike."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, layers
from lernwerk.core.random import set_random_seed


class Fake:
    """Its only weight is the number of the epoch; files are only listed."""

    def __init__(self, rate: float = 0.5) -> None:
        self.stop_training = False
        self.weights: list[Any] = [-1]
        self.metrics: list[Any] = []
        self.optimizer = SimpleNamespace(learning_rate=rate)
        self.saved: list[str] = []

    def get_weights(self) -> list[Any]:
        return list(self.weights)

    def set_weights(self, weights: list[Any]) -> None:
        self.weights = list(weights)

    def save(self, path: str, overwrite: bool) -> None:
        self.saved.append(path)

    def save_weights(self, path: str, overwrite: bool) -> None:
        self.saved.append(path)


@pytest.fixture
def fake() -> type[Fake]:
    return Fake


@pytest.fixture
def drive() -> Callable[..., Fake]:
    """Runs epochs of given logs, with ``steps`` steps each, through a callback."""

    def run(callback: Any, logs: list[dict[str, float]], steps: int = 0) -> Fake:
        model = Fake()
        callback.set_model(model)
        callback.set_params({"epochs": len(logs), "steps": steps, "verbose": 0})
        callback.on_train_begin({})
        for epoch, values in enumerate(logs):
            callback.on_epoch_begin(epoch, {})
            for step in range(steps):
                callback.on_train_batch_begin(step, logs={})
                callback.on_train_batch_end(step, logs={"loss": values["loss"] + step})
            model.weights = [epoch]
            callback.on_epoch_end(epoch, dict(values))
            if model.stop_training:
                break
        callback.on_train_end({})
        return model

    return run


X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    return X, Y


@pytest.fixture
def net() -> Callable[..., Sequential]:
    """A small model with its seed set, compiled."""

    def make(optimizer: Any = "adam", **options: Any) -> Sequential:
        set_random_seed(1)
        made = Sequential([
            layers.Dense(4, "tanh", input_shape=(3,), name="hidden"),
            layers.Dropout(0.25, name="dropout"), layers.Dense(1, name="output"),
        ])  # fmt: skip
        made.compile(optimizer, "mse", **options)
        return made

    return make
