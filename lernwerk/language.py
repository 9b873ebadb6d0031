"""Texts in the reader's language: English as they stand in the code, German from a catalogue.

The language is ``LERNWERK_LANG``, else that of the system (LANGUAGE, LC_ALL, LC_MESSAGES, LANG, as
gettext reads them). Modules write ``from lernwerk.language import translate as _`` and mark texts
with ``_("...")``; ``scripts/translations.py`` collects these.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

from lernwerk import settings

DOMAIN = "lernwerk"
CATALOGUES = Path(__file__).parent / "locale"


def translate(text: str) -> str:
    """The text in the reader's language; as it stands where there is no translation."""
    return _catalogue(settings.get("lang")).gettext(text) if text else text


@cache
def _catalogue(language: str | None) -> gettext.NullTranslations:
    languages = None if language is None else [language]
    return gettext.translation(DOMAIN, CATALOGUES, languages, fallback=True)
