"""``tf.io``: files of pictures."""

from __future__ import annotations

import io as streams
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.backend.arguments import tensor
from lernwerk.errors import FileError

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_file(filename: Any, name: str | None = None) -> bytes:
    """The bytes of a file."""
    path = Path(str(_text(filename)))
    if not path.is_file():
        raise FileError(str(path), "a file", "nothing there")
    return path.read_bytes()


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write bytes to a file."""
    Path(str(_text(filename))).write_bytes(_bytes(contents))


def _text(value: Any) -> Any:
    value = value.item() if isinstance(value, np.ndarray) else value
    return value.decode() if isinstance(value, bytes) else value


def _bytes(value: Any) -> bytes:
    value = value.item() if isinstance(value, np.ndarray) else value
    return value.encode() if isinstance(value, str) else value


def decode_image(
    contents: Any, channels: int | None = None, dtype: Any = "uint8", name: str | None = None,
    expand_animations: bool = True, **_: Any,
) -> Any:  # fmt: skip
    """The pixels (h, w, c) of a PNG, JPEG, BMP or GIF file."""
    from PIL import Image

    picture = Image.open(streams.BytesIO(_bytes(contents)))
    mode = _MODES.get(channels or 0)
    if mode is None:
        mode = picture.mode if picture.mode in _MODES.values() else "RGB"
    pixels = np.asarray(picture.convert(mode))
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if np.dtype(dtype).kind == "f":
        pixels = pixels.astype(dtype) / 255
    return tensor(pixels)


decode_jpeg = decode_png = decode_bmp = decode_image


def encode_jpeg(image: Any, format: str = "", quality: int = 95, **_: Any) -> bytes:
    """The bytes of a JPEG file of pixels (h, w, c)."""
    return _encoded(image, "JPEG", quality=quality)


def encode_png(image: Any, **_: Any) -> bytes:
    """The bytes of a PNG file of pixels (h, w, c)."""
    return _encoded(image, "PNG")


def _encoded(image: Any, kind: str, **options: Any) -> bytes:
    from PIL import Image

    pixels = np.asarray(image).astype(np.uint8)
    pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    target = streams.BytesIO()
    Image.fromarray(pixels).save(target, kind, **options)
    return target.getvalue()


__all__ = [
    "decode_bmp", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png",
    "read_file", "write_file",
]  # fmt: skip
