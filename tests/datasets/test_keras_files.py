"""The data sets whose files are Keras's, on small files of the same form, against Keras itself."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lernwerk import config, settings
from lernwerk.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    reuters,
)
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import find
from lernwerk.datasets.stored_arrays import read_npz, read_pickle
from lernwerk.errors import ArgumentError, FileError, TrainingWarning


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Folders of this test for data, cache and home, and no way to the network."""
    settings.set("data", tmp_path / "data")
    settings.set("cache", tmp_path / "cache")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for module in (cifar10, cifar100, boston_housing, california_housing):
        file = module.FILE
        monkeypatch.setattr(module, "FILE", RemoteFile(file.name, ("file:///nowhere/x",)))
    for module in (imdb, reuters, fashion_mnist):
        monkeypatch.setattr(module, "MIRRORS", ("file:///nowhere/one/", "file:///nowhere/two/"))
    yield tmp_path
    settings.set("data", None)
    settings.set("cache", None)


def ragged(random: np.random.Generator, rows: int) -> np.ndarray:
    texts = np.empty(rows, object)
    texts[:] = [random.integers(1, 30, random.integers(2, 12)).tolist() for _ in range(rows)]
    return texts


def write(folder: Path, name: str, **arrays: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / name, **arrays)
    return folder / name


TEXT_OPTIONS = [
    {}, {"num_words": 12}, {"num_words": 20, "skip_top": 5, "oov_char": None}, {"maxlen": 9},
    {"start_char": None, "index_from": 0, "seed": 4}, {"start_char": None},
]  # fmt: skip


def same(found: Any, expected: Any) -> None:
    for (x, y), (real_x, real_y) in zip(found, expected, strict=True):
        assert x.tolist() == real_x.tolist()
        np.testing.assert_array_equal(y, real_y)


@pytest.mark.parametrize("options", TEXT_OPTIONS)
def test_imdb_is_keras_s(
    keras: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from keras.src.datasets import imdb as real

    random = np.random.default_rng(0)
    parts = {"x_train": ragged(random, 20), "y_train": random.integers(0, 2, 20),
             "x_test": ragged(random, 15), "y_test": random.integers(0, 2, 15)}  # fmt: skip
    path = write(elsewhere / "data" / "imdb", "imdb.npz", **parts)
    monkeypatch.setattr(real, "get_file", lambda **_: str(path))
    same(imdb.load_data(**options), real.load_data(**options))


@pytest.mark.parametrize("options", [*TEXT_OPTIONS, {"test_split": 0.5}])
def test_reuters_is_keras_s(
    keras: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from keras.src.datasets import reuters as real

    random = np.random.default_rng(0)
    path = write(elsewhere / "cache" / "reuters", "reuters.npz", x=ragged(random, 30),
                 y=random.integers(0, 46, 30))  # fmt: skip
    monkeypatch.setattr(real, "get_file", lambda **_: str(path))
    same(reuters.load_data(**options), real.load_data(**options))
    assert reuters.get_label_names() == real.get_label_names()


def test_the_checksums_are_keras_s(keras: Any) -> None:
    import inspect

    from keras.src.datasets import boston_housing as boston
    from keras.src.datasets import california_housing as california
    from keras.src.datasets import cifar10 as ten
    from keras.src.datasets import cifar100 as hundred
    from keras.src.datasets import imdb as films
    from keras.src.datasets import reuters as wires

    for module, checksums in (
        (films, imdb.FILES.values()), (wires, reuters.FILES.values()),
        (boston, [boston_housing.FILE.checksum]), (california, [california_housing.FILE.checksum]),
        (ten, [cifar10.FILE.checksum]), (hundred, [cifar100.FILE.checksum]),
    ):  # fmt: skip
        source = inspect.getsource(module)
        assert all(f'"{checksum}"' in source for checksum in checksums)


def test_word_numbers_of_an_index(elsewhere: Path) -> None:
    folder = elsewhere / "data" / "imdb"
    folder.mkdir(parents=True)
    (folder / "imdb_word_index.json").write_text(json.dumps({"film": 1}))
    assert imdb.get_word_index() == {"film": 1}
    (folder / "imdb_word_index.json").write_text("[")
    with pytest.raises(FileError, match=r"a \.json file with the number of each word"):
        imdb.get_word_index()


@pytest.mark.parametrize(
    ("module", "options"),
    [(boston_housing, {}), (california_housing, {}), (california_housing, {"version": "small"})],
)
def test_houses_are_split_as_by_keras(
    keras: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, module: Any, options: Any
) -> None:
    import importlib

    name = module.__name__.rpartition(".")[2]
    real = importlib.import_module(f"keras.src.datasets.{name}")
    random = np.random.default_rng(0)
    path = write(elsewhere / "data", f"{name}.npz", x=random.normal(size=(700, 3)),
                 y=random.normal(size=700))  # fmt: skip
    monkeypatch.setattr(real, "get_file", lambda *_, **__: str(path))
    found = module.load_data(test_split=0.3, **options)
    same(found, real.load_data(test_split=0.3, **options))
    with pytest.raises(ArgumentError, match=r"test_split to be a number in \[0, 1\), got 1"):
        module.load_data(test_split=1)


def pickled(rows: int, first: int, **labels: Any) -> bytes:
    data = (np.arange(rows * 3072) % 251 + first).astype(np.uint8).reshape(rows, 3072)
    return pickle.dumps({b"data": data, **{k.encode(): v for k, v in labels.items()}})


def archive(path: Path, folder: str, files: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def batches() -> dict[str, bytes]:
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    return {name: pickled(2, i, labels=[i, i + 1]) for i, name in enumerate(names)}


@pytest.mark.parametrize("unpacked", [False, True])
def test_cifar10(elsewhere: Path, unpacked: bool) -> None:
    place = elsewhere / ("data/cifar10" if unpacked else "cache/cifar10")
    if unpacked:
        (place / "cifar-10-batches-py").mkdir(parents=True)
        for name, content in batches().items():
            (place / "cifar-10-batches-py" / name).write_bytes(content)
    else:
        archive(place / "cifar-10-python.tar.gz", "cifar-10-batches-py", batches())
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    assert (x_train.shape, x_train.dtype, y_train.tolist()) == (
        (10, 32, 32, 3), np.uint8, [[0], [1], [1], [2], [2], [3], [3], [4], [4], [5]],
    )  # fmt: skip
    assert (x_test.shape, y_test.tolist()) == ((2, 32, 32, 3), [[5], [6]])
    assert x_train[0, 0, :3, 0].tolist() == [0, 1, 2]  # red, row by row
    assert x_train[0, 0, 0].tolist() == [0, 1024 % 251, 2048 % 251]
    assert cifar10.load().train_rows == 10
    config.set_image_data_format("channels_first")
    try:
        assert cifar10.load_data()[0][0].shape == (10, 3, 32, 32)
    finally:
        config.set_image_data_format("channels_last")


def test_the_excerpt_of_cifar10_is_announced(elsewhere: Path) -> None:
    with pytest.raises(FileError, match="expected a download from one of 1 addresses"):
        cifar10.load_data()
    write(elsewhere / "data" / "cifar10", "cifar10_subset.npz",
          x_train=np.zeros((3, 32, 32, 3), np.uint8), y_train=np.arange(3),
          x_test=np.zeros((1, 32, 32, 3), np.uint8), y_test=np.arange(1))  # fmt: skip
    with pytest.warns(TrainingWarning) as said:
        (x_train, y_train), _ = cifar10.load_data()
    assert (x_train.shape, y_train.shape) == ((3, 32, 32, 3), (3, 1))
    assert str(said[0].message).endswith("The excerpt of 3 training and 1 test pictures is used.")


def test_cifar100(elsewhere: Path) -> None:
    parts = {name: pickled(2, 1, fine_labels=[9, 8], coarse_labels=[1, 2])
             for name in ("train", "test")}  # fmt: skip
    archive(elsewhere / "data" / "cifar-100-python.tar.gz", "cifar-100-python", parts)
    (x, y), _ = cifar100.load_data()
    assert (x.shape, y.tolist()) == ((2, 32, 32, 3), [[9], [8]])
    assert cifar100.load_data("coarse")[1][1].tolist() == [[1], [2]]
    with pytest.raises(ArgumentError, match="known label_mode, got 'middle'"):
        cifar100.load_data("middle")


def test_fashion_mnist(elsewhere: Path) -> None:
    folder = elsewhere / "data" / "fashion_mnist"
    folder.mkdir(parents=True)
    for prefix, rows in (("train", 60000), ("t10k", 10000)):
        for kind, shape in (("images-idx3", (rows, 28, 28)), ("labels-idx1", (rows,))):
            header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
            content = header + bytes([7]) * int(np.prod(shape))
            (folder / f"{prefix}-{kind}-ubyte.gz").write_bytes(gzip.compress(content, 1))
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert (x_train.shape, y_train.shape, x_test.shape, y_test[0]) == (
        (60000, 28, 28), (60000,), (10000, 28, 28), 7,
    )  # fmt: skip
    assert fashion_mnist.load().class_names[9] == "Ankle boot"
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 0]))
    )
    with pytest.raises(
        FileError, match=r"the array of Fashion-MNIST, shape \(10000,\), got \(0,\)"
    ):
        fashion_mnist.load_data()


def test_downloads_of_keras_itself_are_used(elsewhere: Path) -> None:
    folder = elsewhere / "home" / ".keras" / "datasets"
    folder.mkdir(parents=True)
    (folder / "x.npz").write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert find("any", RemoteFile("x.npz", (), digest)) == folder / "x.npz"
    with pytest.raises(FileError):  # another file of that name
        find("any", RemoteFile("x.npz", ("file:///nowhere",), "0" * 64))


def test_a_file_may_be_named(elsewhere: Path) -> None:
    path = write(elsewhere, "mine.npz", x=np.ones((4, 2)), y=np.ones(4))
    (x, _), _ = boston_housing.load_data(path=str(path))
    assert x.shape == (3, 2)


def test_without_network_the_message_says_where_to_put_the_file(elsewhere: Path) -> None:
    with pytest.raises(FileError) as error:
        imdb.load_data()
    assert str(error.value).endswith(
        "Download it by hand (file:///nowhere/one/imdb.npz) and put it into "
        f"{elsewhere / 'cache' / 'imdb'}"
    )


class Evil:
    """A pickle that would run a command."""

    def __reduce__(self) -> Any:
        return print, ("run",)


def test_pickles_that_would_run_something_are_refused(elsewhere: Path, capsys: Any) -> None:
    with pytest.raises(FileError) as error:
        read_pickle(pickle.dumps(Evil()), "file")
    assert str(error.value) == (
        "file: expected arrays and nothing else, got a pickle that asks for builtins.print. "
        "Delete it and put the published file there."
    )
    evil = np.empty(1, object)
    evil[0] = Evil()
    path = write(elsewhere, "evil.npz", x=evil)
    with pytest.raises(FileError, match="x: expected arrays and nothing else"):
        read_npz(path, "x")
    assert capsys.readouterr().out == ""


def test_damaged_files(elsewhere: Path) -> None:
    path = write(elsewhere, "x.npz", x=np.ones(3))
    with pytest.raises(FileError, match=r"expected an \.npz with y, got There is no item named"):
        read_npz(path, "y")
    path.write_bytes(b"nonsense")
    with pytest.raises(FileError, match=r"expected an \.npz with x, got File is not a zip file"):
        read_npz(path, "x")
    broken = elsewhere / "data" / "cifar-100-python.tar.gz"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"nonsense")
    with pytest.raises(FileError, match=r"expected a \.tar\.gz with train, test, got"):
        cifar100.load_data()
    archive(broken, "cifar-100-python", {"train": b""})
    with pytest.raises(FileError, match="got none of the name test"):
        cifar100.load_data()
    archive(broken, "cifar-100-python", {"train": pickle.dumps({}), "test": pickle.dumps({})})
    with pytest.raises(FileError, match=r"cifar100, train: expected pictures and their fine_label"):
        cifar100.load_data()
