"""What graphs cost, against figures worked out by hand and from the literature."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import layers, ops
from lernwerk.core import Variable, gradient, trace
from lernwerk.core.cost import cost, flops, output_bytes, peak_bytes
from lernwerk.models import Sequential
from lernwerk.models.step_graph import step_graph


def array(*shape):
    return np.ones(shape, np.float32)


def work(function, *arrays):
    """The operations of each node by name."""
    return {n.primitive.name: flops(n) for n in trace(function, *arrays).graph.nodes}


OPTIONS = {"strides": (2, 2), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}
KNOWN = [  # functions of one array (4, 6), the operation in question, its operations
    (lambda x: x @ array(6, 5), "matmul", 2 * 4 * 6 * 5),
    (lambda x: x @ array(6), "matmul", 2 * 4 * 6),
    (lambda x: array(3, 7, 4) @ x, "matmul", 2 * 3 * 7 * 4 * 6),
    (lambda x: ops.einsum("ij,jk->ik", x, array(6, 5)), "contraction", 2 * 4 * 6 * 5),
    (lambda x: ops.einsum("ij->j", x), "contraction", 4 * 6),
    (lambda x: ops.exp(x), "exp", 24), (lambda x: x + array(3, 1, 1), "add", 72),
    (lambda x: ops.sum(x, axis=0), "sum", 24), (lambda x: ops.max(x), "max", 24),
    (lambda x: ops.softmax(x), "softmax", 24), (lambda x: x.T, "transpose", 0),
    (lambda x: x.reshape(24), "reshape", 0), (lambda x: x[1:], "slice", 0),
    (lambda x: ops.gather(x, np.array([1]), axis=0), "gather", 0),
    (lambda x: ops.max_pooling(x.reshape(1, 4, 6, 1), size=(2, 3), strides=(2, 3),
                               padding=((0, 0), (0, 0))), "max_pooling", 2 * 2 * 6),
]  # fmt: skip


@pytest.mark.parametrize(("function", "name", "expected"), KNOWN)
def test_operations(function, name, expected):
    assert work(function, array(4, 6))[name] == expected


@pytest.mark.parametrize("groups", [1, 2])
def test_a_convolution_and_its_gradients_cost_the_same(groups):
    x, w = array(2, 8, 6, 4), Variable(array(3, 3, 4 // groups, 8))

    def function(x):
        y = ops.convolution(x, w, groups=groups, **OPTIONS)
        return gradient(y.sum(), [x, w])

    found = work(function, x)
    outputs = 2 * 4 * 3 * 8
    for name in ("convolution", "convolution_input_gradient", "convolution_kernel_gradient"):
        assert found[name] == 2 * outputs * 3 * 3 * 4 // groups


@pytest.mark.parametrize(("name", "gates"), [("simple_rnn", 1), ("gru", 3), ("lstm", 4)])
def test_recurrent_networks(name, gates):
    """Per step a product of (d + n) x (gates n), and the way back one of (gates n) x n."""
    layer = {"simple_rnn": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}[name](5)
    layer.build_for((None, 7, 3))
    found = work(lambda x: gradient(layer(x).sum(), [x]), array(2, 7, 3))
    assert found[name] == 2 * 2 * 7 * gates * 5 * (3 + 5)
    assert found[f"{name}_gradient"] == 2 * 2 * 7 * gates * 5 * 5


def test_lenet_has_its_416520_multiplications():
    """LeCun et al. 1998 with all maps connected: 117600 + 240000 + 48000 + 10080 + 840."""
    model = Sequential([
        layers.Input((28, 28, 1)), layers.Conv2D(6, 5, padding="same"), layers.AveragePooling2D(),
        layers.Conv2D(16, 5), layers.AveragePooling2D(), layers.Flatten(), layers.Dense(120),
        layers.Dense(84), layers.Dense(10),
    ])  # fmt: skip
    graph = step_graph(model, batch_size=1)
    products = [n for n in graph.nodes if n.primitive.name in ("convolution", "matmul")]
    assert sum(map(flops, products)) == 2 * 416520
    assert cost(graph).state_bytes == 4 * 61706
    assert 0 < cost(graph).flops - 2 * 416520 < 20000


def test_memory_of_a_chain_is_two_values():
    graph = trace(lambda x: ops.exp(ops.tanh(ops.exp(x))), array(10, 10)).graph
    assert [output_bytes(node) for node in graph.nodes] == [400] * 3
    assert peak_bytes(graph) == 800


def test_memory_of_what_is_needed_later_stays():
    graph = trace(lambda x: ops.exp(ops.exp(ops.exp(x))) + x, array(10, 10)).graph
    assert peak_bytes(graph) == 1200


def test_results_stay_and_what_is_not_used_does_not_count():
    unused = trace(lambda x, y: [x * 2.0, (x * 2.0).sum(), ops.exp(x)[0]], array(5), array(99))
    # x * 2 is returned; the other x * 2 dies; exp is the last.
    assert peak_bytes(unused.graph) == 4 * (5 + 1 + 5 + 5)


def test_states_and_constants_are_totals_of_their_own():
    v = Variable(array(7))

    def function(x):
        v.assign(v + 1.0)
        return x + array(3)

    found = cost(trace(function, array(3)).graph)
    assert (found.state_bytes, found.constant_bytes) == (28, 16)
    assert found.peak_bytes == 28 + 12 + 12
    assert found.flops == 7 + 3


def test_a_graph_without_nodes_costs_nothing():
    found = cost(trace(lambda: None).graph)
    assert (found.flops, found.state_bytes, found.constant_bytes, found.peak_bytes) == (0,) * 4
