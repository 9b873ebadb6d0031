"""Write docs/glossary.md from the terms of lernwerk/glossary/*.toml.

python scripts/make_glossary_page.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from lernwerk.glossary import Term, terms  # noqa: E402

TITLES = {
    "neurons": "Neurons and layers",
    "data": "Data and their forms",
    "learning": "Kinds of learning, tasks and losses",
    "descent": "Gradients and descents",
    "fit": "How well a model fits",
    "pictures": "Networks that see",
    "sequences": "Text and other sequences",
    "ancestors": "The machines of the field's history",
}
HEAD = """# Glossary

The terms of the field in English and German. `lernwerk glossary TERM` prints one of them, found by
any of its names in either language; `lernwerk glossary` lists all, `--json` is for programs. This
page is written by `scripts/make_glossary_page.py` from `lernwerk/glossary/*.toml`, where terms are
added.
"""


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for area, members in groupby(terms(), lambda each: each.area):
        lines.append(f"## {TITLES[area]}\n")
        lines += [entry for each in members for entry in _entry(each)]
    return "\n".join(lines)


def _entry(term: Term) -> Iterator[str]:
    names = ", ".join(dict.fromkeys([*term.also, *term.also_german]))
    also = f" ({names})" if names else ""
    yield f"**{term.english}** – *{term.german}*{also}  "
    yield f"{term.text}  "
    yield f"*{term.text_german}*" + ("  " if term.formula or term.see else "")
    if term.formula:
        yield f"`{term.formula}`" + ("  " if term.see else "")
    if term.see:
        yield f"See {', '.join(term.see)}."
    yield ""


if __name__ == "__main__":
    (ROOT / "docs" / "glossary.md").write_text(page(), encoding="utf-8")
