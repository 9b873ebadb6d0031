"""Convolutions with 3x3 kernels and stride 1 by Winograd's algorithm.

Source: Lavin & Gray 2016, arXiv:1509.09308
"""

from __future__ import annotations

from dataclasses import replace

from lernwerk.engines.native.lowering.geometry import (
    FLOAT,
    SMALL_WORK,
    SUMS_BYTES,
    Geometry,
    chunks,
    packed_bytes,
    whole_vectors,
)
from lernwerk.engines.native.step import Step

RESULTS = 4  # of a tile along each axis
TILE = RESULTS + 2
PRODUCTS = TILE * TILE
# Fewer channels do not repay the transforms, fewer tiles not that of the kernel.
LEAST_CHANNELS = 8
LEAST_TILES = 32
# The transforms of a piece of work shall fit the second cache beside those of the kernel; with
# many channels the kernel does not fit, and is read again for each piece.
PIECE_BYTES = 2**19
LEAST_PIECE_TILES = 40
# A large kernel over few tiles is cut into columns, and these into parts whose transform (1.2 MB)
# fits the second cache.
COLUMNS = 64
DEPTH = 128
LEAST_TILES_OF_COLUMNS = 12
MOST_TILES_OF_COLUMNS = 100
LEAST_KERNEL_OF_COLUMNS = 9 * 128 * 128
# Each thread keeps 36 sums for a kernel gradient: four times the kernel, 38 MB at most.
MOST_KERNEL = 9 * 512 * 512


def serves(g: Geometry) -> bool:
    """Whether the algorithm is the faster one for a convolution and its input's gradient."""
    return _fits(g) and _rows(g) * _columns(g) * g.batch >= LEAST_TILES


def serves_kernel(g: Geometry) -> bool:
    """Whether the algorithm is the faster one for a kernel's gradient."""
    return serves(g) and g.kernel_size <= MOST_KERNEL


def forward_step(g: Geometry) -> Step:
    """A convolution. Parameters: geometry, rows of tiles of a piece, chunks, epilogue."""
    rows = _piece(g)
    return Step(
        "convolution_winograd",
        (*g.whole, rows, chunks(g, -(-g.batch * _rows(g) // rows)), 0),
        shared=FLOAT * PRODUCTS * _apart(g.c * whole_vectors(g.out_c)),
        local=FLOAT * (_transforms(g, rows) + _squares(g)),
    )


def serves_columns(g: Geometry) -> bool:
    """Whether the kernel is so large and the tiles so few that the kernel's columns are shared."""
    tiles = _rows(g) * _columns(g) * g.batch
    return (
        _fits(g)
        and LEAST_TILES_OF_COLUMNS <= tiles <= MOST_TILES_OF_COLUMNS
        and g.kernel_size >= LEAST_KERNEL_OF_COLUMNS
    )


def columns_step(g: Geometry) -> Step:
    """A convolution with a large kernel. Parameters: geometry, columns of the kernel in a piece,
    its rows that are transformed together, epilogue."""
    tiles = g.batch * _rows(g) * _columns(g)
    products = _apart(tiles * COLUMNS) + _apart(DEPTH * COLUMNS)
    return Step(
        "convolution_winograd_columns",
        (*g.whole, COLUMNS, DEPTH, 0),
        shared=FLOAT * PRODUCTS * _apart(tiles * whole_vectors(g.c)),
        local=FLOAT * max(PRODUCTS * products, _squares(g)),
    )


def input_step(g: Geometry) -> Step:
    """An input's gradient, as the convolution that it is. Parameters: its geometry, rows of tiles
    of a piece, chunks, bytes of the transformed kernel."""
    g = replace(
        g, h=g.out_h, w=g.out_w, c=g.out_c, out_h=g.h, out_w=g.w, out_c=g.c,
        top=2 - g.top, left=2 - g.left,
    )  # fmt: skip
    step = forward_step(g)
    return replace(
        step,
        kernel="convolution_winograd_input_gradient",
        whole=(*step.whole[:-1], step.shared),
        shared=step.shared + g.taps * packed_bytes(g.c, g.out_c),
    )


def kernel_step(g: Geometry) -> Step:
    """A kernel's gradient. Parameters: geometry, rows of tiles of a piece, parts."""
    rows = _piece(g)
    most = max(1, SUMS_BYTES // (FLOAT * g.kernel_size))
    parts = min(most, chunks(g, -(-g.batch * _rows(g) // rows)))
    sums = PRODUCTS * _apart(g.c * whole_vectors(g.out_c))
    return Step(
        "convolution_winograd_kernel_gradient",
        (*g.whole, rows, parts),
        shared=parts * FLOAT * g.kernel_size if parts > 1 else 0,
        local=FLOAT * (sums + _transforms(g, rows) + _squares(g)),
    )


def _fits(g: Geometry) -> bool:
    geometry = (g.kernel_h, g.kernel_w, g.stride_h, g.stride_w, g.dilation_h, g.dilation_w)
    return (
        geometry == (3, 3, 1, 1, 1, 1)
        and g.groups == 1
        and min(g.c, g.out_c) >= LEAST_CHANNELS
        and max(g.top, g.left) <= 2
        and min(g.out_h, g.out_w) >= RESULTS
    )


def _rows(g: Geometry) -> int:
    return -(-g.out_h // RESULTS)


def _columns(g: Geometry) -> int:
    return -(-g.out_w // RESULTS)


def _piece(g: Geometry) -> int:
    """Rows of tiles that make a piece of work; at least some for each thread."""
    channels = whole_vectors(g.c) + whole_vectors(g.out_c)
    tiles = max(LEAST_PIECE_TILES, PIECE_BYTES // (FLOAT * PRODUCTS * channels))
    rows = g.batch * _rows(g)
    most = max(1, round(tiles / _columns(g)))
    if g.work >= SMALL_WORK:
        most = min(most, -(-rows // 2))
    return -(-rows // -(-rows // most))


def _transforms(g: Geometry, rows: int) -> int:
    """Numbers in the transforms of a piece's inputs and outputs."""
    tiles = rows * _columns(g)
    return PRODUCTS * sum(_apart(tiles * whole_vectors(c)) for c in (g.c, g.out_c))


def _apart(size: int) -> int:
    """Numbers from one of 36 matrices to the next, at most."""
    return size + 64


def _squares(g: Geometry) -> int:
    """Numbers in a row of tiles with zeros around it."""
    columns = (_columns(g) - 1) * RESULTS + TILE
    return TILE * columns * max(whole_vectors(g.c), whole_vectors(g.out_c))
