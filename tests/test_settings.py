"""Settings: defaults, the environment, overrides, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lernwerk import settings
from lernwerk.errors import ArgumentError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable and no override of the machine's takes part."""
    kept = dict(settings._overrides)
    settings._overrides.clear()
    for setting in settings.SETTINGS.values():
        monkeypatch.delenv(setting.variable, raising=False)
    yield
    settings._overrides.clear()
    settings._overrides.update(kept)


@pytest.mark.parametrize(
    ("name", "default"),
    [("engine", None), ("threads", None), ("data", None), ("debug", 0),
     ("cache", Path.home() / ".cache" / "lernwerk")],
)  # fmt: skip
def test_defaults(name: str, default: Any) -> None:
    assert settings.get(name) == default


def test_the_table_is_complete() -> None:
    assert {s.variable for s in settings.SETTINGS.values()} == {
        f"LERNWERK_{name.upper()}" for name in settings.SETTINGS
    }
    assert all(s.meaning for s in settings.SETTINGS.values())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("engine", "native", "native"), ("threads", "3", 3), ("data", "/some/where",
     Path("/some/where")), ("debug", "1", 1), ("threads", "", None)],
)  # fmt: skip
def test_the_environment_is_read_when_asked(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: Any
) -> None:
    monkeypatch.setenv(settings.SETTINGS[name].variable, text)
    assert settings.get(name) == value


def test_an_override_wins_until_it_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LERNWERK_THREADS", "3")
    settings.set("threads", 2)
    assert settings.get("threads") == 2
    settings.set("threads", None)
    assert settings.get("threads") == 3
    settings.set("threads", None)


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("LERNWERK_THREADS", "many",
         "LERNWERK_THREADS: expected threads of the engine (default: all cores), got 'many'."),
        ("LERNWERK_THREADS", "0",
         "LERNWERK_THREADS: expected threads of the engine (default: all cores), got '0'."),
        ("LERNWERK_DEBUG", "yes",
         "LERNWERK_DEBUG: expected 1: print every traced graph and check what passes make of it; "
         "2: print that too, got 'yes'."),
    ],
)  # fmt: skip
def test_text_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, text)
    name = next(n for n, s in settings.SETTINGS.items() if s.variable == variable)
    with pytest.raises(ArgumentError) as refused:
        settings.get(name)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("use", [settings.get, lambda name: settings.set(name, 1)])
def test_unknown_settings_get_the_nearest_name(use: Any) -> None:
    with pytest.raises(ArgumentError) as refused:
        use("thread")
    assert str(refused.value) == (
        "settings: expected the name of a known setting, got 'thread'. Did you mean 'threads'?"
    )
