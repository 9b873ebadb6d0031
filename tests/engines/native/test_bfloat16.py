"""Products in bfloat16: the kernels, and when the engine uses them."""

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

pytestmark = pytest.mark.skipif(
    not extension().has_bfloat16(), reason="the processor has no products in bfloat16"
)
RNG = np.random.default_rng(0)
rounded = ops.round_bfloat16


@pytest.fixture(params=["tiles", "vectors"])
def instructions(request):
    """Both kinds of instructions."""
    wanted = request.param == "tiles"
    if not extension().use_tiles(wanted) and wanted:
        pytest.skip("the processor has no tiles")
    yield
    extension().use_tiles(True)


def numbers(*shape: int) -> Any:
    return RNG.normal(size=shape).astype("float32")


def bfloat16(array: Any) -> Any:
    return np.asarray(array, "float32").astype(ml_dtypes.bfloat16).astype("float64")


def run(function: Any, *arrays: Any) -> tuple[list[str], list[Any]]:
    """The kernels that a function becomes, and its results, the same for one thread and two."""
    plan = ENGINE.compile(trace(function, *arrays).graph)
    results = []
    for threads in (1, 2):
        extension().set_threads(threads)
        results.append(plan.run(list(arrays)))
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)
    return [each.step.kernel if each.step else "numpy" for each in plan.instructions], results[0]


def close(y: Any, expected: Any) -> None:
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5 * abs(expected).max())


# Edges of tiles, one tile, several chunks of rows, long sums in parts.
SHAPES = [(65, 70, 100), (16, 16, 1024), (8, 509, 83), (700, 130, 300), (37, 80, 5000)]


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
@pytest.mark.parametrize("shape", SHAPES)
def test_product(instructions, shape, turned):
    m, n, k = shape
    a = numbers(k, m) if turned[0] else numbers(m, k)
    b = numbers(n, k) if turned[1] else numbers(k, n)

    def plain(a, b):
        return [ops.transpose(x) if t else x for x, t in zip((a, b), turned, strict=True)]

    kernels, (y,) = run(lambda a, b: ops.matmul(*plain(rounded(a), rounded(b))), a, b)
    assert kernels == ["matmul_bfloat16"]  # the roundings are left to it
    close(y, np.matmul(*plain(bfloat16(a), bfloat16(b))))


@pytest.mark.parametrize("shape", SHAPES)
def test_product_with_a_program(shape):
    m, n, k = shape
    a, b, bias = numbers(m, k), numbers(k, n), numbers(n)

    def function(a, b, bias):
        return ops.relu(rounded(ops.matmul(rounded(a), rounded(b))) + bias)

    kernels, (y,) = run(function, a, b, bias)
    assert kernels == ["matmul_bfloat16_fused"]
    product = bfloat16(a) @ bfloat16(b)
    # The order of sums decides what is halfway between two neighbours.
    expected = np.maximum(bfloat16(product) + bias, 0)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=2.0**-8 * abs(product).max())


def test_not_a_number_stays_in_its_row(instructions):
    a, b = numbers(70, 90), numbers(90, 50)
    a[3, 5] = np.nan
    _, (y,) = run(lambda a, b: ops.matmul(rounded(a), rounded(b)), a, b)
    assert np.isnan(y[3]).all()
    assert np.isfinite(np.delete(y, 3, axis=0)).all()


def test_a_rounding_that_others_read_is_computed():
    x, w = numbers(64, 96), numbers(96, 64)

    def function(x, w):
        r = rounded(x)
        return ops.matmul(r, rounded(w)), r

    kernels, (y, r) = run(function, x, w)
    assert sorted(kernels) == ["fused", "matmul_bfloat16"]
    np.testing.assert_array_equal(r, bfloat16(x))
    close(y, bfloat16(x) @ bfloat16(w))


def test_what_is_chosen_from_rounded_numbers_is_rounded():
    x, w = numbers(64, 8, 12), numbers(96, 64)

    def function(x, w):
        return ops.matmul(ops.reshape(ops.relu(rounded(x)), shape=(64, 96)), rounded(w))

    kernels, (y,) = run(function, x, w)
    assert "matmul_bfloat16" in kernels
    close(y, bfloat16(np.maximum(x, 0)).reshape(64, 96) @ bfloat16(w))


def test_other_products_stay_as_they_are():
    x, w = numbers(64, 96), numbers(96, 64)
    assert run(lambda x, w: ops.matmul(rounded(x), w), x, w)[0] == ["fused", "matmul"]
    small = run(lambda x, w: ops.matmul(rounded(x), rounded(w)), x[:4], w)[0]
    assert small[-1] == "matmul"


# x, kernel, options: padding, strides, dilation, odd channels, several pieces of a picture.
CONVOLUTIONS = [
    ((3, 28, 28, 32), (3, 3, 32, 64), {}),
    ((2, 30, 31, 17), (5, 3, 17, 19), {"padding": ((2, 2), (1, 0))}),
    ((9, 33, 29, 16), (3, 3, 16, 24), {"strides": (2, 3), "padding": ((1, 1), (1, 1))}),
    ((2, 30, 20, 24), (3, 2, 24, 40), {"dilation": (3, 1)}),
    ((1, 90, 90, 64), (3, 3, 64, 48), {"padding": ((1, 1), (1, 1))}),
    ((4, 300, 16), (7, 16, 33), {"padding": ((3, 3),)}),
]


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CONVOLUTIONS)
def test_convolution_and_its_gradients(instructions, x_shape, w_shape, options):
    axes = len(w_shape) - 2
    plain = {"strides": (1,) * axes, "padding": ((0, 0),) * axes, "dilation": (1,) * axes}
    options = plain | options | {"groups": 1}
    x, w = numbers(*x_shape), numbers(*w_shape)
    g = numbers(*ops.convolution(x, w, **options).shape)

    def function(x, w, g):
        x, w, g = rounded(x), rounded(w), rounded(g)
        y = ops.convolution(x, w, **options)
        back = {**options, "input_shape": x_shape}
        dx = ops.convolution_input_gradient(g, w, **back)
        dw = ops.convolution_kernel_gradient(x, g, **options, kernel_shape=w_shape)
        return y, dx, dw

    kernels, results = run(function, x, w, g)
    kernels = [kernel for kernel in kernels if kernel.endswith("bfloat16")]
    assert len(kernels) == (3 if set(options["strides"]) == {1} else 2)
    expected = function(*(bfloat16(each).astype("float64") for each in (x, w, g)))
    for found, wanted in zip(results, expected, strict=True):
        close(found, wanted)


# Batch, steps, features, units: vectors and tiles that are not full, several chunks.
@pytest.mark.parametrize("shape", [(3, 4, 5, 7), (1, 3, 40, 16), (70, 6, 33, 50), (66, 5, 64, 96)])
@pytest.mark.parametrize("masked", [False, True])
def test_lstm(instructions, shape, masked):
    batch, steps, features, units = shape
    x, h, c = numbers(batch, steps, features), numbers(batch, units), numbers(batch, units)
    kernel, recurrent = numbers(features, 4 * units) / 8, numbers(units, 4 * units) / 8
    mask = RNG.random((batch, steps)) < (0.7 if masked else 2)
    inputs = [bfloat16(each).astype("float32") for each in (x, h, kernel, recurrent)]
    x, h, kernel, recurrent = inputs
    bias = numbers(4 * units)
    arrays = (x, h, c, kernel, recurrent, bias, mask)
    kernels, results = run(lambda *each: ops.lstm(*each, rounded=True), *arrays)
    assert kernels == ["lstm"]
    expected = ops.lstm(*arrays, rounded=True)
    # Where a state is halfway between two neighbours the order of sums decides: 2^-9 of it.
    for found, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=0.02)
        assert np.abs(found - wanted).mean() < 1e-3
    _, cells, gates = expected
    g, to_cells = numbers(*cells.shape), numbers(*cells.shape)
    arrays = (recurrent, mask, c, cells, gates, g, to_cells)
    kernels, results = run(lambda *each: ops.lstm_gradient(*each, rounded=True), *arrays)
    assert kernels == ["lstm_gradient"]
    for found, wanted in zip(results, ops.lstm_gradient(*arrays, rounded=True), strict=True):
        np.testing.assert_allclose(found, wanted, atol=0.02 * abs(wanted).max())
        assert np.abs(found - wanted).mean() < 1e-3 * abs(wanted).max()


def test_lstm_without_products_in_bfloat16(monkeypatch):
    """The kernel in float32 rounds where NumPy does."""

    class Without:
        def __getattr__(self, name):
            return (lambda: False) if name == "has_bfloat16" else getattr(extension(), name)

    monkeypatch.setattr("lernwerk.engines.native.lowering.recurrent.extension", Without)
    batch, steps, features, units = 20, 5, 9, 24
    x, kernel, recurrent = (
        bfloat16(numbers(*shape)).astype("float32") / 8
        for shape in ((batch, steps, features), (features, 4 * units), (units, 4 * units))
    )
    state, mask = np.zeros((batch, units), "float32"), np.ones((batch, steps), bool)
    arrays = (x, state, state, kernel, recurrent, numbers(4 * units), mask)
    _, results = run(lambda *each: ops.lstm(*each, rounded=True), *arrays)
    np.testing.assert_array_equal(results[0], bfloat16(results[0]))
    for found, wanted in zip(results, ops.lstm(*arrays, rounded=True), strict=True):
        np.testing.assert_allclose(found, wanted, atol=0.01)


def test_a_whole_lstm_leaves_roundings_to_its_products():
    batch, steps, features, units = 64, 40, 32, 48
    weights = numbers(features, 4 * units) / 8, numbers(units, 4 * units) / 8, numbers(4 * units)

    def function(x, kernel, recurrent, bias):
        state = np.zeros((batch, units), "float32")
        mask = np.ones((batch, steps), bool)
        sources = [rounded(each) for each in (x, kernel, recurrent)]
        y, _, _ = ops.lstm(sources[0], state, state, *sources[1:], bias, mask, rounded=True)
        return [y, *gradient((y * y).sum(), [x, kernel, recurrent, bias])]

    kernels, results = run(function, numbers(batch, steps, features), *weights)
    assert sum(kernel.startswith("matmul_bfloat16") for kernel in kernels) == 3
    assert all(np.isfinite(each).all() for each in results)
