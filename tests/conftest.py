"""What all tests share: the real Keras as an oracle, on JAX."""

from __future__ import annotations

import os
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


@pytest.fixture(scope="session")
def keras() -> Any:
    """The real Keras; tests that compare with it are skipped, and say so, without it."""
    return pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
