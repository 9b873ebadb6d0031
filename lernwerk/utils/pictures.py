"""Pictures between files, Pillow and arrays, under Keras's names."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.errors import DataError, DtypeError, FileError, ShapeError, check_name
from lernwerk.legacy import old_names

Array = np.ndarray[Any, Any]
MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}
RESAMPLING = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_FORMATS = ("channels_last", "channels_first")
_GREY = ("L", "I;16", "I")  # 8, 16 and 32 bits: kept as they are


@old_names
def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Read a picture as a Pillow image, with these channels and (height, width).

    ``path`` is a path or an io.BytesIO; ``keep_aspect_ratio`` cuts the picture to the target's
    proportions instead of stretching it. Raises FileError for what is no picture, ArgumentError for
    unknown modes.
    """
    check_name("load_img", "color_mode", color_mode, MODES)
    check_name("load_img", "interpolation", interpolation, RESAMPLING)
    picture = _opened(path)
    kept = color_mode == "grayscale" and picture.mode in _GREY
    if not kept and picture.mode != MODES[color_mode]:
        picture = picture.convert(MODES[color_mode])
    if target_size is None or picture.size == (target_size[1], target_size[0]):
        return picture
    return _resized(picture, target_size, interpolation, keep_aspect_ratio)


def _opened(path: Any) -> Any:
    from PIL import Image, UnidentifiedImageError

    if not isinstance(path, (str, bytes, os.PathLike, io.BytesIO)):
        raise DtypeError("load_img", "a path or an io.BytesIO", type(path).__name__)
    where = "load_img" if isinstance(path, io.BytesIO) else os.fsdecode(path)
    try:
        content = path if isinstance(path, io.BytesIO) else io.BytesIO(Path(where).read_bytes())
        picture = Image.open(content)
        picture.load()
    except UnidentifiedImageError:
        raise FileError(where, "a picture", "a file of another kind") from None
    except OSError as error:
        raise FileError(where, "a picture", error.strerror or str(error)) from None
    return picture


def _resized(
    picture: Any, target_size: tuple[int, int], interpolation: str, keep_aspect_ratio: bool
) -> Any:
    from PIL import Image

    height, width = target_size
    method = getattr(Image.Resampling, interpolation.upper())
    if not keep_aspect_ratio:
        return picture.resize((width, height), method)
    old_width, old_height = picture.size
    cut_width = min(old_width, old_height * width // height)
    cut_height = min(old_height, old_width * height // width)
    left, top = (old_width - cut_width) // 2, (old_height - cut_height) // 2
    box = (left, top, left + cut_width, top + cut_height)
    return picture.resize((width, height), method, box=box)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> Array:
    """A Pillow image as numbers of float32 (or ``dtype``), with an axis for the channels.

    Shapes: y (h, w, c), or (c, h, w) for data_format="channels_first"
    """
    first = _is_channels_first("img_to_array", data_format)
    x = np.asarray(img, dtype=dtype or "float32")
    if x.ndim not in (2, 3):
        raise ShapeError("img_to_array", "a picture with 2 or 3 axes", x.shape)
    x = x[..., None] if x.ndim == 2 else x
    return x.transpose(2, 0, 1) if first else x


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """Numbers as a Pillow image; with ``scale`` the smallest becomes 0, the largest 255.

    Shapes: x (h, w, c), or (c, h, w) for data_format="channels_first", with c = 1, 3 or 4
    """
    from PIL import Image

    first = _is_channels_first("array_to_img", data_format)
    x = np.asarray(x, dtype=dtype or "float32")
    if x.ndim != 3:
        raise ShapeError("array_to_img", "one picture with 3 axes", x.shape,
                         "A grey picture is x[..., None].")  # fmt: skip
    x = x.transpose(1, 2, 0) if first else x
    if x.shape[2] not in (1, 3, 4):
        raise DataError("array_to_img", "1, 3 or 4 channels", x.shape[2])
    x = _scaled(x) if scale else x
    if x.shape[2] > 1:
        return Image.fromarray(x.astype("uint8"))
    deep = x.max(initial=0) > 255
    return Image.fromarray(x[:, :, 0].astype("int32" if deep else "uint8"))


def _scaled(x: Array) -> Array:
    x = x - x.min()
    largest = x.max()
    scaled: Array = (x / largest if largest != 0 else x) * 255
    return scaled


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **keywords: Any,
) -> None:
    """Write numbers as a picture; the ending of the name (or ``file_format``) says which kind.

    Further keywords go to Pillow's ``save``.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = Path(path).suffix[1:].lower()
    file_format = "jpeg" if file_format and file_format.lower() == "jpg" else file_format
    picture = array_to_img(x, data_format=data_format, scale=scale)
    if picture.mode == "RGBA" and file_format == "jpeg":
        warnings.warn("The JPEG format does not support RGBA images, converting to RGB.",
                      stacklevel=2)  # fmt: skip
        picture = picture.convert("RGB")
    picture.save(path, format=file_format or None, **keywords)


def _is_channels_first(where: str, data_format: str | None) -> bool:
    check_name(where, "data_format", data_format or "channels_last", _FORMATS)
    return data_format == "channels_first"
