"""T7b: an LSTM over texts of 100 words, a training step."""

from __future__ import annotations

from bench import data, networks
from bench.registry import Makers, Unit, row


@row("T7b", "Embedding 5000x64, LSTM 256, length 100, Adam, batch 128: a step", "recurrence")
def texts() -> Makers:
    x, y = data.texts()

    def raw() -> Unit:
        from bench import raw_jax

        weights = networks.start_weights(networks.reader)
        loss = raw_jax.binary(raw_jax.reader)
        return raw_jax.Training(loss, raw_jax.adam(0.001), weights).steps(x, y)

    def torch() -> Unit:
        from torch import nn

        from bench import eager_torch

        model = eager_torch.Reader()
        optimizer = eager_torch.adam(model)
        return eager_torch.steps(model, optimizer, nn.BCEWithLogitsLoss(), x, y)

    return {**networks.steps(networks.reader, x, y), "jax": raw, "torch": torch}
