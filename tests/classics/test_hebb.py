"""Hebb's rule: sums of products, and the eigenvector as SciPy's and scikit-learn's say it is."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lernwerk.classics import HebbianCells, cosine
from lernwerk.errors import ArgumentError, ShapeError


def test_forced_answers_leave_the_sum_of_products() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 5)), random.normal(size=(20, 3))
    cells = HebbianCells(inputs=5, cells=3, learning_rate=0.5).fit(x, y, epochs=2)
    np.testing.assert_allclose(cells.weights, 2 * 0.5 * y.T @ x)


def test_conditioning() -> None:
    dog = HebbianCells(inputs=2, learning_rate=0.2, threshold=0.5)
    dog.weights[0] = [1, 0]
    np.testing.assert_array_equal(dog.learn([[0, 1], [1, 1], [1, 1], [1, 1]])[:, 0], [0, 1, 1, 1])
    assert dog.predict([[0, 1]])[0, 0] == 1


def test_weights_of_constant_length_find_the_first_principal_component() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(2000, 4)) * [3, 1, 1, 0.5] @ np.linalg.qr(random.normal(size=(4, 4)))[0]
    x -= x.mean(axis=0)
    cells = HebbianCells(inputs=4, cells=2, learning_rate=0.001, normalized=True).fit(x, epochs=3)
    first = PCA(1).fit(x).components_[0]
    assert np.abs(cosine(cells.weights, first)).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(cells.weights, axis=1), 1)


def test_messages() -> None:
    with pytest.raises(ArgumentError, match=r"HebbianCells: expected cells to be an integer >= 1"):
        HebbianCells(inputs=2, cells=0)
    with pytest.raises(ShapeError) as caught:
        HebbianCells(inputs=2).predict([1, 2])
    assert str(caught.value) == (
        "HebbianCells.predict: expected rows of shape (rows, 2), got (2,)."
    )


def test_picture() -> None:
    assert HebbianCells(inputs=3, cells=2).picture().axes[0].images[0].get_array().shape == (2, 3)
