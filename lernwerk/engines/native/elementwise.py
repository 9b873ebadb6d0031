"""What the engine's fused programs can compute: which nodes, in which type of register.

A program works in one type; arrays of other types are converted where they are read and written.
bool has no registers of its own: in a register truth is 1 and falsehood 0.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np

from lernwerk.core.graph import Node, Symbol
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.narrow import NARROW
from lernwerk.ops.primitive import Dtype

# The numbers of the types as in native/fused.hpp.
TYPES = {"float32": 0, "float64": 1, "int32": 2, "int64": 3, "uint32": 4, "bool": 5, "uint8": 5}
TYPES[str(NARROW)] = 6  # the form of no value of a graph, but of some in memory
_REGISTERS = ("float32", "float64", "int32", "int64")
_COMPARISONS = {
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and",
    "logical_or", "logical_not", "is_nan", "is_finite",
}  # fmt: skip
_FUSED = {"sigmoid_crossentropy"}  # of several operations, element by element
_ANY = "float32"  # the registers for values that are all bool: small whole numbers fit


@functools.cache
def number(name: str, register: str) -> int:
    """The number of an operation for registers of this type, -1 where it does not exist."""
    return int(extension().operation_number(name, TYPES[register]))


def register_of(node: Node) -> str | None:
    """The type of the registers in which a node computes; None where no program can hold it."""
    if any(str(symbol.dtype) not in TYPES for symbol in (*node.inputs, *node.outputs)):
        return None
    if any(str(symbol.dtype) == "uint8" for symbol in node.outputs):
        return None
    register = _register(node)
    known = register in _REGISTERS and number(operation_of(node), register) >= 0
    return register if known else None


def _register(node: Node) -> str | None:
    name, output = node.primitive.name, node.outputs[0].dtype
    if name == "cast":
        return _cast_register(node.inputs[0].dtype, output)
    if name == "dropout":
        plain = _mask_is_full(node) and node.attributes["rate"] < 1
        return "float32" if plain and output == node.inputs[0].dtype == np.float32 else None
    if name in _COMPARISONS:
        return _common([symbol.dtype for symbol in node.inputs])
    if name == "broadcast_to":
        return _common([output])
    plain = node.primitive.broadcasts or _is_function(node) or name in _FUSED
    if not plain or output == np.bool_:
        return None
    if name == "where" and node.inputs[0].dtype not in (np.bool_, output):
        return None
    return _wide(output)


def operation_of(node: Node) -> str:
    """The name of the operation that computes a node in a program."""
    name = node.primitive.name
    if name == "cast" and node.outputs[0].dtype == np.bool_ != node.inputs[0].dtype:
        return "not_equal"  # to 0
    return "copy" if name in ("cast", "broadcast_to") else name


def _is_function(node: Node) -> bool:
    """Whether a primitive computes each element from the element at the same place."""
    plain = len(node.inputs) == len(node.outputs) == 1 and not node.attributes
    return plain and node.inputs[0].shape == node.outputs[0].shape


def _mask_is_full(node: Node) -> bool:
    noise_shape, shape = node.attributes["noise_shape"], node.inputs[0].shape
    return noise_shape is None or all(
        length in (None, n) for length, n in zip(noise_shape, shape, strict=True)
    )


def _wide(dtype: Dtype) -> str:
    """uint32 is computed in int64 and cut off where it is stored."""
    return "int64" if dtype == np.uint32 else str(dtype)


def _common(dtypes: list[Dtype]) -> str:
    numbers = [dtype for dtype in dtypes if dtype != np.bool_]
    return _wide(np.result_type(*numbers)) if numbers else _ANY


def _cast_register(source: Dtype, target: Dtype) -> str:
    """Fractions are cut off where numbers are stored, so the source decides; else the target."""
    if target == np.bool_ or (source.kind == "f" and source != target):
        return _common([source])
    if source.kind in "iu" and target.kind in "iu":
        return _common([source])
    return _wide(target)


def stays_flexible(node: Node) -> bool:
    """Whether only truth goes in and out, so that registers of any type will do."""
    return all(symbol.dtype == np.bool_ for symbol in (*node.inputs, *node.outputs))


def is_comparison(node: Node) -> bool:
    """Whether a node answers yes or no for each element."""
    return node.primitive.name in _COMPARISONS


def is_reduction(node: Node) -> bool:
    """Whether a node is a sum that a program can end with: over all, the first or the last axes."""
    if node.primitive.name != "sum" or reduction_split(node) is None:
        return False
    (x,), (y,) = node.inputs, node.outputs
    return str(y.dtype) in _REGISTERS and (x.dtype in (y.dtype, np.bool_))


def reduction_split(node: Node) -> tuple[str, int, int] | None:
    """What is summed away, and the rows and columns of the matrix that the axes form."""
    (x,) = node.inputs
    shape, axis = x.shape, node.attributes["axis"]
    given = range(len(shape)) if axis is None else [axis] if isinstance(axis, int) else axis
    axes = {each % len(shape) for each in given}
    summed = [(i in axes, n) for i, n in enumerate(shape) if n != 1]
    flags = [flag for flag, _ in summed]
    if all(flags):
        return "all", 1, math.prod(shape)
    changes = sum(a != b for a, b in itertools.pairwise(flags))
    if changes != 1:
        return None
    return ("rows" if flags[0] else "columns"), *_first_and_rest(summed)


def size(symbol: Symbol) -> int:
    """The number of elements."""
    return math.prod(symbol.shape)


def lengths(symbol: Symbol) -> tuple[int, ...]:
    """The lengths of the axes without those of 1, which do not matter for the order in memory."""
    return tuple(n for n in symbol.shape if n != 1)


@dataclass(frozen=True)
class Cover:
    """How an input covers the domain of a node: its kind, and rows and columns where it has any."""

    kind: str  # full, scalar, row, column, strided
    split: tuple[int, int] | None = None


KINDS = ("full", "scalar", "row", "column", "strided", "opaque")


def cover_of(symbol: Symbol, node: Node) -> Cover:
    """How an input of an elementwise node covers the node's output."""
    shape = node.outputs[0].shape
    if size(symbol) == 1:
        return Cover("scalar")
    aligned = (1,) * (len(shape) - len(symbol.shape)) + symbol.shape
    present = [(m == n, n) for m, n in zip(aligned, shape, strict=True) if n != 1]
    flags = [flag for flag, _ in present]
    if all(flags):
        return Cover("full")
    if sum(a != b for a, b in itertools.pairwise(flags)) != 1:
        return Cover("strided")
    return Cover("column" if flags[0] else "row", _first_and_rest(present))


def is_sealed(node: Node, register: str) -> bool:
    """Whether the output is right only once it is stored: cut off, rounded or wrapped around."""
    output = node.outputs[0].dtype
    return output != np.bool_ and str(output) != register


def _first_and_rest(axes: list[tuple[bool, int]]) -> tuple[int, int]:
    """The elements of the first axes, which share a flag, and of the others; either may be 0."""
    flag = axes[0][0]
    first, rest = ([n for each, n in axes if (each == flag) is same] for same in (True, False))
    return math.prod(first), math.prod(rest)
