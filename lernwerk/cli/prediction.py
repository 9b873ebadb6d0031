"""``lernwerk predict``: raw input through a saved model, as a table or as JSON."""

from __future__ import annotations

from typing import Any

import typer

from lernwerk.job.bundle import load_bundle
from lernwerk.job.prediction_input import read_inputs


def predict_command(model: str, inputs: list[str], as_json: bool) -> None:
    """Print a prediction for each row."""
    from lernwerk.cli.application import print_json

    bundle = load_bundle(model)
    given = read_inputs(bundle.encoder, inputs)
    answers = bundle.answers(given.inputs)
    notes = [*given.notes, *bundle.encoder.warnings]
    if as_json:
        rows = [{"input": label, **a} for label, a in zip(given.labels, answers, strict=True)]
        print_json({"predictions": rows, "skipped": given.skipped, "notes": notes})
        return
    for note in notes:
        typer.echo(f"Note: {note}", err=True)
    width = max(map(len, given.labels))
    for label, answer in zip(given.labels, answers, strict=True):
        typer.echo(f"{label:<{width}}  {answer_text(answer)}")


def answer_text(answer: dict[str, Any]) -> str:
    """A class with its probability, or a value."""
    if "probability" not in answer:
        return f"{answer['prediction']:.6g}"
    return f"{answer['prediction']}  ({100 * answer['probability']:.1f} %)"
