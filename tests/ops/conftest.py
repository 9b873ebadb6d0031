"""The comparison with JAX that the tests of several families share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lernwerk.ops import sum_to
from lernwerk.ops.primitive import Primitive

TOLERANCES = {"float32": 1e-5, "float64": 1e-11}


def _as(dtype: str, value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _gradients(primitive: Primitive, g: Any, y: Any, inputs: Any, attributes: Any) -> list[Any]:
    """The rule's gradients on arrays, with broadcast axes summed away; zeros for None."""
    found = []
    rule = primitive.gradient(g, y, *inputs, **{**primitive.defaults, **attributes})
    for x, entry in zip(inputs, rule, strict=True):
        value = entry() if callable(entry) else entry
        zero = value is None
        found.append(np.zeros_like(x) if zero else sum_to(np.asarray(value), shape=x.shape))
    return found


@pytest.fixture
def agrees_with_jax() -> Callable[..., None]:
    """Compare value, type and all gradients of a primitive with a function of JAX."""

    def check(
        primitive: Primitive, function: Callable[..., Any], *values: Any, **attributes: Any
    ) -> None:
        for dtype, tolerance in TOLERANCES.items():
            inputs = [_as(dtype, value) for value in values]
            floats = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]

            def of_floats(*parts: Any, inputs: Any = inputs, floats: Any = floats) -> Any:
                merged = dict(zip(floats, parts, strict=True))
                return function(*(merged.get(i, jnp.asarray(x)) for i, x in enumerate(inputs)))

            with jax.enable_x64(dtype == "float64"):
                expected, back = jax.vjp(of_floats, *(jnp.asarray(inputs[i]) for i in floats))
                y = np.asarray(primitive(*inputs, **attributes))
                assert y.dtype == np.dtype(dtype)
                assert y.shape == expected.shape
                np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
                g = np.random.default_rng(7).normal(size=y.shape).astype(dtype)
                wanted = back(jnp.asarray(g))
            found = _gradients(primitive, g, y, inputs, attributes)
            for i, gradient in zip(floats, wanted, strict=True):
                np.testing.assert_allclose(found[i], gradient, rtol=tolerance, atol=tolerance)

    return check
