"""One step of training, evaluation and prediction: Python functions over Tensors, nothing more.

They are what ``compiled`` traces. Everything that survives a step is a Variable: weights, slots,
moving statistics, random counters and metric totals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lernwerk import metrics as metric_package
from lernwerk.core.compiled import CompiledFunction, compiled
from lernwerk.core.gradient import gradient
from lernwerk.core.graph import Graph
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import map_leaves
from lernwerk.errors import UsageError
from lernwerk.layers.layer import training_mode
from lernwerk.ops.primitive import Array
from lernwerk.training.feeding import Rows


class Steps:
    """The three steps of a compiled model, with its loss, optimizer and metrics."""

    def __init__(
        self, model: Any, loss: Any, optimizer: Any, metrics: Sequence[Any], run_eagerly: bool
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = list(metrics)
        self.loss_mean = metric_package.Mean(name="loss")
        self.run_eagerly = run_eagerly
        # The loop learns how many batches of a size take its time.
        self.batches_per_slice: dict[int, int] = {}
        self._compiled: dict[str, CompiledFunction] = {
            name: compiled(function)
            for name, function in (
                ("train", self.train), ("test", self.test), ("predict", self.predict),
            )
        }  # fmt: skip

    # ---- the steps

    def train(self, x: Tensor, y: Tensor | None, weight: Tensor | None) -> None:
        """Forward, loss, gradients, update, metrics."""
        total, prediction = self._forward(x, y, weight, training=True)
        variables = self.model.trainable_variables
        if variables:
            self.optimizer.apply(gradient(total, variables), variables)
        self._record(total, y, prediction, len(x))

    def test(self, x: Tensor, y: Tensor | None, weight: Tensor | None) -> None:
        """Forward, loss, metrics."""
        total, prediction = self._forward(x, y, weight, training=False)
        self._record(total, y, prediction, len(x))

    def predict(self, x: Tensor) -> Tensor:
        """Forward only."""
        with training_mode(False):
            return self.model(x)  # type: ignore[no-any-return]

    def _forward(
        self, x: Tensor, y: Tensor | None, weight: Tensor | None, training: bool
    ) -> tuple[Tensor, Tensor]:
        with training_mode(training):
            prediction, mask = self.model.forward(x)
        total = self.loss(y, prediction, sample_weight=weight, mask=mask)
        for penalty in self.model.losses:
            total = total + penalty
        return total, prediction

    def _record(self, total: Tensor, y: Tensor | None, prediction: Tensor, rows: int) -> None:
        self.loss_mean.update_state(total, sample_weight=float(rows))
        for metric in self.metrics:
            metric.update_state(y, prediction)

    # ---- running them

    def run(self, step: str, rows: Rows, order: Array, batch_size: int) -> Any:
        """Run a step over rows in the order given, batch after batch, the last one smaller."""
        data = (rows.x,) if step == "predict" else (rows.x, rows.y, rows.weight)
        full = len(order) - len(order) % batch_size
        parts = []
        if full:
            parts.append(self._over(step, data, order[:full], batch_size))
        if full < len(order):
            parts.append(self._over(step, data, order[full:], len(order) - full))
        return parts

    def _over(self, step: str, data: tuple[Any, ...], order: Array, batch_size: int) -> Any:
        if not self.run_eagerly:
            return self._compiled[step].over(data, order, batch_size)
        function: Callable[..., Any] = getattr(self, step)
        results = []
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = map_leaves(lambda a, r=rows: None if a is None else Tensor(a[r]), data)
            results.append(function(*batch))
        if results[0] is None:
            return None
        return Tensor(np.concatenate([result.numpy() for result in results]))

    def once(self, step: str, *arguments: Any) -> Any:
        """Run a step on one batch."""
        if self.run_eagerly:
            return getattr(self, step)(*(None if a is None else Tensor(a) for a in arguments))
        return self._compiled[step](*arguments)

    def forget(self) -> None:
        """Trace anew at the next step: which weights are trained has changed."""
        for function in self._compiled.values():
            function.forget()

    def probe(self, step: str, rows: Rows, part: Array) -> tuple[Graph, list[Array]]:
        """The graph of a step for these rows, and its inputs."""
        data = (rows.x, rows.y, rows.weight)
        batch = [None if array is None else array[part] for array in data]
        graph = self._compiled[step].graph(*batch)
        return graph, [array for array in batch if array is not None]

    # ---- results

    @property
    def totals(self) -> list[Any]:
        """The Variables of the loss and the metrics."""
        return [v for metric in (self.loss_mean, *self.metrics) for v in metric.variables]

    def reset(self) -> None:
        """Start the means of an epoch anew."""
        for metric in (self.loss_mean, *self.metrics):
            metric.reset_state()

    def logs(self) -> dict[str, float]:
        """The means since ``reset``, by name."""
        found = {metric.name: float(metric.result()) for metric in (self.loss_mean, *self.metrics)}
        return found

    def require(self, rows: Rows, where: str) -> None:
        """Refuse a data set without targets."""
        if rows.y is None:
            raise UsageError(where, "targets y", "None", f"{where}(x, y)")
