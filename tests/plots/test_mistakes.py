"""The worst mistakes come first, with the right words above them."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.errors import ArgumentError, DataError, ShapeError
from lernwerk.plots import figure_to_svg, worst_mistakes
from lernwerk.plots.mistakes import mistakes

PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.01, 0.0, 0.99], [0.2, 0.5, 0.3]])
TRUE = np.array([0, 0, 0, 2])
PICTURES = np.arange(4 * 6).reshape(4, 2, 3).astype(np.uint8)


def titles(figure) -> list[str]:
    return [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes]


def test_the_smallest_probability_of_the_truth_comes_first() -> None:
    assert list(mistakes(TRUE, PROBABILITIES)) == [2, 1, 3]
    random = np.random.default_rng(0)
    scores, true = random.dirichlet(np.ones(5), 200), random.integers(0, 5, 200)
    found = mistakes(true, scores)
    assert set(found) == set(np.flatnonzero(scores.argmax(axis=1) != true))
    losses = -np.log(scores[found, true[found]])
    assert (np.diff(losses) <= 0).all()


def test_pictures_have_truth_answer_and_its_probability_above_them() -> None:
    figure = worst_mistakes(PICTURES, TRUE, PROBABILITIES)
    assert titles(figure) == ["0, not 2 (99%)", "0, not 1 (60%)", "2, not 1 (50%)"]
    pixels = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(pixels, np.rint(255 * np.arange(6).reshape(2, 3) / 5))


def test_names_and_a_smaller_number() -> None:
    names = ["cat", "dog", "cow"]
    figure = worst_mistakes(PICTURES, TRUE, PROBABILITIES, count=1, class_names=names)
    assert titles(figure) == ["cat, not cow (99%)"]


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_two_classes_may_have_one_probability(shape) -> None:
    second = np.array([0.9, 0.2, 0.6, 0.4]).reshape(shape)
    figure = worst_mistakes(PICTURES, np.array([0, 1, 1, 0]), second)
    assert titles(figure) == ["0, not 1 (90%)", "1, not 0 (80%)"]


def test_no_mistakes_are_said_in_words() -> None:
    figure = worst_mistakes(PICTURES, np.array([0, 1, 2, 1]), PROBABILITIES)
    assert "No mistakes." in figure_to_svg(figure)


def test_messages() -> None:
    with pytest.raises(ShapeError, match=r"expected predictions of shape \(4, k\), got \(2, 3\)\."):
        worst_mistakes(PICTURES, TRUE, PROBABILITIES[:2])
    with pytest.raises(ShapeError, match=r"expected 4 labels, got 2\."):
        worst_mistakes(PICTURES, TRUE[:2], PROBABILITIES)
    with pytest.raises(ShapeError, match=r"expected 3 class_names, got 1\."):
        worst_mistakes(PICTURES, TRUE, PROBABILITIES, class_names=["a"])
    with pytest.raises(DataError, match=r"labels: expected integers from 0 to 2, got 5\."):
        worst_mistakes(PICTURES, TRUE + 5, PROBABILITIES)
    with pytest.raises(DataError, match="expected finite probabilities, got NaN or infinity"):
        worst_mistakes(PICTURES, TRUE, PROBABILITIES * np.nan)
    with pytest.raises(ArgumentError, match="count to be an integer >= 1, got 0"):
        worst_mistakes(PICTURES, TRUE, PROBABILITIES, count=0)
