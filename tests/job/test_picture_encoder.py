"""Pictures of many sizes and kinds become one array."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lernwerk import datasets
from lernwerk.errors import ArgumentError, DataError, FileError, UsageError
from lernwerk.job.encoder import encoder_from_config
from lernwerk.job.picture_encoder import PictureEncoder, open_pictures

GENERATOR = np.random.default_rng(0)


def picture(path: Path, *shape: int, low: int = 0, high: int = 256) -> Path:
    Image.fromarray(GENERATOR.integers(low, high, shape, np.uint8)).save(path)
    return path


def again(encoder: PictureEncoder) -> PictureEncoder:
    loaded = encoder_from_config(json.loads(json.dumps(encoder.config())))
    assert isinstance(loaded, PictureEncoder)
    return loaded


def test_pictures_of_one_size_keep_it(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{i}.png", 10, 12, 3) for i in range(3)]
    encoder = PictureEncoder().fit(paths)
    encoded = encoder.encode(paths)
    assert encoded.dtype == np.float32
    assert encoded.shape == (3, *encoder.shape) == (3, 10, 12, 3)
    np.testing.assert_array_equal(encoded[1], np.asarray(Image.open(paths[1])))
    assert encoder.decisions() == [
        "All pictures are brought to 10 x 12 pixels (their own size), in colour."
    ]
    np.testing.assert_array_equal(again(encoder).encode(paths), encoded)
    assert again(encoder).decisions() == encoder.decisions()
    assert encoder.feature_names == []


@pytest.mark.parametrize(
    ("shapes", "options", "shape", "why"),
    [
        ([(20, 30), (40, 50), (30, 30)], {}, (30, 30, 1),
         "30 x 30 pixels (the middle one of 3 different sizes), gray."),
        ([(200, 100)], {}, (64, 32, 1),
         "64 x 32 pixels (shrunk from 200 x 100, their own size), gray."),
        ([(200, 100, 3), (100, 100)], {"cap": 30}, (30, 20, 3),
         "30 x 20 pixels (shrunk from 150 x 100, the middle one of 2 different sizes), in colour."),
        ([(200, 10)], {}, (64, 8, 1),
         "64 x 8 pixels (shrunk from 200 x 10, their own size), gray."),
        ([(20, 30)], {"size": 90}, (90, 90, 1), "90 x 90 pixels (the size you chose), gray."),
        ([(20, 30)], {"size": (7, 9)}, (7, 9, 1), "7 x 9 pixels (the size you chose), gray."),
    ],
)  # fmt: skip
def test_choice_of_size(
    tmp_path: Path, shapes: list[Any], options: dict[str, Any], shape: Any, why: str
) -> None:
    paths = [picture(tmp_path / f"{i}.png", *shape) for i, shape in enumerate(shapes)]
    encoder = PictureEncoder(**options).fit(paths)
    assert encoder.shape == shape
    assert encoder.decisions() == [f"All pictures are brought to {why}"]
    assert encoder.encode(paths).shape == (len(paths), *shape)


def test_arrays(tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (5, 9, 9), np.uint8)
    encoder = PictureEncoder().fit(pixels)
    np.testing.assert_array_equal(encoder.encode(pixels), pixels[..., None].astype(np.float32))
    np.testing.assert_array_equal(encoder.encode(pixels[..., None]), encoder.encode(pixels))
    # A picture file of another size and in colour goes through the same encoder.
    assert encoder.encode(picture(tmp_path / "p.png", 20, 30, 3)).shape == (1, 9, 9, 1)
    assert encoder.encode(np.zeros((2, 20, 30, 3), np.uint8)).shape == (2, 9, 9, 1)


def test_array_with_transparency() -> None:
    pixels = np.zeros((2, 9, 9, 4), np.uint8)
    encoded = PictureEncoder().fit(pixels + np.uint8(1)).encode(pixels)
    assert encoded.shape == (2, 9, 9, 3)
    assert (encoded == 255).all()


def test_digits_are_stretched_so_that_files_fit_them(tmp_path: Path) -> None:
    digits = datasets.load("digits").x[:50]
    encoder = again(PictureEncoder().fit(digits))
    encoded = encoder.encode(digits)
    assert (encoded.min(), encoded.max()) == (0, 255)
    assert encoder.decisions()[0] == (
        "All pictures are brought to 8 x 8 pixels (their own size), gray."
    )
    assert encoder.decisions()[1] == (
        "The values of the pixels end at 16; they are stretched to 0 to 255."
    )
    Image.fromarray(np.round(digits[7] * (255 / 16)).astype(np.uint8)).save(tmp_path / "7.png")
    np.testing.assert_allclose(encoder.encode([tmp_path / "7.png"])[0], encoded[7], atol=0.5)
    with pytest.raises(DataError) as error:
        encoder.encode(np.full((1, 8, 8), 17, np.uint8))
    assert str(error.value) == (
        "pictures: expected values of pixels from 0 to 16, as in the training, got 17."
    )


def test_a_negative_is_told(tmp_path: Path) -> None:
    dark = [picture(tmp_path / f"{i}.png", 9, 9, high=60) for i in range(3)]
    encoder = again(PictureEncoder().fit(dark))
    encoder.encode([picture(tmp_path / "light.png", 9, 9, low=254)])
    assert len(encoder.warnings) == 1
    assert encoder.warnings[0].startswith(
        "These pictures are much lighter than those of the training (on average 25"
    )
    assert encoder.warnings[0].endswith(
        "If they show dark on light what the others show light on dark, invert them."
    )
    encoder.encode(dark)
    assert encoder.warnings == []


def test_open_pictures_from_paths_texts_and_memory(tmp_path: Path) -> None:
    path = picture(tmp_path / "p.png", 9, 9)
    found = open_pictures([path, str(path), io.BytesIO(path.read_bytes())], 9, 9, 1)
    assert found.shape == (3, 9, 9, 1)
    assert (found == found[0]).all()


def test_broken_picture(tmp_path: Path) -> None:
    encoder = PictureEncoder().fit([picture(tmp_path / "p.png", 9, 9)])
    (tmp_path / "q.png").write_bytes(b"")
    for use in (encoder.encode, PictureEncoder().fit):
        with pytest.raises(FileError) as error:
            use([tmp_path / "p.png", tmp_path / "q.png"])
        assert str(error.value) == f"{tmp_path / 'q.png'}: expected a picture, got an empty file."


@pytest.mark.parametrize(
    ("pixels", "message"),
    [
        (np.zeros((2, 9, 9)), "pictures: expected uint8 values of pixels, got float64."),
        (np.zeros((2, 9, 9, 2), np.uint8),
         "pictures: expected the shape (rows, height, width) or (rows, height, width, 1, 3 or 4), "
         "got (2, 9, 9, 2)."),
        (np.zeros((9, 9), np.uint8),
         "pictures: expected the shape (rows, height, width) or (rows, height, width, 1, 3 or 4), "
         "got (9, 9)."),
        (np.zeros((0, 9, 9), np.uint8), "pictures: expected pictures, got none, shape (0, 9, 9)."),
    ],
)  # fmt: skip
def test_wrong_arrays(pixels: Any, message: str) -> None:
    with pytest.raises(DataError) as error:
        PictureEncoder().fit(pixels)
    assert str(error.value) == message


def test_no_pictures_and_no_fit() -> None:
    with pytest.raises(DataError) as error:
        PictureEncoder().fit([])
    assert str(error.value) == "pictures: expected pictures to learn from, got none."
    with pytest.raises(UsageError) as usage:
        PictureEncoder().encode([])
    assert str(usage.value) == (
        "PictureEncoder: expected fit before encode, got no fit. encoder.fit(paths)"
    )


def test_arguments() -> None:
    with pytest.raises(ArgumentError) as error:
        PictureEncoder(size=0)
    assert str(error.value) == "PictureEncoder: expected height to be an integer >= 1, got 0."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"height": 0}, "expected a whole number >= 1 and <= 4096 for 'height', got 0."),
        ({"width": 10**9}, "expected a whole number >= 1 and <= 4096 for 'width', got 1000000000."),
        ({"channels": 2}, "expected 1 or 3 channels, got 2."),
        ({"maximum": 300}, "expected a whole number >= 1 and <= 255 for 'maximum', got 300."),
        ({"decisions": 1}, "expected a list of texts for 'decisions', got 1."),
        ({"more": 1}, "expected no other settings, got 'more'."),
    ],
)
def test_damaged_settings(change: dict[str, Any], message: str) -> None:
    config = PictureEncoder().fit(np.zeros((2, 9, 9), np.uint8)).config()
    with pytest.raises(FileError) as error:
        encoder_from_config({**config, **change}, "model")
    assert str(error.value) == f"model: {message}"
