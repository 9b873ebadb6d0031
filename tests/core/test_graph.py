"""Tracer and graph: the print-out, what verify catches, Variables, constants, scopes, threads."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

import numpy as np
import pytest

from lernwerk import ops, settings
from lernwerk.core import Tensor, Variable, compiled, gradient, trace
from lernwerk.core.graph import GraphError, Node, Symbol, verify
from lernwerk.core.tracer import current_tracer, scope, suspended
from lernwerk.ops.primitive import Spec

X = np.ones((2, 3), np.float32)
TEXT = """\
graph small
  input    %0 float32 (2, 3)
  constant %2 float32 () = 2.0
  constant %4 float32 (3)
  state    %7 float32 ()    # total
  %1 float32 (2, 3) = negative(%0)    # outer/inner
  %3 float32 (2, 3) = multiply(%1, %2)    # outer
  %5 float32 (2, 3) = add(%3, %4)
  %6 float32 () = sum(%5, axis=None, keepdims=False)
  %8 float32 () = add(%7, %6)
  return   %5, %8
  update   %7 <- %8    # total"""


def traced_small():
    total = Variable(0.0, name="total")
    shift = np.arange(3, dtype=np.float32)

    def small(x):
        with scope("outer"):
            with scope("inner"):
                x = -x
            x = x * 2.0
        x = x + shift
        total.assign_add(x.sum())
        return x, total

    return trace(small, X).graph


def test_the_print_out():
    assert str(traced_small()) == TEXT


def test_a_function_without_results_prints():
    assert str(trace(lambda: None).graph) == "graph <lambda>\n  return   nothing"


def test_the_debug_setting_prints_every_graph(capsys):
    settings.set("debug", 1)
    try:
        compiled(lambda x: -x)(X)
    finally:
        settings.set("debug", None)
    compiled(lambda x: -x)(X)
    assert capsys.readouterr().out.count("graph <lambda>") == 1


def test_verify_accepts_what_the_tracer_makes():
    verify(traced_small())


def without_first(graph):
    return replace(graph, nodes=graph.nodes[1:])


def with_wrong_type(graph):
    node = Node(ops.negative, graph.nodes[0].inputs, {})
    node.outputs = (Symbol(Spec((2, 3), np.dtype(np.float64)), "%1"),)
    return replace(graph, nodes=[node, *graph.nodes[1:]])


def with_wrong_update(graph):
    return replace(graph, updates=dict.fromkeys(graph.updates, graph.outputs[0]))


def with_foreign_output(graph):
    return replace(graph, outputs=[Symbol(Spec((), np.dtype(np.float32)), "%99")])


SHAPES = "(shape=(2, 3), dtype=dtype('float32'))"
FAULTS = [
    (without_first, "graph small, %3 float32 (2, 3) = multiply(%1, %2)    # outer: "
     "expected defined symbols, got %1."),
    (lambda g: replace(g, nodes=g.nodes[::-1]), "graph small, %8 float32 () = add(%7, %6): "
     "expected defined symbols, got %6."),
    (with_wrong_type, f"graph small, %1 float64 (2, 3) = negative(%0): expected outputs (Spec{SHAPES},), "  # noqa: E501
     f"got [Spec{SHAPES.replace('32', '64')}]."),
    (lambda g: replace(g, nodes=[*g.nodes, g.nodes[0]]), "graph small, %1 float32 (2, 3) = "
     "negative(%0)    # outer/inner: expected new symbols as outputs, got known ones."),
    (with_foreign_output, "graph small, return: expected defined symbols, got %99."),
    (with_wrong_update, "graph small: expected %7 float32 (), got %5 float32 (2, 3)."),
    (lambda g: replace(g, updates={Variable(1.0, name="other"): g.outputs[1]}),
     "graph small, update: expected a state of the graph, got other."),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), FAULTS)
def test_verify_catches_what_is_broken(damage, message):
    with pytest.raises(GraphError, match=f"^{re.escape(message)}$"):
        verify(damage(traced_small()))


def test_nested_compiled_functions_are_one_graph():
    inner = compiled(lambda x: x * x)
    outer = compiled(lambda x: gradient(inner(x).sum(), [x])[0] + inner(x))
    found = outer(np.array([1.0, 2.0]))
    assert found.numpy().tolist() == [3.0, 8.0]
    assert not inner._cache
    assert "multiply" in str(outer.graph(np.ones(2)))


def test_variables_read_after_an_assignment_have_the_new_value():
    v = Variable(1.0)

    def function():
        before = v * 10.0
        v.assign(v + 1.0)
        middle = v * 10.0
        v.assign_add(before)
        return before, middle, v

    results = compiled(function)()
    assert [r.item() for r in results] == [10.0, 20.0, 12.0]
    assert v.item() == 12.0
    v.assign(1.0)
    assert [r.item() for r in function()] == [10.0, 20.0, 12.0]


def test_gradients_to_variables_that_were_assigned_in_between():
    v = Variable(3.0)

    def function():
        loss = v * v
        v.assign(100.0)
        return gradient(loss, [v])

    assert compiled(function)()[0].item() == 6.0


def test_constants_are_copied_and_kept_once():
    array = np.ones(2)
    function = compiled(lambda x: x + array + array)
    assert function(np.zeros(2)).numpy().tolist() == [2.0, 2.0]
    array[:] = 50
    assert function(np.zeros(2)).numpy().tolist() == [2.0, 2.0]
    assert len(function.graph(np.zeros(2)).constants) == 1


def test_constants_do_not_mix_when_arrays_die_while_tracing():
    def function(x):
        for number in range(50):
            x = x + np.full(2, float(number))
        return x

    assert compiled(function)(np.zeros(2)).numpy().tolist() == [1225.0, 1225.0]


def test_tensors_made_outside_are_constants_without_a_gradient():
    outside = Tensor(2.0) * 3.0
    found = compiled(lambda x: gradient(x * outside, [x, outside]))(np.float32(5.0))
    assert [g.item() for g in found] == [6.0, 5.0]


def test_suspended_computes_eagerly_inside():
    def function(x):
        with suspended():
            made = Variable(np.ones(2)) * 2.0
            assert made.numpy().tolist() == [2.0, 2.0]
        assert current_tracer() is not None
        return x * made

    assert compiled(function)(np.full(2, 3.0)).numpy().tolist() == [6.0, 6.0]


def test_two_threads_trace_at_once():
    barrier, graphs = threading.Barrier(2, timeout=20), []
    shared = Variable(1.0, name="shared")

    def function(x):
        for _ in range(3):
            barrier.wait()
            x = x + shared
            barrier.wait()
        return x

    def work():
        graphs.append(trace(function, np.float32(0.0)).graph)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(graphs) == 2
    for graph in graphs:
        assert [node.primitive.name for node in graph.nodes] == ["add"] * 3
        verify(graph)
    assert current_tracer() is None


def test_another_thread_computes_while_one_traces():
    seen = []

    def function(x):
        thread = threading.Thread(target=lambda: seen.append((Tensor(2.0) * 3.0).item()))
        thread.start()
        thread.join()
        return x

    compiled(function)(X)
    assert seen == [6.0]
