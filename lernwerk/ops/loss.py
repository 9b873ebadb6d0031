"""Softmax, and the two cross-entropies in the forms that cannot overflow.

They are primitives because engines fuse them; the losses under Keras's names are in
``lernwerk/losses``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.broadcasting import sum
from lernwerk.ops.common import floating, floating_dtype, positive_axis
from lernwerk.ops.elementwise import exp, log, negative, sigmoid, softplus
from lernwerk.ops.primitive import Array, Sample, namespace, primitive, sample
from lernwerk.ops.reduce import logsumexp
from lernwerk.ops.shape import expand_dims
from lernwerk.ops.shape_line import Shape

_BRIDLE = "Bridle 1990, Neurocomputing: Algorithms, Architectures and Applications, 227-236"
_BISHOP = "Bishop 2006, Pattern Recognition and Machine Learning, sections 4.3 and 5.2"


def _same_shape(x: Shape, *, axis: int) -> Shape:
    positive_axis("softmax", axis, len(x))
    return x


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(5,)))
    yield sample(random.normal(size=(2, 4, 3)) * 3, axis=1)
    yield sample(random.normal(size=(2, 1, 3)), axis=-2)


def _softmax_gradient(g: Any, y: Any, x: Any, *, axis: int) -> tuple[Any]:
    return (y * (g - sum(g * y, axis=axis, keepdims=True)),)


def _softmax_definition(x: Any, *, axis: int = -1) -> Any:
    return exp(x) / sum(exp(x), axis=axis, keepdims=True)


@primitive(
    gradient=_softmax_gradient,
    definition=_softmax_definition,
    samples=_samples,
    source=_BRIDLE,
    shapes=_same_shape,
    dtypes=floating_dtype,
)
def softmax(x: Array, *, axis: int = -1) -> Array:
    """Turn numbers into probabilities that add up to 1 along an axis.

    y = e^x / sum(e^x), computed with x - max(x), so that nothing overflows

    Shapes: x (*s) -> y (*s)
    """
    xp, x = namespace(x), floating(x)
    powers = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return powers / xp.sum(powers, axis=axis, keepdims=True)


def _log_softmax_gradient(g: Any, y: Any, x: Any, *, axis: int) -> tuple[Any]:
    return (g - exp(y) * sum(g, axis=axis, keepdims=True),)


def _log_softmax_definition(x: Any, *, axis: int = -1) -> Any:
    return x - logsumexp(x, axis=axis, keepdims=True)


@primitive(
    gradient=_log_softmax_gradient,
    definition=_log_softmax_definition,
    samples=_samples,
    source=_BRIDLE,
    shapes=_same_shape,
    dtypes=floating_dtype,
)
def log_softmax(x: Array, *, axis: int = -1) -> Array:
    """Take the logarithms of the softmax probabilities without computing these first.

    y = x - m - ln(sum(e^(x - m))) with m = max(x)

    Shapes: x (*s) -> y (*s)
    """
    xp, x = namespace(x), floating(x)
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


def _softmax_crossentropy_gradient(
    g: Any, y: Any, logits: Any, probabilities: Any
) -> tuple[Any, Any]:
    def of_logits() -> Any:
        # The sum is 1 for true probabilities; kept, so that the rule is right for all targets.
        total = sum(probabilities, axis=-1, keepdims=True)
        return expand_dims(g, axis=-1) * (softmax(logits) * total - probabilities)

    return of_logits, lambda: negative(expand_dims(g, axis=-1) * log_softmax(logits))


def _softmax_crossentropy_definition(logits: Any, probabilities: Any) -> Any:
    return negative(sum(probabilities * log_softmax(logits), axis=-1))


def _softmax_crossentropy_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(4, 3)) * 2, np.eye(3)[random.integers(0, 3, 4)])
    yield sample(random.normal(size=(2, 1, 5)), random.dirichlet(np.ones(5), (2, 1)))
    yield sample(random.normal(size=(3,)), random.uniform(0, 1, 3))


@primitive(
    gradient=_softmax_crossentropy_gradient,
    definition=_softmax_crossentropy_definition,
    samples=_softmax_crossentropy_samples,
    source=_BISHOP,
    dtypes=floating_dtype,
)
def softmax_crossentropy(logits: Array, probabilities: Array) -> Array:
    """Measure how far softmax(logits) is from the true probabilities, in nats.

    y = -sum over k of probabilities[k] ln(softmax(logits)[k])

    The gradient to the logits is softmax(logits) - probabilities.

    Shapes: logits (*b, k), probabilities (*b, k) -> y (*b)
    """
    xp, logits = namespace(logits), floating(logits)
    return -xp.sum(floating(probabilities) * log_softmax.forward(logits), axis=-1)


def _sigmoid_crossentropy_gradient(g: Any, y: Any, logits: Any, targets: Any) -> tuple[Any, Any]:
    return lambda: g * (sigmoid(logits) - targets), lambda: negative(g * logits)


def _sigmoid_crossentropy_definition(logits: Any, targets: Any) -> Any:
    of_true = targets * log(sigmoid(logits))
    return negative(of_true + (1.0 - targets) * negative(softplus(logits)))


def _sigmoid_crossentropy_samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(random.normal(size=(4, 3)) * 2, random.integers(0, 2, (4, 3)) * 1.0)
    yield sample(random.uniform(0.5, 2, (2, 1, 3)), random.uniform(0, 1, (2, 1, 3)))
    yield sample(random.uniform(-2, -0.5, ()), random.uniform(0, 1, ()))


@primitive(
    gradient=_sigmoid_crossentropy_gradient,
    definition=_sigmoid_crossentropy_definition,
    samples=_sigmoid_crossentropy_samples,
    source=_BISHOP,
    dtypes=floating_dtype,
)
def sigmoid_crossentropy(logits: Array, targets: Array) -> Array:
    """Measure how far sigmoid(logits) is from the targets in [0, 1], element by element, in nats.

    y = -t ln(s) - (1 - t) ln(1 - s) with s = sigmoid(z), computed as
    max(z, 0) - z t + ln(1 + e^-|z|), which cannot overflow

    Shapes: logits (*s), targets (*s) -> y (*s)
    """
    xp, z = namespace(logits), floating(logits)
    return xp.maximum(z, 0.0) - z * floating(targets) + xp.log1p(xp.exp(-abs(z)))
