"""Operations that only move elements as steps.

transpose, slice, flip and broadcast_to read x by other strides (``move``); pad and embed put x
between constants (``frame``). Axes that lie together in x and y are taken as one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers
from lernwerk.ops.common import positive_axes, positive_axis

_SIZES = (1, 4, 8)  # bytes of an element that the kernels know
_MOST_AXES = 8  # native/strided.hpp


@dataclass(frozen=True)
class _Axis:
    """An axis of y: its length and the distance of neighbours in x and in y."""

    length: int
    x: int
    y: int


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Distances of neighbours along each axis, counted in elements."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def _merged(axes: Iterator[_Axis]) -> list[_Axis]:
    """The axes without those of length 1, and neighbours joined that lie together."""
    merged: list[_Axis] = []
    for axis in axes:
        if axis.length == 1:
            continue
        outer = merged[-1] if merged else None
        if outer and (outer.x, outer.y) == (axis.length * axis.x, axis.length * axis.y):
            merged[-1] = _Axis(outer.length * axis.length, axis.x, axis.y)
        else:
            merged.append(axis)
    return merged or [_Axis(1, 1, 1)]


def _move(node: Node, x_strides: Sequence[int], offset: int = 0) -> Step | None:
    """The step that reads x by these strides, one for each axis of y."""
    (y,) = node.outputs
    lengths = zip(y.shape, x_strides, _strides(y.shape), strict=True)
    axes = _merged(_Axis(*each) for each in lengths)
    if y.dtype.itemsize not in _SIZES or len(axes) > _MOST_AXES:
        return None
    numbers = itertools.chain.from_iterable((axis.length, axis.x, axis.y) for axis in axes)
    return Step("move", (y.dtype.itemsize, offset, len(axes), *numbers))


@lowers("transpose")
def _transpose(node: Node) -> Step | None:
    """Parameters: as the kernel ``move`` has them."""
    shape, axes = node.inputs[0].shape, node.attributes["axes"]
    order = reversed(range(len(shape))) if axes is None else [axis % len(shape) for axis in axes]
    strides = _strides(shape)
    return _move(node, [strides[i] for i in order])


@lowers("slice")
def _slice(node: Node) -> Step | None:
    """Parameters: as the kernel ``move`` has them."""
    strides = _strides(node.inputs[0].shape)
    starts, steps = node.attributes["starts"], node.attributes["steps"]
    offset = sum(start * stride for start, stride in zip(starts, strides, strict=True))
    return _move(node, [step * stride for step, stride in zip(steps, strides, strict=True)], offset)


@lowers("flip")
def _flip(node: Node) -> Step | None:
    """Parameters: as the kernel ``move`` has them."""
    shape = node.inputs[0].shape
    strides = list(_strides(shape))
    offset = 0
    for axis in positive_axes("flip", node.attributes["axes"], len(shape)):
        offset += (shape[axis] - 1) * strides[axis]
        strides[axis] = -strides[axis]
    return _move(node, strides, offset)


@lowers("broadcast_to")
def _broadcast_to(node: Node) -> Step | None:
    """Parameters: as the kernel ``move`` has them."""
    (x,), (y,) = node.inputs, node.outputs
    strides = [s if n > 1 else 0 for n, s in zip(x.shape, _strides(x.shape), strict=True)]
    return _move(node, [0] * (len(y.shape) - len(x.shape)) + strides)


@lowers("pad")
def _pad(node: Node) -> Step | None:
    """Parameters: as the kernel ``frame`` has them."""
    widths = node.attributes["widths"]
    return _frame(node, [(low, high, 0) for low, high in widths], node.attributes["value"])


@lowers("embed")
def _embed(node: Node) -> Step | None:
    """Parameters: as the kernel ``frame`` has them."""
    (x,), starts, steps = node.inputs, node.attributes["starts"], node.attributes["steps"]
    around = []
    for n, m, start, step in zip(x.shape, node.attributes["shape"], starts, steps, strict=True):
        covered = (n - 1) * step + 1 if n else 0
        around.append((start, m - start - covered, step - 1))
    return _frame(node, around, 0)


def _frame(node: Node, around: Sequence[tuple[int, int, int]], value: Any) -> Step | None:
    """The step that puts (before, after, between) constants around the elements of x."""
    (x,), (y,) = node.inputs, node.outputs
    if y.dtype.itemsize not in _SIZES:
        return None
    frames = _joined(x.shape, around)
    x_lines, y_lines = _strides([n for n, _ in frames]), _strides([_long(*each) for each in frames])
    numbers = [
        number
        for (n, (low, high, between)), x_line, y_line in zip(frames, x_lines, y_lines, strict=True)
        for number in (low, n, high, between, x_line, y_line)
    ]
    bits = int.from_bytes(np.array(value).astype(y.dtype).tobytes(), "little", signed=True)
    size = math.prod(y.shape)
    return Step("frame", (y.dtype.itemsize, bits, size, len(frames), *numbers))


def _long(n: int, around: tuple[int, int, int]) -> int:
    low, high, between = around
    return low + n + high + max(n - 1, 0) * between


def _joined(
    shape: Sequence[int], around: Sequence[tuple[int, int, int]]
) -> list[tuple[int, tuple[int, int, int]]]:
    """Axes with nothing around them joined with the one before, whose lines they are part of."""
    joined: list[tuple[int, tuple[int, int, int]]] = []
    for n, each in zip(shape, around, strict=True):
        if joined and each == (0, 0, 0) and joined[-1][1][2] == 0:
            before, (low, high, _) = joined[-1]
            joined[-1] = (before * n, (low * n, high * n, 0))
        else:
            joined.append((n, each))
    return joined or [(1, (0, 0, 0))]


@lowers("concatenate")
def _concatenate(node: Node) -> Step | None:
    """Parameters: rows, number of parts, bytes of a row of each part, bytes of a row of y."""
    (y,) = node.outputs
    if any(part.dtype != y.dtype for part in node.inputs):
        return None
    at = positive_axis("concatenate", node.attributes["axis"], len(y.shape))
    rows = [math.prod(part.shape[at:]) * y.dtype.itemsize for part in node.inputs]
    return Step("concatenate", (math.prod(y.shape[:at]), len(rows), *rows, sum(rows)))
