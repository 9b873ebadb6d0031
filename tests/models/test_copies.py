"""pickle, copy.deepcopy and clone_model of models."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from functional_cases import CASES, filled, flat

import lernwerk
from lernwerk import layers
from lernwerk.errors import ArgumentError
from lernwerk.models import Model, Sequential, clone_model

X = np.random.default_rng(1).normal(size=(8, 4)).astype("float32")
COPIES = {"deepcopy": copy.deepcopy, "pickle": lambda model: pickle.loads(pickle.dumps(model))}


def _same(one: Any, two: Any, x: Any) -> None:
    for a, b in zip(flat(one.predict(x)), flat(two.predict(x)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("name", CASES)
def test_a_copy_computes_the_same_and_is_of_its_own(name: str, how: str) -> None:
    make, x = CASES[name]
    model = filled(make(lernwerk))
    made = COPIES[how](model)
    _same(model, made, x)
    assert made.get_config() == model.get_config()
    assert not {id(each) for each in made.weights} & {id(each) for each in model.weights}
    made.set_weights([np.zeros_like(w) for w in made.get_weights()])
    assert all(w.any() for w in model.get_weights())


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_goes_on_with_the_training(how: str) -> None:
    x = lernwerk.Input((4,))
    model = Model(x, [layers.Dense(2)(x), layers.Dense(1)(layers.Dropout(0.2)(x))])
    model.compile("adam", "mse", metrics=["mae"])
    y = [np.ones((8, 2)), np.ones((8, 1))]
    model.fit(X, y, verbose=0)
    made = COPIES[how](model)
    for each in (model, made):
        each.fit(X, y, epochs=2, verbose=0)
    for a, b in zip(model.state_variables, made.state_variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("how", COPIES)
def test_three_hundred_layers_are_no_matter(how: str) -> None:
    x = y = lernwerk.Input((4,))
    for _ in range(300):
        y = layers.Dense(4)(y) * 0.1 + y
    model = Model(x, y)
    _same(model, COPIES[how](model), X)


@pytest.mark.parametrize("how", COPIES)
def test_symbolic_losses_come_along(how: str) -> None:
    x = lernwerk.Input((4,))
    hidden = layers.Dense(3)(x)
    model = Model(x, layers.Dense(1)(hidden))
    model.add_loss((hidden * hidden).mean())
    model.compile("sgd", "mse")
    made = COPIES[how](model)
    made.compile("sgd", "mse")
    y = np.zeros((8, 1))
    assert made.evaluate(X, y, verbose=0) == model.evaluate(X, y, verbose=0)
    assert made.evaluate(X, y, verbose=0) > float(np.mean(made.predict(X) ** 2))


# ---- clone_model


@pytest.mark.parametrize("name", CASES)
def test_a_clone_has_the_layers_and_weights_of_its_own(name: str) -> None:
    make, x = CASES[name]
    model = filled(make(lernwerk))
    clone = clone_model(model)
    assert [each.name for each in clone.layers] == [each.name for each in model.layers]
    drawn = [not np.array_equal(a, b) for a, b in
             zip(clone.get_weights(), model.get_weights(), strict=True)]  # fmt: skip
    assert any(drawn) or not drawn
    clone.set_weights(model.get_weights())
    _same(model, clone, x)


def _models(k: Any) -> tuple[Any, Any, Any]:
    entry = k.Input((4,))
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(4, name="inner_dense")], name="inner")
    functional = k.Model(entry, k.layers.Dense(2, name="last")(inner(entry)))
    return inner, functional, k


def _scenario(k: Any, clone: Any) -> list[Any]:
    """What clone_model makes of its options, as numbers and names."""
    inner, functional, _ = _models(k)

    def wider(layer: Any) -> Any:
        config = layer.get_config()
        if "units" in config:
            config["units"] += 1
        return type(layer).from_config(config)

    def same(layer: Any) -> Any:
        return layer

    def with_more(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        found = layer(*arguments, **keywords)
        return k.layers.Activation("relu", name="more")(found) if layer.name == "last" else found

    shallow = clone(functional, clone_function=wider)
    deep = clone(functional, clone_function=wider, recursive=True)
    chain = clone(inner, clone_function=wider)
    reused = clone(functional, clone_function=same, call_function=with_more)
    given = k.Input((4,), name="given")
    on_given = clone(functional, input_tensors=given)
    return [
        shallow.count_params(), deep.count_params(), chain.count_params(), shallow.output_shape,
        reused.layers[-1].name, reused.layers[-2] is functional.layers[-1],
        on_given.layers[0].name, on_given.input is given,
    ]  # fmt: skip


def test_options_do_what_keras_does(keras: Any) -> None:
    assert _scenario(lernwerk, clone_model) == _scenario(keras, keras.models.clone_model)


def test_a_clone_is_compiled_as_the_model_is() -> None:
    _, model, _ = _models(lernwerk)
    assert not clone_model(model).compiled
    model.compile("adam", "mse", metrics=["mae"])
    clone = clone_model(model)
    clone.fit(X, np.ones((8, 2)), verbose=0)
    assert list(clone.history.history) == ["loss", "mae"]
    assert clone.optimizer is not model.optimizer


def test_functions_and_classes_of_one_s_own_are_found() -> None:
    class Twice(layers.Layer):
        def __init__(self, factor: float = 2.0, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.factor = factor

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    def shifted(x: Any) -> Any:
        return x + 1.0

    listed = [layers.Dense(4, activation=shifted), Twice(3.0), layers.Lambda(lambda x: x * 2.0)]
    model = Sequential([layers.Input((4,)), *listed])
    clone = clone_model(model)
    clone.set_weights(model.get_weights())
    _same(model, clone, X)


def test_a_subclass_is_made_anew_from_its_arguments() -> None:
    class Own(Model):
        def __init__(self, units: int, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.units = units
            self.dense = layers.Dense(units)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    clone = clone_model(Own(3))
    assert (type(clone), clone.units) == (Own, 3)
    with pytest.raises(ArgumentError) as refused:
        clone_model(Own(3), clone_function=lambda layer: layer)
    assert str(refused.value) == (
        "clone_model: expected clone_function and the like with sequential and functional models "
        "only, got a Own with its own call."
    )


def test_what_does_not_fit_is_refused() -> None:
    inner, functional, _ = _models(lernwerk)
    with pytest.raises(ArgumentError, match="expected call_function with functional models only"):
        clone_model(inner, call_function=lambda layer, x: layer(x))
    with pytest.raises(ArgumentError, match="expected 1 symbolic tensors as input_tensors"):
        clone_model(functional, input_tensors=[X, X])
