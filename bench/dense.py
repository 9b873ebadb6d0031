"""T1 to T4: networks of dense layers, from one large product a step to nothing but overhead."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench import data, networks
from bench.registry import OURS, Makers, Unit, keras_peers, row, torch_peers
from bench.weights import start_weights

T1_RATE = 1e-4  # for pixels of 0 to 255 and the mean over rows and classes


@row("T1", "Perceptron 785-10, sigmoid, all 60000 rows: a step", "memory traffic: 188 MB a pass",
     target=2, agree=1e-3)  # fmt: skip
def perceptron() -> Makers:
    x, y = data.pictures()
    x = np.concatenate([np.ones((len(x), 1), np.float32), 255 * x], axis=1)
    targets = np.eye(10, dtype=np.float32)[y]
    zeros = np.zeros((785, 10), np.float32)

    def ours() -> Unit:
        from lernwerk import Variable, compiled, gradient, ops

        w = Variable(zeros)

        @compiled
        def step(x: Any, targets: Any) -> Any:
            loss = ops.sigmoid_crossentropy(x @ w, targets).mean()
            w.assign_sub(T1_RATE * gradient(loss, [w])[0])
            return loss

        return lambda: step(x, targets).item()

    def keras() -> Unit:
        import keras

        last = keras.layers.Dense(10, use_bias=False, kernel_initializer="zeros")
        model = keras.Sequential([keras.Input(shape=(785,)), last])
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(T1_RATE), loss)
        batch = [keras.ops.convert_to_tensor(each) for each in (x, targets)]
        return lambda: float(model.train_on_batch(*batch))

    def raw() -> Unit:
        from bench import raw_jax

        loss = raw_jax.binary(lambda weights, x, key: x @ weights[0])
        return raw_jax.Training(loss, raw_jax.sgd(T1_RATE), [zeros]).steps(x, targets)

    def torch(compiled: bool) -> Unit:
        from torch import nn

        from bench import torch_running

        model = nn.Linear(785, 10, bias=False)
        nn.init.zeros_(model.weight)
        optimizer = torch_running.sgd(model, T1_RATE)
        loss = nn.BCEWithLogitsLoss()
        return torch_running.steps(model, optimizer, loss, x, targets, compiled)

    return {OURS: ours, **keras_peers(keras), "jax": raw, **torch_peers(torch)}


@row("T2", "MLP 784-200-10, SGD, batch 256: an epoch of 60000", "matrix products plus overhead",
     target=1.3)  # fmt: skip
def mlp() -> Makers:
    x, y = data.pictures()

    def training() -> Any:
        from bench import raw_jax as raw

        loss = raw.sparse(raw.dense(raw.jax.nn.sigmoid))
        return raw.Training(loss, raw.sgd(0.1), start_weights(networks.mlp))

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.mlp(), start_weights(networks.mlp))
        return torch_running.epochs(model, torch_running.sgd(model), x, y, 256, compiled)

    sizes = {"hidden_layer_sizes": (200,), "activation": "logistic", "batch_size": 256}
    plain = {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}
    return {
        **networks.epochs(networks.mlp, x, y, 256),
        "jax": lambda: training().epochs(x, y, 256),
        "jax-scan": lambda: training().scanned_epochs(x, y, 256),
        **torch_peers(torch),
        "sklearn": lambda: _sklearn(x, y, learning_rate_init=0.1, **sizes, **plain),
    }


@row("T3", "MLP 1-16-32-2, Adam, batch 10: an epoch of 2100", "the overhead of a step, 210 times",
     target=7)  # fmt: skip
def small() -> Makers:
    x, y = data.persons()

    def training() -> Any:
        from bench import raw_jax as raw

        loss = raw.sparse(raw.dense(raw.jax.nn.relu))
        return raw.Training(loss, raw.adam(0.001), start_weights(networks.small))

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.small(), start_weights(networks.small))
        return torch_running.epochs(model, torch_running.adam(model), x, y, 10, compiled)

    return {
        **networks.epochs(networks.small, x, y, 10),
        "jax": lambda: training().epochs(x, y, 10),
        "jax-scan": lambda: training().scanned_epochs(x, y, 10),
        **torch_peers(torch),
        "sklearn": lambda: _sklearn(x, y, hidden_layer_sizes=(16, 32), batch_size=10),
    }


@row("T4", "784-3x64-10, BatchNorm, Dropout, Nadam, batch 128: an epoch of 60000",
     "many small operations, which fusion shortens", target=2)  # fmt: skip
def blocks() -> Makers:
    x, y = data.pictures()

    def torch(compiled: bool) -> Unit:
        from bench import torch_networks, torch_running

        model = torch_networks.load(torch_networks.blocks(), start_weights(networks.blocks))
        return torch_running.epochs(model, torch_running.nadam(model), x, y, 128, compiled)

    return {**networks.epochs(networks.blocks, x, y, 128), **torch_peers(torch)}


def _sklearn(x: Any, y: Any, **options: Any) -> Unit:
    """One pass of partial_fit; no penalty, as in the others."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(alpha=0.0, **options)
    classes = np.unique(y)
    return lambda: float(model.partial_fit(x, y, classes=classes).loss_)
