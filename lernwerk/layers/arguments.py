"""The arguments of a layer's call: as tensors, their shapes for ``build``, their masks.

Shapes of several tensors have the form of the tensors: a list of inputs gives a list of shapes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tree import is_array, leaves, map_leaves
from lernwerk.layers.symbolic import KerasTensor

SPECIAL = ("training", "mask")


def names_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a method's arguments without ``self``, ``*more`` and ``**keywords``."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return tuple(p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def takes_any(function: Callable[..., Any]) -> bool:
    """Whether a function has ``**keywords``."""
    kinds = (p.kind for p in inspect.signature(function).parameters.values())
    return inspect.Parameter.VAR_KEYWORD in kinds


def tensors_in(value: Any, convert: Callable[[Tensor], Tensor]) -> Any:
    """The value as a Tensor, or with every array in its lists, tuples and dicts as one."""
    if isinstance(value, dict):
        return {key: tensors_in(each, convert) for key, each in value.items()}
    if isinstance(value, (list, tuple)) and any(is_array(leaf) for leaf in leaves(value)):
        return arrays_in(value, convert)
    return None if value is None else convert(as_tensor(value))


def arrays_in(tree: Any, convert: Callable[[Tensor], Tensor]) -> Any:
    """The tree with every array in it as a Tensor."""
    return map_leaves(lambda leaf: convert(as_tensor(leaf)) if is_array(leaf) else leaf, tree)


def shapes_of(tree: Any) -> Any:
    """The shape of a tensor, or the shapes in the form of a tree of tensors; tuples give lists."""
    if isinstance(tree, (Tensor, KerasTensor)):
        return tree.shape
    if isinstance(tree, Mapping):
        return {key: shapes_of(each) for key, each in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [shapes_of(each) for each in tree]
    return None


def build_shapes(tree: Any) -> Any:
    """``shapes_of`` for building: a layer is made for any number of rows."""
    shapes = shapes_of(tree)
    if all(isinstance(leaf, KerasTensor) for leaf in leaves(tree)):
        return shapes
    return map_shapes(lambda shape: (None, *shape[1:]) if shape else shape, shapes)


def is_shape(value: Any) -> bool:
    """Whether a value is one shape rather than several."""
    return isinstance(value, (tuple, list)) and all(n is None or isinstance(n, int) for n in value)


def map_shapes(function: Callable[[Any], Any], shapes: Any) -> Any:
    """The same form with the function applied to every shape (as a tuple)."""
    if shapes is None or is_shape(shapes):
        return None if shapes is None else function(tuple(shapes))
    if isinstance(shapes, Mapping):
        return {key: map_shapes(function, each) for key, each in shapes.items()}
    return [map_shapes(function, each) for each in shapes]


def masks_of(tree: Any) -> Any:
    """The mask of a tensor, or the masks in the form of a tree; None where there is none at all."""
    if isinstance(tree, Tensor):
        return tree.mask
    if not any(getattr(leaf, "mask", None) is not None for leaf in leaves(tree)):
        return None
    return map_leaves(lambda leaf: getattr(leaf, "mask", None), tree)


def attach_masks(outputs: Any, masks: Any) -> None:
    """Note the masks on the tensors that they belong to."""
    if isinstance(outputs, Tensor):
        outputs.mask = masks
    elif isinstance(outputs, Mapping):
        for key, each in outputs.items():
            attach_masks(each, masks[key] if isinstance(masks, Mapping) else None)
    elif isinstance(outputs, (list, tuple)):
        listed = masks if isinstance(masks, (list, tuple)) else [masks, *[None] * len(outputs)]
        for each, mask in zip(outputs, listed, strict=False):
            attach_masks(each, mask)


def tensor_arguments(
    names: tuple[str, ...], positional: tuple[Any, ...], keywords: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """The name and value of each argument that is a tensor or holds some."""
    named = [*zip(names, positional, strict=False), *keywords.items()]
    for name, value in named:
        if name not in SPECIAL and any(
            isinstance(leaf, (Tensor, KerasTensor)) for leaf in leaves(value)
        ):
            yield name, value
