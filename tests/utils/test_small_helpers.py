"""PyDataset, padding, packing, progress, pictures, seeds and files against Keras's."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lernwerk import settings, utils
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError, DataError, DtypeError, FileError, ShapeError
from lernwerk.layers import Dense


def test_every_name_exists_and_is_keras_s(keras: Any) -> None:
    for name in utils.__all__:
        assert getattr(utils, name) is not None
        assert hasattr(keras.utils, name) or name in ("Dataset", "set_threads", "smart_resize")
    assert set(dir(utils)) == set(utils.__all__)
    with pytest.raises(AttributeError, match=r"^module 'lernwerk.utils' has no attribute 'x'$"):
        _ = utils.x


class Squares(utils.PyDataset):
    """Two batches; without super().__init__, as many scripts do it."""

    def __init__(self) -> None:
        self.ends = 0

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> int:
        return index * index

    def on_epoch_end(self) -> None:
        self.ends += 1


def test_pydataset() -> None:
    dataset = Squares()
    assert (list(dataset), dataset.num_batches, dataset.workers) == ([0, 1], 2, 1)
    assert utils.Sequence is utils.PyDataset
    assert utils.PyDataset(workers=3).workers == 3
    with pytest.raises(NotImplementedError, match="PyDataset has neither __len__ nor num_batches"):
        next(iter(utils.PyDataset()))


@pytest.mark.parametrize(
    "options",
    [{}, {"maxlen": 2}, {"padding": "post"}, {"truncating": "post", "maxlen": 2},
     {"value": -1.5, "dtype": "float32"}, {"dtype": object, "value": "x"}, {"maxlen": 6}],
)  # fmt: skip
def test_pad_sequences_is_keras_s(keras: Any, options: dict[str, Any]) -> None:
    for sequences in ([[1], [2, 3], [], [4, 5, 6]], [[[1, 2]], [[3, 4], [5, 6]]]):
        found = utils.pad_sequences(sequences, **options)
        expected = keras.utils.pad_sequences(sequences, **options)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def test_pad_sequences_messages() -> None:
    with pytest.raises(DataError) as single:
        utils.pad_sequences([1, 2])
    assert str(single.value) == (
        "pad_sequences: expected a list of sequences, got 1 at position 0. "
        "One sequence alone is [sequence]."
    )
    with pytest.raises(ShapeError, match="sequence 1: expected elements of shape"):
        utils.pad_sequences([[[1, 2]], [[1, 2, 3]]])
    with pytest.raises(DtypeError, match=r"a dtype that holds text, got int32. Give dtype=object"):
        utils.pad_sequences([["a"]], value="x")
    with pytest.raises(ArgumentError, match="name of a known padding, got 'front'"):
        utils.pad_sequences([[1]], padding="front")


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_normalize_is_keras_s(keras: Any, axis: int) -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, 2.0]])
    for order in (1, 2):
        norm = np.linalg.norm(x, order, axis, keepdims=True)
        norm[norm == 0] = 1
        np.testing.assert_allclose(utils.normalize(x, axis, order), x / norm)
    expected = keras.utils.normalize(x)
    np.testing.assert_allclose(utils.normalize(x), expected)


def test_packing_is_keras_s(keras: Any) -> None:
    for given in ((1,), (1, 2), (1, 2, 3), ([1, 2],)):
        packed = utils.pack_x_y_sample_weight(*given)
        assert packed == keras.utils.pack_x_y_sample_weight(*given)
        assert utils.unpack_x_y_sample_weight(packed) == keras.utils.unpack_x_y_sample_weight(
            packed
        )
    with pytest.raises(DataError, match=r"expected x, \(x, y\) or .*, got 4 parts"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


def test_one_seed_for_everything() -> None:
    found = []
    for _ in range(2):
        utils.set_random_seed(7)
        found.append((random.random(), np.random.mtrand._rand.random_sample(),
                      RandomStream().uniform((2,)).numpy().tolist()))  # fmt: skip
    assert found[0] == found[1]


def test_clear_session_begins_names_anew() -> None:
    utils.clear_session()
    assert [Dense(1).name, Dense(1).name] == ["dense", "dense_1"]
    utils.clear_session()
    assert Dense(1).name == "dense"


def test_progress(capsys: Any) -> None:
    bar = utils.Progbar(4, interval=0, stateful_metrics=["rate"])
    for step in range(1, 5):
        bar.update(step, [("loss", float(step)), ("rate", 0.5 * step)])
    out = capsys.readouterr().out
    last = out.split("\r")[-1]
    assert out.startswith("\r\x1b[1m1/4")
    assert "loss: 4.0000 - rate: 2.0000" in last  # the last values are those of the whole epoch
    assert "loss: 2.0000 - rate: 1.5000" in out.split("\r")[-2]
    assert last.endswith("\n")
    line = utils.Progbar(2, verbose=2)
    line.add(2, [("loss", 1e-5)])
    assert capsys.readouterr().out.startswith("2/2 - 0s - ")
    unknown = utils.Progbar(None, interval=0)
    unknown.add(3)
    assert "3/Unknown" in capsys.readouterr().out
    with pytest.raises(ArgumentError, match="not both, got both"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    values = np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    Image.fromarray(values).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize("method", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
def test_pictures_are_read_as_keras_reads_them(
    keras: Any, picture: Path, mode: str, method: str
) -> None:
    for options in ({}, {"target_size": (4, 6), "interpolation": method},
                    {"target_size": (5, 5), "interpolation": method,
                     "keep_aspect_ratio": True}):  # fmt: skip
        found = utils.img_to_array(utils.load_img(picture, color_mode=mode, **options))
        expected = keras.utils.img_to_array(
            keras.utils.load_img(str(picture), color_mode=mode, **options)
        )
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated:DeprecationWarning")
def test_arrays_become_keras_s_pictures(keras: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for channels in (1, 3, 4):
        x = random.normal(size=(4, 5, channels))
        for scale, value in ((True, x), (False, np.abs(x) * 50)):
            found = np.asarray(utils.array_to_img(value, scale=scale))
            np.testing.assert_array_equal(found, keras.utils.array_to_img(value, scale=scale))
    first = utils.array_to_img(x.transpose(2, 0, 1), data_format="channels_first")
    np.testing.assert_array_equal(first, utils.array_to_img(x))
    with pytest.warns(UserWarning, match="does not support RGBA"):
        utils.save_img(tmp_path / "x.jpg", x)
    utils.save_img(tmp_path / "x.png", x[..., :3])
    saved = utils.load_img(io.BytesIO((tmp_path / "x.png").read_bytes()))
    np.testing.assert_array_equal(saved, utils.array_to_img(x[..., :3]))


@pytest.mark.parametrize("shape", [(7, 12, 3), (2, 9, 5, 1), (6, 6, 3)])
def test_smart_resize_is_keras_s(keras: Any, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(2).uniform(0, 255, shape).astype("float32")
    for method in ("bilinear", "nearest", "bicubic", "lanczos3"):
        found = utils.smart_resize(x, (4, 5), interpolation=method)
        expected = keras.preprocessing.image.smart_resize(x, (4, 5), interpolation=method)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)
    assert isinstance(utils.smart_resize(Tensor(x), (3, 3)), Tensor)
    moved = utils.smart_resize(np.moveaxis(x, -1, -3), (4, 5), data_format="channels_first")
    np.testing.assert_array_equal(np.moveaxis(moved, -3, -1), utils.smart_resize(x, (4, 5)))


def test_messages_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"nonsense")
    with pytest.raises(FileError, match=r"x.png: expected a picture, got a file of another kind"):
        utils.load_img(tmp_path / "x.png")
    with pytest.raises(FileError, match="expected a picture, got No such file or directory"):
        utils.load_img(tmp_path / "y.png")
    with pytest.raises(DtypeError, match=r"a path or an io.BytesIO, got int"):
        utils.load_img(3)
    with pytest.raises(DataError, match="expected 1, 3 or 4 channels, got 2"):
        utils.array_to_img(np.zeros((2, 2, 2)))
    with pytest.raises(ShapeError, match=r"expected one picture with 3 axes, got \(2, 2\)"):
        utils.array_to_img(np.zeros((2, 2)))


@pytest.fixture
def cache(tmp_path: Path) -> Any:
    settings.set("cache", tmp_path / "cache")
    yield tmp_path / "cache"
    settings.set("cache", None)


def test_files_are_fetched_once(cache: Path, tmp_path: Path) -> None:
    source = tmp_path / "book.txt"
    source.write_text("words")
    path = utils.get_file("book.txt", source.as_uri())
    assert path == str(cache / "datasets" / "book.txt")
    source.write_text("others")
    assert Path(utils.get_file(origin=source.as_uri())).read_text() == "words"
    assert Path(utils.get_file("book.txt", source.as_uri(), force_download=True)).read_text() == (
        "others"
    )
    with pytest.raises(FileError, match=r"another file \(MD5"):
        utils.get_file("other.txt", source.as_uri(), md5_hash="0" * 32)
    elsewhere = utils.get_file("b.txt", source.as_uri(), cache_dir=tmp_path, cache_subdir="sub")
    assert elsewhere == str(tmp_path / "sub" / "b.txt")


def test_a_file_in_the_cache_with_another_checksum_is_fetched_anew(
    cache: Path, tmp_path: Path
) -> None:
    import hashlib

    source = tmp_path / "book.txt"
    source.write_text("old")
    utils.get_file("book.txt", source.as_uri())
    source.write_text("new")
    digest = hashlib.sha256(b"new").hexdigest()
    path = utils.get_file("book.txt", source.as_uri(), file_hash=digest)
    assert Path(path).read_text() == "new"


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_archives_are_unpacked(cache: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "inner.txt").write_text("x")
    name = tmp_path / ("data.tar.gz" if kind == "tar" else "data.zip")
    if kind == "tar":
        with tarfile.open(name, "w:gz") as archive:
            archive.add(tmp_path / "inner.txt", "data/inner.txt")
    else:
        with zipfile.ZipFile(name, "w") as archive:
            archive.write(tmp_path / "inner.txt", "data/inner.txt")
    for given, folder in ((name.name, "data_extracted"), ("data", "data")):
        path = Path(utils.get_file(given, name.as_uri(), extract=True))
        assert path == cache / "datasets" / folder
        assert (path / "data" / "inner.txt").read_text() == "x"


def test_archives_with_paths_outside_are_refused(cache: Path, tmp_path: Path) -> None:
    name = tmp_path / "evil.zip"
    with zipfile.ZipFile(name, "w") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(FileError) as error:
        utils.get_file("evil", name.as_uri(), extract=True)
    assert str(error.value).endswith(
        "expected an archive with paths inside it, got '../outside.txt'."
    )
    assert not list(tmp_path.rglob("outside.txt"))
    (tmp_path / "plain").write_text("x")
    with pytest.raises(FileError, match="expected a tar or zip file, got a file of another kind"):
        utils.get_file("p", (tmp_path / "plain").as_uri(), extract=True)


def test_messages_of_files(cache: Path) -> None:
    with pytest.raises(ArgumentError, match="expected origin, the address of the file, got None"):
        utils.get_file("x")
    with pytest.raises(ArgumentError, match="expected fname without folders, got 'a/b'"):
        utils.get_file("a/b", "file:///x")
    with pytest.raises(ArgumentError, match=r"ends with a file's name.*Give fname='...'"):
        utils.get_file(origin="file:///")
