"""Where Variables live while plans work on them: memory that all plans of a process share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.engines.native.memory import ALIGNMENT, rounded
from lernwerk.ops.primitive import Array


def allocated(size: int, what: str) -> Array:
    """Aligned bytes; MemoryError that names the size where the system has none left."""
    try:
        block = np.empty(size + ALIGNMENT, np.uint8)
    except MemoryError:
        raise MemoryError(f"{what}: expected {size:,} bytes of free memory, got fewer.") from None
    start = -block.ctypes.data % ALIGNMENT
    return block[start : start + size]


class Home:
    """The memory of one Variable; ``version`` is the Variable's version that lies there."""

    def __init__(self, variable: Variable, memory: Array | None = None) -> None:
        array = variable.array
        if memory is None:
            memory = allocated(max(array.nbytes, ALIGNMENT), f"variable {variable.path}")
        self.memory = memory
        self.address: int = self.memory.ctypes.data
        self.array: Array = (
            self.memory[: array.nbytes].view(variable.spec.dtype).reshape(variable.spec.shape)
        )
        self.version = -1

    def follows(self, first: Home, offset: int) -> bool:
        """Whether it lies so far behind another home in one piece of memory, gaps and all."""
        # Two pieces may touch by chance: between them lies what the allocator notes.
        return self.address == first.address + offset and self.memory.base is first.memory.base

    def read(self, variable: Variable) -> Array:
        """A copy of the numbers."""
        return self.array.copy()

    def refresh(self, variable: Variable) -> None:
        """Bring in what somebody else has assigned since."""
        if self.version != variable.version:
            np.copyto(self.array, variable.array)
            self.version = variable.version

    def written(self, variable: Variable) -> None:
        """Say that a plan has written new numbers here."""
        variable.lend(self)
        self.version = variable.version


def home_of(variable: Variable) -> Home:
    """The home of a Variable, made at the first question."""
    home: Any = variable.home
    if not isinstance(home, Home):
        home = variable.home = Home(variable)
    return home


def adjoin(offsets: Mapping[Variable, int]) -> None:
    """See that Variables live side by side, each at its offset from the first (whose is 0)."""
    first = home_of(next(iter(offsets)))
    if all(home_of(each).follows(first, at) for each, at in offsets.items()):
        return
    last = max(offsets, key=offsets.__getitem__)
    size = offsets[last] + rounded(home_of(last).array.nbytes)
    block = allocated(size, "variables side by side")
    block[...] = 0  # the gaps are computed with as well
    for variable, at in offsets.items():
        # The Variable's own array takes over the numbers before it moves.
        variable.home = Home(variable, block[at:])
