"""Operations of a program that are one operation of the engine, so that a tile is passed once.

They are what networks, the reverse walk and the optimizers ask for all the time: products that are
added, a bias and relu behind a product in bfloat16, a choice by sign, a moving average's step, and
the division by a root of it. An operation joins the one that reads its result where nothing else
reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from lernwerk.engines.native.elementwise import number

Operation = tuple[int, Any, list[Any]]  # code, result, operands
Join = Callable[[list[Any], Any, list[Any]], list[Any] | None]


def contracted(
    operations: list[Operation], kept: Collection[Any], register: str, numbers: Sequence[float]
) -> list[Operation]:
    """The operations with those joined that can be; the results ``kept`` are needed elsewhere.

    ``numbers`` are the values of the operands ("constant", i).
    """
    zeros = [("constant", i) for i, value in enumerate(numbers) if value == 0]

    def by_sign(outer: list[Any], part: Any, inner: list[Any]) -> list[Any] | None:
        """A choice by a comparison with zero."""
        fits = part == outer[0] and inner[1] in zeros
        return [inner[0], *outer[1:]] if fits else None

    for outer, inner, name, join in (("where", "greater", "where_positive", by_sign), *_RULES):
        codes = [number(each, register) for each in (outer, inner, name)]
        if min(codes) >= 0:
            operations = _joined(operations, kept, codes, join)
    return operations


def _joined(
    operations: list[Operation], kept: Collection[Any], codes: Sequence[int], join: Join
) -> list[Operation]:
    outer, inner, both = codes
    reads = Counter(operand for _, _, operands in operations for operand in operands)
    single = {
        result: operands
        for code, result, operands in operations
        if code == inner and reads[result] == 1 and result not in kept
    }
    found, absorbed = [], set()
    for code, result, operands in operations:
        if code == outer:
            for part in [each for each in operands if each in single]:
                made = join(operands, part, single[part])
                if made is not None:
                    code, operands = both, made
                    absorbed.add(part)
                    break
        found.append((code, result, operands))
    return [each for each in found if each[1] not in absorbed]


def _with_addend(outer: list[Any], part: Any, inner: list[Any]) -> list[Any]:
    """The operands of the inner operation, then the other one of a sum."""
    (other,) = [each for each in outer if each != part]
    return [*inner, other]


def _between(outer: list[Any], part: Any, inner: list[Any]) -> list[Any] | None:
    """(a - b) c + b: from b to a, by the share c."""
    x, y, end = outer
    a, b = inner
    return [a, b, y if part == x else x] if end == b and part != end else None


def _in_front(outer: list[Any], part: Any, inner: list[Any]) -> list[Any] | None:
    """The operand of the inner operation in the place of its result, which is the first."""
    return [*inner, *outer[1:]] if part == outer[0] else None


def _below(outer: list[Any], part: Any, inner: list[Any]) -> list[Any] | None:
    """A quotient whose denominator is the inner operation."""
    return [outer[0], *inner] if part == outer[1] else None


# Outer and inner operation, what both are together, and how the operands are put together.
_RULES: tuple[tuple[str, str, str, Join], ...] = (
    ("add", "multiply", "multiply_add", _with_addend),
    ("multiply_add", "subtract", "approach", _between),
    ("approach", "square", "approach_square", _in_front),
    ("add", "sqrt", "sqrt_add", _with_addend),
    ("divide", "sqrt_add", "divide_by_root", _below),
    ("add", "round_bfloat16", "round_add", _with_addend),
    ("relu", "add", "add_relu", _in_front),
    ("relu", "round_add", "round_add_relu", _in_front),
)
