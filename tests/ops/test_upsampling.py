"""Enlarging against JAX's resize, its gradients by the adjoint, and its messages."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, gradient
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.upsampling import METHODS

JAX = {"bilinear": "linear", "bicubic": "cubic"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factors", [(2, 2), (3, 1), (5, 4)])
@pytest.mark.parametrize("size", [(4, 5), (1, 2)])
def test_it_is_what_jax_resizes(method: str, factors: Any, size: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, *size, 3))
    shape = (2, *(n * s for n, s in zip(size, factors, strict=True)), 3)
    with jax.enable_x64(True):
        expected = jax.image.resize(x, shape, JAX.get(method, method))
    y = ops.upsample(x, factors=factors, method=method)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_gradient_is_the_adjoint(method: str) -> None:
    random = np.random.default_rng(1)
    x, g = random.normal(size=(2, 3, 4, 2)), random.normal(size=(2, 6, 12, 2))
    source = Tensor(x)
    y = ops.upsample(source, factors=(2, 3), method=method)
    (found,) = gradient(y, [source], g)
    assert found is not None
    np.testing.assert_allclose((found.numpy() * x).sum(), (y.numpy() * g).sum(), rtol=1e-10)


def test_the_edges_of_a_line_keep_a_constant() -> None:
    ones = np.ones((1, 5, 1), "float32")
    for method in METHODS:
        y = ops.upsample(ones, factors=(4,), method=method)
        np.testing.assert_allclose(y, np.ones((1, 20, 1)), rtol=1e-6)


def test_messages() -> None:
    with pytest.raises(ArgumentError) as refused:
        ops.upsample(np.ones((1, 5, 1)), factors=(2,), method="cubic")
    assert str(refused.value) == (
        "upsample: expected the name of a known method, got 'cubic'. Did you mean 'bicubic'?"
    )
    with pytest.raises(ShapeError) as wrong:
        ops.upsample(np.ones((1, 5, 1)), factors=(2, 2))
    assert str(wrong.value) == "upsample: expected an input with 4 axes, got (1, 5, 1)."
