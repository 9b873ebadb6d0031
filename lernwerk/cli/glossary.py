"""``lernwerk glossary``: one term in both languages, or the list of all."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TypeVar

import typer

from lernwerk.glossary import Term, term, terms
from lernwerk.language import translate as _

T = TypeVar("T")

WIDEST = 88  # columns of a text that is read with ease


def glossary_command(words: Sequence[str], as_json: bool) -> None:
    """Print the term that the words name, or every term with its translation."""
    from lernwerk.cli.application import print_json

    if words:
        found = term(" ".join(words))
        if as_json:
            print_json(asdict(found))
            return
        typer.echo("\n".join(page(found)))
        return
    if as_json:
        print_json([asdict(each) for each in terms()])
        return
    typer.echo("\n".join(table()))


def page(found: Term) -> Iterator[str]:
    """A term's names, its texts in both languages, its formula, and where to look on."""
    first, second = _ordered(found.english, found.german)
    yield first if first == second else f"{first} – {second}"
    also = [", ".join(names) for names in _ordered(found.also, found.also_german) if names]
    if also:
        yield from _wrapped(_("also: {names}").format(names="; ".join(also)))
    for text in _ordered(found.text, found.text_german):
        yield ""
        yield from _wrapped(text, "  ")
    if found.formula:
        yield ""
        yield f"    {found.formula}"
    if found.see:
        yield ""
        names = ", ".join(_both(term(each)) for each in found.see)
        yield from _wrapped(_("see also: {names}").format(names=names))


def table() -> Iterator[str]:
    """Every term beside its translation, in the order of the alphabet."""
    pairs = sorted((_ordered(each.english, each.german) for each in terms()), key=_alphabet)
    width = max(len(first) for first, _second in pairs)
    for first, second in pairs:
        yield f"{first:<{width}}  {second}"
    yield ""
    yield _("lernwerk glossary TERM explains one, in English and German.")


def _ordered(english: T, german: T) -> tuple[T, T]:
    """Both, the reader's language first."""
    return (german, english) if _("English first") == "Deutsch zuerst" else (english, german)


def _both(found: Term) -> str:
    first, second = _ordered(found.english, found.german)
    return first if first.casefold() == second.casefold() else f"{first} ({second})"


def _alphabet(pair: tuple[str, str]) -> str:
    return pair[0].casefold().translate(str.maketrans("äöü", "aou"))


def _wrapped(text: str, indent: str = "") -> list[str]:
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent)
