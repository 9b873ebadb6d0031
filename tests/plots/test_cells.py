"""Convolution, padding and pooling cell by cell, against SciPy and Lernwerk's own layers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from lernwerk import layers
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.plots import convolution_steps, padding_steps, pooling_steps
from lernwerk.plots.cell_drawing import number_text
from lernwerk.plots.cells import _padded, convolved, pooled

X = np.array([[1, 2, 0, 3], [4, 1, 1, 0], [0, 2, 5, 1], [3, 0, 1, 2]])
W = np.array([[1, 0], [0, -1]])


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def numbers(matrix) -> list[str]:
    return [number_text(value) for value in np.ravel(matrix)]


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2])
def test_results_are_those_of_the_layer(padding: str, strides: int) -> None:
    kernel = np.arange(9.0).reshape(3, 3) - 4
    x = np.random.default_rng(0).random((7, 6))
    layer = layers.Conv2D(1, 3, strides=strides, padding=padding, use_bias=False, dtype="float64")
    layer.build((None, 7, 6, 1))
    layer.set_weights([kernel[:, :, None, None]])
    wanted = layer(x[None, :, :, None]).numpy()[0, :, :, 0]
    found = convolved(_padded(x, (3, 3), padding, strides)[1], kernel, strides)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_pooling_is_that_of_the_layers() -> None:
    x = np.random.default_rng(0).random((7, 6))
    for kind, layer in {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}.items():
        wanted = layer((2, 2), strides=1, dtype="float64")(x[None, :, :, None]).numpy()[0, :, :, 0]
        np.testing.assert_allclose(pooled(x, 2, 1, kind), wanted)


def test_all_numbers_stand_in_their_cells() -> None:
    wanted = correlate2d(X, W, mode="valid")
    assert texts(convolution_steps(X, W)) == [
        "input", *numbers(X), "∗", "kernel", *numbers(W), "=", "result", *numbers(wanted), "",
    ]  # fmt: skip


def test_at_a_cell_the_later_ones_are_empty_and_the_sum_is_written_out() -> None:
    figure = convolution_steps(X, W, at=(1, 0))
    wanted = correlate2d(X, W, mode="valid")
    assert texts(figure)[-5:-1] == numbers([*wanted[0], wanted[1, 0]])
    assert texts(figure)[-1] == "4 · 1 + 2 · (−1) = 2"
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert [(round(p.get_width() / 0.42), round(p.get_height() / 0.42)) for p in frames] == [
        (2, 2), (1, 1),
    ]  # fmt: skip


def test_all_steps_have_one_size_for_a_film() -> None:
    x = np.random.default_rng(0).normal(size=(4, 4)).round(2) * 100
    steps = [convolution_steps(x, W * 3.25, at=place) for place in np.ndindex(3, 3)]
    assert len({tuple(figure.get_size_inches()) for figure in steps}) == 1


def test_padding_keeps_the_size_and_is_pale() -> None:
    found = texts(padding_steps(X, np.ones((3, 3))))
    assert 'padding "valid": 4 x 4' in found
    assert "result: 2 x 2" in found
    assert 'padding "same": 6 x 6' in found
    assert "result: 4 x 4" in found
    wanted = correlate2d(X, np.ones((3, 3)), mode="same")
    assert found[-17:-1] == numbers(wanted)


def test_the_largest_cell_of_each_window_has_a_frame_of_its_colour() -> None:
    figure = pooling_steps(X)
    assert texts(figure)[-5:-1] == ["4", "3", "3", "5"]
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    top = max(t.get_position()[1] for t in figure.axes[0].texts[1:5])
    cells = [(round((p.get_y() + 0.21 - top) / 0.42), round(p.get_x() / 0.42)) for p in frames]
    assert cells == [(1, 0), (0, 3), (3, 0), (2, 2)]


def test_pooling_at_a_cell_and_by_the_mean() -> None:
    figure = pooling_steps(X, kind="average", at=(0, 1))
    assert texts(figure)[-3:-1] == ["2", "1"]
    assert "mean of each window" in texts(figure)


@pytest.mark.parametrize(("value", "text"), [
    (3.0, "3"), (-0.0, "0"), (-1.5, "−1.5"), (0.12345, "0.123"), (-0.12345, "−0.12"),
    (123456.0, "1e+05"), (255.0, "255"), (-255, "−255"), (-0.0123, "−0.01"),
])  # fmt: skip
def test_numbers_fit_into_their_cells(value: float, text: str) -> None:
    assert number_text(value) == text


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="known padding, got 'full'"):
        convolution_steps(X, W, padding="full")
    with pytest.raises(ArgumentError) as outside:
        convolution_steps(X, W, at=(3, 0))
    assert str(outside.value) == (
        "convolution_steps: expected a cell of the 3 x 3 result as at, got (3, 0)."
    )
    with pytest.raises(ArgumentError, match="known kind, got 'min'"):
        pooling_steps(X, kind="min")
    with pytest.raises(ShapeError, match=r"a matrix of at most 400 numbers, got \(4,\)\."):
        pooling_steps(X[0])
    with pytest.raises(
        ShapeError, match=r"window: expected a matrix of 5 x 5 or more, got \(4, 4\)"
    ):
        pooling_steps(X, 5)
    with pytest.raises(ArgumentError, match="strides to be an integer >= 1, got 0"):
        padding_steps(X, W, strides=0)
