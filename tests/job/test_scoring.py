"""Scores against scikit-learn's, baselines, and the worst mistakes in their order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as oracle

from lernwerk.job.fitting import CosineRate
from lernwerk.job.request import Request
from lernwerk.job.run import train
from lernwerk.job.scoring import errors


def test_measures_of_a_regression_are_those_of_scikit_learn():
    random = np.random.default_rng(1)
    true, predicted = random.normal(size=50), random.normal(size=50)
    found = errors(true, predicted)
    assert found["r2"] == pytest.approx(oracle.r2_score(true, predicted))
    assert found["mae"] == pytest.approx(oracle.mean_absolute_error(true, predicted))
    assert found["rmse"] == pytest.approx(oracle.root_mean_squared_error(true, predicted))
    assert math.isnan(errors(np.ones(3), np.zeros(3))["r2"])


@pytest.mark.parametrize("data", ["iris", "diabetes"])
def test_an_outcome_agrees_with_itself(data, tmp_path):
    request = Request(data, epochs=2, out=str(tmp_path / "out"))
    outcome, _ = train(request, announce=lambda line: None, verbose=0)
    assert sum(outcome.split.values()) == outcome.rows
    assert len(outcome.true) == len(outcome.predicted) == outcome.split["held back"]
    if data == "iris":
        right = (outcome.true == outcome.predicted).mean()
        assert outcome.scores == {"accuracy": pytest.approx(right)}
        sure = [mistake.probability for mistake in outcome.examples]
        assert len(sure) == min(24, int((outcome.true != outcome.predicted).sum()))
        assert sure == sorted(sure, reverse=True)
    else:
        assert outcome.scores == errors(outcome.true, outcome.predicted)
        size = [abs(mistake.error) for mistake in outcome.examples]
        assert size == sorted(size, reverse=True)
        largest = np.abs(outcome.predicted - outcome.true).max()
        assert size[0] == pytest.approx(largest)


def test_the_rate_falls_along_half_a_cosine():
    class Model:
        class optimizer:
            learning_rate = 0.0

    callback = CosineRate(0.1, 4)
    callback.set_model(Model)
    rates = []
    for epoch in range(5):
        callback.on_epoch_begin(epoch)
        rates.append(Model.optimizer.learning_rate)
    assert rates == pytest.approx([0.1, 0.0853553, 0.05, 0.0146447, 0.0], abs=1e-6)
