"""``keras.applications.vgg19``: what belongs to VGG19; the network is in ``vgg.py``."""

from lernwerk.applications.vgg import VGG19, decode_predictions, preprocess_input

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]
