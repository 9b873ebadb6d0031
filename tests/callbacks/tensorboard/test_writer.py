"""EventWriter and the functions of tf.summary, read back by real TensorBoard."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lernwerk import Tensor
from lernwerk.callbacks import EventWriter
from lernwerk.callbacks.tensorboard import summary
from lernwerk.errors import ArgumentError, DtypeError, ShapeError, UsageError


def test_curves(tmp_path: Path, read: Any) -> None:
    with EventWriter(tmp_path) as writer:
        for step in range(5):
            writer.scalar("loss", 1 / (step + 1), step, "of the *training*")
        writer.scalar("loss", Tensor(np.float32(7.0)), 2**40)
    found = read(tmp_path)
    steps, values = zip(*found.values("loss"), strict=True)
    assert steps == (0, 1, 2, 3, 4, 2**40)
    np.testing.assert_allclose(values, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 7], rtol=1e-7)
    assert found.plugin("loss") == "scalars"
    assert found.SummaryMetadata("loss").summary_description == "of the *training*"


def test_values_can_be_read_while_the_file_is_open(tmp_path: Path, read: Any) -> None:
    writer = EventWriter(tmp_path)
    assert not list(tmp_path.iterdir())  # a writer that writes nothing leaves nothing
    writer.scalar("loss", 1.0, 0)
    writer.flush()
    assert len(read(tmp_path).values("loss")) == 1
    writer.close()
    writer.scalar("loss", 2.0, 1)  # goes on in another file
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_histograms(tmp_path: Path, read: Any) -> None:
    data = np.random.default_rng(0).normal(size=1000)
    with EventWriter(tmp_path) as writer:
        writer.histogram("weights", data, 3, buckets=10)
    ((step, found),) = read(tmp_path).values("weights")
    counts, edges = np.histogram(data, 10)
    assert step == 3
    np.testing.assert_array_equal(found[:, 2], counts)
    np.testing.assert_allclose(found[:, 0], edges[:-1], rtol=1e-12)
    np.testing.assert_allclose(found[:, 1], edges[1:], rtol=1e-12)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
@pytest.mark.parametrize("kind", ["uint8", "float32", "int64"])
def test_pictures(tmp_path: Path, read: Any, channels: int, mode: str, kind: str) -> None:
    plain = np.random.default_rng(0).integers(0, 256, size=(5, 4, 6, channels))
    given = (plain / 255).astype(kind) if kind == "float32" else plain.astype(kind)
    with EventWriter(tmp_path) as writer:
        writer.image("digits", given, 1, max_outputs=2)
    found = read(tmp_path)
    ((_, parts),) = found.values("digits")
    assert found.plugin("digits") == "images"
    assert list(parts[:2]) == [b"6", b"4"]
    assert len(parts) == 4
    for picture, expected in zip(parts[2:], plain, strict=False):
        opened = Image.open(io.BytesIO(picture))
        assert opened.mode == mode
        np.testing.assert_array_equal(np.asarray(opened).reshape(expected.shape), expected)


def test_texts(tmp_path: Path, read: Any) -> None:
    with EventWriter(tmp_path) as writer:
        writer.text("note", "**größer**", 0)
    found = read(tmp_path)
    ((_, text),) = found.values("note")
    assert text.item().decode() == "**größer**"
    assert found.plugin("note") == "text"


def test_the_functions_write_where_the_default_is(tmp_path: Path, read: Any) -> None:
    assert not summary.scalar("loss", 1.0, step=0)  # nobody listens, as in TensorFlow
    writer = summary.create_file_writer(str(tmp_path))
    with writer.as_default(step=5):
        assert summary.scalar("loss", 1.0)
        assert summary.get_step() == 5
        assert summary.histogram("weights", np.arange(3), step=6, buckets=2)
        assert summary.image("picture", np.zeros((1, 2, 2, 1)), step=7, max_outputs=1)
        assert summary.text("note", "x", step=8, description="y")
    assert not summary.scalar("loss", 1.0, step=9)
    writer.set_as_default()
    try:
        with pytest.raises(UsageError) as refused:
            summary.scalar("loss", 1.0)
        summary.set_step(10)
        summary.scalar("loss", 2.0)
        summary.flush()
    finally:
        summary.DEFAULT.writer = summary.DEFAULT.step = None
    assert str(refused.value) == (
        "summary.scalar: expected a step, got None. summary.scalar(..., step=epoch)"
    )
    writer.close()
    found = read(tmp_path)
    assert [step for step, _ in found.values("loss")] == [5, 10]
    assert [found.values(tag)[0][0] for tag in ("weights", "picture", "note")] == [6, 7, 8]


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda w: w.scalar("loss", [1, 2], 0), ShapeError,
         "scalar 'loss': expected one number, got an array of shape (2,). histogram shows many."),
        (lambda w: w.scalar("loss", "high", 0), DtypeError,
         "'loss': expected numbers, got <U4."),
        (lambda w: w.histogram("weights", [1], 0, buckets=0), ArgumentError,
         "histogram 'weights': expected buckets to be an integer >= 1, got 0."),
        (lambda w: w.image("digit", np.zeros((4, 4)), 0), ShapeError,
         "image 'digit': expected pictures of shape (k, height, width, 1 to 4), got (4, 4). "
         "One picture is image[np.newaxis]; grey ones need a last axis of length 1."),
        (lambda w: w.image("digit", np.zeros((1, 4, 4, 1), bool), 0), DtypeError,
         "image 'digit': expected numbers, got bool."),
    ],
)  # fmt: skip
def test_what_a_writer_refuses(tmp_path: Path, call: Any, kind: Any, text: str) -> None:
    with pytest.raises(kind) as refused:
        call(EventWriter(tmp_path))
    assert str(refused.value) == text
