"""Convolutions by Winograd's algorithm: kernels 2x2 and 3x3 that move by one place, and with a
stride of 2 those of which each phase of the picture meets as many places.

Source: Lavin & Gray 2016, arXiv:1509.09308
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lernwerk.engines.native.lowering.geometry import (
    FLOAT,
    SMALL_WORK,
    SUMS_BYTES,
    Geometry,
    chunks,
    whole_vectors,
)
from lernwerk.engines.native.step import Step

RESULTS = 4  # of a tile along each axis
TAPS = (2, 3)  # of the kernel along each axis, in each phase
MOST_STRIDE = 2
# Phases and kernels 2x2 pay from so many channels on, and where the plain algorithm has so many
# times the products, ragged tiles counted (32 and 64 channels, 2.6 times: 1.2 to 1.4 as fast).
LEAST_CHANNELS_OF_PHASES = 32
LEAST_SAVING = 1.9
# The four phases of a picture are chunks already.
MOST_PARTS_OF_PHASES = 2
# Fewer channels do not repay the transforms, fewer tiles not that of the kernel.
LEAST_CHANNELS = 8
LEAST_TILES = 32
# The transforms of a piece of work shall fit the second cache beside those of the kernel; a larger
# kernel is read again for each piece, so that there shall be few.
PIECE_BYTES = 2**19
FITTING_KERNEL_BYTES = 2**20
LEAST_PIECE_TILES = 40
LEAST_PIECE_TILES_BESIDE_LARGE_KERNEL = 64
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
    return _fits(g) and _forward(g).tiles >= LEAST_TILES


def serves_kernel(g: Geometry) -> bool:
    """Whether the algorithm is the faster one for a kernel's gradient."""
    return serves(g) and g.kernel_size <= MOST_KERNEL


@dataclass(frozen=True)
class _Passage:
    """A convolution that moves by one place, and its pictures in tiles: see winograd_tiles.hpp."""

    taps: int
    c: int
    phases: int
    out_c: int
    out_phases: int
    rows: int
    columns: int
    batch: int

    @property
    def side(self) -> int:
        """Pixels of a tile along each axis."""
        return RESULTS + self.taps - 1

    @property
    def products(self) -> int:
        """Products of a tile."""
        return self.side**2

    @property
    def tiles(self) -> int:
        """Tiles of all pictures."""
        return self.batch * self.rows * self.columns

    @property
    def kernel(self) -> int:
        """Numbers in the transformed kernel."""
        each = self.products * _apart(self.c * whole_vectors(self.out_c))
        return self.phases * self.out_phases * each

    @property
    def squares(self) -> int:
        """Numbers in a row of tiles with zeros around it."""
        pixels = self.side * ((self.columns - 1) * RESULTS + self.side)
        return pixels * max(whole_vectors(self.c), whole_vectors(self.out_c))

    def transforms(self, rows: int) -> int:
        """Numbers in the transforms of a piece's inputs and outputs."""
        tiles = rows * self.columns
        return self.products * sum(_apart(tiles * whole_vectors(c)) for c in (self.c, self.out_c))

    def piece(self, work: int) -> int:
        """Rows of tiles that make a piece of work; at least some for each thread."""
        channels = whole_vectors(self.c) + whole_vectors(self.out_c)
        large = FLOAT * self.kernel > FITTING_KERNEL_BYTES
        least = LEAST_PIECE_TILES_BESIDE_LARGE_KERNEL if large else LEAST_PIECE_TILES
        tiles = max(least, PIECE_BYTES // (FLOAT * self.products * channels))
        rows = self.batch * self.rows
        most = max(1, round(tiles / self.columns))
        if work >= SMALL_WORK:
            most = min(most, -(-rows // 2))
        return -(-rows // -(-rows // most))


def _forward(g: Geometry) -> _Passage:
    """From x to y."""
    return _Passage(
        _taps(g), g.c, g.stride_h**2, g.out_c, 1, _tiles(g.out_h), _tiles(g.out_w), g.batch
    )


def _backward(g: Geometry) -> _Passage:
    """From the gradient of y to that of x."""
    rows, columns = (
        _tiles((size - 1 + before) // g.stride_h - before // g.stride_h + 1)
        for size, before in ((g.h, g.top), (g.w, g.left))
    )
    return _Passage(_taps(g), g.out_c, 1, g.c, g.stride_h**2, rows, columns, g.batch)


def forward_step(g: Geometry) -> Step:
    """A convolution. Parameters: geometry, rows of tiles of a piece, chunks, epilogue."""
    return _convolving("convolution_winograd", g, _forward(g), 0)


def input_step(g: Geometry) -> Step:
    """An input's gradient. Parameters: geometry, rows of tiles of a piece, chunks, bytes of the
    transformed kernel."""
    way = _backward(g)
    step = _convolving("convolution_winograd_input_gradient", g, way, FLOAT * way.kernel)
    return replace(step, shared=step.shared + FLOAT * g.kernel_size)


def _convolving(kernel: str, g: Geometry, way: _Passage, last: int) -> Step:
    rows = way.piece(g.work)
    return Step(
        kernel,
        (*g.whole, rows, chunks(g, -(-g.batch * way.rows // rows)), last),
        shared=FLOAT * way.kernel,
        local=FLOAT * (way.transforms(rows) + way.squares),
    )


def serves_columns(g: Geometry) -> bool:
    """Whether the kernel is so large and the tiles so few that the kernel's columns are shared."""
    return (
        _fits(g)
        and (g.stride_h, g.kernel_h, g.kernel_w) == (1, 3, 3)
        and LEAST_TILES_OF_COLUMNS <= _forward(g).tiles <= MOST_TILES_OF_COLUMNS
        and g.kernel_size >= LEAST_KERNEL_OF_COLUMNS
    )


def columns_step(g: Geometry) -> Step:
    """A convolution with a large kernel. Parameters: geometry, columns of the kernel in a piece,
    its rows that are transformed together, epilogue."""
    way = _forward(g)
    products = _apart(way.tiles * COLUMNS) + _apart(DEPTH * COLUMNS)
    return Step(
        "convolution_winograd_columns",
        (*g.whole, COLUMNS, DEPTH, 0),
        shared=FLOAT * way.products * _apart(way.tiles * whole_vectors(g.c)),
        local=FLOAT * max(way.products * products, way.squares),
    )


def kernel_step(g: Geometry) -> Step:
    """A kernel's gradient. Parameters: geometry, rows of tiles of a piece, parts."""
    way = replace(_forward(g), phases=1)
    rows = way.piece(g.work)
    most = max(1, SUMS_BYTES // (FLOAT * g.kernel_size))
    parts = min(most, chunks(g, -(-g.batch * way.rows // rows)))
    if g.stride_h > 1:
        parts = min(parts, MOST_PARTS_OF_PHASES)
    sums = way.products * _apart(g.c * whole_vectors(g.out_c))
    return Step(
        "convolution_winograd_kernel_gradient",
        (*g.whole, rows, parts),
        shared=parts * FLOAT * g.kernel_size if parts > 1 else 0,
        local=FLOAT * (sums + way.transforms(rows) + way.squares),
    )


def _fits(g: Geometry) -> bool:
    s, taps = g.stride_h, _taps(g)
    return (
        g.stride_w == s <= MOST_STRIDE
        and taps in TAPS
        and -(-g.kernel_w // s) == taps
        and (g.dilation_h, g.dilation_w, g.groups) == (1, 1, 1)
        and min(g.c, g.out_c) >= LEAST_CHANNELS
        and min(g.out_h, g.out_w) >= RESULTS
        and ((s, taps) == (1, 3) or _saves(g))
    )


def _saves(g: Geometry) -> bool:
    """Whether there are channels enough, and far fewer products than in the plain algorithm."""
    way = _forward(g)
    products = way.rows * way.columns * way.phases * way.products
    fewer = g.out_h * g.out_w * g.taps >= LEAST_SAVING * products
    return fewer and min(g.c, g.out_c) >= LEAST_CHANNELS_OF_PHASES


def _taps(g: Geometry) -> int:
    """Places of the kernel's height that a phase meets."""
    return -(-g.kernel_h // g.stride_h)


def _tiles(places: int) -> int:
    return -(-places // RESULTS)


def _apart(size: int) -> int:
    """Numbers from one matrix of products to the next, at most."""
    return size + 64
