"""K01 to K12: the programs of introductory courses, ``fit`` as their readers call it.

The networks are in Keras's words, with Keras's defaults: nothing is set that a book does not set.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import data, networks
from bench.networks import BINARY, SPARSE, compiled
from bench.registry import OURS, Makers, Unit, keras_peers, row

SLOWER = "the program of a book; fit is not slower than Keras's"


def _random() -> Any:
    return np.random.default_rng(7)


def fits(network: Callable[..., Any], x: Any, y: Any, batch_size: int, epochs: int = 1) -> Makers:
    """``fit`` of a network, with nothing but batch size and epochs."""

    def make(name: str) -> Unit:
        model = networks.started(network, importlib.import_module(name))
        options = {"batch_size": batch_size, "epochs": epochs, "verbose": 0}
        return lambda: model.fit(x, y, **options).history["loss"][-1]

    return {OURS: lambda: make("lernwerk"), **keras_peers(lambda: make("keras"))}


def loops(build: Callable[[Any], Unit]) -> Makers:
    """A loop of the program's own around the methods of models."""

    def make(name: str) -> Unit:
        return build(importlib.import_module(name))

    return {OURS: lambda: make("lernwerk"), **keras_peers(lambda: make("keras"))}


# ---- pictures


def dense(package: Any) -> Any:
    kinds = package.layers
    layers = [kinds.Dense(512, activation="relu"), kinds.Dropout(0.2),
              kinds.Dense(512, activation="relu"), kinds.Dropout(0.2),
              kinds.Dense(10, activation="softmax")]  # fmt: skip
    return compiled(package, (784,), layers, package.optimizers.RMSprop(), SPARSE,
                    {"metrics": ["accuracy"]})  # fmt: skip


@row("K01", "784-512-512-10 with dropout, RMSprop, batch 128: fit of 6000", SLOWER, target=1)
def dense_program() -> Makers:
    x, y = data.pictures()
    return fits(dense, x[:6000], y[:6000], 128)


@row("K02", "LeNet, Adam, batch 128: fit of 2000", SLOWER, target=1)
def lenet_program() -> Makers:
    x, y = data.pictures()
    return fits(networks.lenet, x[:2000].reshape(-1, 28, 28, 1), y[:2000], 128)


def denoiser(package: Any) -> Any:
    kinds = package.layers

    def convolution(filters: int, activation: str = "relu") -> Any:
        return kinds.Conv2D(filters, 3, activation=activation, padding="same")

    layers = [convolution(16), kinds.MaxPooling2D(2), convolution(8), kinds.MaxPooling2D(2),
              convolution(8), kinds.UpSampling2D(2), convolution(16), kinds.UpSampling2D(2),
              convolution(1, "sigmoid")]  # fmt: skip
    return compiled(package, (28, 28, 1), layers, "adam", BINARY, {})


@row("K03", "Convolutional autoencoder, Adam, batch 128: fit of 1000", SLOWER, target=1)
def autoencoder_program() -> Makers:
    x = data.pictures()[0][:1000].reshape(-1, 28, 28, 1)
    return fits(denoiser, x, x, 128)


def vgg(package: Any) -> Any:
    base = package.applications.VGG19(include_top=False, weights=None, input_shape=(32, 32, 3))
    for layer in base.layers[:10]:
        layer.trainable = False
    kinds = package.layers
    x = kinds.Dense(64, activation="relu")(kinds.Flatten()(base.output))
    model = package.Model(base.input, kinds.Dense(3, activation="softmax")(x))
    model.compile(package.optimizers.SGD(0.001, momentum=0.9), SPARSE)
    return model


@row("K04", "VGG19 at 32x32, ten layers frozen, SGD, batch 16: fit of 64", SLOWER, target=1)
def vgg_program() -> Makers:
    x, y = data.photographs(64, 32, 3)
    return fits(vgg, x, y, 16)


# ---- tables


def regression(package: Any) -> Any:
    kinds = package.layers
    layers = [kinds.Dense(64, activation="relu"), kinds.BatchNormalization(), kinds.Dropout(0.2),
              kinds.Dense(32, activation="relu"), kinds.BatchNormalization(),
              kinds.Dense(1)]  # fmt: skip
    return compiled(package, (13,), layers, "adam", "mse", {"metrics": ["mae"]})


@row("K05", "13-64-32-1 with BatchNorm and dropout, batch 32: fit of 500, 10 epochs", SLOWER,
     target=1)  # fmt: skip
def regression_program() -> Makers:
    x = _random().standard_normal((500, 13), dtype=np.float32)
    return fits(regression, x, x.sum(axis=1), 32, 10)


# ---- texts


def _reader(package: Any, *layers: Any) -> Any:
    kinds = package.layers
    listed = [kinds.Embedding(5000, 32), *layers, kinds.Dense(1, activation="sigmoid")]
    return compiled(package, (100,), listed, "rmsprop", BINARY, {"metrics": ["accuracy"]})


def convolution(package: Any) -> Any:
    kinds = package.layers
    return _reader(package, kinds.Conv1D(32, 7, activation="relu"), kinds.MaxPooling1D(5),
                   kinds.Conv1D(32, 7, activation="relu"), kinds.GlobalMaxPooling1D())  # fmt: skip


def lstm(package: Any) -> Any:
    return _reader(package, package.layers.LSTM(32))


def gru(package: Any) -> Any:
    return _reader(package, package.layers.GRU(32))


def bidirectional(package: Any) -> Any:
    return _reader(package, package.layers.Bidirectional(package.layers.LSTM(32)))


def _texts(network: Callable[..., Any]) -> Makers:
    x = _random().integers(0, 5000, (1000, 100), dtype=np.int32)
    return fits(network, x, (x[:, :1] % 2).astype(np.float32), 32)


@row("K06", "Embedding, two Conv1D, RMSprop, batch 32: fit of 1000 texts", SLOWER, target=1)
def convolution_program() -> Makers:
    return _texts(convolution)


@row("K07", "Embedding, LSTM 32, RMSprop, batch 32: fit of 1000 texts", SLOWER, target=1)
def lstm_program() -> Makers:
    return _texts(lstm)


@row("K08", "Embedding, GRU 32, RMSprop, batch 32: fit of 1000 texts", SLOWER, target=1)
def gru_program() -> Makers:
    return _texts(gru)


@row("K09", "Embedding, bidirectional LSTM 32, RMSprop, batch 32: fit of 1000 texts", SLOWER,
     target=1)  # fmt: skip
def bidirectional_program() -> Makers:
    return _texts(bidirectional)


# ---- several inputs and outputs, loops


def branches(package: Any) -> Any:
    kinds = package.layers
    words, numbers = package.Input((20,), name="words"), package.Input((5,), name="numbers")
    read = kinds.LSTM(16)(kinds.Embedding(1000, 16)(words))
    x = kinds.Dense(32, activation="relu")(kinds.Concatenate()([read, numbers]))
    outputs = [kinds.Dense(1, activation="sigmoid", name="main")(x),
               kinds.Dense(1, activation="sigmoid", name="side")(read)]  # fmt: skip
    model = package.Model([words, numbers], outputs)
    model.compile("rmsprop", [BINARY, BINARY], loss_weights=[1.0, 0.2])
    return model


@row("K10", "Two inputs, LSTM and dense, two outputs, batch 32: fit of 1000", SLOWER, target=1)
def branches_program() -> Makers:
    random = _random()
    words = random.integers(0, 1000, (1000, 20), dtype=np.int32)
    numbers = random.standard_normal((1000, 5), dtype=np.float32)
    y = (numbers[:, :1] > 0).astype(np.float32)
    return fits(branches, [words, numbers], [y, y], 32)


GAN_BATCHES, LATENT = 20, 100


@row("K11", "GAN of dense layers: 20 rounds of predict and train_on_batch, batch 32", SLOWER,
     target=1)  # fmt: skip
def gan_program() -> Makers:
    pictures = data.pictures()[0][:2000] * 2 - 1

    def build(package: Any) -> Unit:
        kinds, adam = package.layers, package.optimizers.Adam
        generator = package.Sequential([
            package.Input((LATENT,)), kinds.Dense(256), kinds.LeakyReLU(0.2),
            kinds.BatchNormalization(momentum=0.8),
            kinds.Dense(784, activation="tanh")])  # fmt: skip
        discriminator = package.Sequential([
            package.Input((784,)), kinds.Dense(256), kinds.LeakyReLU(0.2), kinds.Dropout(0.3),
            kinds.Dense(1, activation="sigmoid")])  # fmt: skip
        discriminator.compile(adam(0.0002, 0.5), BINARY, metrics=["accuracy"])
        noise = package.Input((LATENT,))
        discriminator.trainable = False
        both = package.Model(noise, discriminator(generator(noise)))
        both.compile(adam(0.0002, 0.5), BINARY)
        random = _random()
        real, fake = np.ones((32, 1)), np.zeros((32, 1))

        def rounds() -> float:
            for _ in range(GAN_BATCHES):
                drawn = random.standard_normal((32, LATENT))
                made = generator.predict(drawn, verbose=0)
                discriminator.train_on_batch(pictures[random.integers(0, 2000, 32)], real)
                discriminator.train_on_batch(made, fake)
                loss = both.train_on_batch(drawn, real)
            return networks._number(loss)

        return rounds

    return loops(build)


@row("K12", "DQN: 32 times predict twice and fit on one state", SLOWER, target=1)
def dqn_program() -> Makers:
    def build(package: Any) -> Unit:
        kinds = package.layers
        model = package.Sequential([
            package.Input((4,)), kinds.Dense(24, activation="relu"),
            kinds.Dense(24, activation="relu"), kinds.Dense(2)])  # fmt: skip
        model.compile(package.optimizers.Adam(0.001), "mse")
        states = _random().standard_normal((33, 1, 4))

        def replay() -> float:
            for i in range(32):
                target = np.array(model.predict(states[i], verbose=0))
                target[0, 0] = 1 + 0.95 * np.amax(model.predict(states[i + 1], verbose=0)[0])
                history = model.fit(states[i], target, epochs=1, verbose=0)
            return float(history.history["loss"][-1])

        return replay

    return loops(build)
