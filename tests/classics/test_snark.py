"""Snark: hitting times that are known, learning, and a maze that changes."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import Maze, Snark
from lernwerk.errors import ArgumentError, DataError, UsageError

CORRIDOR = Maze("S     G")
FORK = Maze("#####\n#S  #\n# #G#\n#   #\n#####")
BLIND_ALLEY = "#######\n#S    #\n# ### #\n#   #G#\n#######"


def test_a_walk_by_chance_in_a_corridor_takes_the_square_of_its_length() -> None:
    steps = Snark(CORRIDOR).expected_steps()
    np.testing.assert_allclose(steps, [36 - place**2 for place in range(7)])


def test_walks_are_as_long_as_expected() -> None:
    snark = Snark(CORRIDOR, seed=1)
    mean = np.mean([snark.run(learn=False) for _ in range(2000)])
    assert abs(mean - 36) < 2


def test_learning_leaves_chances_and_leads_to_the_shortest_way() -> None:
    snark = Snark(FORK, seed=2).fit(runs=200)
    np.testing.assert_allclose(snark.probabilities.sum(axis=1), 1)
    assert snark.probabilities.min() >= 0
    assert snark.expected_steps()[FORK.start] < 1.05 * FORK.distances()[FORK.start]


def test_only_what_was_used_is_strengthened() -> None:
    snark = Snark(FORK, seed=3)
    before = snark.probabilities.copy()
    snark.run()
    used = snark.trace > 0
    alone = used & (used.sum(axis=1, keepdims=True) == 1) & (FORK.open.sum(1, keepdims=True) > 1)
    assert (snark.probabilities > before)[alone].all()
    untouched = ~used.any(axis=1)
    np.testing.assert_array_equal(snark.probabilities[untouched], before[untouched])


def test_a_new_door_begins_with_an_equal_chance() -> None:
    snark = Snark(Maze(BLIND_ALLEY), seed=4).fit(runs=100)
    opened = Maze(BLIND_ALLEY.replace("#   #G#", "#    G#"))
    snark.move(opened)
    end = next(index for index, place in enumerate(opened.places) if tuple(place) == (3, 3))
    np.testing.assert_allclose(snark.probabilities[end], [0, 0.5, 0, 0.5])
    np.testing.assert_allclose(snark.probabilities.sum(axis=1), 1)
    assert snark.run() > 0


def test_giving_up() -> None:
    assert Snark(CORRIDOR).run(longest=3) == 3


def test_messages() -> None:
    with pytest.raises(DataError) as caught:
        Maze("S  ")
    assert str(caught.value) == "Maze: expected one place 'G' in the drawing, got 0."
    with pytest.raises(UsageError) as closed:
        Snark(Maze("S#G"))
    assert str(closed.value) == "Snark: expected a maze with a way to the goal, got none."
    with pytest.raises(ArgumentError, match=r"reward to be a number in \(0, 0.25\], got 0.5"):
        Snark(CORRIDOR, reward=0.5)


def test_picture() -> None:
    snark = Snark(FORK, seed=5)
    steps = snark.run()
    assert snark.picture().axes[0].get_title(loc="left") == f"{steps} steps on the last run"
