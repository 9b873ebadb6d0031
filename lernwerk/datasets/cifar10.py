"""CIFAR-10: 60000 colour pictures of 32 x 32 pixels in ten classes, 10000 of them for testing.

Where the published archive can neither be found nor downloaded, but LERNWERK_DATA has the excerpt
``cifar10/cifar10_subset.npz``, that is used, and a warning says so.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from lernwerk import settings
from lernwerk.datasets import cifar
from lernwerk.datasets.dataset import Arrays, Dataset
from lernwerk.datasets.download import RemoteFile
from lernwerk.datasets.stored_arrays import read_npz
from lernwerk.errors import FileError, TrainingWarning

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ARCHIVE = "cifar-10-python.tar.gz"
FILE = RemoteFile(
    ARCHIVE, (cifar.HOST + ARCHIVE,),
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)  # fmt: skip
FOLDER = "cifar-10-batches-py"
SUBSET = "cifar10_subset.npz"


def load_data() -> tuple[Arrays, Arrays]:
    """((x_train, y_train), (x_test, y_test)): x uint8 (rows, 32, 32, 3), y uint8 (rows, 1)."""
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    try:
        parts = cifar.read("cifar10", FILE, FOLDER, names, "labels")
    except FileError as error:
        found = _excerpt()
        if found is None:
            raise
        warnings.warn(
            f"cifar10: the full data set is not here ({error.where}: {error.got}). The excerpt of "
            f"{len(found[0][0])} training and {len(found[1][0])} test pictures is used.",
            TrainingWarning, stacklevel=2,
        )  # fmt: skip
        return found
    xs, ys = zip(*parts[:-1], strict=True)
    return (np.concatenate(xs), np.concatenate(ys)), parts[-1]


def load() -> Dataset:
    """Training and test rows in one piece; the last ones are the official test set."""
    (x_train, y_train), (x_test, y_test) = load_data()
    return Dataset(
        name="cifar10",
        x=np.concatenate([x_train, x_test]),
        y=np.concatenate([y_train, y_test])[:, 0].astype(np.int64),
        feature_names=(),
        class_names=CLASSES,
        task="classification",
        source=cifar.SOURCE,
        image_shape=(32, 32, 3),
        train_rows=len(x_train),
    )


def _excerpt() -> tuple[Arrays, Arrays] | None:
    data = settings.get("data")
    path = None if data is None else Path(data) / "cifar10" / SUBSET
    if path is None or not path.is_file():
        return None
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = read_npz(path, *names)
    return (x_train, y_train.reshape(-1, 1)), (x_test, y_test.reshape(-1, 1))
