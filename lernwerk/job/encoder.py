"""What every input encoder can do, and the way from raw data or a saved model to the right one.

Encoders are fitted on training rows only, encode raw input of the same kind at any time, explain
themselves in words and are saved as plain JSON values.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lernwerk.job.array_encoder import ArrayEncoder
from lernwerk.job.config_fields import Fields
from lernwerk.job.picture_encoder import PictureEncoder
from lernwerk.job.raw_data import RawData
from lernwerk.job.table_encoder import TableEncoder


class Encoder(Protocol):
    """Turns raw inputs into float32 arrays for a network."""

    kind: ClassVar[str]
    warnings: list[str]
    """What was odd about the inputs of the last ``encode``, a sentence each."""

    def fit(self, inputs: Any) -> Self:
        """Learn from the training rows."""

    def encode(self, inputs: Any) -> NDArray[np.float32]:
        """Raw inputs as float32 of shape (rows, *shape)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one encoded row."""

    @property
    def feature_names(self) -> list[str]:
        """The names of the inputs, empty where they have none."""

    def decisions(self) -> list[str]:
        """What is done with the inputs, and why, a sentence each."""

    def config(self) -> dict[str, Any]:
        """Everything that was learned, ready for JSON."""


ENCODERS: dict[str, type[TableEncoder] | type[PictureEncoder] | type[ArrayEncoder]] = {
    "table": TableEncoder,
    "pictures": PictureEncoder,
    "arrays": ArrayEncoder,
}


def encoder_for(
    raw: RawData, size: int | tuple[int, int] | None = None, cap: int | None = None
) -> Encoder:
    """An encoder, not fitted yet, for this kind of data; ``size`` and ``cap`` are for pictures."""
    if raw.kind == "table":
        return TableEncoder(raw.missing_marks)
    if raw.kind == "pictures":
        return PictureEncoder(size) if cap is None else PictureEncoder(size, cap)
    return ArrayEncoder()


def encoder_from_config(config: Any, where: str = "preprocessing") -> Encoder:
    """The encoder that ``config()`` described; FileError where the description is damaged."""
    kind = Fields(where, config).text("kind", list(ENCODERS))
    return ENCODERS[kind].from_config(config, where)
