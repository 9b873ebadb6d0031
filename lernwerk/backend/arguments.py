"""What the functions of the backend do to their arguments: tensors of whatever is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import config, ops
from lernwerk.ops.common import dtype_name


def tensor(x: Any, dtype: Any = None) -> Any:
    """A Tensor of arrays, numbers and lists; tensors and a model's symbols as they are."""
    if hasattr(type(x), "__primitive__") or hasattr(type(x), "__composite__"):
        return x if dtype is None else ops.cast(x, dtype=dtype_name(dtype))
    return ops.convert_to_tensor(x, dtype)


def float_name(dtype: Any) -> str:
    """The name of a type; without one that of Keras's ``floatx``."""
    return dtype_name(dtype, config.floatx())


def axes(axis: Any) -> Any:
    """An axis or several as operations want them."""
    return tuple(axis) if isinstance(axis, (list, tuple, np.ndarray)) else axis
