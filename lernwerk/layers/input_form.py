"""What a layer expects of the shape of its input, and the message where it gets another."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lernwerk.errors import ShapeError

_NAMES = {
    2: "(batch, features)",
    3: "(batch, steps, features)",
    4: "(batch, height, width, channels)",
    5: "(batch, depth, height, width, channels)",
}


@dataclass(frozen=True)
class InputForm:
    """The number of axes (exact or at least) and the length of the last one, where fixed.

    ``lengths`` are pairs (axis, length) for layers whose weights belong to other axes too.
    """

    axes: int | None = None
    at_least: int | None = None
    last: int | None = None
    lengths: tuple[tuple[int, int], ...] = ()

    def check(self, where: str, shape: tuple[int | None, ...]) -> None:
        """Raise the ShapeError that names layer, both shapes and the remedy."""
        fits = self.axes in (None, len(shape)) and len(shape) >= (self.at_least or 0)
        fits = fits and all(shape[axis] == length for axis, length in self.lengths)
        if fits and (self.last is None or shape[-1] == self.last):
            return
        raise ShapeError(where, f"input {self}", shape, self._remedy(shape))

    def __str__(self) -> str:
        if self.axes is None:
            if self.last is not None:
                return f"(batch, {self.last})"
            return f"of at least {self.at_least} axes"
        if self.lengths:
            known = dict(self.lengths)
            return f"(batch, {', '.join(str(known.get(a, '*')) for a in range(1, self.axes))})"
        text = _NAMES.get(self.axes, f"of {self.axes} axes")
        return text if self.last is None else f"{text.rpartition(',')[0]}, {self.last})"

    def _remedy(self, shape: tuple[int | None, ...]) -> str:
        size = math.prod(n or 0 for n in shape[1:])
        if self.last is not None and len(shape) > 2 and size == self.last:
            return f"Flatten it first: add layers.Flatten() or x.reshape(len(x), {self.last})."
        if self.axes == len(shape) + 1:
            return "An axis is missing at the end: x[..., None] adds one of length 1."
        if len(shape) == 1:
            return "x[None] makes one row of it, x[:, None] one column."
        if self.axes is not None and self.axes < len(shape):
            return "Too many axes: layers.Flatten() or layers.Reshape(...) before it removes some."
        return "It was built for other inputs: check the shape of the data or the layer before."
