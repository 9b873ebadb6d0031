"""Keras's ``config``: types that layers compute in, where channels are, the smallest divisor."""

from __future__ import annotations

from typing import Any

from lernwerk.errors import POSITIVE, ArgumentError, check_ranges, nearest
from lernwerk.mixed_precision import dtype_policy, set_dtype_policy

__all__ = [
    "dtype_policy", "epsilon", "floatx", "image_data_format", "set_dtype_policy", "set_epsilon",
    "set_floatx", "set_image_data_format", "standardize_data_format",
]  # fmt: skip

FORMATS = ("channels_last", "channels_first")
_values: dict[str, Any] = {"epsilon": 1e-7, "image_data_format": "channels_last"}


def floatx() -> str:
    """The type of the weights of layers that are made without a dtype."""
    return dtype_policy().variable_dtype


def set_floatx(value: str) -> None:
    """Let layers that are made from now on compute in this type: "float32" or "float64"."""
    if value not in ("float32", "float64"):
        raise ArgumentError("set_floatx", "'float32' or 'float64'", repr(value))
    set_dtype_policy(value)


def epsilon() -> float:
    """A number so small that adding it to a divisor changes nothing else."""
    return float(_values["epsilon"])


def set_epsilon(value: float) -> None:
    """Let ``epsilon()`` be another number."""
    check_ranges("set_epsilon", {"value": value}, {"value": POSITIVE})
    _values["epsilon"] = value


def image_data_format() -> str:
    """Where pictures have their channels: "channels_last" or "channels_first"."""
    return str(_values["image_data_format"])


def set_image_data_format(data_format: str) -> None:
    """Say where the layers that are made from now on expect the channels."""
    _values["image_data_format"] = standardize_data_format("set_image_data_format", data_format)


def standardize_data_format(where: str, data_format: str | None) -> str:
    """A data format in lower case, the configured one for None; others are refused."""
    if data_format is None:
        return image_data_format()
    name = data_format.lower() if isinstance(data_format, str) else data_format
    if name not in FORMATS:
        raise ArgumentError(
            where, f"data_format to be one of {', '.join(FORMATS)}", repr(data_format),
            nearest(str(name), FORMATS),
        )  # fmt: skip
    return name
