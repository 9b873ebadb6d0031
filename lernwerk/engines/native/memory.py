"""Where every value of a plan lies: offsets in one arena, by liveness.

A value lives from the instruction that writes it to the last one that reads it; values whose lives
do not overlap share memory. An output takes over the memory of an input that dies with it where
its program allows that.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from lernwerk.core.graph import Symbol
from lernwerk.engines.native.instruction import Instruction

ALIGNMENT = 64  # bytes: a line of the cache and the widest vector


def rounded(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def byte_size(symbol: Symbol) -> int:
    """The bytes of a value."""
    return math.prod(symbol.shape) * symbol.dtype.itemsize


class _Block:
    """Values that lie side by side: the offset of each, where the block begins, its last use."""

    def __init__(self, offsets: Mapping[Symbol, int]) -> None:
        self.offsets = offsets
        self.size = max(offset + rounded(byte_size(symbol)) for symbol, offset in offsets.items())
        self.start: int | None = None
        self.last = -1


class Arena:
    """Offsets of all values that have no place elsewhere, and of each instruction's scratch."""

    def __init__(
        self,
        instructions: Sequence[Instruction],
        elsewhere: Mapping[Symbol, object] | Collection[Symbol],
        results: Collection[Symbol],
        blocks: Sequence[Mapping[Symbol, int]] = (),
    ) -> None:
        self.offsets: dict[Symbol, int] = {}
        self.scratch: list[int] = []
        self.size = 0
        self._free: list[tuple[int, int]] = []  # (offset, size), in order of offsets
        last = {symbol: i for i, each in enumerate(instructions) for symbol in each.inputs}
        last.update(dict.fromkeys(results, len(instructions)))
        self._taken: dict[int, int] = {}  # offset -> size
        self._block = {symbol: block for block in map(_Block, blocks) for symbol in block.offsets}
        for symbol, block in self._block.items():
            block.last = max(block.last, last[symbol])
        for i, each in enumerate(instructions):
            dying = {
                s for s in each.inputs
                if last[s] == i and s in self.offsets and s not in self._block
            }  # fmt: skip
            for symbol in each.outputs:
                if symbol in self._block:
                    self.offsets[symbol] = self._block_place(symbol)
                elif symbol not in elsewhere:
                    self.offsets[symbol] = self._place(each, symbol, dying)
            shared = rounded(each.step.shared) if each.step else 0
            start = self._take(shared) if shared else 0
            self.scratch.append(start)
            if shared:
                self._give(start)
            unused = {s for s in each.outputs if s in self.offsets and last.get(s, i) <= i}
            for symbol in (dying | unused) - self._block.keys():
                self._give(self.offsets[symbol])
            for block in {self._block[s] for s in each.inputs if s in self._block}:
                if block.last == i and block.start is not None:
                    self._give(block.start)

    def _block_place(self, symbol: Symbol) -> int:
        """Members of a block lie side by side: the first one takes the room for all."""
        block = self._block[symbol]
        if block.start is None:
            block.start = self._take(block.size)
        return block.start + block.offsets[symbol]

    def _place(self, each: Instruction, symbol: Symbol, dying: set[Symbol]) -> int:
        for source in list(dying):
            if source in each.inputs and each.may_replace(symbol, source):
                dying.discard(source)
                return self.offsets[source]
        return self._take(max(rounded(byte_size(symbol)), ALIGNMENT))

    def _take(self, size: int) -> int:
        """The smallest gap that is large enough, else room at the end."""
        fitting = [(length, start) for start, length in self._free if length >= size]
        if fitting:
            length, start = min(fitting)
            self._free.remove((start, length))
            if length > size:
                self._free.append((start + size, length - size))
                self._free.sort()
        else:
            start = self._grow(size)
        self._taken[start] = size
        return start

    def _grow(self, size: int) -> int:
        start = self.size
        if self._free and sum(self._free[-1]) == self.size:  # a gap at the end grows
            start = self._free.pop()[0]
        self.size = start + size
        return start

    def _give(self, start: int) -> None:
        self._free.append((start, self._taken.pop(start)))
        self._free.sort()
        merged: list[tuple[int, int]] = []
        for offset, size in self._free:
            if merged and sum(merged[-1]) == offset:
                merged[-1] = (merged[-1][0], merged[-1][1] + size)
            else:
                merged.append((offset, size))
        self._free = merged
