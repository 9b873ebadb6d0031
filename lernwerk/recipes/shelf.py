"""Which recipes there are: the files of the topics' folders, read but not run.

A topic is a folder here; the first line of its docstring is its title. A recipe's place among the
others is its field ``Step`` or ``Year``.
"""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lernwerk.errors import MissingExtraError, check_name
from lernwerk.language import translate
from lernwerk.recipes import cells

TOPICS = ("zero", "classes", "networks", "training", "digits", "ancestors")
# Packages that a recipe may need beyond those of the installation: the extra that brings them.
EXTRAS = {"optuna": "search"}


@dataclass(frozen=True)
class Recipe:
    """One recipe: its file and what its first page says."""

    path: Path

    @property
    def name(self) -> str:
        """The name by which it is called."""
        return self.path.stem

    @property
    def topic(self) -> str:
        """The folder it lies in."""
        return self.path.parent.name

    @cached_property
    def source(self) -> str:
        """The program as it stands in the file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def page(self) -> cells.Page:
        """Its first page."""
        return cells.first_page(self.source)

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return translate(self.page.title)

    @property
    def order(self) -> tuple[int, int, str]:
        """Its place among all recipes."""
        number = self.page.fields.get("Step") or self.page.fields.get("Year") or "0"
        return TOPICS.index(self.topic), int(number), self.name

    @property
    def needs(self) -> tuple[str, ...]:
        """The data sets and packages that it asks for."""
        return tuple(each.strip() for each in self.page.fields.get("Needs", "").split(",") if each)

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets among these."""
        return tuple(each for each in self.needs if each not in EXTRAS)

    def text(self) -> str:
        """The annotated program, its texts in the reader's language; it runs as it is."""
        return cells.percent(cells.translated(self.source, translate))

    def check_packages(self) -> None:
        """Raise MissingExtraError where a package that it needs is not installed."""
        for package in self.needs:
            if package in EXTRAS and importlib.util.find_spec(package) is None:
                command = f"pip install 'lernwerk[{EXTRAS[package]}]'"
                raise MissingExtraError(self.name, f"the package {package}", "none", command)


def recipes() -> list[Recipe]:
    """All recipes, in the order in which one would read them."""
    folder = Path(__file__).parent
    files = [each for topic in TOPICS for each in (folder / topic).glob("*.py")]
    return sorted((Recipe(each) for each in files if each.stem != "__init__"), key=_order)


def _order(recipe: Recipe) -> tuple[int, int, str]:
    return recipe.order


def recipe(name: str) -> Recipe:
    """The recipe of that name, hyphens as good as underscores; ArgumentError for an unknown one."""
    known = {each.name: each for each in recipes()}
    wanted = name.replace("-", "_")
    check_name("lernwerk recipes", "recipe", wanted, known)
    return known[wanted]


def topic_title(topic: str) -> str:
    """The title of a topic in the reader's language."""
    file = Path(__file__).parent / topic / "__init__.py"
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or topic
    return translate(text.partition("\n")[0].removesuffix("."))
