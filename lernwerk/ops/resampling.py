"""Pictures at other sizes and seen through affine maps: composites of gather and arithmetic.

Pictures are (b, h, w, c). Not an operation of the registry: what is here is traced, differentiated
and compiled as the gathers, sums and products it consists of.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from lernwerk.errors import check_name
from lernwerk.ops import broadcasting, comparison, elementwise, linalg, shape
from lernwerk.ops.indexing import gather
from lernwerk.ops.primitive import Array, composite

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
FillMode = Literal["constant", "nearest", "reflect", "wrap"]
FILL_MODES = ("constant", "nearest", "reflect", "wrap")
AFFINE_INTERPOLATIONS = ("nearest", "bilinear")


def _triangle(x: Array) -> Array:
    return np.maximum(0.0, 1.0 - x)


def _cubic(x: Array) -> Array:
    """Keys 1981, equation 4, with a = -1/2."""
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x >= 2.0, 0.0, np.where(x >= 1.0, far, near))


def _lanczos(x: Array, radius: float) -> Array:
    """sinc(x) sinc(x / radius) within the radius, as Duchon 1979."""
    return np.where(x > radius, 0.0, np.sinc(x) * np.sinc(x / radius))


KERNELS: dict[str, Callable[[Array], Array]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": lambda x: _lanczos(x, 3.0),
    "lanczos5": lambda x: _lanczos(x, 5.0),
}
INTERPOLATIONS = ("nearest", *KERNELS)


@composite
def resize(
    images: Any,
    size: tuple[int, int],
    *,
    interpolation: Interpolation = "bilinear",
    antialias: bool = False,
) -> Any:
    """Bring pictures to another height and width.

    y = rows(h2, h) x columns(w, w2) with the interpolation's weights of each old pixel for each new
    one; pixels are squares, so that their centres lie at i + 1/2. ``antialias`` widens the
    interpolation where a picture becomes smaller.

    Shapes: images (b, h, w, c) -> y (b, *size, c)
    Source: Keys 1981 (bicubic), Duchon 1979 (lanczos); jax.image.resize for the edges.
    """
    check_name("resize", "interpolation", interpolation, INTERPOLATIONS)
    grows = size[0] > images.shape[1]
    for axis in (2, 1) if grows else (1, 2):  # what grows comes last: less to compute
        old, length = images.shape[axis], size[axis - 1]
        if length == old:
            continue
        if interpolation == "nearest":
            places = np.floor((np.arange(length) + 0.5) * (old / length)).astype(np.int32)
            images = gather(images, places, axis=axis)
        else:
            images = _resampled(images, axis, resize_weights(old, length, interpolation, antialias))
    return images


def crop_window(height: int, width: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest part in the middle with the proportions of ``size``: top, left, height, width."""
    cut_height = max(min(height, int(width * size[0] / size[1])), 1)
    cut_width = max(min(width, int(height * size[1] / size[0])), 1)
    return (height - cut_height) // 2, (width - cut_width) // 2, cut_height, cut_width


def crop(images: Any, top: int, left: int, height: int, width: int) -> Any:
    """A part of pictures (b, h, w, c), all of them cut alike."""
    count, _, _, channels = images.shape
    starts, stops = (0, top, left, 0), (count, top + height, left + width, channels)
    return shape.slice(images, starts=starts, stops=stops, steps=(1, 1, 1, 1))


def resize_window(images: Any, size: tuple[int, int], *, interpolation: Any = "bilinear") -> Any:
    """Cut pictures to the proportions of ``size``, as little as possible, and resize that part."""
    window = crop_window(images.shape[1], images.shape[2], size)
    return resize(crop(images, *window), size, interpolation=interpolation)


def resize_weights(old: int, new: int, interpolation: str, antialias: bool = False) -> Array:
    """How much each old pixel counts for each new one: rows (new, old) that sum to one."""
    scale = old / new
    centres = (np.arange(new)[:, None] + 0.5) * scale - 0.5
    distances = np.abs(centres - np.arange(old)) / (max(scale, 1.0) if antialias else 1.0)
    weights = KERNELS[interpolation](distances)
    normal: Array = weights / weights.sum(axis=1, keepdims=True)
    return normal


def _resampled(images: Any, axis: int, weights: Array) -> Any:
    """Weighted sums along an axis, as one matrix product with that axis last.

    A product beats sums over the few pixels that count: it reads and writes each number once.
    """
    last = len(images.shape) - 1
    order = [i for i in range(last + 1) if i != axis] + [axis]
    moved = shape.transpose(images, axes=tuple(order))
    lengths = tuple(images.shape[i] for i in order[:-1])
    rows = broadcasting.reshape(moved, shape=(math.prod(lengths), images.shape[axis]))
    summed = linalg.matmul(rows, np.ascontiguousarray(weights.T).astype(np.dtype(images.dtype)))
    y = broadcasting.reshape(summed, shape=(*lengths, len(weights)))
    back = sorted(range(last + 1), key=order.__getitem__)
    return shape.transpose(y, axes=tuple(back))


@composite
def affine_transform(
    images: Any,
    transform: Any,
    *,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Any:
    """See pictures through affine maps, one for each.

    y[i, j] = x at row b0 j + b1 i + b2 and column a0 j + a1 i + a2, with the map
    (a0, a1, a2, b0, b1, b2, ...); between pixels the interpolation decides, outside the picture
    the fill mode: constant (fill_value), nearest (aaa|abc|ccc), reflect (cba|abc|cba) or
    wrap (abc|abc|abc).

    Shapes: images (b, h, w, c), transform (b, m) with m >= 6 -> y (b, h, w, c)
    Source: Keras 3, keras.ops.image.affine_transform
    """
    check_name("affine_transform", "interpolation", interpolation, AFFINE_INTERPOLATIONS)
    check_name("affine_transform", "fill mode", fill_mode, FILL_MODES)
    count, height, width, _channels = images.shape
    rows, columns = _coordinates(transform, count, height, width)
    picker = _Picker(images, fill_mode, fill_value)
    if interpolation == "nearest":
        return picker(elementwise.floor(rows + 0.5), elementwise.floor(columns + 0.5))
    top, left = elementwise.floor(rows), elementwise.floor(columns)
    down = shape.expand_dims(rows - top, axis=-1)
    right = shape.expand_dims(columns - left, axis=-1)
    upper = picker(top, left) * (1.0 - right) + picker(top, left + 1.0) * right
    lower = picker(top + 1.0, left) * (1.0 - right) + picker(top + 1.0, left + 1.0) * right
    return upper * (1.0 - down) + lower * down


def _coordinates(transform: Any, count: int, height: int, width: int) -> tuple[Any, Any]:
    """Where each pixel comes from: rows and columns (b, h, w)."""
    a0, a1, a2, b0, b1, b2 = (
        broadcasting.reshape(part, shape=(count, 1, 1))
        for part in shape.split(transform, sections=transform.shape[1], axis=1)[:6]
    )
    i = np.arange(height, dtype=np.float32).reshape(1, -1, 1)
    j = np.arange(width, dtype=np.float32).reshape(1, 1, -1)
    return b0 * j + b1 * i + b2, a0 * j + a1 * i + a2


class _Picker:
    """Pixels of pictures at whole rows and columns, which may lie outside."""

    def __init__(self, images: Any, fill_mode: str, fill_value: float) -> None:
        self.count, self.height, self.width, channels = images.shape
        self.pixels = broadcasting.reshape(images, shape=(-1, channels))
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.first = np.arange(self.count, dtype=np.int32).reshape(-1, 1, 1) * (
            self.height * self.width
        )

    def __call__(self, rows: Any, columns: Any) -> Any:
        row = _inside(rows, self.height, self.fill_mode)
        column = _inside(columns, self.width, self.fill_mode)
        within = elementwise.cast(row * float(self.width) + column, dtype="int32")
        found = gather(self.pixels, elementwise.add(within, self.first), axis=0)
        if self.fill_mode != "constant":
            return found
        valid = comparison.logical_and(
            comparison.equal(row, rows), comparison.equal(column, columns)
        )
        return comparison.where(shape.expand_dims(valid, axis=-1), found, self.fill_value)


def _inside(places: Any, length: int, fill_mode: str) -> Any:
    """The row or column inside that stands for one that may be outside."""
    if fill_mode == "wrap":
        return elementwise.remainder(places, float(length))
    if fill_mode == "reflect":
        period = 2.0 * length
        turned = elementwise.remainder(places, period)
        return elementwise.minimum(turned, (period - 1.0) - turned)
    return elementwise.minimum(elementwise.maximum(places, 0.0), float(length - 1))
