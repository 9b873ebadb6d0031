"""Whole graphs on the native engine: what the NumPy engine gives, the same bits on any threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from random_graphs import graphs
from random_programs import LARGE, programs

from lernwerk import ops, settings
from lernwerk.core import Variable, compiled

MOST = hypothesis_settings().max_examples  # of the profile
FEW = hypothesis_settings(max_examples=min(60, MOST), suppress_health_check=list(HealthCheck))
FEWER = hypothesis_settings(max_examples=min(25, MOST), suppress_health_check=list(HealthCheck))


@contextmanager
def setting(**values: Any) -> Iterator[None]:
    """Settings for a while."""
    for name, value in values.items():
        settings.set(name, value)
    try:
        yield
    finally:
        for name in values:
            settings.set(name, None)


def numbers(tree: Any) -> list[Any]:
    """Copies of Tensors and Variables as arrays."""
    return [each.numpy().copy() for each in tree if each is not None]


def ran(program: Any, inputs: list[Any], states: Any, runs: int = 2) -> list[Any]:
    """The results of some runs of a function, and its Variables after each."""
    function = compiled(program)
    found: list[Any] = []
    for _ in range(runs):
        results = function(*inputs)
        found += numbers(results if isinstance(results, (tuple, list)) else [results])
        found += numbers(states)
    return found


def assert_close(found: list[Any], expected: list[Any], **tolerance: float) -> None:
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, **({"rtol": 2e-4, "atol": 2e-4} | tolerance))


def check(make: Any, inputs: list[Any], **tolerance: float) -> None:
    """The native engine gives what the NumPy engine gives, and the same bits on 1, 2, 5 threads."""
    with setting(engine="numpy"):
        program = make()
        expected = ran(program, inputs, program.states())
    first = None
    for threads in (1, 2, 5):
        with setting(engine="native", threads=threads):
            program = make()
            found = ran(program, inputs, program.states())
        if first is None:
            assert_close(found, expected, **tolerance)
            first = found
        assert [a.tobytes() for a in found] == [a.tobytes() for a in first], f"{threads} threads"


@FEW
@given(programs())
def test_typed_programs(made: Any) -> None:
    check(*made)


@FEWER
@given(programs(LARGE, 12))
def test_programs_over_many_tiles(made: Any) -> None:
    check(*made)


@FEW
@given(graphs("float32"))
def test_random_graphs(made: Any) -> None:
    function, inputs = made
    function.states = list
    check(lambda: function, inputs)


# ---- Variables


def variable(*shape: int, seed: int = 0) -> Variable:
    return Variable(np.random.default_rng(seed).normal(size=shape).astype(np.float32))


def flipped(x: Any) -> Any:
    """An operation that no program of elementwise operations takes in."""
    return ops.flip(x, axes=tuple(range(x.ndim)))


def swap(v: list[Variable]) -> Any:
    def step() -> Any:
        old = v[0].read()
        v[0].assign(v[1])
        v[1].assign(old)

    return step


def rotate(v: list[Variable]) -> Any:
    def step() -> Any:
        old = [each.read() for each in v]
        for i, each in enumerate(v):
            each.assign(old[i - 1])
        return old[0], old[1] + 1

    return step


def old_value(v: list[Variable]) -> Any:
    def step() -> Any:
        old = v[0].read()
        v[0].assign(old * 2 + v[1])
        return old, old.reshape(-1), v[0].read()

    return step


def sources(v: list[Variable]) -> Any:
    constant = np.full(v[0].shape, 7, np.float32)

    def step(x: Any) -> Any:
        v[0].assign(x)
        v[1].assign(constant)
        v[2].assign(v[2])
        return x, constant, v[2], x

    return step


def one_value_for_all(v: list[Variable]) -> Any:
    def step() -> Any:
        new = v[0] * 0.5 + v[1]
        for each in v:
            each.assign(new)
        return new

    return step


def family(v: list[Variable]) -> Any:
    def step() -> None:
        made = [flipped(each) for each in v]
        for each, change in zip(v, made, strict=True):
            each.assign(each * 0.5 + change)

    return step


def family_with_inputs(v: list[Variable]) -> Any:
    def step(x: Any) -> None:
        for i, each in enumerate(v):
            each.assign(each * 0.5 + (x if i % 2 else flipped(x)))

    return step


def family_of_inputs(v: list[Variable]) -> Any:
    def step(*x: Any) -> None:
        for each, one in zip(v, x, strict=True):
            each.assign(each * 0.5 + one)

    return step


def family_of_constants(v: list[Variable]) -> Any:
    constants = [np.full(each.shape, i, np.float32) for i, each in enumerate(v)]

    def step() -> None:
        for each, one in zip(v, constants[::-1], strict=True):
            each.assign(each * 0.5 + one)

    return step


def family_of_steps(v: list[Variable]) -> Any:
    """Gradient descent of all, with averages of the old values of some in another order."""

    def step() -> None:
        old = [each.read() for each in v[:3]]
        for i, j in ((3, 2), (4, 0)):
            v[i].assign(v[i] * 0.9 + flipped(old[j]) * v[j])
        for each in v[:3]:
            each.assign(each - 0.1 * flipped(each))

    return step


def family_that_waits(v: list[Variable]) -> Any:
    """The first and the last update do the same, and one in between must lie between them."""

    def step() -> None:
        new = ops.tanh(flipped(v[2]) + flipped(v[0]))
        v[0].assign(v[0] * 0.5 + v[3])
        v[1].assign(v[1] * 0.5 + v[2])
        v[2].assign(new)

    return step


def family_into_others(v: list[Variable]) -> Any:
    """What is read and what is written are not the same Variables."""

    def step() -> None:
        v[0].assign(v[0] * 0.5 + flipped(v[3]))
        v[2].assign(v[1] * 0.5 + flipped(v[4]))

    return step


def families_that_overlap(v: list[Variable]) -> Any:
    """The first and third by one formula, then all of them as operands of another."""

    def step() -> None:
        old = [each.read() for each in v[:3]]
        for i in (2, 0):
            v[i].assign(ops.tanh(v[i]) + flipped(old[i]))
        for i, change in ((3, old[1]), (4, old[2])):
            v[i].assign(ops.tanh(v[i]) + flipped(change))

    return step


FIVE = [
    swap, rotate, old_value, one_value_for_all, family, family_of_constants, family_of_steps,
    family_that_waits, family_into_others, families_that_overlap,
]  # fmt: skip
SHAPES = [(5, 3), (), (1,), (0, 3), (16,), (1031,), (3, 5000)]


def check_updates(make: Any, shape: tuple[int, ...], inputs: list[Any]) -> None:
    results = []
    for engine in ("numpy", "native"):
        variables = [variable(*shape, seed=i) for i in range(5)]
        function = make(variables)
        with setting(engine=engine):
            results.append(ran(function, inputs, variables, runs=3))
    assert_close(*reversed(results), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("make", FIVE, ids=lambda f: f.__name__)
def test_updates(make: Any, shape: tuple[int, ...]) -> None:
    check_updates(make, shape, [])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("make", [sources, family_with_inputs], ids=lambda f: f.__name__)
def test_updates_from_an_input(make: Any, shape: tuple[int, ...]) -> None:
    check_updates(make, shape, [np.asarray(variable(*shape, seed=9).numpy())])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_updates_from_many_inputs(shape: tuple[int, ...]) -> None:
    inputs = [np.full(shape, i, np.float32) for i in range(5)]
    check_updates(family_of_inputs, shape, inputs[::-1])


def test_variables_of_many_sizes_take_one_step() -> None:
    shapes = [(5, 3), (3,), (0, 3), (1,), (64, 64), (), (1031,), (3, 5000), (16,)]
    results = []
    for engine in ("numpy", "native"):
        variables = [variable(*shape, seed=i) for i, shape in enumerate(shapes)]
        momenta = [Variable(np.zeros(shape, np.float32)) for shape in shapes]
        rate = Variable(np.float32(0.1))

        def step(v: Any = variables, m: Any = momenta, rate: Any = rate) -> None:
            for each, moment in zip(v, m, strict=True):
                moment.assign(0.9 * moment - rate * flipped(each))
                each.assign_add(moment)
            rate.assign(rate * 0.5)

        with setting(engine=engine):
            results.append(ran(step, [], [*variables, *momenta, rate], runs=3))
    assert_close(*reversed(results), rtol=1e-5, atol=1e-6)


# ---- corners


def both(function: Any, *inputs: Any) -> tuple[list[Any], list[Any]]:
    results = []
    for engine in ("native", "numpy"):
        with setting(engine=engine):
            results.append(ran(function, list(inputs), [], runs=1))
    return results[0], results[1]


def assert_same(function: Any, *inputs: Any) -> None:
    for a, b in zip(*both(function, *inputs), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


def test_whole_numbers_wrap_around() -> None:
    for dtype in ("int32", "int64"):
        of = np.iinfo(dtype)
        a, b = np.array([of.max, of.min, 5, -7], dtype), np.array([5, -1, -3, 2], dtype)
        assert_same(lambda x, y: (x + y, x - y, x * y, -x, ops.absolute(x), x.sum()), a, b)
        assert_same(lambda x, y: (ops.floor_divide(x, y), ops.remainder(x, y)), a, b)


def test_large_whole_constants_keep_their_last_digit() -> None:
    large = np.int64(2**53 + 1)
    assert_same(lambda x: (x + large, x == large, ops.maximum(x, large)), np.arange(3))


def test_results_that_are_inputs_and_one_another() -> None:
    x = np.arange(6, dtype=np.float32)

    def function(x: Any) -> Any:
        y = x + 1
        return x, y, y, x.reshape(2, 3), y.reshape(3, 2), x * 1, 3 * np.ones(2), y

    assert_same(function, x)


def test_inputs_in_any_memory() -> None:
    """Turned, cut, in another order of bytes, at odd addresses, not to be written."""
    odd = np.ndarray((40,), np.float32, buffer=bytearray(161), offset=1)
    odd[:] = np.arange(40)
    x = np.arange(40, dtype=np.float32).reshape(5, 8)
    fixed = x.copy()
    fixed.setflags(write=False)
    for each in (x.T, x[:, ::-2], x[::2], odd, fixed, np.float32(3)):
        assert_same(lambda x: (x * 2, x.sum()), each)
    assert_same(lambda x: x * 2, x.astype(">f4"))


def test_what_is_not_a_number_stays_so() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0] * 4, np.float32)

    def function(x: Any) -> Any:
        y = ops.where(x > 0, x, -x)
        return ops.maximum(x, 0.5), ops.relu(x), x > 0, ops.is_nan(x), y, ops.cast(x, dtype="bool")

    assert_same(function, x)


def test_two_products_that_both_need_both() -> None:
    w = [variable(6, 40, seed=i) for i in range(2)]

    def function(x: Any) -> Any:
        p, q = x @ w[0], x @ w[1]
        u, v = p - q, (p > q).astype("float64") + (q > 0).astype("float64")
        for _ in range(13):
            u, v = ops.tanh(u) * p, v * 0.5 + 1
        return u, v, u.astype("float64") + v

    x = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
    assert_close(*both(function, x))


def test_a_long_chain_is_cut_into_several_programs() -> None:
    def function(x: Any) -> Any:
        values = [x]
        for i in range(120):
            values.append(ops.tanh(values[-1] + values[i // 2] * 0.1))
        return sum(values[1:], values[0])

    assert_close(*both(function, np.linspace(-1, 1, 3001, dtype=np.float32)))


def test_a_graph_without_anything() -> None:
    with setting(engine="native"):
        assert compiled(lambda: ())() == ()
        assert compiled(lambda x: x)(np.ones(2)).numpy().tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 2, 3), (2, 0, 3)])
@pytest.mark.parametrize("axis", [0, -1, None])
def test_sums_over_nothing_are_zero(shape: tuple[int, ...], axis: int | None) -> None:
    x = np.zeros(shape, np.float32)
    with setting(engine="native"):
        found = compiled(lambda x: ops.sum(x * 2.0, axis=axis))(x).numpy()
    np.testing.assert_array_equal(found, x.sum(axis=axis))
