"""Every metric against real Keras over several batches, with weights, eager and compiled."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import losses, metrics, ops
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.compiled import compiled
from lernwerk.core.tensor import Tensor
from lernwerk.core.variable import Variable
from lernwerk.names import reset_names

RTOL = 2e-5


def _random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _numbers(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    random = _random(seed)
    return np.float32(random.normal(size=shape)), np.float32(random.normal(size=shape))


def _positive(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(seed, *shape)
    return np.abs(t) + np.float32(0.1), np.abs(p) + np.float32(0.1)


def _equal(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _random(seed).integers(0, 3, (2, *shape))
    return np.float32(t), np.float32(p)


def _chances(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(seed, *shape)
    return np.float32(t > 0), 1 / (1 + np.exp(-p))


def _logits(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(seed, *shape)
    return np.float32(t > 0), p


def _classes(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(seed, *shape)
    chances = np.exp(p) / np.exp(p).sum(-1, keepdims=True)
    return np.argmax(t, axis=-1), chances


def _one_hot(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _classes(seed, *shape)
    return np.eye(shape[-1], dtype="float32")[t], p


def _sorted_ids(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _classes(seed, *shape)
    return t, np.float32(np.argsort(-p, axis=-1))


CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("Accuracy", {}, _equal),
    ("BinaryAccuracy", {}, _chances),
    ("BinaryAccuracy", {"threshold": 0.3}, _chances),
    ("CategoricalAccuracy", {}, _one_hot),
    ("SparseCategoricalAccuracy", {}, _classes),
    ("TopKCategoricalAccuracy", {"k": 2}, _one_hot),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, _classes),
    ("MeanSquaredError", {}, _numbers),
    ("RootMeanSquaredError", {}, _numbers),
    ("MeanAbsoluteError", {}, _numbers),
    ("MeanAbsolutePercentageError", {}, _numbers),
    ("MeanSquaredLogarithmicError", {}, _positive),
    ("LogCoshError", {}, _numbers),
    ("CosineSimilarity", {}, _numbers),
    ("Hinge", {}, _chances),
    ("SquaredHinge", {}, _chances),
    ("CategoricalHinge", {}, _one_hot),
    ("KLDivergence", {}, _positive),
    ("Poisson", {}, _positive),
    ("BinaryCrossentropy", {}, _chances),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _chances),
    ("CategoricalCrossentropy", {}, _one_hot),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, _one_hot),
    ("SparseCategoricalCrossentropy", {}, _classes),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, _classes),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, _classes),
    ("Precision", {}, _chances),
    ("Precision", {"thresholds": [0.0, 0.25, 0.6]}, _chances),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, _chances),
    ("Precision", {"top_k": 2}, _one_hot),
    ("Precision", {"class_id": 1, "thresholds": 0.4}, _one_hot),
    ("Recall", {}, _chances),
    ("Recall", {"thresholds": [0.1, 0.25, 0.6]}, _chances),
    ("Recall", {"top_k": 2, "class_id": 2}, _one_hot),
    ("TruePositives", {}, _chances),
    ("FalsePositives", {"thresholds": 0.3}, _chances),
    ("TrueNegatives", {"thresholds": [0.2, 0.45, 0.8]}, _chances),
    ("FalseNegatives", {"thresholds": [0.2, 0.45, 0.8]}, _chances),
    ("SensitivityAtSpecificity", {"specificity": 0.6}, _chances),
    ("SensitivityAtSpecificity", {"specificity": 0.4, "num_thresholds": 1}, _chances),
    ("SpecificityAtSensitivity", {"sensitivity": 0.7, "class_id": 2}, _one_hot),
    ("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 33}, _chances),
    ("RecallAtPrecision", {"precision": 0.7}, _chances),
    ("RecallAtPrecision", {"precision": 1.0, "class_id": 0}, _one_hot),
    ("AUC", {}, _chances),
    ("AUC", {"curve": "PR"}, _chances),
    ("AUC", {"curve": "prgain", "num_thresholds": 20}, _chances),
    ("AUC", {"curve": "PR", "summation_method": "minoring", "num_thresholds": 31}, _chances),
    ("AUC", {"summation_method": "Majoring", "num_thresholds": 31}, _chances),
    ("AUC", {"thresholds": [0.7, 0.2, 0.45]}, _chances),
    ("AUC", {"thresholds": [0.25, 0.5, 0.75], "curve": "PR"}, _chances),
    ("AUC", {"multi_label": True}, _chances),
    ("AUC", {"multi_label": True, "num_labels": 4, "curve": "PR"}, _chances),
    ("AUC", {"multi_label": True, "thresholds": [0.3, 0.4]}, _chances),
    ("AUC", {"from_logits": True}, _logits),
    ("F1Score", {"threshold": 0.5}, _chances),
    ("FBetaScore", {"beta": 2.0, "average": "micro", "threshold": 0.3}, _chances),
    ("FBetaScore", {"beta": 0.5}, _one_hot),
    ("F1Score", {"average": "macro"}, _one_hot),
    ("F1Score", {"average": "weighted"}, _one_hot),
    ("PearsonCorrelation", {}, _numbers),
    ("ConcordanceCorrelation", {}, _numbers),
]
R2: list[tuple[str, dict[str, Any], Any]] = [
    ("R2Score", {}, _numbers),
    ("R2Score", {"class_aggregation": None}, _numbers),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, _numbers),
    ("R2Score", {"num_regressors": 2}, _numbers),
]
# Keras cannot give ranks above 2 to these together with weights, or at all.
FIRST = [name for name, _, _ in CASES].index("Precision")
FLAT = CASES[:FIRST] + CASES[-2:]


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)


def _weights(seed: int, *shape: int) -> np.ndarray:
    return np.float32(_random(seed).integers(0, 4, shape)) / 2


def _for_keras(arguments: dict[str, Any], weights: Any, *shape: int) -> Any:
    """Keras leaves the ignored class out only where there are weights."""
    return np.ones(shape, "float32") if weights is None and "ignore_class" in arguments else weights


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "arguments", "data"), CASES + R2)
def test_batches_add_up_to_the_number_of_keras(
    keras: Any, name: str, arguments: dict[str, Any], data: Any, weighted: bool
) -> None:
    ours, theirs = _both(keras, name, arguments)
    for seed, rows in enumerate([7, 5, 1, 6]):
        batch = data(seed, rows, 4)
        weights = _weights(seed, rows) if weighted else None
        ours.update_state(*batch, weights)
        theirs.update_state(*batch, _for_keras(arguments, weights, rows))
        expected = np.asarray(theirs.result())
        np.testing.assert_allclose(ours.result().numpy(), expected, rtol=RTOL, atol=1e-6)
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), rtol=RTOL, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "data"), FLAT)
def test_more_axes(keras: Any, name: str, arguments: dict[str, Any], data: Any) -> None:
    for weights in (None, _weights(0, 2, 3)):
        ours, theirs = _both(keras, name, arguments)
        if name in ("Accuracy", "BinaryAccuracy", "RootMeanSquaredError") and weights is not None:
            weights = weights[:, :, None]  # one value for each number here
        batch = data(3, 2, 3, 4)
        ours.update_state(*batch, weights)
        theirs.update_state(*batch, _for_keras(arguments, weights, 2, 3))
        expected = float(theirs.result())
        np.testing.assert_allclose(ours.result().item(), expected, rtol=RTOL, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "data"), CASES + R2)
def test_compiled_is_eager(name: str, arguments: dict[str, Any], data: Any) -> None:
    kind = getattr(metrics, name)
    eager, traced = kind(**arguments), kind(**arguments)

    @compiled
    def step(t: Any, p: Any, w: Any) -> Any:
        traced.update_state(t, p, w)
        return traced.result()

    for seed in range(3):
        batch = (*data(seed, 5, 4), _weights(seed, 5))
        got = step(*batch).numpy()
        np.testing.assert_allclose(got, eager(*batch).numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(traced.result().numpy(), got, rtol=1e-6)
    traced.reset_state()
    assert all((variable.numpy() == 0).all() for variable in traced.variables)
    step(*batch)
    eager.reset_state()
    eager(*batch)
    np.testing.assert_allclose(traced.result().numpy(), eager.result().numpy(), rtol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "data"), CASES + R2)
def test_configs_are_those_of_keras(
    keras: Any, name: str, arguments: dict[str, Any], data: Any
) -> None:
    named = arguments | {"name": "m"}
    ours, theirs = _both(keras, name, named)
    assert ours.get_config() == theirs.get_config()
    again = deserialize(serialize(ours), "metrics")
    here = metrics.deserialize(json.loads(json.dumps(keras.metrics.serialize(theirs))))
    there = keras.metrics.deserialize(json.loads(json.dumps(metrics.serialize(ours))))
    assert type(again) is type(here) is type(ours)
    assert again.get_config() == here.get_config() == there.get_config() == ours.get_config()
    batch = data(1, 5, 4)
    np.testing.assert_array_equal(again(*batch).numpy(), ours(*batch).numpy())


NEEDED = {
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
}


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES + R2}))
def test_default_names_and_variables_are_those_of_keras(keras: Any, name: str) -> None:
    keras.utils.clear_session()
    reset_names()
    for _ in range(2):
        ours, theirs = _both(keras, name, NEEDED.get(name, {}))
        assert ours.name == theirs.name
    got = [(v.path, v.shape, v.dtype.name) for v in ours.variables]
    assert got == [(v.path, tuple(v.shape), v.dtype) for v in theirs.variables]
    assert not any(v.trainable for v in ours.variables)
    double = getattr(metrics, name)(dtype="float64", **NEEDED.get(name, {}))
    assert all(variable.dtype == np.float64 for variable in double.variables)


@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_mean_and_sum(keras: Any, name: str) -> None:
    cases = [
        (np.float32([1, 2, 3]), None),
        (np.float32(5.0), None),
        (np.float32([[1, 2], [3, 4]]), None),
        (np.float32([[1, 2], [3, 4]]), np.float32([1, 3])),
        (np.float32([[1, 2], [3, 4]]), np.float32([[1, 0], [2, 4]])),
        (np.float32([1, 2]), np.float32([[1], [0]])),
    ]
    ours, theirs = _both(keras, name, {})
    assert ours.result().item() == 0.0
    for values, weights in cases:
        ours.update_state(values, weights)
        theirs.update_state(values, weights)
        np.testing.assert_allclose(ours.result().item(), float(theirs.result()), rtol=RTOL)
    assert ours.get_config() == theirs.get_config()
    ours.reset_state()
    assert ours.result().item() == 0.0
    assert repr(ours) == f"<{name} name={name.lower()}>"


def test_a_single_weight_counts_for_each_sample() -> None:
    mean = metrics.Mean()
    mean.update_state([1.0, 2.0, 3.0], 2.0)
    mean.update_state([10.0])
    assert mean.result().item() == pytest.approx((2 * 6 + 10) / 7)


@pytest.mark.parametrize("shapes", [((5,), (5, 1)), ((5, 1), (5,)), ((5,), (5,))])
def test_binary_accuracy_of_columns(keras: Any, shapes: Any) -> None:
    t = np.float32([1, 0, 1, 1, 0]).reshape(shapes[0])
    p = np.float32([0.9, 0.8, 0.1, 0.7, 0.2]).reshape(shapes[1])
    ours, theirs = _both(keras, "BinaryAccuracy", {})
    assert ours(t, p).item() == pytest.approx(float(theirs(t, p))) == pytest.approx(0.6)


def test_class_numbers_in_a_column_and_as_floats(keras: Any) -> None:
    t, p = _classes(2, 9, 4)
    expected = float(keras.metrics.SparseCategoricalAccuracy()(t, p))
    for targets in (t[:, None], np.float32(t), np.uint8(t), np.float32(t)[:, None]):
        assert metrics.SparseCategoricalAccuracy()(targets, p).item() == pytest.approx(expected)


def test_top_k(keras: Any) -> None:
    p = np.float32([[0.4, 0.4, 0.2], [0.1, 0.2, 0.7]])  # a tie counts as among the best
    for labels in ([0, 2], [1, 1], [2, 0]):
        for k in (1, 2):
            ours, theirs = _both(keras, "SparseTopKCategoricalAccuracy", {"k": k})
            assert ours(np.array(labels), p).item() == float(theirs(np.array(labels), p))
    assert metrics.SparseTopKCategoricalAccuracy(k=9)(np.array([0, 2]), p).item() == 1.0
    assert metrics.SparseTopKCategoricalAccuracy(k=3)(np.array([-1, 7]), p).item() == 0.0
    t, ids = _sorted_ids(1, 8, 5)
    ours, theirs = _both(
        keras, "SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True, "name": "m"}
    )
    assert ours(t, ids).item() == float(theirs(t, ids))
    assert ours.get_config() == theirs.get_config()


def test_r2_of_plain_vectors_is_that_of_sklearn() -> None:
    from sklearn.metrics import r2_score

    t, p = _numbers(1, 20)
    weights = _weights(1, 20)
    score = metrics.R2Score()(t, p, weights).item()
    assert score == pytest.approx(r2_score(t, p, sample_weight=weights), rel=1e-4)
    few = metrics.R2Score(num_regressors=40)
    assert few(t, p).item() == metrics.R2Score()(t, p).item()  # too few samples to adjust


def test_precision_and_recall_without_positives_are_zero() -> None:
    for kind in (metrics.Precision, metrics.Recall):
        assert kind()(np.zeros((3, 1)), np.zeros((3, 1))).item() == 0.0


def test_crossentropies_undo_softmax() -> None:
    logits = Tensor(np.float32([[100.0, 0.0, -100.0]]))
    metric = metrics.SparseCategoricalCrossentropy()
    assert metric(np.array([2]), ops.softmax(logits)).item() == 200.0


def test_functions(keras: Any) -> None:
    seen: list[str] = []
    for name in metrics.__all__:
        if name[0].islower() and hasattr(keras.metrics, name):
            ours, theirs = getattr(metrics, name), getattr(keras.metrics, name)
            if name in ("get", "deserialize", "serialize"):
                continue
            seen.append(name)
            sparse = name.startswith("sparse")
            t, p = (_classes if sparse else _one_hot)(4, 6, 3)
            arguments = {"k": 2} if "top_k" in name else {}
            got = ours(t, p, **arguments).numpy()
            expected = np.asarray(theirs(t, p, **arguments))
            np.testing.assert_allclose(got, expected, rtol=RTOL, atol=1e-6, err_msg=name)
    public = {name for name in dir(keras.metrics) if name[0].islower()}
    assert public == {*seen, "get", "deserialize", "serialize"}


def _largest_error(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:
    return scale * ops.max(ops.absolute(y_true - y_pred), axis=-1)


def test_functions_and_classes_of_the_user() -> None:
    t, p = np.float32([[0, 0], [0, 0]]), np.float32([[1, 2], [3, 4]])
    wrapped = metrics.as_metric(_largest_error)
    assert wrapped.name == "_largest_error"
    assert wrapped(t, p).item() == 3.0
    assert metrics.MeanMetricWrapper(_largest_error, scale=2.0)(t, p).item() == 6.0
    of_loss = metrics.as_metric(losses.MeanSquaredError(name="squares"))
    assert (of_loss.name, of_loss(t, p).item()) == ("squares", 7.5)

    class Count(metrics.Metric):
        def __init__(self) -> None:
            super().__init__()
            self.rows = self.add_weight(name="rows", initializer="zeros")
            self.inside = metrics.Mean()

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.rows.assign_add(float(y_true.shape[0]))
            self.inside.update_state(y_pred)

        def result(self) -> Any:
            return self.rows.read()

    reset_names()
    count = Count()
    assert (count.name, Count().name) == ("count", "count_1")
    assert (count(t, p).item(), count(t, p).item()) == (2.0, 4.0)
    assert [v.path for v in count.variables] == ["count/rows", "mean/total", "mean/count"]
    count.reset_state()
    assert count.inside.result().item() == count.result().item() == 0.0


def test_wrapper_config() -> None:
    wrapped = metrics.MeanMetricWrapper(losses.huber, delta=2.0)
    config = wrapped.get_config()
    assert config == {"name": "huber", "dtype": "float32", "fn": "huber", "delta": 2.0}
    again = metrics.MeanMetricWrapper.from_config(config)
    assert (again.fn, again.arguments) == (losses.huber, {"delta": 2.0})


def test_a_metric_written_for_keras_2() -> None:
    class Hits(metrics.Metric):
        def __init__(self, name: str = "hits", **keywords: Any) -> None:
            super().__init__(name=name, **keywords)
            self.hits = self.add_weight("tp", initializer="zeros")
            self.parts = [metrics.Sum(), metrics.Mean()]
            self.own = Variable(np.float32(0), name="own", trainable=False)

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            right = ops.equal(y_true > 0.5, y_pred > 0.5).astype("float32")
            self.hits.assign_add(ops.sum(right))

        def result(self) -> Any:
            return self.hits

    metric = Hits()
    t, p = np.float32([1, 0, 1]), np.float32([0.9, 0.8, 0.7])
    step = compiled(lambda t, p: metric.update_state(t, p))
    step(t, p)
    step(t, p)
    assert float(metric.result()) == 4.0
    names = [variable.name for variable in metric.variables]
    assert names == ["tp", "total", "total", "count", "own"]
    metric.reset_states()
    assert float(metric.result()) == 0.0


def test_wrappers_of_the_users_functions_are_read_with_them(keras: Any) -> None:
    wrapped = metrics.MeanMetricWrapper(_largest_error, name="m", scale=2.0)
    custom = {"_largest_error": _largest_error}
    written = json.loads(json.dumps(metrics.serialize(wrapped)))
    assert metrics.deserialize(written, custom).get_config() == wrapped.get_config()
    foreign = keras.metrics.MeanMetricWrapper(keras.losses.huber, delta=2.0)
    found = metrics.deserialize(json.loads(json.dumps(keras.metrics.serialize(foreign))))
    assert (found.fn, found.arguments) == (losses.huber, {"delta": 2.0})
    assert metrics.get("_largest_error", custom) is _largest_error
    function = {"class_name": "function", "config": "binary_accuracy"}
    assert metrics.deserialize(function) is metrics.binary_accuracy


def test_relative_errors() -> None:
    metric = metrics.MeanRelativeError(normalizer=[1.0, 3.0, 2.0, 3.0])
    assert metric([1.0, 3.0, 2.0, 3.0], [2.0, 4.0, 6.0, 8.0]).item() == pytest.approx(5 / 4)
    assert metrics.MeanRelativeError([0.0, 2.0])([1.0, 1.0], [5.0, 2.0]).item() == 0.25
    assert metrics.deserialize(metrics.serialize(metric)).get_config() == metric.get_config()


MASKED = [
    ("BinaryAccuracy", {}, _chances),
    ("CategoricalAccuracy", {}, _one_hot),
    ("SparseCategoricalAccuracy", {}, _classes),
    ("MeanAbsoluteError", {}, _numbers),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, _classes),
]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "arguments", "data"), MASKED)
def test_masked_steps_count_nothing(
    keras: Any, name: str, arguments: dict[str, Any], data: Any, weighted: bool
) -> None:
    from keras.src import backend

    ours, theirs = _both(keras, name, arguments)
    mask = np.array([[True, True, False], [True, False, False]])
    weights = _weights(1, 2, 3) + np.float32(0.5) if weighted else None
    for seed in range(2):
        t, p = data(seed, 2, 3, 1 if name == "BinaryAccuracy" else 4)
        mine, real = Tensor(p), keras.ops.convert_to_tensor(p)
        mine.mask = mask
        backend.set_keras_mask(real, keras.ops.convert_to_tensor(mask))
        ours.update_state(t, mine, weights)
        theirs.update_state(t, real, weights)
    np.testing.assert_allclose(ours.result().item(), float(theirs.result()), rtol=RTOL)
