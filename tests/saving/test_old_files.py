"""Models and weights in the .h5 files of Keras 1 and 2, made by hand in their layout.

What they compute is worked out here with NumPy, or by real Keras 3 where it reads the file too.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from old_files import write_old_file, write_old_weights

from lernwerk import layers, legacy
from lernwerk.errors import FileError
from lernwerk.models import Sequential, model_from_json
from lernwerk.saving import load_model, load_weights

_random = np.random.default_rng(8)
CLOSE = {"rtol": 1e-5, "atol": 1e-6}


def _floats(*shape: int) -> Any:
    return _random.normal(size=shape).astype("float32")


X = _floats(5, 4)
W1, B1, W2, B2 = _floats(4, 3), _floats(3), _floats(3, 2), _floats(2)
DENSE_WEIGHTS = {
    "dense_1": {"dense_1/kernel:0": W1, "dense_1/bias:0": B1}, "dropout_1": {},
    "dense_2": {"dense_2/kernel:0": W2, "dense_2/bias:0": B2},
}  # fmt: skip
_UNIFORM = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None},
}  # fmt: skip


def _dense(name: str, units: int, activation: str, **more: Any) -> dict[str, Any]:
    """A Dense layer as Keras 2.2 wrote it."""
    config = {
        "name": name, "trainable": True, "units": units, "activation": activation,
        "use_bias": True, "kernel_initializer": _UNIFORM,
        "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer":
        {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.01}}, "bias_regularizer": None,
        "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None, **more,
    }  # fmt: skip
    return {"class_name": "Dense", "config": config}


_DROPOUT = {
    "class_name": "Dropout",
    "config": {"name": "dropout_1", "trainable": True, "rate": 0.5, "noise_shape": None,
               "seed": None},
}  # fmt: skip
LISTED = [
    _dense("dense_1", 3, "tanh", batch_input_shape=[None, 4], dtype="float32"), _DROPOUT,
    _dense("dense_2", 2, "linear"),
]  # fmt: skip
EXPECTED = np.tanh(X @ W1 + B1) @ W2 + B2


# ---- Keras 2


@pytest.mark.parametrize(
    "inner", [LISTED, {"name": "sequential_1", "layers": LISTED},
              {"name": "sequential_1", "layers": LISTED, "build_input_shape": [None, 4]}],
    ids=["2.0", "2.2", "2.3"],
)  # fmt: skip
def test_a_sequential_model(inner: Any, tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": copy.deepcopy(inner)}
    model = load_model(write_old_file(tmp_path / "m.h5", config, DENSE_WEIGHTS))
    np.testing.assert_allclose(model.predict(X), EXPECTED, **CLOSE)
    assert [layer.name for layer in model.layers] == ["dense_1", "dropout_1", "dense_2"]
    assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.01)
    assert not model.compiled


def _entry(*lengths: int) -> dict[str, Any]:
    """The entry of a model as tf.keras 2.4 wrote it; without one Keras 3 misreads the shape."""
    return {"class_name": "InputLayer", "config": {
        "batch_input_shape": [None, *lengths], "dtype": "float32", "sparse": False,
        "ragged": False, "name": "entry"}}  # fmt: skip


def _without_shape(form: dict[str, Any]) -> dict[str, Any]:
    inner = {k: v for k, v in form["config"].items() if k not in ("batch_input_shape", "dtype")}
    return {**form, "config": inner}


@pytest.mark.filterwarnings("ignore")  # Keras's own, of old arguments
def test_keras_3_reads_the_same_file_alike(keras: Any, tmp_path: Path) -> None:
    listed = [_entry(4), *(_without_shape(each) for each in LISTED)]
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": listed}}
    path = write_old_file(tmp_path / "m.h5", config, DENSE_WEIGHTS)
    real = keras.saving.load_model(path)
    np.testing.assert_allclose(load_model(path).predict(X), np.asarray(real(X)), **CLOSE)


TRAINING = {
    "optimizer_config": {
        "class_name": "Adam",
        "config": {"lr": 0.01, "beta_1": 0.8, "beta_2": 0.99, "decay": 0.0, "epsilon": 1e-07,
                   "amsgrad": False},
    },
    "loss": "mean_squared_error", "metrics": ["mae"], "sample_weight_mode": None,
    "loss_weights": None,
}  # fmt: skip


def test_the_training_goes_on_as_adam_in_keras_2_would(tmp_path: Path) -> None:
    """After the number of steps Keras 2 kept all first moments, all second ones, and dummies."""
    layer = _dense("dense_1", 3, "linear", batch_input_shape=[None, 4], kernel_regularizer=None)
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    m, v = [_floats(4, 3), _floats(3)], [np.abs(_floats(4, 3)), np.abs(_floats(3))]
    state = {f"training/Adam/Variable_{i}:0": array
             for i, array in enumerate([np.float32(6), *m, *v, [0.0], [0.0]])}  # fmt: skip
    path = write_old_file(tmp_path / "m.h5", config, {"dense_1": DENSE_WEIGHTS["dense_1"]},
                          training=TRAINING, optimizer=state)  # fmt: skip
    model = load_model(path)
    y = np.zeros((5, 3), "float32")
    residual = X @ W1 + B1 - y
    gradients = [X.T @ residual * 2 / residual.size, residual.sum(0) * 2 / residual.size]
    model.fit(X, y, batch_size=5, verbose=0)
    rate = 0.01 * np.sqrt(1 - 0.99**7) / (1 - 0.8**7)  # the seventh step
    for weight, first, second, g, found in zip((W1, B1), m, v, gradients, model.get_weights(),
                                               strict=True):  # fmt: skip
        m_t, v_t = 0.8 * first + 0.2 * g, 0.99 * second + 0.01 * g**2
        expected = weight - rate * m_t / (np.sqrt(v_t) + 1e-7)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert list(model.history.history) == ["loss", "mae"]


def test_a_state_of_an_unknown_form_is_left_with_a_warning(tmp_path: Path) -> None:
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": LISTED}}
    path = write_old_file(tmp_path / "m.h5", config, DENSE_WEIGHTS, training=TRAINING,
                          optimizer={"a:0": _floats(7)})  # fmt: skip
    with pytest.warns(UserWarning) as warned:
        model = load_model(path)
    assert str(warned[0].message) == (
        f"{path}: the state of the optimizer adam has a form that is not known; its training "
        "begins anew."
    )
    np.testing.assert_allclose(model.predict(X), EXPECTED, **CLOSE)


def _functional() -> dict[str, Any]:
    """As tf.keras 2.4 wrote it: a shared layer, models inside, lists of [name, use, place, ...]."""
    entry = {"class_name": "InputLayer", "config": {
        "batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False,
        "name": "a"}, "name": "a", "inbound_nodes": []}  # fmt: skip
    inner_entry = {**copy.deepcopy(entry), "name": "inner_in"}
    inner_entry["config"] = {**entry["config"], "batch_input_shape": [None, 3], "name": "inner_in"}
    policy = {"class_name": "Policy", "config": {"name": "float32"}}
    inner = {"class_name": "Functional", "name": "inner", "config": {
        "name": "inner", "trainable": True, "layers": [
            inner_entry,
            {**_dense("deep", 2, "linear", dtype=policy), "name": "deep",
             "inbound_nodes": [[["inner_in", 0, 0, {}]]]},
        ], "input_layers": [["inner_in", 0, 0]], "output_layers": [["deep", 0, 0]]},
        "inbound_nodes": [[["shared", 0, 0, {}]], [["shared", 1, 0, {}]]]}  # fmt: skip
    chain = {"class_name": "Sequential", "name": "chain", "config": {"name": "chain", "layers": [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4],
                                                "dtype": "float32", "name": "chain_in"}},
        _dense("square", 4, "linear"),
    ]}, "inbound_nodes": [[["a", 0, 0, {}]]]}  # fmt: skip
    initializer = {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}}
    shared = {**_dense("shared", 3, "tanh", kernel_initializer=initializer, dtype="float32"),
              "name": "shared",
              "inbound_nodes": [[["a", 0, 0, {}]], [["chain", 1, 0, {}]]]}  # fmt: skip
    joined = {"class_name": "Concatenate", "name": "join", "config": {
        "name": "join", "trainable": True, "dtype": "float32", "axis": -1},
        "inbound_nodes": [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]]}  # fmt: skip
    return {"class_name": "Functional", "config": {
        "name": "model", "layers": [entry, chain, shared, inner, joined],
        "input_layers": [["a", 0, 0]], "output_layers": [["join", 0, 0]]},
        "keras_version": "2.4.0", "backend": "tensorflow"}  # fmt: skip


def test_a_functional_model(tmp_path: Path) -> None:
    square, b = _floats(4, 4), _floats(4)
    weights = {
        "a": {}, "chain": {"square/kernel:0": square, "square/bias:0": b},
        "shared": {"shared/kernel:0": W1, "shared/bias:0": B1},
        "inner": {"deep/kernel:0": W2, "deep/bias:0": B2}, "join": {},
    }  # fmt: skip
    model = load_model(write_old_file(tmp_path / "m.h5", _functional(), weights, "2.4.0"))
    parts = [np.tanh(x @ W1 + B1) @ W2 + B2 for x in (X, X @ square + b)]
    np.testing.assert_allclose(model.predict(X), np.concatenate(parts, 1), **CLOSE)
    assert model.input_shape == (None, 4)


def test_functions_of_tensorflow(tmp_path: Path) -> None:
    """Between layers tf.keras 2.4 kept them as TFOpLambda, constants and tensors as keywords."""

    def function(name: str, kind: str, use: Any) -> dict[str, Any]:
        where = "SlicingOpLambda" if kind.endswith("getitem") else "TFOpLambda"
        config = {"name": name, "trainable": True, "dtype": "float32", "function": kind}
        return {"class_name": where, "name": name, "inbound_nodes": [use], "config": config}

    entry = {**_entry(4), "name": "entry", "inbound_nodes": []}
    dense = {**_dense("dense_1", 3, "linear"), "name": "dense_1",
             "inbound_nodes": [[["entry", 0, 0, {}]]]}  # fmt: skip
    slices = {"slice_spec": [{"start": None, "stop": None, "step": None},
                             {"start": 1, "stop": None, "step": None}]}  # fmt: skip
    listed = [
        entry, dense,
        function("part", "__operators__.getitem", ["entry", 0, 0, slices]),
        function("sum", "__operators__.add", ["dense_1", 0, 0, {"y": ["part", 0, 0],
                                                                "name": None}]),
        function("less", "math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["sum", 0, 0]}]),
        function("mean", "math.reduce_mean", ["less", 0, 0, {"axis": 1, "keepdims": True}]),
        function("both", "concat", [["less", 0, 0, {"axis": -1}], ["mean", 0, 0, {"axis": -1}]]),
    ]  # fmt: skip
    config = {"class_name": "Functional", "config": {
        "name": "f", "layers": listed, "input_layers": [["entry", 0, 0]],
        "output_layers": [["both", 0, 0]]}}  # fmt: skip
    weights = {each["name"]: {} for each in listed} | {"dense_1": DENSE_WEIGHTS["dense_1"]}
    path = write_old_file(tmp_path / "m.h5", copy.deepcopy(config), weights, "2.4.0")
    less = 1.0 - (X @ W1 + B1 + X[:, 1:])
    expected = np.concatenate([less, less.mean(1, keepdims=True)], axis=1)
    np.testing.assert_allclose(load_model(path).predict(X), expected, **CLOSE)
    listed[3]["config"]["function"] = "io.read_file"
    path = write_old_file(tmp_path / "m.h5", config, weights, "2.4.0")
    with pytest.raises(
        FileError, match=r"expected a known function of TensorFlow, got 'io\.read_fi"
    ):
        load_model(path)


def test_its_json_alone() -> None:
    import json

    model = model_from_json(json.dumps(_functional()))
    assert (model.count_params(), model.output_shape) == (20 + 15 + 8, (None, 4))


@pytest.mark.filterwarnings("ignore")  # Keras's own, of old arguments
def test_pictures_and_statistics(keras: Any, tmp_path: Path) -> None:
    """Conv2D, BatchNormalization with its axis in a list, pooling: against real Keras 3."""
    listed = [
        {"class_name": "Conv2D", "config": {
            "name": "conv", "filters": 3,
            "kernel_size": [3, 3], "strides": [1, 1], "padding": "same",
            "data_format": "channels_last", "dilation_rate": [1, 1], "activation": "relu",
            "use_bias": True, "kernel_initializer": _UNIFORM}},
        {"class_name": "BatchNormalization", "config": {
            "name": "bn", "axis": [3], "momentum": 0.99, "epsilon": 0.001, "center": True,
            "scale": True, "gamma_constraint": None}},
        {"class_name": "MaxPooling2D", "config": {
            "name": "pool", "pool_size": [2, 2], "padding": "valid", "strides": [2, 2],
            "data_format": "channels_last"}},
        {"class_name": "Flatten", "config": {"name": "flat", "data_format": "channels_last"}},
    ]  # fmt: skip
    weights = {
        "conv": {"conv/kernel:0": _floats(3, 3, 2, 3), "conv/bias:0": _floats(3)},
        "bn": {f"bn/{n}:0": np.abs(_floats(3)) for n in
               ("gamma", "beta", "moving_mean", "moving_variance")},
        "pool": {}, "flat": {},
    }  # fmt: skip
    listed.insert(0, _entry(6, 6, 2))
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": listed}}
    path = write_old_file(tmp_path / "m.h5", config, weights)
    x = _floats(4, 6, 6, 2)
    real = np.asarray(keras.saving.load_model(path)(x))
    np.testing.assert_allclose(load_model(path).predict(x), real, rtol=1e-4, atol=1e-5)


# ---- recurrent layers


def _sigmoid(x: Any, hard: bool = False) -> Any:
    return np.clip(0.2 * x + 0.5, 0, 1) if hard else 1 / (1 + np.exp(-x))


def _lstm(x: Any, kernel: Any, recurrent: Any, bias: Any, hard: bool) -> Any:
    """The last output of an LSTM, gates in the order i f c o."""
    h = c = np.zeros((len(x), len(recurrent)))
    for step in x.swapaxes(0, 1):
        i, f, g, o = np.split(step @ kernel + h @ recurrent + bias, 4, axis=1)
        c = _sigmoid(f, hard) * c + _sigmoid(i, hard) * np.tanh(g)
        h = _sigmoid(o, hard) * np.tanh(c)
    return h


STEPS = _floats(3, 6, 2)
KERNEL, RECURRENT, BIAS = _floats(2, 12), _floats(3, 12), _floats(12)


def _recurrent(kind: str, weights: dict[str, Any], path: Path, version: str, **config: Any) -> Any:
    first = {"class_name": kind, "config": {
        "name": "r", "batch_input_shape": [None, 6, 2], "return_sequences": False,
        "go_backwards": False, "stateful": False, "unroll": False, **config}}  # fmt: skip
    model = {"class_name": "Sequential", "config": [first]}
    return load_model(write_old_file(path, model, {"r": weights}, version))


def test_an_lstm_of_keras_2_with_its_hard_sigmoid(tmp_path: Path) -> None:
    weights = {"r/kernel:0": KERNEL, "r/recurrent_kernel:0": RECURRENT, "r/bias:0": BIAS}
    model = _recurrent("LSTM", weights, tmp_path / "m.h5", "2.2.4", units=3, activation="tanh",
                       recurrent_activation="hard_sigmoid", implementation=1)  # fmt: skip
    expected = _lstm(STEPS, KERNEL, RECURRENT, BIAS, hard=True)
    np.testing.assert_allclose(model.predict(STEPS), expected, rtol=1e-4, atol=1e-5)
    model.save(tmp_path / "m.keras")  # and in today's format
    again = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(STEPS), model.predict(STEPS))


def test_an_lstm_of_keras_1_in_twelve_arrays(tmp_path: Path) -> None:
    i, f, c, o = range(4)
    order = [("i", i), ("c", c), ("f", f), ("o", o)]
    weights = {}
    for name, gate in order:
        part = slice(3 * gate, 3 * gate + 3)
        weights |= {f"r_W_{name}": KERNEL[:, part], f"r_U_{name}": RECURRENT[:, part],
                    f"r_b_{name}": BIAS[part]}  # fmt: skip
    model = _recurrent(
        "LSTM", weights, tmp_path / "m.h5", "1.2.2", output_dim=3, activation="tanh",
        inner_activation="hard_sigmoid", init="glorot_uniform", inner_init="orthogonal",
        forget_bias_init="one", W_regularizer=None, U_regularizer=None, b_regularizer=None,
        dropout_W=0.0, dropout_U=0.0, consume_less="cpu", input_dim=2, input_length=None,
    )  # fmt: skip
    expected = _lstm(STEPS, KERNEL, RECURRENT, BIAS, hard=True)
    np.testing.assert_allclose(model.predict(STEPS), expected, rtol=1e-4, atol=1e-5)


def _cudnn(matrix: Any, gates: int, recurrent: bool) -> Any:
    """Each gate's matrix transposed in memory; of recurrent ones the transposed matrix itself."""
    parts = np.split(matrix, gates, axis=1)
    turned = [p.T if recurrent else p.ravel(order="F").reshape(p.shape) for p in parts]
    return np.concatenate(turned, axis=1)


def test_an_lstm_of_cudnn(tmp_path: Path) -> None:
    second = _floats(12)
    weights = {"r/kernel:0": _cudnn(KERNEL, 4, False), "r/recurrent:0": _cudnn(RECURRENT, 4, True),
               "r/bias:0": np.concatenate([BIAS, second])}  # fmt: skip
    model = _recurrent("CuDNNLSTM", weights, tmp_path / "m.h5", "2.2.4", units=3,
                       unit_forget_bias=True)  # fmt: skip
    expected = _lstm(STEPS, KERNEL, RECURRENT, BIAS + second, hard=False)
    np.testing.assert_allclose(model.predict(STEPS), expected, rtol=1e-4, atol=1e-5)


GRU_KERNEL, GRU_RECURRENT = _floats(2, 9), _floats(3, 9)


def _gru(x: Any, biases: Any, after: bool, hard: bool) -> Any:
    """The last output of a GRU, gates in the order z r h; ``after``: reset behind the product."""
    h, (b, rb) = np.zeros((len(x), 3)), biases
    for step in x.swapaxes(0, 1):
        xz, xr, xh = np.split(step @ GRU_KERNEL + b, 3, axis=1)
        z, r, inner = np.split(GRU_RECURRENT, 3, axis=1)
        bz, br, bh = np.split(rb, 3)
        zt, rt = _sigmoid(xz + h @ z + bz, hard), _sigmoid(xr + h @ r + br, hard)
        new = rt * (h @ inner + bh) if after else (rt * h) @ inner + bh
        h = zt * h + (1 - zt) * np.tanh(xh + new)
    return h


def test_a_gru_of_keras_1_in_nine_arrays(tmp_path: Path) -> None:
    b = _floats(9)
    weights = {}
    for gate, name in enumerate("zrh"):
        part = slice(3 * gate, 3 * gate + 3)
        weights |= {f"r_W_{name}": GRU_KERNEL[:, part], f"r_U_{name}": GRU_RECURRENT[:, part],
                    f"r_b_{name}": b[part]}  # fmt: skip
    model = _recurrent("GRU", weights, tmp_path / "m.h5", "1.2.2", output_dim=3,
                       inner_activation="hard_sigmoid", activation="tanh")  # fmt: skip
    expected = _gru(STEPS, (b, np.zeros(9)), after=False, hard=True)
    np.testing.assert_allclose(model.predict(STEPS), expected, rtol=1e-4, atol=1e-5)


def test_a_gru_of_cudnn(tmp_path: Path) -> None:
    b, rb = _floats(9), _floats(9)
    weights = {"r/kernel:0": _cudnn(GRU_KERNEL, 3, False),
               "r/recurrent:0": _cudnn(GRU_RECURRENT, 3, True),
               "r/bias:0": np.concatenate([b, rb])}  # fmt: skip
    model = _recurrent("CuDNNGRU", weights, tmp_path / "m.h5", "2.2.4", units=3)
    expected = _gru(STEPS, (b, rb), after=True, hard=False)
    np.testing.assert_allclose(model.predict(STEPS), expected, rtol=1e-4, atol=1e-5)


# ---- Keras 1


def test_pictures_of_keras_1(tmp_path: Path) -> None:
    """Convolution2D with its old arguments and kernels, against our own layers of today."""
    kernel, b = _floats(3, 3, 2, 4), _floats(4)
    dense, db = _floats(36, 2), _floats(2)
    listed = [
        {"class_name": "Convolution2D", "config": {
            "name": "c", "batch_input_shape": [None, 6, 6, 2], "input_dtype": "float32",
            "trainable": True, "nb_filter": 4, "nb_row": 3, "nb_col": 3, "init": "glorot_uniform",
            "activation": "relu", "border_mode": "same", "subsample": [1, 1],
            "dim_ordering": "tf", "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0,
                                                    "l2": 0.001},
            "b_regularizer": None, "activity_regularizer": None, "W_constraint": None,
            "b_constraint": None, "bias": True}},
        {"class_name": "MaxPooling2D", "config": {
            "name": "p", "trainable": True, "pool_size": [2, 2], "strides": [2, 2],
            "border_mode": "valid", "dim_ordering": "tf"}},
        {"class_name": "Dropout", "config": {"name": "o", "trainable": True, "p": 0.25}},
        {"class_name": "Flatten", "config": {"name": "f", "trainable": True}},
        {"class_name": "Dense", "config": {
            "name": "d", "trainable": True, "output_dim": 2, "init": "normal", "input_dim": None,
            "activation": "softmax", "W_regularizer": None, "W_constraint":
            {"name": "MaxNorm", "m": 2, "axis": 0}, "bias": True}},
    ]  # fmt: skip
    for version, backend, stored in (
        ("1.2.2", "tensorflow", kernel), ("1.2.2", "theano", kernel[::-1, ::-1]),
        ("1.2.2", "tensorflow", kernel.transpose(3, 2, 0, 1)),
    ):  # fmt: skip
        weights = {"c": {"c_W": stored, "c_b": b}, "p": {}, "o": {}, "f": {},
                   "d": {"d_W": dense, "d_b": db}}  # fmt: skip
        config = {"class_name": "Sequential", "config": copy.deepcopy(listed)}
        model = load_model(write_old_file(tmp_path / "m.h5", config, weights, version, backend))
        today = Sequential([
            layers.Input((6, 6, 2)), layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2, activation="softmax"),
        ])  # fmt: skip
        today.set_weights([kernel, b, dense, db])
        x = _floats(3, 6, 6, 2)
        np.testing.assert_allclose(model.predict(x), today.predict(x), **CLOSE)
        assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.001)


def test_a_merge_of_keras_1(tmp_path: Path) -> None:
    entry = {"class_name": "InputLayer", "name": "a", "inbound_nodes": [], "config": {
        "batch_input_shape": [None, 4], "input_dtype": "float32", "name": "a"}}  # fmt: skip
    one = {"class_name": "Dense", "name": "one", "inbound_nodes": [[["a", 0, 0]]], "config": {
        "name": "one", "output_dim": 3, "init": "uniform", "activation": "linear",
        "input_dim": 4}}  # fmt: skip
    merge = {"class_name": "Merge", "name": "m", "inbound_nodes": [[["one", 0, 0], ["a", 0, 0]]],
             "config": {"name": "m", "mode": "concat", "mode_type": "raw", "concat_axis": 1,
                        "dot_axes": -1, "output_shape": None}}  # fmt: skip
    config = {"class_name": "Model", "config": {
        "name": "model_1", "layers": [entry, one, merge], "input_layers": [["a", 0, 0]],
        "output_layers": [["m", 0, 0]]}}  # fmt: skip
    weights = {"a": {}, "one": {"one_W": W1, "one_b": B1}, "m": {}}
    model = load_model(write_old_file(tmp_path / "m.h5", config, weights, "1.2.0"))
    np.testing.assert_allclose(model.predict(X), np.concatenate([X @ W1 + B1, X], axis=1), **CLOSE)


def test_reading_a_file_leaves_no_notes(tmp_path: Path) -> None:
    before = dict(legacy.NOTES)
    test_a_merge_of_keras_1(tmp_path)
    assert before == legacy.NOTES


# ---- weights alone


def _model(*names: str) -> Sequential:
    listed = [layers.Dense(3, name=names[0]), layers.Dense(2, name=names[1])]
    return Sequential([layers.Input((4,)), *listed])


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A file that ``save_weights`` of Keras 2 wrote."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_old_weights(file, DENSE_WEIGHTS, "2.3.1", "tensorflow")
    return tmp_path / "w.h5"


def test_weights_in_the_order_of_layers(weights: Path) -> None:
    model = _model("one", "two")
    load_weights(model, weights)
    for found, expected in zip(model.get_weights(), (W1, B1, W2, B2), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_weights_by_name(weights: Path) -> None:
    model = _model("other", "dense_2")
    before = model.get_weights()
    with pytest.warns(UserWarning) as warned:
        model.load_weights(weights, by_name=True)
    assert str(warned[0].message) == (
        f"{weights}: weights that were left as they are: layer dense_1 of the file, which the "
        "model does not have; layer other, which the file does not have."
    )
    for found, expected in zip(model.get_weights(), (*before[:2], W2, B2), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_weights_that_do_not_fit(weights: Path) -> None:
    model = Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(7, name="last")])
    before = model.get_weights()
    with pytest.raises(FileError) as refused:
        load_weights(model, weights)
    assert str(refused.value) == (
        f"{weights}: expected kernel of layer last with shape (3, 7), got shape (3, 2). "
        "The file belongs to another model."
    )
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    with pytest.warns(UserWarning, match=r"kernel of layer last with shape \(3, 7\) \(the file"):
        model.load_weights(weights, skip_mismatch=True)
    for found, expected in zip(model.get_weights(), (W1, B1, *before[2:]), strict=True):
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(FileError, match=r"expected 1 layers with weights \(dense\S*\), got 2 of"):
        load_weights(Sequential([layers.Input((4,)), layers.Dense(3)]), weights)


def test_our_old_files_are_read_by_keras(keras: Any, tmp_path: Path) -> None:
    model = _model("one", "two")
    model.save_weights(tmp_path / "w.h5")
    real = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    real.load_weights(tmp_path / "w.h5")
    for one, two in zip(real.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
