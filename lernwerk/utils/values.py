"""Values: NumPy arrays with the few methods that scripts call on the elements of a data set.

``images[0].numpy()``, ``labels.shape`` and ``names[label]`` work alike; everything else is NumPy's.
Text is kept as it is, which a Tensor could not do.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Values(np.ndarray):
    """An array with ``.numpy()``; its single elements are arrays without axes that have it too."""

    def numpy(self) -> Any:
        """The plain array; of an array without axes, the number or text itself."""
        return self.item() if self.ndim == 0 and self.dtype.kind in "OUS" else np.asarray(self)[()]

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return found if isinstance(found, np.ndarray) else as_values(found)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __index__(self) -> int:
        return int(np.asarray(self).item()) if self.dtype.kind in "iu" else super().__index__()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.item())  # of a single element, so that a dict or set can hold it

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if self.ndim == 0 else super().__format__(form)

    def __str__(self) -> str:
        return str(self.item()) if self.ndim == 0 else str(np.asarray(self))


def as_values(value: Any) -> Values:
    """An array, a tensor or a single thing as Values; nothing is copied where it is an array."""
    if isinstance(value, Values):
        return value
    found = getattr(value, "numpy", None)
    array = np.asarray(found() if callable(found) else value)
    if array.dtype == np.float64 and isinstance(value, float):
        array = array.astype(np.float32)  # Python's numbers count as in tensors
    return array.view(Values)
