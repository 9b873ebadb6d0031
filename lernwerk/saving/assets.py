"""What layers keep in a file besides config and weights: vocabularies, what users' layers add.

A layer with ``save_assets(folder)`` and ``load_assets(folder)`` gets a folder of its own for them,
which is ``assets/<group of the layer>`` in the zip.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lernwerk.errors import FileError, LernwerkError
from lernwerk.layers.layer import Layer
from lernwerk.saving.archive import ASSETS, Archive
from lernwerk.saving.layout import places


def asset_members(model: Layer) -> dict[str, bytes]:
    """The members of the zip that keep the assets of all layers."""
    found: dict[str, bytes] = {}
    for layer, prefix, inner in _keepers(model):
        with tempfile.TemporaryDirectory() as folder:
            layer.save_assets(folder)
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    name = path.relative_to(folder).as_posix()
                    found[f"{ASSETS}{prefix}{inner}{name}"] = path.read_bytes()
    return found


def load_assets(model: Layer, archive: Archive) -> None:
    """Give every layer the folder with what it kept."""
    done: set[int] = set()
    for layer, prefix, inner in _keepers(model):
        if id(layer) in done:
            continue
        done.add(id(layer))
        start = f"{ASSETS}{prefix}{inner}"
        with tempfile.TemporaryDirectory() as folder:
            for name in archive.names():
                if name.startswith(start) and not name.endswith("/"):
                    _unpack(archive, name, Path(folder) / name.removeprefix(start))
            _load(layer, folder, f"{archive.path}, {start}")


def _keepers(model: Layer) -> Iterator[tuple[Any, str, str]]:
    """The layers with assets, their groups, and the folders below in which Keras looks."""
    for place in places(model):
        layer: Any = place.layer
        if hasattr(layer, "save_assets") and hasattr(layer, "load_assets"):
            for inner in getattr(layer, "asset_folders", ("",)):
                yield layer, place.group, f"{inner}/" if inner else ""


def _unpack(archive: Archive, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.read(name))


def _load(layer: Any, folder: str, where: str) -> None:
    try:
        layer.load_assets(folder)
    except LernwerkError as error:
        raise FileError(where, error.expected, error.got, error.hint) from error
    except FileNotFoundError as error:
        name = Path(error.filename or "").name
        raise FileError(where, f"the file {name} of layer {layer.name}", "none",
                        "The file is not complete.") from error  # fmt: skip
    except Exception as error:  # what a layer says of a file that is damaged
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200].rstrip(".")
        raise FileError(where, f"the assets of layer {layer.name}", reason) from error
