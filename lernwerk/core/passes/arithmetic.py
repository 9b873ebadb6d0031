"""Rules for arithmetic with 0, 1 and 2 and for choices that are known: the bits stay the same.

What looks harmless and is not: x + 0.0 turns -0.0 into 0.0, x * 0 is NaN where x is infinite, x - x
is NaN there too, and 0.0 - x gives 0.0 where negative(x) gives -0.0. None of them is rewritten.
"""

from __future__ import annotations

import numpy as np

from lernwerk import ops
from lernwerk.core.graph import Node
from lernwerk.core.passes.rewriting import Answer, Known, Rule, renewed, stands_for

# NumPy computes a power and a maximum of equal zeros by other loops where an operand is one number.
_DEPENDS_ON_LOOP = frozenset({"maximum", "minimum", "power"})


def adding_zero(node: Node, known: Known) -> Answer:
    """x + 0 = x for integers, and for floats where that cannot change the sign of a zero."""
    for x, zero in (node.inputs, node.inputs[::-1]):
        if known.filled(zero, 0) and (known.never_minus_zero(x) or known.has_sign(zero)[1]):
            return stands_for(node, x)
    return None


def subtracting_zero(node: Node, known: Known) -> Answer:
    """x - 0 = x; -0.0 - 0.0 is -0.0, only subtracting -0.0 would change it."""
    x, zero = node.inputs
    if known.filled(zero, 0) and (known.never_minus_zero(x) or not known.has_sign(zero)[0]):
        return stands_for(node, x)
    return None


def multiplying_by_one(node: Node, known: Known) -> Answer:
    """x * 1 = x."""
    for x, one in (node.inputs, node.inputs[::-1]):
        if known.filled(one, 1):
            return stands_for(node, x)
    return None


def multiplying_by_itself(node: Node, known: Known) -> Answer:
    """x * x = square(x), which reads x once."""
    a, b = node.inputs
    return renewed(node, ops.square, (a,)) if a is b else None


def dividing_by_one(node: Node, known: Known) -> Answer:
    """x / 1 = x."""
    x, one = node.inputs
    return stands_for(node, x) if known.filled(one, 1) else None


def small_power(node: Node, known: Known) -> Answer:
    """x ** 1 = x and x ** 2 = square(x); powers by whole arrays are rounded differently."""
    x, exponent = node.inputs
    if exponent.shape or x.dtype != node.outputs[0].dtype:
        return None
    if known.filled(exponent, 1):
        return x
    return renewed(node, ops.square, (x,)) if known.filled(exponent, 2) else None


def negative_twice(node: Node, known: Known) -> Answer:
    """-(-x) = x."""
    inner = known.maker(node.inputs[0], "negative")
    return inner.inputs[0] if inner else None


def known_choice(node: Node, known: Known) -> Answer:
    """where(condition, a, b) is a or b if the condition is the same everywhere, or a is b."""
    condition, a, b = node.inputs
    if a is b or known.filled(condition, True):
        return stands_for(node, a)
    return stands_for(node, b) if known.filled(condition, False) else None


def narrow_operands(node: Node, known: Known) -> Answer:
    """Operands that were broadcast for this operation alone: it broadcasts by itself."""
    inputs = list(node.inputs)
    for place, symbol in enumerate(node.inputs):
        wide = known.maker(symbol, "broadcast_to")
        if wide is not None:
            others = [each.shape for i, each in enumerate(inputs) if i != place]
            narrow = wide.inputs[0]
            if np.broadcast_shapes(narrow.shape, *others) == node.outputs[0].shape:
                inputs[place] = narrow
    if tuple(inputs) == node.inputs:
        return None
    return renewed(node, node.primitive, tuple(inputs), **node.attributes)


RULES: dict[str, tuple[Rule, ...]] = {
    "add": (adding_zero,),
    "subtract": (subtracting_zero,),
    "multiply": (multiplying_by_one, multiplying_by_itself),
    "divide": (dividing_by_one,),
    "power": (small_power,),
    "negative": (negative_twice,),
    "where": (known_choice,),
}
for _name, _primitive in ops.REGISTRY.items():
    if _primitive.broadcasts and _name not in _DEPENDS_ON_LOOP:
        RULES[_name] = (*RULES.get(_name, ()), narrow_operands)
