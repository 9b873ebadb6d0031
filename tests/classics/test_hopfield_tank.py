"""Hopfield and Tank's network: its energy against its gradient, its tours against all tours."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from lernwerk.classics import HopfieldTank
from lernwerk.classics.hopfield_tank import (
    BRANDT_1988,
    HOPFIELD_TANK_1985,
    Penalties,
    shortest_tour,
)
from lernwerk.errors import ArgumentError, ShapeError, UsageError


def cities(count, seed=1):
    return np.random.default_rng(seed).random((count, 2))


@pytest.mark.parametrize(
    "penalties", [HOPFIELD_TANK_1985, BRANDT_1988, Penalties(1, 2, 3, 4, 5, 6, 7)]
)
def test_the_gradient_is_that_of_the_energy(penalties):
    network = HopfieldTank(cities(5), penalties)
    v = np.random.default_rng(2).random((5, 5))
    gradient = network.gradient(v)
    for place in np.ndindex(5, 5):
        step = np.zeros((5, 5))
        step[place] = 1e-6
        slope = (network.energy(v + step) - network.energy(v - step)) / 2e-6
        assert gradient[place] == pytest.approx(slope, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_the_shortest_tour_is_the_shortest_of_all(seed):
    network = HopfieldTank(cities(7, seed))
    tour, length = shortest_tour(network.distances)
    every = (network.length(np.array((0, *rest))) for rest in permutations(range(1, 7)))
    assert length == pytest.approx(min(every))
    assert network.length(tour) == pytest.approx(length)
    assert sorted(tour) == list(range(7))


def test_a_run_ends_in_a_tour_and_lowers_the_energy():
    network = HopfieldTank(cities(6), seed=3)
    assert network.run()[-1] is network.outputs
    assert sorted(network.tour()) == list(range(6))
    assert network.energies[-1] < network.energies[0]
    assert "a tour of length" in network.picture().axes[1].get_title("left")


def test_outputs_that_are_no_tour():
    network = HopfieldTank(cities(4))
    network.outputs = np.full((4, 4), 0.25)
    assert network.tour() is None
    assert network.picture().axes[1].get_title("left") == "no tour"


def test_messages():
    with pytest.raises(
        ShapeError, match=r"^HopfieldTank: expected at least three cities \(n, 2\), got"
    ):
        HopfieldTank(np.zeros((2, 2)))
    with pytest.raises(UsageError, match=r"^HopfieldTank.tour: expected something learned"):
        HopfieldTank(cities(3)).tour()
    with pytest.raises(
        ArgumentError, match=r"^HopfieldTank.run: expected steps to be an integer >= 1"
    ):
        HopfieldTank(cities(3)).run(0)
