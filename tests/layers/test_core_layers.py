"""Dense, Embedding, EinsumDense, Lambda, Identity, Masking, Wrapper and SpectralNormalization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import activations, initializers, layers
from lernwerk.errors import ArgumentError, ShapeError, UsageError

Agree = Callable[..., tuple[Any, Any]]
NAME = {"name": "layer"}


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")


# ---- constraints and given weights


@pytest.mark.parametrize(
    ("name", "options", "weights"),
    [
        ("Dense", {"units": 2}, ("kernel", "bias")),
        ("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 2, "bias_axes": "c"},
         ("kernel", "bias")),
        ("Embedding", {"input_dim": 4, "output_dim": 2}, ("embeddings",)),
        ("BatchNormalization", {}, ("gamma", "beta")),
        ("LayerNormalization", {}, ("gamma", "beta")),
        ("GroupNormalization", {"groups": 1}, ("gamma", "beta")),
    ],
)  # fmt: skip
def test_constraints_and_regularizers_reach_their_weights(
    name: str, options: dict[str, Any], weights: tuple[str, ...]
) -> None:
    given = {f"{w}_constraint": "non_neg" for w in weights}
    given |= {f"{w}_regularizer": "l2" for w in weights}
    layer = getattr(layers, name)(**options, **given)
    layer.build_for((None, 3))
    for weight in weights:
        variable = getattr(layer, weight)
        assert variable.constraint is getattr(layer, f"{weight}_constraint")
        assert variable.regularizer is getattr(layer, f"{weight}_regularizer")
        assert type(variable.constraint).__name__ == "NonNeg"
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("listed", [False, True])
def test_an_embedding_begins_with_given_vectors(listed: bool) -> None:
    table = numbers(5, 3)
    given = [table] if listed else table
    layer = layers.Embedding(5, 3, weights=given, input_length=4, trainable=False)
    np.testing.assert_array_equal(layer.get_weights()[0], table)
    np.testing.assert_array_equal(layer(np.array([[1, 4]])).numpy(), table[None, [1, 4]])
    assert "weights" not in layer.get_config()


def test_an_embedding_s_arguments_by_their_place() -> None:
    layer = layers.Embedding(5, 3, "ones", "l2", "non_neg", True, [np.ones((5, 3))])
    assert layer.mask_zero
    assert type(layer.embeddings_constraint).__name__ == "NonNeg"


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError) as refused:
        layers.Embedding(5, 3, weights=[numbers(5, 2)], **NAME)
    assert str(refused.value) == "layer: expected weights of shape (5, 3), got (5, 2)."


# ---- EinsumDense

EINSUM: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    ({"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": "c"}, (5, 3)),
    ({"equation": "abc,cd->abd", "output_shape": (None, 4), "bias_axes": "d",
      "activation": "relu"}, (2, 5, 3)),
    ({"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "de"}, (2, 5, 3)),
    ({"equation": "abc,cde->abde", "output_shape": (None, 2, 4), "bias_axes": "e"}, (2, 5, 3)),
    ({"equation": "abc,cde->abde", "output_shape": (5, 2, 4), "bias_axes": "d"}, (2, 5, 3)),
    ({"equation": "abcd,cde->abe", "output_shape": (None, 4)}, (2, 5, 2, 3)),
    ({"equation": "abc,bd->adc", "output_shape": (4, 3), "bias_axes": "dc"}, (2, 5, 3)),
    ({"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"}, (2, 5, 3)),
    ({"equation": "...x,xy->...y", "output_shape": 4, "bias_axes": "y"}, (5, 3)),
    ({"equation": "ab...,bc->ac...", "output_shape": 4, "bias_axes": "c"}, (2, 3, 5)),
    ({"equation": "ab, bc -> ac", "output_shape": 4}, (2, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("options", "shape"), EINSUM)
def test_products_along_named_axes(
    agree: Agree, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    options = dict(options, equation=options["equation"].replace(" ", ""))
    agree("EinsumDense", options, numbers(*shape))


@pytest.mark.parametrize(
    ("equation", "output_shape", "shape"),
    [("abc,cde->abde", (None, 8, 16), (None, 5, 64)),
     ("abc,dec->abde", (None, 8, 16), (None, 5, 64)),
     ("abcd,cde->abe", (None, 64), (None, 5, 8, 16))],
)  # fmt: skip
def test_the_kernel_s_spread_counts_inputs_and_outputs_as_keras(
    keras: Any, equation: str, output_shape: Any, shape: Any
) -> None:
    mine = layers.EinsumDense(equation, output_shape, kernel_initializer=initializers.HeNormal(1))
    real = keras.layers.EinsumDense(equation, output_shape, kernel_initializer="he_normal")
    mine.build_for(shape)
    real.build(shape)
    spread, expected = mine.get_weights()[0].std(), real.get_weights()[0].std()
    np.testing.assert_allclose(spread, expected, rtol=0.05)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.EinsumDense("ab,bc", 3, **NAME),
         "layer: expected an equation like 'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...', "
         "got 'ab,bc'."),
        (lambda: layers.EinsumDense("ab,bc->ad", 3, **NAME),
         "layer: expected letters of results among 'abbc', got 'd'."),
        (lambda: layers.EinsumDense("ab,bd->ab", 3, **NAME),
         "layer: expected letters of kernels among 'abab', got 'd'."),
        (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="x", **NAME),
         "layer: expected letters of biases among 'ac', got 'x'."),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, 2), **NAME).build_for((None, 2, None)),
         "layer: expected a known length of 'c' in 'abc,cd->abd', got (None, 2, None). "
         "Give it in output_shape or in Input(shape=...)."),
        (lambda: layers.EinsumDense("abc,cd->abd", 2, **NAME).build_for((None, 2, 3)),
         "layer: expected output_shape with 2 lengths for 'abc,cd->abd', got (2,)."),
        (lambda: layers.EinsumDense("abc,cd->abd", (5, 2), **NAME).build_for((None, 2, 3)),
         "layer: expected output_shape with b = 2 in 'abc,cd->abd', got (5, 2)."),
        (lambda: layers.EinsumDense("abc,cd->abd", (5, 2), **NAME).build_for((None, 2)),
         "layer: expected input with axes 'abc,cd->abd', got (None, 2)."),
    ],
)  # fmt: skip
def test_equations_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises((ArgumentError, ShapeError)) as refused:
        make()
    assert str(refused.value) == text


# ---- Lambda, Identity, Masking


def test_a_function_as_a_layer(agree: Agree) -> None:
    layer = layers.Lambda(lambda x, power, shift=0: x**power + shift, arguments={"power": 2})
    np.testing.assert_allclose(layer(numbers(2, 3)).numpy(), numbers(2, 3) ** 2, rtol=1e-6)
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    assert layers.Lambda(lambda x: x[:, 0]).compute_output_shape((None, 3, 2)) == (None, 2)


def test_a_function_gets_training_and_mask_where_it_names_them() -> None:
    def scaled(x: Any, training: bool = False, mask: Any = None) -> Any:
        return x * (2.0 if training else 1.0) * (0.0 if mask is None else 1.0)

    layer, x = layers.Lambda(scaled), numbers(2, 3)
    np.testing.assert_array_equal(layer(x).numpy(), 0 * x)
    np.testing.assert_array_equal(layer(x, training=True, mask=np.ones(2, bool)).numpy(), 2 * x)


def test_the_mask_of_a_function_is_what_was_given() -> None:
    given = layers.Lambda(lambda x: x, mask=lambda x, mask: ~mask)
    assert not given.compute_mask(None, np.ones(2, bool)).any()
    assert layers.Lambda(lambda x: x).compute_mask(None, np.ones(2, bool)) is None


def test_integers_reach_a_function_as_they_are() -> None:
    y = layers.Lambda(lambda x: x // 2)(np.array([[3, 4]], "int32"))
    assert y.dtype == np.int32


ADVICE = (
    "A file holds data only. Write the function as a layer, class MyLayer(layers.Layer) with"
    " def call(self, inputs), and load with custom_objects={'MyLayer': MyLayer}."
)


def test_a_known_function_is_written_by_its_name_and_no_other(keras: Any) -> None:
    layer = layers.Lambda(activations.relu, output_shape=(3,), name="layer")
    config = layer.get_config()
    again = layers.Lambda.from_config(config)
    assert again.function is activations.relu
    assert again.get_config() == config
    real = keras.layers.Lambda(keras.activations.relu, output_shape=(3,), name="layer")
    assert config["function"]["config"] == real.get_config()["function"]["config"]
    assert layers.Lambda.from_config(real.get_config()).function is activations.relu
    with pytest.raises(UsageError) as refused:
        layers.Lambda(lambda x: x, name="layer").get_config()
    assert str(refused.value) == (
        "layer.get_config: expected a function with a name, got '<lambda>'. " + ADVICE
    )


def test_code_in_a_config_is_not_run() -> None:
    config = {"function": {"class_name": "__lambda__", "config": {"code": "4wEAAA=="}}}
    with pytest.raises(UsageError) as refused:
        layers.Lambda.from_config(config)
    assert str(refused.value).startswith(
        "Lambda.from_config: expected the name of a known function, got {'class_name'"
    )


def test_lambda_wants_a_function() -> None:
    with pytest.raises(ArgumentError) as refused:
        layers.Lambda(3, name="layer")
    assert str(refused.value) == "layer: expected a function, got 3. Lambda(lambda x: x ** 2)"


def test_identity_keeps_numbers_and_type() -> None:
    x = np.array([[1, 2]], "int32")
    y = layers.Identity()(x)
    assert y.dtype == np.int32
    np.testing.assert_array_equal(y.numpy(), x)


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_masking_is_that_of_keras(keras: Any, value: float) -> None:
    x = numbers(2, 4, 3)
    x[0, 1:3] = x[1, 3] = value
    x[0, 0, 0] = value
    mine, real = layers.Masking(value), keras.layers.Masking(value)
    expected = real(x)
    np.testing.assert_array_equal(mine(x).numpy(), np.asarray(expected))
    np.testing.assert_array_equal(
        mine.compute_mask(x), np.asarray(keras.src.backend.get_keras_mask(expected))
    )


# ---- wrappers


class Doubled(layers.Wrapper):
    """Twice what the layer inside gives."""

    def call(self, inputs: Any) -> Any:
        return 2.0 * self.layer(inputs)


def test_a_wrapper_builds_and_writes_the_layer_inside() -> None:
    wrapper = Doubled(layers.Dense(3, kernel_initializer="ones", name="inside"), name="outside")
    x = numbers(2, 4)
    expected = 2 * x.sum(1, keepdims=True).repeat(3, 1)
    np.testing.assert_allclose(wrapper(x).numpy(), expected, rtol=1e-5)
    assert [w.path for w in wrapper.weights] == ["inside/kernel", "inside/bias"]
    config = wrapper.get_config()
    assert config["layer"]["class_name"] == "Dense"
    again = Doubled.from_config(config)
    assert again.get_config() == config
    assert again.layer is not wrapper.layer


def test_a_wrapper_wants_a_layer() -> None:
    with pytest.raises(ArgumentError) as refused:
        Doubled("dense")
    assert str(refused.value) == (
        "Doubled(...): expected a layer, got 'dense'. For example Doubled(layers.Dense(8))."
    )


SPECTRAL: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Dense", {"units": 4}, (2, 3)),
    ("Conv2D", {"filters": 4, "kernel_size": 3}, (2, 5, 5, 2)),
    ("Embedding", {"input_dim": 6, "output_dim": 3}, (2, 4)),
]


@pytest.mark.parametrize(("name", "options", "shape"), SPECTRAL)
@pytest.mark.parametrize("iterations", [1, 3])
def test_the_largest_singular_value_is_divided_by_as_in_keras(
    keras: Any, name: str, options: dict[str, Any], shape: tuple[int, ...], iterations: int
) -> None:
    def made(package: Any) -> Any:
        return package.layers.SpectralNormalization(
            getattr(package.layers, name)(**options), power_iterations=iterations
        )

    import lernwerk

    # Floats for the table too: Keras gives the output the type of the input.
    x = np.ones(shape, "float32") if name == "Embedding" else numbers(*shape)
    mine, real = made(lernwerk), made(keras)
    mine.build_for(shape)
    real.build(shape)
    assert [w.name for w in mine.weights] == [w.name for w in real.weights]
    assert [w.shape for w in mine.weights] == [tuple(w.shape) for w in real.weights]
    mine.set_weights(real.get_weights())
    for training in (True, False, True):
        y, expected = mine(x, training=training), real(x, training=training)
        np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=2e-4, atol=1e-5)
        for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, rtol=2e-4, atol=1e-5)


def test_after_many_steps_the_largest_singular_value_is_one() -> None:
    layer = layers.SpectralNormalization(layers.Dense(4, kernel_initializer="he_normal"), 5)
    for _ in range(20):
        layer(numbers(2, 6), training=True)
    largest = np.linalg.svd(layer.layer.get_weights()[0], compute_uv=False)[0]
    np.testing.assert_allclose(largest, 1, rtol=1e-4)


def test_a_kernel_of_zeros_stays() -> None:
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    layer.build_for((None, 3))
    before = layer.vector_u.numpy().copy()
    assert (layer(numbers(2, 3), training=True).numpy() == 0).all()
    np.testing.assert_array_equal(layer.vector_u.numpy(), before)


def test_a_layer_without_a_kernel_is_refused() -> None:
    with pytest.raises(ArgumentError) as refused:
        layers.SpectralNormalization(layers.ReLU(), **NAME).build_for((None, 3))
    assert str(refused.value) == (
        "layer: expected a layer with a kernel or embeddings, got ReLU."
    )  # fmt: skip
