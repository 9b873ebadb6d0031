"""Named data sets as raw data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lernwerk import datasets, settings
from lernwerk.errors import ArgumentError, DataError
from lernwerk.job.named_source import TARGET_NAMES, load_named

HAS_MNIST = settings.get("data") is not None and (Path(settings.get("data")) / "mnist").is_dir()


def test_every_named_data_set_has_a_target_name() -> None:
    assert set(TARGET_NAMES) == set(datasets.NAMES)


@pytest.mark.parametrize(
    ("name", "kind", "task", "classes"),
    [
        ("iris", "table", "classification", ("setosa", "versicolor", "virginica")),
        ("wine", "table", "classification", ("class_0", "class_1", "class_2")),
        ("breast_cancer", "table", "classification", ("benign", "malignant")),
        ("diabetes", "table", "regression", None),
        ("digits", "pictures", "classification", tuple("0123456789")),
    ],
)
def test_named(name: str, kind: str, task: str, classes: tuple[str, ...] | None) -> None:
    raw, data = load_named(name, None), datasets.load(name)
    assert (raw.name, raw.kind, raw.task, raw.class_names) == (name, kind, task, classes)
    np.testing.assert_array_equal(np.asarray(raw.inputs), data.x)
    assert raw.source == data.source
    assert raw.given_split is None
    if kind == "table":
        assert list(raw.inputs.columns) == list(data.feature_names)
    if classes and kind == "table":
        assert data.class_names is not None
        assert raw.targets.tolist() == [data.class_names[label] for label in data.y]


@pytest.mark.skipif(not HAS_MNIST, reason="LERNWERK_DATA names no folder with mnist")
def test_mnist_brings_its_test_part() -> None:
    raw = load_named("mnist", None)
    assert (raw.kind, raw.given_split, len(raw)) == ("pictures", 60000, 70000)


def test_its_own_target_may_be_named() -> None:
    assert load_named("iris", "species").target_name == "species"


def test_another_target_is_refused() -> None:
    with pytest.raises(ArgumentError) as error:
        load_named("iris", "colour")
    assert str(error.value) == (
        "iris: expected no --target, got 'colour'. The data set has its own target, 'species'."
    )


def test_task_can_be_overridden_where_it_makes_sense() -> None:
    assert load_named("digits", None, "regression").task == "regression"
    with pytest.raises(DataError, match="expected numbers in the target 'species'"):
        load_named("iris", None, "regression")


def test_changing_the_inputs_does_not_spoil_the_data_set() -> None:
    raw = load_named("iris", None)
    raw.inputs.iloc[0, 0] = -1
    assert load_named("iris", None).inputs.iloc[0, 0] == 5.1
