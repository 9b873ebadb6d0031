"""Networks without the work of filling them, and folders for their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lernwerk.settings
from lernwerk.core.tensor import Tensor
from lernwerk.initializers import VarianceScaling
from lernwerk.utils import clear_session


@pytest.fixture
def unfilled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of zeros: the system gives no memory to them before somebody writes there."""

    def zeros(_: Any, shape: Any, dtype: Any = "float32") -> Tensor:
        return Tensor(np.zeros(shape, dtype))

    monkeypatch.setattr(VarianceScaling, "__call__", zeros)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a folder of data (data) and a cache (cache) without any file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("data", "cache"):
        lernwerk.settings.set(name, tmp_path / name)
    yield tmp_path
    for name in ("data", "cache"):
        lernwerk.settings.set(name, None)


@pytest.fixture(autouse=True)
def first_names() -> None:
    """Names of layers count from the beginning."""
    clear_session()


@pytest.fixture
def raises() -> Callable[[Callable[[], Any], type[Exception], str], None]:
    """Check that a call is refused with this very text."""

    def check(call: Callable[[], Any], kind: type[Exception], text: str) -> None:
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == text

    return check
