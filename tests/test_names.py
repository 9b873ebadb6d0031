"""Default names: Keras's snake case, counted from the first use."""

from __future__ import annotations

from typing import Any

import pytest

from lernwerk import layers, losses, metrics, optimizers
from lernwerk.names import reset_names, snake_case, unique_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Dense", "dense"), ("MaxPooling2D", "max_pooling2d"), ("LSTM", "lstm"), ("GRU", "gru"),
     ("SimpleRNN", "simple_rnn"), ("BatchNormalization", "batch_normalization"),
     ("Conv2D", "conv2d"), ("KLDivergence", "kl_divergence"), ("RMSprop", "rm_sprop"),
     ("R2Score", "r2_score"), ("GlobalAveragePooling1D", "global_average_pooling1d")],
)  # fmt: skip
def test_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_snake_case_is_keras_s_for_every_class(keras: Any) -> None:
    from keras.src.utils.naming import to_snake_case

    names = {name for package in (layers, losses, metrics, optimizers) for name in dir(package)}
    assert len(names) > 80
    assert [n for n in sorted(names) if snake_case(n) != to_snake_case(n)] == []


def test_names_count_from_their_first_use() -> None:
    reset_names()
    assert [unique_name(p) for p in ("a", "b", "a", "a", "b")] == ["a", "b", "a_1", "a_2", "b_1"]
    reset_names()
    assert unique_name("a") == "a"
