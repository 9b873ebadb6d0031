"""Values in two bytes: which they are, and that nobody sees a difference."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core.compiled import trace
from lernwerk.core.gradient import gradient
from lernwerk.engines.native import ENGINE
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.narrow import NARROW
from lernwerk.engines.numpy import NumpyPlan

pytestmark = pytest.mark.skipif(
    not extension().has_bfloat16(), reason="the processor has no products in bfloat16"
)
RNG = np.random.default_rng(3)
rounded = ops.round_bfloat16
ONES = {"size": (1, 1), "strides": (1, 1), "padding": ((0, 0), (0, 0))}
HALVES = {"size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
THIRDS = {"size": (3, 3), "strides": (2, 2), "padding": ((1, 1), (1, 1))}
PLAIN = {"strides": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def numbers(*shape: int) -> Any:
    return RNG.normal(size=shape).astype("float32")


def bfloat16(array: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return np.asarray(array, "float32").astype(ml_dtypes.bfloat16).astype("float32")


def run(function: Any, *arrays: Any) -> tuple[list[str], int, list[Any]]:
    """The kernels, how many values are narrow, the results: the same on 1, 2 and 5 threads."""
    plan = ENGINE.compile(trace(function, *arrays).graph)
    results = []
    for threads in (1, 2, 5):
        extension().set_threads(threads)
        results.append(plan.run(list(arrays)))
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(a, b)
    made = {symbol for each in plan.instructions for symbol in each.outputs}
    kernels = [each.step.kernel if each.step else "numpy" for each in plan.instructions]
    return kernels, sum(symbol.dtype == NARROW for symbol in made), results[0]


def test_numbers_are_rounded_where_they_are_stored():
    x = np.resize(
        np.float32([1 + 2**-8, 1 + 3 * 2**-8, -0.0, 3.4e38, np.inf, -np.inf, np.nan, 1.17e-37]),
        (4, 37, 3, 13),
    )
    x.view(np.uint32)[0, 0, 0, 6] = 0x7F800001  # NaN of whose bits the upper half looks infinite

    def function(x):
        return ops.max_pooling(rounded(x), **ONES) * 2.0

    _, narrow, (y,) = run(function, x)
    assert narrow == 2
    np.testing.assert_array_equal(y, bfloat16(x) * 2)


def test_what_is_stored_last_is_not_overwritten():
    """An output that takes over the memory of an input waits until that has been stored."""
    x = numbers(8, 30, 20, 2)

    def function(x):
        y = ops.cumsum(x, axis=1)
        z = y + 1.0
        return ops.max_pooling(rounded(y), **ONES) * 2.0 + ops.cumsum(z, axis=1)

    _, narrow, (found,) = run(function, x)
    assert narrow == 2
    (expected,) = NumpyPlan(trace(function, x).graph).run([x])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_what_others_read_in_full_stays_wide():
    x = numbers(8, 30, 20, 2)

    def function(x):
        y = x * 1.01
        return ops.max_pooling(rounded(y), **ONES) + y

    _, narrow, (y,) = run(function, x)
    assert narrow == 2
    np.testing.assert_array_equal(y, bfloat16(x * np.float32(1.01)) + x * np.float32(1.01))
    assert run(lambda x: rounded(x), x)[1] == 0
    assert run(lambda x: ops.max_pooling(rounded(x), **ONES), x)[1] == 0


@pytest.mark.parametrize("options", [HALVES, THIRDS])
@pytest.mark.parametrize("channels", [1, 5, 16, 23])
def test_poolings(options, channels):
    x = numbers(5, 33, 31, channels)
    x.flat[::97] = np.nan

    def function(x):
        r = rounded(ops.relu(x))
        y = ops.max_pooling(r, **options)
        (g,) = gradient((y * 1.01).sum(), [x])
        return y * 2.0, rounded(g) * 2.0

    _, narrow, results = run(function, x)
    assert narrow >= (2 if channels > 1 else 0)  # few numbers are not worth it
    expected = NumpyPlan(trace(function, x).graph).run([x])
    for found, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2.0**-7)


# x, kernel, padding: windows that slide and such that are copied, one channel, odd sizes.
NETWORKS = [
    ((3, 26, 26, 32), (3, 3, 32, 64), 0), ((16, 29, 23, 1), (3, 3, 1, 32), 0),
    ((4, 31, 37, 17), (3, 3, 17, 19), 1), ((1, 90, 90, 64), (3, 3, 64, 48), 1),
    ((7, 40, 41, 8), (1, 1, 8, 24), 0),
]  # fmt: skip


@pytest.mark.parametrize(("x_shape", "w_shape", "padding"), NETWORKS)
def test_a_network_and_its_gradient(x_shape, w_shape, padding):
    options = PLAIN | {"padding": ((padding, padding),) * 2}
    x, w, bias = numbers(*x_shape), numbers(*w_shape) / 8, numbers(w_shape[-1])
    v = numbers(3, 3, w_shape[-1], 16) / 8

    def layer(x, w, bias):
        y = rounded(ops.convolution(rounded(x), rounded(w), **options))
        return rounded(ops.relu(y + rounded(bias)))

    def function(x, w, bias, v):
        y = ops.max_pooling(layer(x, w, bias), **HALVES)
        z = rounded(ops.convolution(y, rounded(v), **options))
        return [z.sum(), *gradient((z * z).sum(), [w, bias, v])]

    kernels, narrow, results = run(function, x, w, bias, v)
    assert kernels.count("convolution_bfloat16_fused") >= 2
    assert narrow >= 4
    expected = NumpyPlan(trace(function, x, w, bias, v).graph).run([x, w, bias, v])
    for found, wanted in zip(results, expected, strict=True):
        # The order of sums decides what is halfway between two neighbours.
        np.testing.assert_allclose(found, wanted, atol=2.0**-6 * abs(wanted).max(), rtol=2.0**-6)


@pytest.mark.parametrize("channels", [32, 19])
def test_sums_behind_a_convolution(channels):
    """The mask of relu and the sums of the bias run on parts of the gradient of an input."""
    x, bias = numbers(5, 29, 26, 8), numbers(channels)
    v, w = numbers(3, 3, 8, channels) / 8, numbers(3, 3, channels, 24) / 8

    def function(x, v, w, bias):
        y = rounded(ops.convolution(rounded(x), rounded(v), **PLAIN))
        y = rounded(ops.relu(y + rounded(bias)))
        z = rounded(ops.convolution(y, rounded(w), **PLAIN))
        return gradient((z * z).sum(), [bias, v, w])

    kernels, _, results = run(function, x, v, w, bias)
    assert kernels.count("convolution_bfloat16_fused") == 3
    expected = NumpyPlan(trace(function, x, v, w, bias).graph).run([x, v, w, bias])
    for found, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=2.0**-6 * abs(wanted).max(), rtol=2.0**-6)


def test_not_a_number_stays_in_its_picture():
    x, w, bias = numbers(3, 20, 20, 32), numbers(3, 3, 32, 40), numbers(40)
    x[1, 3, 4, 5] = np.nan

    def function(x, w, bias):
        y = rounded(ops.convolution(rounded(x), rounded(w), **PLAIN))
        return rounded(ops.relu(y + bias)) * 2.0

    _, _, (y,) = run(function, x, w, bias)
    assert np.isnan(y[1]).any()
    assert np.isfinite(y[[0, 2]]).all()


def test_a_convolution_that_others_read_is_stored():
    x, w = numbers(3, 20, 20, 32), numbers(3, 3, 32, 40)

    def function(x, w):
        y = ops.convolution(rounded(x), rounded(w), **PLAIN)
        return y, ops.relu(rounded(y) + 1.0)

    kernels, _, (y, z) = run(function, x, w)
    assert "convolution_bfloat16" in kernels
    np.testing.assert_array_equal(z, np.maximum(bfloat16(y) + 1, 0))


def test_pairs_of_operations():
    """Whether a pair becomes one operation or not, the numbers are the same."""
    x, b = numbers(40, 53), numbers(53)
    x.flat[:4] = np.nan, np.inf, -np.inf, -0.0

    def function(x, b):
        s = rounded(x) + b
        return ops.relu(s), ops.relu(rounded(x) + b), ops.relu(x + b), ops.where(x > 0, b, 0.0)

    _, _, results = run(function, x, b)
    expected = NumpyPlan(trace(function, x, b).graph).run([x, b])
    for found, wanted in zip(results, expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


MOVES = [
    lambda x: ops.transpose(x, axes=(1, 2, 0)), lambda x: ops.transpose(x, axes=(0, 2, 1)),
    lambda x: ops.flip(x, axes=(1,)),
    lambda x: ops.slice(x, starts=(0, 1, 2), stops=(37, 30, 19), steps=(1, 1, 2)),
    lambda x: ops.embed(x, shape=(40, 70, 20), starts=(1, 2, 0), steps=(1, 2, 1)),
]  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_moves(move):
    """What chooses among rounded numbers may be narrow; programs read the result."""
    x = numbers(37, 31, 19)
    x.flat[::50] = np.nan

    def function(x):
        y = ops.max_pooling(ops.reshape(rounded(x), shape=(37, 31, 19, 1)), **ONES)
        return move(ops.reshape(y, shape=(37, 31, 19))) + 1.0

    _, narrow, (y,) = run(function, x)
    assert narrow >= 2
    np.testing.assert_array_equal(y, move(bfloat16(x)) + np.float32(1))
