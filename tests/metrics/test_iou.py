"""Intersection over union against real Keras: batches, weights, configs, names."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import metrics
from lernwerk.core.compiled import compiled
from lernwerk.errors import TrainingWarning
from lernwerk.names import reset_names


def _numbers(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(0, 3, (4, 5)), random.integers(0, 3, (4, 5))


def _chances(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(0, 2, (4, 5)), np.float32(random.uniform(size=(4, 5)))


def _one_hot(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    t = np.eye(3, dtype="float32")[random.integers(0, 3, (4, 5))]
    return t, np.float32(random.uniform(size=(4, 5, 3)))


def _half_hot(seed: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _one_hot(seed)
    return t, p.argmax(-1)


CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("IoU", {"num_classes": 3, "target_class_ids": [0, 2]}, _numbers),
    ("IoU", {"num_classes": 3, "target_class_ids": (1,), "ignore_class": 2}, _numbers),
    ("IoU", {"num_classes": 2, "target_class_ids": [0, 1]}, _numbers),  # 2 is out of range
    ("MeanIoU", {"num_classes": 3}, _numbers),
    ("MeanIoU", {"num_classes": 4, "dtype": "float32"}, _numbers),
    ("BinaryIoU", {}, _chances),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, _chances),
    ("OneHotIoU", {"num_classes": 3, "target_class_ids": [0, 2]}, _one_hot),
    ("OneHotMeanIoU", {"num_classes": 3}, _one_hot),
    ("OneHotMeanIoU", {"num_classes": 3, "sparse_y_pred": True}, _half_hot),
    ("MeanIoU", {"num_classes": 3, "sparse_y_true": False, "sparse_y_pred": False}, _one_hot),
]


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_batches_add_up_to_the_number_of_keras(
    keras: Any, name: str, arguments: dict[str, Any], data: Any, weighted: bool
) -> None:
    ours, theirs = _both(keras, name, arguments)
    step = compiled(lambda t, p, w: ours.update_state(t, p, w))
    for seed in range(3):
        t, p = data(seed)
        weights = np.random.default_rng(seed).integers(0, 3, (4, 5)) if weighted else None
        if seed:
            ours.update_state(t, p, weights)
        else:
            step(t, p, weights)
        theirs.update_state(t, p, weights)
        np.testing.assert_array_equal(ours.total_cm.numpy(), np.asarray(theirs.total_cm))
        np.testing.assert_allclose(ours.result().item(), float(theirs.result()), rtol=1e-5)
    ours.reset_state()
    assert ours.result().item() == 0.0


@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_configs_and_variables(keras: Any, name: str, arguments: dict[str, Any], data: Any) -> None:
    reset_names()
    keras.utils.clear_session()
    ours, theirs = _both(keras, name, arguments)
    assert ours.get_config() == json.loads(json.dumps(theirs.get_config()))
    here = metrics.deserialize(json.loads(json.dumps(keras.metrics.serialize(theirs))))
    there = keras.metrics.deserialize(json.loads(json.dumps(metrics.serialize(ours))))
    assert here.get_config() == ours.get_config()
    assert there.name == ours.name
    got = [(v.path, v.shape, v.dtype.name) for v in ours.variables]
    assert got == [(v.path, tuple(v.shape), v.dtype) for v in theirs.variables]


def test_fractions_of_weights_need_a_type_that_keeps_them() -> None:
    t, p = _numbers(1)
    with pytest.warns(TrainingWarning) as notes:
        metrics.MeanIoU(3, name="iou").update_state(t, p, np.full((4, 5), 0.5, "float32"))
    assert [str(note.message) for note in notes] == [
        "iou: expected whole weights for counts of type int32, got fractions. MeanIoU(...,"
        " dtype='float32') keeps them."
    ]
    kept = metrics.MeanIoU(3, dtype="float32")
    kept.update_state(t, p, np.full((4, 5), 0.5, "float32"))
    np.testing.assert_allclose(kept.result().item(), metrics.MeanIoU(3)(t, p).item(), rtol=1e-6)
