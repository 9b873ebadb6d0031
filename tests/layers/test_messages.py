"""What layers refuse, and the sentence they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.errors import ArgumentError, DataError, ShapeError, UnknownArgumentError, UsageError
from lernwerk.layers.input_form import InputForm
from lernwerk.models import Sequential

NAME = {"name": "layer"}
VALID: dict[str, dict[str, Any]] = {
    "ActivityRegularization": {},
    "AdditiveAttention": {},
    "AlphaDropout": {"rate": 0.5},
    "Attention": {},
    "BatchNormalization": {},
    "CategoryEncoding": {"num_tokens": 4},
    "CenterCrop": {"height": 2, "width": 2},
    "Conv1D": {"filters": 2, "kernel_size": 2},
    "Conv1DTranspose": {"filters": 2, "kernel_size": 2},
    "Conv2D": {"filters": 2, "kernel_size": 2},
    "Conv2DTranspose": {"filters": 2, "kernel_size": 2},
    "Conv3D": {"filters": 2, "kernel_size": 2},
    "Conv3DTranspose": {"filters": 2, "kernel_size": 2},
    "ConvLSTM1D": {"filters": 2, "kernel_size": 2},
    "ConvLSTM2D": {"filters": 2, "kernel_size": 2},
    "ConvLSTM3D": {"filters": 2, "kernel_size": 2},
    "Dense": {"units": 2},
    "DepthwiseConv1D": {"kernel_size": 2},
    "DepthwiseConv2D": {"kernel_size": 2},
    "Discretization": {"num_bins": 4},
    "Dropout": {"rate": 0.5},
    "ELU": {},
    "Embedding": {"input_dim": 2, "output_dim": 2},
    "GRU": {"units": 2},
    "GRUCell": {"units": 2},
    "GaussianDropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.5},
    "GroupNormalization": {},
    "GroupQueryAttention": {"head_dim": 2, "num_query_heads": 1, "num_key_value_heads": 1},
    "Hashing": {"num_bins": 4},
    "IntegerLookup": {},
    "LSTM": {"units": 2},
    "LSTMCell": {"units": 2},
    "LayerNormalization": {},
    "LeakyReLU": {},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 2},
    "RMSNormalization": {},
    "RandomBrightness": {"factor": 0.1},
    "RandomContrast": {"factor": 0.1},
    "RandomCrop": {"height": 2, "width": 2},
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.1},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    "ReLU": {},
    "RepeatVector": {"n": 2},
    "Resizing": {"height": 2, "width": 2},
    "SeparableConv1D": {"filters": 2, "kernel_size": 2},
    "SeparableConv2D": {"filters": 2, "kernel_size": 2},
    "SimpleRNN": {"units": 2},
    "SimpleRNNCell": {"units": 2},
    "SpatialDropout1D": {"rate": 0.5},
    "SpatialDropout2D": {"rate": 0.5},
    "SpatialDropout3D": {"rate": 0.5},
    "SpectralNormalization": {"layer": layers.Dense(2)},
    "StringLookup": {},
    "TextVectorization": {},
    "ThresholdedReLU": {},
}
RANGES = [
    (name, argument, allowed)
    for name in VALID
    for argument, allowed in getattr(layers, name).ranges.items()
]


def test_every_layer_with_ranges_is_in_the_table() -> None:
    classes = {getattr(layers, n) for n in layers.__all__ if isinstance(getattr(layers, n), type)}
    assert {c for c in classes if c.ranges} == {getattr(layers, name) for name in VALID}


@pytest.mark.parametrize(("name", "argument", "allowed"), RANGES)
@pytest.mark.parametrize("value", [-1, 1.5, "3"])
def test_a_value_outside_its_range_is_refused(
    name: str, argument: str, allowed: Any, value: Any
) -> None:
    if value in allowed:
        getattr(layers, name)(**{**VALID[name], argument: value})
        return
    with pytest.raises(ArgumentError) as refused:
        getattr(layers, name)(**{**VALID[name], **NAME, argument: value})
    assert str(refused.value) == f"layer: expected {argument} to be {allowed}, got {value!r}."


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.GRU(3, time_major=True),
         "GRU(...): expected time_major=False, got True. Lernwerk does not have this option."),
        (lambda: layers.Normalization(mean=1.0, **NAME),
         "layer: expected both mean and variance, or neither, got one of them. "
         "Without both, learn them from the data: layer.adapt(x)."),
        (lambda: layers.Input(),
         "Input(...): expected the shape of one example, got None. "
         "For example Input(shape=(28, 28, 1)) for grey pictures of 28 by 28."),
        (lambda: layers.Dense(3, dtype="float3"),
         "dtype: expected float32, float64 or mixed_bfloat16, got 'float3'. "
         "Did you mean 'float32'?"),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.Dense(3, activaton="relu"),
         "Dense(...): expected known arguments, got 'activaton'. Did you mean 'activation'?"),
        (lambda: layers.Conv2D(3, 3, stride=2),
         "Conv2D(...): expected known arguments, got 'stride'. Did you mean 'strides'?"),
        (lambda: layers.Dropout(0.5, noiseshape=(1,)),
         "Dropout(...): expected known arguments, got 'noiseshape'. Did you mean 'noise_shape'?"),
        (lambda: layers.LSTM(3, return_sequence=True),
         "LSTM(...): expected known arguments, got 'return_sequence'. "
         "Did you mean 'return_sequences'?"),
    ],
)  # fmt: skip
def test_an_unknown_keyword_gets_the_nearest_name(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(UnknownArgumentError) as refused:
        make()
    assert str(refused.value) == text


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, "float32")


def built(layer: Any, *shape: int) -> Any:
    layer.build_for((None, *shape))
    return layer


FLATTEN = "Flatten it first: add layers.Flatten() or x.reshape(len(x), 784)."
OTHER = "It was built for other inputs: check the shape of the data or the layer before."


@pytest.mark.parametrize(
    ("make", "shape", "text"),
    [
        (lambda: built(layers.Dense(3, name="dense_1"), 784), (60, 28, 28),
         f"dense_1: expected input (batch, 784), got (60, 28, 28). {FLATTEN}"),
        (lambda: built(layers.Dense(3, **NAME), 5), (2, 4),
         f"layer: expected input (batch, 5), got (2, 4). {OTHER}"),
        (lambda: layers.Dense(3, **NAME), (5,),
         "layer: expected input of at least 2 axes, got (None,). "
         "x[None] makes one row of it, x[:, None] one column."),
        (lambda: built(layers.Dense(3, **NAME), 5), (5,),
         "layer: expected input (batch, 5), got (5,). "
         "x[None] makes one row of it, x[:, None] one column."),
        (lambda: layers.LSTM(3, **NAME), (7, 8),
         "layer: expected input (batch, steps, features), got (None, 8). "
         "An axis is missing at the end: x[..., None] adds one of length 1."),
        (lambda: layers.Dropout(0.5, noise_shape=(1,), **NAME), (2, 7),
         "layer: expected noise_shape with 2 lengths, got (1,)."),
    ],
)  # fmt: skip
def test_inputs_of_a_wrong_shape(make: Callable[[], Any], shape: Any, text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        make()(zeros(*shape), training=True)
    assert str(refused.value) == text


def test_an_input_form_of_unusual_rank_is_still_named() -> None:
    with pytest.raises(ShapeError, match="expected input of 7 axes, got"):
        InputForm(axes=7).check("x", (1, 2))
    InputForm(axes=2).check("x", (1, 2))
    InputForm(at_least=2, last=2).check("x", (1, 3, 2))


def test_an_operation_that_fails_inside_a_layer_names_the_layer() -> None:
    class Odd(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs.reshape(5, 5)

    with pytest.raises(ShapeError, match=r"^odd_one, reshape: expected "):
        Odd(name="odd_one")(zeros(2, 3))


def test_a_layer_needs_the_length_of_the_last_axis() -> None:
    with pytest.raises(ArgumentError) as refused:
        layers.Dense(3, **NAME).build_for((None, None))
    assert str(refused.value) == (
        "layer: expected a known length of the last axis, got (None, None). "
        "Give it: Input(shape=(..., channels))."
    )


def test_normalization_with_given_statistics_does_not_adapt() -> None:
    with pytest.raises(UsageError) as refused:
        layers.Normalization(mean=1.0, variance=2.0, **NAME).adapt(zeros(3, 2))
    assert str(refused.value) == (
        "layer.adapt: expected a layer without given statistics, got one with."
    )


def test_set_weights_changes_nothing_where_one_is_wrong() -> None:
    layer = built(layers.Dense(3, **NAME), 2)
    before = layer.get_weights()
    with pytest.raises(DataError) as refused:
        layer.set_weights([zeros(2, 3)])
    assert str(refused.value) == "layer.set_weights: expected 2 arrays, got 1."
    with pytest.raises(ShapeError) as wrong:
        layer.set_weights([zeros(2, 3), zeros(2)])
    assert str(wrong.value) == "layer/bias: expected a value of shape (3,), got (2,)."
    for one, other in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_layer_without_call_says_so() -> None:
    class Empty(layers.Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no call\(self, inputs\)"):
        Empty()(zeros(1, 1))


def test_integers_outside_the_table_of_an_embedding_are_refused() -> None:
    model = Sequential([layers.Embedding(5, 2, name="words"), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(DataError) as caught:
        model.predict(np.array([[0, 7]]))
    assert str(caught.value) == (
        "words: expected integers from 0 to 4, got 7. The table needs input_dim=8."
    )
    with pytest.raises(DataError, match="words: expected integers from 0 to 4, got -1"):
        model.predict(np.array([[0, -1]]))
