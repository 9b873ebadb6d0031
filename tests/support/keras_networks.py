"""What real Keras says of its published networks, kept so that a test need not build them.

``python tests/support/keras_networks.py`` asks Keras again and writes keras_networks.json:
for each case the number of layers, a digest of their list, and outputs for weights and pictures
that ``filled`` and ``pictures`` make from fixed seeds.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_suffix(".json")
CASES: dict[str, dict[str, Any]] = {
    "VGG16": {"input_shape": (32, 32, 3)},
    "VGG19": {"input_shape": (40, 33, 3)},
    "ResNet50": {"input_shape": (32, 32, 3)},
    "ResNet101": {"input_shape": (32, 40, 3)},
    "ResNet152": {"input_shape": (32, 32, 3)},
    "ResNet50V2": {"input_shape": (33, 40, 3)},
    "ResNet101V2": {"input_shape": (32, 32, 3)},
    "ResNet152V2": {"input_shape": (32, 32, 3)},
    "InceptionV3": {"input_shape": (75, 80, 3)},
    "MobileNet": {"input_shape": (32, 48, 3), "alpha": 0.5, "depth_multiplier": 2},
    "MobileNetV2": {"input_shape": (45, 32, 3), "alpha": 1.3},
    "Xception": {"input_shape": (71, 71, 3)},
    "DenseNet121": {"input_shape": (32, 32, 3)},
    "DenseNet169": {"input_shape": (32, 32, 3)},
    "DenseNet201": {"input_shape": (32, 32, 3)},
}
COMMON = {"weights": None, "classes": 5, "classifier_activation": None}


def listing(model: Any) -> list[str]:
    """A line for each layer: kind, name, shapes of weights, shape of output."""
    return [
        f"{type(layer).__name__} {layer.name} "
        f"{[(w.name, tuple(w.shape)) for w in layer.weights]} {tuple(layer.output.shape)}"
        for layer in model.layers
    ]


def digest(lines: list[str]) -> str:
    """A fingerprint of the listing."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def filled(model: Any) -> Any:
    """The model with weights of reasonable size; the same for the same shapes and names."""
    random = np.random.default_rng(5)
    model.set_weights([_weight(random, w.name, tuple(w.shape)) for w in model.weights])
    return model


def _weight(random: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    value = random.standard_normal(shape, dtype=np.float32)
    if len(shape) > 1:
        depthwise = len(shape) == 4 and shape[3] <= 2 < shape[2]
        inputs = math.prod(shape[:2] if depthwise else shape[:-1])
        return value * np.float32(math.sqrt(2 / inputs))
    middle, spread = {"gamma": (0.9, 0.1), "moving_variance": (1.0, 0.1)}.get(name, (0.0, 0.1))
    return np.abs(middle + spread * value) if middle else spread * value


def pictures(shape: tuple[int, ...]) -> np.ndarray:
    """Two of them."""
    return np.random.default_rng(6).standard_normal((2, *shape), dtype=np.float32)


def answer(package: Any, name: str) -> dict[str, Any]:
    """What a package, Keras or this one, says of a case."""
    package.utils.clear_session()
    model = getattr(package.applications, name)(**COMMON, **CASES[name])
    lines = listing(model)
    outputs = filled(model).predict(pictures(CASES[name]["input_shape"]), verbose=0)
    return {"layers": len(lines), "digest": digest(lines), "parameters": model.count_params(),
            "outputs": np.asarray(outputs).tolist()}  # fmt: skip


if __name__ == "__main__":
    import keras

    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in CASES:
        if name not in known:
            known[name] = answer(keras, name)
            print(name, known[name])
            FILE.write_text(json.dumps(known, indent=1))
