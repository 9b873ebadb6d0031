"""Lernwerk under Keras's names, in the process of the tests; the real modules come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lernwerk
from lernwerk import legacy


@pytest.fixture
def names() -> Iterator[None]:
    """``as_keras()`` is in force."""
    with lernwerk.as_keras():
        yield
    legacy.NOTES.clear()
