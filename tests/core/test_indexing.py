"""Indexing against NumPy, with its gradient, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lernwerk.core import Tensor, compiled, gradient
from lernwerk.errors import ShapeError

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@st.composite
def slices(draw, length):
    bound = st.none() | st.integers(-length - 2, length + 2)
    step = st.none() | st.integers(-3, 3).filter(bool)
    return slice(draw(bound), draw(bound), draw(step))


@st.composite
def keys(draw):
    """A shape and a key for it: integers, slices, None, Ellipsis and at most one array."""
    shape = draw(SHAPES)
    with_array = draw(st.booleans())
    at = draw(st.integers(0, len(shape) - 1))
    parts = []
    for axis, length in enumerate(shape):
        if with_array and axis == at:
            places = st.integers(-length, length - 1)
            parts.append(np.array(draw(st.lists(places, min_size=1, max_size=4))))
        else:
            parts.append(draw(slices(length) | st.integers(-length, length - 1)))
        if draw(st.integers(0, 4)) == 0:
            parts.append(None)
    if draw(st.booleans()):
        start = draw(st.integers(0, len(parts)))
        stop = draw(st.integers(start, len(parts)))
        arrays = [p for p in parts[start:stop] if isinstance(p, np.ndarray)]
        assume(not arrays)
        parts[start:stop] = [Ellipsis]
    return shape, tuple(parts)


@settings(max_examples=300, deadline=None)
@given(keys())
def test_results_are_those_of_numpy(case):
    shape, key = case
    a = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    expected = a[key]
    found = Tensor(a)[key]
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.numpy(), expected)


@settings(max_examples=150, deadline=None)
@given(keys())
def test_gradient_counts_how_often_an_element_was_taken(case):
    shape, key = case
    x = Tensor(np.zeros(shape))
    picked = x[key]
    g = np.random.default_rng(0).normal(size=picked.shape)
    (found,) = gradient(picked, [x], g)
    expected = np.zeros(shape)
    np.add.at(expected, key, g)
    if found is None:
        assert not picked.size
    else:
        np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "key",
    [
        [0, 2], [True, False, True], [], np.array(1), (slice(None), np.array([[0, 1], [1, 0]])),
        (0, slice(None), [1, 0]), (slice(None), [True, False]), (..., [1]), (0, ..., [1, 0]),
    ],
    ids=str,
)  # fmt: skip
def test_arrays_and_lists(key):
    a = np.arange(24.0).reshape(3, 2, 4)
    expected = a[key]
    found = Tensor(a)[key]
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.numpy(), expected)


def test_integer_tensors_also_while_tracing():
    a = np.arange(12.0).reshape(4, 3)
    index = np.array([[3, 0], [1, 1]])
    np.testing.assert_array_equal(Tensor(a)[Tensor(index)].numpy(), a[index])
    np.testing.assert_array_equal(compiled(lambda x, i: x[i, 1:])(a, index).numpy(), a[index, 1:])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (3, "expected an index below 3 on axis 0, got 3."),
        ((0, -3), "expected an index below 2 on axis 1, got -3."),
        ((0, 0, 0), "expected at most 2 indices for (3, 2), got 3."),
        (([0], [1]), "expected at most one array among the indices, got 2."),
        ((..., 0, ...), "expected at most one Ellipsis, got more."),
        (1.0, "expected integers, slices, None, Ellipsis or an array as indices, got float 1.0."),
        (True, "expected integers, slices, None, Ellipsis or an array as indices, got bool True."),
        ("a", "expected integers, slices, None, Ellipsis or an array as indices, got str 'a'."),
        ([0.5], "expected an array of integers or Booleans, got one of float64."),
        ([True, False], "expected a Boolean array of shape (3,), got (2,)."),
        (np.ones((3, 2), bool), "expected a Boolean array of shape (3,), got (3, 2)."),
    ],
    ids=str,
)
def test_what_is_refused(key, message):
    with pytest.raises(ShapeError, match=f"^{re.escape('indexing: ' + message)}$"):
        Tensor(np.zeros((3, 2)))[key]
