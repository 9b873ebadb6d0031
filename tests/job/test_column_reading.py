"""How columns get their kinds, and what counts as missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lernwerk.job.column_reading import kind_of, read_column, type_table

TEN = [str(i) for i in range(1, 11)]


def typed(values: list[Any], separator: str = ",") -> pd.Series:
    return type_table(pd.DataFrame({"a": values}), separator).frame["a"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", ""], "number"),
        ([1, 2.5, None], "number"),
        ([*TEN, "?"], "number"),
        ([*TEN, "oops"], "number"),
        ([*TEN, "oops", "x", "y", "z"], "category"),
        (["1", "x", "y", "2"], "category"),
        (["yes", "No", ""], "boolean"),
        ([True, None, False], "boolean"),
        (["2024-01-31", "2023-05-01"], "date"),
        (["31.01.2024", "n/a", "1.2.2024"], "date"),
        (["red", "green", None], "category"),
        ([[1, 2], {"a": 1}], "category"),
        ([1 + 2j, 3j], "category"),
        ([None, None], "category"),
        (["", "?"], "category"),
        (pd.Categorical(["a", "b"]), "category"),
        (pd.array([1, None, 3], dtype="Int64"), "number"),
        (pd.to_timedelta(["1h", "2h"]), "number"),
        (pd.to_datetime(["2024-01-01"]).tz_localize("Europe/Berlin"), "date"),
    ],
)
def test_kinds(values: Any, kind: str) -> None:
    assert kind_of(typed(values)) == kind


def test_unreadable_cells_are_missing_and_named() -> None:
    table = type_table(pd.DataFrame({"age": [*TEN, *TEN, "?", "unknown"]}))
    assert table.notes == ["Column 'age': 2 cells ('?', 'unknown') count as missing."]
    assert table.missing_marks == {"age": ("unknown",)}
    assert table.frame["age"].isna().sum() == 2
    assert table.frame["age"].dtype == np.float64


def test_a_frequent_mark_among_many_numbers() -> None:
    values = [str(i) for i in range(30)] + ["unk"] * 10
    table = type_table(pd.DataFrame({"n": values}))
    assert kind_of(table.frame["n"]) == "number"
    assert table.missing_marks == {"n": ("unk",)}
    assert table.notes == ["Column 'n': 10 cells ('unk') count as missing."]


def test_infinity_is_missing() -> None:
    table = type_table(pd.DataFrame({"n": [1.0, np.inf, -np.inf]}))
    assert table.notes == ["Column 'n': 2 cells ('infinity') count as missing."]
    assert table.frame["n"].isna().tolist() == [False, True, True]


def test_more_marks_than_are_shown() -> None:
    values = [str(i) for i in range(50)] + ["a1", "b1", "c1", "d1"]
    table = type_table(pd.DataFrame({"n": values}))
    assert table.notes == ["Column 'n': 4 cells ('a1', 'b1', 'c1', ...) count as missing."]


def test_decimal_comma_decides_for_the_whole_file() -> None:
    frame = pd.DataFrame({"price": ["1,5", "2,25"], "people": ["1.234", "12.000"], "n": ["1", "2"]})
    table = type_table(frame, ";").frame
    assert table["price"].tolist() == [1.5, 2.25]
    assert table["people"].tolist() == [1234, 12000]
    assert table["n"].tolist() == [1, 2]


def test_comma_between_thousands_in_a_comma_file() -> None:
    assert typed(["1,234", "5,678.5", "7"]).tolist() == [1234, 5678.5, 7]


def test_point_stays_a_point_in_a_semicolon_file() -> None:
    assert typed(["1.5", "1.234"], ";").tolist() == [1.5, 1.234]


def test_spaces_around_texts_do_not_make_categories() -> None:
    column = typed(["a", " a", "b ", "b"])
    assert column.astype(str).tolist() == ["a", "a", "b", "b"]


def test_categories_keep_missing_cells() -> None:
    column = typed(["x", None, "?", "y"])
    assert column.isna().tolist() == [False, True, True, False]


def test_index_and_order_are_kept() -> None:
    column = pd.Series(["1", "2"], index=[7, 3], name="a")
    reading = read_column(column, [lambda texts: np.array([float(t) for t in texts])])
    assert reading.values.index.tolist() == [7, 3]


def test_the_input_is_not_changed() -> None:
    frame = pd.DataFrame({"a": [1.0, np.inf], "b": ["x", "?"]})
    before = frame.copy(deep=True)
    type_table(frame)
    pd.testing.assert_frame_equal(frame, before)
