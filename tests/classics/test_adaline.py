"""Adaline: what one step does, the least squares that it finds, echoes that are known."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import Adaline, EchoCanceller, decibels
from lernwerk.errors import ArgumentError, ShapeError


def test_a_step_leaves_its_share_of_the_error() -> None:
    neuron = Adaline(step=0.25)
    x, y = np.array([[1.0, -2.0, 3.0]]), np.array([2.0])
    assert neuron.learn(x, y) == pytest.approx([2.0])
    assert y - neuron.output(x) == pytest.approx([0.75 * 2.0])


def test_weights_find_the_solution_of_least_squares() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 6))
    wanted = random.normal(size=6)
    neuron = Adaline(step=0.5, epochs=20).fit(x, x @ wanted)
    np.testing.assert_allclose(neuron.weights, wanted, atol=1e-10)
    noisy = x @ wanted + random.normal(size=500)
    slow = Adaline(step=0.002, epochs=100).fit(x, noisy)
    length = np.linalg.norm(x, axis=1, keepdims=True)  # a step counts errors in units of it
    best = np.linalg.lstsq(x / length, noisy / length[:, 0], rcond=None)[0]
    np.testing.assert_allclose(slow.weights, best, atol=0.005)
    assert slow.errors[-1] < slow.errors[0]


def test_signs() -> None:
    neuron = Adaline(step=1.0, epochs=5).fit([[1.0, 1.0], [-1.0, 1.0]], [1, -1])
    np.testing.assert_array_equal(neuron.predict([[3.0, 1.0], [-3.0, 1.0]]), [1, -1])


def test_an_echo_that_is_known() -> None:
    random = np.random.default_rng(1)
    sent, path = random.normal(size=4000), random.normal(size=16)
    heard = np.convolve(sent, path)[: len(sent)]
    canceller = EchoCanceller(taps=16, step=1.0)
    canceller.learn_from(sent, heard)
    np.testing.assert_allclose(canceller.weights, path, atol=1e-8)
    assert decibels(heard, canceller.clean(sent, heard)) > 100


def test_silence_teaches_nothing() -> None:
    canceller = EchoCanceller(taps=4)
    canceller.learn_from(np.zeros(50), np.ones(50))
    np.testing.assert_array_equal(canceller.weights, np.zeros(4))


def test_decibels() -> None:
    assert decibels(np.array([10.0, -10.0]), np.array([1.0, 1.0])) == pytest.approx(20)


def test_messages() -> None:
    with pytest.raises(ArgumentError) as caught:
        Adaline(step=2)
    assert str(caught.value) == "Adaline: expected step to be a number in (0, 2), got 2."
    with pytest.raises(
        ShapeError, match=r"Adaline\.learn: expected rows of shape \(rows, 1\), got"
    ):
        Adaline().fit([[1.0]], [1]).learn([[1.0, 2.0]], [1])
    with pytest.raises(ShapeError) as shape:
        EchoCanceller().clean([1.0, 2.0], [1.0])
    assert str(shape.value) == (
        "EchoCanceller.clean: expected two sounds of equal length (t), got ((2,), (1,))."
    )


def test_pictures() -> None:
    assert EchoCanceller().picture().axes[0].get_xlabel() == "delay in samples"
    assert Adaline().fit(np.ones((2, 4)), [1, 1]).picture().axes[0].images
