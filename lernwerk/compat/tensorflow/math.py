"""``tf.math``: arithmetic, comparisons and reductions; most names are at the top of ``tf`` too."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.backend.arguments import tensor
from lernwerk.compat.tensorflow.making import binary, reduction, unary, weak

abs = unary("abs", ops.absolute)
acos = unary("acos", ops.arccos)
asin = unary("asin", ops.arcsin)
atan = unary("atan", ops.arctan)
ceil = unary("ceil", ops.ceil)
cos = unary("cos", ops.cos)
cosh = unary("cosh", ops.cosh)
erf = unary("erf", ops.erf)
exp = unary("exp", ops.exp)
expm1 = unary("expm1", ops.expm1)
floor = unary("floor", ops.floor)
is_finite = unary("is_finite", ops.is_finite)
is_inf = unary("is_inf", ops.isinf)
is_nan = unary("is_nan", ops.is_nan)
log = unary("log", ops.log)
log1p = unary("log1p", ops.log1p)
log_sigmoid = unary("log_sigmoid", ops.log_sigmoid)
logical_not = unary("logical_not", ops.logical_not)
negative = unary("negative", ops.negative)
reciprocal = unary("reciprocal", ops.reciprocal)
round = unary("round", ops.round)
rint = unary("rint", ops.round)
rsqrt = unary("rsqrt", ops.rsqrt)
sigmoid = unary("sigmoid", ops.sigmoid)
sign = unary("sign", ops.sign)
sin = unary("sin", ops.sin)
sinh = unary("sinh", ops.sinh)
softplus = unary("softplus", ops.softplus)
softsign = unary("softsign", ops.softsign)
sqrt = unary("sqrt", ops.sqrt)
square = unary("square", ops.square)
tan = unary("tan", ops.tan)
tanh = unary("tanh", ops.tanh)

add = binary("add", ops.add)
atan2 = binary("atan2", ops.arctan2)
divide = truediv = binary("divide", ops.divide)
divide_no_nan = binary("divide_no_nan", ops.divide_no_nan)
equal = binary("equal", ops.equal)
floordiv = binary("floordiv", ops.floor_divide)
greater = binary("greater", ops.greater)
greater_equal = binary("greater_equal", ops.greater_equal)
less = binary("less", ops.less)
less_equal = binary("less_equal", ops.less_equal)
logical_and = binary("logical_and", ops.logical_and)
logical_or = binary("logical_or", ops.logical_or)
logical_xor = binary("logical_xor", ops.logical_xor)
maximum = binary("maximum", ops.maximum)
minimum = binary("minimum", ops.minimum)
mod = floormod = binary("mod", ops.remainder)
multiply = binary("multiply", ops.multiply)
not_equal = binary("not_equal", ops.not_equal)
pow = binary("pow", ops.power)
subtract = binary("subtract", ops.subtract)

reduce_all = reduction("reduce_all", ops.all)
reduce_any = reduction("reduce_any", ops.any)
reduce_euclidean_norm = reduction("reduce_euclidean_norm", lambda x, **o: ops.norm(x, None, **o))
reduce_logsumexp = reduction("reduce_logsumexp", ops.logsumexp)
reduce_max = reduction("reduce_max", ops.max)
reduce_min = reduction("reduce_min", ops.min)
reduce_prod = reduction("reduce_prod", ops.prod)
reduce_std = reduction("reduce_std", ops.standard_deviation)
reduce_sum = reduction("reduce_sum", ops.sum)
reduce_variance = reduction("reduce_variance", ops.variance)


def _mean(x: Any, axis: Any, keepdims: bool) -> Any:
    """The mean over axes; of integers it is an integer, rounded towards zero, as in TensorFlow."""
    y = ops.mean(x, axis=axis, keepdims=keepdims)
    kind = np.dtype(x.dtype)
    return ops.cast(y, dtype=kind.name) if kind.kind in "iu" else y


reduce_mean = reduction("reduce_mean", _mean)


def argmax(input: Any, axis: int | None = 0, output_type: Any = "int64", name: Any = None) -> Any:
    """The place of the largest element along an axis, the first one where none is given."""
    return ops.cast(ops.argmax(tensor(input), axis=axis or 0), dtype=np.dtype(output_type).name)


def argmin(input: Any, axis: int | None = 0, output_type: Any = "int64", name: Any = None) -> Any:
    """The place of the smallest element along an axis, the first one where none is given."""
    return ops.cast(ops.argmin(tensor(input), axis=axis or 0), dtype=np.dtype(output_type).name)


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None,
    **_: Any,
) -> Any:  # fmt: skip
    """The product of matrices, one or both of them transposed before."""
    left, right = tensor(a), tensor(b)
    left = ops.swapaxes(left, -1, -2) if transpose_a else left
    return ops.matmul(left, ops.swapaxes(right, -1, -2) if transpose_b else right)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """The sum over pairs of axes."""
    return ops.tensordot(tensor(a), tensor(b), axes)


def einsum(equation: str, *inputs: Any, **_: Any) -> Any:
    """Products summed over the letters that the result does not have."""
    return ops.einsum(equation, *map(tensor, inputs))


def cumsum(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """The running sum along an axis."""
    return _running(ops.cumsum, tensor(x), axis, exclusive, reverse, 0.0)


def cumprod(
    x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """The running product along an axis."""
    return _running(ops.cumprod, tensor(x), axis, exclusive, reverse, 1.0)


def _running(
    operation: Any, x: Any, axis: int, exclusive: bool, reverse: bool, first: float
) -> Any:
    at = axis % len(x.shape)
    x = ops.flip(x, axes=(at,)) if reverse else x
    if exclusive:
        widths = tuple((1 if i == at else 0, 0) for i in range(len(x.shape)))
        longer = ops.pad(x, widths=widths, value=first)
        x = ops.gather(longer, np.arange(x.shape[at]), axis=at)
    y = operation(x, axis=at)
    return ops.flip(y, axes=(at,)) if reverse else y


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of tensors of one shape."""
    total, *others = map(tensor, inputs)
    for each in others:
        total = total + each
    return total


accumulate_n = add_n


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """(x - y)^2"""
    return ops.square(tensor(x) - weak(y))


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    """x / sqrt(max(sum(x^2), epsilon)) over axes."""
    x = tensor(x)
    over = tuple(axis) if isinstance(axis, list) else axis
    total = ops.sum(ops.square(x), axis=over, keepdims=True)
    return x * ops.rsqrt(ops.maximum(total, epsilon))


def top_k(input: Any, k: int = 1, sorted: bool = True, name: str | None = None) -> Any:
    """The k largest elements of the last axis and their places."""
    return ops.top_k(tensor(input), k=int(k))


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """Whether the class number of a target is among the k largest predictions."""
    return ops.in_top_k(tensor(targets), tensor(predictions), k)


def count_nonzero(input: Any, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    """How many elements are not zero."""
    found = ops.cast(ops.not_equal(tensor(input), 0), dtype="int32")
    return ops.sum(found, axis=axis, keepdims=keepdims)


def bincount(arr: Any, weights: Any = None, minlength: int = 0, **_: Any) -> Any:
    """How often each integer occurs."""
    return ops.bincount(tensor(arr), weights, minlength or 0)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """The sums of the rows of each segment."""
    return ops.segment_sum(tensor(data), tensor(segment_ids))


def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: int, name: Any = None) -> Any:
    """The sums of the rows of each segment."""
    return ops.segment_sum(tensor(data), tensor(segment_ids), num_segments)


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: int | None = None, weights: Any = None,
    dtype: Any = "int32", name: str | None = None,
) -> Any:  # fmt: skip
    """How often class i (row) was taken for class j (column)."""
    true, found = (np.asarray(x).astype(np.int64).reshape(-1) for x in (labels, predictions))
    n = int(max(true.max(initial=-1), found.max(initial=-1))) + 1
    n = n if num_classes is None else int(num_classes)
    counts = np.zeros((n, n), np.dtype(dtype))
    np.add.at(counts, (true, found), 1 if weights is None else np.asarray(weights))
    return tensor(counts)


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """The polynomial with these coefficients, the highest power first."""
    y = tensor(coeffs[0])
    for each in coeffs[1:]:
        y = y * tensor(x) + each
    return y


__all__ = [
    "abs", "accumulate_n", "acos", "add", "add_n", "argmax", "argmin", "asin", "atan", "atan2",
    "bincount", "ceil", "confusion_matrix", "cos", "cosh", "count_nonzero", "cumprod", "cumsum",
    "divide", "divide_no_nan", "einsum", "equal", "erf", "exp", "expm1", "floor", "floordiv",
    "floormod", "greater", "greater_equal", "in_top_k", "is_finite", "is_inf", "is_nan",
    "l2_normalize", "less", "less_equal", "log", "log1p", "log_sigmoid", "logical_and",
    "logical_not", "logical_or", "logical_xor", "matmul", "maximum", "minimum", "mod", "multiply",
    "negative", "not_equal", "polyval", "pow", "reciprocal", "reduce_all", "reduce_any",
    "reduce_euclidean_norm", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_std", "reduce_sum", "reduce_variance", "rint", "round", "rsqrt",
    "segment_sum", "sigmoid", "sign", "sin", "sinh", "softplus", "softsign", "sqrt", "square",
    "squared_difference", "subtract", "tan", "tanh", "tensordot", "top_k", "truediv",
    "unsorted_segment_sum",
]  # fmt: skip
