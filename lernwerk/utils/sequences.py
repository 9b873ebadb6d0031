"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.errors import DataError, DtypeError, ShapeError, check_name

Array = np.ndarray[Any, Any]
_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> Array:
    """Bring sequences to one length by cutting long ones and filling up short ones.

    ``padding`` and ``truncating`` say where: "pre" at the beginning, "post" at the end. Without
    ``maxlen`` the longest sequence gives the length.

    Shapes: n sequences (t_i, *s) -> y (n, maxlen, *s)
    Raises DataError where something is no sequence, ShapeError for elements of different shapes.
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        check_name("pad_sequences", name, side, _SIDES)
    if isinstance(value, str) and not _holds_text(dtype):
        raise DtypeError("pad_sequences", "a dtype that holds text", dtype, "Give dtype=object.")
    lengths = _lengths(sequences)
    length = max(lengths, default=0) if maxlen is None else maxlen
    first = next((s for s, n in zip(sequences, lengths, strict=True) if n), ())
    shape = np.asarray(first).shape[1:]
    y = np.full((len(lengths), length, *shape), value, dtype)
    for row, sequence in enumerate(sequences):
        kept = np.asarray(_cut(sequence, length, truncating), dtype)
        if not len(kept):
            continue
        if kept.shape[1:] != shape:
            raise ShapeError(f"pad_sequences, sequence {row}", f"elements of shape {shape}",
                             kept.shape[1:])  # fmt: skip
        if padding == "pre":
            y[row, length - len(kept) :] = kept
        else:
            y[row, : len(kept)] = kept
    return y


def _holds_text(dtype: Any) -> bool:
    return np.dtype(dtype).kind in "OUS"


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise DataError("pad_sequences", "a list of sequences", type(sequences).__name__)
    for row, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise DataError("pad_sequences", "a list of sequences",
                            f"{sequence!r} at position {row}",
                            "One sequence alone is [sequence].")  # fmt: skip
    return [len(sequence) for sequence in sequences]


def _cut(sequence: Any, length: int, truncating: str) -> Any:
    if truncating == "post":
        return sequence[:length]
    return sequence[max(0, len(sequence) - length) :]
