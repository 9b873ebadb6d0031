"""The gradient of an input of few channels, such as a picture: windows that are added up."""

from __future__ import annotations

from lernwerk.engines.native.lowering.geometry import (
    FLOAT,
    WIDEST,
    Geometry,
    chunks,
    packed_bytes,
    piece_rows,
    reach,
    stacked,
    whole_vectors,
)
from lernwerk.engines.native.step import Step

# Adding up takes as long as so many products for each number: the plain way must have more.
_LEAST_SAVING = 2
_LEAST_CHANNELS = 16


def serves(g: Geometry) -> bool:
    """Whether windows fill vectors that channels alone would leave empty."""
    if g.groups != 1 or g.c >= WIDEST or g.out_c < _LEAST_CHANNELS:
        return False
    return g.taps * WIDEST >= _LEAST_SAVING * whole_vectors(g.taps * g.c)


def input_step(g: Geometry) -> Step:
    """Parameters: geometry, rows of a piece, chunks, numbers of the windows of a piece."""
    g = stacked(g)
    rows = piece_rows(g, g.h, 1)
    pixels = min(g.out_h, reach(rows, g.kernel_h, g.dilation_h, g.stride_h))
    windows = pixels * g.out_w * g.taps * g.c
    return Step(
        "convolution_input_gradient_spread",
        (*g.whole, rows, chunks(g, g.batch * -(-g.h // rows)), windows),
        shared=packed_bytes(g.out_c, g.taps * g.c),
        local=FLOAT * (windows + g.covered_h(pixels) * g.covered_w * g.c),
    )
