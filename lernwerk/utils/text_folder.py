"""A folder of text files as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lernwerk.errors import FileError
from lernwerk.utils.folders import Choice, folder_dataset


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Batches of texts from a folder of .txt files with one subfolder for each class.

    Yields arrays of Python strings (b), with labels as in image_dataset_from_directory; texts are
    cut to ``max_length`` characters.
    Differs: texts are str, not bytes; ``format`` has no meaning.
    """

    def read(path: str) -> Any:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise FileError(path, "a text in UTF-8", error.reason) from None
        return np.array(text[:max_length], dtype=object)

    choice = Choice(
        "text_dataset_from_directory", directory, (".txt",), labels, label_mode, class_names,
        batch_size, shuffle, seed, validation_split, subset, follow_links, verbose,
    )  # fmt: skip
    return folder_dataset(choice, read)
