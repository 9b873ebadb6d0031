"""``tf.image``: pictures (h, w, c) or (b, h, w, c) resized, turned, cut and varied."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk import random as numbers
from lernwerk.backend.arguments import tensor
from lernwerk.errors import ShapeError

_GREY = (0.2989, 0.587, 0.114)  # ITU-R BT.601, as TensorFlow rounds it


class ResizeMethod:
    """The names of the ways to resize."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    AREA = "area"
    GAUSSIAN = "gaussian"


_METHODS = {0: "bilinear", 1: "nearest", 2: "bicubic", "area": "bilinear"}


def resize(
    images: Any, size: Any, method: Any = "bilinear", preserve_aspect_ratio: bool = False,
    antialias: bool = False, name: str | None = None, interpolation: Any = None, **_: Any,
) -> Any:  # fmt: skip
    """Pictures in another height and width, as floats; for "nearest" the type stays."""
    x = tensor(images)
    batch = x if len(x.shape) == 4 else ops.expand_dims(x, 0)
    height, width = (int(n) for n in size)
    if preserve_aspect_ratio:
        share = min(height / batch.shape[1], width / batch.shape[2])
        height, width = (max(1, round(n * share)) for n in batch.shape[1:3])
    kind = interpolation or method
    kind = _METHODS.get(kind, kind)
    whole = batch if kind == "nearest" else ops.cast(batch, dtype="float32")
    y = ops.resize(whole, (height, width), interpolation=kind, antialias=antialias)
    return y if len(x.shape) == 4 else y[0]


def resize_with_pad(
    image: Any, target_height: int, target_width: int, method: Any = "bilinear",
    antialias: bool = False,
) -> Any:  # fmt: skip
    """Pictures resized without distortion, with zeros around them."""
    y = resize(image, (target_height, target_width), method, True, antialias)
    height, width = y.shape[-3:-1]
    top, left = (target_height - height) // 2, (target_width - width) // 2
    return pad_to_bounding_box(y, top, left, target_height, target_width)


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """Pictures cut in the middle, or surrounded by zeros."""
    x = tensor(image)
    height, width = x.shape[-3:-1]
    h, w = min(height, target_height), min(width, target_width)
    cut = crop_to_bounding_box(x, (height - h) // 2, (width - w) // 2, h, w)
    top, left = (target_height - h) // 2, (target_width - w) // 2
    return pad_to_bounding_box(cut, top, left, target_height, target_width)


resize_image_with_crop_or_pad = resize_with_crop_or_pad


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """One grey channel: 0.2989 r + 0.587 g + 0.114 b."""
    x = tensor(images)
    grey = ops.sum(
        ops.cast(x, dtype="float32") * np.array(_GREY, np.float32), axis=-1, keepdims=True
    )
    whole = np.dtype(x.dtype).kind in "iu"
    return ops.cast(ops.round(grey), dtype=np.dtype(x.dtype).name) if whole else grey


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Three equal channels."""
    return ops.repeat(tensor(images), 3, -1)


def flip_left_right(image: Any) -> Any:
    """Pictures mirrored at the vertical line."""
    return ops.flip(tensor(image), axes=(-2,))


def flip_up_down(image: Any) -> Any:
    """Pictures mirrored at the horizontal line."""
    return ops.flip(tensor(image), axes=(-3,))


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Pictures turned counter-clockwise by quarters."""
    x = tensor(image)
    first = len(x.shape) - 3
    return ops.rot90(x, k, (first, first + 1))


def transpose(image: Any, name: str | None = None) -> Any:
    """Rows and columns exchanged."""
    return ops.swapaxes(tensor(image), -3, -2)


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """A part of each picture."""
    x = tensor(image)
    rows = slice(int(offset_height), int(offset_height) + int(target_height))
    columns = slice(int(offset_width), int(offset_width) + int(target_width))
    if rows.stop > x.shape[-3] or columns.stop > x.shape[-2]:
        raise ShapeError(
            "tf.image.crop_to_bounding_box", f"a box within {tuple(x.shape[-3:-1])}",
            (rows.stop, columns.stop),
        )  # fmt: skip
    return x[..., rows, columns, :]


def pad_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int
) -> Any:
    """Zeros around each picture."""
    x = tensor(image)
    height, width = x.shape[-3:-1]
    widths = (
        *(((0, 0),) * (len(x.shape) - 3)),
        (offset_height, target_height - height - offset_height),
        (offset_width, target_width - width - offset_width),
        (0, 0),
    )
    return ops.pad(x, widths=widths)


def central_crop(image: Any, central_fraction: float) -> Any:
    """The middle of each picture."""
    x = tensor(image)
    height, width = x.shape[-3:-1]
    top, left = (int((n - n * central_fraction) / 2) for n in (height, width))
    return crop_to_bounding_box(x, top, left, height - 2 * top, width - 2 * left)


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Any:
    """A block of this size at a random place."""
    x = tensor(value)
    lengths = tuple(int(n) for n in size)
    rooms = [n - m + 1 for n, m in zip(x.shape, lengths, strict=True)]
    draws = numbers.uniform((len(rooms),), seed=seed).numpy()
    starts = tuple(int(u * room) for u, room in zip(draws, rooms, strict=True))
    return ops.slice(x, starts, lengths)


def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Any:
    """Integers from 0 to their largest as floats from 0 to 1, or the other way."""
    x, new = tensor(image), np.dtype(dtype)
    old = np.dtype(x.dtype)
    if old.kind in "iu" and new.kind == "f":
        return ops.cast(x, dtype=new.name) * (1.0 / np.iinfo(old).max)
    if old.kind == "f" and new.kind in "iu":
        largest = np.iinfo(new).max
        return ops.cast(ops.clip(x * (largest + 0.5), 0, largest), dtype=new.name)
    return ops.cast(x, dtype=new.name)


def adjust_brightness(image: Any, delta: float) -> Any:
    """A number added to every pixel; integers count as shares of their largest."""
    x = tensor(image)
    kind = np.dtype(x.dtype)
    if kind.kind == "f":
        return x + delta
    return convert_image_dtype(convert_image_dtype(x, "float32") + delta, kind)


def adjust_contrast(images: Any, contrast_factor: float) -> Any:
    """The distances from each channel's mean times a factor."""
    x = tensor(images)
    y = ops.cast(x, dtype="float32")
    average = ops.mean(y, axis=(len(x.shape) - 3, len(x.shape) - 2), keepdims=True)
    y = (y - average) * contrast_factor + average
    kind = np.dtype(x.dtype)
    return y if kind.kind == "f" else ops.saturate_cast(ops.round(y), kind)


def adjust_gamma(image: Any, gamma: float = 1, gain: float = 1) -> Any:
    """gain * pixel^gamma, of pixels from 0 to 1."""
    return ops.power(tensor(image), float(gamma)) * gain


def adjust_saturation(image: Any, saturation_factor: float, name: str | None = None) -> Any:
    """The distances from the brightest channel times a factor, as in the space HSV."""
    x = ops.cast(tensor(image), dtype="float32")
    brightest = ops.max(x, axis=-1, keepdims=True)
    darkest = ops.min(x, axis=-1, keepdims=True)
    shares = ops.divide_no_nan(brightest, brightest - darkest)
    factor = ops.minimum(shares, float(saturation_factor))
    return brightest - (brightest - x) * factor


def _chosen(seed: int | None) -> bool:
    return float(numbers.uniform((), seed=seed)) < 0.5


def random_flip_left_right(image: Any, seed: int | None = None) -> Any:
    """Pictures mirrored at the vertical line, or not."""
    return flip_left_right(image) if _chosen(seed) else tensor(image)


def random_flip_up_down(image: Any, seed: int | None = None) -> Any:
    """Pictures mirrored at the horizontal line, or not."""
    return flip_up_down(image) if _chosen(seed) else tensor(image)


def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Any:
    """A random number between -max_delta and max_delta added to every pixel."""
    return adjust_brightness(image, float(numbers.uniform((), -max_delta, max_delta, seed=seed)))


def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """The contrast times a random factor."""
    return adjust_contrast(image, float(numbers.uniform((), lower, upper, seed=seed)))


def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Any:
    """The saturation times a random factor."""
    return adjust_saturation(image, float(numbers.uniform((), lower, upper, seed=seed)))


def per_image_standardization(image: Any) -> Any:
    """Each picture with mean 0 and deviation 1 (at least 1 / sqrt(n) before the division)."""
    x = ops.cast(tensor(image), dtype="float32")
    axes = tuple(range(len(x.shape) - 3, len(x.shape)))
    count = float(np.prod(x.shape[-3:]))
    deviation = ops.maximum(ops.std(x, axes, True), 1.0 / np.sqrt(count))
    return (x - ops.mean(x, axis=axes, keepdims=True)) / deviation


def total_variation(images: Any, name: str | None = None) -> Any:
    """The sum of the differences of neighbouring pixels."""
    x = tensor(images)
    down, right = x[..., 1:, :, :] - x[..., :-1, :, :], x[..., :, 1:, :] - x[..., :, :-1, :]
    axes = tuple(range(len(x.shape) - 3, len(x.shape)))
    return ops.sum(ops.abs(down), axis=axes) + ops.sum(ops.abs(right), axis=axes)


def psnr(a: Any, b: Any, max_val: float, name: str | None = None) -> Any:
    """The peak signal-to-noise ratio of each picture, in decibels."""
    difference = ops.cast(tensor(a), dtype="float32") - ops.cast(tensor(b), dtype="float32")
    error = ops.mean(ops.square(difference), axis=tuple(range(-3, 0)))
    return ops.log10(max_val**2 / error) * 10.0


def decode_image(contents: Any, channels: int | None = None, *more: Any, **options: Any) -> Any:
    """The pixels of a PNG, JPEG, BMP or GIF file."""
    from lernwerk.compat.tensorflow import io

    return io.decode_image(contents, channels, *more, **options)


decode_jpeg = decode_png = decode_image

__all__ = [
    "ResizeMethod", "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_saturation",
    "central_crop", "convert_image_dtype", "crop_to_bounding_box", "decode_image", "decode_jpeg",
    "decode_png", "flip_left_right", "flip_up_down", "grayscale_to_rgb", "pad_to_bounding_box",
    "per_image_standardization", "psnr", "random_brightness", "random_contrast", "random_crop",
    "random_flip_left_right", "random_flip_up_down", "random_saturation", "resize",
    "resize_image_with_crop_or_pad", "resize_with_crop_or_pad", "resize_with_pad",
    "rgb_to_grayscale", "rot90", "total_variation", "transpose",
]  # fmt: skip
