"""Softmax, log-softmax and cross-entropy by native kernels, on rows of all lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from native_running import run_node

from lernwerk.engines.native.extension import extension
from lernwerk.ops.loss import log_softmax, softmax, softmax_crossentropy

CLASSES = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 33, 64, 67, 128, 1000, 4099]
ROWS = [0, 1, 2, 3, 7, 16, 17, 131]
FUNCTIONS = [softmax, log_softmax]


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = extension().threads()
    yield
    extension().set_threads(before)


def _close(primitive: Any, arrays: list[Any], **attributes: Any) -> None:
    """One and two threads must give the same bits, near to the definition in double precision.

    In single precision NumPy's own sums over the first axis are off by more.
    """
    results = []
    for threads in (1, 2):
        extension().set_threads(threads)
        found = run_node(primitive, arrays, attributes)
        assert found is not None
        results.append(found[0])
    assert results[0].tobytes() == results[1].tobytes()
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = primitive.forward(*(a.astype(np.float64) for a in arrays), **attributes)
    np.testing.assert_allclose(results[0], expected, rtol=2e-5, atol=2e-6)


def _normal(*shape: int) -> Any:
    return np.random.default_rng(sum(shape)).normal(0, 4, shape).astype(np.float32)


@pytest.mark.parametrize("k", CLASSES)
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("primitive", FUNCTIONS, ids=lambda p: p.name)
def test_rows(primitive: Any, rows: int, k: int) -> None:
    _close(primitive, [_normal(rows, k)])


@pytest.mark.parametrize("k", CLASSES)
@pytest.mark.parametrize("rows", ROWS)
def test_crossentropy(rows: int, k: int) -> None:
    targets = np.eye(k, dtype=np.float32)[np.arange(rows) % k]
    _close(softmax_crossentropy, [_normal(rows, k), targets])
    _close(softmax_crossentropy, [_normal(rows, k), softmax.forward(_normal(rows, k))])


@pytest.mark.parametrize("shape", [(2, 1, 3), (3, 10, 17), (1, 40, 16), (5, 33, 100), (2, 9, 1)])
@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("primitive", FUNCTIONS, ids=lambda p: p.name)
def test_axes(primitive: Any, axis: int, shape: tuple[int, ...]) -> None:
    _close(primitive, [_normal(*shape)], axis=axis)


@pytest.mark.parametrize("shape", [(70_001, 3), (20_011, 10), (607, 211), (3, 100_003)])
def test_several_chunks(shape: tuple[int, int]) -> None:
    x = _normal(*shape)
    targets = np.abs(_normal(*shape))
    _close(softmax, [x])
    _close(softmax, [x], axis=0)
    _close(log_softmax, [x])
    _close(softmax_crossentropy, [x, targets])


@pytest.mark.parametrize("k", [2, 3, 6, 10, 16, 40, 100])
@pytest.mark.parametrize("axis", [0, 1])
def test_special_values(axis: int, k: int) -> None:
    x = _normal(9, 9 if axis == 0 else k)
    if axis == 0:
        x = _normal(k, 9)
    lines = x.T if axis == 0 else x
    lines[0, 1] = np.nan
    lines[1, 0] = np.inf
    lines[2, 0] = -np.inf
    lines[3] = -np.inf
    lines[4] = np.inf
    lines[5] = np.nan
    lines[6] *= 1e30
    lines[7] = -3e38
    for primitive in FUNCTIONS:
        _close(primitive, [x], axis=axis)
    if axis == 1:
        targets = np.eye(k, dtype=np.float32)[np.arange(9) % k]
        _close(softmax_crossentropy, [x, targets])
