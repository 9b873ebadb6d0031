"""Updates that do the same to several Variables, as one: an optimizer's step over all weights.

Where the Variables of each role (weights, momenta ...) and their gradients lie side by side, with
the same gaps, one program over the whole block does what one for each did. What the gaps hold is
computed with and never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lernwerk.core.graph import Symbol
from lernwerk.engines.native.elementwise import KINDS
from lernwerk.engines.native.instruction import Instruction
from lernwerk.engines.native.memory import byte_size, rounded
from lernwerk.engines.native.step import Step

_FULL, _SCALAR = KINDS.index("full"), KINDS.index("scalar")
_HEAD = 10  # numbers before the lengths of the axes, native/fused.hpp
_ELEMENT = 4  # bytes of a float32


@dataclass(frozen=True)
class Family:
    """What has to lie side by side: groups of Variables and of values, each with its offset."""

    variables: list[dict[Any, int]]
    values: list[dict[Symbol, int]]

    def agrees_with(self, others: Iterable[Family]) -> bool:
        """Whether nothing would have to lie in two places, in this family and in others."""
        sides = [side for each in (self, *others) for side in (*each.variables, *each.values)]
        place: dict[Any, dict[Any, int]] = {}
        return all(place.setdefault(member, side) == side for side in sides for member in side)

    def holds(self, symbols: Collection[Symbol]) -> bool:
        """Whether one of the symbols is a member."""
        return any(symbol in symbols for side in self.values for symbol in side)


def _covers(step: Step) -> list[int]:
    axes = step.whole[9]
    start = _HEAD + axes
    return [step.whole[start + i * (2 + axes)] for i in range(step.whole[3])]


def _is_flat(each: Instruction) -> bool:
    """Whether a program runs through its arrays from end to end; single numbers apart."""
    step = each.step
    if step is None or step.kernel != "fused" or step.whole[0] != 0 or step.whole[8]:
        return False
    if not each.outputs or 0 in each.outputs[0].shape:
        return False
    same = all(symbol.dtype == "float32" for symbol in (*each.inputs, *each.outputs))
    return same and step.whole[9] == 1 and set(_covers(step)) <= {_FULL, _SCALAR}


def alike(
    made: list[Instruction], homes: Mapping[Symbol, Any], owners: Mapping[Symbol, Any]
) -> list[list[Instruction]]:
    """Groups of updates with the same program, whose results nobody else reads."""
    reads = Counter(symbol for each in made for symbol in each.inputs)
    groups: dict[Any, list[Instruction]] = {}
    for each in made:
        terminal = all(symbol in homes and not reads[symbol] for symbol in each.outputs)
        if terminal and _is_flat(each):
            groups.setdefault(_signature(each, owners), []).append(each)
    return [group for group in groups.values() if len(group) > 1 and _apart(group)]


def _signature(each: Instruction, owners: Mapping[Symbol, Any]) -> Any:
    """What two instructions must have in common: the program and the single numbers it reads."""
    step = each.step
    assert step is not None
    head, rest = step.whole[3:_HEAD], step.whole[_HEAD + 1 :]
    pairs = list(zip(_covers(step), each.inputs, strict=True))
    numbers = tuple(symbol if cover == _SCALAR else None for cover, symbol in pairs)
    kinds = tuple(symbol in owners for cover, symbol in pairs if cover == _FULL)
    return head, rest, step.real, numbers, kinds


def _apart(group: list[Instruction]) -> bool:
    """Whether every array belongs to one member of the group and one role only."""
    arrays: Counter[Symbol] = Counter()
    for each in group:
        assert each.step is not None
        pairs = zip(_covers(each.step), each.inputs, strict=True)
        arrays.update(symbol for cover, symbol in pairs if cover == _FULL)
    return max(arrays.values()) == 1


def _offsets(group: list[Instruction]) -> tuple[list[int], int]:
    """Where the arrays of each member begin, and where those of the last end."""
    offsets, end = [], 0
    for each in group:
        offsets.append(end)
        end += rounded(byte_size(each.outputs[0]))
    return offsets, end


def family_of(group: list[Instruction], owners: Mapping[Symbol, Any]) -> Family:
    """What has to lie side by side for a group; ``owners`` are the Variables of symbols."""
    first = group[0]
    assert first.step is not None
    offsets, _ = _offsets(group)
    full = [i for i, cover in enumerate(_covers(first.step)) if cover == _FULL]
    roles = [[each.inputs[i] for each in group] for i in full]
    roles += [[each.outputs[i] for each in group] for i in range(len(first.outputs))]
    found = Family([], [])
    for role in roles:
        known = role[0] in owners
        members = [owners[symbol] for symbol in role] if known else role
        side = dict(zip(members, offsets, strict=True))
        sides: list[Any] = found.variables if known else found.values
        if side not in sides:
            sides.append(side)
    return found


def merged(group: list[Instruction]) -> Instruction:
    """One instruction for a group whose family lies side by side."""
    first = group[0]
    assert first.step is not None
    elements = _offsets(group)[1] // _ELEMENT
    whole = list(first.step.whole)
    whole[1:3], whole[_HEAD] = (1, elements), elements
    others = [symbol for each in group[1:] for symbol in each.inputs]
    return Instruction(
        [node for each in group for node in each.nodes],
        replace(first.step, whole=tuple(whole)),
        list(dict.fromkeys([*first.inputs, *others])),
        [symbol for each in group for symbol in each.outputs],
    )
