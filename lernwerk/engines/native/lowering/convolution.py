"""Convolution and its gradients as steps.

Convolutions over one axis are run as pictures of height 1, those over three axes not at all. The
parameters say how the work is cut up; the sizes of scratch memory follow from them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers

# The rows of pictures that are worked on together shall fit the second cache beside a part of the
# kernel: a quarter of 2 MB.
PIECE_BYTES = 2**19
# Multiplications below which one thread does everything: about 20 microseconds.
SMALL_WORK = 2_000_000
CHUNKS = 16
# Sums of a kernel's gradient that are kept side by side may take so much memory.
SUMS_BYTES = 2**25
# A kernel's gradient of more bytes is cut along the rows of the kernel.
LARGE_KERNEL_BYTES = 2**20
FLOAT = 4


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


@lowers("convolution")
def _convolution(node: Node) -> Step | None:
    x, w = node.inputs
    found = _geometry(node, x.shape, node.outputs[0].shape, w.shape)
    return None if found is None else forward_step(found)


@lowers("convolution_input_gradient")
def _input_gradient(node: Node) -> Step | None:
    g, w = node.inputs
    found = _geometry(node, node.attributes["input_shape"], g.shape, w.shape)
    return None if found is None else input_step(found)


@lowers("convolution_kernel_gradient")
def _kernel_gradient(node: Node) -> Step | None:
    x, g = node.inputs
    found = _geometry(node, x.shape, g.shape, node.attributes["kernel_shape"])
    return None if found is None else kernel_step(found)


def with_epilogue(step: Step, relu: bool) -> Step:
    """The step of a convolution for inputs x, w, bias: y = x * w + bias, or its positive part."""
    return replace(step, whole=(*step.whole[:-1], 1 if relu else 2))


def forward_step(g: Geometry) -> Step:
    """A convolution. Parameters: geometry, rows of a piece, chunks, kernel bytes, epilogue."""
    g = _stacked(g)
    rows = _rows(g, g.out_h, 1)
    packed = g.groups * _packed_bytes(g.taps * g.c // g.groups, g.out_c // g.groups)
    return Step(
        "convolution",
        (*g.whole, rows, _chunks(g, g.batch * -(-g.out_h // rows)), packed, 0),
        shared=packed + 8 * g.taps,
        local=FLOAT * g.covered_h(rows) * g.covered_w * g.c,
    )


def input_step(g: Geometry) -> Step:
    """An input's gradient. Parameters: geometry, rows of a piece, chunks, kernel bytes."""
    g = _stacked(g)
    rows = _rows(g, g.h, g.stride_h)
    packed = g.groups * g.taps * _packed_bytes(g.out_c // g.groups, g.c // g.groups)
    axes = 2 * (g.kernel_h + g.kernel_w) + g.stride_h + g.stride_w + 2
    high = _reach(rows, g.kernel_h, g.dilation_h, g.stride_h)
    wide = _reach(g.w, g.kernel_w, g.dilation_w, g.stride_w)
    return Step(
        "convolution_input_gradient",
        (*g.whole, rows, _chunks(g, g.batch * -(-g.h // rows)), packed),
        shared=packed + 8 * (axes + g.taps),
        local=FLOAT * high * wide * g.out_c,
    )


def kernel_step(g: Geometry) -> Step:
    """A kernel's gradient. Parameters: geometry, rows of a piece, parts, parts of the kernel's
    rows, bytes of a packed piece of the output's gradient."""
    g = _stacked(g)
    rows = _rows(g, g.out_h, 1)
    packed = g.groups * _packed_bytes(rows * g.out_w, g.out_c // g.groups)
    size = FLOAT * g.kernel_size
    kernel_parts = g.kernel_h if size > LARGE_KERNEL_BYTES else 1
    most = max(1, min(CHUNKS // kernel_parts, SUMS_BYTES // max(1, size)))
    parts = min(most, _chunks(g, g.batch * -(-g.out_h // rows)))
    return Step(
        "convolution_kernel_gradient",
        (*g.whole, rows, parts, kernel_parts, packed),
        shared=parts * size if parts > 1 else 0,
        local=packed + 8 * rows + FLOAT * g.covered_h(rows) * g.covered_w * g.c,
    )


def _geometry(
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
    return Geometry(
        x[0], *n, x[-1], *m, y[-1], *size, *strides, padding[0][0], padding[1][0], *dilation,
        node.attributes["groups"],
    )  # fmt: skip


def _stacked(g: Geometry) -> Geometry:
    """All pictures as one tall picture, where the windows do not connect rows."""
    if (g.kernel_h, g.stride_h, g.top) != (1, 1, 0) or g.h != g.out_h:
        return g
    return replace(g, batch=1, h=g.batch * g.h, out_h=g.batch * g.h)


def _rows(g: Geometry, rows: int, unit: int) -> int:
    """Rows of a picture that make a piece of work, a multiple of the unit."""
    each = FLOAT * (g.stride_h * g.covered_w * g.c + g.out_w * g.out_c) * g.out_h // rows
    most = max(1, PIECE_BYTES // max(1, each))
    if g.work >= SMALL_WORK:
        pieces = -(-CHUNKS // 2 // g.batch)  # of a picture, at least
        most = min(most, -(-rows // pieces))
    count = -(-rows // most)
    return -(-rows // count // unit) * unit


def _chunks(g: Geometry, pieces: int) -> int:
    return 1 if g.work < SMALL_WORK else min(pieces, CHUNKS)


def _reach(pixels: int, size: int, dilation: int, stride: int) -> int:
    """Pixels of the output, at most, that so many neighbouring pixels of the input meet."""
    return (pixels + (size - 1) * dilation) // stride + 2


def _packed_bytes(k: int, n: int) -> int:
    """What a packed matrix (k, n) takes with the widest vectors."""
    return FLOAT * k * -(-n // 16) * 16
