"""Files of a folder with their labels: what the ``*_dataset_from_directory`` functions share.

The folder has one subfolder for each class. Files are listed in the order of their names, shuffled
and split as Keras does it, so that the same seed gives the same parts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lernwerk.core.random import RandomStream
from lernwerk.errors import ArgumentError, DataError, FileError, check_name
from lernwerk.utils.dataset import Dataset
from lernwerk.utils.values import as_values

LABEL_MODES = ("int", "categorical", "binary")
SUBSETS = ("training", "validation", "both")
_SHUFFLED_BATCHES = 8  # how many batches are mixed with each other in every epoch, as in Keras


@dataclass(frozen=True)
class Choice:
    """Which files of a folder make a data set, and in which form their labels come."""

    where: str
    directory: Any
    formats: tuple[str, ...]
    labels: Any = "inferred"
    label_mode: str | None = "int"
    class_names: Sequence[str] | None = None
    batch_size: int | None = 32
    shuffle: bool = True
    seed: int | None = None
    validation_split: float | None = None
    subset: str | None = None
    follow_links: bool = False
    verbose: bool = True


class Listing(NamedTuple):
    """Paths, and where there are any, labels and names of classes."""

    paths: list[str]
    labels: np.ndarray[Any, Any] | None
    class_names: list[str] | None


Reader = Callable[[str], Any]


def folder_dataset(choice: Choice, read: Reader, batch: Any = None) -> Any:
    """The data set of a choice of files; for subset="both" a list of two.

    ``read`` makes an element of a path, ``batch(dataset, size)`` batches of elements.
    """
    _check(choice)
    seed = _seed(choice.seed)
    listing = _listed(choice, seed)
    if choice.label_mode == "binary" and len(listing.class_names or ()) != 2:
        raise DataError(choice.where, "two classes for label_mode='binary'", listing.class_names)
    if choice.subset != "both":
        part = _part(choice, listing, choice.subset)
        return _dataset(choice, part, read, batch, seed if choice.shuffle else None)
    parts = [_part(choice, listing, each) for each in ("training", "validation")]
    seeds = (seed if choice.shuffle else None, None)
    return [_dataset(choice, p, read, batch, s) for p, s in zip(parts, seeds, strict=True)]


def _check(choice: Choice) -> None:
    if choice.label_mode is not None:
        check_name(choice.where, "label_mode", choice.label_mode, LABEL_MODES)
    share = choice.validation_split
    if share is not None and not 0 < share < 1:
        raise ArgumentError(choice.where, "validation_split between 0 and 1", share)
    if (share is None) != (choice.subset is None):
        raise ArgumentError(choice.where, "validation_split and subset together, or neither",
                            f"validation_split={share}, subset={choice.subset!r}")  # fmt: skip
    if choice.subset is not None:
        check_name(choice.where, "subset", choice.subset, SUBSETS)
    if share and choice.shuffle and choice.seed is None:
        raise ArgumentError(
            choice.where, "a seed for a shuffled split", None,
            "Without it the two parts overlap: give seed=1 (the same for both), or shuffle=False.",
        )  # fmt: skip
    if not Path(choice.directory).is_dir():
        raise FileError(str(choice.directory), "a folder", "none of that name")


def _seed(seed: int | None) -> int:
    if seed is not None:
        return int(seed)
    return int(RandomStream().next().numpy().astype(np.int64) @ (1, 7, 31, 127)) % 1_000_000


def _listed(choice: Choice, seed: int) -> Listing:
    inferred = isinstance(choice.labels, str) and choice.labels == "inferred"
    if not inferred and choice.class_names is not None:
        raise ArgumentError(choice.where, "class_names with labels='inferred' only",
                            list(choice.class_names))  # fmt: skip
    listing = _by_folder(choice) if inferred else _by_name(choice)
    if choice.verbose:
        classes = listing.class_names
        belonging = "" if classes is None else f" belonging to {len(classes)} classes"
        print(f"Found {len(listing.paths)} files{belonging}.")
    if not choice.shuffle:
        return listing
    order = np.arange(len(listing.paths))
    np.random.RandomState(seed).shuffle(order)
    paths = [listing.paths[i] for i in order.tolist()]
    labels = None if listing.labels is None else listing.labels[order]
    return Listing(paths, labels, listing.class_names)


def _by_folder(choice: Choice) -> Listing:
    root = Path(choice.directory)
    found = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    names = list(choice.class_names or found)
    missing = [name for name in names if name not in found]
    if missing or not names:
        raise DataError(choice.where, f"class_names among the subfolders {found}" if names
                        else "a subfolder for each class", missing or "none")  # fmt: skip
    paths: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(names):
        files = files_in(root / name, choice.formats, choice.follow_links)
        paths += files
        labels += [label] * len(files)
    if choice.label_mode is None:
        return Listing(paths, None, names)
    return Listing(paths, np.array(labels, np.int32), names)


def _by_name(choice: Choice) -> Listing:
    paths = files_in(Path(choice.directory), choice.formats, choice.follow_links)
    if choice.labels is None or choice.label_mode is None:
        return Listing(paths, None, None)
    if len(choice.labels) != len(paths):
        raise DataError(choice.where, f"a label for each of the {len(paths)} files",
                        f"{len(choice.labels)} labels")  # fmt: skip
    names = [str(label) for label in sorted(set(choice.labels))]
    return Listing(paths, np.array(choice.labels, np.int32), names)


def files_in(folder: Path, formats: tuple[str, ...], follow_links: bool = False) -> list[str]:
    """All files with these endings below a folder, folder by folder in the order of names."""
    walked = sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
    return [
        os.path.join(root, name)  # noqa: PTH118
        for root, _, names in walked
        for name in sorted(names)
        if name.lower().endswith(formats)
    ]


def _part(choice: Choice, listing: Listing, subset: str | None) -> Listing:
    paths, labels = listing.paths, listing.labels
    if choice.validation_split:
        held = int(choice.validation_split * len(paths))
        cut = slice(len(paths) - held, None) if subset == "validation" else slice(
            len(paths) - held
        )  # fmt: skip
        paths = paths[cut]
        labels = None if labels is None else labels[cut]
        if choice.verbose:
            print(f"Using {len(paths)} files for {subset}.")
    if not paths:
        raise DataError(choice.where, f"files that end with {', '.join(choice.formats)} "
                        f"in {choice.directory}", "none")  # fmt: skip
    return Listing(paths, labels, listing.class_names)


def _dataset(
    choice: Choice, part: Listing, read: Reader, batch: Any, seed: int | None
) -> Dataset:  # fmt: skip
    labels = _encoded(choice, part)
    rows: Any = np.arange(len(part.paths)) if labels is None else (
        np.arange(len(part.paths)), labels
    )  # fmt: skip
    dataset = Dataset.from_tensor_slices(rows)
    if seed is not None:
        buffer = 1024 if choice.batch_size is None else choice.batch_size * _SHUFFLED_BATCHES
        dataset = dataset.shuffle(buffer, seed=seed)

    def element(row: Any, *label: Any) -> Any:
        made = as_values(read(part.paths[int(row)]))
        return (made, *label) if label else made

    dataset = dataset.map(element)
    if choice.batch_size is not None:
        dataset = (batch or Dataset.batch)(dataset, choice.batch_size)
    dataset.class_names, dataset.file_paths = part.class_names, part.paths
    return dataset


def _encoded(choice: Choice, part: Listing) -> Any:
    """The labels in the form of the label mode: (n) int32, (n, 1) float32 or one-hot float32."""
    if part.labels is None:
        return None
    if choice.label_mode == "int":
        return part.labels
    if choice.label_mode == "binary":
        return part.labels[:, None].astype(np.float32)
    return np.eye(len(part.class_names or ()), dtype=np.float32)[part.labels]
