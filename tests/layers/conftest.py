"""Layers in many configurations, and real Keras's answer to the same inputs and weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.layers.layer import training_mode


class Answer(NamedTuple):
    """What a layer gave: outputs, gradients of input and trainable weights, weights after it."""

    outputs: list[np.ndarray]
    input_gradient: np.ndarray | None
    weight_gradients: list[np.ndarray]
    weights: list[np.ndarray]


def _listed(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _directions(outputs: list[Any]) -> list[np.ndarray]:
    """A gradient arriving at each output: anything that is not symmetric."""
    random = np.random.default_rng(7)
    return [random.normal(size=tuple(o.shape)).astype("float32") for o in outputs]


def ours(layer: Any, x: np.ndarray, training: bool = False, mask: Any = None) -> Answer:
    """The answer of a layer of this package, which must be built."""
    inputs = Tensor(x)
    with training_mode(training):
        given = None if mask is None else Tensor(mask)
        outputs = _listed(layer(inputs, mask=given))
    total: Any = 0.0
    for output, g in zip(outputs, _directions(outputs), strict=True):
        total = total + (output * g).sum()
    sources = [inputs, *layer.trainable_variables]
    found = gradient(total, sources)
    floating = x.dtype.kind == "f"
    return Answer(
        [o.numpy() for o in outputs],
        found[0].numpy() if floating and found[0] is not None else None,
        [g.numpy() for g in found[1:] if g is not None],
        layer.get_weights(),
    )


def theirs(layer: Any, x: np.ndarray, training: bool = False, mask: Any = None) -> Answer:
    """The answer of a built Keras layer, by one jax.value_and_grad."""
    import jax

    trained = [v.value for v in layer.trainable_variables]
    rest = [v.value for v in layer.non_trainable_variables]
    options = {} if mask is None else {"mask": mask}
    if "training" in layer._call_signature.parameters:
        options["training"] = training

    def total(weights: Any, inputs: Any) -> Any:
        outputs, after = layer.stateless_call(weights, rest, inputs, **options)
        outputs = _listed(outputs)
        values = [(o * g).sum() for o, g in zip(outputs, _directions(outputs), strict=True)]
        return sum(values), (outputs, after)

    floating = x.dtype.kind == "f"
    wanted = (0, 1) if floating else 0
    (_, (outputs, after)), found = jax.jit(jax.value_and_grad(total, wanted, has_aux=True))(
        trained, x
    )
    of_weights, of_input = found if floating else (found, None)
    known = {id(v): value for v, value in zip(layer.non_trainable_variables, after, strict=True)}
    return Answer(
        [np.asarray(o) for o in outputs],
        None if of_input is None else np.asarray(of_input),
        [np.asarray(g) for g in of_weights],
        [np.asarray(known.get(id(v), v.value)) for v in layer.weights],
    )


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 2e-5) -> None:
    """Equal up to ``tolerance`` of the largest expected number."""
    assert actual.shape == expected.shape
    scale = max(1e-3, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(actual / scale, expected / scale, rtol=0, atol=tolerance)


@pytest.fixture
def agree(keras: Any) -> Callable[..., tuple[Any, Any]]:
    """Check a layer and Keras's against each other: weights, outputs, gradients, statistics."""

    def check(
        name: str, options: dict[str, Any], x: np.ndarray, training: bool = False, mask: Any = None
    ) -> tuple[Any, Any]:
        mine, real = getattr(layers, name)(**options), getattr(keras.layers, name)(**options)
        assert_agree(mine, real, x, training, mask)
        return mine, real

    return check


def assert_agree(
    mine: Any, real: Any, x: np.ndarray, training: bool = False, mask: Any = None
) -> None:
    """Build a layer and Keras's, give them the same weights, and compare all that they give."""
    mine.build_for(x.shape)
    real.build(x.shape)
    assert [w.shape for w in mine.weights] == [tuple(w.shape) for w in real.weights]
    assert [w.name for w in mine.weights] == [w.name for w in real.weights]
    random = np.random.default_rng(3)
    weights = [_weight_like(random, w) for w in mine.weights]
    mine.set_weights(weights)
    real.set_weights(weights)
    if type(mine).__name__ == "Normalization":
        real.finalize_state()  # Keras computes with copies of its weights
    actual, expected = ours(mine, x, training, mask), theirs(real, x, training, mask)
    for field in ("outputs", "weight_gradients", "weights"):
        pairs = zip(getattr(actual, field), getattr(expected, field), strict=True)
        for one, other in pairs:
            assert_close(one, other)
    if expected.input_gradient is not None and actual.input_gradient is not None:
        assert_close(actual.input_gradient, expected.input_gradient)
    assert (actual.input_gradient is None) == (expected.input_gradient is None)
    if x.ndim > 1 and mask is None:
        shapes = mine.compute_output_shape(x.shape)
        several = isinstance(shapes, list)
        listed = shapes if several else [shapes]
        assert [s[1:] for s in listed] == [o.shape[1:] for o in expected.outputs]


@pytest.fixture
def agree_on(keras: Any) -> Callable[..., None]:
    """``assert_agree`` for layers that were made already: ``agree_on(mine, real, x)``."""
    return assert_agree


def _weight_like(random: np.random.Generator, variable: Any) -> np.ndarray:
    value = random.normal(size=variable.shape, scale=0.4)
    positive = variable.name in ("moving_variance", "variance")
    return (np.abs(value) + 0.5 if positive else value).astype(variable.dtype)
