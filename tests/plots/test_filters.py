"""Filters and feature maps: the pixels drawn are the weights, and what the layers compute."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from lernwerk import Input, Model, Sequential, layers
from lernwerk.errors import ArgumentError, ShapeError, UsageError
from lernwerk.plots import EDGE_FILTERS, edge_filters, feature_maps, filters
from lernwerk.plots.filters import maps_of
from lernwerk.plots.mosaic import mosaic

PICTURE = np.random.default_rng(0).random((9, 8, 1)).astype(np.float32)


def network() -> Sequential:
    return Sequential([
        Input((9, 8, 1)), layers.Conv2D(5, 3, activation="relu", name="first"),
        layers.MaxPooling2D(name="pool"), layers.Conv2D(4, (2, 3), name="second"),
        layers.Flatten(), layers.Dense(2, name="last"),
    ])  # fmt: skip


def tiles(image, height: int, width: int) -> np.ndarray:
    """The small pictures of a mosaic, row by row."""
    array = np.ma.filled(image.get_array().astype(float), np.nan)
    rows, columns = (array.shape[0] + 1) // (height + 1), (array.shape[1] + 1) // (width + 1)
    return np.stack([
        array[r * (height + 1) :, c * (width + 1) :][:height, :width]
        for r in range(rows) for c in range(columns)
    ])  # fmt: skip


def test_a_mosaic_has_gaps_between_its_tiles() -> None:
    image = mosaic([np.full((2, 2), float(i)) for i in range(3)], 2)
    gap = np.nan
    wanted = [[0, 0, gap, 1, 1], [0, 0, gap, 1, 1], [gap] * 5, [2, 2, gap, gap, gap],
              [2, 2, gap, gap, gap]]  # fmt: skip
    np.testing.assert_array_equal(image, wanted)


def test_filters_of_one_channel_are_the_kernel() -> None:
    layer = network().get_layer("first")
    axes = filters(layer).axes[0]
    kernel = layer.kernel.numpy()[:, :, 0]  # (3, 3, 5)
    np.testing.assert_allclose(tiles(axes.images[0], 3, 3)[:5], np.moveaxis(kernel, -1, 0))
    assert axes.get_title(loc="left") == "first: 5 of 5 filters"
    low, high = axes.images[0].get_clim()
    assert -low == high == np.abs(kernel).max()


def test_filters_of_many_channels_have_a_row_each() -> None:
    layer = network().get_layer("second")
    axes = filters(layer, most=3).axes[0]
    kernel = layer.kernel.numpy()[:, :, :3, :3]  # (2, 3, channels, filters)
    wanted = kernel.transpose(3, 2, 0, 1).reshape(9, 2, 3)
    np.testing.assert_allclose(tiles(axes.images[0], 2, 3), wanted)
    assert axes.get_title(loc="left") == "second: 3 of 4 filters"


def test_filters_of_three_channels_are_pictures_in_colour() -> None:
    layer = layers.Conv2D(2, 3)
    layer.build((None, 8, 8, 3))
    image = np.asarray(filters(layer).axes[0].images[0].get_array())
    kernel = layer.kernel.numpy()
    wanted = 0.5 + kernel[..., 1] / (2 * np.abs(kernel).max())
    np.testing.assert_allclose(image[:, 4:7, :3], wanted, rtol=1e-6)
    assert (image[:, 3, 3] == 0).all()  # the gap


@pytest.mark.parametrize(("layer", "shape", "size", "count"), [
    (layers.Conv1D(4, 3), (None, 8, 2), (1, 3), 8),
    (layers.Conv3D(2, (3, 2, 4)), (None, 8, 8, 8, 1), (2, 4), 2),
    (layers.DepthwiseConv2D(3), (None, 8, 8, 6), (3, 3), 6),
    (layers.SeparableConv2D(5, 3), (None, 8, 8, 2), (3, 3), 2),
    (layers.Conv2DTranspose(2, 3), (None, 8, 8, 4), (3, 3), 8),
], ids=lambda value: getattr(value, "name", ""))  # fmt: skip
def test_filters_of_every_convolution(layer, shape, size, count) -> None:
    layer.build(shape)
    found = tiles(filters(layer).axes[0].images[0], *size)
    drawn = found[~np.isnan(found).all(axis=(1, 2))]
    assert len(drawn) == count
    kernel = getattr(layer, "kernel", getattr(layer, "depthwise_kernel", None)).numpy()
    assert np.isin(drawn.astype(np.float32), kernel).all()


@pytest.mark.parametrize("name", ["first", "pool", "second"])
def test_maps_are_what_the_layer_makes(name: str) -> None:
    model = network()
    inner = Model(model.inputs, model.get_layer(name).output)
    wanted = np.moveaxis(inner.predict(PICTURE[None], verbose=0)[0], -1, 0)
    found = maps_of(model, model.get_layer(name), PICTURE)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_each_map_is_drawn_from_its_smallest_to_its_largest_number() -> None:
    model = network()
    figure = feature_maps(model, "first", PICTURE, most=4)
    original, answers = figure.axes[:2]
    assert answers.get_title(loc="left") == "first: 4 of 5 feature maps"
    maps = maps_of(model, model.get_layer("first"), PICTURE)[:4]
    low, high = (f(maps, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    np.testing.assert_allclose(tiles(answers.images[0], 7, 6), (maps - low) / (high - low))
    assert original.get_title(loc="left") == "picture"


def test_layers_are_named_numbered_or_given_also_inside_others() -> None:
    inner = Sequential([Input((9, 8, 1)), layers.Conv2D(2, 3, name="deep")], name="inner")
    model = Sequential([Input((9, 8, 1)), inner, layers.Conv2D(3, 2)])
    for layer in ("inner/deep", inner.get_layer("deep"), "inner", 0):
        assert "2 of 2" in feature_maps(model, layer, PICTURE).axes[1].get_title(loc="left")


def test_subclasses_and_other_layouts_have_maps_too() -> None:
    class Net(Model):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = layers.Conv2D(3, 3, data_format="channels_first", name="c")

        def call(self, x):
            return self.convolution(x)

    picture = np.ones((1, 6, 5), dtype=np.float32)
    model = Net()
    model(picture[None])
    assert maps_of(model, model.convolution, picture).shape == (3, 4, 3)
    signal = Sequential([Input((7, 2)), layers.Conv1D(4, 3, name="c")])
    assert feature_maps(signal, "c", np.ones((7, 2))).axes[1].get_title(loc="left").startswith("c")


def test_edges_are_those_of_scipy() -> None:
    picture = np.random.default_rng(1).random((12, 10))
    axes = edge_filters(picture[..., None]).axes
    titles = ["picture", "top edges", "left edges", "bottom edges", "right edges"]
    shown = [each for each in axes if each.get_title(loc="left") in titles]
    assert [each.get_title(loc="left") for each in shown] == titles
    for each, kernel in zip(shown[1:], EDGE_FILTERS.values(), strict=True):
        wanted = np.maximum(correlate2d(picture, kernel, mode="valid"), 0)
        np.testing.assert_allclose(each.images[0].get_array(), wanted, atol=1e-12)


def test_a_bright_square_has_each_edge_on_its_side() -> None:
    picture = np.zeros((9, 9))
    picture[3:6, 3:6] = 1.0
    # The window around pixel p has the number p - 1; an edge lies between two of them.
    sides = {"top": (0, {1, 2}), "left": (1, {1, 2}), "bottom": (0, {4, 5}), "right": (1, {4, 5})}
    for name, (axis, wanted) in sides.items():
        found = np.maximum(correlate2d(picture, EDGE_FILTERS[name], mode="valid"), 0)
        assert set(np.nonzero(found == found.max())[axis]) == wanted


def test_messages() -> None:
    model = network()
    with pytest.raises(ArgumentError, match=r"filters: expected a convolution layer, got pool\."):
        filters(model.get_layer("pool"))
    with pytest.raises(UsageError) as unbuilt:
        filters(layers.Conv2D(2, 3, name="c"))
    assert str(unbuilt.value) == (
        "filters: expected a built layer, got c. "
        "Begin the model with Input(shape=...), or call it on data first."
    )
    with pytest.raises(ArgumentError, match=r"name of a layer, got 'frist'. Did you mean 'first'"):
        feature_maps(model, "frist", PICTURE)
    with pytest.raises(ArgumentError, match=r"expected a layer of \w+, got other\."):
        feature_maps(model, layers.Conv2D(2, 3, name="other"), PICTURE)
    with pytest.raises(ShapeError, match=r"expected last to make pictures, got \(2,\)\."):
        feature_maps(model, "last", PICTURE)
    with pytest.raises(
        ShapeError, match=r"edge_filters: expected a grey picture \(h, w\) of 3 x 3"
    ):
        edge_filters(np.ones((4, 4, 3)))
    with pytest.raises(ArgumentError, match="most to be an integer >= 1, got 0"):
        filters(model.get_layer("first"), most=0)
