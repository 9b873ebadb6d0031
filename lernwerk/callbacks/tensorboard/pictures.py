"""Pictures for TensorBoard: arrays as PNG files, and weights as pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from lernwerk.errors import DtypeError, ShapeError
from lernwerk.ops.primitive import Array

_CHANNELS = range(1, 5)
_COLOURED = (1, 3)


def checked(name: str, data: Any) -> Array:
    """Pictures (k, height, width, channels) as bytes; fractions are 0 (black) to 1.

    Raises ShapeError and DtypeError for what is no picture.
    """
    array = np.asarray(data.numpy() if hasattr(data, "numpy") else data)
    if array.ndim != 4 or array.shape[-1] not in _CHANNELS:
        raise ShapeError(
            f"image {name!r}", "pictures of shape (k, height, width, 1 to 4)", array.shape,
            "One picture is image[np.newaxis]; grey ones need a last axis of length 1.",
        )  # fmt: skip
    if array.dtype.kind == "f":
        scaled = np.nan_to_num(array.astype(np.float64)) * 255.5  # as TensorFlow does it
        return np.clip(scaled, 0, 255).astype(np.uint8)
    if array.dtype.kind not in "ui":
        raise DtypeError(f"image {name!r}", "numbers", str(array.dtype))
    return np.clip(array, 0, 255).astype(np.uint8)


def png(picture: Array) -> bytes:
    """A PNG file of one picture (height, width, channels) of bytes."""
    from PIL import Image

    plain = picture[..., 0] if picture.shape[-1] == 1 else picture
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(plain)).save(buffer, "PNG")
    return buffer.getvalue()


def weight_pictures(weight: Array) -> Array | None:
    """A weight as pictures (k, height, width, channels), smallest black and largest white.

    A vector is a column; a matrix lies on its longer side; a kernel of a convolution gives one
    picture for each filter, in colour where it sees colours, else its channels side by side. None
    for other shapes.
    """
    found = np.asarray(weight, np.float64)
    found = found.reshape([n for n in found.shape if n != 1] or [1])
    if weight.ndim == 4:
        arranged = _filters(np.asarray(weight, np.float64))
    elif found.ndim == 1:
        arranged = found.reshape(1, -1, 1, 1)
    elif found.ndim == 2:
        arranged = (found.T if found.shape[0] > found.shape[1] else found)[None, ..., None]
    elif found.ndim == 3:
        arranged = found.transpose(2, 0, 1)[..., None]
    else:
        return None
    low, high = arranged.min(), arranged.max()
    return (arranged - low) / (high - low) if high > low else np.zeros_like(arranged)


def _filters(kernel: Array) -> Array:
    height, width, channels, count = kernel.shape
    filters = kernel.transpose(3, 0, 1, 2)
    if channels in _COLOURED:
        return filters
    return filters.transpose(0, 1, 3, 2).reshape(count, height, channels * width, 1)
