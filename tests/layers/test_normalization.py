"""The normalising layers against real Keras: axes, masks, options, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lernwerk import layers
from lernwerk.core import trace
from lernwerk.core.passes import fold_normalization, simplify
from lernwerk.errors import ArgumentError, ShapeError

Agree = Callable[..., tuple[Any, Any]]


def numbers(*shape: int) -> np.ndarray:
    return (np.random.default_rng(0).normal(size=shape) * 2 + 0.5).astype("float32")


def steps_mask() -> np.ndarray:
    mask = np.ones((4, 6), bool)
    mask[0, 4:] = mask[1, :2] = mask[2, 1:4] = False
    return mask


CASES: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("BatchNormalization", {"axis": 1}, (6, 3)),
    ("BatchNormalization", {"axis": 1, "momentum": 0.5}, (3, 4, 5)),
    ("BatchNormalization", {"axis": -2, "center": False}, (3, 4, 5)),
    ("BatchNormalization", {"axis": 1, "scale": False}, (2, 3, 4, 5)),
    ("BatchNormalization", {"axis": 2, "epsilon": 0.1}, (2, 3, 4, 5)),
    ("BatchNormalization", {"axis": 3}, (2, 3, 4, 5)),
    ("LayerNormalization", {}, (4, 3)),
    ("LayerNormalization", {"axis": 1}, (2, 3, 4)),
    ("LayerNormalization", {"axis": [1, 2]}, (2, 3, 4)),
    ("LayerNormalization", {"axis": [1, 2], "center": False}, (2, 3, 4, 5)),
    ("LayerNormalization", {"axis": [-1, -2], "epsilon": 0.1}, (2, 3, 4, 5)),
    ("LayerNormalization", {"axis": [1, 3], "scale": False}, (2, 3, 4, 5)),
    ("LayerNormalization", {"axis": [1, -1]}, (2, 3, 4)),
    ("LayerNormalization", {"axis": [-1], "center": False, "scale": False}, (2, 3, 4)),
    ("GroupNormalization", {"groups": 2}, (3, 4)),
    ("GroupNormalization", {"groups": 2, "epsilon": 0.1}, (2, 3, 3, 6)),
    ("GroupNormalization", {"groups": 3, "axis": 1}, (2, 6, 3, 4)),
    ("GroupNormalization", {"groups": 2, "axis": 2, "center": False}, (2, 3, 4, 5)),
    ("GroupNormalization", {"groups": -1, "scale": False}, (2, 5, 4)),
    ("GroupNormalization", {"groups": 1}, (2, 5, 4)),
    ("RMSNormalization", {}, (4, 3)),
    ("RMSNormalization", {"epsilon": 0.1, "axis": -1}, (2, 3, 4)),
    ("RMSNormalization", {"axis": [1, 2]}, (2, 3, 4)),
    ("UnitNormalization", {}, (4, 3)),
    ("UnitNormalization", {"axis": 1}, (2, 3, 4)),
    ("UnitNormalization", {"axis": [1, 2]}, (2, 3, 4)),
]


@pytest.mark.parametrize(("name", "options", "shape"), CASES)
def test_outputs_gradients_and_weights_are_those_of_keras(
    agree: Agree, name: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    agree(name, options, numbers(*shape))


@pytest.mark.parametrize(
    ("options", "shape"), [(o, s) for name, o, s in CASES if name == "BatchNormalization"]
)
def test_batch_normalization_over_other_axes_in_training(
    agree: Agree, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    agree("BatchNormalization", options, numbers(*shape), training=True)


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling")
@pytest.mark.parametrize("axis", [-1, [1, 2], 1])
def test_the_old_scaling_by_the_deviation_alone(agree: Agree, axis: Any) -> None:
    agree("LayerNormalization", {"axis": axis, "rms_scaling": True}, numbers(2, 3, 4))


@pytest.mark.parametrize("options", [{}, {"momentum": 0.5, "scale": False}, {"axis": 1},
                                     {"trainable": False}])  # fmt: skip
@pytest.mark.parametrize("training", [False, True])
def test_masked_steps_take_no_part_in_the_statistics(
    agree: Agree, options: dict[str, Any], training: bool
) -> None:
    agree("BatchNormalization", options, numbers(4, 6, 3), training, mask=steps_mask())


def test_a_batch_without_any_step_leaves_a_mean_of_zero(agree: Agree) -> None:
    nothing = np.zeros((4, 6), bool)
    mine, _ = agree("BatchNormalization", {"momentum": 0.0}, numbers(4, 6, 3), True, mask=nothing)
    np.testing.assert_array_equal(mine.get_weights()[2], 0)


def test_numbers_of_masked_steps_do_not_change_the_statistics() -> None:
    x, mask = numbers(4, 6, 3), steps_mask()
    found = []
    for filler in (0.0, 1e6):
        layer = layers.BatchNormalization()
        layer(np.where(mask[..., None], x, np.float32(filler)), training=True, mask=mask)
        found.append(layer.get_weights())
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_zeros_have_no_direction_and_stay_zeros(keras: Any) -> None:
    x = np.zeros((2, 3), "float32")
    np.testing.assert_array_equal(layers.UnitNormalization()(x).numpy(), 0)


def test_unit_normalization_gives_length_one() -> None:
    y = layers.UnitNormalization(axis=[1, 2])(numbers(5, 3, 4)).numpy()
    np.testing.assert_allclose(np.sqrt((y**2).sum((1, 2))), 1, rtol=1e-6)


def test_keras_2_wrote_a_list_of_one_axis() -> None:
    assert layers.BatchNormalization(axis=[3]).get_config()["axis"] == 3


def test_the_scale_of_rms_normalization_belongs_to_its_axis() -> None:
    layer = layers.RMSNormalization(axis=1)
    layer.build_for((2, 3, 3))
    layer.set_weights([np.array([1.0, 0.0, 2.0], "float32")])
    y = layer(np.ones((2, 3, 3), "float32")).numpy()
    np.testing.assert_allclose(y[0], [[1] * 3, [0] * 3, [2] * 3], atol=1e-5)


def test_channels_first_is_folded_where_the_transposes_meet() -> None:
    """What channels_first layers leave of themselves around each other in inference: nothing."""
    x = numbers(2, 3, 6, 6)
    first, norm = layers.Conv2D(4, 3), layers.BatchNormalization(axis=1)
    first.build_for((None, 6, 6, 3))
    norm.build_for((None, 4, 4, 4))

    def network(x: Any) -> Any:
        return norm(first(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2))

    graph = fold_normalization(simplify(trace(network, x).graph))
    rows = [n.primitive.name for n in graph.nodes if n.outputs[0].shape[:1] == (2,)]
    assert rows == ["transpose", "convolution", "add", "transpose"]


NAME = {"name": "layer"}
AXES = "an integer or a list of integers"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.BatchNormalization(axis=[1, 2], **NAME),
         "layer: expected axis to be an integer, got [1, 2]."),
        (lambda: layers.BatchNormalization(renorm=True),
         "BatchNormalization(...): expected renorm=False, got True. "
         "Lernwerk does not have this option."),
        (lambda: layers.BatchNormalization(synchronized=True),
         "BatchNormalization(...): expected synchronized=False, got True. "
         "Lernwerk does not have this option."),
        (lambda: layers.LayerNormalization(axis="last", **NAME),
         f"layer: expected axis to be {AXES}, got 'last'."),
        (lambda: layers.UnitNormalization(axis=[], **NAME),
         f"layer: expected axis to be {AXES}, got []."),
        (lambda: layers.GroupNormalization(0, **NAME),
         "layer: expected groups to be an integer >= 1, or -1, got 0."),
        (lambda: layers.GroupNormalization(3, **NAME).build_for((None, 5, 4)),
         "layer: expected a number of groups that divides the 4 channels, got 3."),
        (lambda: layers.LayerNormalization(axis=1, **NAME).build_for((None, None, 4)),
         "layer: expected a known length of axis 1, got (None, None, 4). "
         "Give it: Input(shape=(...)) with a number there."),
    ],
)  # fmt: skip
def test_arguments_that_are_refused(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        make()
    assert str(refused.value) == text


OTHER = "It was built for other inputs: check the shape of the data or the layer before."


@pytest.mark.parametrize(
    ("layer", "built", "given", "text"),
    [
        (layers.BatchNormalization(axis=1, **NAME), (None, 3, 4, 4), (2, 4, 4, 3),
         f"layer: expected input (batch, 3, *, *), got (2, 4, 4, 3). {OTHER}"),
        (layers.LayerNormalization(**NAME), (None, 3, 4), (2, 3, 5),
         f"layer: expected input (batch, *, 4), got (2, 3, 5). {OTHER}"),
        (layers.LayerNormalization(axis=[1, 2], **NAME), (None, 3, 4), (2, 4, 4),
         f"layer: expected input (batch, 3, 4), got (2, 4, 4). {OTHER}"),
        (layers.BatchNormalization(axis=3, **NAME), (None, 3, 4), None,
         "layer: expected an axis in [-3, 2], got 3."),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit(layer: Any, built: Any, given: Any, text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        layer.build_for(built)
        layer(np.zeros(given, "float32"))
    assert str(refused.value) == text


def test_a_mask_of_another_shape_is_refused() -> None:
    layer = layers.BatchNormalization(name="layer")
    with pytest.raises(ShapeError) as refused:
        layer(numbers(4, 6, 3), training=True, mask=np.ones((4, 5), bool))
    assert str(refused.value) == "layer: expected a mask of shape (4, 6), got (4, 5)."
