"""Data sets of folders and of time series; where Keras needs TensorFlow, by hand-worked results."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lernwerk.errors import ArgumentError, DataError, FileError
from lernwerk.utils import (
    audio_dataset_from_directory,
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name, count in (("a", 3), ("b", 5)):
        (tmp_path / name).mkdir()
        for i in range(count):
            values = np.full((6, 9, 3), 10 * i + (name == "b"), np.uint8)
            Image.fromarray(values).save(tmp_path / name / f"{i}.png")
    (tmp_path / "a" / "notes.txt").write_text("x")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_pictures(pictures: Path, capsys: Any) -> None:
    dataset = image_dataset_from_directory(str(pictures), image_size=(4, 6), batch_size=3,
                                           shuffle=False)  # fmt: skip
    assert capsys.readouterr().out == "Found 8 files belonging to 2 classes.\n"
    assert dataset.class_names == ["a", "b"]
    assert [Path(p).name for p in dataset.file_paths] == [f"{i}.png" for i in (0, 1, 2, *range(5))]
    assert len(dataset) == 3
    x, y = next(iter(dataset.skip(1)))
    assert (x.shape, x.dtype, y.dtype, y.tolist()) == ((3, 4, 6, 3), np.float32, np.int32, [1] * 3)
    assert x[:, 0, 0, 0].tolist() == [1, 11, 21]


def test_shuffled_pictures_keep_their_labels(pictures: Path) -> None:
    dataset = image_dataset_from_directory(pictures, image_size=(2, 2), seed=3, verbose=False)
    (x, y), (again, _) = next(iter(dataset)), next(iter(dataset))
    assert (x[:, 0, 0, 0] % 10).tolist() == y.tolist()
    assert x.tolist() != again.tolist()
    other = image_dataset_from_directory(pictures, image_size=(2, 2), seed=3, verbose=False)
    np.testing.assert_array_equal(next(iter(other))[0], x)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("int", [0, 0]), ("binary", [[0], [0]]), ("categorical", [[1, 0], [1, 0]]), (None, None)],
)
def test_label_modes(pictures: Path, mode: str | None, expected: Any) -> None:
    dataset = image_dataset_from_directory(pictures, label_mode=mode, image_size=(2, 2),
                                           batch_size=2, shuffle=False, color_mode="grayscale",
                                           verbose=False)  # fmt: skip
    first = next(iter(dataset))
    assert (first[0] if mode else first).shape == (2, 2, 2, 1)
    if mode:
        assert first[1].tolist() == expected


def test_parts_do_not_overlap(pictures: Path, capsys: Any) -> None:
    options = {"image_size": (2, 2), "validation_split": 0.25, "seed": 1}
    train, held = (
        image_dataset_from_directory(pictures, subset=subset, **options)
        for subset in ("training", "validation")
    )
    assert "Using 6 files for training.\n" in capsys.readouterr().out
    assert len(held.file_paths) == 2
    assert {*train.file_paths, *held.file_paths} == {str(p) for p in pictures.rglob("*.png")}
    both = image_dataset_from_directory(pictures, subset="both", **options)
    assert [d.file_paths for d in both] == [train.file_paths, held.file_paths]


def test_explicit_labels_and_classes(pictures: Path) -> None:
    named = image_dataset_from_directory(pictures, class_names=["b", "a"], shuffle=False,
                                         image_size=2, batch_size=None, verbose=False)  # fmt: skip
    x, y = next(iter(named))
    assert (x.shape, int(y), named.class_names) == ((2, 2, 3), 0, ["b", "a"])
    listed = image_dataset_from_directory(pictures, labels=[3] * 4 + [7] * 4, shuffle=False,
                                          image_size=2, verbose=False)  # fmt: skip
    assert listed.class_names == ["3", "7"]
    assert next(iter(listed))[1].tolist() == [3] * 4 + [7] * 4


def test_proportions(tmp_path: Path) -> None:
    values = np.zeros((4, 8, 3), np.uint8)
    values[:, 2:6] = 200
    Image.fromarray(values).save(tmp_path / "wide.png")

    def read(**options: Any) -> Any:
        return next(iter(image_dataset_from_directory(
            tmp_path, labels=None, image_size=(4, 4), verbose=False, **options
        )))[0]  # fmt: skip

    assert (read(crop_to_aspect_ratio=True) == 200).all()
    padded = read(pad_to_aspect_ratio=True)
    assert (padded[[0, 3]] == 0).all()
    assert padded[1:3, 1:3].max() == 200
    assert read(data_format="channels_first").shape == (3, 4, 4)


def test_texts(tmp_path: Path) -> None:
    for name in ("neg", "pos"):
        (tmp_path / name).mkdir()
        for i in range(2):
            (tmp_path / name / f"{i}.txt").write_text(f"{name} täxt {i}", encoding="utf-8")
    dataset = text_dataset_from_directory(tmp_path, shuffle=False, verbose=False, max_length=8)
    texts, labels = next(iter(dataset))
    assert texts.tolist() == ["neg täxt", "neg täxt", "pos täxt", "pos täxt"]
    assert labels.tolist() == [0, 0, 1, 1]
    (tmp_path / "neg" / "2.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(FileError, match="expected a text in UTF-8"):
        list(text_dataset_from_directory(tmp_path, shuffle=False, verbose=False))


def write_wave(path: Path, samples: list[int], width: int = 2, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(np.array(samples, {1: "u1", 2: "<i2", 4: "<i4"}[width]).tobytes())


def test_sounds(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    write_wave(tmp_path / "one" / "a.wav", [0, 16384, -32768])
    write_wave(tmp_path / "one" / "b.wav", [128, 192], width=1)
    dataset = audio_dataset_from_directory(tmp_path, shuffle=False, verbose=False)
    sounds, labels = next(iter(dataset))
    assert sounds[..., 0].tolist() == [[0, 0.5, -1], [0, 0.5, 0]]
    assert labels.tolist() == [0, 0]
    longer = audio_dataset_from_directory(tmp_path, output_sequence_length=6, sampling_rate=16000,
                                          shuffle=False, verbose=False)  # fmt: skip
    found = next(iter(longer))[0][0, :, 0].tolist()
    assert found == [0, 0.25, 0.5, -0.25, -1, -1]
    (tmp_path / "one" / "c.wav").write_bytes(b"no sound")
    with pytest.raises(FileError, match=r"expected a \.wav file of whole numbers"):
        list(audio_dataset_from_directory(tmp_path, shuffle=False, verbose=False))


def test_time_series() -> None:
    data, targets = np.arange(20), np.arange(20) * 10
    dataset = timeseries_dataset_from_array(data, targets, 4, sequence_stride=3, sampling_rate=2,
                                            batch_size=2)  # fmt: skip
    batches = [(x.tolist(), y.tolist()) for x, y in dataset]
    assert batches[0] == ([[0, 2, 4, 6], [3, 5, 7, 9]], [0, 30])
    assert batches[-1] == ([[12, 14, 16, 18]], [120])
    only = timeseries_dataset_from_array(data, None, 3, start_index=10, end_index=15)
    assert [x.tolist() for x in only] == [[[10, 11, 12], [11, 12, 13], [12, 13, 14]]]
    offset = timeseries_dataset_from_array(data[:-3], data[3:], 3, start_index=2, batch_size=None)
    x, y = next(iter(offset))
    assert (x.tolist(), int(y)) == ([2, 3, 4], 5)


def test_shuffled_time_series_keep_their_targets() -> None:
    data = np.arange(60)
    dataset = timeseries_dataset_from_array(data, data, 3, shuffle=True, seed=2, batch_size=10)
    pairs = [(x[0], y) for xs, ys in dataset for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    assert sorted(pairs) == [(i, i) for i in range(58)]
    assert pairs != sorted(pairs)


def test_messages(pictures: Path) -> None:
    with pytest.raises(ArgumentError) as seedless:
        image_dataset_from_directory(pictures, validation_split=0.2, subset="training")
    assert str(seedless.value) == (
        "image_dataset_from_directory: expected a seed for a shuffled split, got None. "
        "Without it the two parts overlap: give seed=1 (the same for both), or shuffle=False."
    )
    with pytest.raises(ArgumentError, match="validation_split and subset together, or neither"):
        image_dataset_from_directory(pictures, subset="training")
    with pytest.raises(FileError, match="nowhere: expected a folder, got none of that name"):
        text_dataset_from_directory("nowhere")
    with pytest.raises(DataError, match=r"expected files that end with \.txt in .*, got none"):
        text_dataset_from_directory(pictures / "b", labels=None)
    with pytest.raises(DataError, match=r"class_names among the subfolders \['a', 'b'\]"):
        image_dataset_from_directory(pictures, class_names=["c"])
    with pytest.raises(DataError, match="expected a label for each of the 8 files, got 1 labels"):
        image_dataset_from_directory(pictures, labels=[1])
    with pytest.raises(ArgumentError, match="expected ragged=False, got True"):
        audio_dataset_from_directory(pictures, ragged=True)
    with pytest.raises(ArgumentError, match="start_index < end_index <= 5, got start_index=4, end"):
        timeseries_dataset_from_array(np.arange(5), None, 2, start_index=4, end_index=3)
