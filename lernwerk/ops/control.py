"""Conditions and loops under Keras's names.

Loops are Python's: while a function is traced their steps are written out, so that counts must be
numbers; a condition that is a Tensor of a trace chooses between two results with ``where``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lernwerk.ops.common import as_array
from lernwerk.ops.comparison import where
from lernwerk.ops.primitive import composite
from lernwerk.ops.shape import stack


def _traced(value: Any) -> bool:
    return bool(getattr(value, "traced", False))


def _mapped(function: Callable[..., Any], *trees: Any) -> Any:
    """The function applied to the leaves of equal structures."""
    first = trees[0]
    if isinstance(first, dict):
        return {key: _mapped(function, *(tree[key] for tree in trees)) for key in first}
    if isinstance(first, (list, tuple)):
        made = [_mapped(function, *parts) for parts in zip(*trees, strict=True)]
        return type(first)(made)
    return function(*trees)


@composite
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """The result of one of two functions; both run where the condition is traced."""
    if _traced(pred):
        return _mapped(lambda a, b: where(pred, a, b), true_fn(), false_fn())
    return true_fn() if bool(np.asarray(pred)) else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """The result of the function of that number."""
    number = min(max(int(np.asarray(index)), 0), len(branches) - 1)
    return branches[number](*operands)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """Repeat ``body`` while the condition holds."""
    several = isinstance(loop_vars, (list, tuple))
    state, rounds = (tuple(loop_vars) if several else (loop_vars,)), 0
    while cond(*state) and (maximum_iterations is None or rounds < maximum_iterations):
        new = body(*state)
        state, rounds = (tuple(new) if isinstance(new, (list, tuple)) else (new,)), rounds + 1
    return state if several else state[0]


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """value = body_fun(i, value) for i from lower to upper - 1"""
    for i in range(int(lower), int(upper)):
        init_val = body_fun(i, init_val)
    return init_val


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
) -> tuple[Any, Any]:
    """carry, y[i] = f(carry, xs[i]) for every i; returns the last carry and all y, stacked."""
    count = length if xs is None else _length(xs)
    order = range(int(count or 0))
    results: list[Any] = []
    for i in reversed(order) if reverse else order:
        part = None if xs is None else _mapped(lambda x, i=i: as_array(x)[i], xs)
        init, y = f(init, part)
        results.append(y)
    if reverse:
        results.reverse()
    nothing = not results or results[0] is None
    return init, None if nothing else _mapped(lambda *parts: stack(*parts), *results)


def _length(xs: Any) -> int:
    first = xs
    while isinstance(first, (list, tuple, dict)):
        first = next(iter(first.values())) if isinstance(first, dict) else first[0]
    return int(first.shape[0])


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f(xs[i]) for every i, stacked."""
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """function(elements[i]) for every i, stacked."""
    return map(function, elements)


def custom_gradient(f: Callable[..., Any]) -> Any:
    """Not available: a gradient is that of the operations; raises ArgumentError."""
    from lernwerk.errors import ArgumentError

    raise ArgumentError(
        "custom_gradient", "a function of Lernwerk's operations", getattr(f, "__name__", repr(f)),
        "Write it with ops.stop_gradient: y = true + stop_gradient(shown - true).",
    )  # fmt: skip
