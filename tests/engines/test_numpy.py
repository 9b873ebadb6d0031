"""The NumPy engine: plans equal eager execution, forget values, and write Variables last."""

from __future__ import annotations

import re
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lernwerk import ops, settings
from lernwerk.core import Tensor, Variable, compiled, gradient, trace
from lernwerk.core.engine import current_engine, engine_names
from lernwerk.engines import threads
from lernwerk.engines.numpy import ENGINE, NumpyPlan
from lernwerk.errors import ArgumentError, DataError

UNARY = [
    ops.tanh, ops.sigmoid, ops.softplus, lambda x: ops.softmax(x, axis=0),
    lambda x: ops.transpose(x), lambda x: ops.sort(x, axis=1),
    lambda x: ops.layer_normalization(x, np.ones(3), np.zeros(3), epsilon=1e-3),
    lambda x: ops.slice(x, starts=(0, 0), stops=(3, 1), steps=(1, 1)) + x,
]  # fmt: skip
BINARY = [ops.add, ops.multiply, ops.subtract, ops.minimum]
STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)), max_size=12)
X = np.random.default_rng(0).normal(size=(3, 3))


@pytest.fixture(autouse=True)
def numpy_engine(monkeypatch):
    """Whatever else is built: these are the tests of this engine."""
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")


def program(steps):
    def function(x, y):
        values = [x, y]
        for which, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            unary = which < 20
            value = UNARY[which % len(UNARY)](a) if unary else BINARY[which % len(BINARY)](a, b)
            values.append(value)
        loss = (values[-1] * values[-1]).mean()
        return loss, values[-1], gradient(loss, [x])[0]

    return function


@hypothesis_settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_plan_equals_eager_execution(steps):
    function = program(steps)
    eager = function(Tensor(X), Tensor(X.T.copy()))
    planned = compiled(function)(X, X.T.copy())
    for a, b in zip(eager, planned, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-12, atol=1e-14)


def chain(length):
    def function(x):
        for _ in range(length):
            x = x * 1.5
        return x

    return function


def test_values_are_forgotten_after_their_last_use():
    plan = ENGINE.compile(trace(chain(6), X).graph)
    alive = []
    made = []

    def watched(step):
        def forward(*arrays, **attributes):
            alive.append(sum(each() is not None for each in made))
            result = step.forward(*arrays, **attributes)
            made.append(weakref.ref(result))
            return result

        return replace(step, forward=forward)

    plan._instructions = [watched(step) for step in plan._instructions]
    plan.run([X])
    assert alive == [0, 1, 1, 1, 1, 1]


def test_memory_does_not_grow_with_the_length_of_a_chain():
    x = np.ones(200_000)
    peaks = []
    for length in (5, 50):
        plan = ENGINE.compile(trace(chain(length), x).graph)
        plan.run([x])
        tracemalloc.start()
        plan.run([x])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + x.nbytes / 2
    assert peaks[1] < 3.5 * x.nbytes


def test_unused_outputs_are_forgotten_at_once():
    plan = ENGINE.compile(trace(lambda x: ops.top_k(x, k=2)[0] * 2.0, X).graph)
    first = plan._instructions[0]
    assert first.outputs[1] in first.last


def test_variables_are_written_only_after_the_last_node():
    v = Variable(np.ones(2))
    seen = []

    def function(x):
        v.assign_add(x)
        return ops.exp(x)

    plan = NumpyPlan(trace(function, np.ones(2)).graph)
    last = plan._instructions[-1]
    assert last.forward is ops.exp.forward

    def interrupted(*arrays):
        seen.append((v.numpy().tolist(), v.version))
        raise KeyboardInterrupt

    plan._instructions[-1] = replace(last, forward=interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan.run([np.ones(2)])
    assert seen == [([1.0, 1.0], 0)]
    assert (v.numpy().tolist(), v.version) == ([1.0, 1.0], 0)


def test_an_interrupted_epoch_keeps_its_finished_steps():
    v = Variable(np.array(0.0))

    def step(x, i):
        v.assign_add(x.sum())
        return ops.gather(x, i)

    data = np.ones(6), np.array([0, 0, 0, 9, 0, 0])
    with pytest.raises(DataError):
        compiled(step).over(data, np.arange(6), 2)
    assert v.item() == 2.0


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((400, 400), 1), ((500, 500), None), ((100, 64, 128), 1), ((2, 500, 500), None)],
)
def test_small_products_stay_on_one_thread(shape, expected):
    x = np.zeros(shape, np.float32)
    graph = trace(lambda x: ops.tanh(x @ x.transpose(*range(x.ndim - 2), -1, -2)), x).graph
    assert threads.thread_count(threads.worth_sharing(graph)) == expected


def test_elementwise_work_never_asks_for_threads():
    x = np.zeros((3000, 3000), np.float32)
    assert not threads.worth_sharing(trace(lambda x: x * x + x, x).graph)


def blas_threads():
    counts = [
        library["num_threads"]
        for library in threads._controller().info()
        if library["user_api"] == "blas"
    ]
    return counts


def watch_threads(plan, seen):
    step = plan._instructions[-1]

    def forward(*arrays, **attributes):
        seen.append(blas_threads())
        return step.forward(*arrays, **attributes)

    plan._instructions[-1] = replace(step, forward=forward)


def test_the_thread_setting_is_read_when_a_plan_runs(monkeypatch):
    if not blas_threads():
        pytest.skip("this NumPy has no library of matrix products that can be limited")
    outside = blas_threads()
    plan = ENGINE.compile(trace(lambda x: x @ x, X).graph)
    seen = []
    watch_threads(plan, seen)
    plan.run([X])
    monkeypatch.setenv("LERNWERK_THREADS", "2")
    plan.run([X])
    assert seen == [[1] * len(outside), [2] * len(outside)]
    assert blas_threads() == outside
    monkeypatch.setenv("LERNWERK_THREADS", "0")
    message = "LERNWERK_THREADS: expected threads of the engine (default: all cores), got '0'."
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        plan.run([X])


def test_the_engine_is_chosen_by_name(monkeypatch):
    monkeypatch.delenv("LERNWERK_ENGINE", raising=False)
    assert current_engine().name == engine_names()[0]
    monkeypatch.setenv("LERNWERK_ENGINE", "numpy")
    assert current_engine() is ENGINE
    assert ENGINE.name == "numpy"
    monkeypatch.setenv("LERNWERK_ENGINE", "nunpy")
    message = (
        "LERNWERK_ENGINE: expected the name of a known engine, got 'nunpy'. Did you mean 'numpy'?"
    )
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        compiled(lambda x: x)(X)
    settings.set("engine", "numpy")
    try:
        assert compiled(lambda x: x)(X).shape == (3, 3)
    finally:
        settings.set("engine", None)


def test_the_wrong_number_of_inputs_is_an_error():
    with pytest.raises(ValueError, match=r"^zip\(\) argument"):
        ENGINE.compile(trace(lambda x: x, X).graph).run([X, X])
