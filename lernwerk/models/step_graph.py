"""The graph of a model's step without running it: traced on arrays of zeros of the right shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import losses
from lernwerk.core.compiled import trace
from lernwerk.core.graph import Graph
from lernwerk.core.tree import map_leaves
from lernwerk.errors import COUNT, UsageError, check_name, check_ranges
from lernwerk.layers.layer import Layer
from lernwerk.models.data import inputs_of, network_outputs
from lernwerk.models.model import Model
from lernwerk.ops.primitive import Array
from lernwerk.training.step import Steps

STEPS = ("predict", "train", "test")


def step_graph(model: Model, step: str = "predict", batch_size: int = 32) -> Graph:
    """The traced graph of one step ("predict", "train" or "test") for batches of that size.

    Raises UsageError for a model without input shape, with an axis of unknown length, or, to train
    and test, without a loss.
    """
    check_name("step_graph", "step", step, STEPS)
    check_ranges("step_graph", {"batch_size": batch_size}, {"batch_size": COUNT})
    x = inputs_of(model, _inputs(model, batch_size))
    if step == "predict":
        return trace(Steps(model, False, {}).predict, x).graph
    steps = model._compiled_steps(step)
    rows = model._rows(step, x, _targets(model, batch_size), None)
    return trace(getattr(steps, step), rows.x, rows.y, None).graph


def _inputs(model: Model, batch_size: int) -> Any:
    network = model._known_network("input_shape")

    def zeros(tensor: Any) -> Array:
        lengths = [n for n in tensor.shape[1:] if n is not None]
        if len(lengths) < len(tensor.shape) - 1:
            raise UsageError(
                model.name, "an input whose axes all have a length", str(tensor.shape),
                "Give it one: Input(shape=(100,)).",
            )  # fmt: skip
        if tensor.is_text:
            return np.full((batch_size, *lengths), "")
        consumer = network.consumer(tensor)
        whole = isinstance(consumer, Layer) and consumer.integer_inputs
        return np.zeros((batch_size, *lengths), np.int32 if whole else model.dtype)

    return map_leaves(zeros, network.inputs)


def _targets(model: Model, batch_size: int) -> Any:
    """Targets of the form that the losses want: class numbers, or what the output looks like."""
    assert model._objective is not None and model._network is not None
    outputs = network_outputs(model._network)
    found = [
        None if loss is None else _target(shape, loss, batch_size)
        for shape, loss in zip(outputs.shapes, model._objective.losses, strict=True)
    ]
    return found[0] if outputs.single else found


def _target(shape: tuple[int | None, ...], loss: Any, batch_size: int) -> Array:
    sparse = isinstance(loss, losses.SparseCategoricalCrossentropy)
    lengths = [n or 1 for n in (shape[1:-1] if sparse else shape[1:])]
    return np.zeros((batch_size, *lengths), np.int32 if sparse else np.float32)
