"""Folding scales and shifts into kernels: what is folded, when it pays, and the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from random_graphs import graphs

from lernwerk import layers, ops
from lernwerk.core import Variable, trace
from lernwerk.core.graph import verify
from lernwerk.core.passes import fold_normalization, simplify
from lernwerk.engines.numpy import NumpyPlan
from lernwerk.layers.layer import training_mode
from lernwerk.models import Sequential

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(64, 6)).astype(np.float32)
OPTIONS = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}


def variable(*shape):
    return Variable(RANDOM.uniform(0.5, 2, shape).astype(np.float32))


W, C, D = variable(6, 4), variable(4), variable(1, 4)
NUMBER = variable()


def names(graph):
    return [node.primitive.name for node in graph.nodes]


def of_rows(graph, rows):
    """The operations whose results have that many rows."""
    return [n.primitive.name for n in graph.nodes if n.outputs[0].shape[:1] == (rows,)]


def folded(function, *arrays):
    """The graph after the pass, with the numbers compared."""
    graph = simplify(trace(function, *arrays).graph)
    changed = fold_normalization(graph)
    verify(changed)
    labels = [symbol.label for node in changed.nodes for symbol in node.outputs]
    assert len(set(labels)) == len(labels)
    assert_near(changed, graph, arrays)
    return changed


def assert_near(changed, graph, arrays):
    for a, b in zip(NumpyPlan(changed).run(arrays), NumpyPlan(graph).run(arrays), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_normalisation_behind_convolutions_of_a_network():
    model = Sequential([
        layers.Input((8, 8, 2)), layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(),
        layers.Activation("relu"), layers.Conv2D(3, 3, use_bias=False),
        layers.BatchNormalization(), layers.Flatten(), layers.Dense(5),
    ])  # fmt: skip
    for weight in model.weights:
        weight.assign(RANDOM.uniform(0.5, 2, weight.shape).astype(np.float32))

    def predict(x):
        with training_mode(False):
            return model(x)

    x = RANDOM.normal(size=(7, 8, 8, 2)).astype(np.float32)
    assert of_rows(folded(predict, x), 7) == [
        "convolution", "add", "relu", "convolution", "add", "reshape", "matmul", "add",
    ]  # fmt: skip


FOLDED = [  # functions and what is left of them for the rows
    (lambda x: x @ W * C, ["matmul"]), (lambda x: x @ W / C, ["matmul"]),
    (lambda x: -(x @ W), ["matmul"]), (lambda x: x @ W * 0.5, ["matmul"]),
    (lambda x: x @ W + C + D, ["matmul", "add"]), (lambda x: x @ W + C - D, ["matmul", "add"]),
    (lambda x: C - x @ W * C, ["matmul", "add"]), (lambda x: -(C - x @ W), ["matmul", "add"]),
    (lambda x: ((x @ W + C) * D - C) / NUMBER, ["matmul", "add"]),
    (lambda x: C * (D + x @ W), ["matmul", "add"]),
    (lambda x: -(-(x @ W * C) / D - C), ["matmul", "add"]),
    (lambda x: ops.relu(x @ W * ops.sqrt(C + 0.1)), ["matmul", "relu"]),
    (lambda x: x @ W * C @ variable(4, 3) * NUMBER, ["matmul", "matmul"]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "left"), FOLDED)
def test_scales_and_shifts_behind_a_product(function, left):
    assert of_rows(folded(function, X), len(X)) == left


def test_groups_and_depthwise_convolutions():
    x = RANDOM.normal(size=(2, 6, 6, 4)).astype(np.float32)
    for groups in (2, 4):
        w = variable(3, 3, 4 // groups, 8)
        c = variable(8)
        changed = folded(lambda x, w=w, c=c, g=groups: (
            ops.convolution(x, w, groups=g, **OPTIONS) * c + c), x)  # fmt: skip
        assert of_rows(changed, 2) == ["convolution", "add"]


def returned_twice(x):
    y = x @ W
    return y, y * C


KEPT = [
    lambda x: x @ W + C,  # nothing to save
    lambda x: C - x @ W,  # one walk before and one after
    lambda x: (x @ W) ** C, lambda x: C / (x @ W), lambda x: x @ W + x[:, :1],
    lambda x: x @ W * x[:, :4], lambda x: x[:4] @ W * variable(4, 4),
    lambda x: x[:2] @ W * C,  # the kernel is larger than the output
    lambda x: x @ variable(6) * NUMBER,  # no axis of channels
    lambda x: x @ x.T * NUMBER, returned_twice,
    lambda x: x @ W * variable(2, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("function", KEPT)
def test_what_is_no_scale_of_channels_or_does_not_pay_stays(function):
    graph = simplify(trace(function, X).graph)
    assert fold_normalization(graph) is graph


def test_new_weights_are_seen():
    weight, scale = Variable(np.ones((6, 4), np.float32)), Variable(np.ones(4, np.float32))
    plan = NumpyPlan(fold_normalization(trace(lambda x: x @ weight * scale, X).graph))
    before = plan.run([X])[0]
    scale.assign(scale * 2.0)
    np.testing.assert_allclose(plan.run([X])[0], 2 * before)


@settings(max_examples=150)
@given(graphs())
def test_random_graphs(made):
    function, arrays = made
    graph = simplify(trace(function, *arrays).graph)
    changed = fold_normalization(graph)
    verify(changed)
    assert_near(changed, graph, arrays)
