"""The activation functions under Keras's names, each a formula of a few operations.

They work on Tensors, arrays and symbolic tensors, eagerly and traced; the layer that applies one is
``layers.Activation``, or the ``activation`` argument of another layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.configurable import deserialize as _deserialize
from lernwerk.configurable import resolve, to_config
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError
from lernwerk.legacy import old_names
from lernwerk.ops.primitive import composite

# Klambauer et al. 2017, equation 14: with these, activations of mean 0 and variance 1 keep both.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


@composite
def linear(x: Any) -> Tensor:
    """The input itself: y = x.

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    return as_tensor(x)


@composite
@old_names
def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """The positive part: y = max(x, 0).

    With all arguments: y = max_value where x >= max_value, x where x > threshold, and
    negative_slope * (x - threshold) elsewhere.

    Shapes: x (*s) -> y (*s)
    Source: Nair & Hinton 2010, ICML; Maas, Hannun & Ng 2013, ICML, for the slope.
    """
    x = as_tensor(x)
    y = ops.where(ops.greater(x, threshold), x, 0.0) if threshold else ops.relu(x)
    if max_value is not None:
        y = ops.minimum(y, max_value)
    return y - negative_slope * ops.relu(threshold - x) if negative_slope else y


@composite
@old_names
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """The positive part and a little of the negative one: y = x where x > 0, else slope * x.

    Shapes: x (*s) -> y (*s)
    Source: Maas, Hannun & Ng 2013, ICML.
    """
    return relu(x, negative_slope=negative_slope)


@composite
def relu6(x: Any) -> Tensor:
    """The positive part up to 6: y = min(max(x, 0), 6).

    Shapes: x (*s) -> y (*s)
    Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10".
    """
    return relu(x, max_value=6.0)


@composite
def sigmoid(x: Any) -> Tensor:
    """The logistic function: y = 1 / (1 + e^-x), between 0 and 1.

    Shapes: x (*s) -> y (*s)
    Source: Verhulst 1845; Bishop 2006, section 4.2.
    """
    return ops.sigmoid(as_tensor(x))


@composite
def hard_sigmoid(x: Any) -> Tensor:
    """A sigmoid of three straight lines: y = min(max(x + 3, 0), 6) / 6.

    Differs: nothing; Keras 2 and Theano used 0.2 x + 0.5 between 0 and 1.
    Shapes: x (*s) -> y (*s)
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2.
    """
    return relu6(as_tensor(x) + 3.0) / 6.0


@composite
def hard_sigmoid_of_keras2(x: Any) -> Tensor:
    """The hard sigmoid of Keras 1 and 2, which models in their files use: steeper than today's.

    y = min(max(0.2 x + 0.5, 0), 1)

    Shapes: x (*s) -> y (*s)
    Source: Courbariaux, Bengio & David 2015, arXiv:1511.00363, with Theano's slope.
    """
    return ops.minimum(ops.relu(as_tensor(x) * 0.2 + 0.5), 1.0)


@composite
def tanh(x: Any) -> Tensor:
    """The hyperbolic tangent: y = (e^x - e^-x) / (e^x + e^-x), between -1 and 1.

    Shapes: x (*s) -> y (*s)
    Source: LeCun et al. 1998, "Efficient BackProp", section 4.4.
    """
    return ops.tanh(as_tensor(x))


@composite
def softmax(x: Any, axis: int = -1) -> Tensor:
    """Probabilities that add up to 1 along an axis: y = e^x / sum(e^x).

    Shapes: x (*s) -> y (*s)
    Source: Bridle 1990, "Neurocomputing", 227-236.
    """
    return ops.softmax(as_tensor(x), axis=axis)


@composite
def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """The logarithms of the softmax: y = x - ln(sum(e^x)).

    Shapes: x (*s) -> y (*s)
    Source: Bridle 1990, "Neurocomputing", 227-236.
    """
    return ops.log_softmax(as_tensor(x), axis=axis)


@composite
def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """The exponential linear unit: y = x where x > 0, else alpha * (e^x - 1).

    Shapes: x (*s) -> y (*s)
    Source: Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289.
    """
    x = as_tensor(x)
    return ops.where(ops.greater(x, 0.0), x, alpha * ops.expm1(ops.minimum(x, 0.0)))


@composite
def selu(x: Any) -> Tensor:
    """The self-normalising unit: y = 1.0507 * elu(x, alpha=1.6733).

    Shapes: x (*s) -> y (*s)
    Source: Klambauer et al. 2017, arXiv:1706.02515.
    """
    return _SELU_SCALE * elu(x, _SELU_ALPHA)


@composite
def gelu(x: Any, approximate: bool = False) -> Tensor:
    """The input times the chance that a normal number is below it: y = x * Phi(x).

    y = x / 2 * (1 + erf(x / sqrt(2)))
    with ``approximate``:   y = x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))

    Shapes: x (*s) -> y (*s)
    Source: Hendrycks & Gimpel 2016, arXiv:1606.08415.
    """
    x = as_tensor(x)
    if approximate:
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1.0 + ops.tanh(inner))
    return 0.5 * x * (1.0 + ops.erf(x / math.sqrt(2.0)))


@composite
def silu(x: Any) -> Tensor:
    """The input times its sigmoid, also called swish: y = x / (1 + e^-x).

    Shapes: x (*s) -> y (*s)
    Source: Elfwing, Uchibe & Doya 2018, arXiv:1702.03118.
    """
    x = as_tensor(x)
    return x * ops.sigmoid(x)


@composite
def mish(x: Any) -> Tensor:
    """y = x * tanh(softplus(x)).

    Shapes: x (*s) -> y (*s)
    Source: Misra 2019, arXiv:1908.08681.
    """
    x = as_tensor(x)
    return x * ops.tanh(ops.softplus(x))


@composite
def softplus(x: Any) -> Tensor:
    """A smooth positive part: y = ln(1 + e^x).

    Shapes: x (*s) -> y (*s)
    Source: Dugas et al. 2001, NIPS 13.
    """
    return ops.softplus(as_tensor(x))


@composite
def softsign(x: Any) -> Tensor:
    """y = x / (1 + |x|), between -1 and 1.

    Shapes: x (*s) -> y (*s)
    Source: Turian, Bergstra & Bengio 2009, NAACL.
    """
    x = as_tensor(x)
    return x / (1.0 + ops.absolute(x))


@composite
def exponential(x: Any) -> Tensor:
    """y = e^x.

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    return ops.exp(as_tensor(x))


@composite
def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """The exponential linear unit with one slope at 0: y = x where x > 0, else a * (e^(x/a) - 1).

    Shapes: x (*s) -> y (*s)
    Source: Barron 2017, arXiv:1704.07483.
    """
    x = as_tensor(x)
    low = ops.minimum(x, 0.0)
    return ops.maximum(x, 0.0) + alpha * ops.expm1(low / alpha)


@composite
def glu(x: Any, axis: int = -1) -> Tensor:
    """The gated linear unit: y = a * sigmoid(b), a and b the halves of x along an axis.

    Shapes: x (*s, 2c) -> y (*s, c)
    Raises ShapeError for an odd number of numbers along the axis.
    Source: Dauphin et al. 2017, arXiv:1612.08083.
    """
    x = as_tensor(x)
    if not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        raise ShapeError("glu", f"x of even length on axis {axis}", x.shape)
    a, b = ops.split(x, sections=2, axis=axis)
    return a * ops.sigmoid(b)


@composite
def hard_silu(x: Any) -> Tensor:
    """The input times its ``hard_sigmoid``, also called hard_swish.

    Shapes: x (*s) -> y (*s)
    Source: Howard et al. 2019, arXiv:1905.02244, section 5.2.
    """
    return as_tensor(x) * hard_sigmoid(x)


@composite
def hard_tanh(x: Any) -> Tensor:
    """A hyperbolic tangent of three straight lines: y = min(max(x, -1), 1).

    Shapes: x (*s) -> y (*s)
    Source: Collobert 2004, "Large scale machine learning".
    """
    return ops.minimum(ops.maximum(as_tensor(x), -1.0), 1.0)


@composite
def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Small numbers to 0: y = x where |x| > threshold, else 0.

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    x = as_tensor(x)
    return ops.where(ops.absolute(x) > threshold, x, 0.0)


@composite
def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Numbers nearer to 0 by the threshold: y = sign(x) * max(|x| - threshold, 0).

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    x = as_tensor(x)
    return ops.relu(x - threshold) - ops.relu(-x - threshold)


@composite
def tanh_shrink(x: Any) -> Tensor:
    """y = x - tanh(x).

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    x = as_tensor(x)
    return x - ops.tanh(x)


@composite
def log_sigmoid(x: Any) -> Tensor:
    """The logarithm of the sigmoid: y = -ln(1 + e^-x).

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    return -ops.softplus(-as_tensor(x))


@composite
def sparse_plus(x: Any) -> Tensor:
    """A smooth positive part that is 0 below -1 and x above 1: y = (x + 1)^2 / 4 in between.

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    x = as_tensor(x)
    middle = 0.25 * ops.square(hard_tanh(x) + 1.0)  # 1 above 1, where x - 1 is added
    return middle + ops.relu(x - 1.0)


@composite
def sparse_sigmoid(x: Any) -> Tensor:
    """A sigmoid of three straight lines between -1 and 1: y = min(max((x + 1) / 2, 0), 1).

    Shapes: x (*s) -> y (*s)
    Source: Blondel, Martins & Niculae 2019, arXiv:1901.02324.
    """
    return 0.5 * (hard_tanh(x) + 1.0)


@composite
def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """Probabilities along an axis of which many are exactly 0: y = max(x - tau, 0), sum 1.

    tau = (sum of the k largest - 1) / k, where the k-th largest is the last one above it

    Differs: the sum is 1; Keras's is less where several probabilities are not 0.
    Shapes: x (*s) -> y (*s)
    Source: Martins & Astudillo 2016, arXiv:1602.02068, algorithm 1.
    """
    x = as_tensor(x)
    largest_first = -ops.sort(-x, axis=axis)
    sums = ops.cumsum(largest_first, axis=axis) - 1.0
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    counts = as_tensor(np.arange(1, x.shape[axis] + 1).reshape(shape), x.dtype)
    above = (largest_first * counts > sums).astype(x.dtype)
    k = ops.sum(above, axis=axis, keepdims=True)
    last = ops.equal(counts, k).astype(x.dtype)
    return ops.relu(x - ops.sum(sums * last, axis=axis, keepdims=True) / k)


@composite
def squareplus(x: Any, b: float = 4) -> Tensor:
    """A smooth positive part without exponentials: y = (x + sqrt(x^2 + b)) / 2.

    Shapes: x (*s) -> y (*s)
    Source: Barron 2021, arXiv:2112.11687.
    """
    x = as_tensor(x)
    return 0.5 * (x + ops.sqrt(ops.square(x) + float(b)))


@composite
def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """y = x where x > threshold, else default_value.

    Shapes: x (*s) -> y (*s)
    Source: https://keras.io/api/layers/activations/
    """
    x = as_tensor(x)
    return ops.where(x > threshold, x, float(default_value))


swish, hard_swish = silu, hard_silu

NAMES: Mapping[str, Callable[..., Tensor]] = {
    each.__name__: each
    for each in (
        linear, relu, leaky_relu, relu6, sigmoid, hard_sigmoid, tanh, softmax, log_softmax, elu,
        selu, gelu, silu, mish, softplus, softsign, exponential, celu, glu, hard_silu, hard_tanh,
        hard_shrink, soft_shrink, tanh_shrink, log_sigmoid, sparse_plus, sparse_sigmoid, sparsemax,
        squareplus, threshold,
    )
} | {"swish": silu, "hard_swish": hard_silu}  # fmt: skip
_OF_OLD_FILES = {"hard_sigmoid_of_keras2": hard_sigmoid_of_keras2}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """An activation from its name, a function, a layer, its written form; None is ``linear``.

    Raises ArgumentError with the nearest name.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str) and identifier in (custom_objects or {}):
        return custom_objects[identifier]  # type: ignore[index]
    if isinstance(identifier, dict):
        return deserialize(identifier, custom_objects)
    return resolve(identifier, "activations", {**NAMES, **_OF_OLD_FILES}, custom_objects)


def serialize(activation: Any) -> Any:
    """The name of a function; of an object its written form."""
    return to_config(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The activation that a name or a written form describes."""
    if isinstance(config, dict) and config.get("class_name") == "function":
        config = config.get("config")
    if isinstance(config, dict):
        family = str(config.get("module") or "").rpartition("keras.")[2] or "activations"
        return _deserialize(config, family, custom_objects)
    return get(config, custom_objects)


__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_sigmoid_of_keras2",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]
