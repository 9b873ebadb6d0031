"""Tensor: operators against NumPy, the table of types, methods, and the texts of its errors."""

from __future__ import annotations

import operator
import re

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, as_tensor, compiled, gradient
from lernwerk.errors import DtypeError, ShapeError, UsageError

ARITHMETIC = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
    operator.floordiv,
]  # fmt: skip
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
A = np.array([[1.5, 2.0, 3.5]])
B = np.array([[2.0], [3.5]])

# left, right, type of left + right
PROMOTIONS = [
    ("float32", 2, "float32"), ("float32", 2.5, "float32"), ("float32", True, "float32"),
    ("float64", 2, "float64"), ("float64", 2.5, "float64"), ("float16", 2.5, "float16"),
    ("int32", 2, "int32"), ("int32", 2.5, "float32"), ("int64", 2, "int64"),
    ("int64", 2.5, "float32"), ("uint8", 2, "uint8"), ("uint8", 2.5, "float32"),
    ("bool", 2, "int32"), ("bool", 2.5, "float32"),
    ("float32", "float64", "float64"), ("float32", "int32", "float32"),
    ("float32", "int64", "float32"), ("float64", "int32", "float64"),
    ("float16", "int64", "float16"), ("float32", "bool", "float32"), ("int32", "int64", "int64"),
    ("int32", "bool", "int32"), ("uint8", "int32", "int32"),
]  # fmt: skip


def made(kind):
    return Tensor(np.array([1, 0, 1], kind)) if isinstance(kind, str) else kind


@pytest.mark.parametrize("function", ARITHMETIC + COMPARISONS, ids=lambda f: f.__name__)
def test_operators_are_those_of_numpy(function):
    expected = function(A, B)
    for left, right in ((Tensor(A), Tensor(B)), (Tensor(A), B), (A, Tensor(B))):
        found = function(left, right)
        assert isinstance(found, Tensor)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("function", ARITHMETIC + COMPARISONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("scalar", [2, 2.5, np.float64(2.5), np.int32(2)], ids=repr)
def test_operators_with_numbers_on_both_sides(function, scalar):
    for pair in ((Tensor(A), scalar), (scalar, Tensor(A))):
        found = function(*pair)
        expected = function(*(p.numpy() if isinstance(p, Tensor) else p for p in pair))
        assert isinstance(found, Tensor)
        np.testing.assert_array_equal(found.numpy(), expected)


def test_matrix_product_on_both_sides():
    for pair in ((Tensor(B), A), (B, Tensor(A)), (Tensor(B), Tensor(A))):
        np.testing.assert_array_equal(operator.matmul(*pair).numpy(), B @ A)


def test_signs_and_logic():
    yes, no = np.array([True, True, False]), np.array([True, False, False])
    np.testing.assert_array_equal((-Tensor(A)).numpy(), -A)
    np.testing.assert_array_equal(abs(Tensor(-A)).numpy(), A)
    np.testing.assert_array_equal((~Tensor(no)).numpy(), ~no)
    for left, right in ((Tensor(yes), no), (yes, Tensor(no)), (Tensor(yes), Tensor(no))):
        np.testing.assert_array_equal((left & right).numpy(), yes & no)
        np.testing.assert_array_equal((left | right).numpy(), yes | no)


@pytest.mark.parametrize(("left", "right", "expected"), PROMOTIONS)
def test_types_of_sums(left, right, expected):
    a, b = made(left), made(right)
    for found in (a + b, b + a):
        assert found.dtype == expected


@pytest.mark.parametrize(("left", "right", "expected"), PROMOTIONS)
def test_types_of_traced_sums_are_the_same(left, right, expected):
    arrays = [m for m in (made(left), made(right)) if isinstance(m, Tensor)]
    numbers = () if isinstance(right, str) else (right,)
    found = compiled(lambda *xs: xs[0] + xs[1])(*arrays, *numbers)
    assert found.dtype == expected


def test_integers_become_floats_in_products_too():
    found = Tensor(np.ones((2, 3), np.int64)) @ Tensor(np.ones((3, 2), np.float32))
    assert found.dtype == np.float32
    joined = ops.concatenate(Tensor(np.ones(2, np.int32)), Tensor(np.ones(2, np.float32)), axis=0)
    assert joined.dtype == np.float32


def test_indices_stay_integers():
    assert ops.gather(Tensor(np.ones(3, np.float32)), Tensor(np.array([0, 2]))).shape == (2,)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1.5, "float32"), (1, "int32"), (True, "bool"), ([1.0, 2.0], "float32"),
        ([[1, 2]], "int32"), ([], "float32"), (np.float64(1), "float64"), (np.ones(2), "float64"),
        (np.ones(2, np.int64), "int64"), (2**40, "int64"), ([-(2**31), 2**31 - 1], "int32"),
    ],
)  # fmt: skip
def test_types_of_new_tensors(value, dtype):
    found = Tensor(value)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.numpy(), value)


def test_as_tensor_keeps_what_is_one():
    x = Tensor(A)
    assert as_tensor(x) is x
    assert as_tensor(x, np.dtype(np.float64)) is x
    assert as_tensor(x, np.float32).dtype == np.float32
    assert as_tensor(0.1, np.float64).item() == 0.1


def test_precision_of_python_numbers_is_that_of_the_tensor():
    assert (Tensor(np.array(1.0)) * 0.1).item() == 0.1


def test_methods_are_those_of_numpy():
    a = np.random.default_rng(0).normal(size=(2, 3, 4))
    x = Tensor(a)
    for name in ("sum", "mean", "max", "min"):
        for axis in (None, 0, -1, (0, 2)):
            for keepdims in (False, True):
                np.testing.assert_allclose(
                    getattr(x, name)(axis=axis, keepdims=keepdims).numpy(),
                    getattr(a, name)(axis=axis, keepdims=keepdims),
                    rtol=1e-12,
                )
    for shape in ((6, 4), (-1, 2), ((4, 6),), ([2, 12],)):
        np.testing.assert_array_equal(x.reshape(*shape).numpy(), a.reshape(*shape))
    for axes in ((), (1, 2, 0), ((2, 0, 1),), ([0, 2, 1],)):
        np.testing.assert_array_equal(x.transpose(*axes).numpy(), a.transpose(*axes))
    np.testing.assert_array_equal(x.T.numpy(), a.T)
    assert x.astype("int32").dtype == np.int32
    assert (x.ndim, x.size, len(x)) == (3, 24, 2)


def test_reading_numbers():
    x = Tensor(2.5)
    assert (x.item(), float(x), int(x), bool(x)) == (2.5, 2.5, 2, True)
    assert np.asarray(x).dtype == np.float32
    assert np.array([Tensor(1.0), Tensor(2.0)]).tolist() == [1.0, 2.0]
    assert [float(row.sum()) for row in Tensor(B)] == [2.0, 3.5]


def test_representation():
    x = Tensor([1.0, 2.0])
    assert repr(x) == "Tensor([1., 2.], float32)"
    assert repr(x + x) == "Tensor([2., 4.], float32, made by add)"


def test_representation_while_tracing():
    seen = []
    compiled(lambda x: seen.append(repr(x + 1)))(np.ones(2, np.float32))
    assert seen == ["<Tensor %2: float32 (2,)>"]


def text(message):
    return f"^{re.escape(message)}$"


ONE_ELEMENT = (
    "item(): expected a tensor with one element, got (2, 1). "
    "Reduce it first, for example with .sum(), ops.all(x) or ops.any(x)."
)


@pytest.mark.parametrize("function", [float, int, bool, Tensor.item])
def test_only_single_elements_are_numbers(function):
    with pytest.raises(ShapeError, match=text(ONE_ELEMENT)):
        function(Tensor(B))


def test_a_number_has_no_length():
    with pytest.raises(DtypeError, match=text("len(): expected a tensor with axes, got one of shape ().")):  # noqa: E501  # fmt: skip
        len(Tensor(1.0))


REMEDY = " Convert it first, for example x = np.asarray(x, dtype='float32')."


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("seven", "<U5 ('seven')"), (None, "object ('None')"), (1j, "complex128 ('1j')"),
        (np.array(["2026-01-01"], "M8[D]"), "datetime64[D] (\"['2026-01-01']\")"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(value, found):
    with pytest.raises(DtypeError, match=text(f"Tensor: expected numbers, got {found}.{REMEDY}")):
        Tensor(value)


def test_uneven_rows_are_refused():
    with pytest.raises(DtypeError, match=r"^Tensor: expected numbers, got setting an array"):
        Tensor([[1.0], [1.0, 2.0]])


def test_a_number_beyond_the_type_is_refused():
    expected = "got Python integer 300 out of bounds for uint8 ('300')."
    with pytest.raises(DtypeError, match=re.escape(expected)):
        Tensor(np.ones(2, np.uint8)) + 300


def test_numpy_is_refused_while_tracing():
    expected = text(
        "numpy(): expected a tensor with a value, got the symbol %0 of a traced function. Inside a"
        " compiled function values do not exist yet: use operations only, or run it without"
        " compiled() (in Keras: run_eagerly=True)."
    )
    for function in (Tensor.numpy, np.asarray, lambda x: float(x.sum() * 0) if x.numpy() else 0):
        with pytest.raises(UsageError, match=expected):
            compiled(function)(np.ones(()))


def test_a_tensor_kept_from_a_trace_is_refused():
    kept = []
    compiled(lambda x: kept.append(x))(np.ones(2))
    expected = text(
        "add: expected tensors of the function that is running, got a tensor kept from a traced"
        " function. Return it from the compiled function, or assign it to a Variable."
    )
    with pytest.raises(UsageError, match=expected):
        kept[0] + 1


def test_overflow_is_a_value_and_no_warning():
    assert np.isinf((Tensor(1e38) * 1e38).item())
    assert np.isnan(ops.log(Tensor(-1.0)).item())


def test_comparisons_have_no_gradient():
    x = Tensor(A)
    assert gradient((x * (x > 2)).sum(), [x])[0].numpy().tolist() == [[0.0, 0.0, 1.0]]
