"""Files as Keras 1 and 2 wrote them, by hand: the layout of Keras 2.3's ``engine/saving.py``.

Attributes of the file: ``keras_version``, ``backend``, ``model_config`` and ``training_config`` as
JSON; the group ``model_weights`` with ``layer_names``, in it a group for each layer with
``weight_names``, its arrays under these names; the group ``optimizer_weights`` likewise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Weights = dict[str, dict[str, Any]]


def write_old_file(
    path: Path,
    config: Any,
    weights: Weights,
    version: str = "2.3.1",
    backend: str = "tensorflow",
    training: Any = None,
    optimizer: dict[str, Any] | None = None,
) -> Path:
    """Write a whole model."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = version.encode(), backend.encode()
        file.attrs["model_config"] = json.dumps(config).encode()
        if training is not None:
            file.attrs["training_config"] = json.dumps(training).encode()
        write_old_weights(file.create_group("model_weights"), weights, version, backend)
        if optimizer is not None:
            _write(file.create_group("optimizer_weights"), optimizer)
    return path


def write_old_weights(group: Any, weights: Weights, version: str, backend: str) -> None:
    """Write the weights alone, as ``save_weights`` did, into a file or a group of it."""
    group.attrs["layer_names"] = [name.encode() for name in weights]
    group.attrs["backend"], group.attrs["keras_version"] = backend.encode(), version.encode()
    for name, arrays in weights.items():
        _write(group.create_group(name), arrays)


def _write(group: Any, arrays: dict[str, Any]) -> None:
    group.attrs["weight_names"] = [name.encode() for name in arrays]
    for name, array in arrays.items():
        group.create_dataset(name, data=np.asarray(array, np.float32))
