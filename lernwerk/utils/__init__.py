"""Small helpers under Keras's names; ``atomic`` writes files whole or not at all."""

from typing import Any

from lernwerk.utils.numerical import to_categorical
from lernwerk.utils.threads import set_threads

__all__ = ["set_random_seed", "set_threads", "to_categorical"]


def __getattr__(name: str) -> Any:
    if name == "set_random_seed":  # the core itself writes no files and may not be needed yet
        from lernwerk.core.random import set_random_seed

        return set_random_seed
    raise AttributeError(f"module 'lernwerk.utils' has no attribute {name!r}")
