"""The gated recurrent unit over a whole sequence, and its way back through time.

Keras's variant with ``reset_after=True``: columns of the kernels are z, r, candidate; the bias has
two rows, one for the inputs and one for the state. ``recurrent.py`` exports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.ops.arriving import arriving, zeros_like
from lernwerk.ops.comparison import where
from lernwerk.ops.elementwise import sigmoid, tanh
from lernwerk.ops.linalg import matmul
from lernwerk.ops.primitive import Array, Sample, primitive, sample
from lernwerk.ops.sequence import (
    SAMPLE_MASK,
    before,
    bias_gradient,
    check_units,
    input_gradient,
    kept_steps,
    kernel_gradient,
    projected,
    sigmoid_slope,
    time_first,
)
from lernwerk.ops.shape import concatenate, expand_dims, split, stack, transpose
from lernwerk.ops.shape_line import Shape

_SOURCE = "Cho et al. 2014, arXiv:1406.1078; reset after the product: Chung et al. 2014, cuDNN"


def _shapes(
    x: Shape, h: Shape, kernel: Shape, recurrent: Shape, bias: Shape, mask: Shape
) -> tuple[Shape, Shape]:
    check_units("gru", 3, recurrent)
    return (*x[:2], h[1]), (*x[:2], 4 * h[1])


def _inputs(random: np.random.Generator) -> tuple[Array, ...]:
    x, h = random.normal(size=(2, 3, 2)), random.normal(size=(2, 3))
    kernel, recurrent = random.normal(size=(2, 9)), random.normal(size=(3, 9))
    return x, h, kernel, recurrent, random.normal(size=(2, 9))


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(*_inputs(random), np.ones((2, 3), bool))
    yield sample(*_inputs(random), SAMPLE_MASK)


def _gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for mask in (np.ones((2, 3), bool), SAMPLE_MASK):
        x, h, kernel, recurrent, bias = _inputs(random)
        outputs, gates = gru(x, h, kernel, recurrent, bias, mask)
        yield sample(recurrent, mask, h, outputs, gates, random.normal(size=(2, 3, 3)))


def _definition(
    x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any
) -> tuple[Any, Any]:
    outputs, gates = [], []
    for step in range(x.shape[1]):
        from_x = split(matmul(x[:, step], kernel) + bias[0], sections=3, axis=-1)
        from_h = split(matmul(h, recurrent) + bias[1], sections=3, axis=-1)
        z, r = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1])
        candidate = tanh(from_x[2] + r * from_h[2])
        kept = expand_dims(mask[:, step], axis=-1)
        h = where(kept, z * h + (1.0 - z) * candidate, h)
        outputs.append(h)
        gates.append(concatenate(z, r, candidate, from_h[2], axis=-1))
    return stack(*outputs, axis=1), stack(*gates, axis=1)


def _gradient(
    g: tuple[Any, ...], y: tuple[Any, ...], x: Any, h: Any, kernel: Any, recurrent: Any, bias: Any,
    mask: Any,
) -> tuple[Any, ...]:  # fmt: skip
    outputs, gates = y
    residuals = (recurrent, mask, h, outputs, gates, arriving(g[0], outputs))
    if g[1] is None:
        from_x, from_h, dh = gru_gradient(*residuals)
    else:  # only second derivatives reach the gates
        from_x, from_h, dh = _gradient_definition(*residuals, to_gates=g[1])
    return (
        lambda: input_gradient(from_x, kernel),
        dh,
        lambda: kernel_gradient(x, from_x),
        lambda: kernel_gradient(before(h, outputs), from_h),
        lambda: stack(bias_gradient(from_x), bias_gradient(from_h), axis=0),
        None,
    )


def _gradient_definition(
    recurrent: Any, mask: Any, h: Any, outputs: Any, gates: Any, g: Any, *, to_gates: Any = None
) -> tuple[Any, Any, Any]:
    dh = zeros_like(h)
    to_x, to_h = [], []
    for step in reversed(range(gates.shape[1])):
        kept = expand_dims(mask[:, step], axis=-1)
        z, r, candidate, inner = split(gates[:, step], sections=4, axis=-1)
        previous = outputs[:, step - 1] if step else h
        extra: Any = [0.0] * 4
        if to_gates is not None:
            extra = split(to_gates[:, step], sections=4, axis=-1)
        dh = dh + g[:, step]
        new = where(kept, dh, 0.0)
        at_candidate = (new * (1.0 - z) + extra[2]) * (1.0 - candidate * candidate)
        at_z = (new * (previous - candidate) + extra[0]) * z * (1.0 - z)
        at_r = (at_candidate * inner + extra[1]) * r * (1.0 - r)
        to_x.append(concatenate(at_z, at_r, at_candidate, axis=-1))
        to_h.append(concatenate(at_z, at_r, at_candidate * r + extra[3], axis=-1))
        dh = where(kept, dh * z, dh) + matmul(to_h[-1], transpose(recurrent))
    return stack(*reversed(to_x), axis=1), stack(*reversed(to_h), axis=1), dh


@primitive(
    gradient=_gradient,
    definition=_definition,
    samples=_samples,
    source=_SOURCE,
    shapes=_shapes,
)
def gru(
    x: Array, h: Array, kernel: Array, recurrent: Array, bias: Array, mask: Array
) -> tuple[Array, Array]:
    """Run a gated recurrent unit over sequences, from the state h on.

    a = x_t kernel + bias_0, u = h recurrent + bias_1, each cut into parts for z, r and candidate
    z = sigmoid(a_z + u_z), r = sigmoid(a_r + u_r), candidate = tanh(a_c + r * u_c)
    h = z * h + (1 - z) * candidate

    Where the mask is False, the state is carried on unchanged. The outputs are h of every step;
    gates (z, r, candidate, u_c) serve the way back.

    Shapes: x (b, t, d), h (b, n), kernel (d, m), recurrent (n, m), bias (2, m), mask (b, t) ->
    outputs (b, t, n), gates (b, t, k)
    where m = 3 * n, k = 4 * n.
    """
    (batch, steps, _), units = x.shape, h.shape[-1]
    gates = np.empty((batch, steps, 4 * units), x.dtype)
    outputs = np.empty((batch, steps, units), x.dtype)
    projected(x, kernel, bias[0], gates)
    kept = kept_steps(mask)
    for step, gate in enumerate(time_first(gates)):
        from_h = h @ recurrent
        from_h += bias[1]
        both, candidate, inner = np.split(gate, [2 * units, 3 * units], axis=-1)
        both += from_h[:, : 2 * units]
        both *= 0.5  # sigmoid(z) = tanh(z / 2) / 2 + 1 / 2
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        z, r = np.split(both, 2, axis=-1)
        inner[...] = from_h[:, 2 * units :]
        candidate += r * inner
        np.tanh(candidate, out=candidate)
        new = np.subtract(h, candidate, out=outputs[:, step])
        new *= z
        new += candidate
        if kept is not None:
            np.copyto(new, h, where=~kept[step])
        h = new
    return outputs, gates


@primitive(definition=_gradient_definition, samples=_gradient_samples, source=_SOURCE)
def gru_gradient(
    recurrent: Array, mask: Array, h: Array, outputs: Array, gates: Array, g: Array
) -> tuple[Array, Array, Array]:
    """Carry the gradient of the outputs back through time.

    dcandidate = dh * (1 - z) * (1 - candidate^2), dz = dh * (h_before - candidate) * z * (1 - z),
    dr = dcandidate * u_c * r * (1 - r); before the step dh = dh * z + du recurrent^T

    da = (dz, dr, dcandidate) and du = (dz, dr, dcandidate * r) are the gradients of a and u in
    every step; the caller multiplies them by inputs and weights, for all steps at once.

    Shapes: recurrent (n, m), mask (b, t), h (b, n), outputs (b, t, n), gates (b, t, k),
    g (b, t, n) -> da (b, t, m), du (b, t, m), dh (b, n)
    where m = 3 * n, k = 4 * n.
    """
    (batch, steps, _), units = gates.shape, h.shape[-1]
    da, du = np.empty((2, batch, steps, 3 * units), gates.dtype)
    dh = np.zeros_like(h)
    kept = kept_steps(mask)
    for step in reversed(range(steps)):
        z, r, candidate, inner = np.split(gates[:, step], 4, axis=-1)
        at_z, at_r, at_candidate = np.split(da[:, step], 3, axis=-1)
        dh = dh + g[:, step]
        carried = dh * z
        np.multiply(dh - carried, 1 - candidate * candidate, out=at_candidate)
        np.multiply(at_candidate * inner, sigmoid_slope(r), out=at_r)
        np.multiply((outputs[:, step - 1] if step else h) - candidate, dh, out=at_z)
        at_z *= sigmoid_slope(z)
        if kept is not None:
            np.copyto(da[:, step], 0, where=~kept[step])
            np.copyto(carried, dh, where=~kept[step])
        du[:, step, : 2 * units] = da[:, step, : 2 * units]
        np.multiply(at_candidate, r, out=du[:, step, 2 * units :])
        dh = du[:, step] @ recurrent.T
        dh += carried
    return da, du, dh
