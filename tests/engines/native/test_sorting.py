"""Sorting kernels: stable, NaN last, short rows and long ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_running import run_node
from native_shapes import check, numbers

from lernwerk.ops.primitive import REGISTRY

VALUES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1.0, -1.0]


def _check_all(x: Any) -> None:
    x = x.astype(np.float32)
    check("sort", x)
    check("argsort", x)
    n = x.shape[-1]
    for k in {1, min(3, n), n} if n else ():
        check("top_k", x, k=k)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=2), st.integers(0, 40), st.integers(0, 99))
def test_any_shape(before: list[int], n: int, seed: int) -> None:
    shape = (*before, n)
    _check_all(np.round(numbers(shape, seed)))  # equal values keep their order
    _check_all(np.random.default_rng(seed).choice(VALUES, shape))


@pytest.mark.parametrize("n", [96, 97, 1009])
@pytest.mark.parametrize("rows", [1, 61])
def test_long_rows(rows: int, n: int) -> None:
    _check_all(numbers((rows, n)))
    _check_all(np.round(numbers((rows, n)) * 3))
    _check_all(np.random.default_rng(0).choice(VALUES, (rows, n)))


def test_the_sign_of_zero_stays() -> None:
    x = np.array([0.0, -0.0, -1.0, -0.0], np.float32)
    found = run_node(REGISTRY["sort"], [x], {})
    assert found is not None
    assert np.signbit(found[0]).tolist() == [True, False, True, True]


def test_other_axes_stay_with_numpy() -> None:
    assert run_node(REGISTRY["sort"], [numbers((3, 4))], {"axis": 0}) is None
    check("sort", numbers((3, 1, 1)), axis=0)
