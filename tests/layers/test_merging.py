"""The merging layers against real Keras: outputs, gradients, ranks, masks, messages."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core.gradient import gradient
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def several(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [numbers(*shape, seed=seed) for seed, shape in enumerate(shapes)]


def direction(shape: tuple[int, ...]) -> np.ndarray:
    return numbers(*shape, seed=77)


def agree(keras: Any, name: str, options: dict[str, Any], xs: list[np.ndarray],
          masks: Any = None) -> None:  # fmt: skip
    """Outputs, gradients of all inputs, and the mask of the output are those of Keras."""
    import jax

    mine, real = getattr(layers, name)(**options), getattr(keras.layers, name)(**options)
    inputs = [Tensor(x) for x in xs]
    y = mine(inputs) if masks is None else mine(inputs, mask=masks)
    found = gradient((y * direction(y.shape)).sum(), inputs)

    def total(given: Any) -> Any:
        for x, mask in zip(given, masks or [None] * len(given), strict=True):
            if mask is not None:
                keras.src.backend.set_keras_mask(x, mask)
        outputs = real(given)
        return (outputs * direction(outputs.shape)).sum(), outputs

    given = [jax.numpy.asarray(x) for x in xs]
    real.build([x.shape for x in xs])
    if masks is None:
        (_, expected), gradients = jax.value_and_grad(total, has_aux=True)(given)
        for one, other in zip(found, gradients, strict=True):
            np.testing.assert_allclose(one.numpy(), other, rtol=2e-4, atol=1e-5)
    else:
        expected = total(given)[1]
        wanted = keras.src.backend.get_keras_mask(expected)
        made = mine.compute_mask(inputs, masks)
        assert (made is None) == (wanted is None)
        if made is not None:
            np.testing.assert_array_equal(np.asarray(made), np.asarray(wanted))
    np.testing.assert_allclose(y.numpy(), np.asarray(expected), rtol=2e-5, atol=1e-6)


ELEMENTWISE = ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"]
SHAPES = [
    ((3, 4), (3, 4)),
    ((2, 3, 4), (2, 1, 4)),
    ((2, 3, 4), (2, 4)),
    ((2, 4), (2, 3, 4)),
    ((2, 1), (2, 3, 5, 4)),
    ((2, 3, 1), (2, 3, 4)),
]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_two_inputs_of_shapes_that_broadcast(keras: Any, name: str, shapes: Any) -> None:
    agree(keras, name, {}, several(*shapes))


@pytest.mark.parametrize("name", ELEMENTWISE[:-1])
def test_one_and_three_inputs(keras: Any, name: str) -> None:
    agree(keras, name, {}, several((3, 4), (3, 4), (3, 4)))
    agree(keras, name, {}, several((3, 4)))


CONCATENATE: list[tuple[dict[str, Any], list[tuple[int, ...]]]] = [
    ({}, [(2, 3), (2, 4)]),
    ({"axis": 1}, [(2, 3, 4), (2, 1, 4), (2, 2, 4)]),
    ({"axis": -2}, [(2, 3, 4), (2, 1, 4)]),
    ({"axis": -1}, [(2, 3, 4, 1), (2, 3, 4, 5)]),
    ({}, [(2, 3)]),
]


@pytest.mark.parametrize(("options", "shapes"), CONCATENATE)
def test_concatenate(keras: Any, options: dict[str, Any], shapes: Any) -> None:
    agree(keras, "Concatenate", options, several(*shapes))


DOT: list[tuple[dict[str, Any], list[tuple[int, ...]]]] = [
    ({"axes": 1}, [(3, 4), (3, 4)]),
    ({"axes": -1, "normalize": True}, [(3, 4), (3, 4)]),
    ({"axes": 2}, [(2, 3, 4), (2, 5, 4)]),
    ({"axes": (2, 1)}, [(2, 3, 4), (2, 4, 5)]),
    ({"axes": [1, -2], "normalize": True}, [(2, 4, 3), (2, 4, 5)]),
    ({"axes": (1, 2)}, [(2, 4), (2, 3, 4)]),
    ({"axes": (2, 1)}, [(2, 3, 4), (2, 4)]),
    ({"axes": (3, 1)}, [(2, 3, 5, 4), (2, 4, 6)]),
    ({"axes": (1, 2)}, [(2, 4, 3), (2, 3, 4, 2)]),
]


@pytest.mark.parametrize(("options", "shapes"), DOT)
def test_dot(keras: Any, options: dict[str, Any], shapes: Any) -> None:
    agree(keras, "Dot", options, several(*shapes))


def test_the_cosine_of_zeros_is_zero() -> None:
    x = [np.zeros((1, 3), "float32"), np.ones((1, 3), "float32")]
    np.testing.assert_array_equal(layers.Dot(1, normalize=True)(x).numpy(), [[0]])


FULL = np.array([[True, True, False], [True, False, False]])
OTHER = np.array([[True, False, False], [True, True, False]])


@pytest.mark.parametrize("masks", [[FULL, OTHER], [FULL, None], [None, OTHER]])
@pytest.mark.parametrize("name", [*ELEMENTWISE, "Concatenate"])
def test_masked_steps(keras: Any, name: str, masks: Any) -> None:
    agree(keras, name, {}, several((2, 3, 4), (2, 3, 4)), masks)


@pytest.mark.parametrize("name", ["Maximum", "Minimum", "Multiply"])
def test_masked_steps_of_three_inputs(keras: Any, name: str) -> None:
    xs = several((2, 3, 4), (2, 3, 4), (2, 3, 4))
    agree(keras, name, {}, xs, [FULL, OTHER, FULL[::-1]])
    agree(keras, name, {}, xs, [FULL, None, OTHER])


@pytest.mark.parametrize("masks", [[FULL, OTHER], [FULL, None]])
def test_masks_of_sequences_one_after_another(keras: Any, masks: Any) -> None:
    agree(keras, "Concatenate", {"axis": 1}, several((2, 3, 4), (2, 3, 4)), masks)


FUNCTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("add", {}, "Add"), ("average", {}, "Average"), ("subtract", {}, "Subtract"),
    ("multiply", {}, "Multiply"), ("maximum", {}, "Maximum"), ("minimum", {}, "Minimum"),
    ("concatenate", {"axis": 1}, "Concatenate"), ("dot", {"axes": 2}, "Dot"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "options", "name"), FUNCTIONS)
def test_functions_in_lower_case(
    keras: Any, function: str, options: dict[str, Any], name: str
) -> None:
    xs = several((2, 3, 4), (2, 3, 4))
    mine, real = getattr(layers, function), getattr(keras.layers, function)
    y = mine(xs, **options)
    np.testing.assert_array_equal(y.numpy(), getattr(layers, name)(**options)(xs).numpy())
    ours, theirs = (list(inspect.signature(f).parameters.values())[:-1] for f in (mine, real))
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]


MODES: list[tuple[dict[str, Any], Callable[[Any, Any], Any]]] = [
    ({}, lambda a, b: a + b),
    ({"mode": "mul"}, lambda a, b: a * b),
    ({"mode": "ave"}, lambda a, b: (a + b) / 2),
    ({"mode": "max"}, np.maximum),
    ({"mode": "concat", "concat_axis": 1}, lambda a, b: np.concatenate([a, b], 1)),
    ({"mode": "concat"}, lambda a, b: np.concatenate([a, b], -1)),
    ({"mode": "dot", "dot_axes": 1}, lambda a, b: (a * b).sum(1, keepdims=True)),
    ({"mode": "cos", "dot_axes": 1}, lambda a, b: (a * b).sum(1, keepdims=True)
     / np.linalg.norm(a, axis=1, keepdims=True) / np.linalg.norm(b, axis=1, keepdims=True)),
    ({"mode": lambda pair: pair[0] - pair[1]}, lambda a, b: a - b),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), MODES)
def test_merge_of_the_first_keras(options: dict[str, Any], expected: Any) -> None:
    a, b = several((3, 4), (3, 4))
    y = layers.merge([a, b], name="merged", **options)
    np.testing.assert_allclose(y.numpy(), expected(a, b), rtol=1e-5, atol=1e-6)


NAME = {"name": "layer"}
RULE = ("Behind the batch, axes are compared from the last to the first; each pair must be equal"
        " or have a 1.")  # fmt: skip


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: layers.Add(**NAME)(several((2, 3), (2, 4))),
         f"layer: expected inputs whose shapes broadcast, got (None, 3), (None, 4). {RULE}"),
        (lambda: layers.Multiply(**NAME)(several((2, 3), (2, 3), (2, 5, 4))),
         "layer: expected inputs whose shapes broadcast, got (None, 3), (None, 3), (None, 5, 4). "
         + RULE),
        (lambda: layers.Concatenate(**NAME)(several((2, 3, 4), (2, 2, 4))),
         "layer: expected inputs that differ along axis 2 only, got (None, 3, 4), (None, 2, 4)."),
        (lambda: layers.Concatenate(axis=1, **NAME)(several((2, 3, 4), (2, 3))),
         "layer: expected inputs that differ along axis 1 only, got (None, 3, 4), (None, 3)."),
        (lambda: layers.Concatenate(axis=3, **NAME)(several((2, 3), (2, 3))),
         "layer: expected an axis in [-2, 1], got 3."),
        (lambda: layers.Subtract(**NAME)(several((2, 3), (2, 3), (2, 3))),
         "layer: expected a list of 2 tensors, got 3."),
        (lambda: layers.Add(**NAME)(numbers(2, 3)),
         "layer: expected a list of tensors, got one of shape (None, 3). layers.Add(...)([a, b])"),
        (lambda: layers.Dot(1, **NAME)(several((2, 3), (2, 4))),
         "layer: expected axes 1 of equal lengths, got 3 and 4 in (None, 3), (None, 4)."),
        (lambda: layers.Dot((0, 1), **NAME)(several((2, 3), (2, 3))),
         "layer: expected axes behind the batch, got [0, 1] for (None, 3), (None, 3)."),
    ],
)  # fmt: skip
def test_inputs_that_do_not_fit(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        call()
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.Dot("all", **NAME),
         "layer: expected axes to be an integer or two of them, got 'all'."),
        (lambda: layers.Dot((1, 2, 3), **NAME),
         "layer: expected axes to be an integer or two of them, got (1, 2, 3)."),
        (lambda: layers.merge(several((2, 3), (2, 3)), mode="summ"),
         "merge: expected the name of a known mode, got 'summ'. Did you mean 'sum'?"),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text
