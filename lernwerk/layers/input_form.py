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
_CHANNELS_FIRST = {
    3: "(batch, features, steps)",
    4: "(batch, channels, height, width)",
    5: "(batch, channels, depth, height, width)",
}


@dataclass(frozen=True)
class InputForm:
    """The number of axes (exact or at least) and the length of the last one, where fixed.

    ``lengths`` are pairs (axis, length) for layers whose weights belong to other axes too. With
    ``channels_first`` it is the second axis whose length is fixed.
    """

    axes: int | None = None
    at_least: int | None = None
    last: int | None = None
    lengths: tuple[tuple[int, int], ...] = ()
    channels_first: bool = False

    def check(self, where: str, shape: tuple[int | None, ...]) -> None:
        """Raise the ShapeError that names layer, both shapes and the remedy."""
        fits = self.axes in (None, len(shape)) and len(shape) >= (self.at_least or 0)
        fits = fits and all(shape[axis] == length for axis, length in self.lengths)
        if fits and (self.last is None or shape[self.channel_axis] == self.last):
            return
        raise ShapeError(where, f"input {self}", shape, self._remedy(shape))

    @property
    def channel_axis(self) -> int:
        """The axis of the channels: the second or the last."""
        return 1 if self.channels_first else -1

    def __str__(self) -> str:
        if self.axes is None:
            if self.last is not None:
                return f"(batch, {self.last})"
            return f"of at least {self.at_least} axes"
        if self.lengths:
            known = dict(self.lengths)
            return f"(batch, {', '.join(str(known.get(a, '*')) for a in range(1, self.axes))})"
        names = _CHANNELS_FIRST if self.channels_first else _NAMES
        text = names.get(self.axes, f"of {self.axes} axes")
        if self.last is None:
            return text
        words = text.strip("()").split(", ")
        words[self.channel_axis] = str(self.last)
        return f"({', '.join(words)})"

    def _remedy(self, shape: tuple[int | None, ...]) -> str:
        size = math.prod(n or 0 for n in shape[1:])
        if self.last is not None and len(shape) > 2 and size == self.last:
            return f"Flatten it first: add layers.Flatten() or x.reshape(len(x), {self.last})."
        if self.axes == len(shape) + 1:
            if self.channels_first:
                return "An axis is missing: x[:, None] adds one channel."
            return "An axis is missing at the end: x[..., None] adds one of length 1."
        if len(shape) == 1:
            return "x[None] makes one row of it, x[:, None] one column."
        if self.axes is not None and self.axes < len(shape):
            return "Too many axes: layers.Flatten() or layers.Reshape(...) before it removes some."
        if self._is_other_format(shape):
            other = "channels_last" if self.channels_first else "channels_first"
            return f"The channels are on the other side: give the layer data_format='{other}'."
        return "It was built for other inputs: check the shape of the data or the layer before."

    def _is_other_format(self, shape: tuple[int | None, ...]) -> bool:
        """Whether the channels stand where the other data format has them."""
        return self.axes == len(shape) > 3 and shape[-1 if self.channels_first else 1] == self.last
