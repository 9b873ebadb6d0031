"""Convolutions against JAX and the real Keras, their gradients, parts of the batch, messages."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lernwerk import ops
from lernwerk.core import Tensor, gradient
from lernwerk.errors import ArgumentError, ShapeError
from lernwerk.ops.primitive import Spec
from lernwerk.ops.windows import window_counts

FLOAT64 = np.dtype("float64")
LETTERS = {1: "W", 2: "HW", 3: "DHW"}
NONE_1D = {"strides": (1,), "padding": ((0, 0),), "dilation": (1,), "groups": 1}


class Case(NamedTuple):
    """A random convolution: arrays and attributes."""

    x: np.ndarray
    w: np.ndarray
    options: dict[str, Any]


@st.composite
def cases(draw: Any, most_groups: int = 3, most_padding: int = 2) -> Case:
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, most_groups))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    size, strides, dilation = each(1, 3), each(1, 3), each(1, 2)
    padding = tuple(zip(each(0, most_padding), each(0, most_padding), strict=True))
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    least = [max(1, k - sum(pair)) for k, pair in zip(spans, padding, strict=True)]
    lengths = tuple(n + more for n, more in zip(least, each(0, 4), strict=True))
    channels, per_group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.normal(size=(draw(st.integers(1, 3)), *lengths, channels * groups))
    w = random.normal(size=(*size, channels, per_group * groups))
    options = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
    return Case(x, w, options)


def of_jax(x: Any, w: Any, *, strides: Any, padding: Any, dilation: Any, groups: int) -> jax.Array:
    letters = LETTERS[len(strides)]
    return jax.lax.conv_general_dilated(
        x, w, strides, padding, rhs_dilation=dilation, feature_group_count=groups,
        dimension_numbers=(f"N{letters}C", f"{letters}IO", f"N{letters}C"),
    )  # fmt: skip


def close(found: Any, expected: Any, tolerance: float = 1e-11) -> None:
    np.testing.assert_allclose(np.asarray(found), expected, rtol=tolerance, atol=tolerance)


@settings(deadline=None, max_examples=30)
@given(cases())
def test_value_and_gradients_agree_with_jax(case: Case) -> None:
    x, w, options = case
    with jax.enable_x64(True):
        expected, back = jax.vjp(
            lambda a, b: of_jax(a, b, **options), jnp.asarray(x), jnp.asarray(w)
        )
        g = np.random.default_rng(1).normal(size=expected.shape)
        dx, dw = back(jnp.asarray(g))
    close(ops.convolution(x, w, **options), expected)
    close(ops.convolution_input_gradient(g, w, input_shape=x.shape, **options), dx)
    close(ops.convolution_kernel_gradient(x, g, kernel_shape=w.shape, **options), dw)


@settings(deadline=None, max_examples=15)
@given(cases(), st.sampled_from(["same", "valid"]))
def test_named_padding_agrees_with_keras(keras: Any, case: Case, kind: Any) -> None:
    x, w, options = case
    if any(d > 1 for d in options["dilation"]):
        options = {**options, "strides": (1,) * len(options["strides"])}
    strides, dilation = options["strides"], options["dilation"]
    lengths = tuple(n + 4 for n in x.shape[1:-1])
    x = np.resize(x, (x.shape[0], *lengths, x.shape[-1]))
    padding = ops.explicit_padding(kind, lengths, w.shape[:-2], strides, dilation)
    expected = keras.ops.conv(
        x.astype("float32"), w.astype("float32"), strides=strides, padding=kind,
        dilation_rate=dilation, data_format="channels_last",
    )  # fmt: skip
    close(ops.convolution(x, w, **{**options, "padding": padding}), expected, 1e-4)


def test_causal_padding_agrees_with_keras(keras: Any) -> None:
    random = np.random.default_rng(5)
    x, w = random.normal(size=(2, 9, 3)), random.normal(size=(3, 3, 4))
    layer = keras.layers.Conv1D(4, 3, padding="causal", dilation_rate=2, use_bias=False)
    layer.build(x.shape)
    layer.set_weights([w])
    padding = ops.explicit_padding("causal", (9,), (3,), (1,), (2,))
    assert padding == ((4, 0),)
    y = ops.convolution(x, w, strides=(1,), padding=padding, dilation=(2,), groups=1)
    close(y, layer(x.astype("float32")), 1e-4)


@pytest.mark.parametrize("multiplier", [1, 3])
def test_groups_are_the_depthwise_convolution_of_keras(keras: Any, multiplier: int) -> None:
    random = np.random.default_rng(5)
    x, w = random.normal(size=(2, 7, 6, 4)), random.normal(size=(3, 2, 4, multiplier))
    expected = keras.ops.depthwise_conv(
        x.astype("float32"), w.astype("float32"), strides=2, padding="same"
    )
    padding = ops.explicit_padding("same", (7, 6), (3, 2), (2, 2), (1, 1))
    kernel = w.reshape(3, 2, 1, 4 * multiplier)
    options = {"strides": (2, 2), "padding": padding, "dilation": (1, 1), "groups": 4}
    close(ops.convolution(x, kernel, **options), expected, 1e-4)


@st.composite
def transposed(draw: Any) -> tuple[Case, str, Any]:
    case = draw(cases(most_groups=1, most_padding=0))
    rank = len(case.options["strides"])
    extra = draw(st.none() | st.tuples(*[st.integers(0, 2)] * rank))
    # Keras refuses output padding of at least the stride, and strides together with dilation.
    strides, dilation = case.options["strides"], case.options["dilation"]
    if any(d > 1 for d in dilation):
        strides = (1,) * rank
    if extra is not None:
        extra = tuple(min(e, s - 1) for e, s in zip(extra, strides, strict=True))
    options = {"strides": strides, "dilation": dilation}
    kind = draw(st.sampled_from(["same", "valid"]))
    return Case(case.x, case.w.swapaxes(-1, -2), options), kind, extra


@settings(deadline=None, max_examples=20)
@given(transposed())
def test_transpose_agrees_with_keras(keras: Any, drawn: Any) -> None:
    (x, w, options), kind, extra = drawn

    def of_keras(a: Any, b: Any) -> Any:
        return keras.ops.conv_transpose(
            a, b, strides=options["strides"], padding=kind, output_padding=extra,
            data_format="channels_last", dilation_rate=options["dilation"],
        )  # fmt: skip

    with jax.enable_x64(True):
        expected, back = jax.vjp(of_keras, jnp.asarray(x), jnp.asarray(w))
        g = np.random.default_rng(1).normal(size=expected.shape)
        dx, dw = back(jnp.asarray(g))
    tensors = [Tensor(x), Tensor(w)]
    y = ops.convolution_transpose(*tensors, padding=kind, output_padding=extra, **options)
    close(y, expected)
    for found, wanted in zip(gradient(y, tensors, g), (dx, dw), strict=True):
        close(found, wanted)


@pytest.mark.parametrize(("kind", "length"), [("same", 10), ("valid", 11)])
def test_lengths_of_the_transpose(kind: str, length: int) -> None:
    x, w = np.ones((1, 5, 2)), np.ones((3, 4, 2))
    y = ops.convolution_transpose(x, w, strides=(2,), padding=kind)
    assert y.shape == (1, length, 4)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_parts_of_the_batch_change_nothing(monkeypatch: pytest.MonkeyPatch, groups: int) -> None:
    random = np.random.default_rng(2)
    x, w = random.normal(size=(5, 6, 6, 4)), random.normal(size=(3, 3, 4 // groups, 8))
    options = {"strides": (1, 2), "padding": ((1, 1), (0, 1)), "dilation": (1, 1), "groups": groups}
    y = ops.convolution(x, w, **options)

    def all_three() -> list[np.ndarray]:
        return [
            ops.convolution(x, w, **options),
            ops.convolution_input_gradient(y, w, input_shape=x.shape, **options),
            ops.convolution_kernel_gradient(x, y, kernel_shape=w.shape, **options),
        ]

    whole = all_three()
    for name, room in (("convolution", "MATRIX_BYTES"), ("depthwise", "PASS_BYTES")):
        module = importlib.import_module(f"lernwerk.ops.{name}")
        monkeypatch.setattr(module, room, 1)
    for found, expected in zip(all_three(), whole, strict=True):
        close(found, expected)


def test_arrays_of_any_layout_are_accepted() -> None:
    random = np.random.default_rng(2)
    x, w = random.normal(size=(4, 8, 2)), random.normal(size=(3, 2, 2))
    strided = np.repeat(x, 2, axis=1)[:, ::2].swapaxes(0, 1).copy().swapaxes(0, 1)
    close(ops.convolution(strided, w, **NONE_1D), ops.convolution(x, w, **NONE_1D))


def test_empty_batch() -> None:
    y = ops.convolution(np.ones((0, 5, 2)), np.ones((3, 2, 4)), **NONE_1D)
    assert y.shape == (0, 3, 4)


def message_of(primitive: Any, *shapes: Any, **attributes: Any) -> str:
    with pytest.raises((ShapeError, ArgumentError)) as caught:
        primitive.infer([Spec(shape, FLOAT64) for shape in shapes], attributes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("x", "w", "changes", "text"),
    [
        ((2, 8, 3), (3, 4, 5), {},
         "an input with 4 channels for a kernel of shape (3, 4, 5), got 3 channels in (2, 8, 3)."
         " Channels are the last axis."),
        ((2, 8, 3), (3, 2, 4), {"groups": 2},
         "an input with 4 channels (2 in each of 2 groups) for a kernel of shape (3, 2, 4),"
         " got 3 channels in (2, 8, 3). Channels are the last axis."),
        ((2, 8, 8), (3, 3, 1, 5), {},
         "an input with 4 axes (batch, 2 spatial, channels), got (2, 8, 8)."
         " Pictures without colour need a channel axis: x.reshape(*x.shape, 1)."),
        ((2, 3, 1), (5, 1, 4), {},
         "an input of at least 5 along axis 1, as a window covers 5, got 3."
         " Use padding='same' or a smaller kernel."),
        ((2, 3, 1), (5, 1, 4), {"padding": ((1, 0),)},
         "an input of at least 4 along axis 1, as a window covers 5, got 3 (4 with its padding)."
         " Use padding='same' or a smaller kernel."),
        ((2, 8, 2), (3, 1, 3), {"groups": 2},
         "groups that divide the 3 output channels, got 2."),
        ((2, 8, 2), (3, 2, 3), {"strides": (1, 1)},
         "strides with 1 entries, one per spatial axis, got (1, 1)."),
        ((2, 8, 2), (3, 2, 3), {"strides": (0,)}, "strides of at least 1, got (0,)."),
        ((2, 8, 2), (3, 2, 3), {"padding": ((0, -1),)}, "padding of at least 0, got ((0, -1),)."),
        ((2, 8, 2), (3, 2, 3), {"padding": ()},
         "padding with 1 pairs, one per spatial axis, got ()."),
    ],
)  # fmt: skip
def test_messages(x: Any, w: Any, changes: Any, text: str) -> None:
    found = message_of(ops.convolution, x, w, **{**NONE_1D, **changes})
    assert found == f"convolution: expected {text}"


def test_messages_of_the_gradients() -> None:
    found = message_of(
        ops.convolution_input_gradient, (2, 5, 4), (3, 1, 4), input_shape=(2, 8, 1), **NONE_1D
    )
    text = "expected a gradient of shape (2, 6, 4), got (2, 5, 4)."
    assert found == f"convolution_input_gradient: {text}"
    found = message_of(
        ops.convolution_kernel_gradient, (2, 8, 1), (2, 5, 4), kernel_shape=(3, 1, 4), **NONE_1D
    )
    assert found == f"convolution_kernel_gradient: {text}"


def test_messages_of_padding() -> None:
    with pytest.raises(ArgumentError) as caught:
        ops.explicit_padding("sane", (5,), (3,), (1,), (1,))  # type: ignore[arg-type]
    text = "padding: expected the name of a known kind of padding, got 'sane'."
    assert str(caught.value) == f"{text} Did you mean 'same'?"
    with pytest.raises(ArgumentError) as caught:
        ops.explicit_padding("causal", (5, 5), (3, 3), (1, 1), (1, 1))
    text = "padding: expected one spatial axis for 'causal', got 2. Use padding='same'."
    assert str(caught.value) == text


def test_messages_of_the_transpose() -> None:
    x, w = np.ones((1, 5, 2)), np.ones((3, 4, 3))
    with pytest.raises(ShapeError) as caught:
        ops.convolution_transpose(x, w, strides=(2,), padding="same")
    assert str(caught.value) == (
        "convolution_transpose: expected an input with 3 axes and 3 channels, got (1, 5, 2)."
        " The kernel is (*size, output channels, input channels)."
    )
    with pytest.raises(ArgumentError) as caught:
        ops.convolution_transpose(x, w, strides=(2,), padding="causal")
    assert str(caught.value).startswith("convolution_transpose: expected the name of a known kind")


def test_padding_may_make_room_for_a_window() -> None:
    assert window_counts("y", (1,), (3,), (1,), ((1, 1),), (1,)) == (1,)
