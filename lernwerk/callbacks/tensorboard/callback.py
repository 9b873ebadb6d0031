"""TensorBoard: the callback that writes a training into event files."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lernwerk.callbacks.callback import Callback, Logs, single_steps
from lernwerk.callbacks.learning_rate import rate_of
from lernwerk.callbacks.tensorboard.inspection import inside_of_a_step, layers_of
from lernwerk.callbacks.tensorboard.pictures import weight_pictures
from lernwerk.callbacks.tensorboard.projector import chosen, write_embeddings
from lernwerk.callbacks.tensorboard.writer import EventWriter
from lernwerk.core.tree import map_leaves
from lernwerk.errors import (
    COUNT,
    ArgumentError,
    LernwerkError,
    Range,
    TrainingWarning,
    check_ranges,
    message,
)
from lernwerk.layers import Embedding

_FREQUENCY = Range(0, integer=True)


class TensorBoard(Callback):
    """Write what happens in a training for TensorBoard: ``tensorboard --logdir logs`` shows it.

    In the folder ``train``, and those of the validation in ``validation``:

    - curves ``epoch_loss`` and so on, the learning rate; with ``update_freq`` "batch" or a number n
      also ``batch_loss`` at every, or every n-th step (``fit`` then runs step by step); after each
      validation ``evaluation_loss_vs_iterations``; with ``write_steps_per_second`` the speed
    - with ``histogram_freq`` n, at every n-th epoch: histograms of the weights, and of the layers'
      outputs (``write_outputs``) and the gradients (``write_grads``) of the first ``batch_size``
      rows of the training data, in a step of training
    - ``write_images``: the weights as pictures, at the same epochs, without ``histogram_freq`` at
      every one
    - ``write_graph``: the layers, and every operation of a training step
    - with ``embeddings_freq`` n, at every n-th epoch: the vectors of the Embedding layers (all, or
      ``embeddings_layer_names``) for the projector; ``embeddings_metadata`` is the file with their
      words, or a dict layer -> file

    Differs: histograms of outputs and gradients, which Keras no longer has; pictures are scaled to
    their smallest and largest number; ``profile_batch`` is warned of: nothing is profiled.
    Raises ArgumentError for arguments out of range and unknown layers.
    Source: https://keras.io/api/callbacks/tensorboard/
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | Mapping[str, str] | None = None,
        *,
        write_grads: bool = True,
        write_outputs: bool = True,
        batch_size: int = 32,
        embeddings_layer_names: Sequence[str] | None = None,
        embeddings_data: None = None,
    ) -> None:
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self.write_grads = write_grads
        self.write_outputs = write_outputs
        self.batch_size = batch_size
        self.embeddings_layer_names = embeddings_layer_names
        self._check_arguments(profile_batch, embeddings_data)
        self._writers: dict[str, EventWriter] = {}
        self._step = 0
        self._iterations_before = 0
        self._began = self._step_began = 0.0

    def _check_arguments(self, profile_batch: Any, embeddings_data: Any) -> None:
        ranges = {"histogram_freq": _FREQUENCY, "embeddings_freq": _FREQUENCY, "batch_size": COUNT}
        check_ranges("TensorBoard", vars(self), ranges)
        if self.update_freq != "epoch" and self.update_freq not in COUNT:
            raise ArgumentError("TensorBoard", "update_freq 'epoch', 'batch' or a number of steps",
                                repr(self.update_freq))  # fmt: skip
        if embeddings_data is not None:
            raise ArgumentError(
                "TensorBoard", "embeddings_data=None", type(embeddings_data).__name__,
                "Only the vectors of Embedding layers are written.",
            )  # fmt: skip
        if profile_batch not in (0, None, "0"):
            hint = "Nothing is profiled; lernwerk graph shows what a step costs."
            text = message("TensorBoard", "profile_batch=0", repr(profile_batch), hint)
            warnings.warn(text, TrainingWarning, stacklevel=4)

    # ---- writers

    def _writer(self, name: str) -> EventWriter:
        if name not in self._writers:
            self._writers[name] = EventWriter(Path(self.log_dir) / name)
        return self._writers[name]

    @property
    def writes_steps(self) -> bool:
        """Whether it writes something at single steps."""
        return self.update_freq != "epoch"

    # ---- hooks

    def on_train_begin(self, logs: Logs = None) -> None:
        """Write the graph."""
        self._step = 0
        if self.write_graph:
            self._write_layers()
            self._write_step()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Note when it began."""
        self._began = time.perf_counter()
        self._iterations_before = self._iterations()

    @single_steps("writes_steps")
    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Note when it began."""
        self._step_began = time.perf_counter()

    @single_steps("writes_steps")
    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the values of the step."""
        if not self.writes_steps:
            return
        self._step += 1
        if self._step % int(self.update_freq):
            return
        found = dict(logs or {})
        if self.write_steps_per_second:
            found["steps_per_second"] = 1 / (time.perf_counter() - self._step_began)
        for name, value in found.items():
            self._writer("train").scalar(f"batch_{name}", value, self._step)

    def on_test_end(self, logs: Logs = None) -> None:
        """Write the results of an evaluation over the steps of the training."""
        if getattr(self.model, "optimizer", None) is None:
            return
        for name, value in (logs or {}).items():
            tag = f"evaluation_{name}_vs_iterations"
            self._writer("validation").scalar(tag, value, self._iterations())

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the values, and what else is due."""
        self._write_values(epoch, logs or {})
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_histograms(epoch)
        if self.write_images and epoch % (self.histogram_freq or 1) == 0:
            self._write_pictures(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    # ---- what is written

    def _iterations(self) -> int:
        return int(self.model.optimizer.iterations.numpy())

    def _write_values(self, epoch: int, logs: dict[str, Any]) -> None:
        found = {"learning_rate": rate_of(self.model.optimizer)} | logs
        if self.write_steps_per_second:
            steps = self._iterations() - self._iterations_before
            found["steps_per_second"] = steps / (time.perf_counter() - self._began)
        for name, value in found.items():
            place = "validation" if name.startswith("val_") else "train"
            self._writer(place).scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)

    def _write_histograms(self, epoch: int) -> None:
        found = {f"{v.path}/histogram": v.numpy() for v in self.model.weights}
        if self.sample is not None and (self.write_grads or self.write_outputs):
            rows = self.batch_size
            sample = map_leaves(lambda a: None if a is None else a[:rows], tuple(self.sample))
            inside = inside_of_a_step(self.model, sample)
            if self.write_outputs:
                found |= {f"{name}/output": array for name, array in inside.outputs.items()}
            if self.write_grads:
                found |= {f"{path}/gradient": array for path, array in inside.gradients.items()}
        for tag, array in found.items():
            self._writer("train").histogram(tag, array, epoch)

    def _write_pictures(self, epoch: int) -> None:
        for variable in self.model.weights:
            pictures = weight_pictures(variable.numpy())
            if pictures is not None:
                self._writer("train").image(f"{variable.path}/image", pictures, epoch)

    def _write_embeddings(self) -> None:
        layers = {name: each for name, each in layers_of(self.model) if isinstance(each, Embedding)}
        layers = chosen("TensorBoard", layers, self.embeddings_layer_names)
        given = self.embeddings_metadata or {}
        metadata = dict.fromkeys(layers, given) if isinstance(given, str) else dict(given)
        chosen("TensorBoard", layers, list(metadata))
        write_embeddings(Path(self.log_dir), layers, metadata)

    def _write_layers(self) -> None:
        """The layers, where the model can describe itself."""
        try:
            described = {"class_name": type(self.model).__name__,
                         "config": self.model.get_config()}  # fmt: skip
            if "layers" in described["config"]:
                self._writer("train").model("keras", json.dumps(described, default=str))
        except (LernwerkError, NotImplementedError):  # a model of one's own class
            pass

    def _write_step(self) -> None:
        from lernwerk.models.step_graph import step_graph

        try:
            self._writer("train").graph(step_graph(self.model, "train", self.batch_size))
        except Exception as error:  # a training is worth more than its picture
            warnings.warn(f"TensorBoard: no graph is written. {error}", TrainingWarning,
                          stacklevel=3)  # fmt: skip
