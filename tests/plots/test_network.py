"""The diagram of a network: one line for each weight, its colour the sign, its width the size."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle

from lernwerk import Input, Sequential, layers
from lernwerk.errors import ArgumentError, ShapeError, UsageError
from lernwerk.plots import network_diagram
from lernwerk.plots.palette import NEGATIVE, POSITIVE

FIRST = np.array([[1.0, -2.0, 0.5], [0.25, 4.0, -1.0]])
SECOND = np.array([[-4.0], [2.0], [0.0]])


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def circles(figure) -> list[Circle]:
    return [patch for patch in figure.axes[0].patches if patch.radius > 0.1]


def test_every_weight_is_a_line_as_wide_as_it_is_large() -> None:
    first, second = network_diagram([2, 3, 1], [FIRST, SECOND]).axes[0].collections
    widths = np.array(first.get_linewidths())
    np.testing.assert_allclose(widths, 0.15 + 3.05 * np.abs(FIRST).ravel() / 4)
    np.testing.assert_allclose(second.get_linewidths(), 0.15 + 3.05 * np.abs(SECOND).ravel() / 4)


def test_the_colour_is_the_sign() -> None:
    first = network_diagram([2, 3, 1], [FIRST, SECOND]).axes[0].collections[0]
    wanted = [to_rgba(POSITIVE if w > 0 else NEGATIVE, 0.85) for w in FIRST.ravel()]
    np.testing.assert_allclose(first.get_colors(), wanted)


def test_the_scale_is_written_below() -> None:
    (legend,) = network_diagram([2, 3, 1], [FIRST, SECOND]).legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "positive weight", "negative weight", "thickest line: 4",
    ]  # fmt: skip
    assert not network_diagram([2, 3, 1]).legends


def test_the_weights_of_a_model_are_its_kernels() -> None:
    model = Sequential([
        Input((4,)), layers.Rescaling(2.0), layers.Dense(3, activation="relu", name="hidden"),
        layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2, name="last"),
    ])  # fmt: skip
    figure = network_diagram(model)
    kernels = [model.get_layer(name).kernel.numpy() for name in ("hidden", "last")]
    largest = max(np.abs(kernel).max() for kernel in kernels)
    for lines, kernel in zip(figure.axes[0].collections, kernels, strict=True):
        wanted = 0.15 + 3.05 * np.abs(kernel).ravel() / largest
        np.testing.assert_allclose(lines.get_linewidths(), wanted, rtol=1e-6)
    assert texts(figure) == ["inputs", "hidden\nrelu", "last\nlinear"]


def test_a_large_layer_is_abbreviated_and_says_its_size() -> None:
    weights = np.arange(100.0 * 2).reshape(100, 2)
    figure = network_diagram([100, 2], [weights], most=5)
    assert len(circles(figure)) == 4 + 2
    shown = weights[[0, 1, 98, 99]]
    widths = figure.axes[0].collections[0].get_linewidths()
    np.testing.assert_allclose(widths, 0.15 + 3.05 * shown.ravel() / weights.max())
    assert texts(figure) == ["inputs\n100", "outputs"]


def test_texts_stand_in_the_neurons_and_beside_them() -> None:
    figure = network_diagram([2, 1], texts=[["1", "0"], ["t=2"]], inputs=["a", "b"], outputs=["y"])
    assert {"1", "0", "t=2", "a", "b", "y"} <= set(texts(figure))


def test_hidden_layers_are_numbered_where_there_are_several() -> None:
    assert texts(network_diagram([1, 1, 1])) == ["inputs", "hidden", "outputs"]
    assert texts(network_diagram([1, 1, 1, 1]))[1:3] == ["hidden 1", "hidden 2"]


def test_weights_that_are_not_finite_are_drawn_as_the_largest() -> None:
    weights = np.array([[np.inf, 1.0, np.nan]])
    lines = network_diagram([1, 3], [weights]).axes[0].collections[0]
    assert max(lines.get_linewidths()) == pytest.approx(3.2)


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (([2],), ArgumentError, "expected the sizes of two or more layers, got [2]. "
                                "network_diagram([2, 3, 1])"),
        (([2, 0],), ArgumentError, "the sizes of two or more layers, got [2, 0]"),
        (([2, 3], [FIRST.T]), ShapeError, "expected weights of shapes (2, 3), got (3, 2)."),
        (([2, 3, 1], [FIRST]), ShapeError, "of shapes (2, 3), (3, 1), got (2, 3)."),
    ],
)  # fmt: skip
def test_sizes_and_weights_that_do_not_fit(arguments, kind, message: str) -> None:
    with pytest.raises(kind) as caught:
        network_diagram(*arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"texts": [["a"]]}, "expected 2 lists of texts, got 1."),
        ({"texts": [["a"], ["b"]]}, "expected 2 texts[0], got 1."),
        ({"inputs": ["a"]}, "expected 2 inputs, got 1."),
        ({"outputs": ["a", "b"]}, "expected 1 outputs, got 2."),
    ],
)
def test_labels_that_do_not_fit(keywords, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        network_diagram([2, 1], **keywords)
    assert message in str(caught.value)


def test_models_that_are_not_dense_or_not_built() -> None:
    picture = Sequential([Input((8, 8, 1)), layers.Conv2D(2, 3, name="c"), layers.Flatten()])
    with pytest.raises(ArgumentError) as foreign:
        network_diagram(picture)
    assert str(foreign.value) == (
        "network_diagram: expected a model of dense layers, got c (Conv2D). "
        "lernwerk.plots.plot_model(model) draws any model."
    )
    with pytest.raises(UsageError) as unbuilt:
        network_diagram(Sequential([layers.Dense(2)], name="net"))
    assert str(unbuilt.value) == (
        "network_diagram: expected a built model, or the sizes of its layers, got net. "
        "Begin the model with Input(shape=...), or give sizes: [2, 3, 1]."
    )
    with pytest.raises(ArgumentError, match=r"most to be an integer >= 3, got 2"):
        network_diagram([2, 1], most=2)


def test_dense_layers_that_do_not_follow_each_other_are_refused() -> None:
    model = Sequential([
        Input((4,)), layers.Dense(4), layers.Reshape((2, 2)), layers.Dense(3, name="inner"),
    ])  # fmt: skip
    with pytest.raises(ShapeError, match=r"expected 4 inputs to inner, got 2\."):
        network_diagram(model)
