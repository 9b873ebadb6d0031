"""Kohonen's map: its rule by hand, its measures by plain loops, its order."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import SelfOrganizingMap
from lernwerk.errors import ArgumentError, DataError, UsageError


@pytest.fixture(scope="module")
def colours():
    return np.random.default_rng(1).random((300, 3))


@pytest.fixture(scope="module")
def sheet(colours):
    return SelfOrganizingMap(8, 6).fit(colours, 3000)


def test_one_step_by_hand():
    sheet = SelfOrganizingMap(1, 3, rate=0.5)
    sheet.weights = np.array([[[0.0], [1.0], [3.0]]])
    sheet.learn(np.array([2.8]), 0.0)
    near = np.exp(-np.array([4, 1, 0]) / (2 * 1.5**2))
    np.testing.assert_allclose(
        sheet.weights[0, :, 0], [0 + 0.5 * near[0] * 2.8, 1 + 0.5 * near[1] * 1.8, 3 - 0.5 * 0.2]
    )


def test_the_cell_of_an_input_is_the_nearest(sheet, colours):
    for x, (row, column) in zip(colours[:50], sheet.predict(colours[:50]), strict=True):
        apart = np.linalg.norm(sheet.weights - x, axis=2)
        assert apart[row, column] == apart.min()


def test_the_errors_by_loops(sheet, colours):
    apart, folds = [], 0
    for x in colours:
        distances = np.linalg.norm(sheet.weights - x, axis=2).ravel()
        first, second = np.argsort(distances)[:2]
        apart.append(distances[first])
        folds += max(abs(first // 6 - second // 6), abs(first % 6 - second % 6)) > 1
    assert sheet.quantization_error(colours) == pytest.approx(np.mean(apart))
    assert sheet.topographic_error(colours) == pytest.approx(folds / len(colours))


def test_order_comes_by_learning(sheet, colours):
    before = SelfOrganizingMap(8, 6).start(colours)
    assert sheet.topographic_error(colours) < 0.1 < 0.5 < before.topographic_error(colours)


def test_the_u_matrix_by_hand():
    sheet = SelfOrganizingMap(2, 2)
    sheet.weights = np.array([[[0.0], [1.0]], [[4.0], [9.0]]])
    np.testing.assert_allclose(sheet.u_matrix(), [[2.5, 4.5], [4.5, 6.5]])


def test_the_same_seed_the_same_map(colours):
    one, other = (SelfOrganizingMap(4, 4, seed=7).fit(colours, 200) for _ in range(2))
    np.testing.assert_array_equal(one.weights, other.weights)


def test_the_pictures(sheet):
    assert len(sheet.picture().axes) == 2
    plain = SelfOrganizingMap(3, 3).fit(np.random.default_rng(2).random((20, 2)), 50)
    assert len(plain.picture().axes) == 1


def test_messages(colours):
    with pytest.raises(
        ArgumentError, match=r"^SelfOrganizingMap: expected rate to be a number > 0"
    ):
        SelfOrganizingMap(2, 2, rate=0)
    with pytest.raises(
        DataError, match=r"^SelfOrganizingMap.fit: expected at least one row, got no"
    ):
        SelfOrganizingMap(2, 2).fit(np.zeros((0, 3)))
    with pytest.raises(UsageError, match=r"^SelfOrganizingMap: expected something learned"):
        SelfOrganizingMap(2, 2).predict(colours)
