"""The networks in Keras's words: one function builds Lernwerk's and Keras's, compiled.

``package`` is the module lernwerk or keras; ``fast`` are arguments of compile.
Below, the units of work of both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from bench.registry import OURS, Makers, Unit, keras_peers
from bench.weights import start_weights

SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"
CHARACTERS = 100  # of T7a
STEPS_PER_EXECUTION = 64  # of Keras: steps between two returns to its training loop


def mlp(package: Any, **fast: Any) -> Any:
    """T2: 784-200-10."""
    kinds = package.layers
    layers = [kinds.Dense(200, activation="sigmoid"), kinds.Dense(10, activation="softmax")]
    return compiled(package, (784,), layers, package.optimizers.SGD(0.1), SPARSE, fast)


def small(package: Any, **fast: Any) -> Any:
    """T3: 1-16-32-2."""
    kinds = package.layers
    layers = [kinds.Dense(16, activation="relu"), kinds.Dense(32, activation="relu"),
              kinds.Dense(2, activation="softmax")]  # fmt: skip
    return compiled(package, (1,), layers, package.optimizers.Adam(0.001), SPARSE, fast)


def blocks(package: Any, **fast: Any) -> Any:
    """T4: 784-64-64-64-10 with batch normalization and dropout after each hidden layer."""
    kinds = package.layers
    layers = []
    for _ in range(3):
        layers += [kinds.Dense(64, activation="relu"), kinds.BatchNormalization(),
                   kinds.Dropout(0.2)]  # fmt: skip
    layers.append(kinds.Dense(10, activation="softmax"))
    return compiled(package, (784,), layers, package.optimizers.Nadam(0.001), SPARSE, fast)


def lenet(package: Any, **fast: Any) -> Any:
    """T5: two convolutions, two dense layers."""
    kinds = package.layers
    layers = [
        kinds.Conv2D(32, 3, activation="relu"), kinds.Conv2D(64, 3, activation="relu"),
        kinds.MaxPooling2D(2), kinds.Dropout(0.25), kinds.Flatten(),
        kinds.Dense(128, activation="relu"), kinds.Dropout(0.5),
        kinds.Dense(10, activation="softmax"),
    ]  # fmt: skip
    return compiled(package, (28, 28, 1), layers, package.optimizers.Adam(0.001), SPARSE, fast)


def reader(package: Any, **fast: Any) -> Any:
    """T7b: words to one LSTM to a yes or no."""
    kinds = package.layers
    layers = [kinds.Embedding(5000, 64), kinds.LSTM(256), kinds.Dense(1, activation="sigmoid")]
    return compiled(package, (100,), layers, package.optimizers.Adam(0.001), BINARY, fast)


def characters(package: Any, **fast: Any) -> Any:
    """T7a: the next character after 160, by two LSTM."""
    kinds = package.layers
    layers = [kinds.LSTM(640, return_sequences=True), kinds.LSTM(640),
              kinds.Dense(CHARACTERS, activation="softmax")]  # fmt: skip
    optimizer = package.optimizers.RMSprop(0.001)
    return compiled(package, (160, CHARACTERS), layers, optimizer, SPARSE, fast)


def compiled(
    package: Any,
    shape: tuple[int, ...],
    layers: Sequence[Any],
    optimizer: Any,
    loss: str,
    fast: Any,
) -> Any:
    """A Sequential of these layers, ready to train."""
    model = package.Sequential([package.Input(shape=shape), *layers])
    model.compile(optimizer, loss, **fast)
    return model


# ---- units of work


def epochs(network: Callable[..., Any], x: Any, y: Any, batch_size: int) -> Makers:
    """``fit`` over all rows."""

    def work(model: Any) -> Unit:
        options = {"batch_size": batch_size, "verbose": 0}
        return lambda: model.fit(x, y, **options).history["loss"][-1]

    return _makers(network, work, steps_per_execution=STEPS_PER_EXECUTION)


def steps(network: Callable[..., Any], x: Any, y: Any) -> Makers:
    """``train_on_batch``, always on the same batch."""
    return _makers(network, lambda model: step(model, x, y))


def step(model: Any, x: Any, y: Any) -> Unit:
    """A training step of a compiled model."""
    return lambda: _number(model.train_on_batch(x, y))


def predictions(network: Callable[..., Any], x: Any) -> Makers:
    """``predict_on_batch``."""
    return _makers(network, lambda model: prediction(model, x))


def prediction(model: Any, x: Any) -> Unit:
    """The outputs of a model for one batch."""
    return lambda: float(model.predict_on_batch(x)[0, 0])


def _makers(network: Callable[..., Any], work: Callable[[Any], Unit], **fast: Any) -> Makers:
    def make(name: str, **options: Any) -> Unit:
        return work(started(network, importlib.import_module(name), **options))

    return {OURS: lambda: make("lernwerk"), **keras_peers(lambda: make("keras", **fast))}


def started(network: Callable[..., Any], package: Any, **options: Any) -> Any:
    """A network of this module with the weights that all contenders begin with."""
    model = network(package, **options)
    model.set_weights(start_weights(network))
    return model


def _number(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)
