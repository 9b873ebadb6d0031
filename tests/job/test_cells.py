"""Texts as numbers, truth values and dates."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lernwerk.job import cells

NAN = math.nan


@pytest.mark.parametrize(
    ("read", "texts", "values"),
    [
        (cells.plain_numbers, ["1", " -2.5e3 ", "x", "", "inf", "1_0", "1,5"],
         [1, -2500, NAN, NAN, NAN, NAN, NAN]),
        (cells.comma_numbers, ["1,5", "1.234,5", "1.234", "12", ",5", "-3,25"],
         [1.5, 1234.5, 1234, 12, 0.5, -3.25]),
        (cells.grouped_numbers, ["1,234.5", "1,234", "12", "1,5"], [1234.5, 1234, 12, NAN]),
        (cells.all_numbers, ["1.5", "1,5", "1.234,5", "1,234,567", "a", "1e200"],
         [1.5, 1.5, 1234.5, 1234567, NAN, NAN]),
    ],
)  # fmt: skip
def test_numbers(read: object, texts: list[str], values: list[float]) -> None:
    np.testing.assert_array_equal(read(texts), values)  # type: ignore[operator]


@given(st.lists(st.floats(-1e99, 1e99), min_size=1))
def test_every_number_survives_its_text(numbers: list[float]) -> None:
    texts = [repr(number) for number in numbers]
    np.testing.assert_array_equal(cells.plain_numbers(texts), numbers)
    german = [text.replace(".", ",") for text in texts]
    np.testing.assert_array_equal(cells.comma_numbers(german), numbers)


def test_truths() -> None:
    texts = ["True", "no", "JA", "nein", "wahr", "Falsch", "1", "maybe"]
    assert cells.truths(texts).tolist() == [1, 0, 1, 0, 1, 0, -1, -1]


@given(st.dates(date(1700, 1, 1), date(2250, 12, 31)))
def test_iso_and_german_dates_agree(day: date) -> None:
    found = cells.dates([day.isoformat(), f"{day.day}.{day.month}.{day.year}"])
    assert (found == np.datetime64(day, "s")).all()


def test_dates_with_times_and_wrong_ones() -> None:
    texts = ["2024-02-29 13:30", "29.02.2024 13:30:05", "2024-02-29T13:30:00+02:00", "30.2.2024"]
    found = cells.dates([*texts, "12/31/2024", "2024", "20240101"])
    expected = ["2024-02-29T13:30:00", "2024-02-29T13:30:05", "2024-02-29T11:30:00"]
    np.testing.assert_array_equal(found[:3], np.array(expected, "datetime64[s]"))
    assert np.isnat(found[3:]).all()


def test_missing_texts() -> None:
    assert all(
        cells.is_missing(text) for text in ["", " ", "?", "NA", "n/a", "NaN", "None", "k.A."]
    )
    assert not cells.is_missing("0")
    assert cells.is_missing("none")
    assert not cells.is_missing("none", cells.MISSING_TARGET)


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (3.5, "3.5"), (b"a\xc3\xa4", "aä"), (np.int64(7), "7")]
)
def test_cells_as_text(value: object, text: str) -> None:
    assert cells.as_text(value) == text
