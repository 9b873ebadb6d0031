"""T5 and M1: LeNet on pictures of 28 x 28: a training step, inference, and the memory they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench import data, networks
from bench.registry import Makers, Unit, row, torch_peers
from bench.weights import start_weights


def training_makers(x: Any, y: Any, bfloat16: bool = False) -> Makers:
    """A training step of LeNet; ``bfloat16`` is for the peers that need to be told (P1)."""

    def raw() -> Unit:
        from bench import raw_jax

        network = raw_jax.in_bfloat16(raw_jax.lenet) if bfloat16 else raw_jax.lenet
        weights = start_weights(networks.lenet)
        return raw_jax.Training(raw_jax.sparse(network), raw_jax.adam(0.001), weights).steps(x, y)

    def torch(compiled: bool) -> Unit:
        from torch import nn

        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.lenet(), start_weights(networks.lenet))
        optimizer = torch_running.adam(model)
        loss = nn.CrossEntropyLoss()
        return torch_running.steps(model, optimizer, loss, x, y, compiled, bfloat16)

    return {**networks.steps(networks.lenet, x, y), "jax": raw, **torch_peers(torch)}


def inference_makers(x: Any) -> Makers:
    """The outputs of LeNet."""

    def raw() -> Unit:
        from bench import raw_jax

        return raw_jax.predictions(raw_jax.lenet, start_weights(networks.lenet), x)

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.lenet(), start_weights(networks.lenet))
        return torch_running.predictions(model, x, compiled)

    return {**networks.predictions(networks.lenet, x), "jax": raw, **torch_peers(torch)}


@row("T5a", "LeNet, Adam, batch 128: a step", "convolution, forward and backward", target=1.4)
def training() -> Makers:
    x, y = data.pictures()
    return training_makers(x[:128].reshape(-1, 28, 28, 1), y[:128])


@row("T5b", "LeNet, inference, batch 256", "convolution, forward", target=1.2, agree=1e-3)
def inference() -> Makers:
    return inference_makers(data.pictures()[0][:256].reshape(-1, 28, 28, 1))


@row("M1", "Peak memory of a process that trains T5", "what has to fit", "MB", returns=True)
def memory() -> Makers:
    x, y = data.few_pictures(128)
    makers = training_makers(x.reshape(-1, 28, 28, 1), y)
    return {name: _peak_after(make) for name, make in makers.items() if name != "torch-compile"}


def _peak_after(make: Callable[[], Unit]) -> Callable[[], Unit]:
    """The work, and then the most memory that the process has had."""
    from bench.processes import peak_memory

    def made() -> Unit:
        unit = make()

        def work() -> float:
            unit()
            return peak_memory()

        return work

    return made
