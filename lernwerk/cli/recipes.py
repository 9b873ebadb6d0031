"""``lernwerk recipes``: list, show, run and check the recipes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from lernwerk.errors import COUNT, check_ranges
from lernwerk.language import translate as _
from lernwerk.recipes.execute import Done, execute, ranges
from lernwerk.recipes.notebook import write_notebook
from lernwerk.recipes.shelf import Recipe, recipe, recipes, topic_title


def list_command(as_json: bool) -> None:
    """Print the recipes by topic."""
    from lernwerk.cli.application import print_json

    found = recipes()
    if as_json:
        print_json([_facts(each) for each in found])
        return
    width = max(len(each.name) for each in found)
    for topic, members in groupby(found, lambda each: each.topic):
        typer.echo(f"\n{topic_title(topic)}")
        for each in members:
            year = each.page.fields.get("Year", "")
            typer.echo(f"  {each.name:<{width}}  {year:<5}{each.title}")
    typer.echo(
        "\n" + _("lernwerk recipes show NAME prints one, lernwerk recipes run NAME runs it.")
    )


def _facts(each: Recipe) -> dict[str, Any]:
    fields = {name.lower(): value for name, value in each.page.fields.items()}
    return {"name": each.name, "topic": each.topic, "title": each.title, **fields}


def show_command(name: str) -> None:
    """Print the annotated program: in colours on a terminal, else so that it can be run."""
    text = recipe(name).text()
    if not sys.stdout.isatty():
        typer.echo(text, nl=False)
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(text, "python", background_color="default", word_wrap=True))


def run_command(
    name: str, seed: int, short: bool, out: str | None, notebook: bool, as_json: bool
) -> None:
    """Run one recipe; say what it reached and what it wrote."""
    from lernwerk.cli.application import print_json

    chosen = recipe(name)
    folder = None if out is None else Path(out)
    if not as_json:
        typer.echo(f"{chosen.title}\n")
    done = execute(chosen, seed, short, folder, quiet=as_json)
    files = [str(each) for each in done.run.pictures]
    if notebook:
        files.append(str(write_notebook(chosen, done.run.out / f"{chosen.name}.ipynb")))
    if as_json:
        print_json({**_result(done), "files": files})
        return
    typer.echo("")
    for each in files:
        typer.echo(_("written: {file}").format(file=each))
    typer.echo(_("{seconds:.1f} s").format(seconds=done.seconds))


def _result(done: Done) -> dict[str, Any]:
    return {
        "recipe": done.recipe.name,
        "seed": done.run.seed,
        "seconds": round(done.seconds, 3),
        "reached": [each.facts() for each in done.run.reached],
    }


def check_command(names: Sequence[str], seeds: int, as_json: bool) -> bool:
    """Run recipes in full with several seeds; whether all reached their figures."""
    from lernwerk.cli.application import print_json

    check_ranges("lernwerk recipes check", {"--seeds": seeds}, {"--seeds": COUNT})
    results: list[dict[str, Any]] = []
    good = True
    for chosen in [recipe(each) for each in names] or recipes():
        runs = [execute(chosen, seed, quiet=True) for seed in range(1, seeds + 1)]
        good = good and all(done.met for done in runs)
        results += [_result(done) for done in runs]
        if not as_json:
            _report(runs)
    if as_json:
        print_json(results)
    return good


def _report(runs: Sequence[Done]) -> None:
    seconds = sorted(done.seconds for done in runs)[len(runs) // 2]
    typer.echo(f"{runs[0].recipe.name}  " + _("{seconds:.1f} s").format(seconds=seconds))
    for name, values in ranges(runs):
        verdict = _("reached") if values.met else _("not reached")
        typer.echo(f"  {name}: {values} ({values.reached[0].target}: {verdict})")
