"""The penalties against real Keras: values, gradients, configs, messages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from lernwerk import regularizers
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.gradient import gradient
from lernwerk.core.variable import Variable
from lernwerk.errors import ArgumentError, ShapeError

CASES: list[tuple[str, dict[str, Any]]] = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.3}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
]


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_values_gradients_and_configs(keras: Any, name: str, arguments: dict[str, Any]) -> None:
    import jax

    ours = getattr(regularizers, name)(**arguments)
    theirs = getattr(keras.regularizers, name)(**arguments)
    x = np.float32(np.random.default_rng(1).normal(size=(3, 4)))
    weights = Variable(x)
    np.testing.assert_allclose(ours(weights).item(), float(theirs(jax.numpy.array(x))), rtol=1e-6)
    (g,) = gradient(ours(weights), [weights])
    found = np.zeros_like(x) if g is None else g.numpy()
    np.testing.assert_allclose(found, jax.grad(theirs)(x), rtol=1e-5, atol=1e-8)
    config = ours.get_config()
    assert config.keys() == theirs.get_config().keys()
    for key, value in theirs.get_config().items():
        assert config[key] == pytest.approx(value)  # Keras rounds L1's to float32
    assert deserialize(serialize(ours), "regularizers").get_config() == config
    here = regularizers.deserialize(json.loads(json.dumps(keras.regularizers.serialize(theirs))))
    there = keras.regularizers.deserialize(json.loads(json.dumps(regularizers.serialize(ours))))
    np.testing.assert_allclose(here(x).item(), float(there(jax.numpy.array(x))), rtol=1e-6)


def _quartic(weights: Any) -> Any:
    return (weights**4).sum()


def test_one_row_has_no_angle() -> None:
    assert regularizers.OrthogonalRegularizer()(np.ones((1, 3), "float32")).item() == 0.0


def test_get() -> None:
    assert type(regularizers.get("l1")) is regularizers.L1
    assert type(regularizers.get("L2")) is regularizers.l2
    assert type(regularizers.get("l1_l2")) is regularizers.l1_l2
    assert regularizers.get(None) is None
    assert regularizers.get({"class_name": "L2", "config": {"l2": 0.5}}).l2 == 0.5
    assert regularizers.l2(np.float32(0.5)).l2 == 0.5
    assert type(regularizers.deserialize("l1")) is regularizers.L1
    assert regularizers.orthogonal_regularizer is regularizers.OrthogonalRegularizer
    assert regularizers.get(_quartic) is _quartic
    assert regularizers.l1_l2(l1=0.1, l2=0.2).get_config() == {"l1": 0.1, "l2": 0.2}
    assert regularizers.L1L2(None, None).get_config() == {"l1": 0.0, "l2": 0.0}


def test_messages() -> None:
    with pytest.raises(ArgumentError) as caught:
        regularizers.l2(-0.1)
    assert str(caught.value) == "L2: expected l2 to be a number >= 0, got -0.1."
    with pytest.raises(ArgumentError, match="regularizers: expected the name of a known"):
        regularizers.get("l3")
    with pytest.raises(ArgumentError, match=r"mode, got 'row'\. Did you mean 'rows'"):
        regularizers.OrthogonalRegularizer(mode="row")
    with pytest.raises(ShapeError) as refused:
        regularizers.OrthogonalRegularizer()(np.ones(3))
    assert str(refused.value) == "OrthogonalRegularizer: expected a matrix (2 axes), got (3,)."
    with pytest.raises(NotImplementedError, match="Regularizer has no __call__"):
        regularizers.Regularizer()(np.ones(1))
