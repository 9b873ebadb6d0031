"""``tf.debugging``: checks that stop a program."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.errors import DataError, ShapeError


def Assert(
    condition: Any, data: Any = None, summarize: int | None = None, name: Any = None
) -> None:
    """Refuse a condition that does not hold."""
    if not np.all(np.asarray(condition)):
        raise DataError("tf.debugging.Assert", "a condition that holds", str(data)[:80])


def assert_equal(x: Any, y: Any, message: str = "", **_: Any) -> None:
    """Refuse arrays with different numbers."""
    if not np.array_equal(np.asarray(x), np.asarray(y)):
        raise DataError("tf.debugging.assert_equal", "equal numbers", "different ones", message)


def assert_near(x: Any, y: Any, rtol: float = 1e-6, atol: float = 1e-6, **_: Any) -> None:
    """Refuse arrays whose numbers are not close."""
    if not np.allclose(np.asarray(x), np.asarray(y), rtol, atol):
        raise DataError("tf.debugging.assert_near", "numbers close to each other", "others")


def assert_shapes(shapes: Any, **_: Any) -> None:
    """Refuse tensors of other shapes."""
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    for x, shape in pairs:
        fits = zip(shape, x.shape, strict=False)
        if len(shape) != len(x.shape) or any(isinstance(n, int) and n != m for n, m in fits):
            raise ShapeError("tf.debugging.assert_shapes", f"shape {tuple(shape)}", tuple(x.shape))


def check_numerics(tensor: Any, message: str = "", name: Any = None) -> Any:
    """Refuse infinite numbers and NaN."""
    if not np.isfinite(np.asarray(tensor)).all():
        raise DataError("tf.debugging.check_numerics", "finite numbers", "NaN or inf", message)
    return tensor


def set_log_device_placement(enabled: bool) -> None:
    """Accepted, without effect: everything runs on the processor."""


def enable_check_numerics(*_: Any, **__: Any) -> None:
    """Accepted: ``fit`` says by itself where a loss stopped being finite."""


__all__ = [
    "Assert", "assert_equal", "assert_near", "assert_shapes", "check_numerics",
    "enable_check_numerics", "set_log_device_placement",
]  # fmt: skip
