"""The table that ``model.summary()`` prints, in Keras's form."""

from __future__ import annotations

import io
from typing import Any


def layer_rows(model: Any) -> list[tuple[str, str, str]]:
    """Layer (type), output shape and number of parameters of every layer."""
    rows = []
    shape: Any = model.input_shape if model.built else None
    for layer in model.layers:
        shape = layer.compute_output_shape(shape) if shape is not None else None
        kind = type(layer).__name__
        count = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
        rows.append((f"{layer.name} ({kind})", "?" if shape is None else str(shape), count))
    return rows


def summary_text(model: Any, line_length: int | None = None) -> str:
    """The whole summary: title, table, totals, and what the metric names stand for."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.HEAVY_HEAD, show_lines=True)
    table.add_column("Layer (type)", ratio=4)
    table.add_column("Output Shape", ratio=3)
    table.add_column("Param #", justify="right", ratio=2)
    for row in layer_rows(model):
        table.add_row(*(Text(cell) for cell in row))
    console = Console(
        file=io.StringIO(), width=line_length or 80, force_terminal=False, color_system=None
    )
    console.print(f'Model: "{model.name}"', highlight=False, markup=False)
    console.print(table)
    for line in totals(model):
        console.print(f" {line}", highlight=False, markup=False)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.rstrip("\n")


def totals(model: Any) -> list[str]:
    """The lines under the table."""
    trained = sum(v.size for v in model.trainable_variables)
    every = model.count_params()
    lines = [
        f"Total params: {_amount(every)}",
        f"Trainable params: {_amount(trained)}",
        f"Non-trainable params: {_amount(every - trained)}",
    ]
    named = model.resolved_metrics.items()
    lines += [f"Metric '{name}': {kind}" for name, kind in named if name in ("accuracy", "acc")]
    return lines


def _amount(count: int) -> str:
    size = float(4 * count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{count:,} ({size:.2f} {unit})"
