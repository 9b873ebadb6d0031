"""Where Variables live while plans work on them: memory that all plans of a process share."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk.core.variable import Variable
from lernwerk.engines.native.memory import ALIGNMENT
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

    def __init__(self, variable: Variable) -> None:
        array = variable.array
        self.memory = allocated(max(array.nbytes, ALIGNMENT), f"variable {variable.path}")
        self.address: int = self.memory.ctypes.data
        self.array: Array = (
            self.memory[: array.nbytes].view(variable.spec.dtype).reshape(variable.spec.shape)
        )
        self.version = -1

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
