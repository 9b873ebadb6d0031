"""Numbers, durations and measures as people read them."""

from __future__ import annotations

import math

import pytest

from lernwerk.job import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1797, "1 797"),
        (1234567.0, "1 234 567"),
        (1234.5, "1 234"),
        (0.15214, "0.1521"),
        (2.5, "2.5"),
        (-0.00517, "−0.00517"),
        (41.256, "41.26"),
        (1.5e-7, "1.500e−07"),
        (math.nan, "not a number"),
        (math.inf, "infinite"),
        (-math.inf, "−infinite"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert wording.number(value).replace(wording.THIN_SPACE, " ") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.0, "0 %"), (0.9833, "98.3 %"), (0.9999, "99.99 %"), (0.0004, "0.04 %")],
)
def test_shares_are_rounded_to_all_or_nothing_only_where_they_are(share: float, text: str) -> None:
    assert wording.percent(share).replace(wording.THIN_SPACE, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.018, "18 ms"),
        (0.9999, "1.0 s"),
        (8.44, "8.4 s"),
        (59.96, "1 min 0 s"),
        (192, "3 min 12 s"),
        (3599.9, "1 h 0 min"),
        (4000, "1 h 6 min"),
        (math.nan, "unknown"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_measures() -> None:
    assert wording.measure_name("mae") == "mean absolute error"
    assert wording.measure_name("top_5_accuracy") == "top 5 accuracy"
    assert wording.score("balanced_accuracy", 0.5) == f"50.0{wording.THIN_SPACE}%"
    assert wording.score("loss", 0.5) == "0.5"


def test_counts_and_signs() -> None:
    assert wording.counted(1, "row") == "1 row"
    assert wording.counted(2, "class", "classes") == "2 classes"
    assert wording.signed(2.0) == "+2"
    assert wording.signed(-2.0) == "−2"
