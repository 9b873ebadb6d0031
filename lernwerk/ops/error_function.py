"""The error function by rational approximation, so that SciPy is not needed at run time.

Plain numerics for the operation ``erf`` of ``elementwise.py``; no gradient, no registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

# W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969),
# 631-637, to 18 digits as in his program CALERF (SPECFUN, 1985); highest power first.
_SMALL_NUMERATOR = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_SMALL_DENOMINATOR = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
_LARGE_NUMERATOR = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_LARGE_DENOMINATOR = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
_SWITCH = 0.46875  # Cody's border between the two approximations
_SATURATION = 6.0  # 1 - erf(6) = 2e-17 is below half a unit in the last place of 1


def _polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """Horner's scheme, highest power first."""
    total = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def error_function(x: Any, xp: ModuleType) -> Any:
    """2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, for arrays of floats.

    Near zero x P(x^2) / Q(x^2), farther out 1 - exp(-x^2) R(|x|) / S(|x|). The second form is
    Cody's for |x| up to 4; beyond, where 1 - erf < 2e-8, its relative error does not show in erf.
    """
    size = xp.minimum(xp.abs(x), _SATURATION)
    square = xp.minimum(size, _SWITCH) ** 2
    near = x * _polynomial(_SMALL_NUMERATOR, square) / _polynomial(_SMALL_DENOMINATOR, square)
    rest = _polynomial(_LARGE_NUMERATOR, size) / _polynomial(_LARGE_DENOMINATOR, size)
    far = xp.copysign(1.0 - xp.exp(-size * size) * rest, x)
    return xp.where(size <= _SWITCH, near, far)
