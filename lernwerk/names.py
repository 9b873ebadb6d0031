"""The rule by which a class gives its objects their default names: ``dense``, ``dense_1``."""

from __future__ import annotations

import re
from collections import Counter

_used: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """A class name as Keras writes it in lower case: ``MaxPooling2D`` is ``max_pooling2d``."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def unique_name(prefix: str) -> str:
    """The prefix at its first use in this process, then with ``_1``, ``_2``, ..."""
    number = _used[prefix]
    _used[prefix] += 1
    return f"{prefix}_{number}" if number else prefix


def reset_names() -> None:
    """Start counting anew."""
    _used.clear()
