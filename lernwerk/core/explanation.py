"""See through a computation: every value, every local gradient, and their products along each path.

``explain(L, x=x, w=w)`` prints the steps that led to L, the local gradient of each step with
respect to each of its inputs, and for every named input the gradient as the sum over all paths of
the product of the local gradients on them. ``.svg()`` draws the same.
"""

from __future__ import annotations

import itertools
import string
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lernwerk.core.drawing import LONGEST_TEXT, draw, shortened
from lernwerk.core.gradient import gradient, input_gradients, key_of
from lernwerk.core.layout import Arrow, Box
from lernwerk.core.tensor import Application, Constant, Tensor, as_tensor
from lernwerk.errors import UsageError, check_name
from lernwerk.ops.primitive import Array

LARGEST_OUTPUT = 64  # numbers; a local gradient of a larger step would fill the page
MOST_PATHS = 32
_SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@",
}  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """An input of a step and the local gradient d(output)/d(input) as a matrix, if it is small."""

    start: Hashable
    end: Hashable
    local: Array | None
    flows: bool = True  # False where the operation passes nothing back, as to an integer

    @property
    def text(self) -> str:
        """The local gradient as it is printed."""
        return _text(self.local) if self.flows else "none"


@dataclass
class Explanation:
    """The steps, local gradients and paths of a computation; print it, or show it in a notebook."""

    result: Hashable
    names: dict[Hashable, str]
    tensors: dict[Hashable, Tensor]
    formulas: dict[Hashable, str]
    edges: list[Edge] = field(default_factory=list)

    def local_gradients(self) -> dict[tuple[str, str], Array | None]:
        """The local gradients by the names of output and input; None for large ones and for none.

        An input that a step uses twice has the sum of both.
        """
        found: dict[tuple[str, str], Array | None] = {}
        for edge in self.edges:
            key = self.names[edge.end], self.names[edge.start]
            known = found.get(key)
            found[key] = edge.local if known is None or edge.local is None else known + edge.local
        return found

    def paths(
        self, source: str, most: int | None = None
    ) -> list[tuple[list[str], list[Array | None]]]:
        """The paths from the result back to an input: the names on it and the local gradients.

        ``most`` limits their number, which can grow exponentially with that of the steps.
        """
        found = itertools.islice(self._paths(self._key(source)), most)
        return [
            ([self.names[self.result], *(self.names[e.start] for e in path)],
             [e.local for e in path])
            for path in found
        ]  # fmt: skip

    def path_count(self, source: str) -> int:
        """The number of all paths from the result back to an input."""
        counts: dict[Hashable, int] = defaultdict(int, {self.result: 1})
        for edge in reversed(self.edges):
            if edge.flows:
                counts[edge.start] += counts[edge.end]
        return counts[self._key(source)]

    def _key(self, source: str) -> Hashable:
        check_name("explanation", "value", source, self.names.values())
        return next(key for key, name in self.names.items() if name == source)

    def _paths(self, start: Hashable) -> Iterator[tuple[Edge, ...]]:
        into: dict[Hashable, list[Edge]] = defaultdict(list)
        useful = {start}
        for edge in self.edges:  # in the order of the steps, so that one pass is enough
            if edge.flows and edge.start in useful:
                useful.add(edge.end)
                into[edge.end].append(edge)
        waiting: list[tuple[Hashable, tuple[Edge, ...]]] = [(self.result, ())]
        while waiting:
            key, path = waiting.pop()
            if key == start and path:
                yield path
            else:
                waiting.extend((edge.start, (*path, edge)) for edge in reversed(into[key]))

    def gradient(self, source: str) -> Any:
        """d(result)/d(source), which is the sum over all paths of the products on them.

        A number, or the matrix (elements of the result, elements of the source); None for a result
        of more than ``LARGEST_OUTPUT`` numbers. It is computed by the reverse walk, which adds up
        the paths without listing them.
        """
        target, tensor = self.tensors[self.result], self.tensors[self._key(source)]
        if target.size > LARGEST_OUTPUT:
            return None
        rows = []
        for unit in np.eye(target.size, dtype=target.dtype):
            (g,) = gradient(target, [tensor], unit.reshape(target.shape))
            rows.append(np.zeros(tensor.size) if g is None else g.numpy().reshape(-1))
        return _plain(np.stack(rows))

    def leaves(self) -> list[str]:
        """The names of the inputs."""
        return [name for key, name in self.names.items() if key not in self.formulas]

    def _value(self, key: Hashable) -> str:
        return _text(self.tensors[key].numpy())

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "inputs"
        for key, name in self.names.items():
            if key not in self.formulas:
                yield f"  {name} = {self._value(key)}"
        yield "steps, each with its local gradients"
        wide = max(map(len, self.formulas.values()), default=0)
        local: dict[Hashable, list[str]] = defaultdict(list)
        for edge in self.edges:
            slope = f"d{self.names[edge.end]}/d{self.names[edge.start]} = {edge.text}"
            local[edge.end].append(slope)
        for key, formula in self.formulas.items():
            line = f"  {formula:<{wide}}  = {self._value(key):<8}  {'   '.join(local[key])}"
            yield line.rstrip()
        yield "gradients, each the sum over all paths of the product of the local gradients"
        for name in self.leaves():
            yield from self._gradient_lines(name)

    def _gradient_lines(self, source: str) -> Iterator[str]:
        count, result = self.path_count(source), self.names[self.result]
        if not count:
            return
        yield f"  d{result}/d{source} = {_text(self.gradient(source))}"
        for names, factors in self.paths(source, MOST_PATHS):
            product = " * ".join(_text(factor) for factor in factors)
            yield f"    {' <- '.join(names)}:  {product} = {_text(_product(factors))}"
        if count > MOST_PATHS:
            yield f"    ... and {count - MOST_PATHS} more paths"

    def svg(self) -> str:
        """The same as a drawing; the local gradients stand on the arrows."""
        return draw(*self.boxes_and_arrows(), f"How {self.names[self.result]} was computed")

    def boxes_and_arrows(self) -> tuple[list[Box], list[Arrow]]:
        """What the drawing consists of: a box for each value, an arrow for each local gradient."""
        boxes = [Box(key, tuple(self._box_lines(key)), self._kind(key)) for key in self.names]
        return boxes, [Arrow(edge.start, edge.end, _brief(edge.text)) for edge in self.edges]

    def _kind(self, key: Hashable) -> str:
        if key == self.result:
            return "result"
        return "box" if key in self.formulas else "input"

    def _box_lines(self, key: Hashable) -> Iterator[str]:
        name = self.names[key]
        tensor = self.tensors[key]
        yield shortened(self.formulas.get(key, name))
        yield f"= {_brief(self._value(key), tensor.shape)}"
        if self._kind(key) == "input" and self.path_count(name):
            slope = _brief(_text(self.gradient(name)), tensor.shape)
            yield f"d{self.names[self.result]}/d{name} = {slope}"

    def _repr_html_(self) -> str:
        return self.svg()


def explain(tensor: Any, **names: Any) -> Explanation:
    """See through the computation that made a Tensor.

    ``names`` gives inputs and intermediate values their names: ``explain(loss, x=x, w=w)``;
    Variables have their own. Raises UsageError for a traced Tensor and for one that no operation
    made.
    Source: Griewank & Walther 2008, Evaluating Derivatives, chapter 3 (sums over paths).
    """
    target = as_tensor(tensor)
    if target.traced or target.origin is None:
        raise UsageError(
            "explain", "a tensor that operations have made",
            "a traced one" if target.traced else "one without a history",
            "Compute it eagerly from Tensors or Variables first.",
        )  # fmt: skip
    return _Builder(target, _given(target, names)).build()


def _given(target: Tensor, names: dict[str, Any]) -> dict[Hashable, str]:
    """The names by what they stand for."""
    parts = {key_of(target)}
    for application in _history(target):
        parts.update(key_of(tensor) for tensor in application.inputs)
        parts.update((id(application), i) for i in range(len(application.outputs)))
    for name, value in names.items():
        if not (isinstance(value, Tensor) and key_of(value) in parts):
            raise UsageError(
                "explain", f"{name} to be a tensor that takes part in the computation",
                "another tensor" if isinstance(value, Tensor) else type(value).__name__,
                f"{name} = lernwerk.Tensor(...) before it is used",
            )  # fmt: skip
    return {key_of(value): name for name, value in names.items()}


class _Builder:
    """Collects steps and names of an explanation in the order in which they were computed."""

    def __init__(self, target: Tensor, given: dict[Hashable, str]) -> None:
        self.target = target
        self.given = given
        self.taken = set(given.values())
        self.free = (name for name in _letters() if name not in self.taken)
        self.explanation = Explanation(key_of(target), {}, {}, {})

    def build(self) -> Explanation:
        applications = _history(self.target)
        for application in applications:
            for tensor in application.inputs:
                if tensor.origin is None and not isinstance(tensor, Constant):
                    self._add(tensor, getattr(tensor.source, "name", ""))
        for application in applications:
            self._add_step(application)
        return self.explanation

    def _add(self, tensor: Tensor, name: str = "") -> str:
        key = key_of(tensor)
        known = self.explanation.names
        if key not in known:
            if key == self.explanation.result and not name:
                name = "L"
            known[key] = self.given.get(key) or self._unused(name)
            self.explanation.tensors[key] = tensor
        return known[key]

    def _unused(self, name: str) -> str:
        """The name, with a number if another value has it already; a letter where there is none."""
        numbered = (f"{name}_{i}" for i in itertools.count(2))
        made = name or next(self.free)
        while made in self.taken:
            made = next(numbered)
        self.taken.add(made)
        return made

    def _add_step(self, application: Application) -> None:
        for index in range(len(application.outputs)):
            output = application.tensor(index)
            name = self._add(output)
            key = key_of(output)
            self.explanation.formulas[key] = f"{name} = {self._formula(application)}"
            for position, tensor in enumerate(application.inputs):
                if not isinstance(tensor, Constant):
                    local, flows = local_gradient(application, index, position)
                    self.explanation.edges.append(Edge(key_of(tensor), key, local, flows))

    def _formula(self, application: Application) -> str:
        operands = [
            _text(tensor.numpy()) if isinstance(tensor, Constant) else self._add(tensor)
            for tensor in application.inputs
        ]
        sign = _SIGNS.get(application.primitive.name)
        return (
            f" {sign} ".join(operands)
            if sign
            else (f"{application.primitive.name}({', '.join(operands)})")
        )


def _history(target: Tensor) -> list[Application]:
    found: dict[int, Application] = {}
    waiting = [target.origin]
    while waiting:
        application = waiting.pop()
        if application is not None and application.serial not in found:
            found[application.serial] = application
            waiting.extend(tensor.origin for tensor in application.inputs)
    return [found[serial] for serial in sorted(found)]


def local_gradient(
    application: Application, output: int, position: int
) -> tuple[Array | None, bool]:
    """The Jacobian of one output of a step to one input, and whether anything flows back.

    Shape (elements of the output, elements of the input); None for outputs or inputs of more than
    ``LARGEST_OUTPUT`` numbers.
    """
    made = application.tensor(output)
    tensor = application.inputs[position]
    if tensor.dtype.kind != "f" or made.dtype.kind != "f":
        return None, False
    large = max(made.size, tensor.size) > LARGEST_OUTPUT
    rows = []
    for unit in np.eye(1 if large else made.size, made.size, dtype=made.dtype):
        arriving: list[Tensor | None] = [None] * len(application.outputs)
        arriving[output] = as_tensor(unit.reshape(made.shape))
        entry = input_gradients(application, arriving)[position]
        g = entry() if callable(entry) else entry
        if g is None:
            return None, False
        rows.append(_summed_to(as_tensor(g).numpy(), tensor.shape).reshape(-1))
    return (None if large else np.stack(rows)), True


def _summed_to(g: Array, shape: tuple[int, ...]) -> Array:
    extra = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(extra)))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return np.asarray(g.sum(axis=axes, keepdims=True))


def _product(factors: Sequence[Array | None]) -> Array | None:
    """The product of local gradients; None where one of them is too large to be known."""
    result: Array | None = None
    for factor in factors:
        if factor is None:
            return None
        result = factor if result is None else result @ factor
    return result


def _plain(matrix: Array) -> Any:
    """A number for 1 x 1, else the matrix."""
    return matrix.item() if matrix.size == 1 else matrix


def _text(value: Any) -> str:
    if value is None:
        return "(large)"
    array = np.asarray(value)
    if array.size == 1:
        return f"{array.item():.6g}"
    if array.size > LARGEST_OUTPUT:
        return f"array {array.shape}"
    # Wide enough for one line: the rows of a matrix stand one after the other.
    return np.array2string(array, precision=4, separator=",", max_line_width=10**6).replace(
        "\n", ""
    )


def _brief(text: str, shape: tuple[int, ...] = ()) -> str:
    """A text for a drawing; a longer array is shown by its shape."""
    if len(text) <= LONGEST_TEXT // 2:
        return text
    return f"array {shape}" if shape else "matrix"


def _letters() -> Iterator[str]:
    """Names for intermediate values: a, b, ..., z, a1, b1, ..."""
    yield from string.ascii_lowercase
    number = 1
    while True:
        yield from (f"{letter}{number}" for letter in string.ascii_lowercase)
        number += 1
