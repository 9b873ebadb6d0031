"""Models for the tests of saving: the same lines make ours and Keras's, by the module of layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

_generator = np.random.default_rng(7)


def _floats(*shape: int) -> Any:
    return _generator.normal(size=shape).astype("float32")


ROW, SEQUENCE = _floats(6, 5), _floats(6, 7, 3)
PICTURE, VOLUME = _floats(6, 8, 8, 2), _floats(6, 6, 6, 6, 2)
TOKENS = _generator.integers(0, 11, (6, 7))

# name: (layers, one batch of inputs)
CASES: dict[str, tuple[Any, Any]] = {
    "dense": (lambda L: [L.Dense(4, activation="relu"), L.Dense(2, use_bias=False)], ROW),
    "dense_options": (
        lambda L: [L.Dense(4, "gelu", kernel_initializer="he_normal", kernel_regularizer="l2",
                           bias_initializer="ones", trainable=False)],
        ROW,
    ),
    "activation": (lambda L: [L.Activation("tanh"), L.Activation("softmax")], ROW),
    "embedding": (lambda L: [L.Embedding(11, 3), L.Flatten(), L.Dense(2)], TOKENS),
    "embedding_mask": (lambda L: [L.Embedding(11, 3, mask_zero=True), L.LSTM(2)], TOKENS),
    "flatten": (lambda L: [L.Flatten()], PICTURE),
    "reshape": (lambda L: [L.Reshape((3, 7)), L.Reshape((-1,))], SEQUENCE),
    "dropout": (lambda L: [L.Dropout(0.3, seed=5), L.Dense(2), L.Dropout(0.1)], ROW),
    "dropout_shape": (lambda L: [L.Dropout(0.3, noise_shape=(None, 1, 3))], SEQUENCE),
    "batch_normalization": (
        lambda L: [L.BatchNormalization(), L.BatchNormalization(momentum=0.9, scale=False)], ROW
    ),
    "convolution_1d": (
        lambda L: [L.Conv1D(4, 3, padding="causal"), L.Conv1D(2, 2, dilation_rate=2)], SEQUENCE
    ),
    "convolution_2d": (
        lambda L: [L.Conv2D(4, (3, 2), strides=2, padding="same", activation="relu"),
                   L.Conv2D(2, 2, groups=2, use_bias=False)],
        PICTURE,
    ),
    "convolution_3d": (lambda L: [L.Conv3D(2, 2)], VOLUME),
    "pooling_1d": (lambda L: [L.MaxPooling1D(2), L.AveragePooling1D(2, 1, "same")], SEQUENCE),
    "pooling_2d": (lambda L: [L.MaxPooling2D(2), L.AveragePooling2D((2, 1))], PICTURE),
    "pooling_3d": (lambda L: [L.MaxPooling3D(2), L.AveragePooling3D(2)], VOLUME),
    "global_max_1d": (lambda L: [L.GlobalMaxPooling1D()], SEQUENCE),
    "global_average_1d": (lambda L: [L.GlobalAveragePooling1D(keepdims=True)], SEQUENCE),
    "global_max_2d": (lambda L: [L.GlobalMaxPooling2D(keepdims=True)], PICTURE),
    "global_average_2d": (lambda L: [L.GlobalAveragePooling2D()], PICTURE),
    "lstm": (lambda L: [L.LSTM(3, return_sequences=True), L.LSTM(2, dropout=0.2)], SEQUENCE),
    "gru": (lambda L: [L.GRU(3, return_sequences=True), L.GRU(2, go_backwards=True)], SEQUENCE),
    "simple_rnn": (
        lambda L: [L.SimpleRNN(3, return_sequences=True), L.SimpleRNN(2, activation="relu")],
        SEQUENCE,
    ),
    "rescaling": (lambda L: [L.Rescaling(1 / 255, offset=-1.0)], PICTURE),
    "normalization": (lambda L: [L.Normalization(), L.Dense(2)], ROW),
    "normalization_given": (
        lambda L: [L.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0])], SEQUENCE
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A model's layers, made of any module of layers, and one batch of inputs."""

    name: str
    listed: Callable[[Any], list[Any]]
    x: Any

    def make(self, layers: Any, sequential: Any) -> Any:
        """A model of the case with its weights moved off their first values."""
        model = sequential([layers.Input(self.x.shape[1:]), *self.listed(layers)])
        generator = np.random.default_rng(len(self.name))
        weights = [np.asarray(w) for w in model.get_weights()]
        model.set_weights(
            [(w + generator.uniform(0.1, 0.9, w.shape)).astype(w.dtype) for w in weights]
        )
        for layer in model.layers:  # Keras's Normalization computes with a copy of its weights
            getattr(layer, "finalize_state", lambda: None)()
        return model


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a ``case`` with each of them."""
    if "case" in metafunc.fixturenames:
        cases = [Case(name, *parts) for name, parts in CASES.items()]
        metafunc.parametrize("case", cases, ids=lambda case: case.name)


@pytest.fixture
def dense() -> Case:
    """The simplest case."""
    return Case("dense", *CASES["dense"])


@pytest.fixture
def lstm() -> Case:
    """A case whose weights stand in a group of their own."""
    return Case("lstm", *CASES["lstm"])
