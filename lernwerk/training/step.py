"""One step of training, evaluation and prediction: Python functions over Tensors, nothing more.

They are what ``compiled`` traces: the model's own ``train_step``, ``test_step`` and
``predict_step``, within the state of a compiled model. Everything that survives a step is a
Variable: weights, slots, moving statistics, random counters and metric totals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from lernwerk.core.compiled import CompiledFunction, compiled
from lernwerk.core.graph import Graph
from lernwerk.core.tensor import Tensor
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.layers.context import learning, training_mode
from lernwerk.layers.symbolic import evaluating
from lernwerk.ops.primitive import Array
from lernwerk.training.feeding import Rows
from lernwerk.utils.packing import pack_x_y_sample_weight


class Steps:
    """The three steps of a model; ``learning`` says which layers learned when it was compiled."""

    def __init__(self, model: Any, run_eagerly: bool, learning: Mapping[Any, bool]) -> None:
        self.model = model
        self.run_eagerly = run_eagerly
        self.learning = learning
        self.warned_of_thawed = False
        # The loop learns how many batches of a size take its time.
        self.batches_per_slice: dict[int, int] = {}
        self._metrics: list[Any] = []
        self._metrics_of = -1  # how many traces there were when they were listed
        self._returned: dict[str, Any] = {}  # by a train_step or test_step of the user's
        self._revision = 0  # that of the optimizer when the steps were traced
        self._compiled: dict[str, CompiledFunction] = {
            name: compiled(function)
            for name, function in (
                ("train", self.train), ("test", self.test), ("predict", self.predict),
                ("results", self.results),
            )
        }  # fmt: skip

    # ---- the steps

    def train(self, x: Any, y: Any, weight: Any) -> Any:
        """Forward, loss, gradients, update, metrics."""
        with self._within(training=True):
            logs = self.model.train_step(pack_x_y_sample_weight(x, y, weight))
        return logs if self.model.has_own_step("train") else None

    def test(self, x: Any, y: Any, weight: Any) -> Any:
        """Forward, loss, metrics."""
        with self._within(training=False):
            logs = self.model.test_step(pack_x_y_sample_weight(x, y, weight))
        return logs if self.model.has_own_step("test") else None

    def predict(self, x: Any) -> Any:
        """Forward only."""
        with self._within(training=False):
            return self.model.predict_step((x,))

    def results(self) -> dict[str, Any]:
        """The values of the means and metrics by name."""
        found: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            found |= result if isinstance(result, Mapping) else {metric.name: result}
        return found

    @contextmanager
    def _within(self, training: bool) -> Iterator[None]:
        with learning(self.learning), training_mode(training), evaluating():
            yield

    # ---- running them

    def run(self, step: str, rows: Rows, order: Array, batch_size: int) -> Any:
        """Run a step over rows in the order given, batch after batch, the last one smaller."""
        self._follow_optimizer()
        data = (rows.x,) if step == "predict" else (rows.x, rows.y, rows.weight)
        full = len(order) - len(order) % batch_size
        parts = []
        if full:
            parts.append(self._over(step, data, order[:full], batch_size))
        if full < len(order):
            parts.append(self._over(step, data, order[full:], len(order) - full))
        if step != "predict":
            self._note(parts[-1])
        return parts

    def _over(self, step: str, data: tuple[Any, ...], order: Array, batch_size: int) -> Any:
        if not self.run_eagerly:
            return self._compiled[step].over(data, order, batch_size)
        function: Callable[..., Any] = getattr(self, step)
        results = []
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            results.append(function(*map_leaves(lambda a, r=rows: _tensor(a, r), data)))
        if step != "predict":
            return results[-1]
        return _joined(results)

    def once(self, step: str, *arguments: Any) -> Any:
        """Run a step on one batch."""
        self._follow_optimizer()
        if self.run_eagerly:
            found = getattr(self, step)(*map_leaves(lambda a: _tensor(a, ...), arguments))
        else:
            found = self._compiled[step](*arguments)
        if step != "predict":
            self._note(found)
        return found

    def _note(self, returned: Any) -> None:
        """Keep what a step of the user's returned: of several steps, the last one's values."""
        if isinstance(returned, Mapping):
            self._returned = {name: _last(value) for name, value in returned.items()}

    def _follow_optimizer(self) -> None:
        """Trace anew where the optimizer's rate has become a schedule."""
        revision = getattr(self.model.optimizer, "revision", 0)
        if revision != self._revision:
            self._revision = revision
            self.forget()

    def forget(self) -> None:
        """Trace anew at the next step: the layers are others."""
        self._metrics_of = -1
        for function in self._compiled.values():
            function.forget()

    def probe(self, step: str, rows: Rows, part: Array) -> tuple[Graph, list[Array]]:
        """The graph of a step for these rows, and its inputs."""
        data = (rows.x, rows.y, rows.weight)
        batch = map_leaves(lambda array: None if array is None else array[part], data)
        graph = self._compiled[step].graph(*batch)
        return graph, [array for array in leaves(batch) if array is not None]

    # ---- results

    @property
    def metrics(self) -> list[Any]:
        """The means and metrics, whose state is of one epoch; a new trace may bring new ones."""
        traced = sum(len(self._compiled[step]) for step in ("train", "test"))
        if self.run_eagerly or self._metrics_of != traced:
            self._metrics, self._metrics_of = list(self.model.all_metrics()), traced
        return self._metrics

    @property
    def totals(self) -> list[Any]:
        """The Variables of the loss and the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def reset(self) -> None:
        """Start the means of an epoch anew."""
        self._returned = {}
        for metric in self.metrics:
            metric.reset_state()

    def logs(self) -> dict[str, Any]:
        """The means since ``reset`` by name, or what the user's own step returned."""
        if self._returned:
            return dict(self._returned)
        found = self.results() if self.run_eagerly else self._compiled["results"]()
        return {name: _number(value) for name, value in found.items()}


def _tensor(array: Any, rows: Any) -> Any:
    return None if array is None else Tensor(array[rows])


def _joined(results: list[Any]) -> Any:
    """The outputs of several batches as one."""
    columns = zip(*(list(leaves(each)) for each in results), strict=True)
    joined = iter([Tensor(np.concatenate([t.numpy() for t in column])) for column in columns])
    return map_leaves(lambda _: next(joined), results[0])


def _last(value: Any) -> Any:
    array = np.asarray(value.numpy() if isinstance(value, Tensor) else value)
    return _number(array[-1] if array.ndim else array)


def _number(value: Any) -> Any:
    """A number as Python's, a vector (one value for each class) as an array."""
    array = np.asarray(value.numpy() if isinstance(value, Tensor) else value)
    return float(array.reshape(())) if array.size == 1 else array.copy()
