"""T5: LeNet on pictures of 28 x 28, a training step and inference."""

from __future__ import annotations

from bench import data, networks
from bench.registry import Makers, Unit, row


@row("T5a", "LeNet, Adam, batch 128: a step", "convolution, forward and backward")
def training() -> Makers:
    x, y = data.pictures()
    x, y = x[:128].reshape(-1, 28, 28, 1), y[:128]

    def raw() -> Unit:
        from bench import raw_jax

        weights = networks.start_weights(networks.lenet)
        loss = raw_jax.sparse(raw_jax.lenet)
        return raw_jax.Training(loss, raw_jax.adam(0.001), weights).steps(x, y)

    def torch() -> Unit:
        from torch import nn

        from bench import eager_torch

        model, pictures = eager_torch.lenet(), x.reshape(-1, 1, 28, 28)
        optimizer = eager_torch.adam(model)
        return eager_torch.steps(model, optimizer, nn.CrossEntropyLoss(), pictures, y)

    return {**networks.steps(networks.lenet, x, y), "jax": raw, "torch": torch}


@row("T5b", "LeNet, inference, batch 256", "convolution, forward")
def inference() -> Makers:
    x = data.pictures()[0][:256].reshape(-1, 28, 28, 1)

    def raw() -> Unit:
        from bench import raw_jax

        return raw_jax.predictions(raw_jax.lenet, networks.start_weights(networks.lenet), x)

    def torch() -> Unit:
        from bench import eager_torch

        return eager_torch.predictions(eager_torch.lenet(), x.reshape(-1, 1, 28, 28))

    return {**networks.predictions(networks.lenet, x), "jax": raw, "torch": torch}
