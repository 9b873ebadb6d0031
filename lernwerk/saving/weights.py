"""load_weights: the numbers of a file into a model that is there."""

from __future__ import annotations

import os
from pathlib import Path

from lernwerk.errors import FileError
from lernwerk.models.model import Model
from lernwerk.saving.archive import WEIGHTS, Archive
from lernwerk.saving.legacy.weights import is_old, load_old_weights
from lernwerk.saving.matching import Assignments, warn_of_skipped
from lernwerk.saving.reading import begins_with, check_size
from lernwerk.saving.weights_file import WeightsFile
from lernwerk.saving.writing import check_built

FilePath = str | os.PathLike[str]


def load_weights(
    model: Model, filepath: FilePath, skip_mismatch: bool = False, by_name: bool = False
) -> None:
    """Read the weights from a ``.weights.h5``, ``.keras`` or old ``.h5`` file.

    The optimizer's state comes along where the file has it and the model is compiled; one that does
    not fit is left out with a warning. Weights are compared first: where one is missing, left over
    or of another shape, FileError names it and nothing is changed. With ``skip_mismatch`` such
    weights are left as they are, with ``by_name`` layers are found by their names and others left;
    one warning lists them.
    """
    check_built(model, "load_weights")
    path = os.fspath(filepath)
    with WeightsFile(path, _content(path, model)) as weights:
        if is_old(weights):
            load_old_weights(weights, model, by_name, skip_mismatch)
            return
        found = Assignments(weights, model, by_name, skip_mismatch)
        if model.optimizer is not None and not (by_name or skip_mismatch):
            found.optimizer_if_it_fits()
        found.random_states([])
        found.apply()
        warn_of_skipped(path, found.skipped)


def _content(path: str, model: Model) -> bytes:
    if begins_with(path, b"PK"):
        with Archive(path) as archive:
            check_size(path, archive.size(WEIGHTS), model)
            return archive.read(WEIGHTS)
    limit = Path(path).stat().st_size
    if limit > 2**20:  # small files may hold more names than weights
        check_size(path, limit, model)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileError(path, "a readable file", error.strerror or str(error)) from error
