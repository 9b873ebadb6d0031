"""``tf.nn``: activations, cross-entropies, convolution and pooling with TensorFlow's arguments."""

from __future__ import annotations

from typing import Any

from lernwerk import activations, ops
from lernwerk.backend.arguments import axes as _axes
from lernwerk.backend.arguments import tensor
from lernwerk.compat.tensorflow.making import unary
from lernwerk.compat.tensorflow.math import in_top_k, l2_normalize, top_k

relu = unary("relu", ops.relu)
relu6 = unary("relu6", ops.relu6)
elu = unary("elu", ops.elu)
selu = unary("selu", ops.selu)
sigmoid = unary("sigmoid", ops.sigmoid)
tanh = unary("tanh", ops.tanh)
softplus = unary("softplus", ops.softplus)
softsign = unary("softsign", ops.softsign)
silu = swish = unary("silu", ops.silu)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """The positive part and a little of the negative one."""
    return activations.leaky_relu(tensor(features), alpha)


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """x times the chance that a normal number is below it."""
    return activations.gelu(tensor(features), approximate)


def softmax(logits: Any, axis: int | None = None, name: str | None = None, dim: Any = None) -> Any:
    """Probabilities along an axis."""
    return ops.softmax(tensor(logits), axis=-1 if axis is None else axis)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """The logarithms of the softmax."""
    return ops.log_softmax(tensor(logits), axis=-1 if axis is None else axis)


def sigmoid_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """-t ln(s) - (1 - t) ln(1 - s) with s = sigmoid(logits)."""
    return ops.sigmoid_crossentropy(tensor(logits), tensor(labels))


def softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, axis: int = -1, name: str | None = None
) -> Any:
    """-sum over the classes of t ln(softmax(logits))."""
    return ops.categorical_crossentropy(tensor(labels), tensor(logits), True, axis)


softmax_cross_entropy_with_logits_v2 = softmax_cross_entropy_with_logits


def sparse_softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """-ln(softmax(logits)[t]) with t the number of the class."""
    return ops.sparse_categorical_crossentropy(tensor(labels), tensor(logits), True)


def dropout(
    x: Any, rate: float | None = None, noise_shape: Any = None, seed: int | None = None,
    name: str | None = None, keep_prob: float | None = None,
) -> Any:  # fmt: skip
    """Elements set to 0 at random; the others are enlarged to keep the mean."""
    from lernwerk import random

    share = (0.0 if rate is None else rate) if keep_prob is None else 1.0 - keep_prob
    return random.dropout(tensor(x), share, noise_shape, seed)


def _window(sizes: Any) -> Any:
    """The lengths over the pictures' axes from TensorFlow's lists of four."""
    if isinstance(sizes, int):
        return sizes
    return tuple(sizes[1:-1]) if len(sizes) > 2 else tuple(sizes)


def _padding(padding: Any) -> str:
    return padding.lower() if isinstance(padding, str) else padding


def conv1d(
    input: Any, filters: Any, stride: int = 1, padding: str = "VALID", data_format: Any = None,
    dilations: Any = 1, name: str | None = None,
) -> Any:  # fmt: skip
    """A convolution along sequences (b, t, c) with filters (k, c, n)."""
    return ops.conv(tensor(input), tensor(filters), stride, _padding(padding), None, dilations)


def conv2d(
    input: Any, filters: Any, strides: Any = 1, padding: str = "VALID", data_format: Any = "NHWC",
    dilations: Any = 1, name: str | None = None,
) -> Any:  # fmt: skip
    """A convolution over pictures (b, h, w, c) with filters (k, l, c, n)."""
    place = "channels_first" if data_format == "NCHW" else None
    steps, holes = _window(strides), _window(dilations)
    return ops.conv(tensor(input), tensor(filters), steps, _padding(padding), place, holes)


def depthwise_conv2d(
    input: Any, filter: Any, strides: Any, padding: str, data_format: Any = None,
    dilations: Any = 1, name: str | None = None,
) -> Any:  # fmt: skip
    """A convolution of each channel by itself."""
    steps, holes = _window(strides), _window(dilations)
    return ops.depthwise_conv(tensor(input), tensor(filter), steps, _padding(padding), None, holes)


def conv2d_transpose(
    input: Any, filters: Any, output_shape: Any = None, strides: Any = 1, padding: str = "SAME",
    data_format: Any = "NHWC", dilations: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """The transpose of a convolution; filters (k, l, n, c)."""
    return ops.conv_transpose(tensor(input), tensor(filters), _window(strides), _padding(padding))


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: Any = None, name: Any = None
) -> Any:
    """The largest number of each window."""
    return ops.max_pool(tensor(input), _window(ksize), _window(strides), _padding(padding))


max_pool1d = max_pool2d = max_pool


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: Any = None, name: Any = None
) -> Any:
    """The mean of each window."""
    return ops.average_pool(tensor(input), _window(ksize), _window(strides), _padding(padding))


avg_pool1d = avg_pool2d = avg_pool


def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Any:
    """A number added to each channel."""
    return tensor(value) + tensor(bias)


def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Mean and variance over axes."""
    return ops.moments(tensor(x), _axes(axes), keepdims)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float,
    name: str | None = None,
) -> Any:  # fmt: skip
    """(x - mean) / sqrt(variance + epsilon) * scale + offset"""
    y = (tensor(x) - mean) * ops.rsqrt(tensor(variance) + variance_epsilon)
    y = y if scale is None else y * scale
    return y if offset is None else y + offset


def l2_loss(t: Any, name: str | None = None) -> Any:
    """sum(t^2) / 2"""
    return ops.sum(ops.square(tensor(t))) * 0.5


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """The rows of a table."""
    return ops.gather(tensor(params), tensor(ids), axis=0)


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """The share of zeros."""
    return ops.mean(ops.cast(ops.equal(tensor(value), 0), dtype="float32"))


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5,
    name: str | None = None,
) -> Any:  # fmt: skip
    """y = x / (bias + alpha * sum of x^2 over neighbouring channels)^beta

    Source: Krizhevsky, Sutskever & Hinton 2012, section 3.3
    """
    x = tensor(input)
    r, c = int(depth_radius), x.shape[-1]
    band = [[float(abs(i - j) <= r) for j in range(c)] for i in range(c)]
    around = ops.matmul(ops.square(x), tensor(band))
    return x / ops.power(around * alpha + bias, beta)


lrn = local_response_normalization

__all__ = [
    "avg_pool", "avg_pool1d", "avg_pool2d", "batch_normalization", "bias_add", "conv1d", "conv2d",
    "conv2d_transpose", "depthwise_conv2d", "dropout", "elu", "embedding_lookup", "gelu",
    "in_top_k", "l2_loss", "l2_normalize", "leaky_relu", "local_response_normalization",
    "log_softmax", "lrn", "max_pool", "max_pool1d", "max_pool2d", "moments", "relu", "relu6",
    "selu", "sigmoid", "sigmoid_cross_entropy_with_logits", "silu", "softmax",
    "softmax_cross_entropy_with_logits", "softmax_cross_entropy_with_logits_v2", "softplus",
    "softsign", "sparse_softmax_cross_entropy_with_logits", "swish", "tanh", "top_k",
    "zero_fraction",
]  # fmt: skip
