"""The merging layers as functions: ``add([a, b])``, and the ``merge`` of the first Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lernwerk.errors import check_name
from lernwerk.layers.joining import Concatenate, Dot
from lernwerk.layers.lambda_layer import Lambda
from lernwerk.layers.merging import Add, Average, Maximum, Minimum, Multiply, Subtract


def add(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The sum of the inputs: ``Add(**keywords)(inputs)``."""
    return Add(**keywords)(inputs)


def average(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The mean of the inputs: ``Average(**keywords)(inputs)``."""
    return Average(**keywords)(inputs)


def subtract(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The first input less the second: ``Subtract(**keywords)(inputs)``."""
    return Subtract(**keywords)(inputs)


def multiply(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The product of the inputs: ``Multiply(**keywords)(inputs)``."""
    return Multiply(**keywords)(inputs)


def maximum(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The larger numbers of the inputs: ``Maximum(**keywords)(inputs)``."""
    return Maximum(**keywords)(inputs)


def minimum(inputs: Sequence[Any], **keywords: Any) -> Any:
    """The smaller numbers of the inputs: ``Minimum(**keywords)(inputs)``."""
    return Minimum(**keywords)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **keywords: Any) -> Any:
    """The inputs side by side: ``Concatenate(axis, **keywords)(inputs)``."""
    return Concatenate(axis=axis, **keywords)(inputs)


def dot(inputs: Sequence[Any], axes: Any = -1, **keywords: Any) -> Any:
    """The inner product of two inputs: ``Dot(axes, **keywords)(inputs)``."""
    return Dot(axes=axes, **keywords)(inputs)


_MODES: Mapping[str, Callable[..., Any]] = {
    "sum": add, "mul": multiply, "ave": average, "max": maximum, "min": minimum,
    "concat": concatenate, "dot": dot, "cos": dot,
}  # fmt: skip


def merge(
    inputs: Sequence[Any],
    mode: Any = "sum",
    dot_axes: Any = -1,
    concat_axis: int = -1,
    output_shape: Any = None,
    output_mask: Any = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Any:
    """Merge tensors as Keras 1 did: ``mode`` is sum, mul, ave, max, min, concat, dot or cos.

    It may also be a function of the list of tensors, which then is a Lambda.
    Raises ArgumentError for another mode.
    Source: Keras 1.2, layers/core merge
    """
    if callable(mode):
        return Lambda(mode, output_shape, output_mask, arguments, name=name)(inputs)
    check_name("merge", "mode", mode, _MODES)
    options: dict[str, Any] = {"name": name}
    if mode == "concat":
        options["axis"] = concat_axis
    if mode in ("dot", "cos"):
        options.update(axes=dot_axes, normalize=mode == "cos")
    return _MODES[mode](inputs, **options)
