"""Pictures of any proportions brought to one size without distortion."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.errors import ShapeError, check_name
from lernwerk.ops.resampling import resize_window


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
    images = images if images.dtype.kind == "f" else images.astype("float32")
    y = resize_window(images, tuple(size), interpolation=interpolation)
    y = ops.transpose(y, axes=(0, 3, 1, 2)) if first else y
    y = ops.squeeze(y, axis=0) if single else y
    return y if isinstance(x, Tensor) else np.asarray(y.numpy())
