"""Layers that only change the shape: Flatten, Reshape, Permute and RepeatVector."""

from __future__ import annotations

import math
from typing import Any

from lernwerk import config, ops
from lernwerk.core.tensor import Tensor
from lernwerk.errors import COUNT, ArgumentError, Range, ShapeError
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.layer import Layer
from lernwerk.layers.spatial import channels_last
from lernwerk.layers.symbolic import KerasTensor

_LENGTH = Range(-1, integer=True)


class Flatten(Layer):
    """All axes after the batch as one; the channels are the fastest of them in either format.

    Shapes: x (b, *s) -> y (b, prod(s))
    """

    def __init__(self, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = config.standardize_data_format(self.name, data_format)

    @channels_last
    def call(self, inputs: Tensor) -> Tensor:
        """y = x in rows"""
        return inputs.reshape(inputs.shape[0], math.prod(inputs.shape[1:]))


class Reshape(Layer):
    """Another shape for each example; one length may be -1 (or None), which fits itself.

    Shapes: x (b, *s) -> y (b, *target_shape)
    """

    def __init__(self, target_shape: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        one = not isinstance(target_shape, (tuple, list))
        self.target_shape = (target_shape,) if one else tuple(target_shape)
        if any(n not in _LENGTH for n in self._target) or self._target.count(-1) > 1:
            raise ArgumentError(
                self.name, "target_shape of lengths, one of them -1 at most", repr(target_shape)
            )

    @property
    def _target(self) -> tuple[int, ...]:
        """The target shape with -1 for None."""
        return tuple(-1 if n is None else n for n in self.target_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x in the target shape"""
        return inputs.reshape(inputs.shape[0], *self._lengths(inputs.shape))

    def _lengths(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        count = math.prod(shape[1:])
        known = math.prod(n for n in self._target if n != -1)
        if -1 in self._target:
            fits, several = known > 0 and count % known == 0, "a multiple of "
            hint = ""
        else:
            fits, several = known == count, ""
            hint = f"layers.Reshape(({count},)) fits, or one length of -1."
        if not fits:
            raise ShapeError(
                self.name,
                f"{several}{known} numbers an example for target_shape {self.target_shape}",
                f"{count} in {shape}", hint,
            )  # fmt: skip
        return tuple(count // known if n == -1 else n for n in self._target)

    def infer(self, *arguments: Any, **keywords: Any) -> Any:
        """The symbolic output; where not all lengths are known, nobody can tell whether it fits."""
        (inputs,) = arguments or keywords.values()
        if None in inputs.shape[1:]:
            shape = (None, *(None if n == -1 else n for n in self._target))
            self.built = True
            return KerasTensor(shape, inputs.dtype)
        return super().infer(inputs)


class Permute(Layer):
    """The axes of each example in another order: ``dims`` counts them from 1.

    y[b, i, j] = x[b, j, i] for dims=(2, 1)

    Shapes: x (b, *s) -> y (b, *r), r[k] = s[dims[k] - 1]
    """

    def __init__(self, dims: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.dims = tuple(dims) if isinstance(dims, (tuple, list)) else (dims,)
        wanted = list(range(1, len(self.dims) + 1))
        if any(n not in COUNT for n in self.dims) or sorted(self.dims) != wanted:
            raise ArgumentError(
                self.name, f"dims with each of {', '.join(map(str, wanted))} once", repr(dims),
                "They count the axes of an example from 1: (2, 1) exchanges two.",
            )  # fmt: skip
        self.input_form = InputForm(axes=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x with its axes in the order of dims"""
        return ops.transpose(inputs, axes=(0, *self.dims))  # type: ignore[no-any-return]


class RepeatVector(Layer):
    """The same vector for each of ``n`` steps: what a decoder reads.

    y[b, t] = x[b]

    Shapes: x (b, c) -> y (b, n, c)
    """

    ranges = {"n": COUNT}

    def __init__(self, n: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n = n
        self.check_arguments()
        self.input_form = InputForm(axes=2)

    def call(self, inputs: Tensor) -> Tensor:
        """y = x, n times"""
        return ops.repeat(  # type: ignore[no-any-return]
            ops.expand_dims(inputs, axis=1), repeats=self.n, axis=1
        )
