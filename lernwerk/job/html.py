"""Small pieces of HTML; every piece of text that goes in is escaped here.

Functions whose arguments are called ``html`` or ``*_html`` take finished markup, all others take
plain text. No page layout: that is the template's.
"""

from __future__ import annotations

import html as standard
from collections.abc import Iterable, Sequence

from lernwerk.plots.style import printable

# More rows than this are folded away until somebody asks for them.
OPEN_ROWS = 25


def escape(text: object) -> str:
    """Text made safe for a page: markup characters replaced, control characters removed."""
    return standard.escape(printable(text), quote=True)


def paragraph(text: object, kind: str = "") -> str:
    """A paragraph, empty for empty text."""
    line = escape(text)
    return f"<p{_class(kind)}>{line}</p>" if line else ""


def bullets(lines: Iterable[object]) -> str:
    """A list with a point for each line, empty for none."""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def command(text: str) -> str:
    """A command to paste; its lines are kept."""
    lines = "\n".join(escape(line) for line in text.splitlines())
    return f"<pre><code>{lines}</code></pre>" if lines else ""


def definitions(pairs: Iterable[tuple[object, object]]) -> str:
    """Pairs of a name and what belongs to it."""
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)
    return f"<dl>{items}</dl>" if items else ""


def table(
    heads: Sequence[str], rows: Sequence[Sequence[object]], *, numbers: Iterable[int] = ()
) -> str:
    """A table that scrolls by itself where it is wider than the page.

    ``numbers`` are the columns that are set to the right.
    """
    right = set(numbers)
    head = "".join(_cell("th", text, index in right) for index, text in enumerate(heads))
    body = "".join(_row(row, right) for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[object], right: set[int]) -> str:
    return (
        f"<tr>{''.join(_cell('td', text, index in right) for index, text in enumerate(row))}</tr>"
    )


def _cell(tag: str, text: object, right: bool) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    return f"<{tag}{scope}{_class('number' if right else '')}>{escape(text)}</{tag}>"


def folded(title: str, html: str, *, rows: int) -> str:
    """The markup as it is, or behind its title where it has too many rows."""
    return details(title, html) if rows > OPEN_ROWS else html


def details(title: str, html: str) -> str:
    """Markup that shows after a click on its title, and on paper."""
    return f"<details><summary>{escape(title)}</summary>{html}</details>"


def figure(html: str, caption: str = "", kind: str = "") -> str:
    """A drawing or picture with its caption."""
    text = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure{_class(kind)}><div class="drawing">{html}</div>{text}</figure>'


def section(name: str, title: str, html: str) -> str:
    """A numbered section, empty where there is nothing in it."""
    if not html:
        return ""
    return f'<section id="{escape(name)}"><h2>{escape(title)}</h2>{html}</section>'


def group(html: str, kind: str) -> str:
    """Markup in a ``div`` of a kind."""
    return f"<div{_class(kind)}>{html}</div>" if html else ""


def _class(kind: str) -> str:
    return f' class="{escape(kind)}"' if kind else ""
