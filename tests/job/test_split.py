"""The three parts: disjoint, complete, stratified, the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lernwerk import datasets
from lernwerk.errors import ArgumentError, DataError
from lernwerk.job.named_source import load_named
from lernwerk.job.raw_data import RawData
from lernwerk.job.split import MINIMUM_ROWS, Split, split


def raw_of(targets: Any, task: Any = "classification", given_split: int | None = None) -> RawData:
    targets = np.asarray(targets)
    inputs = np.arange(len(targets))[:, None]
    return RawData("toy", "arrays", inputs, targets, task, "", "y", given_split=given_split)


def check(parts: Split, rows: int) -> None:
    everything = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(everything.tolist()) == list(range(rows))
    assert all(len(part) for part in (parts.train, parts.validation, parts.test))
    assert all(part.dtype == np.int64 for part in (parts.train, parts.validation, parts.test))


LABELS = st.lists(st.integers(0, 4), min_size=MINIMUM_ROWS, max_size=80)


@settings(deadline=None)
@given(LABELS, st.integers(0, 9))
def test_classification(labels: list[int], seed: int) -> None:
    counts = np.bincount(labels)
    # One row of each class must stay for the training, two more are needed for the other parts.
    assume((counts[counts > 0] - 1).sum() >= 2)
    raw = raw_of(labels)
    parts = split(raw, seed)
    check(parts, len(labels))
    for label, count in enumerate(counts):
        for part in (parts.train, parts.validation, parts.test):
            assert count < 3 or label in raw.targets[part]
        if count > 1 and (counts >= 3).all():
            assert label in raw.targets[parts.train]
    again = split(raw, seed)
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(again, name))


@given(st.integers(MINIMUM_ROWS, 200), st.integers(0, 9))
def test_regression(rows: int, seed: int) -> None:
    parts = split(raw_of(np.arange(rows, dtype=float), "regression"), seed)
    check(parts, rows)
    assert abs(len(parts.test) - 0.2 * rows) <= 1
    assert abs(len(parts.validation) - 0.15 * rows) <= 1


def test_the_mix_of_classes_is_kept() -> None:
    raw = load_named("breast_cancer", None)
    parts = split(raw, 3)
    whole = (raw.targets == "benign").mean()
    for part, share in ((parts.train, 0.65), (parts.validation, 0.15), (parts.test, 0.2)):
        assert abs((raw.targets[part] == "benign").mean() - whole) < 0.01
        assert abs(len(part) / len(raw) - share) < 0.005
    assert parts.sizes() == {"training": 370, "validation": 85, "held back": 114}


def test_many_small_classes_keep_the_size_of_the_parts() -> None:
    parts = split(raw_of(np.repeat(np.arange(40), 4)), 0)
    check(parts, 160)
    assert len(parts.test) >= 40
    assert len(parts.train) >= 40


def test_classes_of_two() -> None:
    raw = raw_of(np.repeat(np.arange(20), 2))
    parts = split(raw, 0)
    check(parts, 40)
    assert set(raw.targets[parts.train]) == set(range(20))
    assert len(parts.test) == 8


def test_rows_are_shuffled_and_follow_the_seed() -> None:
    raw = raw_of(np.repeat([0, 1], 50))
    first, second = split(raw, 0), split(raw, 1)
    assert not np.array_equal(np.sort(first.train), first.train)
    assert set(first.test.tolist()) != set(second.test.tolist())
    # Classes alternate; they do not stand one after the other.
    assert np.abs(np.diff(raw.targets[first.train])).sum() > 5


def test_official_test_part() -> None:
    data = datasets.load("digits")
    raw = raw_of(data.y, given_split=1500)
    parts = split(raw, 0)
    check(parts, 1797)
    assert set(parts.test.tolist()) == set(range(1500, 1797))
    assert len(parts.validation) == 225


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (raw_of([0, 1] * 2), "toy: expected at least 6 rows, got 4."),
        (raw_of([0, 1] * 5, given_split=10),
         "toy: expected rows in the training and in the test part, got 10 and 0."),
        (raw_of([0, 1] * 5, given_split=2),
         "toy: expected rows in the training and in the test part, got 2 and 8."),
        (raw_of([0, 0, 1, 2, 3, 4]),
         "toy: expected classes of several rows, to train and to test, got 5 of one row."),
        (raw_of(range(8)), "toy: expected classes of several rows, to train and to test, got 8 of "
         "one row."),
    ],
)  # fmt: skip
def test_too_little(raw: RawData, message: str) -> None:
    with pytest.raises(DataError) as error:
        split(raw, 0)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"test": 0}, "split: expected test to be a number in (0, 1), got 0."),
        ({"validation": 1.0}, "split: expected validation to be a number in (0, 1), got 1.0."),
        ({"validation": 0.5, "test": 0.5}, "split: expected validation + test < 1, got 1.0."),
    ],
)
def test_shares(shares: dict[str, float], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        split(raw_of([0, 1] * 10), 0, **shares)
    assert str(error.value) == message
