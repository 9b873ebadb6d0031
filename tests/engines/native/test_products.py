"""Matrix products in every way they are cut up, with programs behind them, against float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import compiled, ops, settings

SIZES = [
    (1, 1, 1), (3, 5, 7), (1, 785, 1000), (4, 300, 600), (5, 2049, 3), (64, 12800, 100),
    (10, 1, 16), (37, 100, 300), (100, 64, 1100), (128, 128, 2000), (70, 3000, 700),
    (2000, 500, 10), (0, 3, 2), (3, 0, 2), (200, 70, 513), (17, 2100, 1024),
    (2, 2, 2), (7, 13, 17), (10, 16, 32), (10, 32, 2), (13, 19, 70), (33, 18, 64), (29, 31, 10),
    (6, 3, 256), (6, 3, 257), (1, 64, 200), (4, 9, 100), (25, 20, 131), (16, 0, 5), (40, 4, 3),
    (9, 33, 1), (9, 33, 2), (9, 33, 4), (40, 9, 1), (40, 9, 2), (17, 16, 4), (2, 1024, 1),
    (2, 1025, 1), (1, 3000, 1), (64, 128, 64),
]  # fmt: skip


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LERNWERK_ENGINE", "native")


def _close(found: Any, expected: Any) -> None:
    """Within the rounding of sums in float32, in the size of the largest."""
    scale = np.abs(expected).max(initial=0) + 1e-9
    np.testing.assert_allclose(found.numpy() / scale, expected / scale, rtol=0, atol=3e-5)


@pytest.mark.parametrize(("m", "k", "n"), SIZES)
@pytest.mark.parametrize("turned", ["", "a", "b", "ab"])
def test_product_and_program(m: int, k: int, n: int, turned: str) -> None:
    random = np.random.default_rng(0)
    a = random.standard_normal((k, m) if "a" in turned else (m, k)).astype("f4")
    b = random.standard_normal((n, k) if "b" in turned else (k, n)).astype("f4")

    @compiled
    def run(a: Any, b: Any) -> Any:
        a = ops.transpose(a) if "a" in turned else a
        b = ops.transpose(b) if "b" in turned else b
        y = a @ b
        return y, ops.relu(y + 1.0), (y * y).sum(), y.sum(axis=0), y.sum(axis=1)

    wide = (a.T if "a" in turned else a).astype("f8") @ (b.T if "b" in turned else b).astype("f8")
    expected = (wide, np.maximum(wide + 1, 0), (wide**2).sum(), wide.sum(0), wide.sum(1))
    for one, other in zip(run(a, b), expected, strict=True):
        _close(one, other)


@pytest.mark.parametrize(
    ("m", "k", "n", "kernel"),
    [
        *[(6000, 785, n, "slim_there_and_back") for n in (1, 7, 10, 14)],
        (2300, 1900, 13, "slim_there_and_back"),
        (5001, 896, 3, "slim_there_and_back"),
        (5001, 900, 15, "matmul_there_and_back"),
        (9000, 500, 64, "matmul_there_and_back"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_there_and_back(m: int, k: int, n: int, kernel: str, turned: bool) -> None:
    """A layer, its loss and its kernel's gradient in one pass over the input."""
    random = np.random.default_rng(1)
    x = random.standard_normal((m, k)).astype("f4")
    w = (random.standard_normal((k, n)) / k**0.5).astype("f4")
    t = random.uniform(size=(m, n)).astype("f4")

    @compiled
    def run(x: Any, w: Any, t: Any) -> Any:
        d = ops.sigmoid(x @ (ops.transpose(w) if turned else w)) - t
        return ops.transpose(x) @ d, d, (d * d).sum()

    from lernwerk.engines.native.plan import NativePlan

    given = w.T.copy() if turned else w
    found = run(x, given, t)
    plan = run.plan_for(x, given, t)[1]
    assert isinstance(plan, NativePlan)
    kernels = [each.step.kernel for each in plan.instructions if each.step]
    assert kernels == [kernel]
    d = 1 / (1 + np.exp(-(x.astype("f8") @ w.astype("f8")))) - t
    for one, other in zip(found, (x.T.astype("f8") @ d, d, (d * d).sum()), strict=True):
        _close(one, other)
    settings.set("threads", 1)
    try:
        for one, other in zip(run(x, given, t), found, strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy())
    finally:
        settings.set("threads", None)
