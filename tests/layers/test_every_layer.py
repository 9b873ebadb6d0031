"""What holds for every layer: configs, seeds, shapes, dtypes, no change of inputs, learning."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from lernwerk import activations, gradient, initializers, layers, regularizers
from lernwerk.core.random import set_random_seed
from lernwerk.core.tensor import Tensor
from lernwerk.layers.layer import training_mode
from lernwerk.names import reset_names

POOL = {"pool_size": 2, "strides": 1, "padding": "same"}
PAIR = [(4, 3), (4, 3)]  # the shapes of two inputs
STEPS = [(2, 4, 3), (2, 5, 3)]  # of a query and a value
# Arguments of a layer, and the shape of an input or a list of shapes.
EXAMPLES: dict[str, tuple[dict[str, Any], Any]] = {
    "Activation": ({"activation": "tanh"}, (4, 3)),
    "ActivityRegularization": ({"l1": 0.1, "l2": 0.2}, (4, 3)),
    "Add": ({}, [(4, 3), (4, 2, 3), (4, 1)]),
    "AdditiveAttention": ({"dropout": 0.1}, STEPS),
    "AlphaDropout": ({"rate": 0.25, "noise_shape": (None, 1), "seed": 4}, (4, 3)),
    "Attention": ({"use_scale": True, "score_mode": "concat", "seed": 2}, STEPS),
    "Average": ({}, PAIR),
    "AveragePooling1D": (POOL, (2, 4, 3)),
    "AveragePooling2D": (POOL, (2, 4, 4, 3)),
    "AveragePooling3D": (POOL, (2, 3, 3, 4, 2)),
    "BatchNormalization": ({"momentum": 0.8, "gamma_regularizer": "l2", "axis": 1,
                            "beta_constraint": "non_neg"}, (8, 3)),
    "Bidirectional": ({"layer": layers.GRU(3, return_sequences=True, activity_regularizer="l2"),
                       "merge_mode": "sum"}, (2, 4, 3)),
    "CategoryEncoding": ({"num_tokens": 9, "output_mode": "count"}, (4, 3)),
    "CenterCrop": ({"height": 3, "width": 2}, (2, 5, 5, 3)),
    "Concatenate": ({"axis": 1}, [(4, 3), (4, 2)]),
    "Conv1D": ({"filters": 2, "kernel_size": 2, "padding": "causal", "activation": "relu"},
               (2, 5, 3)),
    "Conv1DTranspose": ({"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
                        (2, 4, 3)),
    "Conv2D": ({"filters": 2, "kernel_size": (2, 3), "strides": (1, 2)}, (2, 5, 5, 3)),
    "Conv2DTranspose": ({"filters": 2, "kernel_size": 3, "strides": (1, 2),
                         "output_padding": (0, 1), "activation": "relu"}, (2, 4, 3, 3)),
    "Conv3D": ({"filters": 2, "kernel_size": 2, "dilation_rate": 2}, (1, 4, 4, 4, 2)),
    "Conv3DTranspose": ({"filters": 2, "kernel_size": 2, "strides": 2, "output_padding": 1},
                        (1, 2, 2, 3, 2)),
    "ConvLSTM1D": ({"filters": 2, "kernel_size": 2, "padding": "same"}, (2, 3, 4, 2)),
    "ConvLSTM2D": ({"filters": 2, "kernel_size": (1, 2), "return_sequences": True,
                    "data_format": "channels_first", "dropout": 0.1}, (2, 3, 2, 3, 4)),
    "ConvLSTM3D": ({"filters": 2, "kernel_size": 2, "recurrent_dropout": 0.1},
                   (1, 2, 3, 2, 3, 2)),
    "Cropping1D": ({"cropping": (1, 0)}, (2, 4, 3)),
    "Cropping2D": ({"cropping": ((1, 0), (0, 2))}, (2, 4, 4, 3)),
    "Cropping3D": ({"cropping": 1}, (1, 3, 3, 4, 2)),
    "Dense": ({"units": 3, "activation": "relu", "kernel_initializer": "he_normal",
               "kernel_regularizer": regularizers.L1L2(0.01, 0.02), "trainable": False}, (4, 3)),
    "DepthwiseConv1D": ({"kernel_size": 2, "depth_multiplier": 2}, (2, 5, 3)),
    "DepthwiseConv2D": ({"kernel_size": 3, "strides": 2, "padding": "same", "use_bias": False,
                         "depthwise_regularizer": "l2"}, (2, 4, 5, 3)),
    "Discretization": ({"bin_boundaries": [-1.0, 0.5, 2.0]}, (4, 3)),
    "Dot": ({"axes": [2, 1], "normalize": True}, [(4, 2, 3), (4, 3, 2)]),
    "Dropout": ({"rate": 0.25, "noise_shape": (None, 1), "seed": 4}, (4, 3)),
    "ELU": ({"alpha": 0.5}, (4, 3)),
    "EinsumDense": ({"equation": "abc,cde->abde", "output_shape": (4, 2, 3), "bias_axes": "de",
                     "activation": "relu"}, (2, 4, 3)),
    "Embedding": ({"input_dim": 9, "output_dim": 3, "mask_zero": True,
                   "embeddings_constraint": "unit_norm"}, (4, 5)),
    "Flatten": ({}, (4, 3, 2)),
    "GRU": ({"units": 3, "return_sequences": True, "dropout": 0.1}, (2, 4, 3)),
    "GaussianDropout": ({"rate": 0.25, "seed": 4}, (4, 3)),
    "GaussianNoise": ({"stddev": 0.25}, (4, 3)),
    "GlobalAveragePooling1D": ({"keepdims": True}, (2, 4, 3)),
    "GlobalAveragePooling2D": ({}, (2, 4, 4, 3)),
    "GlobalAveragePooling3D": ({"keepdims": True}, (1, 3, 3, 4, 2)),
    "GlobalMaxPooling1D": ({}, (2, 4, 3)),
    "GlobalMaxPooling2D": ({}, (2, 4, 4, 3)),
    "GlobalMaxPooling3D": ({"data_format": "channels_first"}, (1, 2, 3, 4, 3)),
    "GroupNormalization": ({"groups": 2, "center": False}, (2, 3, 4)),
    "Hashing": ({"num_bins": 5, "salt": [3, 4], "mask_value": "a"}, (4, 3)),
    "Identity": ({}, (4, 3)),
    "InputLayer": ({"shape": (3,)}, (4, 3)),
    "IntegerLookup": ({"vocabulary": [3, 1, 4, 7], "num_oov_indices": 2, "mask_token": 0}, (4, 3)),
    "LSTM": ({"units": 3, "unit_forget_bias": False, "recurrent_dropout": 0.2, "seed": 1},
             (2, 4, 3)),
    "Lambda": ({"function": activations.relu, "output_shape": (3,)}, (4, 3)),
    "LayerNormalization": ({"axis": [1, 2], "epsilon": 0.01}, (2, 4, 3)),
    "LeakyReLU": ({"negative_slope": 0.1}, (4, 3)),
    "Masking": ({"mask_value": 1.0}, (2, 4, 3)),
    "MaxPooling1D": (POOL, (2, 4, 3)),
    "MaxPooling2D": (POOL, (2, 4, 4, 3)),
    "MaxPooling3D": (POOL, (2, 3, 3, 4, 2)),
    "Maximum": ({}, PAIR),
    "Minimum": ({}, PAIR),
    "Multiply": ({}, PAIR),
    "Normalization": ({"axis": -1, "mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}, (4, 3)),
    "PReLU": ({"shared_axes": [1], "alpha_constraint": "non_neg"}, (4, 2, 3)),
    "Permute": ({"dims": (2, 1)}, (4, 3, 2)),
    "RMSNormalization": ({"epsilon": 0.01}, (4, 3)),
    "RNN": ({"cell": [layers.LSTMCell(3), layers.GRUCell(2, seed=4)], "go_backwards": True},
            (2, 4, 3)),
    "RandomBrightness": ({"factor": (-0.1, 0.3), "value_range": (-2.0, 2.0)}, (2, 4, 5, 3)),
    "RandomContrast": ({"factor": (0.5, 0.2), "value_range": (-2, 2)}, (2, 4, 5, 3)),
    "RandomCrop": ({"height": 3, "width": 2, "seed": 6}, (2, 4, 5, 3)),
    "RandomFlip": ({"mode": "horizontal", "seed": 1}, (2, 4, 5, 3)),
    "RandomRotation": ({"factor": 0.1, "fill_mode": "constant", "fill_value": 0.5}, (2, 4, 5, 3)),
    "RandomTranslation": ({"height_factor": 0.3, "width_factor": (-0.1, 0.2)}, (2, 4, 5, 3)),
    "RandomZoom": ({"height_factor": (0.1, 0.3), "interpolation": "nearest"}, (2, 4, 5, 3)),
    "ReLU": ({"max_value": 6.0, "threshold": 0.1}, (4, 3)),
    "RepeatVector": ({"n": 3}, (4, 2)),
    "Rescaling": ({"scale": 0.5, "offset": 1.0}, (4, 3)),
    "Reshape": ({"target_shape": (2, -1)}, (4, 6)),
    "Resizing": ({"height": 3, "width": 7, "interpolation": "bicubic"}, (2, 5, 5, 3)),
    "SeparableConv1D": ({"filters": 2, "kernel_size": 3, "depth_multiplier": 2}, (2, 5, 3)),
    "SeparableConv2D": ({"filters": 2, "kernel_size": (2, 3), "data_format": "channels_first",
                         "pointwise_initializer": "he_normal"}, (2, 3, 5, 5)),
    "SimpleRNN": ({"units": 3, "go_backwards": True, "return_state": True}, (2, 4, 3)),
    "Softmax": ({"axis": [1]}, (4, 3)),
    "SpatialDropout1D": ({"rate": 0.25}, (2, 4, 3)),
    "SpatialDropout2D": ({"rate": 0.25, "seed": 3}, (2, 4, 4, 3)),
    "SpatialDropout3D": ({"rate": 0.25, "data_format": "channels_first"}, (1, 2, 3, 3, 4)),
    "SpectralNormalization": ({"layer": layers.Dense(3), "power_iterations": 2}, (4, 3)),
    "StringLookup": ({"vocabulary": ["b", "a"], "output_mode": "count"}, (4, 3)),
    "Subtract": ({}, PAIR),
    "TextVectorization": ({"vocabulary": ["b", "a"], "output_sequence_length": 3}, (4, 1)),
    "ThresholdedReLU": ({"theta": 0.5}, (4, 3)),
    "TimeDistributed": ({"layer": layers.Dense(3)}, (2, 4, 3)),
    "UnitNormalization": ({"axis": [1, 2]}, (2, 4, 3)),
    "UpSampling1D": ({"size": 3}, (2, 4, 3)),
    "UpSampling2D": ({"size": (1, 2), "interpolation": "bilinear"}, (2, 4, 4, 3)),
    "UpSampling3D": ({"size": 2}, (1, 3, 2, 4, 2)),
    "ZeroPadding1D": ({"padding": (0, 2)}, (2, 4, 3)),
    "ZeroPadding2D": ({"padding": ((1, 0), (0, 2)), "data_format": "channels_first"}, (2, 3, 4, 4)),
    "ZeroPadding3D": ({"padding": (1, 0, 2)}, (1, 3, 2, 4, 2)),
}  # fmt: skip
# Called with more than an input; their tests are test_cells.py and test_attention.py.
SEVERAL_ARGUMENTS = [
    "GRUCell", "GroupedQueryAttention", "LSTMCell", "MultiHeadAttention", "SimpleRNNCell",
    "StackedRNNCells",
]  # fmt: skip
INSIDE = ["Bidirectional", "RNN", "SpectralNormalization", "TimeDistributed"]  # a layer in a layer
KEEP_INTEGERS = {
    "Add", "Average", "Concatenate", "Dot", "Identity", "InputLayer", "Lambda", "Maximum",
    "Minimum", "Multiply", "Subtract",
}  # fmt: skip
CLASSES = sorted(
    {
        getattr(layers, name).__name__
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
    }
    - {"Layer", "Wrapper"}
    - set(SEVERAL_ARGUMENTS)
)
WITH_WEIGHTS = [
    "BatchNormalization", "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose", "Conv3D",
    "Conv3DTranspose", "Dense", "DepthwiseConv1D", "DepthwiseConv2D", "EinsumDense", "Embedding",
    "GRU", "GroupNormalization", "LSTM", "LayerNormalization", "PReLU", "RMSNormalization",
    "SeparableConv1D", "SeparableConv2D", "SimpleRNN", "SpectralNormalization",
    "AdditiveAttention", "Attention", "Bidirectional", "ConvLSTM2D", "RNN", "TimeDistributed",
]  # fmt: skip
ONLY_HERE = {"ThresholdedReLU", "merge"}  # of older Keras
TEXT = ["Hashing", "StringLookup", "TextVectorization"]
WHOLE = ["CategoryEncoding", "Embedding", "IntegerLookup"]  # they take whole numbers
GIVE_WHOLE = ["Discretization", "IntegerLookup", *TEXT]  # and these make them
KERAS_NEEDS_TENSORFLOW = ["IntegerLookup", *TEXT]
each_layer = pytest.mark.parametrize("name", CLASSES)


def make(name: str, **more: Any) -> tuple[Any, Any]:
    """An example of the layer and an input for it, or a list of them."""
    options, shapes = copy.deepcopy(EXAMPLES[name])
    random = np.random.default_rng(2)
    several = isinstance(shapes, list)
    xs = [random.normal(size=s).astype("float32") for s in (shapes if several else [shapes])]
    if name in WHOLE:
        xs = [random.integers(0, 9, shapes).astype("int32")]
    if name in TEXT:
        xs = [random.choice(["a", "b", "c d a"], shapes)]
    return getattr(layers, name)(**{**options, **more}), xs if several else xs[0]


def shape_of(x: Any, batch: bool = True) -> Any:
    """The shape of an input, or those of several; without ``batch`` the first length is None."""
    if isinstance(x, list):
        return [shape_of(each, batch) for each in x]
    return x.shape if batch else (None, *x.shape[1:])


def real(keras: Any, name: str) -> Any:
    """Keras's layer of that name."""
    if name in ONLY_HERE:
        pytest.skip("Keras has it no more")
    if name in KERAS_NEEDS_TENSORFLOW:
        pytest.skip("Keras makes this layer with TensorFlow only")
    return getattr(keras.layers, name)


def values(outputs: Any) -> list[np.ndarray]:
    listed = outputs if isinstance(outputs, list) else [outputs]
    return [output.numpy() for output in listed]


def test_every_class_has_an_example() -> None:
    assert set(CLASSES) == set(EXAMPLES)


def test_the_other_names_are_the_same_classes(keras: Any) -> None:
    for name in layers.__all__:
        mine = getattr(layers, name)
        if isinstance(mine, type) and hasattr(keras.layers, name):
            assert mine.__name__ == getattr(keras.layers, name).__name__
    assert {n for n in layers.__all__ if not hasattr(keras.layers, n)} == ONLY_HERE


@each_layer
def test_a_config_passes_through_json(name: str) -> None:
    layer, x = make(name)
    text = json.dumps(layer.get_config())
    again = type(layer).from_config(json.loads(text))
    assert json.dumps(again.get_config()) == text
    assert again.name == layer.name
    layer.build_for(shape_of(x))
    again.build_for(shape_of(x))
    again.set_weights(layer.get_weights())
    found, expected = (values(each(x, training=False)) for each in (layer, again))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@each_layer
def test_keras_accepts_our_config_and_we_accept_keras_s(keras: Any, name: str) -> None:
    layer, _ = make(name)
    config = layer.get_config()
    theirs = real(keras, name).from_config(json.loads(json.dumps(config))).get_config()
    known = {key: theirs[key] for key in config if (name, key) != ("SimpleRNN", "seed")}
    assert plain(known) == plain({key: config[key] for key in known})
    again = type(layer).from_config(json.loads(json.dumps(theirs, default=list)))
    assert again.get_config() == config


def plain(value: Any) -> Any:
    """A config without the parts that say the same in several ways."""
    if isinstance(value, dict):
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        if "class_name" in value:  # newer Keras writes input_axes and output_axes, all None
            return value["class_name"], plain(value["config"])
        return {key: plain(each) for key, each in value.items() if not key.endswith("put_axes")
                and key != "quantization_config"}  # fmt: skip
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


@each_layer
def test_the_shape_of_the_output_is_known_beforehand(keras: Any, name: str) -> None:
    layer, x = make(name)
    given, batch = shape_of(x, batch=False), len(x[0]) if isinstance(x, list) else len(x)
    shapes = layer.compute_output_shape(given)
    several = isinstance(shapes, list)
    listed = shapes if several else [shapes]
    assert [(batch, *s[1:]) for s in listed] == [v.shape for v in values(layer(x))]
    assert all(shape[0] is None for shape in listed)
    if name == "InputLayer":  # Keras's cannot say
        return
    same = real(keras, name).from_config(layer.get_config())
    if name == "SpectralNormalization":
        same.build(given)
    theirs = same.compute_output_shape(given)
    theirs = [tuple(s) for s in theirs] if isinstance(theirs[0], (tuple, list)) else [theirs]
    assert [tuple(s) for s in theirs] == listed


@pytest.mark.parametrize(
    ("name", "options", "shape", "expected"),
    [
        ("Conv1D", {"filters": 4, "kernel_size": 3}, (None, None, 2), (None, None, 4)),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 3}, (None, None, 9, 2),
         (None, None, 3, 4)),
        ("MaxPooling2D", {}, (None, None, None, 2), (None, None, None, 2)),
        ("Embedding", {"input_dim": 5, "output_dim": 2}, (None, None), (None, None, 2)),
        ("LSTM", {"units": 3}, (None, None, 2), (None, 3)),
        ("GRU", {"units": 3, "return_sequences": True}, (None, None, 2), (None, None, 3)),
        ("GlobalMaxPooling1D", {}, (None, None, 2), (None, 2)),
        ("Flatten", {}, (None, None, 2), (None, None)),
        ("Dense", {"units": 3}, (None, None, 2), (None, None, 3)),
    ],
)  # fmt: skip
def test_unknown_lengths_stay_unknown(
    keras: Any, name: str, options: dict[str, Any], shape: Any, expected: Any
) -> None:
    assert getattr(layers, name)(**options).compute_output_shape(shape) == expected
    assert tuple(getattr(keras.layers, name)(**options).compute_output_shape(shape)) == expected


def test_several_outputs_with_unknown_steps_give_several_shapes() -> None:
    layer = layers.LSTM(3, return_sequences=True, return_state=True)
    assert layer.compute_output_shape((None, None, 2)) == [(None, None, 3), (None, 3), (None, 3)]


@each_layer
@pytest.mark.parametrize("training", [False, True])
def test_inputs_are_not_changed(name: str, training: bool) -> None:
    layer, x = make(name)
    before = copy.deepcopy(x)
    layer(x, training=training)
    assert type(x) is type(before)
    for one, other in zip(x, before, strict=True):
        np.testing.assert_array_equal(one, other)


@each_layer
def test_the_same_seed_gives_the_same_bits(name: str) -> None:
    found = []
    for _ in range(2):
        set_random_seed(11)
        reset_names()
        layer, x = make(name)
        found.append((layer.name, [values(layer(x, training=True)) for _ in range(2)],
                      layer.get_weights()))  # fmt: skip
    assert found[0][0] == found[1][0]
    for one, other in zip(found[0][1] + [found[0][2]], found[1][1] + [found[1][2]], strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["Conv2D", "Dense", "Embedding", "GRU", "LSTM", "SimpleRNN"])
def test_another_seed_gives_other_weights(name: str) -> None:
    found = []
    for seed in (1, 2):
        set_random_seed(seed)
        layer, x = make(name)
        layer.build_for(x.shape)
        found.append(layer.get_weights()[0])
    assert (found[0] != found[1]).any()


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_one_step_of_gradient_descent_lowers_the_loss(name: str) -> None:
    layer, x = make(name, trainable=True)

    def loss() -> Any:
        with training_mode(name == "BatchNormalization"):
            output = layer(x)
        output = output[0] if isinstance(output, list) else output
        return ((output - 1.5) ** 2).mean()

    before = loss()
    variables = layer.trainable_variables
    assert variables
    for variable, g in zip(variables, gradient(before, variables), strict=True):
        assert g is not None
        variable.assign_sub(g * 0.01)
    assert loss().item() < before.item()


@each_layer
def test_integers_float64_and_lists_give_float32(name: str) -> None:
    if name in GIVE_WHOLE or name == "Resizing":
        pytest.skip("its results are whole numbers, or of the type of what it gets")
    layer, x = make(name)
    if name in KEEP_INTEGERS:
        pair = [np.abs(np.round(2 * each)).astype("int64") for each in x]
        given = pair if isinstance(x, list) else np.array(pair)
        assert layer(given).dtype == ("float32" if name in ("Average", "Dot") else "int64")
        return
    several = isinstance(x, list)
    whole = [np.abs(np.round(2 * each)).clip(0, 8) for each in (x if several else [x])]

    def as_kind(kind: str) -> Any:
        found = [w.tolist() if kind == "list" else w.astype(kind) for w in whole]
        return found if several else found[0]

    expected = values(layer(as_kind("float32"), training=False))
    for kind in ("int64", "uint8", "float64", *["list"] * (not several)):
        given = as_kind(kind)
        for one, other in zip(values(layer(given, training=False)), expected, strict=True):
            assert one.dtype == np.float32
            np.testing.assert_array_equal(one, other)


@each_layer
def test_a_layer_in_float64_computes_in_float64(name: str) -> None:
    if name in ("InputLayer", *INSIDE, *GIVE_WHOLE):
        pytest.skip("its results have a type of their own")
    layer, x = make(name, dtype="float64")
    assert {v.dtype for v in values(layer(x, training=True))} == {np.dtype("float64")}
    assert {v.dtype for v in layer.get_weights()} <= {np.dtype("float64")}


@each_layer
def test_default_names_are_those_of_keras(keras: Any, name: str) -> None:
    reset_names()
    keras.backend.clear_session()
    names = [make(name)[0].name for _ in range(3)]
    options = {"units": 3} if name == "Dense" else EXAMPLES[name][0]
    if name in INSIDE:
        inner = {"Bidirectional": keras.layers.GRU(3), "RNN": keras.layers.GRUCell(3)}
        options = {"cell" if name == "RNN" else "layer": inner.get(name, keras.layers.Dense(3))}
    theirs = [real(keras, name)(**options).name for _ in range(3)]
    assert [n.replace("input_layer", "").replace("keras_tensor", "") for n in names] == [
        n.replace("input_layer", "") for n in theirs
    ]


@each_layer
def test_positional_arguments_are_in_keras_s_order(keras: Any, name: str) -> None:
    import inspect

    parameters = inspect.signature(getattr(layers, name).__init__).parameters.values()
    mine = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][1:]
    theirs = list(inspect.signature(real(keras, name).__init__).parameters)[1:]
    assert mine == theirs[: len(mine)]


def test_initializers_are_kept_in_the_config() -> None:
    layer = layers.Dense(2, kernel_initializer=initializers.Constant(0.5))
    again = layers.Dense.from_config(layer.get_config())
    np.testing.assert_array_equal(again(np.ones((1, 3), "float32")).numpy(), [[1.5, 1.5]])
    assert isinstance(again(np.ones((1, 3))), Tensor)
