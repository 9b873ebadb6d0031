"""Principal components against scikit-learn's, and the map of them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lernwerk.errors import DataError, ShapeError
from lernwerk.plots import embedding_map, figure_to_svg, principal_components

VECTORS = np.random.default_rng(0).normal(size=(40, 6)) * [5, 3, 1, 1, 1, 0.1]


def test_components_are_those_of_sklearn() -> None:
    found, shares = principal_components(VECTORS, 3)
    oracle = PCA(3, svd_solver="full").fit(VECTORS)
    np.testing.assert_allclose(np.abs(found), np.abs(oracle.transform(VECTORS)), atol=1e-10)
    np.testing.assert_allclose(shares, oracle.explained_variance_ratio_)


def test_signs_do_not_depend_on_chance() -> None:
    found, _shares = principal_components(VECTORS)
    flipped, _shares = principal_components(VECTORS[::-1])
    np.testing.assert_allclose(found, flipped[::-1])
    assert (found[np.abs(found).argmax(axis=0), [0, 1]] > 0).all()


def test_points_are_drawn_by_class_with_their_share_of_the_variance() -> None:
    labels = np.arange(40) % 3
    axes = embedding_map(VECTORS, labels).axes[0]
    points, shares = principal_components(VECTORS)
    for line in axes.get_lines():
        np.testing.assert_allclose(line.get_xydata(), points[labels == int(line.get_label())])
    assert axes.get_xlabel() == f"component 1: {shares[0]:.0%} of the variance"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "2"]


def test_words_stand_beside_their_points() -> None:
    words = [f"word {i}" for i in range(40)]
    axes = embedding_map(VECTORS, words=words).axes[0]
    points, _shares = principal_components(VECTORS)
    assert [text.get_text() for text in axes.texts] == words
    np.testing.assert_allclose([text.xy for text in axes.texts], points)


def test_equal_vectors_and_many_classes_are_drawn() -> None:
    figure_to_svg(embedding_map(np.ones((3, 4))))
    figure = embedding_map(np.random.default_rng(0).normal(size=(80, 3)), np.arange(80))
    assert figure.axes[0].get_legend() is None


def test_messages() -> None:
    with pytest.raises(ShapeError, match=r"expected 2 or more vectors, and numbers in each, got"):
        principal_components(np.ones((1, 4)))
    with pytest.raises(DataError, match="expected finite numbers, got NaN or infinity"):
        principal_components(np.full((3, 3), np.nan))
    with pytest.raises(ShapeError, match=r"embedding_map: expected 40 labels, got 2\."):
        embedding_map(VECTORS, [0, 1])
    with pytest.raises(ShapeError, match=r"embedding_map: expected 40 words, got 1\."):
        embedding_map(VECTORS, words=["a"])
