"""Variable: assignment, snapshots, versions, homes and copies."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pytest

from lernwerk.core import Tensor, Variable, compiled, gradient, trace
from lernwerk.errors import ShapeError, UsageError


class FakeHome:
    """A home in which the numbers are kept negated."""

    def __init__(self, negated):
        self.negated = negated
        self.visits = 0

    def read(self, variable):
        self.visits += 1
        return -self.negated


def add_one(variable):
    variable.assign_add(1.0)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_assignment_keeps_the_type(dtype):
    v = Variable(np.zeros(2), dtype=dtype)
    for value in ([1, 2], np.array([1.0, 2.0]), Tensor(np.array([1, 2], np.int64))):
        assert v.assign(value) is v
        assert v.dtype == v.numpy().dtype == np.dtype(dtype)
        assert v.numpy().tolist() == [1, 2]
    v.assign_add(3)
    v.assign_sub([1, 0])
    assert v.numpy().tolist() == [3, 5]
    assert v.dtype == np.dtype(dtype)


def test_python_numbers_keep_their_digits_in_float64():
    v = Variable(np.array(0.0))
    v.assign(0.1)
    assert v.item() == 0.1
    assert Variable(0.1, dtype="float64").item() == 0.1


@pytest.mark.parametrize("value", [1.0, [1.0], [[1.0, 2.0]]])
def test_assignment_refuses_other_shapes(value):
    v = Variable([0.0, 0.0], name="bias")
    message = f"variable bias: expected a value of shape (2,), got {np.shape(value)}."
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        v.assign(value)
    assert v.numpy().tolist() == [0.0, 0.0]
    with pytest.raises(ShapeError, match=re.escape(message)):
        compiled(lambda: v.assign(value))()


def test_values_are_copied_on_the_way_in():
    array = np.ones(2)
    v = Variable(array)
    array[0] = 9
    assert v.numpy().tolist() == [1.0, 1.0]
    v.assign(array)
    array[0] = 7
    assert v.numpy().tolist() == [9.0, 1.0]


def test_a_gradient_uses_the_value_at_the_time_of_use():
    v = Variable(3.0)
    loss = v * v
    v.assign(100.0)
    assert gradient(loss, [v])[0].item() == 6.0
    later = v * v + loss
    assert gradient(later, [v])[0].item() == 206.0
    reading = v.read()
    v.assign(1.0)
    assert (v.item(), reading.item()) == (1.0, 100.0)


def test_versions_count_the_values():
    v = Variable([1.0])
    seen = [v.version]
    v.assign([2.0])
    seen.append(v.version)
    v.assign_add(1.0)
    seen.append(v.version)
    v.lend(FakeHome(np.array([1.0], np.float32)))
    seen.append(v.version)
    v.numpy()
    seen.append(v.version)
    compiled(lambda: add_one(v))()
    seen.append(v.version)
    assert seen == [0, 1, 2, 3, 3, 4]


def test_a_lent_value_is_fetched_once_and_by_whoever_reads():
    v = Variable(np.zeros(2))
    home = FakeHome(np.array([1.0, 2.0]))
    v.lend(home)
    assert (v.shape, v.dtype, home.visits) == ((2,), np.float64, 0)
    assert (v * 2).numpy().tolist() == [-2.0, -4.0]
    assert v.numpy().tolist() == [-1.0, -2.0]
    assert home.visits == 1


@pytest.mark.parametrize("change", [lambda v: v.assign([5.0, 6.0]), lambda v: v.store(np.ones(2))])
def test_an_assignment_ends_the_loan_without_a_visit(change):
    v = Variable(np.zeros(2))
    home = FakeHome(np.ones(2))
    v.lend(home)
    change(v)
    v.numpy()
    assert home.visits == 0


def test_a_plan_reads_a_lent_value():
    v = Variable(np.zeros(2))
    step = compiled(lambda: add_one(v))
    v.lend(FakeHome(np.array([1.0, 2.0])))
    step()
    assert v.numpy().tolist() == [0.0, -1.0]


def test_copies_and_pickles_hold_everything():
    v = Variable(np.arange(3), name="counts", trainable=False)
    v.path = "dense/counts"
    v.regularizer = ("l2", 0.1)
    v.lend(FakeHome(np.array([-4, -5, -6])))
    for found in (pickle.loads(pickle.dumps(v)), copy.deepcopy(v)):
        assert isinstance(found, Variable)
        assert found.numpy().tolist() == [4, 5, 6]
        assert (found.name, found.path, found.trainable) == ("counts", "dense/counts", False)
        assert (found.dtype, found.regularizer) == (v.dtype, ("l2", 0.1))
        found.assign([0, 0, 0])
    assert v.numpy().tolist() == [4, 5, 6]


def test_names_and_representation():
    assert repr(Variable(np.ones((2, 3)), name="kernel")) == "<Variable kernel: float64 (2, 3)>"
    first, second = Variable(1.0), Variable(1.0)
    assert first.name != second.name
    assert re.fullmatch(r"variable_\d+", first.name)


def test_a_variable_cannot_begin_with_a_symbol():
    with pytest.raises(UsageError, match=r"^numpy\(\): expected a tensor with a value, got the"):
        compiled(lambda x: Variable(x))(np.ones(2))


def test_asking_for_shape_and_type_reads_nothing_into_a_trace():
    v = Variable([1.0])

    def function(x):
        return x * len(v.shape) if v.dtype == np.float32 else x

    assert not trace(function, np.ones(1)).graph.states
