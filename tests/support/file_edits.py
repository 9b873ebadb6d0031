"""Files changed by hand, and the sentence with which they are refused."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from lernwerk.errors import FileError
from lernwerk.saving import load_model


def members(path: Path) -> dict[str, bytes]:
    """The members of a zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, content: dict[str, bytes]) -> None:
    """Write a zip with these members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, each in content.items():
            archive.writestr(name, each)


def change_config(path: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    """Change the config of a .keras file."""
    content = members(path)
    config = json.loads(content["config.json"])
    edit(config)
    write_members(path, {**content, "config.json": json.dumps(config).encode()})


def change_h5(path: Path, edit: Callable[[Any], Any]) -> None:
    """Change an HDF5 file."""
    buffer = io.BytesIO(path.read_bytes())
    with h5py.File(buffer, "r+") as file:
        edit(file)
    path.write_bytes(buffer.getvalue())


def change_attribute(path: Path, name: str, edit: Callable[[Any], Any]) -> None:
    """Change a JSON text among the attributes of an HDF5 file."""

    def change(file: Any) -> None:
        value = json.loads(file.attrs[name])
        edit(value)
        file.attrs[name] = json.dumps(value).encode()

    change_h5(path, change)


def refusal(path: Path, load: Callable[[Path], Any] = load_model) -> str:
    """The sentence that a file is refused with, without its path."""
    with pytest.raises(FileError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(str(path)), text
    assert "\n" not in text
    return text.removeprefix(str(path))
