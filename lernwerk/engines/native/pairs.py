"""Pairs of operations that one operation of the fused programs computes, in one pass of registers.

An operation is (code, result, operands); results and operands have names, and constants are named
("constant", i).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.engines.native.elementwise import number

Operations = list[tuple[int, Any, list[Any]]]


@dataclass(frozen=True)
class _Pair:
    """``inner``, read by one ``outer`` alone, becomes part of it; ``both`` is the name of that.

    The operands are those of ``inner`` and then the others of ``outer``.
    """

    inner: str
    outer: str
    both: str
    is_mask: bool = False  # where(a > 0, b, 0) has the operands a and b


# In this order: a pair may take part in another.
_PAIRS = (
    _Pair("multiply", "add", "multiply_add"),
    _Pair("round_bfloat16", "add", "round_add"),
    _Pair("add", "relu", "add_relu"),
    _Pair("round_add", "relu", "round_add_relu"),
    _Pair("greater", "where", "relu_gradient", is_mask=True),
)


def paired(
    operations: Operations, kept: Collection[Any], register: str, numbers: list[float]
) -> Operations:
    """The operations with all pairs joined; results in ``kept`` are used elsewhere as well."""
    for pair in _PAIRS:
        codes = [number(name, register) for name in (pair.inner, pair.outer, pair.both)]
        if min(codes) >= 0:
            operations = _joined(operations, kept, pair, codes, numbers)
    return operations


def _joined(
    operations: Operations,
    kept: Collection[Any],
    pair: _Pair,
    codes: list[int],
    numbers: list[float],
) -> Operations:
    inner, outer, both = codes
    reads = Counter(operand for _, _, operands in operations for operand in operands)
    waiting = {
        result: operands
        for code, result, operands in operations
        if code == inner and reads[result] == 1 and result not in kept
    }
    found, absorbed = [], set()
    for code, result, operands in operations:
        name = next((each for each in operands if each in waiting), None)
        if code == outer and name is not None:
            others = [each for each in operands if each != name]
            joined = [*waiting[name], *others]
            if pair.is_mask:
                joined = _masked(name, waiting[name], operands, numbers)
            if joined:
                found.append((both, result, joined))
                absorbed.add(name)
                del waiting[name]
                continue
        found.append((code, result, operands))
    return [each for each in found if each[1] not in absorbed]


def _masked(name: Any, compared: list[Any], operands: list[Any], numbers: list[float]) -> list[Any]:
    """a and b of where(a > 0, b, 0); nothing where it is something else."""
    condition, chosen, other = operands
    is_mask = condition == name and _is_zero(compared[1], numbers) and _is_zero(other, numbers)
    return [compared[0], chosen] if is_mask else []


def _is_zero(name: Any, numbers: list[float]) -> bool:
    kind, which = name
    return kind == "constant" and numbers[which] == 0 and not np.signbit(numbers[which])
