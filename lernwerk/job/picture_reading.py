"""Picture files become upright 8-bit pictures, gray or RGB, whatever they were saved as.

EXIF orientation is applied, transparency is laid over white, palettes are resolved, 16-bit values
are brought to 8 bits, of an animation the first frame is taken. Pillow does the decoding; sizes
and channels for a network are chosen in picture_encoder.py.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lernwerk import settings
from lernwerk.errors import FileError

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".gif", ".tif", ".tiff", ".webp"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico", ".avif", ".jp2"),
    }
)
FEW_PICTURES = 16  # below this a thread pool costs more than it saves
MOST_THREADS = 8  # decoding is bound by memory beyond that
File = TypeVar("File")
Result = TypeVar("Result")


@dataclass(frozen=True)
class PictureFacts:
    """What is known of a picture once it has been read: its size and whether it is gray."""

    height: int
    width: int
    gray: bool


def read_picture(file: Path | IO[bytes], name: str = "") -> Image.Image:
    """One picture in mode L (gray) or RGB; FileError where it is damaged or no picture."""
    from PIL import Image, UnidentifiedImageError

    where = name or str(file)
    try:
        if isinstance(file, Path) and file.stat().st_size == 0:
            raise _no_picture(where, "an empty file")
        with Image.open(file) as image:
            return _plain(image)
    except UnidentifiedImageError:
        raise _no_picture(where, "a file that is no picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _no_picture(where, "one of too many pixels") from None
    except FileError:
        raise
    except FileNotFoundError:
        raise _no_picture(where, "nothing there") from None
    except Exception as error:  # decoders raise whatever damaged bytes make them stumble over
        raise _no_picture(where, f"a damaged one ({error})") from None


def _no_picture(where: str, found: str) -> FileError:
    return FileError(where, "a picture", found)


def _plain(image: Image.Image) -> Image.Image:
    from PIL import Image, ImageOps

    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_eight_bits(np.asarray(image)))
    if image.mode in ("1", "L") and "transparency" not in image.info:
        return image.convert("L")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    colours = image.convert("RGB")
    return colours.convert("L") if _is_gray(np.asarray(colours)) else colours


def _is_gray(pixels: NDArray[np.uint8]) -> bool:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return bool((red == green).all() and (green == blue).all())


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Values of 0 to 65535 (integers) or of 0 to 1 (fractions) as 0 to 255; smaller ones stay."""
    values = np.nan_to_num(pixels.astype(np.float64), posinf=255.0, neginf=0.0)
    largest = values.max()
    if pixels.dtype.kind == "f":
        values = values * 255 if largest <= 1 else values
    elif pixels.dtype.itemsize == 2 or largest > 255:
        values = values / 257
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def picture_facts(path: Path) -> PictureFacts:
    """Size and colour of a picture, read in full so that a truncated one is noticed.

    The answer is remembered until the file changes. Raises FileError like ``read_picture``.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise _no_picture(str(path), error.strerror or str(error)) from None
    return _facts(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1 << 18)
def _facts(path: Path, changed: int, size: int) -> PictureFacts:
    image = read_picture(path)
    return PictureFacts(image.height, image.width, image.mode == "L")


def in_threads(read: Callable[[File], Result], paths: Sequence[File]) -> list[Result | FileError]:
    """``read`` for every file, in order; a FileError takes the place of a result."""

    def guarded(path: File) -> Result | FileError:
        try:
            return read(path)
        except FileError as error:
            return error

    with _quiet_decoders():
        if len(paths) < FEW_PICTURES:
            return [guarded(path) for path in paths]
        from concurrent.futures import ThreadPoolExecutor

        threads = min(settings.get("threads") or os.cpu_count() or 1, MOST_THREADS)
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(guarded, paths))


@contextmanager
def _quiet_decoders() -> Iterator[None]:
    """Pillow's remarks on odd but readable files stay silent; a giant picture is an error."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def resized(image: Image.Image, height: int, width: int, channels: int) -> NDArray[np.uint8]:
    """A picture as an array (height, width, channels), smoothed where it is made smaller."""
    from PIL import Image

    mode = "L" if channels == 1 else "RGB"
    image = image if image.mode == mode else image.convert(mode)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8).reshape(height, width, channels)
