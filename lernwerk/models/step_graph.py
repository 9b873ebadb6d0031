"""The graph of a model's step without running it: traced on arrays of zeros of the right shapes."""

from __future__ import annotations

import numpy as np

from lernwerk import losses
from lernwerk.core.compiled import trace
from lernwerk.core.graph import Graph
from lernwerk.errors import COUNT, UsageError, check_name, check_ranges
from lernwerk.models.model import Model
from lernwerk.ops.primitive import Array
from lernwerk.training.feeding import Rows
from lernwerk.training.step import Steps

STEPS = ("predict", "train", "test")


def step_graph(model: Model, step: str = "predict", batch_size: int = 32) -> Graph:
    """The traced graph of one step ("predict", "train" or "test") for batches of that size.

    Raises UsageError for a model without input shape, with an axis of unknown length, or, to train
    and test, without a loss.
    """
    check_name("step_graph", "step", step, STEPS)
    check_ranges("step_graph", {"batch_size": batch_size}, {"batch_size": COUNT})
    x = _inputs(model, batch_size)
    if step == "predict":
        return trace(Steps(model, None, None, [], run_eagerly=False).predict, x).graph
    rows = model._checked(Rows(x, _targets(model, batch_size)), step)
    steps = model._compiled_steps(step)
    return trace(getattr(steps, step), rows.x, rows.y, None).graph


def _inputs(model: Model, batch_size: int) -> Array:
    shape: tuple[int | None, ...] = model.input_shape  # type: ignore[attr-defined]
    lengths = [n for n in shape[1:] if n is not None]
    if len(lengths) < len(shape) - 1:
        raise UsageError(
            model.name, "an input whose axes all have a length", str(shape),
            "Give it one: Input(shape=(100,)).",
        )  # fmt: skip
    first = next(iter(model.layers), None)  # type: ignore[attr-defined]
    whole = getattr(first, "integer_inputs", False)
    return np.zeros((batch_size, *lengths), np.int32 if whole else model.dtype)


def _targets(model: Model, batch_size: int) -> Array:
    """Targets of the form that the loss wants: class numbers, or what the output looks like."""
    output: tuple[int | None, ...] = model.output_shape  # type: ignore[attr-defined]
    sparse = isinstance(model.loss, losses.SparseCategoricalCrossentropy)
    lengths = [n or 1 for n in (output[1:-1] if sparse else output[1:])]
    return np.zeros((batch_size, *lengths), np.int32 if sparse else np.float32)
