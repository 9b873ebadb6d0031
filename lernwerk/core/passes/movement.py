"""Rules for operations that only move numbers: what moves nothing goes, what moves twice is one."""

from __future__ import annotations

from lernwerk import ops
from lernwerk.core.graph import Node, Symbol
from lernwerk.core.passes.rewriting import Answer, Known, Rule, renewed, reshaped
from lernwerk.ops.common import positive_axes, positive_axis


def passing_on(node: Node, known: Known) -> Answer:
    """identity and stop_gradient: without a tape they are their input."""
    return node.inputs[0]


def same_type(node: Node, known: Known) -> Answer:
    """A cast to the type that the numbers have."""
    (x,) = node.inputs
    return x if x.dtype == node.outputs[0].dtype else None


def same_shape(node: Node, known: Known) -> Answer:
    """A slice, padding, embedding or broadcast whose result is as large as its input."""
    x = node.inputs[0]
    return x if x.shape == node.outputs[0].shape else None


def joining_one(node: Node, known: Known) -> Answer:
    """The concatenation of a single array."""
    return node.inputs[0] if len(node.inputs) == 1 else None


def joining_zeros(node: Node, known: Known) -> Answer:
    """The concatenation of one array with constant zeros embeds it: nothing but it is read."""
    (y,) = node.outputs
    own = [i for i, symbol in enumerate(node.inputs) if not _is_zero(symbol, known)]
    if len(own) != 1 or any(symbol.dtype != y.dtype for symbol in node.inputs):
        return None
    axis = positive_axis("concatenate", node.attributes["axis"], len(y.shape))
    start = sum(symbol.shape[axis] for symbol in node.inputs[: own[0]])
    starts = tuple(start if i == axis else 0 for i in range(len(y.shape)))
    steps = (1,) * len(y.shape)
    x = node.inputs[own[0]]
    return renewed(node, ops.embed, (x,), shape=y.shape, starts=starts, steps=steps)


def _is_zero(symbol: Symbol, known: Known) -> bool:
    return known.filled(symbol, 0) and not known.has_sign(symbol)[0]


def flipping_nothing(node: Node, known: Known) -> Answer:
    """A flip of axes with at most one element."""
    (x,) = node.inputs
    axes = positive_axes("flip", node.attributes["axes"], len(x.shape))
    return x if all(x.shape[axis] <= 1 for axis in axes) else None


def reshape_of_reshape(node: Node, known: Known) -> Answer:
    """One reshape from the first shape to the last, none where these are equal."""
    (x,) = node.inputs
    inner = known.maker(x, "reshape")
    source = inner.inputs[0] if inner else x
    # A length given as -1 is written out, so that equal reshapes look equal.
    worked_out = node.attributes["shape"] == node.outputs[0].shape
    if inner is None and worked_out and source.shape != node.outputs[0].shape:
        return None
    return reshaped(node, source)


def broadcast_of_broadcast(node: Node, known: Known) -> Answer:
    """One broadcast from the first shape to the last."""
    inner = known.maker(node.inputs[0], "broadcast_to")
    return renewed(node, node.primitive, inner.inputs, **node.attributes) if inner else None


def transpose_of_transpose(node: Node, known: Known) -> Answer:
    """One transpose with both orders; a reshape, or nothing, where only axes of 1 move."""
    (x,) = node.inputs
    order = _order(node)
    inner = known.maker(x, "transpose")
    if inner is not None:
        (x,) = inner.inputs
        before = _order(inner)
        order = [before[axis] for axis in order]
    long = [axis for axis in order if x.shape[axis] != 1]
    if long == sorted(long):
        return reshaped(node, x)
    return renewed(node, ops.transpose, (x,), axes=tuple(order)) if inner else None


def _order(node: Node) -> list[int]:
    rank, axes = len(node.inputs[0].shape), node.attributes["axes"]
    return list(range(rank))[::-1] if axes is None else [axis % rank for axis in axes]


def sum_of_one(node: Node, known: Known) -> Answer:
    """A sum over axes of length 1 is a reshape, but for -0.0, which it would turn into 0.0."""
    (x,) = node.inputs
    if x.dtype != node.outputs[0].dtype or not known.never_minus_zero(x):
        return None
    axes = positive_axes("sum", node.attributes["axis"], len(x.shape))
    return reshaped(node, x) if all(x.shape[axis] == 1 for axis in axes) else None


RULES: dict[str, tuple[Rule, ...]] = {
    "broadcast_to": (same_shape, broadcast_of_broadcast),
    "cast": (same_type,),
    "concatenate": (joining_one, joining_zeros),
    "embed": (same_shape,),
    "flip": (flipping_nothing,),
    "identity": (passing_on,),
    "pad": (same_shape,),
    "reshape": (reshape_of_reshape,),
    "slice": (same_shape,),
    "stop_gradient": (passing_on,),
    "sum": (sum_of_one,),
    "transpose": (transpose_of_transpose,),
}
