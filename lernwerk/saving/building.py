"""Building a model that was described by a file, within the memory that the file can account for.

While a model is built here its weights are zeros, whatever initializers it has: the file's numbers
replace them anyway, and drawing random ones takes most of the time of building.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.errors import FileError
from lernwerk.layers.layer import Layer

_FLOOR = 2**26  # 64 MB of weights may be made before a file's own size counts
_RATIO = 4  # a file in half precision holds weights of twice its size
_MAX_INPUT = 2**31  # numbers of one example; an array of more is beyond every layer


class Budget:
    """The bytes that the weights of a model may take, by the size of its weights file."""

    def __init__(self, where: str, size: int) -> None:
        self.where = where
        self.left = _FLOOR + _RATIO * size

    def spend(self, layer: Layer, name: str, shape: tuple[int, ...], itemsize: int) -> None:
        """Count a weight; FileError where the config asks for more than the file can hold."""
        self.left -= math.prod(shape) * itemsize
        if self.left < 0:
            raise FileError(
                self.where, f"a file with {name} {shape} of layer {layer.name}",
                "one too small for it", "The config and the weights are of two models.",
            )  # fmt: skip


@contextmanager
def measured(layers: Iterable[Layer], budget: Budget) -> Iterator[None]:
    """Make the weights of these layers as zeros and count them, until the block ends."""
    changed = [layer for each in layers for layer in _within(each)]
    for layer in changed:
        object.__setattr__(layer, "make_weight", _measured(layer, budget))
    try:
        yield
    finally:
        for layer in changed:
            object.__delattr__(layer, "make_weight")


def _within(layer: Layer) -> Iterator[Layer]:
    yield layer
    for inner in layer._sublayers:
        yield from _within(inner)


def _measured(layer: Layer, budget: Budget) -> Any:
    make = type(layer).make_weight

    def make_weight(shape: Any = (), initializer: Any = None, **rest: Any) -> Variable:
        lengths = (shape,) if isinstance(shape, int) else tuple(shape or ())
        size = np.dtype(rest.get("dtype") or layer.variable_dtype).itemsize
        budget.spend(layer, rest.get("name") or "variable", lengths, size)
        return make(layer, lengths, "zeros", **rest)

    return make_weight


def check_input(where: str, shape: Any) -> tuple[int | None, ...]:
    """The input shape that a config gives, refused where it is none or beyond all measure."""
    fits = isinstance(shape, (list, tuple)) and len(shape) > 0
    lengths = [n for n in shape if n is not None] if fits else []
    if not fits or not all(type(n) is int and n > 0 for n in lengths):
        raise FileError(where, "an input shape of positive integers", repr(shape)[:80])
    if math.prod(lengths) > _MAX_INPUT:
        raise FileError(where, f"an input of at most {_MAX_INPUT:,} numbers", repr(shape)[:80])
    return tuple(shape)
