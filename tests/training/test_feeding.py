"""What fit takes as data, and what it refuses with which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk.core.tensor import Tensor
from lernwerk.errors import DataError, DtypeError, ShapeError
from lernwerk.training.feeding import Rows, make_rows, numbers, with_class_weight

GRID = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


@pytest.mark.parametrize(
    "x",
    [GRID, tuple(map(tuple, GRID)), np.array(GRID), np.array(GRID, "float16"),
     Tensor(np.array(GRID, "float32")), [np.array(row) for row in GRID]],
)  # fmt: skip
def test_floats_of_any_form_become_float32(x: Any) -> None:
    rows = make_rows(x)
    assert rows.x.dtype == np.float32
    np.testing.assert_array_equal(rows.x, GRID)
    assert len(rows) == 3


def test_frames_and_series() -> None:
    import pandas

    frame = pandas.DataFrame({"a": [1.5, 2.5], "b": [3, 4], "c": [5.0, 6.0]})
    rows = make_rows(frame, frame["c"])
    np.testing.assert_array_equal(rows.x, [[1.5, 3, 5], [2.5, 4, 6]])
    assert rows.y is not None
    assert (rows.x.dtype, rows.y.dtype) == (np.float32, np.float32)


def test_integers_stay_integers_and_bools_become_floats() -> None:
    assert numbers("x", np.array([[1, 2]], "uint8"), "float32").dtype == np.uint8
    found = numbers("x", [[True, False]], "float32")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[1, 0]])


def test_a_float64_model_keeps_float64() -> None:
    assert make_rows([[0.1]], dtype="float64").x.dtype == np.float64


def test_float32_arrays_are_not_copied() -> None:
    x = np.zeros((4, 2), "float32")
    assert np.shares_memory(make_rows(x).x, x)


def test_a_part_of_the_rows() -> None:
    rows = Rows(np.arange(4), np.arange(4) * 10, None).part(slice(1, 3))
    np.testing.assert_array_equal(rows.x, [1, 2])
    assert rows.y is not None
    np.testing.assert_array_equal(rows.y, [10, 20])
    assert rows.weight is None


def spoiled(value: float, *positions: tuple[int, int]) -> np.ndarray:
    x = np.zeros((4, 3))
    for position in positions:
        x[position] = value
    return x


REMEDY = (
    "Replace them, {0} = np.nan_to_num({0}), or leave those rows out: "
    "{0}[np.isfinite({0}.reshape(len({0}), -1)).all(axis=1)]."
)
CONVERT = "Convert it: x = np.asarray(x, dtype='float32'), or encode text as numbers."


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"x": spoiled(np.nan, (1, 2), (3, 0), (3, 1))}, DataError,
         "x: expected finite numbers, got nan at (1, 2), in 2 of 4 rows. " + REMEDY.format("x")),
        ({"x": spoiled(-np.inf, (0, 1))}, DataError,
         "x: expected finite numbers, got -inf at (0, 1), in 1 of 4 rows. " + REMEDY.format("x")),
        ({"x": [[1.0], [2.0]], "y": [0.0, np.nan]}, DataError,
         "y: expected finite numbers, got nan at (1,), in 1 of 2 rows. " + REMEDY.format("y")),
        ({"x": [[1e300], [2.0]]}, DataError,
         "x: expected numbers in the range of float32, got 1e+300. Scale them down."),
        ({"x": [[1.0]], "y": [1.0, 2.0]}, ShapeError,
         "y: expected 1 rows as in x, got 2 (shape (2,))."),
        ({"x": GRID, "y": [1, 2, 3], "sample_weight": [1.0]}, ShapeError,
         "sample_weight: expected 3 rows as in x, got 1 (shape (1,))."),
        ({"x": np.zeros((0, 3))}, DataError,
         "x: expected at least one row, got none (shape (0, 3))."),
        ({"x": 3.0}, ShapeError,
         "x: expected an array with a row for each example, got a single number."),
        ({"x": [["a", "b"]]}, DtypeError,
         f"x: expected numbers, got <U1 (first value 'a'). {CONVERT}"),
        ({"x": np.array([[1, None]], object)}, DtypeError,
         f"x: expected numbers, got object (first value 1). {CONVERT}"),
        ({"x": [[1.0]], "y": ["cat"]}, DtypeError,
         "y: expected numbers, got <U3 (first value 'cat'). "
         "Number the labels: names, y = np.unique(y, return_inverse=True)."),
        ({"x": np.array(["2020-01-01"], "datetime64[D]")}, DtypeError,
         f"x: expected numbers, got datetime64[D] (first value datetime.date(2020, 1, 1)). "
         f"{CONVERT}"),
        ({"x": [[1.0, 2.0], [3.0]]}, ShapeError,
         "x: expected rows of equal length, got rows of different lengths. "
         "Pad them to one length first."),
        ({"x": (row for row in GRID)}, DtypeError,
         "x: expected an array, a list of numbers or a data frame, got generator. "
         "Collect it first, for example x = np.array(list(x))."),
    ],
)  # fmt: skip
def test_data_that_are_refused(arguments: dict[str, Any], kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refused:
        make_rows(**arguments)
    assert str(refused.value) == text


def test_finite_numbers_whose_sum_overflows_are_fine() -> None:
    x = np.full((20, 1), 3e38, "float32")
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(make_rows(x).x, x)


def test_class_weights_become_row_weights() -> None:
    y = np.array([0, 2, 1, 2], "int32")
    rows = Rows(np.zeros((4, 1)), y)
    weights = {0: 1.0, 1: 2.0, 2: 3.0}
    for targets in (y, np.eye(3)[y], y.reshape(-1, 1)):
        found = with_class_weight(Rows(rows.x, targets), weights).weight
        assert found is not None
        np.testing.assert_array_equal(found, [1, 3, 2, 3])
    both = with_class_weight(Rows(rows.x, y, np.array([2.0, 1.0, 1.0, 0.5])), weights).weight
    assert both is not None
    np.testing.assert_array_equal(both, [2, 3, 2, 1.5])
    assert with_class_weight(rows, None) is rows


def test_a_class_without_a_weight_is_named() -> None:
    with pytest.raises(DataError) as refused:
        with_class_weight(Rows(np.zeros((3, 1)), np.array([0, 1, 2])), {0: 1.0, 1: 1.0})
    assert str(refused.value) == (
        "class_weight: expected a weight for every class, got none for [2]. Add {2: 1.0}."
    )
