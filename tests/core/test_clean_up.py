"""Clean-up and constant folding: what each rule rewrites, what it must not, and the same bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from random_graphs import graphs

from lernwerk import ops
from lernwerk.core import Variable, trace
from lernwerk.core.graph import verify
from lernwerk.core.passes import clean_up, constant_folding, dead_code, simplify
from lernwerk.engines.numpy import NumpyPlan

X = np.array([[1.5, -0.0, 0.0], [-2.0, np.inf, np.nan]], np.float32)
WHOLE = np.array([[1, -2, 0]], np.int32)


def names(graph):
    return [node.primitive.name for node in graph.nodes]


def run(graph, arrays):
    """The results with every value contiguous in memory.

    NumPy's sums and products round by the layout of their input, and a pass may leave out a copy.
    """
    values = dict(graph.constants) | dict(zip(graph.inputs, arrays, strict=True))
    values |= {symbol: state.array for state, symbol in graph.states.items()}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            found = node.primitive.forward(*(values[s] for s in node.inputs), **node.attributes)
            found = (found,) if node.primitive.single else found
            values |= {s: np.array(a, order="C") for s, a in zip(node.outputs, found, strict=True)}
    return [np.asarray(values[symbol]) for symbol in graph.results()]


def assert_same_bits(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_array_equal(a, b)
        signs = ~np.isnan(b) if b.dtype.kind == "f" else np.zeros(b.shape, bool)
        np.testing.assert_array_equal(np.signbit(a[signs]), np.signbit(b[signs]))


def fixed(graph, count, arrays):
    """The graph with its last inputs as constants."""
    constants = dict(zip(graph.inputs[-count:], arrays[-count:], strict=True))
    return replace(graph, inputs=graph.inputs[:-count], constants=graph.constants | constants)


def zeros(*shape):
    return np.zeros(shape, np.float32)


def ones(*shape):
    return np.ones(shape, np.float32)


def slices(x, **ends):
    return ops.slice(x, **({"starts": (0, 0), "stops": (2, 3), "steps": (1, 1)} | ends))


def wide(x):
    return ops.broadcast_to(x, shape=(4, 2, 3))


GONE = [  # functions of which nothing is left
    lambda x: ops.identity(x), lambda x: ops.stop_gradient(x), lambda x: ops.negative(-x),
    lambda x: x * 1.0, lambda x: 1.0 * x, lambda x: x * ones(2, 3), lambda x: x / 1.0,
    lambda x: x - 0.0, lambda x: x + (-0.0), lambda x: x**1, lambda x: x.reshape(2, 3),
    lambda x: x.reshape(-1, 3), lambda x: x.reshape(6).reshape(2, 3),
    lambda x: ops.squeeze(ops.expand_dims(x, axis=1), axis=1), lambda x: x.T.T,
    lambda x: x.transpose(0, 1), lambda x: x.transpose(0, -1),
    lambda x: ops.cast(x, dtype="float32"), lambda x: slices(x),
    lambda x: ops.broadcast_to(x, shape=(2, 3)), lambda x: ops.where(True, x, 2 * x),
    lambda x: ops.where(np.zeros((2, 3), bool), 2 * x, x), lambda x: ops.where(x > 0, x, x),
    lambda x: ops.pad(x, widths=((0, 0), (0, 0))), lambda x: ops.flip(x, axes=()),
    lambda x: ops.embed(x, shape=(2, 3), starts=(0, 0), steps=(1, 1)),
    lambda x: ops.concatenate(x, axis=0), lambda x: ((x * 1.0) / ones(1) - 0.0).reshape(2, 3),
]  # fmt: skip
CHANGED = [  # functions and the operations that are left
    (lambda x: x**2, ["square"]), (lambda x: x * x, ["square"]),
    (lambda x: x * ones(4, 2, 3), ["broadcast_to"]), (lambda x: x - zeros(1, 2, 3),
                                                      ["broadcast_to"]),
    (lambda x: ops.where(True, x, zeros(2, 2, 3)), ["broadcast_to"]),
    (lambda x: x.reshape(6).reshape(3, 2), ["reshape"]),
    (lambda x: x.reshape(1, 2, 3).transpose(1, 0, 2), ["reshape"]),
    (lambda x: x.reshape(3, 1, 2).transpose(2, 1, 0).transpose(0, 2, 1), ["reshape", "transpose"]),
    (lambda x: wide(x.reshape(1, 2, 3)), ["reshape", "broadcast_to"]),
    (lambda x: ops.broadcast_to(wide(x), shape=(5, 4, 2, 3)), ["broadcast_to"]),
    (lambda x: wide(x) * np.ones((4, 1, 1), np.float32), ["broadcast_to"]),
    (lambda x: wide(x) + np.arange(4, dtype=np.float32).reshape(4, 1, 1), ["add"]),
    (lambda x: wide(x) + wide(x), ["broadcast_to", "add"]),
    (lambda x: ops.square(x) + 0.0, ["square"]),
    (lambda x: ops.concatenate(zeros(2, 2), x, zeros(2, 1), axis=-1), ["embed"]),
    (lambda x: ops.sum(ops.exp(x).reshape(2, 1, 3), axis=1), ["exp"]),
    (lambda x: ops.sum(ops.exp(x).reshape(2, 1, 3), axis=(1,), keepdims=True), ["exp", "reshape"]),
]  # fmt: skip
KEPT = [  # functions that only look as if something could go
    lambda x: x + 0.0, lambda x: x - (-0.0), lambda x: 0.0 - x, lambda x: x * 0.0, lambda x: x - x,
    lambda x: x / x, lambda x: 1.0 / x, lambda x: 2.0**x, lambda x: x**3,
    lambda x: x ** np.full((2, 3), 2.0, np.float32), lambda x: x * -1.0, lambda x: x.T,
    lambda x: slices(x, starts=(0, 1)), lambda x: ops.sum(x, axis=0), lambda x: wide(x),
    lambda x: ops.cast(x, dtype="float64"), lambda x: ops.where(x > 0, x, 0.0),
    lambda x: ops.where(np.array([True, False, True]), x, 1.0), lambda x: ops.flip(x, axes=(0,)),
    lambda x: ops.sum(x.reshape(2, 1, 3), axis=1), lambda x: ops.maximum(wide(x), 0.0),
    lambda x: ops.concatenate(x, -zeros(2, 1), axis=1),
    lambda x: ops.concatenate(x, zeros(2, 1), x, axis=1),
]  # fmt: skip


@pytest.mark.parametrize("function", GONE)
def test_what_changes_nothing_goes(function):
    graph = trace(function, X).graph
    changed = dead_code(clean_up(graph))
    assert not changed.nodes
    assert changed.outputs == changed.inputs
    assert_same_bits(run(changed, [X]), run(graph, [X]))


@pytest.mark.parametrize(("function", "left"), CHANGED)
def test_what_is_simpler_takes_its_place(function, left):
    graph = trace(function, X).graph
    changed = dead_code(clean_up(graph))
    verify(changed)
    assert names(changed) == left
    assert_same_bits(run(changed, [X]), run(graph, [X]))


@pytest.mark.parametrize("function", KEPT)
def test_what_would_change_bits_stays(function):
    graph = trace(function, X).graph
    assert clean_up(graph) is graph


def test_zeros_of_integers_have_no_sign():
    graph = trace(lambda x: ops.sum((0 + x + 0).reshape(3, 1), axis=1) * 1 - 0, WHOLE).graph
    changed = dead_code(clean_up(graph))
    assert names(changed) == ["reshape"]
    assert_same_bits(run(changed, [WHOLE]), run(graph, [WHOLE]))


def test_dividing_integers_by_one_makes_fractions():
    graph = trace(lambda x: x / 1, WHOLE).graph
    assert clean_up(graph) is graph


def test_small_integers_are_summed_in_a_larger_type():
    graph = trace(lambda x: ops.sum(x, axis=0), WHOLE.astype(np.int8)).graph
    assert clean_up(graph) is graph


def test_empty_arrays():
    empty = np.ones((0, 3), np.float32)
    graph = trace(lambda x: (x + empty, x * 1.0, ops.sum(x, axis=0), x.T), empty).graph
    changed = simplify(graph)
    assert names(changed) == ["sum", "transpose"]
    assert_same_bits(run(changed, [empty]), run(graph, [empty]))


def test_updates_follow():
    v, w = Variable(X, name="v"), Variable(X, name="w")

    def function(x):
        v.assign(ops.identity(x))
        w.assign(w * 1.0)

    changed = simplify(trace(function, X).graph)
    verify(changed)
    assert not changed.nodes
    plan = NumpyPlan(changed)
    given = X.copy()
    plan.run([given])
    given[:] = 7
    np.testing.assert_array_equal(v.numpy(), X)
    np.testing.assert_array_equal(w.numpy(), X)


@settings(max_examples=250)
@given(graphs())
def test_simplified_graphs_have_the_same_bits(made):
    function, arrays = made
    graph = trace(function, *arrays).graph
    if len(arrays) > 1:
        graph = fixed(graph, 1, arrays)
    given = arrays[: len(graph.inputs)]
    expected, layouts = run(graph, given), NumpyPlan(graph).run(given)
    for change in (constant_folding, clean_up, simplify):
        changed = change(graph)
        verify(changed)
        assert len(changed.nodes) <= len(graph.nodes)
        assert_same_bits(run(changed, given), expected)
        for a, b in zip(NumpyPlan(changed).run(given), layouts, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


# ---- constant folding


def test_what_depends_on_constants_alone_is_computed_once():
    graph = fixed(trace(lambda x, c: x + ops.top_k(ops.exp(c), k=1)[0], X, X[:1]).graph, 1, [X[:1]])
    changed = dead_code(constant_folding(graph))
    verify(changed)
    assert names(changed) == ["add"]
    assert len(changed.constants) == 1
    assert_same_bits(run(changed, [X]), run(graph, [X]))


@pytest.mark.parametrize(("count", "left"), [(512, []), (513, ["multiply"])])
def test_results_of_more_than_a_megabyte_stay(count, left):
    many = np.arange(count, dtype=np.float32)
    graph = fixed(trace(lambda c: c.reshape(-1, 1) * c, many).graph, 1, [many])
    assert names(constant_folding(graph)) == left


def test_broadcast_constants_stay_small():
    graph = fixed(trace(lambda c: ops.broadcast_to(c, shape=(2, 2, 3)), X).graph, 1, [X])
    assert constant_folding(graph) is graph


def test_what_cannot_be_computed_is_left_to_the_run():
    def fails(c):
        return ops.gather(c, np.array([9]), axis=0)

    graph = fixed(trace(fails, WHOLE).graph, 1, [WHOLE])
    assert constant_folding(graph) is graph
    with pytest.raises(Exception, match="9"):
        NumpyPlan(simplify(graph)).run([])


def test_random_numbers_of_a_constant_state_are_a_constant():
    state = np.array([1, 0, 0, 0], np.uint32)
    graph = fixed(trace(lambda s: ops.random_uniform(s, shape=(3,)), state).graph, 1, [state])
    changed = simplify(graph)
    assert not changed.nodes
    assert_same_bits(run(changed, []), run(graph, []))
