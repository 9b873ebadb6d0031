"""Layers that enlarge sequences, pictures and volumes by whole factors, without weights."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import check_name
from lernwerk.layers.spatial import SpatialLayer, channels_last, per_axis
from lernwerk.ops.upsampling import METHODS


class UpSampling1D(SpatialLayer):
    """Each step ``size`` times in a row.

    y[p] = x[p // size]

    Shapes: x (b, t, c) -> y (b, t * size, c)
    """

    spatial_axes = 1

    def __init__(self, size: int = 2, **keywords: Any) -> None:
        super().__init__(**keywords)
        (self.size,) = per_axis(self, "size", size, 1)
        self.use_format("channels_last")

    def call(self, inputs: Tensor) -> Tensor:
        """y[p] = x[p // size]"""
        return ops.upsample(inputs, factors=(self.size,))  # type: ignore[no-any-return]


class UpSampling2D(SpatialLayer):
    """Pictures ``size`` times as high and wide: pixels repeated, or numbers between them.

    y[p, q] = x[p // size[0], q // size[1]] for ``interpolation="nearest"``; "bilinear", "bicubic",
    "lanczos3" and "lanczos5" weigh the pixels around each place (``ops.upsample``).

    Shapes: x (b, h, w, c) -> y (b, h * size[0], w * size[1], c)
    """

    spatial_axes = 2

    def __init__(
        self,
        size: Any = 2,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.size = per_axis(self, "size", size, 2)
        self.use_format(data_format)
        self.interpolation = str(interpolation).lower()
        check_name(self.name, "interpolation", self.interpolation, METHODS)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = x, enlarged"""
        return ops.upsample(  # type: ignore[no-any-return]
            inputs, factors=self.size, method=self.interpolation
        )


class UpSampling3D(SpatialLayer):
    """Each cell of a volume repeated ``size`` times along each axis.

    Shapes: x (b, d, h, w, c) -> y (b, d * size[0], h * size[1], w * size[2], c)
    """

    spatial_axes = 3

    def __init__(self, size: Any = 2, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.size = per_axis(self, "size", size, 3)
        self.use_format(data_format)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y[p] = x[p // size]"""
        return ops.upsample(inputs, factors=self.size)  # type: ignore[no-any-return]
