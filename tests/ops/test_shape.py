"""Shape operations against NumPy, with hypothesis; adjoint pairs, composites and messages."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lernwerk import ops
from lernwerk.errors import LernwerkError, ShapeError
from lernwerk.ops.primitive import Spec

FLOAT64 = np.dtype("float64")


def _counting(shape: Any) -> Any:
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


arrays = hnp.array_shapes(max_dims=4, max_side=5).map(_counting)


def _check(name: str, expected: Any, *inputs: Any, **attributes: Any) -> None:
    """Compare the values with NumPy's, and the inferred shape with the true one."""
    primitive = ops.REGISTRY[name]
    y = primitive(*inputs, **attributes)
    np.testing.assert_array_equal(y, expected, strict=True)
    (spec,) = primitive.infer([Spec(x.shape, x.dtype) for x in inputs], attributes)
    assert spec == Spec(expected.shape, expected.dtype)


def _check_adjoint(name: str, *inputs: Any, **attributes: Any) -> None:
    """<f(x), g> = <x, gradient>, exactly: these operations are linear and sum whole numbers."""
    primitive = ops.REGISTRY[name]
    y = primitive(*inputs, **attributes)
    g = _counting(y.shape) + 0.0
    entries = primitive.gradient(g, y, *inputs, **attributes)
    gradients = [entry() if callable(entry) else entry for entry in entries]
    assert all(d.shape == x.shape for d, x in zip(gradients, inputs, strict=True))
    total = sum(np.vdot(d, x) for d, x in zip(gradients, inputs, strict=True))
    assert total == np.vdot(y, g)


@given(arrays, st.data())
def test_transpose(x: Any, data: Any) -> None:
    axes = data.draw(st.permutations(range(x.ndim)))
    signed = tuple(axis - x.ndim * data.draw(st.booleans()) for axis in axes)
    for attributes in ({"axes": signed}, {"axes": None}):
        _check("transpose", np.transpose(x, **attributes), x, **attributes)
        _check_adjoint("transpose", x, **attributes)


@given(arrays, st.data())
def test_reshape(x: Any, data: Any) -> None:
    divisor = data.draw(st.sampled_from([d for d in range(1, x.size + 1) if x.size % d == 0]))
    for shape in ((divisor, x.size // divisor), (divisor, -1), (-1,), (1, -1, divisor)):
        _check("reshape", np.reshape(x, shape), x, shape=shape)
        _check_adjoint("reshape", x, shape=shape)


def test_reshape_without_elements() -> None:
    _check("reshape", np.zeros((0, 5)), np.zeros((3, 0)), shape=(0, 5))
    _check("reshape", np.zeros((0, 5)), np.zeros((3, 0)), shape=(-1, 5))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4))
def test_broadcast_to(shapes: Any) -> None:
    x, target = _counting(shapes.input_shapes[0]), shapes.result_shape
    _check("broadcast_to", np.broadcast_to(x, target), x, shape=target)
    _check_adjoint("broadcast_to", x, shape=target)
    np.testing.assert_array_equal(ops.sum_to(x, shape=x.shape), x)


@given(arrays, st.data())
def test_slice_and_embed(x: Any, data: Any) -> None:
    keys = [data.draw(st.slices(n).filter(lambda s: (s.step or 1) > 0)) for n in x.shape]
    spans = [range(*key.indices(n)) for key, n in zip(keys, x.shape, strict=True)]
    starts = tuple(span.start if span else 0 for span in spans)
    stops = tuple(span.stop if span else 0 for span in spans)
    steps = tuple(span.step for span in spans)
    expected = x[tuple(keys)]
    _check("slice", expected, x, starts=starts, stops=stops, steps=steps)
    _check_adjoint("slice", x, starts=starts, stops=stops, steps=steps)
    placed = np.zeros(x.shape)
    placed[tuple(keys)] = expected
    _check("embed", placed, expected, shape=x.shape, starts=starts, steps=steps)
    _check_adjoint("embed", expected, shape=x.shape, starts=starts, steps=steps)


@given(arrays, st.data())
def test_pad(x: Any, data: Any) -> None:
    width = st.tuples(st.integers(0, 3), st.integers(0, 3))
    widths = tuple(data.draw(width) for _ in x.shape)
    _check("pad", np.pad(x, widths, constant_values=7.0), x, widths=widths, value=7.0)
    _check_adjoint("pad", x, widths=widths, value=0.0)


@given(arrays, st.data())
def test_flip(x: Any, data: Any) -> None:
    axes = data.draw(hnp.valid_tuple_axes(x.ndim))
    _check("flip", np.flip(x, axes), x, axes=axes)
    _check_adjoint("flip", x, axes=axes)


@given(arrays, st.data())
def test_concatenate(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    shapes = [tuple(m if i == axis % x.ndim else n for i, n in enumerate(x.shape)) for m in lengths]
    parts = [x, *map(_counting, shapes)]
    _check("concatenate", np.concatenate(parts, axis=axis), *parts, axis=axis)
    _check_adjoint("concatenate", *parts, axis=axis)


@given(arrays, st.data())
def test_composites_follow_numpy(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    other = data.draw(st.integers(-x.ndim, x.ndim - 1))
    count = data.draw(st.integers(1, 3))
    counts = tuple(data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=x.ndim + 1)))
    pairs = [
        (ops.expand_dims(x, axis=axis), np.expand_dims(x, axis)),
        (ops.expand_dims(x, axis=(0, -1)), np.expand_dims(x, (0, -1))),
        (ops.squeeze(x), np.squeeze(x)),
        (ops.squeeze(ops.expand_dims(x, axis=axis), axis=axis), x),
        (ops.stack(x, x + 1, axis=axis), np.stack([x, x + 1], axis)),
        (ops.tile(x, repeats=counts), np.tile(x, counts)),
        (ops.repeat(x, repeats=count, axis=axis), np.repeat(x, count, axis)),
        (ops.swapaxes(x, first=axis, second=other), np.swapaxes(x, axis, other)),
        (ops.moveaxis(x, source=axis, destination=other), np.moveaxis(x, axis, other)),
    ]
    for found, expected in pairs:
        np.testing.assert_array_equal(found, expected, strict=True)


@given(arrays, st.data())
def test_split_follows_numpy(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    length = x.shape[axis]
    sections = data.draw(st.sampled_from([d for d in range(1, length + 1) if length % d == 0]))
    places = tuple(sorted(data.draw(st.lists(st.integers(0, length), max_size=3))))
    for each in (sections, places):
        found, expected = ops.split(x, sections=each, axis=axis), np.split(x, each, axis)
        for part, wanted in zip(found, expected, strict=True):
            np.testing.assert_array_equal(part, wanted, strict=True)


@pytest.mark.parametrize("name", ["pad", "concatenate", "flip", "transpose"])
def test_value_and_gradient_agree_with_jax(name: str, agrees_with_jax: Any) -> None:
    functions = {
        "pad": lambda x, *, widths, value=0.0: jnp.pad(x, widths, constant_values=value),
        "concatenate": lambda *parts, axis=-1: jnp.concatenate(parts, axis),
        "flip": lambda x, *, axes: jnp.flip(x, axes),
        "transpose": lambda x, *, axes=None: jnp.transpose(x, axes),
    }
    primitive = ops.REGISTRY[name]
    for sample in primitive.samples(np.random.default_rng(3)):
        attributes = sample.attributes

        def function(*values: Any, attributes: Any = attributes) -> Any:
            return functions[name](*values, **attributes)

        agrees_with_jax(primitive, function, *sample.inputs, **attributes)


MESSAGES = [
    (
        "reshape",
        [(2, 3)],
        {"shape": (4, 2)},
        "reshape: expected a shape for the 6 elements of (2, 3), got (4, 2)."
        " Write -1 for one length that is to be worked out.",
    ),
    (
        "reshape",
        [(2, 3)],
        {"shape": (4, -1)},
        "reshape: expected a shape for the 6 elements of (2, 3), got (4, -1).",
    ),
    (
        "transpose",
        [(2, 3)],
        {"axes": (0, 0)},
        "transpose: expected each of the 2 axes once, got (0, 0).",
    ),
    (
        "broadcast_to",
        [(2, 3)],
        {"shape": (3, 2)},
        "broadcast_to: expected an array that broadcasts to (3, 2), got (2, 3)."
        " Axes are compared from the last to the first; each must be equal or 1.",
    ),
    (
        "broadcast_to",
        [(2, 3)],
        {"shape": (3,)},
        "broadcast_to: expected an array that broadcasts to (3,), got (2, 3)."
        " Axes are compared from the last to the first; each must be equal or 1.",
    ),
    (
        "pad",
        [(2, 3)],
        {"widths": ((1, 1),), "value": 0.0},
        "pad: expected a pair (before, after) of widths >= 0 for each axis of (2, 3),"
        " got ((1, 1),).",
    ),
    (
        "slice",
        [(5,)],
        {"starts": (3,), "stops": (0,), "steps": (-1,)},
        "slice: expected 0 <= start <= stop <= 5 and step >= 1, got 3:0:-1."
        " For negative steps use flip.",
    ),
    (
        "slice",
        [(5, 2)],
        {"starts": (3,), "stops": (4,), "steps": (1,)},
        "slice: expected a start, a stop and a step for each axis of (5, 2), got (3,).",
    ),
    (
        "embed",
        [(3,)],
        {"shape": (5,), "starts": (1,), "steps": (2,)},
        "embed: expected an array that fits into (5,) from (1,), got (3,).",
    ),
    (
        "embed",
        [(3,)],
        {"shape": (5, 5), "starts": (1,), "steps": (2,)},
        "embed: expected a length, a start and a step for each axis of (3,), got (5, 5).",
    ),
    (
        "concatenate",
        [(2, 3), (3, 3)],
        {"axis": 1},
        "concatenate: expected shapes that differ from (2, 3) on axis 1 only, got (3, 3)."
        " To join arrays along a new axis use stack.",
    ),
    ("concatenate", [], {"axis": 0}, "concatenate: expected at least one array, got none."),
    ("flip", [(2,)], {"axes": (1,)}, "flip: expected an axis in [-1, 0], got 1."),
]


@pytest.mark.parametrize(("name", "shapes", "attributes", "text"), MESSAGES)
def test_messages(name: str, shapes: Any, attributes: Any, text: str) -> None:
    with pytest.raises(ShapeError) as caught:
        ops.REGISTRY[name].infer([Spec(shape, FLOAT64) for shape in shapes], attributes)
    assert str(caught.value) == text


def test_messages_of_composites() -> None:
    x = np.zeros((2, 3))
    with pytest.raises(LernwerkError) as caught:
        ops.squeeze(x, axis=0)
    assert str(caught.value) == "squeeze: expected length 1 on axes (0,), got (2, 3)."
    with pytest.raises(LernwerkError) as caught:
        ops.split(x, sections=2, axis=1)
    assert str(caught.value) == "split: expected axis 1 divisible by 2, got (2, 3)."
