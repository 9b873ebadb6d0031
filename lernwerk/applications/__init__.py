"""Published networks for pictures, under Keras's names, built from the public layers.

A network's module is loaded when it or its function is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = (
    "alexnet", "densenet", "imagenet_utils", "inception_v3", "lenet", "mobilenet", "mobilenet_v2",
    "resnet", "resnet50", "resnet_v2", "vgg16", "vgg19", "xception",
)  # fmt: skip
_NETWORKS = {
    "AlexNet": "alexnet", "DenseNet121": "densenet", "DenseNet169": "densenet",
    "DenseNet201": "densenet", "InceptionV3": "inception_v3", "LeNet5": "lenet",
    "MobileNet": "mobilenet", "MobileNetV2": "mobilenet_v2", "ResNet101": "resnet",
    "ResNet101V2": "resnet_v2", "ResNet152": "resnet", "ResNet152V2": "resnet_v2",
    "ResNet18": "resnet", "ResNet34": "resnet", "ResNet50": "resnet", "ResNet50V2": "resnet_v2",
    "VGG16": "vgg16", "VGG19": "vgg19", "Xception": "xception",
}  # fmt: skip

__all__ = [*_MODULES, *_NETWORKS]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"lernwerk.applications.{name}")
    if name in _NETWORKS:
        return getattr(importlib.import_module(f"lernwerk.applications.{_NETWORKS[name]}"), name)
    raise AttributeError(f"module 'lernwerk.applications' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
