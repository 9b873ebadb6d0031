"""Sequential: adding, removing, finding layers, building, weights, summary, freezing, configs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import Input, Model, Sequential, layers, optimizers
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError
from lernwerk.names import reset_names


def convolutions(padding: str) -> list[Any]:
    return [
        Input((20, 20, 3)), layers.Dense(16), layers.Conv2D(32, 3, padding=padding),
        layers.Conv2D(64, 5, padding=padding), layers.Conv2D(128, 7, padding=padding),
        layers.Flatten(), layers.Dense(2),
    ]  # fmt: skip


def small() -> list[Any]:
    return [Input((2,)), layers.Dense(3), layers.Dense(2)]


# The figures that books print; the last column of the table.
FIGURES = [
    (small, 17),
    (lambda: [Input((20, 20, 3)), layers.Conv2D(2, 3, padding="same"),
              layers.Conv2D(3, 3, padding="same"), layers.Flatten(), layers.Dense(2)], 2_515),
    (lambda: convolutions("valid"), 473_890),
    (lambda: convolutions("same"), 559_906),
    (lambda: [Input((20, 20, 3)), layers.Dense(16), layers.Conv2D(32, 3, padding="same"),
              layers.MaxPooling2D(), layers.Conv2D(64, 5, padding="same"), layers.Flatten(),
              layers.Dense(2)], 68_770),
    (lambda: [Input((784,)), layers.Dense(64), layers.Dense(10)], 50_890),
    (lambda: [Input((784,)), layers.Dense(64), layers.Dense(64), layers.Dense(10)], 55_050),
    (lambda: [Input((784,)), *(each for _ in range(3) for each in (
        layers.Dense(64), layers.BatchNormalization(), layers.Dropout(0.2))),
        layers.Dense(10)], 59_978),
    (lambda: [Input((28, 28, 1)), layers.Conv2D(32, 3), layers.Conv2D(64, 3),
              layers.MaxPooling2D(), layers.Flatten(), layers.Dense(128), layers.Dense(10)],
     1_199_882),
]  # fmt: skip


@pytest.mark.parametrize(("make", "count"), FIGURES)
def test_the_parameter_counts_of_the_books(make: Any, count: int) -> None:
    model = Sequential(make())
    assert model.count_params() == count
    printed: list[str] = []
    model.summary(print_fn=printed.append)
    assert f" Total params: {count:,} (" in printed[0]


def test_the_summary_is_the_table_of_keras(keras: Any) -> None:
    def made(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input(shape=(8, 8, 1)), kinds.Conv2D(4, 3, name="conv"),
            kinds.BatchNormalization(name="norm"), kinds.Flatten(name="flat"),
            kinds.Dense(10, name="out"),
        ], name="net")  # fmt: skip

    import lernwerk

    texts: list[str] = []
    made(lernwerk).summary(print_fn=texts.append)
    real: list[str] = []
    made(keras).summary(print_fn=lambda text, **_: real.append(text), line_length=80)

    def words(text: str) -> list[str]:
        for mark in "┏┳┓┡╇┩├┼┤└┴┘━─│┃":
            text = text.replace(mark, " ")
        return text.split()

    assert words(texts[0]) == words("".join(real))


def test_a_model_that_is_not_built_shows_question_marks(capsys: Any) -> None:
    Sequential([layers.Dense(3, name="a")]).summary()
    text = capsys.readouterr().out
    assert "?" in text
    assert "0 (unbuilt)" in text
    assert "Total params: 0 (0.00 B)" in text


def test_weights_are_made_when_the_shape_is_known() -> None:
    early = Sequential(small())
    given = Sequential([layers.Dense(3, input_shape=(2,)), layers.Dense(2)])
    old = Sequential([layers.Dense(3, input_dim=2), layers.Dense(2)])
    late = Sequential([layers.Dense(3), layers.Dense(2)])
    assert [m.built for m in (early, given, old, late)] == [True, True, True, False]
    assert late.weights == []
    late(np.zeros((5, 2), "float32"))
    explicit = Sequential([layers.Dense(3), layers.Dense(2)])
    explicit.build((None, 2))
    for model in (early, given, old, late, explicit):
        assert [w.shape for w in model.weights] == [(2, 3), (3,), (3, 2), (2,)]
        assert model.input_shape == (None, 2)
        assert model.output_shape == (None, 2)


def test_layers_are_added_removed_and_found() -> None:
    model = Sequential(name="net")
    model.add(Input((4,)))
    first, second = layers.Dense(3, name="first"), layers.Dense(2, name="second")
    model.add(first)
    model.add(second)
    assert model.layers == [first, second]
    assert model.get_layer("second") is second
    assert model.get_layer(index=0) is first
    assert model.pop() is second
    assert model.layers == [first]
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(7))
    assert model.predict(np.zeros((1, 4))).shape == (1, 7)


def test_a_layer_added_after_a_prediction_takes_part() -> None:
    model = Sequential([Input((2,)), layers.Dense(3)])
    assert model.predict(np.ones((1, 2))).shape == (1, 3)
    model.add(layers.Activation("softmax"))
    np.testing.assert_allclose(model.predict(np.ones((1, 2))).sum(), 1, rtol=1e-6)


def test_calling_takes_lists_arrays_and_integers() -> None:
    model = Sequential([Input((2,)), layers.Dense(3)])
    expected = model(np.array([[1.0, 2.0]], "float32")).numpy()
    np.testing.assert_array_equal(model([[1.0, 2.0]]).numpy(), expected)
    np.testing.assert_array_equal(model(np.array([[1, 2]])).numpy(), expected)


def test_models_can_be_layers_of_models() -> None:
    inner = Sequential([Input((4,)), layers.Embedding(5, 3, mask_zero=True)], name="inner")
    model = Sequential([Input((4,)), inner, layers.GlobalAveragePooling1D(), layers.Dense(2)])
    assert len(model.weights) == 3
    x = np.array([[1, 2, 0, 0]], "int32")
    table, kernel, bias = model.get_weights()
    expected = table[[1, 2]].mean(axis=0) @ kernel + bias
    np.testing.assert_allclose(model.predict(x)[0], expected, rtol=1e-5)
    again = Sequential.from_config(json.loads(json.dumps(model.get_config())))
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_text_of_any_length_can_be_declared() -> None:
    model = Sequential([
        Input((None,)), layers.Embedding(9, 4), layers.Conv1D(3, 3), layers.GlobalMaxPooling1D(),
        layers.Dense(1),
    ])  # fmt: skip
    assert model.output_shape == (None, 1)
    assert [layer.built for layer in model.layers] == [True] * 4
    for length in (3, 8):
        assert model.predict(np.ones((2, length), "int32")).shape == (2, 1)


def test_get_and_set_weights() -> None:
    model = Sequential(small())
    weights = [np.full(w.shape, i + 1.0) for i, w in enumerate(model.get_weights())]
    model.set_weights(weights)
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    model.get_weights()[0][:] = 9  # a copy: the model keeps its own
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_freezing_a_layer_or_the_model(keras: Any) -> None:
    import lernwerk

    def counts(package: Any) -> list[int]:
        kinds = package.layers
        model = package.Sequential([
            package.Input(shape=(3,)), kinds.Dense(4), kinds.BatchNormalization(), kinds.Dense(2),
        ])  # fmt: skip
        found = [len(model.trainable_weights)]
        model.layers[0].trainable = False
        found += [len(model.trainable_weights), len(model.non_trainable_weights)]
        model.trainable = False
        found.append(len(model.trainable_weights))
        model.layers[2].trainable = True  # the model itself is still frozen
        found.append(len(model.trainable_weights))
        model.trainable = True
        found.append(len(model.trainable_weights))
        return found

    assert counts(lernwerk) == counts(keras) == [6, 4, 4, 0, 0, 6]


def test_names_count_up_and_can_be_reset() -> None:
    reset_names()
    model = Sequential([layers.Dense(1), layers.MaxPooling2D(), layers.Dense(1)])
    assert model.name == "sequential"
    assert [layer.name for layer in model.layers] == ["dense", "max_pooling2d", "dense_1"]
    assert Sequential().name == "sequential_1"


def test_configs_are_those_of_keras(keras: Any) -> None:
    set_random_seed(0)
    model = Sequential([Input((4, 3)), layers.LSTM(3), layers.Dense(2, "softmax")], name="net")
    config = json.loads(json.dumps(model.get_config()))
    real = keras.Sequential.from_config(config)
    real.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(3, 4, 3)).astype("float32")
    np.testing.assert_allclose(model.predict(x), np.asarray(real(x)), atol=1e-6)
    again = Sequential.from_config(json.loads(json.dumps(real.get_config())))
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert again.name == "net"
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


def test_a_frozen_model_stays_frozen_in_its_config() -> None:
    model = Sequential(small(), trainable=False)
    assert model.trainable_weights == []
    assert Sequential.from_config(model.get_config()).trainable_weights == []


def x_of(*shape: int) -> np.ndarray:
    return np.zeros(shape, "float32")


FLATTEN = "Flatten it first: add layers.Flatten() or x.reshape(len(x), 784)."


def test_the_message_of_the_design_names_the_shape_of_the_whole_data_set() -> None:
    model = Sequential([Input((784,)), layers.Dense(10, name="dense_1")])
    model.compile("sgd", "mse")
    text = f"dense_1: expected input (batch, 784), got (600, 28, 28). {FLATTEN}"
    for use in (
        lambda: model.fit(x_of(600, 28, 28), x_of(600, 10), verbose=0),
        lambda: model.evaluate(x_of(600, 28, 28), x_of(600, 10)),
        lambda: model.predict(x_of(600, 28, 28)),
    ):
        with pytest.raises(ShapeError) as refused:
            use()
        assert str(refused.value) == text


@pytest.mark.parametrize(
    ("use", "kind", "text"),
    [
        (lambda: Sequential(name="net").add("Dense"), ArgumentError,
         "net.add: expected a layer, got 'Dense'. For example layers.Dense(10)."),
        (lambda: Sequential(name="net").pop(), UsageError,
         "net.pop: expected a layer to remove, got none."),
        (lambda: Sequential(small()[:1], name="net").get_layer("dens"), ArgumentError,
         "net.get_layer: expected the name of a layer, got 'dens'. Known: ."),
        (lambda: Sequential([layers.Dense(1, name="first")], name="net").get_layer("frst"),
         ArgumentError,
         "net.get_layer: expected the name of a layer, got 'frst'. Did you mean 'first'?"),
        (lambda: Sequential(name="net").input_shape, UsageError,
         "net.input_shape: expected a built model, got one without input shape. "
         "Begin it with Input(shape=...), or call it on data first."),
        (lambda: Sequential(small(), name="net").set_weights([]), DataError,
         "net.set_weights: expected 4 arrays, got 0."),
        (lambda: Sequential(small(), name="net").fit(x_of(1, 2), x_of(1, 2)), UsageError,
         "net.fit: expected a compiled model with a loss, got none. "
         "model.compile(optimizer='adam', loss='mse')"),
        (lambda: Sequential(small()).predict(x_of(0, 2)), UsageError,
         "model.predict: expected at least one row, got none."),
    ],
)  # fmt: skip
def test_what_is_refused(use: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as refused:
        use()
    assert str(refused.value) == text


def test_the_same_layer_twice_is_refused() -> None:
    layer = layers.Dense(2, name="d")
    with pytest.raises(ArgumentError) as refused:
        Sequential([layer, layer], name="net")
    assert str(refused.value) == "net.add: expected a layer of its own, got d again."


def test_a_subclass_of_model_trains(keras: Any) -> None:
    class Two(Model):
        def __init__(self) -> None:
            super().__init__()
            self.parts = [layers.Dense(4, "tanh"), layers.Dense(1)]

        def call(self, inputs: Any) -> Any:
            return inputs + self.parts[1](self.parts[0](inputs))

    set_random_seed(1)
    model = Two()
    model.compile(optimizers.Adam(0.01), "mse", metrics=["mae"])
    x = np.linspace(-1, 1, 40, dtype="float32").reshape(-1, 1)
    history = model.fit(x, 3 * x, epochs=30, verbose=0).history
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    assert len(model.weights) == 4
