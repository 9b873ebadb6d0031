"""Products of matrices and contractions over named axes (einsum).

``matmul`` is the workhorse of every layer; ``contraction`` covers the rest. Convolutions are in
``convolution.py``.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.broadcasting import broadcast_to, reshape, sum_to
from lernwerk.ops.common import as_array, positive_axes
from lernwerk.ops.elementwise import multiply
from lernwerk.ops.primitive import Array, Sample, composite, namespace, plain, primitive, sample
from lernwerk.ops.shape import expand_dims, several, swapaxes
from lernwerk.ops.shape_line import Shape


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    if not (a and b and a[-1] == b[-min(2, len(b))]):
        raise _matmul_error(a, b)
    try:
        leading = np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError:
        raise _matmul_error(a, b) from None
    return leading + a[-2:-1] + (b[-1:] if len(b) > 1 else ())


def _matmul_error(a: Shape, b: Shape) -> ShapeError:
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-1]:
        hint = "The last axes agree: transpose b, for example swapaxes(b, first=-1, second=-2)."
    else:
        hint = "The last axis of a is summed against the last but one of b; axes before broadcast."
    return ShapeError("matmul", "a (*b, n, k) and b (*b, k, m) with equal k", f"{a} and {b}", hint)


def _matmul_gradient(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, ...]:
    rows = expand_dims(a, axis=0) if a.ndim == 1 else a  # (*i, n, k)
    columns = expand_dims(b, axis=1) if b.ndim == 1 else b  # (*j, k, m)
    if b.ndim == 1:
        g = expand_dims(g, axis=-1)
    if a.ndim == 1:
        g = expand_dims(g, axis=-2)  # (*o, n, m)

    def of_a() -> Any:
        full = matmul(g, swapaxes(columns, first=-1, second=-2))
        return reshape(sum_to(full, shape=tuple(rows.shape)), shape=tuple(a.shape))

    def of_b() -> Any:
        if columns.ndim == 2:  # one product over all rows instead of a sum of many products
            left = reshape(rows, shape=(-1, rows.shape[-1])) if rows.size else rows
            right = reshape(g, shape=(-1, g.shape[-1])) if rows.size else g
        else:
            left, right = rows, g
        full = matmul(swapaxes(left, first=-1, second=-2), right)
        return reshape(sum_to(full, shape=tuple(columns.shape)), shape=tuple(b.shape))

    return of_a, of_b


def _matmul_samples(random: np.random.Generator) -> Iterator[Sample]:
    shapes = [
        ((2, 3), (3, 4)),
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((4, 2, 3), (3, 2)),
        ((4, 1, 2, 3), (5, 3, 1)),
        ((3,), (2, 3, 4)),
        ((2, 4, 3), (3,)),
    ]
    for a, b in shapes:
        yield sample(random.normal(size=a), random.normal(size=b))


@primitive(
    gradient=_matmul_gradient,
    samples=_matmul_samples,
    source="Python array API standard 2024.12, matmul; gradient: Giles 2008, AD Workshop",
    shapes=_matmul_shape,
)
def matmul(a: Array, b: Array) -> Array:
    """Multiply matrices; axes before the last two are a batch and broadcast.

    y[n, m] = sum over k of a[n, k] b[k, m]

    A vector counts as one row on the left and as one column on the right, and its axis is missing
    in the result.

    Shapes: a (*i, k), b (*j) -> y (*o)
    """
    if b.ndim == 2 and a.ndim > 2:  # one large product is faster than a batch of small ones
        flat = a.reshape(math.prod(a.shape[:-1]), a.shape[-1]) @ b
        return flat.reshape(*a.shape[:-1], b.shape[-1])
    return a @ b


def _operands(equation: str, count: int) -> tuple[list[str], str]:
    """The letters of each operand and of the result; refuse what contraction does not cover."""
    before, arrow, result = equation.replace(" ", "").partition("->")
    terms = before.split(",")
    letters = "".join(terms)
    if not arrow or not (letters + result + "a").isalpha():
        raise ShapeError("contraction", "an equation like 'ij,jk->ik'", repr(equation))
    if len(terms) != count:
        raise ShapeError("contraction", f"{len(terms)} arrays for '{equation}'", count)
    for term in (*terms, result):
        if len(set(term)) < len(term):
            raise ShapeError(
                "contraction",
                "each letter once per array",
                repr(equation),
                "For a trace or a diagonal multiply by an identity matrix first.",
            )
    if not set(result) <= set(letters):
        raise ShapeError("contraction", "result letters that occur in an array", repr(equation))
    return terms, result


def _lengths(equation: str, terms: list[str], shapes: tuple[Shape, ...]) -> dict[str, int]:
    """The length of every letter; refuse arrays that disagree."""
    lengths: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError("contraction", f"{len(term)} axes for '{term}' in '{equation}'", shape)
        for letter, length in zip(term, shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                known = lengths[letter]
                raise ShapeError(
                    "contraction", f"'{term}' with {letter} = {known} in '{equation}'", shape
                )
    return lengths


def _contraction_shape(*shapes: Shape, equation: str) -> Shape:
    terms, result = _operands(equation, len(shapes))
    lengths = _lengths(equation, terms, shapes)
    return tuple(lengths[letter] for letter in result)


def _contraction_gradient(g: Any, y: Any, *operands: Any, equation: str) -> tuple[Any, ...]:
    terms, result = _operands(equation, len(operands))

    def of(position: int) -> Any:
        others = [i for i in range(len(terms)) if i != position]
        inputs = [result, *(terms[i] for i in others)]
        wanted = terms[position]
        known = "".join(letter for letter in wanted if any(letter in term for term in inputs))
        back = contraction(
            g, *(operands[i] for i in others), equation=f"{','.join(inputs)}->{known}"
        )
        # An axis that occurs in this operand only was summed away: its gradient is constant.
        shape = tuple(operands[position].shape)
        spread = tuple(n if letter in known else 1 for letter, n in zip(wanted, shape, strict=True))
        return broadcast_to(reshape(back, shape=spread), shape=shape)

    return tuple((lambda position=i: of(position)) for i in range(len(terms)))


def _contraction_samples(random: np.random.Generator) -> Iterator[Sample]:
    calls: list[tuple[str, *tuple[Shape, ...]]] = [
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("bij,bkj->bik", (2, 1, 3), (2, 4, 3)),
        ("ijk->ki", (2, 3, 4)),
        ("ij,k->", (2, 3), (2,)),
        ("i,j->ij", (2,), (3,)),
        ("ij,jk,kl->il", (2, 3), (3, 1), (1, 2)),
    ]
    for equation, *shapes in calls:
        yield sample(*(random.normal(size=shape) for shape in shapes), equation=equation)


@primitive(
    gradient=_contraction_gradient,
    samples=_contraction_samples,
    source="Einstein 1916, Annalen der Physik 354, summation convention; NumPy einsum",
    shapes=_contraction_shape,
)
def contraction(*operands: Array, equation: str) -> Array:
    """Multiply arrays along named axes and sum over the names that the result does not have.

    ``'ij,jk->ik'``: y[i, k] = sum over j of a[i, j] b[j, k]

    Shapes: operand (*s), ... -> y (*r)
    Raises ShapeError for an equation without '->', with '...' or with a letter twice in one array.
    """
    return namespace(*operands).einsum(equation, *operands, optimize=True)


@composite
def einsum(equation: str, *operands: Any) -> Any:
    """Contract arrays as ``contraction`` does; '->' may be missing and '...' stand for many axes.

    Without '->' the result has, in alphabetical order, the letters that occur once.

    Shapes: operand (*s), ... -> y (*r)
    """
    operands = tuple(map(as_array, operands))
    text = equation.replace(" ", "")
    before, arrow, result = text.partition("->")
    if not arrow:
        once = sorted(c for c in set(before) - set(",.") if before.count(c) == 1)
        result = ("..." if "..." in before else "") + "".join(once)
    terms = before.split(",")
    free = [letter for letter in string.ascii_letters if letter not in text]
    many = [x.ndim - len(term) + 3 for term, x in zip(terms, operands, strict=False) if "." in term]
    names = "".join(free[: max(many, default=0)])
    filled = [
        term.replace("...", names[len(names) - (x.ndim - len(term) + 3) :])
        for term, x in zip(terms, operands, strict=False)
    ] + terms[len(operands) :]
    return contraction(*operands, equation=f"{','.join(filled)}->{result.replace('...', names)}")


@composite
def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Any:
    """Sum over pairs of axes: the last ``axes`` of a with the first of b, or those given.

    y[i, j] = sum over k of a[i, k] b[k, j] for axes=1

    Shapes: a (*i), b (*j) -> y (*r)
    """
    a, b, axes = as_array(x1), as_array(x2), plain(axes)
    if isinstance(axes, int):
        of_a, of_b = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        of_a, of_b = (several(each) for each in axes)
    positive_axes("tensordot", of_a, a.ndim)
    positive_axes("tensordot", of_b, b.ndim)
    left = string.ascii_lowercase[: a.ndim]
    right = list(string.ascii_uppercase[: b.ndim])
    for i, j in zip(of_a, of_b, strict=True):
        right[j] = left[i]
    result = [c for c in (*left, *right) if (c in left) != (c in right)]
    return contraction(a, b, equation=f"{left},{''.join(right)}->{''.join(result)}")


@composite
def outer(x1: Any, x2: Any) -> Any:
    """Multiply every element of one array with every element of the other, both read row by row.

    y[i, j] = a[i] b[j]

    Shapes: a (*i), b (*j) -> y (n, m)
    """
    a, b = as_array(x1), as_array(x2)
    return multiply(reshape(a, shape=(-1, 1)), reshape(b, shape=(1, -1)))
