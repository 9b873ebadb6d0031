"""Files of networks of layers with spatial axes, from here to real Keras and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk.models import load_model

# Keras reads its own variables in a way that NumPy 2 remarks on.
pytestmark = pytest.mark.filterwarnings("ignore:.*copy keyword:DeprecationWarning")


def network(package: Any) -> Any:
    kinds = package.layers
    return package.Sequential([
        package.Input(shape=(12, 12, 3)), kinds.ZeroPadding2D(1),
        kinds.Conv2D(4, 3, kernel_regularizer="l2"),
        kinds.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
        kinds.SeparableConv2D(6, 3, activation="relu"), kinds.MaxPooling2D(),
        kinds.UpSampling2D(2, interpolation="bilinear"),
        kinds.Conv2DTranspose(3, 3, strides=2, padding="same"), kinds.Cropping2D(1),
        kinds.Permute((2, 1, 3)), kinds.Reshape((-1, 3)), kinds.Conv1D(4, 3, padding="causal"),
        kinds.UpSampling1D(), kinds.SeparableConv1D(3, 3), kinds.GlobalAveragePooling1D(),
        kinds.RepeatVector(4), kinds.Conv1DTranspose(2, 2), kinds.Flatten(), kinds.Dense(2),
    ])  # fmt: skip


def test_files_go_both_ways(keras: Any, tmp_path: Path) -> None:
    mine, real = network(lernwerk), network(keras)
    mine.set_weights(real.get_weights())
    mine.save(tmp_path / "mine.keras")
    real.save(tmp_path / "real.keras")
    x = np.random.default_rng(0).normal(size=(2, 12, 12, 3)).astype("float32")
    expected = np.asarray(real(x))
    assert np.abs(expected).max() > 1e-3
    found = load_model(tmp_path / "real.keras").predict(x)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    again = keras.models.load_model(tmp_path / "mine.keras")
    np.testing.assert_allclose(np.asarray(again(x)), expected, atol=1e-6)
