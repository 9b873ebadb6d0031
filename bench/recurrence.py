"""T7: LSTM networks, a training step."""

from __future__ import annotations

from typing import Any

from bench import data, networks
from bench.registry import Makers, Unit, row, torch_peers
from bench.weights import start_weights


@row("T7a", "2 LSTM 640 over 160 characters of 100, RMSprop, batch 64: a step",
     "recurrence with large products", target=1.2, agree=1e-3)  # fmt: skip
def characters() -> Makers:
    x, y = data.letters(64, 160, networks.CHARACTERS)

    def raw() -> Unit:
        from bench import raw_jax

        loss, weights = raw_jax.sparse(raw_jax.last_output), start_weights(networks.characters)
        return raw_jax.Training(loss, raw_jax.rmsprop(0.001), weights).steps(x, y)

    def torch(compiled: bool) -> Unit:
        from torch import nn

        from bench import torch_networks, torch_running

        model = torch_networks.LastOutput(networks.CHARACTERS, 640, networks.CHARACTERS, depth=2)
        torch_networks.load(model, start_weights(networks.characters))
        optimizer = torch_running.rmsprop(model)
        return torch_running.steps(model, optimizer, nn.CrossEntropyLoss(), x, y, compiled)

    return {**networks.steps(networks.characters, x, y), "jax": raw, **torch_peers(torch)}


@row("T7b", "Embedding 5000x64, LSTM 256, length 100, Adam, batch 128: a step", "recurrence",
     target=1.6, agree=1e-3)  # fmt: skip
def texts() -> Makers:
    return reading_makers(*data.texts())


def reading_makers(x: Any, y: Any, bfloat16: bool = False) -> Makers:
    """A training step of T7b; ``bfloat16`` is for the peers that need to be told (P1)."""

    def raw() -> Unit:
        from bench import raw_jax

        network = raw_jax.in_bfloat16(raw_jax.reader) if bfloat16 else raw_jax.reader
        weights = start_weights(networks.reader)
        return raw_jax.Training(raw_jax.binary(network), raw_jax.adam(0.001), weights).steps(x, y)

    def torch(compiled: bool) -> Unit:
        from torch import nn

        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.Reader(), start_weights(networks.reader))
        optimizer = torch_running.adam(model)
        loss = nn.BCEWithLogitsLoss()
        return torch_running.steps(model, optimizer, loss, x, y, compiled, bfloat16)

    return {**networks.steps(networks.reader, x, y), "jax": raw, **torch_peers(torch)}
