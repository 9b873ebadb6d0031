"""What the column encoders share: marks for missing values, their words, their errors."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lernwerk.errors import DataError
from lernwerk.job.wording import counted

if TYPE_CHECKING:
    import pandas as pd

Matrix = NDArray[np.float64]


def settings_of(encoder: Any) -> dict[str, Any]:
    """The fields of a column encoder with its kind, ready for JSON."""
    values = asdict(encoder)
    lists = {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
    return {"kind": encoder.kind, **lists}


def with_indicator(values: Matrix, missing: NDArray[np.bool_], wanted: bool) -> Matrix:
    """The inputs with, if wanted, one more that is 1 where the value is missing."""
    columns = [values, missing[:, None].astype(np.float64)] if wanted else [values]
    return np.concatenate(columns, axis=1)


def indicator_name(name: str, wanted: bool) -> list[str]:
    """The name of that input, if it is wanted."""
    return [f"{name} is missing"] if wanted else []


def filled_words(count: int, what: str) -> str:
    """What happens to missing values, as a part of a sentence."""
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    return f", {counted(count, 'missing value')} {verb} replaced by {what} and marked"


def wrong_cell(
    column: pd.Series, codes: NDArray[np.intp], code: int, expected: str, text: str
) -> DataError:
    """The error for a cell, by its column and the first row that holds it."""
    row = int(np.flatnonzero(codes == code)[0]) + 1
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    return DataError(f"column '{column.name}', row {row}", expected, f"'{shown}'")
