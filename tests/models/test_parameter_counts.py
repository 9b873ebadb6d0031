"""Parameter counts of small networks, worked out by hand in courses' slides."""

from __future__ import annotations

from typing import Any

import pytest

from lernwerk import Sequential, layers

SMALL = [
    layers.Conv2D(2, 3, padding="same"), layers.Conv2D(3, 3, padding="same"), layers.Flatten(),
    layers.Dense(2),
]  # fmt: skip


def growing(padding: str) -> list[Any]:
    return [
        layers.Dense(16), layers.Conv2D(32, 3, padding=padding),
        layers.Conv2D(64, 5, padding=padding), layers.Conv2D(128, 7, padding=padding),
        layers.Flatten(), layers.Dense(2),
    ]  # fmt: skip


POOLED = [
    layers.Dense(16), layers.Conv2D(32, 3, padding="same"), layers.MaxPooling2D(),
    layers.Conv2D(64, 5, padding="same"), layers.Flatten(), layers.Dense(2),
]  # fmt: skip
LENET = [
    layers.Conv2D(32, 3), layers.Conv2D(64, 3), layers.MaxPooling2D(2), layers.Flatten(),
    layers.Dense(128), layers.Dense(10),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "shape", "count"),
    [
        (SMALL, (20, 20, 3), 2_515),
        (growing("valid"), (20, 20, 3), 473_890),
        (growing("same"), (20, 20, 3), 559_906),
        (POOLED, (20, 20, 3), 68_770),
        (LENET, (28, 28, 1), 1_199_882),
    ],
)
def test_the_number_of_parameters(parts: list[Any], shape: Any, count: int) -> None:
    model = Sequential([layers.Input(shape), *parts])
    assert model.count_params() == count
