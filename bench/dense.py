"""T1 to T4: networks of dense layers, from one large product a step to nothing but overhead."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench import data, networks
from bench.registry import OURS, Makers, Unit, row

T1_RATE = 1e-4  # for pixels of 0 to 255 and the mean over rows and classes


@row("T1", "Perceptron 785-10, sigmoid, all 60000 rows: a step", "memory traffic: 188 MB a pass")
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
        import jax.numpy as jnp
        import keras

        last = keras.layers.Dense(10, use_bias=False, kernel_initializer="zeros")
        model = keras.Sequential([keras.Input(shape=(785,)), last])
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(T1_RATE), loss)
        batch = jnp.asarray(x), jnp.asarray(targets)
        return lambda: float(model.train_on_batch(*batch))

    def raw() -> Unit:
        from bench import raw_jax

        loss = raw_jax.binary(lambda weights, x, key: x @ weights[0])
        return raw_jax.Training(loss, raw_jax.sgd(T1_RATE), [zeros]).steps(x, targets)

    def torch() -> Unit:
        from torch import nn

        from bench import eager_torch

        model = nn.Linear(785, 10, bias=False)
        nn.init.zeros_(model.weight)
        optimizer = eager_torch.sgd(model, T1_RATE)
        return eager_torch.steps(model, optimizer, nn.BCEWithLogitsLoss(), x, targets)

    return {OURS: ours, "keras-jax": keras, "jax": raw, "torch": torch}


@row("T2", "MLP 784-200-10, SGD, batch 256: an epoch of 60000", "matrix products plus overhead")
def mlp() -> Makers:
    x, y = data.pictures()

    def training() -> Any:
        from bench import raw_jax as raw

        loss = raw.sparse(raw.dense(raw.jax.nn.sigmoid))
        return raw.Training(loss, raw.sgd(0.1), networks.start_weights(networks.mlp))

    def torch() -> Unit:
        from bench import eager_torch

        model = eager_torch.mlp()
        return eager_torch.epochs(model, eager_torch.sgd(model), x, y, 256)

    sizes = {"hidden_layer_sizes": (200,), "activation": "logistic", "batch_size": 256}
    plain = {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False}
    return {
        **networks.epochs(networks.mlp, x, y, 256),
        "jax": lambda: training().epochs(x, y, 256),
        "jax-scan": lambda: training().scanned_epochs(x, y, 256),
        "torch": torch,
        "sklearn": lambda: _sklearn(x, y, learning_rate_init=0.1, **sizes, **plain),
    }


@row("T3", "MLP 1-16-32-2, Adam, batch 10: an epoch of 2100", "the overhead of a step, 210 times")
def small() -> Makers:
    x, y = data.persons()

    def training() -> Any:
        from bench import raw_jax as raw

        loss = raw.sparse(raw.dense(raw.jax.nn.relu))
        return raw.Training(loss, raw.adam(0.001), networks.start_weights(networks.small))

    def torch() -> Unit:
        from bench import eager_torch

        model = eager_torch.small()
        return eager_torch.epochs(model, eager_torch.adam(model), x, y, 10)

    return {
        **networks.epochs(networks.small, x, y, 10),
        "jax": lambda: training().epochs(x, y, 10),
        "jax-scan": lambda: training().scanned_epochs(x, y, 10),
        "torch": torch,
        "sklearn": lambda: _sklearn(x, y, hidden_layer_sizes=(16, 32), batch_size=10),
    }


@row("T4", "784-3x64-10, BatchNorm, Dropout, Nadam, batch 128: an epoch of 60000",
     "many small operations, which fusion shortens")  # fmt: skip
def blocks() -> Makers:
    x, y = data.pictures()

    def torch() -> Unit:
        from bench import eager_torch

        model = eager_torch.blocks()
        return eager_torch.epochs(model, eager_torch.nadam(model), x, y, 128)

    return {**networks.epochs(networks.blocks, x, y, 128), "torch": torch}


def _sklearn(x: Any, y: Any, **options: Any) -> Unit:
    """One pass of partial_fit; no penalty, as in the others."""
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(alpha=0.0, **options)
    classes = np.unique(y)
    return lambda: float(model.partial_fit(x, y, classes=classes).loss_)
