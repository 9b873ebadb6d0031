"""Programs of one tile, bound to their memory: the bits that the general way gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import compiled, ops
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.homes import allocated
from lernwerk.engines.native.plan import NativePlan

SHAPES = [(1, 1), (1, 7), (7, 1), (10, 2), (3, 16), (10, 33), (31, 33), (2, 512), (1, 1024)]


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LERNWERK_ENGINE", "native")


def _values(x: Any, row: Any, column: Any, count: Any, flags: Any) -> tuple[Any, ...]:
    """Rows, columns, single numbers, other types, powers, truth, and sums of all kinds."""
    y = ops.relu(x * row + column) / ops.cast(count, "float32")
    z = ops.where(flags, y, ops.power(ops.abs(x), 1.5)) - 0.25
    return y, z > 0.5, z.sum(), z.sum(axis=0), y.sum(axis=1)


def _inputs(rows: int, columns: int) -> list[Any]:
    random = np.random.default_rng(rows * columns)
    return [
        random.normal(size=(rows, columns)).astype("f4"), random.normal(size=columns).astype("f4"),
        random.normal(size=(rows, 1)).astype("f4"), np.array(3, "i4"),
        random.random((rows, columns)) > 0.5,
    ]  # fmt: skip


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_the_bits_of_the_general_way(rows: int, columns: int) -> None:
    run, inputs = compiled(_values), _inputs(rows, columns)
    found = [each.numpy() for each in run(*inputs)]
    plan = run.plan_for(*inputs)[1]
    assert isinstance(plan, NativePlan)
    general = _by_kernels(plan, inputs)
    for one, other in zip(found, general, strict=True):
        np.testing.assert_array_equal(one, other)


def _by_kernels(plan: NativePlan, inputs: list[Any]) -> list[Any]:
    """The plan's instructions one by one, without what plans prepare for them."""
    memory = dict(zip(plan.graph.inputs, inputs, strict=True)) | dict(plan.graph.constants)
    for each in plan.instructions:
        step = each.step
        assert step is not None
        for symbol in each.outputs:
            memory[symbol] = np.zeros(symbol.shape, symbol.dtype)
        scratch = [allocated(max(size, 64), "scratch") for size in (step.shared, step.local)]
        done = extension().call_kernel(
            step.kernel, [memory[symbol].ctypes.data for symbol in each.inputs],
            [memory[symbol].ctypes.data for symbol in each.outputs], list(step.whole),
            list(step.real), *[part.ctypes.data for part in scratch], step.local,
        )  # fmt: skip
        assert done
    return [
        memory[root].reshape(symbol.shape)
        for root, symbol in zip(plan._results, plan.graph.outputs, strict=True)
    ]


@pytest.mark.parametrize(("rows", "columns"), SHAPES)
def test_behind_a_small_product(rows: int, columns: int) -> None:
    a, b, bias = (np.random.default_rng(i).normal(size=s).astype("f4")
                  for i, s in enumerate([(rows, 5), (5, columns), (columns,)]))  # fmt: skip
    run = compiled(lambda a, b, bias: ops.relu(a @ b + bias))
    expected = np.maximum(a @ b + bias, 0)
    for _ in range(2):
        np.testing.assert_allclose(run(a, b, bias).numpy(), expected, rtol=1e-5, atol=1e-5)


def test_inputs_that_move() -> None:
    """A bound program follows arrays to other places, and epochs to their rows."""
    x, bias = np.arange(40, dtype="f4").reshape(20, 2), np.float32([1, -1])
    run = compiled(lambda x, bias: (x + bias) * 2.0)
    for rows in (x[:5], x[5:10], x[3:8].copy()):
        np.testing.assert_array_equal(run(rows, bias).numpy(), (rows + bias) * 2)
    over = compiled(lambda x: x * 2.0 + 1.0)
    for order in (np.arange(20), np.arange(20)[::-1].copy(), np.arange(20)):
        np.testing.assert_array_equal(over.over((x,), order, 5).numpy(), x[order] * 2 + 1)


@pytest.mark.parametrize("divisor", [3.0, -7.0, 0.0, -0.0, 1e-30, 1e30, np.inf, np.nan, 1e-45, 0.1])
def test_division_by_one_number(divisor: float) -> None:
    x = np.concatenate([np.random.default_rng(0).normal(size=3000) * 1e3,
                        [0.0, -0.0, np.inf, -np.inf, np.nan, 1e38, -1e-30, 3e-38]])  # fmt: skip
    x, one = x.astype("f4"), np.array(divisor, "f4")
    with np.errstate(all="ignore"):
        expected = x / one
    found = compiled(lambda x, one: x / one)(x, one).numpy()
    # Where the quotient, or what is left over of it, counts as zero in plans.
    tiny = (np.abs(x) < 1e-30) & (x != 0) | (np.abs(expected) < 2e-38) | (abs(divisor) < 2e-38)
    np.testing.assert_array_equal(found[~tiny], expected[~tiny])
    same = ~tiny & ~np.isnan(expected)  # the sign of NaN means nothing
    np.testing.assert_array_equal(np.signbit(found[same]), np.signbit(expected[same]))


def test_division_by_roots() -> None:
    random = np.random.default_rng(1)
    a = np.concatenate([random.normal(size=5000), [0, 1, np.inf, np.nan, 1e38, 1.0, 1.0, 1.0]])
    b = np.concatenate([random.random(5000), [1, 0, 1, 1, 1e-6, np.inf, np.nan, 1e38]])
    a, b, end = a.astype("f4"), b.astype("f4"), np.array(1e-7, "f4")
    with np.errstate(all="ignore"):
        expected = a / (np.sqrt(b) + end)
    found = compiled(lambda a, b, end: a / (ops.sqrt(b) + end))(a, b, end).numpy()
    np.testing.assert_allclose(found, expected, rtol=1.3e-7)
