"""Where the files of data sets are looked for before they are downloaded.

In turn: the path that the caller names, LERNWERK_DATA (in a folder of the data set's name, or
directly), the cache, and the folder where Keras keeps its downloads.
"""

from __future__ import annotations

from pathlib import Path

from lernwerk import settings
from lernwerk.datasets.download import RemoteFile, fetch, has_checksum

KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def find(dataset: str, file: RemoteFile, path: str | None = None) -> Path:
    """The path of one file of a data set, downloaded where it is nowhere on this machine.

    ``path`` is Keras's argument: the name of an existing file counts, another name is ignored.
    Raises FileError, which says where to put the file by hand, where it cannot be had.
    """
    if path is not None and Path(path).is_file():
        return Path(path)
    known = local(dataset, file)
    return known or fetch(file, Path(settings.get("cache")) / dataset)


def local(dataset: str, file: RemoteFile) -> Path | None:
    """The path of a file that is on this machine already."""
    data, cache = settings.get("data"), Path(settings.get("cache"))
    # The checksum guards downloads: what somebody put into these folders is taken as it is.
    folders = [] if data is None else [Path(data) / dataset, Path(data)]
    for folder in (*folders, cache / dataset):
        if (folder / file.name).is_file():
            return folder / file.name
    by_keras = Path.home() / ".keras" / "datasets" / file.name
    checksum = file.checksum
    if by_keras.is_file() and (checksum is None or has_checksum(by_keras, checksum)):
        return by_keras
    return None
