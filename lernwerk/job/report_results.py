"""The first sections of a report: how good the model is, how it learned, and where it is wrong.

Each function turns an ``Outcome`` into the markup of one section; ``report`` puts them together.
"""

from __future__ import annotations

import math

import numpy as np

from lernwerk.job import html, wording
from lernwerk.job.measures import class_scores, confidences, most_confused, wilson_interval
from lernwerk.job.outcome import Array, Outcome
from lernwerk.plots import (
    class_indices,
    class_names_of,
    confusion_matrix,
    count_confusions,
    figure_to_svg,
    finite_pairs,
    learning_curves,
    measures,
    predictions_against_truth,
    residuals,
)
from lernwerk.plots.matrix import NUMBERED_CLASSES

# The panels that fit on a screen; a history can hold a dozen metrics.
CURVES = 4


def noun(outcome: Outcome, count: int) -> str:
    """The held-back things by number and name."""
    return wording.counted(count, "picture" if outcome.kind == "pictures" else "row")


def result(outcome: Outcome) -> str:
    """Big figures, what they mean in a sentence, and all scores beside the baseline's."""
    parts = [html.group("".join(_big_figures(outcome)), "figures"), html.paragraph(lead(outcome))]
    parts += [html.group(html.bullets(outcome.warnings), "mind")]
    if len(outcome.scores) > 1:
        parts.append(_score_table(outcome))
    return "".join(parts)


def lead(outcome: Outcome) -> str:
    """The result in one or two sentences."""
    if not np.size(outcome.true):
        return "No rows were held back, so nothing can be said about new data."
    describe = _lead_classes if outcome.task == "classification" else _lead_numbers
    return f"{describe(outcome)} {_against_baseline(outcome)}".strip()


def _lead_classes(outcome: Outcome) -> str:
    true, predicted = answer_indices(outcome)
    rows, right = true.size, int(np.sum(true == predicted))
    low, high = wilson_interval(right, rows)
    return (
        f"Of {noun(outcome, rows)} held back from training, the model named "
        f"{wording.number(right)} correctly. On new data of "
        f"the same kind the rate lies between "
        f"{wording.percent(low)} and {wording.percent(high)} (95{wording.THIN_SPACE}% interval)."
    )


def _lead_numbers(outcome: Outcome) -> str:
    true, predicted = finite_pairs(outcome.true, outcome.predicted)
    if not true.size:
        return "None of the predictions is a finite number: the training diverged."
    errors = np.abs(predicted - true)
    half, most = np.quantile(errors, [0.5, 0.9])
    return (
        f"On {noun(outcome, np.size(outcome.true))} held back from training, the predictions are "
        f"off by {wording.number(float(errors.mean()))} on average; half of the errors are below "
        f"{wording.number(float(half))}, nine in ten below {wording.number(float(most))}."
    )


def _against_baseline(outcome: Outcome) -> str:
    name = outcome.headline
    if name not in outcome.baseline:
        return ""
    value = wording.score(name, outcome.baseline[name])
    guess = outcome.baseline_name or "the baseline"
    return (
        f"The obvious guess, {guess}, has {_article(name)}{wording.measure_name(name)} of {value}."
    )


def _article(name: str) -> str:
    word = wording.measure_name(name)
    return "" if word.startswith("R") else "an " if word[0] in "aeiou" else "a "


def _big_figures(outcome: Outcome) -> list[str]:
    name = outcome.headline
    parts = []
    if name:
        score = wording.score(name, outcome.scores[name])
        parts.append(_big(score, "held back", wording.measure_name(name), "main"))
    if name in outcome.baseline:
        baseline = wording.score(name, outcome.baseline[name])
        parts.append(_big(baseline, "baseline", outcome.baseline_name))
    split = ", ".join(f"{wording.number(rows)} {part}" for part, rows in outcome.split.items())
    rows = outcome.rows or int(np.size(outcome.true))
    parts.append(_big(wording.number(rows), _rows_name(outcome), split))
    return [*parts, _big(wording.duration(outcome.seconds), "training", _epochs(outcome))]


def _rows_name(outcome: Outcome) -> str:
    return "pictures" if outcome.kind == "pictures" else "rows"


def _big(value: str, label: str, note: str, kind: str = "") -> str:
    return (
        f'<div class="big {kind}"><span class="label">{html.escape(label)}</span>'
        f'<span class="value">{html.escape(value)}</span>'
        f'<span class="note">{html.escape(note)}</span></div>'
    )


def _epochs(outcome: Outcome) -> str:
    count = max(map(len, outcome.history.values()), default=0)
    best = f", best {outcome.best_epoch}" if outcome.best_epoch else ""
    return wording.counted(count, "epoch") + best


def _score_table(outcome: Outcome) -> str:
    rows = [
        (
            wording.measure_name(name),
            wording.score(name, value),
            wording.score(name, outcome.baseline[name]) if name in outcome.baseline else "–",
        )
        for name, value in outcome.scores.items()
    ]
    return html.table(["on held-back data", "model", "baseline"], rows, numbers=(1, 2))


def learning(outcome: Outcome) -> str:
    """A curve for loss and each metric, and why it ended."""
    names = measures(outcome.history)[:CURVES]
    drawings = [html.figure(_curve(outcome, *pair)) for pair in enumerate(names)]
    return html.group("".join(drawings), "pair") + html.paragraph(_learning_words(outcome))


def _curve(outcome: Outcome, index: int, name: str) -> str:
    figure = learning_curves(outcome.history, outcome.best_epoch or None, only=name)
    return figure_to_svg(figure, label=f"{name} of every epoch", prefix=f"curve-{index}")


def _learning_words(outcome: Outcome) -> str:
    words = [outcome.stopped]
    if outcome.best_epoch:
        words.append(f"The weights of epoch {outcome.best_epoch} were kept.")
    if len(outcome.epoch_seconds):
        typical = float(np.median(outcome.epoch_seconds))
        words.append(f"An epoch took {wording.duration(typical)} (median).")
    return " ".join(word for word in words if word)


def answers(outcome: Outcome) -> str:
    """Where the model is right and wrong: a matrix of classes, or predictions over truth."""
    if not np.size(outcome.true):
        return ""
    return _class_answers(outcome) if outcome.task == "classification" else _values(outcome)


def _names(outcome: Outcome) -> list[str]:
    if outcome.class_names is not None:
        return outcome.class_names
    return class_names_of(outcome.true, outcome.predicted)


def answer_indices(outcome: Outcome) -> tuple[Array, Array]:
    names = _names(outcome)
    return class_indices(outcome.true, names), class_indices(outcome.predicted, names)


def _class_answers(outcome: Outcome) -> str:
    names = _names(outcome)
    counts = count_confusions(outcome.true, outcome.predicted, names)
    drawing = figure_to_svg(
        confusion_matrix(outcome.true, outcome.predicted, names),
        label="Confusion matrix: true classes in rows, predicted ones in columns",
        prefix="confusion",
    )
    caption = "Rows are the true classes, columns the model's answers. Blue is right, orange wrong."
    kind = "wide" if len(names) > NUMBERED_CLASSES else ""
    beside = _confused(counts, names) + html.paragraph(_confidence_words(outcome))
    first = html.group(html.figure(drawing, caption, kind) + html.group(beside, "side"), "beside")
    return first + _class_table(counts, names)


def _confused(counts: Array, names: list[str]) -> str:
    rows = [(names[true], names[said], times) for true, said, times in most_confused(counts)]
    if not rows:
        return html.paragraph("Every held-back answer is right.")
    return html.paragraph("Most often confused:") + html.table(
        ["true", "taken for", "times"], rows, numbers=(2,)
    )


def _confidence_words(outcome: Outcome) -> str:
    sure = confidences(outcome.probabilities)
    true, predicted = answer_indices(outcome)
    if sure is None or sure.size != true.size or not np.isfinite(sure).all():
        return ""
    right = true == predicted
    words = []
    if right.any():
        words.append(f"Where it was right, the model was {_sure(sure[right])} sure on average")
    if not right.all():
        start = "where it was wrong" if words else "Where it was wrong, the model was"
        words.append(f"{start} {_sure(sure[~right])}" + ("" if words else " sure on average"))
    return ", ".join(words) + "."


def _sure(values: Array) -> str:
    return wording.percent(float(values.mean()))


def _class_table(counts: Array, names: list[str]) -> str:
    rows = [
        (
            score.name,
            wording.number(score.rows),
            _share(score.precision),
            _share(score.recall),
            _share(score.f1),
        )
        for score in class_scores(counts, names)
    ]
    heads = ["class", "held back", "precision", "recall", "F1"]
    markup = html.table(heads, rows, numbers=(1, 2, 3, 4))
    note = html.paragraph(
        "Precision: how many of the answers of this class were right. Recall: how many of its rows "
        "were found. F1: the harmonic mean of both.",
        "note",
    )
    return (
        html.folded(f"Precision and recall of all {len(rows)} classes", markup, rows=len(rows))
        + note
    )


def _share(value: float) -> str:
    return "–" if math.isnan(value) else wording.percent(value)


def _values(outcome: Outcome) -> str:
    drawings = [
        figure_to_svg(
            predictions_against_truth(outcome.true, outcome.predicted),
            label="Predictions over true values",
            prefix="truth",
        ),
        figure_to_svg(
            residuals(outcome.true, outcome.predicted),
            label="Predicted minus true over the prediction",
            prefix="residuals",
        ),
    ]
    captions = [
        "A perfect prediction lies on the dotted line.",
        "Above the line: predicted too high.",
    ]
    pairs = zip(drawings, captions, strict=True)
    return html.group("".join(html.figure(*pair) for pair in pairs), "pair")
