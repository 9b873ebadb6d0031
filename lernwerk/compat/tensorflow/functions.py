"""``tf.function`` and what runs functions: conditions, loops, ``tf.print``, ``tf.map_fn``.

A marked function runs as ``lernwerk.compiled`` does: traced once for each signature, then by the
engine. One that cannot be traced, because it asks a tensor for its number, runs as plain Python.
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.backend.arguments import tensor
from lernwerk.core.compiled import CompiledFunction
from lernwerk.core.tracer import current_tracer
from lernwerk.core.tree import leaves
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, UsageError

_eagerly = [False]


def set_eagerly(eagerly: bool) -> None:
    """Run marked functions as plain Python, or compiled again."""
    _eagerly[0] = bool(eagerly)


def function(func: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Mark a function as one to be compiled: ``@tf.function``; its options are accepted."""
    return Function(func) if func is not None else Function


class Function:
    """A function that is compiled where it can be; ``python_function`` is the plain one.

    Python side effects (``print``, lists that grow) happen while it is traced, as in TensorFlow.
    """

    def __init__(self, python_function: Callable[..., Any]) -> None:
        self.python_function = python_function
        self._compiled = CompiledFunction(python_function)
        self._plain = False
        functools.update_wrapper(self, python_function)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        nested = current_tracer() is not None
        variables = any(isinstance(each, Variable) for each in leaves((arguments, keywords)))
        if self._plain or _eagerly[0] or nested or variables:
            return self.python_function(*arguments, **keywords)
        try:
            return self._compiled(*arguments, **keywords)
        except (UsageError, ArgumentError):  # numbers are asked for, or arguments are not hashable
            self._plain = True
            return self.python_function(*arguments, **keywords)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        name = f"_function_{id(self)}"
        if name not in vars(instance):
            bound = Function(self.python_function.__get__(instance, owner))
            object.__setattr__(instance, name, bound)
        return vars(instance)[name]

    def get_concrete_function(self, *_: Any, **__: Any) -> Function:
        """The function itself."""
        return self


def executing_eagerly() -> bool:
    """Whether values exist: not while a function is traced."""
    return current_tracer() is None


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """The result of one of two functions."""
    return ops.cond(pred, true_fn, false_fn)


def case(pred_fn_pairs: Any, default: Any = None, **_: Any) -> Any:
    """The result of the first function whose condition holds."""
    pairs = pred_fn_pairs.items() if isinstance(pred_fn_pairs, dict) else pred_fn_pairs
    for holds, made in pairs:
        if bool(holds):
            return made()
    return default()


def while_loop(
    cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None, **_: Any
) -> Any:
    """Repeat a function while a condition holds."""
    return ops.while_loop(cond, body, loop_vars, maximum_iterations)


def map_fn(fn: Any, elems: Any, *_: Any, **__: Any) -> Any:
    """fn(element) for every element, stacked."""
    return ops.map(fn, elems if isinstance(elems, (tuple, list)) else tensor(elems))


vectorized_map = map_fn


def scan(fn: Any, elems: Any, initializer: Any = None, **_: Any) -> Any:
    """value = fn(value, element) for every element; all values, stacked."""
    rows = list(tensor(elems))
    value = rows.pop(0) if initializer is None else initializer
    values = [value] if initializer is None else []
    for row in rows:
        value = fn(value, row)
        values.append(value)
    return ops.stack(values)


def foldl(fn: Any, elems: Any, initializer: Any = None, **_: Any) -> Any:
    """value = fn(value, element) for every element; the last value."""
    rows = list(tensor(elems))
    value = rows.pop(0) if initializer is None else initializer
    for row in rows:
        value = fn(value, row)
    return value


def numpy_function(func: Any, inp: Any, Tout: Any = None, **_: Any) -> Any:
    """A function of NumPy arrays, called now."""
    found = func(*(np.asarray(each) for each in inp))
    return [tensor(each) for each in found] if isinstance(found, (list, tuple)) else tensor(found)


def py_function(func: Any, inp: Any, Tout: Any = None, **_: Any) -> Any:
    """A Python function of tensors, called now."""
    return func(*(tensor(each) for each in inp))


def print(
    *inputs: Any, output_stream: Any = None, sep: str = " ", end: str = "\n", **_: Any
) -> None:
    """Print numbers and text; while a function is traced, the names of its values."""
    import sys

    shown = [np.asarray(each) if _has_value(each) else each for each in inputs]
    stream = output_stream if hasattr(output_stream, "write") else sys.stderr
    builtins.print(*shown, sep=sep, end=end, file=stream)


def _has_value(x: Any) -> bool:
    return ops.is_tensor(x) and not getattr(x, "traced", False)


def group(*inputs: Any, **_: Any) -> None:
    """Accepted: everything has happened."""


def no_op(name: str | None = None) -> None:
    """Nothing."""


@contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """Accepted: operations happen in the order in which they are written."""
    yield


def custom_gradient(f: Any = None) -> Any:
    """Not available; see ``lernwerk.ops.custom_gradient``."""
    return ops.custom_gradient(f)


__all__ = [
    "case", "cond", "control_dependencies", "custom_gradient", "executing_eagerly", "foldl",
    "function", "group", "map_fn", "no_op", "numpy_function", "print", "py_function", "scan",
    "vectorized_map", "while_loop",
]  # fmt: skip
