"""Files of weights: found, downloaded, read in Keras 2's layout, refused."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import lernwerk
from lernwerk import applications, layers
from lernwerk.applications import weights
from lernwerk.applications.weights import WeightFiles
from lernwerk.datasets.download import RemoteFile
from lernwerk.errors import ArgumentError, FileError

SMALL = {"include_top": False, "input_shape": (32, 32, 3), "alpha": 0.25}
CONTENT = b"not these weights"


def written(model: Any, path: Path) -> Path:
    """A file as Keras 2 wrote it: a group for each layer, names in attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{w.name}:0" for w in layer.weights]
            group.attrs["weight_names"] = np.array([n.encode() for n in names], dtype="S")
            for name, value in zip(names, layer.get_weights(), strict=True):
                group[name] = value
    return path


def small(**options: Any) -> Any:
    return applications.MobileNet(**{"weights": None, **SMALL, **options})


def same(one: Any, other: Any) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_a_file_of_keras_2_by_its_path(tmp_path):
    model = small()
    path = written(model, tmp_path / "mine.h5")
    assert same(model, small(weights=path))
    assert same(model, small(weights=str(path)))


def test_a_file_of_keras_3_by_its_path(tmp_path):
    model = small()
    model.save_weights(tmp_path / "mine.weights.h5")
    assert same(model, small(weights=tmp_path / "mine.weights.h5"))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_real_keras_writes_what_is_read(keras, tmp_path):
    """The layers of a block of each kind, through Keras's own writer of the old layout."""
    from keras.src.legacy.saving import legacy_h5_format

    def made(package: Any) -> Any:
        kinds = package.layers
        inputs = kinds.Input((8, 8, 3))
        x = kinds.Conv2D(4, 3, use_bias=True)(inputs)
        y = kinds.SeparableConv2D(4, 3, padding="same", use_bias=False)(x)
        y = kinds.BatchNormalization()(y)
        x = kinds.ReLU()(kinds.Add()([x, y]))
        x = kinds.DepthwiseConv2D(3)(x)
        return package.Model(inputs, kinds.Dense(2)(kinds.Flatten()(x)))

    real, mine = made(keras), made(lernwerk)
    random = np.random.default_rng(0)
    real.set_weights([random.random(w.shape) for w in real.weights])
    path = tmp_path / "keras.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, real)
    weights.load(mine, path, None, True)
    x = random.random((2, 8, 8, 3)).astype("float32")
    np.testing.assert_allclose(
        mine.predict(x, verbose=0), real.predict(x, verbose=0), rtol=1e-4, atol=1e-5
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_whole_file_of_a_network_of_real_keras(keras, tmp_path):
    from keras.src.legacy.saving import legacy_h5_format

    options = {"input_shape": (32, 32, 3), "classes": 3, "alpha": 0.35, "weights": None}
    real = keras.applications.MobileNetV2(**options)
    path = tmp_path / "keras.h5"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, real)
    mine = applications.MobileNetV2(**{**options, "weights": path})
    assert same(mine, real)


# ---- where files come from


def test_published_weights_lie_in_the_folder_of_data(home):
    model = small()
    (home / "data" / "models").mkdir(parents=True)
    written(model, home / "data" / "models" / "mobilenet_2_5_224_tf_no_top.h5")
    assert same(model, small(weights="imagenet"))


def test_published_weights_that_keras_has_downloaded(home):
    model = small()
    (home / ".keras" / "models").mkdir(parents=True)
    written(model, home / ".keras" / "models" / "mobilenet_2_5_224_tf_no_top.h5")
    assert same(model, small(weights="imagenet"))


def test_published_weights_are_downloaded_once_and_checked(home, monkeypatch):
    model = small()
    source = written(model, home / "source.h5")
    checksum = hashlib.md5(source.read_bytes()).hexdigest()
    file = RemoteFile("wanted.h5", (source.as_uri(),), checksum)
    monkeypatch.setattr(
        applications.mobilenet, "_files", lambda alpha, side: WeightFiles(file, file)
    )
    assert same(model, small(weights="imagenet"))
    assert (home / "cache" / "models" / "wanted.h5").is_file()
    source.unlink()
    assert same(model, small(weights="imagenet"))


def test_another_file_is_refused_and_thrown_away(home, monkeypatch):
    source = home / "source.h5"
    source.write_bytes(CONTENT)
    file = RemoteFile("wanted.h5", (source.as_uri(),), "0" * 32)
    monkeypatch.setattr(
        applications.mobilenet, "_files", lambda alpha, side: WeightFiles(file, file)
    )
    found = hashlib.md5(CONTENT).hexdigest()[:12]
    with pytest.raises(FileError, match=rf"another file \(MD5 {found}\.\.\. instead of 0{{12}}"):
        small(weights="imagenet")
    assert not list((home / "cache" / "models").iterdir())


def test_without_a_network_the_message_says_what_to_do(home, monkeypatch, raises):
    def offline(*_: Any, **__: Any) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    raises(
        lambda: applications.VGG16(include_top=False, input_shape=(32, 32, 3)),
        FileError,
        f"{name}: expected a download from one of 1 addresses, got storage.googleapis.com: Network "
        "is unreachable. Download it by hand (https://storage.googleapis.com/tensorflow/"
        f"keras-applications/vgg16/{name}) and put it into {home / 'cache' / 'models'}",
    )


PUBLISHED = {
    "densenet": ("DenseNet121", "DenseNet169", "DenseNet201"),
    "inception_v3": ("InceptionV3",),
    "resnet": ("ResNet50", "ResNet101", "ResNet152"),
    "resnet_v2": ("ResNet50V2", "ResNet101V2", "ResNet152V2"),
    "vgg16": ("VGG16",),
    "vgg19": ("VGG19",),
    "xception": ("Xception",),
}


@pytest.mark.parametrize("module", PUBLISHED)
def test_checksums_are_those_in_keras_own_source(keras, module):
    folder = Path(keras.src.applications.__file__).parent
    source = (folder / f"{module.replace('_v2', '')}.py").read_text()
    for name in PUBLISHED[module]:
        files = files_of(getattr(applications, name))
        places = [source.index(f'"{file.checksum}"') for file in files]
        assert places == sorted(places)
        for file, end in zip(files, ("kernels.h5", "kernels_notop.h5"), strict=True):
            assert file.name == f"{name_in_files(name)}_weights_tf_dim_ordering_tf_{end}"


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("VGG16", {}), ("VGG19", {}), ("ResNet50", {}), ("InceptionV3", {}), ("Xception", {}),
        ("MobileNet", {"alpha": 0.5, "input_shape": (160, 160, 3)}),
        ("MobileNetV2", {"alpha": 1.3, "input_shape": (96, 96, 3)}),
    ],
)  # fmt: skip
def test_real_keras_asks_for_the_same_file(keras, monkeypatch, unfilled, name, options, whole):
    class Asked(Exception):
        pass

    def get_file(fname: str, origin: str, file_hash: Any = None, **_: Any) -> None:
        raise Asked((fname, origin, file_hash))

    def find(file: RemoteFile) -> None:
        raise Asked((file.name, file.addresses[0], file.checksum))

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    monkeypatch.setattr(weights, "find", find)
    asked = []
    for package in (keras, lernwerk):
        with pytest.raises(Asked) as caught:
            getattr(package.applications, name)(include_top=whole, **options)
        asked.append(caught.value.args)
    assert asked[0] == asked[1]


def name_in_files(name: str) -> str:
    return {"InceptionV3": "inception_v3"}.get(name, name.lower())


def files_of(make: Any) -> WeightFiles:
    """The files in the blueprint that a network's function is made of."""
    (plan,) = (c.cell_contents for c in make.__closure__ if hasattr(c.cell_contents, "files"))
    return plan.files


# ---- what is refused


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"weights": "imagnet"},
         "vgg16: expected weights to be None, 'imagenet' or the path of a file, got 'imagnet'."),
        ({"weights": 3}, "vgg16: expected weights to be None, 'imagenet' or the path of a file, "
                         "got 3."),
        ({"classes": 10}, "vgg16: expected classes=1000 for the published weights, got 10. "
                          "include_top=False leaves the head out; add one of your own."),
        ({"classifier_activation": "relu"}, "vgg16: expected classifier_activation to be None or "
                                            "'softmax' for the published weights, got 'relu'."),
    ],
)  # fmt: skip
def test_weights_and_heads_that_do_not_fit_are_refused(options, text, raises):
    raises(lambda: applications.VGG16(**options), ArgumentError, text)


def test_forms_without_published_weights_are_refused(raises):
    raises(
        lambda: applications.MobileNet(alpha=0.3), ArgumentError,
        "MobileNet: expected alpha to be one of 0.25, 0.5, 0.75, 1.0 for the published weights, "
        "got 0.3. weights=None takes any.",
    )  # fmt: skip
    raises(
        lambda: applications.MobileNet(depth_multiplier=2), ArgumentError,
        "MobileNet: expected depth_multiplier to be one of 1 for the published weights, got 2. "
        "weights=None takes any.",
    )  # fmt: skip
    raises(
        lambda: applications.MobileNetV2(alpha=2), ArgumentError,
        "MobileNetV2: expected alpha to be one of 0.35, 0.5, 0.75, 1.0, 1.3, 1.4 for the published "
        "weights, got 2. weights=None takes any.",
    )  # fmt: skip
    raises(
        lambda: applications.ResNet18(weights="imagenet"), ArgumentError,
        "resnet18: expected weights to be None or the path of a file, got 'imagenet'. No weights "
        "of this network were published with Keras.",
    )  # fmt: skip


def test_files_of_other_networks_are_refused_and_nothing_changes(tmp_path, raises):
    path = written(small(), tmp_path / "mine.h5")
    other = small(alpha=0.5)
    before = other.get_weights()
    with pytest.raises(FileError, match="conv1"):
        weights.load(other, path, None, True)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))
    two = lernwerk.Sequential([layers.Input((2,)), layers.Dense(2)])
    with pytest.raises(FileError, match=r"mine\.h5: expected weights of"):
        weights.load(two, path, None, True)
