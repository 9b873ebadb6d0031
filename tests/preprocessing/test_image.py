"""ImageDataGenerator and its iterators against Keras's and SciPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from lernwerk.errors import ArgumentError, DataError, DtypeError, ShapeError, TrainingWarning
from lernwerk.preprocessing import image

ndimage = pytest.importorskip("scipy.ndimage", reason="SciPy is the oracle of these tests")
of_scipy = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the namespace Keras asks for


@pytest.fixture(scope="module")
def theirs() -> Any:
    pytest.importorskip("keras", reason="the oracle of this test, keras, is not installed")
    from keras.src.legacy.preprocessing import image as module

    return module


def pictures(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


AFFINE = [
    {"theta": 30}, {"tx": 2.5, "ty": -1.25}, {"shear": 20}, {"zx": 0.7, "zy": 1.4},
    {"theta": -75, "tx": 3, "ty": 1, "shear": 10, "zx": 1.2, "zy": 0.8}, {"tx": 40.3, "ty": -31.2},
]  # fmt: skip


@pytest.mark.parametrize("mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize("options", AFFINE)
@pytest.mark.parametrize("order", [0, 1])
def test_affine_transforms_are_scipy_s(mode: str, options: dict[str, Any], order: int) -> None:
    from lernwerk.preprocessing.picture_transforms import affine_matrix

    x = pictures(9, 12, 3)
    full = {"theta": 0, "tx": 0, "ty": 0, "shear": 0, "zx": 1, "zy": 1, **options}
    matrix = affine_matrix(**full)
    middle = np.array([4.0, 5.5])
    offset = matrix[:2, 2] + middle - matrix[:2, :2] @ middle
    expected = np.stack(
        [ndimage.affine_transform(x[..., c], matrix[:2, :2], offset, order=order, mode=mode,
                                  cval=7.0) for c in range(3)], axis=-1
    )  # fmt: skip
    found = image.apply_affine_transform(
        x, **options, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode, cval=7.0, order=order
    )
    np.testing.assert_allclose(found, expected, atol=2e-3)
    first = image.apply_affine_transform(
        x.transpose(2, 0, 1), **options, fill_mode=mode, cval=7.0, order=order
    )
    np.testing.assert_array_equal(first.transpose(1, 2, 0), found)


def test_shifts_follow_their_axes() -> None:
    x = pictures(5, 6, 1)
    down = image.apply_affine_transform(x, tx=-1, row_axis=0, col_axis=1, channel_axis=2)
    np.testing.assert_allclose(down[1:], x[:-1])
    right = image.apply_affine_transform(x, ty=-2, row_axis=0, col_axis=1, channel_axis=2)
    np.testing.assert_allclose(right[:, 2:], x[:, :-2])


# Without shifts, shears and turns the two axes are treated alike, by Keras 3 too.
GENERATORS = [
    {"horizontal_flip": True, "vertical_flip": True},
    {"channel_shift_range": 30.0}, {"brightness_range": (0.5, 1.5)},
    {"rescale": 1 / 255, "samplewise_std_normalization": True},
    {"preprocessing_function": lambda x: x / 2 - 1, "samplewise_center": True},
]  # fmt: skip


@pytest.mark.parametrize("options", GENERATORS)
@pytest.mark.filterwarnings("ignore:This ImageDataGenerator specifies:UserWarning")
def test_flow_gives_keras_s_batches(theirs: Any, options: dict[str, Any]) -> None:
    x, y, weight = pictures(10, 8, 8, 3), np.arange(10), np.linspace(0, 1, 10)
    flows = [
        module.ImageDataGenerator(**options).flow(x, y, 4, sample_weight=weight, seed=5)
        for module in (image, theirs)
    ]
    mine, real = flows
    assert len(mine) == len(real) == 3
    for _ in range(5):
        for one, other in zip(next(mine), next(real), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@of_scipy
@pytest.mark.parametrize(
    "options",
    [{"rotation_range": 40}, {"zoom_range": 0.3}, {"shear_range": 20, "fill_mode": "reflect"},
     {"width_shift_range": 0.3, "height_shift_range": [1, 2]}, {"height_shift_range": 3},
     {"rotation_range": 20, "zoom_range": [0.8, 1.5], "width_shift_range": 0.2,
      "horizontal_flip": True, "fill_mode": "constant", "cval": 9.0}],
)  # fmt: skip
def test_geometry_is_keras_s_with_the_axes_exchanged(theirs: Any, options: dict[str, Any]) -> None:
    x = pictures(9, 9, 3)
    other = dict(options)
    mine, real = image.ImageDataGenerator(**options), theirs.ImageDataGenerator(**other)
    for seed in range(4):
        drawn, expected = (g.get_random_transform(x.shape, seed=seed) for g in (mine, real))
        assert drawn.pop("flip_horizontal") == bool(expected.pop("flip_horizontal"))
        assert drawn.pop("flip_vertical") == bool(expected.pop("flip_vertical"))
        assert drawn == pytest.approx(expected)
        turned = real.apply_transform(x.transpose(1, 0, 2), expected).transpose(1, 0, 2)
        np.testing.assert_allclose(mine.apply_transform(x, drawn), turned, atol=2e-3)


def test_batches_by_number_are_keras_s(theirs: Any) -> None:
    x = pictures(7, 4, 4, 1)
    mine, real = (m.ImageDataGenerator().flow(x, batch_size=3, seed=2) for m in (image, theirs))
    for _ in range(2):
        for index in (0, 1, 2):
            np.testing.assert_array_equal(mine[index], real[index])
        mine.on_epoch_end()
        real.on_epoch_end()
    with pytest.raises(IndexError):
        mine[3]


@pytest.mark.filterwarnings("ignore:This ImageDataGenerator specifies:UserWarning")
@pytest.mark.parametrize("options", [{"featurewise_center": True}, {"zca_whitening": True},
                                     {"featurewise_std_normalization": True}])  # fmt: skip
def test_fit_learns_keras_s_statistics(theirs: Any, options: dict[str, Any]) -> None:
    x = pictures(12, 3, 3, 2)[..., :1]
    found = []
    for module in (image, theirs):
        generator = module.ImageDataGenerator(rescale=0.01, **options)
        generator.fit(x)
        found.append(generator.standardize(x[0].copy()))
    np.testing.assert_allclose(found[0], found[1], rtol=2e-3, atol=2e-4)


def test_fit_on_varied_pictures() -> None:
    generator = image.ImageDataGenerator(featurewise_center=True, vertical_flip=True)
    generator.fit(pictures(4, 3, 3, 1), augment=True, rounds=2, seed=1)
    assert generator.mean.shape == (1, 1, 1)
    with pytest.warns(TrainingWarning, match="featurewise_center has no effect before fit"):
        image.ImageDataGenerator(featurewise_center=True).standardize(pictures(3, 3, 1))


def test_brightness_is_pillow_s() -> None:
    x = pictures(6, 5, 3)
    picture = Image.fromarray(x.astype("uint8"))
    for factor in (0.3, 0.99, 1.7):
        expected = np.asarray(ImageEnhance.Brightness(picture).enhance(factor), np.float32)
        np.testing.assert_array_equal(image.apply_brightness_shift(x, factor, False), expected)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, count in (("cats", 4), ("dogs", 6)):
        (tmp_path / name).mkdir()
        for i in range(count):
            values = pictures(10, 12, 3, seed=i).astype("uint8")
            Image.fromarray(values).save(tmp_path / name / f"{name}{i}.png")
    (tmp_path / "dogs" / "notes.txt").write_text("no picture")
    return tmp_path


@pytest.mark.parametrize("mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize("subset", [None, "training", "validation"])
def test_flow_from_directory_is_keras_s(
    theirs: Any, folder: Path, mode: str | None, subset: str | None
) -> None:
    mine, real = (
        module.ImageDataGenerator(horizontal_flip=True, validation_split=0.3).flow_from_directory(
            str(folder), target_size=(8, 6), class_mode=mode, batch_size=4, seed=3, subset=subset
        )
        for module in (image, theirs)
    )
    for name in ("samples", "class_indices", "filenames", "num_classes", "image_shape", "n"):
        assert getattr(mine, name) == getattr(real, name)
    np.testing.assert_array_equal(mine.classes, real.classes)
    for _ in range(3):
        one, other = mine.next(), next(real)
        if mode is None:
            one, other = (one,), (other,)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("mode", "column"),
    [("categorical", "class"), ("sparse", "class"), ("raw", "size"), ("input", "class"),
     ("multi_output", ["size", "size"]), (None, "class")],
)  # fmt: skip
def test_flow_from_dataframe_is_keras_s(
    theirs: Any, folder: Path, mode: str | None, column: Any
) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({
        "filename": [f"cats/cats{i}.png" for i in range(4)] + ["dogs/dogs1.png", "gone.png"],
        "class": ["c", "c", "c", "c", "d", "d"], "size": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "weight": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    })  # fmt: skip
    flows = []
    for module in (image, theirs):
        with pytest.warns(UserWarning, match="Found 1 invalid image filename"):
            flows.append(module.ImageDataGenerator().flow_from_dataframe(
                frame, str(folder), y_col=column, class_mode=mode, weight_col="weight",
                target_size=(6, 6), batch_size=4, seed=1,
            ))  # fmt: skip
    mine, real = flows
    assert mine.filenames == real.filenames
    one, other = next(mine), next(real)
    if mode is None:
        one, other = (one,), (other,)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_list_of_classes_sets_several(folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {"filename": ["cats/cats0.png", "cats/cats1.png"], "class": [["a", "b"], ["c"]]}
    )
    flow = image.ImageDataGenerator().flow_from_dataframe(frame, str(folder), shuffle=False)
    assert next(flow)[1].tolist() == [[1, 1, 0], [0, 0, 1]]
    frame["class"] = [1, 2]
    with pytest.raises(DtypeError, match=r"expected texts in column 'class'.*astype\(str\)"):
        image.ImageDataGenerator().flow_from_dataframe(frame, str(folder))


def test_further_inputs_subsets_and_saved_pictures(tmp_path: Path) -> None:
    x, y = pictures(10, 4, 4, 3), np.arange(10) % 2
    generator = image.ImageDataGenerator(validation_split=0.4)
    held = generator.flow(x, y, shuffle=False, subset="validation", save_to_dir=tmp_path)
    np.testing.assert_array_equal(next(held)[0], x[:4])
    assert len(list(tmp_path.glob("_*.png"))) == 4
    (first, more), targets = next(generator.flow((x, np.arange(10)), y, shuffle=False))
    np.testing.assert_array_equal(first, x)
    np.testing.assert_array_equal(more, np.arange(10))
    assert targets.shape == (10,)
    with pytest.raises(DataError) as classes:
        generator.flow(x, np.repeat([0, 1], 5), subset="training")
    assert str(classes.value) == (
        "flow: expected the same classes in both subsets, got different ones. "
        "Shuffle x and y first, or give ignore_class_split=True."
    )


def test_unseeded_draws_come_from_numpy_s_global_generator() -> None:
    x = pictures(6, 4, 4, 3)
    found = []
    for _ in range(2):
        np.random.seed(3)  # noqa: NPY002 - the generator that scripts seed
        found.append(next(image.ImageDataGenerator(rotation_range=30).flow(x)))
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("name", ["rotation", "shear", "channel_shift"])
def test_random_functions_stay_within_their_range(name: str) -> None:
    x = pictures(6, 6, 3)
    y = getattr(image, f"random_{name}")(x, 20, *((0, 1, 2) if name != "channel_shift" else (2,)))
    assert y.shape == x.shape
    assert (y != x).any()
    assert x.min() <= y.min() <= y.max() <= x.max()


def test_random_shift_zoom_and_brightness() -> None:
    x = pictures(6, 6, 3)
    for y in (image.random_shift(x, 0.3, 0.3, 0, 1, 2), image.random_zoom(x, (0.5, 0.9), 0, 1, 2),
              image.random_brightness(x, (0.3, 0.5))):  # fmt: skip
        assert y.shape == x.shape
        assert (y != x).any()


def test_messages() -> None:
    with pytest.raises(ShapeError) as axes:
        image.ImageDataGenerator().flow(pictures(4, 5, 5))
    assert str(axes.value) == (
        "flow: expected pictures with 4 axes (n, h, w, c), got (4, 5, 5). "
        "Grey pictures are x[..., None]."
    )
    with pytest.raises(ShapeError, match="expected 4 rows in y as in x, got 3"):
        image.ImageDataGenerator().flow(pictures(4, 5, 5, 1), np.arange(3))
    with pytest.raises(ArgumentError, match="expected brightness_range to be a pair of numbers"):
        image.ImageDataGenerator(brightness_range=0.3)
    with pytest.raises(ArgumentError, match=r"fill_mode, got 'nearst'. Did you mean 'nearest'"):
        image.ImageDataGenerator(fill_mode="nearst")
    with pytest.raises(ArgumentError, match=r"validation_split to be a number in \[0, 1\)"):
        image.ImageDataGenerator(validation_split=1.5)
    with pytest.raises(ArgumentError, match="expected order 0 or 1, got 3"):
        image.apply_affine_transform(pictures(3, 3, 3), theta=1, order=3)
    with pytest.raises(DataError, match="flow_from_directory: expected a folder, got nowhere"):
        image.ImageDataGenerator().flow_from_directory("nowhere")
