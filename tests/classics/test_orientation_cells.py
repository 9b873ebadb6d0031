"""Orientation cells: the sheet of the paper, and that it organises itself."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import OrientationCells, orientation_cells
from lernwerk.errors import ArgumentError, ShapeError


def test_the_sheet_is_that_of_the_paper() -> None:
    cells = OrientationCells()
    assert (len(cells.places), len(cells.retina)) == (169, 19)
    np.testing.assert_array_equal(cells.bars().sum(axis=1), 7)
    middle = int(np.flatnonzero((cells.places == 0).all(axis=1))[0])
    neighbours = [np.count_nonzero(each[middle]) for each in (
        cells.excitation, cells.passed_on, cells.inhibition)]  # fmt: skip
    assert neighbours == [6, 7, 12]
    np.testing.assert_allclose(cells.weights.sum(axis=1), 19 * 0.25)


def test_a_sheet_that_has_learned_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = OrientationCells(seed=1)
    bars = cells.bars()
    answers = cells.fit(bars, epochs=20).predict(bars)
    monkeypatch.setattr(orientation_cells, "TIME", 100.0)
    assert np.corrcoef(answers.ravel(), cells.predict(bars).ravel())[0, 1] > 0.99


def test_it_organises_itself() -> None:
    cells = OrientationCells(seed=2)
    bars = cells.bars()
    before, sharp_before = cells.preferences()
    cells.fit(bars, epochs=20)
    after, sharp_after = cells.preferences()
    assert np.rad2deg(cells.disorder(before)) == pytest.approx(45, abs=4)
    assert np.rad2deg(cells.disorder(after)) < 36
    assert np.median(sharp_after) > 3 * np.median(sharp_before)
    np.testing.assert_allclose(cells.weights.sum(axis=1), 19 * 0.25)


def test_a_cell_that_answers_one_bar_alone_is_sharp() -> None:
    answers = np.zeros((9, 2))
    answers[4, 0] = answers[:, 1] = 1
    angles, sharpness = OrientationCells().preferences(answers)
    assert np.rad2deg(angles[0]) == pytest.approx(90)
    np.testing.assert_allclose(sharpness, [1, 0], atol=1e-12)


def test_the_same_seed_is_the_same_sheet() -> None:
    one, other = (OrientationCells(seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.fit(one.bars(), 1).weights, other.fit(one.bars(), 1).weights)


def test_messages() -> None:
    with pytest.raises(ShapeError) as caught:
        OrientationCells().predict([[1.0]])
    assert str(caught.value) == (
        "OrientationCells.predict: expected rows of shape (rows, 19), got (1, 1)."
    )
    with pytest.raises(ArgumentError, match=r"learning_rate to be a number >= 0, got -1"):
        OrientationCells(learning_rate=-1)


def test_picture() -> None:
    assert len(OrientationCells().picture().axes[0].collections) == 2
