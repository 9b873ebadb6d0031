"""Convolution plane by plane against the operation of three axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import Tensor, gradient
from lernwerk.errors import ShapeError

NO = ((0, 0),) * 3


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((3, 3, 3), {"strides": (1, 1, 1), "padding": ((1, 1),) * 3, "dilation": (1, 1, 1)}),
        ((2, 3, 1), {"strides": (2, 1, 3), "padding": NO, "dilation": (1, 1, 1)}),
        ((3, 2, 2), {"strides": (3, 1, 1), "padding": ((0, 2), *NO[1:]), "dilation": (2, 1, 2)}),
        ((1, 1, 1), {"strides": (2, 2, 2), "padding": NO, "dilation": (1, 1, 1)}),
    ],
)
@pytest.mark.parametrize("groups", [1, 2])
def test_it_is_the_convolution_of_three_axes(
    size: Any, options: dict[str, Any], groups: int
) -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(2, 7, 5, 6, 4)), random.normal(size=(*size, 4 // groups, 6))
    tensors = [Tensor(x), Tensor(w)]
    found = ops.convolution_by_planes(*tensors, groups=groups, **options)
    expected = ops.convolution(*tensors, groups=groups, **options)
    g = random.normal(size=expected.shape)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-10, atol=1e-10)
    pairs = zip(gradient(found, tensors, g), gradient(expected, tensors, g), strict=True)
    for one, other in pairs:
        assert one is not None and other is not None
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-10, atol=1e-10)


def test_a_small_volume_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"^convolution: expected an input of at least 3 along"):
        ops.convolution_by_planes(
            np.ones((1, 2, 5, 5, 1)), np.ones((3, 3, 3, 1, 1)), strides=(1, 1, 1), padding=NO,
            dilation=(1, 1, 1), groups=1,
        )  # fmt: skip
