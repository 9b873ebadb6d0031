"""Activations, cross-entropies, convolution, pooling and recurrence of ``keras.backend``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk import activations, config, ops
from lernwerk.backend.arguments import tensor
from lernwerk.core.random import RandomStream


def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities along an axis."""
    return activations.softmax(tensor(x), axis)


def sigmoid(x: Any) -> Any:
    """y = 1 / (1 + e^-x)"""
    return activations.sigmoid(tensor(x))


def hard_sigmoid(x: Any) -> Any:
    """A sigmoid of three straight lines: y = min(max(0.2 x + 0.5, 0), 1), as in Keras 1 and 2."""
    return ops.clip(tensor(x) * 0.2 + 0.5, 0.0, 1.0)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return activations.tanh(tensor(x))


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """The positive part; negative numbers times alpha."""
    return activations.relu(tensor(x), alpha, max_value, threshold)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """y = x where x > 0, else alpha (e^x - 1)"""
    return activations.elu(tensor(x), alpha)


def softplus(x: Any) -> Any:
    """y = ln(1 + e^x)"""
    return activations.softplus(tensor(x))


def softsign(x: Any) -> Any:
    """y = x / (1 + |x|)"""
    return activations.softsign(tensor(x))


def _clipped(p: Any) -> Any:
    epsilon = config.epsilon()
    return ops.clip(p, epsilon, 1.0 - epsilon)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """y = -t ln(p) - (1 - t) ln(1 - p), element by element."""
    return ops.binary_crossentropy(tensor(target), tensor(output), from_logits)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """y = -sum over the classes of t ln(p)"""
    return ops.categorical_crossentropy(tensor(target), tensor(output), from_logits, axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """y = -ln(p[t]) with t the number of the class."""
    return ops.sparse_categorical_crossentropy(tensor(target), tensor(output), from_logits, axis)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether the class number of a target is among the k largest predictions."""
    return ops.in_top_k(tensor(targets), tensor(predictions), k)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """Elements set to 0 at random; the others are enlarged to keep the mean."""
    shape = None if noise_shape is None else tuple(noise_shape)
    return ops.dropout(tensor(x), RandomStream(seed).next(), rate=level, noise_shape=shape)


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """A number added to each channel."""
    x, bias = tensor(x), tensor(bias)
    if data_format == "channels_first":
        bias = ops.reshape(bias, shape=(1, -1, *(1 for _ in x.shape[2:])))
    return x + bias


def conv1d(
    x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: int = 1,
) -> Any:  # fmt: skip
    """A convolution along a sequence.

    Shapes: x (b, t, c), kernel (k, c, n) -> y (b, t', n)
    """
    return ops.conv(tensor(x), tensor(kernel), strides, padding, data_format, dilation_rate)


def conv2d(
    x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """A convolution over pictures.

    Shapes: x (b, h, w, c), kernel (k, l, c, n) -> y (b, h', w', n)
    """
    return ops.conv(tensor(x), tensor(kernel), strides, padding, data_format, dilation_rate)


def depthwise_conv2d(
    x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """A convolution of each channel by itself.

    Shapes: x (b, h, w, c), kernel (k, l, c, m) -> y (b, h', w', c * m)
    """
    kernel = tensor(depthwise_kernel)
    return ops.depthwise_conv(tensor(x), kernel, strides, padding, data_format, dilation_rate)


def pool2d(
    x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None, pool_mode: str = "max",
) -> Any:  # fmt: skip
    """The largest number or the mean ("avg") of each window.

    Shapes: x (b, h, w, c) -> y (b, h', w', c)
    """
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(tensor(x), pool_size, strides, padding, data_format)


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """y = (x - mean) / sqrt(var + epsilon) * gamma + beta"""
    return ops.batch_normalization(
        tensor(x), mean, var, axis, offset=beta, scale=gamma, epsilon=epsilon
    )


def rnn(
    step_function: Callable[[Any, list[Any]], tuple[Any, list[Any]]],
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: int | None = None,
) -> tuple[Any, Any, list[Any]]:
    """output, states = step_function(step, states) along the steps of a sequence.

    Shapes: inputs (b, t, *c) -> last output (b, n), outputs (b, t, n), states
    Masked steps leave states and output as they were.
    """
    x, states = tensor(inputs), list(initial_states)
    order = range(x.shape[1])
    outputs: list[Any] = []
    for t in reversed(order) if go_backwards else order:
        output, new = step_function(x[:, t], [*states, *(constants or [])])
        if mask is not None:
            kept = ops.reshape(tensor(mask)[:, t], shape=(-1, *(1 for _ in output.shape[1:])))
            before = outputs[-1] if outputs else ops.zeros_like(output)
            output = ops.where(kept, output, before)
            new = [ops.where(kept, a, b) for a, b in zip(new, states, strict=True)]
        outputs.append(output)
        states = list(new)
    return outputs[-1], ops.stack(outputs, axis=1), states


# ---- choices and loops


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two values; functions are called where they are needed."""
    then, other = (
        e if callable(e) else (lambda e=e: e) for e in (then_expression, else_expression)
    )
    if len(ops.shape(condition)) and np.prod(ops.shape(condition)) != 1:
        chosen, alternative = tensor(then()), tensor(other())
        holds = tensor(condition)
        missing = len(chosen.shape) - len(holds.shape)
        holds = ops.reshape(holds, shape=(*holds.shape, *(1 for _ in range(missing))))
        return ops.where(holds, chosen, alternative)
    return ops.cond(condition, then, other)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """The first while training, else the second."""
    from lernwerk.backend.state import learning_phase

    during = learning_phase() if training is None else training
    chosen = x if during else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """The first in use, the second while training."""
    return in_train_phase(alt, x, training)


def foldl(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, name: Any = None
) -> Any:
    """value = fn(value, element) for every element, from the first on."""
    elements = [tensor(each) for each in elems]
    value = elements.pop(0) if initializer is None else tensor(initializer)
    for each in elements:
        value = fn(value, each)
    return value


def foldr(
    fn: Callable[[Any, Any], Any], elems: Any, initializer: Any = None, name: Any = None
) -> Any:
    """value = fn(value, element) for every element, from the last on."""
    return foldl(fn, list(elems)[::-1], initializer)


def map_fn(fn: Callable[[Any], Any], elems: Any, name: Any = None, dtype: Any = None) -> Any:
    """fn(element) for every element, stacked."""
    return ops.map(fn, tensor(elems))


def stop_gradient(variables: Any) -> Any:
    """The same value, through which no gradient flows back."""
    if isinstance(variables, (list, tuple)):
        return [ops.stop_gradient(tensor(each)) for each in variables]
    return ops.stop_gradient(tensor(variables))
