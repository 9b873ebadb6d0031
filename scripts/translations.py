"""Collect the texts that have a translation, and compile the catalogues.

    python scripts/translations.py update     put missing texts into translations/de/*.po, drop old
    python scripts/translations.py compile    make lernwerk/locale/*/LC_MESSAGES/lernwerk.mo of them

A text is marked ``_("...")`` in the code, or a paragraph of a recipe. Needs the package babel.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
PACKAGE, SOURCES = ROOT / "lernwerk", ROOT / "translations"
sys.path.insert(0, str(ROOT))

from lernwerk.recipes import cells  # noqa: E402
from lernwerk.recipes.shelf import TOPICS  # noqa: E402

# Which catalogue the texts of a package belong to; those of a recipe to that of its topic.
CATALOGUES = {"classics": "ancestors", "plots": "plots", "glossary": "glossary"}
OTHERS = "frame"
DATE = datetime(2026, 1, 1, tzinfo=UTC)  # the same texts give the same file


def marked(path: Path) -> Iterator[str]:
    """The texts of a file that are marked with ``_(...)``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
                raise SystemExit(f"{path}:{node.lineno}: _() wants one text without variables")
            yield str(node.args[0].value)


def catalogue_of(path: Path) -> str:
    """The name of the catalogue for the texts of a file."""
    first, *rest = path.relative_to(PACKAGE).parts
    if first == "recipes" and rest and rest[0] in TOPICS:
        return rest[0]
    return CATALOGUES.get(first, OTHERS)


def wanted() -> dict[str, dict[str, str]]:
    """For each catalogue its texts, each with the file it comes from."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        texts = list(marked(path))
        if path.parent.parent == PACKAGE / "recipes":
            source = path.read_text(encoding="utf-8")
            texts += cells.texts(source) if path.stem != "__init__" else _title(source)
        for text in texts:
            into = found.setdefault(catalogue_of(path), {})
            into.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _title(source: str) -> list[str]:
    text = ast.get_docstring(ast.parse(source)) or ""
    return [text.partition("\n")[0].removesuffix(".")]


def read(language: str, name: str) -> Catalog:
    """The catalogue of that name as it is; empty where there is none."""
    path = SOURCES / language / f"{name}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> None:
    """Every catalogue with exactly the texts that are wanted, known translations kept."""
    for name, texts in wanted().items():
        before = read(language, name)
        after = Catalog(locale=language, fuzzy=False)
        for text, place in texts.items():
            known = before.get(text)
            after.add(text, known.string if known else "", [(place, None)])
        buffer = io.BytesIO()
        write_po(buffer, after, omit_header=True, width=100, sort_by_file=True)
        path = SOURCES / language / f"{name}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(buffer.getvalue())
        print(f"{path.relative_to(ROOT)}: {sum(1 for m in after if m.id and not m.string)} missing")


def compiled(language: str) -> bytes:
    """All catalogues of a language as one, in the form that gettext reads."""
    whole = Catalog(locale=language, creation_date=DATE, revision_date=DATE, fuzzy=False)
    for path in sorted((SOURCES / language).glob("*.po")):
        for message in read(language, path.stem):
            if message.id and message.string:
                whole.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, whole)
    return buffer.getvalue()


def main() -> None:
    """Do what the command line says, for every language."""
    for folder in sorted(SOURCES.iterdir()):
        if sys.argv[1:] == ["update"]:
            update(folder.name)
        elif sys.argv[1:] == ["compile"]:
            path = PACKAGE / "locale" / folder.name / "LC_MESSAGES" / "lernwerk.mo"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(compiled(folder.name))
        else:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
