"""Every loss against real Keras: values and gradients, weights, smoothing, logits, ranks."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import Model, layers, losses, ops
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.compiled import compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor

RTOL = 2e-5
REDUCTIONS = ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None]


def _numbers(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    return np.float32(random.normal(size=shape)), np.float32(random.normal(size=shape))


def _positive(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(*shape)
    return np.abs(t) + np.float32(0.1), np.abs(p) + np.float32(0.1)


def _signs(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(*shape)
    return np.sign(t), p


def _bits(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(*shape)
    return np.float32(t > 0), p


def _chances(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _bits(*shape)
    return t, 1 / (1 + np.exp(-p))


def _distributions(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = (np.exp(x) / np.exp(x).sum(-1, keepdims=True) for x in _numbers(*shape))
    return t, p


def _classes(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _distributions(*shape)
    return np.argmax(t, axis=-1), p


def _class_logits(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _numbers(*shape)
    return np.argmax(t, axis=-1), p


def _one_hot_logits(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    t, p = _class_logits(*shape)
    return np.eye(shape[-1], dtype="float32")[t], p


LOGITS = {"from_logits": True}
CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("MeanSquaredError", {}, _numbers),
    ("MeanAbsoluteError", {}, _numbers),
    ("MeanAbsolutePercentageError", {}, _numbers),
    ("MeanSquaredLogarithmicError", {}, _positive),
    ("Huber", {}, _numbers),
    ("Huber", {"delta": 0.3}, _numbers),
    ("LogCosh", {}, _numbers),
    ("Hinge", {}, _signs),
    ("Hinge", {}, _bits),
    ("SquaredHinge", {}, _signs),
    ("SquaredHinge", {}, _bits),
    ("CategoricalHinge", {}, _one_hot_logits),
    ("KLDivergence", {}, _distributions),
    ("Poisson", {}, _positive),
    ("CosineSimilarity", {}, _numbers),
    ("CosineSimilarity", {"axis": 0, "reduction": "sum"}, _numbers),
    ("BinaryCrossentropy", {}, _chances),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, _chances),
    ("BinaryCrossentropy", LOGITS, _bits),
    ("BinaryCrossentropy", {"label_smoothing": 0.2, **LOGITS}, _bits),
    ("BinaryCrossentropy", {"axis": 0, "reduction": "sum"}, _chances),
    ("CategoricalCrossentropy", {}, _distributions),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, _distributions),
    ("CategoricalCrossentropy", LOGITS, _one_hot_logits),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1, **LOGITS}, _one_hot_logits),
    ("CategoricalCrossentropy", {"axis": 0, "reduction": "sum", **LOGITS}, _one_hot_logits),
    ("SparseCategoricalCrossentropy", {}, _classes),
    ("SparseCategoricalCrossentropy", LOGITS, _class_logits),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, _classes),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, **LOGITS}, _class_logits),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1, "reduction": "sum"}, _classes),
    ("BinaryFocalCrossentropy", {}, _chances),
    ("BinaryFocalCrossentropy", {"gamma": 3, "label_smoothing": 0.2}, _chances),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "alpha": 0.7, **LOGITS}, _bits),
    ("CategoricalFocalCrossentropy", {}, _distributions),
    ("CategoricalFocalCrossentropy", {"alpha": 0.5, "gamma": 1.0, **LOGITS}, _one_hot_logits),
    ("CategoricalFocalCrossentropy", {"label_smoothing": 0.1, **LOGITS}, _one_hot_logits),
    ("CategoricalGeneralizedCrossEntropy", {}, _classes),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.8}, _classes),
]
PER_SAMPLE = [case for case in CASES if case[1].get("axis") != 0]
NAMES = sorted({name for name, _, _ in CASES})


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return getattr(losses, name)(**arguments), getattr(keras.losses, name)(**arguments)


def _check(ours: Any, theirs: Any, t: Any, p: Any, weights: Any = None) -> None:
    """The same values, and for scalars the same gradients with respect to the prediction."""
    import jax

    prediction = Tensor(p)
    got, expected = ours(t, prediction, weights), theirs(t, p, weights)
    assert got.shape == tuple(expected.shape)
    np.testing.assert_allclose(got.numpy(), np.asarray(expected), rtol=RTOL, atol=1e-6)
    if got.ndim == 0:
        (own,) = gradient(got, [prediction])
        other = jax.grad(lambda p: theirs(t, p, weights))(p)
        np.testing.assert_allclose(own.numpy(), np.asarray(other), rtol=RTOL, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (2, 3, 4)])
@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_values_and_gradients_are_those_of_keras(
    keras: Any, name: str, arguments: dict[str, Any], data: Any, shape: tuple[int, ...]
) -> None:
    _check(*_both(keras, name, arguments), *data(*shape))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("name", "arguments", "data"), PER_SAMPLE)
def test_weights_and_reductions_are_those_of_keras(
    keras: Any, name: str, arguments: dict[str, Any], data: Any, reduction: str | None
) -> None:
    weights = np.float32([1, 0, 2, 0.5, 3, 1])
    _check(*_both(keras, name, arguments | {"reduction": reduction}), *data(6, 4), weights)


def test_other_forms_of_weights(keras: Any) -> None:
    t, p = _numbers(2, 3, 4)
    ours, theirs = _both(keras, "MeanSquaredError", {})
    for shape in [(2, 3), (1, 3), (2, 1), ()]:
        _check(ours, theirs, t, p, np.float32(np.arange(1, 1 + np.prod(shape)).reshape(shape)))
    column = np.float32([[1], [2]])
    assert ours(t, p, column[:, 0]).item() == ours(t, p, column).item()  # weigh all steps
    t, p = _numbers(2, 4)
    _check(ours, theirs, t, p, column)
    kept = losses.MeanSquaredError(reduction="none")(t, p, column)
    assert kept.shape == (2,)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_mask_leaves_values_out(keras: Any, reduction: str | None) -> None:
    t, p = _numbers(2, 3, 4)
    mask = np.array([[True, True, False], [True, False, False]])
    ours, theirs = _both(keras, "MeanSquaredError", {"reduction": reduction})
    masked = keras.ops.convert_to_tensor(p)
    from keras.src import backend

    backend.set_keras_mask(masked, keras.ops.convert_to_tensor(mask))
    for weights in (None, np.float32([[1, 2, 3], [4, 5, 6]])):
        expected = np.asarray(theirs(t, masked, weights))
        got = ours(t, p, weights, mask=mask).numpy()
        np.testing.assert_allclose(got, expected, rtol=RTOL)


def test_a_mask_that_keeps_nothing_gives_zero() -> None:
    t, p = _numbers(2, 4)
    assert losses.MeanSquaredError()(t, p, mask=np.zeros(2, bool)).item() == 0.0
    weighted = losses.MeanSquaredError("mean_with_sample_weight")
    assert weighted(t, p, np.zeros(2, "float32")).item() == 0.0


RANKS = [((5,), (5, 1)), ((5, 1), (5,)), ((5,), (5,)), ((2, 3), (2, 3, 1)), ((2, 3, 1), (2, 3))]


@pytest.mark.parametrize(("targets", "predictions"), RANKS)
@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "Hinge", "Poisson"])
def test_ranks_that_differ_by_a_last_one_are_brought_into_line(
    keras: Any, name: str, targets: Any, predictions: Any
) -> None:
    size = int(np.prod(targets))
    t = np.float32(np.arange(size) % 2).reshape(targets)
    p = np.float32(np.linspace(0.1, 0.9, size)).reshape(predictions)
    ours, theirs = _both(keras, name, {})
    _check(ours, theirs, t, p)


def test_a_column_of_class_numbers(keras: Any) -> None:
    t, p = _classes(5, 3)
    ours, theirs = _both(keras, "SparseCategoricalCrossentropy", {})
    _check(ours, theirs, t[:, None], p)
    assert ours(t[:, None], p).item() == ours(np.float32(t), p).item()


def test_classes_on_another_axis() -> None:
    t, p = _class_logits(2, 3, 4)
    logits = np.moveaxis(p, -1, 1)
    last = losses.SparseCategoricalCrossentropy(from_logits=True)(t, p)
    other = losses.SparseCategoricalCrossentropy(from_logits=True, axis=1)(t, logits)
    assert last.item() == other.item()
    one_hot = np.eye(4, dtype="float32")[t]
    smooth = {"from_logits": True, "label_smoothing": 0.3}
    last = losses.CategoricalCrossentropy(**smooth)(one_hot, p)
    first = losses.CategoricalCrossentropy(**smooth, axis=1)(np.moveaxis(one_hot, -1, 1), logits)
    np.testing.assert_allclose(last.item(), first.item(), rtol=1e-6)


EXTREME = np.float32([[200.0, -300.0, 50.0], [-400.0, 10.0, 500.0]])


def test_softmax_and_sigmoid_are_undone() -> None:
    """Probabilities that round to 0 and 1 keep their exact loss and gradient."""
    one_hot, numbers = np.float32([[0, 1, 0], [0, 0, 1]]), np.array([1, 2])
    logits = Tensor(EXTREME)
    pairs = [
        (losses.CategoricalCrossentropy, one_hot, ops.softmax(logits)),
        (losses.SparseCategoricalCrossentropy, numbers, ops.softmax(logits)),
        (losses.BinaryCrossentropy, one_hot, ops.sigmoid(logits)),
        (losses.BinaryFocalCrossentropy, one_hot, ops.sigmoid(logits)),
        (losses.CategoricalFocalCrossentropy, one_hot, ops.softmax(logits)),
    ]
    for kind, t, p in pairs:
        made, direct = kind()(t, p), kind(from_logits=True)(t, logits)
        assert made.item() == direct.item() > 20
        (g,), (h,) = gradient(made, [logits]), gradient(direct, [logits])
        np.testing.assert_array_equal(g.numpy(), h.numpy())
        assert np.abs(g.numpy()).max() > 0.1
        detached = kind()(t, p.numpy())  # nobody knows where these came from: clipped
        assert detached.item() < 20


def test_sigmoid_is_undone_where_ranks_differ() -> None:
    logits = Tensor(np.float32([[200.0], [-200.0]]))
    loss = losses.BinaryCrossentropy()(np.array([0, 1]), ops.sigmoid(logits))
    assert loss.item() == 200.0
    steps = Tensor(np.full((1, 2, 1), 200.0, "float32"))
    assert losses.BinaryCrossentropy()(np.zeros((1, 2)), ops.sigmoid(steps)).item() == 200.0


def test_softmax_over_another_axis_is_not_undone(keras: Any) -> None:
    t, p = _one_hot_logits(3, 4)
    made = ops.softmax(Tensor(p), axis=0)
    expected = keras.losses.CategoricalCrossentropy()(t, made.numpy())
    np.testing.assert_allclose(
        losses.CategoricalCrossentropy()(t, made).item(), float(expected), rtol=RTOL
    )


@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_compiled_is_eager(name: str, arguments: dict[str, Any], data: Any) -> None:
    loss, (t, p) = getattr(losses, name)(**arguments), data(6, 4)

    def step(t: Any, p: Any) -> Any:
        value = loss(t, p)
        return value, gradient(value, [p])[0]

    for one, other in zip(compiled(step)(t, p), step(Tensor(t), Tensor(p)), strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_functions_and_types(keras: Any, name: str, arguments: dict[str, Any], data: Any) -> None:
    function = {kind.__name__: f for f, kind in losses.CLASSES.items()}[name]
    theirs = getattr(keras.losses, function.__name__)
    needed = {"q": 0.5} if name == "CategoricalGeneralizedCrossEntropy" else {}
    own = needed | {k: v for k, v in arguments.items() if k not in ("reduction",)}
    t, p = data(6, 4)
    np.testing.assert_allclose(
        function(t, p, **own).numpy(), np.asarray(theirs(t, p, **own)), rtol=RTOL, atol=1e-6
    )
    double = getattr(losses, name)(**arguments)(t, p.astype("float64"))
    assert double.dtype == np.float64
    single = getattr(losses, name)(**arguments, dtype="float32")(t, p.astype("float64"))
    assert single.dtype == np.float32


@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_configs(keras: Any, name: str, arguments: dict[str, Any], data: Any) -> None:
    ours, theirs = _both(keras, name, arguments)
    default, other = _both(keras, name, {})
    assert default.get_config() == other.get_config()
    # What Keras forgets (Huber's delta, the axis) is written where it is not the default.
    assert theirs.get_config().items() <= ours.get_config().items()
    written = serialize(ours)
    assert written["module"] == "keras.losses"
    again = deserialize(written, "losses")
    t, p = data(6, 4)
    np.testing.assert_array_equal(again(t, p).numpy(), ours(t, p).numpy())
    assert again.get_config() == ours.get_config()
    config = json.loads(json.dumps(ours.get_config()))
    there = getattr(keras.losses, name).from_config(config)
    here = losses.deserialize(json.loads(json.dumps(keras.losses.serialize(theirs))))
    assert there.name == here.name == ours.name
    assert type(here) is type(ours)
    double = getattr(losses, name)(**arguments, dtype="float64").get_config()
    assert double == ours.get_config() | {"dtype": "float64"}


def test_names_are_those_of_keras(keras: Any) -> None:
    from keras.src.losses import ALL_OBJECTS_DICT

    for name, theirs in ALL_OBJECTS_DICT.items():
        if theirs.__name__ in losses.NAMES:
            found = losses.NAMES[name]
            assert found.__name__ == theirs.__name__, name
    missing = set(ALL_OBJECTS_DICT) - set(losses.NAMES)
    assert missing == {"Circle", "circle", "Loss", "LossFunctionWrapper"}
    for old in ("mse", "MAE", "kld", "KLD", "logcosh", "cosine_proximity", "huber_loss", "bce"):
        assert getattr(losses, old) is losses.NAMES[old]
    for name in NAMES:
        assert type(losses.get(name)) is getattr(losses, name)
        assert getattr(losses, name)().name == getattr(keras.losses, name)().name


def test_get_and_as_loss() -> None:
    assert losses.get("mse") is losses.mean_squared_error
    assert losses.get(None) is None
    loss = losses.Huber(2.0)
    assert losses.get(loss) is losses.as_loss(loss) is loss
    assert losses.get({"class_name": "Huber", "config": {"delta": 2.0}}).delta == 2.0
    named = losses.as_loss("mse")
    assert (type(named), named.name) == (losses.MeanSquaredError, "mse")
    assert losses.as_loss(losses.poisson).name == "poisson"
    for name in losses.NAMES:
        assert isinstance(losses.as_loss(name), losses.Loss)
    assert losses.deserialize("mse") is losses.mean_squared_error
    assert losses.serialize(losses.mean_squared_error) == "mean_squared_error"
    written = {"class_name": "function", "config": "huber", "module": "builtins"}
    assert losses.get(written) is losses.huber
    assert losses.get("_cubed", {"_cubed": _cubed}) is _cubed


def _cubed(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:
    return scale * ops.mean(abs(y_true - y_pred) ** 3, axis=-1)


def test_functions_of_the_user(keras: Any) -> None:
    t, p = _numbers(5, 1)
    whole = np.int64(np.round(t[:, 0]))  # one rank less, and integers

    def theirs(t: Any, p: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(t - p) ** 3, axis=-1)

    from keras.src.losses import LossFunctionWrapper

    expected = float(LossFunctionWrapper(theirs)(whole, p))
    np.testing.assert_allclose(losses.as_loss(_cubed)(whole, p).item(), expected, rtol=RTOL)
    wrapped = losses.LossFunctionWrapper(_cubed, scale=2.0)
    np.testing.assert_allclose(wrapped(whole, p).item(), 2 * expected, rtol=RTOL)
    assert wrapped.get_config() == {
        "name": "_cubed", "reduction": "sum_over_batch_size", "fn": "_cubed", "scale": 2.0,
    }  # fmt: skip
    custom = {"_cubed": _cubed}
    there = json.loads(json.dumps(losses.serialize(wrapped)))
    assert losses.deserialize(there, custom).get_config() == wrapped.get_config()
    foreign = keras.losses.serialize(LossFunctionWrapper(theirs, name="n"))
    assert losses.deserialize(foreign, {"theirs": _cubed}).fn is _cubed
    known = losses.LossFunctionWrapper(losses.huber, delta=2.0)
    again = losses.LossFunctionWrapper.from_config(known.get_config())
    assert again.fn is losses.huber
    assert again.arguments == {"delta": 2.0}


def test_a_loss_class_of_the_user() -> None:
    class Biased(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.mean(y_true - y_pred, axis=-1)

    assert Biased().name == "biased"
    assert Biased(reduction="sum")(np.ones((2, 1)), np.zeros((2, 1))).item() == 2.0
    with pytest.raises(NotImplementedError, match="Loss has no call"):
        losses.Loss()(np.ones(1), np.ones(1))


@pytest.mark.parametrize(("name", "arguments", "data"), CASES)
def test_symbolic_tensors_take_part(name: str, arguments: dict[str, Any], data: Any) -> None:
    t, p = data(6, 4)
    loss = getattr(losses, name)(**arguments)
    targets, predictions = layers.Input(t.shape[1:]), layers.Input(p.shape[1:])
    function = {kind.__name__: f for f, kind in losses.CLASSES.items()}[name]
    needed = {"q": 0.5} if name == "CategoricalGeneralizedCrossEntropy" else {}
    values = function(targets, predictions, **needed)
    total = loss(targets, predictions)
    model = Model([targets, predictions], [values, total])
    found = model([Tensor(np.float32(t)), Tensor(p)])
    np.testing.assert_allclose(found[0].numpy(), function(t, p, **needed).numpy(), rtol=1e-6)
    np.testing.assert_allclose(found[1].numpy(), loss(t, p).numpy(), rtol=1e-6)
