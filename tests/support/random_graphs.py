"""Functions over Tensors made at random, for the tests of passes and engines.

``graphs()`` is a Hypothesis strategy for pairs of a function and its input arrays. The functions
are straight-line code on small shapes: elementwise operations with broadcasting, reductions, moves
of axes, matrix products with kernels and what follows these, numbers and arrays as constants, and
Variables. Everything stays below ``LARGEST`` in size, and in magnitude by a bound that travels with
each value, so that results are finite and a few roundings apart on every engine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from lernwerk import ops
from lernwerk.core import Variable

LARGEST = 1e4  # magnitude; a value that may be larger goes through tanh
MOST_NUMBERS = 300  # in one value


class Value(NamedTuple):
    """A Tensor (or array, or Variable) and a bound of its magnitude."""

    tensor: object
    bound: float


def _shape(tensor):
    return tuple(tensor.shape)


def _axes(pick, rank):
    """None, one axis, or two of them."""
    if not rank:
        return None
    return [None, pick % rank, -1, tuple(sorted({0, pick % rank}))][pick % 4]


def _sum(x, pick):
    y = ops.sum(x.tensor, axis=_axes(pick, x.tensor.ndim), keepdims=bool(pick // 4 % 2))
    return Value(y, x.bound * max(x.tensor.size, 1))


def _reduce(operation):
    def made(x, pick):
        y = operation(x.tensor, axis=_axes(pick, x.tensor.ndim), keepdims=bool(pick // 4 % 2))
        return Value(y, x.bound)

    return made


def _reshape(x, pick):
    n, shape = x.tensor.size, _shape(x.tensor)
    return Value(
        x.tensor.reshape([(-1,), (1, n), (*shape, 1), shape, (n, 1, 1)][pick % 5]), x.bound
    )


def _transpose(x, pick):
    rank = x.tensor.ndim
    order = [tuple(range(rank)), None, tuple((i + pick) % max(rank, 1) for i in range(rank))]
    return Value(ops.transpose(x.tensor, axes=order[pick % 3]), x.bound)


def _cut(x, pick):
    shape = _shape(x.tensor)
    starts = tuple((pick + i) % 2 if n > 1 and pick % 3 else 0 for i, n in enumerate(shape))
    return Value(ops.slice(x.tensor, starts=starts, stops=shape, steps=(1,) * len(shape)), x.bound)


def _widen(x, pick):
    return Value(ops.broadcast_to(x.tensor, shape=(1 + pick % 2, *_shape(x.tensor))), x.bound)


def _function(operation, bound=lambda b: b):
    return lambda x, pick: Value(operation(x.tensor), bound(x.bound))


ONE = [
    _function(ops.negative), _function(ops.tanh, lambda b: 1.0), _function(ops.relu),
    _function(ops.square, lambda b: b * b), _function(ops.identity), _function(ops.stop_gradient),
    _function(ops.absolute), _function(ops.sigmoid, lambda b: 1.0), _sum, _reduce(ops.mean),
    _reduce(ops.max), _reduce(ops.min), _reshape, _transpose, _cut, _widen,
    _function(lambda x: ops.cast(x, dtype=x.dtype.name)), _function(lambda x: ops.negative(-x)),
    _function(lambda x: ops.flip(x, axes=tuple(range(x.ndim)))),
    _function(lambda x: ops.softmax(x) if x.ndim and x.size else x, lambda b: max(b, 1.0)),
]  # fmt: skip
TWO = [
    (ops.add, lambda a, b: a + b), (ops.subtract, lambda a, b: a + b),
    (ops.multiply, lambda a, b: a * b), (ops.maximum, max), (ops.minimum, max),
    (lambda a, b: a / (ops.square(b) + 1.0), lambda a, b: a),
    (lambda a, b: ops.where(a > b, a, b), max),
]  # fmt: skip
# Numbers with which arithmetic may change nothing, as Python numbers and as arrays.
NUMBERS = [0.0, -0.0, 1.0, 2.0, -1.0, 0.5]


def _with_number(x, pick):
    value = NUMBERS[pick % len(NUMBERS)]
    if pick // 6 % 2:
        column = pick // 12 % 2 and _shape(x.tensor)[-2:-1] in ((), (1,), (3,))
        value = np.full((3, 1) if column else (1,), value, x.tensor.dtype)
    step = [
        lambda: (x.tensor + value, x.bound + 2), lambda: (value + x.tensor, x.bound + 2),
        lambda: (x.tensor - value, x.bound + 2), lambda: (value - x.tensor, x.bound + 2),
        lambda: (x.tensor * value, x.bound * 2), lambda: (value * x.tensor, x.bound * 2),
        lambda: (x.tensor / (value + 2.0), x.bound),
        lambda: (x.tensor ** (1 + pick % 2), x.bound * x.bound + 1),
    ][pick // 24 % 8]  # fmt: skip
    return Value(*step())


class Program:
    """Straight-line code from random numbers; called with Tensors it returns its results."""

    def __init__(self, steps, returned, dtype, seed):
        self.steps, self.returned = steps, returned
        random = np.random.default_rng(seed)
        self.constants = [random.normal(size=s).astype(dtype) for s in ((3,), (1, 4), (3, 4))]
        self.variables = {}
        self.random, self.dtype = random, dtype

    def variable(self, *shape):
        """The Variable of that shape; its values lie between 0.5 and 2."""
        if shape not in self.variables:
            array = self.random.uniform(0.5, 2, shape).astype(self.dtype)
            self.variables[shape] = Variable(array, name=f"weight_{len(self.variables)}")
        return self.variables[shape]

    def __call__(self, *inputs):
        values = [Value(x, 4.0) for x in inputs]
        values += [Value(ops.identity(x) + inputs[0] * 0.5, 8.0) for x in self.constants[1:]]
        values.append(Value(self.variable(3, 4).read(), 2.0))
        for kind, i, j, pick in self.steps:
            x, other = values[-1 - i % len(values)], values[-1 - j % len(values)]
            made = self._step(kind, x, other, pick)
            if made.bound > LARGEST:
                made = Value(ops.tanh(made.tensor), 1.0)
            if made.tensor.size <= MOST_NUMBERS and made.tensor.ndim < 5:
                values.append(made)
        return [values[-1 - i % len(values)].tensor for i in self.returned]

    def _step(self, kind, x, other, pick):
        if kind == 0:
            return ONE[pick % len(ONE)](x, pick // len(ONE))
        if kind == 1:
            return self._binary(x, other, pick)
        if kind == 2:
            return _with_number(x, pick)
        if kind == 3:
            return self._product(x, pick)
        if kind == 4:
            return self._per_channel(x, pick)
        made = self._product(x, pick)
        for digit in (pick // 3, pick // 36, pick // 432):  # a product and what follows it
            made = self._per_channel(made, digit)
        return made

    def _binary(self, x, other, pick):
        try:
            np.broadcast_shapes(_shape(x.tensor), _shape(other.tensor))
        except ValueError:
            return x
        operation, bound = TWO[pick % len(TWO)]
        return Value(operation(x.tensor, other.tensor), bound(x.bound, other.bound))

    def _product(self, x, pick):
        if x.tensor.ndim < 2:
            return x
        kernel = self.variable(_shape(x.tensor)[-1], 1 + pick % 3)
        return Value(x.tensor @ kernel, 2 * x.bound * kernel.shape[0])

    def _per_channel(self, x, pick):
        """What follows a product in a network: a bias, a scale, a normalisation."""
        if not x.tensor.ndim:
            return x
        c = self.variable(*((1, 1) if pick // 6 % 2 else ()), _shape(x.tensor)[-1])
        if c.ndim > x.tensor.ndim:
            return x
        return Value(
            [lambda t: t + c, lambda t: t - c, lambda t: c - t, lambda t: t * c, lambda t: t / c,
             ops.negative][pick % 6](x.tensor),
            2 * x.bound + 2,
        )  # fmt: skip


@st.composite
def graphs(draw, dtype="float64"):
    """Pairs of a function over Tensors and the list of its input arrays."""
    step = st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 6), st.integers(0, 10**4))
    steps = draw(st.lists(step, min_size=5, max_size=25))
    returned = [0, *draw(st.lists(st.integers(0, 8), max_size=2))]
    seed = draw(st.integers(0, 2**16))
    random = np.random.default_rng(seed + 1)
    shapes = draw(st.sampled_from([[(3, 4)], [(3, 4), (1, 4)], [(2, 3, 4), (3, 1)], [(3, 4), ()]]))
    # Rounded, so that equal numbers, zeros and minus zeros occur.
    arrays = [np.round(random.uniform(-2, 2, s) * 4) / 4 for s in shapes]
    return Program(steps, returned, dtype, seed), [array.astype(dtype) for array in arrays]
