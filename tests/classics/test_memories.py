"""Lernmatrix and linear associator: recall both ways, the capacity and the crosstalk of theory."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import Lernmatrix, LinearAssociator, cosine, letters
from lernwerk.errors import ArgumentError, DataError, ShapeError, UsageError

LETTERS, MEANINGS = letters().reshape(26, -1), np.eye(26, dtype=bool)


def test_letters_are_recalled_both_ways() -> None:
    matrix = Lernmatrix(35, 26, both_signs=True).fit(LETTERS, MEANINGS)
    np.testing.assert_array_equal(matrix.predict(LETTERS), MEANINGS)
    np.testing.assert_array_equal(matrix.features_of(MEANINGS), LETTERS)
    assert matrix.filled == 0.5  # of the two wires of a feature one is closed in each row


def test_without_a_second_wire_a_pattern_inside_another_is_both() -> None:
    matrix = Lernmatrix(3, 2).fit([[1, 1, 0], [1, 1, 1]], [[1, 0], [0, 1]])
    np.testing.assert_array_equal(matrix.predict([[1, 1, 0], [1, 1, 1]]), [[1, 1], [0, 1]])


def test_recall_is_the_nearest_pattern() -> None:
    random = np.random.default_rng(0)
    matrix = Lernmatrix(35, 26, both_signs=True).fit(LETTERS, MEANINGS)
    spoiled = LETTERS ^ (random.random(LETTERS.shape) < 0.1)
    apart = (spoiled[:, None] != LETTERS).sum(axis=-1)
    expected = apart == apart.min(axis=1, keepdims=True)
    np.testing.assert_array_equal(matrix.predict(spoiled), expected)


def test_learning_in_parts_is_learning_at_once() -> None:
    one = Lernmatrix(35, 26).fit(LETTERS, MEANINGS)
    other = Lernmatrix(35, 26)
    for part in np.array_split(np.arange(26), 5):
        other.learn(LETTERS[part], MEANINGS[part])
    np.testing.assert_array_equal(one.crossings, other.crossings)


def test_the_share_of_closed_crossings() -> None:
    random = np.random.default_rng(1)
    n, k, pairs = 200, 6, 700
    patterns = np.zeros((2 * pairs, n), dtype=bool)
    for pattern in patterns:
        pattern[random.choice(n, k, replace=False)] = True
    matrix = Lernmatrix(n, n).fit(patterns[:pairs], patterns[pairs:])
    assert matrix.filled == pytest.approx(1 - (1 - (k / n) ** 2) ** pairs, abs=0.01)
    assert (matrix.predict(patterns[:pairs]) >= patterns[pairs:]).all(), "nothing is forgotten"


def test_nothing_flows_nothing_lights() -> None:
    assert not Lernmatrix(3, 2).predict([[1, 0, 1]]).any()


def test_keys_at_right_angles_are_exact() -> None:
    random = np.random.default_rng(2)
    keys, answers = np.linalg.qr(random.normal(size=(30, 30)))[0], random.normal(size=(30, 8))
    for rule in ("correlation", "projection"):
        found = LinearAssociator(rule).fit(keys, answers).predict(keys)
        np.testing.assert_allclose(found, answers, atol=1e-12)


def test_projection_is_least_squares() -> None:
    random = np.random.default_rng(3)
    for rows in (10, 40):
        x, y = random.normal(size=(rows, 20)), random.normal(size=(rows, 4))
        best = np.linalg.lstsq(x, y, rcond=None)[0]
        np.testing.assert_allclose(LinearAssociator("projection").fit(x, y).weights, best)


def test_crosstalk_is_that_of_theory() -> None:
    random = np.random.default_rng(4)
    keys, answers = random.normal(size=(2, 200, 400))
    recalled = LinearAssociator().fit(keys, answers).predict(keys)
    theory = 1 / np.sqrt(1 + 199 / 400)
    assert cosine(recalled, answers).mean() == pytest.approx(theory, abs=0.01)


def test_messages() -> None:
    with pytest.raises(DataError) as caught:
        Lernmatrix(2, 2).learn([[0, 2]], [[0, 1]])
    assert str(caught.value) == (
        "Lernmatrix.learn: expected 0 or 1 everywhere, got 2. Try x > threshold."
    )
    with pytest.raises(ArgumentError, match=r"a known rule, got 'hebb'\. Known: correlation, proj"):
        LinearAssociator("hebb")
    with pytest.raises(ShapeError) as shape:
        LinearAssociator().fit([[1.0], [2.0]], [[1.0]])
    assert str(shape.value) == "LinearAssociator.fit: expected 2 answers, got 1."
    with pytest.raises(UsageError, match=r"something learned, got nothing\. Call fit first\."):
        LinearAssociator().predict([[1.0]])


def test_pictures() -> None:
    matrix = Lernmatrix(35, 26).fit(LETTERS, MEANINGS)
    assert matrix.picture().axes[0].images[0].get_array().shape == (26, 35)
    assert LinearAssociator().fit(np.eye(3)).picture().axes[0].images
