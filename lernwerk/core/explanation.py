"""See through a computation: every value, every local gradient, and their products along each path.

``explain(L, x=x, w=w)`` prints the steps that led to L, the local gradient of each step with
respect to each of its inputs, and for every named input the gradient as the sum over all paths of
the product of the local gradients on them. ``.svg()`` draws the same.
"""

from __future__ import annotations

import string
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lernwerk.core.drawing import Arrow, Box, draw
from lernwerk.core.gradient import input_gradients, key_of
from lernwerk.core.tensor import Application, Constant, Tensor, as_tensor
from lernwerk.errors import UsageError
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


@dataclass
class Explanation:
    """The steps, local gradients and paths of a computation; print it, or show it in a notebook."""

    result: Hashable
    names: dict[Hashable, str]
    values: dict[Hashable, Array]
    formulas: dict[Hashable, str]
    edges: list[Edge] = field(default_factory=list)

    def local_gradients(self) -> dict[tuple[str, str], Array | None]:
        """The local gradients by the names of output and input."""
        return {(self.names[e.end], self.names[e.start]): e.local for e in self.edges}

    def paths(self, source: str) -> list[tuple[list[str], list[Array]]]:
        """All paths from the result back to an input: the names on it and the local gradients."""
        start = next(key for key, name in self.names.items() if name == source)
        return [
            ([self.names[self.result], *(self.names[e.start] for e in path)],
             [e.local for e in path if e.local is not None])
            for path in self._paths(self.result, start)
        ]  # fmt: skip

    def _paths(self, end: Hashable, start: Hashable) -> Iterator[list[Edge]]:
        for edge in self.edges:
            if edge.end == end and edge.local is not None:
                if edge.start == start:
                    yield [edge]
                for rest in self._paths(edge.start, start):
                    yield [edge, *rest]

    def gradient(self, source: str) -> Array | float:
        """d(result)/d(source): the sum over all paths of the products of local gradients."""
        total: Any = 0.0
        for _, factors in self.paths(source):
            total = total + _product(factors)
        return _plain(np.asarray(total))

    def leaves(self) -> list[str]:
        """The names of the inputs."""
        return [name for key, name in self.names.items() if key not in self.formulas]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "inputs"
        for key, name in self.names.items():
            if key not in self.formulas:
                yield f"  {name} = {_text(self.values[key])}"
        yield "steps, each with its local gradients"
        wide = max(map(len, self.formulas.values()), default=0)
        for key, formula in self.formulas.items():
            local = [
                f"d{self.names[key]}/d{self.names[e.start]} = {_text(e.local)}"
                for e in self.edges
                if e.end == key
            ]
            value = _text(self.values[key])
            yield f"  {formula:<{wide}}  = {value:<8}  {'   '.join(local)}".rstrip()
        yield "gradients, each the sum over all paths of the product of the local gradients"
        for name in self.leaves():
            yield from self._gradient_lines(name)

    def _gradient_lines(self, source: str) -> Iterator[str]:
        paths = self.paths(source)
        result = self.names[self.result]
        if not paths:
            return
        yield f"  d{result}/d{source} = {_text(self.gradient(source))}"
        for names, factors in paths[:MOST_PATHS]:
            product = " * ".join(_text(_plain(factor)) for factor in factors)
            yield f"    {' <- '.join(names)}:  {product} = {_text(_plain(_product(factors)))}"
        if len(paths) > MOST_PATHS:
            yield f"    ... and {len(paths) - MOST_PATHS} more paths"

    def svg(self) -> str:
        """The same as a drawing; the local gradients stand on the arrows."""
        boxes = []
        for key, name in self.names.items():
            kind = "input" if key not in self.formulas else "box"
            kind = "result" if key == self.result else kind
            lines = [self.formulas.get(key, name), f"= {_text(self.values[key])}"]
            if kind == "input" and self.paths(name):
                lines.append(f"d{self.names[self.result]}/d{name} = {_text(self.gradient(name))}")
            boxes.append(Box(key, tuple(lines), kind))
        arrows = [Arrow(edge.start, edge.end, _text(edge.local)) for edge in self.edges]
        return draw(boxes, arrows, f"How {self.names[self.result]} was computed")

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
    given = {key_of(as_tensor(value)): name for name, value in names.items()}
    return _Builder(target, given).build()


class _Builder:
    """Collects steps and names of an explanation in the order in which they were computed."""

    def __init__(self, target: Tensor, given: dict[Hashable, str]) -> None:
        self.target = target
        self.given = given
        taken = set(given.values())
        self.free = (name for name in _letters() if name not in taken)
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
            is_result = key == self.explanation.result and "L" not in self.given.values()
            known[key] = self.given.get(key) or name or ("L" if is_result else next(self.free))
            self.explanation.values[key] = tensor.numpy()
        return known[key]

    def _add_step(self, application: Application) -> None:
        for index in range(len(application.outputs)):
            output = application.tensor(index)
            name = self._add(output)
            key = key_of(output)
            self.explanation.formulas[key] = f"{name} = {self._formula(application)}"
            for position, tensor in enumerate(application.inputs):
                if not isinstance(tensor, Constant):
                    local = local_gradient(application, index, position)
                    self.explanation.edges.append(Edge(key_of(tensor), key, local))

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


def local_gradient(application: Application, output: int, position: int) -> Array | None:
    """The Jacobian of one output of a step with respect to one input, (outputs, inputs).

    None for outputs of more than ``LARGEST_OUTPUT`` numbers and where nothing flows back.
    """
    shape = np.shape(application.outputs[output])
    tensor = application.inputs[position]
    size = int(np.prod(shape))
    if size > LARGEST_OUTPUT or tensor.dtype.kind != "f":
        return None
    rows = []
    for unit in np.eye(size, dtype=application.outputs[output].dtype):
        arriving: list[Tensor | None] = [None] * len(application.outputs)
        arriving[output] = as_tensor(unit.reshape(shape))
        entry = input_gradients(application, arriving)[position]
        g = entry() if callable(entry) else entry
        if g is None:
            return None
        rows.append(_summed_to(as_tensor(g).numpy(), tensor.shape).reshape(-1))
    return np.stack(rows)


def _summed_to(g: Array, shape: tuple[int, ...]) -> Array:
    extra = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(extra)))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return np.asarray(g.sum(axis=axes, keepdims=True))


def _product(factors: list[Array]) -> Array:
    result = factors[0]
    for factor in factors[1:]:
        result = result @ factor
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
    return np.array2string(array, precision=4, separator=",").replace("\n", "")


def _letters() -> Iterator[str]:
    """Names for intermediate values: a, b, ..., z, a1, b1, ..."""
    yield from string.ascii_lowercase
    number = 1
    while True:
        yield from (f"{letter}{number}" for letter in string.ascii_lowercase)
        number += 1
