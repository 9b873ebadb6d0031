"""The record of a training: what it refuses, and its form in JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from lernwerk.errors import ArgumentError, DataError
from lernwerk.job.outcome import Outcome

EMPTY: dict[str, Any] = {
    "title": "t",
    "task": "regression",
    "data_name": "d",
    "kind": "arrays",
    "created": "",
    "sentences": [],
    "columns": [],
    "decisions": [("scaling", "ranges differ")],
    "layers": [],
    "parameters": np.int64(3),
    "history": {"loss": [np.float32(0.5), math.nan]},
    "best_epoch": 1,
    "epoch_seconds": [],
    "seconds": 1.0,
    "stopped": "",
    "scores": {"mae": 1.0, "rmse": 2.0},
    "baseline": {},
    "baseline_name": "",
    "true": np.zeros(2),
    "predicted": np.zeros(2),
}


def test_summary_is_json_without_arrays() -> None:
    summary = Outcome(**EMPTY, split={"training": 5, "held back": 2}).summary()
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["history"] == {"loss": [0.5, None]}
    assert summary["parameters"] == 3
    assert summary["decisions"] == [["scaling", "ranges differ"]]
    assert not {"true", "predicted", "probabilities", "examples"} & set(summary)


def test_the_first_score_is_the_headline_and_rows_are_counted() -> None:
    outcome = Outcome(**EMPTY, split={"training": 5, "held back": 2})
    assert (outcome.headline, outcome.rows) == ("mae", 7)
    assert Outcome(**EMPTY | {"scores": {}}).headline == ""


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"task": "clasification"},
            ArgumentError,
            "outcome: expected the name of a known task, got 'clasification'. "
            "Did you mean 'classification'?",
        ),
        (
            {"kind": "picture"},
            ArgumentError,
            "outcome: expected the name of a known kind, got 'picture'. Did you mean 'pictures'?",
        ),
        ({"true": np.zeros(3)}, DataError, "outcome: expected 3 predictions, got 2."),
    ],
)
def test_what_cannot_be_is_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Outcome(**EMPTY | change)
    assert str(caught.value) == message
