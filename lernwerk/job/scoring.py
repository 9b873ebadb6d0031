"""How good a model is on held-back rows, beside the obvious guess, and where it is most wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lernwerk.job.cells import as_text
from lernwerk.job.outcome import Mistake, plain
from lernwerk.job.preparation import Part, Prepared
from lernwerk.models import Model
from lernwerk.ops.primitive import Array

WORST = 24  # mistakes kept for the report


@dataclass(frozen=True)
class Scored:
    """Scores, baseline, and for every held-back row truth and answer."""

    scores: dict[str, float]
    baseline: dict[str, float]
    baseline_name: str
    true: Array
    predicted: Array
    probabilities: Array | None
    mistakes: list[Mistake]


def score(model: Model, prepared: Prepared) -> Scored:
    """Judge the model on the rows that no decision has seen."""
    output = model.predict(prepared.test.x, batch_size=256)
    if prepared.raw.task == "classification":
        return _classification(output, prepared)
    return _regression(output, prepared)


def _classification(output: Array, prepared: Prepared) -> Scored:
    true, predicted = prepared.test.y, output.argmax(axis=1)
    majority = int(np.bincount(prepared.training.y).argmax())
    names = prepared.codec.class_names or []
    return Scored(
        {"accuracy": float((predicted == true).mean())},
        {"accuracy": float((true == majority).mean())},
        f"always the largest class, '{names[majority]}'",
        true, predicted, output, _wrong_classes(output, prepared),
    )  # fmt: skip


def _regression(output: Array, prepared: Prepared) -> Scored:
    true = prepared.raw.targets[prepared.test.rows].astype(np.float64)
    predicted = prepared.codec.decode(output[:, 0]).astype(np.float64)
    guess = np.full_like(true, prepared.codec.mean)
    return Scored(
        errors(true, predicted), errors(true, guess),
        f"always the mean of the training rows, {prepared.codec.mean:.4g}",
        true, predicted, None, _largest_errors(true, predicted, prepared),
    )  # fmt: skip


def errors(true: Array, predicted: Array) -> dict[str, float]:
    """The measures of a regression, in the unit of the target but r2 = 1 - SSE / SST."""
    wrong = predicted - true
    spread = float(((true - true.mean()) ** 2).sum())
    explained = 1 - float((wrong**2).sum()) / spread if spread else float("nan")
    return {
        "r2": explained,
        "mae": float(np.abs(wrong).mean()),
        "rmse": float(np.sqrt((wrong**2).mean())),
    }


def _wrong_classes(output: Array, prepared: Prepared) -> list[Mistake]:
    predicted = output.argmax(axis=1)
    wrong = np.flatnonzero(predicted != prepared.test.y)
    worst = wrong[np.argsort(-output[wrong, predicted[wrong]], kind="stable")][:WORST]
    names = prepared.codec.class_names or []
    show = _shower(prepared, prepared.test)
    return [
        Mistake(
            _row_title(prepared, i), names[prepared.test.y[i]], names[predicted[i]],
            probability=float(output[i, predicted[i]]), **show(i),
        )
        for i in worst
    ]  # fmt: skip


def _largest_errors(true: Array, predicted: Array, prepared: Prepared) -> list[Mistake]:
    worst = np.argsort(-np.abs(predicted - true), kind="stable")[:WORST]
    show = _shower(prepared, prepared.test)
    return [
        Mistake(
            _row_title(prepared, i), float(true[i]), float(predicted[i]),
            error=float(predicted[i] - true[i]), **show(i),
        )
        for i in worst
    ]  # fmt: skip


def _row_title(prepared: Prepared, index: int) -> str:
    row = int(prepared.test.rows[index])
    inputs = prepared.raw.inputs
    return inputs[row].name if isinstance(inputs, list) else f"row {row + 1}"


def _shower(prepared: Prepared, part: Part) -> Callable[[int], dict[str, Any]]:
    """What the report shows of a row: its picture, or its columns."""

    def show(index: int) -> dict[str, Any]:
        if prepared.raw.kind == "pictures":
            return {"picture": np.clip(part.x[index], 0, 255).astype(np.uint8)}
        if prepared.raw.kind == "table":
            frame = prepared.raw.take([int(part.rows[index])])
            return {"row": {str(name): _cell(frame[name].iloc[0]) for name in frame.columns}}
        return {}

    return show


def _cell(value: Any) -> Any:
    """A cell for the report: numbers and truth values as they are, dates and texts as text."""
    import pandas as pd

    if pd.isna(value):
        return None
    value = plain(value)
    if isinstance(value, (bool, int, float)):
        return value
    return as_text(value).removesuffix(" 00:00:00")  # a date without a time of day
