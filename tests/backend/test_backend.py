"""``keras.backend`` as ``K``: old positional arguments, values, functions of a model's symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import lernwerk
from lernwerk import backend as K
from lernwerk import layers
from lernwerk.errors import ArgumentError

X = np.random.default_rng(2).normal(size=(3, 4)).astype("float32")
Y = np.random.default_rng(3).normal(size=(3, 4)).astype("float32")
STEPS = np.random.default_rng(4).normal(size=(2, 3, 4)).astype("float32")

CALLS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("sum", (X, 1, True), X.sum(1, keepdims=True)), ("mean", ([1, 2],), 1.5),
    ("mean", (X, [0, 1]), X.mean()), ("std", (X, -1), X.std(-1)), ("var", (X,), X.var()),
    ("max", (X, 0), X.max(0)), ("min", (X,), X.min()), ("prod", (X, 1), X.prod(1)),
    ("any", (X > 0, 1), (X > 0).any(1)), ("all", (X > 0, 1), (X > 0).all(1)),
    ("logsumexp", (X, 1), special.logsumexp(X, 1)), ("argmax", (X,), X.argmax(-1)),
    ("argmin", (X, 0), X.argmin(0)), ("cumsum", (X, 1), X.cumsum(1)),
    ("cumprod", (X, 1), X.cumprod(1)), ("square", (X,), X**2), ("abs", (X,), abs(X)),
    ("exp", (X,), np.exp(X)), ("log", (abs(X),), np.log(abs(X))), ("sign", (X,), np.sign(X)),
    ("sqrt", ([4.0, -1.0],), [2.0, 0.0]), ("pow", (X, 2), X**2), ("sin", (X,), np.sin(X)),
    ("clip", (X, -0.5, 0.5), X.clip(-0.5, 0.5)), ("round", (X,), X.round()),
    ("equal", ([1, 2], [1, 3]), [True, False]), ("not_equal", (X, 0), X != 0),
    ("greater", (X, Y), X > Y), ("less_equal", (X, 0.0), X <= 0),
    ("maximum", (X, Y), np.maximum(X, Y)),
    ("dot", (X, Y.T), X @ Y.T), ("batch_dot", (X, Y, 1), (X * Y).sum(1)[:, None]),
    ("batch_dot", (STEPS, STEPS, (2, 2)), STEPS @ STEPS.transpose(0, 2, 1)),
    ("transpose", (X,), X.T), ("permute_dimensions", (STEPS, (0, 2, 1)), STEPS.transpose(0, 2, 1)),
    ("reshape", (X, (-1, 6)), X.reshape(-1, 6)), ("flatten", (X,), X.reshape(-1)),
    ("batch_flatten", (STEPS,), STEPS.reshape(2, 12)), ("expand_dims", (X,), X[..., None]),
    ("squeeze", (X[None], 0), X), ("concatenate", ([X, Y],), np.concatenate([X, Y], -1)),
    ("stack", ([X, Y],), np.stack([X, Y])), ("repeat", (X, 2), np.stack([X, X], 1)),
    ("repeat_elements", (X, 2, 1), X.repeat(2, 1)), ("tile", (X, (1, 2)), np.tile(X, (1, 2))),
    ("reverse", (X, 1), X[:, ::-1]), ("gather", (X, [2, 0]), X[[2, 0]]),
    ("one_hot", ([0, 2], 3), [[1, 0, 0], [0, 0, 1]]), ("arange", (3,), [0, 1, 2]),
    ("zeros", ((2, 3),), np.zeros((2, 3))), ("ones_like", (X,), np.ones_like(X)),
    ("eye", (2,), np.eye(2)), ("constant", (2.0, None, (2, 2)), np.full((2, 2), 2.0)),
    ("cast", (X, "int32"), X.astype("int32")), ("cast_to_floatx", (np.arange(3),), [0.0, 1.0, 2.0]),
    ("l2_normalize", (X, 1), X / np.linalg.norm(X, axis=1, keepdims=True)),
    ("softmax", (X,), special.softmax(X, -1)), ("sigmoid", (X,), special.expit(X)),
    ("hard_sigmoid", (X,), (X * 0.2 + 0.5).clip(0, 1)),
    ("relu", (X, 0.1), np.where(X > 0, X, X / 10)),
    ("relu", (X, 0.0, 0.5), X.clip(0, 0.5)), ("elu", (X,), np.where(X > 0, X, np.expm1(X))),
    ("softplus", (X,), np.log1p(np.exp(X))), ("softsign", (X,), X / (1 + abs(X))),
    ("binary_crossentropy", ([1.0], [0.25]), [np.log(4)]),
    ("categorical_crossentropy", ([[0.0, 1.0]], [[0.5, 0.5]]), [np.log(2)]),
    ("sparse_categorical_crossentropy", ([1], [[0.0, 0.0]], True), [np.log(2)]),
    ("in_top_k", (X, [0, 1, 2], 4), [True, True, True]),
    ("bias_add", (X, [1.0, 2.0, 3.0, 4.0]), X + np.arange(1, 5)),
    ("temporal_padding", (STEPS, (1, 2)), np.pad(STEPS, ((0, 0), (1, 2), (0, 0)))),
    ("resize_images", (STEPS[..., None], 2, 1), STEPS[..., None].repeat(2, 1)),
    ("switch", (X > 0, X, Y), np.where(X > 0, X, Y)), ("in_train_phase", (1, 2), 2),
    ("foldl", (lambda a, b: a + b, [1, 2, 3]), 6), ("map_fn", (lambda x: x * 2, X), X * 2),
    ("stop_gradient", (X,), X), ("eval", (X,), X), ("shape", (X,), (3, 4)),
    ("int_shape", (X,), (3, 4)), ("ndim", (X,), 2), ("count_params", (X,), 12),
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call[0])
def test_values(call: tuple[str, tuple[Any, ...], Any]) -> None:
    name, arguments, expected = call
    found, expected = np.asarray(getattr(K, name)(*arguments)), np.asarray(expected)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_variables() -> None:
    x = K.variable(np.zeros((2,)), name="x")
    K.set_value(x, [1.0, 2.0])
    K.update_add(x, [1.0, 1.0])
    np.testing.assert_array_equal(K.get_value(x), [2, 3])
    K.batch_set_value([(x, [0.0, 4.0])])
    np.testing.assert_array_equal(K.batch_get_value([x])[0], [0, 4])
    K.moving_average_update(x, [1.0, 0.0], 0.5)
    np.testing.assert_array_equal(K.eval(x), [0.5, 2])
    assert K.is_variable(x)
    assert K.dtype(x) == "float64"
    assert K.dtype(K.variable(1.0)) == "float32"


def test_random_numbers() -> None:
    normal = K.random_normal((2000,), 1.0, 2.0, seed=3).numpy()
    assert abs(normal.mean() - 1) < 0.2 and abs(normal.std() - 2) < 0.2
    np.testing.assert_array_equal(normal, K.random_normal((2000,), 1.0, 2.0, seed=3))
    uniform = K.random_uniform((2000,), -1.0, 3.0).numpy()
    assert -1 <= uniform.min() < uniform.max() < 3
    assert set(K.random_bernoulli((100,), 0.5).numpy()) == {0.0, 1.0}
    assert K.dropout(K.ones((100,)), 0.5).numpy().max() == 2.0


def test_state() -> None:
    assert (K.epsilon(), K.floatx(), K.image_data_format()) == (1e-7, "float32", "channels_last")
    assert (K.image_dim_ordering(), K.backend(), K.learning_phase()) == ("tf", "tensorflow", 0)
    K.set_image_dim_ordering("th")
    assert K.image_data_format() == "channels_first"
    K.set_image_data_format("channels_last")
    with K.learning_phase_scope(1):
        assert K.learning_phase() == 1
        assert K.in_train_phase(1, 2) == 1
    K.clear_session()
    assert layers.Dense(1).name == "dense"
    with K.name_scope("loss") as name:
        assert name == "loss"
    assert K.get_session().run([K.constant(1.0)]) == [1.0]


def test_rnn_walks_along_the_steps() -> None:
    def step(x: Any, states: Any) -> Any:
        total = x + states[0]
        return total, [total]

    last, outputs, states = K.rnn(step, STEPS, [K.zeros((2, 4))])
    np.testing.assert_allclose(outputs, STEPS.cumsum(1), rtol=1e-5)
    np.testing.assert_allclose(last, STEPS.sum(1), rtol=1e-5)
    mask = np.array([[True, False, True], [True, True, False]])
    _, outputs, states = K.rnn(step, STEPS, [K.zeros((2, 4))], mask=mask)
    kept = (STEPS * mask[..., None]).sum(1)
    np.testing.assert_allclose(states[0], kept, rtol=1e-4, atol=1e-6)


@pytest.fixture
def model() -> Any:
    inputs = layers.Input((4,))
    hidden = layers.Dense(3, "relu", name="hidden")(inputs)
    outputs = layers.Dense(2)(layers.Dropout(0.5)(hidden))
    return lernwerk.Model(inputs, outputs)


def test_function_gives_what_a_layer_sees(model: Any) -> None:
    hidden = model.get_layer("hidden")
    see = K.function([model.input], [hidden.output, model.output])
    found, output = see([X])
    kernel, bias = hidden.get_weights()
    np.testing.assert_allclose(found, np.maximum(X @ kernel + bias, 0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(output, model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    hidden.set_weights([kernel * 0, bias + 1])
    np.testing.assert_array_equal(see([X])[0], np.ones((3, 3)))


def test_function_with_a_learning_phase(model: Any) -> None:
    lernwerk.utils.set_random_seed(3)  # else two masks of nine may be the same
    see = K.function([model.layers[0].input, K.learning_phase()], [model.output])
    assert not np.array_equal(see([X, 1])[0], see([X, 1])[0])  # dropout
    np.testing.assert_array_equal(see([X, 0])[0], see([X, 0])[0])


def test_symbols_take_part_in_functions(model: Any) -> None:
    total = K.sum(K.square(model.output), axis=-1, keepdims=True)
    assert K.int_shape(total) == (None, 1)
    assert K.is_keras_tensor(total)
    (gradient,) = K.gradients(K.mean(total), [model.input])
    found = K.function([model.input], [gradient])([X])[0]
    assert found.shape == X.shape
    step = 1e-2
    see = K.function([model.input], [K.mean(total)])
    up, down = X.copy(), X.copy()
    up[0, 0] += step
    down[0, 0] -= step
    slope = (see([up])[0] - see([down])[0]) / (2 * step)
    np.testing.assert_allclose(found[0, 0], slope, rtol=0.05, atol=1e-3)


def test_gradients_of_tensors() -> None:
    x = K.variable([1.0, 2.0])
    (found,) = K.gradients(K.sum(x * x), [x])
    np.testing.assert_array_equal(found, [2, 4])


def test_messages(model: Any) -> None:
    with pytest.raises(ArgumentError) as caught:
        K.function([model.input], [model.output], updates=[1])
    assert str(caught.value) == (
        "K.function: expected updates of an optimizer, got 1. optimizer.get_updates(loss, weights)"
    )
    with pytest.raises(ArgumentError) as resized:
        K.resize_images(STEPS[..., None], 2, 2, "channels_last", "bilinear")
    assert str(resized.value) == (
        "resize_images: expected interpolation 'nearest', got 'bilinear'."
        " Use layers.UpSampling2D(interpolation='bilinear')."
    )
