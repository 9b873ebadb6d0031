"""Recurrent layers as steps: into how many chunks the batch is cut, and the memory it needs."""

from __future__ import annotations

from lernwerk.core.graph import Node
from lernwerk.engines.native.extension import extension
from lernwerk.engines.native.step import Step, lowers

_FLOAT = 4  # bytes
_WIDTH = 16  # floats in the widest vector; narrower ones need no more memory
_PANEL = 4 * _WIDTH  # columns of a panel, and floats in a row of its sums
# Weights up to this many bytes stay in the L2 cache of a core (1 MB or more today): then small
# chunks, which more threads can share. Larger ones come from farther away in every step: then
# chunks that have enough to compute meanwhile.
_CACHED = 1_500_000
_BFLOAT16, _DEPTH = 2, 32  # as in native/kernels/lstm.cpp and native/bfloat16.hpp
# Columns of dz that are multiplied together: as many as leave room in the L2 cache for their sums.
_WIDE_PIECE, _PIECE, _MOST_SUMS = 512, 256, 200_000
_STEPS = 256  # steps at a time, of which the factors lie in the same cache
_WEIGHTS_CHUNKS, _LEAST_STEPS = 8, 1024
_ROWS, _ROWS_BESIDE_LARGE_WEIGHTS = 16, 32
# Multiplications that one thread does in about 20 microseconds: less is not worth sharing.
_WORTH_SHARING = 1_000_000


@lowers("lstm", "gru")
def _gated(node: Node) -> Step | None:
    """Parameters: batch, steps, units, chunks, features; of lstm rounding and narrow operands."""
    features, (units, columns) = node.inputs[0].shape[2], node.inputs[-3].shape
    if _mode(node) == _BFLOAT16:
        depth = _rounded(features, _DEPTH) + _rounded(units, _DEPTH)
        weights = 2 * _rounded(units, _WIDTH) * depth  # half a float each
        return _step(node, units, columns, weights, 7, features, _wide(depth))
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
    """Parameters: batch, steps, units, chunks; of lstm rounding and narrow operands."""
    units, columns = node.inputs[0].shape
    if _mode(node) == _BFLOAT16:
        weights = _rounded(units, _WIDTH) * _rounded(columns, _DEPTH) // 2
        return _step(node, units, columns, weights, 2, None, _wide(columns) // 2)
    return _step(node, units, columns, _rounded(units, _PANEL) * columns, 2)


@lowers("recurrent_weights_gradient")
def _weights(node: Node) -> Step | None:
    """Parameters: batch, steps, features, units, columns of dz; columns in a piece of work, parts
    of the steps (each with a sum of its own), steps that are multiplied at a time."""
    if any(symbol.dtype != "float32" for symbol in (*node.inputs, *node.outputs)):
        return None
    (batch, steps, features), (units, columns) = node.inputs[0].shape, node.outputs[1].shape
    rows = features + units + 1
    wide = rows * _WIDE_PIECE <= _MOST_SUMS
    piece = min(_WIDE_PIECE if wide else _PIECE, max(1, columns))
    pieces = -(-columns // piece)
    parts = max(1, min(_WEIGHTS_CHUNKS // max(1, pieces), batch * steps // _LEAST_STEPS))
    return Step(
        node.primitive.name,
        (batch, steps, features, units, columns, piece, parts, _STEPS),
        shared=_FLOAT * rows * columns * parts,
        local=_FLOAT * _STEPS * (_rounded(rows, _WIDTH) + _WIDTH + _rounded(piece, _WIDTH)),
    )


def _mode(node: Node) -> int:
    """How a node rounds: not at all; its results; and its products are in bfloat16."""
    if not node.attributes.get("rounded"):
        return 0
    return _BFLOAT16 if extension().has_bfloat16() else 1


def _wide(depth: int) -> int:
    """Numbers from row to row of a factor in bfloat16: whole tiles and no power of two."""
    whole = _rounded(depth, _DEPTH)
    return whole if whole % 128 else whole + _DEPTH


def _step(
    node: Node,
    units: int,
    columns: int,
    weights: int,
    states: int,
    features: int | None = None,
    row: int = 0,
) -> Step | None:
    """The step, given its number of packed weights, of local states (rows, units), and of floats
    that a row of the factor in bfloat16 takes."""
    symbols = (*node.inputs, *node.outputs)
    if not {str(symbol.dtype) for symbol in symbols} <= {"float32", "bool"}:
        return None
    batch, steps = next(symbol.shape for symbol in node.inputs if symbol.dtype == "bool")
    depth = units + (features or 0)
    most = _ROWS_BESIDE_LARGE_WEIGHTS if weights * _FLOAT > _CACHED else _ROWS
    most *= 2 if row else 1  # products in bfloat16 are faster, and 32 rows fill two tiles
    chunks = _chunks(batch, most, batch * steps * columns * depth)
    rows = -(-batch // chunks)
    local = rows * (states * _rounded(units, _WIDTH) + _PANEL) + _rounded(rows, _WIDTH) * row
    whole = (batch, steps, units, chunks, *([] if features is None else [features]))
    if node.primitive.name.startswith("lstm"):
        whole = (*whole, _mode(node), 0)
    return Step(node.primitive.name, whole, shared=_FLOAT * weights, local=_FLOAT * local)


def _chunks(batch: int, rows: int, work: int) -> int:
    """Chunks of the batch: more than one are an even number, as two threads or four are common."""
    if batch <= rows or work < _WORTH_SHARING:
        return 1
    return _rounded(-(-batch // rows), 2)


def _rounded(size: int, multiple: int) -> int:
    """The next multiple of a size."""
    return -(-size // multiple) * multiple
