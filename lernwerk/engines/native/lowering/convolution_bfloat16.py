"""Convolution and its gradients in bfloat16 as steps; the kernels round what they read.

The last parameter of each says which operands are narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lernwerk.core.graph import Node
from lernwerk.engines.native.lowering.geometry import (
    CHUNKS,
    FLOAT,
    SMALL_WORK,
    SUMS_BYTES,
    Geometry,
    chunks,
    geometry,
)
from lernwerk.engines.native.step import Step

# As in native/bfloat16.hpp: lines and depth of a tile.
_LINES, _DEPTH = 16, 32
# The windows of a piece of work, or pictures and products, stay in the second cache: an eighth of
# 2 MB.
_PIECE_BYTES = 2**18
# The gradient of a larger kernel would leave the cache with each picture.
_LARGEST_KERNEL = 2**22
# Windows, and channels of the result, that are worth a tile.
_FEWEST = 8

LEADING = ("convolution", "convolution_input_gradient")  # programs may follow
CONVOLUTIONS = (*LEADING, "convolution_kernel_gradient")


@dataclass(frozen=True)
class Convolution:
    """A convolution as the product of matrices that it is: (pixels, taps) by (taps, channels)."""

    node: Node
    batch: int = 1

    @property
    def m(self) -> int:
        """Pixels of the result."""
        return math.prod(self.node.outputs[0].shape[:-1])

    @property
    def n(self) -> int:
        """Its channels."""
        return self.node.outputs[0].shape[-1]


def bfloat16_step(node: Node) -> Step | None:
    """The step of a convolution or its gradient with rounded factors; None where that is slow."""
    shape = node.outputs[0].shape
    if node.primitive.name == "convolution":
        x, w = node.inputs
        return _forward(geometry(node, x.shape, shape, w.shape))
    if node.primitive.name == "convolution_input_gradient":
        g, w = node.inputs
        return _input(geometry(node, shape, g.shape, w.shape))
    x, g = node.inputs
    return _kernel(geometry(node, x.shape, g.shape, shape))


def _pays(g: Geometry | None) -> bool:
    """Whether tiles are filled well enough, and rows of the kernel are in one piece."""
    if g is None or g.groups != 1 or g.dilation_w != 1 or g.work < SMALL_WORK:
        return False
    return min(g.taps * g.c, g.out_c) >= _FEWEST


def _forward(g: Geometry | None) -> Step | None:
    if g is None or not _pays(g):
        return None
    return _step("convolution_bfloat16", g, turned=False)


def _input(g: Geometry | None) -> Step | None:
    """With stride 1 it is a convolution of the output's gradient with the kernel turned round."""
    if g is None or (g.stride_h, g.stride_w) != (1, 1):
        return None
    back = replace(
        g, h=g.out_h, w=g.out_w, c=g.out_c, out_h=g.h, out_w=g.w, out_c=g.c,
        top=(g.kernel_h - 1) * g.dilation_h - g.top, left=g.kernel_w - 1 - g.left,
    )  # fmt: skip
    return _step("convolution_bfloat16", back, turned=True) if _pays(back) else None


def _step(kernel: str, g: Geometry, turned: bool) -> Step:
    row = g.covered_w * (2 * g.c + FLOAT * g.out_c) if _slide(g) else _copied(g)
    rows = _rows(g, row)
    packed = 2 * _whole(g.taps * g.c, _DEPTH) * _whole(g.out_c, _LINES)
    return Step(
        kernel,
        (*g.whole, rows, chunks(g, g.batch * -(-g.out_h // rows)), int(turned), 0),
        shared=packed + (FLOAT * g.kernel_size if turned else 0),
        local=2 * (_windows(g, rows, _slide(g)) + 2 * rows * g.covered_w * g.out_c),  # y in float32
    )


def _kernel(g: Geometry | None) -> Step | None:
    if g is None or not _pays(g) or FLOAT * g.kernel_size > _LARGEST_KERNEL:
        return None
    is_shifted = (g.stride_h, g.stride_w) == (1, 1) and g.c >= _LINES
    row = 2 * g.covered_w * (2 * g.c + 2 * g.out_c) if is_shifted else _copied(g)
    rows = _rows(g, row)
    size = FLOAT * g.kernel_size
    parts = min(CHUNKS // 2, SUMS_BYTES // size, chunks(g, g.batch * -(-g.out_h // rows)))
    if is_shifted:
        return _shifted(g, rows, parts)
    lines = _whole(g.out_c, _LINES) + _whole(g.taps * g.c, _LINES)
    return Step(
        "convolution_kernel_gradient_bfloat16",
        (*g.whole, rows, parts, 0),
        shared=(parts + 1) * size,
        local=2 * (_windows(g, rows, False) + lines * _whole(rows * g.out_w, _DEPTH)),
    )


def _shifted(g: Geometry, rows: int, parts: int) -> Step:
    """Scratch: sums and where taps begin; a padded picture, it transposed, the gradient packed."""
    pixels = g.covered_h(rows) * g.covered_w
    turned = 2 * _whole(g.c, _LINES) * _width(pixels + g.kernel_w + _DEPTH)
    packed = 2 * _whole(g.out_c, _LINES) * _whole(rows * g.covered_w, _DEPTH)
    return Step(
        "convolution_kernel_gradient_shifted_bfloat16",
        (*g.whole, rows, parts, 0),
        shared=8 * _whole(g.taps, 8) + parts * FLOAT * g.kernel_size,
        local=2 * _whole(pixels * max(g.c, g.out_c), _DEPTH) + turned + packed,
    )


def _rows(g: Geometry, row_bytes: int) -> int:
    """Rows of the output in a piece of work, pieces being about equal and enough for threads."""
    pieces = -(-CHUNKS // 2 // g.batch)
    most = max(1, min(_PIECE_BYTES // row_bytes, -(-g.out_h // pieces)))
    return -(-g.out_h // -(-g.out_h // most))


def _copied(g: Geometry) -> int:
    """Bytes of the windows of a row of the output."""
    return 2 * g.out_w * _width(g.taps * g.c)


def _slide(g: Geometry) -> bool:
    """Whether windows are read where they lie, as in the kernel."""
    return (g.stride_h, g.stride_w) == (1, 1) and g.kernel_w * g.c % _DEPTH == 0


def _windows(g: Geometry, rows: int, slide: bool) -> int:
    """Numbers of a rounded piece of a picture and its windows, whether copied or sliding."""
    picture = _whole(g.covered_h(rows) * g.covered_w * g.c, _DEPTH)
    if slide:
        return picture + 2 * _LINES * g.c + _DEPTH
    return picture + _whole(rows * g.out_w, _LINES) * _width(g.taps * g.c) + 3 * _DEPTH


def _width(depth: int) -> int:
    """Numbers from row to row of a matrix: whole tiles and no power of two."""
    whole = _whole(depth, _DEPTH)
    return whole if whole % 128 else whole + _DEPTH


def _whole(size: int, unit: int) -> int:
    """The next multiple of a unit."""
    return -(-size // unit) * unit
