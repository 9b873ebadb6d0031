"""Run a recipe, once or over several seeds."""

from __future__ import annotations

import contextlib
import io
import runpy
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lernwerk.recipes.reached import Reached
from lernwerk.recipes.run import Run, _current
from lernwerk.recipes.shelf import Recipe


@dataclass(frozen=True)
class Done:
    """A finished run and how long it took."""

    recipe: Recipe
    run: Run
    seconds: float

    @property
    def met(self) -> bool:
        """Whether every figure was reached."""
        return all(each.met for each in self.run.reached)


def execute(
    recipe: Recipe, seed: int = 1, short: bool = False, out: Path | None = None, quiet: bool = False
) -> Done:
    """Run a recipe; ``quiet`` keeps what it prints to itself.

    Raises MissingExtraError for a package that is not there, FileError for data that cannot be
    had, and whatever the recipe raises.
    """
    recipe.check_packages()
    run = Run(recipe.name, seed, short, out)
    token = _current.set(run)
    start = time.perf_counter()
    try:
        with contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext():
            runpy.run_path(str(recipe.path), run_name="__main__")
    finally:
        _current.reset(token)
    return Done(recipe, run, time.perf_counter() - start)


@dataclass(frozen=True)
class Range:
    """One figure of a recipe over several seeds."""

    reached: tuple[Reached, ...]

    @property
    def met(self) -> bool:
        """Whether it was reached with every seed."""
        return all(each.met for each in self.reached)

    def __str__(self) -> str:
        values = sorted(each.value for each in self.reached)
        low, high = (self.reached[0].written(value) for value in (values[0], values[-1]))
        return low if low == high else f"{low} - {high}"


def ranges(runs: Sequence[Done]) -> Iterator[tuple[str, Range]]:
    """The figures of one recipe's runs, by name, in the order in which they were reached."""
    names = dict.fromkeys(each.name for done in runs for each in done.run.reached)
    for name in names:
        found = [each for done in runs for each in done.run.reached if each.name == name]
        yield name, Range(tuple(found))
