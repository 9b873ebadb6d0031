"""EventWriter: writes event files that TensorBoard shows, without TensorFlow."""

from __future__ import annotations

import itertools
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.callbacks.tensorboard import summaries
from lernwerk.callbacks.tensorboard.graph_def import graph_def
from lernwerk.callbacks.tensorboard.pictures import checked, png
from lernwerk.callbacks.tensorboard.records import record
from lernwerk.core.graph import Graph
from lernwerk.errors import COUNT, DtypeError, ShapeError, check_ranges
from lernwerk.ops.primitive import Array

_numbers = itertools.count()


class EventWriter:
    """Write curves, histograms, pictures, texts and a graph for TensorBoard into a folder.

        with EventWriter("logs/mine") as writer:
            writer.scalar("loss", 0.5, step=1)

    ``tensorboard --logdir logs`` shows them. The file is made at the first value. Data are numbers,
    arrays or Tensors.
    """

    def __init__(self, logdir: str | os.PathLike[str], filename_suffix: str = ".v2") -> None:
        self._file: FileIO | None = None
        self.logdir = os.fspath(logdir)
        self.suffix = filename_suffix

    # ---- values

    def scalar(self, name: str, data: Any, step: int, description: str = "") -> None:
        """A point of the curve ``name``."""
        array = _array(name, data)
        if array.size != 1:
            raise ShapeError(f"scalar {name!r}", "one number", f"an array of shape {array.shape}",
                             "histogram shows many.")  # fmt: skip
        self._add(summaries.scalar(name, float(array.reshape(())), description), step)

    def histogram(
        self, name: str, data: Any, step: int, buckets: int | None = None, description: str = ""
    ) -> None:
        """How the numbers are distributed."""
        count = summaries.BUCKETS if buckets is None else buckets
        check_ranges(f"histogram {name!r}", {"buckets": count}, {"buckets": COUNT})
        self._add(summaries.histogram(name, _array(name, data), count, description), step)

    def image(
        self, name: str, data: Any, step: int, max_outputs: int = 3, description: str = ""
    ) -> None:
        """Pictures (k, height, width, channels), the first ``max_outputs`` of them.

        Fractions are taken from 0 to 1, whole numbers from 0 to 255; channels are grey, grey and
        opacity, RGB, or RGB and opacity.
        """
        found = checked(name, data)
        size = found.shape[2], found.shape[1]
        files = [png(each) for each in found[:max_outputs]]
        self._add(summaries.images(name, files, size, description), step)

    def text(self, name: str, data: str, step: int, description: str = "") -> None:
        """A text in Markdown."""
        self._add(summaries.text(name, str(data), description), step)

    def graph(self, graph: Graph) -> None:
        """A traced graph, one in a folder."""
        self._write(summaries.graph(graph_def(graph)), 0)

    def model(self, name: str, config: str, step: int = 0) -> None:
        """The layers of a model from its description in JSON, as ``model.to_json()`` gives it."""
        self._add(summaries.conceptual_graph(name, config), step)

    # ---- the file

    def _add(self, value: bytes, step: int) -> None:
        self._write(summaries.summary(value), int(step))

    def _write(self, content: bytes, step: int) -> None:
        if self._file is None:
            self._file = self._opened()
            self._file.write(record(summaries.event(time.time(), summaries.version())))
        self._file.write(record(summaries.event(time.time(), content, step)))

    def _opened(self) -> FileIO:
        folder = Path(self.logdir)
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard takes every file with "tfevents" in its name and reads them in their order.
        place = f"{int(time.time())}.{platform.node()}.{os.getpid()}.{next(_numbers)}"
        return (folder / f"events.out.tfevents.{place}{self.suffix}").open(
            "wb",
            buffering=0,  # every value can be read at once, also after a crash
        )

    def flush(self) -> None:
        """Nothing is held back; the method is there for programs that call it."""

    def close(self) -> None:
        """End the file; a later value begins another one."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- the writer of the functions in summary.py

    def set_as_default(self, step: int | None = None) -> None:
        """Let the functions of ``summary`` write here from now on."""
        DEFAULT.writer, DEFAULT.step = self, step

    @contextmanager
    def as_default(self, step: int | None = None) -> Iterator[EventWriter]:
        """Let the functions of ``summary`` write here inside the block."""
        kept = DEFAULT.writer, DEFAULT.step
        self.set_as_default(step)
        try:
            yield self
        finally:
            DEFAULT.writer, DEFAULT.step = kept


class _Default:
    """The writer and the step that are meant where none is named."""

    writer: EventWriter | None = None
    step: int | None = None


DEFAULT = _Default()


def _array(name: str, data: Any) -> Array:
    array = np.asarray(data.numpy() if hasattr(data, "numpy") else data)
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{name!r}", "numbers", str(array.dtype))
    return array
