"""What ``compile`` makes of a model: its steps, its loss, its metrics.

The steps (``train_step``, ``test_step``, ``predict_step``) are short and meant to be read, and to
be overridden; ``fit`` and the rest of what runs them is in ``trainer.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lernwerk import legacy, optimizers
from lernwerk import metrics as metric_package
from lernwerk.core.gradient import gradient
from lernwerk.errors import UsageError, check_name
from lernwerk.layers.layer import Layer
from lernwerk.layers.symbolic import resolved
from lernwerk.layers.tracking import distinct
from lernwerk.losses import Loss
from lernwerk.metrics import Metric
from lernwerk.models.data import network_outputs
from lernwerk.training.feeding import first_array
from lernwerk.training.measures import Measures
from lernwerk.training.objective import Objective
from lernwerk.training.outputs import Outputs
from lernwerk.training.pairing import check_pairing
from lernwerk.training.step import Steps
from lernwerk.utils.packing import unpack_x_y_sample_weight


class Compiled(Layer):
    """A layer that can be compiled: the part of ``Model`` with steps, loss and metrics."""

    _network: Any = None

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.optimizer: Any = None
        self.loss: Any = None
        self._objective: Objective | None = None
        self._measures: Measures | None = None
        self._loss_mean = metric_package.Mean(name="loss")
        self._added_metrics: list[tuple[Any, Metric]] = []
        self._steps: Steps | None = None
        self._plain_shapes: set[tuple[int, ...]] = set()  # of inputs that passed all checks
        self._outputs_known: tuple[Any, Outputs] | None = None

    # ---- compile

    @legacy.old_names
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose how to train: optimizer, loss, metrics.

        Losses, their weights and metrics may be lists or dicts for the outputs of the model.
        ``metrics`` are names, functions or objects; "accuracy" means the accuracy that goes with
        the loss. Which layers learn (``layer.trainable``) is decided here: later changes take
        effect with the next ``compile``. ``run_eagerly`` runs every step as plain Python, to step
        through it. The last three arguments only hasten Keras's other backends.
        Raises ArgumentError for unknown names and for a last layer that does not go with the loss.
        """
        if metrics is None and _are_names(loss_weights):  # Keras 2's order of arguments
            legacy.note("compile(optimizer, loss, metrics)", "metrics=")
            metrics, loss_weights = loss_weights, None
        self.optimizer = optimizers.get(optimizer)
        _share(self.optimizer)
        self._objective = Objective(loss, loss_weights)
        self._measures = Measures(metrics, weighted_metrics)
        self.loss = self._objective.loss
        learning = {layer: layer._trainable for layer in self._flattened()}
        self._steps = Steps(self, run_eagerly, learning)
        self._outputs_known = None
        self._check_last_layers()

    def _check_last_layers(self) -> None:
        assert self._objective is not None
        losses = [self.loss]
        if self._network is not None:
            self._objective.resolve(network_outputs(self._network))
            losses = self._objective.losses
        for layer, loss in zip(self.last_layers(), losses, strict=False):
            if layer is not None and isinstance(loss, Loss):
                units = getattr(layer, "units", getattr(layer, "filters", None))
                check_pairing(layer, units, loss)

    def last_layers(self) -> list[Any]:
        """The layer that makes each output, for the check against its loss; None where unknown."""
        return []

    def _compiled_steps(self, where: str) -> Steps:
        if self._steps is None or self._objective is None:
            raise UsageError(
                f"{self.name}.{where}", "a compiled model with a loss", "none",
                "model.compile(optimizer='adam', loss='mse')",
            )  # fmt: skip
        return self._steps

    @property
    def compiled(self) -> bool:
        """Whether ``compile`` was called."""
        return self._objective is not None

    # ---- the steps: to be read, and to be overridden

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training on (x, y, sample_weight): forward, loss, gradients, update."""
        x, y, weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = self.compute_loss(x, y, y_pred, weight)
        variables = self.trainable_variables
        if variables:
            scaled = self.optimizer.scale_loss(loss)
            self.optimizer.apply(gradient(scaled, variables), variables)
        self._loss_mean.update_state(loss, sample_weight=float(_rows_of(x)))
        return self.compute_metrics(x, y, y_pred, weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of evaluation: forward, loss, metrics."""
        x, y, weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x, y, y_pred, weight, training=False)
        self._loss_mean.update_state(loss, sample_weight=float(_rows_of(x)))
        return self.compute_metrics(x, y, y_pred, weight)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch."""
        return self(data[0], training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The losses of the outputs, weighed and added, and what layers and regularizers add."""
        objective, outputs = self._resolved_objective(y_pred)
        targets, weights = _for_outputs(outputs, y), _for_outputs(outputs, sample_weight)
        total = objective(targets, outputs.flat(y_pred), weights)
        for penalty in self.losses:
            total = penalty if total is None else total + penalty
        if total is None:
            raise UsageError(
                f"{self.name}.fit", "a loss", "none",
                "model.compile(optimizer='adam', loss='mse'), or add_loss in a layer",
            )  # fmt: skip
        return total

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Take a batch into the metrics of ``compile``; returns all values so far."""
        assert self._measures is not None
        _, outputs = self._resolved_objective(y_pred)
        targets, weights = _for_outputs(outputs, y), _for_outputs(outputs, sample_weight)
        self._resolve_measures(outputs, targets)
        self._measures.update(targets, outputs.flat(y_pred), weights)
        for value, mean in self._added_metrics:
            mean.update_state(resolved(value))
        return self.get_metrics_result()

    def add_metric(self, value: Any, name: str, aggregation: str | None = "mean") -> None:
        """Log the mean of a symbolic tensor of this model (Keras 2)."""
        check_name("add_metric", "aggregation", str(aggregation), ("mean", "None"))
        self._added_metrics.append((value, metric_package.Mean(name)))

    @property
    def compiled_loss(self) -> Any:
        """``compute_loss`` under Keras 2's name and with its arguments."""

        def loss(y: Any, y_pred: Any, sample_weight: Any = None, **options: Any) -> Any:
            return self.compute_loss(None, y, y_pred, sample_weight)

        return loss

    @property
    def compiled_metrics(self) -> CompiledMetrics:
        """The metrics of ``compile`` as one object, as Keras 2 has them."""
        return CompiledMetrics(self)

    def get_metrics_result(self) -> dict[str, Any]:
        """The values of all metrics by name."""
        return {metric.name: metric.result() for metric in self.metrics}

    def _resolved_objective(self, y_pred: Any) -> tuple[Objective, Outputs]:
        if self._objective is None:
            raise UsageError(f"{self.name}.compute_loss", "a compiled model", "none",
                             "model.compile(optimizer='adam', loss='mse')")  # fmt: skip
        if self._objective.outputs is None:  # a step of the user's own, called directly
            self._objective.resolve(Outputs.of(_shapes(y_pred), None))
        assert self._objective.outputs is not None
        return self._objective, self._objective.outputs

    def _resolve_measures(self, outputs: Outputs, targets: Sequence[Any]) -> None:
        assert self._measures is not None and self._objective is not None
        shapes = [None if y is None else tuple(y.shape) for y in targets]
        self._measures.resolve(outputs, shapes, self._objective.losses)

    def has_own_step(self, step: str) -> bool:
        """Whether a subclass has written this step itself: "train", "test" or "predict"."""
        name = f"{step}_step"
        return getattr(type(self), name) is not getattr(Compiled, name)

    # ---- metrics

    @property
    def metrics(self) -> list[Any]:
        """The means and metrics of an epoch: loss, losses of outputs, metrics, the model's own."""
        return list(self._known_metrics())

    def _known_metrics(self) -> Iterator[Any]:
        if self._objective is not None and self._measures is not None:
            yield self._loss_mean
            yield from self._objective.means
            yield from self._measures.metrics
            yield from (mean for _, mean in self._added_metrics)
        for layer in self._flattened():
            yield from layer._held_metrics

    def all_metrics(self) -> list[Any]:
        """``metrics``, and what a subclass that overrides it has left out."""
        return distinct([*self.metrics, *self._known_metrics()])

    def reset_metrics(self) -> None:
        """Start the metrics anew."""
        for metric in self.all_metrics():
            metric.reset_state()

    @property
    def metrics_names(self) -> list[str]:
        """The names in the order of ``evaluate``'s results."""
        return ["loss"] if not self.compiled else [metric.name for metric in self.metrics]

    @property
    def resolved_metrics(self) -> dict[str, str]:
        """What each metric name stands for: ``{"accuracy": "SparseCategoricalAccuracy"}``."""
        found = self._measures.metrics if self._measures is not None else []
        return {metric.name: type(metric).__name__ for metric in found}


def _are_names(value: Any) -> bool:
    listed = [value] if isinstance(value, str) else value
    return isinstance(listed, (list, tuple)) and any(isinstance(each, str) for each in listed)


def _share(optimizer: Any) -> None:
    """Let an optimizer that several compilations share take on the variables of each (Keras 2)."""
    optimizer.grows = optimizer.compiled
    optimizer.compiled = True


class CompiledMetrics:
    """The metrics of ``compile``: ``model.compiled_metrics.update_state(y, y_pred)``."""

    def __init__(self, model: Compiled) -> None:
        self.model = model

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch in."""
        self.model.compute_metrics(None, y, y_pred, sample_weight)

    def reset_state(self) -> None:
        """Start anew."""
        self.model.reset_metrics()


def _for_outputs(outputs: Outputs, given: Any) -> list[Any]:
    """What was given for the outputs, one by one; tensors go to each of them."""
    if given is None:
        return [None] * len(outputs)
    return outputs.one_by_one("y", given) if isinstance(given, (list, tuple, dict)) else (
        [given] * len(outputs)
    )  # fmt: skip


def _shapes(y_pred: Any) -> Any:
    if isinstance(y_pred, dict):
        return {key: (None, *each.shape[1:]) for key, each in y_pred.items()}
    if isinstance(y_pred, (list, tuple)):
        return [(None, *each.shape[1:]) for each in y_pred]
    return (None, *y_pred.shape[1:])


def _rows_of(x: Any) -> int:
    return len(first_array(x))
