"""Pooling kernels: many windows, strides and paddings, ties, NaN and infinity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_running import run_node
from native_shapes import check, numbers

from lernwerk.ops.primitive import REGISTRY


@st.composite
def geometries(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape (b, *n, c) of one or two spatial axes and the options of a pooling that fits it."""
    rank = draw(st.integers(1, 2))
    size = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    strides = tuple(k if draw(st.booleans()) else draw(st.integers(1, 4)) for k in size)
    padding = tuple((draw(st.integers(0, k - 1)), draw(st.integers(0, k - 1))) for k in size)
    spatial = tuple(
        draw(st.integers(max(k - sum(pair), 0), 9)) for k, pair in zip(size, padding, strict=True)
    )
    channels = draw(st.sampled_from([0, 1, 2, 3, 4, 7, 16, 17, 37]))
    shape = (draw(st.integers(0, 3)), *spatial, channels)
    return shape, {"size": size, "strides": strides, "padding": padding}


def _check_all(x: Any, options: dict[str, Any]) -> None:
    y = REGISTRY["max_pooling"].forward(x, **options)
    g = numbers(y.shape, 1)
    check("max_pooling", x, **options)
    check("max_pooling_gradient", x, y, g, **options)
    check("max_pooling_pick", x, y, numbers(x.shape, 2), **options)
    check("average_pooling", x, **options)
    check("average_pooling_gradient", g, input_shape=x.shape, **options)


@settings(deadline=None)
@given(geometries())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a window of padding alone: 0 / 0
def test_any_geometry(geometry: tuple[tuple[int, ...], dict[str, Any]]) -> None:
    shape, options = geometry
    ties = np.round(numbers(shape))  # several equal maxima: the first counts
    _check_all(ties, options)


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("strides", [1, 2, 3])
def test_several_chunks(size: int, strides: int) -> None:
    options = {"size": (size,) * 2, "strides": (strides,) * 2, "padding": ((0, 1),) * 2}
    _check_all(numbers((17, 23, 24, 19)), options)


@pytest.mark.parametrize("channels", [1, 5, 32])
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 1), (1, 0))])
@pytest.mark.filterwarnings("ignore:invalid value")  # an average of inf and -inf
def test_nan_and_infinity(channels: int, padding: Any) -> None:
    random = np.random.default_rng(0)
    x = random.choice(
        [np.nan, np.inf, -np.inf, 1.0, 2.0], (3, 8, 8, channels), p=(0.1, 0.1, 0.6, 0.1, 0.1)
    )
    options = {"size": (2, 2), "strides": (2, 2), "padding": padding}
    _check_all(x.astype(np.float32), options)


def test_what_stays_with_numpy() -> None:
    options = {"size": (2,) * 3, "strides": (2,) * 3, "padding": ((0, 0),) * 3}
    assert run_node(REGISTRY["max_pooling"], [numbers((1, 4, 4, 4, 2))], options) is None
    flat = {"size": (2,), "strides": (2,), "padding": ((0, 0),)}
    assert run_node(REGISTRY["max_pooling"], [np.zeros((1, 4, 2))], flat) is None
