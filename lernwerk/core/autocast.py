"""Autocast: what the policy mixed_bfloat16 changes while a layer is called.

Variables that are read are rounded to bfloat16, and so are the factors and results of products
(``PRODUCTS``): the operations that a processor does faster in bfloat16. All others compute in
float32. The gradient of a rounding rounds as well, so that the products of the way back have
rounded factors too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from lernwerk import ops

PRODUCTS = frozenset({"matmul", "convolution", "lstm", "gru", "simple_rnn"})
_ROUND_INSIDE = frozenset({"lstm"})  # these round their own results, where ``rounded`` is set
# Operations that only choose among their first input's numbers, or zero.
_CHOOSING = frozenset({
    "reshape", "transpose", "slice", "flip", "gather", "identity", "stop_gradient", "relu", "max",
    "max_pooling",
})  # fmt: skip

_active: ContextVar[bool] = ContextVar("autocast", default=False)


@contextmanager
def autocast(active: bool) -> Iterator[None]:
    """Compute inside as mixed_bfloat16 does, or as the types say."""
    token = _active.set(active)
    try:
        yield
    finally:
        _active.reset(token)


def is_active() -> bool:
    """Whether a layer of mixed precision is being called."""
    return _active.get()


def rounded(tensor: Any) -> Any:
    """The tensor with the numbers of bfloat16; itself where it has them already."""
    if tensor.dtype != "float32" or _is_rounded(tensor):
        return tensor
    return ops.round_bfloat16(tensor)


def _is_rounded(tensor: Any) -> bool:
    origin = tensor.origin
    while origin is not None and origin.primitive.name in _CHOOSING:
        origin = origin.inputs[0].origin
    return origin is not None and origin.primitive.name == ops.round_bfloat16.name


def product(primitive: Any, factors: list[Any], attributes: dict[str, Any]) -> Any:
    """A product of rounded factors, itself rounded."""
    factors = [rounded(factor) for factor in factors]
    with autocast(False):
        if primitive.name in _ROUND_INSIDE:
            return primitive(*factors, **attributes, rounded=True)
        results = primitive(*factors, **attributes)
    return rounded(results) if primitive.single else tuple(map(rounded, results))
