"""What all tests share: the real Keras as an oracle, on JAX; tests that run on every engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import lernwerk.settings
from lernwerk.core.engine import engine_names

# Examples take as long as a busy machine lets them.
settings.register_profile("shared", deadline=None)
settings.register_profile("few", deadline=None, max_examples=10)  # pytest --hypothesis-profile few
settings.load_profile("shared")
os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ["LERNWERK_LANG"] = "en"  # whatever the system speaks


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


@pytest.fixture(params=engine_names())
def agrees(request: pytest.FixtureRequest) -> Iterator[Callable[[Any, Any], None]]:
    """Runs a test on every engine; ``agrees(compiled, eager)`` asks for what the engine promises.

    The NumPy engine computes what eager execution computes, bit for bit; others to a few roundings.
    """

    def check(found: Any, expected: Any) -> None:
        if request.param == "numpy":
            np.testing.assert_array_equal(found, expected)
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)

    lernwerk.settings.set("engine", request.param)
    yield check
    lernwerk.settings.set("engine", None)
