"""Hopfield's network against what is proved and calculated about it."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import Hopfield
from lernwerk.classics.hopfield import overlap
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError


def signs(random, *shape):
    return np.where(random.random(shape) < 0.5, 1.0, -1.0)


@pytest.mark.parametrize("seed", range(5))
def test_the_energy_never_rises(seed):
    random = np.random.default_rng(seed)
    network = Hopfield(seed).fit(signs(random, 12, 40))
    states = signs(random, 7, 40)
    for _sweep in range(4):
        after = network.sweep(states, random)
        assert np.all(network.energy(after) <= network.energy(states) + 1e-12)
        states = after


def test_a_rest_is_a_rest():
    random = np.random.default_rng(1)
    network = Hopfield().fit(signs(random, 3, 60))
    rest = network.predict(signs(random, 5, 60))
    np.testing.assert_array_equal(np.sign(rest @ network.weights), rest)


def test_weights_and_energy_by_hand():
    network = Hopfield().fit([[1, -1, 1], [1, 1, 1]])
    np.testing.assert_allclose(network.weights, np.array([[0, 0, 2], [0, 0, 0], [2, 0, 0]]) / 3)
    np.testing.assert_allclose(network.energy([[1, 1, 1], [1, 1, -1]]), [-2 / 3, 2 / 3])


def test_a_memory_and_its_negative():
    random = np.random.default_rng(2)
    patterns = signs(random, 4, 100)
    network = Hopfield().fit(patterns)
    spoilt = patterns.copy()
    spoilt[:, :15] *= -1
    np.testing.assert_array_equal(network.predict(spoilt), patterns)
    np.testing.assert_array_equal(network.predict(-spoilt), -patterns)
    assert overlap(spoilt, patterns) == pytest.approx(0.7)


def test_the_capacity_that_was_calculated():
    """At 0.138 n the overlap is 0.967 (Amit, Gutfreund and Sompolinsky 1985); beyond it breaks."""
    found = []
    for load in (0.1, 0.138, 0.25):
        patterns = signs(np.random.default_rng(3), round(load * 400), 400)
        found.append(overlap(Hopfield().fit(patterns).predict(patterns, 30), patterns).mean())
    assert found[0] > 0.985
    assert found[1] == pytest.approx(0.967, abs=0.03)
    assert found[2] < 0.6


def test_messages():
    with pytest.raises(
        UsageError, match=r"^Hopfield.predict: expected something learned, got noth"
    ):
        Hopfield().predict([[1, -1]])
    with pytest.raises(DataError) as caught:
        Hopfield().fit([[0, 1]])
    assert str(caught.value) == (
        "Hopfield.fit: expected +1 or -1 everywhere, got 0. np.where(x > 0, 1, -1)"
    )
    with pytest.raises(
        DataError, match=r"^Hopfield.fit: expected at least one pattern, got none\.$"
    ):
        Hopfield().fit(np.zeros((0, 3)))
    with pytest.raises(ShapeError, match=r"\(rows, 2\), got \(1, 3\)"):
        Hopfield().fit([[1, -1]]).predict([[1, 1, 1]])
    with pytest.raises(ArgumentError, match=r"most_sweeps to be an integer >= 1, got 0"):
        Hopfield().fit([[1, -1]]).predict([[1, 1]], 0)


def test_the_picture():
    figure = Hopfield().fit(signs(np.random.default_rng(4), 2, 6)).picture((2, 3))
    weights, state = figure.axes
    assert weights.images[0].get_array().shape == (6, 6)
    assert state.images[0].get_array().shape == (2, 3)
