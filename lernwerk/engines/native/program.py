"""A cluster as a program of the fused kernel: operands numbered, everything as whole numbers.

The layout of the numbers is that of ``Program`` in native/fused.hpp.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.cluster import Unit
from lernwerk.engines.native.contraction import contracted
from lernwerk.engines.native.elementwise import (
    KINDS,
    TYPES,
    cover_of,
    number,
    operation_of,
    reduction_split,
    size,
)
from lernwerk.engines.native.narrow import NARROW
from lernwerk.engines.native.step import Step
from lernwerk.ops.primitive import Array

SLOT = 1024 + 48  # elements from one register to the next; native/fused.hpp
MOST_CHUNKS = 16  # native/fused.cpp
_REDUCTIONS = ("all", "rows", "columns")


@dataclass(frozen=True)
class Program:
    """The step of a cluster, the memory it reads and writes, and what may be written in place.

    ``replaceable[i]`` lists the inputs whose memory output i may take: they are read for the last
    time before or while it is written.
    """

    step: Step
    inputs: list[Symbol]
    outputs: list[Symbol]
    replaceable: list[list[Symbol]]


class _Writer:
    def __init__(
        self,
        unit: Unit,
        root: Callable[[Symbol], Symbol],
        constants: Mapping[Symbol, Array],
        wanted: set[Symbol],
    ) -> None:
        self.unit = unit
        self.root = root
        self.register = unit.register or "float32"
        self.made = {root(s): n for n in unit.nodes for s in n.outputs}
        self.rows, self.columns = unit.split or (1, unit.elements)
        self.axes = unit.shape or (unit.elements,)
        self.constants = constants
        self.numbers: list[float] = []
        self.inputs: dict[tuple[Symbol, str], tuple[int, list[int]]] = {}
        self.outputs = [s for s in self.made if s in wanted]
        self.sums = [n for n in unit.sums if root(n.outputs[0]) in wanted]

    # Operands get names first; their numbers are known once all have been counted.

    def operand(self, symbol: Symbol, node: Node) -> Any:
        root = self.root(symbol)
        if root in self.made:
            return ("made", root)
        if root in self.constants and size(root) == 1:
            value = self.constants[root].item()
            if not isinstance(value, int) or float(value) == value:  # else digits would be lost
                return self.number(float(value))
        return self.input(symbol, node)

    def number(self, value: float) -> Any:
        for i, known in enumerate(self.numbers):
            if known == value and np.signbit(known) == np.signbit(value):
                return ("constant", i)
        self.numbers.append(value)
        return ("constant", len(self.numbers) - 1)

    def input(self, symbol: Symbol, node: Node, kind: str | None = None) -> Any:
        if kind is None:
            kind = self.kind(symbol, node) if node in self.unit.nodes else "full"
        if kind == "scalar" and self.unit.elements == 1:
            kind = "full"
        strides = [0] * len(self.axes)
        if kind == "strided":
            strides = _strides(symbol, node)
        key = (self.root(symbol), f"{kind}{strides}")
        self.inputs.setdefault(key, (KINDS.index(kind), strides))
        return ("input", list(self.inputs).index(key))

    def kind(self, symbol: Symbol, node: Node) -> str:
        """How the domain is covered; rows and columns of another matrix are just strides."""
        cover = cover_of(symbol, node)
        return cover.kind if cover.split in (None, (self.rows, self.columns)) else "strided"

    def operations(self) -> list[tuple[int, Any, list[Any]]]:
        found = []
        for node in self.unit.nodes:
            code = number(operation_of(node), self.register)
            result = ("made", self.root(node.outputs[0]))
            if node.primitive.name == "dropout":
                found += self._dropout(node, code, result)
                continue
            operands = [self.operand(symbol, node) for symbol in node.inputs]
            if operation_of(node) != node.primitive.name and operation_of(node) == "not_equal":
                operands.append(self.number(0.0))
            found.append((code, result, operands))
        return found

    def _dropout(self, node: Node, code: int, result: Any) -> list[tuple[int, Any, list[Any]]]:
        x, state = node.inputs
        rate = node.attributes["rate"]
        threshold = self.number(float(np.uint32(rate * 2.0**32)))
        scale = self.number(float(np.float32(1.0 / (1.0 - rate))))
        mask = ("mask", id(node))
        drawn = (code, mask, [self.input(state, node, "opaque"), threshold, scale])
        product = number("multiply", self.register)
        return [drawn, (product, result, [self.operand(x, node), mask])]


def program(
    unit: Unit,
    root: Callable[[Symbol], Symbol],
    constants: Mapping[Symbol, Array],
    wanted: set[Symbol],
) -> Program:
    """The program of a cluster; ``wanted`` are the roots that are used outside of it."""
    writer = _Writer(unit, root, constants, wanted)
    operations = writer.operations()
    sums = [(node, writer.operand(node.inputs[0], node)) for node in writer.sums]
    stored = _stored(writer, operations, sums)
    kept = {*stored.values(), *(operand for _, operand in sums)}
    operations = contracted(operations, kept, writer.register, writer.numbers)
    return _encoded(writer, operations, sums, stored)


def _stored(writer: _Writer, operations: list[Any], sums: list[Any]) -> dict[Symbol, Any]:
    """For each output what is stored there.

    Storing a narrow value rounds it: roundings for such outputs alone leave the operations.
    """
    stored = {symbol: ("made", symbol) for symbol in writer.outputs}
    read = {operand for _, _, operands in operations for operand in operands}
    read.update(operand for _, operand in sums)
    rounding = number("round_bfloat16", writer.register)
    for each in list(operations):
        code, result, operands = each
        if code == rounding and result not in read and result[1].dtype == NARROW:
            (stored[result[1]],) = operands
            operations.remove(each)
    return stored


def _encoded(
    writer: _Writer, operations: list[Any], sums: list[Any], stored: dict[Symbol, Any]
) -> Program:
    last = _last_reads(operations, sums)
    direct = [s for s in writer.outputs if str(s.dtype) == writer.register]
    kept = [stored[s] for s in writer.outputs if s not in direct]
    last.update(dict.fromkeys(kept, len(operations)))
    registers, count = _registers(operations, last, {("made", s) for s in direct}, kept)
    first_register = len(writer.inputs) + len(writer.numbers)
    first_output = first_register + count

    def place(name: Any) -> int:
        kind, which = name
        if kind == "input":
            return int(which)
        if kind == "constant":
            return len(writer.inputs) + int(which)
        if kind == "made" and which in direct:
            return first_output + writer.outputs.index(which)
        return first_register + registers[name]

    whole = [
        TYPES[writer.register], writer.rows, writer.columns, len(writer.inputs),
        len(writer.numbers), count, len(operations), len(writer.outputs), len(sums),
        len(writer.axes), *writer.axes,
    ]  # fmt: skip
    for (symbol, _), (kind, strides) in writer.inputs.items():
        whole += [kind, TYPES[str(symbol.dtype)], *strides]
    for code, result, operands in operations:
        padding = [result] * (3 - len(operands))  # nothing else is certainly no single number
        whole += [code, *map(place, [result, *operands, *padding])]
    for symbol in writer.outputs:
        whole += [place(stored[symbol]), TYPES[str(symbol.dtype)]]
    for node, operand in sums:
        split = reduction_split(node)
        whole += [_REDUCTIONS.index(split[0] if split else "all"), place(operand)]
    slots = first_output + len(sums)
    width = 8 if writer.register in ("float64", "int64") else 4
    step = Step(
        "fused", tuple(whole), tuple(writer.numbers),
        shared=_partial_bytes(writer, sums), local=slots * SLOT * width,
    )  # fmt: skip
    roots = [symbol for symbol, _ in writer.inputs]
    outputs = [*writer.outputs, *(writer.root(node.outputs[0]) for node, _ in sums)]
    return Program(step, roots, outputs, _replaceable(writer, operations, sums, last))


def _last_reads(operations: list[Any], sums: list[Any]) -> dict[Any, int]:
    last: dict[Any, int] = {}
    for i, (_, _, operands) in enumerate(operations):
        last.update(dict.fromkeys(operands, i))
    last.update((operand, len(operations)) for _, operand in sums)
    return last


def _registers(
    operations: list[Any], last: dict[Any, int], direct: set[Any], kept: list[Any]
) -> tuple[dict[Any, int], int]:
    """A register for every result that is not written to memory in place; used again when free."""
    end = len(operations)
    placed: dict[Any, int] = {}
    free: list[int] = []
    count = 0
    for i, (_, result, operands) in enumerate(operations):
        for name in dict.fromkeys(operands):
            if name in placed and name not in kept and last[name] == i:
                free.append(placed[name])
        if result in direct:
            continue
        if not free:
            free.append(count)
            count += 1
        placed[result] = free.pop()
        if last.get(result, end if result in kept else i) == i and result not in kept:
            free.append(placed[result])
    return placed, count


def _replaceable(
    writer: _Writer, operations: list[Any], sums: list[Any], last: dict[Any, int]
) -> list[list[Symbol]]:
    written = {result: i for i, (_, result, _) in enumerate(operations)}
    found: list[list[Symbol]] = []
    for symbol in writer.outputs:
        allowed = []
        for i, ((source, _), (kind, _)) in enumerate(writer.inputs.items()):
            others = [r for r, _ in writer.inputs].count(source)
            same = source.dtype == symbol.dtype and size(source) == size(symbol)
            direct = str(symbol.dtype) == writer.register
            at = written[("made", symbol)] if direct else len(operations)
            if kind == 0 and others == 1 and same and last[("input", i)] <= at:
                allowed.append(source)
        found.append(allowed)
    return found + [[] for _ in sums]


def _partial_bytes(writer: _Writer, sums: list[Any]) -> int:
    """Room for the sums that each chunk leaves behind, 8 bytes each."""
    spans = {"all": 1, "rows": writer.columns, "columns": 0}
    kinds = [split[0] for node, _ in sums if (split := reduction_split(node))]
    return 8 * MOST_CHUNKS * sum(spans[kind] for kind in kinds)


def _strides(symbol: Symbol, node: Node) -> list[int]:
    """The step in memory for each axis of the domain, 0 along axes where the input is repeated."""
    shape = node.outputs[0].shape
    aligned = (1,) * (len(shape) - len(symbol.shape)) + symbol.shape
    strides, step = [], 1
    for m, n in zip(reversed(aligned), reversed(shape), strict=True):
        if n != 1:
            strides.append(step if m != 1 else 0)
        step *= m
    return strides[::-1]
