"""What a model can do with data: fit, evaluate, predict, and steps on single batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import legacy
from lernwerk.callbacks import (
    Callback,
    History,
    ProgbarLogger,
    subscriber_for,
    wants_single_steps,
)
from lernwerk.core.random import RandomStream
from lernwerk.core.tree import leaves
from lernwerk.errors import (
    COUNT,
    FRACTION,
    Range,
    UsageError,
    check_ranges,
)
from lernwerk.models.compiling import Compiled
from lernwerk.models.data import checked_inputs, outputs_of
from lernwerk.models.old_methods import OldMethods
from lernwerk.training import events
from lernwerk.training.batches import Batches, comes_in_batches
from lernwerk.training.display import display
from lernwerk.training.feeding import (
    Rows,
    arrays,
    checked_rows,
    first_array,
    with_class_weight,
)
from lernwerk.training.labels import fitted_targets
from lernwerk.training.loop import Loop, Schedule, predict_batches, predict_rows, steps_of
from lernwerk.training.outputs import Outputs
from lernwerk.training.step import Steps
from lernwerk.training.warning import warn_of_statistics, warn_of_tail, warn_of_thawed

_FIT_RANGES = {
    "batch_size": COUNT, "epochs": Range(0, integer=True), "initial_epoch": Range(0, integer=True),
    "validation_split": FRACTION, "validation_freq": COUNT, "steps_per_epoch": COUNT,
    "validation_steps": COUNT, "validation_batch_size": COUNT,
}  # fmt: skip
_BATCH_SIZE = 32


class Trainer(OldMethods, Compiled):
    """The training side of ``Model``."""

    takes_one_input = False  # whether a list can only hold rows
    stop_training = False
    interrupted = False
    resumed_epoch: int | None = None  # where BackupAndRestore lets fit begin

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self._order = RandomStream()

    # ---- data

    def _rows(self, where: str, x: Any, y: Any, weight: Any) -> Rows:
        """Checked rows: inputs in the model's form, targets that fit losses and outputs."""
        self._compiled_steps(where)
        inputs = checked_inputs(self, x)
        count = len(first_array(inputs))
        targets = _without_list_of_one(y)
        given = {"y": targets, "sample_weight": weight}
        found = {name: None if each is None else arrays(name, each, self.dtype, count)
                 for name, each in given.items()}  # fmt: skip
        rows = checked_rows(inputs, found["y"], found["sample_weight"])
        if self.has_own_step("train"):
            self._prepare_measures(rows)
            return rows
        outputs = self._resolve(rows)
        return Rows(rows.x, self._fitted(rows, outputs, where), rows.weight)

    def _prepare_measures(self, rows: Rows) -> None:
        """Make the metrics that a step of the user's own may use, where outputs can be known."""
        assert self._measures is not None
        if rows.y is None or not self._measures.asked:
            return
        try:
            outputs = self._resolve(rows)
        except NotImplementedError:  # no call: only the step knows what is computed
            return
        targets = [rows.y] if outputs.single else outputs.one_by_one("y", rows.y)
        self._resolve_measures(outputs, targets)

    def _resolve(self, rows: Rows) -> Outputs:
        """The outputs for these rows; losses and metrics learn of them."""
        assert self._objective is not None
        form = [(array.shape[1:], array.dtype) for array in leaves(rows.x)]
        key = (form, self._structure())
        if self._outputs_known is None or self._outputs_known[0] != key:
            self._outputs_known = key, outputs_of(self, rows.x)
        outputs = self._outputs_known[1]
        self._objective.resolve(outputs)
        return outputs

    def _structure(self) -> tuple[int, ...]:
        return tuple(map(id, self._sublayers))

    def _fitted(self, rows: Rows, outputs: Outputs, where: str) -> Any:
        """The targets in the form that the losses want; metrics learn of their shapes."""
        assert self._objective is not None
        losses = self._objective.losses
        if rows.y is None:
            if any(loss is not None for loss in losses):
                raise UsageError(f"model.{where}", "targets y", "None", f"model.{where}(x, y)")
            return None
        given = [rows.y] if outputs.single else outputs.one_by_one("y", rows.y)
        if outputs.single and isinstance(rows.y, dict):
            given = outputs.one_by_one("y", rows.y)
        targets = [
            y if y is None or loss is None else fitted_targets(y, shape, loss)
            for y, shape, loss in zip(given, outputs.shapes, losses, strict=True)
        ]
        self._resolve_measures(outputs, targets)
        return targets[0] if outputs.single else targets

    def _data(
        self, where: str, x: Any, y: Any, weight: Any, steps: int | None = None
    ) -> Rows | Batches:
        """Rows of arrays, or the batches of a source of them."""
        if not comes_in_batches(x):
            return self._rows(where, x, y, weight)
        if y is not None:
            raise UsageError(f"model.{where}", "no y beside a source of batches (x, y)",
                             type(y).__name__, "It gives the targets itself.")  # fmt: skip
        return Batches(x, lambda *batch: self._rows(where, *batch), steps, f"model.{where}")

    # ---- fit

    @legacy.old_names
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Any = None,
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

        ``x`` is an array, a list or dict of arrays, a data frame, or a source of batches
        (generator, PyDataset, data set, data loader). Arrays are checked once before the first
        epoch. Raises DataError, ShapeError or DtypeError with the remedy, UsageError where the
        model is not compiled.
        """
        size = _BATCH_SIZE if batch_size is None else batch_size
        given = {
            "batch_size": size, "epochs": epochs, "initial_epoch": initial_epoch,
            "validation_split": validation_split, "validation_freq": validation_freq,
            "steps_per_epoch": steps_per_epoch, "validation_steps": validation_steps,
            "validation_batch_size": validation_batch_size,
        }  # fmt: skip
        check_ranges("model.fit", given, _FIT_RANGES)
        data = self._data("fit", x, y, sample_weight, steps_per_epoch)
        data, validation = self._validation(data, validation_split, validation_data,
                                            validation_steps)  # fmt: skip
        if isinstance(data, Rows):  # of the training only, as in Keras
            data = with_class_weight(data, class_weight)
        warn_of_thawed(self, self._compiled_steps("fit"))
        listed = _flat(callbacks)
        schedule = Schedule(
            initial_epoch, epochs, size, bool(shuffle), wants_single_steps(listed),
            wants_single_steps(listed, "test"), validation_freq, validation_batch_size or size,
            steps_per_epoch,
        )  # fmt: skip
        self.history = History()
        params = {"epochs": epochs, "steps": steps_of(data, schedule) or None, "verbose": verbose,
                  "validation": validation is not None}  # fmt: skip
        subscribers = self._subscribed([*listed, self.history], params)
        own_display = any(isinstance(each, ProgbarLogger) for each in listed)
        with display(0 if own_display else verbose) as shown:
            self.train_loop([*shown, *subscribers]).fit(data, validation, schedule)
        self.optimizer.finalize_variable_values(self.trainable_variables)
        warn_of_statistics(self, self.history.history)
        return self.history

    def _subscribed(self, callbacks: Sequence[Any], params: dict[str, Any]) -> list[Any]:
        """The subscribers of callbacks that have been told of the model."""
        for callback in callbacks:
            callback.set_model(self)
            callback.set_params(params)
        return [subscriber_for(callback) for callback in callbacks]

    def train_loop(self, subscribers: Sequence[Any]) -> Loop:
        """The loop that ``fit`` runs, with these subscribers to its events."""
        return Loop(self._compiled_steps("fit"), self._order, subscribers)

    def _validation(
        self, data: Rows | Batches, split: float, given: Any, steps: int | None
    ) -> tuple[Rows | Batches, Rows | Batches | None]:
        if given is not None and comes_in_batches(given):
            return data, self._data("fit", given, None, None, steps)
        if given is not None:
            if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
                raise UsageError("model.fit", "validation_data=(x, y) or (x, y, sample_weight)",
                                 type(given).__name__)  # fmt: skip
            x, y, weight = (*given, None)[:3]
            return data, self._rows("fit", x, y, weight)
        if not split:
            return data, None
        if isinstance(data, Batches):
            raise UsageError("model.fit", "validation_data beside a source of batches",
                             f"validation_split={split}")  # fmt: skip
        count = int(len(data) * (1 - split))
        if not 0 < count < len(data):
            raise UsageError("model.fit", "rows on both sides of validation_split",
                             f"{count} of {len(data)} for training")  # fmt: skip
        warn_of_tail(data.y, count)
        return data.part(slice(0, count)), data.part(slice(count, None))

    # ---- use

    @legacy.old_names
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
        data = self._data("evaluate", x, y, sample_weight, steps)
        size = batch_size or _BATCH_SIZE
        listed = _flat(callbacks)
        count = steps_of(data, Schedule(0, 1, size, False, steps=steps)) or None
        subscribers = self._subscribed(listed, {"steps": count, "verbose": verbose})
        loop = Loop(self._compiled_steps("evaluate"), self._order, subscribers)
        loop.send(events.EvaluationStarted(count))
        logs = loop.test(data, size, steps, wants_single_steps(listed, "test"))
        loop.send(events.EvaluationFinished(logs))
        return _listed(logs, return_dict)

    @legacy.old_names
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for a data set, as NumPy arrays in the form of the model's outputs."""
        size = batch_size or _BATCH_SIZE
        if comes_in_batches(x):

            def prepare(x: Any, y: Any, weight: Any) -> Rows:
                return Rows(self._inputs_to_predict(x))

            source = Batches(x, prepare, steps, "model.predict")
            return self._predicted(source.epoch(), source.steps, callbacks, verbose)
        inputs = self._inputs_to_predict(x)
        if steps is not None:
            inputs = Rows(inputs).part(slice(0, steps * size)).x
        if not callbacks:
            return predict_rows(self._predicting_steps, inputs, size)
        rows = Rows(inputs)
        starts = range(0, len(rows), size)
        parts = (rows.part(slice(start, start + size)) for start in starts)
        return self._predicted(parts, len(starts), callbacks, verbose)

    def _predicted(self, batches: Any, count: int | None, callbacks: Any, verbose: Any) -> Any:
        """The outputs of batch after batch, with callbacks told of each."""
        params = {"steps": count, "verbose": verbose}
        loop = Loop(self._predicting_steps, self._order, self._subscribed(_flat(callbacks), params))
        loop.send(events.PredictionStarted(count))
        outputs = predict_batches(loop.steps, batches, loop.send)
        loop.send(events.PredictionFinished())
        return outputs

    @property
    def _predicting_steps(self) -> Steps:
        """The steps of a model that need not be compiled."""
        if self._steps is None:
            self._steps = Steps(self, False, {})
        return self._steps

    def _inputs_to_predict(self, x: Any) -> Any:
        inputs = checked_inputs(self, x)
        if not len(first_array(inputs)):
            raise UsageError("model.predict", "at least one row", "none")
        return inputs

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One step on one batch; returns loss and metrics of it."""
        rows = self._rows("train_on_batch", x, y, sample_weight)
        return self._on_batch("train", with_class_weight(rows, class_weight), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Loss and metrics of one batch."""
        rows = self._rows("test_on_batch", x, y, sample_weight)
        return self._on_batch("test", rows, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        inputs = self._inputs_to_predict(x)
        return predict_rows(self._predicting_steps, inputs, len(first_array(inputs)))

    def _on_batch(self, step: str, rows: Rows, return_dict: bool) -> Any:
        steps = self._compiled_steps(f"{step}_on_batch")
        steps.reset()
        steps.once(step, rows.x, rows.y, rows.weight)
        return _listed(steps.logs(), return_dict)

    @property
    def state_variables(self) -> list[Any]:
        """Everything that the next step depends on, in a fixed order: for exact resumption."""
        slots = [] if self.optimizer is None else list(self.optimizer.variables)
        return [*self.weights, *self.random_states, self._order.state, *slots]


def _flat(callbacks: Any) -> list[Any]:
    """The callbacks as a list; a CallbackList counts as one."""
    return [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])


def _without_list_of_one(y: Any) -> Any:
    """Targets of a single output that were written as a list of one array."""
    single = isinstance(y, (list, tuple)) and len(y) == 1 and getattr(y[0], "ndim", 0) > 0
    return y[0] if single else y


def _listed(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    return next(iter(logs.values())) if len(logs) == 1 else list(logs.values())
