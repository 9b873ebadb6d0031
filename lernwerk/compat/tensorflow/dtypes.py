"""``tf.dtypes``: NumPy's types under TensorFlow's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.compat.tensorflow.arrays import cast

float16, float32, float64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
int8, int16, int32, int64 = (np.dtype(name) for name in ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = (np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64))
bool = np.dtype("bool")
string = np.dtype("object")
half, double = float16, float64
DType = np.dtype


def as_dtype(type_value: Any) -> Any:
    """The type of a name."""
    return np.dtype(type_value)


__all__ = [
    "DType", "as_dtype", "bool", "cast", "double", "float16", "float32", "float64", "half", "int16",
    "int32", "int64", "int8", "string", "uint16", "uint32", "uint64", "uint8",
]  # fmt: skip
