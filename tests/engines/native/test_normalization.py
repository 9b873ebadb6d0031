"""Batch and layer normalization by native kernels, with few and many rows and channels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from native_running import run_node

from lernwerk.engines.native.extension import extension
from lernwerk.ops.normalization import (
    batch_normalization,
    batch_normalization_gradient,
    layer_normalization,
)

SHAPES = [
    *((rows, c) for rows in (1, 2, 7, 64, 131) for c in (1, 2, 3, 5, 8, 16, 17, 31, 64, 100)),
    *((rows, c) for rows in (1, 3, 70) for c in (127, 128, 130, 515, 2048)),
    (3, 4, 5, 6),
    (200_003, 1),
    (70_001, 3),
    (9_001, 17),
    (2_011, 64),
    (1_003, 131),
    (67, 2048),
]


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = extension().threads()
    yield
    extension().set_threads(before)


def _close(primitive: Any, arrays: list[Any], tolerance: float = 1e-5) -> list[Any]:
    """One and two threads must give the same bits, near to the definition in double precision."""
    results = []
    for threads in (1, 2):
        extension().set_threads(threads)
        found = run_node(primitive, arrays, {"epsilon": 1e-3})
        assert found is not None
        results.append(found)
    with np.errstate(invalid="ignore"):
        expected = primitive.forward(*(a.astype(np.float64) for a in arrays), epsilon=1e-3)
    expected = [expected] if primitive.single else list(expected)
    for one, two, exact in zip(*results, expected, strict=True):
        assert one.tobytes() == two.tobytes()
        size = np.abs(exact).max(initial=1.0, where=np.isfinite(exact))
        np.testing.assert_allclose(one, exact, rtol=tolerance, atol=tolerance * size)
    return results[0]


def _arrays(shape: tuple[int, ...], shift: float = 2.0) -> list[Any]:
    random = np.random.default_rng(sum(shape))
    parameters = random.normal(size=(2, shape[-1]))
    return [a.astype(np.float32) for a in (random.normal(shift, 1.5, shape), *parameters)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batch_normalization(shape: tuple[int, ...]) -> None:
    x, scale, offset = _arrays(shape)
    _, mean, variance = _close(batch_normalization, [x, scale, offset])
    g = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    _close(batch_normalization_gradient, [x, scale, mean, variance, g])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layer_normalization(shape: tuple[int, ...]) -> None:
    # With two channels close together the variance has fewer digits than the values.
    _close(layer_normalization, _arrays(shape), tolerance=1e-4 if shape[-1] < 8 else 1e-5)


@pytest.mark.parametrize("shape", [(5000, 3), (5000, 40), (300, 200)])
def test_values_far_from_zero(shape: tuple[int, int]) -> None:
    x, scale, offset = _arrays(shape, shift=10_000.0)
    x[: shape[0] // 10] = 0  # the beginning says nothing about the rest
    _close(batch_normalization, [x, scale, offset])
    x[: shape[0] // 10] = x[-(shape[0] // 10) :]
    _, mean, variance = _close(batch_normalization, [x, scale, offset], tolerance=2e-3)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(0), rtol=1e-7)
    np.testing.assert_allclose(variance, exact.var(0), rtol=1e-5)


@pytest.mark.parametrize("shape", [(9, 5), (131, 3), (40, 130)])
def test_nan_stays_in_its_channel(shape: tuple[int, int]) -> None:
    x, scale, offset = _arrays(shape)
    x[4, 1], x[6, 2] = np.nan, np.inf
    extension().set_threads(1)
    found = run_node(batch_normalization, [x, scale, offset], {"epsilon": 1e-3})
    assert found is not None
    y, mean, variance = found
    spoilt = np.isin(np.arange(shape[1]), (1, 2))
    np.testing.assert_array_equal(np.isnan(y), np.broadcast_to(spoilt, shape))
    np.testing.assert_array_equal(np.isnan(variance), spoilt)
    np.testing.assert_array_equal(np.isfinite(mean), ~spoilt)
    _close(layer_normalization, [x, scale, offset], tolerance=1e-4)
