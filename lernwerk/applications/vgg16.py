"""``keras.applications.vgg16``: what belongs to VGG16; the network is in ``vgg.py``."""

from lernwerk.applications.vgg import VGG16, decode_predictions, preprocess_input

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]
