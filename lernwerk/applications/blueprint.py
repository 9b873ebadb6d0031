"""What all published networks share: Keras's arguments, the input, the head and the weights.

A family's file describes its network as a function from the symbolic input to the last features;
``application`` makes of it the function that Keras's users know, with ``include_top``, ``weights``
and so on. The layers are the public ones; nothing here computes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lernwerk.applications.input_shapes import chosen_shape
from lernwerk.applications.weights import WeightFiles, check_weights, load
from lernwerk.config import image_data_format
from lernwerk.errors import ArgumentError, check_name
from lernwerk.layers import Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, Input
from lernwerk.layers.input_layer import InputLayer
from lernwerk.layers.symbolic import KerasTensor, nodes_to
from lernwerk.models import Functional, Model

_POOLINGS = ("avg", "max")


@dataclass(frozen=True)
class Options:
    """The arguments that every network takes, under Keras's names."""

    include_top: bool
    weights: Any
    input_tensor: Any
    input_shape: Any
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str | None


def dense_head(x: Any, classes: int, activation: Any) -> Any:
    """The mean of every feature map, then one Dense layer."""
    x = GlobalAveragePooling2D(name="avg_pool")(x)
    return Dense(classes, activation=activation, name="predictions")(x)


@dataclass(frozen=True)
class Blueprint:
    """What distinguishes one published network from another.

    ``size`` is the side of the pictures that it was published for, ``smallest`` the least side that
    it can take, ``files`` the published weights. ``pools_named`` says whether the pooling layers
    that stand for the head have names of their own.
    """

    body: Callable[[Any], Any]
    size: int
    smallest: int
    files: WeightFiles | None = None
    head: Callable[[Any, int, Any], Any] = dense_head
    pools_named: bool = False
    channels: int = 3
    classes: int = 1000


def assembled(plan: Blueprint, options: Options) -> Model:
    """The model of a blueprint, with its weights."""
    where = options.name or "network"
    check_weights(where, plan, options)
    shape = chosen_shape(where, plan, options)
    inputs = image_input(where, shape, options.input_tensor)
    x = plan.body(inputs)
    if options.include_top:
        x = plan.head(x, options.classes, options.classifier_activation)
    else:
        x = _pooled(where, x, options.pooling, plan.pools_named)
    model = Functional(_sources(inputs), x, name=options.name)
    load(model, options.weights, plan.files, options.include_top)
    return model


def image_input(where: str, shape: tuple[int | None, ...], given: Any) -> Any:
    """The symbolic tensor that is given, else a new Input."""
    if given is None:
        return Input(shape=shape)
    if not isinstance(given, KerasTensor):
        raise ArgumentError(
            where, "input_tensor to be a symbolic tensor", type(given).__name__,
            "input_tensor=Input(shape=(224, 224, 3))",
        )  # fmt: skip
    return given


def _sources(tensor: KerasTensor) -> Any:
    """The inputs that a tensor is computed from: layers before the network belong to it."""
    found = [
        node.outputs for node in nodes_to([tensor])
        if not node.inputs and isinstance(node.operation, InputLayer)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else found


def _pooled(where: str, x: Any, pooling: str | None, named: bool) -> Any:
    if pooling is None:
        return x
    check_name(where, "pooling", pooling, _POOLINGS)
    kind = GlobalAveragePooling2D if pooling == "avg" else GlobalMaxPooling2D
    return kind(name=f"{pooling}_pool" if named else None)(x)


def channel_axis() -> int:
    """The axis of the channels of pictures, as configured when the network is made."""
    return 1 if image_data_format() == "channels_first" else -1


def before_stride(x: Any, kernel: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The border that lets a window with steps of two see even and odd pictures alike."""
    half = kernel // 2
    rows, columns = x.shape[2:] if channel_axis() == 1 else x.shape[1:3]
    return _border(half, rows), _border(half, columns)


def _border(half: int, length: int | None) -> tuple[int, int]:
    return (half if length is not None and length % 2 else half - 1), half


def divisible(count: float, divisor: int = 8) -> int:
    """A number of filters rounded to a multiple, but never by more than a tenth downwards."""
    rounded = max(divisor, int(count + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * count else rounded


def application(name: str, size: int, smallest: int, **more: Any) -> Callable[..., Any]:
    """A decorator: the function of a body becomes the function that makes the whole network.

    ``more`` are further fields of the ``Blueprint``.
    """

    def decorate(body: Callable[[Any], Any]) -> Callable[..., Model]:
        plan = Blueprint(body, size, smallest, **more)
        return _maker(plan, body, name)

    return decorate


def _maker(plan: Blueprint, body: Callable[[Any], Any], default: str) -> Callable[..., Model]:
    @functools.wraps(body)
    def make(
        include_top: bool = True,
        weights: Any = "imagenet" if plan.files else None,
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = plan.classes,
        classifier_activation: Any = "softmax",
        name: str | None = default,
    ) -> Model:
        return assembled(plan, Options(
            include_top, weights, input_tensor, input_shape, pooling, classes,
            classifier_activation, name,
        ))  # fmt: skip

    del make.__wrapped__  # type: ignore[attr-defined]  # its arguments are those written here
    return make
