"""The geometry that the kernels of convolution share, and how much memory their parts take.

Convolutions over one axis are run as pictures of height 1, those over three axes not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lernwerk.core.graph import Node

# Multiplications below which one thread does everything: about 20 microseconds.
SMALL_WORK = 2_000_000
CHUNKS = 16
# The rows of pictures that are worked on together shall fit the second cache beside a part of the
# kernel: a quarter of 2 MB.
PIECE_BYTES = 2**19
# Sums of a kernel's gradient that are kept side by side may take so much memory.
SUMS_BYTES = 2**25
FLOAT = 4
WIDEST = 16  # floats in a vector


@dataclass(frozen=True)
class Geometry:
    """The two-dimensional form of a convolution; the kernels read the fields in this order."""

    batch: int
    h: int
    w: int
    c: int
    out_h: int
    out_w: int
    out_c: int
    kernel_h: int
    kernel_w: int
    stride_h: int
    stride_w: int
    top: int
    left: int
    dilation_h: int
    dilation_w: int
    groups: int

    @property
    def whole(self) -> tuple[int, ...]:
        """The fields as parameters of a kernel."""
        return tuple(vars(self).values())

    @property
    def taps(self) -> int:
        """Places of the kernel."""
        return self.kernel_h * self.kernel_w

    @property
    def kernel_size(self) -> int:
        """Numbers in the kernel."""
        return self.taps * self.c // self.groups * self.out_c

    @property
    def work(self) -> int:
        """Multiplications of the plain algorithm."""
        return self.batch * self.out_h * self.out_w * self.kernel_size

    @property
    def covered_w(self) -> int:
        """Columns of the padded input that the windows of a row cover."""
        return (self.out_w - 1) * self.stride_w + (self.kernel_w - 1) * self.dilation_w + 1

    def covered_h(self, rows: int) -> int:
        """Rows of the padded input that so many rows of windows cover."""
        return (rows - 1) * self.stride_h + (self.kernel_h - 1) * self.dilation_h + 1


def geometry(
    node: Node, x: tuple[int, ...], y: tuple[int, ...], w: tuple[int, ...]
) -> Geometry | None:
    """The geometry of a node with one or two spatial axes in float32 and without empty arrays."""
    if any(symbol.dtype != "float32" for symbol in (*node.inputs, *node.outputs)):
        return None
    if len(w) not in (3, 4) or not all((*x, *y, *w)):
        return None
    size, n, m = w[:-2], x[1:-1], y[1:-1]
    strides, padding = node.attributes["strides"], node.attributes["padding"]
    dilation = node.attributes["dilation"]
    if len(w) == 3:
        size, n, m, strides, dilation = ((1, *axis) for axis in (size, n, m, strides, dilation))
        padding = ((0, 0), *padding)
    fields = (
        x[0], *n, x[-1], *m, y[-1], *size, *strides, padding[0][0], padding[1][0], *dilation,
        node.attributes["groups"],
    )  # fmt: skip
    return Geometry(*fields)


def stacked(g: Geometry) -> Geometry:
    """All pictures as one tall picture, where the windows do not connect rows."""
    if (g.kernel_h, g.stride_h, g.top) != (1, 1, 0) or g.h != g.out_h:
        return g
    return replace(g, batch=1, h=g.batch * g.h, out_h=g.batch * g.h)


def piece_rows(g: Geometry, rows: int, unit: int) -> int:
    """Rows of a picture that make a piece of work, a multiple of the unit."""
    each = FLOAT * (g.stride_h * g.covered_w * g.c + g.out_w * g.out_c) * g.out_h // rows
    most = max(1, PIECE_BYTES // max(1, each))
    if g.work >= SMALL_WORK:
        pieces = -(-CHUNKS // 2 // g.batch)  # of a picture, at least
        most = min(most, -(-rows // pieces))
    count = -(-rows // most)
    return -(-rows // count // unit) * unit


def reach(pixels: int, size: int, dilation: int, stride: int) -> int:
    """Pixels of the output, at most, that so many neighbouring pixels of the input meet."""
    return (pixels + (size - 1) * dilation) // stride + 2


def chunks(g: Geometry, pieces: int) -> int:
    """Into how many chunks so many pieces of work are dealt."""
    return 1 if g.work < SMALL_WORK else min(pieces, CHUNKS)


def whole_vectors(n: int) -> int:
    """So many numbers rounded up to whole vectors, whatever their width."""
    return -(-n // WIDEST) * WIDEST


def packed_bytes(k: int, n: int) -> int:
    """What a packed matrix (k, n) takes at most."""
    return FLOAT * k * whole_vectors(n)
