"""Models: Model and Sequential; reading and writing them is in ``lernwerk.saving``."""

from typing import Any

from lernwerk.models.frozen import split_frozen
from lernwerk.models.functional import Functional
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "load_model", "save_model", "split_frozen"]


def __getattr__(name: str) -> Any:
    if name in ("load_model", "save_model"):
        from lernwerk import saving

        return getattr(saving, name)
    raise AttributeError(f"module 'lernwerk.models' has no attribute {name!r}")
