"""Products in bfloat16: the kernels, and when the engine uses them."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core.compiled import trace
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
