"""The graph of a step without data: the shapes of inputs and targets, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core.graph import verify
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.models import Sequential
from lernwerk.models.step_graph import step_graph


def network(loss=None, units=3, form=(4,), first=()):
    model = Sequential([layers.Input(form), *first, layers.Dense(units, activation="softmax")])
    if loss:
        model.compile(optimizer="sgd", loss=loss, metrics=["accuracy"])
    return model


TARGETS = [
    ("sparse_categorical_crossentropy", (4,), [(5, 4), (5,)], "int32"),
    ("categorical_crossentropy", (4,), [(5, 4), (5, 3)], "float32"),
    ("mse", (6, 4), [(5, 6, 4), (5, 6, 3)], "float32"),
    ("sparse_categorical_crossentropy", (6, 4), [(5, 6, 4), (5, 6)], "int32"),
]


@pytest.mark.parametrize("step", ["train", "test"])
@pytest.mark.parametrize(("loss", "form", "shapes", "dtype"), TARGETS)
def test_targets_are_those_of_the_loss(step, loss, form, shapes, dtype):
    graph = step_graph(network(loss, form=form), step, 5)
    verify(graph)
    assert [symbol.shape for symbol in graph.inputs] == shapes
    assert graph.inputs[1].dtype == dtype


def test_predict_needs_no_loss_and_changes_nothing():
    model = network()
    graph = step_graph(model, "predict", 2)
    assert [symbol.shape for symbol in graph.outputs] == [(2, 3)]
    assert not graph.updates
    assert model.predict(np.zeros((2, 4)), verbose=0).shape == (2, 3)


def test_class_numbers_are_integers():
    model = network(form=(7,), first=[layers.Embedding(9, 4)])
    assert step_graph(model).inputs[0].dtype == "int32"


def test_training_afterwards_is_the_same():
    x, y = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32), np.arange(20) % 3
    losses = []
    for look in (False, True):
        model = network("sparse_categorical_crossentropy")
        for weight in model.weights:
            weight.assign(np.linspace(-1, 1, weight.size).reshape(weight.shape))
        if look:
            step_graph(model, "train")
        losses.append(model.fit(x, y, epochs=2, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_what_is_refused():
    with pytest.raises(UsageError, match="expected a compiled model with a loss, got none"):
        step_graph(network(), "train")
    with pytest.raises(ArgumentError, match=r"Did you mean 'predict'\?"):
        step_graph(network(), "predicts")
    with pytest.raises(ArgumentError, match="expected batch_size to be an integer >= 1, got 0"):
        step_graph(network(), "predict", 0)
    model = Sequential([layers.Input((None, 4)), layers.LSTM(3)])
    with pytest.raises(UsageError, match=r"an input whose axes all have a length, got \(None, Non"):
        step_graph(model)
