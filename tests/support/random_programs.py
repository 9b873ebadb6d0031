"""Typed functions at random for the native engine: what ``tests/core/random_graphs.py`` leaves out.

Numbers of every type, arrays that are repeated along any axes, sums over any axes, choices, casts,
dropout, products behind transpositions, and Variables that are read, assigned and change places.
Each value knows a bound of its magnitude and, while its fractions are exact, how many bits they
have: comparisons and casts to whole numbers only see exact ones, so that engines must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from lernwerk import ops
from lernwerk.core import RandomStream, Variable

# Domains: single numbers, nothing, primes, more than a tile (1024) or a chunk of tiles.
SMALL = [(), (1,), (7,), (0, 3), (3, 0, 2), (3, 4), (5, 1, 4), (2, 3, 5), (2, 3, 2, 3), (4, 1024)]
LARGE = [(3, 5000), (70_000,), (37, 1031), (2, 600, 3), (1025, 3), (19, 3, 67)]
TYPES = ["float32", "float32", "float32", "float64", "int32", "int64", "bool", "uint8"]
MOST = 1e4  # magnitude of fractions; larger ones go through tanh
MOST_WHOLE = 2**20  # magnitude of whole numbers; of larger ones the remainder is taken
EXACT = 2**21  # numbers of fewer steps are exact in float32, and so is a sum of a few


@dataclass(frozen=True)
class Value:
    """A Tensor; ``bits`` of its fractions, None where they are rounded."""

    tensor: Any
    bound: float
    bits: int | None = 0

    @property
    def type(self) -> str:
        return str(self.tensor.dtype)

    @property
    def exact(self) -> bool:
        return self.bits is not None


def _settled(value: Value) -> Value:
    """The value, made smaller where it may have become large."""
    kind = np.dtype(value.type).kind
    if kind == "f" and value.bound > MOST:
        return Value(ops.tanh(value.tensor), 1.0, None)
    if kind == "i" and value.bound > MOST_WHOLE:
        return Value(ops.remainder(value.tensor, np.array(1009, value.type)), 1009.0)
    if value.exact and value.bound * 2 ** (value.bits or 0) > EXACT:
        return replace(value, bits=None)
    return value


def _worse(a: Value, b: Value) -> int | None:
    return max(a.bits or 0, b.bits or 0) if a.exact and b.exact else None


def _cast(x: Value, dtype: str) -> Value:
    target = np.dtype(dtype)
    if target == x.type or (target.kind != "f" and not x.exact):
        return x
    if target == "uint8":  # what lies outside of a type is cast as each processor likes
        x = Value(ops.remainder(_number(x).tensor, np.array(200, _number(x).type)), 200.0, x.bits)
    tensor = ops.cast(x.tensor, dtype=dtype)
    bound = 1.0 if target.kind == "b" else x.bound
    return Value(tensor, bound, x.bits if target.kind == "f" else 0)


def _number(x: Value) -> Value:
    """Arithmetic is for numbers that can be negative."""
    return _cast(x, "int32") if x.type in ("bool", "uint8") else x


def _float(x: Value) -> Value:
    return x if x.type in ("float32", "float64") else _cast(x, "float32")


def _function(operation: Any, bound: Any) -> Any:
    def made(x: Value) -> Value:
        x = _float(x)
        return Value(operation(x.tensor), bound(x.bound), None)

    return made


def _exactly(operation: Any) -> Any:
    def made(x: Value) -> Value:
        x = _number(x)
        return replace(x, tensor=operation(x.tensor))

    return made


def _truth(operation: Any) -> Any:
    return lambda x: Value(operation(_float(x).tensor), 1.0)


ONE = [
    _exactly(ops.negative), _exactly(ops.absolute), _exactly(ops.relu), _exactly(ops.sign),
    _exactly(ops.identity), _function(ops.tanh, lambda b: 1.0), _function(ops.sigmoid, lambda b: 1),
    _function(lambda x: ops.exp(-ops.absolute(x)), lambda b: 1.0), _truth(ops.is_nan),
    _function(lambda x: ops.sqrt(ops.absolute(x)), lambda b: b + 1), _truth(ops.is_finite),
    _function(ops.square, lambda b: b * b),
    lambda x: Value(ops.logical_not(_cast(x, "bool").tensor), 1.0) if x.exact else x,
]  # fmt: skip
ARITHMETIC = [
    (ops.add, lambda a, b: a + b, 0), (ops.subtract, lambda a, b: a + b, 0),
    (ops.multiply, lambda a, b: a * b, 1), (ops.maximum, max, 0), (ops.minimum, max, 0),
]  # fmt: skip
COMPARISONS = [
    ops.equal, ops.not_equal, ops.less, ops.less_equal, ops.greater, ops.greater_equal,
    ops.logical_and, ops.logical_or,
]  # fmt: skip


def _together(a: Value, b: Value) -> tuple[Value, Value]:
    """Both in the type that holds both."""
    a, b = _number(a), _number(b)
    common = str(np.result_type(a.type, b.type))
    if common == "float64" and "float64" not in (a.type, b.type):
        common = "float32"
    return _cast(a, common), _cast(b, common)


def arithmetic(a: Value, b: Value, pick: int) -> Value:
    operation, bound, product = ARITHMETIC[pick % len(ARITHMETIC)]
    a, b = _together(a, b)
    bits = _worse(a, b)
    if bits is not None and product:
        bits = (a.bits or 0) + (b.bits or 0)
    return Value(operation(a.tensor, b.tensor), bound(a.bound, b.bound), bits)


def comparison(a: Value, b: Value, pick: int) -> Value:
    if not (a.exact and b.exact):
        return arithmetic(a, b, pick)
    operation = COMPARISONS[pick % len(COMPARISONS)]
    if pick % len(COMPARISONS) > 5:
        a, b = _cast(a, "bool"), _cast(b, "bool")
    elif a.type != b.type or pick // 8 % 2:
        a, b = _together(a, b)
    return Value(operation(a.tensor, b.tensor), 1.0)


def choice(condition: Value, a: Value, b: Value) -> Value:
    if not condition.exact:
        return a
    a, b = _together(a, b)
    tensor = ops.where(_cast(condition, "bool").tensor, a.tensor, b.tensor)
    return Value(tensor, max(a.bound, b.bound), _worse(a, b))


class Program:
    """Straight-line code over Tensors of one domain; it holds Variables of its own."""

    def __init__(self, shape: tuple[int, ...], steps: list[Any], returned: list[int], seed: int):
        self.shape, self.steps, self.returned = shape, steps, returned
        self.random = np.random.default_rng(seed)
        self.stream = RandomStream(seed)
        self.variables = [Variable(self._quarters(shape), name=f"v{i}") for i in range(3)]
        self.variables.append(Variable(np.array(3, np.int32), name="count"))
        self.kernels: dict[tuple[int, int], Any] = {}
        self.constants = [self._quarters(shape), self._quarters(shape[-1:]), np.float32(0.75)]

    def _quarters(self, shape: tuple[int, ...]) -> Any:
        return (self.random.integers(-12, 13, shape) / 4).astype(np.float32)

    def states(self) -> list[Any]:
        return [*self.variables, self.stream.state]

    def __call__(self, *inputs: Any) -> list[Any]:
        values = [Value(x, 255.0 if str(x.dtype) == "uint8" else 4.0, 2) for x in inputs]
        values += [Value(ops.identity(c), 4.0, 2) for c in self.constants]
        values += [Value(self.variables[0].read(), 4.0, 2)]
        known = {id(v): values[-1] for v in self.variables[:1]}
        for kind, i, j, pick in self.steps:
            x, y = values[-1 - i % len(values)], values[-1 - j % len(values)]
            made = self._step(kind, x, y, pick, values, known)
            if made is not None:
                values.append(_settled(made))
        return [values[-1 - i % len(values)].tensor for i in self.returned]

    def _step(self, kind: int, x: Value, y: Value, pick: int, values: Any, known: Any) -> Any:
        steps = [
            lambda: ONE[pick % len(ONE)](x), lambda: self._two(arithmetic, x, y, pick),
            lambda: self._two(comparison, x, y, pick), lambda: _cast(x, TYPES[pick % len(TYPES)]),
            lambda: self._two(lambda a, b, _: choice(values[pick % len(values)], a, b), x, y, pick),
            lambda: self._sum(x, pick), lambda: self._product(x, pick),
            lambda: self._dropout(x), lambda: self._moved(x, pick),
            lambda: self._assigned(x, pick, known), lambda: self._read(pick, known),
        ]  # fmt: skip
        try:
            return steps[kind]()
        except _Unfit:
            return None

    def _two(self, operation: Any, x: Value, y: Value, pick: int) -> Value:
        try:
            shape = np.broadcast_shapes(x.tensor.shape, y.tensor.shape)
        except ValueError:
            raise _Unfit from None
        if np.prod(shape) > max(np.prod(self.shape), 100):
            raise _Unfit
        try:
            return operation(x, y, pick)
        except ValueError:  # a condition of a third shape
            raise _Unfit from None

    def _sum(self, x: Value, pick: int) -> Value:
        rank = x.tensor.ndim
        axes = tuple(axis for axis in range(rank) if pick >> axis & 1) if pick % 5 else None
        x, n = _number(x), x.tensor.size
        y = ops.sum(x.tensor, axis=axes, keepdims=bool(pick // 16 % 4))
        if x.type == "float32" and x.bound * n > 1e5:  # sums may cancel: differences stay small
            return Value(ops.tanh(y * (1.0 / max(n, 1))), 1.0, None)
        return Value(y, x.bound * max(n, 1), x.bits)

    def _product(self, x: Value, pick: int) -> Value:
        x = _float(x)
        if x.tensor.ndim < 2 or x.tensor.size > 2000:
            raise _Unfit
        k, n = x.tensor.shape[-1], 1 + pick % 3 * 20
        kernel = self.kernels.setdefault((k, n), self._quarters((k, n)))
        if pick // 3 % 2:
            kernel = ops.transpose(ops.identity(np.ascontiguousarray(kernel.T)))
        kernel = ops.cast(ops.identity(kernel), dtype=x.type)
        if pick // 6 % 3 == 0 and x.tensor.ndim == 2:
            return Value(ops.transpose(x.tensor) @ x.tensor, x.bound**2 * x.tensor.shape[0], None)
        y = x.tensor @ kernel
        if pick // 18 % 2:
            y = ops.relu(y + kernel[:1].reshape((n,)) if k else y)
        return Value(y, (x.bound + 1) * 3 * max(k, 1) + 3, None)

    def _dropout(self, x: Value) -> Value:
        x = _float(x)
        y = ops.dropout(x.tensor, self.stream.next(), rate=0.5)
        return Value(y, 2 * x.bound, x.bits)

    def _moved(self, x: Value, pick: int) -> Value:
        tensor, shape = x.tensor, tuple(x.tensor.shape)
        moved = [
            lambda: ops.reshape(tensor, shape=(-1,) if tensor.size else (0,)),
            lambda: ops.reshape(tensor, shape=(*shape, 1)), lambda: ops.transpose(tensor),
            lambda: ops.flip(tensor, axes=tuple(range(len(shape)))),
            lambda: ops.reshape(tensor, shape=self.shape) if shape != self.shape else tensor,
        ]  # fmt: skip
        if pick % 5 == 4 and np.prod(shape) != np.prod(self.shape):
            raise _Unfit
        made = moved[pick % 5]()
        return replace(x, tensor=made) if made.ndim < 6 else x

    def _assigned(self, x: Value, pick: int, known: Any) -> None:
        """A value becomes that of a Variable, or two of them change places."""
        target = self.variables[pick % 4]
        if pick // 4 % 4 == 0 and target.shape == self.shape:
            self._swap(target, self.variables[(pick + 1) % 3], known)
            return
        if pick % 4 == 3:
            target.assign_add(1)
            return
        try:
            fits = np.broadcast_shapes(x.tensor.shape, target.shape) == target.shape
        except ValueError:
            fits = False
        if not fits:
            raise _Unfit
        x = _settled(_cast(x, "float32"))
        target.assign(ops.broadcast_to(x.tensor, shape=target.shape))
        known[id(target)] = replace(x, bound=max(x.bound, 4.0))

    @staticmethod
    def _swap(a: Variable, b: Variable, known: Any) -> None:
        old = a.read()
        a.assign(b)
        b.assign(old)
        none = Value(None, 4.0, None)
        known[id(a)], known[id(b)] = known.get(id(b), none), known.get(id(a), none)

    def _read(self, pick: int, known: Any) -> Value:
        """Its last value came out of an earlier step or an earlier run: a rounded one, then."""
        variable = self.variables[pick % 3]
        return Value(ops.tanh(variable.read()) if pick // 3 % 2 else variable.read(), MOST, None)


class _Unfit(Exception):
    """A step that its operands do not allow."""


def _input(shape: tuple[int, ...], dtype: str, random: np.random.Generator) -> Any:
    if dtype == "bool":
        return random.random(shape) < 0.5
    if dtype == "uint8":
        return random.integers(0, 256, shape).astype(np.uint8)
    if dtype.startswith("int"):
        return random.integers(-4, 5, shape).astype(dtype)
    return (random.integers(-16, 17, shape) / 4).astype(dtype)


@st.composite
def programs(draw: Any, shapes: list[tuple[int, ...]] = SMALL, most_steps: int = 25) -> Any:
    """Pairs of a function that makes a Program and its inputs."""
    shape = draw(st.sampled_from(shapes))
    seed = draw(st.integers(0, 2**16))
    random = np.random.default_rng(seed + 1)
    inputs = []
    for dtype in draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4)):
        keep = draw(st.integers(0, 2 ** len(shape) - 1)) if inputs else -1
        part = tuple(n if keep >> i & 1 else 1 for i, n in enumerate(shape))
        if keep == 0 and draw(st.booleans()):
            part = ()
        inputs.append(_input(part, dtype, random))
    step = st.tuples(
        st.integers(0, 10), st.integers(0, 5), st.integers(0, 12), st.integers(0, 10**4)
    )
    steps = draw(st.lists(step, min_size=3, max_size=most_steps))
    returned = [0, *draw(st.lists(st.integers(0, 30), max_size=4))]
    return (lambda: Program(shape, steps, returned, seed)), inputs
