"""``keras.applications.resnet50``: what belongs to ResNet50; the network is in ``resnet.py``."""

from lernwerk.applications.resnet import ResNet50, decode_predictions, preprocess_input

__all__ = ["ResNet50", "decode_predictions", "preprocess_input"]
