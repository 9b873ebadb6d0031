"""The table that ``model.summary()`` prints, in Keras's form."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from lernwerk.layers.arguments import shapes_of
from lernwerk.models.sequential import Sequential

WIDTH, WIDER = 80, 98  # as Keras chooses: a graph has one column more


def layer_rows(model: Any) -> list[tuple[str, ...]]:
    """Layer (type), output shape and number of parameters of every layer."""
    return [row[:3] for row, _ in _rows(model, False, 0)]


def _rows(model: Any, nested: bool, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The cells of each layer: name, shape, parameters, what it is connected to."""
    network = model._network
    operations = model.layers if _is_chain(model) else network.operations
    for operation in operations:
        node = _node_in(network, operation)
        shape = "?" if node is None else _shape_text(shapes_of(node.outputs))
        count = operation.count_params() if hasattr(operation, "count_params") else 0
        built = getattr(operation, "built", True)
        name = f"{'└ ' * bool(depth)}{operation.name} ({_kind(operation)})"
        parameters = f"{count:,}" if built else "0 (unbuilt)"
        yield (name, shape, parameters, _connections(node)), operation
        if nested and getattr(operation, "_network", None) is not None:
            yield from _rows(operation, True, depth + 1)


def _kind(operation: Any) -> str:
    function = getattr(operation, "function", None)
    if function is None:
        return type(operation).__name__
    return "".join(part.capitalize() for part in function.__name__.split("_"))


def _is_chain(model: Any) -> bool:
    """Whether the layers follow one another, so that nobody asks what is connected to what."""
    return model._network is None or isinstance(model, Sequential)


def is_linear(model: Any) -> bool:
    """Whether every layer has one input and one use, as in a Sequential."""
    if _is_chain(model):
        return True
    nodes = [_node_in(model._network, each) for each in model._network.operations]
    uses: dict[int, int] = {}
    for node in model._network.nodes:
        for tensor in node.inputs:
            uses[id(tensor)] = uses.get(id(tensor), 0) + 1
    single = all(node is None or len(node.inputs) <= 1 for node in nodes)
    return (
        single and all(count == 1 for count in uses.values())
        and len(model._network.flat_inputs) == len(model._network.flat_outputs) == 1
    )  # fmt: skip


def _node_in(network: Any, operation: Any) -> Any:
    """The first node of an operation in this network; inputs have one outside of its list."""
    if network is None:
        return None
    for tensor in network.flat_inputs:
        if tensor.node is not None and tensor.node.operation is operation:
            return tensor.node
    return next((node for node in network.nodes if node.operation is operation), None)


def _shape_text(shapes: Any) -> str:
    if isinstance(shapes, list):
        return f"[{', '.join(map(_shape_text, shapes))}]"
    if isinstance(shapes, dict):
        return str({key: _shape_text(each) for key, each in shapes.items()})
    return str(shapes)


def _connections(node: Any) -> str:
    if node is None or not node.inputs:
        return "-"
    before = []
    for tensor in node.inputs:
        source = tensor.node
        outputs = source.outputs if isinstance(source.outputs, (list, tuple)) else [source.outputs]
        index = next((i for i, each in enumerate(outputs) if each is tensor), 0)
        before.append(f"{source.operation.name}[{source.operation._inbound_nodes.index(source)}]"
                      f"[{index}]")  # fmt: skip
    return ",\n".join(before)


def summary_text(
    model: Any,
    line_length: int | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> str:
    """The whole summary: title, table, totals, and what the metric names stand for."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    linear = is_linear(model)
    table = Table(box=box.HEAVY_HEAD, show_lines=True)
    table.add_column("Layer (type)", ratio=4)
    table.add_column("Output Shape", ratio=3)
    table.add_column("Param #", justify="right", ratio=2)
    if not linear:
        table.add_column("Connected to", ratio=4)
    if show_trainable:
        table.add_column("Trainable", justify="center", ratio=1)
    for cells, operation in _in_range(list(_rows(model, expand_nested, 0)), layer_range):
        shown = list(cells[: 3 if linear else 4])
        if show_trainable:
            shown.append("Y" if getattr(operation, "trainable", False) else "N")
        table.add_row(*map(Text, shown))
    width = line_length or (WIDTH if linear else WIDER)
    console = Console(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    console.print(f'Model: "{model.name}"', highlight=False, markup=False)
    console.print(table)
    for line in totals(model):
        console.print(f" {line}", highlight=False, markup=False)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text.rstrip("\n")


def summary_html(model: Any) -> str:
    """The same as a table for a notebook; colours are those of the page."""
    titles = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
    shown = 3 if is_linear(model) else 4
    rows = [_table_row(titles[:shown], "th")]
    rows += [_table_row(cells[:shown], "td") for cells, _ in _rows(model, False, 0)]
    notes = "<br>".join(escape(line) for line in totals(model))
    return (
        f"<div><b>{escape(model.name)}</b> ({escape(type(model).__name__)})"
        f"<table>{''.join(rows)}</table><small>{notes}</small></div>"
    )


def _table_row(cells: Sequence[str], tag: str) -> str:
    """Numbers at the right, as in the printed table; the rest at the left."""
    texts = [escape(cell).replace("\n", "<br>") for cell in cells]
    sides = ["right" if i == 2 else "left" for i in range(len(texts))]
    return "<tr>{}</tr>".format("".join(
        f'<{tag} style="text-align: {side}">{text}</{tag}>'
        for text, side in zip(texts, sides, strict=True)
    ))  # fmt: skip


def _in_range(rows: list[Any], layer_range: Any) -> list[Any]:
    """The rows from the first to the second of two layer names."""
    if layer_range is None:
        return rows
    names = [operation.name for _, operation in rows]
    first, last = (names.index(name) for name in layer_range)
    return rows[first : last + 1]


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
