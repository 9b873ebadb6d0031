"""Losses whose targets are areas or sequences, against real Keras and by counting all paths."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from lernwerk import Sequential, layers, losses
from lernwerk.core.compiled import compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor

AREAS: list[tuple[str, dict[str, Any]]] = [
    ("Dice", {}),
    ("Dice", {"axis": [1, 2]}),
    ("Dice", {"axis": -1, "reduction": "sum"}),
    ("Tversky", {}),
    ("Tversky", {"alpha": 0.3, "beta": 0.9, "axis": [1, 2, 3]}),
]
LABELS = np.array([[1, 2, 2, 0], [3, 0, 0, 0], [1, 1, 1, 2], [0, 0, 0, 0]])


def _compare(ours: Any, theirs: Any, t: np.ndarray, p: np.ndarray) -> None:
    """Values, gradients and the compiled form."""
    import jax

    x = Tensor(p)
    value = ours(t, x)
    np.testing.assert_allclose(value.numpy(), np.asarray(theirs(t, p)), rtol=2e-5, atol=1e-6)
    (found,) = gradient(value.sum(), [x])
    expected = jax.grad(lambda p: theirs(t, p).sum())(p)
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(compiled(ours)(t, p).numpy(), value.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments"), AREAS)
def test_areas(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    t, p = random.integers(0, 2, (3, 4, 5, 2)), np.float32(random.uniform(size=(3, 4, 5, 2)))
    ours, theirs = getattr(losses, name)(**arguments), getattr(keras.losses, name)(**arguments)
    _compare(ours, theirs, np.float32(t), p)
    assert ours.get_config() == theirs.get_config()
    here = losses.deserialize(json.loads(json.dumps(keras.losses.serialize(theirs))))
    there = keras.losses.deserialize(json.loads(json.dumps(losses.serialize(ours))))
    np.testing.assert_allclose(here(t, p).numpy(), np.asarray(there(t, p)), rtol=2e-5)
    function, real = getattr(losses, name.lower()), getattr(keras.losses, name.lower())
    np.testing.assert_allclose(function(t, p).item(), float(real(t, p)), rtol=2e-5)


def test_empty_areas_are_no_error() -> None:
    nothing = np.zeros((2, 3), "float32")
    assert losses.dice(nothing, nothing).item() == 1.0


@pytest.mark.parametrize("reduction", ["none", "sum", "sum_over_batch_size"])
def test_sequences(keras: Any, reduction: str) -> None:
    p = np.float32(np.random.default_rng(2).normal(size=(4, 9, 5)) * 2)
    ours, theirs = losses.CTC(reduction), keras.losses.CTC(reduction)
    _compare(ours, theirs, LABELS, p)
    assert ours.get_config() == theirs.get_config()


def _collapsed(path: tuple[int, ...]) -> list[int]:
    return [label for label, _ in itertools.groupby(path) if label]


def test_sequences_by_counting_all_paths() -> None:
    logits = np.random.default_rng(3).normal(size=(3, 5, 3))
    labels = np.array([[1, 2], [2, 2], [1, 0]])
    chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for row, wanted, found in zip(chances, labels, losses.ctc(labels, logits), strict=True):
        paths = itertools.product(range(3), repeat=5)
        total = sum(
            np.prod([row[t, c] for t, c in enumerate(path)])
            for path in paths
            if _collapsed(path) == [label for label in wanted if label]
        )
        np.testing.assert_allclose(found.item(), -np.log(total), rtol=1e-5)


def test_a_sequence_that_does_not_fit_costs_a_fixed_large_number(keras: Any) -> None:
    p = np.float32(np.random.default_rng(4).normal(size=(1, 2, 3)))
    ours, theirs = losses.ctc([[1, 1, 2]], p).item(), keras.losses.ctc(np.array([[1, 1, 2]]), p)
    assert ours == pytest.approx(1e5, rel=1e-3)
    assert float(theirs[0]) > 9e4


def test_a_model_learns_with_ctc() -> None:
    x = np.random.default_rng(5).normal(size=(8, 6, 3)).astype("float32")
    y = np.tile([[1, 2, 0]], (8, 1))
    model = Sequential([layers.Input((6, 3)), layers.Dense(4)])
    model.compile("adam", losses.CTC())
    history = model.fit(x, y, epochs=3, verbose=0).history["loss"]
    assert history[-1] < history[0]
