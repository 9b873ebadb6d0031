"""Operations that are one in the engine, and operands that are single numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import as_tensor, compiled, ops
from lernwerk.engines.native.plan import NativePlan

SIZES = [1, 2, 15, 16, 17, 656, 1024, 1025, 3001]
_OPERATIONS = 6  # the place of the number of operations in a program, native/fused.hpp


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LERNWERK_ENGINE", "native")


def _numbers(n: int, seed: int) -> Any:
    return np.random.default_rng(seed).uniform(0.5, 2.0, n).astype("f4")


def _close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-6, atol=2e-6)


JOINED: dict[str, tuple[Callable[..., Any], int]] = {
    "multiply_add": (lambda a, b, c: a * b + c, 1),
    "approach": (lambda a, b, c: b + (a - b) * c, 1),
    "approach, turned": (lambda a, b, c: c * (a - b) + b, 1),
    "no approach": (lambda a, b, c: (a - b) * c + a, 2),
    "approach_square": (lambda a, b, c: b + (a * a - b) * c, 1),
    "approach_square by name": (lambda a, b, c: b + (ops.square(a) - b) * c, 1),
    "where_positive": (lambda a, b, c: ops.where(a > 0.0, b, c), 1),
    "where another": (lambda a, b, c: ops.where(a > 1.0, b, c), 2),
    "sqrt_add": (lambda a, b, c: (c + ops.sqrt(a)) * b, 2),
    "divide_by_root": (lambda a, b, c: a / (ops.sqrt(b) + c), 1),
    "root above": (lambda a, b, c: (ops.sqrt(b) + c) / a, 2),
    "round_add": (lambda a, b, c: (ops.round_bfloat16(a) + b) * c, 2),
    "add_relu": (lambda a, b, c: ops.relu(a - b + c), 2),
    "round_add_relu": (lambda a, b, c: ops.relu(ops.round_bfloat16(a - c) + b), 2),
}


@pytest.mark.parametrize("name", JOINED)
@pytest.mark.parametrize("n", SIZES)
def test_joined_operations(name: str, n: int) -> None:
    function, count = JOINED[name]
    a, b, c = (_numbers(n, seed) for seed in range(3))
    run = compiled(function)
    _close(run(a, b, c), function(*map(as_tensor, (a, b, c))).numpy())
    plan = run.plan_for(a, b, c)[1]
    assert isinstance(plan, NativePlan)
    (step,) = [each.step for each in plan.instructions]
    assert step is not None and step.whole[_OPERATIONS] == count


def test_a_result_that_is_needed_stays() -> None:
    """What somebody else reads is computed on its own as well."""
    a, b, c = (_numbers(100, seed) for seed in range(3))
    product, total = compiled(lambda a, b, c: (a * b, a * b + c))(a, b, c)
    _close(product, a * b)
    _close(total, a * b + c)


SINGLES = [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("single", SINGLES, ids=str)
def test_single_numbers_in_every_place(n: int, single: tuple[int, ...]) -> None:
    arrays = [_numbers(1 if i in single else n, i).reshape(() if i in single else n)
              for i in range(3)]  # fmt: skip
    a, b, c = arrays

    @compiled
    def run(a: Any, b: Any, c: Any) -> Any:
        return a * b + c, a - b, ops.maximum(b, c), ops.power(a, b), ops.where(a > b, b, c)

    expected = a * b + c, a - b, np.maximum(b, c), a**b, np.where(a > b, b, c)
    for one, other in zip(run(a, b, c), expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["i4", "i8", "f8"])
def test_single_numbers_of_other_types(dtype: str) -> None:
    x, one = np.arange(1, 2000).astype(dtype), np.array(3, dtype)
    found = compiled(lambda x, one: (x * one + one, one - x, ops.maximum(x, one)))(x, one)
    for found_one, other in zip(found, (x * one + one, one - x, np.maximum(x, one)), strict=True):
        np.testing.assert_array_equal(found_one.numpy(), other)


def test_not_a_number_stays_one() -> None:
    a = np.array([np.nan, np.inf, 0.0, 1.0], "f4")

    @compiled
    def run(a: Any, one: Any) -> Any:
        return (a - one) * 0.5 + one, a / (ops.sqrt(a) + one), a * one + a

    one = np.float32(1)
    with np.errstate(all="ignore"):
        expected = (a - one) * np.float32(0.5) + one, a / (np.sqrt(a) + one), a * one + a
    for found, other in zip(run(a, np.array(one)), expected, strict=True):
        np.testing.assert_array_equal(found.numpy(), other)
