"""Functional models against real Keras: order, shapes, several inputs and outputs, training."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import Input, Model, Sequential, layers, ops
from lernwerk.core.random import set_random_seed
from lernwerk.errors import ArgumentError, ShapeError, UsageError
from lernwerk.names import reset_names

RANDOM = np.random.default_rng(3)
A = RANDOM.normal(size=(24, 6)).astype("float32")
B = RANDOM.normal(size=(24, 4)).astype("float32")
LABELS = np.arange(24) % 3
VALUES = (A[:, :1] - B[:, 1:2]).astype("float32")


def branches(package: Any) -> Any:
    """Two inputs, shared and nested parts, an operator, two outputs."""
    kinds = package.layers
    a, b = package.Input((6,), name="a"), package.Input((4,), name="b")
    shared = kinds.Dense(5, activation="tanh", name="shared")
    left, right = shared(kinds.Dense(4, name="left")(a)), shared(b)
    inside = package.Sequential([package.Input((5,)), kinds.Dense(5, activation="relu")], name="in")
    joined = inside(left) + right * 0.5
    value = kinds.Dense(1, name="value")(joined)
    kind = kinds.Dense(3, activation="softmax", name="kind")(joined[:, 1:])
    return package.Model(inputs=[a, b], outputs=[value, kind], name="branches")


def inverted(package: Any) -> Any:
    """Outputs at different depths, a layer used at two of them."""
    kinds = package.layers
    x = package.Input((6,), name="x")
    first = kinds.Dense(6, name="first")
    deep = first(first(x))
    side = kinds.Dense(2, name="side")(x)
    end = kinds.Dense(2, name="end")(kinds.Dense(3, name="middle")(deep))
    return package.Model(x, [end, side])


def copied(keras: Any, make: Any) -> tuple[Any, Any]:
    mine, real = make(lernwerk), make(keras)
    real.set_weights(mine.get_weights())
    return mine, real


@pytest.mark.parametrize("make", [branches, inverted])
def test_layers_and_weights_come_in_keras_s_order(keras: Any, make: Any) -> None:
    mine, real = make(lernwerk), make(keras)
    assert [layer.name for layer in mine.layers] == [layer.name for layer in real.layers]
    assert [w.shape for w in mine.weights] == [tuple(w.shape) for w in real.weights]
    assert mine.count_params() == real.count_params()
    assert mine.input_names == [tensor.name for tensor in real.inputs]
    assert mine.output_names == real.output_names


def test_outputs_are_those_of_keras(keras: Any) -> None:
    mine, real = copied(keras, branches)
    for one, other in zip(mine.predict([A, B]), real.predict([A, B], verbose=0), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    for form in ({"a": A, "b": B}, (A, B)):
        np.testing.assert_array_equal(mine.predict(form)[0], mine.predict([A, B])[0])
    np.testing.assert_allclose(mine([A, B])[0].numpy(), mine.predict([A, B])[0], atol=1e-6)


FORMS = [
    (["mse", "sparse_categorical_crossentropy"], [1.0, 0.5], [VALUES, LABELS]),
    ({"value": "mse", "kind": "sparse_categorical_crossentropy"}, {"value": 2.0, "kind": 1.0},
     {"value": VALUES, "kind": LABELS}),
    ({"kind": "sparse_categorical_crossentropy", "value": "mae"}, None, [VALUES, LABELS]),
]  # fmt: skip


@pytest.mark.parametrize(("loss", "loss_weights", "y"), FORMS)
def test_training_with_two_outputs_is_that_of_keras(
    keras: Any, loss: Any, loss_weights: Any, y: Any
) -> None:
    mine, real = copied(keras, branches)
    metrics = {"kind": ["accuracy"], "value": ["mae"]}
    histories = []
    for model, package in ((mine, lernwerk), (real, keras)):
        model.compile(package.optimizers.SGD(0.05), loss, loss_weights=loss_weights,
                      metrics=metrics)  # fmt: skip
        history = model.fit([A, B], y, epochs=3, batch_size=8, shuffle=False, verbose=0,
                            validation_data=([A[:9], B[:9]], _part(y, 9)))  # fmt: skip
        histories.append(history.history)
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=2e-4, err_msg=name)
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-6)
    found = mine.evaluate([A, B], y, return_dict=True)
    expected = real.evaluate([A, B], y, return_dict=True, verbose=0)
    assert found == pytest.approx(expected, rel=2e-4)


def _part(y: Any, rows: int) -> Any:
    return {k: v[:rows] for k, v in y.items()} if isinstance(y, dict) else [v[:rows] for v in y]


def test_weights_of_samples_for_each_output(keras: Any) -> None:
    mine, real = copied(keras, branches)
    weights = [np.linspace(0, 1, 24).astype("float32"), np.linspace(1, 0, 24).astype("float32")]
    found = []
    for model, package in ((mine, lernwerk), (real, keras)):
        model.compile(package.optimizers.SGD(0.05), ["mse", "sparse_categorical_crossentropy"],
                      weighted_metrics=[["mae"], ["accuracy"]])  # fmt: skip
        found.append(model.fit([A, B], [VALUES, LABELS], sample_weight=weights, epochs=2,
                               batch_size=8, shuffle=False, verbose=0).history)  # fmt: skip
    assert set(found[0]) == set(found[1])
    for name in found[0]:
        np.testing.assert_allclose(found[0][name], found[1][name], rtol=2e-4, err_msg=name)


def test_dicts_of_outputs(keras: Any) -> None:
    def make(package: Any) -> Any:
        x = package.Input((6,), name="x")
        hidden = package.layers.Dense(4, name="h")(x)
        outputs = {"p": package.layers.Dense(1)(hidden), "q": package.layers.Dense(2)(hidden)}
        return package.Model({"x": x}, outputs)

    mine, real = copied(keras, make)
    y = {"p": A[:, 0], "q": A[:, :2]}
    histories = []
    for model in (mine, real):
        model.compile("sgd", {"p": "mse", "q": "mae"})
        histories.append(model.fit({"x": A}, y, shuffle=False, verbose=0).history)
    for name, values in histories[0].items():
        np.testing.assert_allclose(values, histories[1][name], rtol=1e-4)
    found, expected = mine.predict({"x": A}), real.predict({"x": A}, verbose=0)
    assert set(found) == {"p", "q"}
    np.testing.assert_allclose(found["q"], expected["q"], rtol=2e-4, atol=1e-6)


def test_models_between_the_tensors_of_another(keras: Any) -> None:
    def features(package: Any) -> Any:
        model = package.Sequential([
            package.Input((8, 8, 1)), package.layers.Conv2D(3, 3, name="c"),
            package.layers.Flatten(), package.layers.Dense(4, name="d"),
        ])  # fmt: skip
        inner = package.Model(inputs=model.inputs, outputs=model.layers[0].output)
        rest = package.Model(model.get_layer("c").output, model.outputs[0])
        return package.Model(model.inputs, [inner(model.inputs), rest(inner.output)])

    mine, real = copied(keras, features)
    x = RANDOM.normal(size=(2, 8, 8, 1)).astype("float32")
    for one, other in zip(mine.predict(x), real.predict(x, verbose=0), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_summary_of_a_graph_is_the_table_of_keras(keras: Any) -> None:
    reset_names()
    texts: list[str] = []
    branches(lernwerk).summary(print_fn=texts.append)
    keras.backend.clear_session()
    real: list[str] = []
    branches(keras).summary(print_fn=lambda text, **_: real.append(text), line_length=80)
    for line in texts[0].splitlines():
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        if len(cells) == 4 and cells[0]:
            row = next(each for each in "".join(real).splitlines() if cells[0] in each)
            assert [cell.strip() for cell in row.strip("│").split("│")][:3] == cells[:3]
    assert "│ shared[1][0]   │" in texts[0]


def test_masks_travel_through_a_graph(keras: Any) -> None:
    def make(package: Any) -> Any:
        kinds = package.layers
        x = package.Input((5,), dtype="int32")
        embedded = kinds.Embedding(7, 3, mask_zero=True)(x)
        doubled = kinds.Dropout(0.5)(embedded)
        return package.Model(x, [kinds.LSTM(4)(doubled), kinds.GRU(2)(embedded)])

    mine, real = copied(keras, make)
    x = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 1], [0, 0, 2, 0, 0]], "int32")
    for one, other in zip(mine.predict(x), real.predict(x, verbose=0), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_vector_fits_an_input_of_one_column() -> None:
    x = Input((1,))
    model = Model(x, layers.Dense(2)(x))
    assert model.predict(np.arange(5.0)).shape == (5, 2)
    pictures = Input((4, 4, 1))
    model = Model(pictures, layers.Flatten()(pictures))
    assert model.predict(np.zeros((2, 4, 4))).shape == (2, 16)


def test_copies_and_pickles_are_models_of_their_own() -> None:
    set_random_seed(2)
    model = branches(lernwerk)
    model.compile("adam", ["mse", "sparse_categorical_crossentropy"])
    model.fit([A, B], [VALUES, LABELS], verbose=0)
    expected = model.predict([A, B])[1]
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.predict([A, B])[1], expected)
        again.fit([A, B], [VALUES, LABELS], verbose=0)
        assert (again.get_weights()[0] != model.get_weights()[0]).any()
    np.testing.assert_array_equal(model.predict([A, B])[1], expected)


def test_a_symbolic_tensor_kept_in_a_loss_has_the_value_of_the_step(keras: Any) -> None:
    """The variational autoencoders of 2016 to 2020 do so."""
    x = Input((6,))
    hidden = layers.Dense(3, name="h")(x)
    model = Model(x, layers.Dense(6)(hidden))

    def loss(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(y_true - y_pred), axis=-1) + ops.sum(hidden * hidden, axis=-1)

    model.compile("sgd", loss)
    found = model.evaluate(A, A)
    kernel, bias, *_ = model.get_weights()
    expected = np.mean((A - model.predict(A)) ** 2, -1) + np.sum((A @ kernel + bias) ** 2, -1)
    assert found == pytest.approx(expected.mean(), rel=1e-5)
    other = Model(x, layers.Dense(6)(hidden))
    other.add_loss(ops.mean(ops.sum(ops.square(hidden), axis=-1)))
    other.compile("sgd")
    assert other.evaluate(A) == pytest.approx(
        np.mean(np.sum((A @ kernel + bias) ** 2, -1)), rel=1e-5
    )
    before = other.get_weights()[0]
    other.fit(A, epochs=1, verbose=0)
    assert np.abs(other.get_weights()[0]).sum() < np.abs(before).sum()


def test_a_subclass_may_give_inputs_and_outputs() -> None:
    class Own(Model):
        def __init__(self, units: int) -> None:
            x = Input((6,))
            super().__init__(inputs=x, outputs=layers.Dense(units)(x))
            self.units = units

        def train_step(self, data: Any) -> Any:
            logs = super().train_step(data)
            return {"loss": logs["loss"], "twice": logs["loss"] * 2}

    model = Own(2)
    model.compile("sgd", "mse")
    history = model.fit(A, A[:, :2], epochs=2, verbose=0).history
    assert list(history) == ["loss", "twice"]
    assert history["twice"] == pytest.approx([2 * value for value in history["loss"]])
    assert history["loss"][1] < history["loss"][0]


@pytest.mark.parametrize(
    ("use", "kind", "text"),
    [
        (lambda: Model(Input((2,), name="x"), 3), ArgumentError,
         "Model(...): expected outputs that are symbolic tensors, got 3. inputs = "
         "Input(shape=...); outputs = Dense(10)(inputs); Model(inputs, outputs)"),
        (lambda: Model(inputs=Input((2,))), ArgumentError,
         "Model(...): expected inputs and outputs, got inputs only. Model(inputs, outputs)"),
        (lambda: branches(lernwerk).predict([A]), UsageError,
         "x: expected 2 inputs (a, b), got 1. model.fit([a, b], y), or a dict with these names"),
        (lambda: branches(lernwerk).predict({"a": A}), UsageError,
         "x: expected a value for each input (a, b), got none for 'b'."),
        (lambda: branches(lernwerk).predict([A, A]), ShapeError,
         "shared: expected input (batch, 4), got (24, 6). "
         "It was built for other inputs: check the shape of the data or the layer before."),
        (lambda: bool(Input((2,), name="x") > 1), UsageError, None),
        (lambda: Input((2,), name="x").numpy(), UsageError,
         "x numpy(): expected a tensor with values, got a symbolic one of shape (None, 2). It gets "
         "values when the model runs: use layers and keras.ops on it, or model.predict(x) for "
         "numbers."),
        (lambda: branches(lernwerk).get_layer("sharde"), ArgumentError,
         "branches.get_layer: expected the name of a layer, got 'sharde'. Did you mean 'shared'?"),
    ],
)  # fmt: skip
def test_what_is_refused(use: Any, kind: type[Exception], text: str | None) -> None:
    with pytest.raises(kind) as refused:
        use()
    assert text is None or str(refused.value) == text


def test_an_input_that_was_forgotten_is_named() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    with pytest.raises(ArgumentError) as refused:
        Model(a, a + b)
    assert str(refused.value) == (
        "Model(...): expected inputs that lead to all outputs, got none for b, on which an output "
        "depends. Add the tensor of b to the inputs."
    )


def test_a_sequential_begins_with_the_input_of_its_first_model() -> None:
    base = Sequential([Input((6,)), layers.Dense(4)])
    model = Sequential([base, layers.Dense(2)])
    assert model.built
    assert model.output_shape == (None, 2)
