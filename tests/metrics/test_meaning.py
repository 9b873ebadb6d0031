"""Names: get, as_metric, and what 'accuracy' means, as Keras decides it; all messages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lernwerk import losses, metrics
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError

SHAPES = [
    ((8,), (8, 1)),
    ((8, 1), (8, 1)),
    ((8,), (8, 10)),
    ((8, 1), (8, 10)),
    ((8, 10), (8, 10)),
    ((8, 5), (8, 5, 10)),
    ((8, 5, 1), (8, 5, 10)),
    ((8, 5, 10), (8, 5, 10)),
    ((8, 5), (8, 5, 1)),
]


@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
@pytest.mark.parametrize(("targets", "predictions"), SHAPES)
def test_accuracy_is_what_keras_takes_it_for(
    keras: Any, targets: tuple[int, ...], predictions: tuple[int, ...], name: str
) -> None:
    from keras.src.trainers.compile_utils import get_metric

    arrays = (SimpleNamespace(shape=targets), SimpleNamespace(shape=predictions))
    expected = get_metric(name, *arrays)
    found = metrics.as_metric(name, "mse", targets, predictions)
    assert (type(found).__name__, found.name) == (type(expected).__name__, expected.name)


def test_the_loss_decides_where_the_targets_are_unknown() -> None:
    def kind(loss: Any, shape: tuple[int | None, ...]) -> str:
        return type(metrics.resolve_accuracy(loss, None, shape)).__name__

    assert kind("sparse_categorical_crossentropy", (None, 3)) == "SparseCategoricalAccuracy"
    assert kind("categorical_crossentropy", (None, 3)) == "CategoricalAccuracy"
    assert kind(None, (None, 3)) == "CategoricalAccuracy"
    assert kind("binary_crossentropy", (None, 1)) == "BinaryAccuracy"
    assert type(metrics.resolve_accuracy(None, (8,), (8,))).__name__ == "BinaryAccuracy"


def test_names_are_those_of_keras(keras: Any) -> None:
    from keras.src.metrics import ALL_OBJECTS_DICT

    for name, theirs in ALL_OBJECTS_DICT.items():
        if theirs.__name__ in metrics.NAMES and theirs.__name__ != "MeanMetricWrapper":
            assert metrics.NAMES[name].__name__ == theirs.__name__, name
    missing = set(ALL_OBJECTS_DICT) - set(metrics.NAMES)
    assert missing == {"MeanMetricWrapper", "Metric", "mean_metric_wrapper", "metric"}
    for name, found in losses.NAMES.items():  # each loss is a metric
        metric = metrics.as_metric(name if not isinstance(found, type) else found())
        assert isinstance(metric, metrics.Metric), name


@pytest.mark.parametrize(("name", "kind"), [
    ("mse", "MeanSquaredError"), ("kld", "MeanMetricWrapper"), ("huber", "MeanMetricWrapper"),
    ("cosine_proximity", "CosineSimilarity"), ("auc", "AUC"), ("AUC", "AUC"),
])  # fmt: skip
def test_a_metric_keeps_the_name_it_was_given(name: str, kind: str) -> None:
    metric = metrics.as_metric(name)
    assert (type(metric).__name__, metric.name) == (kind, name)


def test_get_and_as_metric() -> None:
    named = metrics.as_metric("mse")
    assert (type(named), named.name) == (metrics.MeanSquaredError, "mse")
    metric = metrics.TopKCategoricalAccuracy(k=3)
    assert metrics.get(metric) is metrics.as_metric(metric) is metric
    assert type(metrics.as_metric("accuracy")) is metrics.Accuracy  # no shapes to decide by
    assert metrics.get(None) is None
    assert metrics.get({"class_name": "Precision", "config": {"top_k": 2}}).top_k == 2
    assert metrics.get(metrics.binary_accuracy) is metrics.binary_accuracy
    assert metrics.as_metric(metrics.binary_accuracy).name == "binary_accuracy"
    assert type(metrics.deserialize("r2_score")) is metrics.R2Score


def _ones(*shape: int) -> np.ndarray:
    return np.ones(shape, "float32")


CASES: list[tuple[type[Exception], Any, str]] = [
    (
        ArgumentError,
        lambda: metrics.get("binary_acuracy"),
        "metrics: expected the name of a known metric, got 'binary_acuracy'. Did you mean"
        " 'binary_accuracy'?",
    ),
    (
        ShapeError,
        lambda: metrics.CategoricalAccuracy()(_ones(3, 1), _ones(3, 1)),
        "categorical_accuracy: expected y_pred with at least 2 classes, got (3, 1). For one output"
        " use metrics=['binary_accuracy'].",
    ),
    (
        ShapeError,
        lambda: metrics.CategoricalAccuracy()(_ones(3), _ones(3, 2)),
        "categorical_accuracy: expected y_true of the shape (3, 2) of y_pred, got (3,). Class"
        " numbers need 'sparse_categorical_accuracy'.",
    ),
    (
        ShapeError,
        lambda: metrics.TopKCategoricalAccuracy()(_ones(3), _ones(3, 2)),
        "top_k_categorical_accuracy: expected y_true of the shape (3, 2) of y_pred, got (3,)."
        " Class numbers need 'sparse_top_k_categorical_accuracy'.",
    ),
    (
        ShapeError,
        lambda: metrics.SparseCategoricalAccuracy()(_ones(3, 2), _ones(3, 2)),
        "sparse_categorical_accuracy: expected y_true (3,) for y_pred (3, 2), got (3, 2). One-hot"
        " targets need 'categorical_accuracy'.",
    ),
    (
        ShapeError,
        lambda: metrics.SparseTopKCategoricalAccuracy()(_ones(4), _ones(3, 2)),
        "sparse_top_k_categorical_accuracy: expected y_true (3,) for y_pred (3, 2), got (4,).",
    ),
    (
        ShapeError,
        lambda: metrics.Mean()(_ones(3), _ones(2)),
        "mean: expected sample_weight for values of shape (3,), got (2,). Give one weight per"
        " sample, or one per value.",
    ),
    (
        ShapeError,
        lambda: metrics.R2Score()(_ones(3, 2, 2), _ones(3, 2, 2)),
        "r2_score: expected y_true and y_pred of shape (batch, columns), got (3, 2, 2).",
    ),
    (
        UsageError,
        lambda: metrics.R2Score().result(),
        "r2_score: expected a batch before the result, got none. Call update_state.",
    ),
    (
        ArgumentError,
        lambda: metrics.R2Score("mean"),
        "R2Score: expected one of None, 'uniform_average', 'variance_weighted_average', got"
        " 'mean'.",
    ),
    (
        ArgumentError,
        lambda: metrics.R2Score(num_regressors=-1),
        "R2Score: expected num_regressors to be an integer >= 0, got -1.",
    ),
    (
        ArgumentError,
        lambda: metrics.TopKCategoricalAccuracy(k=0),
        "TopKCategoricalAccuracy: expected k to be an integer >= 1, got 0.",
    ),
    (
        ArgumentError,
        lambda: metrics.Precision(thresholds=[0.5, 1.5]),
        "Precision: expected thresholds to be a number in [0, 1], got [0.5, 1.5].",
    ),
    (
        ArgumentError,
        lambda: metrics.Recall(top_k=0),
        "Recall: expected top_k to be an integer >= 1, got 0.",
    ),
    (
        ShapeError,
        lambda: metrics.Recall(class_id=2, name="recall")(_ones(3, 2), _ones(3, 2)),
        "recall: expected at least 3 columns (class_id), got (3, 2).",
    ),
    (
        ArgumentError,
        lambda: metrics.AUC(curve="ROK"),
        "AUC: expected the name of a known curve, got 'ROK'. Did you mean 'ROC'?",
    ),
    (
        ArgumentError,
        lambda: metrics.AUC(summation_method="minor"),
        "AUC: expected the name of a known summation method, got 'minor'. Did you mean 'minoring'?",
    ),
    (
        ArgumentError,
        lambda: metrics.AUC(num_thresholds=1),
        "AUC: expected num_thresholds to be an integer >= 2, got 1.",
    ),
    (
        ArgumentError,
        lambda: metrics.AUC(num_labels=3),
        "AUC: expected multi_label=True where num_labels is given, got False.",
    ),
    (
        ShapeError,
        lambda: metrics.AUC(multi_label=True, num_labels=3, name="auc")(_ones(4, 2), _ones(4, 2)),
        "auc: expected y_pred of shape (batch, 3) for multi_label, got (4, 2).",
    ),
    (
        UsageError,
        lambda: metrics.AUC(multi_label=True, name="auc").result(),
        "auc: expected a batch before the result, got none. Call update_state.",
    ),
    (
        ArgumentError,
        lambda: metrics.SensitivityAtSpecificity(1.5),
        "SensitivityAtSpecificity: expected specificity to be a number in [0, 1], got 1.5.",
    ),
    (
        ArgumentError,
        lambda: metrics.TruePositives(thresholds=-1),
        "TruePositives: expected thresholds to be a number in [0, 1], got -1.",
    ),
    (
        ArgumentError,
        lambda: metrics.F1Score(average="mean"),
        "F1Score: expected average to be one of None, 'micro', 'macro', 'weighted', got 'mean'.",
    ),
    (
        ArgumentError,
        lambda: metrics.FBetaScore(beta=0.0),
        "FBetaScore: expected beta to be a number > 0, got 0.0.",
    ),
    (
        ShapeError,
        lambda: metrics.F1Score()(_ones(4), _ones(4)),
        "f1_score: expected y_true and y_pred of shape (batch, classes), got (4,). Class numbers"
        " become one-hot rows by keras.utils.to_categorical(y, classes).",
    ),
    (
        UsageError,
        lambda: metrics.F1Score().result(),
        "f1_score: expected a batch before the result, got none. Call update_state.",
    ),
    (
        ArgumentError,
        lambda: metrics.IoU(2, [2]),
        "IoU: expected target_class_ids from 0 to 1, got [2].",
    ),
    (
        ShapeError,
        lambda: metrics.MeanIoU(2, name="iou")(np.zeros(3), np.zeros(4)),
        "iou: expected as many targets as predictions, got 3 and 4.",
    ),
    (
        ArgumentError,
        lambda: metrics.MeanMetricWrapper("huber"),  # type: ignore[arg-type]
        "MeanMetricWrapper: expected a function of y_true and y_pred, got 'huber'.",
    ),
    (
        DataError,
        lambda: metrics.find_function("hubert"),
        "config: expected the name of a known metric function, got 'hubert'. Did you mean 'huber'?",
    ),
]


@pytest.mark.parametrize(("kind", "action", "text"), CASES)
def test_messages(kind: type[Exception], action: Any, text: str) -> None:
    with pytest.raises(kind) as caught:
        action()
    assert str(caught.value) == text


def test_bases_have_no_formula() -> None:
    with pytest.raises(NotImplementedError, match="Metric has no update_state"):
        metrics.Metric()(1.0)
    with pytest.raises(NotImplementedError, match="Metric has no result"):
        metrics.Metric().result()
