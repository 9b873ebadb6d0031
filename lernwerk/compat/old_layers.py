"""Layers of Keras 1 and 2 that are others today: old spellings with arguments of their own.

``Convolution2D(32, 3, 3)`` and ``merge([a, b], mode="concat")`` are calls of today's layers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lernwerk import layers, legacy
from lernwerk.errors import ArgumentError, check_name
from lernwerk.layers.input_form import InputForm


class _Old(type):
    """Makes a layer of today when it is called; its layers count as instances of it."""

    current: str

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        arguments, keywords = legacy.translate(cls.__name__, arguments, keywords)
        return getattr(layers, cls.current)(*arguments, **keywords)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, getattr(layers, cls.current))


def _old(name: str, current: str) -> Any:
    body = {
        "current": current,
        "__doc__": f"Keras 1's form of ``{current}``.",
        "__module__": __name__,
    }
    return _Old(name, (), body)


Convolution1D = _old("Convolution1D", "Conv1D")
Convolution2D = _old("Convolution2D", "Conv2D")
Convolution3D = _old("Convolution3D", "Conv3D")
Deconvolution2D = _old("Deconvolution2D", "Conv2DTranspose")
SeparableConvolution2D = _old("SeparableConvolution2D", "SeparableConv2D")
AtrousConvolution2D = _old("AtrousConvolution2D", "Conv2D")
CuDNNLSTM = _old("CuDNNLSTM", "LSTM")
CuDNNGRU = _old("CuDNNGRU", "GRU")


def TimeDistributedDense(output_dim: int, *arguments: Any, **keywords: Any) -> Any:
    """Keras 1's Dense for each step: today's Dense does that by itself."""
    legacy.note("TimeDistributedDense", "Dense")
    return layers.Dense(output_dim, *arguments, **keywords)


_MERGING = {
    "sum": "Add", "add": "Add", "mul": "Multiply", "multiply": "Multiply", "ave": "Average",
    "average": "Average", "max": "Maximum", "min": "Minimum", "concat": "Concatenate",
    "dot": "Dot", "cos": "Dot", "sub": "Subtract",
}  # fmt: skip


def merge(
    inputs: Any, mode: str | Callable[..., Any] = "sum", concat_axis: int = -1, dot_axes: Any = -1,
    output_shape: Any = None, name: str | None = None, **keywords: Any,
) -> Any:  # fmt: skip
    """Keras 1's ``merge([a, b], mode="concat")``, by the layer of today.

    Raises ArgumentError for modes it does not know and for functions, which are ``Lambda``.
    """
    if callable(mode):
        return layers.Lambda(mode, output_shape=output_shape, name=name)(inputs)
    check_name("merge", "mode", mode, _MERGING)
    current = _MERGING[mode]
    legacy.note(f"merge(mode={mode!r})", f"{current}()")
    options: dict[str, Any] = {"name": name}
    if current == "Concatenate":
        options["axis"] = concat_axis
    if current == "Dot":
        options |= {"axes": dot_axes, "normalize": mode == "cos"}
    return getattr(layers, current)(**options)(inputs)


def deserialize(config: Any, custom_objects: Any = None, **_: Any) -> Any:
    """The layer that a written form describes."""
    from lernwerk.configurable import deserialize as read

    found = read(config, "layers", custom_objects)
    if found is config:
        raise ArgumentError("layers.deserialize", "the written form of a layer", repr(config)[:60])
    return found


def InputSpec(
    dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
    min_ndim: int | None = None, axes: Any = None, allow_last_axis_squeeze: bool = False,
    **_: Any,
) -> InputForm:  # fmt: skip
    """What a layer of one's own expects of its input: ``self.input_spec = InputSpec(ndim=3)``."""
    lengths = dict(axes or {})
    if shape is not None:
        ndim = len(shape)
        lengths |= {axis: n for axis, n in enumerate(shape) if n is not None}
    last = lengths.pop(-1, None)
    pairs = tuple((int(axis), int(n)) for axis, n in lengths.items())
    return InputForm(axes=ndim, at_least=min_ndim, last=last, lengths=pairs)


__all__ = [
    "AtrousConvolution2D", "Convolution1D", "Convolution2D", "Convolution3D", "CuDNNGRU",
    "CuDNNLSTM", "Deconvolution2D", "InputSpec", "SeparableConvolution2D",
    "TimeDistributedDense", "merge",
]  # fmt: skip
