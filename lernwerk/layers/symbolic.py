"""Symbolic tensors: the values of a functional model before there are numbers.

A ``KerasTensor`` has a shape, with None where a length is not known yet, a type, and the ``Node``
that makes it: a layer or an operation with its arguments. Layers, operators and operations that
meet one are not computed but recorded as a node. Later a model runs its nodes on Tensors
(``models/network.py``); while it does, symbolic tensors that a loss function or a callback has kept
stand for their present values (``evaluating``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from lernwerk import ops
from lernwerk.core.gradient import gradient
from lernwerk.core.indexing import get_item
from lernwerk.core.operators import Operators
from lernwerk.core.tensor import Tensor
from lernwerk.core.tracer import Tracer
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import ShapeError, UsageError
from lernwerk.names import snake_case, unique_name
from lernwerk.ops.primitive import Spec

Shape = tuple[int | None, ...]
# Batch and other lengths that stand for None while an output's shape is found: long enough for
# usual windows, and far enough apart to tell which lengths of the output depend on them.
TRIALS = ((2, 64), (3, 192))
_LONG_TRIALS = ((2, 4096), (3, 12288))  # for windows that do not fit into the usual ones
_serials = itertools.count()
_births = itertools.count()
_values: ContextVar[dict[int, Any] | None] = ContextVar("values", default=None)
# Symbolic tensors made later than this have no value in the run that is under way: they belong to a
# model that is being made within it.
_since: ContextVar[int] = ContextVar("since", default=0)
_trial_runs: ContextVar[bool] = ContextVar("trial_runs", default=False)


class KerasTensor(Operators):
    """A value of a functional model: ``shape`` with None for unknown lengths, ``dtype``, ``name``.

    Made by ``Input`` and by everything that is applied to one.
    """

    __array_ufunc__ = None  # array + symbolic tensor asks the symbolic tensor
    mask = None

    def __init__(self, shape: Shape, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype: Any = "string" if _is_text(dtype) else np.dtype(dtype)
        self.name = name or f"keras_tensor_{next(_serials)}"
        self.node: Node | None = None
        self.birth = next(_births)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def is_text(self) -> bool:
        """Whether strings stand here: a text layer after it makes numbers of them."""
        return isinstance(self.dtype, str)

    def get_shape(self) -> Shape:
        """The shape, as older programs ask for it."""
        return self.shape

    @staticmethod
    def __composite__(function: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """Take part in an operation: it becomes a node."""
        return _operation(function, arguments, keywords)

    def __getitem__(self, key: Any) -> Any:
        return _operation(get_item, (self, key), {})

    def reshape(self, *shape: Any) -> Any:
        """The same numbers in another shape; one length may be -1."""
        given = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return ops.reshape(self, shape=tuple(given))

    def astype(self, dtype: Any) -> Any:
        """The same numbers in another type."""
        return ops.cast(self, dtype=np.dtype(dtype).name)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The sum over the axes given, or over all."""
        return ops.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The mean over the axes given, or over all."""
        return ops.mean(self, axis=axis, keepdims=keepdims)

    def numpy(self) -> Any:
        """Refused: there are no numbers yet."""
        raise self._without_value("numpy()")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self._without_value("as an array")

    def __bool__(self) -> bool:
        raise self._without_value("as a truth value")

    def __float__(self) -> float:
        raise self._without_value("as a number")

    def __len__(self) -> int:
        raise self._without_value("len()")

    def __iter__(self) -> Iterator[Any]:
        raise self._without_value("in a loop")

    def _without_value(self, use: str) -> UsageError:
        return UsageError(
            f"{self.name} {use}", "a tensor with values",
            f"a symbolic one of shape {self.shape}",
            "It gets values when the model runs: use layers and keras.ops on it, "
            "or model.predict(x) for numbers.",
        )  # fmt: skip

    def __getstate__(self) -> dict[str, Any]:
        """Copies stand alone: models connect their tensors anew (``models/rewiring.py``)."""
        return self.__dict__ | {"node": None}

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def _is_text(dtype: Any) -> bool:
    return isinstance(dtype, str) and dtype == "string"


class Operation:
    """A function of ``lernwerk.ops`` as a node of a model; ``name`` counts up as for layers."""

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.name = name or unique_name(snake_case(function.__name__))
        self._inbound_nodes: list[Node] = []

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self.function(*arguments, **keywords)

    def infer(self, *arguments: Any, **keywords: Any) -> Any:
        """Symbolic outputs for symbolic arguments."""
        return inferred(self.function, arguments, keywords)

    def __getstate__(self) -> dict[str, Any]:
        """Copies are of their own: the models that use this operation do not come along."""
        return self.__dict__ | {"_inbound_nodes": []}

    def __repr__(self) -> str:
        return f"<Operation {self.function.__name__}, name={self.name}>"


class Node:
    """One use of a layer or operation: what went in, what came out."""

    def __init__(
        self, operation: Any, arguments: Sequence[Any], keywords: Mapping[str, Any], outputs: Any
    ) -> None:
        self.operation = operation
        self.arguments = tuple(arguments)
        self.keywords = dict(keywords)
        self.outputs = outputs
        self.inputs = list(symbolic_leaves((self.arguments, self.keywords)))
        for output in symbolic_leaves(outputs):
            output.node = self
        operation._inbound_nodes.append(self)

    def run(self, values: dict[int, Any]) -> None:
        """Compute the outputs from the values of the inputs."""
        arguments, keywords = map_leaves(
            lambda leaf: values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf,
            (self.arguments, self.keywords),
        )
        found = self.operation(*arguments, **keywords)
        for symbol, value in zip(leaves(self.outputs), leaves(found), strict=True):
            if isinstance(symbol, KerasTensor):
                values[id(symbol)] = value


def symbolic_leaves(tree: Any) -> Iterator[KerasTensor]:
    """The symbolic tensors in a tree, in order."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf, KerasTensor))


def _operation(function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Record the use of a function of operations, or compute it while a model runs."""
    arguments, keywords = resolved((arguments, keywords))
    if next(symbolic_leaves((arguments, keywords)), None) is not None:
        return record(Operation(function), arguments, keywords)
    return function(*arguments, **keywords)


def record(operation: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Make the node of an operation or layer and return its symbolic outputs."""
    return Node(operation, arguments, keywords, operation.infer(*arguments, **keywords)).outputs


# ---- shapes


def inferred(call: Callable[..., Any], arguments: Any, keywords: Any) -> Any:
    """Symbolic outputs of ``call``, found by tracing it on symbols of one or two sets of lengths.

    Lengths that differ between the two are None. What is no tensor stays as it is.
    """
    found = _trials(call, (arguments, keywords))
    others = iter(list(leaves(found[-1])))

    def combined(leaf: Any) -> Any:
        other = next(others)
        if not isinstance(leaf, Tensor):
            return leaf
        return KerasTensor(_common_shape(leaf.shape, other.shape), leaf.dtype)

    return map_leaves(combined, found[0])


def _trials(call: Callable[..., Any], tree: Any) -> list[Any]:
    shapes = [tensor.shape for tensor in symbolic_leaves(tree)]
    unknown = any(None in shape for shape in shapes)
    try:
        return [_trial(call, tree, *size) for size in (TRIALS if unknown else TRIALS[:1])]
    except ShapeError as error:
        if not any(None in shape[1:] for shape in shapes):
            raise
        try:
            return [_trial(call, tree, *size) for size in _LONG_TRIALS]
        except ShapeError:
            raise error from None


def _trial(call: Callable[..., Any], tree: Any, batch: int, length: int) -> Any:
    with Tracer(getattr(call, "__name__", "trial")) as tracer:

        def symbol(leaf: Any) -> Any:
            if not isinstance(leaf, KerasTensor):
                return leaf
            spec = Spec(fixed_shape(leaf.shape, batch, length), np.dtype(leaf.dtype))
            return Tensor._made(tracer.placeholder(spec), None)

        trial = _trial_runs.set(True)
        try:
            arguments, keywords = map_leaves(symbol, tree)
            with evaluating(_StandIns(symbol)):
                return call(*arguments, **keywords)
        finally:
            _trial_runs.reset(trial)


class _StandIns(dict[int, Any]):
    """The values of a trial: symbolic tensors that a layer has kept get one when it uses them."""

    def __init__(self, symbol: Callable[[Any], Any]) -> None:
        super().__init__()
        self.symbol = symbol


def in_trial() -> bool:
    """Whether a call only serves to find the shape of its output; its batch is none of the data."""
    return _trial_runs.get()


def fixed_shape(shape: Shape, batch: int, length: int) -> tuple[int, ...]:
    """The shape with ``batch`` for an unknown first length, ``length`` for other unknown ones."""
    return tuple(
        n if n is not None else (length if axis else batch) for axis, n in enumerate(shape)
    )


def _common_shape(one: Sequence[int], other: Sequence[int]) -> Shape:
    return tuple(n if n == m else None for n, m in zip(one, other, strict=True))


# ---- values


@contextmanager
def evaluating(values: dict[int, Any] | None = None) -> Iterator[dict[int, Any]]:
    """Within, symbolic tensors stand for the values that models note in the dict given here."""
    noted = {} if values is None else values
    token, since = _values.set(noted), _since.set(next(_births))
    try:
        yield noted
    finally:
        _values.reset(token)
        _since.reset(since)


def noted_values() -> dict[int, Any] | None:
    """The dict of the ``evaluating`` block that is running."""
    return _values.get()


def resolved(tree: Any) -> Any:
    """The tree with present values for symbolic tensors, where a model is running.

    It stays as it is where one of them belongs to a model that is only being made.
    """
    values = _values.get()
    if values is None or any(each.birth >= _since.get() for each in symbolic_leaves(tree)):
        return tree
    return map_leaves(
        lambda leaf: value_of(leaf, values) if isinstance(leaf, KerasTensor) else leaf, tree
    )


def value_of(tensor: KerasTensor, values: dict[int, Any]) -> Any:
    """The value of a symbolic tensor, computed from those that are known."""
    if isinstance(values, _StandIns) and id(tensor) not in values:
        values[id(tensor)] = values.symbol(tensor)
    for node in nodes_to([tensor], known=values):
        missing = [each for each in node.inputs if id(each) not in values]
        if missing or not node.inputs:
            name = missing[0].name if missing else node.operation.name
            raise UsageError(
                tensor.name, "a value that depends on the inputs of the running model only",
                f"one that depends on {name}",
                "Make it from tensors of this model, or give it to the model as an input.",
            )  # fmt: skip
        node.run(values)
    return values[id(tensor)]


def nodes_to(tensors: Iterable[KerasTensor], known: Any = ()) -> list[Node]:
    """The nodes that lead to the tensors, each after those that it needs.

    The walk ends at tensors whose ``id`` is in ``known``.
    """
    done: set[int] = set()
    order: list[Node] = []
    for tensor in tensors:
        waiting = [] if id(tensor) in known or tensor.node is None else [(tensor.node, False)]
        while waiting:
            node, expanded = waiting.pop()
            if id(node) in done:
                continue
            if expanded:
                done.add(id(node))
                order.append(node)
                continue
            waiting.append((node, True))
            waiting += [
                (each.node, False) for each in reversed(node.inputs)
                if id(each) not in known and each.node is not None
            ]  # fmt: skip
    return order


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Symbolic gradients of a symbolic loss: ``K.gradients(loss, [model.input])``.

    The loss is summed over all its numbers, as TensorFlow does.
    """
    listed = list(variables) if isinstance(variables, (list, tuple)) else [variables]

    def gradients_of(value: Any, *sources: Any) -> list[Any]:
        found = gradient(value.sum() if value.ndim else value, sources)
        pairs = zip(found, sources, strict=True)
        return [source * 0 if g is None else g for g, source in pairs]

    return list(record(Operation(gradients_of), (loss, *listed), {}))


__all__ = [
    "KerasTensor", "Node", "Operation", "evaluating", "fixed_shape", "gradients", "in_trial",
    "inferred", "nodes_to", "noted_values", "record", "resolved", "symbolic_leaves", "value_of",
]  # fmt: skip
