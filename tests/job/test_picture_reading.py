"""Pictures of every kind that Pillow writes, and damaged ones."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lernwerk.errors import FileError
from lernwerk.job.picture_reading import (
    PictureFacts,
    in_threads,
    picture_facts,
    read_picture,
    resized,
)

GRAY = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)
COLOUR = np.stack([GRAY, GRAY[::-1], 255 - GRAY], axis=-1)


def saved(folder: Path, image: Image.Image, name: str = "p.png", **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


def pixels(path: Path) -> np.ndarray:
    return np.asarray(read_picture(path))


def test_gray_and_colour(tmp_path: Path) -> None:
    np.testing.assert_array_equal(pixels(saved(tmp_path, Image.fromarray(GRAY))), GRAY)
    np.testing.assert_array_equal(pixels(saved(tmp_path, Image.fromarray(COLOUR))), COLOUR)


def test_colourless_colour_pictures_are_gray(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(np.stack([GRAY] * 3, axis=-1)))
    np.testing.assert_array_equal(pixels(path), GRAY)
    assert picture_facts(path) == PictureFacts(4, 6, True)


def test_palette(tmp_path: Path) -> None:
    image = Image.fromarray(COLOUR).quantize(24)
    np.testing.assert_array_equal(pixels(saved(tmp_path, image)), np.asarray(image.convert("RGB")))
    np.testing.assert_array_equal(
        pixels(saved(tmp_path, image, "p.gif")), np.asarray(image.convert("RGB"))
    )


def test_black_and_white(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GRAY > 100))
    np.testing.assert_array_equal(pixels(path), np.where(GRAY > 100, 255, 0))


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparency_over_white(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(COLOUR).convert(mode)
    alpha = np.zeros((4, 6), np.uint8)
    alpha[:2] = 255
    image.putalpha(Image.fromarray(alpha))
    found = pixels(saved(tmp_path, image))
    assert (found[2:] == 255).all()
    expected = np.asarray(Image.fromarray(COLOUR).convert("L" if mode == "LA" else "RGB"))
    np.testing.assert_array_equal(found[:2], expected[:2])


def test_transparent_colour_of_a_palette(tmp_path: Path) -> None:
    image = Image.new("P", (6, 4), 0)
    image.putpalette([0, 0, 0, 200, 0, 0])
    image.putpixel((0, 0), 1)
    found = pixels(saved(tmp_path, image, transparency=0))
    assert found[0, 0].tolist() == [200, 0, 0]
    assert (found[1:] == 255).all()


def test_sixteen_bits(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GRAY.astype(np.uint16) * 257))
    np.testing.assert_array_equal(pixels(path), GRAY)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (GRAY.astype(np.float32), GRAY),
        (GRAY.astype(np.float32) / 255, GRAY),
        (GRAY.astype(np.int32) * 257, GRAY),
        (GRAY.astype(np.int32), GRAY),
    ],
)
def test_wide_numbers_in_tiff(tmp_path: Path, values: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(
        pixels(saved(tmp_path, Image.fromarray(values), "p.tif")), expected
    )


def test_cmyk(tmp_path: Path) -> None:
    image = Image.fromarray(COLOUR).convert("CMYK")
    path = saved(tmp_path, image, "p.tif")
    np.testing.assert_array_equal(pixels(path), np.asarray(image.convert("RGB")))


def test_orientation(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise
    path = saved(tmp_path, Image.fromarray(COLOUR), exif=exif)
    np.testing.assert_array_equal(pixels(path), np.rot90(COLOUR, -1))
    assert picture_facts(path) == PictureFacts(6, 4, False)


def test_facts_follow_a_changed_file(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(GRAY))
    assert picture_facts(path).height == 4
    saved(tmp_path, Image.fromarray(np.zeros((9, 50), np.uint8)))
    assert picture_facts(path) == PictureFacts(9, 50, True)


def test_damaged_files(tmp_path: Path) -> None:
    whole = saved(tmp_path, Image.fromarray(np.random.default_rng(0).integers(
        0, 256, (40, 40, 3), np.uint8)), "whole.jpg").read_bytes()  # fmt: skip
    cases = {
        "empty.png": (b"", "an empty file"),
        "text.png": (b"this is no picture", "a file that is no picture"),
        "cut.jpg": (whole[: len(whole) // 2], "a damaged one (image file is truncated"),
    }
    for name, (content, got) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError) as error:
            read_picture(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name}: expected a picture, got {got}")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileError) as error:
        read_picture(tmp_path / "p.png")
    assert str(error.value) == f"{tmp_path / 'p.png'}: expected a picture, got nothing there."
    with pytest.raises(FileError, match="got No such file or directory"):
        picture_facts(tmp_path / "p.png")


def test_giant_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, Image.fromarray(GRAY))
    for limit in (20, 4):  # Pillow warns beyond the limit and raises beyond twice of it
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        result = in_threads(read_picture, [path])[0]
        assert isinstance(result, FileError)
        assert str(result) == f"{path}: expected a picture, got one of too many pixels."


def test_threads_keep_the_order_and_the_errors(tmp_path: Path) -> None:
    paths = [
        saved(tmp_path, Image.fromarray(np.full((2, 2), i, np.uint8)), f"{i}.png")
        for i in range(40)
    ]
    paths[7].write_bytes(b"")
    results = in_threads(read_picture, paths)
    assert isinstance(results[7], FileError)
    values = [np.asarray(r)[0, 0] for r in results if not isinstance(r, FileError)]
    assert values == [i for i in range(40) if i != 7]


def test_from_memory() -> None:
    sink = io.BytesIO()
    Image.fromarray(GRAY).save(sink, "PNG")
    np.testing.assert_array_equal(np.asarray(read_picture(sink, "standard input")), GRAY)
    with pytest.raises(FileError, match=r"^standard input: expected a picture, got a file that"):
        read_picture(io.BytesIO(b"x"), "standard input")


def test_resizing_keeps_the_mean_and_converts() -> None:
    image = Image.fromarray(np.tile(np.array([[0, 200]], np.uint8), (32, 16)))
    small = resized(image, 8, 8, 1)
    assert small.shape == (8, 8, 1)
    assert abs(float(small.mean()) - 100) < 2
    assert resized(image, 32, 32, 3).shape == (32, 32, 3)
    assert resized(Image.fromarray(COLOUR), 4, 6, 1).shape == (4, 6, 1)
