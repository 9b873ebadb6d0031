"""The ``Shapes:`` line of an operation, read and executed.

``Shapes: x (*b, c), scale (c) -> y (*b, c)`` is documentation, the check of the inputs and, where
every output letter is known, the rule for the output shapes. A letter stands for one axis, ``*b``
for any number of axes; both may also name an attribute (``-> y (*shape)``). A letter that occurs
only in outputs is computed by the operation's own rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError

Shape = tuple[int, ...]
_TERM = re.compile(r"(\w+) \(([^)]*)\)")


@dataclass(frozen=True)
class Term:
    """One array of the line: its name and its axes."""

    name: str
    axes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.axes)})"


def _terms(text: str) -> tuple[Term, ...]:
    found = _TERM.findall(text)
    return tuple(
        Term(name, tuple(a.strip() for a in axes.split(",") if a.strip())) for name, axes in found
    )


def _shapes_text(lines: Sequence[str]) -> str:
    """The line that begins with ``Shapes:``; it goes on where it ends with a comma or an arrow."""
    start = next((i for i, line in enumerate(lines) if line.startswith("Shapes: ")), len(lines))
    text = " ".join(lines[start : start + 1])
    for line in lines[start + 1 :]:
        if not text.endswith((",", "->")):
            break
        text = f"{text} {line}"
    return text


class ShapeLine:
    """A parsed ``Shapes:`` line; ``...`` after the last input stands for more of its kind."""

    def __init__(self, docstring: str) -> None:
        text = _shapes_text([part.strip() for part in docstring.splitlines()])
        before, arrow, after = text.removeprefix("Shapes: ").partition(" -> ")
        self.text = text
        self.variadic = before.rstrip().endswith("...")
        self.inputs = _terms(before)
        self.outputs = _terms(after)
        if not (arrow and self.outputs):
            raise SyntaxError(f"no line 'Shapes: x (...) -> y (...)' in {docstring!r}")

    def bind(
        self, where: str, shapes: Sequence[Shape], attributes: Mapping[str, Any], broadcasts: bool
    ) -> dict[str, Any]:
        """Give every axis of the inputs its length; refuse shapes that do not fit the line."""
        if self.variadic:
            return {}
        if len(shapes) != len(self.inputs):
            raise ShapeError(where, f"{len(self.inputs)} arrays ({self.text})", f"{len(shapes)}")
        bound = {k: v for k, v in attributes.items() if isinstance(v, (int, tuple))}
        for term, shape in zip(self.inputs, shapes, strict=True):
            _bind_term(where, term, shape, bound, broadcasts)
        return bound

    def bind_outputs(self, where: str, shapes: Sequence[Shape], bound: dict[str, Any]) -> None:
        """Check computed output shapes against the line; letters only they have bind freely."""
        if not self.variadic:
            for term, shape in zip(self.outputs, shapes, strict=True):
                _bind_term(where, term, shape, bound, broadcasts=False)

    def result(self, bound: Mapping[str, Any]) -> list[Shape]:
        """The output shapes that the bound axes give."""
        return [_substitute(term, bound) for term in self.outputs]


def _bind_term(
    where: str, term: Term, shape: Shape, bound: dict[str, Any], broadcasts: bool
) -> None:
    names = list(term.axes)
    star = next((i for i, name in enumerate(names) if name.startswith("*")), None)
    fixed = len(names) - (star is not None)
    if len(shape) < fixed or (star is None and len(shape) != fixed):
        raise ShapeError(where, f"{term} ({fixed} axes{' or more' * (star is not None)})", shape)
    if star is not None:
        extra = len(shape) - fixed
        _bind_many(
            where, term, shape, names[star][1:], shape[star : star + extra], bound, broadcasts
        )
        names = names[:star] + names[star + 1 :]
        lengths = shape[:star] + shape[star + extra :]
    else:
        lengths = shape
    for name, length in zip(names, lengths, strict=True):
        expected = int(name) if name.isdigit() else bound.setdefault(name, length)
        if expected != length:
            raise ShapeError(where, f"{term} with {name} = {expected}", shape)


def _bind_many(
    where: str,
    term: Term,
    shape: Shape,
    name: str,
    axes: Shape,
    bound: dict[str, Any],
    broadcasts: bool,
) -> None:
    known = bound.setdefault(name, axes)
    if tuple(known) == axes:
        return
    if not broadcasts:
        raise ShapeError(where, f"{term} with {name} = {tuple(known)}", shape)
    try:
        bound[name] = np.broadcast_shapes(known, axes)
    except ValueError:
        raise ShapeError(
            where,
            f"shapes that broadcast against {tuple(known)}",
            shape,
            "Axes are compared from the last to the first; each pair must be equal or have a 1.",
        ) from None


def _substitute(term: Term, bound: Mapping[str, Any]) -> Shape:
    shape: list[int] = []
    for name in term.axes:
        if name.startswith("*"):
            shape.extend(bound[name[1:]])
        else:
            shape.append(int(name) if name.isdigit() else bound[name])
    return tuple(shape)
