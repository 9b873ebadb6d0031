"""Model: a layer that can be trained - compile, fit, evaluate, predict, summary, save."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk import losses as loss_package
from lernwerk import metrics as metric_package
from lernwerk import optimizers
from lernwerk.callbacks import Callback, History, subscriber_for, wants_single_steps
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.errors import (
    COUNT,
    FRACTION,
    ArgumentError,
    Range,
    TrainingWarning,
    UsageError,
    check_ranges,
    message,
)
from lernwerk.layers.layer import Layer
from lernwerk.metrics import Metric
from lernwerk.ops.primitive import Array
from lernwerk.training.display import display
from lernwerk.training.feeding import Rows, make_rows, numbers, with_class_weight
from lernwerk.training.labels import fitted_targets
from lernwerk.training.loop import Loop, Schedule, predict_rows
from lernwerk.training.pairing import check_pairing
from lernwerk.training.step import Steps

_FIT_RANGES = {
    "batch_size": COUNT, "epochs": Range(0, integer=True), "initial_epoch": Range(0, integer=True),
    "validation_split": FRACTION, "validation_freq": COUNT,
}  # fmt: skip
ACCURACY = (*metric_package.ACCURACY, "Accuracy")  # names that are decided by the shapes


class Model(Layer):
    """A network that can be compiled and trained; subclasses write ``call``."""

    family = ""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stop_training = False
        self.interrupted = False
        self.resumed_epoch: int | None = None  # where BackupAndRestore lets fit begin
        self.optimizer: Any = None
        self.loss: Any = None
        self._steps: Steps | None = None
        self._metric_names: list[Any] = []
        self._metrics_resolved = False
        self._trained_weights: tuple[int, ...] = ()
        self._known_output: tuple[Any, tuple[int | None, ...]] | None = None
        self._order = RandomStream()

    def _finished(self, outputs: Any) -> Any:
        """The outputs as the layers gave them: the last one's policy decides."""
        return outputs

    def forward(self, x: Any) -> tuple[Tensor, Any]:
        """The output and its mask."""
        return self(x), None

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Refuse data of a shape that the model cannot take; Sequential knows how."""

    def last_layer(self) -> Layer | None:
        """The layer whose activation must go with the loss, where there is one."""
        return None

    # ---- compile

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Sequence[Any] | None = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose how to train: optimizer, loss, metrics.

        ``metrics`` are names, functions or objects; "accuracy" means the accuracy that goes with
        the loss. ``run_eagerly`` runs every step as plain Python, to step through it. The last
        three arguments only hasten Keras's other backends and change nothing here.
        Raises ArgumentError for unknown names and for a last layer that does not go with the loss.
        """
        _refuse("model.compile", loss_weights=loss_weights, weighted_metrics=weighted_metrics)
        self.optimizer = optimizers.get(optimizer)
        self.loss = None if loss is None else loss_package.as_loss(loss)
        listed = [metrics] if isinstance(metrics, (str, Metric)) else list(metrics or [])
        self._metric_names = [
            each if each in ACCURACY else metric_package.as_metric(each) for each in listed
        ]
        self._metrics_resolved = False
        self._steps = Steps(self, self.loss, self.optimizer, [], run_eagerly)
        self._check_last_layer()

    def _check_last_layer(self) -> None:
        layer = self.last_layer()
        if layer is not None and self.loss is not None:
            units = getattr(layer, "units", getattr(layer, "filters", None))
            check_pairing(layer, units, self.loss)

    def _compiled_steps(self, where: str) -> Steps:
        if self._steps is None or self.loss is None:
            raise UsageError(
                f"{self.name}.{where}", "a compiled model with a loss", "none",
                "model.compile(optimizer='adam', loss='mse')",
            )  # fmt: skip
        trained = tuple(id(layer) for layer in _trainable_layers(self))
        if trained != self._trained_weights:  # layers were frozen or thawed since the last trace
            self._trained_weights = trained
            self._steps.forget()
        return self._steps

    def _checked(self, rows: Rows, where: str) -> Rows:
        """The rows with targets that fit loss and output; metrics are resolved on the way."""
        steps = self._compiled_steps(where)
        steps.require(rows, f"model.{where}")
        output = self._output_shape(rows)
        y = fitted_targets(rows.y, output, self.loss)  # type: ignore[arg-type]
        if not self._metrics_resolved:
            steps.metrics = [self._metric(each, y.shape, output) for each in self._metric_names]
            self._metrics_resolved = True
        return Rows(rows.x, y, rows.weight)

    def _metric(self, identifier: Any, y: tuple[int, ...], output: tuple[int | None, ...]) -> Any:
        if identifier not in ACCURACY:
            return identifier
        found = metric_package.resolve_accuracy(self.loss, y, output)
        found.name = "accuracy" if identifier == "Accuracy" else identifier
        return found

    def _output_shape(self, rows: Rows) -> tuple[int | None, ...]:
        self.build_for(rows.x.shape)
        self.check_input(rows.x.shape)
        self.check_data(rows.x)
        key = (rows.x.shape[1:], *map(id, self._sublayers))
        if self._known_output is None or self._known_output[0] != key:
            self._known_output = key, self.compute_output_shape((None, *rows.x.shape[1:]))
        return self._known_output[1]

    # ---- fit

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Train the model; arguments as in Keras. Returns the History.

        The data are checked once before the first epoch. Raises DataError, ShapeError or
        DtypeError with the remedy, UsageError where the model is not compiled.
        """
        _refuse("model.fit", steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        batch_size = 32 if batch_size is None else batch_size
        given = {
            "batch_size": batch_size, "epochs": epochs, "initial_epoch": initial_epoch,
            "validation_split": validation_split, "validation_freq": validation_freq,
        }  # fmt: skip
        check_ranges("model.fit", given, _FIT_RANGES)
        rows = self._checked(make_rows(x, y, sample_weight, dtype=self.dtype), "fit")
        rows, validation = self._validation(rows, validation_split, validation_data)
        rows = with_class_weight(rows, class_weight)  # of the training only, as in Keras
        listed = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
        history = History()
        params = {"epochs": epochs, "steps": -(-len(rows) // batch_size), "verbose": verbose,
                  "validation": validation is not None}  # fmt: skip
        for callback in (everyone := [*listed, history]):
            callback.set_model(self)
            callback.set_params(params)
        schedule = Schedule(initial_epoch, epochs, batch_size, shuffle, wants_single_steps(listed),
                            validation_freq, validation_batch_size or batch_size)  # fmt: skip
        with display(verbose) as shown:
            subscribers = [*shown, *(subscriber_for(callback) for callback in everyone)]
            self.train_loop(subscribers).fit(rows, validation, schedule)
        return history

    def train_loop(self, subscribers: Sequence[Any]) -> Loop:
        """The loop that ``fit`` runs, with these subscribers to its events."""
        return Loop(self._compiled_steps("fit"), self._order, subscribers)

    def _validation(self, rows: Rows, split: float, data: Any) -> tuple[Rows, Rows | None]:
        if data is not None:
            if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
                raise UsageError("model.fit", "validation_data=(x, y) or (x, y, sample_weight)",
                                 type(data).__name__)  # fmt: skip
            return rows, self._checked(make_rows(*data, dtype=self.dtype), "fit")
        if not split:
            return rows, None
        count = int(len(rows) * (1 - split))
        if not 0 < count < len(rows):
            raise UsageError("model.fit", "rows on both sides of validation_split",
                             f"{count} of {len(rows)} for training")  # fmt: skip
        _warn_of_tail(rows, count)
        return rows.part(slice(0, count)), rows.part(slice(count, None))

    # ---- use

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics over a data set: a list, a number where there is only the loss."""
        _refuse("model.evaluate", steps=steps, callbacks=callbacks)
        rows = self._checked(make_rows(x, y, sample_weight, dtype=self.dtype), "evaluate")
        logs = Loop(self._compiled_steps("evaluate"), self._order, []).test(rows, batch_size or 32)
        if return_dict:
            return logs
        return logs["loss"] if len(logs) == 1 else list(logs.values())

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Array:
        """The outputs for a data set, as a NumPy array."""
        _refuse("model.predict", steps=steps, callbacks=callbacks)
        inputs = numbers("x", x, self.dtype)
        if not len(inputs):
            raise UsageError("model.predict", "at least one row", "none")
        self.build_for(inputs.shape)
        self.check_input(inputs.shape)
        self.check_data(inputs)
        steps = self._steps or Steps(self, None, None, [], run_eagerly=False)
        self._steps = steps
        return predict_rows(steps, inputs, batch_size or 32)  # type: ignore[no-any-return]

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """One step on one batch; returns loss and metrics of it."""
        return self._on_batch("train", x, y, sample_weight, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Loss and metrics of one batch."""
        return self._on_batch("test", x, y, sample_weight, return_dict)

    def predict_on_batch(self, x: Any) -> Array:
        """The outputs for one batch."""
        return self.predict(x, batch_size=len(x))

    def _on_batch(self, step: str, x: Any, y: Any, weight: Any, return_dict: bool) -> Any:
        rows = self._checked(make_rows(x, y, weight, dtype=self.dtype), f"{step}_on_batch")
        steps = self._compiled_steps(f"{step}_on_batch")
        steps.reset()
        steps.once(step, rows.x, rows.y, rows.weight)
        logs = steps.logs()
        if return_dict:
            return logs
        return logs["loss"] if len(logs) == 1 else list(logs.values())

    # ---- showing and saving

    @property
    def metrics_names(self) -> list[str]:
        """The names in the order of ``evaluate``'s results."""
        return ["loss", *(metric.name for metric in (self._steps.metrics if self._steps else []))]

    @property
    def resolved_metrics(self) -> dict[str, str]:
        """What each metric name stands for: ``{"accuracy": "SparseCategoricalAccuracy"}``."""
        metrics = self._steps.metrics if self._steps else []
        return {metric.name: type(metric).__name__ for metric in metrics}

    @property
    def state_variables(self) -> list[Any]:
        """Everything that the next step depends on, in a fixed order: for exact resumption."""
        slots = [] if self.optimizer is None else list(self.optimizer.variables)
        return [*self.weights, *self.random_states, self._order.state, *slots]

    def summary(self, print_fn: Any = None, line_length: int | None = None) -> None:
        """Print the table of layers, output shapes and parameters, as Keras does."""
        from lernwerk.models.summary import summary_text

        (print_fn or print)(summary_text(self, line_length))

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the model to a ``.keras`` file."""
        from lernwerk.saving import save_model

        save_model(self, filepath, overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to a ``.weights.h5`` file."""
        from lernwerk.saving import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any) -> None:
        """Read the weights from a ``.weights.h5`` file; nothing changes where one is wrong."""
        from lernwerk.saving import load_weights

        load_weights(self, filepath)


def _trainable_layers(layer: Layer) -> list[Layer]:
    """The layer and those inside it that training changes."""
    if not layer.trainable:
        return []
    return [layer, *(each for part in layer._sublayers for each in _trainable_layers(part))]


def _refuse(where: str, **options: Any) -> None:
    """Refuse Keras's options that are not available yet, rather than ignore them."""
    for name, value in options.items():
        if value is not None:
            raise ArgumentError(where, f"{name}=None", repr(value), "Leave it out.")


def _warn_of_tail(rows: Rows, count: int) -> None:
    """validation_split takes the last rows, as Keras does: warn where that leaves out a class."""
    if rows.y is None or (rows.y.ndim > 1 and rows.y.shape[1] > 1) or rows.y.dtype.kind == "f":
        return
    head, tail = (np.unique(part).tolist() for part in (rows.y[:count], rows.y[count:]))
    missing = sorted(set(tail) - set(head)) or sorted(set(head) - set(tail))
    if missing and len(tail) + len(head) < len(rows) / 2:
        warnings.warn(
            message(
                "validation_split", "all classes in both parts",
                f"classes {missing[:5]} in one part only (it takes the last rows unshuffled)",
                "Shuffle first: p = np.random.permutation(len(x)); x, y = x[p], y[p].",
            ),
            TrainingWarning, stacklevel=3,
        )  # fmt: skip
