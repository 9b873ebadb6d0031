"""F1: what the first step costs over a later one: trace, passes, plan; or the peer's compiler."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from bench import data, networks, residual
from bench.busy import seconds
from bench.registry import OURS, Makers, Unit, keras_peers, row
from bench.weights import start_weights

LATER = 2  # calls after the first; the shortest counts


@row("F1a", "First training step of T5, less a later one", "compilation", returns=True)
def training() -> Makers:
    x, y = data.few_pictures(128)
    x = x.reshape(-1, 28, 28, 1)

    def kept(package: str) -> Callable[[], Unit]:
        return lambda: networks.step(networks.lenet(importlib.import_module(package)), x, y)

    def raw() -> Unit:
        from bench import raw_jax

        loss, weights = raw_jax.sparse(raw_jax.lenet), start_weights(networks.lenet)
        return raw_jax.Training(loss, raw_jax.adam(0.001), weights).steps(x, y)

    def torch() -> Unit:
        from torch import nn

        from bench import torch_networks, torch_running

        model, loss = torch_networks.lenet(), nn.CrossEntropyLoss()
        torch_running.forget_compiled()
        optimizer = torch_running.adam(model)
        return torch_running.plain_steps(model, optimizer, loss, x, y, compiled=True)

    return _first(kept, raw, torch)


@row("F1b", "First inference of ResNet-50, less a later one", "compilation", returns=True)
def inference() -> Makers:
    x, _ = data.photographs(1, 224, residual.CLASSES)

    def kept(package: str) -> Callable[[], Unit]:
        model = residual.resnet50

        return lambda: networks.prediction(model(importlib.import_module(package)), x)

    def raw() -> Unit:
        from bench import raw_jax, raw_jax_pictures

        weights = start_weights(residual.resnet50)
        return raw_jax.predictions(raw_jax_pictures.resnet50, weights, x)

    def torch() -> Unit:
        from bench import torch_networks, torch_running

        torch_running.forget_compiled()
        return torch_running.plain_predictions(torch_networks.resnet50(), x, compiled=True)

    return _first(kept, raw, torch)


def _first(
    kept: Callable[[str], Callable[[], Unit]],
    raw: Callable[[], Unit],
    torch: Callable[[], Unit],
) -> Makers:
    fresh = {OURS: kept("lernwerk"), **keras_peers(kept("keras")), "jax": raw,
             "torch-compile": torch}  # fmt: skip
    return {name: _maker(make) for name, make in fresh.items()}


def _maker(fresh: Callable[[], Unit]) -> Callable[[], Unit]:
    """A unit that makes everything anew and returns the first call's seconds beyond a later's."""

    def work() -> float:
        unit = fresh()
        first = seconds(unit)
        return max(0.0, first - min(seconds(unit) for _ in range(LATER)))

    return lambda: work
