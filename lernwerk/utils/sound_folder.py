"""A folder of .wav files as a data set."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from typing import Any

import numpy as np

from lernwerk.errors import ArgumentError, FileError
from lernwerk.utils.dataset import Dataset
from lernwerk.utils.folders import Choice, folder_dataset

Array = np.ndarray[Any, Any]


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Batches of sounds from a folder of .wav files with one subfolder for each class.

    Yields float32 samples (b, length, channels) in [-1, 1); shorter sounds of a batch are filled
    up with zeros, or all are brought to ``output_sequence_length``. Labels as in
    image_dataset_from_directory.
    Differs: ``sampling_rate`` interpolates linearly; ragged batches do not exist.
    """
    if ragged:
        raise ArgumentError("audio_dataset_from_directory", "ragged=False", True,
                            "Give output_sequence_length, or batch_size=None.")  # fmt: skip

    def read(path: str) -> Any:
        samples, rate = read_wave(path)
        if sampling_rate is not None and sampling_rate != rate:
            samples = _at_rate(samples, rate, sampling_rate)
        return samples if output_sequence_length is None else _of_length(
            samples, output_sequence_length
        )  # fmt: skip

    choice = Choice(
        "audio_dataset_from_directory", directory, (".wav",), labels, label_mode, class_names,
        batch_size, shuffle, seed, validation_split, subset, follow_links, verbose,
    )  # fmt: skip
    return folder_dataset(choice, read, Dataset.padded_batch)


def read_wave(path: str) -> tuple[Array, int]:
    """The samples (length, channels) of a .wav file of whole numbers, in [-1, 1), and their rate.

    Raises FileError for other files.
    """
    try:
        with wave.open(path, "rb") as file:
            content = file.readframes(file.getnframes())
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
    except (wave.Error, EOFError, OSError) as error:
        raise FileError(
            path, "a .wav file of whole numbers", str(error) or "an empty one"
        ) from None
    if width not in (1, 2, 4):
        raise FileError(path, "samples of 8, 16 or 32 bits", f"{8 * width} bits")
    samples = np.frombuffer(content, {1: "u1", 2: "<i2", 4: "<i4"}[width]).astype(np.float64)
    samples = (samples - 128 if width == 1 else samples) / 2 ** (8 * width - 1)
    return samples.reshape(-1, channels).astype(np.float32), rate


def _of_length(samples: Array, length: int) -> Array:
    y = np.zeros((length, samples.shape[1]), samples.dtype)
    y[: min(length, len(samples))] = samples[:length]
    return y


def _at_rate(samples: Array, rate: int, wanted: int) -> Array:
    count = round(len(samples) * wanted / rate)
    places = np.arange(count) * (rate / wanted)
    columns = [np.interp(places, np.arange(len(samples)), column) for column in samples.T]
    return np.stack(columns, axis=1).astype(np.float32)
