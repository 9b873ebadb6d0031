"""The functions of ``tf.summary``: values for TensorBoard from any program.

    writer = summary.create_file_writer("logs/mine")
    with writer.as_default():
        summary.scalar("loss", 0.5, step=1)

Each returns whether it wrote: without a default writer it does nothing, as in TensorFlow.
Source: TensorFlow's API documentation, tf.summary
"""

from __future__ import annotations

import os
from typing import Any

from lernwerk.callbacks.tensorboard.writer import DEFAULT, EventWriter
from lernwerk.errors import UsageError


def create_file_writer(
    logdir: str | os.PathLike[str],
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
) -> EventWriter:
    """A writer for that folder; queue and name mean nothing here."""
    return EventWriter(logdir, ".v2" if filename_suffix is None else filename_suffix)


def scalar(name: str, data: Any, step: int | None = None, description: str | None = None) -> bool:
    """A point of the curve ``name``."""
    return _write("scalar", name, data, step, description)


def histogram(
    name: str,
    data: Any,
    step: int | None = None,
    buckets: int | None = None,
    description: str | None = None,
) -> bool:
    """How the numbers are distributed."""
    return _write("histogram", name, data, step, description, buckets=buckets)


def image(
    name: str,
    data: Any,
    step: int | None = None,
    max_outputs: int = 3,
    description: str | None = None,
) -> bool:
    """Pictures (k, height, width, channels)."""
    return _write("image", name, data, step, description, max_outputs=max_outputs)


def text(name: str, data: str, step: int | None = None, description: str | None = None) -> bool:
    """A text in Markdown."""
    return _write("text", name, data, step, description)


def flush(writer: EventWriter | None = None) -> None:
    """Hand what was written to the system."""
    found = writer or DEFAULT.writer
    if found is not None:
        found.flush()


def set_step(step: int | None) -> None:
    """The step that is meant where none is named; ``tf.summary.experimental.set_step``."""
    DEFAULT.step = step


def get_step() -> int | None:
    """The step that is meant where none is named."""
    return DEFAULT.step


def _write(
    kind: str, name: str, data: Any, step: int | None, description: str | None, **more: Any
) -> bool:
    if DEFAULT.writer is None:
        return False
    number = DEFAULT.step if step is None else step
    if number is None:
        raise UsageError(f"summary.{kind}", "a step", "None", f"summary.{kind}(..., step=epoch)")
    getattr(DEFAULT.writer, kind)(name, data, int(number), description=description or "", **more)
    return True
