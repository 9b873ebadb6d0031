"""What a data source delivers: inputs and targets as they were found, with the words about them.

Nothing is scaled, encoded or split here; source.py fills it, inspection.py describes it, split.py
divides it and the encoders turn its inputs into numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    pass

Kind = Literal["table", "pictures", "arrays"]
Task = Literal["classification", "regression"]


@dataclass
class RawData:
    """One data set before any preprocessing.

    ``inputs`` is a DataFrame with typed columns (table), a list of paths or a uint8 array (rows,
    height, width[, channels]) (pictures), or an array (rows, ...) (arrays). ``targets`` has shape
    (rows): text, bool or int64 for classes, float64 for a regression.
    """

    name: str
    kind: Kind
    inputs: Any
    targets: NDArray[Any]
    task: Task
    task_reason: str
    """Why it is a classification or a regression, as one sentence."""
    target_name: str
    class_names: tuple[str, ...] | None = None
    """The classes in the order of their labels, None for a regression."""
    given_split: int | None = None
    """Rows before the official test part, None where there is none."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Files that were left out, each with the reason."""
    notes: list[str] = field(default_factory=list)
    """What was repaired or assumed while reading, a sentence each."""
    missing_marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column -> texts that were read as missing numbers besides the usual ones."""
    source: str = ""
    """Where a named data set comes from."""

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: NDArray[np.integer[Any]] | Sequence[int]) -> Any:
        """The inputs of these rows, in their order."""
        if self.kind == "table":
            return self.inputs.iloc[np.asarray(rows, np.int64)].reset_index(drop=True)
        if isinstance(self.inputs, list):
            return [self.inputs[row] for row in rows]
        return self.inputs[np.asarray(rows, np.int64)]
