"""A trained model with its preprocessing in one ``.keras`` file.

The network is an ordinary Keras file; beside it lies what was learned about raw input (columns,
categories, picture size, classes), as JSON. Keras opens the network, ``lernwerk predict`` takes raw
input.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.errors import FileError
from lernwerk.job.encoder import Encoder, encoder_from_config
from lernwerk.job.target import TargetCodec
from lernwerk.models import Model
from lernwerk.ops.primitive import Array

MEMBER = "pipeline.json"
VERSION = 1


@dataclass(frozen=True)
class Bundle:
    """A network between its preprocessing and the meaning of its outputs."""

    model: Model
    encoder: Encoder
    codec: TargetCodec
    about: dict[str, Any]

    def save(self, path: Path) -> None:
        """Write network and preprocessing to one file."""
        from lernwerk.saving import save_model

        pipeline = {
            "version": VERSION, "encoder": self.encoder.config(), "target": self.codec.config(),
            "about": self.about,
        }  # fmt: skip
        text = json.dumps(pipeline, ensure_ascii=False, allow_nan=False)
        save_model(self.model, path, extras={MEMBER: text.encode()})

    def answers(self, inputs: Any) -> list[dict[str, Any]]:
        """A prediction for each row of raw inputs: class and probabilities, or value."""
        output = self.model.predict(self.encoder.encode(inputs), batch_size=256)
        names = self.codec.class_names
        if names is None:
            return [{"prediction": float(v)} for v in self.codec.decode(output[:, 0])]
        return [_class_answer(row, names) for row in output]


def _class_answer(probabilities: Array, names: list[str]) -> dict[str, Any]:
    best = int(np.argmax(probabilities))
    return {
        "prediction": names[best],
        "probability": float(probabilities[best]),
        "probabilities": {n: float(p) for n, p in zip(names, probabilities, strict=True)},
    }


def model_path(path: str) -> Path:
    """The file of a model: a folder stands for the ``model.keras`` in it."""
    file = Path(path).expanduser()
    return file / "model.keras" if file.is_dir() else file


def load_bundle(path: str) -> Bundle:
    """Read a model that ``lernwerk train`` wrote; a folder stands for the ``model.keras`` in it.

    Raises FileError for missing, foreign or damaged files.
    """
    from lernwerk.saving import load_model, read_extras

    file = model_path(path)
    extras = read_extras(file)
    if MEMBER not in extras:
        raise FileError(
            str(file), "a model written by lernwerk train", "a model without preprocessing",
            "Use it from Python: lernwerk.models.load_model(path).predict(x).",
        )  # fmt: skip
    pipeline = _parsed(file, extras[MEMBER])
    encoder = encoder_from_config(pipeline["encoder"], f"{file}, preprocessing")
    codec = TargetCodec.from_config(pipeline["target"], f"{file}, target")
    return Bundle(load_model(file), encoder, codec, pipeline.get("about") or {})


def _parsed(file: Path, content: bytes) -> dict[str, Any]:
    try:
        pipeline = json.loads(content)
    except ValueError:
        raise FileError(str(file), "preprocessing in JSON", "damaged bytes") from None
    if not isinstance(pipeline, dict) or not {"version", "encoder", "target"} <= pipeline.keys():
        raise FileError(str(file), "preprocessing of a model", "something else")
    if pipeline["version"] != VERSION:
        raise FileError(
            str(file), f"preprocessing of version {VERSION}", repr(pipeline["version"]),
            "Read it with the version of lernwerk that wrote it.",
        )  # fmt: skip
    return pipeline
