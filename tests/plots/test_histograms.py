"""Weights and gradients through training: what is recorded, and what is drawn of it."""

from __future__ import annotations

import numpy as np
import pytest

from lernwerk import Input, Sequential, gradient, layers, losses
from lernwerk.errors import ArgumentError, DataError, UsageError
from lernwerk.plots import (
    Recorder,
    figure_to_svg,
    gradient_histograms,
    gradient_norms,
    layer_gradients,
    weight_histograms,
)
from lernwerk.plots.histograms import densities, norm

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3)).astype(np.float32)
Y = RANDOM.normal(size=(40, 2)).astype(np.float32)


def network() -> Sequential:
    model = Sequential([
        Input((3,)), layers.Dense(4, activation="tanh", name="hidden"), layers.Dropout(0.2),
        layers.Dense(2, name="last"),
    ])  # fmt: skip
    model.compile("adam", "mse")
    return model


@pytest.fixture
def recorded() -> Recorder:
    model, recorder = network(), Recorder(X, Y)
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[recorder])
    return recorder


def test_weights_are_recorded_before_and_after_each_epoch() -> None:
    model, recorder = network(), Recorder()
    before = [model.get_layer(name).kernel.numpy() for name in ("hidden", "last")]
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[recorder])
    assert recorder.epochs == [0, 1, 2, 3, 4]
    for kernel, name in zip(before, ("hidden", "last"), strict=True):
        np.testing.assert_array_equal(recorder.weights[0][name], kernel.ravel())
        after = model.get_layer(name).kernel.numpy()
        np.testing.assert_array_equal(recorder.weights[-1][name], after.ravel())
    assert list(recorder.gradients[0]) == ["hidden", "last"]


def test_every_third_epoch_and_anew_with_each_training() -> None:
    model, recorder = network(), Recorder(every=3)
    for _ in range(2):
        model.fit(X, Y, epochs=7, verbose=0, callbacks=[recorder])
        assert recorder.epochs == [0, 3, 6]


def test_recording_changes_nothing() -> None:
    from lernwerk.utils import set_random_seed

    ends = []
    for callbacks in ([], [Recorder()]):
        set_random_seed(3)
        model = network()
        history = model.fit(X, Y, epochs=3, verbose=0, callbacks=callbacks)
        ends.append((history.history["loss"], *model.get_weights()))
    for plain, watched in zip(*ends, strict=True):
        np.testing.assert_array_equal(plain, watched)


def test_gradients_are_those_of_the_loss() -> None:
    model = Sequential(
        [Input((3,)), layers.Dense(2, name="only"), layers.BatchNormalization(name="scaled")]
    )
    model.compile("sgd", "mse")
    kernel = model.get_layer("only").kernel
    loss = losses.MeanSquaredError()(Y, model(X, training=True))
    (wanted,) = gradient(loss, [kernel])
    found = layer_gradients(model, X, Y)
    assert wanted is not None
    np.testing.assert_allclose(found["only"], wanted.numpy().ravel(), rtol=1e-4, atol=1e-7)
    assert found["scaled"].shape == (2,)  # gamma alone; beta is a bias


def test_histograms_are_numpys(recorded: Recorder) -> None:
    edges, shares = densities([np.arange(10.0), np.array([0.0, 9.0, np.nan])], 5)
    np.testing.assert_allclose(edges, np.linspace(0, 9, 6))
    np.testing.assert_allclose(shares, [[0.2] * 5, [0.5, 0, 0, 0, 0.5]])
    axes = weight_histograms(recorded).axes[0]
    arrays = [each["hidden"] for each in recorded.weights]
    edges, shares = densities(arrays, 12)
    lines = axes.get_lines()
    assert len(lines) == 4
    for row, (line, heights) in enumerate(zip(lines, shares, strict=True)):
        np.testing.assert_allclose(line.get_xdata(), (edges[1:] + edges[:-1]) / 2)
        wanted = 3 - row + 2.6 * heights / shares.max()
        np.testing.assert_allclose(line.get_ydata(), wanted)
    assert list(axes.get_yticks()) == [3, 2, 1, 0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0", "1", "2", "3"]


def test_layers_have_panels(recorded: Recorder) -> None:
    figure = gradient_histograms(recorded)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["hidden", "last"]
    (axes,) = gradient_histograms(recorded, layers=["last"]).axes
    assert axes.get_xlabel() == "gradient"


def test_plain_arrays_will_do_and_many_times_are_thinned() -> None:
    arrays = [RANDOM.normal(size=(5, 5)) for _ in range(100)]
    axes = weight_histograms({"w": arrays}).axes[0]
    assert len(axes.get_lines()) == 14
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert (labels[0], labels[-1]) == ("0", "99")
    figure_to_svg(weight_histograms({"w": [np.zeros(4)], "v": [np.full(3, np.nan)]}))


def test_norms_of_layers() -> None:
    assert norm([3.0, 4.0]) == 5.0
    assert norm(2.0) == 2.0
    axes = gradient_norms({"first": np.full((2, 2), 3.0), "second": 0.5}).axes[0]
    (line,) = axes.get_lines()
    assert list(line.get_ydata()) == [6.0, 0.5]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["first", "second"]
    assert axes.get_yscale() == "log"


def test_norms_of_several_networks_and_of_nothing() -> None:
    networks = {"sigmoid": {"1": 1e-9, "2": 1e-3}, "relu": {"1": 0.0, "2": 2.0}}
    lines = gradient_norms(networks).axes[0].get_lines()
    assert [line.get_label() for line in lines] == ["sigmoid", "relu"]
    np.testing.assert_array_equal(lines[1].get_ydata(), [np.nan, 2.0])


def test_norms_through_a_training(recorded: Recorder) -> None:
    axes = gradient_norms(recorded).axes[0]
    lines = {line.get_label(): line for line in axes.get_lines()}
    wanted = [np.sqrt((each["last"] ** 2).sum()) for each in recorded.gradients]
    np.testing.assert_allclose(lines["last"].get_ydata(), wanted)
    assert list(lines["last"].get_xdata()) == [0, 1, 2, 3]
    assert axes.get_xlabel() == "epoch"


def test_messages(recorded: Recorder) -> None:
    with pytest.raises(DataError) as nothing:
        weight_histograms(Recorder())
    assert str(nothing.value) == (
        "weight_histograms: expected recorded weights, got none. "
        "model.fit(x, y, callbacks=[recorder])"
    )
    with pytest.raises(
        ArgumentError, match="expected a Recorder, or a dict of lists of arrays, got"
    ):
        gradient_histograms([1])
    with pytest.raises(ArgumentError, match=r"known layer, got 'lst'\. Did you mean 'last'"):
        weight_histograms(recorded, layers=["lst"])
    with pytest.raises(DataError, match=r"as many arrays for each layer, got \[1, 2\]"):
        weight_histograms({"a": [X], "b": [X, X]})
    with pytest.raises(ArgumentError, match="expected a dict of gradients or a Recorder, got list"):
        gradient_norms([1.0])
    with pytest.raises(ArgumentError, match="every to be an integer >= 1, got 0"):
        Recorder(every=0)
    with pytest.raises(UsageError) as raw:
        layer_gradients(Sequential([Input((3,)), layers.Dense(2)], name="net"), X, Y)
    assert str(raw.value) == (
        "layer_gradients: expected a compiled model, got net. "
        "model.compile(optimizer='adam', loss='mse')"
    )
