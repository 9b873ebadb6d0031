"""The wire format, the frame of records and the messages, against protobuf's and TensorBoard's."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lernwerk.callbacks.tensorboard import records, summaries, wire
from lernwerk.callbacks.tensorboard.pictures import weight_pictures

pytest.importorskip("tensorboard", reason="the oracle of these tests is not installed")


def messages() -> Any:
    from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2

    return event_pb2, summary_pb2, tensor_pb2


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_those_of_protobuf(number: int) -> None:
    event = messages()[0].Event(step=number)
    assert event.SerializeToString() == (wire.integer(2, number) if number else b"")


@given(st.floats(allow_nan=False), st.floats(width=32, allow_nan=False), st.text(max_size=300))
def test_the_other_kinds_are_those_of_protobuf(wide: float, narrow: float, text: str) -> None:
    event = messages()[0].Event()
    event.MergeFromString(wire.double(1, wide) + wire.block(3, text))
    assert (event.wall_time, event.file_version) == (wide, text)
    value = messages()[1].Summary.Value.FromString(wire.single(2, narrow))
    assert value.simple_value == narrow


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (b"123456789", 0xE3069283),  # the check value of the CRC catalogue
        (bytes(32), 0x8A9136AA),  # RFC 3720, B.4
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (b"", 0),
    ],
)
def test_checksums_are_the_published_ones(data: bytes, check: int) -> None:
    assert records.crc32c(data) == check


@given(st.binary(max_size=200))
def test_records_have_tensorboard_s_checksums(data: bytes) -> None:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    found = records.record(data)
    length = struct.pack("<Q", len(data))
    assert found == (
        length + struct.pack("<I", masked_crc32c(length))
        + data + struct.pack("<I", masked_crc32c(data))
    )  # fmt: skip


def test_a_scalar_is_tensorboard_s_own() -> None:
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb

    real = scalar_pb("loss", 0.3, description="of *training*")
    mine = messages()[1].Summary.FromString(
        wire.block(1, summaries.scalar("loss", 0.3, "of *training*"))
    )
    assert _plain(mine) == _plain(real)


def _plain(summary: Any) -> Any:
    (value,) = summary.value
    from tensorboard.util import tensor_util

    data = value.metadata.plugin_data
    array = tensor_util.make_ndarray(value.tensor)
    return (value.tag, data.plugin_name, data.content, value.metadata.summary_description,
            array.dtype, array.tolist())  # fmt: skip


ARRAYS = {
    "normal": np.random.default_rng(0).normal(size=(40, 5)).astype("float32"),
    "equal": np.full(7, 2.5), "one": np.array(3.0), "none": np.zeros((0, 3)),
    "whole": np.arange(100), "edges": np.linspace(0, 1, 31),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("buckets", [30, 1, 7])
def test_histograms_are_tensorboard_s_own(name: str, buckets: int) -> None:
    from tensorboard.plugins.histogram.summary_v2 import histogram_pb

    real = _plain(histogram_pb("weights", ARRAYS[name], buckets))
    value = summaries.histogram("weights", ARRAYS[name], buckets)
    mine = _plain(messages()[1].Summary.FromString(wire.block(1, value)))
    assert mine[:5] == real[:5]
    np.testing.assert_allclose(mine[5], real[5], rtol=1e-12)


def test_what_is_not_finite_is_not_counted() -> None:
    data = np.array([0.0, 1.0, np.nan, np.inf, -np.inf, 1.0])
    np.testing.assert_array_equal(summaries.bucketed(data, 2), [[0, 0.5, 1], [0.5, 1, 2]])


@pytest.mark.parametrize(
    ("shape", "pictures"),
    [
        ((5,), (1, 5, 1, 1)), ((2, 6), (1, 2, 6, 1)), ((6, 2), (1, 2, 6, 1)), ((1,), (1, 1, 1, 1)),
        ((3, 3, 3, 8), (8, 3, 3, 3)), ((3, 3, 1, 8), (8, 3, 3, 1)), ((3, 4, 6, 8), (8, 3, 24, 1)),
        ((4, 5, 7), (7, 4, 5, 1)), ((2, 2, 2, 2, 2), None),
    ],
)  # fmt: skip
def test_weights_as_pictures(shape: tuple[int, ...], pictures: tuple[int, ...] | None) -> None:
    weight = np.random.default_rng(0).normal(size=shape)
    found = weight_pictures(weight)
    assert (None if found is None else found.shape) == pictures
    if found is not None:
        assert found.min() == 0
        assert found.max() in (0, 1)


def test_a_filter_s_channels_lie_side_by_side() -> None:
    kernel = np.arange(2 * 2 * 4 * 1.0).reshape(2, 2, 4, 1)
    found = weight_pictures(kernel)
    assert found is not None
    np.testing.assert_allclose(found[0, 0, :, 0] * 15, [0, 4, 1, 5, 2, 6, 3, 7])
