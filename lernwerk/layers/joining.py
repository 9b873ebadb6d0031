"""Layers that put tensors side by side, or multiply them along an axis."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.layers.merging import Merging, Shapes, listed, shown, spread_mask
from lernwerk.ops.common import positive_axis


class Concatenate(Merging):
    """The inputs side by side along an axis.

    y = (x1, x2, ...)

    Shapes: x (b, *s, c), ... -> y (b, *s, n), n the sum of the lengths along ``axis``
    Source: https://keras.io/api/layers/merging_layers/concatenate/
    """

    def __init__(self, axis: int = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = axis

    def check_shapes(self, shapes: Shapes) -> None:
        """Raise ShapeError with all shapes where another axis than ``axis`` differs."""
        rank = len(shapes[0])
        axis = positive_axis(self.name, self.axis, rank)
        same = all(len(shape) == rank for shape in shapes) and all(
            len({n for n in lengths if n is not None}) <= 1
            for place, lengths in enumerate(zip(*shapes, strict=False)) if place != axis
        )  # fmt: skip
        if not same:
            raise ShapeError(self.name, f"inputs that differ along axis {axis} only", shown(shapes))

    def merge(self, tensors: list[Any], masks: list[Any]) -> Any:
        """y = (x1, x2, ...)"""
        return ops.concatenate(*tensors, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks side by side; an input without one counts as a whole."""
        if not isinstance(mask, (list, tuple)) or all(each is None for each in mask):
            return None
        steps = [spread_mask(m, x, full=True) for m, x in zip(mask, inputs, strict=True)]
        return ops.any(ops.concatenate(*steps, axis=self.axis), axis=-1)


class Dot(Merging):
    """The inner product of two inputs along one axis of each, for each example.

    y[b, i, j] = sum over k of x1[b, i, k] x2[b, j, k], for axes=2 and inputs of three axes

    ``normalize`` divides the vectors by their lengths first: y is the cosine of their angle.

    Shapes: x1 (b, *i, k), x2 (b, *j, k) -> y (b, *i, *j), (b, 1) where no axis is left
    Source: https://keras.io/api/layers/merging_layers/dot/
    """

    exactly = 2

    def __init__(self, axes: Any, normalize: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        pair = axes if isinstance(axes, (list, tuple)) else (axes, axes)
        if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise ArgumentError(self.name, "axes to be an integer or two of them", repr(axes))
        self.axes = list(axes) if isinstance(axes, (list, tuple)) else axes
        self.normalize = normalize

    def _places(self, shapes: Shapes) -> list[int]:
        """The axis of each input, counted from the front; ShapeError for the batch."""
        pair = self.axes if isinstance(self.axes, list) else (self.axes, self.axes)
        found = [positive_axis(self.name, axis, len(shape))
                 for axis, shape in zip(pair, shapes, strict=True)]  # fmt: skip
        if 0 in found:
            raise ShapeError(self.name, "axes behind the batch", f"{self.axes} for {shown(shapes)}")
        return found

    def check_shapes(self, shapes: Shapes) -> None:
        """Raise ShapeError with both shapes where the two axes have different lengths."""
        first, second = (
            shape[axis] for axis, shape in zip(self._places(shapes), shapes, strict=True)
        )
        if None not in (first, second) and first != second:
            raise ShapeError(
                self.name, f"axes {self.axes} of equal lengths", f"{first} and {second} in "
                f"{shown(shapes)}",
            )  # fmt: skip

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """y = sum of x1 * x2 along the axes"""
        tensors = listed(self, inputs)
        shapes = [tensor.shape for tensor in tensors]
        self.check_shapes(shapes)
        places = self._places(shapes)
        if self.normalize:
            tensors = [_unit(x, axis) for x, axis in zip(tensors, places, strict=True)]
        y = ops.einsum(_dot_equation([len(shape) for shape in shapes], places), *tensors)
        return y.reshape(-1, 1) if y.ndim == 1 else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the steps are summed over."""
        return None


def _dot_equation(ranks: list[int], places: list[int]) -> str:
    """The letters of a product along one axis of each array: a is the batch, z is summed over."""
    letters = iter("bcdefghijklmnopqrstuvwxy")
    terms = [
        "".join("a" if axis == 0 else "z" if axis == place else next(letters)
                for axis in range(rank))
        for rank, place in zip(ranks, places, strict=True)
    ]  # fmt: skip
    kept = [letter for term in terms for letter in term[1:] if letter != "z"]
    return f"{terms[0]},{terms[1]}->a{''.join(kept)}"


def _unit(x: Any, axis: int) -> Any:
    """Vectors of length 1; zeros stay zeros."""
    square = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x / ops.sqrt(ops.maximum(square, 1e-14))  # the square of Keras's epsilon
