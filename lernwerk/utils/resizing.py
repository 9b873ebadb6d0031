"""Pictures of any proportions brought to one size without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError, check_name


def crop_box(height: int, width: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The largest part in the middle with the proportions of ``size``: top, left, height, width."""
    cut_height = max(min(height, int(width * size[0] / size[1])), 1)
    cut_width = max(min(width, int(height * size[1] / size[0])), 1)
    return (height - cut_height) // 2, (width - cut_width) // 2, cut_height, cut_width


def smart_resize(
    x: Any,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    data_format: str = "channels_last",
    **keywords: Any,
) -> Any:
    """Cut the largest part in the middle with the proportions of ``size``, and resize that.

    Shapes: x (h, w, c) or (b, h, w, c) -> y with ``size`` in the place of (h, w); an array gives an
    array, a tensor a tensor
    """
    check_name("smart_resize", "data_format", data_format, ("channels_last", "channels_first"))
    images = as_tensor(x)
    if images.ndim not in (3, 4):
        raise ShapeError("smart_resize", "one picture (h, w, c) or several (b, h, w, c)",
                         images.shape)  # fmt: skip
    single, first = images.ndim == 3, data_format == "channels_first"
    images = ops.expand_dims(images, axis=0) if single else images
    images = ops.transpose(images, axes=(0, 2, 3, 1)) if first else images
    top, left, height, width = crop_box(images.shape[1], images.shape[2], size)
    cut = images[:, top : top + height, left : left + width, :]
    whole = cut if cut.dtype.kind == "f" else cut.astype("float32")
    y = ops.resize(whole, tuple(size), interpolation=interpolation)  # type: ignore[arg-type]
    y = ops.transpose(y, axes=(0, 3, 1, 2)) if first else y
    y = ops.squeeze(y, axis=0) if single else y
    return y if isinstance(x, Tensor) else np.asarray(y.numpy())
