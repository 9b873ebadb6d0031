"""Layers that make one tensor of several, number by number; joining.py has the others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.errors import ShapeError
from lernwerk.layers.layer import Layer

Shapes = Sequence[Sequence[int | None]]


class Merging(Layer):
    """Base of the layers that take a list of tensors.

    Shapes are compared behind the batch, from the last axis to the first; each pair must be equal
    or have a 1. Tensors of fewer axes get axes of length 1 behind the batch. The mask of the
    output says which steps count in any of the inputs, if all of them have one.
    """

    integer_inputs = True
    supports_masking = True
    exactly: int | None = None  # the number of inputs, where only one number will do

    def build(self, input_shape: Any) -> None:
        """Refuse inputs that do not fit each other."""
        self.check_shapes(listed(self, input_shape))

    def check_shapes(self, shapes: Shapes) -> None:
        """Raise ShapeError with all shapes where they do not broadcast."""
        common: list[int | None] = []
        for shape in shapes:
            try:
                common = _broadcast(common, shape[1:])
            except ValueError:
                raise ShapeError(
                    self.name, "inputs whose shapes broadcast", shown(shapes),
                    "Behind the batch, axes are compared from the last to the first; each pair"
                    " must be equal or have a 1.",
                ) from None  # fmt: skip

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """y = the inputs, merged"""
        tensors = listed(self, inputs)
        self.check_shapes([tensor.shape for tensor in tensors])
        rank = max(tensor.ndim for tensor in tensors)
        masks = mask if isinstance(mask, (list, tuple)) else [None] * len(tensors)
        return self.merge([_with_axes(tensor, rank) for tensor in tensors], list(masks))

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """The formula, on tensors of equally many axes."""
        raise NotImplementedError(f"{type(self).__name__} has no merge(self, tensors, masks)")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The steps that count in any input; None where an input has no mask."""
        if not isinstance(mask, (list, tuple)) or any(each is None for each in mask):
            return None
        return functools.reduce(ops.logical_or, mask)


class Add(Merging):
    """The sum of the inputs.

    y = x1 + x2 + ...

    Shapes: x (b, *s), ... -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """y = x1 + x2 + ..."""
        return functools.reduce(ops.add, tensors)


class Average(Merging):
    """The mean of the inputs.

    y = (x1 + x2 + ...) / n

    Shapes: x (b, *s), ... -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """y = (x1 + x2 + ...) / n"""
        return functools.reduce(ops.add, tensors) / float(len(tensors))


class Subtract(Merging):
    """The first input less the second.

    y = x1 - x2

    Shapes: x1 (b, *s), x2 (b, *s) -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    exactly = 2

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """y = x1 - x2"""
        return ops.subtract(*tensors)


class Multiply(Merging):
    """The product of the inputs, number by number.

    y = x1 * x2 * ...; a masked step of an input is left out of the product

    Shapes: x (b, *s), ... -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """y = x1 * x2 * ..."""
        steps = [spread_mask(mask, x) for mask, x in zip(masks, tensors, strict=True)]
        factors = [x if kept is None else ops.where(kept, x, 1)
                   for kept, x in zip(steps, tensors, strict=True)]  # fmt: skip
        product = functools.reduce(ops.multiply, factors)
        if any(kept is None for kept in steps):
            return product
        return ops.where(functools.reduce(ops.logical_or, steps), product, 0)


class _Extreme(Merging):
    """Base of Maximum and Minimum: where an input's step is masked, the others decide."""

    choose: Callable[[Any, Any], Any]

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """The inputs from left to right, each against what came out so far."""
        output, known = tensors[0], spread_mask(masks[0], tensors[0])
        for x, mask in zip(tensors[1:], masks[1:], strict=True):
            kept = spread_mask(mask, x)
            x = x if kept is None else ops.where(kept, x, output)
            output = output if known is None else ops.where(known, output, x)
            output = type(self).choose(output, x)
            known = None if known is None or kept is None else ops.logical_or(known, kept)
        return output


class Maximum(_Extreme):
    """The larger number of the inputs, at each place.

    y = max(x1, x2, ...); a masked step of an input takes no part

    Shapes: x (b, *s), ... -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    choose = ops.maximum


class Minimum(_Extreme):
    """The smaller number of the inputs, at each place.

    y = min(x1, x2, ...); a masked step of an input takes no part

    Shapes: x (b, *s), ... -> y (b, *s)
    Source: https://keras.io/api/layers/merging_layers/
    """

    choose = ops.minimum


def listed(layer: Merging, inputs: Any) -> list[Any]:
    """The inputs, or their shapes, as a list; ShapeError for a single one or a wrong number."""
    single = not isinstance(inputs, (list, tuple)) or not len(inputs)
    if single or inputs[0] is None or isinstance(inputs[0], int):
        given = getattr(inputs, "shape", inputs)
        raise ShapeError(
            layer.name, "a list of tensors", f"one of shape {tuple(given)}" if given else "none",
            f"layers.{type(layer).__name__}(...)([a, b])",
        )  # fmt: skip
    if layer.exactly not in (None, len(inputs)):
        raise ShapeError(layer.name, f"a list of {layer.exactly} tensors", len(inputs))
    return list(inputs)


def shown(shapes: Shapes) -> str:
    """All shapes for a message, the batch as None."""
    return ", ".join(str((None, *shape[1:])) for shape in shapes)


def _broadcast(one: Sequence[int | None], other: Sequence[int | None]) -> list[int | None]:
    """The common shape; ValueError where there is none. Unknown lengths fit any other."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    common = list(long)
    for place in range(-1, -len(short) - 1, -1):
        a, b = long[place], short[place]
        if a != b and None not in (a, b) and 1 not in (a, b):
            raise ValueError
        common[place] = None if None in (a, b) else b if a == 1 else a
    return common


def _with_axes(x: Any, rank: int) -> Any:
    """The tensor with axes of length 1 behind the batch, up to the given number of axes."""
    missing = rank - x.ndim
    return x.reshape(x.shape[0], *[1] * missing, *x.shape[1:]) if missing else x


def spread_mask(mask: Any, x: Any, full: bool = False) -> Any:
    """The mask of the steps for each number of ``x``; None stays None, or with ``full`` is True."""
    if mask is None:
        return np.ones(x.shape, bool) if full else None
    spread = ops.expand_dims(mask, axis=-1) if mask.ndim < x.ndim else mask
    return ops.broadcast_to(spread, shape=x.shape)
