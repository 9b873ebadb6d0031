"""Whole tables: what is kept, what is dropped, what is refused, and the way through JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lernwerk import datasets
from lernwerk.errors import DataError, FileError, LernwerkError, UsageError
from lernwerk.job.encoder import encoder_from_config
from lernwerk.job.table_encoder import TableEncoder, as_frame, useless

ROWS = [
    {"age": 22.0, "sex": "male", "member": "yes", "joined": "2024-01-31", "id": 1},
    {"age": None, "sex": "female", "member": "no", "joined": "2023-05-01", "id": 2},
    {"age": 38.5, "sex": "female", "member": "no", "joined": "2022-11-17", "id": 3},
    {"age": 4.0, "sex": "male", "member": "yes", "joined": None, "id": 4},
]


def again(encoder: TableEncoder) -> TableEncoder:
    loaded = encoder_from_config(json.loads(json.dumps(encoder.config())))
    assert isinstance(loaded, TableEncoder)
    return loaded


def test_a_mixed_table() -> None:
    encoder = TableEncoder().fit(ROWS)
    assert encoder.kinds == {
        "age": "number", "sex": "category", "member": "boolean", "joined": "date", "id": "number",
    }  # fmt: skip
    assert encoder.feature_names[:5] == [
        "age", "age is missing", "sex = female", "sex = male", "member",
    ]  # fmt: skip
    encoded = encoder.encode(ROWS)
    assert encoded.dtype == np.float32
    assert encoded.shape == (4, *encoder.shape) == (4, len(encoder.feature_names))
    assert np.isfinite(encoded).all()
    assert encoder.warnings == []


def test_frame_rows_and_json_give_the_same() -> None:
    encoder = TableEncoder().fit(pd.DataFrame(ROWS))
    encoded = encoder.encode(pd.DataFrame(ROWS))
    np.testing.assert_array_equal(encoder.encode(ROWS), encoded)
    np.testing.assert_array_equal(encoder.encode(ROWS[2]), encoded[2:3])
    texts = [{k: None if v is None else str(v) for k, v in row.items()} for row in ROWS]
    np.testing.assert_array_equal(encoder.encode(texts), encoded)
    np.testing.assert_array_equal(again(encoder).encode(ROWS), encoded)
    assert again(encoder).decisions() == encoder.decisions()


def test_wine_is_standardised_like_scikit_learn() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="the oracle here")
    data = datasets.load("wine")
    frame = pd.DataFrame(data.x, columns=list(data.feature_names))
    encoded = TableEncoder().fit(frame[:100]).encode(frame)
    theirs = preprocessing.StandardScaler().fit(data.x[:100]).transform(data.x)
    np.testing.assert_allclose(encoded, theirs, rtol=1e-5, atol=1e-5)


def test_columns_treated_alike_share_a_sentence() -> None:
    data = datasets.load("wine")
    encoder = TableEncoder().fit(pd.DataFrame(data.x, columns=list(data.feature_names)))
    assert encoder.decisions() == [
        "'alcohol', 'malic_acid', 'ash' and 10 more: each a number, standardised."
    ]


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("a", [None] * 20, "is empty"),
        ("a", [7] * 20, "holds the same value in every row ('7')"),
        ("a", [f"text {i}" for i in range(20)], "holds a different text in every row"),
        ("a", [f"text {i // 2 if i < 60 else i}" for i in range(100)],
         "holds 70 different texts in 100 rows, too many to learn from"),
        ("PassengerId", list(range(5, 25)), "only numbers the rows"),
        ("customer_id", list(range(5, 25)), "only numbers the rows"),
        ("column 1", list(range(20)), "only numbers the rows"),
        ("id", list(range(5)), ""),
        ("id", [0.5 + i for i in range(20)], ""),
        ("paid", list(range(20)), ""),
        ("a", [7] * 19 + [None], ""),
        ("a", ["x", "y"] * 10, ""),
        ("a", [True, False] * 10, ""),
    ],
)  # fmt: skip
def test_useless_columns(name: str, values: list[Any], reason: str) -> None:
    encoder = TableEncoder().fit(pd.DataFrame({name: values, "b": np.arange(len(values)) % 7}))
    dropped = {d.name: d.reason for d in encoder.dropped}
    assert dropped.get(name, "") == reason
    if reason:
        assert encoder.decisions()[-1] == f"'{name}': left out; it {reason}."
        assert encoder.encode([{"b": 1}]).shape == (1, 1)
        assert encoder.encode([{"b": 1, name: "anything"}]).shape == (1, 1)
        assert encoder.warnings == []


def test_nothing_left_to_learn_from() -> None:
    with pytest.raises(DataError) as error:
        TableEncoder().fit(pd.DataFrame({"a": [1, 1], "b": [None, None]}))
    assert str(error.value) == (
        "table: expected a column to learn from, got none ('a' holds the same value in every row "
        "('1'); 'b' is empty)."
    )
    with pytest.raises(DataError) as error:
        TableEncoder().fit(pd.DataFrame({"a": []}))
    assert str(error.value) == "table: expected rows to learn from, got none."


def test_missing_column() -> None:
    encoder = TableEncoder().fit(ROWS)
    with pytest.raises(DataError) as error:
        encoder.encode([{"age": 1, "sex": "male", "wings": 2}])
    assert str(error.value) == (
        "table: expected a column 'member', got 'age', 'sex', 'wings'. "
        "The model needs: 'age', 'sex', 'member', 'joined', 'id'."
    )


def test_extra_columns_and_unknown_categories_are_told() -> None:
    encoder = TableEncoder().fit(ROWS)
    encoder.encode([{**ROWS[0], "wings": 2, "sex": "robot"}])
    assert encoder.warnings == [
        "Ignored: 'wings' is not an input of the model.",
        "Column 'sex': 'robot' did not occur in the training.",
    ]
    encoder.encode([{**ROWS[0], "wings": 2, "beak": 1}])
    assert encoder.warnings == ["Ignored: 'wings', 'beak' are not inputs of the model."]
    encoder.encode(ROWS)
    assert encoder.warnings == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "table: expected at least one row, got none."),
        ("text", "table: expected a DataFrame or a list of rows, got str."),
        (3, "table: expected a DataFrame or a list of rows, got int."),
        ([3], 'row 1: expected names with values, {"name": value, ...}, got 3.'),
        ([{"a": 1, "b": 2}, {"a": 1}],
         "row 2: expected a value for 'b', got none. "
         'Write null where a value is missing: {"b": null}'),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]),
         "table: expected columns of different names, got 'a' twice."),
    ],
)  # fmt: skip
def test_rows_of_the_wrong_form(rows: Any, message: str) -> None:
    with pytest.raises(DataError) as error:
        as_frame(rows)
    assert str(error.value) == message


def test_wrong_cell_in_a_json_row() -> None:
    encoder = TableEncoder().fit(ROWS)
    with pytest.raises(DataError) as error:
        encoder.encode({**ROWS[0], "age": "old"})
    assert str(error.value) == "column 'age', row 1: expected a number, got 'old'."
    assert encoder.encode({**ROWS[0], "age": "22"})[0, 0] == encoder.encode(ROWS[0])[0, 0]


def test_marks_of_the_training_hold_for_predictions() -> None:
    values = [float(i) for i in range(12)]
    frame = pd.DataFrame({"n": [*values, None]})
    encoder = again(TableEncoder({"n": ["unk"], "other": ["x"]}).fit(frame))
    assert encoder.missing_marks == {"n": ("unk",)}
    np.testing.assert_array_equal(encoder.encode([{"n": "unk"}]), encoder.encode([{"n": None}]))


def test_extreme_values_stay_finite() -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"n": [1.0, 2.0, 3.0, 1e99, -1e99]}))
    assert np.isfinite(encoder.encode([{"n": 1e99}, {"n": -1e99}])).all()
    small = TableEncoder().fit(pd.DataFrame({"n": [1e-90, 2e-90]}))
    assert small.encode([{"n": 1e99}]).tolist() == [[1e6]]


def test_fit_and_encode_leave_their_input_alone() -> None:
    frame = pd.DataFrame(ROWS)
    before = frame.copy(deep=True)
    TableEncoder().fit(frame).encode(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_order_of_columns_and_names_that_are_numbers() -> None:
    frame = pd.DataFrame({0: [1.0, 2.0, 4.0], 1: ["x", "y", "x"]})
    encoder = TableEncoder().fit(frame)
    np.testing.assert_array_equal(encoder.encode(frame[[1, 0]]), encoder.encode(frame))


def test_before_fit() -> None:
    for use in (TableEncoder().config, lambda: TableEncoder().encode([{"a": 1}])):
        with pytest.raises(UsageError) as error:
            use()
        assert str(error.value) == (
            "TableEncoder: expected fit before encode, got no fit. encoder.fit(rows)"
        )


def test_useless_is_told_of_typed_columns_only_by_their_values() -> None:
    assert useless(pd.Series([1.0, 2.0], name="n")) == ""


def damaged(change: dict[str, Any]) -> str:
    config = TableEncoder().fit(ROWS).config()
    with pytest.raises(FileError) as error:
        encoder_from_config({**config, **change}, "model.keras")
    return str(error.value)


def test_damaged_settings() -> None:
    config = TableEncoder().fit(ROWS).config()
    first = config["columns"][0]
    assert damaged({"kind": "graph"}) == (
        "model.keras: expected one of table, pictures, arrays for 'kind', got 'graph'."
    )
    assert damaged({"columns": [{**first, "mean": "x"}]}) == (
        "model.keras, column 1: expected a finite number for 'mean', got 'x'."
    )
    assert damaged({"columns": [{**first, "kind": "colour"}]}) == (
        "model.keras, column 1: expected one of number, boolean, category, date for 'kind', "
        "got 'colour'."
    )
    assert damaged({"columns": [{**first, "code": "1"}]}) == (
        "model.keras, column 1: expected no other settings, got 'code'."
    )
    assert damaged({"columns": []}) == ("model.keras: expected columns of different names, got [].")
    assert damaged({"columns": [first, first]}) == (
        "model.keras: expected columns of different names, got ['age', 'age']."
    )
    assert damaged({"dropped": [1]}) == (
        "model.keras, left out column 1: expected a dictionary of settings, got 1."
    )
    assert damaged({"more": 1}) == "model.keras: expected no other settings, got 'more'."


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(allow_nan=False),
    st.sampled_from(["a", "b", "2024-01-31", "1.2.2023", "ja", "1,5", "?", ""]),
    st.text(max_size=4),
)  # fmt: skip
TABLES = st.integers(3, 12).flatmap(
    lambda rows: st.dictionaries(
        st.text(min_size=1, max_size=4),
        st.lists(CELLS, min_size=rows, max_size=rows),
        min_size=1,
        max_size=4,
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_any_table_survives_json_and_gives_finite_numbers(columns: dict[str, list[Any]]) -> None:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    try:
        encoder = TableEncoder().fit(rows)
    except LernwerkError as error:
        assert "\n" not in str(error) or any("\n" in name for name in columns)
        return
    typed = pd.DataFrame(as_frame(rows))
    encoded = encoder.encode(typed)
    assert encoded.dtype == np.float32
    assert np.isfinite(encoded).all()
    np.testing.assert_array_equal(again(encoder).encode(typed), encoded)
    assert encoded.shape[1] == len(encoder.feature_names) == len(set(encoder.feature_names))
