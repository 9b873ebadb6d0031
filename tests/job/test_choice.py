"""Which network for which data: rules, reasons, overrides."""

from __future__ import annotations

import pytest

from lernwerk.errors import ArgumentError
from lernwerk.job.choice import NETWORKS, Problem, choose
from lernwerk.layers import LSTM, Conv2D, Dense, Rescaling


@pytest.mark.parametrize(
    ("problem", "model"),
    [
        (Problem("table", 400, (12,), "regression", 0), "dense"),
        (Problem("pictures", 1168, (8, 8, 1), "classification", 10), "cnn"),
        (Problem("pictures", 51000, (28, 28, 1), "classification", 10), "small_cnn"),
        (Problem("pictures", 900000, (28, 28, 1), "classification", 10), "small_cnn"),
        (Problem("pictures", 100, (4, 9, 1), "classification", 10), "dense"),
        (Problem("arrays", 500, (20, 3), "classification", 2), "lstm"),
        (Problem("arrays", 500, (16, 16, 2), "regression", 0), "cnn"),
        (Problem("arrays", 500, (2, 3, 2, 4), "classification", 2), "dense"),
    ],
)
def test_rule(problem, model):
    choice = choose(problem)
    assert choice.model == model
    assert choice.reasons[0][0] == "network" and choice.reasons[0][1].startswith(f"{model}: ")
    net = choice.build()
    assert net.output_shape == (None, problem.outputs)
    last = net.layers[-1]
    assert isinstance(last, Dense)
    assert last.activation.__name__ == ("linear" if problem.task == "regression" else "softmax")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_built_for_the_shapes_it_claims(name):
    for axes in NETWORKS[name][0]:
        shape = {1: (5,), 2: (6, 5), 3: (8, 8, 1)}.get(axes, (2,) * axes)
        net = choose(Problem("pictures", 100, shape, "classification", 3), name).build()
        assert net.output_shape == (None, 3)


def test_only_pictures_are_rescaled():
    for kind, expected in (("pictures", True), ("arrays", False)):
        net = choose(Problem(kind, 100, (8, 8, 1), "classification", 3)).build()
        assert any(isinstance(layer, Rescaling) for layer in net.layers) is expected
        assert any(isinstance(layer, Conv2D) for layer in net.layers)


def test_sequences_are_read_step_by_step():
    net = choose(Problem("arrays", 100, (6, 2), "regression", 0)).build()
    assert isinstance(net.layers[0], LSTM)


@pytest.mark.parametrize("rows", [4, 60, 1000, 51000, 10**6])
def test_settings_stay_within_their_bounds(rows):
    settings = choose(Problem("table", rows, (3,), "regression", 0)).settings
    assert 16 <= settings.batch_size <= 128
    assert 20 <= settings.epochs <= 150
    assert settings.patience >= 5


def test_unknown_and_unsuitable_names():
    problem = Problem("table", 100, (3,), "regression", 0)
    with pytest.raises(ArgumentError) as caught:
        choose(problem, "zigzag")
    assert str(caught.value) == (
        "--model: expected the name of a network or a Python file, got 'zigzag'. "
        "Known: cnn, dense, linear, lstm, small_cnn."
    )
    with pytest.raises(ArgumentError) as caught:
        choose(problem, "cnn")
    assert str(caught.value) == (
        "--model: expected a network for rows of shape (3,), got 'cnn'. These suit: linear, dense."
    )
