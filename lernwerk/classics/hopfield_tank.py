"""Hopfield and Tank's network: a shortest tour found by cells that inhibit each other.

A cell for each city and each place in the tour. An energy is low where the firing cells are a tour
and where this tour is short; the cells roll down it all at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lernwerk.classics import checks
from lernwerk.errors import COUNT, POSITIVE, ShapeError, check_ranges
from lernwerk.language import translate as _
from lernwerk.ops.primitive import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Penalties:
    """How much each rule of a tour weighs in the energy, and the gain of the cells.

    ``one_city``, ``one_place``: two cells of a row or column; ``all_cities``: not ``wanted`` cells
    in all; ``length``: the way; ``sums``: rows and columns that do not sum to 1; ``halves``:
    outputs between 0 and 1.
    """

    one_city: float = 500.0
    one_place: float = 500.0
    all_cities: float = 200.0
    wanted: float = 15.0
    length: float = 500.0
    sums: float = 0.0
    halves: float = 0.0
    gain: float = 0.02


# The published numbers; and numbers of our own choice for the form with sums and halves.
HOPFIELD_TANK_1985 = Penalties()
BRANDT_1988 = Penalties(0, 0, 0, 0, length=200, sums=400, halves=200, gain=0.05)


class HopfieldTank:
    """The travelling salesman by a network of n times n analogue cells.

    With v_xi the output of the cell for city x at place i, d the distances and n cities:

    E = A/2 sum_x sum_i,j!=i v_xi v_xj + B/2 sum_i sum_x,y!=x v_xi v_yi + C/2 (sum v - N)^2
      + D/2 sum_x,y d_xy sum_i v_xi (v_y,i+1 + v_y,i-1)
      + F/2 (sum_x (sum_i v_xi - 1)^2 + sum_i (sum_x v_xi - 1)^2) + G/2 sum v (1 - v)

    du/dt = -u - dE/dv,  v = (1 + tanh(u / gain)) / 2

    Hopfield and Tank have F = G = 0; with F and G instead of A, B and C (Brandt and others) the
    network ends in a tour much more often.

    Shapes: cities (n, 2); ``run`` -> outputs (n, n); ``tour`` -> the cities in order (n)
    Source: J. J. Hopfield and D. W. Tank 1985, "Neural" computation of decisions in optimization
    problems, Biological Cybernetics 52, 141-152; G. V. Wilson and G. S. Pawley 1988, ibid. 58,
    63-70 (how rarely it succeeds); R. D. Brandt, Y. Wang, A. J. Laub and S. K. Mitra 1988, ICNN.
    """

    def __init__(self, cities: Any, penalties: Penalties = BRANDT_1988, seed: int = 1) -> None:
        self.cities = checks.rows("HopfieldTank", cities, 2)
        if len(self.cities) < 3:
            raise ShapeError("HopfieldTank", "at least three cities (n, 2)", self.cities.shape)
        self.penalties, self.seed = penalties, seed
        self.outputs: Array | None = None
        self.energies: list[float] = []

    @cached_property
    def distances(self) -> Array:
        """The distance of every city from every other one, (n, n)."""
        apart: Array = np.linalg.norm(self.cities[:, None] - self.cities, axis=2)
        return apart

    def gradient(self, v: Array) -> Array:
        """dE/dv, (n, n)."""
        p = self.penalties
        in_row, in_column = v.sum(axis=1, keepdims=True), v.sum(axis=0, keepdims=True)
        way = self.distances @ (np.roll(v, 1, axis=1) + np.roll(v, -1, axis=1))
        return (
            p.one_city * (in_row - v)
            + p.one_place * (in_column - v)
            + p.all_cities * (v.sum() - p.wanted)
            + p.length * way
            + p.sums * (in_row + in_column - 2)
            + p.halves * (0.5 - v)
        )

    def energy(self, v: Array) -> float:
        """E of the outputs v."""
        p = self.penalties
        in_row, in_column = v.sum(axis=1), v.sum(axis=0)
        way = np.sum(v * (self.distances @ (np.roll(v, 1, axis=1) + np.roll(v, -1, axis=1))))
        terms = (
            p.one_city * (np.sum(in_row**2) - np.sum(v**2)),
            p.one_place * (np.sum(in_column**2) - np.sum(v**2)),
            p.all_cities * (v.sum() - p.wanted) ** 2,
            p.length * way,
            p.sums * (np.sum((in_row - 1) ** 2) + np.sum((in_column - 1) ** 2)),
            p.halves * np.sum(v * (1 - v)),
        )
        return float(sum(terms) / 2)

    def run(self, steps: int = 1500, step: float = 3e-5) -> list[Array]:
        """Roll down the energy from outputs that are nearly equal; every fiftieth state."""
        check_ranges("HopfieldTank.run", locals(), {"steps": COUNT, "step": POSITIVE})
        n, gain = len(self.cities), self.penalties.gain
        random = np.random.default_rng(self.seed)
        equal = gain * np.arctanh(2 / n - 1)  # all outputs 1/n
        u = equal + gain * random.uniform(-0.1, 0.1, (n, n))
        states, self.energies = [], []
        for number in range(steps):
            v = (1 + np.tanh(u / gain)) / 2
            if number % 50 == 0:
                states.append(v)
                self.energies.append(self.energy(v))
            u = u + step * (-u - self.gradient(v))
        self.outputs = (1 + np.tanh(u / gain)) / 2
        return [*states, self.outputs]

    def tour(self) -> Array | None:
        """The cities in the order of the tour; None where the firing cells are no tour."""
        v = checks.fitted("HopfieldTank.tour", self.outputs)
        fires = v > 0.5
        if np.all(fires.sum(axis=0) == 1) and np.all(fires.sum(axis=1) == 1):
            return np.argmax(fires, axis=0)
        return None

    def length(self, tour: Array) -> float:
        """The length of a closed tour."""
        return float(np.sum(self.distances[tour, np.roll(tour, -1)]))

    def picture(self, outputs: Array | None = None) -> Figure:
        """The outputs of the cells, and the tour where they are one."""
        from lernwerk.plots import style

        if outputs is not None:
            self.outputs = outputs
        v, tour = checks.fitted("HopfieldTank.picture", self.outputs), self.tour()
        with style.styled():
            figure = style.new_figure(5.6, 2.9)
            cells, map = figure.subplots(1, 2)
            cells.imshow(v, cmap="Blues", vmin=0, vmax=1)
            cells.grid(visible=False)
            cells.set(title=_("outputs of the cells"), xlabel=_("place in the tour"),
                      ylabel=_("city"))  # fmt: skip
            map.plot(*self.cities.T, "o", color=style.INK)
            if tour is not None:
                map.plot(*self.cities[np.append(tour, tour[0])].T, color=style.VALIDATION)
            title = _("no tour") if tour is None else _("a tour of length {length:.3f}")
            map.set(title=title.format(length=0 if tour is None else self.length(tour)))
            map.set_aspect("equal")
        return figure


def shortest_tour(distances: Array) -> tuple[Array, float]:
    """The shortest closed tour and its length, by Held and Karp's exact method (up to 15 cities).

    Source: M. Held and R. M. Karp 1962, SIAM Journal 10, 196-210.
    """
    n = len(distances)
    best = {(1 << city, city): (distances[0, city], 0) for city in range(1, n)}
    for visited in range(1, 1 << n):
        if visited & 1 or visited.bit_count() < 2:
            continue
        for city in range(1, n):
            if visited >> city & 1:
                before = visited & ~(1 << city)
                best[visited, city] = min(
                    (best[before, other][0] + distances[other, city], other)
                    for other in range(1, n)
                    if before >> other & 1
                )
    visited = (1 << n) - 2
    length, city = min((best[visited, c][0] + distances[c, 0], c) for c in range(1, n))
    tour = [city]
    while visited.bit_count() > 1:
        visited, city = visited & ~(1 << city), best[visited, city][1]
        tour.append(city)
    return np.array([0, *tour[::-1]]), float(length)
