"""Batches of varied pictures from arrays, folders and data frames: what ImageDataGenerator gives.

They are PyDatasets, so ``model.fit`` takes them by batch numbers; as iterators they never end, one
epoch after the other, as scripts that call ``next`` expect.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator as Iterating
from pathlib import Path
from typing import Any, Self

import numpy as np

from lernwerk.errors import COUNT, DataError, DtypeError, ShapeError, check_name, check_ranges
from lernwerk.utils.folders import files_in
from lernwerk.utils.pictures import CHANNELS, array_to_img, img_to_array, load_img
from lernwerk.utils.pydataset import PyDataset

Array = np.ndarray[Any, Any]
FORMATS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
SUBSETS = ("training", "validation")
_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)


class Iterator(PyDataset):
    """Batches of ``n`` examples by their numbers; subclasses make a batch of row numbers.

    With a seed batch k (counted over all epochs) is drawn from seed + k, else from NumPy's global
    generator.
    """

    def __init__(
        self, n: int, batch_size: int, shuffle: bool, seed: int | None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        check_ranges(type(self).__name__, {"batch_size": batch_size}, {"batch_size": COUNT})
        self.n = n
        self.batch_size = int(batch_size)
        self.seed = seed
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: Any = None
        self.random: Any = np.random.mtrand._rand if seed is None else np.random.RandomState()
        self.index_generator = self._flow_index()

    def _set_index_array(self) -> None:
        self.index_array = self.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _seed_batch(self) -> None:
        if self.seed is not None:
            self.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, idx: int) -> Any:
        if not 0 <= idx < len(self):
            raise IndexError(f"batch {idx} of {len(self)}")
        self._seed_batch()
        if self.index_array is None:
            self._set_index_array()
        rows = self.index_array[self.batch_size * idx : self.batch_size * (idx + 1)]
        return self._get_batches_of_transformed_samples(rows)

    def on_epoch_end(self) -> None:
        """Another order for the next epoch, where shuffled."""
        self._set_index_array()

    def reset(self) -> None:
        """Let ``next`` begin a new epoch."""
        self.batch_index = 0

    def _flow_index(self) -> Iterating[Array]:
        self.reset()
        while True:
            self._seed_batch()
            if self.batch_index == 0:
                self._set_index_array()
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            more = self.n > first + self.batch_size
            self.batch_index = self.batch_index + 1 if more else 0
            yield self.index_array[first : first + self.batch_size]

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        with self.lock:
            rows = next(self.index_generator)
        return self._get_batches_of_transformed_samples(rows)

    next = __next__  # the method of Python 2 that older scripts call

    def _get_batches_of_transformed_samples(self, index_array: Array) -> Any:
        raise NotImplementedError(f"{type(self).__name__} makes no batches")

    def _varied(self, x: Array) -> Array:
        """One picture as the generator varies and normalises it."""
        generator = self.image_data_generator  # type: ignore[attr-defined]
        if generator is None:
            return x
        drawn = generator.get_random_transform(x.shape, generator=self.random)
        varied: Array = generator.standardize(generator.apply_transform(x, drawn))
        return varied

    def _save(self, batch: Array, rows: Array, data_format: str) -> None:
        """Write the pictures of a batch into the folder that was asked for, to look at them."""
        folder = getattr(self, "save_to_dir", None)
        if not folder:
            return
        for picture, row in zip(batch, rows.tolist(), strict=True):
            mark = self.random.randint(10**7)
            name = f"{self.save_prefix}_{row}_{mark}.{self.save_format}"  # type: ignore[attr-defined]
            array_to_img(picture, data_format, scale=True).save(Path(folder) / name)


class NumpyArrayIterator(Iterator):
    """Batches of pictures of an array; ``x`` may be (pictures, [further arrays])."""

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        self.dtype = dtype or "float32"
        self.data_format = data_format or "channels_last"
        self.image_data_generator = image_data_generator
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        parts = _parts(x, y, sample_weight)
        if subset is not None:
            check_name("flow", "subset", subset, SUBSETS)
            held = int(len(parts["x"]) * image_data_generator.validation_split)
            _check_classes(parts["y"], held, ignore_class_split)
            kept = slice(held) if subset == "validation" else slice(held, None)
            parts = {name: None if part is None else [m[kept] for m in part] if name == "x_misc"
                     else part[kept] for name, part in parts.items()}  # fmt: skip
        self.x = np.asarray(parts["x"], dtype=self.dtype)
        self.x_misc, self.y, self.sample_weight = parts["x_misc"], parts["y"], parts["weight"]
        if self.x.ndim != 4:
            raise ShapeError("flow", "pictures with 4 axes (n, h, w, c)", self.x.shape,
                             "Grey pictures are x[..., None].")  # fmt: skip
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: Array) -> Any:
        batch = np.stack([self._varied(self.x[row]) for row in index_array.tolist()])
        batch = batch.astype(self.dtype, copy=False)
        self._save(batch, index_array, self.data_format)
        inputs: Any = [batch, *(each[index_array] for each in self.x_misc)]
        inputs = inputs if self.x_misc else batch
        if self.y is None:
            return inputs
        targets = (inputs, self.y[index_array])
        weight = self.sample_weight
        return targets if weight is None else (*targets, weight[index_array])


def _parts(x: Any, y: Any, weight: Any) -> dict[str, Any]:
    """Pictures, further inputs, targets and weights, all of one length."""
    misc: list[Any] = []
    if isinstance(x, (tuple, list)) and len(x) == 2 and np.ndim(x[0]) == 4:
        x, misc = x[0], x[1] if isinstance(x[1], list) else [x[1]]
    parts = {"x": np.asarray(x), "x_misc": [np.asarray(each) for each in misc],
             "y": None if y is None else np.asarray(y),
             "weight": None if weight is None else np.asarray(weight)}  # fmt: skip
    for name, part in (("y", parts["y"]), ("sample_weight", parts["weight"]),
                       *(("a further input", each) for each in parts["x_misc"])):  # fmt: skip
        if part is not None and len(part) != len(parts["x"]):
            raise ShapeError("flow", f"{len(parts['x'])} rows in {name} as in x", len(part))
    return parts


def _check_classes(y: Any, held: int, ignored: bool) -> None:
    if y is None or ignored or np.array_equal(np.unique(y[:held]), np.unique(y[held:])):
        return
    raise DataError("flow", "the same classes in both subsets", "different ones",
                    "Shuffle x and y first, or give ignore_class_split=True.")  # fmt: skip


class _FileIterator(Iterator):
    """What folders and data frames share: pictures are read from files, batch by batch."""

    classes: Any
    class_mode: str | None
    class_indices: dict[str, int]
    filenames: list[str]
    filepaths: list[str]
    sample_weight: Any = None
    targets: Any = None

    def _set(
        self, generator: Any, target_size: Any, color_mode: str, data_format: str | None,
        saving: tuple[Any, str, str], subset: str | None, interpolation: str,
        keep_aspect_ratio: bool, dtype: Any,
    ) -> None:  # fmt: skip
        where = type(self).__name__
        check_name(where, "color_mode", color_mode, CHANNELS)
        self.image_data_generator = generator
        self.target_size = tuple(target_size)
        self.color_mode = color_mode
        self.data_format = data_format or "channels_last"
        channels = CHANNELS[color_mode]
        first = self.data_format == "channels_first"
        self.image_shape = (channels, *self.target_size) if first else (
            *self.target_size, channels
        )  # fmt: skip
        self.save_to_dir, self.save_prefix, self.save_format = saving
        self.interpolation = interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.dtype = dtype or "float32"
        self.subset = subset
        self.split = None
        if subset is not None:
            check_name(where, "subset", subset, SUBSETS)
            held = generator.validation_split
            self.split = (0.0, held) if subset == "validation" else (held, 1.0)

    def _part(self, items: list[Any]) -> list[Any]:
        if self.split is None:
            return items
        start, stop = (int(share * len(items)) for share in self.split)
        return items[start:stop]

    @property
    def labels(self) -> Any:
        """The number of the class, or the target, of every picture."""
        return self.classes if self.targets is None else self.targets

    def _read(self, path: str) -> Array:
        picture = load_img(path, self.color_mode, self.target_size, self.interpolation,
                           self.keep_aspect_ratio)  # fmt: skip
        return self._varied(img_to_array(picture, self.data_format))

    def _get_batches_of_transformed_samples(self, index_array: Array) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for place, row in enumerate(index_array.tolist()):
            batch[place] = self._read(self.filepaths[row])
        self._save(batch, index_array, self.data_format)
        if self.class_mode is None:
            return batch
        y = self._targets_of(batch, index_array)
        weight = self.sample_weight
        return (batch, y) if weight is None else (batch, y, weight[index_array])

    def _targets_of(self, batch: Array, rows: Array) -> Any:
        if self.class_mode == "input":
            return batch.copy()
        if self.class_mode == "multi_output":
            return [each[rows] for each in self.targets]
        if self.class_mode == "raw":
            return self.targets[rows]
        if self.class_mode in ("binary", "sparse"):
            return np.array([self.classes[row] for row in rows.tolist()], self.dtype)
        y = np.zeros((len(rows), len(self.class_indices)), self.dtype)
        for place, row in enumerate(rows.tolist()):
            y[place, self.classes[row]] = 1  # a list of classes sets several
        return y


class DirectoryIterator(_FileIterator):
    """Batches of the pictures of a folder with one subfolder for each class.

    ``class_indices`` numbers the classes, ``classes`` has the number of every picture,
    ``filenames`` its path below the folder, ``samples`` how many there are.
    """

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        self._set(image_data_generator, target_size, color_mode, data_format,
                  (save_to_dir, save_prefix, save_format), subset, interpolation,
                  keep_aspect_ratio, dtype)  # fmt: skip
        _check_mode(self, class_mode)
        self.class_mode = class_mode
        self.directory = directory
        root = Path(directory)
        if not root.is_dir():
            raise DataError("flow_from_directory", "a folder", f"{directory}")
        names = list(classes or sorted(p.name for p in root.iterdir() if p.is_dir()))
        self.num_classes = len(names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        self.filepaths, numbers = [], []
        for name, number in self.class_indices.items():
            files = self._part(files_in(root / name, FORMATS, follow_links))
            self.filepaths += files
            numbers += [number] * len(files)
        self.classes = np.array(numbers, np.int32)
        self.filenames = [str(Path(path).relative_to(root)) for path in self.filepaths]
        self.samples = len(self.filenames)
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)


class DataFrameIterator(_FileIterator):
    """Batches of the pictures named in a column of a data frame, with labels of other columns.

    class_mode: "categorical" (texts or lists of texts), "binary" and "sparse" (texts), "raw" (the
    numbers of y_col), "multi_output" (a list of columns), "input" (the picture itself), None.
    """

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = "channels_last",
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = "float32",
        validate_filenames: bool = True,
    ) -> None:
        self._set(image_data_generator, target_size, color_mode, data_format,
                  (save_to_dir, save_prefix, save_format), subset, interpolation,
                  keep_aspect_ratio, dtype)  # fmt: skip
        class_mode = "raw" if class_mode == "other" else class_mode  # Keras 2's earlier name
        _check_mode(self, class_mode)
        self.class_mode = class_mode
        self.directory = directory or ""
        names = [str(name) for name in dataframe[x_col]]
        rows = list(range(len(names)))
        if validate_filenames:
            rows = _existing(names, Path(self.directory), x_col)
        with_classes = class_mode not in _WITHOUT_CLASSES
        labels = [dataframe[y_col].iloc[row] for row in rows] if with_classes else []
        if with_classes:
            numbers, rows = self._number(labels, rows, classes, y_col)
        rows = self._part(rows)
        if with_classes:
            self.classes = [numbers[row] for row in rows]
        self.filenames = [names[row] for row in rows]
        self.filepaths = [str(Path(self.directory) / name) for name in self.filenames]
        self.sample_weight = None if weight_col is None else (
            dataframe[weight_col].to_numpy()[rows]
        )  # fmt: skip
        if class_mode == "multi_output":
            self.targets = [np.array(dataframe[each].tolist())[rows] for each in y_col]
        elif class_mode == "raw":
            self.targets = dataframe[y_col].to_numpy()[rows]
        self.samples = len(rows)
        kind = "validated" if validate_filenames else "non-validated"
        belonging = f" belonging to {len(self.class_indices)} classes" if with_classes else ""
        print(f"Found {self.samples} {kind} image filenames{belonging}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _number(
        self, labels: list[Any], rows: list[int], classes: Any, column: Any
    ) -> tuple[dict[int, Any], list[int]]:
        """The number(s) of each row's class, and the rows that have a wanted one."""
        where = "flow_from_dataframe"
        lists = [list(each) if isinstance(each, (list, tuple)) else [each] for each in labels]
        wrong = [each for row in lists for each in row if not isinstance(each, str)]
        if wrong or (self.class_mode != "categorical" and any(len(row) != 1 for row in lists)):
            raise DtypeError(where, f"texts in column {column!r} for class_mode="
                             f"{self.class_mode!r}", repr(wrong[0] if wrong else "lists"),
                             f"Convert them, df[{column!r}] = df[{column!r}].astype(str), or give "
                             "class_mode='raw'.")  # fmt: skip
        found = sorted({each for row in lists for each in row})
        known = list(dict.fromkeys(classes)) if classes else found
        if self.class_mode == "binary" and len(known) != 2:
            raise DataError(where, "two classes for class_mode='binary'", len(known))
        self.class_indices = {name: number for number, name in enumerate(known)}
        numbers: dict[int, Any] = {}
        for row, names in zip(rows, lists, strict=True):
            inside = [self.class_indices[name] for name in names if name in self.class_indices]
            if inside:
                numbers[row] = inside[0] if isinstance(labels[0], str) else inside
        return numbers, list(numbers)


def _check_mode(iterator: Any, mode: str | None) -> None:
    allowed = iterator.allowed_class_modes
    if mode not in allowed:
        check_name(type(iterator).__name__, "class_mode", str(mode),
                   [each for each in allowed if each])  # fmt: skip


def _existing(names: list[str], folder: Path, column: str) -> list[int]:
    """The rows whose file exists and has a picture's ending."""
    rows = [
        row for row, name in enumerate(names)
        if name.lower().endswith(FORMATS) and (folder / name).is_file()
    ]  # fmt: skip
    if len(rows) < len(names):
        warnings.warn(
            f"Found {len(names) - len(rows)} invalid image filename(s) in x_col={column!r}. "
            "These filename(s) will be ignored.", stacklevel=4,
        )  # fmt: skip
    return rows
