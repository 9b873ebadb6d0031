"""Threshold cells: the theorem of 1943 for two and three inputs, time, circles, messages."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from lernwerk.classics import ThresholdCell, ThresholdNetwork, letters, network_of_table
from lernwerk.classics.letters import NAMES
from lernwerk.errors import ArgumentError, DataError, UsageError

LATCH = ThresholdNetwork(
    ["set", "reset"], {"memory": ThresholdCell(1, ("set", "memory"), ("reset",))}
)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_every_boolean_function(inputs: int) -> None:
    rows = list(product((0, 1), repeat=inputs))
    for table in product((0, 1), repeat=2**inputs):
        answers = network_of_table(table).predict(rows)
        np.testing.assert_array_equal(answers[:, 0], table)


def test_one_inhibiting_input_silences_a_cell() -> None:
    cell = {"y": ThresholdCell(2, ("a", "b", "c"), ("d",))}
    answers = ThresholdNetwork("abcd", cell).predict([[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])
    np.testing.assert_array_equal(answers[:, 0], [True, True, False])


def test_an_input_that_is_named_twice_counts_twice() -> None:
    network = ThresholdNetwork("ab", {"y": ThresholdCell(2, ("a", "a", "b"))})
    np.testing.assert_array_equal(network.predict([[1, 0], [0, 1]])[:, 0], [True, False])


def test_answers_come_after_as_many_moments_as_the_network_is_deep() -> None:
    network = network_of_table((0, 1, 1, 0))
    assert network.depth == 2 and network.levels == [1, 1, 2]
    np.testing.assert_array_equal(network.run([[0, 1]] * 3)[:, 0], [False, True, True])


def test_a_circle_remembers() -> None:
    signals = [[0, 0], [1, 0], [0, 0], [0, 0], [0, 1], [0, 0]]
    np.testing.assert_array_equal(LATCH.run(signals)[:, 0], [0, 1, 1, 1, 0, 0])


def test_a_circle_has_no_depth() -> None:
    with pytest.raises(UsageError) as caught:
        LATCH.predict([[0, 0]])
    assert str(caught.value) == (
        "ThresholdNetwork: expected cells without a circle, got a circle. Use run."
    )


def test_letters_are_all_different() -> None:
    dots = letters()
    assert dots.shape == (26, 7, 5) and dots.dtype == bool
    assert len({letter.tobytes() for letter in dots}) == len(NAMES) == 26


def test_messages() -> None:
    with pytest.raises(ArgumentError) as caught:
        ThresholdNetwork("ab", {"y": ThresholdCell(1, ("c",))})
    assert str(caught.value) == (
        "ThresholdNetwork: expected the name of a known input or cell, got 'c'. Known: a, b, y."
    )
    with pytest.raises(ArgumentError, match=r"threshold to be a number >= 0, got -1"):
        ThresholdCell(-1)
    with pytest.raises(ArgumentError, match=r"2, 4, 8, \.\.\. values 0 or 1, got \[0, 1, 1\]"):
        network_of_table([0, 1, 1])
    with pytest.raises(DataError, match=r"0 or 1 everywhere, got 0\.5\. Try x > threshold\."):
        LATCH.step([0.5, 0])


@pytest.mark.parametrize("network", [LATCH, network_of_table((0, 1, 1, 0))])
def test_picture(network: ThresholdNetwork) -> None:
    network.step([1, 0])
    texts = {text.get_text() for text in network.picture().axes[0].texts}
    assert set(network.cells) <= texts
