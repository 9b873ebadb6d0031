"""Layers that bring pictures to one size, in training and in use alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, check_name
from lernwerk.layers.image_layer import _ImageLayer
from lernwerk.ops.resampling import INTERPOLATIONS, crop, resize_window


class Resizing(_ImageLayer):
    """Bring pictures to this height and width.

    y = x interpolated (bilinear, nearest, bicubic, lanczos3, lanczos5; ``antialias`` averages where
    pictures become smaller); with crop_to_aspect_ratio the largest part with these proportions,
    with pad_to_aspect_ratio the whole picture between margins of ``fill_value``

    Whole numbers stay whole: they are rounded and kept within their type.

    Shapes: x (b, h, w, c) -> y (b, height, width, c)
    """

    integer_inputs = True
    ranges = {"height": COUNT, "width": COUNT}

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(data_format=data_format, **keywords)
        check_name(self.name, "interpolation", interpolation, INTERPOLATIONS)
        check_name(self.name, "fill_mode", fill_mode, ("constant",))
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ArgumentError(
                self.name, "crop_to_aspect_ratio or pad_to_aspect_ratio, not both", "both"
            )
        self.height = height
        self.width = width
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias
        self.check_arguments()

    def _changed(self, images: Tensor, training: bool) -> Tensor:
        kind = images.dtype
        whole = kind.kind in "iu"
        numbers = images if kind.name == self.dtype else images.astype(self.dtype)
        y = self._resized(numbers)
        if not whole:
            return y
        limits = np.iinfo(kind)
        rounded = ops.minimum(ops.maximum(ops.round(y), float(limits.min)), float(limits.max))
        return rounded.astype(kind)  # type: ignore[no-any-return]

    def _resized(self, images: Tensor) -> Tensor:
        size = (self.height, self.width)
        if self.crop_to_aspect_ratio:
            return resize_window(images, size, interpolation=self.interpolation)  # type: ignore[no-any-return]
        if self.pad_to_aspect_ratio:
            images = self._framed(images)
        return ops.resize(  # type: ignore[no-any-return]
            images, size, interpolation=self.interpolation, antialias=self.antialias
        )  # type: ignore[arg-type]

    def _framed(self, images: Tensor) -> Tensor:
        """Pictures with margins on two sides, so that they have the target's proportions."""
        _, height, width, _ = images.shape
        tall = max(height, int(width * self.height / self.width))
        wide = max(width, int(height * self.width / self.height))
        top, left = (tall - height) // 2, (wide - width) // 2
        # Keras's margins are equal on both sides: an odd rest is left out.
        widths = ((0, 0), (top, top), (left, left), (0, 0))
        return ops.pad(images, widths=widths, value=self.fill_value)  # type: ignore[no-any-return]


class CenterCrop(_ImageLayer):
    """Cut a part of this size out of the middle of pictures.

    y = x[top : top + height, left : left + width]; of pictures that are too small the largest part
    with these proportions, resized

    Shapes: x (b, h, w, c) -> y (b, height, width, c)
    """

    ranges = {"height": COUNT, "width": COUNT}

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(data_format=data_format, **keywords)
        self.height = height
        self.width = width
        self.check_arguments()

    def _changed(self, images: Tensor, training: bool) -> Tensor:
        _, height, width, _ = images.shape
        if height < self.height or width < self.width:
            return resize_window(images, (self.height, self.width))  # type: ignore[no-any-return]
        top, left = (height - self.height) // 2, (width - self.width) // 2
        return crop(images, top, left, self.height, self.width)  # type: ignore[no-any-return]
