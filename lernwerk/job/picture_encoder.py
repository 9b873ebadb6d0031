"""Pictures become arrays of one size, float32 in 0 to 255.

Size and channels are chosen from the training pictures. Scaling is not done here: the network
begins with a Rescaling layer. Reading the files is the business of picture_reading.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import COUNT, DataError, FileError, UsageError, check_ranges
from lernwerk.job.config_fields import Fields
from lernwerk.job.picture_reading import (
    PictureFacts,
    in_threads,
    picture_facts,
    read_picture,
    resized,
)
from lernwerk.job.wording import number

WHERE = "pictures"
CAP = 64
"""Longest side of a picture by default: enough for a small network, quick on two cores."""
SMALLEST_SIDE = 8
"""Narrow pictures are not shrunk below this many pixels."""
LOW_RANGE = 64
"""uint8 arrays that stay below this (digits: 16) have a scale of their own, not 0 to 255."""
SAMPLE = 200  # training pictures from which the brightness is taken
DARKER = 100.0
"""Mean brightness further apart than this, on both sides of gray, looks like a negative."""


class PictureEncoder:
    """Turns pictures into float32 of shape (rows, height, width, channels), values 0 to 255.

    ``size`` fixes (height, width) or one number for both; otherwise it is the size of the training
    pictures, their median where they differ, shrunk until the longer side is at most ``cap``.
    Inputs are paths, or uint8 arrays (rows, height, width[, channels]).
    """

    kind: ClassVar[str] = "pictures"

    def __init__(self, size: int | tuple[int, int] | None = None, cap: int = CAP) -> None:
        sides = size if isinstance(size, tuple) else (size, size)
        check_ranges(
            "PictureEncoder",
            {"height": sides[0], "width": sides[1], "cap": cap},
            {"height": COUNT, "width": COUNT, "cap": COUNT},
        )
        self.size = None if sides[0] is None or sides[1] is None else (sides[0], sides[1])
        self.cap = cap
        self.height = self.width = self.channels = 0
        self.maximum = 255
        self.brightness = 0.0
        self.warnings: list[str] = []
        self._words: list[str] = []

    def fit(self, inputs: Any) -> Self:
        """Choose size and channels from the training pictures; DataError if there are none."""
        self._words = []
        if isinstance(inputs, np.ndarray):
            self._fit_array(checked_array(inputs))
        else:
            self._fit_files(list(inputs))
        self.brightness = float(self.encode(_sample(inputs)).mean())
        self.warnings = []
        return self

    def _fit_array(self, pixels: NDArray[np.uint8]) -> None:
        largest = int(pixels.max())
        see_through = pixels.ndim == 4 and pixels.shape[3] == 4
        self.maximum = largest if 0 < largest <= LOW_RANGE and not see_through else 255
        self.channels = 1 if pixels.ndim == 3 or pixels.shape[3] == 1 else 3
        self._choose_size([(pixels.shape[1], pixels.shape[2])])
        if self.maximum != 255:
            self._words.append(
                f"The values of the pixels end at {self.maximum}; they are stretched to 0 to 255."
            )

    def _fit_files(self, paths: list[Path]) -> None:
        if not paths:
            raise DataError(WHERE, "pictures to learn from", "none")
        facts = [_raised(fact) for fact in in_threads(picture_facts, paths)]
        self.maximum = 255
        self.channels = 1 if all(fact.gray for fact in facts) else 3
        self._choose_size([(fact.height, fact.width) for fact in facts])

    def _choose_size(self, sizes: list[tuple[int, int]]) -> None:
        colour = "gray" if self.channels == 1 else "in colour"
        counts = Counter(sizes)
        if self.size:
            (self.height, self.width), why = self.size, "the size you chose"
        elif len(counts) == 1:
            (self.height, self.width), why = sizes[0], "their own size"
        else:
            middle = np.median(np.array(sizes), axis=0)
            self.height, self.width = (max(1, round(float(side))) for side in middle)
            why = f"the middle one of {len(counts)} different sizes"
        if not self.size and max(self.height, self.width) > self.cap:
            why = f"shrunk from {self.height} x {self.width}, {why}"
            self.height, self.width = _shrunk(self.height, self.width, self.cap)
        self._words.append(
            f"All pictures are brought to {self.height} x {self.width} pixels ({why}), {colour}."
        )

    def encode(self, inputs: Any) -> NDArray[np.float32]:
        """Shapes: inputs (rows) -> (rows, height, width, channels).

        Takes paths, one path, or a uint8 array. Sets ``warnings``. Raises FileError for a picture
        that cannot be read and DataError for an array of another kind.
        """
        if not self.height:
            raise UsageError("PictureEncoder", "fit before encode", "no fit", "encoder.fit(paths)")
        if isinstance(inputs, np.ndarray):
            pixels = self._from_array(checked_array(inputs))
        else:
            paths = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
            pixels = open_pictures(paths, self.height, self.width, self.channels)
        encoded = pixels.astype(np.float32)
        if isinstance(inputs, np.ndarray) and self.maximum != 255:
            encoded *= np.float32(255 / self.maximum)
        self.warnings = self._negative(encoded)
        return encoded

    def _from_array(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.maximum != 255 and pixels.size and int(pixels.max()) > self.maximum:
            raise DataError(WHERE, f"values of pixels from 0 to {self.maximum}, as in the training",
                            f"{int(pixels.max())}")  # fmt: skip
        shape = (self.height, self.width, self.channels)
        pixels = pixels[..., None] if pixels.ndim == 3 else pixels
        if pixels.shape[1:] == shape:
            return pixels
        from PIL import Image

        mode = {1: "L", 3: "RGB", 4: "RGBA"}[pixels.shape[3]]
        result = np.empty((len(pixels), *shape), np.uint8)
        for row, picture in enumerate(pixels):
            image = Image.fromarray(
                np.ascontiguousarray(picture[..., 0] if mode == "L" else picture)
            )
            if mode == "RGBA":
                white = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(white, image).convert("RGB")
            result[row] = resized(image, *shape)
        return result

    def _negative(self, encoded: NDArray[np.float32]) -> list[str]:
        if not len(encoded) or not self.brightness:
            return []
        mean, gray = float(encoded.mean()), 255 / 2
        opposite = (mean > gray) != (self.brightness > gray)
        if not opposite or abs(mean - self.brightness) < DARKER:
            return []
        return [
            f"These pictures are much {'lighter' if mean > gray else 'darker'} than those of the "
            f"training (on average {number(round(mean))} against {number(round(self.brightness))} "
            "of 255). If they show dark on light what the others show light on dark, invert them."
        ]

    @property
    def feature_names(self) -> list[str]:
        """The axes of a picture have no names of their own."""
        return []

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded picture."""
        return self.height, self.width, self.channels

    def decisions(self) -> list[str]:
        """What is done with the pictures, and why."""
        return list(self._words)

    def config(self) -> dict[str, Any]:
        """Everything that was chosen, ready for JSON."""
        return {
            "kind": self.kind,
            "height": self.height,
            "width": self.width,
            "channels": self.channels,
            "maximum": self.maximum,
            "brightness": self.brightness,
            "decisions": list(self._words),
        }

    @classmethod
    def from_config(cls, config: Any, where: str = "preprocessing") -> Self:
        """The encoder that ``config`` described; FileError where it is damaged."""
        fields = Fields(where, config)
        fields.text("kind", [cls.kind])
        encoder = cls()
        # 4096 x 4096 is beyond any use; more would only exhaust the memory.
        encoder.height = fields.integer("height", 1, 4096)
        encoder.width = fields.integer("width", 1, 4096)
        encoder.channels = fields.integer("channels", 1, 3)
        if encoder.channels == 2:
            raise FileError(where, "1 or 3 channels", "2")
        encoder.maximum = fields.integer("maximum", 1, 255)
        encoder.brightness = fields.number("brightness")
        encoder._words = list(fields.texts("decisions"))
        fields.done()
        return encoder


def open_pictures(
    paths: Sequence[str | Path | IO[bytes]], height: int, width: int, channels: int
) -> NDArray[np.uint8]:
    """Read pictures (paths or open files) in threads and bring them to one size.

    Shapes: paths (rows) -> (rows, height, width, channels). Raises FileError for the first that
    cannot be read.
    """

    def read(file: Path | IO[bytes]) -> NDArray[np.uint8]:
        return resized(read_picture(file), height, width, channels)

    files = [Path(path) if isinstance(path, (str, Path)) else path for path in paths]
    result = np.empty((len(paths), height, width, channels), np.uint8)
    for row, pixels in enumerate(in_threads(read, files)):
        result[row] = _raised(pixels)
    return result


def checked_array(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """A uint8 array of pictures; DataError for any other."""
    if pixels.dtype != np.uint8:
        raise DataError(WHERE, "uint8 values of pixels", f"{pixels.dtype}")
    if pixels.ndim not in (3, 4) or (pixels.ndim == 4 and pixels.shape[3] not in (1, 3, 4)):
        expected = "the shape (rows, height, width) or (rows, height, width, 1, 3 or 4)"
        raise DataError(WHERE, expected, f"{pixels.shape}")
    if not pixels.size:
        raise DataError(WHERE, "pictures", f"none, shape {pixels.shape}")
    return pixels


def _raised(value: Any) -> Any:
    if isinstance(value, FileError):
        raise value
    return value


def _shrunk(height: int, width: int, cap: int) -> tuple[int, int]:
    scale = cap / max(height, width)
    sides = [max(min(side, SMALLEST_SIDE, cap), round(side * scale)) for side in (height, width)]
    return sides[0], sides[1]


def _sample(inputs: Any) -> Any:
    return inputs[:: max(1, len(inputs) // SAMPLE)]


__all__ = ["PictureEncoder", "PictureFacts", "checked_array", "open_pictures"]
