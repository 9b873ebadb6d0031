"""The text of a recipe: its first page, its cells of text and code, its paragraphs.

Recipes are Python programs in the percent format of jupytext: ``# %%`` begins a cell of code,
``# %% [markdown]`` one of text. The module's docstring is the first page.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from lernwerk.language import translate as _

FIELDS = ("Step", "Year", "Source", "Needs")
_FIELD = re.compile(rf"^({'|'.join(FIELDS)}): (.*)$")
# Lists, tables, formulas, headings and code keep their lines; other paragraphs are filled anew.
_VERBATIM = re.compile(r"([-*|#>]|\d+\. |\$\$|```| {4})")


@dataclass(frozen=True)
class Cell:
    """One cell: text in Markdown, or code."""

    kind: Literal["text", "code"]
    text: str


@dataclass(frozen=True)
class Page:
    """The first page of a recipe: title, paragraphs, and the fields at its end."""

    title: str
    paragraphs: tuple[str, ...]
    fields: dict[str, str]


def first_page(source: str) -> Page:
    """The docstring of a program as title, paragraphs, and the fields of its last paragraph."""
    text, _, last = (ast.get_docstring(ast.parse(source)) or "").rpartition("\n\n")
    fields = _fields(last)
    title, *rest = paragraphs(text if fields else f"{text}\n\n{last}") or [""]
    return Page(title.removesuffix("."), tuple(rest), fields)


def _fields(text: str) -> dict[str, str]:
    """``Name: value`` line by line; a line without a name goes on with the one before."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if match := _FIELD.match(line):
            name = match[1]
            found[name] = match[2].strip()
        elif name:
            found[name] += f" {line.strip()}"
    return found


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text; the lines of ordinary ones are joined by a space."""
    parts = re.split(r"\n\s*\n", text.strip("\n"))
    return [
        part if _VERBATIM.match(part) else " ".join(part.split()) for part in parts if part.strip()
    ]


def cells(source: str) -> list[Cell]:
    """The cells behind the docstring."""
    found: list[Cell] = []
    for part in re.split(r"^(?=# %%)", source, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        if head.strip() == "# %% [markdown]":
            lines = [line.removeprefix("#").removeprefix(" ") for line in body.splitlines()]
            found.append(Cell("text", "\n".join(lines).strip("\n")))
        else:
            found.append(Cell("code", body.strip("\n")))
    return found


def texts(source: str) -> list[str]:
    """Every paragraph of a recipe that has a translation: title, first page, cells of text."""
    page = first_page(source)
    inside = [paragraphs(cell.text) for cell in cells(source) if cell.kind == "text"]
    return [page.title, *page.paragraphs, *chain.from_iterable(inside)]


def translated(source: str, translate: Callable[[str], str]) -> list[Cell]:
    """All cells, the first page among them, with their texts in the reader's language."""
    page = first_page(source)
    first = [f"# {translate(page.title)}", *map(translate, page.paragraphs)]
    if "Source" in page.fields:
        first.append(f"*{_('Source')}: {page.fields['Source']}*")
    others = [_translated(each, translate) for each in cells(source)]
    return [Cell("text", "\n\n".join(first)), *others]


def _translated(cell: Cell, translate: Callable[[str], str]) -> Cell:
    if cell.kind == "code":
        return cell
    return Cell("text", "\n\n".join(map(translate, paragraphs(cell.text))))


def percent(cells: list[Cell]) -> str:
    """Cells as a program in the percent format."""
    return "\n\n".join(map(_percent, cells)) + "\n"


def _percent(cell: Cell) -> str:
    if cell.kind == "code":
        return f"# %%\n{cell.text}"
    lines = [f"# {line}".rstrip() for line in cell.text.splitlines()]
    return "\n".join(["# %% [markdown]", *lines])
