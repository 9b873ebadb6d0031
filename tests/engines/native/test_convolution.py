"""The kernels of convolution: every path against the NumPy definition in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_running import _aligned, run_node

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.lowering.convolution import with_epilogue
from lernwerk.engines.native.step import lowered
from lernwerk.ops.primitive import REGISTRY, Spec

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
    # From pictures of few channels: windows that overlap, that do not, and with gaps.
    ((3, 28, 27, 1), (4, 4, 1, 64), _options((2, 2), SAME)),
    ((2, 19, 31, 3), (5, 3, 3, 16), _options((3, 1), ((0, 4), (2, 0)), (1, 2))),
    ((40, 30, 2), (7, 2, 33), _options((1,), ((6, 0),), (1,))),
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
    # The same with strides: even and odd kernels, ragged phases, all paddings.
    ((9, 14, 14, 64), (4, 4, 64, 40), _options((2, 2), SAME)),
    ((9, 16, 14, 33), (4, 4, 33, 37), _options((2, 2), ((0, 3), (2, 1)))),
    ((9, 15, 17, 33), (5, 5, 33, 37), _options((2, 2), ((2, 2), (1, 2)))),
    ((3, 22, 31, 34), (6, 5, 34, 33), _options((2, 2), ((5, 4), (0, 0)))),
    ((11, 7, 11, 35), (2, 2, 35, 32), _options(padding=SAME)),
    # Few pixels and a large kernel.
    ((2, 7, 8, 250), (2, 3, 250, 200), _options(padding=SAME)),
    ((3, 7, 7, 512), (1, 1, 512, 1050), _options()),
    ((2, 15, 14, 130), (3, 3, 130, 250), _options(padding=SAME)),
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
        winograd = "winograd" in _step(name, inputs, attributes).kernel
        bound = 1e-4 if winograd else 1e-5
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


EPILOGUES = [
    ((2, 9, 10, 12), (2, 3, 4, 9), _options(groups=3)),
    ((9, 26, 26, 32), (3, 3, 32, 40), _options()),
    ((9, 16, 14, 33), (4, 4, 33, 37), _options((2, 2), ((0, 3), (2, 1)))),
    ((3, 20, 21, 10), (3, 3, 1, 20), _options(padding=SAME, groups=10)),
    ((2, 7, 8, 250), (2, 3, 250, 200), _options(padding=SAME)),
    ((2, 15, 14, 130), (3, 3, 130, 250), _options(padding=SAME)),
]


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(("x", "w", "options"), EPILOGUES, ids=str)
def test_epilogue(x: tuple[int, ...], w: tuple[int, ...], options: Options, relu: bool) -> None:
    """Bias and ReLU in the same step; NaN stays NaN."""
    _, inputs, _ = next(_all_three(x, w, options))
    inputs[0][-1, -1, -1] = np.nan
    bias = np.random.default_rng(1).normal(size=w[-1]).astype(np.float32)
    expected = _expected("convolution", inputs, options) + bias
    expected = np.maximum(expected, 0) if relu else expected
    step = with_epilogue(_step("convolution", inputs, options), relu)
    found = _run_step(step, [*inputs, bias], expected.shape)
    assert np.isnan(found[np.isnan(expected)]).all()
    both = ~np.isnan(found)
    assert both.mean() > 0.5
    bound = 1e-4 * np.nanmax(np.abs(expected))
    assert np.abs(found - expected)[both].max() < bound


def _step(name: str, inputs: list[Any], attributes: Options) -> Any:
    primitive = REGISTRY[name]
    symbols = tuple(Symbol(Spec(a.shape, a.dtype), f"%{i}") for i, a in enumerate(inputs))
    node = Node(primitive, symbols, attributes)
    specs = primitive.infer([symbol.spec for symbol in symbols], attributes)
    node.outputs = tuple(Symbol(spec, "%y") for spec in specs)
    return lowered(node)


def _run_step(step: Any, inputs: list[Any], shape: tuple[int, ...]) -> Any:
    """The one output of a step, with scratch memory as it wants it."""
    module = extension()
    y = np.full(shape, np.nan, np.float32)
    local = -(-step.local // 64) * 64
    shared, own = _aligned(step.shared), _aligned(local * module.threads())
    arrays = [array.ctypes.data for array in inputs]
    assert module.call_kernel(
        step.kernel, arrays, [y.ctypes.data], list(step.whole), [], shared[1], own[1], local
    )
    return y


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_a_number_reaches_what_it_touches(bad: float) -> None:
    """Of a Winograd convolution, one bad pixel spoils no result that is a tile away."""
    x = np.ones((9, 26, 26, 32), np.float32)
    x[4, 9, 9, 3] = bad
    y = _run("convolution", [x, np.ones((3, 3, 32, 16), np.float32)], _options())
    assert not np.isfinite(y[4, 7:10, 7:10]).any()
    y[4, 4:12, 4:12] = 0
    assert np.isfinite(y).all()
