"""Preparing pictures and naming classes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lernwerk
from lernwerk import applications, layers
from lernwerk.applications import imagenet_utils
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, FileError, ShapeError

MODES = {
    "alexnet": "torch", "densenet": "torch", "inception_v3": "tf", "mobilenet": "tf",
    "mobilenet_v2": "tf", "resnet": "caffe", "resnet50": "caffe", "resnet_v2": "tf",
    "vgg16": "caffe", "vgg19": "caffe", "xception": "tf",
}  # fmt: skip


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first", None])
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_pictures_are_prepared_as_keras_does(keras, mode, data_format, kind):
    random = np.random.default_rng(0)
    first = data_format == "channels_first"
    for shape in ((2, 3, 4, 5), (3, 4, 5)):
        x = random.integers(0, 256, shape if first else (*shape[:-3], 4, 5, 3)).astype(kind)
        given = x.copy()
        found = imagenet_utils.preprocess_input(x, data_format, mode)
        expected = keras.applications.imagenet_utils.preprocess_input(given, data_format, mode)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


def test_the_array_that_is_given_stays_as_it_is():
    x = np.full((1, 2, 2, 3), 7.0)
    applications.vgg16.preprocess_input(x)
    assert (x == 7.0).all()


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_tensors_and_symbolic_tensors(mode):
    x = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3))
    expected = imagenet_utils.preprocess_input(x, mode=mode)
    tensor = imagenet_utils.preprocess_input(Tensor(x), mode=mode)
    np.testing.assert_allclose(tensor.numpy(), expected, rtol=1e-5, atol=1e-4)
    inputs = layers.Input((None, None, 3), dtype="uint8")
    model = lernwerk.Model(inputs, imagenet_utils.preprocess_input(inputs, mode=mode))
    found = model.predict(x.astype("uint8"), verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("module", MODES)
def test_every_module_has_the_way_of_its_weights(keras, module):
    x = np.random.default_rng(0).integers(0, 256, (1, 2, 2, 3)).astype("float32")
    mine = getattr(applications, module)
    np.testing.assert_array_equal(
        mine.preprocess_input(x), imagenet_utils.preprocess_input(x, mode=MODES[module])
    )
    assert mine.preprocess_input.__name__ == "preprocess_input"
    if module != "alexnet":
        real = getattr(keras.applications, module)
        np.testing.assert_allclose(mine.preprocess_input(x), real.preprocess_input(x.copy()),
                                   rtol=1e-5, atol=1e-4)  # fmt: skip


def test_pictures_that_cannot_be_prepared_are_refused(raises):
    raises(
        lambda: imagenet_utils.preprocess_input(np.zeros((1, 4, 4, 1))), ShapeError,
        "preprocess_input: expected pictures with three channels (batch, height, width, 3), got "
        "(1, 4, 4, 1).",
    )  # fmt: skip
    raises(
        lambda: imagenet_utils.preprocess_input(np.zeros((1, 4, 4, 3)), mode="tensorflow"),
        ArgumentError,
        "preprocess_input: expected the name of a known mode, got 'tensorflow'. "
        "Known: caffe, tf, torch.",
    )
    raises(
        lambda: imagenet_utils.preprocess_input(np.zeros((1, 4, 4, 3)), "last"), ArgumentError,
        "preprocess_input: expected data_format to be one of channels_last, channels_first, got "
        "'last'. Known: channels_first, channels_last.",
    )  # fmt: skip


# ---- classes


@pytest.fixture
def index(home):
    """A list of classes where Lernwerk looks for it."""
    folder = home / "data" / "models"
    folder.mkdir(parents=True)
    path = folder / "imagenet_class_index.json"
    path.write_text(json.dumps({str(k): [f"n{k:08d}", f"thing {k}"] for k in range(1000)}))
    imagenet_utils.class_names.cache_clear()
    yield path
    imagenet_utils.class_names.cache_clear()


def test_the_likeliest_classes_come_first(index):
    predictions = np.zeros((2, 1000), "float32")
    predictions[0, [3, 999, 0]] = [0.2, 0.7, 0.1]
    predictions[1, 5] = 1.0
    first, second = applications.resnet50.decode_predictions(predictions, top=3)
    assert [name for _, name, _ in first] == ["thing 999", "thing 3", "thing 0"]
    assert [number for number, _, _ in first] == ["n00000999", "n00000003", "n00000000"]
    np.testing.assert_allclose([p for *_, p in first], [0.7, 0.2, 0.1])
    assert second[0] == ("n00000005", "thing 5", 1.0)
    assert len(imagenet_utils.decode_predictions(predictions)[0]) == 5


def test_predictions_of_other_networks_are_refused(index, raises):
    raises(
        lambda: imagenet_utils.decode_predictions(np.zeros((1, 10))), ShapeError,
        "decode_predictions: expected predictions of shape (batch, 1000), got (1, 10). Only "
        "networks with ImageNet's classes have these names.",
    )  # fmt: skip
    raises(
        lambda: imagenet_utils.decode_predictions(np.zeros((1, 1000)), top=0), ArgumentError,
        "decode_predictions: expected top to be an integer >= 1, got 0.",
    )  # fmt: skip


def test_a_damaged_list_is_refused(index, raises):
    index.write_text("{}")
    raises(
        lambda: imagenet_utils.decode_predictions(np.zeros((1, 1000))), FileError,
        f"{index}: expected the list of ImageNet's classes, got '0'. Delete it; it is downloaded "
        "again.",
    )  # fmt: skip


def test_without_a_network_the_message_says_where_to_put_the_list(home, monkeypatch):
    def offline(*_, **__):
        raise OSError("Network is unreachable")

    imagenet_utils.class_names.cache_clear()
    monkeypatch.setattr("urllib.request.urlopen", offline)
    text = r"imagenet_class_index\.json: .*Download it by hand \(https://storage\.googleapis\.com/"
    with pytest.raises(FileError, match=text):
        imagenet_utils.decode_predictions(np.zeros((1, 1000)))
