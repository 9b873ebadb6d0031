"""Models: Model and Sequential; reading and writing them is in ``lernwerk.saving``."""

from typing import Any

from lernwerk.models.cloning import clone_model
from lernwerk.models.frozen import split_frozen
from lernwerk.models.functional import Functional
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential

_IN_SAVING = ("load_model", "model_from_config", "model_from_json", "save_model")

__all__ = [
    "Functional", "Model", "Sequential", "clone_model", "load_model", "model_from_config",
    "model_from_json", "save_model", "split_frozen",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _IN_SAVING:
        from lernwerk import saving

        return getattr(saving, name)
    raise AttributeError(f"module 'lernwerk.models' has no attribute {name!r}")
