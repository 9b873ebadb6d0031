"""What ``keras.ops`` calls nn: activations, convolution, pooling, cross-entropies, attention.

Thin forms with Keras's arguments over the operations; the activations are those of
``lernwerk.activations``, which is above this file on the map and is asked when they are called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk.ops.arithmetic import clip, log_sigmoid, rsqrt
from lernwerk.ops.broadcasting import reshape, sum
from lernwerk.ops.common import as_array, floating
from lernwerk.ops.comparison import greater, less, logical_and, where
from lernwerk.ops.convolution import convolution, convolution_transpose, explicit_padding
from lernwerk.ops.elementwise import absolute, cast, log, maximum, minimum, relu, sigmoid, tanh
from lernwerk.ops.indexing import one_hot
from lernwerk.ops.linalg import matmul
from lernwerk.ops.loss import log_softmax, sigmoid_crossentropy, softmax
from lernwerk.ops.pooling import average_pooling, max_pooling
from lernwerk.ops.primitive import composite
from lernwerk.ops.reduce import max, mean
from lernwerk.ops.shape import moveaxis, split, swapaxes, transpose
from lernwerk.ops.statistics import norm

_SMALLEST = 1e-7  # Keras's epsilon: probabilities are kept this far from 0 and 1


def _activation(name: str) -> Callable[..., Any]:
    def function(x: Any, *more: Any, **options: Any) -> Any:
        from lernwerk import activations

        return getattr(activations, name)(as_array(x), *more, **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""The activation ``lernwerk.activations.{name}``.

    Shapes: x (*s) -> y (*s)
    """
    return function


elu = _activation("elu")
gelu = _activation("gelu")
hard_sigmoid = _activation("hard_sigmoid")
leaky_relu = _activation("leaky_relu")
relu6 = _activation("relu6")
selu = _activation("selu")
silu = swish = _activation("silu")
softsign = _activation("softsign")
mish = _activation("mish")


@composite
def celu(x: Any, alpha: float = 1.0) -> Any:
    """y = max(x, 0) + min(alpha (e^(x / alpha) - 1), 0)

    Shapes: x (*s) -> y (*s)
    """
    from lernwerk.ops.elementwise import expm1

    x = floating(as_array(x))
    return maximum(x, 0.0) + minimum(alpha * expm1(minimum(x, 0.0) / alpha), 0.0)


@composite
def glu(x: Any, axis: int = -1) -> Any:
    """Half of the channels, gated by the other half: y = a sigmoid(b)

    Shapes: x (*s) -> y (*r)
    """
    a, b = split(as_array(x), 2, axis)
    return a * sigmoid(b)


@composite
def hard_tanh(x: Any) -> Any:
    """y = min(max(x, -1), 1)

    Shapes: x (*s) -> y (*s)
    """
    return clip(x, -1.0, 1.0)


@composite
def hard_silu(x: Any) -> Any:
    """y = x hard_sigmoid(x)

    Shapes: x (*s) -> y (*s)
    """
    return as_array(x) * hard_sigmoid(x)


hard_swish = hard_silu


@composite
def tanh_shrink(x: Any) -> Any:
    """y = x - tanh(x)

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return x - tanh(x)


@composite
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """y = x where |x| > threshold, else 0

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return where(greater(absolute(x), threshold), x, 0.0)


@composite
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Numbers moved towards 0 by the threshold; those closer to it are 0.

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return relu(x - threshold) - relu(-x - threshold)


@composite
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """y = x where x > threshold, else the default value

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return where(greater(x, threshold), x, default_value)


# ---- cross-entropies, as Keras orders their arguments: target, output


@composite
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """y = -t ln(p) - (1 - t) ln(1 - p), element by element

    Shapes: target (*s), output (*s) -> y (*s)
    """
    t, p = floating(as_array(target)), floating(as_array(output))
    if from_logits:
        return sigmoid_crossentropy(p, t)
    p = clip(p, _SMALLEST, 1.0 - _SMALLEST)
    return -(t * log(p) + (1.0 - t) * log(1.0 - p))


@composite
def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """y = -sum over the classes of t ln(p)

    Shapes: target (*s), output (*s) -> y (*r)
    """
    t, p = floating(as_array(target)), floating(as_array(output))
    if from_logits:
        return -sum(t * log_softmax(p, axis=axis), axis=axis)
    p = p / sum(p, axis=axis, keepdims=True)
    return -sum(t * log(clip(p, _SMALLEST, 1.0 - _SMALLEST)), axis=axis)


@composite
def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """y = -ln(p[t]) with t the number of the class

    Shapes: target (*r) or (*r, 1), output (*s) -> y (*r)
    """
    t, p = as_array(target), as_array(output)
    if len(t.shape) == len(p.shape) and t.shape[-1] == 1:
        t = reshape(t, shape=tuple(t.shape[:-1]))
    hot = one_hot(cast(t, dtype="int32"), depth=p.shape[axis], dtype=np.dtype(p.dtype).name)
    return categorical_crossentropy(moveaxis(hot, -1, axis), p, from_logits, axis)


# ---- convolution and pooling


def _pairs(value: Any, count: int) -> tuple[int, ...]:
    return (int(value),) * count if isinstance(value, int) else tuple(int(n) for n in value)


def _channels_last(x: Any, data_format: str | None, function: Callable[[Any], Any]) -> Any:
    """Compute with the channels last, also where they come first."""
    if data_format != "channels_first":
        return function(x)
    return moveaxis(function(moveaxis(x, 1, -1)), -1, 1)


def _convolved(
    x: Any, kernel: Any, strides: Any, padding: str, data_format: str | None, dilation: Any,
    groups: int,
) -> Any:  # fmt: skip
    size = tuple(kernel.shape[:-2])
    steps, holes = _pairs(strides, len(size)), _pairs(dilation, len(size))

    def run(x: Any) -> Any:
        around = explicit_padding(padding.lower(), x.shape[1:-1], size, steps, holes)  # type: ignore[arg-type]
        return convolution(x, kernel, strides=steps, padding=around, dilation=holes, groups=groups)

    return _channels_last(x, data_format, run)


@composite
def conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution over one to three axes.

    Shapes: inputs (b, *s, c), kernel (*k, c, n) -> y (b, *r, n)
    """
    x, w = as_array(inputs), as_array(kernel)
    channels = x.shape[1 if data_format == "channels_first" else -1]
    groups = channels // w.shape[-2]
    return _convolved(x, w, strides, padding, data_format, dilation_rate, groups)


@composite
def conv_transpose(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
    output_padding: Any = None, data_format: str | None = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """The transpose of a convolution: each pixel is spread over a window.

    Shapes: inputs (b, *s, c), kernel (*k, n, c) -> y (b, *r, n)
    """
    x, w = as_array(inputs), as_array(kernel)
    count = len(w.shape) - 2
    options: dict[str, Any] = {
        "strides": _pairs(strides, count), "dilation": _pairs(dilation_rate, count),
        "output_padding": None if output_padding is None else _pairs(output_padding, count),
    }  # fmt: skip
    return _channels_last(
        x, data_format, lambda x: convolution_transpose(x, w, padding=padding.lower(), **options)
    )


@composite
def depthwise_conv(
    inputs: Any, kernel: Any, strides: Any = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution of each channel by itself.

    Shapes: inputs (b, *s, c), kernel (*k, c, m) -> y (b, *r, c * m)
    """
    w = as_array(kernel)
    *window, channels, multiplier = w.shape
    flat = reshape(w, shape=(*window, 1, channels * multiplier))
    x = as_array(inputs)
    return _convolved(x, flat, strides, padding, data_format, dilation_rate, channels)


@composite
def separable_conv(
    inputs: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1,
    padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """A convolution of each channel by itself, then one that mixes the channels.

    Shapes: inputs (b, *s, c), kernels (*k, c, m) and (1, c * m, n) -> y (b, *r, n)
    """
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format)


def _pool(
    function: Any, inputs: Any, size: Any, strides: Any, padding: str, data_format: str | None
) -> Any:
    x = as_array(inputs)
    sizes = _pairs(size, len(x.shape) - 2)
    steps = sizes if strides is None else _pairs(strides, len(x.shape) - 2)
    once = (1,) * len(sizes)

    def run(x: Any) -> Any:
        around = explicit_padding(padding.lower(), x.shape[1:-1], sizes, steps, once)  # type: ignore[arg-type]
        return function(x, size=sizes, strides=steps, padding=around)

    return _channels_last(x, data_format, run)


@composite
def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
    data_format: str | None = None,
) -> Any:  # fmt: skip
    """The largest number of each window.

    Shapes: inputs (b, *s, c) -> y (b, *r, c)
    """
    return _pool(max_pooling, inputs, pool_size, strides, padding, data_format)


@composite
def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid",
    data_format: str | None = None,
) -> Any:  # fmt: skip
    """The mean of each window.

    Shapes: inputs (b, *s, c) -> y (b, *r, c)
    """
    return _pool(average_pooling, inputs, pool_size, strides, padding, data_format)


# ---- normalizing, attention and others


@composite
def normalize(x: Any, axis: int = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """y = x / |x| along an axis

    Shapes: x (*s) -> y (*s)
    """
    x = floating(as_array(x))
    smallest = 1e-12 if epsilon is None else epsilon  # Keras's
    if order == 2:
        square_sum = sum(x * x, axis=axis, keepdims=True)
        return x * rsqrt(maximum(square_sum, smallest))
    return x / maximum(norm(x, order, axis, keepdims=True), smallest)


@composite
def rms_normalization(
    x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None
) -> Any:
    """y = x / sqrt(mean(x^2) + epsilon) * scale

    Shapes: x (*s), scale () or (c) -> y (*s)
    """
    x = floating(as_array(x))
    y = x * rsqrt(
        mean(x * x, axis=axis, keepdims=True) + (_SMALLEST if epsilon is None else epsilon)
    )
    return y if scale is None else y * scale


@composite
def multi_hot(
    inputs: Any, num_classes: int | None = None, axis: int = -1, dtype: Any = None,
    sparse: bool = False, **old: Any,
) -> Any:  # fmt: skip
    """Ones at the numbers of all classes of a sample, zeros elsewhere.

    Shapes: inputs (*b, n) -> y (*b, num_classes)
    """
    x, depth = as_array(inputs), old.get("num_tokens", num_classes)
    return max(one_hot(x, depth, axis=axis, dtype=dtype), axis=1 if len(x.shape) > 1 else 0)


@composite
def dot_product_attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None,
    scale: float | None = None, is_causal: bool = False, flash_attention: Any = None,
) -> Any:  # fmt: skip
    """y = softmax(query key^T scale + bias) value, for every head; scale is 1 / sqrt(c)

    Shapes: query (b, t, n, c), key (b, s, n, c), value (b, s, n, c) -> y (b, t, n, c)
    Source: Vaswani et al. 2017, arXiv:1706.03762
    """
    q, k, v = (transpose(as_array(x), axes=(0, 2, 1, 3)) for x in (query, key, value))
    factor = 1.0 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = matmul(q, swapaxes(k, -1, -2)) * factor
    scores = scores if bias is None else scores + bias
    allowed = None if mask is None else as_array(mask)
    if is_causal:
        past = np.tri(*scores.shape[-2:]).astype(bool)
        allowed = past if allowed is None else logical_and(allowed, past)
    if allowed is not None:
        scores = where(allowed, scores, -1e9)
    return transpose(matmul(softmax(scores, axis=-1), v), axes=(0, 2, 1, 3))


@composite
def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal-to-noise ratio in decibels: 20 log10(max) - 10 log10(mean((x1 - x2)^2))

    Shapes: x1 (*s), x2 (*s) -> y ()
    """
    difference = as_array(x1) - as_array(x2)
    error = mean(difference * difference)
    return (2.0 * math.log(max_val) - log(error)) * (10.0 / math.log(10.0))


@composite
def logsigmoid(x: Any) -> Any:
    """y = ln(1 / (1 + e^-x))

    Shapes: x (*s) -> y (*s)
    """
    return log_sigmoid(x)


@composite
def sparse_sigmoid(x: Any) -> Any:
    """y = 0 for x <= -1, 1 for x >= 1, (x + 1) / 2 between them

    Shapes: x (*s) -> y (*s)
    """
    x = as_array(x)
    return where(less(x, -1.0), 0.0, minimum((x + 1.0) * 0.5, 1.0))
