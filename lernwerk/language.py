"""Texts in the reader's language: English as they stand in the code, German from a catalogue.

The language is ``LERNWERK_LANG``, else that of the system (LANGUAGE, LC_ALL, LC_MESSAGES, LANG, as
gettext reads them). Modules write ``from lernwerk.language import translate as _`` and mark texts
with ``_("...")``; ``scripts/translations.py`` collects these.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from lernwerk import settings

DOMAIN = "lernwerk"
CATALOGUES = Path(__file__).parent / "locale"
_in_english: ContextVar[bool] = ContextVar("texts in English", default=False)


def translate(text: str) -> str:
    """The text in the reader's language; as it stands where there is no translation."""
    if not text or _in_english.get():
        return text
    return _catalogue(settings.get("lang")).gettext(text)


@contextmanager
def in_english() -> Iterator[None]:
    """Texts as they stand in the code: for figures on a page that is written in English."""
    token = _in_english.set(True)
    try:
        yield
    finally:
        _in_english.reset(token)


@cache
def _catalogue(language: str | None) -> gettext.NullTranslations:
    languages = None if language is None else [language]
    return gettext.translation(DOMAIN, CATALOGUES, languages, fallback=True)
