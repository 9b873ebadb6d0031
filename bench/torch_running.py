"""PyTorch as its tutorials write it, eager or compiled: optimizers and units of work.

torch is imported by those who import this module: inside makers only.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

from bench.registry import Unit

ALL_THREADS = torch.get_num_threads()
TRIALS, TRIAL_SECONDS = 3, 0.5  # at most, of each number of threads


def sgd(model: nn.Module, rate: float = 0.1, momentum: float = 0.0) -> Any:
    """Gradient descent, fused."""
    return torch.optim.SGD(model.parameters(), rate, momentum, fused=True)


def adam(model: nn.Module, rate: float = 0.001, beta: float = 0.9) -> Any:
    """Adam, fused."""
    return torch.optim.Adam(model.parameters(), rate, (beta, 0.999), eps=1e-7, fused=True)


def rmsprop(model: nn.Module) -> Any:
    """RMSprop, which has no fused form on processors: over all weights at once."""
    return torch.optim.RMSprop(model.parameters(), 0.001, alpha=0.9, eps=1e-7, foreach=True)


def nadam(model: nn.Module) -> Any:
    """Nadam, which has no fused form: over all weights at once."""
    return torch.optim.NAdam(model.parameters(), 0.001, eps=1e-7, foreach=True)


# ---- units of work


def steps(
    model: nn.Module, optimizer: Any, loss: Any, x: Any, y: Any,
    compiled: bool = False, bfloat16: bool = False,
) -> Unit:  # fmt: skip
    """A training step, always on the same batch."""
    return at_best(plain_steps(model, optimizer, loss, x, y, compiled, bfloat16))


def plain_steps(
    model: nn.Module, optimizer: Any, loss: Any, x: Any, y: Any,
    compiled: bool = False, bfloat16: bool = False,
) -> Unit:  # fmt: skip
    """The same on as many threads as there are, without a trial."""
    x, y = tensor(x), torch.from_numpy(y)
    y = y if y.dtype.is_floating_point else y.long()
    value = _loss(model, loss, compiled, bfloat16)
    return lambda: _step(optimizer, value, x, y).item()


def epochs(
    model: nn.Module, optimizer: Any, x: Any, y: Any, batch_size: int, compiled: bool = False
) -> Unit:
    """A shuffled epoch with crossentropy."""
    return at_best(plain_epochs(model, optimizer, x, y, batch_size, compiled))


def plain_epochs(
    model: nn.Module, optimizer: Any, x: Any, y: Any, batch_size: int, compiled: bool = False
) -> Unit:
    """The same on as many threads as there are, without a trial."""
    x, y = torch.from_numpy(x), torch.from_numpy(y).long()
    value = _loss(model, nn.CrossEntropyLoss(), compiled)

    def epoch() -> float:
        for rows in torch.randperm(len(x)).split(batch_size):
            last = _step(optimizer, value, x[rows], y[rows])
        return last.item()

    return epoch


def predictions(model: nn.Module, x: Any, compiled: bool = False) -> Unit:
    """The outputs for one batch."""
    return at_best(plain_predictions(model, x, compiled))


def plain_predictions(model: nn.Module, x: Any, compiled: bool = False) -> Unit:
    """The same on as many threads as there are, without a trial."""
    model.eval()
    inputs = tensor(x)
    network = made_fast(lambda x: model(x).softmax(1), compiled)

    def work() -> float:
        with torch.inference_mode():
            return network(inputs)[0, 0].item()

    return work


def forget_compiled() -> None:
    """Compile anew at the next call, without what the disk may have kept."""
    torch.compiler.reset()
    os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    importlib.import_module("torch._inductor.config").force_disable_caches = True


def tensor(x: Any) -> torch.Tensor:
    """An array as a tensor; pictures (b, h, w, c) become (b, c, h, w) in channels last."""
    made = torch.from_numpy(x)
    return made.permute(0, 3, 1, 2) if made.ndim == 4 else made


def made_fast(function: Callable[..., Any], compiled: bool) -> Callable[..., Any]:
    """The function as it is, or compiled for exactly the shapes that it meets."""
    return torch.compile(function, dynamic=False) if compiled else function


def _loss(
    model: nn.Module, loss: Any, compiled: bool, bfloat16: bool = False
) -> Callable[..., Any]:
    def value(x: Any, y: Any) -> Any:
        with _precision(bfloat16):
            return loss(model(x), y)

    return made_fast(value, compiled)


def _precision(bfloat16: bool) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if bfloat16 else nullcontext()


def _step(optimizer: Any, loss: Callable[..., Any], x: Any, y: Any) -> Any:
    optimizer.zero_grad()
    value = loss(x, y)
    value.backward()
    optimizer.step()
    return value.detach()


def at_best(work: Callable[[], float]) -> Unit:
    """The work on one thread or on all of them, whichever a trial finds faster."""
    first, seconds = None, {}
    for threads in (ALL_THREADS, 1):
        torch.set_num_threads(threads)
        value = work()  # warm-up, and for compiled work the compilation
        first = value if first is None else first
        seconds[threads] = _trial(work)
    best = min(seconds, key=seconds.__getitem__)
    torch.set_num_threads(best)
    return _with_first(first, work)


def _trial(work: Callable[[], float]) -> float:
    """The shortest of a few runs."""
    times: list[float] = []
    while len(times) < TRIALS and sum(times) < TRIAL_SECONDS:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _with_first(first: float | None, work: Callable[[], float]) -> Unit:
    """The work, whose first call tells what the very first one gave, from the start weights."""
    waiting = [first]

    def unit() -> float:
        value = work()
        return waiting.pop() if waiting else value  # type: ignore[return-value]

    return unit
