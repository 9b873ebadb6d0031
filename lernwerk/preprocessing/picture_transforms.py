"""Single pictures turned, shifted, sheared, zoomed, and changed in colour: NumPy on one array.

What ImageDataGenerator does to each picture. The layers do the same to whole batches inside a
model (``lernwerk/layers/image_augmentation.py``).
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from lernwerk.errors import ArgumentError, ShapeError, check_name

Array = np.ndarray[Any, Any]
FillMode = Literal["nearest", "constant", "reflect", "wrap"]
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
ORDERS = (0, 1)


def apply_affine_transform(
    x: Array,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> Array:
    """Turn, shift, shear and zoom a picture about its middle.

    y[p] = x[c + R(theta) T(tx, ty) S(shear) Z(zx, zy) (p - c)] with angles in degrees, tx and zx
    along the rows' axis (down), ty and zy along the columns'; ``order`` 0 takes the nearest
    pixel, 1 the four around.

    Shapes: x (h, w, c) or (c, h, w), as the axes say -> y like x
    Differs: Keras 3 exchanges the two axes of the picture here (its tx moves along the columns).
    """
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or x.ndim != 3:
        raise ShapeError("apply_affine_transform", "a picture with axes for rows, columns and "
                         "channels", f"shape {x.shape}")  # fmt: skip
    check_name("apply_affine_transform", "fill_mode", fill_mode, FILL_MODES)
    if order not in ORDERS:
        raise ArgumentError("apply_affine_transform", "order 0 or 1", order)
    matrix = affine_matrix(theta, tx, ty, shear, zx, zy)
    if (matrix == np.eye(3)).all():
        return x
    axes = (row_axis, col_axis, channel_axis)
    picture = np.transpose(x, axes)
    seen = _sampled(picture, matrix, fill_mode, cval, order)
    return np.transpose(seen, np.argsort(axes))


def affine_matrix(
    theta: float, tx: float, ty: float, shear: float, zx: float, zy: float
) -> Array:  # fmt: skip
    """The map (3, 3) from a place (row, column, 1) of the result to one of the picture."""
    turn, lean = math.radians(theta), math.radians(shear)
    rotation = np.array([[math.cos(turn), -math.sin(turn), 0],
                         [math.sin(turn), math.cos(turn), 0], [0, 0, 1]])  # fmt: skip
    shift = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    shearing = np.array([[1, -math.sin(lean), 0], [0, math.cos(lean), 0], [0, 0, 1]])
    zoom = np.diag([zx, zy, 1.0])
    matrix: Array = rotation @ shift @ shearing @ zoom
    return matrix


def _sampled(picture: Array, matrix: Array, fill_mode: str, cval: float, order: int) -> Array:
    """The picture (h, w, c) seen through a map about its middle."""
    height, width = picture.shape[:2]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    offset = matrix[:2, 2] + middle - matrix[:2, :2] @ middle
    i, j = np.arange(height)[:, None], np.arange(width)
    rows, columns = (matrix[k, 0] * i + matrix[k, 1] * j + offset[k] for k in (0, 1))
    outside = None
    if fill_mode == "constant":
        outside = (rows < 0) | (rows > height - 1) | (columns < 0) | (columns > width - 1)
    rows, columns = _folded(rows, height, fill_mode), _folded(columns, width, fill_mode)
    pixels = np.ascontiguousarray(picture).reshape(height * width, -1)
    seen = _between(pixels, rows, columns, picture.shape) if order else (
        pixels[np.floor(rows + 0.5).astype(np.intp) * width
               + np.floor(columns + 0.5).astype(np.intp)]
    )  # fmt: skip
    if outside is not None:
        seen[outside] = cval
    return seen


def _folded(places: Array, length: int, fill_mode: str) -> Array:
    """Places inside [0, length - 1] that stand for those outside."""
    last = length - 1
    if fill_mode == "reflect":  # about the outer edges of the pixels, at -1/2 and length - 1/2
        turned = np.mod(places + 0.5, 2 * length)
        places = np.minimum(turned, 2 * length - turned) - 0.5
    elif fill_mode == "wrap" and last:
        # The last pixel coincides with the first of the next copy, as in SciPy's mode of that name.
        below, above = places < 0, places > last
        places = np.where(below, places + last * (np.floor(-places / last) + 1), places)
        places = np.where(above, places - last * np.floor(places / last), places)
    return np.clip(places, 0, last)


def _between(pixels: Array, rows: Array, columns: Array, shape: tuple[int, ...]) -> Array:
    """Bilinear interpolation of pixels (h w, c) at places inside the picture."""
    height, width = shape[:2]
    top, left = rows.astype(np.intp), columns.astype(np.intp)
    down = (rows - top).astype(pixels.dtype)[..., None]
    right = (columns - left).astype(pixels.dtype)[..., None]
    upper, lower = top * width, np.minimum(top + 1, height - 1) * width
    next_left = np.minimum(left + 1, width - 1)
    above = pixels[upper + left] * (1 - right) + pixels[upper + next_left] * right
    below = pixels[lower + left] * (1 - right) + pixels[lower + next_left] * right
    seen: Array = above * (1 - down) + below * down
    return seen


def flip_axis(x: Any, axis: int) -> Array:
    """The picture mirrored along an axis."""
    return np.flip(np.asarray(x), axis)


def apply_channel_shift(x: Array, intensity: float, channel_axis: int = 0) -> Array:
    """Add a number to all channels, within the picture's own smallest and largest number."""
    return np.clip(x + x.dtype.type(intensity), x.min(), x.max())


def apply_brightness_shift(x: Array, brightness: float, scale: bool = True) -> Array:
    """Multiply the brightness; the result has whole numbers 0..255, as pictures in files have.

    With ``scale`` (or where numbers lie outside 0..255) the picture is brought to 0..255 first.
    """
    low, high = float(x.min()), float(x.max())
    outside = low < 0 or high > 255
    if outside or scale:
        x = (x - low) / ((high - low) or 1.0) * 255
    grey = np.floor(x.astype(np.float32))
    y = np.floor(np.clip(grey * np.float32(brightness), 0, 255)).astype(np.float32)
    if outside and not scale:
        y = y / np.float32(255) * np.float32(high - low) + np.float32(low)
    return y


def _drawn(low: float, high: float) -> float:
    return float(np.random.mtrand._rand.uniform(low, high))  # what np.random.seed seeds


def random_rotation(
    x: Array, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """Turn by an angle from [-rg, rg) degrees."""
    return apply_affine_transform(x, _drawn(-rg, rg), 0, 0, 0, 1, 1, row_axis, col_axis,
                                  channel_axis, fill_mode, cval, interpolation_order)  # fmt: skip


def random_shift(
    x: Array, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2,
    channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
    interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """Shift by shares of the width and the height from [-wrg, wrg) and [-hrg, hrg)."""
    tx, ty = _drawn(-hrg, hrg) * x.shape[row_axis], _drawn(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(x, 0, tx, ty, 0, 1, 1, row_axis, col_axis, channel_axis,
                                  fill_mode, cval, interpolation_order)  # fmt: skip


def random_shear(
    x: Array, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """Shear by an angle from [-intensity, intensity) degrees."""
    return apply_affine_transform(x, 0, 0, 0, _drawn(-intensity, intensity), 1, 1, row_axis,
                                  col_axis, channel_axis, fill_mode, cval,
                                  interpolation_order)  # fmt: skip


def random_zoom(
    x: Array, zoom_range: tuple[float, float], row_axis: int = 1, col_axis: int = 2,
    channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
    interpolation_order: int = 1,
) -> Array:  # fmt: skip
    """Zoom both axes by factors from the range; above 1 things become smaller."""
    zx, zy = _drawn(*zoom_range), _drawn(*zoom_range)
    return apply_affine_transform(x, 0, 0, 0, 0, zx, zy, row_axis, col_axis, channel_axis,
                                  fill_mode, cval, interpolation_order)  # fmt: skip


def random_channel_shift(x: Array, intensity_range: float, channel_axis: int = 0) -> Array:
    """Add a number from [-intensity_range, intensity_range) to all channels."""
    return apply_channel_shift(x, _drawn(-intensity_range, intensity_range), channel_axis)


def random_brightness(x: Array, brightness_range: Any, scale: bool = True) -> Array:
    """Multiply the brightness by a factor from the range."""
    return apply_brightness_shift(x, _drawn(*brightness_range), scale)
