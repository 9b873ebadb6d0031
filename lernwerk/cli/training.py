"""``lernwerk train``: runs the job and says on the terminal what came out."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import typer

from lernwerk.job.outcome import Outcome
from lernwerk.job.request import Request
from lernwerk.job.run import train
from lernwerk.job.wording import counted, duration, measure_name, score


def train_command(as_json: bool, **arguments: Any) -> None:
    """Train and print the result; with ``as_json`` one JSON object on standard output."""
    from lernwerk.cli.application import print_json

    if not as_json:
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    warnings.showwarning = lambda text, *rest, **more: typer.echo(f"Note: {text}", err=True)
    quiet = (lambda line: None) if as_json else typer.echo
    outcome, folder = train(Request(**arguments), quiet, 0 if as_json else "auto")
    if as_json:
        print_json({**outcome.summary(), "folder": str(folder)})
        return
    for line in result_lines(outcome, folder):
        typer.echo(line)


def result_lines(outcome: Outcome, folder: Path) -> list[str]:
    """What is printed at the end: score beside baseline, time, files."""
    held_back = counted(outcome.split.get("held back", 0), "held-back row")
    lines = [outcome.stopped]
    for name, value in outcome.scores.items():
        beside = score(name, outcome.baseline[name])
        lines.append(
            f"{measure_name(name).capitalize()} on {held_back}: {score(name, value)} "
            f"(baseline, {outcome.baseline_name}: {beside})"
        )
    lines.append(f"Done in {duration(outcome.seconds)}. Written to {folder}/: model.keras, "
                 "history.csv, report.html")  # fmt: skip
    lines.append(f"Predict: {outcome.predict_command}")
    return lines
