"""MNIST from the folder of data sets, from the cache, and its refusals."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lernwerk import settings
from lernwerk.datasets import mnist
from lernwerk.errors import FileError

HAS_MNIST = settings.get("data") is not None and (Path(settings.get("data")) / "mnist").is_dir()
needs_mnist = pytest.mark.skipif(
    not HAS_MNIST, reason="LERNWERK_DATA names no folder with mnist; the real files are not tested"
)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Folders of this test for data and cache, and no way to the network."""
    settings.set("data", tmp_path / "data")
    settings.set("cache", tmp_path / "cache")
    yield tmp_path
    settings.set("data", None)
    settings.set("cache", None)


def write(folder: Path, name: str, shape: tuple[int, ...], value: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    content = header + bytes([value]) * int(np.prod(shape))
    (folder / name).write_bytes(gzip.compress(content, 1))


def write_all(folder: Path) -> None:
    write(folder, "train-images-idx3-ubyte.gz", (60000, 28, 28), 1)
    write(folder, "train-labels-idx1-ubyte.gz", (60000,), 2)
    write(folder, "t10k-images-idx3-ubyte.gz", (10000, 28, 28), 3)
    write(folder, "t10k-labels-idx1-ubyte.gz", (10000,), 4)


@needs_mnist
def test_the_real_files() -> None:
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert x_train.shape == (60000, 28, 28)
    assert x_test.shape == (10000, 28, 28)
    assert x_train.dtype == y_train.dtype == np.uint8
    # The first labels and the class counts as they stand on the page of the data set.
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert abs(x_train.mean() / 255 - 0.1307) < 1e-4


@needs_mnist
def test_as_one_object() -> None:
    data = mnist.load()
    assert data.x.shape == (70000, 28, 28)
    assert data.train_rows == 60000
    assert data.image_shape == (28, 28)
    assert data.y.dtype == np.int64
    assert data.feature_names[29] == "pixel_1_1"


def test_folder_of_data_sets_comes_before_the_cache(elsewhere: Path) -> None:
    write_all(elsewhere / "cache" / "mnist")
    write(elsewhere / "data" / "mnist", "t10k-labels-idx1-ubyte.gz", (10000,), 9)
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert (x_train.max(), y_train.max(), x_test.max(), y_test.max()) == (1, 2, 3, 9)


def test_a_file_of_another_shape(elsewhere: Path) -> None:
    write_all(elsewhere / "data" / "mnist")
    write(elsewhere / "data" / "mnist", "t10k-labels-idx1-ubyte.gz", (5,), 4)
    with pytest.raises(FileError) as error:
        mnist.load_data()
    path = elsewhere / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz"
    assert str(error.value) == (f"{path}: expected the array of MNIST, shape (10000,), got (5,).")


def test_without_network_the_message_says_where_to_put_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "MIRRORS", ("file:///nowhere/one/", "file:///nowhere/two/"))
    with pytest.raises(FileError) as error:
        mnist.load_data()
    message = str(error.value)
    assert message.startswith(
        "train-images-idx3-ubyte.gz: expected a download from one of 2 addresses, got "
    )
    assert message.endswith(
        "Download it by hand (file:///nowhere/one/train-images-idx3-ubyte.gz) and put it into "
        f"{elsewhere / 'cache' / 'mnist'}"
    )


def test_download_of_the_wrong_file_is_refused(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(elsewhere / "mirror")
    monkeypatch.setattr(mnist, "MIRRORS", ((elsewhere / "mirror").as_uri() + "/",))
    with pytest.raises(FileError, match=r"another file \(SHA-256"):
        mnist.load_data()


def test_keras_file(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(path, **{name: np.full(3, i) for i, name in enumerate(names)})
    (x_train, _), (_, y_test) = mnist.load_data(str(path))
    assert (x_train[0], y_test[0]) == (0, 3)


def test_foreign_keras_file(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(b"nonsense")
    with pytest.raises(FileError) as error:
        mnist.load_data(str(path))
    assert str(error.value).startswith(
        f"{path}: expected an .npz with x_train, y_train, x_test and y_test, got "
    )
