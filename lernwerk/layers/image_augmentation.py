"""Layers that move pictures about in training: flips, turns, zooms, shifts, crops.

Each picture of a batch draws its own variation from the layer's random stream. In use they pass
pictures on; called outside a model they vary, so that one can look at the results.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, Range, check_name
from lernwerk.layers.image_layer import SEED, _RandomImageLayer, factor_range, per_picture
from lernwerk.ops.resampling import (
    AFFINE_INTERPOLATIONS,
    FILL_MODES,
    resize_window,
)

FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")
_INDEX = Range(0, integer=True)


class RandomFlip(_RandomImageLayer):
    """Mirror about half of the pictures in training.

    y = x mirrored with probability 1/2, left to right ("horizontal"), upside down ("vertical"), or
    both independently of each other

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    Differs: Keras 3 draws one number for both directions.
    """

    ranges = {"seed": SEED}

    def __init__(
        self, mode: str = "horizontal_and_vertical", seed: int | None = None,
        data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **keywords)
        check_name(self.name, "mode", mode, FLIPS)
        self.mode = mode
        self.check_arguments()

    def _varied(self, images: Tensor) -> Tensor:
        for direction, axis in (("horizontal", 2), ("vertical", 1)):
            if direction in self.mode:
                chosen = per_picture(self._uniform(images.shape[0], (0.0, 1.0)) < 0.5)
                images = ops.where(chosen, ops.flip(images, axes=(axis,)), images)
        return images


class _AffineLayer(_RandomImageLayer):
    """A layer whose variation is an affine map of each picture."""

    ranges = {"seed": SEED}

    def __init__(
        self, fill_mode: str, interpolation: str, seed: int | None, fill_value: float,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed=seed, **keywords)
        check_name(self.name, "fill_mode", fill_mode, FILL_MODES)
        check_name(self.name, "interpolation", interpolation, AFFINE_INTERPOLATIONS)
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value
        self.check_arguments()

    def _varied(self, images: Tensor) -> Tensor:
        return ops.affine_transform(  # type: ignore[no-any-return]
            images, self._maps(*images.shape[:3]), interpolation=self.interpolation,
            fill_mode=self.fill_mode, fill_value=self.fill_value,
        )  # fmt: skip

    def _maps(self, count: int, height: int, width: int) -> Tensor:
        """The maps (b, 6) for this many pictures of this size."""
        raise NotImplementedError(type(self).__name__)


def _centred(a0: Any, a1: Any, b0: Any, b1: Any, height: int, width: int) -> Tensor:
    """Maps about the middle of the picture, of the four numbers (b) of their linear part."""
    x, y = (width - 1) / 2, (height - 1) / 2
    a2, b2 = x - x * a0 - y * a1, y - x * b0 - y * b1
    return ops.stack(a0, a1, a2, b0, b1, b2, axis=1)  # type: ignore[no-any-return]


class RandomRotation(_AffineLayer):
    """Turn each picture by a random angle in training.

    y = x turned about its middle by an angle from [lower, upper) of a full turn (360 degrees);
    ``factor`` is this pair, or f for (-f, f); positive angles turn counter-clockwise.
    ``fill_mode`` (reflect, wrap, constant, nearest) and ``fill_value`` fill the corners.

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format=data_format, **keywords
        )
        self.factor = factor_range(self.name, "factor", factor, -1, 1)

    def _maps(self, count: int, height: int, width: int) -> Tensor:
        angle = self._uniform(count, self.factor) * (2 * math.pi)
        cosine, sine = ops.cos(angle), ops.sin(angle)
        return _centred(cosine, -sine, sine, cosine, height, width)


class RandomZoom(_AffineLayer):
    """Zoom each picture in or out in training.

    y = x with its height scaled by 1 + u, u from [lower, upper) of ``height_factor``: above 0 out,
    below 0 in; the width by ``width_factor``, or like the height where that is None. A factor is a
    pair, or f for (-f, f).

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format=data_format, **keywords
        )
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._heights = factor_range(self.name, "height_factor", height_factor, -1, 1)
        self._widths = None if width_factor is None else factor_range(
            self.name, "width_factor", width_factor, -1, 1
        )  # fmt: skip

    def _maps(self, count: int, height: int, width: int) -> Tensor:
        tall = self._uniform(count, self._heights) + 1.0
        wide = tall if self._widths is None else self._uniform(count, self._widths) + 1.0
        zero = ops.multiply(tall, 0.0)
        return _centred(wide, zero, zero, tall, height, width)


class RandomTranslation(_AffineLayer):
    """Shift each picture in training.

    y = x moved down by u times its height, u from [lower, upper) of ``height_factor``, and to the
    right by ``width_factor`` of its width; a factor is a pair, or f for (-f, f).

    Shapes: x (b, h, w, c) -> y (b, h, w, c)
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format=data_format, **keywords
        )
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._heights = factor_range(self.name, "height_factor", height_factor, -1, 1)
        self._widths = factor_range(self.name, "width_factor", width_factor, -1, 1)

    def _maps(self, count: int, height: int, width: int) -> Tensor:
        down = self._uniform(count, self._heights) * float(height)
        right = self._uniform(count, self._widths) * float(width)
        zero = ops.multiply(down, 0.0)
        one = zero + 1.0
        return ops.stack(one, zero, -right, zero, one, -down, axis=1)  # type: ignore[no-any-return]


class RandomCrop(_RandomImageLayer):
    """Cut a part of this size out of the pictures, at a random place in training.

    y = x[top : top + height, left : left + width], one place for a whole batch; in use, and where
    the pictures are too small, the largest part in the middle with these proportions, resized

    Shapes: x (b, h, w, c) -> y (b, height, width, c)
    Differs: in use Keras 3 passes pictures on uncut.
    """

    ranges = {"height": COUNT, "width": COUNT, "seed": SEED}

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed=seed, data_format=data_format, **keywords)
        self.height = height
        self.width = width
        self.check_arguments()

    def _changed(self, images: Tensor, training: bool) -> Tensor:
        _, height, width, _ = images.shape
        if not training or height < self.height or width < self.width:
            return resize_window(images, (self.height, self.width))  # type: ignore[no-any-return]
        for axis, old, new in ((1, height, self.height), (2, width, self.width)):
            start = ops.floor(self._uniform(1, (0.0, float(old - new + 1))))
            places = ops.cast(start + np.arange(new, dtype=np.float32), dtype="int32")
            images = ops.gather(images, places, axis=axis)
        return images
