"""Depthwise convolution and its gradients as steps."""

from __future__ import annotations

from lernwerk.engines.native.lowering.geometry import (
    FLOAT,
    Geometry,
    chunks,
    piece_rows,
    reach,
    whole_vectors,
)
from lernwerk.engines.native.step import Step

# The sums of a kernel's gradient are small, but adding them up is one thread's work.
MOST_PARTS = 8


def serves(g: Geometry) -> bool:
    """Whether each kernel sees one channel of several."""
    return g.groups == g.c > 1


def forward_step(g: Geometry) -> Step:
    """A convolution. Parameters: geometry, rows of a piece, chunks, epilogue."""
    rows = piece_rows(g, g.out_h, 1)
    return Step(
        "convolution_depthwise",
        (*g.whole, rows, chunks(g, g.batch * -(-g.out_h // rows)), 0),
        shared=8 * (g.taps + 8) + FLOAT * g.taps * whole_vectors(g.out_c),
        local=_input_bytes(g, rows),
    )


def input_step(g: Geometry) -> Step:
    """An input's gradient. Parameters: geometry, rows of a piece, chunks, bytes of a piece of g."""
    rows = piece_rows(g, g.h, g.stride_h)
    axes = 2 * (g.kernel_h + g.kernel_w) + g.stride_h + g.stride_w + 2
    high = reach(rows, g.kernel_h, g.dilation_h, g.stride_h)
    wide = reach(g.w, g.kernel_w, g.dilation_w, g.stride_w)
    piece = FLOAT * high * wide * whole_vectors(g.out_c)
    return Step(
        "convolution_depthwise_input_gradient",
        (*g.whole, rows, chunks(g, g.batch * -(-g.h // rows)), piece),
        shared=FLOAT * g.taps * whole_vectors(g.out_c) + 8 * (g.taps + axes),
        local=piece + FLOAT * g.w * g.out_c,
    )


def kernel_step(g: Geometry) -> Step:
    """A kernel's gradient. Parameters: geometry, rows of a piece, parts, bytes of a piece of x."""
    rows = piece_rows(g, g.out_h, 1)
    parts = min(MOST_PARTS, chunks(g, g.batch * -(-g.out_h // rows)))
    piece = _input_bytes(g, rows)
    return Step(
        "convolution_depthwise_kernel_gradient",
        (*g.whole, rows, parts, piece),
        shared=parts * FLOAT * g.taps * whole_vectors(g.out_c),
        local=piece + FLOAT * rows * g.out_w * whole_vectors(g.out_c),
    )


def _input_bytes(g: Geometry, rows: int) -> int:
    """A padded piece of the input, with its channels as often as the output has them."""
    return FLOAT * g.covered_h(rows) * g.covered_w * (whole_vectors(g.out_c) + g.c)
