"""Layer: weights and a formula; the base of every layer and model.

A subclass stores its arguments in ``__init__``, makes weights in ``build`` and writes its formula
in ops in ``call``. Everything else - names, configs, checks, training mode, weights lists - is
here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

import numpy as np

from lernwerk import initializers, mixed_precision, regularizers
from lernwerk.configurable import Configurable
from lernwerk.core.autocast import autocast, rounded
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor, as_tensor
from lernwerk.core.tracer import Tracer, scope, suspended
from lernwerk.core.tree import map_leaves
from lernwerk.core.variable import Variable
from lernwerk.errors import (
    ArgumentError,
    DataError,
    Range,
    ShapeError,
    UnknownArgumentError,
    check_ranges,
    nearest,
)
from lernwerk.layers.input_form import InputForm
from lernwerk.names import snake_case, unique_name
from lernwerk.ops.primitive import Array, Spec

_training: ContextVar[bool] = ContextVar("training", default=False)
_FIXED = {"activity_regularizer": None, "autocast": True, "quantization_config": None}
_TRIAL_LENGTHS = (64, 192)  # long enough for usual windows, and far enough apart to tell
_SHAPE_KEYWORDS = ("input_shape", "batch_input_shape", "input_dim", "batch_shape")


@contextmanager
def training_mode(training: bool) -> Iterator[None]:
    """Call layers inside as in training (dropout, batch statistics) or as in use."""
    token = _training.set(training)
    try:
        yield
    finally:
        _training.reset(token)


class Layer(Configurable):
    """The base of all layers.

    Arguments of every layer: ``name``, ``trainable``, ``dtype``, and for the first layer of a model
    ``input_shape`` (without the batch axis).
    """

    family = "layers"
    ranges: ClassVar[dict[str, Range]] = {}
    integer_inputs: ClassVar[bool] = False  # whether integers reach call() as they are
    supports_masking: ClassVar[bool] = False  # whether the output's steps are the input's
    # Keras's options that have one value here; any other is refused, never ignored.
    fixed: ClassVar[dict[str, Any]] = {}
    _call_options: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, *, name: str | None = None, trainable: bool = True, dtype: Any = None, **keywords: Any
    ) -> None:
        self._sublayers: list[Layer] = []
        self._variables: list[Variable] = []
        self._streams: list[RandomStream] = []
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._trainable = trainable
        self.dtype_policy = mixed_precision.policy_of(dtype)
        self.dtype = self.variable_dtype
        self.built = False
        self.input_form: InputForm | None = None
        self.given_input_shape = _given_shape(self, _without_fixed(self, keywords))

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls._call_options = frozenset(inspect.signature(cls.call).parameters)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") or isinstance(value, (Layer, Variable)):
            self._track(value)
        object.__setattr__(self, name, value)

    def _track(self, value: Any) -> None:
        if isinstance(value, (list, tuple)):
            for each in value:
                self._track(each)
        for kind, known in (
            (Layer, "_sublayers"), (Variable, "_variables"), (RandomStream, "_streams"),
        ):  # fmt: skip
            kept: list[Any] = vars(self).setdefault(known, [])
            if isinstance(value, kind) and all(value is not each for each in kept):
                kept.append(value)

    def check_arguments(self) -> None:
        """Refuse the first argument outside the layer's declared ``ranges``."""
        check_ranges(self.name, vars(self), self.ranges)

    # ---- what subclasses write

    def build(self, input_shape: tuple[int | None, ...]) -> None:
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

    def __call__(self, inputs: Any, *, training: bool | None = None, mask: Any = None) -> Any:
        x = self._prepared(inputs)
        if not self.built:
            self.build_for(x.shape)
        if self.input_form is not None:
            self.input_form.check(self.name, x.shape)
        mode = _training.get() if training is None else training
        offered = {"training": mode, "mask": mask}
        keywords = {key: value for key, value in offered.items() if key in self._call_options}
        mixed = self.dtype_policy.is_mixed
        with scope(self.name), training_mode(mode), autocast(mixed):
            try:
                y = self.call(x, **keywords)
                return self._finished(y) if mixed else y
            except ShapeError as error:
                if error.where.startswith(self.name):
                    raise
                raise error.located(self.name) from None

    def _prepared(self, inputs: Any) -> Tensor:
        x = as_tensor(inputs)
        if not self.integer_inputs:
            x = as_tensor(x, np.dtype(self.dtype))
        return rounded(x) if self.dtype_policy.is_mixed else x  # type: ignore[no-any-return]

    def _finished(self, outputs: Any) -> Any:
        """The outputs of a layer of mixed precision: what is not yet rounded is now."""
        return map_leaves(rounded, outputs)

    def build_for(self, shape: Sequence[int | None]) -> None:
        """Build the layer for inputs of this shape, once."""
        if not self.built:
            with suspended():
                self.check_arguments()
                self.build((None, *shape[1:]))
            self.built = True
            for variable in self._variables:
                variable.path = f"{self.name}/{variable.name}"

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Any:
        """The shape of the output, found by tracing ``call`` on a symbol; None is the batch.

        Other lengths that are None are found by tracing with two lengths: where the outputs
        differ, the length is None again. Several outputs give a list of shapes.
        """
        self.build_for(input_shape)
        if None not in input_shape[1:]:
            return map_leaves(_without_batch, self._traced_outputs(input_shape, 1))
        short, long = (self._traced_outputs(input_shape, length) for length in _TRIAL_LENGTHS)
        if isinstance(short, list):
            return [_common_shape(a, b) for a, b in zip(short, long, strict=True)]
        return _common_shape(short, long)

    def _traced_outputs(self, shape: Sequence[int | None], length: int) -> Any:
        """What ``call`` returns for a symbol of this shape, with ``length`` for None."""
        fixed = (1, *(length if n is None else int(n) for n in shape[1:]))
        with Tracer(self.name) as tracer:
            dtype = np.dtype("int32" if self.integer_inputs else self.dtype)
            return self(Tensor._made(tracer.placeholder(Spec(fixed, dtype)), None))

    def add_weight(
        self,
        name: str,
        shape: Iterable[int],
        initializer: Any = "glorot_uniform",
        trainable: bool = True,
        regularizer: Any = None,
        dtype: str | None = None,
        autocast: bool = True,
    ) -> Variable:
        """Make a weight: a Variable of this layer, filled by the initializer.

        Without ``autocast`` it is read in float32 also in mixed precision.
        """
        with suspended():
            value = initializers.get(initializer)(tuple(shape), dtype=dtype or self.dtype)
            variable = Variable(value, name=name, trainable=trainable, autocast=autocast)
        variable.regularizer = regularizers.get(regularizer)
        variable.path = f"{self.name}/{name}"
        self._track(variable)
        return variable

    # ---- types

    @property
    def variable_dtype(self) -> str:
        """The type of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The type of the numbers that the layer computes with."""
        return self.dtype_policy.compute_dtype

    # ---- weights

    @property
    def trainable(self) -> bool:
        """Whether an optimizer may change the weights."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in self._sublayers:
            layer.trainable = value

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training changes."""
        if not self._trainable:
            return []
        own = [v for v in self._variables if v.trainable]
        return own + [v for layer in self._sublayers for v in layer.trainable_variables]

    @property
    def weights(self) -> list[Variable]:
        """All weights: the layer's own, trainable ones first, then those of its sublayers."""
        own = sorted(self._variables, key=lambda variable: not variable.trainable)
        return own + [v for layer in self._sublayers for v in layer.weights]

    @property
    def trainable_weights(self) -> list[Variable]:
        """Keras's other name of ``trainable_variables``."""
        return self.trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        changed = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.weights if id(variable) not in changed]

    @property
    def random_states(self) -> list[Variable]:
        """The counters of the layer's random streams."""
        own = [stream.state for stream in self._streams]
        return own + [v for layer in self._sublayers for v in layer.random_states]

    @property
    def losses(self) -> list[Tensor]:
        """The penalties that the regularizers of trainable weights add to the loss."""
        return [v.regularizer(v) for v in self.trainable_variables if v.regularizer is not None]

    def count_params(self) -> int:
        """The number of numbers in all weights."""
        return sum(variable.size for variable in self.weights)

    def get_weights(self) -> list[Array]:
        """Copies of all weights as NumPy arrays."""
        return [variable.numpy().copy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign all weights, in the order of ``weights``; nothing changes where one is wrong."""
        targets = self.weights
        if len(weights) != len(targets):
            raise DataError(f"{self.name}.set_weights", f"{len(targets)} arrays", len(weights))
        for variable, value in zip(targets, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeError(variable.path, f"a value of shape {variable.shape}",
                                 np.shape(value))  # fmt: skip
        for variable, value in zip(targets, weights, strict=True):
            variable.assign(value)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        config = super().get_config()
        if "dtype" in config:
            config["dtype"] = mixed_precision.written(self.dtype_policy)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer that ``get_config``, Keras's or ours, described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _without_batch(tensor: Tensor) -> tuple[int | None, ...]:
    return (None, *tensor.shape[1:])


def _common_shape(short: Tensor, long: Tensor) -> tuple[int | None, ...]:
    pairs = zip(short.shape[1:], long.shape[1:], strict=True)
    return (None, *(n if n == m else None for n, m in pairs))


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


def _given_shape(layer: Layer, keywords: dict[str, Any]) -> tuple[int | None, ...] | None:
    """The input shape, without the batch, from Keras's several keywords for it."""
    for name in keywords:
        if name not in _SHAPE_KEYWORDS:
            known = [*layer.parameters(), *_SHAPE_KEYWORDS]
            raise UnknownArgumentError(
                f"{type(layer).__name__}(...)", "known arguments", repr(name), nearest(name, known)
            )
    if "input_dim" in keywords:
        return (keywords["input_dim"],)
    for name in ("batch_input_shape", "batch_shape"):
        if name in keywords:
            return tuple(keywords[name])[1:]
    return tuple(keywords["input_shape"]) if "input_shape" in keywords else None
