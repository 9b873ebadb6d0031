"""The weights of published networks: which file, where it lies, how it is read.

The files are those that Keras's authors published: HDF5 in the layout of Keras 2, a group for
every layer, the layers in order. They are looked for in the folder ``models`` of LERNWERK_DATA,
among Keras's own downloads, in the cache, and are downloaded into the cache where none has them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lernwerk import settings
from lernwerk.datasets.download import RemoteFile, fetch
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.models import Model

HOST = "https://storage.googleapis.com/tensorflow/keras-applications"
FOLDER = "models"


class WeightFiles(NamedTuple):
    """The published files of one network: with its head and without."""

    whole: RemoteFile
    headless: RemoteFile


def published(
    folder: str, stem: str, checksums: tuple[str | None, str | None] = (None, None),
    endings: tuple[str, str] = (".h5", "_notop.h5"),
) -> WeightFiles:  # fmt: skip
    """The two files of a network: names that differ in their ends, in one folder of the host."""
    pairs = zip(endings, checksums, strict=True)
    return WeightFiles(*(
        RemoteFile(stem + end, (f"{folder}/{stem}{end}",), checksum) for end, checksum in pairs
    ))  # fmt: skip


def kernels(folder: str, stem: str, *checksums: str) -> WeightFiles:
    """``published`` for the ending that most of the files have."""
    whole, headless = checksums
    return published(f"{HOST}/{folder}", f"{stem}_weights_tf_dim_ordering_tf_kernels",
                     (whole, headless))  # fmt: skip


def check_weights(where: str, plan: Any, options: Any) -> None:
    """Refuse weights that are no name or file, and heads that the published ones do not fit."""
    weights = options.weights
    if weights is None:
        return
    if weights != "imagenet":
        if not _is_file(weights):
            raise ArgumentError(where, "weights to be None, 'imagenet' or the path of a file",
                                repr(weights))  # fmt: skip
        return
    if plan.files is None:
        raise ArgumentError(
            where, "weights to be None or the path of a file", "'imagenet'",
            "No weights of this network were published with Keras.",
        )  # fmt: skip
    if not options.include_top:
        return
    if options.classes != plan.classes:
        raise ArgumentError(
            where, f"classes={plan.classes} for the published weights", options.classes,
            "include_top=False leaves the head out; add one of your own.",
        )  # fmt: skip
    activation = options.classifier_activation
    if activation not in (None, "softmax") and getattr(activation, "__name__", "") != "softmax":
        raise ArgumentError(where, "classifier_activation to be None or 'softmax' for the "
                            "published weights", repr(activation))  # fmt: skip


def check_choice(where: str, name: str, value: Any, known: Iterable[Any]) -> None:
    """Refuse a form of a network for which no weights were published."""
    choices = list(known)
    if value not in choices:
        raise ArgumentError(
            where, f"{name} to be one of {', '.join(map(str, choices))} for the published weights",
            value, "weights=None takes any.",
        )  # fmt: skip


def _is_file(weights: Any) -> bool:
    return isinstance(weights, (str, os.PathLike)) and Path(weights).expanduser().is_file()


def find(remote: RemoteFile) -> Path:
    """The path of a published file, downloaded where it is nowhere on this machine.

    Raises FileError, with the address and the folder to put it into, where that fails.
    """
    data = settings.get("data")
    folders = [Path.home() / ".keras" / FOLDER]
    if data is not None:
        folders.insert(0, Path(data) / FOLDER)
    for folder in folders:
        if (folder / remote.name).is_file():
            return folder / remote.name
    return fetch(remote, Path(settings.get("cache")) / FOLDER)


def load(model: Model, weights: Any, files: WeightFiles | None, whole: bool) -> None:
    """Fill a model: from its published file for 'imagenet', else from the file named."""
    if weights is None:
        return
    if weights == "imagenet":
        if files is None:
            raise UsageError(model.name, "a network with published weights", "one without")
        path = find(files.whole if whole else files.headless)
    else:
        path = Path(weights).expanduser()
    model.load_weights(path)
