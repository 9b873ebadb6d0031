"""load_model for the .h5 files of Keras 1, 2 and 3: config and settings are texts in attributes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lernwerk.errors import FileError
from lernwerk.models.model import Model
from lernwerk.registration import custom_object_scope
from lernwerk.saving.building import within_budget
from lernwerk.saving.legacy.old_config import modern, modern_settings
from lernwerk.saving.legacy.optimizer_state import take_optimizer_state
from lernwerk.saving.legacy.weights import OldWeights
from lernwerk.saving.reading import check_size, checked, explained, made
from lernwerk.saving.weights_file import WeightsFile

_CONFIG, _SETTINGS = "model_config", "training_config"


def load_old_model(
    path: str, custom: Mapping[str, Any] | None, compile: bool, safe_mode: bool
) -> Any:
    """The model in an .h5 file."""
    content = Path(path).read_bytes()
    with WeightsFile(path, content) as weights:
        return explained(
            path, _CONFIG,
            lambda: _loaded(path, weights, len(content), custom, compile, safe_mode),
        )  # fmt: skip


def _loaded(
    path: str, weights: WeightsFile, size: int, custom: Any, compile: bool, safe_mode: bool
) -> Model:
    with custom_object_scope(custom):
        config = modern(checked(path, _json(weights, _CONFIG), safe_mode))
        with within_budget(path, size):
            model = made(path, config)
        text = weights.text("", _SETTINGS)
        settings = modern_settings(_json(weights, _SETTINGS)) if compile and text else None
        if settings:
            model.compile_from_config(settings)
        check_size(path, size, model)
        OldWeights(weights, model).in_order().apply()
        if settings:
            take_optimizer_state(weights, model)
    return model


def _json(weights: WeightsFile, name: str) -> Any:
    text = weights.text("", name)
    if text is None:
        raise FileError(
            weights.where, "a model with its config", "weights only",
            "Build the model first, then model.load_weights(filepath).",
        )  # fmt: skip
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise FileError(weights.where, f"JSON in {name}", reason, "The file is damaged."
                        ) from error  # fmt: skip
