"""k-means against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk.classics import KMeans
from lernwerk.errors import ArgumentError, DataError, UsageError


def blobs(seed, groups=4):
    random = np.random.default_rng(seed)
    return np.concatenate(
        [random.normal(random.random(2) * 8, 0.7, (40, 2)) for _ in range(groups)]
    )


@pytest.mark.parametrize("seed", range(4))
def test_as_good_as_scikit_learn(seed):
    cluster = pytest.importorskip("sklearn.cluster")
    x = blobs(seed)
    ours = KMeans(4, starts=20, seed=seed).fit(x)
    theirs = cluster.KMeans(4, n_init=20, random_state=seed).fit(x)
    assert ours.inertia <= theirs.inertia_ * (1 + 1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_centres_from_the_same_start(seed):
    cluster = pytest.importorskip("sklearn.cluster")
    x = blobs(seed)
    ours = KMeans(4, starts=1, seed=seed).fit(x)
    theirs = cluster.KMeans(4, init=ours.path[0], n_init=1, tol=0, algorithm="lloyd").fit(x)
    np.testing.assert_allclose(ours.centres, theirs.cluster_centers_, rtol=1e-9)
    np.testing.assert_array_equal(ours.predict(x), theirs.labels_)


def test_each_step_lowers_the_inertia_and_the_last_changes_nothing():
    x = blobs(5)
    model = KMeans(3, starts=1).fit(x)
    found = [np.min(((x[:, None] - c) ** 2).sum(axis=2), axis=1).sum() for c in model.path]
    assert np.all(np.diff(found) <= 1e-9)
    np.testing.assert_array_equal(model.path[-1], model.path[-2])
    nearest = model.predict(x)
    for number, centre in enumerate(model.centres):
        np.testing.assert_allclose(x[nearest == number].mean(axis=0), centre)


def test_as_many_clusters_as_rows():
    x = np.array([[0.0, 0], [1, 1], [5, 5]])
    model = KMeans(3).fit(x)
    assert model.inertia == 0
    assert sorted(model.predict(x)) == [0, 1, 2]


def test_messages():
    with pytest.raises(DataError) as caught:
        KMeans(3).fit([[1.0, 2], [1, 2], [3, 4]])
    assert str(caught.value) == "KMeans.fit: expected at least 3 different rows, got 2."
    with pytest.raises(
        ArgumentError, match=r"^KMeans: expected clusters to be an integer >= 1, got 0"
    ):
        KMeans(0)
    with pytest.raises(
        UsageError, match=r"^KMeans.predict: expected something learned, got nothing"
    ):
        KMeans(2).predict([[1.0]])


def test_the_picture():
    (axes,) = KMeans(2).fit(blobs(6, 2)).picture().axes
    assert sum(len(line.get_xdata()) for line in axes.lines) == 80 + 2
