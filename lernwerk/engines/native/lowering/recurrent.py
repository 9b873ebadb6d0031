"""Recurrent layers as steps: into how many chunks the batch is cut, and the memory it needs."""

from __future__ import annotations

from lernwerk.core.graph import Node
from lernwerk.engines.native.step import Step, lowers

_FLOAT = 4  # bytes
_WIDTH = 16  # floats in the widest vector; narrower ones need no more memory
_PANEL = 4 * _WIDTH  # columns of a panel, and floats in a row of its sums
# Weights up to this many bytes stay in the L2 cache of a core (1 MB or more today): then small
# chunks, which more threads can share. Larger ones come from farther away in every step: then
# chunks that have enough to compute meanwhile.
_CACHED = 1_500_000
_ROWS, _ROWS_BESIDE_LARGE_WEIGHTS = 16, 32
# Multiplications that one thread does in about 20 microseconds: less is not worth sharing.
_WORTH_SHARING = 1_000_000


@lowers("lstm", "gru")
def _gated(node: Node) -> Step | None:
    """Parameters: batch, steps, units, chunks, features."""
    features, (units, columns) = node.inputs[0].shape[2], node.inputs[-3].shape
    gates = 4 if node.primitive.name == "lstm" else 3
    weights = gates * _rounded(units, _WIDTH) * (features + units)
    return _step(node, units, columns, weights, gates - 1, features)


@lowers("simple_rnn")
def _plain(node: Node) -> Step | None:
    """Parameters: batch, steps, units, chunks, features."""
    features, (units, columns) = node.inputs[0].shape[2], node.inputs[-3].shape
    return _step(node, units, columns, _rounded(units, _PANEL) * (features + units), 2, features)


@lowers("lstm_gradient", "gru_gradient", "simple_rnn_gradient")
def _back(node: Node) -> Step | None:
    """Parameters: batch, steps, units, chunks."""
    units, columns = node.inputs[0].shape
    return _step(node, units, columns, _rounded(units, _PANEL) * columns, 2)


def _step(
    node: Node, units: int, columns: int, weights: int, states: int, features: int | None = None
) -> Step | None:
    """The step, given its number of packed weights and of local states (rows, units)."""
    symbols = (*node.inputs, *node.outputs)
    if node.attributes.get("rounded"):
        return None
    if not {str(symbol.dtype) for symbol in symbols} <= {"float32", "bool"}:
        return None
    batch, steps = next(symbol.shape for symbol in node.inputs if symbol.dtype == "bool")
    depth = units + (features or 0)
    chunks = _chunks(batch, weights, batch * steps * columns * depth)
    local = -(-batch // chunks) * (states * _rounded(units, _WIDTH) + _PANEL)
    whole = (batch, steps, units, chunks, *([] if features is None else [features]))
    return Step(node.primitive.name, whole, shared=_FLOAT * weights, local=_FLOAT * local)


def _chunks(batch: int, weights: int, work: int) -> int:
    """Chunks of the batch: more than one are an even number, as two threads or four are common."""
    rows = _ROWS if weights * _FLOAT <= _CACHED else _ROWS_BESIDE_LARGE_WEIGHTS
    if batch <= rows or work < _WORTH_SHARING:
        return 1
    return _rounded(-(-batch // rows), 2)


def _rounded(size: int, multiple: int) -> int:
    """The next multiple of a size."""
    return -(-size // multiple) * multiple
