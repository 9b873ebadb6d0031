"""Print the polynomial coefficients of native/vector_math.hpp, found by the exchange of Remez.

Each polynomial p makes the largest weighted error |weight (p - function)| over an interval as small
as it can be. Needs mpmath: python scripts/minimax.py
"""

from __future__ import annotations

from collections.abc import Callable

from mpmath import (
    cos,
    erf,
    erfc,
    exp,
    expm1,
    linspace,
    log,
    log1p,
    lu_solve,
    matrix,
    mp,
    mpf,
    polyval,
    sin,
    sqrt,
)

Function = Callable[[mpf], mpf]
mp.dps = 40


def minimax(f: Function, weight: Function, low: mpf, high: mpf, degree: int) -> list[mpf]:
    """The coefficients, constant first, of the best polynomial of a degree for f."""
    points = [
        (low + high) / 2 + (high - low) / 2 * cos(mp.pi * i / (degree + 1))
        for i in range(degree + 2)
    ]
    grid = linspace(low, high, 1200)
    for _ in range(8):
        rows = [
            [*(x**k for k in range(degree + 1)), (-1) ** i / weight(x)]
            for i, x in enumerate(points)
        ]
        coefficients = list(lu_solve(matrix(rows), matrix([f(x) for x in points])))[:-1]
        points = _extremes(
            grid, [weight(x) * (polyval(coefficients[::-1], x) - f(x)) for x in grid], degree + 2
        )
    return coefficients


def _extremes(grid: list[mpf], errors: list[mpf], count: int) -> list[mpf]:
    """The place of the largest error in each run of errors of one sign."""
    found: list[int] = []
    for i, error in enumerate(errors):
        if found and (error > 0) == (errors[found[-1]] > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    while len(found) > count:
        found.pop(0 if abs(errors[found[0]]) < abs(errors[found[-1]]) else -1)
    return [grid[i] for i in found]


def show(name: str, f: Function, weight: Function, low: mpf, high: mpf, degree: int) -> None:
    """Print the coefficients, constant first, and the largest weighted error."""
    coefficients = minimax(f, weight, low, high, degree)
    worst = max(
        abs(weight(x) * (polyval(coefficients[::-1], x) - f(x))) for x in linspace(low, high, 999)
    )
    print(f"{name}: error {float(worst):.1e}")
    print("  " + ", ".join(f"{float(c):.9g}f" for c in coefficients))


def main() -> None:
    """All polynomials; tiny left ends keep 0 / 0 out of the quotients."""
    half, tiny = log(2) / 2, mpf("1e-6")
    show(
        "e^r = 1 + r + r^2 p(r)",
        lambda r: (expm1(r) - r) / r**2 if r else mpf(1) / 2,
        lambda r: r**2 / exp(r),
        -half,
        half * (1 + tiny),
        4,
    )
    show(
        "e^r - 1 = r + r^2 p(r)",
        lambda r: (expm1(r) - r) / r**2,
        lambda r: abs(r**2 / expm1(r)),
        -half,
        half * (1 + tiny),
        4,
    )
    show(
        "ln(1 + f) = f - f^2 / 2 + f^3 p(f)",
        lambda f: (log1p(f) - f + f**2 / 2) / f**3,
        lambda f: abs(f**3 / log1p(f)),
        sqrt(mpf(1) / 2) - 1,
        sqrt(2) - 1 + tiny,
        8,
    )
    quarter = (mp.pi / 4) ** 2
    show(
        "sin(r) = r + r^3 p(r^2)",
        lambda s: (sin(sqrt(s)) - sqrt(s)) / sqrt(s) ** 3,
        lambda s: sqrt(s) ** 3 / sin(sqrt(s)),
        tiny,
        quarter,
        3,
    )
    show(
        "cos(r) = 1 - r^2 / 2 + r^4 p(r^2)",
        lambda s: (cos(sqrt(s)) - 1 + s / 2) / s**2,
        lambda s: s**2 / cos(sqrt(s)),
        tiny,
        quarter,
        2,
    )
    show(
        "erf(x) = x + x p(x^2), to 1",
        lambda s: erf(sqrt(s)) / sqrt(s) - 1,
        lambda s: sqrt(s) / erf(sqrt(s)),
        tiny,
        mpf(1),
        6,
    )
    show(
        "ln(erfc(x)) = p(x), 1 to 4",
        lambda x: log(erfc(x)),
        lambda x: erfc(x) / erf(x),
        mpf(1),
        mpf(4),
        7,
    )


if __name__ == "__main__":
    main()
