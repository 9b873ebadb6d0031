"""Convolution and its gradients as steps.

The parameters say how the work is cut up; the sizes of scratch memory follow from them.
"""

from __future__ import annotations

from dataclasses import replace

from lernwerk.core.graph import Node
from lernwerk.engines.native.lowering import depthwise, spread, winograd
from lernwerk.engines.native.lowering.geometry import (
    CHUNKS,
    FLOAT,
    SUMS_BYTES,
    Geometry,
    chunks,
    geometry,
    packed_bytes,
    piece_rows,
    reach,
    stacked,
)
from lernwerk.engines.native.step import Step, lowers

# A kernel's gradient of more bytes is cut along the rows of the kernel.
LARGE_KERNEL_BYTES = 2**20
# With fewer pixels the threads share such a kernel's columns, 32 or more each, not the pixels.
FEW_PIXELS = 256
COLUMNS = 32


@lowers("convolution")
def _convolution(node: Node) -> Step | None:
    x, w = node.inputs
    found = geometry(node, x.shape, node.outputs[0].shape, w.shape)
    if found is None:
        return None
    if depthwise.serves(found):
        return depthwise.forward_step(found)
    if winograd.serves_columns(found):
        return winograd.columns_step(found)
    if winograd.serves(found):
        return winograd.forward_step(found)
    return columns_step(found) if _is_kernel_large(found) else forward_step(found)


@lowers("convolution_input_gradient")
def _input_gradient(node: Node) -> Step | None:
    g, w = node.inputs
    found = geometry(node, node.attributes["input_shape"], g.shape, w.shape)
    if found is None:
        return None
    if depthwise.serves(found):
        return depthwise.input_step(found)
    if winograd.serves(found):
        return winograd.input_step(found)
    return spread.input_step(found) if spread.serves(found) else input_step(found)


@lowers("convolution_kernel_gradient")
def _kernel_gradient(node: Node) -> Step | None:
    x, g = node.inputs
    found = geometry(node, x.shape, g.shape, node.attributes["kernel_shape"])
    if found is None:
        return None
    if depthwise.serves(found):
        return depthwise.kernel_step(found)
    return winograd.kernel_step(found) if winograd.serves_kernel(found) else kernel_step(found)


def with_epilogue(step: Step, relu: bool) -> Step:
    """The step of a convolution for inputs x, w, bias: y = x * w + bias, or its positive part."""
    return replace(step, whole=(*step.whole[:-1], 1 if relu else 2))


def forward_step(g: Geometry) -> Step:
    """A convolution. Parameters: geometry, rows of a piece, chunks, kernel bytes, epilogue."""
    g = stacked(g)
    rows = piece_rows(g, g.out_h, 1)
    packed = g.groups * packed_bytes(g.taps * g.c // g.groups, g.out_c // g.groups)
    return Step(
        "convolution",
        (*g.whole, rows, chunks(g, g.batch * -(-g.out_h // rows)), packed, 0),
        shared=packed + 8 * g.taps,
        local=FLOAT * g.covered_h(rows) * g.covered_w * g.c,
    )


def columns_step(g: Geometry) -> Step:
    """A convolution with a large kernel. Parameters: geometry, columns of the kernel in a piece,
    bytes of such packed columns, epilogue."""
    g = stacked(g)
    blocks = -(-g.out_c // COLUMNS)
    columns = -(-blocks // min(blocks, CHUNKS)) * COLUMNS
    packed = packed_bytes(g.taps * g.c, columns)
    return Step(
        "convolution_columns",
        (*g.whole, columns, packed, 0),
        shared=8 * g.taps,
        local=packed + FLOAT * g.covered_h(g.out_h) * g.covered_w * g.c,
    )


def _is_kernel_large(g: Geometry) -> bool:
    """Whether reading the kernel costs as much as the products: few pixels, many weights."""
    pixels = g.batch * g.out_h * g.out_w
    return g.groups == 1 and pixels <= FEW_PIXELS and FLOAT * g.kernel_size >= LARGE_KERNEL_BYTES


def input_step(g: Geometry) -> Step:
    """An input's gradient. Parameters: geometry, rows of a piece, chunks, kernel bytes."""
    g = stacked(g)
    rows = piece_rows(g, g.h, g.stride_h)
    packed = g.groups * g.taps * packed_bytes(g.out_c // g.groups, g.c // g.groups)
    axes = 2 * (g.kernel_h + g.kernel_w) + g.stride_h + g.stride_w + 2
    high = reach(rows, g.kernel_h, g.dilation_h, g.stride_h)
    wide = reach(g.w, g.kernel_w, g.dilation_w, g.stride_w)
    return Step(
        "convolution_input_gradient",
        (*g.whole, rows, chunks(g, g.batch * -(-g.h // rows)), packed),
        shared=packed + 8 * (axes + g.taps),
        local=FLOAT * high * wide * g.out_c,
    )


def kernel_step(g: Geometry) -> Step:
    """A kernel's gradient. Parameters: geometry, rows of a piece, parts, parts of the kernel's
    rows, bytes of a packed piece of the output's gradient."""
    g = stacked(g)
    rows = piece_rows(g, g.out_h, 1)
    packed = g.groups * packed_bytes(rows * g.out_w, g.out_c // g.groups)
    size = FLOAT * g.kernel_size
    kernel_parts = g.kernel_h if size > LARGE_KERNEL_BYTES else 1
    most = max(1, min(CHUNKS // kernel_parts, SUMS_BYTES // max(1, size)))
    parts = min(most, chunks(g, g.batch * -(-g.out_h // rows)))
    return Step(
        "convolution_kernel_gradient",
        (*g.whole, rows, parts, kernel_parts, packed),
        shared=parts * size if parts > 1 else 0,
        local=packed + 8 * rows + FLOAT * g.covered_h(rows) * g.covered_w * g.c,
    )
