"""MNIST: 70000 handwritten digits of 28 x 28 pixels, 60000 for training and 10000 for testing.

The four published files are looked for in the folder ``mnist`` of LERNWERK_DATA, then in the cache
folder, and are downloaded into the cache where neither has them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lernwerk import settings
from lernwerk.datasets import idx
from lernwerk.datasets.dataset import Arrays, Dataset, pixel_names
from lernwerk.datasets.download import RemoteFile, fetch
from lernwerk.errors import FileError

SOURCE = (
    "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998), Gradient-based learning applied to "
    "document recognition, Proceedings of the IEEE 86(11); files of Y. LeCun, C. Cortes and "
    "C. J. C. Burges, http://yann.lecun.com/exdb/mnist/"
)
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea37026"
    "5605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cc"
    "a23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def load_data(path: str = "mnist.npz") -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 28, 28), y uint8 (rows).

    ``path`` is Keras's argument: where it names an existing .npz with x_train, y_train, x_test and
    y_test, that file is read; otherwise the published files are used. Raises FileError where they
    are damaged or can neither be found nor downloaded.
    """
    if Path(path).is_file():
        return _keras_file(Path(path))
    return _published()


def load() -> Dataset:
    """Training and test rows in one piece; the last 10000 are the official test set."""
    (x_train, y_train), (x_test, y_test) = _published()
    return Dataset(
        name="mnist",
        x=np.concatenate([x_train, x_test]),
        y=np.concatenate([y_train, y_test]).astype(np.int64),
        feature_names=pixel_names(28, 28),
        class_names=tuple("0123456789"),
        task="classification",
        source=SOURCE,
        image_shape=(28, 28),
        train_rows=len(x_train),
    )


def find(name: str) -> Path:
    """The path of one published file, downloaded where it is nowhere on this machine."""
    data = settings.get("data")
    # The checksum guards downloads only: a file that somebody put there is taken as it is.
    if data is not None and (Path(data) / "mnist" / name).is_file():
        return Path(data) / "mnist" / name
    remote = RemoteFile(name, tuple(mirror + name for mirror in MIRRORS), CHECKSUMS[name])
    return fetch(remote, Path(settings.get("cache")) / "mnist")


def _published() -> tuple[Arrays, Arrays]:
    return _part("train", 60000), _part("t10k", 10000)


def _part(prefix: str, rows: int) -> Arrays:
    arrays = []
    for kind, shape in (("images-idx3", (rows, 28, 28)), ("labels-idx1", (rows,))):
        path = find(f"{prefix}-{kind}-ubyte.gz")
        array = idx.read(path)
        if array.shape != shape:
            raise FileError(str(path), f"the array of MNIST, shape {shape}", f"{array.shape}")
        arrays.append(array)
    return arrays[0], arrays[1]


def _keras_file(path: Path) -> tuple[Arrays, Arrays]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])
    except Exception as error:  # a foreign file can fail in any way: zip, header, pickle, key
        raise FileError(
            str(path), "an .npz with x_train, y_train, x_test and y_test", str(error)
        ) from None
