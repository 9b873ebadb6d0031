"""Which shape the pictures of a published network have: the one given, or the published one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk.config import image_data_format
from lernwerk.errors import ArgumentError, ShapeError

Shape = tuple[int | None, ...]


def chosen_shape(where: str, plan: Any, options: Any) -> Shape:
    """The shape of one picture. Without a head any size does, so that it may stay open."""
    shape = options.input_shape
    if shape is None and options.input_tensor is not None:
        shape = getattr(options.input_tensor, "shape", (None,))[1:]
    if not shape:
        return (
            in_format(plan.size, plan.channels)
            if options.include_top
            else in_format(None, plan.channels)
        )
    _check(where, tuple(shape), plan, options)
    return tuple(shape)


def in_format(side: int | None, channels: int) -> Shape:
    """A square picture in the configured data format."""
    first = image_data_format() == "channels_first"
    return (channels, side, side) if first else (side, side, channels)


def sides(shape: Shape) -> Shape:
    """Height and width of a shape in the configured data format."""
    return shape[1:] if image_data_format() == "channels_first" else shape[:-1]


def named_sides(
    input_shape: Any, input_tensor: Any, known: Sequence[int], whole: bool
) -> tuple[int, int | None]:
    """The published side that fits the pictures, and the rows that they really have.

    For networks with weights for several sizes; the last of the known sides stands for all others.
    """
    shape = input_shape or getattr(input_tensor, "shape", (None,))[1:]
    if not shape:
        return known[-1], known[-1] if whole else None
    rows, columns = (*sides(tuple(shape)), None)[:2]
    return rows if rows == columns and rows in known else known[-1], rows


def _check(where: str, shape: Shape, plan: Any, options: Any) -> None:
    if len(shape) != 3:
        raise ShapeError(where, "input_shape to be three numbers, as for one picture", shape,
                         f"input_shape={in_format(plan.size, plan.channels)}")  # fmt: skip
    published = in_format(plan.size, plan.channels)
    if options.weights == "imagenet" and options.include_top and shape != published:
        raise ShapeError(where, f"input_shape={published} for the published weights", shape,
                         "include_top=False takes other sizes.")  # fmt: skip
    channels = shape[0] if image_data_format() == "channels_first" else shape[-1]
    if options.weights == "imagenet" and channels != plan.channels:
        raise ShapeError(where, f"{plan.channels} channels for the published weights", shape)
    if any(n is not None and n < plan.smallest for n in sides(shape)):
        raise ShapeError(where, f"pictures of at least {plan.smallest} x {plan.smallest} pixels",
                         shape)  # fmt: skip
    if options.include_top and None in shape:
        raise ArgumentError(where, "a known input_shape for a network with its head", shape,
                            "Give it, or include_top=False.")  # fmt: skip
