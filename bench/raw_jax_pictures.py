"""Raw JAX: the large networks for pictures and the networks of DCGAN, from Keras's weights.

Weights come one after the other from their list. Networks with batch normalization also return the
list of what the forward pass renews: the new moving averages, None for everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from bench.raw_jax import Loss, logarithm_loss

FORM = ("NHWC", "HWIO", "NHWC")
EPSILON, MOMENTUM = 1e-3, 0.99  # Keras's, of batch normalization


class Pass:
    """One walk through a network: the weights that are left, and what the walk renews."""

    def __init__(self, weights: Sequence[Any], training: bool) -> None:
        self.rest = iter(weights)
        self.renewed: list[Any] = []
        self.training = training

    def take(self, count: int) -> list[Any]:
        """The next weights, which the optimizer changes."""
        self.renewed += [None] * count
        return [next(self.rest) for _ in range(count)]

    def convolution(self, x: Any, stride: int = 1) -> Any:
        """Without bias."""
        (kernel,) = self.take(1)
        return lax.conv_general_dilated(x, kernel, (stride,) * 2, "SAME", dimension_numbers=FORM)

    def convolution_with_bias(self, x: Any, stride: int = 1) -> Any:
        """y = convolution(x) + bias"""
        y = self.convolution(x, stride)
        return y + self.take(1)[0]

    def spreading(self, x: Any) -> Any:
        """A transposed convolution in steps of 2, without bias."""
        (kernel,) = self.take(1)
        return lax.conv_transpose(
            x, kernel, (2, 2), "SAME", dimension_numbers=FORM, transpose_kernel=True
        )

    def dense(self, x: Any) -> Any:
        """y = x @ kernel + bias"""
        kernel, bias = self.take(2)
        return x @ kernel + bias

    def normalization(self, x: Any) -> Any:
        """Batch normalization over all axes but the last."""
        gamma, beta = self.take(2)
        mean, variance = next(self.rest), next(self.rest)
        if self.training:
            axes = tuple(range(x.ndim - 1))
            own = x.mean(axes), x.var(axes)
            pairs = zip((mean, variance), own, strict=True)
            self.renewed += [a * MOMENTUM + lax.stop_gradient(b) * (1 - MOMENTUM) for a, b in pairs]
            mean, variance = own
        else:
            self.renewed += [None, None]
        factor = gamma * lax.rsqrt(variance + EPSILON)
        return x * factor + (beta - mean * factor)


def resnet18(weights: Any, x: Any, training: bool = False) -> Any:
    """Logits; in training also the renewed averages."""
    return _resnet(weights, x, (2, 2, 2, 2), 1, training)


def resnet50(weights: Any, x: Any, training: bool = False) -> Any:
    """Logits; in training also the renewed averages."""
    return _resnet(weights, x, (3, 4, 6, 3), 4, training)


def _resnet(weights: Any, x: Any, depths: Sequence[int], widening: int, training: bool) -> Any:
    walk = Pass(weights, training)
    x = _pooled(jax.nn.relu(walk.normalization(walk.convolution(x, 2))), 3, "SAME")
    for stage, depth in enumerate(depths):
        for number in range(depth):
            x = _residual(walk, x, 2 if stage and not number else 1, widening)
    logits = walk.dense(x.mean((1, 2)))
    return (logits, walk.renewed) if training else logits


def _residual(walk: Pass, x: Any, stride: int, widening: int) -> Any:
    strides = (stride, 1) if widening == 1 else (1, stride, 1)
    y = x
    for number, each in enumerate(strides):
        y = walk.normalization(walk.convolution(jax.nn.relu(y) if number else y, each))
    if y.shape != x.shape:
        x = walk.normalization(walk.convolution(x, stride))
    return jax.nn.relu(y + x)


def vgg19(weights: Any, x: Any) -> Any:
    """Logits."""
    walk = Pass(weights, training=False)
    for count in (2, 2, 4, 4, 4):
        for _ in range(count):
            x = jax.nn.relu(walk.convolution_with_bias(x))
        x = _pooled(x, 2, "VALID")
    x = x.reshape(len(x), -1)
    x = jax.nn.relu(walk.dense(jax.nn.relu(walk.dense(x))))
    return walk.dense(x)


def _pooled(x: Any, size: int, padding: str) -> Any:
    window = (1, size, size, 1)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, (1, 2, 2, 1), padding)


def generator(weights: Any, noise: Any) -> Any:
    """Pictures and the renewed averages."""
    walk = Pass(weights, training=True)
    x = jax.nn.relu(walk.normalization(noise @ walk.take(1)[0])).reshape(-1, 7, 7, 128)
    x = jax.nn.relu(walk.normalization(walk.spreading(x)))
    x = walk.spreading(x)
    return jnp.tanh(x + walk.take(1)[0]), walk.renewed


def discriminator(weights: Any, x: Any) -> Any:
    """The logit of being real."""
    walk = Pass(weights, training=True)
    for _ in range(2):
        x = jax.nn.leaky_relu(walk.convolution_with_bias(x, 2), 0.2)
    return walk.dense(x.reshape(len(x), -1))


def renewing(network: Any) -> Loss:
    """Crossentropy against class numbers, with what the forward pass renews."""

    def loss(weights: Any, x: Any, y: Any, key: Any) -> Any:
        logits, renewed = network(weights, x, training=True)
        return logarithm_loss(logits, y), renewed

    return loss
