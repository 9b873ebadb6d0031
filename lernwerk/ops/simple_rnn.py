"""The plain recurrent network (Elman's) over a whole sequence, and its way back through time.

One matrix product serves the inputs of all steps; then there is one product a step.
``recurrent.py`` exports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.arriving import zeros_like
from lernwerk.ops.comparison import where
from lernwerk.ops.elementwise import tanh
from lernwerk.ops.linalg import matmul
from lernwerk.ops.primitive import Array, Sample, primitive, sample
from lernwerk.ops.recurrent_weights import weights_gradients
from lernwerk.ops.sequence import SAMPLE_MASK, input_gradient, kept_steps, projected
from lernwerk.ops.shape import expand_dims, stack, transpose

_SOURCE = "Elman 1990, Cognitive Science 14, 179-211; gradient: Werbos 1990, Proc. IEEE 78"


def _inputs(random: np.random.Generator) -> tuple[Array, ...]:
    x, h = random.normal(size=(2, 3, 2)), random.normal(size=(2, 4))
    return x, h, random.normal(size=(2, 4)), random.normal(size=(4, 4)), random.normal(size=4)


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(*_inputs(random), np.ones((2, 3), bool))
    yield sample(*_inputs(random), SAMPLE_MASK)


def _gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for mask in (np.ones((2, 3), bool), SAMPLE_MASK):
        x, h, kernel, recurrent, bias = _inputs(random)
        outputs = simple_rnn(x, h, kernel, recurrent, bias, mask)
        yield sample(recurrent, mask, outputs, random.normal(size=outputs.shape))


def _definition(x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any) -> Any:
    outputs = []
    for step in range(x.shape[1]):
        new = tanh(matmul(x[:, step], kernel) + matmul(h, recurrent) + bias)
        h = where(expand_dims(mask[:, step], axis=-1), new, h)
        outputs.append(h)
    return stack(*outputs, axis=1)


def _gradient(
    g: Any, y: Any, x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any
) -> tuple[Any, ...]:
    dz, dh = simple_rnn_gradient(recurrent, mask, y, g)
    return lambda: input_gradient(dz, kernel), dh, *weights_gradients(x, h, y, dz), None


def _gradient_definition(recurrent: Any, mask: Any, outputs: Any, g: Any) -> tuple[Any, Any]:
    dh = zeros_like(g[:, 0])
    shares = []
    for step in reversed(range(g.shape[1])):
        kept = expand_dims(mask[:, step], axis=-1)
        y = outputs[:, step]
        dh = dh + g[:, step]
        shares.append(where(kept, dh * (1.0 - y * y), 0.0))
        dh = where(kept, 0.0, dh) + matmul(shares[-1], transpose(recurrent))
    return stack(*reversed(shares), axis=1), dh


@primitive(gradient=_gradient, definition=_definition, samples=_samples, source=_SOURCE)
def simple_rnn(
    x: Array, h: Array, kernel: Array, recurrent: Array, bias: Array, mask: Array
) -> Array:
    """Run a plain recurrent network over sequences, from the state h on.

    h = tanh(x_t kernel + h recurrent + bias)

    Where the mask is False, the state is carried on unchanged. The outputs are h of every step.

    Shapes: x (b, t, d), h (b, n), kernel (d, n), recurrent (n, n), bias (n), mask (b, t) ->
    outputs (b, t, n)
    """
    outputs = np.empty((*x.shape[:2], h.shape[1]), x.dtype)
    projected(x, kernel, bias, outputs)
    kept = kept_steps(mask)
    for step in range(x.shape[1]):
        new = h @ recurrent
        new += outputs[:, step]
        np.tanh(new, out=new)
        if kept is not None:
            np.copyto(new, h, where=~kept[step])
        outputs[:, step] = h = new
    return outputs


@primitive(definition=_gradient_definition, samples=_gradient_samples, source=_SOURCE)
def simple_rnn_gradient(
    recurrent: Array, mask: Array, outputs: Array, g: Array
) -> tuple[Array, Array]:
    """Carry the gradient of the outputs back through time.

    dz = dh * (1 - h^2); before the step dh = dz recurrent^T

    dz is the gradient inside the tanh in every step; the caller multiplies it by inputs and
    weights, for all steps at once.

    Shapes: recurrent (n, n), mask (b, t), outputs (b, t, n), g (b, t, n) -> dz (b, t, n), dh (b, n)
    """
    dz = np.empty(g.shape, g.dtype)
    dh = np.zeros((g.shape[0], g.shape[2]), g.dtype)
    kept = kept_steps(mask)
    for step in reversed(range(g.shape[1])):
        dh = dh + g[:, step]
        share = outputs[:, step] * outputs[:, step]
        np.subtract(1, share, out=share)
        share *= dh
        carried = 0 if kept is None else np.where(kept[step], 0, dh)
        if kept is not None:
            np.copyto(share, 0, where=~kept[step])
        dz[:, step] = share
        dh = share @ recurrent.T + carried
    return dz, dh
