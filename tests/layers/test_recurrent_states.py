"""States of recurrent layers: given ones, those kept between batches, encoder and decoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError

KINDS = ["SimpleRNN", "LSTM", "GRU"]


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def same_pair(keras: Any, name: str, x: np.ndarray, **options: Any) -> tuple[Any, Any]:
    """A layer and Keras's with the same weights."""
    mine, real = (getattr(p, name)(3, **options) for p in (layers, keras.layers))
    mine.build_for(x.shape)
    real.build(x.shape)
    mine.set_weights(real.get_weights())
    return mine, real


def assert_equal(found: Any, expected: Any) -> None:
    listed = found if isinstance(found, list) else [found]
    theirs = expected if isinstance(expected, (list, tuple)) else [expected]
    for one, other in zip(listed, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), np.asarray(other), atol=2e-6)


# ---- given states


@pytest.mark.parametrize("options", [{}, {"return_sequences": True, "return_state": True},
                                     {"activation": "relu", "go_backwards": True}])  # fmt: skip
@pytest.mark.parametrize("name", KINDS)
def test_a_layer_begins_with_the_states_given(
    keras: Any, name: str, options: dict[str, Any]
) -> None:
    x = numbers(4, 5, 2)
    mine, real = same_pair(keras, name, x, **options)
    states = [numbers(4, 3, seed=k) for k in range(2 if name == "LSTM" else 1)]
    assert_equal(mine(x, initial_state=states), real(x, initial_state=states))
    tensors = list(map(Tensor, states))
    assert_equal(mine([Tensor(x), *tensors]), real(x, initial_state=states))
    if len(states) == 1:
        assert_equal(mine(x, initial_state=states[0]), real(x, initial_state=states))


def test_gradients_reach_the_states_given() -> None:
    x, h, c = Tensor(numbers(4, 5, 2)), Tensor(numbers(4, 3)), Tensor(numbers(4, 3, seed=1))
    found = gradient(layers.LSTM(3)(x, initial_state=[h, c]).sum(), [h, c])
    assert all((g.numpy() != 0).all() for g in found)


@pytest.mark.parametrize(
    ("name", "states", "kind", "text"),
    [
        ("LSTM", [(4, 3)], ArgumentError,
         "layer: expected initial_state of 2 tensors, got 1. For example initial_state=[h, c]."),
        ("GRU", [(4, 3), (4, 3)], ArgumentError,
         "layer: expected initial_state of 1 tensor, got 2. For example initial_state=[h]."),
        ("GRU", [(4, 2)], ShapeError,
         "layer: expected an initial state of shape (4, 3), got (4, 2)."),
    ],
)  # fmt: skip
def test_states_that_do_not_fit_are_refused(
    name: str, states: list[Any], kind: type[Exception], text: str
) -> None:
    layer = getattr(layers, name)(3, name="layer")
    with pytest.raises(kind) as refused:
        layer(numbers(4, 5, 2), initial_state=[numbers(*shape) for shape in states])
    assert str(refused.value) == text


# ---- states kept between batches


@pytest.mark.parametrize("options", [{}, {"return_sequences": True, "go_backwards": True},
                                     {"activation": "softsign", "return_state": True}])  # fmt: skip
@pytest.mark.parametrize("name", KINDS)
def test_stateful_layers_over_several_batches(
    keras: Any, name: str, options: dict[str, Any]
) -> None:
    first = numbers(4, 5, 2)
    mine, real = same_pair(keras, name, first, stateful=True, **options)
    mask = np.array([[True, True, True, False, False]] * 4)
    for batch in range(3):
        x = numbers(4, 5, 2, seed=batch)
        given = {"mask": mask} if batch == 1 else {}
        assert_equal(mine(x, **given), real(x, **given))
    for own, theirs in zip(mine.states, real.states, strict=True):
        np.testing.assert_allclose(own.numpy(), np.asarray(theirs.value), atol=2e-6)
    mine.reset_state()
    real.reset_state()
    assert_equal(mine(first), real(first))
    assert len(mine.weights) == len(real.weights) == 3
    assert len(mine.non_trainable_weights) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: [layers.GRU(3, stateful=True, batch_input_shape=(4, 5, 2))],
        lambda: [layers.GRU(3, stateful=True, batch_shape=(4, 5, 2))],
        lambda: [layers.Input((5, 2), batch_size=4), layers.GRU(3, stateful=True)],
        lambda: [layers.Input((5, 2)), layers.GRU(3, stateful=True)],
        lambda: [layers.GRU(3, stateful=True)],
    ],
)
def test_a_model_goes_on_where_the_last_batch_ended(make: Callable[[], Any]) -> None:
    """Two halves of a sequence, one after the other, are the whole of it."""
    x = numbers(4, 10, 2)
    model = lernwerk.Sequential(make())
    model.predict(x[:, :5], batch_size=4)
    halves = model.predict(x[:, 5:], batch_size=4)
    whole = layers.GRU(3)
    whole.build_for(x.shape)
    whole.set_weights(model.get_weights())
    np.testing.assert_allclose(halves, whole(x).numpy(), rtol=1e-5, atol=1e-6)
    model.reset_states()
    again = model.predict(x[:, :5], batch_size=4)
    np.testing.assert_allclose(again, whole(x[:, :5]).numpy(), rtol=1e-5, atol=1e-6)


def test_a_known_batch_size_gives_states_at_once() -> None:
    layer = layers.LSTM(3, stateful=True)
    lernwerk.Sequential([layers.Input((5, 2), batch_size=4), layer])
    assert [state.shape for state in layer.states] == [(4, 3), (4, 3)]
    layer.reset_state([np.ones((4, 3)), np.zeros((4, 3))])
    assert layer.states[0].numpy().sum() == 12
    unknown = layers.LSTM(3, stateful=True)
    lernwerk.Sequential([layers.Input((5, 2)), unknown])
    assert unknown.states is None
    unknown.reset_states()


def test_training_goes_on_with_the_states_too() -> None:
    """``fit`` in whole epochs and step by step give the same."""
    x, y = numbers(12, 5, 2), numbers(12, 1)
    found = []
    for eagerly in (False, True):
        lernwerk.utils.set_random_seed(1)
        model = lernwerk.Sequential([
            layers.Input((5, 2), batch_size=4), layers.LSTM(3, stateful=True), layers.Dense(1),
        ])  # fmt: skip
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
        found.append([*model.get_weights(), *(s.numpy() for s in model.layers[0].states)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_another_batch_size_is_refused() -> None:
    layer = layers.GRU(3, stateful=True, name="layer")
    layer(numbers(4, 5, 2))
    with pytest.raises(ShapeError) as refused:
        layer(numbers(3, 5, 2))
    assert str(refused.value) == (
        "layer: expected batches of 4 rows, for which the states of this stateful layer were "
        "made, got 3. Use batch_size=4 and a number of rows that it divides."
    )
    assert layer.compute_output_shape((None, 5, 2)) == (None, 3)


def test_bidirectional_layers_keep_both_states(keras: Any) -> None:
    mine, real = (p.Bidirectional(p.GRU(3, stateful=True)) for p in (layers, keras.layers))
    mine.build_for((4, 5, 2))
    real.build((4, 5, 2))
    mine.set_weights(real.get_weights())
    for batch in range(2):
        assert_equal(mine(numbers(4, 5, 2, seed=batch)), real(numbers(4, 5, 2, seed=batch)))
    mine.reset_states()
    real.reset_state()
    assert_equal(mine(numbers(4, 5, 2)), real(numbers(4, 5, 2)))


def test_stacked_cells_keep_nested_states() -> None:
    x = numbers(4, 6, 2)
    layer = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], stateful=True)
    layer(x[:, :3])
    halves = layer(x[:, 3:]).numpy()
    layer.reset_state()
    whole = layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)])
    whole.build_for(x.shape)
    whole.set_weights(layer.get_weights())
    np.testing.assert_allclose(halves, whole(x).numpy(), rtol=1e-5, atol=1e-6)
    assert [[s.shape for s in each] for each in layer.states] == [[(4, 3), (4, 3)], [(4, 2)]]


# ---- encoder and decoder


def translator(package: Any) -> Any:
    """Encoder and decoder as in Keras's example of translation, for training and for use."""
    p = package.layers
    encoder_inputs = p.Input((None, 5))
    _, h, c = p.LSTM(4, return_state=True)(encoder_inputs)
    decoder_inputs = p.Input((None, 6))
    decoder_lstm = p.LSTM(4, return_sequences=True, return_state=True)
    outputs, _, _ = decoder_lstm(decoder_inputs, initial_state=[h, c])
    dense = p.Dense(6, activation="softmax")
    model = package.Model([encoder_inputs, decoder_inputs], dense(outputs))
    given = [p.Input((4,)), p.Input((4,))]
    outputs, h_out, c_out = decoder_lstm(decoder_inputs, initial_state=given)
    decoder = package.Model([decoder_inputs, *given], [dense(outputs), h_out, c_out])
    return model, package.Model(encoder_inputs, [h, c]), decoder


def test_encoder_and_decoder_are_those_of_keras(keras: Any) -> None:
    (mine, encoder, decoder), (real, their_encoder, their_decoder) = map(
        translator, (lernwerk, keras)
    )
    assert [w.shape for w in mine.weights] == [tuple(w.shape) for w in real.weights]
    mine.set_weights(real.get_weights())
    x, y = numbers(8, 7, 5), np.eye(6, dtype="float32")[np.arange(24).reshape(8, 3) % 6]
    shifted = np.roll(y, 1, axis=1)
    for package, model in ((lernwerk, mine), (keras, real)):
        model.compile(package.optimizers.SGD(0.5), "categorical_crossentropy")
    losses = [float(model.train_on_batch([x, shifted], y)) for model in (mine, real)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    states, theirs = encoder.predict(x), their_encoder.predict(x, verbose=0)
    for one, other in zip(states, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    found = decoder.predict([shifted[:, :1], *states])
    expected = their_decoder.predict([shifted[:, :1], *theirs], verbose=0)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=5e-6)


def test_bidirectional_states_start_a_decoder(keras: Any) -> None:
    def model(package: Any) -> Any:
        p = package.layers
        inputs, targets = p.Input((6, 3)), p.Input((4, 2))
        found = p.Bidirectional(p.LSTM(2, return_state=True))(inputs)
        h = p.Concatenate()([found[1], found[3]])
        c = p.Concatenate()([found[2], found[4]])
        y = p.LSTM(4, return_sequences=True)(targets, initial_state=[h, c])
        return package.Model([inputs, targets], y)

    mine, real = model(lernwerk), model(keras)
    mine.set_weights(real.get_weights())
    given = [numbers(3, 6, 3), numbers(3, 4, 2)]
    np.testing.assert_allclose(mine.predict(given), real.predict(given, verbose=0), atol=2e-6)
