"""Masks of relu: read from the results, rounded or not, and in front of a pooling's gradient."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import trace
from lernwerk.core.gradient import gradient
from lernwerk.core.graph import verify
from lernwerk.core.passes import early_choices, relu_masks, simplify
from lernwerk.engines.numpy import NumpyPlan

RANDOM = np.random.default_rng(7)
HALVES = {"size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
OVERLAPPING = {"size": (3, 3), "strides": (2, 2), "padding": ((1, 1), (1, 1))}


def pooled(x, options, is_rounded):
    """The gradient of weighted maxima of relu, rounded in between or not."""
    y = ops.relu(x)
    if is_rounded:
        y = ops.round_bfloat16(y)
    y = ops.max_pooling(y, **options)
    weights = np.random.default_rng(8).normal(size=y.shape).astype("float32")
    return gradient((y * weights).sum(), [x])[0]


def changed(function, *arrays):
    """The graph after both passes, with the numbers compared."""
    graph = simplify(trace(function, *arrays).graph)
    found = simplify(early_choices(relu_masks(graph)))
    verify(found)
    labels = [symbol.label for node in found.nodes for symbol in node.outputs]
    assert len(set(labels)) == len(labels)
    with np.errstate(all="ignore"):
        pairs = zip(*(NumpyPlan(each).run(list(arrays)) for each in (found, graph)), strict=True)
        for a, b in pairs:
            np.testing.assert_array_equal(a, b)
    return found


def nodes(graph, name):
    return [node for node in graph.nodes if node.primitive.name == name]


@pytest.mark.parametrize("options", [HALVES, OVERLAPPING])
@pytest.mark.parametrize("is_rounded", [False, True])
def test_masks_move_in_front_of_a_gradient_of_maxima(options, is_rounded):
    x = RANDOM.normal(size=(2, 6, 8, 3)).astype("float32")
    x[0, 0, :3, 0] = np.nan, np.inf, -np.inf
    x[1] = -1.0
    graph = changed(lambda x: pooled(x, options, is_rounded), x)
    (sent,) = nodes(graph, "max_pooling_gradient")
    is_last = sent.outputs[0] in graph.outputs
    assert is_last or (is_rounded and options is OVERLAPPING)
    (mask,) = nodes(graph, "greater")
    assert (mask.outputs[0].shape == sent.inputs[1].shape) is is_last


@pytest.mark.parametrize("options", [HALVES, OVERLAPPING])
def test_sums_are_over_windows(options):
    x = RANDOM.normal(size=(2, 6, 8, 3)).astype("float32")
    x[0, 0, 0, 0], x[0, 0, 1, 0] = np.nan, np.inf

    def function(x):
        g = pooled(x, options, False)
        return g.sum(axis=(0, 1, 2)), g.sum(axis=(1, 2), keepdims=True), g.sum(axis=(0, 1))

    graph = simplify(trace(function, x).graph)
    found = simplify(early_choices(relu_masks(graph)))
    verify(found)
    smaller = [n for n in nodes(found, "sum") if n.inputs[0].shape[1:3] != (6, 8)]
    assert len(smaller) == 2
    for a, b in zip(*(NumpyPlan(each).run([x]) for each in (found, graph)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_gradients_that_others_read_stay():
    x = RANDOM.normal(size=(2, 6, 8, 3)).astype("float32")

    def function(x):
        y = ops.relu(x)
        (g,) = gradient(ops.max_pooling(y, **HALVES).sum(), [y])
        return g, ops.where(y > 0, g, np.float32(0))

    graph = changed(function, x)
    assert nodes(graph, "greater")[0].outputs[0].shape == x.shape


def test_masks_are_read_from_rounded_results():
    x = np.float32([-1.0, 0.0, 1e-30, 1.001, np.nan, np.inf, -np.inf, 2e-38])

    def function(x):
        y = ops.round_bfloat16(ops.relu(x))
        return y, gradient((y * y).sum(), [x])[0]

    graph = changed(function, x)
    (mask,) = nodes(graph, "greater")
    assert mask.inputs[0] is nodes(graph, "round_bfloat16")[0].outputs[0]
