"""The limits on weights against real Keras: values, configs, names, messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import constraints
from lernwerk.core.compiled import compiled
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError

CASES: list[tuple[str, dict[str, Any]]] = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.7, "axis": 1}),
    ("MaxNorm", {"max_value": 1, "axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": -1}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "rate": 0.3}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 0.9, "axis": [0, 2]}),
]
W = np.float32(np.random.default_rng(4).normal(size=(4, 3, 2)))
W[:, 0, 0] = 0.0


def _both(keras: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return getattr(constraints, name)(**arguments), getattr(keras.constraints, name)(**arguments)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_weights_are_those_of_keras(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    expected = np.asarray(theirs(W))
    assert np.abs(expected - W).max() > 0.1
    for given in (W, Variable(W)):
        np.testing.assert_allclose(ours(given).numpy(), expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(compiled(ours)(W).numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_configs_travel_both_ways_as_json(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    ours, theirs = _both(keras, name, arguments)
    assert ours.get_config() == theirs.get_config()
    here = constraints.deserialize(json.loads(json.dumps(keras.constraints.serialize(theirs))))
    there = keras.constraints.deserialize(json.loads(json.dumps(constraints.serialize(ours))))
    assert type(here) is type(ours)
    assert here.get_config() == there.get_config() == ours.get_config()


def test_names(keras: Any) -> None:
    for name in ("max_norm", "non_neg", "unit_norm", "min_max_norm", "MaxNorm", "NonNeg"):
        assert type(constraints.get(name)).__name__ == type(keras.constraints.get(name)).__name__
    assert constraints.maxnorm(3).max_value == 3
    assert constraints.get(constraints.UnitNorm).axis == 0
    assert constraints.get(None) is None
    assert constraints.get(abs) is abs
    assert type(constraints.deserialize("nonneg")) is constraints.NonNeg
    np.testing.assert_array_equal(constraints.Constraint()(W).numpy(), W)


def test_messages() -> None:
    cases = [
        (
            lambda: constraints.get("max_nrom"),
            "constraints: expected the name of a known constraint, got 'max_nrom'. Did you mean"
            " 'max_norm'?",
        ),
        (
            lambda: constraints.MaxNorm(-1),
            "MaxNorm: expected max_value to be a number >= 0, got -1.",
        ),
        (
            lambda: constraints.MinMaxNorm(rate=2.0),
            "MinMaxNorm: expected rate to be a number in [0, 1], got 2.0.",
        ),
    ]
    for action, text in cases:
        with pytest.raises(ArgumentError) as caught:
            action()
        assert str(caught.value) == text
