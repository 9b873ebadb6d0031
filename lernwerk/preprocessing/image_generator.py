"""ImageDataGenerator: batches of randomly varied and normalised pictures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lernwerk.errors import (
    FRACTION,
    ArgumentError,
    Range,
    ShapeError,
    TrainingWarning,
    check_name,
    check_ranges,
)
from lernwerk.legacy import OldNames
from lernwerk.preprocessing.image_iterators import (
    DataFrameIterator,
    DirectoryIterator,
    NumpyArrayIterator,
)
from lernwerk.preprocessing.picture_transforms import (
    FILL_MODES,
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    flip_axis,
)

Array = np.ndarray[Any, Any]
_TINY = 1e-6  # keeps divisions by standard deviations finite; Keras's number
_FORMATS = ("channels_last", "channels_first")


class ImageDataGenerator(metaclass=OldNames):
    """Varies pictures at random and brings their numbers into range, batch by batch.

    Variations, each picture drawing its own: ``rotation_range`` (degrees to both sides),
    ``width_shift_range`` and ``height_shift_range`` (shares below 1, else pixels; a list: one of
    these), ``shear_range`` (degrees), ``zoom_range`` (z: [1 - z, 1 + z], or a pair; above 1 things
    become smaller), ``channel_shift_range``, ``brightness_range`` (a pair of factors),
    ``horizontal_flip``, ``vertical_flip``. ``fill_mode`` (nearest, constant with ``cval``, reflect,
    wrap) fills what comes from outside.

    Numbers, afterwards: ``preprocessing_function``, ``rescale``, ``samplewise_*`` by the picture's
    own mean and deviation, ``featurewise_*`` and ``zca_whitening`` by those that ``fit(x)`` learnt.
    ``validation_split`` holds back a share for ``subset="validation"``.

    ``flow``, ``flow_from_directory`` and ``flow_from_dataframe`` give batches for ``model.fit``.
    Without a seed random numbers come from NumPy's global generator.
    Differs: shifts, turns and zooms follow the axes by their names, which Keras 3 exchanges;
    interpolation_order is 0 or 1.
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[Array], Array] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        # Normalising by a deviation includes centring, whitening too, as in Keras.
        self.featurewise_center = (
            featurewise_center or featurewise_std_normalization or zca_whitening
        )
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.brightness_range = _pair("brightness_range", brightness_range)
        self.shear_range = shear_range
        self.zoom_range = _zoom_pair(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.data_format = data_format or "channels_last"
        self.validation_split = validation_split
        self.interpolation_order = interpolation_order
        self.dtype = dtype or "float32"
        self._check()
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None

    def _check(self) -> None:
        where = "ImageDataGenerator(...)"
        check_name(where, "fill_mode", self.fill_mode, FILL_MODES)
        check_name(where, "data_format", self.data_format, _FORMATS)
        check_ranges(
            where, vars(self),
            {"validation_split": FRACTION, "interpolation_order": Range(0, 1, integer=True)},
        )  # fmt: skip

    # ---- batches

    def flow(
        self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True,
        sample_weight: Any = None, seed: int | None = None, save_to_dir: Any = None,
        save_prefix: str = "", save_format: str = "png", ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> NumpyArrayIterator:  # fmt: skip
        """Batches of pictures in an array (n, h, w, c): x, (x, y) or (x, y, sample_weight)."""
        return NumpyArrayIterator(
            x, y, self, batch_size=batch_size, shuffle=shuffle, sample_weight=sample_weight,
            seed=seed, data_format=self.data_format, save_to_dir=save_to_dir,
            save_prefix=save_prefix, save_format=save_format, subset=subset,
            ignore_class_split=ignore_class_split, dtype=self.dtype,
        )  # fmt: skip

    def flow_from_directory(
        self, directory: Any, target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb",
        classes: Any = None, class_mode: str | None = "categorical", batch_size: int = 32,
        shuffle: bool = True, seed: int | None = None, save_to_dir: Any = None,
        save_prefix: str = "", save_format: str = "png", follow_links: bool = False,
        subset: str | None = None, interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> DirectoryIterator:  # fmt: skip
        """Batches of the pictures of a folder with one subfolder for each class."""
        return DirectoryIterator(
            directory, self, target_size=target_size, color_mode=color_mode, classes=classes,
            class_mode=class_mode, batch_size=batch_size, shuffle=shuffle, seed=seed,
            data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix,
            save_format=save_format, follow_links=follow_links, subset=subset,
            interpolation=interpolation, keep_aspect_ratio=keep_aspect_ratio, dtype=self.dtype,
        )  # fmt: skip

    def flow_from_dataframe(
        self, dataframe: Any, directory: Any = None, x_col: str = "filename",
        y_col: Any = "class", weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb", classes: Any = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True,
        seed: int | None = None, save_to_dir: Any = None, save_prefix: str = "",
        save_format: str = "png", subset: str | None = None, interpolation: str = "nearest",
        validate_filenames: bool = True, keep_aspect_ratio: bool = False,
    ) -> DataFrameIterator:  # fmt: skip
        """Batches of the pictures that a data frame names in one column, with labels of others."""
        return DataFrameIterator(
            dataframe, directory, self, x_col=x_col, y_col=y_col, weight_col=weight_col,
            target_size=target_size, color_mode=color_mode, classes=classes,
            class_mode=class_mode, batch_size=batch_size, shuffle=shuffle, seed=seed,
            data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix,
            save_format=save_format, subset=subset, interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio, dtype=self.dtype,
            validate_filenames=validate_filenames,
        )  # fmt: skip

    # ---- one picture

    def random_transform(self, x: Array, seed: int | None = None) -> Array:
        """One picture (h, w, c), varied at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def get_random_transform(
        self, img_shape: tuple[int, ...], seed: int | None = None, generator: Any = None
    ) -> dict[str, Any]:
        """Draw one variation, for ``apply_transform``."""
        random = np.random.mtrand._rand if generator is None else generator
        if seed is not None:
            random.seed(seed)
        height, width = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        drawn: dict[str, Any] = {}  # in the order in which Keras draws, so that seeds mean the same
        drawn["theta"] = _both_sides(random, self.rotation_range)
        drawn["tx"] = _shift(random, self.height_shift_range, height)
        drawn["ty"] = _shift(random, self.width_shift_range, width)
        drawn["shear"] = _both_sides(random, self.shear_range)
        none = self.zoom_range[0] == self.zoom_range[1] == 1
        drawn["zx"], drawn["zy"] = (1, 1) if none else random.uniform(*self.zoom_range, 2)
        drawn["flip_horizontal"] = (random.random_sample() < 0.5) and self.horizontal_flip
        drawn["flip_vertical"] = (random.random_sample() < 0.5) and self.vertical_flip
        shift = self.channel_shift_range
        drawn["channel_shift_intensity"] = random.uniform(-shift, shift) if shift else None
        pair = self.brightness_range
        drawn["brightness"] = random.uniform(*pair) if pair else None
        return drawn

    def apply_transform(self, x: Array, transform_parameters: dict[str, Any]) -> Array:
        """One picture with these variations; what the dict does not name stays."""
        given = transform_parameters
        row, column, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        affine = {name: given[name] for name in ("theta", "tx", "ty", "shear", "zx", "zy")
                  if name in given}  # fmt: skip
        x = apply_affine_transform(
            x, **affine, row_axis=row, col_axis=column, channel_axis=channel,
            fill_mode=self.fill_mode, cval=self.cval, order=self.interpolation_order,
        )  # fmt: skip
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], channel)
        if given.get("flip_horizontal"):
            x = flip_axis(x, column)
        if given.get("flip_vertical"):
            x = flip_axis(x, row)
        if given.get("brightness") is not None:
            x = apply_brightness_shift(x, given["brightness"], scale=False)
        return x

    def standardize(self, x: Array) -> Array:
        """The numbers of one picture (or a batch) brought into range; ``x`` may be overwritten."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x = x * x.dtype.type(self.rescale)
        if self.samplewise_center:
            x = x - np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (np.std(x, keepdims=True) + _TINY)
        if self.featurewise_center and self._learnt("featurewise_center", self.mean):
            x = x - self.mean
        if self.featurewise_std_normalization and self._learnt(
            "featurewise_std_normalization", self.std
        ):
            x = x / (self.std + _TINY)
        if self.zca_whitening and self._learnt("zca_whitening", self.zca_whitening_matrix):
            size = len(self.zca_whitening_matrix)
            x = (x.reshape(-1, size) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _learnt(self, option: str, value: Any) -> bool:
        if value is None:
            warnings.warn(
                f"ImageDataGenerator: {option} has no effect before fit(x) on some pictures.",
                TrainingWarning, stacklevel=3,
            )  # fmt: skip
        return value is not None

    def fit(
        self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None
    ) -> None:  # fmt: skip
        """Learn mean, deviation and whitening from pictures (n, h, w, c).

        With ``augment`` from ``rounds`` randomly varied copies of them.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ShapeError("ImageDataGenerator.fit", "pictures with 4 axes", x.shape)
        if seed is not None:
            np.random.mtrand._rand.seed(seed)
        if self.rescale:
            x *= x.dtype.type(self.rescale)
        if augment:
            x = np.stack([self.random_transform(each) for _ in range(rounds) for each in x])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x /= self.std + _TINY
        if self.zca_whitening:
            left, lengths, _ = np.linalg.svd(x.reshape(len(x), -1).T, full_matrices=False)
            inverse = np.sqrt(len(x)) / (lengths + self.zca_epsilon)
            self.zca_whitening_matrix = (left * inverse) @ left.T


def _pair(name: str, value: Any) -> list[float] | None:
    if value is not None and (not isinstance(value, (tuple, list)) or len(value) != 2):
        raise ArgumentError("ImageDataGenerator(...)", f"{name} to be a pair of numbers", value)
    return None if value is None else list(value)


def _zoom_pair(value: Any) -> list[float]:
    if isinstance(value, (int, float)):
        return [1 - value, 1 + value]
    pair = _pair("zoom_range", value)
    if pair is None:
        raise ArgumentError("ImageDataGenerator(...)", "zoom_range, a number or a pair", value)
    return pair


def _both_sides(random: Any, limit: float) -> float:
    return float(random.uniform(-limit, limit)) if limit else 0.0


def _shift(random: Any, given: Any, length: int) -> float:
    """A shift in pixels: a share of the length, or whole pixels below an integer or of a list."""
    if not np.any(given):
        return 0.0
    if isinstance(given, (float, np.floating)):
        drawn = float(random.uniform(-given, given))
    else:
        drawn = float(random.choice(given)) * float(random.choice([-1, 1]))
    return drawn * length if np.max(given) < 1 else drawn
