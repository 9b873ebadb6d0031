"""The vector functions of the native engine against float64, over the whole range of float32."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk.engines.native.extension import extension

INF, NAN = math.inf, math.nan


def _erf(x: Any) -> Any:
    return np.vectorize(math.erf)(x)


FUNCTIONS: list[tuple[str, Callable[[Any], Any], float]] = [
    ("exponential", np.exp, 2),
    ("exponential_minus_one", np.expm1, 2),
    ("logarithm", np.log, 2),
    ("logarithm_of_one_plus", np.log1p, 2),
    ("hyperbolic_tangent", np.tanh, 3),
    ("logistic", lambda x: np.exp(-np.maximum(-x, 0)) / (1 + np.exp(-np.abs(x))), 3),
    ("softplus", lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), 3),
    ("error_function", _erf, 2),
    ("sine", np.sin, 2),
    ("cosine", np.cos, 2),
    ("tangent", np.tan, 2),
    ("arctangent", np.arctan, 2),
    ("floor", np.floor, 0),
    ("ceil", np.ceil, 0),
    ("round_half_even", np.round, 0),
    ("power", lambda x: np.power(x, 2.5), 2),
]
NUMBERS = {name: number for number, (name, _, _) in enumerate(FUNCTIONS)}


def _apply(name: str, x: Any) -> Any:
    x = np.ascontiguousarray(x, np.float32)
    y = np.empty_like(x)
    whole = [NUMBERS[name], x.size]
    assert extension().call_kernel(
        "vector_math", [x.ctypes.data], [y.ctypes.data], whole, [], 0, 0, 0
    )
    return y


def _grid() -> Any:
    """Every 4099th float of both signs, and many of usual size."""
    patterns = np.arange(0, 0x7F800000, 4099, dtype=np.uint32).view(np.float32)
    usual = np.concatenate([np.linspace(-20, 20, 200_003), np.linspace(-110, 110, 100_003)])
    halves = np.arange(-40, 40) / 2
    return np.concatenate(
        [patterns, -patterns, usual.astype(np.float32), halves.astype(np.float32)]
    )


@pytest.mark.parametrize(
    ("name", "function", "units"), FUNCTIONS, ids=[name for name, *_ in FUNCTIONS]
)
def test_within_units_of_the_last_place(name: str, function: Any, units: float) -> None:
    x = _grid()
    with np.errstate(all="ignore"):
        exact = function(x.astype(np.float64))
        expected = exact.astype(np.float32)
        found = _apply(name, x)
        finite = np.isfinite(expected) & np.isfinite(found)
        # An overflow may come one rounding early or late; any other special value must agree.
        edge = np.abs(exact) > np.finfo(np.float32).max * (1 - 1e-6)
        same = (np.isnan(expected) == np.isnan(found)) & (finite | (expected == found))
        assert (same | np.isnan(expected) | edge)[~np.isnan(expected)].all()
        assert (np.isnan(expected) == np.isnan(found)).all()
        unit = np.spacing(np.abs(expected)).astype(np.float64)
        error = np.abs(found.astype(np.float64) - exact)[finite] / unit[finite]
    worst = error.argmax()
    assert error[worst] <= units + 0.001, (x[finite][worst], found[finite][worst], error[worst])


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("exponential", [(INF, INF), (-INF, 0.0), (1e30, INF), (-1e30, 0.0), (-0.0, 1.0)]),
        ("exponential_minus_one", [(INF, INF), (-INF, -1.0), (-0.0, -0.0), (0.0, 0.0)]),
        (
            "logarithm",
            [(INF, INF), (0.0, -INF), (-0.0, -INF), (-1.0, NAN), (-INF, NAN), (1.0, 0.0)],
        ),
        ("logarithm_of_one_plus", [(INF, INF), (-1.0, -INF), (-2.0, NAN), (-0.0, -0.0)]),
        ("hyperbolic_tangent", [(INF, 1.0), (-INF, -1.0), (-0.0, -0.0)]),
        ("logistic", [(INF, 1.0), (-INF, 0.0), (0.0, 0.5)]),
        ("softplus", [(INF, INF), (-INF, 0.0)]),
        ("error_function", [(INF, 1.0), (-INF, -1.0), (-0.0, -0.0)]),
        ("sine", [(INF, NAN), (-INF, NAN), (-0.0, -0.0)]),
        ("cosine", [(INF, NAN), (0.0, 1.0)]),
        ("floor", [(INF, INF), (-INF, -INF), (-0.0, -0.0), (-0.5, -1.0), (2.5, 2.0)]),
        ("ceil", [(INF, INF), (-0.0, -0.0), (-0.5, -0.0), (2.5, 3.0)]),
        ("round_half_even", [(INF, INF), (-0.0, -0.0), (-0.5, -0.0), (2.5, 2.0), (3.5, 4.0)]),
    ],
)
def test_special_values(name: str, pairs: list[tuple[float, float]]) -> None:
    found = _apply(name, [x for x, _ in pairs] + [NAN])
    expected = np.array([y for _, y in pairs] + [NAN], np.float32)
    np.testing.assert_array_equal(found, expected)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(expected[numbers]))
