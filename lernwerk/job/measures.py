"""The few statistics that a report adds to the scores of a training.

Everything here is arithmetic on held-back answers; scores that a training minimises or reports
while it runs are ``lernwerk.metrics``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ClassScore:
    """One class: its rows, precision tp/(tp+fp), recall tp/(tp+fn) and their harmonic mean F1.

    A share of nothing (a class never predicted, or without rows) is NaN.
    """

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


def class_scores(counts: Array, class_names: list[str]) -> list[ClassScore]:
    """The scores of every class from a confusion matrix of shape (k, k), true by predicted."""
    return [_class_score(counts, index, name) for index, name in enumerate(class_names)]


def _class_score(counts: Array, index: int, name: str) -> ClassScore:
    right = int(counts[index, index])
    rows, answers = int(counts[index].sum()), int(counts[:, index].sum())
    return ClassScore(
        name=name,
        rows=rows,
        precision=_share(right, answers),
        recall=_share(right, rows),
        f1=_share(2 * right, rows + answers),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def most_confused(counts: Array, limit: int = 5) -> list[tuple[int, int, int]]:
    """The most frequent mistakes as (true class, predicted class, how often), most often first."""
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:limit]
    pairs = [divmod(int(position), len(counts)) for position in order]
    return [
        (row, column, int(mistakes[row, column])) for row, column in pairs if mistakes[row, column]
    ]


def wilson_interval(right: int, rows: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share that was counted on ``rows`` rows.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)

    Source: Wilson 1927, Journal of the American Statistical Association 22:209
    """
    share = right / rows
    center = share + z**2 / (2 * rows)
    spread = z * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    scale = 1 + z**2 / rows
    return max((center - spread) / scale, 0.0), min((center + spread) / scale, 1.0)


def confidences(probabilities: Array | None) -> Array | None:
    """The probability of the answer that was given, one a row.

    Shapes: (n, k) -> (n); (n) and (n, 1) hold the second of two classes -> (n)
    """
    if probabilities is None:
        return None
    array = np.asarray(probabilities, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] > 1:
        return np.asarray(array.max(axis=1))
    second = array.ravel()
    return np.asarray(np.maximum(second, 1 - second))
