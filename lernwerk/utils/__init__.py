"""Small helpers under Keras's names; ``atomic`` writes files whole or not at all.

A name is loaded when it is first used, so that the rows above this package may use single modules
of it (``atomic``, ``pydataset``) without loading the rest.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "numerical": ("normalize", "to_categorical"),
    "threads": ("set_threads",),
    "seeding": ("set_random_seed",),
    "session": ("clear_session",),
    "pydataset": ("PyDataset", "Sequence"),
    "dataset": ("Dataset",),
    "splitting": ("split_dataset",),
    "packing": ("pack_x_y_sample_weight", "unpack_x_y_sample_weight"),
    "sequences": ("pad_sequences",),
    "pictures": ("array_to_img", "img_to_array", "load_img", "save_img"),
    "resizing": ("smart_resize",),
    "files": ("get_file",),
    "progress": ("Progbar",),
    "image_folder": ("image_dataset_from_directory",),
    "text_folder": ("text_dataset_from_directory",),
    "sound_folder": ("audio_dataset_from_directory",),
    "timeseries": ("timeseries_dataset_from_array",),
}
# In other packages; Keras has the names here.
_ELSEWHERE = {
    "plots.model_drawing": ("model_to_dot", "plot_model"),
    "registration": (
        "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
        "get_registered_object", "register_keras_serializable",
    ),
    "saving": ("deserialize_keras_object", "serialize_keras_object"),
}  # fmt: skip
_HOME_OF = {name: f"utils.{module}" for module, names in _HOMES.items() for name in names} | {
    name: module for module, names in _ELSEWHERE.items() for name in names
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"lernwerk.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module 'lernwerk.utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
