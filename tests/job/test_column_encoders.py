"""Numbers, truth values and categories against scikit-learn and by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lernwerk.errors import DataError
from lernwerk.job.column_encoders import (
    BooleanColumn,
    CategoryColumn,
    NumberColumn,
    numbers_of,
)
from lernwerk.job.config_fields import Fields


def series(values: Any, name: str = "a") -> pd.Series:
    return pd.Series(values, name=name)


def through_json(column: Any) -> Any:
    fields = Fields("model", json.loads(json.dumps(column.config())))
    assert fields.text("kind") == column.kind
    again = type(column).from_fields(fields)
    fields.done()
    return again


def test_numbers_are_standardised_like_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="the oracle here")
    values = np.random.default_rng(0).normal(3, 5, 50)
    column = NumberColumn.fit(series(values))
    scaler = preprocessing.StandardScaler().fit(values[:, None])
    np.testing.assert_allclose(
        column.encode(series(values)), scaler.transform(values[:, None]), atol=1e-12
    )
    assert column.feature_names() == ["a"]
    assert column.decision() == "a number, standardised"


def test_gaps_become_the_median_and_a_mark() -> None:
    column = NumberColumn.fit(series([1.0, np.nan, 3.0, 8.0]))
    encoded = column.encode(series([np.nan, 3.0]))
    assert encoded[0, 0] == encoded[1, 0]
    assert encoded[:, 1].tolist() == [1, 0]
    assert column.feature_names() == ["a", "a is missing"]
    assert column.decision() == (
        "a number, 1 missing value is replaced by the median 3 and marked, standardised"
    )


def test_gap_that_the_training_did_not_know() -> None:
    column = NumberColumn.fit(series([1.0, 2.0, 3.0]))
    assert column.encode(series([None, 2.0])).tolist() == [[0.0], [0.0]]


def test_skewed_numbers_are_taken_as_logarithms() -> None:
    values = np.append(np.arange(1.0, 60), 1e6)
    column = NumberColumn.fit(series(values))
    logarithms = np.log1p(values)
    expected = (logarithms - logarithms.mean()) / logarithms.std()
    np.testing.assert_allclose(column.encode(series(values))[:, 0], expected)
    assert "its logarithm is taken because a few values are very large" in column.decision()
    assert np.isfinite(column.encode(series([-5.0]))).all()


def test_numbers_from_texts() -> None:
    column = NumberColumn.fit(series([1.0, 2.0, 3.0]), ["unk"])
    assert numbers_of(series(["1,5", 2, "2.5", "?", None, "unk"]), ["unk"])[:3].tolist() == [
        1.5, 2, 2.5,
    ]  # fmt: skip
    assert column.encode(series(["2", "unk"])).tolist() == [[0.0], [0.0]]
    with pytest.raises(DataError) as error:
        column.encode(series([1, "abc"]))
    assert str(error.value) == "column 'a', row 2: expected a number, got 'abc'."
    with pytest.raises(DataError, match=r"got 'x{37}\.\.\.'"):
        column.encode(series(["x" * 50]))


def test_truth_values() -> None:
    column = BooleanColumn.fit(series([True, None, False, True]).astype("boolean"))
    assert column.encode(series(["yes", "nein", None, 1])).tolist() == [
        [1, 0], [0, 0], [1, 1], [1, 0],
    ]  # fmt: skip
    assert column.feature_names() == ["a", "a is missing"]
    assert column.decision() == (
        "true or false, as 1 or 0, 1 missing value is replaced by 'true', the usual value, "
        "and marked"
    )
    with pytest.raises(DataError) as error:
        column.encode(series(["maybe"]))
    assert str(error.value) == "column 'a', row 1: expected true or false, got 'maybe'."


def test_categories_are_one_hot_like_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="the oracle here")
    values = np.random.default_rng(0).choice(["red", "green", "blue"], 60)
    column = CategoryColumn.fit(series(values))
    theirs = preprocessing.OneHotEncoder(sparse_output=False).fit_transform(values[:, None])
    np.testing.assert_array_equal(column.encode(series(values)), theirs)
    assert column.feature_names() == ["a = blue", "a = green", "a = red"]
    assert column.decision() == "a category, one input for each of blue, green, red"


def test_gaps_and_rare_categories() -> None:
    values = ["x"] * 30 + ["y"] * 20 + ["once"] + [None] * 2
    column = CategoryColumn.fit(series(values))
    assert column.feature_names() == ["a = x", "a = y", "a = other", "a is missing"]
    encoded = column.encode(series(["y", "once", "never", None]))
    assert encoded.tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert column.unknown(series(["never"])) == []
    assert column.decision() == (
        "a category, one input for each of x, y, 1 row of rare ones share another, "
        "2 missing values marked in one more"
    )


def test_unknown_category_without_rare_ones_is_none_of_the_known() -> None:
    column = CategoryColumn.fit(series(["x", "y", "x"]))
    assert column.encode(series(["z", None, "x"])).tolist() == [[0, 0], [0, 0], [1, 0]]
    assert column.unknown(series(["z", "x", None])) == ["z"]


def test_only_the_most_frequent_categories_are_kept() -> None:
    values = [str(i) for i in range(40) for _ in range(40 - i)]
    column = CategoryColumn.fit(series(values))
    assert len(column.categories) == 30
    assert set(column.categories) == {str(i) for i in range(30)}
    assert column.other == sum(40 - i for i in range(30, 40))
    assert "one input for each of 0, 1, 10, 11, 12, 13, ..." in column.decision()


def test_numbers_as_categories_match_their_texts() -> None:
    column = CategoryColumn.fit(series(["1", "2", "1"]))
    assert column.encode(series([1, 2.0])).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    "column",
    [
        NumberColumn.fit(series([0.1, 0.2, np.nan]), ["x"]),
        BooleanColumn.fit(series(["yes", "no"])),
        CategoryColumn.fit(series(["ä", '"', ""])),
    ],
)
def test_settings_survive_json(column: Any) -> None:
    assert through_json(column) == column
