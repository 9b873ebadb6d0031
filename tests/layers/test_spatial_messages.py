"""What layers with spatial axes refuse, and the sentence they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lernwerk import config, layers
from lernwerk.errors import ArgumentError, ShapeError

NAME = {"name": "layer"}
FIRST = {"data_format": "channels_first"}


@pytest.fixture(autouse=True)
def usual_format() -> Iterator[None]:
    yield
    config.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.Conv2D(2, (3, 3, 3), **NAME),
         "layer: expected kernel_size as one integer >= 1 or 2 of them, got (3, 3, 3)."),
        (lambda: layers.Conv2D(2, 3, strides=0, **NAME),
         "layer: expected strides as one integer >= 1 or 2 of them, got 0."),
        (lambda: layers.MaxPooling1D(2.5, **NAME),
         "layer: expected pool_size as one integer >= 1 or 1 of them, got 2.5."),
        (lambda: layers.Conv2D(2, 3, padding="causal", **NAME),
         "layer: expected padding to be one of valid, same, got 'causal'."),
        (lambda: layers.MaxPooling2D(padding=1, **NAME),
         "layer: expected padding to be one of valid, same, got 1."),
        (lambda: layers.Conv1DTranspose(2, 3, padding="causal", **NAME),
         "layer: expected padding to be one of valid, same, got 'causal'."),
        (lambda: layers.Conv1D(3, 3, groups=2, **NAME),
         "layer: expected filters to be a multiple of groups=2, got 3."),
        (lambda: layers.Conv2D(3, 3, data_format="channel_first", **NAME),
         "layer: expected data_format to be one of channels_last, channels_first, "
         "got 'channel_first'. Did you mean 'channels_first'?"),
        (lambda: layers.Conv2D(3, 3, 2, dilation_rate=2, **NAME),
         "layer: expected strides or dilation_rate to be 1, "
         "got strides=(2, 2) and dilation_rate=(2, 2)."),
        (lambda: layers.Conv2DTranspose(3, 3, 2, output_padding=(1, 2), **NAME),
         "layer: expected output_padding smaller than strides=(2, 2), got (1, 2)."),
        (lambda: layers.Conv2DTranspose(3, 3, 2, output_padding=-1, **NAME),
         "layer: expected output_padding as one integer >= 0 or 2 of them, got -1."),
        (lambda: layers.ZeroPadding2D((1, -1), **NAME),
         "layer: expected padding as one integer >= 0 or 2 of them or of pairs of them, "
         "got (1, -1)."),
        (lambda: layers.ZeroPadding1D((1, 2, 3), **NAME),
         "layer: expected padding as one integer >= 0 or a pair of them, got (1, 2, 3)."),
        (lambda: layers.Cropping3D((1, (2, 3, 4), 1), **NAME),
         "layer: expected cropping as one integer >= 0 or 3 of them or of pairs of them, "
         "got (1, (2, 3, 4), 1)."),
        (lambda: layers.UpSampling2D(1.5, **NAME),
         "layer: expected size as one integer >= 1 or 2 of them, got 1.5."),
        (lambda: layers.UpSampling2D(2, interpolation="linear", **NAME),
         "layer: expected the name of a known interpolation, got 'linear'. "
         "Did you mean 'bilinear'?"),
        (lambda: layers.Reshape((-1, -1), **NAME),
         "layer: expected target_shape of lengths, one of them -1 at most, got (-1, -1)."),
        (lambda: layers.Reshape((2.5,), **NAME),
         "layer: expected target_shape of lengths, one of them -1 at most, got (2.5,)."),
        (lambda: layers.Permute((0, 1), **NAME),
         "layer: expected dims with each of 1, 2 once, got (0, 1). "
         "They count the axes of an example from 1: (2, 1) exchanges two."),
        (lambda: layers.RepeatVector(1.5, **NAME),
         "layer: expected n to be an integer >= 1, got 1.5."),
        (lambda: config.set_image_data_format("last"),
         "set_image_data_format: expected data_format to be one of channels_last, channels_first, "
         "got 'last'. Known: channels_first, channels_last."),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


def built(layer: Any, *shape: int) -> Any:
    layer.build_for((None, *shape))
    return layer


OTHER = "It was built for other inputs: check the shape of the data or the layer before."
SMALLER = "Use padding='same' or drop a pooling layer."
PICTURE = "layer: expected input (batch, height, width, channels)"


@pytest.mark.parametrize(
    ("make", "shape", "text"),
    [
        (lambda: layers.Conv2D(3, 2, **NAME), (7, 28, 28),
         f"{PICTURE}, got (7, 28, 28). "
         "An axis is missing at the end: x[..., None] adds one of length 1."),
        (lambda: layers.Conv2D(3, 2, **NAME, **FIRST), (7, 28, 28),
         "layer: expected input (batch, channels, height, width), got (7, 28, 28). "
         "An axis is missing: x[:, None] adds one channel."),
        (lambda: built(layers.Conv2D(3, 2, **NAME), 9, 9, 3), (7, 9, 9, 1),
         f"layer: expected input (batch, height, width, 3), got (7, 9, 9, 1). {OTHER}"),
        (lambda: built(layers.Conv2D(3, 2, **NAME), 9, 9, 3), (7, 3, 9, 9),
         "layer: expected input (batch, height, width, 3), got (7, 3, 9, 9). "
         "The channels are on the other side: give the layer data_format='channels_first'."),
        (lambda: built(layers.Conv2D(3, 2, **NAME, **FIRST), 3, 9, 9), (7, 9, 9, 3),
         "layer: expected input (batch, 3, height, width), got (7, 9, 9, 3). "
         "The channels are on the other side: give the layer data_format='channels_last'."),
        (lambda: layers.Conv1D(3, 2, **NAME), (7, 9, 9, 1),
         "layer: expected input (batch, steps, features), got (7, 9, 9, 1). "
         "Too many axes: layers.Flatten() or layers.Reshape(...) before it removes some."),
        (lambda: layers.Conv3D(3, 2, **NAME), (7, 9),
         f"layer: expected input (batch, depth, height, width, channels), got (7, 9). {OTHER}"),
        (lambda: layers.MaxPooling2D(**NAME), (7, 8, 8),
         f"{PICTURE}, got (7, 8, 8). "
         "An axis is missing at the end: x[..., None] adds one of length 1."),
        (lambda: layers.GlobalMaxPooling3D(**NAME, **FIRST), (7, 9),
         f"layer: expected input (batch, channels, depth, height, width), got (7, 9). {OTHER}"),
        (lambda: layers.Conv2D(3, 7, name="conv2d_3"), (2, 4, 4, 3),
         f"conv2d_3: expected a picture of at least (7, 7), got (4, 4). {SMALLER}"),
        (lambda: layers.Conv2D(3, (1, 3), dilation_rate=2, **NAME, **FIRST), (2, 3, 9, 4),
         f"layer: expected a picture of at least (1, 5), got (9, 4). {SMALLER}"),
        (lambda: layers.Conv1D(3, 7, **NAME), (2, 4, 3),
         f"layer: expected a sequence of at least 7 steps, got 4. {SMALLER}"),
        (lambda: layers.Conv3D(3, 3, **NAME), (2, 3, 2, 4, 1),
         f"layer: expected a volume of at least (3, 3, 3), got (3, 2, 4). {SMALLER}"),
        (lambda: layers.DepthwiseConv2D(5, **NAME), (2, 4, 4, 3),
         f"layer: expected a picture of at least (5, 5), got (4, 4). {SMALLER}"),
        (lambda: layers.SeparableConv1D(2, 5, **NAME), (2, 4, 3),
         f"layer: expected a sequence of at least 5 steps, got 4. {SMALLER}"),
        (lambda: layers.MaxPooling2D(3, **NAME), (2, 4, 2, 3),
         f"layer: expected a picture of at least (3, 3), got (4, 2). {SMALLER}"),
        (lambda: layers.AveragePooling1D(3, **NAME), (2, 2, 3),
         f"layer: expected a sequence of at least 3 steps, got 2. {SMALLER}"),
        (lambda: layers.Cropping2D(2, **NAME), (2, 4, 6, 3),
         "layer: expected a picture of at least (5, 5), got (4, 6). Crop less."),
        (lambda: layers.Cropping1D((1, 4), **NAME), (2, 4, 3),
         "layer: expected a sequence of at least 6 steps, got 4. Crop less."),
        (lambda: layers.Reshape((3, -1), **NAME), (2, 7),
         "layer: expected a multiple of 3 numbers an example for target_shape (3, -1), "
         "got 7 in (2, 7)."),
        (lambda: layers.Reshape((3, 2), **NAME), (2, 7),
         "layer: expected 6 numbers an example for target_shape (3, 2), got 7 in (2, 7). "
         "layers.Reshape((7,)) fits, or one length of -1."),
        (lambda: layers.Permute((2, 1), **NAME), (2, 3, 4, 5),
         "layer: expected input (batch, steps, features), got (2, 3, 4, 5). "
         "Too many axes: layers.Flatten() or layers.Reshape(...) before it removes some."),
        (lambda: layers.RepeatVector(2, **NAME), (2, 3, 4),
         "layer: expected input (batch, features), got (2, 3, 4). "
         "Too many axes: layers.Flatten() or layers.Reshape(...) before it removes some."),
    ],
)  # fmt: skip
def test_inputs_of_a_wrong_shape(make: Callable[[], Any], shape: Any, text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        make()(np.zeros(shape, "float32"))
    assert str(refused.value).replace("(None,", f"({shape[0]},") == text


def test_groups_must_divide_the_channels() -> None:
    with pytest.raises(ArgumentError) as refused:
        layers.Conv1D(4, 2, groups=2, **NAME)(np.zeros((1, 4, 3), "float32"))
    assert str(refused.value) == (
        "layer: expected input channels to be a multiple of groups=2, got 3."
    )


def test_the_number_of_channels_must_be_known() -> None:
    with pytest.raises(ArgumentError) as refused:
        layers.Conv2D(4, 2, **NAME).build_for((None, 4, 4, None))
    assert str(refused.value) == (
        "layer: expected a known number of channels, got (None, 4, 4, None). "
        "Give it: Input(shape=(..., channels))."
    )


def test_a_layer_without_a_format_takes_the_configured_one() -> None:
    config.set_image_data_format("channels_first")
    x = np.zeros((2, 3, 8, 9), "float32")
    assert layers.Conv2D(4, 3)(x).shape == (2, 4, 6, 7)
    assert layers.MaxPooling2D().data_format == layers.Flatten().data_format == "channels_first"
    assert layers.GlobalAveragePooling2D()(x).shape == (2, 3)
    assert layers.Conv2D(4, 3, data_format="channels_last").data_format == "channels_last"
