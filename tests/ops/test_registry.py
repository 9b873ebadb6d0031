"""Every primitive of the registry: forward, shapes, definition, gradients, trace."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, compiled, gradient
from lernwerk.ops.primitive import REGISTRY, Spec

STEP = 1e-6


def outputs(primitive, inputs, attributes):
    with np.errstate(all="ignore"):
        result = primitive.forward(*inputs, **{**primitive.defaults, **attributes})
    return [np.asarray(each) for each in ([result] if primitive.single else result)]


def floats(inputs):
    """Positions of the inputs that can have a gradient."""
    return [i for i, each in enumerate(inputs) if np.asarray(each).dtype.kind == "f"]


def differentiable(primitive):
    return primitive.gradient is not None or primitive.definition is not None


def calls(wanted):
    """The samples of all primitives that a test is for, by name and number."""
    return [
        pytest.param(primitive, each, id=f"{name}-{number}")
        for name, primitive in sorted(REGISTRY.items())
        for number, each in enumerate(primitive.samples(np.random.default_rng(1)))
        if wanted(primitive, each)
    ]


def has_gradient(primitive, call):
    """Whether a float output can depend on a float input."""
    results = outputs(primitive, call.inputs, call.attributes)
    return (
        differentiable(primitive)
        and bool(floats(call.inputs))
        and any(array.dtype.kind == "f" for array in results)
    )


EVERY = calls(lambda primitive, call: True)
SINGLE = calls(lambda primitive, call: floats(call.inputs) and "dtype" not in primitive.defaults)
DEFINED = calls(lambda primitive, call: primitive.definition is not None)
SMOOTH = calls(has_gradient)


@pytest.mark.parametrize(("primitive", "call"), EVERY)
def test_inferred_specs_are_those_of_the_result(primitive, call):
    found = outputs(primitive, call.inputs, call.attributes)
    specs = [Spec(np.shape(each), np.asarray(each).dtype) for each in call.inputs]
    merged = {**primitive.defaults, **call.attributes}
    inferred = primitive.infer(specs, merged)
    assert [(s.shape, s.dtype) for s in inferred] == [(a.shape, a.dtype) for a in found]
    bound = primitive.line.bind(
        primitive.name, [s.shape for s in specs], merged, primitive.broadcasts
    )
    primitive.line.bind_outputs(primitive.name, [a.shape for a in found], bound)


@pytest.mark.parametrize(("primitive", "call"), EVERY)
def test_forward_leaves_its_inputs_alone(primitive, call):
    before = [np.array(each) for each in call.inputs]
    outputs(primitive, call.inputs, call.attributes)
    for old, new in zip(before, call.inputs, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(("primitive", "call"), SINGLE)
def test_float32_stays_float32(primitive, call):
    single = [
        np.asarray(each, np.float32) if np.asarray(each).dtype == np.float64 else np.asarray(each)
        for each in call.inputs
    ]
    for array in outputs(primitive, single, call.attributes):
        assert array.dtype != np.float64


@pytest.mark.parametrize(("primitive", "call"), DEFINED)
def test_definition_is_the_forward_form(primitive, call):
    expected = outputs(primitive, call.inputs, call.attributes)
    found = primitive.definition(*map(Tensor, call.inputs), **call.attributes)
    for a, b in zip([found] if primitive.single else found, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("primitive", "call"), EVERY)
def test_traced_is_eager(agrees, primitive, call):
    merged = {**primitive.defaults, **call.attributes}
    found = compiled(lambda *xs: primitive(*xs, **merged))(*map(np.asarray, call.inputs))
    for a, b in zip(
        [found] if primitive.single else found,
        outputs(primitive, call.inputs, call.attributes),
        strict=True,
    ):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        agrees(a.numpy(), b)


def scalar(primitive, call, weights):
    """A function of the inputs that are floats: the weighted sum of all float outputs."""

    def function(*values):
        inputs = list(map(np.asarray, call.inputs))
        for position, value in zip(floats(call.inputs), values, strict=True):
            inputs[position] = value
        result = primitive(*inputs, **call.attributes)
        results = [result] if primitive.single else result
        return sum((r * w).sum() for r, w in zip(results, weights, strict=True) if w is not None)

    return function


def prepared(primitive, call, seed=0):
    random = np.random.default_rng(seed)
    weights = [
        random.normal(size=a.shape) if a.dtype.kind == "f" else None
        for a in outputs(primitive, call.inputs, call.attributes)
    ]
    values = [np.asarray(call.inputs[i], np.float64) for i in floats(call.inputs)]
    directions = [random.normal(size=v.shape) for v in values]
    return scalar(primitive, call, weights), values, directions


def slope(function, values, directions, step=STEP):
    """The central difference of the function along the directions."""
    up, down = (
        function(*(Tensor(v + sign * step * d) for v, d in zip(values, directions, strict=True)))
        for sign in (1, -1)
    )
    return (up.numpy() - down.numpy()) / (2 * step)


def directional(function, values, directions):
    """The gradient of the function times the directions, as a tensor."""
    tensors = [Tensor(v) for v in values]
    found = gradient(function(*tensors), tensors)
    parts = [(g * d).sum() for g, d in zip(found, directions, strict=True) if g is not None]
    return (sum(parts) if parts else Tensor(np.array(0.0))), tensors


@pytest.mark.parametrize(("primitive", "call"), SMOOTH)
def test_gradient_is_the_central_difference(primitive, call):
    function, values, directions = prepared(primitive, call)
    found, _ = directional(function, values, directions)
    expected = slope(function, values, directions)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("primitive", "call"), SMOOTH)
def test_gradient_of_the_gradient_is_its_central_difference(primitive, call):
    function, values, directions = prepared(primitive, call)
    random = np.random.default_rng(2)
    others = [random.normal(size=v.shape) for v in values]

    def first(*tensors):
        found = gradient(function(*tensors), tensors)
        parts = [(g * d).sum() for g, d in zip(found, directions, strict=True) if g is not None]
        return sum(parts) if parts else Tensor(np.array(0.0))

    expected = slope(first, values, others)
    tensors = [Tensor(v) for v in values]
    found = gradient(first(*tensors), tensors)
    total = sum(float((g * o).sum()) for g, o in zip(found, others, strict=True) if g is not None)
    np.testing.assert_allclose(total, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_primitive_is_documented(name):
    primitive = REGISTRY[name]
    assert primitive.source
    assert "Shapes: " in (inspect.getdoc(primitive.forward) or "")
    assert getattr(ops, name) is primitive
    assert list(primitive.samples(np.random.default_rng(0)))
