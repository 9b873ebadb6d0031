"""Products of vectors and matrices under Keras's names, and what is computed of a matrix.

The latter (inverse, determinant, solution) have their gradients by the classical rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lernwerk.errors import ShapeError
from lernwerk.ops.broadcasting import reshape, sum
from lernwerk.ops.common import as_array, floating, floating_dtype
from lernwerk.ops.elementwise import multiply, negative
from lernwerk.ops.linalg import matmul, tensordot
from lernwerk.ops.primitive import Array, Sample, composite, namespace, primitive, sample
from lernwerk.ops.shape import expand_dims, stack, swapaxes
from lernwerk.ops.shape_line import Shape

_GILES = "Giles 2008, An extended collection of matrix derivative results, section 2.2"


@composite
def dot(x1: Any, x2: Any) -> Any:
    """Sum over the last axis of the first and the last but one of the second; numbers multiply.

    Shapes: x1 (*i, k), x2 (*j, k, m) -> y (*i, *j, m)
    """
    a, b = as_array(x1), as_array(x2)
    if not (a.shape and b.shape):
        return multiply(a, b)
    if len(b.shape) <= 2:
        return matmul(a, b)
    return tensordot(a, b, ((len(a.shape) - 1,), (len(b.shape) - 2,)))


@composite
def inner(x1: Any, x2: Any) -> Any:
    """Sum over the last axes of both.

    Shapes: x1 (*i, k), x2 (*j, k) -> y (*i, *j)
    """
    a, b = as_array(x1), as_array(x2)
    return tensordot(a, b, ((len(a.shape) - 1,), (len(b.shape) - 1,)))


@composite
def vdot(x1: Any, x2: Any) -> Any:
    """Sum over all products of the elements, row by row.

    Shapes: x1 (*s), x2 (*s) -> y ()
    """
    a, b = (reshape(as_array(x), shape=(-1,)) for x in (x1, x2))
    return sum(multiply(a, b))


@composite
def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The vector at right angles to two vectors of three numbers.

    Shapes: x1 (*s, 3), x2 (*s, 3) -> y (*s, 3)
    """
    a, b = as_array(x1), as_array(x2)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ShapeError("cross", "vectors of 3 numbers on the last axis", tuple(a.shape))
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return stack(*parts, axis=-1)


@composite
def kron(x1: Any, x2: Any) -> Any:
    """The second matrix times each element of the first, as blocks.

    Shapes: x1 (n, m), x2 (k, l) -> y (n * k, m * l)
    """
    a, b = as_array(x1), as_array(x2)
    (n, m), (k, width) = a.shape, b.shape
    spread = reshape(a, shape=(n, 1, m, 1)) * reshape(b, shape=(1, k, 1, width))
    return reshape(spread, shape=(n * k, m * width))


def _square(x: Shape) -> Shape:
    if len(x) < 2 or x[-1] != x[-2]:
        raise ShapeError("matrix", "square matrices", x)
    return x


def _matrices(random: np.random.Generator) -> Iterator[Sample]:
    for shape in ((3, 3), (2, 2, 2)):
        yield sample(random.normal(size=shape) + 3.0 * np.eye(shape[-1]))


def _flipped(x: Any) -> Any:
    return swapaxes(x, -1, -2)


@primitive(
    gradient=lambda g, y, x: (negative(matmul(matmul(_flipped(y), g), _flipped(y))),),
    samples=_matrices,
    source=_GILES,
    shapes=_square,
    dtypes=floating_dtype,
)
def inv(x: Array) -> Array:
    """Invert matrices: x @ y = 1.

    Shapes: x (*s) -> y (*s)
    Raises ShapeError where they are not square; NumPy's LinAlgError for singular ones.
    """
    return namespace(x).linalg.inv(floating(x))


@primitive(
    gradient=lambda g, y, x: (expand_dims(g * y, (-1, -2)) * _flipped(inv(x)),),
    samples=_matrices,
    source=_GILES,
    shapes=lambda x: _square(x)[:-2],
    dtypes=floating_dtype,
)
def det(x: Array) -> Array:
    """Compute the determinants of matrices.

    Shapes: x (*s) -> y (*r)
    Raises ShapeError where they are not square.
    """
    return namespace(x).linalg.det(floating(x))


@composite
def solve(a: Any, b: Any) -> Any:
    """The solution of a @ y = b.

    Shapes: a (*s, n, n), b (*s, n) or (*s, n, m) -> y as b
    """
    a, b = as_array(a), as_array(b)
    if len(b.shape) == len(a.shape) - 1:
        return matmul(inv(a), expand_dims(b, -1))[..., 0]
    return matmul(inv(a), b)


def eigh(x: Any) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of a symmetric matrix, by NumPy, without gradient."""
    return tuple(np.linalg.eigh(np.asarray(x)))  # type: ignore[return-value]


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular value decomposition, by NumPy, without gradient."""
    return np.linalg.svd(np.asarray(x), full_matrices, compute_uv)  # type: ignore[call-overload]


def qr(x: Any, mode: str = "reduced") -> Any:
    """Orthogonal times upper triangular matrix, by NumPy, without gradient."""
    return np.linalg.qr(np.asarray(x), mode)  # type: ignore[call-overload]


def cholesky(x: Any, upper: bool = False) -> Array:
    """The triangular root of a positive matrix, by NumPy, without gradient."""
    lower = np.linalg.cholesky(np.asarray(x))
    return np.swapaxes(lower, -1, -2) if upper else lower
