"""Embeddings for TensorBoard's projector: a table of vectors for each layer, and their list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lernwerk.errors import ArgumentError, nearest
from lernwerk.utils.atomic import write_text

CONFIG = "projector_config.pbtxt"  # the name that TensorBoard looks for


def write_embeddings(folder: Path, layers: Mapping[str, Any], metadata: Mapping[str, str]) -> None:
    """Write the vectors of the layers as tables, and the list that leads to them.

    ``metadata`` names for a layer the file with a line for each of its vectors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, layer in layers.items():
        table = f"{name.replace('/', '_')}.tsv"
        rows = layer.weights[0].numpy().tolist()
        lines = ("\t".join(f"{number:.6g}" for number in row) for row in rows)
        write_text(folder / table, "\n".join(lines) + "\n")
        entries.append(_entry(name, table, metadata.get(name)))
    write_text(folder / CONFIG, "".join(entries))


def _entry(name: str, table: str, metadata: str | None) -> str:
    """One embedding in protobuf's text form, whose strings are written as JSON's."""
    lines = [f"tensor_name: {json.dumps(name)}", f"tensor_path: {json.dumps(table)}"]
    if metadata is not None:
        lines.append(f"metadata_path: {json.dumps(metadata)}")
    return "embeddings {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def chosen(where: str, layers: Mapping[str, Any], names: Sequence[str] | None) -> dict[str, Any]:
    """The layers of these names, all where there is no list; ArgumentError for unknown ones."""
    wanted = list(layers) if names is None else list(names)
    for name in wanted:
        if name not in layers:
            raise ArgumentError(
                where, "the name of an Embedding layer", repr(name), nearest(name, layers)
            )
    return {name: layers[name] for name in wanted}
