"""Arrays of numbers become float32 inputs of about the same size around zero.

Which mean and deviation serve which numbers depends on the shape, see ``_axes``; pictures in uint8
stay in their range because the network begins with a Rescaling layer.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError, FileError, UsageError
from lernwerk.job.array_source import looks_like_pictures
from lernwerk.job.config_fields import Fields
from lernwerk.job.statistics import mean_and_deviation
from lernwerk.job.wording import counted

WHERE = "x"
MOST_CHANNELS = 16
"""A last axis of more entries than this is taken for positions, not for channels."""
EXTREME = 1e6
"""Inputs beyond so many deviations are cut there: float32 and the network can do no more."""
Scaling = Literal["none", "each", "channels", "all"]


class ArrayEncoder:
    """Turns an array (rows, ...) into float32 of the same shape, standardised by training rows."""

    kind: ClassVar[str] = "arrays"

    def __init__(self) -> None:
        self._shape: tuple[int, ...] | None = None
        self.scaling: Scaling = "none"
        self.mean: NDArray[np.float64] = np.zeros(1)
        self.deviation: NDArray[np.float64] = np.ones(1)
        self.warnings: list[str] = []

    def fit(self, inputs: Any) -> Self:
        """Learn means and deviations; DataError for an empty array or one with NaN."""
        array = numeric_array(inputs)
        if not len(array):
            raise DataError(WHERE, "rows to learn from", "none")
        self._shape = array.shape[1:]
        self.scaling = _scaling(np.asarray(inputs))
        if self.scaling != "none":
            self.mean, self.deviation = mean_and_deviation(self._as_columns(array))
        return self

    def _as_columns(self, array: NDArray[np.float64]) -> NDArray[np.float64]:
        """One column for each mean and deviation."""
        if self.scaling == "all":
            return array.reshape(-1, 1)
        return array.reshape(-1, array.shape[-1])

    def encode(self, inputs: Any) -> NDArray[np.float32]:
        """Shapes: inputs (rows, *s) -> (rows, *s). DataError for another shape and for NaN."""
        if self._shape is None:
            raise UsageError("ArrayEncoder", "fit before encode", "no fit", "encoder.fit(x)")
        array = numeric_array(inputs)
        if np.shape(inputs) == self._shape:  # one row by itself
            array = array.reshape(1, *self._shape)
        if array.shape[1:] != self._shape:
            expected = f"rows of shape {self._shape}, as in the training"
            raise DataError(WHERE, expected, f"{array.shape[1:]}")
        if self.scaling == "none":
            return array.astype(np.float32)
        with np.errstate(over="ignore"):
            scaled = (array - self.mean) / self.deviation
        return np.clip(scaled, -EXTREME, EXTREME).astype(np.float32)

    @property
    def feature_names(self) -> list[str]:
        """``x[0]``, ``x[1]``, ... for rows of plain features, else nothing."""
        shape = self.shape
        return [f"x[{i}]" for i in range(shape[0])] if len(shape) == 1 else []

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded row."""
        return self._shape or ()

    def decisions(self) -> list[str]:
        """What is done with the numbers, and why."""
        words = {
            "none": "The uint8 values are left as they are, 0 to 255; the network scales them.",
            "each": f"Each of the {counted(len(self.mean), 'feature')} is standardised by itself.",
            "channels": f"The {counted(len(self.mean), 'channel')} of the last axis are "
            "standardised, each by itself.",
            "all": "All values are standardised with one mean and one deviation, because they seem "
            "to be of one kind.",
        }
        return [words[self.scaling]]

    def config(self) -> dict[str, Any]:
        """Everything that was learned, ready for JSON."""
        return {
            "kind": self.kind,
            "shape": list(self.shape),
            "scaling": self.scaling,
            "mean": self.mean.tolist(),
            "deviation": self.deviation.tolist(),
        }

    @classmethod
    def from_config(cls, config: Any, where: str = "preprocessing") -> Self:
        """The encoder that ``config`` described; FileError where it is damaged."""
        fields = Fields(where, config)
        fields.text("kind", [cls.kind])
        encoder = cls()
        encoder._shape = fields.integers("shape", 1)
        if not encoder._shape:
            raise FileError(where, "at least one axis for 'shape'", "[]")
        encoder.scaling = fields.text("scaling", get_args(Scaling))  # type: ignore[assignment]
        width = 1 if encoder.scaling in ("none", "all") else encoder._shape[-1]
        encoder.mean = np.array(fields.numbers("mean", width))
        encoder.deviation = np.array(fields.numbers("deviation", width, positive=True))
        fields.done()
        return encoder


def _scaling(array: NDArray[Any]) -> Scaling:
    if looks_like_pictures(array):
        return "none"
    # Pixels and other bytes share one scale; alone, a pixel that is nearly always 0 would explode.
    if array.dtype == np.uint8:
        return "all"
    if array.ndim <= 2:
        return "each"
    return "channels" if array.shape[-1] <= MOST_CHANNELS else "all"


def numeric_array(inputs: Any) -> NDArray[np.float64]:
    """Numbers as float64, (n) as (n, 1); DataError, with the position, for anything else."""
    try:
        array = np.asarray(inputs)
    except ValueError:  # lists of different lengths
        raise DataError(WHERE, "rows of equal length", "rows of different lengths") from None
    if array.dtype.kind not in "biuf":
        raise DataError(WHERE, "numbers", f"{array.dtype}")
    if array.ndim == 0:
        raise DataError(WHERE, "one row per example", "a single value")
    values = array.astype(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        raise DataError(WHERE, "finite numbers", f"{values[first]} at x{list(first)}")
    return values[:, None] if values.ndim == 1 else values
