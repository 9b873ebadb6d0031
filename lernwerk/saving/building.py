"""Building a model that was described by a file, within the memory that the file can account for.

While a model is built here its weights are zeros, whatever initializers it has: the file's numbers
replace them anyway, and drawing random ones takes most of the time of building.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lernwerk.errors import FileError
from lernwerk.layers.context import filling

_FLOOR = 2**26  # 64 MB of weights may be made before a file's own size counts
_RATIO = 4  # a file in half precision holds weights of twice its size
_MAX_INPUT = 2**31  # numbers of one example; an array of more is beyond every layer
_SHAPES = ("batch_shape", "batch_input_shape", "input_shape", "build_input_shape")


@contextmanager
def within_budget(where: str, size: int) -> Iterator[None]:
    """Make all weights as zeros, and at most those that a weights file of this size can hold."""
    left = _FLOOR + _RATIO * size

    def fill(layer: Any, name: str, shape: tuple[int, ...], dtype: Any) -> str:
        nonlocal left
        left -= math.prod(shape) * dtype.itemsize
        if left < 0:
            raise FileError(
                where, f"a file with {name} {shape} of layer {layer.name}",
                "one too small for it", "The config and the weights are of two models.",
            )  # fmt: skip
        return "zeros"

    with filling(fill):
        yield


def check_inputs(where: str, config: Any) -> None:
    """Refuse a config with an input shape that is none, or beyond all measure."""
    pending = [config]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            for key in _SHAPES:
                if each.get(key) is not None:
                    _check_shape(where, each[key])
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


def _check_shape(where: str, shape: Any) -> None:
    """A shape, or several of them in a list or dict."""
    inner = list(shape.values()) if isinstance(shape, dict) else shape
    if isinstance(inner, list) and inner and isinstance(inner[0], (list, dict)):
        for each in inner:
            _check_shape(where, each)
        return
    lengths = [n for n in inner if n is not None] if isinstance(inner, list) else [None]
    if not all(type(n) is int and n > 0 for n in lengths):
        raise FileError(where, "an input shape of positive integers", repr(shape)[:80])
    if math.prod(lengths) > _MAX_INPUT:
        raise FileError(where, f"an input of at most {_MAX_INPUT:,} numbers", repr(tuple(inner)))
