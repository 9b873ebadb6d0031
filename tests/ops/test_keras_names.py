"""``lernwerk.ops`` called as ``keras.ops`` is: the same numbers, from positional arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, compiled, gradient
from lernwerk.errors import ArgumentError, UnknownArgumentError
from lernwerk.ops.primitive import COMPOSITES

_RANDOM = np.random.default_rng(5)
X = _RANDOM.normal(size=(3, 4)).astype("float32")
Y = _RANDOM.normal(size=(3, 4)).astype("float32")
CUBE = _RANDOM.normal(size=(2, 3, 4)).astype("float32")
PICTURES = _RANDOM.normal(size=(2, 6, 6, 4)).astype("float32")
V = np.array([3.0, 1.0, 2.0], "float32")
SQUARE = (_RANDOM.normal(size=(3, 3)) + 3 * np.eye(3)).astype("float32")
POSITIVE = np.abs(X) + 0.1
INSIDE = np.tanh(X)
WHOLE = np.array([0, 2, 1, 2])
KERNEL = _RANDOM.normal(size=(3, 3, 4, 5)).astype("float32")
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]], "float32")
HOT = np.array([[1, 0, 0], [0, 0, 1]], "float32")
HEADS = _RANDOM.normal(size=(2, 5, 2, 4)).astype("float32")

CALLS: list[tuple[Any, ...]] = [
    ("abs", X), ("absolute", X), ("add", X, Y), ("all", X > 0, 1), ("any", X > 0, 0, True),
    ("amax", X, 1), ("amin", X, 0, True), ("append", X, Y), ("append", X, Y, 0),
    ("arange", 5), ("arange", 1, 3, 0.5), ("arccos", INSIDE), ("arcsin", INSIDE),
    ("arcsinh", X), ("arccosh", POSITIVE + 1), ("arctan", X), ("arctanh", INSIDE),
    ("arctan2", X, Y), ("argmax", X), ("argmax", X, -1), ("argmin", X, 0, True),
    ("argsort", X), ("array_split", V, 2), ("average", X), ("average", X, 0, V),
    ("average_pool", PICTURES, 2, 2), ("average_pool", PICTURES, (3, 2), 1, "same"),
    ("batch_normalization", X, X.mean(0), X.var(0), -1, Y[0], Y[1]), ("bincount", WHOLE),
    ("binary_crossentropy", HOT, P), ("binary_crossentropy", HOT, P, True),
    ("broadcast_to", V, (2, 3)), ("cast", X, "int32"), ("cbrt", X), ("ceil", X), ("celu", X),
    ("categorical_crossentropy", HOT, P), ("categorical_crossentropy", HOT, P, True),
    ("clip", X, -0.5, 0.5), ("concatenate", [X, Y]), ("concatenate", [X, Y], -1),
    ("conv", PICTURES, KERNEL), ("conv", PICTURES, KERNEL, 2, "same"), ("copy", X),
    ("conv_transpose", PICTURES, KERNEL.transpose(0, 1, 3, 2), 2, "same"), ("cos", X),
    ("corrcoef", X), ("cosh", X), ("count_nonzero", X > 0, 0), ("cross", SQUARE, SQUARE.T),
    ("cumprod", X, 1), ("cumprod", X), ("cumsum", X, 0), ("cumsum", X), ("deg2rad", X),
    ("depthwise_conv", PICTURES, KERNEL[..., :2], 1, "same"), ("det", SQUARE), ("diag", V),
    ("diag", V, 1), ("diag", SQUARE, -1), ("diagonal", CUBE, 1, 0, 2), ("diff", X),
    ("diff", X, 2, 0), ("digitize", V, np.array([0.5, 1.5, 2.5], "float32")), ("divide", X, Y),
    ("divide_no_nan", X, np.where(Y > 0, Y, 0)), ("dot", X, Y.T),
    ("dot", X, CUBE.transpose(0, 2, 1)),
    ("dot_product_attention", HEADS, HEADS, HEADS), ("einsum", "ij,kj->ik", X, Y), ("elu", X),
    ("equal", WHOLE, 2), ("erf", X), ("exp", X), ("exp2", X), ("expand_dims", X, 1),
    ("expand_dims", X, (0, -1)), ("expm1", X), ("eye", 3), ("eye", 2, 3, 1), ("flip", X),
    ("flip", X, 1), ("fliplr", X), ("flipud", X), ("floor", X), ("floor_divide", X, Y),
    ("full", (2, 3), 4.0), ("full_like", X, 2), ("gelu", X, False), ("glu", X), ("greater", X, Y),
    ("greater_equal", X, Y), ("hard_sigmoid", X), ("hard_silu", X), ("hard_shrink", X),
    ("hard_tanh", X), ("hstack", [X, Y]), ("hypot", X, Y), ("in_top_k", np.array([0, 2]), P, 1),
    ("inner", X, Y), ("inv", SQUARE), ("isclose", X, X + 1e-9), ("isfinite", X),
    ("isin", WHOLE, [2]),
    ("isinf", X), ("isnan", X), ("kron", SQUARE, SQUARE), ("leaky_relu", X, 0.3), ("less", X, Y),
    ("less_equal", X, Y), ("linspace", 0, 1, 5), ("linspace", 0, 1, 4, False), ("log", POSITIVE),
    ("log10", POSITIVE), ("log1p", POSITIVE), ("log2", POSITIVE), ("log_sigmoid", X),
    ("log_softmax", X), ("logaddexp", X, Y), ("logical_and", X > 0, Y > 0), ("logical_not", X > 0),
    ("logical_or", X > 0, Y > 0), ("logical_xor", X > 0, Y > 0), ("logspace", 0, 2, 5),
    ("logsumexp", X, 1, True), ("matmul", X, Y.T), ("max", X, 1, True), ("max", X, 0, False, 1.0),
    ("max_pool", PICTURES, 2, 2), ("max_pool", PICTURES, 3, 1, "same"), ("maximum", X, Y),
    ("mean", X, (0, 1)), ("mean", X, [0], True), ("median", X, 1), ("median", X),
    ("meshgrid", V, V),
    ("min", X, 1), ("minimum", X, Y), ("mod", X, Y), ("moments", X, 0), ("moveaxis", CUBE, 0, -1),
    ("moveaxis", CUBE, (0, 1), (2, 0)), ("multi_hot", np.array([[0, 1], [2, 2]]), 3),
    ("multiply", X, Y), ("nan_to_num", np.array([1.0, np.nan, np.inf], "float32")),
    ("negative", X), ("norm", X), ("norm", X, 1, 0), ("norm", X, 3, 1, True),
    ("norm", X, np.inf, 1), ("normalize", X), ("normalize", X, 0, 1), ("not_equal", WHOLE, 2),
    ("one_hot", WHOLE, 3), ("one_hot", WHOLE, 3, 0), ("ones", (2, 3)), ("ones_like", X),
    ("outer", V, V), ("pad", X, 1), ("pad", X, [[1, 2], [0, 3]], "reflect"),
    ("pad", X, ((1, 1), (2, 2)), "constant", 7.0), ("percentile", X, 30, 1),
    ("power", POSITIVE, 2.5),
    ("prod", X, 1), ("ptp", X, 0), ("quantile", X, [0.2, 0.7], 0, "linear", True), ("rad2deg", X),
    ("ravel", X), ("reciprocal", POSITIVE), ("relu", X), ("relu6", X * 5), ("repeat", X, 2),
    ("repeat", X, 2, 1), ("reshape", X, (2, -1)), ("rms_normalization", X), ("roll", X, 1),
    ("roll", X, 2, 1), ("roll", X, (1, 2), (0, 1)), ("rot90", X), ("rot90", X, 2), ("rot90", X, 3),
    ("round", X), ("round", X, 2), ("rsqrt", POSITIVE),
    ("scatter", np.array([[0, 1], [2, 0]]), np.array([1.0, 2.0], "float32"), (3, 2)),
    ("scatter_update", X, np.array([[0, 1], [2, 0]]), np.array([1.0, 2.0], "float32")),
    ("searchsorted", np.sort(V), np.array([0.5, 2.0], "float32")),
    ("segment_max", X, np.array([0, 1, 1]), 2), ("segment_sum", X, np.array([0, 0, 1]), 3),
    ("selu", X), ("separable_conv", PICTURES, KERNEL[..., :1], KERNEL[:1, :1]), ("sigmoid", X),
    ("sign", X), ("silu", X), ("sin", X), ("sinh", X), ("slice", X, (1, 0), (2, 3)),
    ("slice_update", X, (1, 1), Y[:2, :2]), ("soft_shrink", X), ("softmax", X), ("softmax", X, 0),
    ("softplus", X), ("softsign", X), ("solve", SQUARE, V), ("sort", X, 0), ("sparse_sigmoid", X),
    ("sparse_categorical_crossentropy", np.array([0, 2]), P), ("split", X, 2, 1),
    ("split", X, [1], 0), ("sqrt", POSITIVE), ("square", X), ("squeeze", X[None]),
    ("squeeze", X[None], 0), ("stack", [X, Y]), ("stack", [X, Y], 1), ("std", X, 1),
    ("subtract", X, Y), ("sum", X, 0, True), ("swapaxes", CUBE, 0, 2), ("swish", X),
    ("take", X, WHOLE, 1), ("take", X, np.array([5, 0])), ("tan", X), ("tanh", X),
    ("take_along_axis", X, np.array([[0], [3], [1]]), 1), ("tanh_shrink", X),
    ("tensordot", X, Y.T, 1),
    ("tensordot", X, Y, ((0, 1), (0, 1))), ("threshold", X, 0.2, 9.0), ("tile", X, 2),
    ("tile", X, (2, 1)), ("top_k", X, 2), ("trace", SQUARE), ("transpose", CUBE),
    ("transpose", CUBE, [0, 2, 1]), ("trapezoid", X), ("tri", 3), ("tril", SQUARE),
    ("tril", SQUARE, 1),
    ("triu", SQUARE, -1), ("true_divide", X, Y), ("trunc", X * 3), ("unstack", X, 3), ("vander", V),
    ("var", X), ("var", X, [1], True), ("vdot", X, Y), ("vstack", [V, V]), ("where", X > 0, X, Y),
    ("zeros", 3), ("zeros_like", X),
]  # fmt: skip


def _flat(result: Any) -> list[np.ndarray]:
    parts = result if isinstance(result, (list, tuple)) else [result]
    return [np.asarray(part) for part in parts]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_the_numbers_are_those_of_keras(keras: Any, call: tuple[Any, ...]) -> None:
    name, *arguments = call
    expected = _flat(getattr(keras.ops, name)(*arguments))
    found = _flat(getattr(ops, name)(*arguments))
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)
    wrapped = [Tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
    for a, b in zip(_flat(getattr(ops, name)(*wrapped)), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


# Counts and places decide the lengths of their results, so that they need arrays.
_NEEDS_ARRAYS = {"bincount", "histogram", "psnr", "segment_max"}


@pytest.mark.parametrize("name", sorted({c[0] for c in CALLS} & COMPOSITES.keys() - _NEEDS_ARRAYS))
def test_composites_can_be_traced(name: str) -> None:
    arguments = next(call[1:] for call in CALLS if call[0] == name)
    found = compiled(lambda *arrays: getattr(ops, name)(*_with(arguments, arrays)))(
        *(a for a in arguments if isinstance(a, np.ndarray))
    )
    for a, b in zip(_flat(found), _flat(getattr(ops, name)(*arguments)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def _with(arguments: Any, arrays: Any) -> list[Any]:
    supply = iter(arrays)
    return [next(supply) if isinstance(a, np.ndarray) else a for a in arguments]


def test_arrays_may_be_named_and_lists_given() -> None:
    np.testing.assert_array_equal(ops.matmul(x1=X, x2=Y.T), X @ Y.T)
    np.testing.assert_array_equal(ops.sum(x=[[1, 2], [3, 4]], axis=[0]), [4, 6])
    np.testing.assert_array_equal(ops.sum(axis=0, x=[[1, 2], [3, 4]]), [4, 6])


def test_gradients_flow_through_lists_of_tensors() -> None:
    a, b = Tensor(2.0), Tensor(3.0)
    found = gradient(ops.sum([a * a, b]), [a, b])
    assert [float(g) for g in found] == [4.0, 1.0]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: ops.exp(X, axis=1), UnknownArgumentError,
            "exp: expected known arguments, got 'axis'. Known: x.",
        ),
        (
            lambda: ops.sum(X, 0, False, 1), UnknownArgumentError,
            "sum: expected at most 3 arguments, got 4. Known: x, axis, keepdims.",
        ),
        (
            lambda: ops.cast(X), UnknownArgumentError,
            "cast: expected the argument 'dtype', got none. Known: x, dtype.",
        ),
        (
            lambda: ops.quantile(X, 0.5, method="nearest"), ArgumentError,
            "quantile: expected method 'linear', got 'nearest'.",
        ),
        (
            lambda: ops.norm(SQUARE, 1, (0, 1)), ArgumentError,
            "norm: expected ord None or 'fro' for matrices, got 1.",
        ),
        (
            lambda: ops.scatter_update(X, [[0]], [1.0], "max"), ArgumentError,
            "scatter_update: expected reduction None or 'add', got 'max'.",
        ),
        (
            lambda: ops.pad(X, 1, "circular"), ArgumentError,
            "pad: expected the name of a known mode, got 'circular'."
            " Known: constant, edge, reflect, symmetric, wrap.",
        ),
    ],
)  # fmt: skip
def test_messages(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == text


def test_loops_and_conditions() -> None:
    assert ops.cond(Tensor(True), lambda: 1, lambda: 2) == 1
    assert float(ops.while_loop(lambda i: i < 5, lambda i: i + 1, Tensor(0.0))) == 5.0
    assert ops.fori_loop(0, 4, lambda i, total: total + i, 0) == 6
    last, sums = ops.scan(lambda total, x: (total + x, total + x), Tensor(0.0), V)
    np.testing.assert_array_equal(sums, np.cumsum(V))
    assert float(last) == 6.0
    np.testing.assert_array_equal(ops.map(lambda x: x * 2, V), V * 2)
    np.testing.assert_array_equal(ops.vectorized_map(lambda x: x * 2, V), V * 2)
    assert ops.switch(1, [lambda x: x, lambda x: -x], 3) == -3


def test_cond_of_a_traced_condition() -> None:
    chosen = compiled(lambda x: ops.cond(ops.sum(x) > 0, lambda: x, lambda: -x))
    np.testing.assert_array_equal(chosen(V), V)
    np.testing.assert_array_equal(chosen(-V), V)
