"""Targets to labels and back, standardised numbers and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lernwerk.errors import ArgumentError, DataError, FileError, UsageError
from lernwerk.job.target import TargetCodec


def again(codec: TargetCodec) -> TargetCodec:
    return TargetCodec.from_config(json.loads(json.dumps(codec.config())))


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (["dog", "cat", "dog"], ["cat", "dog"]),
        ([10, 2, 10, 9], ["2", "9", "10"]),
        ([0.5, 1.0, -2.0], ["-2", "0.5", "1"]),
        ([True, False], ["False", "True"]),
    ],
)
def test_classes(targets: list[Any], names: list[str]) -> None:
    codec = TargetCodec("classification", "kind").fit(np.array(targets))
    for one in (codec, again(codec)):
        assert one.class_names == names
        labels = one.encode(np.array(targets))
        assert labels.dtype == np.int64
        assert one.decode(labels).tolist() == targets
        assert one.classes.dtype.kind == np.array(targets).dtype.kind
    assert codec.decisions() == [f"The {len(names)} classes of 'kind' are numbered in their order."]


def test_labels_are_scikit_learns() -> None:
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="the oracle here")
    targets = np.random.default_rng(0).choice(["b", "a", "ä", "Z"], 50)
    theirs = preprocessing.LabelEncoder().fit_transform(targets)
    np.testing.assert_array_equal(
        TargetCodec("classification").fit(targets).encode(targets), theirs
    )


def test_a_class_without_training_rows_keeps_its_label() -> None:
    codec = TargetCodec("classification").fit(np.array(["b"]), classes=np.array(["a", "b", "a"]))
    assert codec.encode(np.array(["b", "a"])).tolist() == [1, 0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_regression(values: list[float]) -> None:
    targets = np.array(values)
    codec = TargetCodec("regression").fit(targets)
    encoded = codec.encode(targets)
    assert encoded.dtype == np.float32
    np.testing.assert_array_equal(again(codec).encode(targets), encoded)
    back = codec.decode(encoded)
    # float32 carries 24 bits of the standardised value, the mean adds its own size.
    scale = np.abs(targets).max() + codec.deviation
    np.testing.assert_allclose(back, targets, atol=1e-6 * max(scale, 1))
    assert codec.class_names is None


def test_standardised_by_hand() -> None:
    codec = TargetCodec("regression", "price").fit(np.array([1.0, 3.0]))
    assert (codec.mean, codec.deviation) == (2.0, 1.0)
    assert codec.encode(np.array([5.0])).tolist() == [3.0]
    assert codec.decode(np.array([[3.0]])).tolist() == [[5.0]]
    assert codec.decisions() == [
        "The target 'price' is standardised for the training and answers are turned back into its "
        "own unit."
    ]


@pytest.mark.parametrize("targets", [["owl"], [3]])
def test_unknown_class(targets: list[Any]) -> None:
    codec = TargetCodec("classification", "pet").fit(np.array(["cat", "dog"]))
    with pytest.raises(DataError) as error:
        codec.encode(np.array(targets))
    assert str(error.value) == (
        f"target 'pet': expected one of the 2 known classes, got '{targets[0]}'."
    )


def test_no_targets_no_fit_no_task() -> None:
    with pytest.raises(DataError) as error:
        TargetCodec("regression").fit(np.zeros(0))
    assert str(error.value) == "target 'target': expected values to learn from, got none."
    for task in ("regression", "classification"):
        with pytest.raises(UsageError, match="expected fit before use, got no fit"):
            TargetCodec(task).encode(np.zeros(2))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="Did you mean 'regression'"):
        TargetCodec("regresion")  # type: ignore[arg-type]


CLASSES = {"task": "classification", "name": "y", "type": "text", "classes": ["a", "b"]}
NUMBERS = {"task": "regression", "name": "y", "mean": 1.0, "deviation": 2.0}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**CLASSES, "task": "guess"},
         "expected one of classification, regression for 'task', got 'guess'."),
        ({**CLASSES, "type": "date"},
         "expected one of text, boolean, integer, number for 'type', got 'date'."),
        ({**CLASSES, "classes": []}, "expected different classes in order, got []."),
        ({**CLASSES, "classes": ["b", "a"]},
         "expected different classes in order, got ['b', 'a']."),
        ({**CLASSES, "classes": ["a", "a"]},
         "expected different classes in order, got ['a', 'a']."),
        ({**CLASSES, "type": "boolean"}, "expected true and false for 'classes', got ['a', 'b']."),
        ({**CLASSES, "type": "integer"},
         "expected a list of finite numbers for 'classes', got ['a', 'b']."),
        ({**CLASSES, "more": 1}, "expected no other settings, got 'more'."),
        ({**NUMBERS, "deviation": 0}, "expected a number > 0 for 'deviation', got 0."),
        ({**NUMBERS, "mean": None}, "expected a finite number for 'mean', got None."),
        ({"task": "regression", "name": "y"}, "expected a finite number for 'mean', got nothing."),
        (7, "expected a dictionary of settings, got 7."),
    ],
)  # fmt: skip
def test_damaged_settings(config: Any, message: str) -> None:
    with pytest.raises(FileError) as error:
        TargetCodec.from_config(config, "model")
    assert str(error.value) == f"model: {message}"
