"""A folder of pictures as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.errors import ArgumentError, check_name
from lernwerk.ops.resampling import crop_window
from lernwerk.utils.folders import Choice, folder_dataset
from lernwerk.utils.pictures import CHANNELS, img_to_array, load_img

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Batches of pictures from a folder with one subfolder for each class.

    Yields float32 pictures (b, *image_size, channels) of 0..255, with labels: int32 (b),
    float32 (b, 1) for label_mode="binary", one-hot for "categorical", none for None. ``labels`` may
    be a list in the order of the sorted paths. subset is "training", "validation" or "both" of a
    validation_split. ``class_names`` and ``file_paths`` are attributes of the result.
    Differs: interpolations area, gaussian and mitchellcubic are missing; ``format`` has no meaning.
    """
    where = "image_dataset_from_directory"
    check_name(where, "color_mode", color_mode, CHANNELS)
    check_name(where, "interpolation", interpolation, INTERPOLATIONS)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError(where, "crop_to_aspect_ratio or pad_to_aspect_ratio, not both", "both")
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)

    def read(path: str) -> Any:
        picture = img_to_array(load_img(path, color_mode=color_mode))
        fitted = _fitted(picture, size, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio)
        return fitted.transpose(2, 0, 1) if data_format == "channels_first" else fitted

    choice = Choice(
        where, directory, FORMATS, labels, label_mode, class_names, batch_size, shuffle, seed,
        validation_split, subset, follow_links, verbose,
    )  # fmt: skip
    return folder_dataset(choice, read)


def _fitted(picture: Any, size: Any, interpolation: str, crop: bool, pad: bool) -> Any:
    height, width = picture.shape[:2]
    if crop:
        top, left, height, width = crop_window(height, width, size)
        picture = picture[top : top + height, left : left + width]
    if not pad:
        return _resized(picture, size, interpolation)
    ratio = min(size[0] / height, size[1] / width)
    inner = max(round(height * ratio), 1), max(round(width * ratio), 1)
    framed = np.zeros((*size, picture.shape[2]), np.float32)
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    framed[top : top + inner[0], left : left + inner[1]] = _resized(picture, inner, interpolation)
    return framed


def _resized(picture: Any, size: Any, interpolation: str) -> Any:
    return np.asarray(ops.resize(picture[None], size, interpolation=interpolation))[0]
