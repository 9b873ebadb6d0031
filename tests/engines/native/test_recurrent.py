"""The recurrent kernels against their NumPy code: sizes of every kind, masks, NaN, threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from native_running import run_node

from lernwerk.engines.native.extension import extension
from lernwerk.ops.primitive import REGISTRY

GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
# Batch, steps, features, units: ones, primes, parts of vectors and of panels, several chunks.
SIZES = [
    (1, 1, 1, 1),
    (1, 5, 3, 2),
    (3, 1, 1, 17),
    (2, 0, 3, 4),
    (0, 3, 2, 5),
    (7, 4, 5, 16),
    (5, 3, 131, 13),
    (17, 6, 2, 65),
    (37, 3, 7, 31),
    (67, 4, 129, 100),
    (41, 2, 30, 331),
]


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Whatever a test sets, the next begins with what was there."""
    before = extension().threads()
    yield
    extension().set_threads(before)


def _inputs(
    name: str, batch: int, steps: int, features: int, units: int, masked: bool
) -> list[Any]:
    random = np.random.default_rng(batch + units)
    columns = GATES[name] * units

    def normal(*shape: int) -> Any:
        return random.normal(size=shape).astype("f4")

    states = [normal(batch, units) for _ in range(2 if name == "lstm" else 1)]
    weights = [
        normal(size, columns) / np.float32(max(size, 1)) ** 0.5 for size in (features, units)
    ]
    bias = normal(2, columns) if name == "gru" else normal(columns)
    mask = random.random((batch, steps)) < 0.7 if masked else np.ones((batch, steps), bool)
    return [normal(batch, steps, features), *states, *weights, bias, mask]


def _gradient_inputs(name: str, inputs: list[Any]) -> list[Any]:
    results = _computed(name, inputs)
    recurrent, mask = inputs[-3], inputs[-1]
    random = np.random.default_rng(1)
    g, to_cells = random.normal(size=(2, *results[0].shape)).astype("f4")
    if name == "lstm":
        return [recurrent, mask, inputs[2], *results[1:], g, to_cells]
    state = [inputs[1]] if name == "gru" else []
    return [recurrent, mask, *state, *results, g]


def _computed(name: str, inputs: list[Any]) -> list[Any]:
    """The results of the NumPy code."""
    primitive = REGISTRY[name]
    results = primitive.forward(*inputs)
    return [np.ascontiguousarray(y) for y in ((results,) if primitive.single else results)]


def _native(name: str, inputs: list[Any]) -> list[Any]:
    results = run_node(REGISTRY[name], inputs, {})
    assert results is not None
    return results


def _compare(name: str, inputs: list[Any]) -> None:
    double = [a.astype("f8") if a.dtype == np.float32 else a for a in inputs]
    for found, expected in zip(_native(name, inputs), _computed(name, double), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", GATES)
def test_forward(name: str, sizes: tuple[int, ...], masked: bool) -> None:
    _compare(name, _inputs(name, *sizes, masked))


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", GATES)
def test_gradient(name: str, sizes: tuple[int, ...], masked: bool) -> None:
    _compare(name + "_gradient", _gradient_inputs(name, _inputs(name, *sizes, masked)))


# The same, with several parts of the steps and pieces of the columns.
WEIGHTS_SIZES = [*((*size, 3 * size[3]) for size in SIZES), (30, 101, 7, 31, 531), (2, 3, 1, 1, 0)]


def _weights_inputs(batch: int, steps: int, features: int, units: int, columns: int) -> list[Any]:
    random = np.random.default_rng(batch + columns)
    shapes = (
        (batch, steps, features),
        (batch, units),
        (batch, steps, units),
        (batch, steps, columns),
    )
    return [random.normal(size=shape).astype("f4") for shape in shapes]


@pytest.mark.parametrize("sizes", WEIGHTS_SIZES, ids=str)
def test_weights_gradient(sizes: tuple[int, ...]) -> None:
    name, inputs = "recurrent_weights_gradient", _weights_inputs(*sizes)
    results = []
    for threads in (1, 2):
        extension().set_threads(threads)
        results.append(_native(name, inputs))
    double = [a.astype("f8") for a in inputs]
    for one, two, expected in zip(*results, _computed(name, double), strict=True):
        assert one.tobytes() == two.tobytes()
        np.testing.assert_allclose(one, expected, rtol=2e-5, atol=2e-4)


def test_weights_gradient_keeps_not_a_number() -> None:
    """Each result sees one feature or unit alone, and one column."""
    x, h, outputs, dz = _weights_inputs(3, 4, 5, 6, 20)
    x[1, 2, 3] = outputs[0, 1, 5] = np.nan
    kernel, recurrent, bias = _native("recurrent_weights_gradient", [x, h, outputs, dz])
    assert (np.isnan(kernel).any(axis=1) == (np.arange(5) == 3)).all()
    assert (np.isnan(recurrent).any(axis=1) == (np.arange(6) == 5)).all()
    assert np.isfinite(bias).all()


@pytest.mark.parametrize("sizes", [(67, 4, 129, 100), (41, 2, 30, 331)], ids=str)
@pytest.mark.parametrize("name", GATES)
def test_threads_change_no_bit(name: str, sizes: tuple[int, ...]) -> None:
    inputs = _inputs(name, *sizes, True)
    for operation, arrays in (name, inputs), (name + "_gradient", _gradient_inputs(name, inputs)):
        results = []
        for threads in (1, 2):
            extension().set_threads(threads)
            results.append([y.tobytes() for y in _native(operation, arrays)])
        assert results[0] == results[1]


@pytest.mark.parametrize("name", GATES)
def test_a_row_of_the_batch_does_not_see_the_others(name: str) -> None:
    inputs = _inputs(name, 19, 5, 3, 21, False)
    inputs[0][4, 2, 1], inputs[0][7, 1, 0], inputs[0][8, 3, 2] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        expected = _computed(name, inputs)
    for found, y in zip(_native(name, inputs), expected, strict=True):
        np.testing.assert_allclose(found, y, rtol=2e-5, atol=1e-5)
        assert np.isnan(found[4, 2:]).any() and np.isfinite(found[5]).all()


@pytest.mark.parametrize("name", GATES)
def test_what_the_mask_leaves_out_stays_out(name: str) -> None:
    inputs = _inputs(name, 3, 4, 2, 5, False)
    inputs[-1][1] = [True, False, True, False]
    inputs[0][1, 1] = np.nan
    outputs = _native(name, inputs)[0]
    assert np.isfinite(outputs).all()
    assert (outputs[1, 1] == outputs[1, 0]).all() and (outputs[1, 3] == outputs[1, 2]).all()


@pytest.mark.parametrize("name", GATES)
def test_double_precision_has_no_kernel(name: str) -> None:
    inputs = [
        a.astype("f8") if a.dtype == np.float32 else a for a in _inputs(name, 2, 3, 2, 4, True)
    ]
    assert run_node(REGISTRY[name], inputs, {}) is None
