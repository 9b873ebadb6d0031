"""What surrounds the call of a layer: training or use, and which layers learn.

Both are properties of the running step, not of a layer: a model inside another one is called in the
other one's step. They are kept per thread and task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_training: ContextVar[bool | None] = ContextVar("training", default=None)
_learning: ContextVar[Mapping[Any, bool]] = ContextVar("learning", default={})  # noqa: B039
_outermost: ContextVar[bool] = ContextVar("outermost", default=True)
_filler: ContextVar[Callable[..., Any] | None] = ContextVar("filler", default=None)


@contextmanager
def training_mode(training: bool | None) -> Iterator[None]:
    """Call layers inside as in training (dropout, batch statistics) or as in use."""
    token = _training.set(training)
    try:
        yield
    finally:
        _training.reset(token)


def in_training() -> bool | None:
    """The mode of the step that is running; None outside of all."""
    return _training.get()


@contextmanager
def learning(layers: Mapping[Any, bool]) -> Iterator[None]:
    """Within, a layer learns or not as it was noted here, when it was compiled."""
    token = _learning.set(layers)
    try:
        yield
    finally:
        _learning.reset(token)


def learns(layer: Any, otherwise: bool) -> bool:
    """Whether the layer learns in the running step; ``otherwise`` where nothing is noted."""
    return _learning.get().get(layer, otherwise)


@contextmanager
def filling(function: Callable[..., Any]) -> Iterator[None]:
    """Within, ``function(layer, name, shape, dtype)`` gives the initializer of every new weight."""
    token = _filler.set(function)
    try:
        yield
    finally:
        _filler.reset(token)


def filler(layer: Any, name: str, shape: Any, dtype: Any, otherwise: Any) -> Any:
    """The initializer of a new weight; ``otherwise`` where nobody fills them."""
    function = _filler.get()
    return otherwise if function is None else function(layer, name, shape, dtype)


@contextmanager
def entered() -> Iterator[bool]:
    """Around the call of a layer: True for the outermost one, False for those that it calls."""
    outermost = _outermost.get()
    token = _outermost.set(False)
    try:
        yield outermost
    finally:
        _outermost.reset(token)
