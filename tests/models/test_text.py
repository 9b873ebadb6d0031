"""Models that take strings: text layers at their beginning, applied while data are fed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import Input, Model, Sequential, layers
from lernwerk.errors import UsageError
from lernwerk.models.step_graph import step_graph

TEXTS = np.array(["the good film", "a bad film", "good good", "bad bad bad"])
LABELS = np.array([1, 0, 1, 0])


def words() -> Any:
    layer = layers.TextVectorization(max_tokens=20, output_sequence_length=4)
    layer.adapt(TEXTS)
    return layer


def tail() -> list[Any]:
    return [layers.Embedding(20, 3, mask_zero=True), layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid")]  # fmt: skip


@pytest.mark.parametrize("beginning", [[], [Input((1,), dtype="string")]])
def test_a_sequential_trains_on_strings(beginning: list[Any]) -> None:
    model = Sequential([*beginning, words(), *tail()])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(TEXTS, LABELS, epochs=100, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.predict(TEXTS).shape == (4, 1)
    column = model.predict(TEXTS[:, None])
    np.testing.assert_allclose(column, model.predict(TEXTS.tolist()), atol=1e-6)


def test_a_functional_model_takes_text_and_numbers() -> None:
    text, number = Input((1,), dtype="string", name="text"), Input((2,), name="number")
    features = words()(text)
    for layer in tail()[:2]:
        features = layer(features)
    output = layers.Dense(1)(layers.Concatenate()([features, number]))
    model = Model([text, number], output)
    model.compile("sgd", "mse")
    x = {"text": TEXTS, "number": np.zeros((4, 2), "float32")}
    history = model.fit(x, LABELS, epochs=20, verbose=0, validation_data=(x, LABELS)).history
    assert history["val_loss"][-1] < history["val_loss"][0]
    assert model.predict(x).shape == (4, 1)


def test_strings_need_a_text_layer() -> None:
    x = Input((1,), dtype="string", name="text")
    with pytest.raises(TypeError):
        layers.Dense(2)(x)


def test_an_input_of_strings_without_text_layer_is_refused() -> None:
    text, number = Input((1,), dtype="string"), Input((2,))
    model = Model([text, number], layers.Dense(1)(number))
    with pytest.raises(UsageError) as refused:
        model.predict([TEXTS, np.zeros((4, 2))])
    assert str(refused.value) == (
        "x: expected a TextVectorization or StringLookup after an Input of strings, got none. "
        "x = Input((1,), dtype='string'); TextVectorization(...)(x)"
    )


def test_hashing_takes_whole_numbers_in_a_model() -> None:
    model = Sequential([Input((1,), dtype="string"), layers.Hashing(4), layers.Embedding(4, 2)])
    assert model.predict(np.array([[1], [2], [3]])).shape == (3, 1, 2)
    expected = layers.Hashing(4).encode(np.array([[1], [2], [3]]))
    table = model.get_weights()[0]
    np.testing.assert_array_equal(model.predict(np.array([[1], [2], [3]])), table[expected])


def test_the_graph_of_a_model_that_takes_text() -> None:
    model = Sequential([Input((1,), dtype="string"), words(), *tail()])
    assert any(node.primitive.name == "gather" for node in step_graph(model).nodes)
