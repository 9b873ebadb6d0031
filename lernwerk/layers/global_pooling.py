"""Global pooling layers: the maximum or the mean of everything, for each channel."""

from __future__ import annotations

from typing import Any, ClassVar

from lernwerk import ops
from lernwerk.core.tensor import Tensor
from lernwerk.layers.spatial import SpatialLayer, channels_last


class _GlobalPooling(SpatialLayer):
    """What the global poolings have in common."""

    operation: ClassVar[Any]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.keepdims = keepdims
        self.use_format(data_format)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = maximum or mean over all spatial axes"""
        axes = tuple(range(1, self.spatial_axes + 1))
        return type(self).operation(  # type: ignore[no-any-return]
            inputs, axis=axes, keepdims=self.keepdims
        )


class GlobalMaxPooling1D(_GlobalPooling):
    """The maximum over all steps.

    Shapes: x (b, t, c) -> y (b, c), or (b, 1, c) with ``keepdims``
    """

    spatial_axes = 1
    operation = ops.max


class GlobalMaxPooling2D(_GlobalPooling):
    """The maximum over the whole picture.

    Shapes: x (b, h, w, c) -> y (b, c), or (b, 1, 1, c) with ``keepdims``
    """

    spatial_axes = 2
    operation = ops.max


class GlobalMaxPooling3D(_GlobalPooling):
    """The maximum over the whole volume.

    Shapes: x (b, d, h, w, c) -> y (b, c), or (b, 1, 1, 1, c) with ``keepdims``
    """

    spatial_axes = 3
    operation = ops.max


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over all steps; masked steps do not count.

    Shapes: x (b, t, c), mask (b, t) -> y (b, c), or (b, 1, c) with ``keepdims``
    """

    spatial_axes = 1
    operation = staticmethod(ops.mean)

    @channels_last
    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        """y = mean over the steps, or over those where the mask is True"""
        if mask is None:
            return ops.mean(  # type: ignore[no-any-return]
                inputs, axis=1, keepdims=self.keepdims
            )
        weight = mask.astype(inputs.dtype).reshape(*mask.shape, 1)
        total = (inputs * weight).sum(axis=1, keepdims=self.keepdims)
        return total / weight.sum(axis=1, keepdims=self.keepdims)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the steps are gone."""
        return None


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean over the whole picture.

    Shapes: x (b, h, w, c) -> y (b, c), or (b, 1, 1, c) with ``keepdims``
    Source: Lin, Chen & Yan 2013, arXiv:1312.4400
    """

    spatial_axes = 2
    operation = staticmethod(ops.mean)


class GlobalAveragePooling3D(_GlobalPooling):
    """The mean over the whole volume.

    Shapes: x (b, d, h, w, c) -> y (b, c), or (b, 1, 1, 1, c) with ``keepdims``
    """

    spatial_axes = 3
    operation = staticmethod(ops.mean)


GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
