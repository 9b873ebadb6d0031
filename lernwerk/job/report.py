"""The report of a training: one HTML file that needs nothing but itself.

It answers in this order: how good the model is, how it learned, where it fails, what was in the
data, what was decided and why, what the network is, and how to do it again. Text comes from an
``Outcome``, drawings from ``lernwerk.plots``, layout from ``templates/``. Nothing is measured here.
"""

from __future__ import annotations

import os
from datetime import datetime
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from lernwerk.job import html, report_mistakes, report_results, wording
from lernwerk.job.outcome import Outcome
from lernwerk.language import in_english
from lernwerk.utils.atomic import write_text


def write(outcome: Outcome, path: str | os.PathLike[str]) -> Path:
    """Write the report to a file, whole or not at all; FileError where that is impossible."""
    return write_text(path, render(outcome))


@in_english()
def render(outcome: Outcome) -> str:
    """The report as the text of one HTML page; equal outcomes give equal text."""
    return Template(_template("report.html")).substitute(
        title=html.escape(outcome.title),
        style=_template("report.css"),
        subtitle=html.escape(_subtitle(outcome)),
        created=html.escape(_created(outcome.created)),
        sections="".join(_sections(outcome)),
        colophon=html.escape(_colophon(outcome)),
    )


def _template(name: str) -> str:
    place = resources.files("lernwerk.job").joinpath("templates", name)
    return place.read_text(encoding="utf-8")


def _sections(outcome: Outcome) -> list[str]:
    right = "Right and wrong" if outcome.task == "classification" else "Predictions and errors"
    worst = "The worst mistakes" if outcome.task == "classification" else "The largest errors"
    page = (
        html.section("result", "Result", report_results.result(outcome)),
        html.section("learning", "Learning", report_results.learning(outcome)),
        html.section("answers", right, report_results.answers(outcome)),
        html.section("mistakes", worst, report_mistakes.mistakes(outcome)),
        html.section("data", "The data", _data(outcome)),
        html.section("decisions", "What was decided, and why", html.definitions(outcome.decisions)),
        html.section("network", "The network", _network(outcome)),
        html.section("again", "Doing it again", _again(outcome)),
    )
    # matplotlib's drawings name XML's vocabulary, which HTML knows without.
    return [part.replace(' xmlns="http://www.w3.org/2000/svg"', "") for part in page]


def _subtitle(outcome: Outcome) -> str:
    kinds = {"table": "a table", "pictures": "pictures", "arrays": "arrays"}
    return f"{outcome.task.capitalize()} of {kinds[outcome.kind]}: {outcome.data_name}"


def _created(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{moment.day} {moment:%B %Y}"
    return f"{day}, {moment:%H:%M}" if len(text) > len("2025-01-31") else day


def _colophon(outcome: Outcome) -> str:
    facts = [f"{name} {text}" for name, text in outcome.environment.items()]
    return " · ".join(facts)


def _data(outcome: Outcome) -> str:
    heads = ["column", "kind", "missing", "summary"]
    rows = [
        [_plain(column.get(name)) for name in ("name", *heads[1:])] for column in outcome.columns
    ]
    found = html.bullets(outcome.sentences)
    if not rows:
        return found
    markup = html.table(heads, rows, numbers=(2,))
    return found + html.folded(wording.counted(len(rows), "column"), markup, rows=len(rows))


def _network(outcome: Outcome) -> str:
    total = wording.counted(outcome.parameters, "parameter")
    sentence = f"{wording.counted(len(outcome.layers), 'layer')}, {total}."
    if not outcome.layers:
        return html.paragraph(total + ".")
    markup = html.table(["layer", "output shape", "parameters"], outcome.layers, numbers=(2,))
    rows = len(outcome.layers)
    return html.paragraph(sentence) + html.folded(f"All {rows} layers", markup, rows=rows)


def _again(outcome: Outcome) -> str:
    parts = []
    if outcome.command:
        parts += [html.paragraph("The same training once more:"), html.command(outcome.command)]
    if outcome.predict_command:
        parts += [
            html.paragraph("Predictions with the model:"),
            html.command(outcome.predict_command),
        ]
    settings = _facts("setting", outcome.settings)
    environment = _facts("made with", outcome.environment)
    return "".join(parts) + html.group(settings + environment, "pair")


def _facts(title: str, facts: dict[str, Any]) -> str:
    if not facts:
        return ""
    return html.table([title, ""], [(name, _plain(value)) for name, value in facts.items()])


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    return str(value)
