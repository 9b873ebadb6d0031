"""``compiled``: trace a function once per signature, run the plan afterwards.

A signature is the structure of the arguments, the shapes and types of the arrays among them, and
the values of everything else (Python numbers, strings, flags: they are static). The last, smaller
batch of a data set is simply a second signature.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk import settings
from lernwerk.core.engine import Plan, current_engine, engine_name
from lernwerk.core.graph import Graph
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import Tracer, current_tracer
from lernwerk.core.tree import is_array, leaves, map_leaves
from lernwerk.errors import ArgumentError
from lernwerk.ops.primitive import Array, Spec


@dataclass(frozen=True)
class Traced:
    """A graph and the structure of what the function returned; leaves are output numbers."""

    graph: Graph
    structure: Any

    def restore(self, arrays: Sequence[Array]) -> Any:
        """The function's result with these arrays as its tensors."""

        def made(leaf: Any) -> Any:
            if not isinstance(leaf, _Output):
                return leaf
            return Tensor._made(np.asarray(arrays[leaf.index]), None)

        return map_leaves(made, self.structure)


@dataclass(frozen=True)
class _Output:
    index: int


def trace(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Traced:
    """Run the function once on symbols and return its graph; arrays only give their shapes."""
    with Tracer(getattr(function, "__name__", "function")) as tracer:

        def symbolic(leaf: Any) -> Any:
            if not is_array(leaf):
                return leaf
            return Tensor._made(tracer.placeholder(Spec(tuple(leaf.shape), leaf.dtype)), None)

        args, kwargs = map_leaves(symbolic, (arguments, keywords))
        result = function(*args, **kwargs)

        def numbered(leaf: Any) -> Any:
            if not is_array(leaf):
                return leaf
            tracer.graph.outputs.append(tracer.symbol(as_tensor(leaf).value))
            return _Output(len(tracer.graph.outputs) - 1)

        structure = map_leaves(numbered, result)
    if settings.get("debug"):
        print(tracer.graph)
    return Traced(tracer.graph, structure)


class CompiledFunction:
    """A function that is traced once per signature; see ``compiled``."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._cache: dict[Hashable, tuple[Traced, Plan]] = {}
        self._for_arrays: dict[Hashable, tuple[Traced, Plan]] = {}

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if current_tracer() is not None:  # part of a larger trace
            return self.function(*arguments, **keywords)
        if not keywords and all(type(each) is np.ndarray for each in arguments):
            traced, plan = self._plan_for_arrays(arguments)
            return traced.restore(plan.run(arguments))
        traced, plan = self.plan_for(*arguments, **keywords)
        inputs = [_array(leaf) for leaf in leaves((arguments, keywords)) if is_array(leaf)]
        return traced.restore(plan.run(inputs))

    def _plan_for_arrays(self, arrays: tuple[Array, ...]) -> tuple[Traced, Plan]:
        """``plan_for`` where there is nothing but arrays: the short way for single predictions."""
        key = (engine_name(), *[(array.shape, array.dtype) for array in arrays])
        found = self._for_arrays.get(key)
        if found is None:
            found = self._for_arrays[key] = self.plan_for(*arrays)
        return found

    def over(self, data: Any, order: Array, batch_size: int, **static: Any) -> Any:
        """Call the function on batch after batch of rows, without Python in between.

        ``data`` is a tuple of (nested) arrays, one per positional argument; step i gets the rows
        ``order[i * batch_size : (i + 1) * batch_size]`` of each. Returns the function's result with
        the outputs of all steps concatenated, numbers as a vector with one entry per step; rows
        that do not fill a batch are left over.
        """
        data = map_leaves(_array, data)
        example = map_leaves(lambda leaf: _batch_like(leaf, batch_size), data)
        traced, plan = self.plan_for(*example, **static)
        arrays = [leaf for leaf in leaves(data) if is_array(leaf)]
        return traced.restore(plan.run_epoch(arrays, order, batch_size))

    def plan_for(self, *arguments: Any, **keywords: Any) -> tuple[Traced, Plan]:
        """The graph and plan for arguments like these, traced if they are new."""
        key = self._signature((arguments, keywords))
        if key not in self._cache:
            traced = trace(self.function, *arguments, **keywords)
            self._cache[key] = traced, current_engine().compile(traced.graph)
        return self._cache[key]

    def graph(self, *arguments: Any, **keywords: Any) -> Graph:
        """The graph for arguments like these."""
        return self.plan_for(*arguments, **keywords)[0].graph

    def __len__(self) -> int:
        """How many signatures were traced."""
        return len(self._cache)

    def __bool__(self) -> bool:
        return True

    def forget(self) -> None:
        """Drop all plans: something outside the arguments has changed."""
        self._cache.clear()
        self._for_arrays.clear()

    def __getstate__(self) -> dict[str, Any]:
        """Copies trace anew: plans belong to the Variables that they were made for."""
        return self.__dict__ | {"_cache": {}, "_for_arrays": {}}

    def _signature(self, tree: Any) -> Hashable:
        key = engine_name(), _form(tree)
        try:
            hash(key)
        except TypeError:
            bad = next(each for each in leaves(tree) if not is_array(each) and not _hashes(each))
            raise ArgumentError(
                f"compiled {getattr(self, '__name__', 'function')}",
                "arrays and hashable arguments", type(bad).__name__,
                "Pass numbers as NumPy arrays or Tensors.",
            ) from None  # fmt: skip
        return key


def _form(tree: Any) -> Hashable:
    """What of a tree belongs to the signature: structure, shapes and types of arrays, values."""
    if is_array(tree):
        return tree.shape, tree.dtype
    kind = type(tree)
    if isinstance(tree, (list, tuple)):
        return kind, *map(_form, tree)
    if isinstance(tree, dict):
        return kind, *tree, *map(_form, tree.values())
    return kind, tree


def _hashes(leaf: Any) -> bool:
    try:
        hash(leaf)
    except TypeError:
        return False
    return True


def _array(leaf: Any) -> Any:
    if type(leaf) is np.ndarray and leaf.dtype.kind in "biuf":
        return leaf
    return np.asarray(as_tensor(leaf).numpy()) if is_array(leaf) else leaf


def _batch_like(leaf: Any, batch_size: int) -> Any:
    """An empty array like a batch of the rows of ``leaf``; other values as they are."""
    return np.empty((batch_size, *leaf.shape[1:]), leaf.dtype) if is_array(leaf) else leaf


def compiled(function: Callable[..., Any]) -> CompiledFunction:
    """Make a function fast: trace it once per signature and run the engine's plan afterwards.

    The function works on Tensors; its array arguments become inputs of the graph, Variables that
    it reads and assigns become states. Python side effects happen only while tracing. Gradients are
    taken inside: ``compiled(lambda x: gradient(loss(x), variables))``.
    Raises UsageError where the function asks a Tensor for its number, ArgumentError for static
    arguments that cannot be hashed.
    """
    return CompiledFunction(function)


__all__ = ["CompiledFunction", "Traced", "compiled", "trace"]
