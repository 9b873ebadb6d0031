"""Lernwerk under Keras's names, in the process of the tests; the real modules come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import lernwerk
from lernwerk import legacy


@pytest.fixture
def names() -> Iterator[None]:
    """``as_keras()`` is in force."""
    with lernwerk.as_keras():
        yield
    legacy.NOTES.clear()


@pytest.fixture(scope="session")
def keras_of_tests() -> Any:
    """The real Keras, kept from before the names were changed."""
    import importlib

    pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
    return importlib.import_module("keras")
