"""Random words bit for bit; uniform, normal and dropout; every size of the last batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from native_running import run_node

from lernwerk.engines.native.extension import extension
from lernwerk.ops.random import dropout, philox, random_bits, random_normal, random_uniform

STATE = np.array([0xDEADBEEF, 0xFFFFFFFF, 3, 0x80000001], np.uint32)
SIZES = [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1009, 70_001, 600_011]


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = extension().threads()
    yield
    extension().set_threads(before)


def _run(primitive: Any, arrays: list[Any], **attributes: Any) -> Any:
    """The result, which must be the same for one and for two threads."""
    results = []
    for threads in (1, 2):
        extension().set_threads(threads)
        found = run_node(primitive, arrays, attributes)
        assert found is not None
        results.append(found[0])
    assert results[0].tobytes() == results[1].tobytes()
    return results[0]


@pytest.mark.parametrize("size", SIZES)
def test_bits_are_the_same(size: int) -> None:
    found = _run(random_bits, [STATE], shape=(size,))
    np.testing.assert_array_equal(found, random_bits.forward(STATE, shape=(size,)))


@pytest.mark.parametrize("size", SIZES)
def test_uniform_is_the_same(size: int) -> None:
    found = _run(random_uniform, [STATE], shape=(size, 1))
    np.testing.assert_array_equal(found, random_uniform.forward(STATE, shape=(size, 1)))


@pytest.mark.parametrize("size", SIZES)
def test_normal_is_close(size: int) -> None:
    found = _run(random_normal, [STATE], shape=(size,))
    expected = random_normal.forward(STATE, shape=(size,))
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=4e-6)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.999999])
def test_dropout_is_the_same(size: int, rate: float) -> None:
    x = np.random.default_rng(size).normal(size=size).astype(np.float32)
    found = _run(dropout, [x, STATE], rate=rate)
    np.testing.assert_array_equal(found, dropout.forward(x, STATE, rate=rate))


@pytest.mark.parametrize(
    ("shape", "noise_shape"),
    [
        ((5, 7, 3), (None, 1, 3)),
        ((5, 7, 1, 3), (5, 1, 1, None)),
        ((200, 30, 30, 17), (None, 1, 1, None)),
        ((5, 7, 3), (None, None, 1)),
        ((5, 7, 3), (1, None, None)),
        ((5, 7, 3), (1, 1, 1)),
        ((1, 7), (1, 1)),
        ((0, 7, 3), (None, 1, 3)),
        ((4, 5), (None, 5)),
    ],
)
def test_shared_decisions(shape: tuple[int, ...], noise_shape: tuple[int | None, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    found = _run(dropout, [x, STATE], rate=0.3, noise_shape=noise_shape)
    np.testing.assert_array_equal(
        found, dropout.forward(x, STATE, rate=0.3, noise_shape=noise_shape)
    )


def test_dropout_keeps_nan_and_infinity() -> None:
    x = np.array([np.nan, np.inf, -np.inf, -0.0] * 9, np.float32)
    found = _run(dropout, [x, STATE], rate=0.5)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(found, dropout.forward(x, STATE, rate=0.5))


@pytest.mark.parametrize("start", [0, 1, 2, 3, 4, 7, 30, 32, 33, 4095, 2**33 + 5])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 16, 31, 40, 129])
def test_mask_from_any_element_on(start: int, size: int) -> None:
    mask = np.empty(size, np.float32)
    pointers = [STATE.ctypes.data], [mask.ctypes.data]
    whole = [start, size, 2**31]
    assert extension().call_kernel("dropout_scale", *pointers, whole, [2.0], 0, 0, 0)
    blocks = np.arange(start // 4, (start + size) // 4 + 1).astype(np.uint32)
    counters = np.zeros((4, blocks.size), np.uint32)
    counters[0], counters[2], counters[3] = blocks, STATE[3], STATE[2]
    words = philox(counters, STATE[:2]).T.reshape(-1)[start % 4 :][:size]
    np.testing.assert_array_equal(mask, (words >= 2**31) * np.float32(2))
