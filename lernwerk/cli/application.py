"""Commands and their options, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Annotated, Any

import typer

from lernwerk.errors import LernwerkError

application = typer.Typer(
    name="lernwerk",
    help="Deep learning you can see through.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
FAILED, INTERRUPTED = 1, 130

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]

RecipeName = Annotated[str, typer.Argument(help="As ``lernwerk recipes`` lists it.")]


@application.command()
def train(
    data: Annotated[str, typer.Argument(help="Named data set, CSV/TSV/Parquet file, folder with "
                                        "one sub-folder of pictures per class, or .npz with x "
                                        "and y.")],
    target: Annotated[str | None, typer.Option(help="The column to predict (tables).")] = None,
    task: Annotated[str | None, typer.Option(help="classification or regression.")] = None,
    model: Annotated[str | None, typer.Option(help="linear, dense, lstm, cnn, small_cnn, or a "
                                                 "Python file with build(input_shape, outputs)."
                                                 )] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the results [runs/NAME].")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished training.")
                      ] = False,
    epochs: Annotated[int | None, typer.Option(help="Most epochs.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Adam's first rate.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better validation loss "
                                                    "before it stops.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Train a model on DATA, check it on held-back rows, write model, history and report."""
    from lernwerk.cli.training import train_command

    train_command(
        as_json, data=data, target=target, task=task, model=model, out=out, seed=seed,
        resume=resume, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
        patience=patience,
    )  # fmt: skip


@application.command()
def predict(
    model: Annotated[str, typer.Argument(help="model.keras, or the folder it lies in.")],
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Pictures, a folder of "
                                                "them, a table, one row as JSON, .npz, or - for "
                                                "standard input.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Predict for raw input with a model that ``lernwerk train`` wrote."""
    from lernwerk.cli.prediction import predict_command

    predict_command(model, inputs, as_json)


@application.command()
def graph(
    model: Annotated[str, typer.Argument(help="A .keras file, or the folder of a training.")],
    step: Annotated[str, typer.Option(help="predict, train or test; the last two need a model "
                                      "that was compiled.")] = "predict",
    batch: Annotated[int, typer.Option(help="Rows a step.")] = 32,
    svg: Annotated[str | None, typer.Option(metavar="FILE", help="Draw it into this file.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="As it was traced, before any pass.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Show the operations of a step: shapes, layers, memory, work, and where each one runs."""
    from lernwerk.cli.graph import graph_command

    graph_command(model, step, batch, svg, raw, as_json)


@application.command(
    "run",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
def run_file(
    file: Annotated[str, typer.Argument(metavar="SCRIPT.py|NOTEBOOK.ipynb",
                                        help="A program or notebook written for Keras.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[ARGUMENTS]...",
                                                          help="Those of the program.")] = None,
    out: Annotated[str | None, typer.Option(help="Folder for the figures of a program; the file "
                                            "for an executed notebook.")] = None,
    seed: Annotated[int | None, typer.Option(help="Same seed, same result.")] = None,
) -> None:  # fmt: skip
    """Run a program or notebook that was written for Keras, unchanged, on Lernwerk."""
    from lernwerk.cli.running import run_command

    run_command(file, arguments or [], out, seed)


recipes = typer.Typer(
    help="Small complete programs, from the first neuron on: list, show, run, check.",
    invoke_without_command=True,
    rich_markup_mode=None,
)
application.add_typer(recipes, name="recipes")


@recipes.callback()
def list_recipes(context: typer.Context, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the recipes by topic."""
    from lernwerk.cli.recipes import list_command

    if context.invoked_subcommand is None:
        list_command(as_json)


@recipes.command("show")
def show_recipe(name: RecipeName, debug: Debug = False) -> None:
    """Print the annotated program of a recipe."""
    from lernwerk.cli.recipes import show_command

    show_command(name)


@recipes.command("run")
def run_recipe(
    name: RecipeName,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 1,
    short: Annotated[bool, typer.Option("--short", help="The short form that tests run.")] = False,
    out: Annotated[str | None, typer.Option(help="Folder for the pictures [runs/recipes/NAME]."
                                            )] = None,
    notebook: Annotated[bool, typer.Option("--notebook", help="Write it as a notebook too.")
                        ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Run a recipe; print its figures beside those to reach, write its pictures."""
    from lernwerk.cli.recipes import run_command

    run_command(name, seed, short, out, notebook, as_json)


@recipes.command("check")
def check_recipes(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All without one."
                                                      )] = None,
    seeds: Annotated[int, typer.Option(help="Runs with the seeds 1 to this.")] = 5,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Run recipes in full over several seeds; exit code 1 where a figure was not reached."""
    from lernwerk.cli.recipes import check_command

    if not check_command(names or [], seeds, as_json):
        sys.exit(FAILED)


@application.command()
def glossary(
    words: Annotated[list[str] | None, typer.Argument(metavar="[TERM]", help="English or German; "
                                                      "all are listed without one.")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Explain a term of the field in English and German."""
    from lernwerk.cli.glossary import glossary_command

    glossary_command(words or [], as_json)


@application.command()
def info(as_json: AsJson = False, debug: Debug = False) -> None:
    """Show version, engines, threads, processor and settings."""
    from lernwerk.job.environment import environment, setting_lines

    facts = {**environment(), "settings": setting_lines()}
    if as_json:
        print_json(facts)
        return
    width = max(map(len, [*facts, *setting_lines()]))
    for name, value in {**environment(), **setting_lines()}.items():
        typer.echo(f"{name:<{width}}  {value}")


def print_json(value: Any) -> None:
    """The one line of output of ``--json``."""
    typer.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def run() -> None:
    """Run the command line: errors become one line on standard error and exit code 1 (usage 2)."""
    try:
        application()
    except LernwerkError as error:
        _fail(error, str(error), FAILED)
    except KeyboardInterrupt as error:
        _fail(error, "Interrupted; finished files are as they were.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except MemoryError as error:
        line = f"memory: expected enough for the data, got a refusal ({error})."
        _fail(error, line, FAILED)
    except OSError as error:
        _fail(error, f"{error.filename or 'system'}: {error.strerror or error}", FAILED)


def _fail(error: BaseException, line: str, code: int) -> None:
    if "--debug" in sys.argv:
        traceback.print_exception(error)
    text = " ".join(line.split())
    if "--json" in sys.argv:
        print_json({"error": text})
    typer.echo(f"Error: {text}", err=True)
    sys.exit(code)
