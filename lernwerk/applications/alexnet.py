"""AlexNet: the network with which deep learning won the ImageNet competition of 2012."""

from __future__ import annotations

from typing import Any

from lernwerk.applications.blueprint import application
from lernwerk.applications.imagenet_utils import decode_predictions, preprocessing
from lernwerk.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D


def _head(x: Any, classes: int, activation: Any) -> Any:
    x = Flatten(name="flatten")(x)
    for number in (6, 7):
        x = Dense(4096, activation="relu", name=f"fc{number}")(x)
        x = Dropout(0.5, name=f"dropout{number}")(x)
    return Dense(classes, activation=activation, name="predictions")(x)


@application("alexnet", size=227, smallest=67, head=_head)
def AlexNet(inputs: Any) -> Any:
    """AlexNet in one tower: five convolutions and three dense layers; 62,378,344 parameters.

    Shapes: pictures (b, 227, 227, 3) -> probabilities (b, 1000)
    Differs: Keras has none. From the paper: its convolutions 2, 4 and 5 were split between two
    graphics cards (60,965,224 parameters), and it normalised over neighbouring maps, which VGG's
    authors found to be of no use.
    Source: Krizhevsky, Sutskever & Hinton 2012, NeurIPS 25, section 3.5
    """
    x = Conv2D(96, 11, strides=4, activation="relu", name="conv1")(inputs)
    x = MaxPooling2D(3, strides=2, name="pool1")(x)
    x = Conv2D(256, 5, padding="same", activation="relu", name="conv2")(x)
    x = MaxPooling2D(3, strides=2, name="pool2")(x)
    x = Conv2D(384, 3, padding="same", activation="relu", name="conv3")(x)
    x = Conv2D(384, 3, padding="same", activation="relu", name="conv4")(x)
    x = Conv2D(256, 3, padding="same", activation="relu", name="conv5")(x)
    return MaxPooling2D(3, strides=2, name="pool5")(x)


preprocess_input = preprocessing("torch")

__all__ = ["AlexNet", "decode_predictions", "preprocess_input"]
