"""Dates against the calendar of the standard library."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lernwerk.errors import DataError, FileError
from lernwerk.job.config_fields import Fields
from lernwerk.job.date_encoder import PARTS, DateColumn, date_parts, days_of


def series(values: object) -> pd.Series:
    return pd.Series(values, name="day")


@given(
    st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1)).map(lambda t: t.replace(microsecond=0))
)
def test_parts_are_those_of_the_calendar(moment: datetime) -> None:
    days = (moment - datetime(1970, 1, 1)) / timedelta(days=1)
    found = dict(zip(PARTS, date_parts(np.array([days]))[0], strict=True))
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    for part, value, length in [
        ("month", moment.month - 1, 12), ("weekday", moment.weekday(), 7), ("hour", hour, 24),
    ]:  # fmt: skip
        angle = 2 * math.pi * value / length
        assert found[f"{part} sin"] == pytest.approx(math.sin(angle), abs=1e-5)
        assert found[f"{part} cos"] == pytest.approx(math.cos(angle), abs=1e-5)
    assert found["year"] == moment.year
    assert found["day count"] == days


DAYS = [date(2024, 1, 1) + timedelta(days=7 * i) for i in range(10)]


def test_only_parts_that_vary_are_kept() -> None:
    column = DateColumn.fit(pd.to_datetime(series([str(day) for day in DAYS])))
    # Mondays of the first months of one year: no year, weekday or hour to learn from.
    assert column.parts == ("day count", "month sin", "month cos")
    encoded = column.encode(series([day.isoformat() for day in DAYS]))
    assert encoded.shape == (10, 3)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(encoded.std(axis=0), 1)
    assert column.decision() == "a date, taken apart into day count, month, standardised"
    assert column.feature_names() == ["day: day count", "day: month sin", "day: month cos"]


def test_typed_iso_and_german_dates_agree() -> None:
    column = DateColumn.fit(series([day.isoformat() for day in DAYS]))
    typed = column.encode(pd.to_datetime(series(["2024-03-31", "2025-01-02"])))
    np.testing.assert_array_equal(column.encode(series(["31.3.2024", "02.01.2025"])), typed)
    zoned = pd.to_datetime(series(["2024-03-31", "2025-01-02"])).dt.tz_localize("UTC")
    np.testing.assert_array_equal(column.encode(zoned), typed)


def test_gaps() -> None:
    column = DateColumn.fit(series(["2024-01-01", None, "2024-01-03", "2024-01-02"]))
    encoded = column.encode(series([None, "2.1.2024"]))
    np.testing.assert_array_equal(encoded[0, :-1], encoded[1, :-1])
    assert encoded[:, -1].tolist() == [1, 0]
    assert column.feature_names()[-1] == "day is missing"
    assert column.decision().endswith(
        ", 1 missing value is replaced by the median date and marked, standardised"
    )


def test_wrong_cell() -> None:
    with pytest.raises(DataError) as error:
        days_of(series(["2024-01-01", "12/31/2024"]))
    assert str(error.value) == (
        "column 'day', row 2: expected a date such as 2024-12-31 or 31.12.2024, got '12/31/2024'."
    )


def test_settings_survive_json() -> None:
    column = DateColumn.fit(series([day.isoformat() for day in DAYS]))
    fields = Fields("model", json.loads(json.dumps(column.config())))
    assert fields.text("kind") == "date"
    assert DateColumn.from_fields(fields) == column
    fields.done()


def test_unknown_part_is_refused() -> None:
    config = DateColumn.fit(series([day.isoformat() for day in DAYS])).config()
    config["parts"] = ["moon", "year", "hour sin"]
    with pytest.raises(
        FileError, match=r"^model: expected parts among day count, .*, got 'moon'\.$"
    ):
        DateColumn.from_fields(Fields("model", config))
