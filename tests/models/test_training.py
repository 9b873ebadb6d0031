"""What fit promises by itself: repeatability, eager steps, metrics, freezing, learning rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, layers, losses, metrics, ops, optimizers
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, ShapeError, TrainingWarning, UsageError

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(30, 4)).astype("float32")
Y = X[:, :1] - X[:, 1:2]
LABELS = (np.arange(30) % 3).astype("int64")


def model(*more: Any, seed: int = 1, units: int = 1, **options: Any) -> Sequential:
    set_random_seed(seed)
    between = [make() for make in more]
    made = Sequential([layers.Dense(5, "tanh", input_shape=(4,)), *between, layers.Dense(units)])
    made.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    return made


def test_the_same_seed_twice_is_bit_identical() -> None:
    found = []
    for _ in range(2):
        net = model(lambda: layers.Dropout(0.3), layers.BatchNormalization, optimizer="adam")
        history = net.fit(X, Y, epochs=3, batch_size=7, verbose=0, validation_split=0.2)
        found.append((history.history, net.get_weights(), net.predict(X)))
    assert found[0][0] == found[1][0]
    for one, other in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(found[0][2], found[1][2])


def test_another_seed_gives_another_training() -> None:
    losses_of = [model(seed=s).fit(X, Y, epochs=1, verbose=0).history["loss"] for s in (1, 2)]
    assert losses_of[0] != losses_of[1]


def test_rows_are_shuffled_unless_asked_otherwise() -> None:
    def trained(shuffle: bool) -> np.ndarray:
        net = model()
        net.fit(X, Y, batch_size=5, verbose=0, shuffle=shuffle)
        return net.get_weights()[0]

    assert (trained(True) != trained(False)).any()
    np.testing.assert_array_equal(trained(False), trained(False))


def test_eager_steps_give_the_numbers_of_compiled_ones() -> None:
    found = []
    for eager in (False, True):
        net = model(lambda: layers.Dropout(0.3), layers.BatchNormalization, optimizer="adam",
                    run_eagerly=eager, metrics=["mae"])  # fmt: skip
        history = net.fit(X, Y, epochs=2, batch_size=8, verbose=0, validation_split=0.2).history
        found.append((history, net.predict(X, batch_size=8), net.train_on_batch(X, Y)))
    for name, values in found[0][0].items():
        np.testing.assert_allclose(values, found[1][0][name], rtol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-5)
    np.testing.assert_allclose(found[0][2], found[1][2], rtol=1e-5)


def test_eager_steps_can_look_at_numbers() -> None:
    seen = []

    class Watch(layers.Layer):
        def call(self, inputs: Any) -> Any:
            seen.append(float(inputs.numpy().mean()))
            return inputs

    net = Sequential([layers.Dense(1, input_shape=(4,))])
    net.compile("sgd", "mse", run_eagerly=True)
    net.layers[0].activation = Watch()
    net.predict(X)
    assert len(seen) == 1
    net.compile("sgd", "mse")
    with pytest.raises(UsageError, match="run_eagerly=True"):
        net.predict(X)


ACCURACIES = [
    (1, "sigmoid", "binary_crossentropy", LABELS % 2, "BinaryAccuracy"),
    (3, "softmax", "sparse_categorical_crossentropy", LABELS, "SparseCategoricalAccuracy"),
    (3, "softmax", "sparse_categorical_crossentropy", LABELS[:, None],
     "SparseCategoricalAccuracy"),
    (3, "softmax", "categorical_crossentropy", np.eye(3)[LABELS], "CategoricalAccuracy"),
    (3, "sigmoid", "binary_crossentropy", np.eye(3)[LABELS], "CategoricalAccuracy"),
    (1, None, "mse", LABELS % 2, "BinaryAccuracy"),
]  # fmt: skip


@pytest.mark.parametrize(("units", "activation", "loss", "y", "kind"), ACCURACIES)
@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_accuracy_means_what_keras_means(
    units: int, activation: Any, loss: str, y: Any, kind: str, name: str
) -> None:
    net = Sequential([layers.Dense(units, activation)])
    net.compile("sgd", loss, metrics=[name])
    history = net.fit(X, y, verbose=0).history
    shown = "acc" if name == "acc" else "accuracy"
    assert list(history) == [shown, "loss"] or list(history) == ["loss", shown]
    assert net.resolved_metrics == {shown: kind}
    texts: list[str] = []
    net.summary(print_fn=texts.append)
    assert f"Metric '{shown}': {kind}" in texts[0]
    predicted = net.predict(X)
    right = {
        "BinaryAccuracy": lambda: (predicted[:, 0] > 0.5) == y,
        "SparseCategoricalAccuracy": lambda: predicted.argmax(1) == y.reshape(-1),
        "CategoricalAccuracy": lambda: predicted.argmax(1) == y.argmax(1),
    }[kind]()
    assert net.evaluate(X, y, return_dict=True)[shown] == pytest.approx(right.mean())


def test_metrics_may_be_names_functions_classes_and_objects() -> None:
    def largest(y_true: Any, y_pred: Any) -> Any:
        return ops.max(ops.absolute(y_true - y_pred), axis=-1)

    net = model(metrics=["mae", metrics.mean_squared_error, metrics.RootMeanSquaredError(name="r"),
                         largest])  # fmt: skip
    found = net.evaluate(X, Y, return_dict=True)
    assert list(found) == ["loss", "mae", "mean_squared_error", "r", "largest"]
    error = net.predict(X) - Y
    expected = [(error**2).mean(), np.abs(error).mean(), (error**2).mean(),
                np.sqrt((error**2).mean()), np.abs(error).mean()]  # fmt: skip
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-5)
    assert net.metrics_names == list(found)
    assert list(model(metrics="mae").evaluate(X, Y, return_dict=True)) == ["loss", "mae"]


def test_evaluate_returns_a_number_a_list_or_a_dict() -> None:
    assert isinstance(model().evaluate(X, Y), float)
    net = model(metrics=["mae"])
    assert [type(v) for v in net.evaluate(X, Y)] == [float, float]
    assert net.evaluate(X, Y) == list(net.evaluate(X, Y, return_dict=True).values())
    assert net.evaluate(X, Y, batch_size=7)[0] == pytest.approx(net.evaluate(X, Y)[0], rel=1e-5)
    weighted = net.evaluate(X, Y, sample_weight=np.r_[np.ones(10), np.zeros(20)])
    assert weighted[0] == pytest.approx(net.evaluate(X[:10], Y[:10])[0] / 3, rel=1e-4)


def test_predict_needs_no_compile_and_takes_any_batch_size() -> None:
    net = Sequential([layers.Dense(2), layers.Dropout(0.9)])
    expected = net(X).numpy()
    for size in (None, 1, 7, 30, 99):
        np.testing.assert_allclose(net.predict(X, batch_size=size), expected, atol=1e-6)
    assert net.predict(X).dtype == np.float32


def test_the_learning_rate_changes_between_fits_without_compiling() -> None:
    net = model()
    net.fit(X, Y, verbose=0)
    before = net.get_weights()
    net.optimizer.learning_rate = 0.0
    net.fit(X, Y, verbose=0)
    for one, other in zip(before, net.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    net.optimizer.learning_rate = 0.1
    net.fit(X, Y, verbose=0)
    assert (before[0] != net.get_weights()[0]).any()


def test_freezing_takes_effect_with_compile_and_is_announced_before() -> None:
    net = model()
    net.layers[0].trainable = False
    frozen = net.layers[0].get_weights()
    with pytest.warns(TrainingWarning) as warned:
        net.fit(X, Y, epochs=1, verbose=0)
        net.fit(X, Y, epochs=1, verbose=0)
    assert [str(each.message) for each in warned] == [
        "fit: expected layer.trainable to be set before compile, got "
        f"{net.layers[0].name}.trainable = False after it. "
        "It takes effect with the next model.compile(...)."
    ]
    assert (net.layers[0].get_weights()[0] != frozen[0]).any()
    net.compile("sgd", "mse")
    frozen, free = net.layers[0].get_weights(), net.layers[1].get_weights()
    net.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(net.layers[0].get_weights()[0], frozen[0])
    assert (net.layers[1].get_weights()[0] != free[0]).any()


def test_a_frozen_normalization_keeps_its_statistics() -> None:
    net = model(lambda: layers.BatchNormalization(center=False, scale=False))
    net.fit(X, Y, verbose=0)
    net.layers[1].trainable = False
    net.compile("sgd", "mse")
    before = net.layers[1].get_weights()
    net.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(net.layers[1].get_weights()[0], before[0])


def test_the_two_models_of_a_gan_each_learn_what_they_were_compiled_for() -> None:
    set_random_seed(1)
    judge = Sequential([layers.Dense(4, "relu", input_shape=(4,)), layers.BatchNormalization(),
                        layers.Dense(1, "sigmoid")])  # fmt: skip
    judge.compile("sgd", "binary_crossentropy")
    maker = Sequential([layers.Dense(4, input_shape=(4,))])
    judge.trainable = False
    both = Sequential([maker, judge])
    both.compile("sgd", "binary_crossentropy")
    ones = np.ones((30, 1))
    made, judged = maker.get_weights(), judge.get_weights()
    both.train_on_batch(X, ones)
    assert (maker.get_weights()[0] != made[0]).any()
    for one, other in zip(judge.get_weights(), judged, strict=True):
        np.testing.assert_array_equal(one, other)
    made = maker.get_weights()
    judge.train_on_batch(X, ones)
    np.testing.assert_array_equal(maker.get_weights()[0], made[0])
    assert all((a != b).any() for a, b in zip(judge.get_weights(), judged, strict=True))


def test_a_model_without_anything_to_train_still_counts_its_loss() -> None:
    net = model()
    net.trainable = False
    net.compile("sgd", "mse")
    before = net.get_weights()
    history = net.fit(X, Y, epochs=2, verbose=0).history
    assert history["loss"][0] == pytest.approx(history["loss"][1])
    np.testing.assert_array_equal(net.get_weights()[0], before[0])


def test_the_history_has_keras_s_keys_in_order() -> None:
    history = model(metrics=["mae"]).fit(X, Y, epochs=2, verbose=0, validation_split=0.2)
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert history.epoch == [0, 1]


def test_loss_falls_with_a_column_against_a_vector() -> None:
    net = model(optimizer=optimizers.SGD(0.1))
    history = net.fit(X, Y[:, 0], epochs=60, verbose=0).history["loss"]
    assert history[-1] < 0.3 * history[0]


def test_a_loss_function_of_the_user_s_own() -> None:
    def own(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.absolute(y_true - y_pred), axis=-1)

    found = model(loss=own).evaluate(X, Y)
    assert found == pytest.approx(model(loss=losses.MeanAbsoluteError()).evaluate(X, Y), rel=1e-6)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"optimizer": "adm"}, "Did you mean 'adam'?"),
        ({"loss": "mean_squared_eror"}, "Did you mean 'mean_squared_error'?"),
        ({"metrics": ["acuracy"]}, "Did you mean 'accuracy'?"),
    ],
)
def test_unknown_names_are_refused_at_compile(options: Any, text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        model(**options)
    assert text in str(refused.value)


def test_predicting_other_shapes_names_the_layer() -> None:
    net = model()
    net.layers[0].name = "first"
    with pytest.raises(ShapeError) as refused:
        net.predict(np.zeros((50, 7)))
    assert str(refused.value) == (
        "first: expected input (batch, 4), got (50, 7). "
        "It was built for other inputs: check the shape of the data or the layer before."
    )


def test_metrics_in_the_place_of_keras_2_are_understood() -> None:
    net = model()
    net.compile("sgd", "mse", ["mae"])
    assert list(net.fit(X, Y, verbose=0).history) == ["loss", "mae"]
