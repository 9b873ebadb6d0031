"""Fashion-MNIST: 70000 grey pictures of 28 x 28 pixels of ten kinds of clothes, 10000 for testing.

The four published files are those of MNIST's format and names; they are looked for in the folder
``fashion_mnist`` of LERNWERK_DATA and of the cache, and downloaded.
"""

from __future__ import annotations

import numpy as np

from lernwerk.datasets import idx
from lernwerk.datasets.dataset import Arrays, Dataset, pixel_names
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.places import KERAS, find
from lernwerk.errors import FileError

SOURCE = (
    "H. Xiao, K. Rasul and R. Vollgraf (2017), Fashion-MNIST: a novel image dataset for "
    "benchmarking machine learning algorithms, arXiv:1708.07747; MIT licence, Zalando SE"
)
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
           "Bag", "Ankle boot")  # fmt: skip
MIRRORS = (KERAS, "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")
# MD5, as the publisher lists them; Keras has none.
CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def load_data() -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 28, 28), y uint8 (rows)."""
    return _part("train", 60000), _part("t10k", 10000)


def load() -> Dataset:
    """Training and test rows in one piece; the last 10000 are the official test set."""
    (x_train, y_train), (x_test, y_test) = load_data()
    return Dataset(
        name="fashion_mnist",
        x=np.concatenate([x_train, x_test]),
        y=np.concatenate([y_train, y_test]).astype(np.int64),
        feature_names=pixel_names(28, 28),
        class_names=CLASSES,
        task="classification",
        source=SOURCE,
        image_shape=(28, 28),
        train_rows=len(x_train),
    )


def _part(prefix: str, rows: int) -> Arrays:
    arrays = []
    for kind, shape in (("images-idx3", (rows, 28, 28)), ("labels-idx1", (rows,))):
        name = f"{prefix}-{kind}-ubyte.gz"
        addresses = tuple(mirror + name for mirror in MIRRORS)
        path = find("fashion_mnist", RemoteFile(name, addresses, CHECKSUMS[name]))
        array = idx.read(path)
        if array.shape != shape:
            raise FileError(str(path), f"the array of Fashion-MNIST, shape {shape}",
                            f"{array.shape}")  # fmt: skip
        arrays.append(array)
    return arrays[0], arrays[1]
