"""Passes: graphs made at random mean the same before and after, and get no larger."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lernwerk import ops
from lernwerk import settings as package_settings
from lernwerk.core import RandomStream, Variable, trace
from lernwerk.core.graph import GraphError, verify
from lernwerk.core.passes import common_subexpressions, dead_code, run_pass, simplify
from lernwerk.engines.numpy import NumpyPlan

UNARY = [
    ops.negative, ops.tanh, ops.relu, ops.square, ops.identity,
    lambda x: ops.sum(x, axis=0, keepdims=True), lambda x: ops.sum(x, axis=1, keepdims=True),
    lambda x: ops.flip(x, axes=(0,)), lambda x: x[:, ::-1], lambda x: ops.cumsum(x, axis=0),
]  # fmt: skip
BINARY = [ops.add, ops.multiply, ops.maximum, ops.subtract, lambda a, b: ops.where(a > b, a, b)]
STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), max_size=25)
X = np.random.default_rng(0).normal(size=(3, 3))


def program(steps, returned, v):
    """A function of straight-line code from random numbers; every sixth step assigns ``v``."""

    def function(x):
        values = [x, v.read(), x + X]
        for number, (which, i, j) in enumerate(steps):
            a, b = values[i % len(values)], values[j % len(values)]
            if which < 15:
                values.append(UNARY[which % len(UNARY)](a))
            else:
                values.append(BINARY[which % len(BINARY)](a, b))
            if number % 6 == 5:
                v.assign(values[-1] + ops.tanh(v))
                values.append(v.read())
        return [values[i % len(values)] for i in returned]

    return function


def run(graph, v, start):
    v.assign(start)
    return [*NumpyPlan(graph).run([X * 0.5]), v.numpy().copy()]


@settings(max_examples=80, deadline=None)
@given(STEPS, st.lists(st.integers(0, 40), max_size=4))
def test_passes_keep_the_meaning(steps, returned):
    v = Variable(X)
    graph = trace(program(steps, returned, v), X).graph
    verify(graph)
    with np.errstate(all="ignore"):
        expected = run(graph, v, X)
        for change in (dead_code, common_subexpressions, simplify):
            changed = change(graph)
            verify(changed)
            assert len(changed.nodes) <= len(graph.nodes)
            for a, b in zip(run(changed, v, X), expected, strict=True):
                np.testing.assert_array_equal(a, b)


def test_passes_do_not_change_the_graph_given():
    v = Variable(X)
    graph = trace(program([(0, 0, 0), (0, 0, 0), (15, 3, 4)], [0], v), X).graph
    before = str(graph)
    simplify(graph)
    assert str(graph) == before


def names(graph):
    return [node.primitive.name for node in graph.nodes]


def test_equal_nodes_become_one():
    def function(x):
        return ops.tanh(x) * ops.tanh(x) + ops.tanh(-x) * ops.sum(x, axis=0) * ops.sum(x, axis=1)

    changed = common_subexpressions(trace(function, X).graph)
    assert names(changed).count("tanh") == 2
    assert names(changed).count("sum") == 2


def test_equal_attributes_of_other_types_are_not_equal():
    graph = trace(lambda x: (ops.cast(x, dtype="int32"), ops.cast(x, dtype="int64")), X).graph
    assert len(common_subexpressions(graph).nodes) == 2


def test_random_draws_are_never_one():
    stream = RandomStream(1)
    graph = trace(lambda: (stream.uniform((2,)), stream.uniform((2,)))).graph
    assert names(simplify(graph)).count("random_uniform") == 2


def test_dead_code_goes_and_what_updates_need_stays():
    kept, lost = Variable(1.0, name="kept"), Variable(1.0, name="lost")

    def function(x):
        ops.exp(x * lost + X)
        kept.assign(kept * 2.0)
        return x

    changed = dead_code(trace(function, X).graph)
    assert names(changed) == ["multiply"]
    assert [v.name for v in changed.states] == ["kept"]
    assert [a.item() for a in changed.constants.values()] == [2.0]
    assert len(changed.inputs) == 1


def test_a_node_of_which_one_output_is_used_stays_whole():
    graph = trace(lambda x: ops.top_k(x, k=2)[1], X).graph
    (node,) = dead_code(graph).nodes
    assert len(node.outputs) == 2


def test_equal_numbers_are_one_constant_and_their_products_one_node():
    graph = trace(lambda x: (x * 0.5 + 0.5, x * 0.5), np.ones(2)).graph
    assert [array.item() for array in graph.constants.values()] == [0.5]
    assert [node.primitive.name for node in simplify(graph).nodes] == ["multiply", "add"]


def test_a_pass_that_finds_nothing_returns_the_graph_itself():
    graph = trace(lambda x: ops.tanh(x) * 0.5, X).graph
    for change in (common_subexpressions, dead_code, simplify):
        assert change(graph) is graph


@pytest.fixture
def debug():
    """Set the debug level for a test."""
    yield lambda level: package_settings.set("debug", level)
    package_settings.set("debug", None)


def test_the_second_debug_level_prints_what_passes_change(debug, capsys):
    graph = trace(lambda x: ops.identity(x) * 0.5, X).graph
    debug(1)
    simplify(graph)
    assert not capsys.readouterr().out
    debug(2)
    changed = simplify(graph)
    assert capsys.readouterr().out == f"pass clean_up: 2 -> 1 nodes\n{changed}\n"


def test_debugging_checks_what_a_pass_makes(debug):
    def loses_a_node(graph):
        return replace(graph, nodes=graph.nodes[1:])

    graph = trace(lambda x: -ops.tanh(x), X).graph
    run_pass(loses_a_node, graph)
    debug(1)
    with pytest.raises(GraphError, match="expected defined symbols"):
        run_pass(loses_a_node, graph)


def test_passes_are_fast():
    def function(x):
        for number in range(500):
            x = ops.identity(x) * 1.0 + ops.tanh(x) * float(number)
        return x

    graph = trace(function, X).graph
    assert len(graph.nodes) == 2500
    start = process_time()
    simplify(graph)
    assert process_time() - start < 0.3  # about 0.03 s; busy machines take longer
