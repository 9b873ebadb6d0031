"""The gradients of a recurrent layer's weights, when the way back through time is done.

They follow from dz, the gradient of z = x kernel + h recurrent + bias in every step.
``recurrent.py`` exports the operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from lernwerk.ops.primitive import Array, Sample, primitive, sample
from lernwerk.ops.sequence import before, bias_gradient, kernel_gradient


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    x, dz = random.normal(size=(2, 3, 2)), random.normal(size=(2, 3, 12))
    yield sample(x, random.normal(size=(2, 3)), random.normal(size=(2, 3, 3)), dz)


def _definition(x: Any, h: Any, outputs: Any, dz: Any) -> tuple[Any, Any, Any]:
    states = before(h, outputs)
    return kernel_gradient(x, dz), kernel_gradient(states, dz), bias_gradient(dz)


@primitive(
    definition=_definition, samples=_samples, source="Werbos 1990, Proceedings of the IEEE 78"
)
def recurrent_weights_gradient(
    x: Array, h: Array, outputs: Array, dz: Array
) -> tuple[Array, Array, Array]:
    """Gradients of kernel, recurrent kernel and bias, each summed over all steps.

    kernel = sum of x_t^T dz_t, recurrent = sum of h_(t-1)^T dz_t, bias = sum of dz_t

    One operation, because the largest array by far is dz, which need then be read only once.

    Shapes: x (b, t, d), h (b, n), outputs (b, t, n), dz (b, t, m) -> kernel (d, m),
    recurrent (n, m), bias (m)
    """
    states = np.empty_like(outputs)
    states[:, :1], states[:, 1:] = h[:, None], outputs[:, :-1]
    every = dz.shape[0] * dz.shape[1]
    inputs, states, shares = (each.reshape(every, each.shape[2]) for each in (x, states, dz))
    kernel, recurrent = inputs.T @ shares, states.T @ shares
    return kernel, recurrent, shares.sum(axis=0)


def weights_gradients(x: Any, h: Any, outputs: Any, dz: Any) -> tuple[Callable[[], Any], ...]:
    """The three as entries of a gradient rule: computed when the first of them is wanted."""
    found = cache(lambda: recurrent_weights_gradient(x, h, outputs, dz))
    return lambda: found()[0], lambda: found()[1], lambda: found()[2]
