"""``tf.linalg``: matrices."""

from __future__ import annotations

from typing import Any

from lernwerk import ops
from lernwerk.backend.arguments import tensor
from lernwerk.compat.tensorflow.arrays import eye
from lernwerk.compat.tensorflow.making import unary
from lernwerk.compat.tensorflow.math import einsum, l2_normalize, matmul, tensordot

cross = ops.cross
det = unary("det", ops.det)
eigh = unary("eigh", ops.eigh)
inv = unary("inv", ops.inv)
trace = unary("trace", lambda x: ops.trace(x, 0, -2, -1))
cholesky = unary("cholesky", ops.cholesky)


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The length of vectors, or of all numbers."""
    over = tuple(axis) if isinstance(axis, list) else axis
    kind = None if ord == "euclidean" else ord
    return ops.norm(_tensor(tensor), kind, over, bool(keepdims))


_tensor = tensor


def diag(diagonal: Any, **_: Any) -> Any:
    """A matrix with this diagonal."""
    return ops.diag(tensor(diagonal))


def diag_part(input: Any, **_: Any) -> Any:
    """The diagonal of matrices."""
    return ops.diagonal(tensor(input), 0, -2, -1)


def band_part(input: Any, num_lower: int, num_upper: int, name: str | None = None) -> Any:
    """The elements near the diagonal; a negative number keeps all on that side."""
    x = tensor(input)
    x = x if num_lower < 0 else ops.triu(x, -num_lower)
    return x if num_upper < 0 else ops.tril(x, num_upper)


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The solution of matrix @ x = rhs."""
    return ops.solve(matrix_transpose(matrix) if adjoint else tensor(matrix), tensor(rhs))


def matvec(a: Any, b: Any, **_: Any) -> Any:
    """A matrix times a vector."""
    return ops.matmul(tensor(a), ops.expand_dims(tensor(b), -1))[..., 0]


def matrix_transpose(a: Any, **_: Any) -> Any:
    """The last two axes exchanged."""
    return ops.swapaxes(tensor(a), -1, -2)


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: Any = None) -> Any:
    """Singular values, and the two matrices of vectors: s, u, v as in TensorFlow."""
    found = ops.svd(_tensor(tensor), full_matrices, compute_uv)
    if not compute_uv:
        return _tensor(found)
    u, s, v = map(_tensor, found)
    return s, u, ops.swapaxes(v, -1, -2)


__all__ = [
    "band_part", "cholesky", "cross", "det", "diag", "diag_part", "eigh", "einsum", "eye", "inv",
    "l2_normalize", "matmul", "matrix_transpose", "matvec", "norm", "solve", "svd", "tensordot",
    "trace",
]  # fmt: skip
