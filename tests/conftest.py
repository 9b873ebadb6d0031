"""What all tests share: the real Keras as an oracle, on JAX."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

# Examples take as long as a busy machine lets them.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


# Notes of the oracle's own, about NumPy 2 and about the whole numbers it asks JAX for.
_OF_KERAS = (
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning:"
    "keras.src.backend.common.variables",
    "ignore:Explicitly requested dtype int64:UserWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors, except these of the oracle's."""
    for line in _OF_KERAS:
        config.addinivalue_line("filterwarnings", line)


@pytest.fixture(scope="session")
def keras() -> Any:
    """The real Keras; tests that compare with it are skipped, and say so, without it."""
    return pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
