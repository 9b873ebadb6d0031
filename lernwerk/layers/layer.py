"""Layer: weights and a formula; the base of every layer and model.

A subclass stores its arguments in ``__init__``, makes weights in ``build`` and writes its formula
in ops in ``call``. Everything else is here and in the files beside it: what a layer holds
(``holder.py``), how a call's arguments are read (``arguments.py``), symbolic tensors
(``symbolic.py``), training mode (``context.py``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, ClassVar, Self

import numpy as np

from lernwerk import legacy, mixed_precision, regularizers
from lernwerk.configurable import revived, to_config
from lernwerk.core.autocast import autocast, rounded
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import scope, suspended
from lernwerk.core.tree import leaves, map_leaves
from lernwerk.errors import (
    ArgumentError,
    Range,
    ShapeError,
    UnknownArgumentError,
    UsageError,
    check_ranges,
    nearest,
)
from lernwerk.layers import symbolic
from lernwerk.layers.arguments import (
    arrays_in,
    attach_masks,
    build_shapes,
    is_shape,
    map_shapes,
    masks_of,
    names_of,
    shapes_of,
    takes_any,
    tensor_arguments,
    tensors_in,
)
from lernwerk.layers.context import entered, in_training, training_mode
from lernwerk.layers.holder import Holder, with_paths
from lernwerk.layers.input_form import InputForm
from lernwerk.layers.symbolic import KerasTensor
from lernwerk.names import snake_case, unique_name
from lernwerk.ops.primitive import Array

_FIXED = {"autocast": True, "quantization_config": None}
_SHAPE_KEYWORDS = (
    "input_shape", "batch_input_shape", "input_dim", "input_length", "batch_shape", "batch_size",
)  # fmt: skip


class _Kept(legacy.OldNames):
    """The type of layers: an object remembers the arguments that it was made with."""

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        arguments, keywords = cls.today(arguments, keywords)
        made = super().__call__(*arguments, **keywords)
        object.__setattr__(made, "_given_arguments", (arguments, keywords))
        return made


class Layer(Holder, metaclass=_Kept):
    """The base of all layers.

    Arguments of every layer: ``name``, ``trainable``, ``dtype``, ``activity_regularizer`` (a
    penalty on the outputs), and for the first layer of a model ``input_shape`` (without the batch
    axis). ``weights`` are first values, as in Keras 1.
    """

    family = "layers"
    ranges: ClassVar[dict[str, Range]] = {}
    # Whether integers reach call() as they are; layers of this package say so where they do.
    integer_inputs: ClassVar[bool] = True
    supports_masking: bool = False  # whether the output's steps are the input's
    takes_text: ClassVar[bool] = False  # whether strings are its input: such layers stay outside
    # Keras's options that have one value here; any other is refused, never ignored.
    fixed: ClassVar[dict[str, Any]] = {}
    _call_names: ClassVar[tuple[str, ...]] = ()
    _build_names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        name: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(trainable)
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = mixed_precision.policy_of(dtype)
        self.dtype = self.variable_dtype
        self.built = False
        self.input_form: InputForm | None = None
        self._inbound_nodes: list[symbolic.Node] = []
        self._first_weights = keywords.pop("weights", None)
        self.given_batch_size, self.given_input_shape = _given_shape(
            self, _without_fixed(self, keywords)
        )

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls._call_names = names_of(cls.call)
        cls._build_names = names_of(cls.build)
        if "build" in vars(cls):
            cls.build = _whole_build(vars(cls)["build"])  # type: ignore[method-assign]
        if "integer_inputs" not in vars(cls) and cls.__module__.startswith("lernwerk."):
            cls.integer_inputs = any(
                vars(base).get("integer_inputs", False) for base in cls.__mro__ if base is not Layer
            )

    def check_arguments(self) -> None:
        """Refuse the first argument outside the layer's declared ``ranges``."""
        check_ranges(self.name, vars(self), self.ranges)

    # ---- what subclasses write

    def build(self, input_shape: Any) -> None:
        """Make the weights; the first axis of ``input_shape`` is the batch."""

    def call(self, inputs: Any) -> Any:
        """The layer's formula in ops; may take ``training`` and ``mask``."""
        raise NotImplementedError(f"{type(self).__name__} has no call(self, inputs)")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the output: the input's where the layer keeps the steps, else None."""
        return mask if self.supports_masking else None

    def check_data(self, x: Array) -> None:
        """Refuse a data set, once, that a model beginning with this layer cannot take."""

    # ---- use

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The output for tensors, or a symbolic one for the symbolic inputs of a model.

        The first argument may be a list or dict of tensors. ``training`` and ``mask`` are given by
        the model and the layers before where they are left out.
        """
        if "_inbound_nodes" not in vars(self):
            raise UsageError(type(self).__name__, "super().__init__() at the start of __init__",
                             "none", "def __init__(self): super().__init__(); ...")  # fmt: skip
        arguments, keywords = symbolic.resolved((arguments, keywords))
        if next(symbolic.symbolic_leaves((arguments, keywords)), None) is not None:
            return symbolic.record(self, arguments, keywords)
        with entered() as outermost:
            if outermost:
                self._forget_call_losses()
            return self._called(arguments, keywords, self.scope_name(outermost))

    def scope_name(self, outermost: bool) -> str:
        """What the layer's operations are named after in graphs and messages."""
        return self.name

    def _called(self, arguments: tuple[Any, ...], keywords: dict[str, Any], place: str) -> Any:
        if not arguments and self._call_names and self._call_names[0] in keywords:
            arguments = (keywords.pop(self._call_names[0]),)
        given = tuple(tensors_in(each, self._cast) for each in arguments[:1])
        more, keywords = arrays_in((arguments[1:], keywords), self._cast_floats)
        given += more
        self._ready_for(given, keywords)
        mode = keywords.pop("training", None)
        mode = in_training() if mode is None else bool(mode)
        mask = self._offer(given, keywords, mode)
        mixed = self.dtype_policy.is_mixed
        named = scope(place) if place else nullcontext()
        with named, training_mode(mode), autocast(mixed):
            try:
                outputs = self.call(*given, **keywords)
                outputs = self._finished(outputs) if mixed else outputs
            except ShapeError as error:
                if not place or error.where.startswith(self.name):
                    raise
                raise error.located(self.name) from None
            self._add_activity_losses(outputs)
        self._pass_masks(given[0] if given else None, outputs, mask)
        return outputs

    def _cast(self, tensor: Tensor) -> Tensor:
        """A tensor in the layer's type; whole numbers stay where the layer takes them."""
        if not (self.integer_inputs and tensor.dtype.kind in "iub"):
            tensor = as_tensor(tensor, np.dtype(self.dtype))
        mixed = self.dtype_policy.is_mixed
        return rounded(tensor) if mixed else tensor  # type: ignore[no-any-return]

    def _cast_floats(self, tensor: Tensor) -> Tensor:
        return self._cast(tensor) if tensor.dtype.kind == "f" else tensor

    def _ready_for(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        """Build the layer at its first call, and check the shape of its input."""
        if not self.built:
            found = dict(tensor_arguments(self._call_names, arguments, keywords))
            shapes = {f"{name}_shape": build_shapes(each) for name, each in found.items()}
            first = next(iter(shapes.values()), None)
            more = {name: s for name, s in shapes.items() if name in self._build_names[1:]}
            self.build_for(first, **more)
        if self.input_form is not None and arguments:
            shape = shapes_of(arguments[0])
            if is_shape(shape):
                self.input_form.check(self.name, shape)

    def _offer(
        self, arguments: tuple[Any, ...], keywords: dict[str, Any], mode: bool | None
    ) -> Any:
        """Add training mode and masks where ``call`` takes them; return the input's mask."""
        names = self._call_names
        if "training" in names and mode is not None:
            keywords["training"] = mode
        mask = keywords.pop("mask", None)
        if mask is None and arguments:
            mask = masks_of(arguments[0])
        if "mask" in names and mask is not None:
            keywords["mask"] = mask
        for name, value in tensor_arguments(names, arguments, keywords):
            option = f"{name}_mask"
            if option in names and keywords.get(option) is None:
                keywords[option] = masks_of(value)
        if takes_any(type(self).call) is False:
            self._check_call_keywords(keywords)
        return mask

    def _check_call_keywords(self, keywords: Mapping[str, Any]) -> None:
        for name in keywords:
            if name not in self._call_names:
                raise UnknownArgumentError(
                    f"{self.name}(...)", "known arguments of call", repr(name),
                    nearest(name, self._call_names),
                )  # fmt: skip

    def _finished(self, outputs: Any) -> Any:
        """The outputs of a layer of mixed precision: what is not yet rounded is now."""
        return map_leaves(lambda leaf: rounded(leaf) if isinstance(leaf, Tensor) else leaf, outputs)

    def _add_activity_losses(self, outputs: Any) -> None:
        """The penalty on the outputs for each example, so that it does not depend on the batch."""
        if self.activity_regularizer is not None:
            for leaf in leaves(outputs):
                examples = float(leaf.shape[0]) if leaf.ndim else 1.0
                self.add_loss(self.activity_regularizer(leaf) / (examples or 1.0))

    def _pass_masks(self, inputs: Any, outputs: Any, mask: Any) -> None:
        """Note the mask of the outputs on them."""
        if mask is not None or type(self).compute_mask is not Layer.compute_mask:
            found = self.compute_mask(inputs, mask)
            if found is not None:
                attach_masks(outputs, found)

    def build_for(self, shape: Any, **shapes: Any) -> None:
        """Build the layer for inputs of this shape (or these shapes), once."""
        if not self.built:
            self.build(map_shapes(tuple, shape), **shapes)
            self.built = True

    # ---- shapes

    def infer(self, *arguments: Any, **keywords: Any) -> Any:
        """Symbolic outputs for symbolic arguments; builds the layer."""
        self._ready_for(arguments, keywords)
        try:
            return symbolic.inferred(self, arguments, keywords)
        finally:
            self._forget_call_losses()

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output, found by tracing ``call``; None stands for unknown lengths.

        Several inputs are given as a list of shapes, several outputs come as one.
        """
        dtype = "int32" if self.integer_inputs else self.dtype
        given = map_shapes(lambda shape: KerasTensor(shape, dtype), input_shape)
        found = map_leaves(lambda leaf: leaf.shape, self.infer(given))
        return list(found) if isinstance(found, tuple) and not is_shape(found) else found

    @property
    def input(self) -> Any:
        """The symbolic input of the first use in a functional or sequential model."""
        node = self._first_node("input")
        return node.arguments[0] if node.arguments else node.outputs

    @property
    def output(self) -> Any:
        """The symbolic output of the first use in a functional or sequential model."""
        return self._first_node("output").outputs

    @property
    def input_shape(self) -> Any:
        """The shape of ``input``."""
        return shapes_of(self.input)

    @property
    def output_shape(self) -> Any:
        """The shape of ``output``."""
        return shapes_of(self.output)

    def get_input_at(self, node_index: int) -> Any:
        """The symbolic input of one of several uses, counted from 0."""
        node = self._inbound_nodes[node_index]
        return node.arguments[0] if node.arguments else node.outputs

    def get_output_at(self, node_index: int) -> Any:
        """The symbolic output of one of several uses, counted from 0."""
        return self._inbound_nodes[node_index].outputs

    def _first_node(self, what: str) -> symbolic.Node:
        if not self._inbound_nodes:
            raise UsageError(
                f"{self.name}.{what}", "a layer that is used in a model with an input shape",
                "one that is not", "Begin the model with Input(shape=...), or build it first.",
            )  # fmt: skip
        return self._inbound_nodes[0]

    @property
    def input_spec(self) -> InputForm | None:
        """What the layer expects of the shape of its input: Keras's name of ``input_form``."""
        return self.input_form

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        listed = value if isinstance(value, (list, tuple)) else [value]
        self.input_form = listed[0] if len(listed) == 1 else None

    # ---- types

    @property
    def compute_dtype(self) -> str:
        """The type of the numbers that the layer computes with."""
        return self.dtype_policy.compute_dtype

    # ---- config

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments; the penalty on the outputs is written where it is used."""
        return [name for name in super().parameters() if name != "activity_regularizer"]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = {name: to_config(value) for name, value in self._arguments().items()}
        if "dtype" in config:
            config["dtype"] = mixed_precision.written(self.dtype_policy)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = to_config(self.activity_regularizer)
        return config

    def _arguments(self) -> dict[str, Any]:
        """The arguments by name: attributes of that name, else what was given."""
        names = self.parameters()
        values, keywords = vars(self).get("_given_arguments", ((), {}))
        given = dict(zip(names_of(type(self).__init__), values, strict=False)) | keywords
        attributes = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return {name: attributes.get(name, given.get(name)) for name in names
                if name in attributes or name in given}  # fmt: skip

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that ``get_config``, Keras's or ours, described."""
        return cls(**{name: revived(value) for name, value in config.items()})

    def __getstate__(self) -> dict[str, Any]:
        """Copies are of their own: the models that use this layer do not come along."""
        return self.__dict__ | {"_inbound_nodes": []}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _whole_build(build: Callable[..., None]) -> Callable[..., None]:
    """``build`` as it runs: eagerly also inside a trace, arguments checked, weights named."""

    @functools.wraps(build)
    def whole(layer: Layer, *shapes: Any, **keywords: Any) -> None:
        with suspended():
            layer.check_arguments()
            build(layer, *shapes, **keywords)
        layer.built = True
        with_paths(layer, layer._variables)
        if layer._first_weights is not None:
            layer._first_weights, first = None, layer._first_weights
            layer.set_weights(first)

    return whole


def _without_fixed(layer: Layer, keywords: dict[str, Any]) -> dict[str, Any]:
    """The keywords without Keras's options that have one value here; others are refused."""
    fixed = {**_FIXED, **layer.fixed}
    for name in fixed.keys() & keywords.keys():
        if keywords[name] not in (fixed[name], None):  # None asks for the default
            raise ArgumentError(
                f"{type(layer).__name__}(...)", f"{name}={fixed[name]!r}", repr(keywords[name]),
                "Lernwerk does not have this option.",
            )  # fmt: skip
    return {name: value for name, value in keywords.items() if name not in fixed}


def _given_shape(
    layer: Layer, keywords: dict[str, Any]
) -> tuple[int | None, tuple[int | None, ...] | None]:
    """Batch size and input shape without it, from Keras's several keywords for them."""
    for name in keywords:
        if name not in _SHAPE_KEYWORDS:
            known = [*layer.parameters(), *_SHAPE_KEYWORDS, "activity_regularizer"]
            raise UnknownArgumentError(
                f"{type(layer).__name__}(...)", "known arguments", repr(name), nearest(name, known)
            )
    batch = keywords.get("batch_size")
    for name in ("batch_input_shape", "batch_shape"):
        if keywords.get(name) is not None:
            return keywords[name][0], tuple(keywords[name])[1:]
    if "input_dim" in keywords:
        length = (keywords["input_length"],) if "input_length" in keywords else ()
        return batch, (*length, keywords["input_dim"])
    shape = keywords.get("input_shape")
    return batch, None if shape is None else tuple([shape] if isinstance(shape, int) else shape)


__all__ = ["Layer", "training_mode"]
