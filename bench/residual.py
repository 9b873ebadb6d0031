"""T6: large networks for pictures: ResNet-18 training, VGG19 and ResNet-50 inference.

The networks in Keras's words, for Lernwerk and Keras alike; ResNets by subclassing Layer.
PyTorch pads before where the others pad after in steps of two, as each does by itself: the same
work, other borders. Sources: He et al. 2015, arXiv:1512.03385, table 1 with the stride in the
3x3 convolution; Simonyan & Zisserman 2014, arXiv:1409.1556, column E.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bench import data, networks
from bench.registry import Makers, Unit, row, torch_peers
from bench.weights import start_weights

SMALL_CLASSES, CLASSES = 200, 1000  # of Tiny ImageNet, which has 64 x 64 pixels, and of ImageNet
BORDERS = 0.03  # what the other borders change in a ResNet's loss or output
VGG_STAGES = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))  # filters, convolutions


def vgg19(package: Any, **fast: Any) -> Any:
    """Sixteen convolutions and three dense layers."""
    kinds = package.layers
    layers: list[Any] = []
    for filters, count in VGG_STAGES:
        convolution = partial(kinds.Conv2D, filters, 3, padding="same", activation="relu")
        layers += [*(convolution() for _ in range(count)), kinds.MaxPooling2D(2)]
    layers += [kinds.Flatten(), kinds.Dense(4096, activation="relu"),
               kinds.Dense(4096, activation="relu"),
               kinds.Dense(CLASSES, activation="softmax")]  # fmt: skip
    return _compiled(package, 224, layers, fast)


def resnet18(package: Any, **fast: Any) -> Any:
    """Eight basic blocks."""
    return _compiled(package, 64, _resnet(package, (2, 2, 2, 2), 1, SMALL_CLASSES), fast)


def resnet50(package: Any, **fast: Any) -> Any:
    """Sixteen bottleneck blocks."""
    return _compiled(package, 224, _resnet(package, (3, 4, 6, 3), 4, CLASSES), fast)


def _compiled(package: Any, size: int, layers: Sequence[Any], fast: Any) -> Any:
    optimizer = package.optimizers.SGD(0.01, momentum=0.9)
    return networks.compiled(package, (size, size, 3), layers, optimizer, networks.SPARSE, fast)


def _resnet(package: Any, depths: Sequence[int], widening: int, classes: int) -> list[Any]:
    kinds = package.layers
    layers = [*_convolution(kinds, 64, 7, 2), kinds.Activation("relu"),
              kinds.MaxPooling2D(3, 2, padding="same")]  # fmt: skip
    residual = _residual(package)
    inputs = 64
    for stage, depth in enumerate(depths):
        for number in range(depth):
            stride = 2 if stage and not number else 1
            layers.append(residual(inputs, 64 << stage, stride, widening))
            inputs = (64 << stage) * widening
    return [*layers, kinds.GlobalAveragePooling2D(), kinds.Dense(classes, activation="softmax")]


def _residual(package: Any) -> type:
    kinds = package.layers

    class Residual(kinds.Layer):  # type: ignore[misc, name-defined]
        """y = relu(branch(x) + shortcut(x)); the shortcut is x itself where shapes allow."""

        def __init__(self, inputs: int, filters: int, stride: int, widening: int) -> None:
            super().__init__()
            outputs = filters * widening
            self.branch = _branch(kinds, filters, stride, widening)
            other = inputs != outputs or stride != 1
            self.shortcut = _convolution(kinds, outputs, 1, stride) if other else []

        def call(self, x: Any) -> Any:
            """Both paths and their sum."""
            y = x
            for layer in self.branch:
                y = layer(y)
            for layer in self.shortcut:
                x = layer(x)
            return package.activations.relu(y + x)

    return Residual


def _branch(kinds: Any, filters: int, stride: int, widening: int) -> list[Any]:
    relu = partial(kinds.Activation, "relu")
    if widening == 1:
        return [*_convolution(kinds, filters, 3, stride), relu(),
                *_convolution(kinds, filters, 3)]  # fmt: skip
    return [*_convolution(kinds, filters, 1), relu(), *_convolution(kinds, filters, 3, stride),
            relu(), *_convolution(kinds, filters * widening, 1)]  # fmt: skip


def _convolution(kinds: Any, filters: int, size: int, stride: int = 1) -> list[Any]:
    convolution = kinds.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)
    return [convolution, kinds.BatchNormalization()]


# ---- rows


@row("T6a", "ResNet-18, 64x64x3, SGD with momentum, batch 32: a step",
     "heavy convolution, forward and backward", target=1.3, agree=BORDERS)  # fmt: skip
def training() -> Makers:
    x, y = data.photographs(32, 64, SMALL_CLASSES)

    def raw() -> Unit:
        from bench import raw_jax, raw_jax_pictures

        loss = raw_jax_pictures.renewing(raw_jax_pictures.resnet18)
        optimizer = raw_jax.sgd(0.01, 0.9)
        weights = start_weights(resnet18)
        return raw_jax.Training(loss, optimizer, weights, renews=True).steps(x, y)

    def torch(compiled: bool) -> Unit:
        from torch import nn

        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.resnet18(), start_weights(resnet18))
        optimizer = torch_running.sgd(model, 0.01, 0.9)
        # A trial of other numbers of threads would compile everything again.
        steps = torch_running.plain_steps if compiled else torch_running.steps
        return steps(model, optimizer, nn.CrossEntropyLoss(), x, y, compiled)

    return {**networks.steps(resnet18, x, y), "jax": raw, **torch_peers(torch)}


def _inference(network: Callable[..., Any], batch: int) -> Makers:
    x, _ = data.photographs(batch, 224, CLASSES)

    def raw() -> Unit:
        from bench import raw_jax, raw_jax_pictures

        function = getattr(raw_jax_pictures, network.__name__)
        return raw_jax.predictions(function, start_weights(network), x)

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        made = getattr(torch_networks, network.__name__)()
        model = torch_networks.load(made, start_weights(network))
        predictions = torch_running.plain_predictions if compiled else torch_running.predictions
        return predictions(model, x, compiled)

    return {**networks.predictions(network, x), "jax": raw, **torch_peers(torch)}


@row("T6b", "VGG19 inference, 224x224x3, batch 1", "heavy convolution", target=1.1, agree=1e-2)
def vgg19_single() -> Makers:
    return _inference(vgg19, 1)


@row("T6c", "VGG19 inference, 224x224x3, batch 8", "heavy convolution", target=1.0, agree=1e-2)
def vgg19_batch() -> Makers:
    return _inference(vgg19, 8)


@row("T6d", "ResNet-50 inference, 224x224x3, batch 1", "many thin convolutions", target=1.1,
     agree=BORDERS)  # fmt: skip
def resnet50_single() -> Makers:
    return _inference(resnet50, 1)


@row("T6e", "ResNet-50 inference, 224x224x3, batch 8", "many thin convolutions", target=1.0,
     agree=BORDERS)  # fmt: skip
def resnet50_batch() -> Makers:
    return _inference(resnet50, 8)
