"""Reading the terms, and finding one by any of its names in either language."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lernwerk.errors import ArgumentError

FOLDER = Path(__file__).parent
# The areas in the order of a course; each is a file NAME.toml.
AREAS = ("neurons", "data", "learning", "descent", "fit", "pictures", "sequences", "ancestors")
_NEAR, _MOST = 0.6, 3  # how alike names are that are offered, and how many of them


@dataclass(frozen=True)
class Term:
    """One term: names and a text in both languages, a formula where there is one, related terms.

    ``also`` and ``also_german`` are other names; ``see`` holds English terms.
    """

    english: str
    german: str
    text: str
    text_german: str
    also: tuple[str, ...] = ()
    also_german: tuple[str, ...] = ()
    formula: str = ""
    see: tuple[str, ...] = ()
    area: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which the term is found, in both languages."""
        return (self.english, self.german, *self.also, *self.also_german)


@cache
def terms() -> tuple[Term, ...]:
    """All terms, area by area in the order of ``AREAS``."""
    return tuple(
        _term(english, facts, area)
        for area in AREAS
        for english, facts in tomllib.loads(
            (FOLDER / f"{area}.toml").read_text(encoding="utf-8")
        ).items()
    )


def term(name: str) -> Term:
    """The term of that name, English or German, whatever its capitals, spaces and hyphens.

    Raises ArgumentError for an unknown name, with the nearest ones.
    """
    found = _by_name().get(_plain(name))
    if found is None:
        raise ArgumentError("glossary", "a known term", repr(name), _nearest(name))
    return found


def _term(english: str, facts: Mapping[str, Any], area: str) -> Term:
    return Term(
        english, facts["de"], facts["text"], facts["text_de"], tuple(facts.get("also", ())),
        tuple(facts.get("also_de", ())), facts.get("formula", ""), tuple(facts.get("see", ())),
        area,
    )  # fmt: skip


@cache
def _by_name() -> dict[str, Term]:
    return {_plain(name): each for each in terms() for name in each.names}


_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "-": None, " ": None})


def _plain(name: str) -> str:
    """A name as it is compared: who has no umlauts writes ae, oe, ue."""
    return name.casefold().translate(_LETTERS)


def _nearest(name: str) -> str:
    """Names that contain what was asked for, then those that are spelled like it; one a term."""
    asked, known = _plain(name), _by_name()
    within = [each for each in known if len(asked) > 2 and asked in each]
    close = difflib.get_close_matches(asked, known, n=len(known), cutoff=_NEAR)
    best: dict[str, str] = {}
    for each in [*within, *close]:
        found = known[each]
        spelled = next(written for written in found.names if _plain(written) == each)
        best.setdefault(found.english, repr(spelled))
    offered = " or ".join(list(best.values())[:_MOST])
    return f"Did you mean {offered}?" if offered else "lernwerk glossary"
