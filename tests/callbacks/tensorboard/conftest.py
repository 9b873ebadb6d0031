"""What real TensorBoard reads from a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def read() -> Callable[[Path], Any]:
    """TensorBoard's own reader, loaded; skipped, and said so, where it is not installed."""
    reason = "the oracle of this test, tensorboard, is not installed"
    pytest.importorskip("tensorboard", reason=reason)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    class Read(EventAccumulator):
        def values(self, tag: str) -> list[tuple[int, Any]]:
            """The steps and arrays under a tag."""
            found = self.Tensors(tag)
            return [(each.step, tensor_util.make_ndarray(each.tensor_proto)) for each in found]

        def plugin(self, tag: str) -> str:
            return self.SummaryMetadata(tag).plugin_data.plugin_name

    def load(folder: Path) -> Any:
        reader = Read(str(folder), size_guidance={"tensors": 0})
        reader.Reload()
        return reader

    return load
