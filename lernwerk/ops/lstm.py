"""The long short-term memory over a whole sequence, and its way back through time.

Weights as in Keras: columns of the kernels are the gates i, f, candidate, o. One matrix product
serves the inputs of all steps; then there is one product a step. ``recurrent.py`` exports it.
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
from lernwerk.ops.recurrent_weights import weights_gradients
from lernwerk.ops.rounding import round_bfloat16
from lernwerk.ops.sequence import (
    SAMPLE_MASK,
    before,
    bias_gradient,
    check_units,
    input_gradient,
    kept_steps,
    kernel_gradient,
    projected,
)
from lernwerk.ops.shape import concatenate, expand_dims, split, stack, transpose
from lernwerk.ops.shape_line import Shape

_SOURCE = (
    "Hochreiter & Schmidhuber 1997, Neural Computation 9, 1735-1780; forget gate: Gers et al. 2000"
)


def _shapes(
    x: Shape,
    h: Shape,
    c: Shape,
    kernel: Shape,
    recurrent: Shape,
    bias: Shape,
    mask: Shape,
    *,
    rounded: bool = False,
) -> tuple[Shape, Shape, Shape]:
    check_units("lstm", 4, recurrent)
    states = (*x[:2], h[1])
    return states, states, (*x[:2], kernel[1])


def _inputs(random: np.random.Generator) -> tuple[Array, ...]:
    x, (h, c) = random.normal(size=(2, 3, 2)), random.normal(size=(2, 2, 3))
    kernel, recurrent = random.normal(size=(2, 12)), random.normal(size=(3, 12))
    return x, h, c, kernel, recurrent, random.normal(size=12)


def _samples(random: np.random.Generator) -> Iterator[Sample]:
    yield sample(*_inputs(random), np.ones((2, 3), bool))
    yield sample(*_inputs(random), SAMPLE_MASK)
    few_bits = (round_bfloat16(each.astype(np.float32)) for each in _inputs(random))
    yield sample(*(each.astype(np.float64) for each in few_bits), SAMPLE_MASK, rounded=True)


def _gradient_samples(random: np.random.Generator) -> Iterator[Sample]:
    for mask in (np.ones((2, 3), bool), SAMPLE_MASK):
        x, h, c, kernel, recurrent, bias = _inputs(random)
        _, cells, gates = lstm(x, h, c, kernel, recurrent, bias, mask)
        yield sample(recurrent, mask, c, cells, gates, *random.normal(size=(2, 2, 3, 3)))


def _definition(
    x: Any, h: Any, c: Any, kernel: Any, recurrent: Any, bias: Any, mask: Any,
    *, rounded: bool = False,
) -> tuple[Any, Any, Any]:  # fmt: skip
    outputs, cells, gates = [], [], []
    for step in range(x.shape[1]):
        z = matmul(x[:, step], kernel) + matmul(h, recurrent) + bias
        z_i, z_f, z_candidate, z_o = split(z, sections=4, axis=-1)
        i, f, candidate, o = sigmoid(z_i), sigmoid(z_f), tanh(z_candidate), sigmoid(z_o)
        new_c = f * c + i * candidate
        new_h = o * tanh(new_c)
        new_h = round_bfloat16(new_h) if rounded else new_h
        kept = expand_dims(mask[:, step], axis=-1)
        h, c = where(kept, new_h, h), where(kept, new_c, c)
        outputs.append(h)
        cells.append(c)
        gates.append(concatenate(i, f, candidate, o, axis=-1))
    return stack(*outputs, axis=1), stack(*cells, axis=1), stack(*gates, axis=1)


def _gradient(
    g: tuple[Any, ...], y: tuple[Any, ...], x: Any, h: Any, c: Any, kernel: Any, recurrent: Any,
    bias: Any, mask: Any, *, rounded: bool = False,
) -> tuple[Any, ...]:  # fmt: skip
    outputs, cells, gates = y
    residuals = (recurrent, mask, c, cells, gates, arriving(g[0], outputs), arriving(g[1], cells))
    if g[2] is None:
        dz, dh, dc = lstm_gradient(*residuals, rounded=rounded)
    else:  # only second derivatives reach the gates
        dz, dh, dc = _gradient_definition(*residuals, rounded=rounded, to_gates=g[2])
    if not rounded:
        weights = weights_gradients(x, h, outputs, dz)
        return lambda: input_gradient(dz, kernel), dh, dc, *weights, None
    # Both are rounded already: this says so to the engine.
    states, share = round_bfloat16(before(h, outputs)), round_bfloat16(dz)
    return (
        lambda: input_gradient(share, kernel),
        dh,
        dc,
        lambda: kernel_gradient(x, share),
        lambda: kernel_gradient(states, share),
        lambda: bias_gradient(dz),
        None,
    )


def _gradient_definition(
    recurrent: Any, mask: Any, c: Any, cells: Any, gates: Any, g: Any, to_cells: Any,
    *, rounded: bool = False, to_gates: Any = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    dh = dc = zeros_like(c)
    shares = []
    for step in reversed(range(gates.shape[1])):
        kept = expand_dims(mask[:, step], axis=-1)
        i, f, candidate, o = split(gates[:, step], sections=4, axis=-1)
        previous = cells[:, step - 1] if step else c
        squashed = tanh(cells[:, step])
        dh, dc = dh + g[:, step], dc + to_cells[:, step]
        inner_h = where(kept, dh, 0.0)
        inner_c = where(kept, dc, 0.0) + inner_h * o * (1.0 - squashed * squashed)
        parts = [inner_c * candidate, inner_c * previous, inner_c * i, inner_h * squashed]
        if to_gates is not None:
            extra = split(to_gates[:, step], sections=4, axis=-1)
            parts = [part + more for part, more in zip(parts, extra, strict=True)]
        slopes = [i * (1.0 - i), f * (1.0 - f), 1.0 - candidate * candidate, o * (1.0 - o)]
        local = [part * slope for part, slope in zip(parts, slopes, strict=True)]
        share = concatenate(*local, axis=-1)
        share = round_bfloat16(share) if rounded else share
        dh = where(kept, 0.0, dh) + matmul(share, transpose(recurrent))
        dc = where(kept, inner_c * f, dc)
        shares.append(share)
    return stack(*reversed(shares), axis=1), dh, dc


@primitive(
    gradient=_gradient,
    definition=_definition,
    samples=_samples,
    source=_SOURCE,
    shapes=_shapes,
)
def lstm(
    x: Array, h: Array, c: Array, kernel: Array, recurrent: Array, bias: Array, mask: Array,
    *, rounded: bool = False,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Run a long short-term memory over sequences, from the states h and c on.

    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o), with z = x_t kernel + h recurrent + bias
    c = f * c + i * tanh(z_candidate), h = o * tanh(c)

    Where the mask is False, both states are carried on unchanged. With ``rounded`` h is rounded to
    bfloat16 in each step, and the kernels should be: for products in bfloat16. The outputs are h of
    every step; cells (c of every step) and gates (i, f, candidate, o) serve the way back.

    Shapes: x (b, t, d), h (b, n), c (b, n), kernel (d, m), recurrent (n, m), bias (m),
    mask (b, t) -> outputs (b, t, n), cells (b, t, n), gates (b, t, m)
    where m = 4 * n.
    """
    (batch, steps, _), units = x.shape, h.shape[-1]
    # sigmoid(z) = tanh(z / 2) / 2 + 1 / 2: with halved weights one tanh serves all four gates.
    half = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], x.dtype), units)
    lift = 1 - np.repeat(np.array([0.5, 0.5, 1.0, 0.5], x.dtype), units)
    gates = np.empty((batch, steps, 4 * units), x.dtype)
    outputs, cells = np.empty((2, batch, steps, units), x.dtype)
    projected(x, kernel * half, bias * half, gates)
    recurrent = recurrent * half  # powers of two: rounded numbers stay so
    kept = kept_steps(mask)
    for step in range(steps):
        gate = h @ recurrent
        gate += gates[:, step]
        np.tanh(gate, out=gate)
        gate *= half
        gate += lift
        gates[:, step] = gate
        i, f, candidate, o = np.split(gate, 4, axis=-1)
        new_c = f * c
        new_c += i * candidate
        new_h = o * np.tanh(new_c)
        if rounded:
            new_h = round_bfloat16(new_h)
        if kept is not None:
            np.copyto(new_c, c, where=~kept[step])
            np.copyto(new_h, h, where=~kept[step])
        outputs[:, step], cells[:, step] = new_h, new_c
        h, c = new_h, new_c
    return outputs, cells, gates


@primitive(definition=_gradient_definition, samples=_gradient_samples, source=_SOURCE)
def lstm_gradient(
    recurrent: Array, mask: Array, c: Array, cells: Array, gates: Array, g: Array, to_cells: Array,
    *, rounded: bool = False,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Carry gradients of the outputs (g) and the cells back through time.

    dc += dh * o * (1 - tanh(c)^2), dz = (dc * candidate, dc * c_before, dc * i, dh * tanh(c)) times
    the slopes of the gates; before the step dh = dz recurrent^T and dc = dc * f

    dz is the gradient of z in every step; the products that lead from there to the inputs and the
    weights are made for all steps at once by the caller. With ``rounded`` it is in bfloat16.

    Shapes: recurrent (n, m), mask (b, t), c (b, n), cells (b, t, n), gates (b, t, m), g (b, t, n),
    to_cells (b, t, n) -> dz (b, t, m), dh (b, n), dc (b, n)
    """
    dz = np.empty(gates.shape, gates.dtype)
    dh, dc = np.zeros((2, *c.shape), c.dtype)
    kept = kept_steps(mask)
    for step in reversed(range(gates.shape[1])):
        gate = gates[:, step].copy()  # as one block of memory
        i, f, candidate, o = np.split(gate, 4, axis=-1)
        squashed = np.tanh(cells[:, step])
        dh = dh + g[:, step]
        dc = dc + to_cells[:, step]
        inner = dh * o
        inner *= 1 - squashed * squashed
        inner += dc
        share = 1 - gate
        share *= gate
        at_i, at_f, at_candidate, at_o = np.split(share, 4, axis=-1)
        at_i *= inner * candidate
        at_f *= inner * (cells[:, step - 1] if step else c)
        np.multiply(1 - candidate * candidate, inner * i, out=at_candidate)
        at_o *= dh * squashed
        carried = inner * f
        if kept is not None:
            np.copyto(share, 0, where=~kept[step])
            np.copyto(carried, dc, where=~kept[step])
        share = round_bfloat16(share) if rounded else share
        dz[:, step] = share
        left = 0 if kept is None else np.where(kept[step], 0, dh)
        dh, dc = share @ recurrent.T + left, carried
    return dz, dh, dc
