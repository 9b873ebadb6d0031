"""compiled: signatures, structures, whole epochs, ownership of results, and failures in a trace."""

from __future__ import annotations

import re
from collections import namedtuple

import numpy as np
import pytest

from lernwerk import ops
from lernwerk.core import RandomStream, Tensor, Variable, compiled, gradient
from lernwerk.core.tracer import current_tracer
from lernwerk.errors import ArgumentError, DataError, ShapeError

Pair = namedtuple("Pair", "first second")


class Counted:
    """A function that counts how often it is traced."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x, *rest, **keywords):
        self.calls += 1
        return x * 2


@pytest.mark.parametrize(
    ("first", "second", "traces"),
    [
        ((np.ones(2),), (np.zeros(2),), 1),
        ((np.ones(2),), (Tensor(np.zeros(2)),), 1),
        ((np.ones(2),), (Variable(np.zeros(2)),), 1),
        ((np.ones(2),), (np.ones(3),), 2),
        ((np.ones(2),), (np.ones((2, 1)),), 2),
        ((np.ones(2),), (np.ones(2, np.float32),), 2),
        ((np.ones(2), 1), (np.ones(2), 1), 1),
        ((np.ones(2), 1), (np.ones(2), 2), 2),
        ((np.ones(2), 1), (np.ones(2), True), 2),
        ((np.ones(2), 1), (np.ones(2), 1.0), 2),
        ((np.ones(2), "a"), (np.ones(2), "b"), 2),
        ((np.ones(2), None), (np.ones(2), np.ones(1)), 2),
        ((np.ones(2), [np.ones(1)]), (np.ones(2), (np.ones(1),)), 2),
        ((np.ones(2), {"a": 1}), (np.ones(2), {"b": 1}), 2),
        ((np.ones(2), {"a": 1, "b": 2}), (np.ones(2), {"a": 2, "b": 1}), 2),
    ],
)
def test_one_trace_for_each_signature(first, second, traces):
    counted = Counted()
    function = compiled(counted)
    for arguments in (first, second, first, second):
        np.testing.assert_array_equal(function(*arguments).numpy(), np.asarray(arguments[0]) * 2)
    assert counted.calls == traces
    function.forget()
    function(*first)
    assert counted.calls == traces + 1


def test_keywords_are_arguments_too():
    function = compiled(lambda x, *, scale, name="a": x * scale)
    assert function(np.ones(2), scale=np.float64(3)).numpy().tolist() == [3, 3]
    assert function(np.ones(2), scale=4).numpy().tolist() == [4, 4]
    assert len(function._cache) == 2


def test_unhashable_static_arguments_are_refused():
    def step(x, options):
        return x

    message = (
        "compiled step: expected arrays and hashable arguments, got set."
        " Pass numbers as NumPy arrays or Tensors."
    )
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        compiled(step)(np.ones(2), {1, 2})


def test_structures_go_in_and_come_out():
    def function(tree, flag):
        a, (b, nothing), pair = tree["a"], tree["b"], tree["pair"]
        assert nothing is None
        return {
            "sum": a + b,
            "pair": Pair(pair.second, [pair.first, "text", None]),
            "none": None,
            "empty": (),
            "flag": flag,
        }

    tree = {"pair": Pair(np.float32(1), np.float32(2)), "b": (np.ones(2), None), "a": np.ones(2)}
    for called in (function, compiled(function)):
        found = called({**tree}, True)
        assert list(found) == ["sum", "pair", "none", "empty", "flag"]
        assert np.asarray(found["sum"]).tolist() == [2.0, 2.0]
        assert isinstance(found["pair"], Pair)
        assert float(found["pair"].first) == 2.0
        assert float(found["pair"].second[0]) == 1.0
        assert found["pair"].second[1:] == ["text", None]
        assert (found["none"], found["empty"], found["flag"]) == (None, (), True)


def test_dictionaries_in_another_order_mean_the_same():
    function = compiled(lambda tree: tree["a"] - tree["b"])
    a, b = np.full(2, 5.0), np.full(2, 3.0)
    assert function({"a": a, "b": b}).numpy().tolist() == [2.0, 2.0]
    assert function({"b": b, "a": a}).numpy().tolist() == [2.0, 2.0]


def training():
    """A step with everything that survives one: weights, random numbers, a total."""
    w = Variable(np.full((3, 2), 0.1), name="w")
    total = Variable(np.array(0.0), name="total")
    stream = RandomStream(3)

    def step(data, y):
        noise = stream.normal((4, 2), dtype="float64")
        loss = ((data["x"] @ w + 0.01 * noise - y) ** 2).mean()
        w.assign_sub(0.1 * gradient(loss, [w])[0])
        total.assign_add(loss)
        return {"loss": loss, "rows": data["x"] @ w, "nothing": None}

    return step, (w, total, stream.state)


def test_over_equals_calling_batch_after_batch():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(11, 3)), random.normal(size=(11, 2))
    order = random.permutation(11)
    step, state = training()
    found = compiled(step).over(({"x": x}, y), order, 4)
    step, expected_state = training()
    single = compiled(step)
    results = [single({"x": x[rows]}, y[rows]) for rows in (order[:4], order[4:8])]
    np.testing.assert_array_equal(found["loss"].numpy(), [r["loss"].item() for r in results])
    rows = np.concatenate([r["rows"].numpy() for r in results])
    np.testing.assert_array_equal(found["rows"].numpy(), rows)
    assert found["nothing"] is None
    for a, b in zip(state, expected_state, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert state[2].numpy()[-1] == 2


def test_over_without_a_full_batch_does_nothing():
    step, state = training()
    before = [v.numpy().copy() for v in state]
    found = compiled(step).over(({"x": np.ones((3, 3))}, np.ones((3, 2))), np.arange(3), 4)
    assert (found["loss"].shape, found["rows"].shape) == ((0,), (0, 2))
    for a, b in zip(state, before, strict=True):
        np.testing.assert_array_equal(a.numpy(), b)


def test_over_with_static_arguments():
    function = compiled(lambda x, scale: x * scale)
    found = function.over((np.arange(4.0),), np.array([3, 2, 1, 0]), 2, scale=3.0)
    assert found.numpy().tolist() == [9.0, 6.0, 3.0, 0.0]


def test_results_are_the_callers_own():
    x, constant, v = np.ones(3), np.ones(3), Variable(np.ones(3))
    function = compiled(lambda x: (x, x[1:], ops.identity(x), constant, v, v[:2], x.reshape(3, 1)))
    for result in function(x):
        result.numpy()[...] = 50
    assert x.tolist() == v.numpy().tolist() == [1, 1, 1]
    assert [r.numpy().max() for r in function(x)] == [1.0] * 7


def test_assigned_values_are_the_variables_own():
    x, constant = np.ones(3), np.ones(3)
    a, b, c = (Variable(np.zeros(3)) for _ in range(3))

    def function(x):
        a.assign(x)
        b.assign(constant)
        c.assign(x[::-1])
        return a

    step = compiled(function)
    step(x).numpy()[:] = 50
    x[:] = 40
    assert a.numpy().tolist() == b.numpy().tolist() == c.numpy().tolist() == [1, 1, 1]
    b.numpy()[:] = 30
    step(x)
    assert b.numpy().tolist() == [1, 1, 1]


def test_two_variables_can_change_places():
    a, b = Variable([1.0]), Variable([2.0])

    def swap():
        old = a.read()
        a.assign(b)
        b.assign(old)

    compiled(swap)()
    assert (a.item(), b.item()) == (2.0, 1.0)


def test_a_variable_as_an_argument_is_an_input():
    v = Variable([3.0])
    function = compiled(lambda x: gradient((x * x).sum(), [x])[0])
    assert function(v).item() == 6.0
    v.assign([5.0])
    assert function(v).item() == 10.0
    assert not function.graph(v).states


def test_a_failing_trace_leaves_no_trace():
    v = Variable([1.0, 2.0])

    def broken(x):
        v.assign_add(x)
        return v @ np.ones((3, 1), np.float32)

    function = compiled(broken)
    for _ in range(2):
        with pytest.raises(ShapeError, match=r"^matmul: expected"):
            function(np.ones(2, np.float32))
        assert current_tracer() is None
        assert (v.numpy().tolist(), v.version) == ([1.0, 2.0], 0)
    assert not function._cache
    assert (v + 1).numpy().tolist() == [2.0, 3.0]


def test_a_failing_run_leaves_the_variables():
    v = Variable([1.0])

    def function(x, i):
        v.assign_add([1.0])
        return ops.gather(x, i)

    step = compiled(function)
    step(np.ones(2), np.array([1]))
    with pytest.raises(DataError):
        step(np.ones(2), np.array([5]))
    assert (v.numpy().tolist(), v.version) == ([2.0], 1)


def test_name_and_documentation_are_those_of_the_function():
    def step(x):
        """One step."""
        return x

    function = compiled(step)
    assert (function.__name__, function.__doc__) == ("step", "One step.")
