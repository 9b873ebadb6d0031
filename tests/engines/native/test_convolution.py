"""The kernels of convolution: every path against the NumPy definition in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.engines.native.extension import extension
from lernwerk.ops.primitive import REGISTRY, Spec
from tests.engines.native.running import run_node

Options = dict[str, Any]


def _options(
    strides: tuple[int, ...] = (1, 1),
    padding: Any = ((0, 0), (0, 0)),
    dilation: tuple[int, ...] = (1, 1),
    groups: int = 1,
) -> Options:
    return {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}


SAME = ((1, 1), (1, 1))

# Shapes of x and w and the attributes.
CASES = [
    # One pixel and one channel; kernels as large as the input; primes.
    ((1, 1, 1, 1), (1, 1, 1, 1), _options()),
    ((2, 5, 5, 3), (5, 5, 3, 2), _options()),
    ((3, 7, 11, 5), (3, 2, 5, 13), _options(padding=((2, 1), (0, 3)))),
    # The first layers of pictures without colour and with it.
    ((5, 28, 28, 1), (3, 3, 1, 32), _options()),
    ((2, 29, 31, 3), (7, 7, 3, 17), _options((2, 2), ((3, 3), (3, 3)))),
    # Matrix products of all pixels, in several chunks.
    ((3, 17, 19, 70), (1, 1, 70, 130), _options()),
    ((2, 9, 9, 33), (1, 1, 33, 20), _options((2, 2))),
    # Strides, also larger than the kernel; dilation; both.
    ((2, 16, 16, 24), (4, 4, 24, 40), _options((2, 2), SAME)),
    ((2, 15, 13, 8), (5, 5, 8, 16), _options((2, 2), ((2, 2), (1, 2)))),
    ((2, 11, 11, 4), (2, 2, 4, 6), _options((3, 3))),
    ((2, 13, 14, 6), (3, 3, 6, 10), _options(dilation=(2, 3), padding=((2, 2), (3, 3)))),
    ((2, 13, 14, 6), (3, 2, 6, 10), _options((2, 3), ((2, 1), (0, 2)), (3, 2))),
    # Groups, with and without strides.
    ((2, 9, 10, 12), (3, 3, 4, 9), _options(groups=3)),
    ((2, 9, 10, 8), (3, 3, 4, 34), _options((2, 1), SAME, groups=2)),
    # One picture, cut into rows.
    ((1, 56, 56, 20), (5, 5, 20, 18), _options(padding=((2, 2), (2, 2)))),
    # Depthwise, with multipliers, strides, dilation.
    ((3, 20, 21, 40), (3, 3, 1, 40), _options(padding=SAME, groups=40)),
    ((9, 26, 27, 32), (5, 5, 1, 32), _options((2, 2), groups=32)),
    ((5, 20, 21, 7), (3, 3, 1, 21), _options((2, 3), SAME, groups=7)),
    ((2, 11, 12, 16), (2, 5, 1, 16), _options(dilation=(2, 1), groups=16)),
    # Winograd: ragged tiles and channels, all paddings, more pictures than a piece holds.
    ((9, 26, 26, 32), (3, 3, 32, 64), _options()),
    ((5, 17, 19, 9), (3, 3, 9, 70), _options(padding=((1, 1), (1, 1)))),
    ((40, 7, 6, 24), (3, 3, 24, 8), _options(padding=((0, 2), (2, 1)))),
    ((1, 45, 50, 70), (3, 3, 70, 20), _options(padding=((2, 2), (2, 2)))),
    # Few pixels and a large kernel.
    ((2, 7, 8, 250), (2, 3, 250, 200), _options(padding=SAME)),
    ((3, 7, 7, 512), (1, 1, 512, 1050), _options()),
    # One axis.
    ((4, 50, 12), (5, 12, 20), _options((1,), ((4, 0),), (1,))),
    ((4, 50, 12), (3, 12, 20), _options((2,), ((0, 0),), (1,))),
]  # fmt: skip


def _single(*arrays: Any) -> list[Any]:
    return [array.astype(np.float32) for array in arrays]


def _output_shape(x: tuple[int, ...], w: tuple[int, ...], options: Options) -> tuple[int, ...]:
    specs = [Spec(shape, np.dtype(np.float32)) for shape in (x, w)]
    return REGISTRY["convolution"].infer(specs, options)[0].shape


def _all_three(x_shape: tuple[int, ...], w_shape: tuple[int, ...], options: Options) -> Any:
    """Name, inputs and attributes of a convolution and of its gradients."""
    random = np.random.default_rng(0)
    x, w = random.normal(size=x_shape), random.normal(size=w_shape)
    g = random.normal(size=_output_shape(x_shape, w_shape, options))
    yield "convolution", _single(x, w), options
    yield "convolution_input_gradient", _single(g, w), options | {"input_shape": x_shape}
    yield "convolution_kernel_gradient", _single(x, g), options | {"kernel_shape": w_shape}


def _run(name: str, inputs: list[Any], attributes: Options) -> Any:
    found = run_node(REGISTRY[name], inputs, attributes)
    assert found is not None
    return found[0]


def _expected(name: str, inputs: list[Any], attributes: Options) -> Any:
    """The definition, computed in float64."""
    return REGISTRY[name].forward(*(array.astype(np.float64) for array in inputs), **attributes)


@pytest.mark.parametrize(("x", "w", "options"), CASES, ids=str)
def test_definition(x: tuple[int, ...], w: tuple[int, ...], options: Options) -> None:
    for name, inputs, attributes in _all_three(x, w, options):
        expected = _expected(name, inputs, attributes)
        found = _run(name, inputs, attributes)
        # What the comment in winograd.cpp promises; the other paths are far better.
        bound = 1e-4 if w[:2] == (3, 3) else 1e-5
        assert np.abs(found - expected).max() < bound * np.abs(expected).max(), name


@pytest.mark.parametrize(("x", "w", "options"), CASES, ids=str)
def test_bits_do_not_depend_on_threads(
    x: tuple[int, ...], w: tuple[int, ...], options: Options
) -> None:
    module = extension()
    threads = module.threads()
    try:
        for name, inputs, attributes in _all_three(x, w, options):
            module.set_threads(1)
            one = _run(name, inputs, attributes)
            module.set_threads(2)
            np.testing.assert_array_equal(one, _run(name, inputs, attributes))
    finally:
        module.set_threads(threads)
