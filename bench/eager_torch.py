"""PyTorch, eager, as its tutorials write it, with fused optimizers and tensors in memory.

torch is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from bench.registry import Unit

ALL_THREADS = torch.get_num_threads()


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
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10),
    ).to(memory_format=torch.channels_last)  # fmt: skip


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


def sgd(model: nn.Module, rate: float = 0.1) -> Any:
    """Gradient descent, fused."""
    return torch.optim.SGD(model.parameters(), rate, fused=True)


def adam(model: nn.Module) -> Any:
    """Adam, fused."""
    return torch.optim.Adam(model.parameters(), 0.001, eps=1e-7, fused=True)


def nadam(model: nn.Module) -> Any:
    """Nadam, which has no fused form: over all weights at once."""
    return torch.optim.NAdam(model.parameters(), 0.001, eps=1e-7, foreach=True)


def steps(model: nn.Module, optimizer: Any, loss: Any, x: Any, y: Any) -> Unit:
    """A training step, always on the same batch."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    y = y if y.dtype.is_floating_point else y.long()
    return _at_best(lambda: _step(model, optimizer, loss, x, y).item())


def epochs(model: nn.Module, optimizer: Any, x: Any, y: Any, batch_size: int) -> Unit:
    """A shuffled epoch with crossentropy."""
    x, y, loss = torch.from_numpy(x), torch.from_numpy(y).long(), nn.CrossEntropyLoss()

    def epoch() -> float:
        for rows in torch.randperm(len(x)).split(batch_size):
            value = _step(model, optimizer, loss, x[rows], y[rows])
        return value.item()

    return _at_best(epoch)


def _step(model: nn.Module, optimizer: Any, loss: Any, x: Any, y: Any) -> Any:
    optimizer.zero_grad()
    value = loss(model(x), y)
    value.backward()
    optimizer.step()
    return value.detach()


def predictions(model: nn.Module, x: Any) -> Unit:
    """The outputs for one batch."""
    model.eval()
    tensor = torch.from_numpy(x)

    def work() -> float:
        with torch.inference_mode():
            return model(tensor).softmax(1)[0, 0].item()

    return _at_best(work)


def _at_best(work: Callable[[], float]) -> Unit:
    """The work on one thread or on all of them, whichever a trial finds faster."""
    seconds = {}
    for threads in (1, ALL_THREADS):
        torch.set_num_threads(threads)
        work()
        start = time.perf_counter()
        work()
        seconds[threads] = time.perf_counter() - start
    best = min(seconds, key=seconds.__getitem__)

    def at_best() -> float:
        torch.set_num_threads(best)
        return work()

    return at_best
