"""Layers of pictures: fixed variations against Keras's, drawn ones by their statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lernwerk import gradient, layers, ops
from lernwerk.core import compiled
from lernwerk.core.random import set_random_seed
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, ShapeError


def pictures(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


FIXED = [
    ("RandomRotation", {"factor": (0.07, 0.07)}),
    ("RandomRotation", {"factor": (-0.4, -0.4)}),
    ("RandomZoom", {"height_factor": (0.3, 0.3)}),
    ("RandomZoom", {"height_factor": (-0.5, -0.5), "width_factor": (0.8, 0.8)}),
    ("RandomTranslation", {"height_factor": (0.25, 0.25), "width_factor": (-0.6, -0.6)}),
    ("RandomTranslation", {"height_factor": (-1, -1), "width_factor": (0.33, 0.33)}),
]


@pytest.mark.parametrize("mode", ["reflect", "wrap", "constant", "nearest"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize(("name", "options"), FIXED)
def test_fixed_variations_are_keras_s(
    keras: Any, name: str, options: dict[str, Any], mode: str, interpolation: str
) -> None:
    x = pictures(2, 7, 10, 3)
    more = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 9.0}
    expected = np.asarray(getattr(keras.layers, name)(**options, **more)(x, training=True))
    found = getattr(layers, name)(**options, **more)(x, training=True)
    # A place halfway between two pixels may round either way.
    wrong = np.abs(found.numpy() - expected).max(axis=-1) > 2e-2
    assert wrong.mean() <= (0.03 if interpolation == "nearest" else 0)


def test_a_turn_by_a_quarter_is_numpy_s() -> None:
    x = pictures(1, 6, 6, 2)
    found = layers.RandomRotation((0.25, 0.25))(x, training=True).numpy()
    np.testing.assert_allclose(found[0], np.rot90(x[0]), atol=1e-2)


@pytest.mark.parametrize("mode", ["reflect", "wrap", "constant", "nearest"])
def test_affine_transform_is_scipy_s(mode: str) -> None:
    ndimage = pytest.importorskip("scipy.ndimage", reason="SciPy is the oracle of this test")
    x, random = pictures(3, 8, 6, 2), np.random.default_rng(1)
    maps = random.normal(size=(3, 6)) + np.array([1, 0, 0, 0, 1, 0])
    maps[:, [2, 5]] *= 9
    found = ops.affine_transform(Tensor(x), Tensor(maps.astype("float32")), fill_mode=mode,
                                 fill_value=5.0).numpy()  # fmt: skip
    names = {"constant": "grid-constant", "wrap": "grid-wrap"}
    for picture, m, y in zip(x, maps, found, strict=True):
        for channel in (0, 1):
            expected = ndimage.affine_transform(
                picture[..., channel], [[m[4], m[3]], [m[1], m[0]]], [m[5], m[2]], order=1,
                mode=names.get(mode, mode), cval=5.0,
            )  # fmt: skip
            np.testing.assert_allclose(y[..., channel], expected, atol=0.02)


@pytest.mark.parametrize("name", ["RandomRotation", "RandomZoom", "RandomFlip", "RandomCrop",
                                  "RandomContrast", "RandomBrightness"])  # fmt: skip
def test_compiled_is_eager(agrees: Any, name: str) -> None:
    options = {"height": 5, "width": 4} if name == "RandomCrop" else {}
    options = options or ({} if name == "RandomFlip" else {"factor": 0.3})
    if name == "RandomZoom":
        options = {"height_factor": 0.3}
    x = pictures(3, 8, 6, 2)
    one, other = (getattr(layers, name)(**options, seed=4) for _ in range(2))
    run = compiled(lambda x: one(x, training=True))
    for _ in range(2):  # the second draw is another one
        found, expected = run(x).numpy(), other(x, training=True).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-3)
    assert (run(x).numpy() != found).any()


@pytest.mark.parametrize(
    ("name", "options"),
    [("RandomFlip", {}), ("RandomRotation", {"factor": 0.2}),
     ("RandomZoom", {"height_factor": 0.2}),
     ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.2}),
     ("RandomContrast", {"factor": 0.3}), ("RandomBrightness", {"factor": 0.3})],
)  # fmt: skip
def test_in_use_pictures_pass_and_one_picture_is_a_batch(name: str, options: Any) -> None:
    x = pictures(2, 5, 6, 3)
    layer = getattr(layers, name)(**options, seed=1)
    np.testing.assert_array_equal(layer(x, training=False).numpy(), x)
    again = getattr(layers, name)(**options, seed=1)
    single = again(x[0], training=True).numpy()
    assert single.shape == x[0].shape
    batch = getattr(layers, name)(**options, seed=1)(x[:1], training=True).numpy()[0]
    np.testing.assert_allclose(single, batch, atol=1e-4)


def test_flips_are_independent_and_even() -> None:
    x = np.zeros((4000, 2, 2, 1), "float32")
    x[:, 0, 0] = 1
    y = layers.RandomFlip(seed=3)(x, training=True).numpy()[..., 0].mean(axis=0)
    assert np.abs(y - 0.25).max() < 0.03  # four standard deviations
    y = layers.RandomFlip("vertical", seed=3)(x, training=True).numpy()[..., 0].mean(axis=0)
    assert y[:, 1].tolist() == [0, 0]
    assert abs(y[0, 0] - 0.5) < 0.04


def test_brightness_is_drawn_evenly_from_its_range(keras: Any) -> None:
    x = np.full((3000, 1, 1, 1), 100, "float32")
    for factor, low, high in ((0.2, -51, 51), ((0.1, 0.3), 25.5, 76.5), ((-0.9, -0.8), -100, -100)):
        for layer in (layers.RandomBrightness(factor, seed=2),
                      keras.layers.RandomBrightness(factor, seed=2)):  # fmt: skip
            shift = np.asarray(layer(x, training=True)).reshape(-1) - 100
            assert low - 1e-3 <= shift.min() <= shift.max() <= high + 1e-3
            assert abs(shift.mean() - (low + high) / 2) < 3
            assert abs(shift.std() - (high - low) / 12**0.5) < 2


def test_contrast_is_drawn_evenly_from_its_range(keras: Any) -> None:
    x = np.zeros((3000, 2, 1, 1), "float32") + 128
    x[:, 0] += 10
    for layer in (layers.RandomContrast((0.5, 0.8), seed=2),
                  keras.layers.RandomContrast((0.5, 0.8), seed=2)):  # fmt: skip
        y = np.asarray(layer(x, training=True))[..., 0]
        factor = (y[:, 0] - y[:, 1]).reshape(-1) / 10
        assert 0.499 < factor.min() < 0.51
        assert 1.79 < factor.max() < 1.801
        assert abs(factor.mean() - 1.15) < 0.03
        np.testing.assert_allclose(y.mean(axis=1), 133, atol=1e-3)
    assert layers.RandomContrast(0.3).factor == (0.3, 0.3)
    y = layers.RandomContrast(1.0, value_range=(130, 135))(x, training=True).numpy()
    assert (y.min(), y.max()) == (130, 135)


def test_crops_are_parts_of_the_picture() -> None:
    x = np.arange(48, dtype="float32").reshape(1, 6, 8, 1)
    layer = layers.RandomCrop(4, 3, seed=1)
    seen = set()
    for _ in range(200):
        y = layer(x, training=True).numpy()[0, :, :, 0]
        top, left = divmod(int(y[0, 0]), 8)
        np.testing.assert_array_equal(y, x[0, top : top + 4, left : left + 3, 0])
        seen.add((top, left))
    assert len(seen) == 3 * 6
    assert layer.compute_output_shape((None, 6, 8, 1)) == (None, 4, 3, 1)


@pytest.mark.parametrize("name", ["RandomCrop", "CenterCrop"])
def test_crops_without_a_choice_are_keras_s_centre(keras: Any, name: str) -> None:
    for shape in ((2, 3, 9, 2), (2, 5, 3, 1), (7, 8, 3)):
        x = pictures(*shape)
        expected = np.asarray(keras.layers.CenterCrop(5, 4)(x))
        if name == "RandomCrop" and shape == (7, 8, 3):
            expected = keras.preprocessing.image.smart_resize(x, (5, 4))
        found = getattr(layers, name)(5, 4)(x, training=False).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


RESIZED = [
    {}, {"interpolation": "nearest"}, {"interpolation": "bicubic"}, {"interpolation": "lanczos3"},
    {"interpolation": "lanczos5"}, {"antialias": True}, {"crop_to_aspect_ratio": True},
    {"antialias": True, "interpolation": "bicubic"},
    {"pad_to_aspect_ratio": True, "fill_value": 3.0},
]  # fmt: skip


@pytest.mark.parametrize("options", RESIZED)
@pytest.mark.parametrize("shape", [(2, 6, 9, 3), (1, 20, 31, 1), (9, 4, 2)])
def test_resizing_is_keras_s(keras: Any, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    x = pictures(*shape)
    for height, width in ((5, 7), (12, 3)):
        expected = np.asarray(keras.layers.Resizing(height, width, **options)(x))
        found = layers.Resizing(height, width, **options)(x).numpy()
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-3)
        whole = layers.Resizing(height, width, **options)(x.astype("uint8")).numpy()
        real = np.asarray(keras.layers.Resizing(height, width, **options)(x.astype("uint8")))
        assert whole.dtype == real.dtype == np.uint8
        assert np.abs(whole.astype(int) - real.astype(int)).max() <= 1


@pytest.mark.parametrize(
    ("name", "options"),
    [("Resizing", {"height": 3, "width": 8}), ("CenterCrop", {"height": 3, "width": 4}),
     ("RandomContrast", {"factor": 0.3, "seed": 1}), ("RandomCrop", {"height": 3, "width": 4,
      "seed": 2}), ("RandomZoom", {"height_factor": 0.3, "width_factor": 0.1, "seed": 2})],
)  # fmt: skip
def test_channels_may_come_first(name: str, options: dict[str, Any]) -> None:
    x = pictures(2, 5, 6, 3)
    expected = getattr(layers, name)(**options)(x, training=True).numpy()
    first = getattr(layers, name)(**options, data_format="channels_first")
    found = first(x.transpose(0, 3, 1, 2), training=True).numpy()
    np.testing.assert_allclose(found.transpose(0, 2, 3, 1), expected, rtol=1e-5)


def test_resizing_keeps_unknown_lengths_apart() -> None:
    layer = layers.Resizing(4, 6)
    assert layer.compute_output_shape((None, None, None, 3)) == (None, 4, 6, 3)


def test_gradients_flow_through_variations() -> None:
    x = Tensor(pictures(1, 5, 5, 1).astype("float64"))
    maps = np.array([[0.913, 0.127, 0.371, -0.219, 1.107, -0.437]])
    weights = pictures(1, 5, 5, 1, seed=2).astype("float64")

    def total(images: Tensor, transform: Tensor) -> Tensor:
        y = ops.affine_transform(images, transform, fill_mode="nearest")
        return (ops.resize(y, (7, 4), interpolation="bicubic") * weights[:, :1, :4]).sum()

    transform = Tensor(maps)
    found = gradient(total(x, transform), [x, transform])
    for source, g, kind in ((x, found[0], 0), (transform, found[1], 1)):
        direction = np.random.default_rng(kind).normal(size=source.shape)
        step = 1e-6
        ends = []
        for sign in (1, -1):
            moved = Tensor(source.numpy() + sign * step * direction)
            ends.append(total(*((moved, transform) if kind == 0 else (x, moved))).item())
        slope = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose((g.numpy() * direction).sum(), slope, rtol=1e-5)


def test_set_random_seed_repeats_variations() -> None:
    found = []
    for _ in range(2):
        set_random_seed(5)
        found.append(layers.RandomRotation(0.4)(pictures(2, 5, 5, 1), training=True).numpy())
    np.testing.assert_array_equal(found[0], found[1])


def test_messages() -> None:
    with pytest.raises(ArgumentError) as factor:
        layers.RandomRotation(3, name="turn")
    assert str(factor.value) == (
        "turn: expected factor, a number or a pair of numbers in [-1, 1], got 3."
    )
    with pytest.raises(ArgumentError, match=r"fill_mode, got 'mirror'\. Known: constant"):
        layers.RandomZoom(0.1, fill_mode="mirror")
    with pytest.raises(ArgumentError, match="known mode, got 'sideways'"):
        layers.RandomFlip("sideways")
    with pytest.raises(ShapeError) as rank:
        layers.RandomFlip(name="flip")(np.zeros((2, 3)), training=True)
    assert str(rank.value) == (
        "flip: expected pictures (b, h, w, c) or one picture (h, w, c), got (2, 3)."
    )
    with pytest.raises(ArgumentError, match="data_format to be one of channels_last, channels_f"):
        layers.RandomFlip(data_format="first")
    with pytest.raises(ArgumentError, match=r"crop: expected height to be an integer >= 1, got 0"):
        layers.CenterCrop(0, 3, name="crop")
    with pytest.raises(ArgumentError, match="not both, got both"):
        layers.Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
    with pytest.raises(ArgumentError, match=r"value_range, a pair of numbers, got \(1, 2, 3\)"):
        layers.RandomBrightness(0.1, value_range=(1, 2, 3))
