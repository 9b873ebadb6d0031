"""Models as estimators of scikit-learn, by scikit-learn's own tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lernwerk
from lernwerk import layers
from lernwerk.compat.scikit_learn import KerasClassifier, KerasRegressor
from lernwerk.errors import ArgumentError, UsageError

X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
NAMES = np.array(["a", "b"])[(X[:, 0] > 0).astype(int)]


def classifier(units: int = 2, loss: str = "sparse_categorical_crossentropy") -> Any:
    model = lernwerk.Sequential([layers.Dense(units, "softmax", input_shape=(3,))])
    model.compile("sgd" if units < 5 else "adam", loss)
    model.optimizer.learning_rate = 0.5
    return model


def regressor() -> Any:
    model = lernwerk.Sequential([layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.1
    return model


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_labels_of_any_kind(loss: str) -> None:
    estimator = KerasClassifier(classifier, loss=loss, epochs=20, verbose=0)
    history = estimator.fit(X, NAMES)
    assert len(history.history["loss"]) == 20
    assert estimator.score(X, NAMES) > 0.9
    assert set(estimator.predict(X)) == {"a", "b"}
    np.testing.assert_allclose(estimator.predict_proba(X).sum(axis=1), 1, rtol=1e-5)


def test_cross_validation_and_grid_search() -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    estimator = KerasClassifier(build_fn=classifier, nb_epoch=5, verbose=0)
    assert selection.cross_val_score(estimator, X, NAMES, cv=2).mean() > 0.7
    search = selection.GridSearchCV(estimator, {"epochs": [1, 10]}, cv=2).fit(X, NAMES)
    assert search.best_params_ == {"epochs": 10}


def test_regression() -> None:
    y = X @ np.float32([1.0, -2.0, 0.5])
    estimator = KerasRegressor(regressor, epochs=30, verbose=0)
    estimator.fit(X, y)
    assert estimator.predict(X).shape == (60,)
    assert -0.05 < estimator.score(X, y) <= 0


def test_messages() -> None:
    with pytest.raises(ArgumentError) as caught:
        KerasClassifier(classifier, epoch=3)
    assert str(caught.value) == (
        "KerasClassifier: expected arguments of build_fn, fit, predict or evaluate, got 'epoch'."
        " Did you mean 'epochs'?"
    )
    with pytest.raises(UsageError) as unfitted:
        KerasRegressor(regressor).predict(X)
    assert str(unfitted.value) == (
        "KerasRegressor.predict: expected a fitted model, got none. Call fit(x, y) first."
    )
