"""The language of texts: a setting, the system's, English where there is no other."""

from __future__ import annotations

import pytest

from lernwerk import settings
from lernwerk.errors import ArgumentError
from lernwerk.language import _catalogue, in_english, translate


@pytest.fixture(autouse=True)
def fresh():
    _catalogue.cache_clear()
    yield
    _catalogue.cache_clear()


def test_german_by_the_setting(monkeypatch):
    monkeypatch.setenv("LERNWERK_LANG", "de_DE.UTF-8")
    assert settings.get("lang") == "de"
    assert translate("reached") == "erreicht"
    assert translate("no such text") == "no such text"


def test_the_systems_language(monkeypatch):
    monkeypatch.delenv("LERNWERK_LANG", raising=False)
    monkeypatch.setenv("LANGUAGE", "fr:de")
    assert translate("reached") == "erreicht"


def test_english_against_the_systems_language(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("LERNWERK_LANG", "en")
    assert translate("reached") == "reached"
    assert translate("") == ""


def test_an_unknown_language(monkeypatch):
    monkeypatch.setenv("LERNWERK_LANG", "fr")
    with pytest.raises(ArgumentError) as caught:
        settings.get("lang")
    assert str(caught.value) == (
        "LERNWERK_LANG: expected the language of texts, en or de (default: the system's), got 'fr'."
    )


def test_a_page_in_english(monkeypatch):
    monkeypatch.setenv("LERNWERK_LANG", "de")
    with in_english():
        assert translate("reached") == "reached"
    assert translate("reached") == "erreicht"
