"""set_threads: the setting it makes, its messages, and that a running pool follows."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lernwerk import settings
from lernwerk.core import compiled
from lernwerk.core.engine import engine_names
from lernwerk.errors import ArgumentError
from lernwerk.utils import set_threads


def test_the_number_is_a_setting(monkeypatch: Any) -> None:
    monkeypatch.setenv("LERNWERK_THREADS", "3")
    set_threads(2)
    try:
        assert settings.get("threads") == 2
    finally:
        set_threads(None)
    assert settings.get("threads") == 3


@pytest.mark.parametrize("count", [0, -1, 1.5, "2"])
def test_other_numbers_are_refused(count: Any) -> None:
    with pytest.raises(ArgumentError, match=f"^set_threads: .*got {re.escape(repr(count))}"):
        set_threads(count)


@pytest.mark.skipif("native" not in engine_names(), reason="the native engine is not built")
def test_the_native_engine_follows() -> None:
    from lernwerk.engines.native.extension import extension

    function, x = compiled(lambda x: x.sum()), np.ones(300_000, np.float32)
    try:
        for count in (1, 3, 2):
            set_threads(count)
            assert function(x).item() == 300_000
            assert extension().threads() == count
    finally:
        set_threads(None)
