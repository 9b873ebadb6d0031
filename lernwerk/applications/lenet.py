"""LeNet-5: the network that read the digits on cheques, and gave its name to many after it."""

from __future__ import annotations

from typing import Any

from lernwerk.applications.blueprint import application
from lernwerk.applications.input_shapes import sides
from lernwerk.layers import AveragePooling2D, Conv2D, Dense, Flatten

MNIST_SIDE = 28  # such pictures get a border of two pixels, as the paper's have


def _head(x: Any, classes: int, activation: Any) -> Any:
    x = Flatten(name="flatten")(x)
    x = Dense(120, activation="tanh", name="c5")(x)
    x = Dense(84, activation="tanh", name="f6")(x)
    return Dense(classes, activation=activation, name="predictions")(x)


@application("lenet5", size=32, smallest=MNIST_SIDE, head=_head, channels=1, classes=10)
def LeNet5(inputs: Any) -> Any:
    """LeNet-5: two convolutions and three dense layers; 61,706 parameters.

    Shapes: pictures (b, 32, 32, 1) or (b, 28, 28, 1) -> probabilities (b, 10)
    Differs: Keras has none. From the paper: every map of the second convolution sees all six of
    the first, the poolings have no weights, and a softmax stands for the distances to drawn digits.
    Source: LeCun, Bottou, Bengio & Haffner 1998, Proceedings of the IEEE 86(11), figure 2
    """
    padding = "same" if sides(inputs.shape[1:])[0] == MNIST_SIDE else "valid"
    x = Conv2D(6, 5, padding=padding, activation="tanh", name="c1")(inputs)
    x = AveragePooling2D(2, name="s2")(x)
    x = Conv2D(16, 5, activation="tanh", name="c3")(x)
    return AveragePooling2D(2, name="s4")(x)


__all__ = ["LeNet5"]
