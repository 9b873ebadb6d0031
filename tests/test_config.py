"""Keras's config: where channels are, the type of weights, the smallest divisor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lernwerk import config, layers
from lernwerk.errors import ArgumentError


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    before = config.floatx(), config.epsilon(), config.image_data_format()
    yield
    config.set_floatx(before[0])
    config.set_epsilon(before[1])
    config.set_image_data_format(before[2])


def test_the_defaults_are_those_of_keras(keras: Any) -> None:
    assert config.floatx() == keras.config.floatx()
    assert config.epsilon() == keras.config.epsilon()
    assert config.image_data_format() == keras.config.image_data_format()


def test_floatx_is_the_type_of_new_layers() -> None:
    config.set_floatx("float64")
    assert config.floatx() == "float64"
    dense = layers.Dense(2)
    dense.build_for((None, 3))
    assert dense.kernel.dtype == "float64"


def test_values_are_kept() -> None:
    config.set_epsilon(1e-5)
    config.set_image_data_format("channels_first")
    assert config.epsilon() == 1e-5
    assert config.image_data_format() == "channels_first"


def test_values_that_are_refused() -> None:
    with pytest.raises(ArgumentError) as refused:
        config.set_floatx("float16")
    assert str(refused.value) == "set_floatx: expected 'float32' or 'float64', got 'float16'."
    with pytest.raises(ArgumentError) as refused:
        config.set_epsilon(0)
    assert str(refused.value) == "set_epsilon: expected value to be a number > 0, got 0."
