"""The networks in PyTorch's words, and Keras's weights for them.

torch is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn


def mlp() -> nn.Module:
    """T2: 784-200-10."""
    return nn.Sequential(nn.Linear(784, 200), nn.Sigmoid(), nn.Linear(200, 10))


def small() -> nn.Module:
    """T3: 1-16-32-2."""
    layers = (nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2))
    return nn.Sequential(*layers)


def blocks() -> nn.Module:
    """T4: 784-64-64-64-10 with batch normalization and dropout."""
    layers: list[nn.Module] = []
    for inputs in (784, 64, 64):
        layers += [nn.Linear(inputs, 64), nn.ReLU(), nn.BatchNorm1d(64, 1e-3, 0.01)]
        layers.append(nn.Dropout(0.2))
    return nn.Sequential(*layers, nn.Linear(64, 10))


def lenet() -> nn.Module:
    """T5: two convolutions, two dense layers; channels last, which is its faster layout."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    ).to(memory_format=torch.channels_last)  # fmt: skip


class Flatten(nn.Module):
    """Rows of numbers in the order of channels last, which then needs no copy."""

    def forward(self, x: Any) -> Any:
        """(b, c, h, w) to (b, h * w * c)."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Reader(nn.Module):
    """T7b: words to one LSTM to a yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(5000, 64)
        self.memory = nn.LSTM(64, 256, batch_first=True)
        self.last = nn.Linear(256, 1)

    def forward(self, x: Any) -> Any:
        """The logits from the last output."""
        return self.last(self.memory(self.words(x))[0][:, -1])


class LastOutput(nn.Module):
    """LSTM after LSTM, and a dense layer on the last output: T7a and S1."""

    def __init__(self, inputs: int, units: int, classes: int, depth: int = 1) -> None:
        super().__init__()
        self.memory = nn.LSTM(inputs, units, num_layers=depth, batch_first=True)
        self.last = nn.Linear(units, classes)

    def forward(self, x: Any) -> Any:
        """The logits from the last output."""
        return self.last(self.memory(x)[0][:, -1])


def vgg19() -> nn.Module:
    """T6: sixteen convolutions and three dense layers."""
    modules: list[nn.Module] = []
    inputs = 3
    for filters, count in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(count):
            modules += [nn.Conv2d(inputs, filters, 3, padding=1), nn.ReLU()]
            inputs = filters
        modules.append(nn.MaxPool2d(2))
    modules += [Flatten(), nn.Linear(25088, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(),
                nn.Linear(4096, 1000)]  # fmt: skip
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)


def resnet18(classes: int = 200) -> nn.Module:
    """T6: basic blocks."""
    return _resnet((2, 2, 2, 2), 1, classes)


def resnet50(classes: int = 1000) -> nn.Module:
    """T6: bottleneck blocks."""
    return _resnet((3, 4, 6, 3), 4, classes)


def _resnet(depths: Sequence[int], widening: int, classes: int) -> nn.Module:
    modules = [*_convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
    inputs = 64
    for stage, depth in enumerate(depths):
        for number in range(depth):
            stride = 2 if stage and not number else 1
            modules.append(Residual(inputs, 64 << stage, stride, widening))
            inputs = (64 << stage) * widening
    modules += [nn.AdaptiveAvgPool2d(1), Flatten(), nn.Linear(inputs, classes)]
    return nn.Sequential(*modules).to(memory_format=torch.channels_last)


class Residual(nn.Module):
    """relu(branch(x) + shortcut(x)), see ``bench.residual``."""

    def __init__(self, inputs: int, filters: int, stride: int, widening: int) -> None:
        super().__init__()
        outputs = filters * widening
        if widening == 1:
            branch = [*_convolution(inputs, filters, 3, stride), nn.ReLU(inplace=True),
                      *_convolution(filters, outputs, 3)]  # fmt: skip
        else:
            branch = [*_convolution(inputs, filters, 1), nn.ReLU(inplace=True),
                      *_convolution(filters, filters, 3, stride), nn.ReLU(inplace=True),
                      *_convolution(filters, outputs, 1)]  # fmt: skip
        self.branch = nn.Sequential(*branch)
        other = inputs != outputs or stride != 1
        self.shortcut = nn.Sequential(*(_convolution(inputs, outputs, 1, stride) if other else ()))

    def forward(self, x: Any) -> Any:
        """The sum of both paths."""
        return (self.branch(x) + self.shortcut(x)).relu_()


def _convolution(inputs: int, outputs: int, size: int, stride: int = 1) -> list[nn.Module]:
    """A convolution without bias and its normalization, with Keras's constants."""
    convolution = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outputs, 1e-3, 0.01)]


def generator() -> nn.Module:
    """T8: from 100 random numbers to a picture."""
    return nn.Sequential(
        nn.Linear(100, 6272, bias=False), nn.BatchNorm1d(6272, 1e-3, 0.01), nn.ReLU(),
        nn.Unflatten(1, (7, 7, 128)), ChannelsFirst(),
        nn.ConvTranspose2d(128, 64, 4, 2, padding=1, bias=False),
        nn.BatchNorm2d(64, 1e-3, 0.01), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 4, 2, padding=1), nn.Tanh(),
    ).to(memory_format=torch.channels_last)  # fmt: skip


def discriminator() -> nn.Module:
    """T8: from a picture to the logit of its being real."""
    return nn.Sequential(
        nn.Conv2d(1, 64, 4, 2, padding=1), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, padding=1), nn.LeakyReLU(0.2),
        Flatten(), nn.Linear(6272, 1),
    ).to(memory_format=torch.channels_last)  # fmt: skip


class ChannelsFirst(nn.Module):
    """The other way: what is in memory with channels last, as PyTorch names its axes."""

    def forward(self, x: Any) -> Any:
        """(b, h, w, c) to (b, c, h, w)."""
        return x.permute(0, 3, 1, 2)


# ---- weights


def load(model: nn.Module, weights: Sequence[Any]) -> nn.Module:
    """The model with Keras's weights, whose order is that of its modules."""
    rest = iter(weights)
    with torch.no_grad():
        for module in model.modules():
            for target, source in _pairs(module, rest):
                target.copy_(torch.from_numpy(source.copy()))
    if next(rest, None) is not None:
        raise ValueError("there are more weights than the model has")
    return model


def _pairs(module: nn.Module, rest: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    """The tensors of one module with their values in its own layout."""
    if isinstance(module, nn.LSTM):
        for layer in range(module.num_layers):
            for name in ("weight_ih", "weight_hh"):
                yield getattr(module, f"{name}_l{layer}"), next(rest).T
            yield getattr(module, f"bias_ih_l{layer}"), (bias := next(rest))
            yield getattr(module, f"bias_hh_l{layer}"), 0 * bias  # Keras has one bias
    if isinstance(module, nn.Embedding):
        yield module.weight, next(rest)
    if isinstance(module, nn.Linear):
        yield module.weight, next(rest).T
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        yield module.weight, next(rest).transpose(3, 2, 0, 1)
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
            yield tensor, next(rest)
    elif not isinstance(module, nn.LSTM) and isinstance(
        getattr(module, "bias", None), nn.Parameter
    ):
        yield module.bias, next(rest)
