"""T8: DCGAN on pictures of 28 x 28: a step of the discriminator, then one of the generator.

A training loop of one's own, which no ``fit`` offers. The fake pictures are made once; the
generator is judged by the discriminator that has just learned.
Source: Radford, Metz & Chintala 2015, arXiv:1511.06434 (kernels 4x4 in steps of 2, Adam 0.0002 and
0.5), with fewer layers for small pictures and no normalization in the discriminator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bench import data, networks
from bench.registry import OURS, Makers, Unit, row, torch_peers
from bench.weights import start_weights

RATE, BETA = 2e-4, 0.5
BATCH, NOISE = 64, 100
ROW = "DCGAN 28x28, Adam, batch 64: a step of each network"


def generator(package: Any) -> Any:
    """From 100 random numbers to a picture."""
    kinds = package.layers
    spread = getattr(kinds, "Conv2DTranspose", None) or _own_transpose(kinds)
    return package.Sequential([
        package.Input(shape=(NOISE,)),
        kinds.Dense(6272, use_bias=False), kinds.BatchNormalization(), kinds.Activation("relu"),
        kinds.Reshape((7, 7, 128)),
        spread(64, 4, strides=2, padding="same", use_bias=False),
        kinds.BatchNormalization(), kinds.Activation("relu"),
        spread(1, 4, strides=2, padding="same"), kinds.Activation("tanh"),
    ])  # fmt: skip


def discriminator(package: Any) -> Any:
    """From a picture to the logit of its being real."""
    kinds = package.layers
    leaky = package.activations.leaky_relu
    return package.Sequential([
        package.Input(shape=(28, 28, 1)),
        kinds.Conv2D(64, 4, strides=2, padding="same", activation=leaky),
        kinds.Conv2D(128, 4, strides=2, padding="same", activation=leaky),
        kinds.Flatten(), kinds.Dense(1),
    ])  # fmt: skip


def _own_transpose(kinds: Any) -> type:
    """The transposed convolution as a layer, for as long as Lernwerk has none of its own."""
    from lernwerk import ops

    class Transpose(kinds.Layer):  # type: ignore[misc]
        def __init__(
            self, filters: int, size: int, strides: int, padding: str, use_bias: bool = True
        ) -> None:
            super().__init__()
            self.filters, self.size, self.strides = filters, size, strides
            self.padding, self.use_bias = padding, use_bias

        def build(self, input_shape: Any) -> None:
            shape = (self.size, self.size, self.filters, input_shape[-1])
            self.kernel = self.add_weight("kernel", shape)
            if self.use_bias:
                self.bias = self.add_weight("bias", (self.filters,), "zeros")

        def call(self, x: Any) -> Any:
            strides = (self.strides, self.strides)
            y = ops.convolution_transpose(x, self.kernel, strides=strides, padding=self.padding)
            return y + self.bias if self.use_bias else y

    return Transpose


@row("T8", ROW, "a training loop of one's own through `compiled`", target=1.5, agree=1e-3)
def adversaries() -> Makers:
    real = 2 * data.pictures()[0][:BATCH].reshape(-1, 28, 28, 1) - 1
    noise = np.random.default_rng(7).standard_normal((BATCH, NOISE), dtype=np.float32)

    def work(step: Callable[[Any, Any, Any, Any], Unit]) -> Callable[[], Unit]:
        def make() -> Unit:
            import keras

            return step(*_pair(keras), real, noise)

        return make

    def raw() -> Unit:
        from bench import raw_jax_gan

        weights = start_weights(generator), start_weights(discriminator)
        return raw_jax_gan.plain(*weights, real, noise)

    def torch(compiled: bool) -> Unit:
        from bench import torch_gan

        weights = start_weights(generator), start_weights(discriminator)
        return torch_gan.steps(*weights, real, noise, compiled)

    return {OURS: lambda: _ours(real, noise), "keras-jax": work(_keras_jax),
            "keras-tf": work(_keras_tf), "jax": raw, **torch_peers(torch)}  # fmt: skip


def _pair(package: Any) -> tuple[Any, Any]:
    return networks.started(generator, package), networks.started(discriminator, package)


def _ours(real: Any, noise: Any) -> Unit:
    import lernwerk
    from lernwerk import compiled, gradient, ops, optimizers

    make, judge = _pair(lernwerk)
    makers_adam, judges_adam = (optimizers.Adam(RATE, beta_1=BETA) for _ in range(2))

    def loss(pictures: Any, answer: float) -> Any:
        logits = judge(pictures, training=True)
        targets = np.full(logits.shape, answer, np.float32)
        return ops.sigmoid_crossentropy(logits, targets).mean()

    @compiled
    def step(real: Any, noise: Any) -> Any:
        fake = make(noise, training=True)
        judged = loss(real, 1.0) + loss(ops.stop_gradient(fake), 0.0)
        weights = judge.trainable_variables
        judges_adam.apply(gradient(judged, weights), weights)
        made = loss(fake, 1.0)
        weights = make.trainable_variables
        makers_adam.apply(gradient(made, weights), weights)
        return judged + made

    return lambda: float(step(real, noise).item())


def _keras_jax(make: Any, judge: Any, real: Any, noise: Any) -> Unit:
    from bench import raw_jax_gan

    return raw_jax_gan.of_keras(make, judge, real, noise)


def _keras_tf(make: Any, judge: Any, real: Any, noise: Any) -> Unit:
    import keras
    import tensorflow as tf

    makers_adam, judges_adam = (keras.optimizers.Adam(RATE, beta_1=BETA) for _ in range(2))
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)

    def loss(pictures: Any, answer: float) -> Any:
        logits = judge(pictures, training=True)
        return crossentropy(answer * tf.ones_like(logits), logits)

    @tf.function
    def step(real: Any, noise: Any) -> Any:
        with tf.GradientTape() as makers_tape:
            fake = make(noise, training=True)
            with makers_tape.stop_recording():
                with tf.GradientTape() as judges_tape:
                    judged = loss(real, 1.0) + loss(fake, 0.0)
                weights = judge.trainable_variables
                judges_adam.apply(judges_tape.gradient(judged, weights), weights)
            made = loss(fake, 1.0)
        weights = make.trainable_variables
        makers_adam.apply(makers_tape.gradient(made, weights), weights)
        return judged + made

    batch = tf.constant(real), tf.constant(noise)
    return lambda: float(step(*batch))
