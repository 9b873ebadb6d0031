"""Matrix products and contractions against NumPy and JAX, with gradients and messages."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from lernwerk import ops
from lernwerk.errors import ShapeError
from lernwerk.ops.primitive import Spec

FLOAT64 = np.dtype("float64")
LAST_HINT = " The last axis of a is summed against the last but one of b; axes before broadcast."


def test_matmul_agrees_with_jax(agrees_with_jax: Any) -> None:
    for sample in ops.matmul.samples(np.random.default_rng(3)):
        agrees_with_jax(ops.matmul, jnp.matmul, *sample.inputs)


@settings(deadline=None)
@given(hnp.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=3, max_side=3))
def test_matmul_of_all_shapes_follows_numpy(shapes: Any) -> None:
    a, b = (np.arange(1.0, np.prod(s) + 1).reshape(s) for s in shapes.input_shapes)
    y = ops.matmul(a, b)
    np.testing.assert_array_equal(y, np.matmul(a, b))
    (spec,) = ops.matmul.infer([Spec(a.shape, FLOAT64), Spec(b.shape, FLOAT64)], {})
    assert spec.shape == np.shape(y)
    of_a, of_b = ops.matmul.gradient(np.ones_like(y), y, a, b)
    # y is linear in each of the two, so that each gradient reproduces the sum of y.
    assert np.vdot(of_a(), a) == np.vdot(of_b(), b) == np.sum(y)
    assert of_a().shape == a.shape
    assert of_b().shape == b.shape


def test_matmul_keeps_float32() -> None:
    a, b = np.ones((4, 2, 3), np.float32), np.ones((3, 5), np.float32)
    assert ops.matmul(a, b).dtype == np.float32


@pytest.mark.parametrize(
    ("a", "b", "hint"),
    [
        ((2, 3), (2, 3), " The last axes agree: transpose b, for example"
                         " swapaxes(b, first=-1, second=-2)."),
        ((2, 3), (4, 5), LAST_HINT),
        ((2, 4, 3), (5, 3, 2), LAST_HINT),
        ((3,), (4,), LAST_HINT),
    ],
)  # fmt: skip
def test_message_of_matmul(a: Any, b: Any, hint: str) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.matmul.infer([Spec(a, FLOAT64), Spec(b, FLOAT64)], {})
    text = f"matmul: expected a (*b, n, k) and b (*b, k, m) with equal k, got {a} and {b}."
    assert str(caught.value) == text + hint


def test_message_of_matmul_for_a_number() -> None:
    with pytest.raises(ShapeError) as caught:
        ops.matmul.infer([Spec((), FLOAT64), Spec((2,), FLOAT64)], {})
    assert str(caught.value) == "matmul: expected a (*i, k) (1 axes or more), got ()."


def test_contraction_agrees_with_jax(agrees_with_jax: Any) -> None:
    for sample in ops.contraction.samples(np.random.default_rng(3)):
        function = partial(jnp.einsum, sample.attributes["equation"])
        agrees_with_jax(ops.contraction, function, *sample.inputs, **sample.attributes)


@pytest.mark.parametrize(
    ("shapes", "equation", "text"),
    [
        ([(2, 2)], "ii->i",
         "each letter once per array, got 'ii->i'."
         " For a trace or a diagonal multiply by an identity matrix first."),
        ([(2, 2)], "ij", "an equation like 'ij,jk->ik', got 'ij'."),
        ([(2, 2)], "...i->i", "an equation like 'ij,jk->ik', got '...i->i'."),
        ([(2, 2)], "ij,jk->ik", "2 arrays for 'ij,jk->ik', got 1."),
        ([(2, 3)], "ij->k", "result letters that occur in an array, got 'ij->k'."),
        ([(2, 3, 4)], "ij->i", "2 axes for 'ij' in 'ij->i', got (2, 3, 4)."),
        ([(2, 3), (4, 2)], "ij,jk->ik", "'jk' with j = 3 in 'ij,jk->ik', got (4, 2)."),
        ([(2, 1), (4, 2)], "ij,jk->ik", "'jk' with j = 1 in 'ij,jk->ik', got (4, 2)."),
    ],
)  # fmt: skip
def test_messages_of_contraction(shapes: Any, equation: str, text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.contraction.infer([Spec(s, FLOAT64) for s in shapes], {"equation": equation})
    assert str(caught.value) == "contraction: expected " + text


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk", [(2, 3), (3, 4)]),
        ("ba", [(2, 3)]),
        ("i,i", [(3,), (3,)]),
        ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
        ("...i,ij", [(5, 6, 3), (3, 4)]),
        ("i...->...", [(3, 2, 4)]),
        ("... -> ...", [(2, 3)]),
        ("...a,...b->...ab", [(2, 3), (2, 4)]),
    ],
)
def test_einsum_follows_numpy(equation: str, shapes: Any) -> None:
    operands = [np.random.default_rng(1).normal(size=shape) for shape in shapes]
    expected = np.einsum(equation, *operands)
    np.testing.assert_allclose(ops.einsum(equation, *operands), expected, rtol=1e-13)


@pytest.mark.parametrize("axes", [0, 1, 2, ((0, 2), (1, 0)), ((-1,), (0,)), ((2, 1), (-3, -2))])
def test_tensordot_follows_numpy(axes: Any) -> None:
    a = np.random.default_rng(1).normal(size=(3, 3, 3))
    b = np.random.default_rng(2).normal(size=(3, 3, 3))
    np.testing.assert_allclose(ops.tensordot(a, b, axes=axes), np.tensordot(a, b, axes), rtol=1e-12)


def test_outer_follows_numpy() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.arange(4.0)
    np.testing.assert_array_equal(ops.outer(a, b), np.outer(a, b))
