"""The target decides the task, or is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lernwerk.errors import ArgumentError, DataError, LernwerkError
from lernwerk.job.cells import comma_numbers, plain_numbers
from lernwerk.job.target_reading import Target, read_target


def read(values: Any, task: str | None = None) -> Target:
    return read_target("t.csv", pd.Series(values, name="y"), [plain_numbers, comma_numbers], task)


MANY = [str(i) for i in range(40)]


@pytest.mark.parametrize(
    ("values", "task", "kind", "reason"),
    [
        (["a", "b"] * 5, "classification", "U",
         "It is a classification: 'y' holds 2 different values, not numbers."),
        (["yes", "no"] * 5, "classification", "U",
         "It is a classification: 'y' holds 2 different values, not numbers."),
        ([True, False] * 5, "classification", "b",
         "It is a classification: 'y' holds 2 different values, not numbers."),
        (["0", "1"] * 3, "classification", "i",
         "It is a classification: 'y' holds whole numbers with only 2 different values "
         "(--task regression changes that)."),
        ([1.0, 2.0, 3.0] * 10, "classification", "i",
         "It is a classification: 'y' holds whole numbers with only 3 different values "
         "(--task regression changes that)."),
        ([1, 2, 3] * 9, "regression", "f",
         "It is a regression: 'y' holds numbers with 3 different values "
         "(--task classification changes that)."),
        (MANY, "regression", "f",
         "It is a regression: 'y' holds numbers with 40 different values "
         "(--task classification changes that)."),
        (["1,5", "2,5"], "regression", "f",
         "It is a regression: 'y' holds numbers with fractions."),
        (["1", "2", "3", "x"] * 9, "classification", "U",
         "It is a classification: 'y' holds 4 different values, not numbers."),
        (["none", "mild", "-"] * 4, "classification", "U",
         "It is a classification: 'y' holds 3 different values, not numbers."),
    ],
)  # fmt: skip
def test_rule(values: Any, task: str, kind: str, reason: str) -> None:
    target = read(values)
    assert (target.task, target.values.dtype.kind, target.reason) == (task, kind, reason)
    assert len(target.values) == len(values)
    assert (target.class_names is None) == (task == "regression")


def test_override() -> None:
    target = read([1, 2, 3] * 5, "classification")
    assert target.task == "classification"
    assert target.reason == "It is a classification because you said so ('y')."
    assert target.class_names == ("1", "2", "3")
    other = read([0, 1] * 5, "regression")
    assert other.values.dtype == np.float64
    assert other.reason == "It is a regression because you said so ('y')."


def test_rows_without_target_are_left_out() -> None:
    target = read(["a", "", "b", None, "a", "b", "N/A"])
    assert target.rows.tolist() == [0, 2, 4, 5]
    assert target.values.tolist() == ["a", "b", "a", "b"]
    assert [note.replace("\N{NARROW NO-BREAK SPACE}", " ") for note in target.notes] == [
        "3 rows (42.9 %) without a target 'y' were left out."
    ]


def test_slips_among_many_numbers_are_missing() -> None:
    target = read([*MANY, "oops"])
    assert target.task == "regression"
    assert len(target.values) == 40
    assert target.notes[0] == "Target 'y': 'oops' is no number and counts as missing."


@pytest.mark.parametrize("values", [[1.0, np.nan, 2.5], pd.array([1, None, 2], dtype="Int64")])
def test_gaps_in_typed_columns(values: Any) -> None:
    assert read(values, "regression").rows.tolist() == [0, 2]


def test_gaps_in_truth_values() -> None:
    target = read(pd.array([True, None, False, True], dtype="boolean"))
    assert target.values.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        (["", None], None,
         "t.csv: expected values in the target column 'y', got only missing ones."),
        (["a"] * 5, None,
         "t.csv: expected a target 'y' with at least two different values, got 'a' in every row."),
        ([3.0] * 5, None,
         "t.csv: expected a target 'y' with at least two different values, got '3' in every row."),
        (list("abcdef"), None,
         "t.csv: expected classes that repeat in the target 'y', got 6 different ones in 6 rows. "
         "Choose another column with --target."),
        (MANY, "classification",
         "t.csv: expected classes that repeat in the target 'y', got 40 different ones in 40 rows. "
         "Use --task regression."),
        (["a", "b"] * 5, "regression",
         "t.csv: expected numbers in the target 'y' of a regression, got 'a'. "
         "Use --task classification."),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), None,
         "t.csv: expected numbers or classes in the target column 'y', got dates. "
         "Turn them into a number first, such as the days since a fixed date."),
    ],
)  # fmt: skip
def test_refused(values: Any, task: str | None, message: str) -> None:
    with pytest.raises(DataError) as error:
        read(values, task)
    assert str(error.value) == message


def test_unknown_task() -> None:
    with pytest.raises(ArgumentError) as error:
        read(["a", "b"], "regresion")
    assert str(error.value) == (
        "t.csv: expected the name of a known task, got 'regresion'. Did you mean 'regression'?"
    )
    assert isinstance(error.value, LernwerkError)
